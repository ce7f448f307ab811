"""A bureau is made from the defaults, edited, and checked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from triage.config.loading import FILES, OPTIONAL_FILES

Run = Callable[..., Any]


@pytest.fixture
def edit(bureau: Path) -> Callable[[str, str, str], str]:
    """Replaces a text in a file of the bureau, and says at which place the first one stood."""

    def replace(name: str, old: str, new: str) -> str:
        file = bureau / "data" / name
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new, 1), encoding="utf-8")
        return f"{name}:{text[: text.index(old)].count(chr(10)) + 1}"

    return replace


def test_a_new_bureau_is_all_well(run: Run, desk: Path) -> None:
    made = run("init", "吉安")
    assert made.code == 0
    files = [Path(line) for line in made.out.splitlines()]
    assert {file.name for file in files} == {"dictionary.txt", *FILES, *OPTIONAL_FILES}
    assert all(file.is_file() for file in files)
    assert made.err == "Edit these files, then run: triage --home 吉安 check\n"
    checked = run("--home", "吉安", "check")
    assert (checked.code, checked.out) == (0, "")
    assert checked.err.endswith("data: all is well.\n")


@pytest.mark.parametrize("how", [["check", "new"], ["--home", "new", "check"]], ids=["named", "home"])
def test_a_bureau_may_be_named_in_two_ways(run: Run, desk: Path, how: list[str]) -> None:
    run("init", "new")
    assert run(*how).err == f"{Path('new') / 'data'}: all is well.\n"


def test_the_bureau_in_the_current_folder_is_found(run: Run, desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("init", "new")
    monkeypatch.delenv("TRIAGE_HOME")
    monkeypatch.chdir(desk / "new")
    assert run("check").err == f"{desk / 'new' / 'data'}: all is well.\n"


def test_a_folder_with_something_in_it_is_left_alone(run: Run, letters: Path, desk: Path) -> None:
    before = letters.read_bytes()
    ran = run("init", desk)
    assert ran.code == 2
    assert ran.error == f"{desk}: is not empty; nothing was written. Name a new folder."
    assert list(desk.iterdir()) == [letters]
    assert letters.read_bytes() == before


def test_an_unknown_office_is_told_with_file_and_line(run: Run, edit: Callable[[str, str, str], str]) -> None:
    place = edit("duty.toml", 'lead = "off_campus"', 'lead = "off_campos"')
    ran = run("check")
    assert ran.code == 2
    (problem,) = ran.out.splitlines()
    assert place in problem
    assert "off_campos" in problem
    assert ran.err.endswith("data: 1 problems.\n")


def test_all_problems_are_told_at_once(run: Run, edit: Callable[[str, str, str], str], bureau: Path) -> None:
    places = [
        edit("duty.toml", 'category = "fees"', 'category = "fee"'),
        edit("settings.toml", "min_confidence = 0.6", "min_confidence = 60"),
    ]
    with (bureau / "data" / "dictionary.txt").open("a", encoding="utf-8") as stream:
        stream.write("课后服务 很多 词\n")
    places.append("dictionary.txt:")
    ran = run("check")
    assert ran.code == 2
    for place in places:
        assert place in ran.out, place


def test_broken_toml_is_told_with_file_and_line(run: Run, edit: Callable[[str, str, str], str]) -> None:
    place = edit("offices.toml", "[[office]]\nid", "[[office]\nid")
    ran = run("check")
    assert ran.code == 2
    assert place in ran.out


def test_a_missing_file_is_told(run: Run, bureau: Path) -> None:
    (bureau / "data" / "offices.toml").unlink()
    ran = run("check")
    assert ran.code == 2
    assert "offices.toml" in ran.out


@pytest.mark.parametrize("name", OPTIONAL_FILES)
def test_a_file_that_a_bureau_may_leave_out_is_not_missed(run: Run, bureau: Path, letters: Path, name: str) -> None:
    (bureau / "data" / name).unlink()
    assert run("check").code == 0
    assert run("score", letters).code == 0


def test_json_lists_the_problems(run: Run, edit: Callable[[str, str, str], str], bureau: Path) -> None:
    assert run("check", "--json").json == {"folder": str(bureau / "data"), "problems": []}
    place = edit("duty.toml", 'lead = "off_campus"', 'lead = "off_campos"')
    ran = run("check", "--json")
    assert ran.code == 2
    (problem,) = ran.json["problems"]
    assert place in problem


def test_a_folder_that_is_no_bureau(run: Run, desk: Path) -> None:
    ran = run("check", desk)
    assert ran.code == 2
    assert ran.error == f"{desk}: is no bureau folder: it has no data/taxonomy.toml. Make one with: triage init {desk}"


def test_what_check_lets_pass_score_accepts(run: Run, letters: Path, edit: Callable[[str, str, str], str]) -> None:
    edit("settings.toml", "min_characters = 8", "min_characters = 500")
    assert run("check").code == 0
    assert run("score", letters, "--json").json["for_review"] == 3
