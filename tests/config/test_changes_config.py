"""The categories of the past: how they lead to the present ones, and each way of getting that wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.config import Category, Change, Taxonomy, check_config, load_config, load_taxonomy

Append = Callable[[str, str], int]

RENAMED = '[[change]]\nfrom = "charging"\nnames = ["收费问题", "学校收费问题"]\nto = ["fees"]\n'
SPLIT = (
    '[[change]]\nfrom = "teachers"\nnames = ["教师事务"]\nto = ["staffing", "pay"]\n'
    'on = 2026-09-01\nnote = "分开统计"\n'
)


def sentences(folder: Path) -> list[str]:
    return [str(problem) for problem in check_config(folder)]


def ids(taxonomy: Taxonomy, written: str) -> list[str]:
    return [category.id for category in taxonomy.successors(written)]


# --- what it says ---


def test_a_bureau_of_its_first_day_has_no_categories_of_the_past(folder: Path) -> None:
    taxonomy = load_taxonomy(folder)
    assert taxonomy.changes == ()
    assert all(taxonomy.successors(each.name) == (each,) for each in taxonomy.categories)
    assert taxonomy.successors("教师事务") == ()


def test_what_the_file_says_is_read_by_both_ways(folder: Path, append: Append) -> None:
    append("taxonomy.toml", RENAMED + SPLIT)
    wanted = (
        Change("charging", ("fees",), ("收费问题", "学校收费问题")),
        Change("teachers", ("staffing", "pay"), ("教师事务",), date(2026, 9, 1), "分开统计"),
    )
    assert load_taxonomy(folder).changes == load_config(folder).taxonomy.changes == wanted


def test_the_fingerprint_changes_with_the_changes(folder: Path, append: Append) -> None:
    before = load_config(folder).fingerprint
    append("taxonomy.toml", RENAMED)
    assert load_config(folder).fingerprint != before


@pytest.mark.parametrize("written", ["charging", "收费问题", " 学校收费问题 ", "CHARGING"])
def test_a_renamed_category_is_found_by_each_of_its_old_names(folder: Path, append: Append, written: str) -> None:
    append("taxonomy.toml", RENAMED)
    found = load_taxonomy(folder).find(written)
    assert found is not None
    assert found.id == "fees"


def test_of_a_split_category_nobody_can_say_which_is_meant(folder: Path, append: Append) -> None:
    append("taxonomy.toml", SPLIT)
    taxonomy = load_taxonomy(folder)
    assert taxonomy.find("教师事务") is None
    # In the order of the taxonomy, whatever the order of the list.
    assert ids(taxonomy, "教师事务") == ["pay", "staffing"]
    change = taxonomy.change("教师事务")
    assert change is not None
    assert (change.name, change.note) == ("教师事务", "分开统计")


def test_changes_are_followed_to_their_end(folder: Path, append: Append) -> None:
    append("taxonomy.toml", '[[change]]\nfrom = "wages"\nto = ["teachers", "fees"]\n' + SPLIT)
    taxonomy = load_taxonomy(folder)
    assert ids(taxonomy, "wages") == ["fees", "pay", "staffing"]


def test_a_split_whose_parts_came_together_again_is_certain(folder: Path, append: Append) -> None:
    append(
        "taxonomy.toml",
        '[[change]]\nfrom = "a"\nto = ["b", "c"]\n'
        '[[change]]\nfrom = "b"\nto = ["fees"]\n[[change]]\nfrom = "c"\nto = ["fees"]\n',
    )
    assert sentences(folder) == []
    assert ids(load_taxonomy(folder), "a") == ["fees"]


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.sets(st.sampled_from("abcdefXYZ"), min_size=1)), max_size=6))
def test_whatever_the_changes_say_what_is_found_is_of_today(changes: list[tuple[str, set[str]]]) -> None:
    today = tuple(Category(each, f"类{each}") for each in "XYZ")
    taxonomy = Taxonomy(today, tuple(Change(old, tuple(to)) for old, to in changes))
    for written in "abcdefXYZ":
        found = taxonomy.successors(written)
        assert set(found) <= set(today)
        assert taxonomy.find(written) == (found[0] if len(found) == 1 else None)
    assert replace(taxonomy, changes=()).successors("a") == ()


# --- what is wrong with it ---


@pytest.mark.parametrize(
    ("lines", "line", "sentence"),
    [
        ('[[change]]\nto = ["fees"]\n', 0, '[[change]] has no from. Add it, such as: from = "staffing"'),
        ('[[change]]\nfrom = "a"\n', 0, '[[change]] has no to. Add it, such as: to = ["pay"]'),
        ('[[change]]\nfrom = "a"\nto = []\n', 2, 'to is empty. Write it like: to = ["pay"]'),
        (
            '[[change]]\nfrom = "a"\nto = "fees"\n', 2,
            'to should be a list of texts, but is "fees". Write it like: to = ["pay"]',
        ),
        (
            '[[change]]\nfrom = "a"\nto = ["fees"]\non = "2026-09-01"\n', 3,
            'on should be a date without quotation marks, but is "2026-09-01". Write it like: on = 2026-09-01',
        ),
        (
            '[[change]]\nfrom = "a"\nto = ["fees"]\nname = "收"\n', 3,
            "[[change]] has no use for name. Did you mean names?",
        ),
        ('[[change]]\nfrom = "a"\nto = ["fee"]\n', 2, "There is no category fee. Did you mean fees?"),
        (
            '[[change]]\nfrom = "a"\nto = ["xyz"]\n', 2,
            "There is no category xyz. Use the id of a [[category]], or of another change.",
        ),
        (
            '[[change]]\nfrom = "PAY"\nto = ["fees"]\n', 1,
            "PAY still means the category pay (line PAYID). Give the category of today another id or name, "
            "or leave it out here.",
        ),
        (
            '[[change]]\nfrom = "a"\nnames = ["退费"]\nto = ["fees"]\n', 2,
            "退费 still means the category fees (line FEESALIASES). Give the category of today another id or name, "
            "or leave it out here.",
        ),
        (
            '[[change]]\nfrom = "a"\nto = ["fees"]\n[[change]]\nfrom = "b"\nnames = ["A"]\nto = ["pay"]\n', 5,
            "A stands in two changes (the other in line LINE+1). "
            "Leave it in one; what became several categories has them all in one list: to.",
        ),
        (
            '[[change]]\nfrom = "a"\nto = ["a"]\n', 2,
            "It leads in a circle: a -> a. End it with a category of today.",
        ),
        (
            '[[change]]\nfrom = "a"\nto = ["fees", "b"]\n[[change]]\nfrom = "b"\nto = ["c"]\n'
            '[[change]]\nfrom = "c"\nto = ["a"]\n', 2,
            "It leads in a circle: a -> b -> c -> a. End it with a category of today.",
        ),
    ],
)  # fmt: skip
def test_one_mistake_earns_one_sentence(folder: Path, append: Append, lines: str, line: int, sentence: str) -> None:
    text = (folder / "taxonomy.toml").read_text(encoding="utf-8").splitlines()
    first = append("taxonomy.toml", lines)
    places = {
        "LINE+1": first + 1,
        "PAYID": text.index('id = "pay"') + 1,
        "FEESALIASES": next(at for at, each in enumerate(text, 1) if each.startswith("aliases") and "退费" in each),
    }
    for name, place in places.items():
        sentence = sentence.replace(name, str(place))
    assert sentences(folder) == [f"taxonomy.toml:{first + line}: {sentence}"]


def test_what_leads_into_a_circle_is_not_in_it(folder: Path, append: Append) -> None:
    line = append(
        "taxonomy.toml",
        '[[change]]\nfrom = "a"\nto = ["b"]\n[[change]]\nfrom = "b"\nto = ["c"]\n[[change]]\nfrom = "c"\nto = ["b"]\n',
    )
    assert sentences(folder) == [
        f"taxonomy.toml:{line + 5}: It leads in a circle: b -> c -> b. End it with a category of today."
    ]


def test_what_else_stands_in_the_file_is_named(folder: Path, append: Append) -> None:
    line = append("taxonomy.toml", '[[chagne]]\nfrom = "a"\nto = ["fees"]\n')
    assert sentences(folder) == [f"taxonomy.toml:{line}: The file has no use for chagne. Did you mean change?"]


def test_the_example_in_the_file_holds_as_it_stands(folder: Path) -> None:
    text = (folder / "taxonomy.toml").read_text(encoding="utf-8")
    example = [line.removeprefix("# ") for line in text.splitlines() if line.startswith("# ")]
    lines = example[example.index("[[change]]") :]
    end = next(at for at, line in enumerate(lines) if line.startswith("note"))
    before = text[: text.index('[[category]]\nid = "staffing"')]
    after = text[text.index('[[category]]\nid = "other_edu"') :]
    (folder / "taxonomy.toml").write_text(before + after + "\n" + "\n".join(lines[: end + 1]), encoding="utf-8")
    found = load_taxonomy(folder).find("教师招聘人事")
    assert found is not None
    assert found.id == "pay"
