"""What a reclassification found, in counts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from triage.reclassifying.judging import Status, Why
from triage.schema import RejectedRow


@dataclass(frozen=True, slots=True)
class Move:
    """Letters that went, or are proposed to go, from one category to another, by the names that a clerk reads.

    `old` is empty where the letters had none; `new` where nobody can propose one. `sure` of them have moved; the others
    stay until a person has looked.
    """

    old: str
    new: str
    sure: int
    to_look_at: int

    @property
    def letters(self) -> int:
        """All of them."""
        return self.sure + self.to_look_at


@dataclass(frozen=True, slots=True)
class WhyCount:
    """How many letters were decided for one reason, and what became of them."""

    why: Why
    letters: int
    moved: int
    rerouted: int
    to_look_at: int


@dataclass(frozen=True, slots=True)
class Unknown:
    """A category that stands in the table and in no place of taxonomy.toml, cut to 20 characters."""

    written: str
    letters: int


@dataclass(frozen=True, slots=True)
class ReclassifyReport:
    """What changed; `rows_in` equals `rows_out` and the rejected rows together.

    Of the `rows_out` letters, `moved` have another category, `rerouted` the same one and another lead office or
    receiver, `to_look_at` wait for a person with the category that they had, and `same` stay as they were. `files` is
    empty where nothing was written.
    """

    files: tuple[Path, ...]
    rows_in: int
    rows_out: int
    moved: int
    rerouted: int
    to_look_at: int
    same: int
    moves: tuple[Move, ...]
    whys: tuple[WhyCount, ...]
    unknown: tuple[Unknown, ...]
    rejected: tuple[RejectedRow, ...]
    model_version: str


class Tally:
    """Counts letters as they are compared."""

    def __init__(self) -> None:
        self.rows = 0
        self._whys: Counter[tuple[Why, Status]] = Counter()
        self._moves: Counter[tuple[str, str, bool]] = Counter()
        self._unknown: Counter[str] = Counter()

    def add(self, why: Why, status: Status) -> None:
        """Count a letter."""
        self.rows += 1
        self._whys[why, status] += 1

    def add_move(self, old: str, new: str, *, sure: bool) -> None:
        """Count a letter that moved, or for which that is proposed."""
        self._moves[old, new, sure] += 1

    def add_unknown(self, written: str) -> None:
        """Count a category that nobody knows."""
        self._unknown[written] += 1

    def with_status(self, status: Status) -> int:
        """The letters of which that became."""
        return sum(count for (_, each), count in self._whys.items() if each is status)

    def moves(self) -> tuple[Move, ...]:
        """The moves, those of the most letters first."""
        pairs = {(old, new) for old, new, _ in self._moves}
        found = [
            Move(old, new, self._moves[old, new, True], self._moves[old, new, False]) for old, new in sorted(pairs)
        ]
        return tuple(sorted(found, key=lambda move: -move.letters))

    def whys(self) -> tuple[WhyCount, ...]:
        """The counts of each reason that was met, in the order of the reasons."""
        return tuple(
            WhyCount(
                why,
                sum(self._whys[why, status] for status in Status),
                *(self._whys[why, status] for status in (Status.MOVED, Status.REROUTED, Status.TO_LOOK_AT)),
            )
            for why in Why
            if any((why, status) in self._whys for status in Status)
        )

    def unknown(self) -> tuple[Unknown, ...]:
        """The categories that nobody knows, those of the most letters first."""
        return tuple(Unknown(*item) for item in sorted(self._unknown.items(), key=lambda item: (-item[1], item[0])))
