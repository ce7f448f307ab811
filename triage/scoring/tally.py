"""Counts of what was decided."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import msgspec

from triage.schema import Case, RejectedRow

MOST_NAMED = 10_000
"""Rejected rows that a run keeps in mind; all stand in its result."""


@dataclass(slots=True)
class Tally:
    """How many messages there were, and how many of each kind, by id."""

    rows: int = 0
    reviewed: int = 0
    urgent: int = 0
    estimated: int = 0
    unreadable_dates: int = 0
    natures: dict[str, int] = field(default_factory=dict)
    categories: dict[str, int] = field(default_factory=dict)
    leads: dict[str, int] = field(default_factory=dict)
    jurisdictions: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    reviewed_by_category: dict[str, int] = field(default_factory=dict)

    def add(self, case: Case) -> None:
        """Count a case."""
        self.rows += 1
        self.reviewed += bool(case.review)
        self.urgent += case.urgent
        self.estimated += any(due.estimated for due in case.due)
        _count(self.natures, case.nature.value)
        _count(self.categories, case.category)
        _count(self.leads, case.route.lead)
        _count(self.jurisdictions, case.route.jurisdiction)
        _count(self.reviewed_by_category, case.category, int(bool(case.review)))
        for reason in case.review:
            _count(self.reasons, reason.value)

    def join(self, other: Tally) -> None:
        """Add what another counted."""
        self.rows += other.rows
        self.reviewed += other.reviewed
        self.urgent += other.urgent
        self.estimated += other.estimated
        self.unreadable_dates += other.unreadable_dates
        for mine, more in (
            (self.natures, other.natures),
            (self.categories, other.categories),
            (self.leads, other.leads),
            (self.jurisdictions, other.jurisdictions),
            (self.reasons, other.reasons),
            (self.reviewed_by_category, other.reviewed_by_category),
        ):
            for key, count in more.items():
                _count(mine, key, count)


def _count(counts: dict[str, int], key: str, more: int = 1) -> None:
    counts[key] = counts.get(key, 0) + more


@dataclass(slots=True)
class Counted:
    """What has been written; `named` holds the first `MOST_NAMED` of the rejected rows, without their cells."""

    tally: Tally = field(default_factory=Tally)
    rejected: int = 0
    named: list[RejectedRow] = field(default_factory=list)

    @property
    def rows_in(self) -> int:
        """Rows that were read."""
        return self.tally.rows + self.rejected

    def reject(self, row: RejectedRow) -> None:
        """Count a rejected row."""
        self.rejected += 1
        if len(self.named) < MOST_NAMED:
            self.named.append(replace(row, cells=()))

    def join(self, later: Counted) -> None:
        """Add what was written after it."""
        self.tally.join(later.tally)
        self.rejected += later.rejected
        self.named += later.named[: MOST_NAMED - len(self.named)]

    def note(self) -> str:
        """All of it as a text, for `read_note`."""
        return msgspec.json.encode(self).decode()


def read_note(note: str) -> Counted:
    """What was written into a part, from the note that was left with it."""
    return msgspec.json.decode(note, type=Counted)
