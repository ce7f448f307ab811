"""What every reader of a format yields: records with their row numbers, and errors in plain words."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from triage.errors import InputError, TriageError
from triage.tables.cells import Cell

GZIP = b"\x1f\x8b"
SAVE_AGAIN = "Open it in Excel or WPS and save it again as .xlsx."


@dataclass(frozen=True, slots=True)
class Record:
    """One row as it stands in the file; `fault` says why it cannot be used, `blank` that it holds nothing."""

    row: int
    cells: tuple[Cell, ...]
    blank: bool = False
    fault: str = ""


class Grid(Protocol):
    """A sheet, or a file that is one sheet."""

    @property
    def name(self) -> str:
        """The sheet's name, empty where the format has no sheets."""

    @property
    def header(self) -> tuple[str, ...] | None:
        """The names of the columns where the format itself gives them."""

    def records(self) -> Iterator[Record]:
        """Yield the rows from the top, as often as asked."""

    def header_end(self, row: int) -> int:
        """Return the last row of a header that begins at `row` and is merged downwards."""

    def row_count(self) -> int | None:
        """Return how many rows there are with those above the data, None where only reading would tell."""


def open_bytes(path: Path) -> BinaryIO:
    """Open a file for reading; one compressed by gzip (`.csv.gz`) reads as what is in it."""
    with path.open("rb") as file:
        compressed = file.read(2) == GZIP
    return cast("BinaryIO", gzip.open(path)) if compressed else path.open("rb")


@contextmanager
def readable(path: Path, *, damaged: str = "is damaged, or is not what its name says") -> Iterator[None]:
    """Turn whatever a reading library raises into one sentence."""
    try:
        yield
    except (TriageError, MemoryError, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except FileNotFoundError as error:
        raise InputError("does not exist.", where=str(path), fix="Check the name and the folder.") from error
    except PermissionError as error:
        raise InputError(
            "cannot be opened: another program holds it, or you may not read it.",
            where=str(path),
            fix="Close it in Excel or WPS and try again.",
        ) from error
    # Rust panics arrive as BaseException, so that `except Exception` would let their traceback out.
    except BaseException as error:
        raise InputError(f"{damaged}.", where=str(path), fix=SAVE_AGAIN) from error
