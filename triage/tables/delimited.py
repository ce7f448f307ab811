"""Comma- and tab-separated text as a grid: encoding, delimiter and line numbers."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

from triage.errors import InputError
from triage.tables.cells import is_blank
from triage.tables.columns import HEADER_SEARCH_ROWS, Role, header_score
from triage.tables.grids import SAVE_AGAIN, Record, open_bytes, readable

MAX_FIELD = 10 * 1024**2
"""Characters that one cell may hold; a longer one means a quotation mark that is never closed."""

_DELIMITERS = (",", "\t", ";")
_BLOCK = 1 << 20
_SAMPLE = 1 << 18
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_ENOUGH_NON_ASCII = 20


class TextGrid:
    """A delimited file, read anew for every call of `records`."""

    name = ""
    header: tuple[str, ...] | None = None

    def __init__(self, path: Path, named: Mapping[Role, str]) -> None:
        """Find the encoding and the delimiter."""
        self._path = path
        self.encoding = find_encoding(path)
        self.delimiter = self._find_delimiter(named)

    def records(self) -> Iterator[Record]:
        """Yield the rows; each has the number of the line on which it begins."""
        csv.field_size_limit(max(csv.field_size_limit(), MAX_FIELD))
        with readable(self._path), self._open() as file:
            reader = csv.reader(_without_nul(file), delimiter=self.delimiter, strict=True)
            first = 1
            try:
                for cells in reader:
                    yield Record(first, tuple(cells), all(map(is_blank, cells)))
                    first = reader.line_num + 1
            except csv.Error as error:
                raise self._unclosed(first) from error

    def _open(self) -> io.TextIOWrapper:
        return io.TextIOWrapper(open_bytes(self._path), encoding=self.encoding, newline="")

    def _unclosed(self, line: int) -> InputError:
        return InputError(
            "the quotation marks of the row that begins here do not match.",
            where=f"{self._path}, line {line}",
            fix=f'Close the mark, or write "" for a quotation mark inside a cell. {SAVE_AGAIN}',
        )

    def _find_delimiter(self, named: Mapping[Role, str]) -> str:
        with readable(self._path), self._open() as file:
            sample = file.read(_SAMPLE).replace("\0", "")
        if sample.lower().startswith("sep=") and sample[4:5] in _DELIMITERS:
            return sample[4]
        return max(_DELIMITERS, key=lambda mark: _plausibility(sample, mark, named))

    def header_end(self, row: int) -> int:
        """Return the row itself, as text has no merged cells."""
        return row

    def row_count(self) -> int | None:
        """Return None: cells may span lines, so only reading tells."""
        return None


def _without_nul(lines: io.TextIOWrapper) -> Iterator[str]:
    return (line.replace("\0", "") for line in lines)


def _plausibility(sample: str, mark: str, named: Mapping[Role, str]) -> tuple[tuple[int, int], int]:
    csv.field_size_limit(max(csv.field_size_limit(), MAX_FIELD))
    rows = list(islice(csv.reader(io.StringIO(sample, newline=""), delimiter=mark), HEADER_SEARCH_ROWS))
    widths = [len(cells) for cells in rows if cells]
    usual = max(set(widths), key=widths.count, default=1)
    return max((header_score(cells, named) for cells in rows), default=(0, 0)), usual


def find_encoding(path: Path) -> str:
    """Return utf-8, utf-8-sig, utf-16 or gb18030, whichever the whole file can be read in.

    Raises
    ------
    InputError : no encoding fits, the file is no text, or UTF-8 text is damaged in one place.
    """
    with readable(path), open_bytes(path) as file:
        head = file.read(_BLOCK)
    marked = next((name for bom, name in _BOMS if head.startswith(bom)), None)
    if marked is None and _is_binary(head):
        raise _unknown_encoding(path)
    for name in (marked,) if marked else ("utf-8", "gb18030"):
        failure = _first_failure(path, name)
        if failure is None:
            return name
        line, non_ascii = failure
        # Text that was UTF-8 for this long is not GBK; read as GBK it would come out as other words.
        if marked or (name == "utf-8" and non_ascii >= _ENOUGH_NON_ASCII):
            raise InputError(
                f"is damaged: the text is {name.removesuffix('-sig').upper()}, but this line is not.",
                where=f"{path}, line {line}",
                fix=f"Copy or download it again. {SAVE_AGAIN}",
            )
    raise _unknown_encoding(path)


def _unknown_encoding(path: Path) -> InputError:
    return InputError(
        "is in no known encoding: neither UTF-8, UTF-16 nor GB18030 (GBK).", where=str(path), fix=SAVE_AGAIN
    )


def _is_binary(head: bytes) -> bool:
    odd = sum(head.count(byte) for byte in range(32) if byte not in b"\t\n\r\v\f\x1a")
    return odd * 5 > len(head)


def _first_failure(path: Path, encoding: str) -> tuple[int, int] | None:
    """Return the first line that the encoding cannot read and the bytes beyond ASCII read before it."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line, non_ascii = 1, 0
    with readable(path), open_bytes(path) as file:
        for block in iter(lambda: file.read(_BLOCK), b""):
            try:
                decoder.decode(block)
            except UnicodeDecodeError as error:
                good = error.object[: error.start]
                return line + good.count(b"\n"), non_ascii + sum(byte > 127 for byte in good)
            line += block.count(b"\n")
            non_ascii += len(block) - len(block.translate(None, bytes(range(128, 256))))
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return line, non_ascii
    return None
