"""Write a result whole or not at all: beside its place first, and moved there at the end."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from triage.errors import InputError
from triage.schema import RejectedRow
from triage.tables.cells import Cell
from triage.tables.columns import unique_names
from triage.tables.disk import to_disk, writable
from triage.tables.parquet import ParquetSink
from triage.tables.sinks import (
    REJECTED_HEADER,
    CsvSink,
    JsonLinesSink,
    Listing,
    Look,
    OutputColumn,
    Sink,
    TotalsTable,
    XlsxSink,
    rejected_cells,
)

__all__ = ["Listing", "Look", "OutputColumn", "ResultWriter", "TotalsTable"]

_SUFFIXES = (".xlsx", ".csv", ".tsv", ".parquet", ".jsonl")


class ResultWriter:
    """Writes rows to a file of the format that its ending names.

    Use it in a `with` statement: leaving that without `finish` removes all that was written, and an
    older file of the same name stays as it was.
    """

    def __init__(
        self, path: Path, columns: Sequence[OutputColumn], sheet_name: str, listing: Listing | None, folder: Path
    ) -> None:
        """Begin a draft in `folder`; `open` is the way to get a writer."""
        self._path = path
        self._folder = folder
        self._draft = folder / path.name
        self._done = False
        names = unique_names([column.name for column in columns])
        self._width = len(names)
        unique = [replace(old, name=name) for name, old in zip(names, columns, strict=True)]
        self._sink = _open_sink(self._draft, unique, sheet_name, listing, folder)
        self._rejected: list[RejectedRow] = []
        self._rejected_sink: CsvSink | None = None

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        columns: Sequence[OutputColumn],
        sheet_name: str,
        listing: Listing | None = None,
        force: bool = False,
    ) -> ResultWriter:
        """Check that the result can be written, and begin it.

        `listing` is a second sheet, of chosen rows, for which only a workbook has room.

        Raises
        ------
        InputError : the ending names no format, the file exists already and `force` is off, or its folder is
            missing or closed to us.
        """
        path = Path(path)
        check_ending(path)
        check_place(path, force=force)
        try:
            folder = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent))
        except OSError as error:
            raise InputError(
                f"nothing can be written into the folder {path.parent}.",
                where=str(path),
                fix="Choose another folder with --out.",
            ) from error
        try:
            return cls(path, columns, sheet_name, listing, folder)
        except BaseException:
            _remove(folder)
            raise

    def __enter__(self) -> Self:
        """Return the writer itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Remove the temporary files unless `finish` has moved them into place."""
        if not self._done:
            self._abandon()

    def add(self, cells: Sequence[Cell], *, look: Look = Look.PLAIN) -> None:
        """Write a row with a cell for every column; a workbook shows how it looks.

        Raises
        ------
        InputError : the format holds no more rows, or the disk is full.
        """
        if len(cells) != self._width:
            raise ValueError(f"a row of {len(cells)} cells for {self._width} columns")
        with writable(self._path):
            self._sink.add(cells, look=look)

    def enlist(self, cells: Sequence[Cell]) -> None:
        """Put a row on the listing, with a link to the row that was added last."""
        with writable(self._path):
            self._sink.enlist(cells)

    def reject(self, row: RejectedRow) -> None:
        """Write a rejected row, so that it need not be kept; a workbook keeps it for its own sheet."""
        if self._path.suffix.lower() == ".xlsx":
            self._rejected.append(row)
            return
        with writable(self._path):
            if self._rejected_sink is None:
                self._rejected_sink = CsvSink(self._rejected_draft, REJECTED_HEADER, delimiter=",")
            self._rejected_sink.add(rejected_cells(row))

    def finish(self, totals: Sequence[TotalsTable], rejected: Sequence[RejectedRow] = ()) -> tuple[Path, ...]:
        """Write the totals and the rejected rows, move all into place, and return the paths of the files.

        `rejected` holds those that were not given to `reject`.

        Only a workbook has room for totals; other formats get their rejected rows in NAME.rejected.csv.

        Raises
        ------
        InputError : the disk is full, or a file that should be replaced is open in another program.
        """
        try:
            for row in rejected:
                self.reject(row)
            with writable(self._path):
                self._sink.close(totals, self._rejected)
                moves = [(self._draft, self._path)]
                if self._rejected_sink is not None:
                    self._rejected_sink.close()
                    moves.insert(0, (self._rejected_draft, rejected_path(self._path)))
                for draft, _ in moves:
                    to_disk(draft)
            self._move(moves)
        except BaseException:
            self._abandon()
            raise
        self._done = True
        _remove(self._folder)
        return tuple(target for _, target in reversed(moves))

    @property
    def _rejected_draft(self) -> Path:
        return self._folder / rejected_path(self._path).name

    def _move(self, moves: Sequence[tuple[Path, Path]]) -> None:
        """Move the result last: where it stands, everything else stands too."""
        moved: list[Path] = []
        for draft, target in moves:
            try:
                draft.replace(target)
            except OSError as error:
                for path in moved:
                    path.unlink(missing_ok=True)
                raise InputError(
                    "cannot be replaced: it is open in another program.",
                    where=str(target),
                    fix="Close it in Excel or WPS and run the command again.",
                ) from error
            moved.append(target)
        if len(moves) == 1:
            with suppress(OSError):
                rejected_path(self._path).unlink(missing_ok=True)

    def _abandon(self) -> None:
        self._done = True
        # The sink may stand half-written; whatever it says about that must not hide the first error.
        with suppress(Exception):
            self._sink.abandon()
        with suppress(Exception):
            if self._rejected_sink is not None:
                self._rejected_sink.abandon()
        _remove(self._folder)


def rejected_path(path: Path) -> Path:
    """Return where the rejected rows go beside a result that is no workbook."""
    return path.with_name(f"{path.stem}.rejected.csv")


def _open_sink(
    draft: Path, columns: Sequence[OutputColumn], sheet_name: str, listing: Listing | None, scratch: Path
) -> Sink:
    names = [column.name for column in columns]
    match draft.suffix.lower():
        case ".xlsx":
            return XlsxSink(draft, columns, sheet_name, scratch, listing)
        case ".csv":
            return CsvSink(draft, names, delimiter=",")
        case ".tsv":
            return CsvSink(draft, names, delimiter="\t")
        case ".parquet":
            return ParquetSink(draft, names)
        case _:
            return JsonLinesSink(draft, names)


def check_ending(path: Path, suffixes: Sequence[str] = _SUFFIXES) -> None:
    """Refuse a result whose ending names none of the formats."""
    if path.suffix.lower() not in suffixes:
        raise InputError(
            f"the ending 「{path.suffix}」 names no format that can be written.",
            where=str(path),
            fix=f"Use one of {', '.join(suffixes)}.",
        )


def check_place(path: Path, *, force: bool, is_folder: bool = False) -> None:
    """Refuse a result whose folder is missing, or that would take the place of something."""
    where = str(path)
    if not path.parent.is_dir():
        raise InputError(
            f"there is no folder {path.parent}.", where=where, fix="Make it, or choose another with --out."
        )
    if path.exists() and path.is_dir() != is_folder:
        kind = "a file" if is_folder else "a folder"
        raise InputError(f"is {kind}.", where=where, fix="Choose another name with --out.")
    targets = [path] if path.suffix.lower() == ".xlsx" else [path, rejected_path(path)]
    for target in targets:
        if target.exists() and not force:
            raise InputError(
                "exists already.",
                where=str(target),
                fix="Choose another name with --out, or overwrite it with --force.",
            )


def _remove(folder: Path) -> None:
    with suppress(OSError):
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()
