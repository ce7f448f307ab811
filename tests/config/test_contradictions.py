"""Files that are well formed one by one but do not fit together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from triage.config import check_config

Edit = Callable[[str, str, str], int]
Append = Callable[[str, str], int]


def sentences(folder: Path, *, today: date | None = None) -> list[str]:
    return [str(problem) for problem in check_config(folder, today=today)]


def test_an_empty_taxonomy(folder: Path) -> None:
    (folder / "taxonomy.toml").write_text("# 还没有\n", encoding="utf-8")
    assert sentences(folder)[0] == "taxonomy.toml: There are no categories. Add a [[category]]."


def test_a_taxonomy_in_which_all_is_ours_is_fine(folder: Path, edit: Edit) -> None:
    edit("taxonomy.toml", "ours = false\n", "")
    assert sentences(folder) == []


def test_an_id_twice(folder: Path, append: Append) -> None:
    line = append("offices.toml", '[[office]]\nid = "finance"\nname = "财务二科"\n')
    assert sentences(folder) == [
        f"offices.toml:{line + 1}: Two offices have the id finance (the other in line 20). Rename one."
    ]


def test_a_category_that_is_called_like_another(folder: Path, edit: Edit) -> None:
    line = edit("taxonomy.toml", '"师德失范"', '"FEES"')
    assert sentences(folder) == [
        f"taxonomy.toml:{line}: FEES means two categories: fees (line 40) and ethics. Leave it with one of them."
    ]


@pytest.mark.parametrize("alias", ["吉州", "吉州区"])
def test_an_alias_that_is_another_countys_name_or_alias(folder: Path, edit: Edit, alias: str) -> None:
    line = edit("jurisdictions.toml", 'aliases = ["青原"]', f'aliases = ["青原", "{alias}"]')
    owner = {"吉州": 18, "吉州区": 16}[alias]
    assert sentences(folder) == [
        f"jurisdictions.toml:{line}: {alias} means two jurisdictions: jizhou (line {owner}) and qingyuan. "
        "Leave it with one of them."
    ]


def test_a_misspelt_category_leaves_the_right_one_without_an_office(folder: Path, edit: Edit) -> None:
    line = edit("duty.toml", 'category = "integrity"', 'category = "integrty"')
    assert sentences(folder) == [
        f"duty.toml:{line}: There is no category integrty. Did you mean integrity?",
        "duty.toml: Category integrity has no rule, so its messages find no office. "
        'Add a [[rule]] with category = "integrity" and without words and jurisdictions.',
    ]


def test_a_category_whose_rules_all_have_conditions(folder: Path, edit: Edit) -> None:
    line = edit("duty.toml", 'lead = "discipline"', 'lead = "discipline"\njurisdictions = ["county"]')
    assert sentences(folder) == [
        f"duty.toml:{line - 1}: Category integrity has rules with conditions alone, so some messages find no office. "
        'Add a [[rule]] with category = "integrity" and without words and jurisdictions.'
    ]


def test_a_category_whose_rule_has_run_out(folder: Path, edit: Edit) -> None:
    line = edit("duty.toml", 'lead = "discipline"', 'lead = "discipline"\nvalid_until = 2026-06-30')
    assert sentences(folder, today=date(2026, 6, 30)) == []
    assert sentences(folder, today=date(2026, 7, 1)) == [
        f"duty.toml:{line - 2}: The rule without conditions for category integrity is not valid today, 2026-07-01. "
        "Change its valid_from or valid_until, or add a rule that holds now."
    ]


def test_a_rule_that_ends_before_it_begins(folder: Path, append: Append) -> None:
    line = append(
        "duty.toml",
        '[[rule]]\nid = "x"\ncategory = "pay"\nlead = "finance"\nbasis = "b"\nwords = ["y"]\n'
        "valid_from = 2026-02-01\nvalid_until = 2026-01-31\n",
    )
    assert sentences(folder) == [
        f"duty.toml:{line + 7}: valid_until 2026-01-31 is before valid_from 2026-02-01. Put the later day last."
    ]


RULES = """
[[rule]]
id = "one"
category = "pay"
lead = "personnel"
basis = "b"
{0}
[[rule]]
id = "two"
category = "pay"
lead = "finance"
basis = "b"
{1}
"""


@pytest.mark.parametrize(
    ("one", "two", "shared"),
    [
        ('words = ["甲", "乙"]', 'words = ["丙", "乙"]', "for messages with the word 乙"),
        ('words = ["甲"]', 'words = ["甲乙"]', "for messages with the word 甲乙"),
        ('jurisdictions = ["taihe", "wanan"]', 'jurisdictions = ["wanan"]', "for messages in wanan"),
        ('jurisdictions = ["county"]', 'jurisdictions = ["county", "taihe"]', "for messages in county"),
        (
            'words = ["甲"]\njurisdictions = ["school"]',
            'words = ["甲"]\njurisdictions = ["school"]',
            "for messages with the word 甲 in school",
        ),
        (
            'words = ["甲"]\nvalid_until = 2026-06-30',
            'words = ["甲"]\nvalid_from = 2026-06-30',
            "for messages with the word 甲",
        ),
    ],
)
def test_two_rules_that_contradict_each_other(folder: Path, append: Append, one: str, two: str, shared: str) -> None:
    line = append("duty.toml", RULES.format(one, two))
    second = line + 1 + RULES.format(one, two).split('id = "two"')[0].count("\n") - 1
    assert sentences(folder) == [
        f"duty.toml:{second}: Rules one (line {line + 2}) and two are equally specific and both hold {shared}. "
        "Change the conditions of one, or end it with valid_until."
    ]


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ('words = ["甲"]', 'words = ["乙"]'),
        ('words = ["甲乙"]', 'words = ["甲"]'),
        ('words = ["甲"]', 'words = ["甲"]\njurisdictions = ["county"]'),
        ('words = ["甲"]', 'jurisdictions = ["county"]'),
        ('jurisdictions = ["county"]', 'jurisdictions = ["taihe"]'),
        ('words = ["甲"]\njurisdictions = ["county"]', 'words = ["甲"]\njurisdictions = ["school"]'),
        ('words = ["甲"]\nvalid_until = 2026-06-30', 'words = ["甲"]\nvalid_from = 2026-07-01'),
    ],
)
def test_rules_that_differ_in_some_condition_may_stand_together(
    folder: Path, append: Append, one: str, two: str
) -> None:
    append("duty.toml", RULES.format(one, two))
    assert sentences(folder) == []


def test_two_rules_without_conditions_contradict_each_other(folder: Path, append: Append) -> None:
    append("duty.toml", RULES.format("", 'words = ["甲"]'))
    assert "Rules pay (line" in sentences(folder)[0]
    assert sentences(folder)[0].endswith(
        "and one are equally specific and both hold without conditions. "
        "Change the conditions of one, or end it with valid_until."
    )
