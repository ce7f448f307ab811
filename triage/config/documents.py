"""Read one TOML file together with the lines on which its keys stand."""

from __future__ import annotations

import codecs
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from triage.config.positions import Lines, find_lines
from triage.config.positions import Path as KeyPath
from triage.config.problems import Problem

_SAVE_AS_UTF8 = "Open it in Notepad, choose Save as, and take UTF-8 as the encoding."
_FULL_WIDTH = re.compile(r"[“”‘’＂＇，＝［］｛｝]")
_QUOTED = re.compile(r'"[^"\n]*"|\'[^\'\n]*\'|#[^\n]*')


@dataclass(frozen=True, slots=True)
class Document:
    """A file that could be read: its name, what it says, and where."""

    name: str
    data: dict[str, Any]
    lines: Lines

    def problem(self, path: KeyPath, what: str, fix: str) -> Problem:
        """A problem at the line of `path`."""
        return Problem(self.name, self.lines[path], what, fix)


def read_document(folder: Path, name: str) -> Document | Problem:
    """The TOML file `name` of the folder, or why it cannot be read."""
    try:
        raw = (folder / name).read_bytes()
    except FileNotFoundError:
        return Problem(name, 0, f"There is no such file in {folder}.", "Copy it from the default configuration.")
    except OSError as error:
        return Problem(name, 0, f"The file cannot be read: {error.strerror}.", "Look at its permissions.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        return Problem(name, line, f"The file is saved as {_encoding(raw)}, not as UTF-8.", _SAVE_AS_UTF8)
    text = text.replace("\r\n", "\n")
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        return _syntax_problem(name, text, str(error))
    return Document(name, data, find_lines(text))


def _encoding(raw: bytes) -> str:
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "UTF-16"
    try:
        raw.decode("gb18030")
    except UnicodeDecodeError:
        return "something else"
    return "GBK"


def _syntax_problem(name: str, text: str, message: str) -> Problem:
    lines = text.rstrip("\n").split("\n")
    place = re.search(r" \((?:at line (\d+), column \d+|at end of document)\)$", message)
    line = int(place[1]) if place and place[1] else len(lines)
    reason = message[: place.start()] if place else message
    what = f"This is not valid TOML: {reason}."
    foreign = _FULL_WIDTH.search(_QUOTED.sub("", lines[min(line, len(lines)) - 1]))
    if foreign:
        return Problem(name, line, what, f"Replace the full-width {foreign[0]} by the plain one of the keyboard.")
    return Problem(name, line, what, "Look for a missing quotation mark, comma or bracket on this line or above it.")
