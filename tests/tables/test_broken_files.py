"""Files that cannot be read: each with the sentence that the clerk gets, word by word."""

from __future__ import annotations

import os
import random
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlwt

from triage.errors import InputError
from triage.tables import Role, open_table, sniffing

SAVE_AGAIN = "Open it in Excel or WPS and save it again as .xlsx."
GIVE = "Give a table: .xlsx, .xls, .csv, .tsv, .parquet or .jsonl."
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
CHINESE = "这是一封反映学校乱收费问题的来信，请有关部门核实处理。"


def sentence(path: Path, **options: object) -> str:
    """Read the file to its end and return what is said, without the folder."""
    with pytest.raises(InputError) as caught:
        list(open_table(path, **options).rows())  # type: ignore[arg-type]
    return str(caught.value).replace(f"{path.parent}{os.sep}", "")


def workbook(path: Path, *rows: Sequence[object], title: str = "表") -> Path:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    book.save(path)
    return path


def archive(path: Path, *names: str) -> Path:
    with zipfile.ZipFile(path, "w") as file:
        for name in names:
            file.writestr(name, "x")
    return path


def ole(stream: str) -> bytes:
    return OLE + f"{stream}\0".encode("utf-16-le") + bytes(512)


BYTES: dict[str, tuple[str, bytes, str]] = {
    "empty": ("a.csv", b"", "a.csv: is empty (0 bytes). Export or copy the table again."),
    "protected": (
        "a.xlsx",
        ole("EncryptedPackage"),
        "a.xlsx: is protected by a password. Open it, remove the password, save again.",
    ),
    "doc": ("a.doc", ole("WordDocument"), f"a.doc: is a Word document, not a table. {GIVE}"),
    "ppt": ("a.ppt", ole("PowerPoint Document"), f"a.ppt: is a PowerPoint presentation, not a table. {GIVE}"),
    "other ole": (
        "a.msg",
        ole("Mail"),
        f"a.msg: is an Office file with no workbook in it, not a table. {GIVE}",
    ),
    "broken xls": (
        "a.xls",
        ole("Workbook"),
        f"a.xls: is damaged and cannot be read as a workbook. {SAVE_AGAIN}",
    ),
    "pdf": ("a.xlsx", b"%PDF-1.7\n", f"a.xlsx: is a PDF, not a table. {GIVE}"),
    "rtf": ("a.doc", b"{\\rtf1}", f"a.doc: is a Word document, not a table. {GIVE}"),
    "png": ("a.png", b"\x89PNG\r\n\x1a\n", f"a.png: is a picture, not a table. {GIVE}"),
    "jpeg": ("a.jpg", b"\xff\xd8\xff\xe0", f"a.jpg: is a picture, not a table. {GIVE}"),
    "bmp": ("a.bmp", b"BM\x10\x00\x00\x00\x00\x00\x00\x00\x36", f"a.bmp: is a picture, not a table. {GIVE}"),
    "rar": ("a.rar", b"Rar!\x1a\x07", f"a.rar: is an archive, not a table. {GIVE}"),
    "cut zip": (
        "a.xlsx",
        b"PK\x03\x04" + bytes(100),
        f"a.xlsx: is damaged: its end is missing or unreadable. Copy or download it again. {SAVE_AGAIN}",
    ),
    "html": (
        "a.xls",
        b"\xef\xbb\xbf\r\n <HTML><table><tr><td>x</td></tr></table></HTML>",
        "a.xls: is an HTML page saved as .xls. Open it in Excel or WPS and save as .xlsx.",
    ),
    "html without ending": (
        "a",
        b"<!DOCTYPE html><p>",
        "a: is an HTML page saved as a file without an ending. Open it in Excel or WPS and save as .xlsx.",
    ),
    "xml": (
        "a.xls",
        b"<?xml version='1.0'?><Workbook/>",
        f"a.xls: is an XML file, not a table. {SAVE_AGAIN}",
    ),
    "json list": (
        "a.json",
        b'[{"text": "x"}]',
        "a.json: is one JSON list, which cannot be read row by row. Give one object a line, and name the file .jsonl.",
    ),
    "no json": (
        "a.jsonl",
        b"x\ny\n",
        'a.jsonl: has not one line that is a JSON object. Write one object a line, such as {"id": "1", "text": "…"}.',
    ),
    "broken parquet": (
        "a.parquet",
        b"PAR1" + bytes(50),
        f"a.parquet: is damaged and cannot be read as parquet. {SAVE_AGAIN}",
    ),
    "utf-16 without mark": (
        "a.csv",
        "id,text\n1,hello\n".encode("utf-16-le"),
        f"a.csv: is in no known encoding: neither UTF-8, UTF-16 nor GB18030 (GBK). {SAVE_AGAIN}",
    ),
    "no encoding": (
        "a.csv",
        "编号,内容\n1,甲\n".encode("gbk") + b"2,\xff\xff\n",
        f"a.csv: is in no known encoding: neither UTF-8, UTF-16 nor GB18030 (GBK). {SAVE_AGAIN}",
    ),
    "damaged utf-8": (
        "a.csv",
        f"编号,内容\n1,{CHINESE}\n2,".encode() + b"\xe4\xb8\n3,x\n",
        f"a.csv, line 3: is damaged: the text is UTF-8, but this line is not. Copy or download it again. {SAVE_AGAIN}",
    ),
    "cut utf-8": (
        "a.csv",
        f"\ufeff编号,内容\n1,{CHINESE}".encode()[:-1],
        f"a.csv, line 2: is damaged: the text is UTF-8, but this line is not. Copy or download it again. {SAVE_AGAIN}",
    ),
    "open quote": (
        "a.csv",
        '编号,内容\n1,甲\n2,"乙\n3,丙\n'.encode(),
        "a.csv, line 3: the quotation marks of the row that begins here do not match. "
        f'Close the mark, or write "" for a quotation mark inside a cell. {SAVE_AGAIN}',
    ),
    "quote in a quote": (
        "a.csv",
        '编号,内容\n1,"甲"乙"\n3,丙\n'.encode(),
        "a.csv, line 2: the quotation marks of the row that begins here do not match. "
        f'Close the mark, or write "" for a quotation mark inside a cell. {SAVE_AGAIN}',
    ),
    "header alone": (
        "a.csv",
        "编号,内容\n\n".encode(),
        "a.csv, header row 1: has a header but no rows. Export it again, with its rows.",
    ),
    "blank": (
        "a.csv",
        b"\n \n",
        "a.csv: has no text in it. Give the table that holds the letters.",
    ),
    "no header": (
        "a.csv",
        "\n甲,很长很长很长很长很长很长很长很长很长很长很长\n".encode(),
        "a.csv: no row names the columns; the first row with text, row 2, says: "
        "甲, 很长很长很长很长很长很长很长很长很长很长…. Name the column of the text with --column text=列名.",
    ),
    "no text": (
        "a.csv",
        "编号,日期\n1,2024-03-05\n".encode(),
        "a.csv, header row 1: no column for the text (内容) was recognised; the columns are: 编号, 日期. "
        "Name it with --column text=列名.",
    ),
}


@pytest.mark.parametrize("case", BYTES)
def test_a_broken_file_is_explained(tmp_path: Path, case: str) -> None:
    name, data, expected = BYTES[case]
    path = tmp_path / name
    path.write_bytes(data)
    assert sentence(path) == expected


def test_a_missing_file(tmp_path: Path) -> None:
    assert sentence(tmp_path / "没有.xlsx") == "没有.xlsx: does not exist. Check the name and the folder."


def test_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").mkdir()
    assert sentence(tmp_path / "a.xlsx") == "a.xlsx: is a folder, not a file. Give the file itself."


def test_the_lock_file_of_excel(tmp_path: Path) -> None:
    path = tmp_path / "~$a.xlsx"
    path.write_bytes(b"\x05user")
    assert sentence(path) == "~$a.xlsx: is Excel's own lock file; give the file without ~$."


def test_a_file_that_another_program_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = workbook(tmp_path / "a.xlsx", ["内容"], ["甲"])

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "locked")

    monkeypatch.setattr(Path, "open", refuse)
    assert sentence(path) == (
        "a.xlsx: cannot be opened: another program holds it, or you may not read it. "
        "Close it in Excel or WPS and try again."
    )


def test_an_xls_with_a_password(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    book.add_sheet("表").write(0, 0, "内容")
    path = tmp_path / "a.xls"
    book.save(str(path))
    data = bytearray(path.read_bytes())
    start = data.index(b"\x09\x08\x10\x00\x00\x06\x05\x00") + 20
    data[start : start + 2] = b"\x2f\x00"
    path.write_bytes(data)
    assert sentence(path) == "a.xls: is protected by a password. Open it, remove the password, save again."


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (["word/document.xml"], "a Word document"),
        (["ppt/presentation.xml"], "a PowerPoint presentation"),
        (["x.csv"], "a zip archive with no workbook in it"),
        ([], "a zip archive with no workbook in it"),
    ],
)
def test_zips_that_are_no_workbooks(tmp_path: Path, names: list[str], kind: str) -> None:
    assert sentence(archive(tmp_path / "a.xlsx", *names)) == f"a.xlsx: is {kind}, not a table. {GIVE}"


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/workbook.bin"])
def test_zips_that_only_look_like_workbooks(tmp_path: Path, part: str) -> None:
    expected = f"a.xlsx: is damaged and cannot be read as a workbook. {SAVE_AGAIN}"
    assert sentence(archive(tmp_path / "a.xlsx", part)) == expected


def test_a_workbook_cut_short(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ["内容"], ["甲"])
    path.write_bytes(path.read_bytes()[:-200])
    assert sentence(path) == (
        f"a.xlsx: is damaged: its end is missing or unreadable. Copy or download it again. {SAVE_AGAIN}"
    )


def test_a_workbook_that_unpacks_to_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sniffing.MAX_UNPACKED == 4 * 1024**3
    path = workbook(tmp_path / "a.xlsx", ["内容"], ["甲"])
    monkeypatch.setattr(sniffing, "MAX_UNPACKED", 1000)
    assert sentence(path) == (
        "a.xlsx: claims to unpack to more than 4 GB, which no table of letters does. "
        "Ask where the file comes from before you open it."
    )


@pytest.mark.parametrize("seed", range(40))
def test_bytes_changed_at_random_never_raise_anything_else(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    rows = ([number, "甲" * number] for number in range(30))
    data = bytearray(workbook(tmp_path / "a.xlsx", ["编号", "内容"], *rows).read_bytes())
    for _ in range(20):
        data[chance.randrange(len(data))] = chance.randrange(256)
    path = tmp_path / "b.xlsx"
    path.write_bytes(data)
    try:
        list(open_table(path).rows())
    except InputError as error:
        assert error.where.startswith(str(path))
        assert error.what


def test_a_workbook_of_charts_alone(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    book.create_chartsheet("图")
    book.save(tmp_path / "a.xlsx")
    assert sentence(tmp_path / "a.xlsx") == "a.xlsx: has no sheet with cells. Give the workbook with the table."


def test_a_workbook_without_a_header(tmp_path: Path) -> None:
    assert sentence(workbook(tmp_path / "a.xlsx", ["号", "话"], [1, "甲"])) == (
        "a.xlsx, sheet 表: no row names the columns; the first row with text, row 1, says: 号, 话. "
        "Name the column of the text with --column text=列名."
    )


def test_a_workbook_with_an_empty_sheet(tmp_path: Path) -> None:
    assert sentence(workbook(tmp_path / "a.xlsx")) == (
        "a.xlsx, sheet 表: has no text in it. Give the table that holds the letters."
    )


def test_a_workbook_with_a_header_alone(tmp_path: Path) -> None:
    assert sentence(workbook(tmp_path / "a.xlsx", ["清单"], ["编号", "内容"], [None, " "])) == (
        "a.xlsx, sheet 表, header row 2: has a header but no rows. Export it again, with its rows."
    )


def test_a_sheet_that_is_not_there(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ["内容"], ["甲"])
    assert sentence(path, sheet="二月") == (
        "a.xlsx: has no sheet 「二月」; its sheets are: 表. Name one of them with --sheet."
    )


def test_a_sheet_of_a_file_without_sheets(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("内容\n甲\n", encoding="utf-8")
    assert sentence(path, sheet="一") == "a.csv: has no sheets, so none is called 「一」. Leave out --sheet."


def test_a_column_that_is_not_there(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ["编号", "内容"], [1, "甲"])
    assert sentence(path, columns={Role.SENDER: "人"}) == (
        "a.xlsx, sheet 表, header row 1: there is no column 「人」 (sender); the columns are: 编号, 内容. "
        "Name one of them with --column sender=列名."
    )


@pytest.mark.parametrize(("role", "word"), [(Role.CATEGORY, "类别"), (Role.ID, "编号"), (Role.RECEIVED_AT, "时间")])
def test_a_needed_column_that_was_not_recognised(tmp_path: Path, role: Role, word: str) -> None:
    path = workbook(tmp_path / "a.xlsx", ["内容", "其他"], ["甲", "乙"])
    assert sentence(path, need=frozenset({Role.TEXT, role})) == (
        f"a.xlsx, sheet 表, header row 1: no column for the {role} ({word}) was recognised; the columns are: "
        f"内容, 其他. Name it with --column {role}=列名."
    )


def test_parquet_without_a_text_column(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": [1]}), tmp_path / "a.parquet")
    assert sentence(tmp_path / "a.parquet") == (
        "a.parquet: no column for the text (内容) was recognised; the columns are: a. Name it with --column text=列名."
    )


def test_parquet_damaged_after_its_start(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": [f"{number}" * 50 for number in range(5000)]}), path)
    data = bytearray(path.read_bytes())
    data[100:3000] = bytes(2900)
    path.write_bytes(data)
    assert sentence(path) == f"a.parquet: is damaged and cannot be read as parquet. {SAVE_AGAIN}"


@pytest.mark.parametrize("make", [lambda path: path.unlink(), lambda path: path.write_bytes(b"\xff" * 9)])
def test_a_file_that_changes_while_it_is_read(tmp_path: Path, make: Callable[[Path], object]) -> None:
    path = tmp_path / "a.csv"
    path.write_text("内容\n甲\n", encoding="utf-8")
    table = open_table(path)
    make(path)
    with pytest.raises(InputError, match=r"a\.csv: (does not exist|is damaged, or is not what its name says)\. "):
        list(table.rows())
