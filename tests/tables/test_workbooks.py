"""Reading workbooks as offices save them."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path

import openpyxl
import pytest
import xlwt
from openpyxl.worksheet.worksheet import Worksheet

from triage.errors import InputError
from triage.schema import Channel, Message, RejectedRow
from triage.tables import Role, SourceRow, Table, open_table


def save(path: Path, *sheets: tuple[str, Callable[[Worksheet], None]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, fill in sheets:
        fill(book.create_sheet(name))
    book.save(path)
    return path


def lines(*rows: Sequence[object]) -> Callable[[Worksheet], None]:
    def fill(sheet: Worksheet) -> None:
        for row in rows:
            sheet.append(list(row))

    return fill


def split(table: Table) -> tuple[list[SourceRow], list[RejectedRow]]:
    rows = list(table.rows())
    return (
        [row for row in rows if isinstance(row, SourceRow)],
        [row for row in rows if isinstance(row, RejectedRow)],
    )


def test_a_plain_sheet_becomes_messages(tmp_path: Path) -> None:
    head = ["留言编号", "留言主题", "留言详情", "留言时间", "留言用户", "来源", "类别", "次要类别"]
    row = ["A1", "补课", "学校补课", datetime(2024, 3, 5, 1, 2), "张三 ", "来信", " tutoring", "fees|pay"]
    table = open_table(save(tmp_path / "a.xlsx", ("信访", lines(head, row))))
    (read,), rejected = split(table)
    assert read.message == Message("A1", "补课", "学校补课", datetime(2024, 3, 5, 1, 2), Channel.LETTER, "张三")
    assert (read.sheet, read.row, read.category, read.secondary) == ("信访", 2, "tutoring", "fees|pay")
    assert read.cells == tuple(row)
    assert (table.format, table.encoding, table.delimiter, table.row_count) == ("xlsx", "", "", 1)
    assert (table.columns, rejected, table.skipped) == (tuple(head), [], ())


def test_the_header_is_found_below_titles_and_away_from_the_corner(tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet["B2"] = "某市教育局信访件清单"
        sheet.merge_cells("B2:D2")
        sheet["B3"], sheet["C3"], sheet["D3"] = "制表单位：", "办公室", "日期：2024"
        for place, name in zip("BCD", ("编号", "内容*", "日期："), strict=True):
            sheet[f"{place}6"] = name
        sheet["B7"], sheet["C7"] = "1", "甲"

    table = open_table(save(tmp_path / "a.xlsx", ("表", fill)))
    (info,) = table.sheets
    assert info.header_row == 6
    assert info.columns == ("编号", "内容*", "日期：")
    assert info.roles == {Role.ID: "编号", Role.TEXT: "内容*", Role.RECEIVED_AT: "日期："}
    (read,), _ = split(table)
    assert (read.row, read.cells) == (7, ("1", "甲", None))


def test_a_header_of_two_rows_gives_the_lower_names_and_the_merged_ones(tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        lines(["编号", "信访人", None, "内容"], [None, "姓名", "电话", None], ["1", "张", "138", "甲"])(sheet)
        lines(["编号", "信访人", None, "内容"], ["编号", "姓名", "电话", "内容"])(sheet)
        for area in ("A1:A2", "B1:C1", "D1:D2"):
            sheet.merge_cells(area)

    table = open_table(save(tmp_path / "a.xlsx", ("表", fill)))
    assert table.columns == ("编号", "姓名", "电话", "内容")
    assert table.sheets[0].header_row == 2
    (read,), rejected = split(table)
    assert (read.message.sender, read.row) == ("张", 3)
    assert [(row.row, row.reason) for row in rejected] == [(4, "重复的表头"), (5, "重复的表头")]


def test_vertical_merges_fill_down_and_horizontal_ones_do_not(tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        lines(["编号", "来源", "内容", "备注"], ["1", "来电", "甲", "长"], ["2", None, "乙"], ["3", None, "丙"])(sheet)
        sheet.merge_cells("B2:B3")
        sheet.merge_cells("C4:D4")

    rows, _ = split(open_table(save(tmp_path / "a.xlsx", ("表", fill))))
    assert [row.message.channel for row in rows] == [Channel.PHONE, Channel.PHONE, None]
    assert rows[1].cells == ("2", "来电", "乙", None)
    assert rows[2].cells == ("3", None, "丙", None)


def test_a_row_that_only_a_merge_fills_is_empty(tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        lines(["编号", "内容"], ["1", "甲"], [], ["2", "乙"])(sheet)
        sheet.merge_cells("A2:A3")
        sheet.merge_cells("B2:B3")

    rows, rejected = split(open_table(save(tmp_path / "a.xlsx", ("表", fill))))
    assert [row.message.id for row in rows] == ["1", "2"]
    assert [(row.row, row.reason) for row in rejected] == [(3, "空行")]


def test_merges_work_in_xls_too(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("旧表")
    for place, name in enumerate(("编号", "来源", "内容")):
        sheet.write(1, place + 1, name)
    sheet.write_merge(2, 3, 2, 2, "来访")
    for row, words in ((2, "甲"), (3, "乙")):
        sheet.write(row, 1, 20240000 + row)
        sheet.write(row, 3, words)
    book.save(str(tmp_path / "a.xls"))
    table = open_table(tmp_path / "a.xls")
    rows, rejected = split(table)
    assert table.format == "xls"
    assert [(row.row, row.message.id, row.message.channel) for row in rows] == [
        (3, "20240002", Channel.VISIT),
        (4, "20240003", Channel.VISIT),
    ]
    assert rejected == []


def test_ids_are_text_and_cells_keep_their_types(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["编号", "内容", "数"],
        ["007", "甲", 1.5],
        [20240001, "乙", True],
        [1234567890123456789, "丙", time(3, 4)],
    ]
    read, _ = split(open_table(save(tmp_path / "a.xlsx", ("表", lines(*rows)))))
    assert [row.message.id for row in read] == ["007", "20240001", "1234567890123460000"]
    assert [row.cells[2] for row in read] == [1.5, True, time(3, 4)]
    assert isinstance(read[1].cells[0], int | float)


def test_a_span_of_time_is_kept_as_text(tmp_path: Path) -> None:
    rows: list[list[object]] = [["内容", "用时"], ["甲", timedelta(hours=30)]]
    (read,), _ = split(open_table(save(tmp_path / "a.xlsx", ("表", lines(*rows)))))
    assert read.cells == ("甲", "1 day, 6:00:00")


def test_unreadable_dates_are_counted_anew_each_time(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["内容", "日期"],
        ["甲", "去年"],
        ["乙", 45356],
        ["丙", None],
        ["丁", date(2024, 3, 5)],
    ]
    table = open_table(save(tmp_path / "a.xlsx", ("表", lines(*rows))))
    read, rejected = split(table)
    assert [row.message.received_at for row in read] == [
        None,
        datetime(2024, 3, 5),
        None,
        datetime(2024, 3, 5),
    ]
    assert (table.unreadable_dates, rejected) == (1, [])
    assert split(table)[0] == read
    assert table.unreadable_dates == 1


def test_rows_that_cannot_be_used_say_why(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["编号", "标题", "内容", "类别"],
        ["1", "甲", None, "pay"],
        [None, "乙", "乙", "pay"],
        ["3", None, " ", "pay"],
        ["4", "丁", "丁", None],
        [None],
        ["编号", "标题", "内容 ", "类别"],
        ["7", None, "#REF!", "pay"],
        ["8", "辛", "辛", "pay"],
    ]
    need = frozenset({Role.ID, Role.TEXT, Role.CATEGORY})
    path = save(tmp_path / "a.xlsx", ("表", lines(*rows)))
    read, rejected = split(open_table(path, need=need))
    assert [row.message.id for row in read] == ["1", "8"]
    assert [(row.source, row.sheet, row.row, row.reason, row.column) for row in rejected] == [
        (str(path), "表", 3, "没有编号", "编号"),
        (str(path), "表", 4, "标题和内容都是空的", "内容"),
        (str(path), "表", 5, "没有类别", "类别"),
        (str(path), "表", 6, "空行", ""),
        (str(path), "表", 7, "重复的表头", ""),
        (str(path), "表", 8, "标题和内容都是空的", "内容"),
    ]
    assert rejected[0].cells == ("", "乙", "乙", "pay")


def test_empty_rows_at_the_end_do_not_exist(tmp_path: Path) -> None:
    rows: list[list[object]] = [["编号", "内容"], ["1", "甲"], [" ", None], [None, " "]]
    read, rejected = split(open_table(save(tmp_path / "a.xlsx", ("表", lines(*rows)))))
    assert (len(read), rejected) == (1, [])


def test_a_title_alone_does_for_a_text(tmp_path: Path) -> None:
    table = open_table(save(tmp_path / "a.xlsx", ("表", lines(["标题"], ["甲"]))))
    (read,), _ = split(table)
    assert (read.message.title, read.message.text, read.message.id) == ("甲", "", "行2")


def test_sheets_are_united_and_their_ids_told_apart(tmp_path: Path) -> None:
    path = save(
        tmp_path / "a.xlsx",
        ("一月", lines(["内容", "备注", "备注"], ["甲", 1, 2])),
        ("二月", lines(["说明"], ["备注", "来源", "内容"], [3, "来信", "乙"])),
    )
    table = open_table(path)
    read, _ = split(table)
    assert table.columns == ("内容", "备注", "备注_2", "来源")
    assert [row.cells for row in read] == [("甲", 1, 2, None), ("乙", 3, None, "来信")]
    assert [(row.sheet, row.row, row.message.id) for row in read] == [
        ("一月", 2, "一月!行2"),
        ("二月", 3, "二月!行3"),
    ]
    assert table.row_count == 2


def test_one_sheet_can_be_named(tmp_path: Path) -> None:
    path = save(tmp_path / "a.xlsx", ("一", lines(["内容"], ["甲"])), ("二", lines(["内容"], ["乙"])))
    table = open_table(path, sheet="二")
    assert [row.message.id for row in split(table)[0]] == ["行2"]
    assert [info.name for info in table.sheets] == ["二"]


def test_hidden_sheets_are_read_and_others_listed_with_the_reason(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    hidden = book.worksheets[0]
    hidden.title, hidden.sheet_state = "隐", "hidden"
    lines(["内容"], ["甲"])(hidden)
    book.create_sheet("空")
    lines(["你好"])(book.create_sheet("话"))
    lines(["类别", "件数"], ["补课", 3])(book.create_sheet("汇总"))
    lines(["内容"])(book.create_sheet("无行"))
    book.create_chartsheet("图")
    book.active = 1
    book.save(tmp_path / "a.xlsx")
    table = open_table(tmp_path / "a.xlsx")
    assert [row.message.text for row in split(table)[0]] == ["甲"]
    assert table.skipped == (
        "图: holds no cells, only a chart or a dialog.",
        "空: has no text in it.",
        "话: no row names the columns; the first row with text, row 1, says: 你好.",
        "汇总: no column for the text (内容) was recognised; the columns are: 类别, 件数.",
        "无行: has a header but no rows.",
    )


def test_notes_without_a_heading_get_a_name(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["标题很长的表", None, None, None, "x"],
        ["内容", None, "来源"],
        ["甲", 1, None, "批注"],
        ["乙"],
    ]
    table = open_table(save(tmp_path / "a.xlsx", ("表", lines(*rows))))
    assert table.columns == ("内容", "列2", "来源", "列4")
    assert [row.cells for row in split(table)[0]] == [("甲", 1, None, "批注"), ("乙", None, None, None)]


def test_the_clerks_category_goes_before_the_models(tmp_path: Path) -> None:
    rows: list[list[object]] = [["内容", "类别", "人工类别"], ["甲", "pay", "fees"]]
    (read,), _ = split(open_table(save(tmp_path / "a.xlsx", ("表", lines(*rows)))))
    assert read.category == "fees"


def test_the_users_columns_find_the_header(tmp_path: Path) -> None:
    path = save(tmp_path / "a.xlsx", ("表", lines(["清单"], ["号", "话"], ["1", "甲"])))
    table = open_table(path, columns={Role.ID: "号", Role.TEXT: "话"})
    (read,), _ = split(table)
    assert (read.message.id, read.message.text, table.sheets[0].header_row) == ("1", "甲", 2)


@pytest.mark.parametrize("ending", [".csv", ".xls", ".txt", ""])
def test_a_workbook_is_known_by_its_content(tmp_path: Path, ending: str) -> None:
    path = save(tmp_path / "a.xlsx", ("表", lines(["内容"], ["甲"]))).rename(tmp_path / f"b{ending}")
    assert open_table(path).format == "xlsx"


def test_errors_of_a_row_stay_out_of_the_other_sheets(tmp_path: Path) -> None:
    path = save(tmp_path / "a.xlsx", ("一", lines(["号", "话"], [1, "甲"])), ("二", lines(["件"], ["x"])))
    with pytest.raises(InputError) as caught:
        open_table(path)
    assert str(caught.value) == (
        f"{path}: no sheet can be read. "
        "一: no row names the columns; the first row with text, row 1, says: 号, 话; "
        "二: no row names the columns; the first row with text, row 1, says: 件. "
        "Name the column of the text with --column text=列名."
    )


def test_an_old_table_of_wps_is_read_as_xls(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("表")
    sheet.write(0, 0, "内容")
    sheet.write(1, 0, "甲")
    book.save(str(tmp_path / "a.et"))
    table = open_table(tmp_path / "a.et")
    assert (table.format, [row.message.text for row in split(table)[0]]) == ("xls", ["甲"])


def test_open_document_sheets_are_read(tmp_path: Path) -> None:
    namespaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    cells = [
        f"<table:table-row>{''.join(map(ods_cell, row))}</table:table-row>" for row in (["编号", "内容"], ["007", "甲"])
    ]
    content = (
        f'<?xml version="1.0"?><office:document-content {namespaces}><office:body><office:spreadsheet>'
        f'<table:table table:name="表">{"".join(cells)}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(tmp_path / "a.ods", "w") as file:
        file.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        file.writestr("content.xml", content)
        file.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
    table = open_table(tmp_path / "a.ods")
    assert (table.format, [row.cells for row in split(table)[0]]) == ("ods", [("007", "甲")])


def ods_cell(text: str) -> str:
    return f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'
