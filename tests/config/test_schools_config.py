"""What schools.toml says once it is read, and each way of spoiling it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from triage.config import School, check_config, load_config

Append = Callable[[str, str], int]
SCHOOL = '[[school]]\nname = "梅山中学"\njurisdiction = "taihe"\n'


def test_a_school_is_read_with_all_that_it_says(folder: Path, append: Append) -> None:
    append("schools.toml", SCHOOL + 'aliases = ["泰和县梅山中学"]\n')
    assert load_config(folder).schools[-1] == School("梅山中学", "taihe", ("泰和县梅山中学",))


def test_a_bureau_may_do_without_schools(folder: Path) -> None:
    (folder / "schools.toml").unlink()
    assert check_config(folder) == ()
    assert load_config(folder).schools == ()


def test_two_counties_may_have_schools_of_one_name(folder: Path, append: Append) -> None:
    append("schools.toml", SCHOOL + SCHOOL.replace("taihe", "jishui"))
    assert [school.jurisdiction for school in load_config(folder).schools[-2:]] == ["taihe", "jishui"]


@pytest.mark.parametrize(
    ("lines", "line", "what"),
    [
        ('[[school]]\njurisdiction = "taihe"\n', 0, "[[school]] has no name."),
        ('[[school]]\nname = "梅山中学"\n', 0, "[[school]] has no jurisdiction."),
        (SCHOOL.replace("taihe", "taihee"), 2, "There is no county taihee. Did you mean taihe?"),
        (SCHOOL.replace("taihe", "bailuzhou_school"), 2, "There is no county bailuzhou_school."),
        (SCHOOL + 'aliases = ["中"]\n', 3, "aliases should hold words of at least two characters"),
        (SCHOOL.replace("梅山中学", "白鹭洲中学"), 1, "白鹭洲中学 means bailuzhou_school in jurisdictions.toml."),
        (SCHOOL + SCHOOL, 4, "梅山中学 stands twice for taihe"),
        (SCHOOL + 'id = "meishan"\n', 3, "[[school]] has no use for id."),
    ],
)
def test_each_way_of_spoiling_it_is_told(folder: Path, append: Append, lines: str, line: int, what: str) -> None:
    begin = append("schools.toml", lines)
    (problem,) = check_config(folder)
    assert (problem.file, problem.line) == ("schools.toml", begin + line)
    assert str(problem).partition(": ")[2].startswith(what)
