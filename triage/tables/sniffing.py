"""What a file really is, told from its content and not from its name."""

from __future__ import annotations

import json
import mmap
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from triage.errors import InputError
from triage.tables.grids import GZIP, SAVE_AGAIN, open_bytes, readable

MAX_UNPACKED = 4 * 1024**3
"""Bytes that a workbook may claim to unpack to."""

_WANTED = "Give a table: .xlsx, .xls, .csv, .tsv, .parquet or .jsonl."
_HEAD = 4096

_OTHER_KINDS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF"),
    (b"{\\rtf", "a Word document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"II*\x00", "a picture"),
    (b"MM\x00*", "a picture"),
    (b"Rar!", "an archive"),
    (b"7z\xbc\xaf", "an archive"),
    (b"SQLite format 3", "a database"),
)
_ZIP_PARTS: tuple[tuple[str, str], ...] = (
    ("xl/workbook.xml", "xlsx"),
    ("xl/workbook.bin", "xlsb"),
)
_ZIP_DOCUMENTS: tuple[tuple[str, str], ...] = (
    ("word/document.xml", "a Word document"),
    ("ppt/presentation.xml", "a PowerPoint presentation"),
)
_OLE_STREAMS: Mapping[str, str] = {
    "Workbook": "xls",
    "Book": "xls",
    "EncryptedPackage": "protected",
    "WordDocument": "a Word document",
    "PowerPoint Document": "a PowerPoint presentation",
}
_MARKUP = (b"<!doctype html", b"<html", b"<table", b"<head", b"<meta", b"<body", b"mime-version:")


def sniff(path: Path) -> str:
    """Return the format of a file: xlsx, xlsb, xls, ods, parquet, jsonl or text; parquet for a folder of such files.

    Raises
    ------
    InputError : the file cannot be opened, is empty, or is known to be no table.
    """
    if parquet_files(path):
        return "parquet"
    _check_name(path)
    with readable(path), path.open("rb") as file:
        head = file.read(_HEAD)
    if not head:
        raise InputError("is empty (0 bytes).", where=str(path), fix="Export or copy the table again.")
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _sniff_zip(path)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _sniff_ole(path)
    if head.startswith(b"\x09\x08") and head[2:4] in {b"\x10\x00", b"\x08\x00"}:
        return "xls"
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(GZIP):
        return _sniff_gzip(path)
    _refuse_other_kinds(path, head)
    return _sniff_text(path, head)


def parquet_files(folder: Path) -> tuple[Path, ...]:
    """Return the parquet files that lie in a folder, by name; none where it is no folder.

    What begins with a dot or an underscore is, as everywhere with parquet, no part of the table.
    """
    if not folder.is_dir():
        return ()
    return tuple(sorted(path for path in folder.glob("*.parquet") if path.is_file() and path.name[0] not in "._"))


def _check_name(path: Path) -> None:
    where = str(path)
    if path.name.startswith("~$"):
        raise InputError("is Excel's own lock file; give the file without ~$.", where=where)
    if path.is_dir():
        raise InputError("is a folder, not a file.", where=where, fix="Give the file itself.")


def _sniff_zip(path: Path) -> str:
    try:
        with readable(path), zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except InputError as error:
        if isinstance(error.__cause__, zipfile.BadZipFile):
            raise InputError(
                "is damaged: its end is missing or unreadable.",
                where=str(path),
                fix=f"Copy or download it again. {SAVE_AGAIN}",
            ) from error.__cause__
        raise
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        raise InputError(
            "claims to unpack to more than 4 GB, which no table of letters does.",
            where=str(path),
            fix="Ask where the file comes from before you open it.",
        )
    names = {entry.filename for entry in entries}
    for part, kind in _ZIP_PARTS:
        if part in names:
            return kind
    for part, kind in _ZIP_DOCUMENTS:
        if part in names:
            raise _not_a_table(path, kind)
    if {"mimetype", "content.xml"} <= names:
        return "ods"
    raise _not_a_table(path, "a zip archive with no workbook in it")


def _sniff_gzip(path: Path) -> str:
    with readable(path), open_bytes(path) as file:
        head = file.read(_HEAD)
    inner = _sniff_text(path.with_suffix(""), head) if b"\0" not in head else "binary"
    if inner not in {"text", "jsonl"}:
        raise _not_a_table(path, "an archive")
    return inner


def _sniff_ole(path: Path) -> str:
    with readable(path), path.open("rb") as file, _mapped(file) as data:
        found = [name for name in _OLE_STREAMS if data.find(f"{name}\0".encode("utf-16-le")) >= 0]
    kind = _OLE_STREAMS[found[0]] if found else "an Office file with no workbook in it"
    if kind == "protected":
        raise protected(path)
    if kind != "xls":
        raise _not_a_table(path, kind)
    return kind


def _mapped(file: BinaryIO) -> mmap.mmap:
    return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def protected(path: Path) -> InputError:
    """Return the error for a workbook that asks for a password."""
    return InputError("is protected by a password.", where=str(path), fix="Open it, remove the password, save again.")


def _not_a_table(path: Path, kind: str) -> InputError:
    return InputError(f"is {kind}, not a table.", where=str(path), fix=_WANTED)


def _refuse_other_kinds(path: Path, head: bytes) -> None:
    for magic, kind in _OTHER_KINDS:
        if head.startswith(magic):
            raise _not_a_table(path, kind)
    # A list may well begin with the letters BM or RIFF; a picture has noughts soon after.
    bitmap = head.startswith(b"BM") and head[6:10] == bytes(4)
    if bitmap or (head.startswith(b"RIFF") and head[8:12] == b"WEBP"):
        raise _not_a_table(path, "a picture")


def _sniff_text(path: Path, head: bytes) -> str:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    suffix = path.suffix.lower()
    if suffix in {".jsonl", ".ndjson"}:
        return "jsonl"
    lowered = start[:200].lower()
    if lowered.startswith(_MARKUP) or (lowered.startswith(b"<?xml") and b"html" in lowered):
        raise InputError(
            f"is an HTML page saved as {suffix or 'a file without an ending'}.",
            where=str(path),
            fix="Open it in Excel or WPS and save as .xlsx.",
        )
    if lowered.startswith(b"<?xml"):
        raise InputError("is an XML file, not a table.", where=str(path), fix=SAVE_AGAIN)
    if suffix == ".json" and start.startswith(b"["):
        raise InputError(
            "is one JSON list, which cannot be read row by row.",
            where=str(path),
            fix="Give one object a line, and name the file .jsonl.",
        )
    return "jsonl" if start.startswith(b"{") and _is_object(start) else "text"


def _is_object(start: bytes) -> bool:
    first_line, ended, _ = start.partition(b"\n")
    if not ended and len(start) >= _HEAD - 3:
        return start.startswith(b'{"')
    try:
        return isinstance(json.loads(first_line), dict)
    except ValueError:
        return False
