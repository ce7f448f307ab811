"""What a scored table says in its columns, found by name: the clerk may have moved or deleted some."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from enum import StrEnum

from triage.errors import InputError
from triage.tables import Cell, Role, SourceRow, Table
from triage.tables.cells import cell_text, message_text, read_date
from triage.tables.columns import header_key

_NO = frozenset(("", "否", "无", "不", "不是", "不需要", "已复核", "不适用", "-", "—", "no", "n", "false", "0"))
_LISTED = re.compile(r"[、,，;；|\n]+")
_DAY = re.compile(r"\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}\s*日?")


class Column(StrEnum):
    """The columns that a hand-over sheet needs beside the due dates; all but the lead office may be missing."""

    PERSONS = "人工类别"
    CATEGORY = "类别"
    NATURE = "性质"
    URGENT = "紧急"
    LEAD = "主办"
    CO = "协办"
    RECEIVER = "接收单位"
    PLACE = "属地"
    SCHOOLS = "学校"
    BASIS = "分派依据"
    WORDS = "依据"
    STOP = "回避"
    SEALED = "密件"
    REVIEW = "需人工复核"
    REASONS = "复核原因"
    DRAFT = "退办草稿"


class ScoredColumns:
    """Where the columns of one table stand."""

    def __init__(self, table: Table, due_names: Sequence[str]) -> None:
        """Find the columns; `due_names` are those with due dates.

        Raises
        ------
        InputError : no sheet of the table has a column 主办.
        """
        self._guarded = table.delimiter != ""
        self._places = {column: _find(table.columns, column) for column in Column}
        self._due_places = [(name, place) for name in due_names if (place := _find(table.columns, name)) is not None]
        self._channel_places = {
            info.name: table.columns.index(info.roles[Role.CHANNEL])
            for info in table.sheets
            if Role.CHANNEL in info.roles
        }
        if self._places[Column.LEAD] is None:
            raise InputError(
                f"has no column {Column.LEAD}; the columns are: {', '.join(table.columns)}.",
                where=str(table.path),
                fix="Give the table that `triage score` wrote.",
            )

    def text(self, row: SourceRow, column: Column) -> str:
        """What the cell says; empty also where there is no such column."""
        return self._at(row, self._places[column])

    def listed(self, row: SourceRow, column: Column) -> tuple[str, ...]:
        """The entries of a cell that holds several."""
        return tuple(each.strip() for each in _LISTED.split(self.text(row, column)) if each.strip())

    def says_yes(self, row: SourceRow, column: Column) -> bool:
        """Whether the cell says anything but no: what a clerk may have written there is taken the cautious way."""
        return self.text(row, column).casefold() not in _NO

    def channel(self, row: SourceRow) -> str:
        """The words in which the office names the channel."""
        return self._at(row, self._channel_places.get(row.sheet))

    def due_dates(self, row: SourceRow) -> list[tuple[str, date | None]]:
        """The due dates that the row has, by name; None where what is written there is no day."""
        written = [(name, row.cells[place]) for name, place in self._due_places]
        return [(name, _day(cell)) for name, cell in written if cell_text(cell).strip().casefold() not in _NO]

    def _at(self, row: SourceRow, place: int | None) -> str:
        return "" if place is None else message_text(row.cells[place], guarded=self._guarded).strip()


def _day(cell: Cell) -> date | None:
    """The day in a cell; a remark may stand beside it."""
    moment = read_date(cell)
    if moment is None and (written := _DAY.search(cell_text(cell))):
        moment = read_date(written[0])
    return moment.date() if moment else None


def _find(names: Sequence[str], wanted: str) -> int | None:
    """The place of a column; where the table had one of that name before scoring, the scored one is 主办_2."""
    numbered = re.compile(rf"{re.escape(wanted.casefold())}(?:_(\d+))?")
    found = [
        (int(match[1] or 1), place)
        for place, name in enumerate(names)
        if (match := numbered.fullmatch(header_key(name)))
    ]
    return max(found)[1] if found else None
