"""How many labels there are, of what, and by whom."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from triage.store import Store


@dataclass(frozen=True, slots=True)
class LabelSummary:
    """What the store holds.

    `messages` counts those with a label, `decisions` all that people ever said of them; `categories` and `people` are
    ids and names with the number of messages and of decisions, the most frequent first. `first` and `last` are the
    times of the oldest and the newest decision, None where there is none.
    """

    messages: int
    decisions: int
    categories: tuple[tuple[str, int], ...]
    people: tuple[tuple[str, int], ...]
    first: datetime | None
    last: datetime | None
    conflicts: int


def summarise(store: Store) -> LabelSummary:
    """Count the labels."""
    labelled, kept = store.labelled(), store.kept()
    times = [each.at for each in kept]
    return LabelSummary(
        messages=len(labelled),
        decisions=len(kept),
        categories=_largest(Counter(each.label.primary for each in labelled)),
        people=_largest(Counter(each.label.by for each in kept)),
        first=min(times, default=None),
        last=max(times, default=None),
        conflicts=len(store.conflicts()),
    )


def _largest(counts: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
