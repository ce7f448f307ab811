"""Files of which a crash leaves either all or nothing, and the lock of the one process that writes."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from triage.errors import ModelError

PATIENCE = 60.0
"""Seconds to wait for another process that writes; a version is written in about one."""

_LOCK = ".lock"
_BESIDE = ".new-"


def sha256(content: bytes) -> str:
    """The SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Be the only process that writes into the folder, which is made where there is none; others may read.

    The operating system lets go of the lock when a process ends, however it ends. What killed ones left is removed.

    Raises
    ------
    ModelError : another process does not end, or the folder cannot be written to.
    """
    from filelock import FileLock, Timeout

    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / _LOCK, timeout=PATIENCE):
            _remove_leftovers(folder)
            yield
    except Timeout:
        raise ModelError(
            f"Another program has been writing here for {PATIENCE:g} seconds.",
            where=str(folder),
            fix="Wait until it has ended, and try again.",
        ) from None
    except OSError as error:
        raise ModelError(
            f"cannot be written to ({error.strerror or type(error).__name__}).",
            where=str(folder),
            fix="Make room or ask for the right to write there, and try again.",
        ) from None


def write_folder(target: Path, files: Mapping[str, bytes]) -> None:
    """Write a folder beside and rename it; there must be no such folder yet."""
    beside = _beside(target)
    beside.mkdir()
    try:
        for name, content in files.items():
            _write(beside / name, content)
        _sync_folder(beside)
        beside.rename(target)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    _sync_folder(target.parent)


def write_file(target: Path, content: bytes) -> None:
    """Write a file beside and put it in the place of the old one."""
    beside = _beside(target)
    try:
        _write(beside, content)
        beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def _beside(target: Path) -> Path:
    return target.with_name(f"{_BESIDE}{secrets.token_hex(4)}")


def _remove_leftovers(folder: Path) -> None:
    for entry in folder.glob(f"{_BESIDE}*"):
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _sync_folder(folder: Path) -> None:
    """Have the names of a folder written down; Windows does that by itself, and cannot be asked to."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
