"""Sheets of a workbook as grids, with merged cells filled downwards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from triage.errors import InputError
from triage.tables.cells import Cell, is_blank
from triage.tables.grids import Record, readable
from triage.tables.sniffing import protected

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

_DEEPEST_HEADER = 4
_ENDINGS: Mapping[str, frozenset[str]] = {
    "xlsx": frozenset({".xlsx", ".xlsm"}),
    "xlsb": frozenset({".xlsb"}),
    "xls": frozenset({".xls"}),
    "ods": frozenset({".ods"}),
}


class SheetGrid:
    """One sheet; the file is not held open."""

    header: tuple[str, ...] | None = None

    def __init__(self, path: Path, sheet: CalamineSheet) -> None:
        """Take a sheet that was read from `path`."""
        self.name = sheet.name
        self._path = path
        self._sheet = sheet
        first_column = sheet.start[1] if sheet.start else 0
        self._down: dict[tuple[int, int], int] = {}
        for (top, left), (bottom, _) in sheet.merged_cell_ranges or ():
            if bottom > top and left >= first_column:
                self._down[top, left - first_column] = bottom

    def records(self) -> Iterator[Record]:
        """Yield every row from the first of the sheet on, numbered as Excel does."""
        if self._sheet.start is None:
            return
        filling: dict[int, tuple[int, Cell]] = {}
        with readable(self._path):
            for index, raw in enumerate(self._sheet.iter_rows()):
                cells = [_cell(value) for value in raw]
                blank = all(map(is_blank, cells))
                if self._down:
                    self._fill(index, cells, filling)
                yield Record(index + 1, tuple(cells), blank)

    def _fill(self, index: int, cells: list[Cell], filling: dict[int, tuple[int, Cell]]) -> None:
        for column, (bottom, value) in list(filling.items()):
            if index > bottom:
                del filling[column]
            elif is_blank(cells[column]):
                cells[column] = value
        for column, value in enumerate(cells):
            bottom = self._down.get((index, column), 0)
            if bottom:
                filling[column] = (bottom, value)

    def header_end(self, row: int) -> int:
        """Return the last row that the merged cells of the header row reach, where it is a header's depth."""
        ends = [bottom + 1 for (top, _), bottom in self._down.items() if top + 1 == row]
        return max([end for end in ends if end - row < _DEEPEST_HEADER], default=row)

    def row_count(self) -> int | None:
        """Return the number of the last row."""
        return self._sheet.end[0] + 1 if self._sheet.end else 0


def _cell(value: Any) -> Cell:
    if value == "":
        return None
    return str(value) if isinstance(value, timedelta) else value


def open_sheets(path: Path, kind: str, wanted: str | None) -> tuple[list[SheetGrid], list[str]]:
    """Return the sheets in the workbook's order, and of those without cells the name with the reason."""
    from python_calamine import CalamineWorkbook, PasswordError, SheetTypeEnum

    grids: list[SheetGrid] = []
    skipped: list[str] = []
    with readable(path, damaged="is damaged and cannot be read as a workbook"):
        try:
            with path.open("rb") as file, CalamineWorkbook.from_object(_source(path, kind, file)) as book:
                _check_wanted(path, wanted, book.sheet_names)
                for meta in book.sheets_metadata:
                    if wanted is not None and meta.name != wanted:
                        continue
                    if meta.typ not in (SheetTypeEnum.WorkSheet, SheetTypeEnum.MacroSheet):
                        skipped.append(f"{meta.name}: holds no cells, only a chart or a dialog.")
                        continue
                    grids.append(SheetGrid(path, book.get_sheet_by_name(meta.name)))
        except PasswordError as error:
            raise protected(path) from error
    return grids, skipped


def _source(path: Path, kind: str, file: BinaryIO) -> Path | BinaryIO:
    """Return the path where its ending tells the truth, since calamine then says more about what is wrong."""
    return path if path.suffix.lower() in _ENDINGS[kind] else file


def _check_wanted(path: Path, wanted: str | None, names: Sequence[str]) -> None:
    if wanted is not None and wanted not in names:
        raise InputError(
            f"has no sheet 「{wanted}」; its sheets are: {', '.join(names)}.",
            where=str(path),
            fix="Name one of them with --sheet.",
        )
