"""Count letters by day as they stream past, and make months of the counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from triage.drift.months import CategoryCount, Month, ReasonCount, Spread, month_of
from triage.schema import Alternative, Case, ReviewReason


@dataclass(slots=True)
class _Sum:
    """Sums of a figure over the letters of a day."""

    letters: int = 0
    total: float = 0.0
    squares: float = 0.0

    def add(self, x: float) -> None:
        self.letters += 1
        self.total += x
        self.squares += x * x

    def spread(self) -> Spread:
        return Spread.of_cluster(self.letters, self.total, self.squares)


@dataclass(slots=True)
class _Day:
    """What was counted of a day."""

    messages: int = 0
    categories: Counter[str] = field(default_factory=Counter)
    unknown: _Sum = field(default_factory=_Sum)
    confidence: _Sum = field(default_factory=_Sum)
    reviewed: _Sum = field(default_factory=_Sum)
    reasons: Counter[ReviewReason] = field(default_factory=Counter)
    accepted: _Sum = field(default_factory=_Sum)
    overconfidence: _Sum = field(default_factory=_Sum)


class Tally:
    """Counts by day; it holds no text."""

    def __init__(self) -> None:
        self._days: dict[date, _Day] = {}

    def add(self, case: Case, day: date, *, decided: str, held_out: Alternative | None) -> None:
        """Count a letter, of which a person said the category `decided`, empty where nobody did.

        `held_out` is what the model said of a letter before it learnt from it, None where it did not: what it says of
        such a letter now is no answer, so that it tells nothing of words and doubts.
        """
        count = self._days.setdefault(day, _Day())
        first = held_out or case.prediction.ranked[0]
        count.messages += 1
        count.categories[first.category] += 1
        if held_out is None:
            count.unknown.add(1 - case.prediction.known_share)
            count.confidence.add(first.confidence)
            count.reviewed.add(bool(case.review))
            count.reasons.update(case.review)
        if decided:
            self._decide(count, first, decided)

    def add_decision(self, case: Case, day: date, *, decided: str, held_out: Alternative | None) -> None:
        """Count only what a person decided of a letter that was counted before."""
        self._decide(self._days.setdefault(day, _Day()), held_out or case.prediction.ranked[0], decided)

    @staticmethod
    def _decide(count: _Day, first: Alternative, decided: str) -> None:
        is_accepted = first.category == decided
        count.accepted.add(is_accepted)
        count.overconfidence.add(first.confidence - is_accepted)

    def months(self, categories: Sequence[str]) -> Iterator[Month]:
        """The months with letters in their order, without their new words; with a count for each of the categories."""
        by_month: dict[date, list[_Day]] = {}
        for day in sorted(self._days):
            by_month.setdefault(month_of(day), []).append(self._days[day])
        for first, days in by_month.items():
            reasons = sum((day.reasons for day in days), Counter[ReviewReason]())
            yield Month(
                first,
                sum(day.messages for day in days),
                categories=tuple(CategoryCount(each, _of_category(days, each)) for each in categories),
                unknown=_sum(day.unknown for day in days),
                confidence=_sum(day.confidence for day in days),
                uncertain=reasons[ReviewReason.LOW_CONFIDENCE],
                reviewed=_sum(day.reviewed for day in days),
                reasons=tuple(ReasonCount(each, reasons[each]) for each in ReviewReason if reasons[each]),
                accepted=_sum(day.accepted for day in days),
                overconfidence=_sum(day.overconfidence for day in days),
            )


def _of_category(days: Sequence[_Day], category: str) -> Spread:
    counts = ((day.messages, day.categories[category]) for day in days)
    return sum((Spread.of_cluster(messages, count, count) for messages, count in counts), Spread())


def _sum(sums: Iterator[_Sum]) -> Spread:
    return sum((each.spread() for each in sums), Spread())
