"""The header of one grid: found, checked against what is needed, or explained when it is not there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from triage.errors import InputError
from triage.tables.cells import Cell, cell_text, is_blank
from triage.tables.columns import (
    HEADER_SEARCH_ROWS,
    ROLE_WORDS,
    Role,
    SheetInfo,
    assign_roles,
    find_header,
    header_key,
    unique_names,
)
from triage.tables.grids import Grid, Record


@dataclass(frozen=True, slots=True)
class FoundHeader:
    """The names of a grid's columns, and the last row above its data (0 where the format names them)."""

    last: int
    columns: tuple[str, ...]
    roles: Mapping[Role, int]
    repeats: frozenset[tuple[str, ...]]
    """The header's rows as they would look if they came again further down."""

    def info(self, sheet: str) -> SheetInfo:
        """Return what a user may see of it."""
        names = {role: self.columns[place] for role, place in self.roles.items()}
        return SheetInfo(sheet, self.last, self.columns, names)


def read_header(path: Path, grid: Grid, named: Mapping[Role, str], need: frozenset[Role]) -> FoundHeader:
    """Return the header of a grid that holds all that is needed and has rows below it."""
    top = list(islice(grid.records(), HEADER_SEARCH_ROWS)) if grid.header is None else []
    if grid.header is not None:
        found = FoundHeader(0, unique_names(grid.header), assign_roles(grid.header, named), frozenset())
    else:
        found = _find(path, grid, top, named)
    where = _where(path, grid.name, found.last)
    _check_named(where, found, named)
    _check_needed(where, found, need)
    if not any(not record.blank for record in grid.records() if record.row > found.last):
        raise InputError("has a header but no rows.", where=where, fix="Export it again, with its rows.")
    return found


def _where(path: Path, sheet: str, row: int) -> str:
    parts = [str(path), f"sheet {sheet}" if sheet else "", f"header row {row}" if row else ""]
    return ", ".join(filter(None, parts))


def _find(path: Path, grid: Grid, top: Sequence[Record], named: Mapping[Role, str]) -> FoundHeader:
    position = find_header([record.cells for record in top], named)
    if position is None:
        raise _no_header(path, grid, top)
    row = top[position].row
    last = grid.header_end(row)
    header_rows = [record.cells for record in top if row <= record.row <= last]
    header = _merged(header_rows)
    width = max(_named_width(header), _used_width(grid, last, header))
    header = header[:width]
    repeats = frozenset(tuple(header_key(cell) for cell in cells[:width]) for cells in [*header_rows, header])
    return FoundHeader(last, unique_names(header), assign_roles(header, named), repeats)


def _merged(rows: Sequence[Sequence[Cell]]) -> tuple[Cell, ...]:
    """Return, column by column, the lowest of several header rows that says something."""
    width = max(map(len, rows))
    padded = [(*cells, *[None] * (width - len(cells))) for cells in reversed(rows)]
    return tuple(next((cell for cell in column if not is_blank(cell)), None) for column in zip(*padded, strict=True))


def _named_width(header: Sequence[Cell]) -> int:
    return max((place for place, cell in enumerate(header, start=1) if not is_blank(cell)), default=0)


def _used_width(grid: Grid, last: int, header: Sequence[Cell]) -> int:
    """Return how far right the rows go where the header is empty; a clerk's note may have no heading."""
    width = len(header)
    if width == _named_width(header):
        return width
    return max((_named_width(record.cells[:width]) for record in grid.records() if record.row > last), default=0)


def _no_header(path: Path, grid: Grid, top: Sequence[Record]) -> InputError:
    where = _where(path, grid.name, 0)
    first = next((record for record in top if not record.blank), None)
    if first is None:
        return InputError("has no text in it.", where=where, fix="Give the table that holds the letters.")
    shown = ", ".join(_shown(first.cells))
    return InputError(
        f"no row names the columns; the first row with text, row {first.row}, says: {shown}.",
        where=where,
        fix="Name the column of the text with --column text=列名.",
    )


def _shown(cells: Sequence[Cell]) -> Iterator[str]:
    for cell in cells:
        if not is_blank(cell):
            text = " ".join(cell_text(cell).split())
            yield text if len(text) <= 20 else f"{text[:20]}…"


def _check_named(where: str, found: FoundHeader, named: Mapping[Role, str]) -> None:
    for role, name in named.items():
        if role not in found.roles:
            raise InputError(
                f"there is no column 「{name}」 ({role}); the columns are: {', '.join(found.columns)}.",
                where=where,
                fix=f"Name one of them with --column {role}=列名.",
            )


def _check_needed(where: str, found: FoundHeader, need: frozenset[Role]) -> None:
    for role in Role:
        if role not in need or role in found.roles or (role is Role.TEXT and Role.TITLE in found.roles):
            continue
        raise InputError(
            f"no column for the {role} ({ROLE_WORDS[role]}) was recognised; the columns are: "
            f"{', '.join(found.columns)}.",
            where=where,
            fix=f"Name it with --column {role}=列名.",
        )
