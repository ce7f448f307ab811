"""Exit codes, and the one sentence that goes with them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from triage.config.loading import FILES, OPTIONAL_FILES

Run = Callable[..., Any]


# --- The four codes ---


def test_0_when_all_is_done(run: Run, letters: Path) -> None:
    assert run("score", letters).code == 0


def test_2_when_refused_and_nothing_is_written(run: Run, desk: Path) -> None:
    ran = run("score", "没有.xlsx")
    assert (ran.code, ran.out) == (2, "")
    assert ran.error == "没有.xlsx: does not exist. Check the name and the folder."
    assert list(desk.iterdir()) == []


def test_3_when_done_with_rejected_rows_that_are_named(run: Run, letters: Path) -> None:
    with letters.open("a", encoding="utf-8") as stream:
        stream.write("010,,\n")
    ran = run("score", letters)
    assert ran.code == 3
    assert "letters.csv row 5: 标题和内容都是空的" in ran.err
    assert ran.out == f"{letters.with_name('letters.triaged.xlsx')}\n"


def test_1_for_a_bug_of_ours_that_tells_nothing_of_the_letters(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("王小明的来信")

    monkeypatch.setattr(shutil, "copyfile", fail)
    ran = run("init", "new")
    assert ran.code == 1
    assert ran.error == "a bug in triage (RuntimeError). Run again with --debug and report it."


def test_2_for_a_command_that_there_is_not(run: Run) -> None:
    ran = run("skore", "a.xlsx")
    assert ran.code == 2
    assert "No such command 'skore'" in ran.err


def test_2_for_an_option_without_its_argument(run: Run) -> None:
    assert run("score").code == 2
    assert run("evaluate", "a.xlsx", "--cv", "1").code == 2


# --- The traceback ---


def test_debug_shows_the_traceback_of_a_refusal(desk: Path, bureau: Path) -> None:
    command = [sys.executable, "-m", "triage", "--debug", "score", "none.xlsx"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=desk)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith("Traceback (most recent call last)")
    assert ran.stderr.endswith("Error: none.xlsx: does not exist. Check the name and the folder.\n")


def test_debug_shows_the_traceback_of_a_bug(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("of the disk")

    monkeypatch.setattr(shutil, "copyfile", fail)
    ran = run("--debug", "init", "new")
    assert ran.code == 1
    assert "RuntimeError: of the disk" in ran.err


def test_without_debug_no_traceback_is_shown(desk: Path, bureau: Path) -> None:
    command = [sys.executable, "-m", "triage", "score", "none.xlsx"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=desk)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == "Error: none.xlsx: does not exist. Check the name and the folder.\n"


# --- One sentence for each refusal ---


def test_a_file_that_is_no_table(run: Run, desk: Path) -> None:
    (desk / "a.pdf").write_bytes(b"%PDF-1.7\n")
    ran = run("score", "a.pdf")
    assert ran.code == 2
    assert ran.error.startswith("a.pdf: is a PDF, not a table.")


def test_a_table_without_texts_says_which_columns_there_are(run: Run, desk: Path) -> None:
    (desk / "a.csv").write_text("编号,日期,备注\n1,2026-09-01,无\n", encoding="utf-8")
    ran = run("score", "a.csv")
    assert ran.code == 2
    assert "no column for the text (内容) was recognised; the columns are: 编号, 日期, 备注." in ran.error


def test_a_column_that_there_is_not(run: Run, letters: Path) -> None:
    ran = run("score", letters, "--column", "text=诉求")
    assert ran.code == 2
    assert "there is no column 「诉求」" in ran.error
    assert "the columns are: 编号, 标题, 内容" in ran.error


def test_the_advice_about_an_unknown_column_works(run: Run, desk: Path) -> None:
    (desk / "a.csv").write_text("号,群众说了什么\n1,学校乱收费三百元\n", encoding="utf-8")
    refused = run("score", "a.csv")
    assert refused.code == 2
    assert refused.error.endswith("with --column text=列名.")
    assert run("score", "a.csv", "--column", "text=群众说了什么").code == 0


@pytest.mark.parametrize("named", ["诉求", "text", "text=", "=诉求", "内容=诉求", "text:诉求"])
def test_a_column_without_a_role_or_a_name(run: Run, letters: Path, named: str) -> None:
    ran = run("score", letters, "--column", named)
    assert ran.code == 2
    assert ran.error == (
        f"--column {named} names no column. Write --column ROLE=NAME, with one of the roles "
        "id, title, text, received_at, sender, channel, category, secondary, nature, urgent, place, schools, by, "
        "decided_at."
    )


def test_a_sheet_that_there_is_not(run: Run, letters: Path) -> None:
    ran = run("score", letters, "--sheet", "一月")
    assert ran.code == 2
    assert "一月" in ran.error


def test_an_older_result_stays_as_it_was(run: Run, letters: Path, desk: Path) -> None:
    (desk / "out.xlsx").write_bytes(b"older")
    ran = run("score", letters, "--out", "out.xlsx")
    assert ran.code == 2
    assert ran.error == ("out.xlsx: exists already. Choose another name with --out, or overwrite it with --force.")
    assert (desk / "out.xlsx").read_bytes() == b"older"
    assert {path.name for path in desk.iterdir()} == {"letters.csv", "out.xlsx"}


def test_an_ending_that_names_no_format(run: Run, letters: Path, desk: Path) -> None:
    ran = run("score", letters, "-o", "out.docx")
    assert ran.code == 2
    assert "the ending 「.docx」 names no format that can be written." in ran.error
    assert {path.name for path in desk.iterdir()} == {"letters.csv"}


def test_the_table_itself_is_never_overwritten(run: Run, letters: Path) -> None:
    before = letters.read_bytes()
    ran = run("score", letters, "-o", letters, "--force")
    assert ran.code == 2
    assert ran.error.endswith("is the table itself. Choose another name with --out.")
    assert letters.read_bytes() == before


def test_a_home_that_is_no_bureau(run: Run, letters: Path, desk: Path) -> None:
    ran = run("--home", "nowhere", "score", letters)
    assert ran.code == 2
    assert ran.error == (
        "nowhere: is no bureau folder: it has no data/taxonomy.toml. Make one with: triage init nowhere"
    )


@pytest.mark.parametrize("name", [Path(file).stem for file in (*FILES, *OPTIONAL_FILES)])
def test_a_broken_toml_is_told_with_its_line(run: Run, letters: Path, bureau: Path, name: str) -> None:
    file = bureau / "data" / f"{name}.toml"
    lines = file.read_text(encoding="utf-8").count("\n")
    with file.open("a", encoding="utf-8") as stream:
        stream.write("id = = 1\n")
    ran = run("score", letters)
    assert ran.code == 2
    assert f"{name}.toml:{lines + 1}" in ran.error


def test_a_duty_table_that_contradicts_itself_is_refused(run: Run, letters: Path, bureau: Path) -> None:
    file = bureau / "data" / "duty.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('lead = "off_campus"', 'lead = "nobody"', 1), encoding="utf-8")
    ran = run("score", letters)
    assert ran.code == 2
    assert "nobody" in ran.error
    assert "duty.toml:" in ran.error


def test_a_broken_dictionary_is_told_with_its_line(run: Run, letters: Path, bureau: Path) -> None:
    file = bureau / "data" / "dictionary.txt"
    lines = file.read_text(encoding="utf-8").count("\n")
    with file.open("a", encoding="utf-8") as stream:
        stream.write("课后服务 很多 词\n")
    ran = run("score", letters)
    assert ran.code == 2
    assert f"dictionary.txt:{lines + 1}" in ran.error


@pytest.mark.parametrize("command", ["score", "train", "evaluate", "handover"])
def test_every_command_that_reads_a_table_explains_a_missing_one(run: Run, desk: Path, command: str) -> None:
    ran = run(command, "没有.xlsx", *(["--out", "out"] if command == "handover" else []))
    assert ran.code == 2
    assert list(desk.iterdir()) == []
    assert ran.error == "没有.xlsx: does not exist. Check the name and the folder."
