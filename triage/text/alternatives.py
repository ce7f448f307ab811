"""Patterns that find any of many words, written so that a text is read quickly."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Generic, TypeVar

from ahocorasick_rs import AhoCorasick, MatchKind

_Value = TypeVar("_Value")
_NEVER = "(?!)"
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_GROUP_OPENS = ("(?:", "(?<!", "(?<=")
_ATOM = re.compile(r"(?P<escaped>\\\W)|(?P<class>\[(?!\^)[^\]\\]+\])|(?P<literal>[^\\\[\](){}|.^$*+?])", re.DOTALL)
_REPEATED = re.compile(r"\{1,(\d+)\}")
_RANGE = re.compile("(.)-(.)", re.DOTALL)


def any_of(words: Iterable[str]) -> str:
    """A pattern, without a group, for any of the words, the longest where several begin; none where there are none."""
    by_first_character: dict[str, list[str]] = {}
    for word in sorted(words, key=len, reverse=True):
        by_first_character.setdefault(word[0], []).append(re.escape(word[1:]))
    return _joined(by_first_character) or _NEVER


def by_first(pattern: str) -> str:
    """A pattern that matches the same as the alternatives given, put together by their first characters.

    Python looks for it only where one of these characters stands; one long list is read many times slower. Every
    alternative begins with a character, a class of listed characters, a group without a name or a look behind it;
    raises `ValueError` where one does not. Alternatives keep their order among those that begin with one character.
    """
    rests: dict[str, list[str]] = {}
    for first, rest in _heads(pattern):
        rests.setdefault(first, []).append(rest)
    return _joined({re.escape(first): list(dict.fromkeys(each)) for first, each in rests.items()}) or _NEVER


class Words:
    """Many words, found in one reading of a text, however many there are."""

    def __init__(self, words: Iterable[str], *, overlapping: bool = False) -> None:
        """With `overlapping`, every word is found wherever it stands; else the first, of these the longest, and so on.

        Raises `ValueError` where a word is empty.
        """
        self.words = tuple(dict.fromkeys(words))
        if "" in self.words:
            raise ValueError("an empty word stands everywhere")
        self._overlapping = overlapping
        kind = MatchKind.Standard if overlapping else MatchKind.LeftmostLongest
        self._automaton = AhoCorasick(self.words, matchkind=kind, store_patterns=False)

    def find(self, text: str) -> list[tuple[int, int, int]]:
        """The place of each word in `words`, and its span in characters of the text; in order of the ends."""
        try:
            return self._automaton.find_matches_as_indexes(text, overlapping=self._overlapping)
        except UnicodeEncodeError:
            # The automaton reads UTF-8, in which a lone surrogate cannot be written; nor can it stand in a word.
            return self._automaton.find_matches_as_indexes(
                _LONE_SURROGATE.sub("\0", text), overlapping=self._overlapping
            )


class Same(Generic[_Value]):
    """A value that equals itself alone, so that a cache keyed by it need not look into it."""

    __slots__ = ("value",)

    def __init__(self, value: _Value) -> None:
        self.value = value

    def __hash__(self) -> int:
        return id(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.value is other.value


def _joined(rests: dict[str, list[str]]) -> str:
    return "|".join(f"{first}(?:{'|'.join(each)})" for first, each in rests.items())


def _heads(pattern: str) -> Iterator[tuple[str, str]]:
    """The first character of each alternative, with the pattern of what follows it."""
    return chain.from_iterable(_head(each) for each in _split(pattern) if each != _NEVER)


def _head(alternative: str) -> Iterator[tuple[str, str]]:
    atom, rest = _cut(alternative)
    if atom.startswith(("(?<!", "(?<=")):
        for first, after in _head(rest):
            yield first, f"{atom[:4]}(?:{atom[4:-1]}){re.escape(first)}){after}"
        return
    if repeated := _REPEATED.match(rest):
        more = int(repeated[1]) - 1
        rest = f"{atom}{{0,{more}}}{rest[repeated.end() :]}"
    is_optional = rest.startswith("?")
    rest = rest.removeprefix("?")
    if rest.startswith(("*", "+", "{", "?")):
        raise ValueError(f"cannot tell how {alternative!r} begins")
    if atom.startswith("(?:"):
        yield from ((first, after + rest) for first, after in _heads(atom[3:-1]))
    else:
        yield from ((first, rest) for first in _characters(atom))
    if is_optional:
        yield from _head(rest)


def _characters(atom: str) -> str:
    """The characters for which a literal or a class stands."""
    if atom.startswith("["):
        return _RANGE.sub(lambda ends: "".join(map(chr, range(ord(ends[1]), ord(ends[2]) + 1))), atom[1:-1])
    return atom[-1]


def _cut(alternative: str) -> tuple[str, str]:
    """The first part of an alternative, and the rest."""
    if alternative.startswith(_GROUP_OPENS):
        end = next(place + 1 for place, depth in _depths(alternative) if alternative[place] == ")" and depth == 0)
        return alternative[:end], alternative[end:]
    match = _ATOM.match(alternative)
    if match is None:
        raise ValueError(f"cannot tell how {alternative!r} begins")
    return match[0], alternative[match.end() :]


def _split(pattern: str) -> list[str]:
    """The alternatives of a pattern."""
    bars = [place for place, depth in _depths(pattern) if pattern[place] == "|" and depth == 0]
    return [pattern[start + 1 : end] for start, end in zip([-1, *bars], [*bars, len(pattern)], strict=True)]


def _depths(pattern: str) -> Iterator[tuple[int, int]]:
    """The place of each character that is neither escaped nor in a class, and in how many groups it stands.

    A group's own brackets stand outside of it.
    """
    depth = place = 0
    while place < len(pattern):
        character = pattern[place]
        if character == "\\":
            place += 1
        elif character == "[":
            # A bracket right at the beginning of a class belongs to it.
            place = pattern.index("]", place + 2)
        else:
            depth -= character == ")"
            yield place, depth
            depth += character == "("
        place += 1
