"""What the configuration says of who gets a letter, and each way of getting it wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from triage.config import check_config, load_config

Edit = Callable[[str, str, str], int]
Append = Callable[[str, str], int]


def sentences(folder: Path) -> list[str]:
    return [str(problem) for problem in check_config(folder)]


def test_every_county_has_an_authority_and_every_school_its_own_name(folder: Path) -> None:
    for place in load_config(folder).jurisdictions:
        assert place.receiver == (f"{place.name}教育体育局" if place.kind == "county" else place.name)


def test_the_bureau_has_a_discipline_office_and_somebody_above(folder: Path) -> None:
    roles = {office.role: office.id for office in load_config(folder).offices if office.role}
    assert roles == {"discipline": "discipline", "above": "above"}


def test_a_bureau_that_names_nobody_above_it_still_has_somebody(folder: Path) -> None:
    text = (folder / "offices.toml").read_text(encoding="utf-8")
    (folder / "offices.toml").write_text(text[: text.index("# 不是本局科室")], encoding="utf-8")
    above = load_config(folder).office("above")
    assert (above.name, above.role) == ("上级机关", "above")


def test_the_letters_of_the_discipline_office_are_sealed(folder: Path) -> None:
    sealed = [rule for rule in load_config(folder).duty if rule.sealed]
    assert [(rule.category, rule.lead, rule.level) for rule in sealed] == [("integrity", "discipline", "city")]


@pytest.mark.parametrize(
    ("name", "old", "new", "sentence"),
    [
        (
            "offices.toml", 'role = "discipline"', 'role = "police"',
            'offices.toml:LINE: role should be "discipline" or "above", but is "police". '
            'Write it like: role = "discipline"',
        ),
        (
            "jurisdictions.toml", 'authority = "泰和县教育体育局"', "authority = 1",
            "jurisdictions.toml:LINE: authority should be a text in quotation marks, but is 1. "
            'Write it like: authority = "泰和县教育体育局"',
        ),
        (
            "jurisdictions.toml", 'aliases = ["吉安一中"', 'authority = "市教育局"\naliases = ["吉安一中"',
            "jurisdictions.toml:LINE: A school of the city has no authority. Leave it out.",
        ),
        (
            "duty.toml", "sealed = true", 'sealed = "yes"',
            'duty.toml:LINE: sealed should be true or false, but is "yes". Write it like: sealed = true',
        ),
        (
            "duty.toml", 'level = "city"\nsealed', 'level = "county"\nsealed',
            'duty.toml:LINE: level should be "city", but is "county". Write it like: level = "city"',
        ),
    ],
)  # fmt: skip
def test_one_mistake_earns_one_sentence(folder: Path, edit: Edit, name: str, old: str, new: str, sentence: str) -> None:
    line = edit(name, old, new)
    assert sentences(folder) == [sentence.replace("LINE", str(line))]


def test_a_sealed_rule_has_no_helpers(folder: Path, edit: Edit) -> None:
    line = edit("duty.toml", "sealed = true", 'sealed = true\nco = ["basic"]')
    assert sentences(folder) == [f"duty.toml:{line + 1}: Nobody helps with what is sealed. Leave out co, or sealed."]


def test_an_alias_that_means_two_offices(folder: Path, append: Append) -> None:
    line = append("offices.toml", '[[office]]\nid = "second"\nname = "财务二科"\naliases = ["计财科"]\n')
    assert sentences(folder) == [
        f"offices.toml:{line + 3}: 计财科 means two offices: finance (line 22) and second. Leave it with one of them."
    ]


def test_a_role_that_two_offices_have(folder: Path, append: Append) -> None:
    line = append("offices.toml", '[[office]]\nid = "second"\nname = "机关纪委"\nrole = "discipline"\n')
    assert sentences(folder) == [
        f"offices.toml:{line + 3}: Two offices have the role discipline (the other in line 73). Leave one."
    ]


def test_the_id_of_what_stands_above_is_for_that_alone(folder: Path, edit: Edit) -> None:
    line = edit("offices.toml", 'role = "above"', "")
    assert sentences(folder) == [
        f"offices.toml:{line - 2}: above is the id of what stands above the bureau. Choose another id."
    ]
