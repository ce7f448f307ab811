"""Whatever is given to `triage score`: one sentence and no result, or every row answered or named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

Run = Callable[..., Any]
SAMPLE = Path(__file__).parents[2] / "data" / "samples" / "市长信箱导出.xlsx"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
LETTER = "反映学校乱收费三百元，请有关部门核实处理。"
GARBLE = bytes((number * 197 + 31) % 256 for number in range(3000))


def workbook(path: Path, *rows: list[object]) -> None:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(path)


def parquet(path: Path) -> None:
    pq.write_table(pa.table({"编号": ["1", "2"], "内容": [LETTER, LETTER]}), path)


REFUSED: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "empty": ("a.csv", lambda path: path.write_bytes(b""), "is empty (0 bytes)"),
    "cut workbook": ("a.xlsx", lambda path: path.write_bytes(SAMPLE.read_bytes()[:5000]), "is damaged"),
    "damaged workbook": (
        "a.xlsx",
        lambda path: path.write_bytes(SAMPLE.read_bytes()[:6000] + bytes(200) + SAMPLE.read_bytes()[6200:]),
        "is damaged",
    ),
    "password": (
        "a.xlsx",
        lambda path: path.write_bytes(OLE + "EncryptedPackage\0".encode("utf-16-le") + bytes(512)),
        "is protected by a password",
    ),
    "html": (
        "a.xls",
        lambda path: path.write_text("<html><table><tr><td>内容</td></tr></table></html>", encoding="utf-8"),
        "is an HTML page saved as .xls",
    ),
    "no header": ("a.xlsx", lambda path: workbook(path, [1, LETTER * 4], [2, LETTER * 4]), "no row names the columns"),
    "header alone": ("a.xlsx", lambda path: workbook(path, ["编号", "内容"]), "has a header but no rows"),
    "folder": ("a.xlsx", lambda path: path.mkdir(), "is a folder, not a file"),
    "noise": ("a.csv", lambda path: path.write_bytes(GARBLE), ""),
    "picture": ("a.csv", lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\n" + GARBLE), "is a picture, not a table"),
    "cut parquet": (
        "a.parquet",
        lambda path: (parquet(path), path.write_bytes(path.read_bytes()[:-20])),
        "is damaged and cannot be read as parquet",
    ),
    "no line of json": ("a.jsonl", lambda path: path.write_text('{"内容": \n{"内容"\n', encoding="utf-8"), "JSON"),
    "open quotation mark": (
        "a.csv",
        lambda path: path.write_text(f'编号,内容\n1,{LETTER}\n2,"{LETTER}\n3,x\n', encoding="utf-8"),
        "line 3: the quotation marks",
    ),
    "two encodings": (
        "a.csv",
        lambda path: path.write_bytes(f"编号,内容\n1,{LETTER}\n".encode() + LETTER.encode("gbk") + b"\n"),
        "is damaged",
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_read_is_refused_in_one_sentence(run: Run, desk: Path, kind: str) -> None:
    name, make, words = REFUSED[kind]
    make(desk / name)
    ran = run("score", name, "-o", "out.xlsx")
    assert (ran.code, ran.out) == (2, "")
    assert ran.error.startswith(name)
    assert words in ran.error
    assert ran.error.endswith((".", "。"))
    assert {path.name for path in desk.iterdir()} == {name}


READ: dict[str, tuple[str, Callable[[Path], object], int, list[str]]] = {
    "gbk": ("a.csv", lambda path: path.write_bytes(f"编号,内容\r\n1,{LETTER}\r\n".encode("gbk")), 1, []),
    "utf-16": ("a.csv", lambda path: path.write_bytes(f"编号,内容\r\n1,{LETTER}\r\n".encode("utf-16")), 1, []),
    "csv named xls": ("a.xls", lambda path: path.write_text(f"编号,内容\n1,{LETTER}\n", encoding="utf-8"), 1, []),
    "parquet named csv": ("a.csv", parquet, 2, []),
    "ragged": (
        "a.csv",
        lambda path: path.write_text(
            f"编号,内容,备注\n1,{LETTER}\n2,{LETTER},a,b,c\n3,{LETTER},,,\n", encoding="utf-8"
        ),
        2,
        ["这一行有 5 列，比表头的 3 列多"],
    ),
    "empty rows": (
        "a.xlsx",
        lambda path: workbook(path, ["编号", "内容"], [1, LETTER], [None, None], [3, " "], [4, LETTER]),
        2,
        ["空行", "标题和内容都是空的"],
    ),
    "only rows without a text": (
        "a.csv",
        lambda path: path.write_text("编号,内容\n1,\n2,\n", encoding="utf-8"),
        0,
        ["标题和内容都是空的"] * 2,
    ),
    "a header again": (
        "a.csv",
        lambda path: path.write_text(f"编号,内容\n1,{LETTER}\n编号,内容\n2,{LETTER}\n", encoding="utf-8"),
        2,
        ["重复的表头"],
    ),
}


@pytest.mark.parametrize("kind", READ)
def test_what_can_be_read_in_part_loses_no_row(run: Run, desk: Path, kind: str) -> None:
    name, make, answered, reasons = READ[kind]
    make(desk / name)
    ran = run("score", name, "-o", "out.xlsx", "--json")
    assert ran.code == (3 if reasons else 0)
    assert (ran.json["rows_out"], [row["reason"] for row in ran.json["rejected"]]) == (answered, reasons)
    assert ran.json["rows_in"] == answered + len(reasons)
    book = openpyxl.load_workbook(desk / "out.xlsx")
    assert (book["信件"].max_row, book["未处理的行"].max_row) == (1 + answered, 1 + len(reasons))


def test_a_broken_line_of_json_is_named_and_the_rest_read(run: Run, desk: Path) -> None:
    lines = [f'{{"编号": "1", "内容": "{LETTER}"}}', '{"编号": "2", "内容": ', f'{{"编号": "3", "内容": "{LETTER}"}}']
    (desk / "a.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    ran = run("score", "a.jsonl", "-o", "out.csv", "--json")
    assert ran.code == 3
    assert (ran.json["rows_in"], ran.json["rows_out"]) == (3, 2)
    assert [row["row"] for row in ran.json["rejected"]] == [2]
