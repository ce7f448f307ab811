"""The log of a registry: which version was put to use when, by whom and why. It is only ever added to.

Each line carries its own SHA-256 and that of the line before, so that a line that was changed, removed or moved is
noticed. That the last lines were removed cannot be told from the log alone, and whoever makes all the hashes anew can
make up a log: this guards against accidents and careless hands, not against those who mean to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from triage.errors import ModelError
from triage.registry.files import sha256, write_file
from triage.registry.manifest import Digest, MaybeDigest

_NAME = "log.jsonl"
_SEAL, _END = b',"digest":"', b'"}'
"""What stands around the SHA-256 of all that stands before it in a line."""


class Action(StrEnum):
    """How a version came into use."""

    PROMOTE = "promote"
    ROLLBACK = "rollback"


@dataclass(frozen=True, slots=True)
class LogEntry:
    """A version that was put to use.

    `number` counts from 1; `moment` has an offset; `manifest_sha256` says which content the version had. `digest` is
    the SHA-256 of the line up to it, `previous` that of the line before, empty in the first.
    """

    number: Annotated[int, Meta(ge=1)]
    moment: Annotated[datetime, Meta(tz=True)]
    version: Annotated[str, Meta(pattern="^[0-9]{4,}$")]
    action: Action
    by: str
    reason: str
    manifest_sha256: Digest
    previous: MaybeDigest
    digest: MaybeDigest


@dataclass(frozen=True, slots=True)
class Tenure:
    """How long a version was in use: from the moment of the entry to `until`; None where it still is."""

    entry: LogEntry
    until: datetime | None


def tenures(entries: Sequence[LogEntry]) -> tuple[Tenure, ...]:
    """The entries, each with the moment when the next took over."""
    last = len(entries) - 1
    return tuple(Tenure(entry, entries[at + 1].moment if at < last else None) for at, entry in enumerate(entries))


def standing(entries: Sequence[LogEntry]) -> tuple[str, ...]:
    """The version in use, last, and before it those that can be gone back to: a rollback takes away the last."""
    stack: list[str] = []
    for entry in entries:
        if entry.action is Action.ROLLBACK:
            stack.pop()
        else:
            stack.append(entry.version)
    return tuple(stack)


class Log:
    """The log of a folder; the file is made with the first entry."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / _NAME

    def entries(self) -> tuple[LogEntry, ...]:
        """All entries, oldest first. A last line that is cut short was never written: its writer was killed.

        Raises
        ------
        ModelError : a line was changed, removed or moved.
        """
        found: list[LogEntry] = []
        for number, line in enumerate(self._lines(), start=1):
            entry = _read(line)
            if entry is None or entry.number != number or not _follows(entry, found):
                raise ModelError(
                    f"Line {number} of the log of model versions was changed, or a line before it is missing.",
                    where=str(self._path),
                    fix="Put the file back from a backup.",
                )
            found.append(entry)
        return tuple(found)

    def add(
        self, version: str, action: Action, *, by: str, reason: str, manifest_sha256: str, at: datetime
    ) -> LogEntry:
        """Write a further entry, on the disk when this returns; the caller sees to it that nobody else writes."""
        entries = self.entries()
        entry = LogEntry(
            number=len(entries) + 1,
            moment=at,
            version=version,
            action=action,
            by=_writable(by),
            reason=_writable(reason),
            manifest_sha256=manifest_sha256,
            previous=entries[-1].digest if entries else "",
            digest="",
        )
        body = msgspec.json.encode(entry).removesuffix(_SEAL + _END)
        entry = replace(entry, digest=sha256(body))
        line = body + _SEAL + entry.digest.encode() + _END
        write_file(self._path, b"".join(each + b"\n" for each in [*self._lines(), line]))
        return entry

    def _lines(self) -> list[bytes]:
        """The lines that were written to their end; of the last the mark of its end alone may be missing."""
        try:
            *whole, last = self._path.read_bytes().split(b"\n")
        except FileNotFoundError:
            return []
        except OSError as error:
            raise ModelError(f"cannot be read ({error.strerror}).", where=str(self._path)) from None
        return [*whole, last] if _read(last) else whole


def _writable(text: str) -> str:
    """The text without what no encoding can write: halves of characters, from a command line in another encoding."""
    return text.strip().encode("utf-8", "replace").decode("utf-8")


def _read(line: bytes) -> LogEntry | None:
    """The entry of a line; None where it is not as it was written."""
    body, _, end = line.rpartition(_SEAL)
    if end != sha256(body).encode() + _END:
        return None
    try:
        return msgspec.json.decode(line, type=LogEntry)
    except (msgspec.MsgspecError, RecursionError):
        return None


def _follows(entry: LogEntry, before: Sequence[LogEntry]) -> bool:
    """Whether an entry can come after the others."""
    if entry.previous != (before[-1].digest if before else ""):
        return False
    if before and entry.moment < before[-1].moment:
        return False
    return entry.action is Action.PROMOTE or entry.version in standing(before)[-2:-1]
