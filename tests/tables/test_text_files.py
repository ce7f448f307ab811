"""Reading comma- and tab-separated text, JSON lines and parquet."""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from triage.errors import InputError
from triage.schema import RejectedRow
from triage.tables import Role, SourceRow, Table, open_table
from triage.tables.delimited import MAX_FIELD


def write(tmp_path: Path, data: str | bytes, name: str = "a.csv", encoding: str = "utf-8") -> Path:
    path = tmp_path / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode(encoding))
    return path


def split(table: Table) -> tuple[list[SourceRow], list[RejectedRow]]:
    rows = list(table.rows())
    return (
        [row for row in rows if isinstance(row, SourceRow)],
        [row for row in rows if isinstance(row, RejectedRow)],
    )


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("gbk", "gb18030"),
        ("gb18030", "gb18030"),
        ("utf-16", "utf-16"),
    ],
)
@pytest.mark.parametrize(("mark", "format"), [(",", "csv"), ("\t", "tsv"), (";", "csv")])
def test_encoding_and_delimiter_are_found(tmp_path: Path, encoding: str, said: str, mark: str, format: str) -> None:
    text = f"编号{mark}内容{mark}日期\r\n007{mark}违规补课，收费；乱{mark}2024/3/5\r\n"
    table = open_table(write(tmp_path, text, "a.txt", encoding))
    (read,), _ = split(table)
    assert (table.encoding, table.delimiter, table.format, table.row_count) == (said, mark, format, None)
    assert read.cells == ("007", "违规补课，收费；乱", "2024/3/5")
    assert (read.message.id, read.message.received_at) == ("007", datetime(2024, 3, 5))


def test_utf_16_big_endian_is_read_by_its_mark(tmp_path: Path) -> None:
    data = b"\xfe\xff" + "内容\n甲".encode("utf-16-be")
    assert [row.message.text for row in split(open_table(write(tmp_path, data)))[0]] == ["甲"]


@pytest.mark.parametrize("name", ["a.xls", "a.xlsx", "a.dat"])
def test_text_is_read_whatever_its_ending(tmp_path: Path, name: str) -> None:
    assert open_table(write(tmp_path, "编号,内容\n1,甲\n", name)).format == "csv"


def test_commas_in_the_text_do_not_hide_the_tabs(tmp_path: Path) -> None:
    text = "编号\t内容\n1\t甲,乙,丙,丁\n2\t戊,己,庚,辛\n"
    assert open_table(write(tmp_path, text)).columns == ("编号", "内容")


def test_the_line_by_which_excel_names_the_delimiter_is_no_row(tmp_path: Path) -> None:
    table = open_table(write(tmp_path, "sep=;\n编号;内容\n1;甲,乙\n"))
    (read,), _ = split(table)
    assert (table.delimiter, table.sheets[0].header_row, read.row) == (";", 2, 3)


def test_cells_stay_the_text_they_were(tmp_path: Path) -> None:
    (read,), _ = split(open_table(write(tmp_path, '编号,内容,数\n00012345678901234567890, 甲 ,"1,000.50"\n')))
    assert read.cells == ("00012345678901234567890", " 甲 ", "1,000.50")
    assert read.message.id == "00012345678901234567890"


def test_a_row_has_the_number_of_its_first_line(tmp_path: Path) -> None:
    text = '清单\n\n编号,内容\n1,"甲\n乙\n丙"\n2,"丁\r\n戊"\n\n3,己\n'
    read, rejected = split(open_table(write(tmp_path, text)))
    assert [(row.row, row.message.text) for row in read] == [(4, "甲\n乙\n丙"), (7, "丁\n戊"), (10, "己")]
    assert read[1].cells == ("2", "丁\r\n戊")
    assert [(row.row, row.reason) for row in rejected] == [(9, "空行")]


def test_surplus_cells_reject_a_row_unless_they_are_blank(tmp_path: Path) -> None:
    text = "编号,标题,内容\n1,甲,甲,多\n2,乙,乙,, \n3,丙\n,,,\n编号,标题,内容\n4,丁,丁\n\n"
    read, rejected = split(open_table(write(tmp_path, text)))
    assert [row.cells for row in read] == [("2", "乙", "乙"), ("3", "丙", None), ("4", "丁", "丁")]
    assert [(row.row, row.reason, row.cells) for row in rejected] == [
        (2, "这一行有 4 列，比表头的 3 列多", ("1", "甲", "甲", "多")),
        (5, "空行", ("", "", "", "")),
        (6, "重复的表头", ("编号", "标题", "内容")),
    ]


def test_nul_bytes_are_removed(tmp_path: Path) -> None:
    (read,), _ = split(open_table(write(tmp_path, "编号,内容\n1,甲\0乙\n")))
    assert read.cells == ("1", "甲乙")


def test_a_cell_may_be_longer_than_the_csv_module_allows_by_itself(tmp_path: Path) -> None:
    csv.field_size_limit(131072)
    (read,), _ = split(open_table(write(tmp_path, f'编号,内容\n1,"{"长" * 200_000}"\n')))
    assert len(read.message.text) == 200_000


def test_a_cell_longer_than_any_letter_is_an_open_quote(tmp_path: Path) -> None:
    path = write(tmp_path, f'编号,内容\n1,甲\n2,"{"x" * (MAX_FIELD + 1)}"\n')
    with pytest.raises(InputError, match="line 3: the quotation marks"):
        split(open_table(path))


def test_quotation_marks_inside_a_cell_are_words(tmp_path: Path) -> None:
    (read,), _ = split(open_table(write(tmp_path, '编号,内容\n1,他说"好"的\n')))
    assert read.message.text == '他说"好"的'


def test_json_lines_unite_their_keys_and_reject_bad_lines(tmp_path: Path) -> None:
    lines = [
        '{"id": 7, "text": "甲", "secondary": ["fees", "pay"]}',
        "{bad",
        "",
        "[1]",
        '{"id": "8", "title": "乙", "x": {"a": 1}, "text": "\\ud800丙"}',
    ]
    data = "\ufeff" + "\n".join(lines) + "\n"
    table = open_table(write(tmp_path, data.encode() + b'{"id": "\xff"}\n\n', "a.jsonl"))
    read, rejected = split(table)
    assert (table.format, table.columns) == ("jsonl", ("id", "text", "secondary", "title", "x"))
    assert [row.cells for row in read] == [
        (7, "甲", "fees|pay", None, None),
        ("8", "?丙", None, "乙", '{"a": 1}'),
    ]
    assert (read[0].message.id, read[0].secondary, read[1].row) == ("7", "fees|pay", 5)
    assert [(row.row, row.reason) for row in rejected] == [
        (2, "这一行不是 JSON：第 2 个字符处有错"),
        (3, "空行"),
        (4, "这一行不是 JSON 对象"),
        (6, "这一行不是 UTF-8 编码"),
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("[" * 100_000, "这一行不是 JSON：嵌套太深"),
        ('{"id": ' + "9" * 5000 + "}", "这一行不是 JSON：数字太长"),
    ],
)
def test_a_monstrous_line_is_one_rejected_row(tmp_path: Path, line: str, reason: str) -> None:
    read, rejected = split(open_table(write(tmp_path, f'{{"text": "甲"}}\n{line}\n', "a.jsonl")))
    assert (len(read), [row.reason for row in rejected]) == (1, [reason])


def test_json_lines_are_known_by_their_content(tmp_path: Path) -> None:
    assert open_table(write(tmp_path, '{"text": "甲"}\n', "a.txt")).format == "jsonl"
    assert open_table(write(tmp_path, "{号},内容\n1,甲\n", "b.txt")).format == "csv"
    assert open_table(write(tmp_path, f'{{"text": "{"长" * 5000}"}}\n', "c.txt")).format == "jsonl"


def test_parquet_is_read_in_batches(tmp_path: Path) -> None:
    count = 10_000
    pq.write_table(
        pa.table({"id": list(range(count)), "text": ["甲"] * count, "date": [datetime(2024, 3, 5)] * count}),
        tmp_path / "a.dat",
    )
    table = open_table(tmp_path / "a.dat")
    read, rejected = split(table)
    assert (table.format, table.row_count, len(read), rejected) == ("parquet", count, count, [])
    assert read[-1].cells == (count - 1, "甲", datetime(2024, 3, 5))
    assert (read[-1].row, read[-1].message.id) == (count, str(count - 1))
    assert table.sheets[0].header_row == 0


def test_parquet_lists_are_joined(tmp_path: Path) -> None:
    pq.write_table(pa.table({"text": ["甲"], "secondary": [["fees", "pay"]], "raw": [b"x"]}), tmp_path / "a.parquet")
    (read,), _ = split(open_table(tmp_path / "a.parquet", need=frozenset({Role.TEXT, Role.SECONDARY})))
    assert read.cells == ("甲", "fees|pay", "x")
