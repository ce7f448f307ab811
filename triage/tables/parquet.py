"""Write parquet: text first, and typed columns at the end for those that turned out to hold nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from triage.schema import RejectedRow
from triage.tables.cells import Cell, cell_text
from triage.tables.sinks import Look, TotalsTable

_BATCH_ROWS = 8192
_LARGEST_EXACT = 2**53


class ParquetSink:
    """A parquet file; a column is typed only when every row of the file has said so."""

    def __init__(self, path: Path, header: Sequence[str]) -> None:
        """Open a draft beside `path`."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._path = path
        self._draft = path.with_name(f"{path.name}.draft")
        self._schema = pa.schema([(name, pa.string()) for name in header])
        self._writer = pq.ParquetWriter(self._draft, self._schema)
        self._batch: list[list[str | None]] = [[] for _ in header]
        self._kinds: list[set[str]] = [set() for _ in header]

    def enlist(self, cells: Sequence[Cell]) -> None:
        """Do nothing: there is no room for a listing."""

    def add(self, cells: Sequence[Cell], *, look: Look) -> None:
        """Take a row, and write a batch when it is full."""
        for values, kinds, cell in zip(self._batch, self._kinds, cells, strict=True):
            kinds.add(_kind(cell))
            values.append(_text(cell))
        if self._batch and len(self._batch[0]) >= _BATCH_ROWS:
            self._flush()

    def _flush(self) -> None:
        import pyarrow as pa

        arrays = [pa.array(values, pa.string()) for values in self._batch]
        self._writer.write_batch(pa.record_batch(arrays, schema=self._schema))
        for values in self._batch:
            values.clear()

    def close(self, totals: Sequence[TotalsTable], rejected: Sequence[RejectedRow]) -> None:
        """Write the file anew with its typed columns."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._flush()
        self._writer.close()
        kinds = [_column_type(seen) for seen in self._kinds]
        schema = pa.schema([(field.name, kind) for field, kind in zip(self._schema, kinds, strict=True)])
        if schema.equals(self._schema):
            self._draft.replace(self._path)
            return
        with pq.ParquetFile(self._draft) as draft, pq.ParquetWriter(self._path, schema) as final:
            for batch in draft.iter_batches(batch_size=_BATCH_ROWS):
                final.write_batch(batch.cast(schema))
        self._draft.unlink()

    def abandon(self) -> None:
        """Close the draft."""
        self._writer.close()


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


def _column_type(seen: set[str]) -> Any:
    import pyarrow as pa

    kinds = seen - {""}
    if kinds == {"int"}:
        return pa.int64()
    if kinds and kinds <= {"int", "float"}:
        return pa.float64()
    return pa.bool_() if kinds == {"bool"} else pa.string()
