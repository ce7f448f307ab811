"""Keys of words and of pairs of characters, and the table that finds them."""

from __future__ import annotations

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from triage.keys import characters, key_table, keys_of_pairs, keys_of_words, pair_keys, word_keys

words = st.text(st.sampled_from("ab学校\n\0𠮷\ud800"), min_size=1, max_size=4)
keys = st.lists(st.integers(0, 2**62) | st.integers(0, 40), max_size=60)


@given(known=keys, asked=keys)
@example(known=[], asked=[0, 1])
def test_a_table_finds_each_of_its_keys_at_a_place_of_its_own_and_no_other(known: list[int], asked: list[int]) -> None:
    table = key_table(np.array(known, dtype=np.int64))
    places = table.places(np.array(known + asked, dtype=np.int64)).tolist()
    found = dict(zip(known + asked, places, strict=True))
    assert {key for key, place in found.items() if place >= 0} == set(known)
    assert len({found[key] for key in known}) == len(set(known))
    assert all(place < table.size for place in places)


def test_a_table_with_many_keys_that_meet_finds_them_all() -> None:
    many = np.arange(0, 2**40, 2**26, dtype=np.int64)
    table = key_table(many)
    assert np.unique(table.places(many)).size == many.size
    assert (table.places(many + 1) == -1).all()


@given(found=st.lists(words, max_size=12))
def test_a_word_has_the_same_key_wherever_it_stands_and_no_other_word_has_it(found: list[str]) -> None:
    ends = np.cumsum([0, *map(len, found)])
    placed = word_keys(characters("".join(found)), ends[:-1], ends[1:]).tolist()
    assert placed == [int(keys_of_words([word])[0]) for word in found]
    assert len(set(placed)) == len(set(found))
    assert all(key >= 0 for key in placed)


@given(text=st.text(max_size=20))
def test_the_keys_of_a_text_are_those_of_its_pairs(text: str) -> None:
    pairs = [text[at : at + 2] for at in range(len(text) - 1)]
    assert pair_keys(characters(text)).tolist() == keys_of_pairs(pairs).tolist()
