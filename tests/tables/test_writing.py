"""Writing results: what a clerk sees in each format, and that nothing half-written is ever left."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest

from triage.errors import InputError
from triage.schema import RejectedRow
from triage.tables import Cell, Listing, Look, OutputColumn, ResultWriter, TotalsTable, open_table, sinks
from triage.tables.sinks import safe_csv_text, xlsx_text

COLUMNS = (OutputColumn("编号", 12), OutputColumn("内容", 60, wrap=True), OutputColumn("值", 8))
REJECTED = (RejectedRow("信访.xlsx", "一月", 7, "空行", "内容", ("1", "=x")),)
TOTALS = (
    TotalsTable("按类别", ("类别", "件数", "占比"), (("补课", 3, "75%"), ("收费", 1, "25%"))),
    TotalsTable("用时", ("项", "秒"), (("共", 0.5),)),
)
LISTING = Listing("要事", (OutputColumn("号", 10), OutputColumn("事", 40, wrap=True)))
ENDINGS = ("xlsx", "csv", "tsv", "parquet", "jsonl")


def write(
    path: Path, *rows: Sequence[Cell], rejected: Sequence[RejectedRow] = (), force: bool = False
) -> tuple[Path, ...]:
    with ResultWriter.open(path, columns=COLUMNS, sheet_name="结果", force=force) as writer:
        for place, row in enumerate(rows):
            writer.add(row, look=Look.DOUBTFUL if place == 1 else Look.PLAIN)
        return writer.finish(TOTALS, rejected)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def sentence(path: Path, action: str, **options: bool) -> str:
    with pytest.raises(InputError) as caught:
        if action == "open":
            ResultWriter.open(path, columns=COLUMNS, sheet_name="结果", **options)
        else:
            write(path, ["1", "甲", 2], force=True, rejected=REJECTED)
    return str(caught.value).replace(str(path.parent), "DIR")


def test_a_workbook_looks_as_a_clerk_wants_it(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    assert write(path, ["001", "=1+1", 5], ["002", "+86 138", 0.5], ["003", "乙", None]) == (path,)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["结果", "汇总", "未处理的行"]
    sheet = book["结果"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["编号", "内容", "值"],
        ["001", "=1+1", 5],
        ["002", "+86 138", 0.5],
        ["003", "乙", None],
    ]
    assert [sheet["B2"].data_type, sheet["A2"].data_type, sheet["C2"].data_type] == ["s", "s", "n"]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:C4")
    assert sheet["A1"].font.b
    assert sheet["A1"].fill.fgColor.rgb == "FFD9E1F2"
    assert [round(sheet.column_dimensions[place].width) for place in "ABC"] == [13, 61, 9]
    assert [sheet[f"{place}2"].alignment.wrap_text for place in "ABC"] == [None, True, None]
    assert {sheet[f"{place}2"].alignment.vertical for place in "ABC"} == {"top"}
    assert [row for row in range(1, 5) if sheet.row_dimensions[row].height is not None] == []


def test_a_row_is_coloured_by_its_look_in_all_its_cells(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with ResultWriter.open(path, columns=COLUMNS, sheet_name="结果") as writer:
        for look in Look:
            writer.add([None, "乙", datetime(2024, 3, 5)], look=look)
        writer.finish((), ())
    rows = list(openpyxl.load_workbook(path)["结果"].iter_rows(min_row=2))
    colours = [{cell.fill.fgColor.rgb if cell.fill.fill_type else None for cell in row} for row in rows]
    assert colours == [{None}, {"FFFFF2CC"}, {"FFF8CBAD"}]
    assert len(Look) == 3


# --- The listing ---


def enlist(path: Path, listed: Sequence[int], *, count: int = 4) -> None:
    """Writes numbered rows, of which some are put on the listing."""
    with ResultWriter.open(path, columns=COLUMNS, sheet_name="结果", listing=LISTING) as writer:
        for number in range(1, count + 1):
            writer.add([f"{number:03}", "甲", number])
            if number in listed:
                writer.enlist([f"{number:03}", "=1+1"])
        writer.finish(TOTALS, REJECTED)


def test_listed_rows_stand_on_a_sheet_of_their_own_with_links_to_them(tmp_path: Path) -> None:
    enlist(tmp_path / "a.xlsx", [2, 4])
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert book.sheetnames == ["结果", "要事", "汇总", "未处理的行"]
    sheet = book["要事"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["行", "号", "事"],
        ["3", "002", "=1+1"],
        ["5", "004", "=1+1"],
    ]
    assert sheet["C2"].data_type == "s"
    assert sheet.freeze_panes == "A2"
    for row in (2, 3):
        at, number = sheet.cell(row, 1), sheet.cell(row, 2).value
        sheet_name, _, place = at.hyperlink.location.rpartition("!")
        assert (sheet_name, place) == ("'结果'", f"A{at.value}")
        assert book["结果"][place].value == number


@pytest.mark.parametrize(("listed", "shown"), [([], "结果"), ([3], "要事")])
def test_the_listing_is_what_is_seen_first_if_there_is_anything_on_it(
    tmp_path: Path, listed: list[int], shown: str
) -> None:
    enlist(tmp_path / "a.xlsx", listed)
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert book.active.title == shown
    assert [sheet.title for sheet in book if sheet.sheet_view.tabSelected] == [shown]
    assert book["要事"].max_row == 1 + len(listed)


@pytest.mark.parametrize("ending", ENDINGS[1:])
def test_other_formats_have_no_room_for_a_listing(tmp_path: Path, ending: str) -> None:
    for name, listed in (("with", [1, 2]), ("without", [])):
        enlist(tmp_path / f"{name}.{ending}", listed)
    assert (tmp_path / f"with.{ending}").read_bytes() == (tmp_path / f"without.{ending}").read_bytes()


def test_a_workbook_without_a_listing_has_no_sheet_for_it(tmp_path: Path) -> None:
    with ResultWriter.open(tmp_path / "a.xlsx", columns=COLUMNS, sheet_name="结果") as writer:
        writer.add(["1", "甲", 1])
        writer.enlist(["1", "甲"])
        writer.finish((), ())
    assert openpyxl.load_workbook(tmp_path / "a.xlsx").sheetnames == ["结果", "汇总", "未处理的行"]


# --- Values ---


def test_values_keep_their_types_in_a_workbook(tmp_path: Path) -> None:
    values: list[Cell] = [
        datetime(2024, 3, 5, 1, 2, 3),
        date(2024, 3, 5),
        time(3, 4),
        True,
        7,
        0.25,
        float("inf"),
        12345678901234567890,
        datetime(1850, 1, 1),
        datetime(2024, 3, 5, tzinfo=UTC),
    ]
    write(tmp_path / "a.xlsx", *(["1", "甲", value] for value in values))
    cells = [row[2] for row in openpyxl.load_workbook(tmp_path / "a.xlsx")["结果"].iter_rows(min_row=2)]
    assert [cell.value for cell in cells] == [
        *[datetime(2024, 3, 5, 1, 2, 3), datetime(2024, 3, 5), time(3, 4), True, 7, 0.25],
        *[None, "12345678901234567890", "1850-01-01 00:00:00", datetime(2024, 3, 5)],
    ]
    assert [cell.number_format for cell in cells[:3]] == ["yyyy-mm-dd hh:mm:ss", "yyyy-mm-dd", "hh:mm:ss"]


def test_the_totals_stand_one_under_another(tmp_path: Path) -> None:
    write(tmp_path / "a.xlsx", ["1", "甲", 1])
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["汇总"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["按类别", None, None],
        ["类别", "件数", "占比"],
        ["补课", 3, "75%"],
        ["收费", 1, "25%"],
        [None, None, None],
        ["用时", None, None],
        ["项", "秒", None],
        ["共", 0.5, None],
    ]
    assert [sheet[place].font.b for place in ("A1", "B2", "A3", "A6", "A7")] == [
        True,
        True,
        False,
        True,
        True,
    ]


@pytest.mark.parametrize("rejected", [(), REJECTED])
def test_the_rejected_rows_have_a_sheet(tmp_path: Path, rejected: tuple[RejectedRow, ...]) -> None:
    write(tmp_path / "a.xlsx", ["1", "甲", 1], rejected=rejected)
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["未处理的行"]
    head, *rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert head == ["文件", "工作表", "行号", "列", "原因", "原内容"]
    assert rows == [["信访.xlsx", "一月", 7, "内容", "空行", "1 | =x"]] * len(rejected)


def test_text_is_cut_to_what_a_cell_holds() -> None:
    mark = "…（超出单元格长度，已截断）"
    assert xlsx_text("x" * 32_767) == "x" * 32_767
    assert xlsx_text("x" * 32_768) == "x" * (32_767 - len(mark)) + mark
    wide = xlsx_text("a" + "😀" * 20_000)
    assert len(wide.encode("utf-16-le")) <= 32_767 * 2
    assert wide.removesuffix(mark) == "a" + "😀" * ((32_767 - len(mark) - 1) // 2)
    assert xlsx_text("a\x00b\x0bc\ud800d\ufffee\tf\ng") == "abcde\tf\ng"


def test_long_text_reaches_the_workbook(tmp_path: Path) -> None:
    write(tmp_path / "a.xlsx", ["1", "长" * 40_000, 1])
    cell = openpyxl.load_workbook(tmp_path / "a.xlsx")["结果"]["B2"].value
    assert (len(cell), cell[-14:]) == (32_767, "…（超出单元格长度，已截断）"[-14:])


def test_more_rows_than_a_sheet_holds_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sinks.XLSX_ROWS == 1_048_575
    monkeypatch.setattr(sinks, "XLSX_ROWS", 2)
    with pytest.raises(InputError) as caught:
        write(tmp_path / "a.xlsx", ["1", "甲", 1], ["2", "乙", 2], ["3", "丙", 3])
    assert str(caught.value) == (
        f"{tmp_path / 'a.xlsx'}: a sheet of Excel holds 2 rows, and there are more. "
        "Write .csv or .parquet instead, with --out."
    )
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("+86 138", "'+86 138"),
        ("-甲", "'-甲"),
        ("@x", "'@x"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("-5", "-5"),
        ("+5.25", "+5.25"),
        ("-5%", "-5%"),
        ("甲=1", "甲=1"),
        ("a\0b", "ab"),
        ("\0=1", "'=1"),
        ("\ud800", "?"),
    ],
)
def test_csv_cells_are_no_formulas(text: str, safe: str) -> None:
    assert safe_csv_text(text) == safe


@pytest.mark.parametrize(("ending", "mark"), [("csv", ","), ("tsv", "\t")])
def test_csv_opens_in_excel(tmp_path: Path, ending: str, mark: str) -> None:
    path = tmp_path / f"a.{ending}"
    assert write(path, ["001", '甲,"\t\n', datetime(2024, 3, 5)], ["2", "=1", 3.0]) == (path,)
    data = path.read_bytes()
    assert data.startswith("\ufeff编号".encode())
    assert data.count(b"\r\n") == 3
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=mark))
    assert rows == [
        ["编号", "内容", "值"],
        ["001", '甲,"\t\n', "2024-03-05 00:00:00"],
        ["2", "'=1", "3"],
    ]
    assert names(tmp_path) == [path.name]


@pytest.mark.parametrize("ending", ENDINGS[1:])
def test_rejected_rows_go_beside_the_other_formats(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.{ending}"
    beside = tmp_path / "a.rejected.csv"
    assert write(path, ["1", "甲", 1], rejected=REJECTED) == (path, beside)
    assert beside.read_text("utf-8-sig") == ("文件,工作表,行号,列,原因,原内容\n信访.xlsx,一月,7,内容,空行,1 | =x\n")
    assert names(tmp_path) == sorted([path.name, beside.name])
    assert write(path, ["1", "甲", 1], force=True) == (path,)
    assert names(tmp_path) == [path.name]


def test_json_lines_have_the_columns_as_keys(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    write(path, ["001", "甲\n乙", datetime(2024, 3, 5, 1)], ["2", None, float("nan")], ["3", "\ud800", 1.5])
    lines = path.read_text("utf-8").splitlines()
    assert lines[0] == '{"编号": "001", "内容": "甲\\n乙", "值": "2024-03-05T01:00:00"}'
    assert [json.loads(line)["值"] for line in lines[1:]] == [None, 1.5]
    assert json.loads(lines[2])["内容"] == "?"


@pytest.mark.parametrize(
    ("values", "kind", "stored"),
    [
        ([1, None, 3], "int64", [1, None, 3]),
        ([1, 2.5], "double", [1.0, 2.5]),
        ([True, False], "bool", [True, False]),
        ([1, "007"], "string", ["1", "007"]),
        ([True, 1], "string", ["true", "1"]),
        ([2**63, 1], "string", [str(2**63), "1"]),
        ([datetime(2024, 3, 5, 1), None], "string", ["2024-03-05 01:00:00", None]),
        ([None, None], "string", [None, None]),
        ([*[1] * 9000, "x"], "string", [*["1"] * 9000, "x"]),
        ([1e-7, float("inf")], "double", [1e-7, float("inf")]),
    ],
)
def test_parquet_types_a_column_when_all_its_rows_agree(
    tmp_path: Path, values: list[Cell], kind: str, stored: list[object]
) -> None:
    path = tmp_path / "a.parquet"
    write(path, *(["007", "甲", value] for value in values))
    table = pq.read_table(path)
    assert [str(table.schema.field(place).type) for place in range(3)] == ["string", "string", kind]
    assert table.column("值").to_pylist() == stored


@pytest.mark.parametrize("ending", ENDINGS)
def test_no_rows_at_all_make_a_file_all_the_same(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.{ending}"
    assert write(path) == (path,)
    assert path.exists()


@pytest.mark.parametrize("ending", ENDINGS)
def test_columns_of_one_name_are_told_apart(tmp_path: Path, ending: str) -> None:
    columns = [OutputColumn("内容", 9), OutputColumn("类别", 9), OutputColumn("类别", 9)]
    with ResultWriter.open(tmp_path / f"a.{ending}", columns=columns, sheet_name="结果") as writer:
        writer.add(["甲", "pay", "fees"])
        writer.finish((), ())
    table = open_table(tmp_path / f"a.{ending}")
    assert table.columns == ("内容", "类别", "类别_2")
    assert [getattr(row, "cells", None) for row in table.rows()] == [("甲", "pay", "fees")]


@pytest.mark.parametrize("ending", ENDINGS)
def test_an_existing_file_is_kept_unless_forced(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.{ending}"
    path.write_bytes(b"old")
    assert sentence(path, "open") == (
        f"DIR/a.{ending}: exists already. Choose another name with --out, or overwrite it with --force."
    )
    assert (path.read_bytes(), names(tmp_path)) == (b"old", [path.name])
    write(path, ["1", "甲", 1], force=True)
    assert path.read_bytes() != b"old"


def test_existing_rejected_rows_are_kept_unless_forced(tmp_path: Path) -> None:
    (tmp_path / "a.rejected.csv").write_bytes(b"old")
    assert sentence(tmp_path / "a.csv", "open").startswith("DIR/a.rejected.csv: exists already. ")
    assert names(tmp_path) == ["a.rejected.csv"]


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("rows", [0, 3])
def test_an_exception_leaves_the_old_file_and_nothing_else(tmp_path: Path, ending: str, rows: int) -> None:
    path = tmp_path / f"a.{ending}"
    path.write_bytes(b"old")

    def interrupted() -> None:
        with ResultWriter.open(path, columns=COLUMNS, sheet_name="结果", force=True) as writer:
            for _ in range(rows):
                writer.add(["1", "甲", 1])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert (path.read_bytes(), names(tmp_path)) == (b"old", [path.name])


@pytest.mark.parametrize("ending", ENDINGS)
def test_leaving_without_finish_writes_nothing(tmp_path: Path, ending: str) -> None:
    with ResultWriter.open(tmp_path / f"a.{ending}", columns=COLUMNS, sheet_name="结果") as writer:
        writer.add(["1", "甲", 1])
        (draft,) = names(tmp_path)
        assert draft.startswith(f".a.{ending}.")
        assert draft.endswith(".tmp")
    assert names(tmp_path) == []


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_result_open_in_excel_is_explained_and_nothing_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    path = tmp_path / f"a.{ending}"
    path.write_bytes(b"old")
    replace = Path.replace

    def refuse(self: Path, target: Path) -> Path:
        if target == path:
            raise PermissionError(13, "locked")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", refuse)
    assert sentence(path, "write") == (
        f"DIR/a.{ending}: cannot be replaced: it is open in another program. "
        "Close it in Excel or WPS and run the command again."
    )
    assert (path.read_bytes(), names(tmp_path)) == (b"old", [path.name])


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_full_disk_is_explained_and_nothing_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    def refuse(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("triage.tables.disk.os.fsync", refuse)
    assert sentence(tmp_path / f"a.{ending}", "write") == (
        f"DIR/a.{ending}: cannot be written: No space left on device. "
        "Make room on the disk, or choose another folder with --out."
    )
    assert names(tmp_path) == []


def test_places_where_nothing_can_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "b.csv").mkdir()
    assert sentence(tmp_path / "b.csv", "open", force=True) == "DIR/b.csv: is a folder. Choose another name with --out."
    assert sentence(tmp_path / "a.doc", "open") == (
        "DIR/a.doc: the ending 「.doc」 names no format that can be written. "
        "Use one of .xlsx, .csv, .tsv, .parquet, .jsonl."
    )
    assert sentence(tmp_path / "没有" / "a.csv", "open") == (
        "DIR/a.csv: there is no folder DIR. Make it, or choose another with --out."
    )

    def refuse(**_: object) -> str:
        raise PermissionError(13, "read only")

    monkeypatch.setattr(tempfile, "mkdtemp", refuse)
    assert sentence(tmp_path / "a.csv", "open") == (
        "DIR/a.csv: nothing can be written into the folder DIR. Choose another folder with --out."
    )
    assert names(tmp_path) == ["b.csv"]


def test_a_bad_sheet_name_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="Excel"):
        ResultWriter.open(tmp_path / "a.xlsx", columns=COLUMNS, sheet_name="a/b")
    assert names(tmp_path) == []


def test_a_row_of_another_width_is_a_mistake_of_the_caller(tmp_path: Path) -> None:
    with (
        ResultWriter.open(tmp_path / "a.csv", columns=COLUMNS, sheet_name="结果") as writer,
        pytest.raises(ValueError, match="a row of 2 cells for 3 columns"),
    ):
        writer.add(["1", "甲"])


# --- What may be picked from a list ---


def picked(path: Path, *columns: OutputColumn, rows: int = 2) -> Any:
    with ResultWriter.open(path, columns=columns, sheet_name="结果") as writer:
        for number in range(rows):
            writer.add([f"第{number}", *[None] * (len(columns) - 1)])
        writer.finish((), ())
    return openpyxl.load_workbook(path)


def offered(book: Any) -> dict[str, list[str]]:
    """The list that each range of the first sheet offers, wherever the workbook keeps it."""
    found = {}
    for rule in book["结果"].data_validations.dataValidation:
        assert (rule.type, rule.allowBlank, rule.errorStyle) == ("list", True, None)
        where, _, cells = rule.formula1.partition("!")
        kept = [cell.value for (cell,) in book[where][cells.replace("$", "")]] if cells else where.strip('"').split(",")
        found[str(rule.sqref)] = kept
    return found


def test_a_workbook_offers_the_choices_of_a_column_on_its_rows(tmp_path: Path) -> None:
    names = ("违规补课", "教育收费")
    book = picked(tmp_path / "a.xlsx", OutputColumn("内容", 9), OutputColumn("人工类别", 9, choices=names))
    assert offered(book) == {"B2:B3": list(names)}
    assert book.sheetnames == ["结果", "汇总", "未处理的行"]


@pytest.mark.parametrize(
    "names", [tuple(f"第{number}类教育事项" for number in range(60)), ("甲,乙", "丙"), ('所谓"减负"', "丙")]
)
def test_choices_that_are_too_long_for_a_cell_stand_on_a_sheet_that_nobody_sees(
    tmp_path: Path, names: tuple[str, ...]
) -> None:
    other = tuple(f"{name}二" for name in names)
    columns = [OutputColumn("内容", 9), *(OutputColumn("选", 9, choices=each) for each in (names, other, names))]
    book = picked(tmp_path / "a.xlsx", *columns)
    assert offered(book) == {"B2:B3": list(names), "C2:C3": list(other), "D2:D3": list(names)}
    assert [sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible"] == [
        "结果",
        "汇总",
        "未处理的行",
    ]
    assert [each.name for each in open_table(tmp_path / "a.xlsx").sheets] == ["结果"]


def test_choices_leave_other_formats_and_empty_tables_alone(tmp_path: Path) -> None:
    columns = [OutputColumn("内容", 9), OutputColumn("选", 9, choices=("甲", "乙"))]
    assert offered(picked(tmp_path / "a.xlsx", *columns, rows=0)) == {}
    with ResultWriter.open(tmp_path / "a.csv", columns=columns, sheet_name="结果") as writer:
        writer.add(["信", None])
        writer.finish((), ())
    assert (tmp_path / "a.csv").read_text(encoding="utf-8-sig").splitlines() == ["内容,选", "信,"]
