"""One writer for each format; each writes to the path it is given and knows nothing of temporary files."""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import Enum
from itertools import zip_longest
from pathlib import Path
from typing import Any, Protocol

from triage.errors import InputError
from triage.schema import RejectedRow
from triage.tables.cells import Cell, cell_text

XLSX_ROWS = 1_048_575
"""Rows that fit into a sheet below its header."""

XLSX_CELL = 32_767
"""Characters that fit into a cell, as UTF-16 counts them."""

TOTALS_SHEET = "汇总"
REJECTED_HEADER = ("文件", "工作表", "行号", "列", "原因", "原内容")
_REJECTED_WIDTHS = (30, 14, 8, 14, 30, 80)
_TOTALS_WIDTHS = (24, 14, 14, 14, 14, 14)
_CUT = "…（超出单元格长度，已截断）"
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_CHOICES_SHEET = "选项"
_CHOICES_CHARS = 255
"""Characters of a list that Excel keeps with the cells themselves; a longer one must stand on a sheet."""
_PLAIN_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?%?")


@dataclass(frozen=True, slots=True)
class OutputColumn:
    """A column of the result; `width` in characters, as Excel counts it.

    Where there are `choices`, a workbook offers them in a list on every row below the header and takes nothing else but
    an empty cell; other formats have no room for that.
    """

    name: str
    width: int
    wrap: bool = False
    choices: tuple[str, ...] = ()


class Look(Enum):
    """How a row looks in a workbook: the colour of its cells."""

    PLAIN = ""
    DOUBTFUL = "#FFF2CC"
    URGENT = "#F8CBAD"


@dataclass(frozen=True, slots=True)
class Listing:
    """A sheet that lists some of the rows, each with a link to it."""

    name: str
    columns: tuple[OutputColumn, ...]


@dataclass(frozen=True, slots=True)
class TotalsTable:
    """A small table of figures, for the sheet 汇总 or another of that kind."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str | int | float, ...], ...]
    sheet: str = TOTALS_SHEET


class Sink(Protocol):
    """What writes rows of one format."""

    def add(self, cells: Sequence[Cell], *, look: Look) -> None:
        """Write a row."""

    def enlist(self, cells: Sequence[Cell]) -> None:
        """Put a row on the listing, where the format has one."""

    def close(self, totals: Sequence[TotalsTable], rejected: Sequence[RejectedRow]) -> None:
        """Write what comes after the rows, and let go of the file."""

    def abandon(self) -> None:
        """Let go of the file, whatever state it is in."""


def rejected_cells(row: RejectedRow) -> tuple[Cell, ...]:
    """Return a rejected row as a row for the clerk."""
    return (row.source, row.sheet, row.row, row.column, row.reason, " | ".join(row.cells))


class XlsxSink:
    """A workbook with the rows, the listing, the totals and the rejected rows on a sheet each."""

    def __init__(
        self,
        path: Path,
        columns: Sequence[OutputColumn],
        sheet_name: str,
        scratch: Path,
        listing: Listing | None = None,
    ) -> None:
        """Begin the first sheets; XlsxWriter keeps its own drafts in `scratch`."""
        import xlsxwriter

        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_numbers": False,
            "strings_to_urls": False,
            "tmpdir": str(scratch),
        }
        self._path = path
        self._book = xlsxwriter.Workbook(str(path), options)
        self._formats: dict[tuple[str, Look, bool], Any] = {}
        self._header = self._book.add_format({"bold": True, "bg_color": "#D9E1F2", "border": 1})
        self._link = self._book.add_format({"valign": "top", "font_color": "#0563C1", "underline": 1})
        self._bold = self._book.add_format({"bold": True})
        self._wraps = [column.wrap for column in columns]
        self._choices = [column.choices for column in columns]
        self._sheet = self._headed_sheet(sheet_name, [(column.name, column.width) for column in columns])
        self._rows = 0
        self._listing = listing
        self._listed = 0
        if listing is not None:
            self._list = self._headed_sheet(
                listing.name, [("行", 8), *((each.name, each.width) for each in listing.columns)]
            )

    def _headed_sheet(self, name: str, columns: Sequence[tuple[str, int]]) -> Any:
        sheet = self._book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        for place, (_, width) in enumerate(columns):
            sheet.set_column(place, place, width)
        for place, (heading, _) in enumerate(columns):
            sheet.write_string(0, place, xlsx_text(heading), self._header)
        return sheet

    def _format(self, kind: str, *, look: Look, wrap: bool) -> Any:
        key = (kind, look, wrap)
        if key not in self._formats:
            wanted: dict[str, Any] = {"valign": "top", "text_wrap": wrap}
            if kind:
                wanted["num_format"] = kind
            if look.value:
                wanted["bg_color"] = look.value
            self._formats[key] = self._book.add_format(wanted)
        return self._formats[key]

    def add(self, cells: Sequence[Cell], *, look: Look) -> None:
        """Write a row, all its cells in the colour of its look."""
        if self._rows >= XLSX_ROWS:
            raise InputError(
                f"a sheet of Excel holds {XLSX_ROWS:,} rows, and there are more.",
                fix="Write .csv or .parquet instead, with --out.",
            )
        self._rows += 1
        for place, (cell, wrap) in enumerate(zip(cells, self._wraps, strict=True)):
            self._write(self._sheet, self._rows, place, cell, look=look, wrap=wrap)

    def enlist(self, cells: Sequence[Cell]) -> None:
        """Put a row on the listing; its first cell leads to the row that was added last."""
        if self._listing is None:
            return
        self._listed += 1
        target = f"internal:'{self._sheet.get_name()}'!A{self._rows + 1}"
        self._list.write_url(self._listed, 0, target, self._link, str(self._rows + 1))
        for place, (cell, column) in enumerate(zip(cells, self._listing.columns, strict=True), start=1):
            self._write(self._list, self._listed, place, cell, look=Look.PLAIN, wrap=column.wrap)

    def _write(self, sheet: Any, row: int, place: int, cell: Cell, *, look: Look, wrap: bool) -> None:
        value = _xlsx_value(cell)
        kind = _date_format(value)
        style = self._format(kind, look=look, wrap=wrap)
        if value is None:
            sheet.write_blank(row, place, None, style)
        elif kind:
            sheet.write_datetime(row, place, value, style)
        elif isinstance(value, bool):
            sheet.write_boolean(row, place, value, style)
        elif isinstance(value, int | float):
            sheet.write_number(row, place, value, style)
        else:
            sheet.write_string(row, place, xlsx_text(cell_text(value)), style)

    def close(self, totals: Sequence[TotalsTable], rejected: Sequence[RejectedRow]) -> None:
        """Add the sheets 汇总 and 未处理的行, and close the workbook."""
        self._sheet.autofilter(0, 0, self._rows, max(len(self._wraps) - 1, 0))
        if self._listed:
            self._list.activate()
        self._write_totals(totals)
        sheet = self._headed_sheet("未处理的行", list(zip(REJECTED_HEADER, _REJECTED_WIDTHS, strict=True)))
        for number, row in enumerate(rejected[:XLSX_ROWS], start=1):
            for place, cell in enumerate(rejected_cells(row)):
                self._write(sheet, number, place, cell, look=Look.PLAIN, wrap=False)
        self._offer_choices()
        self._book.close()

    def _offer_choices(self) -> None:
        """Let the clerk pick from a list wherever a column has one."""
        from xlsxwriter.utility import xl_col_to_name

        lists: list[tuple[str, ...]] = []
        for place, choices in enumerate(self._choices):
            if not choices or not self._rows:
                continue
            source: list[str] | str = list(choices)
            if len(",".join(choices)) > _CHOICES_CHARS or any(mark in each for each in choices for mark in ',"'):
                if choices not in lists:
                    lists.append(choices)
                column = xl_col_to_name(lists.index(choices), col_abs=True)
                source = f"={_CHOICES_SHEET}!{column}$1:{column}${len(choices)}"
            rule = {
                "validate": "list",
                "source": source,
                "error_title": "不在列表中",
                "error_message": "请从列表中选择。",
            }
            self._sheet.data_validation(1, place, self._rows, place, rule)
        if lists:
            self._write_choices(lists)

    def _write_choices(self, lists: Sequence[Sequence[str]]) -> None:
        sheet = self._book.add_worksheet(_CHOICES_SHEET)
        sheet.very_hidden()
        for row, cells in enumerate(zip_longest(*lists, fillvalue="")):
            for place, cell in enumerate(cells):
                sheet.write_string(row, place, xlsx_text(cell))

    def _write_totals(self, totals: Sequence[TotalsTable]) -> None:
        # The sheet 汇总 is there even where nothing was counted.
        for name in dict.fromkeys((*(table.sheet for table in totals), TOTALS_SHEET)):
            self._write_totals_sheet(name, [table for table in totals if table.sheet == name])

    def _write_totals_sheet(self, name: str, totals: Sequence[TotalsTable]) -> None:
        sheet = self._book.add_worksheet(name)
        for place, width in enumerate(_TOTALS_WIDTHS):
            sheet.set_column(place, place, width)
        row = 0
        for table in totals:
            sheet.write_string(row, 0, xlsx_text(table.title), self._bold)
            for place, heading in enumerate(table.header):
                sheet.write_string(row + 1, place, xlsx_text(heading), self._header)
            row += 2
            for cells in table.rows:
                for place, cell in enumerate(cells):
                    self._write(sheet, row, place, cell, look=Look.PLAIN, wrap=False)
                row += 1
            row += 1

    def abandon(self) -> None:
        """Close the workbook, so that its scratch files are let go."""
        self._book.close()


def xlsx_text(text: str) -> str:
    """Return text without the characters that XML forbids, cut to what a cell holds."""
    clean = _ILLEGAL.sub("", text)
    if len(clean) * 2 <= XLSX_CELL or len(clean.encode("utf-16-le")) <= XLSX_CELL * 2:
        return clean
    room = XLSX_CELL - len(_CUT)
    return clean.encode("utf-16-le")[: room * 2].decode("utf-16-le", "ignore") + _CUT


def _xlsx_value(cell: Cell) -> Any:
    """Return a cell in the type that Excel can hold without changing it; text where there is none."""
    if cell == "" or (isinstance(cell, float) and not math.isfinite(cell)):
        return None
    if isinstance(cell, datetime):
        cell = cell.replace(tzinfo=None)
    if isinstance(cell, date) and cell.year < 1900:
        return cell_text(cell)
    too_long = isinstance(cell, int) and not isinstance(cell, bool) and abs(cell) >= 10**15
    return cell_text(cell) if too_long else cell


def _date_format(value: Any) -> str:
    if isinstance(value, datetime):
        return "yyyy-mm-dd hh:mm:ss"
    if isinstance(value, date):
        return "yyyy-mm-dd"
    return "hh:mm:ss" if isinstance(value, time) else ""


def safe_csv_text(text: str) -> str:
    """Return text that Excel will not take for a formula when it opens a CSV file."""
    clean = text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
    if clean.startswith(_FORMULA) and not _PLAIN_NUMBER.fullmatch(clean):
        return f"'{clean}"
    return clean


class CsvSink:
    """Comma- or tab-separated UTF-8 with the mark by which Excel knows it."""

    def __init__(self, path: Path, header: Sequence[str], *, delimiter: str) -> None:
        """Open the file and write the header."""
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file, delimiter=delimiter, lineterminator="\r\n")
        self._writer.writerow([safe_csv_text(name) for name in header])

    def add(self, cells: Sequence[Cell], *, look: Look = Look.PLAIN) -> None:
        """Write a row."""
        self._writer.writerow([safe_csv_text(cell_text(cell)) for cell in cells])

    def enlist(self, cells: Sequence[Cell]) -> None:
        """Do nothing: there is no room for a listing."""

    def close(self, totals: Sequence[TotalsTable] = (), rejected: Sequence[RejectedRow] = ()) -> None:
        """Close the file."""
        self._file.close()

    abandon = close


class JsonLinesSink:
    """One JSON object a line, the column names as keys."""

    def __init__(self, path: Path, header: Sequence[str]) -> None:
        """Open the file."""
        self._file = path.open("w", encoding="utf-8", errors="replace", newline="\n")
        self._header = header

    def add(self, cells: Sequence[Cell], *, look: Look = Look.PLAIN) -> None:
        """Write a row."""
        record = dict(zip(self._header, map(_json_value, cells), strict=True))
        self._file.write(json.dumps(record, ensure_ascii=False, allow_nan=False) + "\n")

    def enlist(self, cells: Sequence[Cell]) -> None:
        """Do nothing: there is no room for a listing."""

    def close(self, totals: Sequence[TotalsTable] = (), rejected: Sequence[RejectedRow] = ()) -> None:
        """Close the file."""
        self._file.close()

    abandon = close


def _json_value(cell: Cell) -> str | int | float | bool | None:
    if isinstance(cell, date | time):
        return cell.isoformat()
    return None if isinstance(cell, float) and not math.isfinite(cell) else cell
