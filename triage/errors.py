"""The error tree.

TriageError
├── InputError          a file or a text that cannot be read as what it should be
├── ConfigError         the bureau's TOML is missing something or contradicts itself
├── ModelError          a model version is absent, damaged or does not fit
├── StoreError          the case store is damaged, in use, or no store at all
└── MissingExtraError   an optional dependency is not installed

Each carries what is wrong, where, and what to do, and prints as one sentence.
"""

from __future__ import annotations

from typing import ClassVar


class TriageError(Exception):
    """Something that the user can put right.

    Parameters
    ----------
    what : what is wrong, with the value that was met and the values allowed.
    where : file, sheet, row, column, or key path; empty where there is no place to name.
    fix : what to do about it, as an imperative.
    """

    exit_code: ClassVar[int] = 2

    def __init__(self, what: str, *, where: str = "", fix: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.fix = fix

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        advice = f" {self.fix}" if self.fix else ""
        return f"{place}{self.what}{advice}"


class InputError(TriageError):
    """A file or text cannot be read as what it should be."""


class ConfigError(TriageError):
    """The configuration is incomplete or contradicts itself."""


class ModelError(TriageError):
    """A model version is absent, damaged, or made for other settings."""


class StoreError(TriageError):
    """The case store cannot be opened or written."""


class MissingExtraError(TriageError):
    """An optional dependency is not installed."""

    def __init__(self, package: str, *, extra: str, needed_for: str) -> None:
        super().__init__(
            f"{needed_for} needs the package {package}, which is not installed.",
            fix=f"Install it with: pip install 'petition-triage[{extra}]'",
        )
