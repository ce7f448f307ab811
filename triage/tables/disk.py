"""What is written stays written: files brought to the disk before their names are, and errors in plain words."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from triage.errors import InputError


@contextmanager
def writable(path: Path) -> Iterator[None]:
    """Turn what goes wrong in writing the result `path` into one sentence."""
    try:
        yield
    except InputError as error:
        raise InputError(error.what, where=error.where or str(path), fix=error.fix) from error
    except OSError as error:
        raise InputError(
            f"cannot be written: {error.strerror or error}.",
            where=str(path),
            fix="Make room on the disk, or choose another folder with --out.",
        ) from error


def to_disk(path: Path) -> None:
    """Wait until the content of a file is on the disk."""
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def names_to_disk(folder: Path) -> None:
    """Wait until the names in a folder are on the disk, where the system can say so."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def put(draft: Path, target: Path) -> None:
    """Give a written file its name, so that whoever finds the name finds all of the file."""
    to_disk(draft)
    draft.replace(target)
    names_to_disk(target.parent)


def put_text(text: str, target: Path) -> None:
    """Write a small file, whole or not at all."""
    draft = target.with_name(f"{target.name}.new")
    draft.write_text(text, encoding="utf-8")
    put(draft, target)


def folder_to_disk(folder: Path) -> None:
    """Wait until all files in a folder, and in those below it, are on the disk."""
    for path in folder.iterdir():
        if path.is_dir():
            folder_to_disk(path)
        else:
            to_disk(path)
    names_to_disk(folder)


def append(parts: Sequence[Path], target: Path, *, header: bool) -> None:
    """Write files one after another, the header of the first alone."""
    with target.open("wb") as out:
        for number, path in enumerate(parts):
            with path.open("rb") as file:
                if header and number:
                    file.readline()  # no name of a column holds a line break
                shutil.copyfileobj(file, out, 1 << 20)
