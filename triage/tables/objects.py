"""JSON lines and parquet as grids: files that name their columns themselves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from triage.errors import InputError
from triage.tables.cells import Cell, is_blank
from triage.tables.grids import Record, readable

_BATCH_ROWS = 4096
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
        with readable(self._path), self._path.open("rb") as file:
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


class ParquetGrid(_NamedGrid):
    """A parquet file, read a batch of rows at a time."""

    def __init__(self, path: Path) -> None:
        """Read the names of the columns."""
        self._path = path
        import pyarrow.parquet as pq

        with readable(path, damaged=_DAMAGED), pq.ParquetFile(path) as file:
            self.header = tuple(file.schema_arrow.names)
            self._rows: int = file.metadata.num_rows

    def records(self) -> Iterator[Record]:
        """Yield the rows, numbered from 1."""
        import pyarrow.parquet as pq

        number = 0
        with readable(self._path, damaged=_DAMAGED), pq.ParquetFile(self._path) as file:
            for batch in file.iter_batches(batch_size=_BATCH_ROWS):
                columns = [column.to_pylist() for column in batch.columns]
                for values in zip(*columns, strict=True):
                    number += 1
                    cells = tuple(map(_flat, values))
                    yield Record(number, cells, all(map(is_blank, cells)))

    def row_count(self) -> int | None:
        """Return the number of rows."""
        return self._rows
