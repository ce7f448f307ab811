"""Patterns and word lists that read a text quickly find what the plain ones find."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.text.alternatives import Same, Words, any_of, by_first

LETTERS = "甲乙丙丁"
TEXTS = st.text(f"{LETTERS}戊 ", max_size=30)
WORDS = st.lists(st.text(LETTERS, min_size=1, max_size=4), max_size=12)
LITERALS = st.text(LETTERS, min_size=1, max_size=3)
CLASSES = st.text(LETTERS, min_size=1, max_size=3).map(lambda characters: f"[{characters}]")
BEGINNINGS = st.one_of(
    LITERALS,
    CLASSES,
    st.tuples(st.sampled_from(LETTERS), LITERALS).map(lambda parts: f"{parts[0]}?{parts[1]}"),
    st.tuples(CLASSES, st.integers(1, 3), LITERALS).map(lambda parts: f"{parts[0]}{{1,{parts[1]}}}{parts[2]}"),
    st.tuples(LITERALS, LITERALS, st.sampled_from(("", "?")), LITERALS).map(
        lambda parts: f"(?:{parts[0]}|{parts[1]}){parts[2]}{parts[3]}"
    ),
)
ALTERNATIVES = st.tuples(
    st.one_of(st.just(""), CLASSES.map(lambda each: f"(?<!{each})"), CLASSES.map(lambda each: f"(?<={each})")),
    BEGINNINGS,
    st.one_of(st.just(""), CLASSES.map(lambda each: f"(?!{each})"), st.just("[^甲]{0,2}?乙"), st.just("(?:丙|丁)*")),
).map("".join)
PATTERNS = st.lists(ALTERNATIVES, min_size=1, max_size=8).map("|".join)


def spans(pattern: str, text: str) -> list[tuple[int, int]]:
    return [match.span() for match in re.finditer(pattern, text)]


# --- patterns ---


@given(PATTERNS, TEXTS)
def test_put_together_by_first_character_a_pattern_matches_the_same(pattern: str, text: str) -> None:
    assert spans(by_first(pattern), text) == spans(pattern, text)


def test_the_order_among_alternatives_with_one_beginning_is_kept() -> None:
    assert re.findall(by_first("甲|乙丙|甲乙|乙"), "甲乙乙丙乙") == ["甲", "乙", "乙丙", "乙"]


def test_what_stands_before_or_after_an_alternative_still_counts() -> None:
    pattern = by_first("(?<![申邀])请(?!客)|[盼望]复|(?<=镇|乡)办|第?[0-9]{1,2}中")
    assert re.findall(pattern, "申请 请客 请回 盼复 镇办 县办 第12中 3中") == ["请", "盼复", "办", "第12中", "3中"]


def test_signs_of_the_pattern_language_may_be_characters() -> None:
    assert re.findall(by_first(r"\|甲|[.()]乙|\[丙"), "|甲 .乙 x乙 (乙 [丙") == ["|甲", ".乙", "(乙", "[丙"]


def test_a_pattern_of_nothing_matches_nothing() -> None:
    assert spans(by_first(any_of(())), "甲") == []


@pytest.mark.parametrize("pattern", [".甲", "甲*乙", "[^甲]", r"\w", "^甲", "(?P<name>甲)", "甲|", "(?!甲)乙", "甲{2}"])
def test_a_pattern_whose_beginning_cannot_be_told_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="cannot tell how"):
        by_first(pattern)


# --- words ---


@given(WORDS, TEXTS)
def test_words_are_found_as_their_pattern_finds_them(words: list[str], text: str) -> None:
    found = Words(words)
    assert [span for _, *span in found.find(text)] == [list(span) for span in spans(any_of(words), text)]
    assert all(text[start:end] == found.words[place] for place, start, end in found.find(text))


@given(WORDS, TEXTS)
def test_overlapping_words_are_found_wherever_they_stand(words: list[str], text: str) -> None:
    found = Words(words, overlapping=True)
    everywhere = {
        (place, start, start + len(word))
        for place, word in enumerate(found.words)
        for start in range(len(text))
        if text.startswith(word, start)
    }
    assert set(found.find(text)) == everywhere
    assert len(found.find(text)) == len(everywhere)


@pytest.mark.parametrize("overlapping", [False, True])
def test_half_a_character_harms_no_word_and_moves_no_span(overlapping: bool) -> None:
    assert Words(["甲乙"], overlapping=overlapping).find("\ud800甲乙\udfff\U0001f600甲乙") == [(0, 1, 3), (0, 5, 7)]


def test_an_empty_word_is_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        Words(["甲", ""])


# --- what is itself alone ---


def test_a_cache_tells_equal_values_apart_that_are_not_the_same() -> None:
    one, other = ("甲", *"乙丙"), ("甲", *"乙丙")
    assert Same(one) == Same(one)
    assert hash(Same(one)) == hash(Same(one))
    assert Same(one) != Same(other)
    assert Same(one) != one
