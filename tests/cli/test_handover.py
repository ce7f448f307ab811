"""`triage handover` from the screen, on what `triage score` has written."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest

Run = Callable[..., Any]
WORKBOOK = Path(__file__).parents[2] / "data" / "samples" / "市长信箱导出.xlsx"


def records(path: Path) -> list[dict[str, Any]]:
    """The letters of a scored workbook, by the names of the columns."""
    header, *rows = openpyxl.load_workbook(path)["信件"].iter_rows(values_only=True)
    return [dict(zip(map(str, header), row, strict=True)) for row in rows]


@pytest.fixture
def cases(desk: Path) -> Path:
    """Four rows: two for one office, one without an office, one that waits."""
    header = ["编号", "姓名", "标题", "内容", "性质", "主办", "需人工复核"]
    rows = [
        ["007", "王小明", "乱收费", "学校乱收费三百元", "申诉求决", "财务科", ""],
        ["008", "李建国", "乱收费", "幼儿园乱收费", "检举控告", "财务科", ""],
        ["009", "张三", "乱收费", "学校乱收费", "申诉求决", "", ""],
        ["010", "张三", "工资", "拖欠工资", "申诉求决", "人事科", "是"],
    ]
    path = desk / "cases.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([header, *rows])
    return path


def test_the_sheets_are_named_and_the_rows_accounted_for(run: Run, cases: Path, desk: Path) -> None:
    ran = run("handover", cases, "--out", "转办", "--on", "2026-11-25")
    assert ran.code == 3
    assert ran.out.splitlines() == ["转办/转办单-财务科-2026-11-25.docx", "转办/未转办-2026-11-25.csv"]
    assert "4 rows in = 2 handed over + 1 waiting for a person + 1 rejected." in ran.err
    assert "cases.csv row 4: 没有主办" in ran.err
    assert {path.name for path in (desk / "转办").iterdir()} == {
        "转办单-财务科-2026-11-25.docx",
        "未转办-2026-11-25.csv",
    }


def test_json_says_what_was_done(run: Run, cases: Path) -> None:
    said = run("handover", cases, "-o", "out", "--on", "2026-11-25", "--json").json
    assert set(said) == {"files", "rows_in", "handed_over", "waiting", "rejected", "older"}
    assert said["rows_in"] == said["handed_over"] + len(said["waiting"]) + len(said["rejected"]) == 4
    assert [row["reason"] for row in said["waiting"]] == ["尚待人工复核"]


def test_names_are_shown_on_request_and_accusers_never(run: Run, cases: Path, desk: Path) -> None:
    assert run("handover", cases, "-o", "out", "--on", "2026-11-25", "--show-personal-data").code == 3
    document = docx.Document(str(desk / "out" / "转办单-财务科-2026-11-25.docx"))
    cells = {cell.text for table in document.tables for row in table.rows for cell in row.cells}
    assert {"王小明", "（检举人信息保密）"} <= cells
    assert not any("李建国" in cell for cell in cells)


def test_unreviewed_cases_on_request(run: Run, cases: Path) -> None:
    said = run("handover", cases, "-o", "out", "--include-unreviewed", "--json").json
    assert (said["handed_over"], said["waiting"]) == (3, [])


def test_sheets_that_exist_are_refused_until_forced(run: Run, cases: Path) -> None:
    options = ["-o", "out", "--on", "2026-11-25"]
    assert run("handover", cases, *options).code == 3
    refused = run("handover", cases, *options)
    assert refused.code == 2
    assert refused.error.endswith("exists already. Choose another folder with --out, or overwrite it with --force.")
    assert run("handover", cases, *options, "--force").code == 3


def test_a_table_that_was_not_scored_is_refused(run: Run, letters: Path, desk: Path) -> None:
    ran = run("handover", letters, "-o", "out")
    assert ran.code == 2
    assert ran.error.endswith(
        "has no column 主办; the columns are: 编号, 标题, 内容. Give the table that `triage score` wrote."
    )
    assert not (desk / "out").exists()


def printed(folder: Path) -> list[str]:
    """The ids of the letters on all sheets of a folder."""
    tables = [table for file in folder.glob("*.docx") for table in docx.Document(str(file)).tables]
    words = [cell.text for table in tables for row in table.rows for cell in row.cells]
    return re.findall(r"00260\d{4}", " ".join(dict.fromkeys(words)))


def test_from_the_sample_inbox_to_the_sheets(run: Run, desk: Path) -> None:
    assert run("score", WORKBOOK, "-o", "cases.xlsx").code == 3
    ran = run("handover", "cases.xlsx", "-o", "out", "--on", "2026-11-25", "--include-unreviewed", "--json")
    said = ran.json
    assert ran.code == 0
    assert said["handed_over"] == said["rows_in"] == 66
    tables = sum(len(docx.Document(str(desk / file)).tables) - 1 for file in said["files"] if file.endswith(".docx"))
    assert tables == 66


def test_of_the_sample_what_is_proven_goes_out_and_the_rest_waits(run: Run, desk: Path, proven: Path) -> None:
    scored = run("score", WORKBOOK, "-o", "cases.xlsx", "--json").json
    said = run("handover", "cases.xlsx", "-o", "out", "--on", "2026-11-25", "--json").json
    assert said["rows_in"] == scored["rows_out"] == 66
    assert len(said["waiting"]) == scored["for_review"] > scored["urgent"] > 0
    assert said["handed_over"] == 66 - scored["for_review"] > 0
    rows = records(desk / "cases.xlsx")
    automatic = [row["留言编号"] for row in rows if not row["需人工复核"]]
    assert sorted(printed(desk / "out")) == sorted(automatic)
    offices = {row["主办"] for row in rows if not row["需人工复核"]}
    assert {Path(file).name.split("-")[1] for file in said["files"] if file.endswith(".docx")} == offices


def test_the_clerks_category_lets_a_waiting_letter_go_once_it_is_scored_again(
    run: Run, desk: Path, proven: Path
) -> None:
    assert run("score", WORKBOOK, "-o", "cases.xlsx").code == 3
    book = openpyxl.load_workbook(desk / "cases.xlsx")
    sheet = book["信件"]
    header = [cell.value for cell in sheet[1]]
    place = header.index("人工类别") + 1
    waiting = next(row for row in sheet.iter_rows(min_row=2) if row[header.index("需人工复核")].value == "是")
    number, row = waiting[0].value, waiting[0].row
    sheet.cell(row, place).value = "教师待遇"
    book.save(desk / "decided.xlsx")
    assert run("score", "decided.xlsx", "-o", "again.xlsx").code == 0
    assert run("handover", "again.xlsx", "-o", "out", "--on", "2026-11-25").code == 0
    assert number in printed(desk / "out")
    (again,) = [row for row in records(desk / "again.xlsx") if row["留言编号"] == number]
    assert (again["判定_2"], again["主办_2"], again["需人工复核_2"]) == ("人工", "人事科", None)
