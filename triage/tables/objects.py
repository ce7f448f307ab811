"""JSON lines and parquet as grids: files that name their columns themselves."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from triage.errors import InputError
from triage.tables.cells import Cell, is_blank
from triage.tables.grids import Record, open_bytes, readable

_BATCH_ROWS = 1024
_BUFFER = 1 << 20
_DAMAGED = "is damaged and cannot be read as parquet"


class _NamedGrid:
    name = ""
    header: tuple[str, ...]

    def header_end(self, row: int) -> int:
        """Return the row itself, as these formats have no header rows."""
        return row


class JsonLinesGrid(_NamedGrid):
    """One object a line; the columns are the keys of all lines, in order of first appearance."""

    def __init__(self, path: Path) -> None:
        """Collect the keys and count the lines."""
        self._path = path
        names: dict[str, None] = {}
        self._lines = good = 0
        for _, parsed in self._parsed():
            self._lines += 1
            if isinstance(parsed, dict):
                good += 1
                names.update(dict.fromkeys(map(_whole, parsed)))
        if not good:
            raise InputError(
                "has not one line that is a JSON object.",
                where=str(path),
                fix='Write one object a line, such as {"id": "1", "text": "…"}.',
            )
        self.header = tuple(names)

    def _parsed(self) -> Iterator[tuple[int, dict[str, Any] | str | None]]:
        with readable(self._path), open_bytes(self._path) as file:
            for number, raw in enumerate(file, start=1):
                yield number, _parse_line(raw)

    def records(self) -> Iterator[Record]:
        """Yield a record a line, numbered from 1; one that is no object carries the reason."""
        for number, parsed in self._parsed():
            if isinstance(parsed, dict):
                known = {_whole(name): value for name, value in parsed.items()}
                cells = tuple(_flat(known.get(name)) for name in self.header)
                yield Record(number, cells, all(map(is_blank, cells)))
            else:
                yield Record(number, (), parsed is None, parsed or "")

    def row_count(self) -> int | None:
        """Return the number of lines."""
        return self._lines


def _parse_line(raw: bytes) -> dict[str, Any] | str | None:
    try:
        text = raw.decode("utf-8-sig").strip()
        if not text:
            return None
        value = json.loads(text)
    except UnicodeDecodeError:
        return "这一行不是 UTF-8 编码"
    except RecursionError:
        return "这一行不是 JSON：嵌套太深"
    except json.JSONDecodeError as error:
        return f"这一行不是 JSON：第 {error.colno} 个字符处有错"
    except ValueError:
        return "这一行不是 JSON：数字太长"
    return value if isinstance(value, dict) else "这一行不是 JSON 对象"


def _whole(text: str) -> str:
    """Return text without halves of characters, which JSON can spell but no file can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _flat(value: Any) -> Cell:
    if isinstance(value, list | tuple):
        return "|".join("" if part is None else str(_flat(part)) for part in value)
    if isinstance(value, dict):
        return _whole(json.dumps(value, ensure_ascii=False, default=str))
    if isinstance(value, str):
        return _whole(value)
    if value is None or isinstance(value, int | float | bool | date | time | datetime):
        return value
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def stream(file: Any, rows: int) -> Iterator[Any]:
    """Yield the batches of a parquet file, of at most so many rows.

    One group of rows after another: a reader of several groups holds what it has read until the last.
    """
    for group in range(file.num_row_groups):
        yield from file.iter_batches(batch_size=rows, row_groups=[group])


class ParquetGrid(_NamedGrid):
    """Parquet files one after another, read a batch of rows at a time; the columns are those of all files.

    `files` has at least one path, and is read in its order.
    """

    def __init__(self, files: Sequence[Path]) -> None:
        """Read the names of the columns."""
        self._files = tuple(files)
        import pyarrow.parquet as pq

        names: dict[str, None] = {}
        self._rows = 0
        for path in self._files:
            with readable(path, damaged=_DAMAGED), pq.ParquetFile(path) as file:
                names.update(dict.fromkeys(file.schema_arrow.names))
                self._rows += file.metadata.num_rows
                single = tuple(file.schema_arrow.names)
        # A single file may have two columns of one name.
        self.header = single if len(self._files) == 1 else tuple(names)

    def records(self) -> Iterator[Record]:
        """Yield the rows of all files, numbered from 1."""
        rows = (cells for path in self._files for cells in self._cells(path))
        for number, cells in enumerate(rows, start=1):
            yield Record(number, cells, all(map(is_blank, cells)))

    def _cells(self, path: Path) -> Iterator[tuple[Cell, ...]]:
        import pyarrow.parquet as pq

        # With a buffer a file is read page by page; without one, a row group at once, however large it is.
        with readable(path, damaged=_DAMAGED), pq.ParquetFile(path, buffer_size=_BUFFER) as file:
            names = list(file.schema_arrow.names)
            places = [names.index(name) if name in names else None for name in self.header]
            if len(self._files) == 1:
                places = list(range(len(names)))
            for batch in stream(file, _BATCH_ROWS):
                columns = [column.to_pylist() for column in batch.columns]
                missing = [None] * batch.num_rows
                ordered = [missing if place is None else columns[place] for place in places]
                for values in zip(*ordered, strict=True):
                    yield tuple(map(_flat, values))

    def row_count(self) -> int | None:
        """Return the number of rows."""
        return self._rows
