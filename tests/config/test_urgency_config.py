"""What urgency.toml says once it is read, and each way of spoiling it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from triage.config import Danger, check_config, load_config

Append = Callable[[str, str], int]
DANGER = '[[danger]]\nid = "new"\nname = "山洪"\nweight = 0.5\n'


def sentences(folder: Path) -> list[str]:
    return [str(problem) for problem in check_config(folder)]


def test_a_danger_is_read_with_all_that_it_says(folder: Path, append: Append) -> None:
    append(
        "urgency.toml",
        DANGER + 'words = ["山洪"]\nthings = ["河"]\nharms = ["涨水"]\nwithin = 4\nunless = ["山洪博物馆"]\n',
    )
    assert load_config(folder).dangers[-1] == Danger(
        "new", "山洪", 0.5, ("山洪",), ("河",), ("涨水",), 4, ("山洪博物馆",)
    )


def test_the_default_dangers_are_well_and_named(folder: Path) -> None:
    dangers = load_config(folder).dangers
    assert {"injury", "sexual", "bullying", "poisoning", "suicide", "building", "fire", "transport", "threat"} <= {
        danger.id for danger in dangers
    }
    assert all(danger.name and danger.weight > 0 for danger in dangers)


def test_no_word_of_a_default_danger_is_written_twice(folder: Path) -> None:
    for danger in load_config(folder).dangers:
        for words in (danger.words, danger.things, danger.harms, danger.unless):
            assert len(set(words)) == len(words), danger.id


def test_a_bureau_may_do_without_dangers(folder: Path) -> None:
    (folder / "urgency.toml").unlink()
    assert check_config(folder) == ()
    assert load_config(folder).dangers == ()


def test_the_fingerprint_changes_with_a_danger(folder: Path, append: Append) -> None:
    before = load_config(folder).fingerprint
    append("urgency.toml", DANGER + 'words = ["山洪"]\n')
    assert load_config(folder).fingerprint != before


@pytest.mark.parametrize(
    ("lines", "line", "sentence"),
    [
        (DANGER, 1, "This danger has no signs. Add words, or things and harms."),
        (
            DANGER + 'things = ["河"]\n', 4,
            "things has no harms to stand near. Add harms, or write them among the words.",
        ),
        (
            DANGER + 'harms = ["涨水"]\n', 4,
            "harms has no things to stand near. Add things, or write them among the words.",
        ),
        (
            DANGER.replace("0.5", "5") + 'words = ["山洪"]\n', 3,
            "weight should lie between 0 and 1, but is 5. Write it like: weight = 0.6",
        ),
        (
            DANGER + 'words = "山洪"\n', 4,
            'words should be a list of texts, but is "山洪". Write it like: words = ["打成骨折"]',
        ),
        (
            DANGER + 'words = ["山洪"]\nwithin = -1\n', 5,
            "within should not be negative, but is -1. Write it like: within = 12",
        ),
        (DANGER + 'word = ["山洪"]\nwords = ["山洪"]\n', 4, "[[danger]] has no use for word. Did you mean words?"),
    ],
)  # fmt: skip
def test_one_mistake_earns_one_sentence(folder: Path, append: Append, lines: str, line: int, sentence: str) -> None:
    start = append("urgency.toml", lines)
    assert sentences(folder) == [f"urgency.toml:{start + line}: {sentence}"]


def test_two_dangers_of_one_id(folder: Path, append: Append) -> None:
    start = append("urgency.toml", DANGER.replace("new", "fire") + 'words = ["山洪"]\n')
    assert [said for said in sentences(folder) if said.startswith(f"urgency.toml:{start + 1}: Two dangers have the id")]
