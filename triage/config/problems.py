"""What is wrong in a configuration file, where, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to put right in the bureau's TOML; `line` counts from 1, 0 where there is no line to name."""

    file: str
    line: int
    what: str
    fix: str

    @property
    def where(self) -> str:
        """File and line, such as `duty.toml:12`."""
        return f"{self.file}:{self.line}" if self.line else self.file

    def __str__(self) -> str:
        return f"{self.where}: {self.what} {self.fix}"


def suggest(written: str, known: Iterable[str], *, otherwise: str) -> str:
    """Advice for a name that is not known: the nearest one that is, or `otherwise`."""
    nearest = get_close_matches(written, list(known), n=1)
    return f"Did you mean {nearest[0]}?" if nearest else otherwise
