"""`triage label`: what a clerk corrected goes in with one command, and comes out again."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from triage.store import Store

Run = Callable[..., Any]


def table(path: Path, *rows: str) -> Path:
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def first(desk: Path) -> Path:
    return table(desk / "甲.csv", "编号,内容,人工类别,标注人", "1,学校乱收费,收费,甲", "2,周末补课,补课,甲")


@pytest.fixture
def second(desk: Path) -> Path:
    rows = ("1,学校乱收费,师德,乙", "2,周末补课,,乙", "3,别的信,补棵,乙")
    return table(desk / "乙.csv", "编号,内容,人工类别,标注人", *rows)


def test_the_way_of_a_correction_from_the_scored_sheet_to_the_store(run: Run, letters: Path, bureau: Path) -> None:
    assert run("score", letters, "-o", "out.xlsx").code == 0
    book = openpyxl.load_workbook("out.xlsx")
    sheet = book["信件"]
    header = [cell.value for cell in sheet[1]]
    sheet.cell(2, header.index("人工类别") + 1).value = "廉政建设"
    place = header.index("类别") + 1
    sheet.cell(3, place).value = "师德师风" if sheet.cell(3, place).value != "师德师风" else "教育收费"
    changed = sheet.cell(3, place).value
    book.save("corrected.xlsx")
    ran = run("label", "add", "corrected.xlsx", "--by", "王某", "--on", "2026-09-01")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == ("3 rows = 2 new + 0 same + 0 changed + 0 in conflict + 1 not decided yet + 0 rejected.\n")
    with Store.open(bureau / "cases.db") as store:
        kept = [(each.message.id, each.label.by, f"{each.label.decided_at:%F}", each.row) for each in store.kept()]
    assert kept == [("007", "王某", "2026-09-01", 2), ("008", "王某", "2026-09-01", 3)]
    listed = run("label", "list")
    assert sorted(listed.out.split()) == sorted(["1", "廉政建设", "1", changed])
    assert listed.err.splitlines() == [
        "2 labelled messages, 2 decisions by 1 people from 2026-09-01 to 2026-09-01; 0 disagreements.",
        "  王某: 2",
    ]


def test_a_scored_sheet_that_was_only_looked_at_is_added_when_that_is_said(run: Run, letters: Path) -> None:
    run("score", letters, "-o", "out.csv")
    assert run("label", "add", "out.csv", "--json").json == {
        "rows": 3,
        "new": 0,
        "same": 0,
        "changed": 0,
        "conflicts": [],
        "unlabelled": 3,
        "rejected": [],
    }
    assert run("label", "add", "out.csv", "--confirmed", "--json").json["new"] == 3


def test_disagreements_and_rejected_rows_are_named(run: Run, first: Path, second: Path) -> None:
    assert run("label", "add", first, "--on", "2026-09-01").code == 0
    ran = run("label", "add", second, "--on", "2026-09-02")
    assert (ran.code, ran.err.splitlines()) == (
        3,
        [
            "1 rows rejected:",
            f"  {second} row 4: 没有「补棵」这个类别，是否应为「补课」",
            "3 rows = 0 new + 0 same + 0 changed + 1 in conflict + 1 not decided yet + 1 rejected.",
            "In conflict, so that the newest answer holds until somebody settles it (triage label conflicts --out):",
            "  1: 教育收费（甲，2026-09-01，编号 1，甲.csv第 2 行） ↔ "
            "师德师风（乙，2026-09-02，编号 1，乙.csv第 2 行）",
        ],
    )
    told = run("label", "conflicts", "--json").json
    assert [(each["id"], each["holds"]) for each in told] == [("1", "ethics")]
    assert [(each["by"], each["primary"], each["source"]) for each in told[0]["answers"]] == [
        ("甲", "fees", "甲.csv"),
        ("乙", "ethics", "乙.csv"),
    ]


def test_a_disagreement_is_settled_on_the_sheet_that_lists_it(run: Run, first: Path, second: Path) -> None:
    run("label", "add", first, second)
    ran = run("label", "conflicts", "--out", "open.xlsx")
    assert (ran.code, ran.out, ran.err) == (0, "open.xlsx\n", "1 disagreements.\n")
    assert "exists already" in run("label", "conflicts", "--out", "open.xlsx").error
    book = openpyxl.load_workbook("open.xlsx")
    header = [cell.value for cell in book.worksheets[0][1]]
    book.worksheets[0].cell(2, header.index("人工类别") + 1).value = "教育收费"
    book.save("settled.xlsx")
    assert run("label", "add", "settled.xlsx", "--by", "丙", "--json").json["changed"] == 1
    assert run("label", "conflicts").err == "0 disagreements.\n"
    listed = run("label", "list", "--json").json
    assert (listed["categories"], listed["conflicts"]) == ([["fees", 1], ["tutoring", 1]], 0)
    assert listed["people"] == [["甲", 2], ["丙", 1], ["乙", 1]]


def test_exported_labels_can_be_added_elsewhere_and_judged_by(run: Run, first: Path) -> None:
    run("label", "add", first)
    assert run("label", "export", "all.csv").out == "all.csv\n"
    assert run("label", "export", "all.jsonl", "--json").json == {"file": "all.jsonl", "messages": 2}
    assert run("label", "add", "all.csv", "--json").json["same"] == 2
    assert run("evaluate", "all.csv", "--json").json["n"] == 2


def test_an_empty_store_has_nothing_to_tell(run: Run) -> None:
    assert run("label", "list").err == "0 labelled messages, 0 decisions by 0 people; 0 disagreements.\n"
    assert run("label", "list", "--json").json["first"] is None
    assert run("label", "conflicts", "--json").json == []


def test_who_is_logged_in_decided_where_nobody_else_is_named(
    run: Run, desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "office")
    run("label", "add", table(desk / "a.csv", "内容,类别", "学校乱收费,收费"))
    assert run("label", "list", "--json").json["people"] == [["office", 1]]


def test_what_cannot_be_read_is_refused_and_nothing_added(run: Run, first: Path, desk: Path) -> None:
    other = table(desk / "b.csv", "编号,备注", "1,无")
    assert "no column for the category" in run("label", "add", first, other).error
    assert run("label", "list", "--json").json["messages"] == 0
    assert run("label", "add", "gone.csv").error == "gone.csv: does not exist. Check the name and the folder."


def test_a_damaged_store_is_refused_in_one_sentence(run: Run, first: Path, bureau: Path) -> None:
    (bureau / "cases.db").write_bytes(b"no store " * 400)
    assert run("label", "add", first).error == (
        f"{bureau / 'cases.db'}: cannot be used as the case store (file is not a database). "
        "Put a copy from a backup there."
    )


def test_no_letter_is_shown_on_the_screen(run: Run, first: Path, second: Path) -> None:
    for arguments in (["add", first, second], ["list"], ["conflicts"], ["conflicts", "--json"], ["list", "--json"]):
        ran = run("label", *arguments)
        assert "乱收费" not in ran.out + ran.err


def test_the_commands_are_told_apart(run: Run) -> None:
    ran = run("label", "--help")
    assert all(name in ran.out for name in ("add", "list", "conflicts", "export"))


def test_a_store_that_another_program_writes_is_waited_for(
    run: Run, first: Path, bureau: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("triage.store.database._WAIT", 50)
    run("label", "list")
    writer = sqlite3.connect(bureau / "cases.db", isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    assert "is in use by another program" in run("label", "add", first).error
    writer.execute("ROLLBACK")
    writer.close()
    assert run("label", "add", first).code == 0
