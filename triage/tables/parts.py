"""Write a long result in parts, so that a run that was killed can go on where it stopped.

Parts lie in a folder beside the result. Each is written under another name, brought to the disk, named, and then
vouched for by a small file of its own: a part without one does not count. At the end they are joined.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec
from filelock import FileLock, Timeout

from triage.errors import InputError
from triage.schema import RejectedRow
from triage.tables.cells import Cell
from triage.tables.columns import unique_names
from triage.tables.disk import append, folder_to_disk, names_to_disk, put, put_text, writable
from triage.tables.parquet import TextParquet, write_typed, write_typed_folder
from triage.tables.sinks import REJECTED_HEADER, CsvSink, JsonLinesSink, Look, OutputColumn, TotalsTable, rejected_cells
from triage.tables.writing import check_ending, check_place, rejected_path

PARTED_SUFFIXES = (".csv", ".tsv", ".parquet", ".jsonl")
"""The formats whose parts can be joined."""

_MANIFEST, _LOCK, _JOINED, _NEW = "manifest.json", "lock", "joined", ".new"
_RESULT, _OLDER = "result", "older"
_REMOVE = "To begin anew, remove that folder."


@dataclass(frozen=True, slots=True)
class _Manifest:
    """What the run rests on, by name, and what holds for all of it, by name, as it was when it began."""

    identity: dict[str, str]
    given: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Part:
    """A part that is whole: the sizes of its files in bytes, the kinds of cells of each column, and the job's note."""

    size: int
    rejected_size: int
    kinds: tuple[frozenset[str], ...]
    note: str


class PartedWriter:
    """Writes rows in parts, into a file of the format that its ending names or into a folder of parquet files.

    Use it in a `with` statement. Leaving that without `finish` keeps the parts where the run may be gone on with, and
    removes all where it may not; an older result of the same name stays as it was.
    """

    def __init__(
        self,
        path: Path,
        folder: Path,
        lock: FileLock,
        header: Sequence[str],
        manifest: _Manifest,
        *,
        keeps: bool,
        is_folder: bool,
    ) -> None:
        """Take a folder for the parts, which is locked; `open` is the way to get a writer."""
        self.given: Mapping[str, str] = manifest.given
        self._path = path
        self._folder = folder
        self._header = header
        self._keeps = keeps
        self._is_folder = is_folder
        self._suffix = ".parquet" if is_folder else path.suffix.lower()
        self._lock = lock
        self._parts = list(self._whole_parts())
        self._sink: CsvSink | JsonLinesSink | TextParquet | None = None
        self._rejected: CsvSink | None = None

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        columns: Sequence[OutputColumn],
        identity: Mapping[str, str],
        given: Mapping[str, str],
        resume: bool,
        is_folder: bool = False,
        force: bool = False,
    ) -> PartedWriter:
        """Check that the result can be written, and begin it or go on with it.

        Parameters
        ----------
        identity : what the answers rest on, by name; a run that rested on something else is not gone on with.
        given : what holds for the whole run; where one is gone on with, `given` of the writer has what that began with.
        resume : go on with a run that stopped, if there is one, and keep the parts if this one stops.
        is_folder : whether the result is a folder of parquet files, one for each part.

        Raises
        ------
        InputError : the format has no parts, the result exists already and `force` is off, the run that stopped rested
            on something else, or another run writes the same result.
        """
        path = Path(path)
        if not is_folder:
            if path.suffix.lower() == ".xlsx":
                raise InputError(
                    "is a workbook, which cannot be written in parts and gone on with.",
                    where=str(path),
                    fix=f"Name a result that ends with one of {', '.join(PARTED_SUFFIXES)}.",
                )
            check_ending(path, PARTED_SUFFIXES)
        header = unique_names([column.name for column in columns])
        manifest = _Manifest({"columns": "\n".join(header), **identity}, dict(given))
        folder = path.with_name(f"{path.name}.parts")
        if not resume or not (folder / _JOINED).exists():
            check_place(path, force=force, is_folder=is_folder)
        with writable(path):
            if resume:
                folder.mkdir(exist_ok=True)
            else:
                folder = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent))
        lock = FileLock(folder / _LOCK)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise InputError("is being written by another run.", where=str(path), fix="Wait until it ends.") from None
        try:
            found = _begun(folder, manifest)
            with writable(path):
                if found is None:
                    put_text(msgspec.json.encode(manifest).decode(), folder / _MANIFEST)
                return cls(path, folder, lock, header, found or manifest, keeps=resume, is_folder=is_folder)
        except BaseException:
            lock.release()
            raise

    @property
    def notes(self) -> tuple[str, ...]:
        """What `end_part` was told of each part that is whole."""
        return tuple(part.note for part in self._parts)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Let go of the files."""
        for sink in (self._sink, self._rejected):
            with suppress(Exception):
                if sink is not None:
                    sink.abandon()
        self._lock.release()
        if not self._keeps:
            shutil.rmtree(self._folder, ignore_errors=True)

    def add(self, cells: Sequence[Cell], *, look: Look = Look.PLAIN) -> None:
        """Write a row into the part that is under way."""
        with writable(self._path):
            self._begun_sink().add(cells, look=look)

    def enlist(self, cells: Sequence[Cell]) -> None:
        """Do nothing: there is no room for a listing."""

    def reject(self, row: RejectedRow) -> None:
        """Write a rejected row into the part that is under way."""
        with writable(self._path):
            self._begun_sink()
            if self._rejected is None:
                name = f"{self._name(len(self._parts) + 1)}.rejected.csv{_NEW}"
                self._rejected = CsvSink(self._folder / name, REJECTED_HEADER, delimiter=",")
            self._rejected.add(rejected_cells(row))

    def end_part(self, note: str) -> None:
        """End the part that is under way; from now on it is not lost. Nothing is done where none is.

        `note` is what the job needs to know of the part when it goes on.
        """
        sink = self._sink
        if sink is None:
            return
        name = self._name(len(self._parts) + 1)
        rejected_size = 0
        with writable(self._path):
            sink.close()
            put(self._folder / f"{name}{self._suffix}{_NEW}", self._folder / f"{name}{self._suffix}")
            if self._rejected is not None:
                self._rejected.close()
                rejected = self._folder / f"{name}.rejected.csv"
                put(rejected.with_name(f"{rejected.name}{_NEW}"), rejected)
                rejected_size = rejected.stat().st_size
            size = (self._folder / f"{name}{self._suffix}").stat().st_size
            kinds = tuple(map(frozenset, sink.kinds)) if isinstance(sink, TextParquet) else ()
            part = _Part(size, rejected_size, kinds, note)
            put_text(msgspec.json.encode(part).decode(), self._folder / f"{name}.json")
        self._parts.append(part)
        self._sink = self._rejected = None

    def finish(self, totals: Sequence[TotalsTable] = ()) -> tuple[Path, ...]:
        """Join the parts, move the result into place, and return the paths; there is no room for the totals.

        Raises
        ------
        InputError : the disk is full, or a file that should be replaced is open in another program.
        """
        if self._sink is not None:
            raise ValueError("the last part has not been ended")
        with writable(self._path):
            if not (self._folder / _JOINED).exists():
                self._join()
                put_text("", self._folder / _JOINED)
            has_rejected = any(part.rejected_size for part in self._parts)
            self._move(has_rejected=has_rejected)
        self._clear()
        return (self._path, rejected_path(self._path)) if has_rejected else (self._path,)

    def _name(self, number: int) -> str:
        return f"part-{number:05d}"

    def _begun_sink(self) -> CsvSink | JsonLinesSink | TextParquet:
        if self._sink is None:
            draft = self._folder / f"{self._name(len(self._parts) + 1)}{self._suffix}{_NEW}"
            self._sink = self._open_sink(draft)
        return self._sink

    def _open_sink(self, draft: Path) -> CsvSink | JsonLinesSink | TextParquet:
        if self._suffix == ".parquet":
            return TextParquet(draft, self._header)
        if self._suffix == ".jsonl":
            return JsonLinesSink(draft, self._header)
        return CsvSink(draft, self._header, delimiter="\t" if self._suffix == ".tsv" else ",")

    def _whole_parts(self) -> list[_Part]:
        """The parts from the first on that are whole."""
        found: list[_Part] = []
        while (part := self._whole_part(self._name(len(found) + 1))) is not None:
            found.append(part)
        return found

    def _whole_part(self, name: str) -> _Part | None:
        try:
            part = msgspec.json.decode((self._folder / f"{name}.json").read_bytes(), type=_Part)
            sizes = [(self._folder / f"{name}{self._suffix}").stat().st_size]
            if part.rejected_size:
                sizes.append((self._folder / f"{name}.rejected.csv").stat().st_size)
        except (OSError, msgspec.MsgspecError):
            return None
        return part if sizes in ([part.size], [part.size, part.rejected_size]) else None

    def _join(self) -> None:
        """Write the result and the rejected rows, whole, into a folder among the parts."""
        joined = self._folder / _RESULT
        shutil.rmtree(joined, ignore_errors=True)
        joined.mkdir()
        names = [self._name(number) for number in range(1, len(self._parts) + 1)]
        files = [self._folder / f"{name}{self._suffix}" for name in names]
        target = joined / self._path.name
        if self._suffix != ".parquet":
            append(files, target, header=self._suffix != ".jsonl")
        else:
            kinds = [frozenset().union(*column) for column in zip(*(part.kinds for part in self._parts), strict=True)]
            (write_typed_folder if self._is_folder else write_typed)(files, target, kinds)
        of_parts = zip(names, self._parts, strict=True)
        rejected = [self._folder / f"{name}.rejected.csv" for name, part in of_parts if part.rejected_size]
        if rejected:
            append(rejected, joined / rejected_path(self._path).name, header=True)
        folder_to_disk(joined)

    def _move(self, *, has_rejected: bool) -> None:
        """Move what has not been moved yet; the result last: where it stands, everything else stands too."""
        rejected = rejected_path(self._path)
        if not has_rejected:
            rejected.unlink(missing_ok=True)
        for target in (rejected, self._path):
            draft = self._folder / _RESULT / target.name
            if not draft.exists():
                continue
            try:
                if target.is_dir():
                    shutil.rmtree(self._folder / _OLDER, ignore_errors=True)
                    target.replace(self._folder / _OLDER)
                draft.replace(target)
            except OSError as error:
                raise InputError(
                    "cannot be replaced: it is open in another program.",
                    where=str(target),
                    fix="Close it in Excel or WPS and run the command again.",
                ) from error
        names_to_disk(self._path.parent)

    def _clear(self) -> None:
        """Remove the parts, under another name first: a kill leaves nothing that looks like an unfinished run."""
        self._lock.release()
        done = self._folder.with_name(f".{self._path.name}.{self._folder.stat().st_ino}.done")
        with suppress(OSError):
            self._folder.replace(done)
            shutil.rmtree(done, ignore_errors=True)


def _begun(folder: Path, wanted: _Manifest) -> _Manifest | None:
    """The manifest of the run that is to be gone on with, None where there is none.

    Raises
    ------
    InputError : it rests on something else, or the folder is another's.
    """
    content = _read(folder / _MANIFEST)
    if content is None:
        if any(path.name not in {_LOCK, f"{_MANIFEST}{_NEW}"} for path in folder.iterdir()):
            raise InputError("holds other files than parts of a result.", where=str(folder), fix="Remove or rename it.")
        return None
    try:
        found = msgspec.json.decode(content, type=_Manifest)
    except msgspec.MsgspecError:
        raise InputError("its manifest is damaged.", where=str(folder), fix=_REMOVE) from None
    keys = dict.fromkeys((*wanted.identity, *found.identity))
    others = [key for key in keys if wanted.identity.get(key) != found.identity.get(key)]
    if others:
        raise InputError(
            f"the run that stopped here began with another {' and another '.join(others)}.",
            where=str(folder),
            fix=f"Give it what it began with. {_REMOVE}",
        )
    return found


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
