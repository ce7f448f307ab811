"""`triage suggest`: from a table to a sheet for a clerk, and from the sheet back into the case store."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

Run = Callable[..., Any]
SAMPLE = Path(__file__).parents[2] / "data" / "samples" / "市长信箱导出.xlsx"


def test_every_row_of_the_sample_inbox_is_named_or_counted(run: Run, desk: Path) -> None:
    ran = run("suggest", SAMPLE, "--n", "12", "-o", "out.xlsx")
    assert (ran.code, ran.out) == (3, "out.xlsx\n")
    assert "sheet 留言导出 row 37: 空行" in ran.err
    assert "67 rows = 66 to choose from + 0 labelled already + 0 repeated + 1 rejected; 12 chosen;" in ran.err
    assert openpyxl.load_workbook(desk / "out.xlsx")["待标注"].max_row == 1 + 12


def test_the_sheet_lies_beside_the_table_when_nobody_says(run: Run, letters: Path) -> None:
    ran = run("suggest", letters, "--n", "2")
    assert (ran.code, ran.out) == (0, f"{letters.with_name('letters.suggested.xlsx')}\n")


def test_what_a_clerk_filled_in_is_kept_and_not_asked_about_again(run: Run, letters: Path, desk: Path) -> None:
    assert run("suggest", letters, "--n", "3", "-o", "ask.xlsx").code == 0
    book = openpyxl.load_workbook(desk / "ask.xlsx")
    page = book["待标注"]
    header = [cell.value for cell in page[1]]
    page.cell(2, header.index("人工类别") + 1).value = "教育收费"
    answered = page.cell(2, header.index("编号") + 1).value
    book.save(desk / "filled.xlsx")
    added = run("label", "add", "filled.xlsx", "--json").json
    assert (added["new"], added["unlabelled"], added["rejected"]) == (1, 2, [])
    told = run("suggest", letters, "--n", "3", "-o", "again.xlsx", "--json").json
    assert (told["rows_in"], told["candidates"], told["labelled"]) == (3, 2, 1)
    assert answered not in [each["id"] for each in told["chosen"]]


def test_columns_can_be_named(run: Run, desk: Path) -> None:
    (desk / "in.csv").write_text("号,说了什么\n甲1,学校乱收费三百元\n", encoding="utf-8")
    ran = run("suggest", "in.csv", "-o", "out.csv", "--column", "id=号", "--column", "text=说了什么", "--json")
    assert ran.code == 0
    assert [each["id"] for each in ran.json["chosen"]] == ["甲1"]


@pytest.mark.parametrize("kept", ["out.xlsx", "letters.csv"])
def test_no_file_is_written_over(run: Run, letters: Path, desk: Path, kept: str) -> None:
    if kept == "out.xlsx":
        (desk / kept).write_bytes(b"older")
    before = (desk / kept).read_bytes()
    force = ["--force"] if kept == "letters.csv" else []
    ran = run("suggest", letters, "-o", kept, *force)
    assert ran.code == 2
    assert kept in ran.error
    assert (desk / kept).read_bytes() == before
