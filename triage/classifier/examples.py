"""What the classifier learns from."""

from __future__ import annotations

from dataclasses import dataclass

from triage.features import Document
from triage.schema import Nature


@dataclass(frozen=True, slots=True)
class Example:
    """A document with its label; what nobody said is None, `starter` marks the bundled corpus.

    `danger` is how urgent its signs of danger make it, in [0, 1].
    """

    document: Document
    primary: str
    secondary: tuple[str, ...] | None = None
    nature: Nature | None = None
    urgent: bool | None = None
    danger: float = 0.0
    starter: bool = False
