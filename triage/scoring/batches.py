"""The rows of a table, some at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count, islice

from triage.schema import RejectedRow
from triage.tables import SourceRow, Table
from triage.tables.cells import cell_text

BATCH = 256
"""Messages triaged at a time; the answers do not depend on it."""
BATCH_CHARACTERS = 1_000_000
"""Characters in a batch after which no message is added to it."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of a part of the table, in their order; `unreadable_dates` counts theirs."""

    source: str
    part: int
    rows: tuple[SourceRow | RejectedRow, ...]
    unreadable_dates: int

    @property
    def messages(self) -> tuple[SourceRow, ...]:
        """Those that hold a message."""
        return tuple(row for row in self.rows if isinstance(row, SourceRow))

    def rejected(self, row: SourceRow, reason: str) -> RejectedRow:
        """A row of the batch as one that is rejected."""
        return RejectedRow(self.source, row.sheet, row.row, reason, cells=tuple(map(cell_text, row.cells)))


def batches(table: Table, *, size: int = BATCH, part_rows: int, parts_done: int = 0) -> Iterator[Batch]:
    """The table in batches of at most `size` rows, none of which reaches beyond its part of `part_rows` rows.

    Parts are numbered from 1; the first `parts_done` of them are passed over.
    """
    rows = table.rows(skip=parts_done * part_rows)
    before = 0
    for part in count(parts_done + 1):
        left = islice(rows, part_rows)
        nothing = True
        while some := _some(left, size):
            nothing = False
            yield Batch(str(table.path), part, some, table.unreadable_dates - before)
            before = table.unreadable_dates
        if nothing:
            return


def _some(rows: Iterator[SourceRow | RejectedRow], size: int) -> tuple[SourceRow | RejectedRow, ...]:
    found: list[SourceRow | RejectedRow] = []
    characters = 0
    for row in rows:
        found.append(row)
        if isinstance(row, SourceRow):
            characters += len(row.message.title) + len(row.message.text)
        if len(found) >= size or characters >= BATCH_CHARACTERS:
            break
    return tuple(found)


def accepted_rows(table: Table, rejected: list[RejectedRow]) -> Iterator[SourceRow]:
    """The rows of a table that hold a message; the others are put into `rejected`."""
    for row in table.rows():
        if isinstance(row, RejectedRow):
            rejected.append(row)
        else:
            yield row


def in_batches(rows: Iterable[SourceRow]) -> Iterator[list[SourceRow]]:
    """The rows, `BATCH` at a time."""
    left = iter(rows)
    while batch := list(islice(left, BATCH)):
        yield batch
