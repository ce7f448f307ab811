"""Write parquet: text first, and typed columns at the end for those that turned out to hold nothing else."""

from __future__ import annotations

from collections.abc import Sequence, Set
from contextlib import suppress
from pathlib import Path
from typing import Any

from triage.schema import RejectedRow
from triage.tables.cells import Cell, cell_text
from triage.tables.objects import stream
from triage.tables.sinks import Look, TotalsTable

_BATCH_ROWS = 8192
_LARGEST_EXACT = 2**53


class TextParquet:
    """A parquet file of text; `kinds` says for each column what kinds of cells it has held."""

    def __init__(self, path: Path, header: Sequence[str]) -> None:
        """Open the file."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        self.kinds: list[set[str]] = [set() for _ in header]
        self._schema = pa.schema([(name, pa.string()) for name in header])
        self._writer = pq.ParquetWriter(path, self._schema)
        self._rows: list[Sequence[Cell]] = []

    def add(self, cells: Sequence[Cell], *, look: Look = Look.PLAIN) -> None:
        """Take a row, and write a batch when it is full."""
        self._rows.append(cells)
        if len(self._rows) >= _BATCH_ROWS:
            self._flush()

    def _flush(self) -> None:
        import pyarrow as pa

        columns = list(zip(*self._rows, strict=True)) or [()] * len(self.kinds)
        for kinds, column in zip(self.kinds, columns, strict=True):
            kinds.update(_kinds(column))
        self._writer.write_batch(pa.record_batch(list(map(_text_array, columns)), schema=self._schema))
        self._rows.clear()

    def close(self) -> None:
        """Write the rest, and let go of the file."""
        self._flush()
        self._writer.close()

    def abandon(self) -> None:
        """Let go of the file."""
        self._writer.close()


def write_typed(texts: Sequence[Path], target: Path, kinds: Sequence[Set[str]]) -> None:
    """Write the rows of files of text one after another into one file, with columns of the types of their kinds."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetFile(texts[0]) as first:
        names = first.schema_arrow.names
    schema = pa.schema([(name, _column_type(seen)) for name, seen in zip(names, kinds, strict=True)])
    with pq.ParquetWriter(target, schema) as final:
        for path in texts:
            with pq.ParquetFile(path) as draft:
                for batch in stream(draft, _BATCH_ROWS):
                    final.write_batch(batch.cast(schema))


def write_typed_folder(texts: Sequence[Path], target: Path, kinds: Sequence[Set[str]]) -> None:
    """Write the same into a new folder, each file of text into a file of its name."""
    target.mkdir()
    for path in texts:
        write_typed([path], target / path.name, kinds)


class ParquetSink:
    """A parquet file; a column is typed only when every row of the file has said so."""

    def __init__(self, path: Path, header: Sequence[str]) -> None:
        """Open a draft beside `path`."""
        self._path = path
        self._draft = path.with_name(f"{path.name}.draft")
        self._text = TextParquet(self._draft, header)

    def enlist(self, cells: Sequence[Cell]) -> None:
        """Do nothing: there is no room for a listing."""

    def add(self, cells: Sequence[Cell], *, look: Look) -> None:
        """Write a row."""
        self._text.add(cells)

    def close(self, totals: Sequence[TotalsTable], rejected: Sequence[RejectedRow]) -> None:
        """Write the file anew with its typed columns."""
        self._text.close()
        write_typed([self._draft], self._path, self._text.kinds)
        self._draft.unlink()

    def abandon(self) -> None:
        """Close the draft."""
        self._text.abandon()


def _kinds(column: Sequence[Cell]) -> set[str]:
    types = set(map(type, column))
    # Nearly all columns hold nothing but text: no need to look at each cell.
    return {"text"} if types == {str} else {_kind(cell) for cell in column}


def _text_array(column: Sequence[Cell]) -> Any:
    import pyarrow as pa

    if set(map(type, column)) <= {str, type(None)}:
        with suppress(UnicodeEncodeError):  # half a character, which JSON can spell but no file can hold
            return pa.array(column, pa.string())
    return pa.array(list(map(_text, column)), pa.string())


def _text(cell: Cell) -> str | None:
    if isinstance(cell, float):
        return repr(cell)
    if isinstance(cell, bool):
        return "true" if cell else "false"
    text = cell_text(cell).encode("utf-8", "replace").decode("utf-8")
    return None if cell is None else text


def _kind(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "bool"
    if isinstance(cell, float):
        return "float"
    return "int" if isinstance(cell, int) and abs(cell) <= _LARGEST_EXACT else "text"


def _column_type(seen: Set[str]) -> Any:
    import pyarrow as pa

    kinds = seen - {""}
    if kinds == {"int"}:
        return pa.int64()
    if kinds and kinds <= {"int", "float"}:
        return pa.float64()
    return pa.bool_() if kinds == {"bool"} else pa.string()
