"""On which line of a TOML text a table or key stands.

`tomllib` tells what a file says, not where. This scanner tells where, and relies on `tomllib` having accepted the
text before: it looks for statements alone and judges nothing.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass

Path = tuple[str | int, ...]
"""Keys and positions in lists from the top of the file, such as `("rule", 2, "lead")`."""

# A multi-line string may end in up to two quotes of its own before the three that close it.
_PIECE = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|\#[^\n]*"
    r"|[\n\[\]{}=]"
    r"|[^\"'\#\n\[\]{}=]+",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of the tables and keys of one file."""

    known: dict[Path, int]

    def __getitem__(self, path: Path) -> int:
        """The line of `path`, else that of the innermost table around it that has one, else 0."""
        while path and path not in self.known:
            path = path[:-1]
        return self.known.get(path, 0)


def find_lines(text: str) -> Lines:
    """The line, from 1, of every table header and key of a TOML text that `tomllib` accepts."""
    known: dict[Path, int] = {}
    sizes: dict[Path, int] = {}
    table: Path = ()
    for line, pieces in _statements(text):
        if pieces[0] == "[":
            keys = _keys("".join(pieces).strip("[] \t\r"))
            table = _open_table(keys, sizes, in_list=pieces[1] == "[")
            path = table
        else:
            path = table + _keys("".join(pieces[: pieces.index("=")]))
        for depth in range(1, len(path) + 1):
            known.setdefault(path[:depth], line)
    return Lines(known)


def _statements(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each header or `key = value` as its first line and its pieces, without comments."""
    line, start, depth = 1, 1, 0
    pieces: list[str] = []
    for match in _PIECE.finditer(text + "\n"):
        piece = match.group()
        if piece == "\n" and depth == 0:
            if pieces:
                yield start, pieces
            pieces = []
        elif piece.strip() and not piece.startswith("#"):
            start = start if pieces else line
            pieces.append(piece)
            depth += (piece in "[{") - (piece in "]}")
        line += piece.count("\n")


def _keys(written: str) -> tuple[str, ...]:
    """The parts of a dotted key; `tomllib` itself reads them, so quotes and escapes are its business."""
    parts: list[str] = []
    value: object = tomllib.loads(f"{written} = 0")
    while isinstance(value, dict):
        key, value = next(iter(value.items()))
        parts.append(key)
    return tuple(parts)


def _open_table(keys: tuple[str, ...], sizes: dict[Path, int], *, in_list: bool) -> Path:
    """The path of a header's table; a header inside a list of tables belongs to the last one opened."""
    path: Path = ()
    for key in keys[:-1]:
        path += (key,)
        if path in sizes:
            path += (sizes[path] - 1,)
    path += (keys[-1],)
    if in_list:
        sizes[path] = sizes.get(path, 0) + 1
        path += (sizes[path] - 1,)
    return path
