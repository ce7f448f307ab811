"""A text on its way to being clean: with or without the memory of where each character came from.

The cleaning is written once against `Draft`. `PlainDraft` runs it fast; `TrackedDraft` makes the same edits and keeps,
for every character, the span of the original that it stands for.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Protocol

from triage.text.unicode import CHUNK, JOINED, compose, compose_all

Replacement = Callable[[re.Match[str]], str]

_SPACES = re.compile(r"\s{2,}|[^\S ]")
"""White space that is not one space already."""
_ELLIPSIS = re.compile("…")


class Draft(Protocol):
    """A text that can be edited; `text` is what stands there now."""

    text: str

    def replace(self, pattern: re.Pattern[str], new: Replacement) -> None:
        """Put `new(match)` in the place of every match, none of which may be empty."""

    def compose(self) -> None:
        """Bring the text into NFKC."""

    def squeeze(self) -> None:
        """Make every run of white space one space, and none at the ends."""

    def keep(self, start: int, end: int) -> None:
        """Cut off all outside `text[start:end]`."""


class PlainDraft:
    """A draft that knows its text alone."""

    def __init__(self, text: str) -> None:
        self.text = text

    def replace(self, pattern: re.Pattern[str], new: Replacement) -> None:
        """Put `new(match)` in the place of every match."""
        self.text = pattern.sub(new, self.text)

    def compose(self) -> None:
        """Bring the text into NFKC."""
        self.text = compose_all(self.text)

    def squeeze(self) -> None:
        """Make every run of white space one space, and none at the ends."""
        self.text = " ".join(self.text.split())

    def keep(self, start: int, end: int) -> None:
        """Cut off all outside `text[start:end]`."""
        self.text = self.text[start:end]


class TrackedDraft:
    """A draft that knows for each character the span `[starts[i], ends[i])` of the original that it came from."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = list(range(len(text)))
        self.ends = list(range(1, len(text) + 1))

    def replace(self, pattern: re.Pattern[str], new: Replacement) -> None:
        """Put `new(match)` in the place of every match; each new character stands for the whole match."""
        pieces: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        done = 0
        for match in pattern.finditer(self.text):
            start, end = match.span()
            piece = new(match)
            pieces += self.text[done:start], piece
            starts += self.starts[done:start]
            ends += self.ends[done:start]
            starts += [self.starts[start]] * len(piece)
            ends += [self.ends[end - 1]] * len(piece)
            done = end
        self.text = "".join([*pieces, self.text[done:]])
        self.starts = starts + self.starts[done:]
        self.ends = ends + self.ends[done:]

    def compose(self) -> None:
        """Bring the text into NFKC."""
        if "…" in self.text:
            self.replace(_ELLIPSIS, lambda match: compose(match[0]))
        composed = compose_all(self.text)
        # Where no characters join, none gets fewer: at the same length each has stayed in its place.
        if len(composed) == len(self.text) and not JOINED.search(self.text):
            self.text = composed
        else:
            self.replace(CHUNK, lambda match: compose(match[0]))

    def squeeze(self) -> None:
        """Make every run of white space one space, and none at the ends."""
        self.keep(len(self.text) - len(self.text.lstrip()), len(self.text.rstrip()))
        self.replace(_SPACES, lambda _: " ")

    def keep(self, start: int, end: int) -> None:
        """Cut off all outside `text[start:end]`."""
        self.text = self.text[start:end]
        self.starts = self.starts[start:end]
        self.ends = self.ends[start:end]
