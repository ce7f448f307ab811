"""Put several files into a folder: all of them, or none."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from triage.errors import InputError


def check_free(folder: Path, names: list[str], *, force: bool) -> None:
    """Refuse a folder that is none, or in which one of the files stands already.

    Raises
    ------
    InputError : with what is in the way.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError("is no folder.", where=str(folder), fix="Name a folder with --out.")
    for name in names:
        target = folder / name
        if target.is_dir():
            raise InputError("is a folder.", where=str(target), fix="Choose another folder with --out.")
        if target.exists() and not force:
            raise InputError(
                "exists already.",
                where=str(target),
                fix="Choose another folder with --out, or overwrite it with --force.",
            )


def write_all(folder: Path, contents: Mapping[str, bytes]) -> tuple[Path, ...]:
    """Write the files into the folder, which is made where it is missing, and return their paths.

    They are written beside their places first. If one of them cannot be put there, those before it are taken away
    again and what they replaced is put back.

    Raises
    ------
    InputError : the folder is closed to us, the disk is full, or a file to be replaced is open in another program.
    """
    made = not folder.exists()
    drafts: Path | None = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        drafts = Path(tempfile.mkdtemp(prefix=".handover.", suffix=".tmp", dir=folder))
        for name, content in contents.items():
            (drafts / name).write_bytes(content)
        return _move(drafts, folder, list(contents))
    except OSError as error:
        raise InputError(
            f"cannot be written: {error.strerror or error}.",
            where=str(error.filename2 or error.filename or folder),
            fix="Close it in Word or WPS, make room on the disk, or choose another folder with --out.",
        ) from error
    finally:
        if drafts is not None:
            shutil.rmtree(drafts, ignore_errors=True)
        if made:
            with suppress(OSError):
                folder.rmdir()  # goes only where nothing has been written


def _move(drafts: Path, folder: Path, names: list[str]) -> tuple[Path, ...]:
    older = drafts / "older"
    older.mkdir()
    moved: list[str] = []
    try:
        for name in names:
            target = folder / name
            if target.exists():
                target.replace(older / name)
            moved.append(name)
            (drafts / name).replace(target)
    except BaseException:
        for name in moved:
            (folder / name).unlink(missing_ok=True)
            if (older / name).exists():
                (older / name).replace(folder / name)
        raise
    return tuple(folder / name for name in names)
