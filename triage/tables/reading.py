"""Open a table, whatever it was saved as, and yield its messages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

from triage.errors import InputError
from triage.schema import Message, RejectedRow
from triage.tables.cells import Cell, cell_text, is_blank, message_text, read_channel, read_date
from triage.tables.columns import ROLE_WORDS, Role, SheetInfo, header_key
from triage.tables.delimited import TextGrid
from triage.tables.grids import Grid, Record
from triage.tables.headers import FoundHeader, read_header
from triage.tables.objects import JsonLinesGrid, ParquetGrid
from triage.tables.sniffing import parquet_files, sniff
from triage.tables.workbooks import open_sheets

_TEXT_NEED: frozenset[Role] = frozenset({Role.TEXT})
_WORKBOOKS = frozenset({"xlsx", "xlsb", "xls", "ods"})


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A row that holds a message; `cells` are its values untouched, aligned with the table's columns.

    What stands in the columns of labels comes as it is written, empty where there is nothing; `decided_at` is None
    where no time can be read.
    """

    sheet: str
    row: int
    cells: tuple[Cell, ...]
    message: Message
    category: str
    secondary: str
    nature: str = ""
    urgent: str = ""
    place: str = ""
    schools: str = ""
    by: str = ""
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Sheet:
    grid: Grid
    header: FoundHeader
    info: SheetInfo
    places: tuple[int, ...]
    """Where each of the sheet's columns stands among the table's."""


def _rows_below(sheet: _Sheet) -> int | None:
    count = sheet.grid.row_count()
    return None if count is None else count - sheet.header.last


def _union(headers: Sequence[Sequence[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for columns in headers for name in columns))


class Table:
    """A file understood as a table; `rows` streams it, as often as asked."""

    def __init__(
        self,
        path: Path,
        *,
        format: str,
        sheets: Sequence[tuple[Grid, FoundHeader]],
        skipped: Sequence[str],
        filled: frozenset[Role],
        encoding: str = "",
        delimiter: str = "",
    ) -> None:
        """Take the sheets in their order; `open_table` is the way to get a table."""
        self.path = path
        self.format = format
        self.encoding = encoding
        self.delimiter = delimiter
        self.skipped = tuple(skipped)
        self.unreadable_dates = 0
        """Cells in the time column that could not be read as a time, counted by the latest `rows`."""
        self._filled = filled
        self.columns: tuple[str, ...] = _union([found.columns for _, found in sheets])
        at = {name: position for position, name in enumerate(self.columns)}
        self._sheets = [
            _Sheet(grid, found, found.info(grid.name), tuple(at[name] for name in found.columns))
            for grid, found in sheets
        ]
        self.sheets: tuple[SheetInfo, ...] = tuple(sheet.info for sheet in self._sheets)
        counts = [_rows_below(sheet) for sheet in self._sheets]
        self.row_count: int | None = None if None in counts else sum(filter(None, counts))
        """Rows below the headers, where that is known without reading them all."""

    def rows(self, *, skip: int = 0) -> Iterator[SourceRow | RejectedRow]:
        """Yield every row below the headers, in order, as a message or with the reason why it is none.

        The first `skip` rows, messages or not, are passed over unread.

        Raises
        ------
        InputError : the file is damaged further down, or has been taken away.
        """
        self.unreadable_dates = 0
        for sheet, record in islice(self._records(), skip, None):
            yield self._judge(sheet, record)

    def more_than(self, limit: int) -> bool:
        """Whether `rows` would yield more than `limit` rows; they are counted where the format does not say."""
        if self.row_count is not None and self.row_count <= limit:
            return False
        return next(islice(self._records(), limit, None), None) is not None

    def count_rows(self) -> int:
        """How many rows `rows` yields; they are counted where the format does not say."""
        return self.row_count if self.row_count is not None else sum(1 for _ in self._records())

    def _records(self) -> Iterator[tuple[_Sheet, Record]]:
        for sheet in self._sheets:
            pending: list[Record] = []
            for record in sheet.grid.records():
                if record.row <= sheet.header.last:
                    continue
                pending.append(record)
                if record.blank:
                    # Excel keeps thousands of empty rows below a table: they count when something follows.
                    continue
                yield from ((sheet, waiting) for waiting in pending)
                pending.clear()

    def _judge(self, sheet: _Sheet, record: Record) -> SourceRow | RejectedRow:
        width = len(sheet.info.columns)
        if record.fault or record.blank:
            return self._reject(sheet, record, record.fault or "空行")
        surplus = record.cells[width:]
        if not all(map(is_blank, surplus)):
            count = max(place for place, cell in enumerate(record.cells, 1) if not is_blank(cell))
            return self._reject(sheet, record, f"这一行有 {count} 列，比表头的 {width} 列多")
        if tuple(header_key(cell) for cell in record.cells[:width]) in sheet.header.repeats:
            return self._reject(sheet, record, "重复的表头")
        return self._read(sheet, record)

    def _reject(self, sheet: _Sheet, record: Record, reason: str, role: Role | None = None) -> RejectedRow:
        column = sheet.info.roles.get(role, "") if role is not None else ""
        cells = tuple(map(cell_text, record.cells))
        return RejectedRow(str(self.path), sheet.info.name, record.row, reason, column, cells)

    def _read(self, sheet: _Sheet, record: Record) -> SourceRow | RejectedRow:
        places = sheet.header.roles.items()
        values = {role: record.cells[place] for role, place in places if place < len(record.cells)}
        texts = {role: message_text(value, guarded=self.delimiter != "") for role, value in values.items()}
        for role in Role:
            reason = self._missing(role, texts)
            if reason:
                return self._reject(sheet, record, reason, role)
        message = Message(
            id=texts.get(Role.ID, "").strip() or self._row_id(sheet, record),
            title=texts.get(Role.TITLE, ""),
            text=texts.get(Role.TEXT, ""),
            received_at=read_date(values.get(Role.RECEIVED_AT)),
            channel=read_channel(values.get(Role.CHANNEL)),
            sender=texts.get(Role.SENDER, "").strip(),
        )
        self.unreadable_dates += message.received_at is None and not is_blank(values.get(Role.RECEIVED_AT))

        def written(role: Role) -> str:
            return texts.get(role, "").strip()

        return SourceRow(
            sheet.info.name,
            record.row,
            self._aligned(sheet, record),
            message,
            category=written(Role.CATEGORY),
            secondary=written(Role.SECONDARY),
            nature=written(Role.NATURE),
            urgent=written(Role.URGENT),
            place=written(Role.PLACE),
            schools=written(Role.SCHOOLS),
            by=written(Role.BY),
            decided_at=read_date(values.get(Role.DECIDED_AT)),
        )

    def _missing(self, role: Role, texts: Mapping[Role, str]) -> str:
        if role not in self._filled or texts.get(role, "").strip():
            return ""
        if role is not Role.TEXT:
            return f"没有{ROLE_WORDS[role]}"
        return "" if texts.get(Role.TITLE, "").strip() else "标题和内容都是空的"

    def _row_id(self, sheet: _Sheet, record: Record) -> str:
        prefix = f"{sheet.info.name}!" if len(self._sheets) > 1 else ""
        return f"{prefix}行{record.row}"

    def _aligned(self, sheet: _Sheet, record: Record) -> tuple[Cell, ...]:
        aligned: list[Cell] = [None] * len(self.columns)
        for place, cell in zip(sheet.places, record.cells, strict=False):
            aligned[place] = cell
        return tuple(aligned)


def open_table(
    path: Path,
    *,
    columns: Mapping[Role, str] | None = None,
    sheet: str | None = None,
    need: frozenset[Role] = _TEXT_NEED,
    filled: frozenset[Role] | None = None,
) -> Table:
    """Find out what a file is and where its messages stand.

    Parameters
    ----------
    path : the file, or a folder of parquet files, read in the order of their names; a file's content decides what it
        is, not its ending.
    columns : names of columns that the user gave, by role; they go before the names that are known.
    sheet : the one sheet to read; all sheets with a header otherwise.
    need : roles without which a table is of no use. A title alone does for a text.
    filled : roles without which a row is of no use; those of `need` where nobody says.

    Raises
    ------
    InputError : the file is no table, or a needed column is not in it.
    """
    path, named = Path(path), dict(columns or {})
    filled = need if filled is None else filled
    format = sniff(path)
    if format in _WORKBOOKS:
        grids, skipped = open_sheets(path, format, sheet)
        found, without = _with_headers(path, grids, named, need, skipped)
        return Table(path, format=format, sheets=found, skipped=without, filled=filled)
    if sheet is not None:
        raise InputError(f"has no sheets, so none is called 「{sheet}」.", where=str(path), fix="Leave out --sheet.")
    if format == "text":
        text = TextGrid(path, named)
        found, _ = _with_headers(path, [text], named, need, [])
        kind = "tsv" if text.delimiter == "\t" else "csv"
        encoding, delimiter = text.encoding, text.delimiter
        return Table(path, format=kind, sheets=found, skipped=(), filled=filled, encoding=encoding, delimiter=delimiter)
    grid: Grid = ParquetGrid(parquet_files(path) or [path]) if format == "parquet" else JsonLinesGrid(path)
    found, _ = _with_headers(path, [grid], named, need, [])
    unmarked = "utf-8" if format == "jsonl" else ""
    return Table(path, format=format, sheets=found, skipped=(), filled=filled, encoding=unmarked)


def _with_headers(
    path: Path,
    grids: Sequence[Grid],
    named: Mapping[Role, str],
    need: frozenset[Role],
    skipped: Sequence[str],
) -> tuple[list[tuple[Grid, FoundHeader]], list[str]]:
    """Return the grids that can be read, and why the others cannot; an error if none can."""
    found: list[tuple[Grid, FoundHeader]] = []
    without = list(skipped)
    failures: list[InputError] = []
    for grid in grids:
        try:
            found.append((grid, read_header(path, grid, named, need)))
        except InputError as error:
            failures.append(error)
            without.append(f"{grid.name}: {error.what}")
    if found:
        return found, without
    if not failures:
        raise InputError("has no sheet with cells.", where=str(path), fix="Give the workbook with the table.")
    if len(failures) == 1:
        raise failures[0]
    reasons = "; ".join(without).replace(".;", ";")
    raise InputError(f"no sheet can be read. {reasons}", where=str(path), fix=failures[0].fix)
