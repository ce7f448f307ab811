"""The starter corpus keeps what its README promises."""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer

from triage.schema import Channel

DATA = Path(__file__).parents[1] / "data"
KEYS = ["id", "title", "text", "primary", "secondary", "nature", "urgent", "place", "schools", "channel"]
NATURES = {"complaint", "report", "suggestion", "inquiry"}
CATEGORIES = [
    category["id"] for category in tomllib.loads((DATA / "taxonomy.toml").read_text(encoding="utf-8"))["category"]
]


@cache
def parts() -> dict[str, list[str]]:
    files = sorted((DATA / "corpus").glob("*.jsonl"))
    return {file.name: file.read_bytes().decode("utf-8").splitlines() for file in files}


@cache
def messages() -> list[dict[str, Any]]:
    return [json.loads(line) for lines in parts().values() for line in lines]


def written(message: dict[str, Any]) -> str:
    return f"{message['title']}{message['text']}"


def of(category: str) -> list[dict[str, Any]]:
    return [message for message in messages() if message["primary"] == category]


def wrong(holds: Callable[[dict[str, Any]], object]) -> list[str]:
    return [message["id"] for message in messages() if not holds(message)]


def test_the_corpus_comes_in_numbered_parts_of_a_size_that_a_person_can_read() -> None:
    assert list(parts()) == [f"part_{number:02}.jsonl" for number in range(1, len(parts()) + 1)]
    assert all(200 <= len(lines) <= 300 for lines in parts().values())


def test_every_line_is_written_as_people_read_it_with_the_keys_in_one_order() -> None:
    for name, lines in parts().items():
        for number, line in enumerate(lines, start=1):
            message = json.loads(line)
            assert list(message) == KEYS, f"{name}:{number}"
            assert "\\u" not in line, f"{name}:{number} escapes its characters"


def test_there_are_enough_messages_and_enough_of_every_category() -> None:
    counts = Counter(message["primary"] for message in messages())
    assert set(counts) == set(CATEGORIES)
    assert counts.total() >= 3000
    assert min(counts.values()) >= 240, counts
    assert counts["not_edu"] >= 500


def test_an_id_names_one_message() -> None:
    counts = Counter(message["id"] for message in messages())
    assert counts.most_common(1)[0][1] == 1


def test_a_second_category_is_another_one_and_is_ours() -> None:
    ours = set(CATEGORIES) - {"not_edu"}

    def holds(message: dict[str, Any]) -> bool:
        second = message["secondary"]
        distinct = len(set(second)) == len(second) <= 2
        return distinct and set(second) <= ours - {message["primary"]}

    assert wrong(holds) == []
    assert sum(bool(message["secondary"]) for message in messages()) >= 300


def test_nature_urgency_and_channel_are_words_of_the_house() -> None:
    assert wrong(lambda message: message["nature"] in NATURES) == []
    assert wrong(lambda message: isinstance(message["urgent"], bool)) == []
    assert wrong(lambda message: message["channel"] in set(Channel)) == []


def test_a_message_says_something() -> None:
    assert wrong(lambda message: written(message).strip()) == []


def test_places_and_schools_are_quoted_from_the_message() -> None:
    def quoted(message: dict[str, Any], name: str) -> bool:
        return name in message["title"] or name in message["text"]

    assert wrong(lambda message: quoted(message, message["place"])) == []
    assert wrong(lambda message: all(name and quoted(message, name) for name in message["schools"])) == []
    assert wrong(lambda message: len(message["schools"]) <= 3) == []


@pytest.mark.parametrize("category", [category for category in CATEGORIES if category != "not_edu"])
def test_every_category_has_all_four_natures(category: str) -> None:
    assert {message["nature"] for message in of(category)} == NATURES


def test_telephone_numbers_are_nobodys() -> None:
    numbers = [number for message in messages() for number in re.findall(r"(?<!\d)1[3-9]\d{9}(?!\d)", written(message))]
    assert numbers
    assert [number for number in numbers if number[3:7] != "0000"] == []


def test_no_two_messages_are_near_copies() -> None:
    """Two messages share at most a quarter of the 5-character runs that either has (Jaccard)."""
    runs = CountVectorizer(analyzer="char", ngram_range=(5, 5), binary=True, lowercase=False, dtype=np.int32)
    present = runs.fit_transform([written(message) for message in messages()])
    size = np.asarray(present.sum(axis=1)).ravel()
    shared = (present @ present.T).tocoo()
    pair = shared.row < shared.col
    first, second, both = shared.row[pair], shared.col[pair], shared.data[pair]
    likeness = both / (size[first] + size[second] - both)
    close = [(messages()[first[at]]["id"], messages()[second[at]]["id"]) for at in np.flatnonzero(likeness > 0.25)]
    assert close == []


@pytest.mark.parametrize("category", CATEGORIES)
def test_a_category_is_not_written_from_a_template(category: str) -> None:
    """Of all 4-character runs in a category, counted with repeats, more than 85 in 100 are distinct."""
    runs = [text[at : at + 4] for text in map(written, of(category)) for at in range(len(text) - 3)]
    assert len(set(runs)) / len(runs) > 0.85
