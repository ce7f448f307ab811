"""Compare each month with the same month of the year before, and say whether to retrain; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial, reduce

from triage.drift.chance import Pair, discoveries, distance, p_of_excess, p_of_mix, p_of_rise
from triage.drift.months import Month, Spread, month_of, next_month, wilson, year_before
from triage.drift.report import (
    RECENT,
    Basis,
    ComparedMonth,
    Comparison,
    DriftReport,
    Figure,
    Finding,
    Shift,
    Verdict,
)

RISK = 0.05
"""The share of false alarms among the alarms of a report, on average; so in one of 20 reports on years in which nothing
changes there may be one."""
LEAST_LETTERS = 30
"""Letters without which a month is not judged."""
LEAST_DECIDED = 20
"""Letters that people decided, without which it is not judged by them."""
LEAST_DAYS = 5
"""Different days on which they must have come in."""
LEAST_MONTHS = 3
"""Earlier months without which nothing can be said where the year before is not there."""

LEAST_CHANGES: Mapping[Figure, float] = {
    Figure.MIX: 0.05,
    Figure.UNKNOWN: 0.02,
    Figure.CONFIDENCE: 0.05,
    Figure.REVIEWED: 0.10,
    Figure.ACCEPTED: 0.05,
    Figure.OVERCONFIDENCE: 0.10,
}
"""By how much a share must change for the worse, at least, before it matters, however sure the change is; of the
mix, the share of one category."""

CALLING = frozenset({Figure.UNKNOWN, Figure.CONFIDENCE, Figure.ACCEPTED, Figure.OVERCONFIDENCE})
"""What calls for retraining. That citizens write more of one matter, or that more goes to a person, need not be the
model's fault: these are told, no more."""


def compare_months(months: Sequence[Month], *, since: date, until: date | None = None) -> DriftReport:
    """Compare every month from `since` to `until` and decide whether to retrain.

    A figure is compared with that of the same month of the year before, for letters have their seasons; where that has
    too few letters, with all earlier months together. A change is an alarm if it is large enough to matter (see
    `LEAST_CHANGES`) and its test holds among all tests of the report, so that at most `RISK` of the alarms are false
    (Benjamini-Hochberg). Letters of a day count as alike, and against earlier months so do those of a month. The last
    months are also compared together.

    Parameters
    ----------
    months : those with letters, those before `since` too; in any order, each once.
    since, until : days in the first and the last month to be shown; without `until` the last one with letters.
    """
    known = {month.first: month for month in months if month.messages}
    last = max([*known, month_of(since)]) if until is None else month_of(until)
    shown = [known.get(first, Month(first)) for first in _firsts(month_of(since), last)]
    recent = [month for month in shown if month.messages][-RECENT:]
    compared = [_compare(month, known) for month in shown]
    if len(recent) < 2:
        report = DriftReport(tuple(_with_alarms(compared)), None, Verdict.UNCLEAR)
    else:
        *judged, together = _with_alarms([*compared, _compare(_joined(recent), known)])
        report = DriftReport(tuple(judged), together, Verdict.UNCLEAR)
    return replace(report, verdict=_verdict(report.recent))


def _firsts(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first = next_month(first)


def _joined(months: Sequence[Month]) -> Month:
    return reduce(Month.__add__, months)


def _year_before(month: Month, known: Mapping[date, Month]) -> Month | None:
    """The same month of the year before; of several together, the same months, if all of them are known."""
    wanted = [year_before(first) for first in _firsts(month.first, month.last or month.first) if first in known]
    found = [known[first] for first in wanted if first in known]
    return _joined(found) if found and len(found) == len(wanted) else None


def _compare(month: Month, known: Mapping[date, Month]) -> ComparedMonth:
    same = _year_before(month, known)
    earlier = [each for first, each in known.items() if first < month.first]
    usual = float(same.messages) if same else _mean_messages(earlier)
    basis = Basis.YEAR_BEFORE if same else Basis.EARLIER if earlier else Basis.NOTHING
    past = _Past(same, earlier)
    comparisons = (
        _compare_mix(month, past),
        _compare_mean(Figure.UNKNOWN, month, past, lambda each: each.unknown),
        _compare_mean(Figure.CONFIDENCE, month, past, lambda each: each.confidence),
        _compare_mean(Figure.REVIEWED, month, past, lambda each: each.reviewed),
        _compare_mean(Figure.ACCEPTED, month, past, lambda each: each.accepted, LEAST_DECIDED),
        _judge_calibration(month),
    )
    return ComparedMonth(month, basis, usual, wilson(month.accepted), comparisons)


def _mean_messages(months: Sequence[Month]) -> float | None:
    return sum(month.messages for month in months) / len(months) if months else None


@dataclass(frozen=True, slots=True)
class _Past:
    """What a month can be compared with."""

    same: Month | None
    earlier: Sequence[Month]

    def pair(self, month: Month, figure: Callable[[Month], Spread], least: int) -> tuple[Basis, Pair]:
        """The figure of the month beside that of the year before, or of all earlier months where this has too few."""
        now = figure(month)
        if self.same and _is_enough(figure(self.same), least):
            return Basis.YEAR_BEFORE, Pair(now, figure(self.same))
        before = sum((figure(each).as_cluster() for each in self.earlier), Spread())
        return Basis.EARLIER if before.letters else Basis.NOTHING, Pair(now, before, across_months=True)


def _is_enough(spread: Spread, least: int) -> bool:
    return spread.letters >= least and spread.clusters >= LEAST_DAYS


def _can_judge(pair: Pair, least: int) -> bool:
    past = pair.before
    is_known = past.letters >= least and past.clusters >= (LEAST_MONTHS if pair.across_months else LEAST_DAYS)
    return is_known and _is_enough(pair.now, least)


def _compare_mean(
    figure: Figure, month: Month, past: _Past, of: Callable[[Month], Spread], least: int = LEAST_LETTERS
) -> Comparison:
    basis, pair = past.pair(month, of, least)
    now, before = (each.mean if each.letters else None for each in (pair.now, pair.before))
    if not _can_judge(pair, least):
        return Comparison(figure, Finding.TOO_FEW, basis, now, before)
    if figure in (Figure.CONFIDENCE, Figure.ACCEPTED):
        pair = replace(pair, now=pair.now.negated(), before=pair.before.negated())
    p = p_of_rise(pair, is_share=figure in (Figure.REVIEWED, Figure.ACCEPTED))
    return Comparison(figure, Finding.STEADY, basis, now, before, p, pair.change)


def _compare_mix(month: Month, past: _Past) -> Comparison:
    # Those of the year before are among the earlier ones.
    names = dict.fromkeys(each.category for one in (month, *past.earlier) for each in one.categories)
    basis, pairs = Basis.NOTHING, list[Pair]()
    for name in names:
        basis, pair = past.pair(month, partial(Month.count, category=name), LEAST_LETTERS)
        pairs.append(pair)
    if not pairs or not pairs[0].now.letters:
        return Comparison(Figure.MIX, Finding.TOO_FEW, basis)
    if not pairs[0].before.letters:
        shares = [Shift(name, pair.now.mean) for name, pair in zip(names, pairs, strict=True)]
        return Comparison(Figure.MIX, Finding.TOO_FEW, basis, shifts=tuple(shares))
    apart = distance([pair.now.total for pair in pairs], [pair.before.total for pair in pairs])
    if not _can_judge(pairs[0], LEAST_LETTERS):
        shifts = [Shift(name, pair.now.mean, pair.before.mean) for name, pair in zip(names, pairs, strict=True)]
        return Comparison(Figure.MIX, Finding.TOO_FEW, basis, apart, shifts=_largest_first(shifts))
    shifts = [_shift(name, pair, len(pairs)) for name, pair in zip(names, pairs, strict=True)]
    largest = max((abs(each.change) for each in shifts if each.is_proven), default=0.0)
    p = p_of_mix(pairs)
    return Comparison(Figure.MIX, Finding.STEADY, basis, apart, None, p, largest, _largest_first(shifts))


def _shift(category: str, pair: Pair, categories: int) -> Shift:
    """The share of a category, and whether it moved by itself: at `RISK` over all categories (Bonferroni)."""
    matters = abs(pair.change) >= LEAST_CHANGES[Figure.MIX]
    is_proven = matters and _p_of_change(pair) <= RISK / categories
    return Shift(category, pair.now.mean, pair.before.mean, is_proven)


def _largest_first(shifts: Sequence[Shift]) -> tuple[Shift, ...]:
    return tuple(sorted(shifts, key=lambda each: (-abs(each.change), -each.now, each.category)))


def _p_of_change(pair: Pair) -> float:
    """How often chance alone would move a share that much, up or down."""
    if pair.change < 0:
        pair = replace(pair, now=pair.now.negated(), before=pair.before.negated())
    return min(2 * p_of_rise(pair, is_share=True), 1.0)


def _judge_calibration(month: Month) -> Comparison:
    """Whether the model was surer than it was right, which needs nothing to be compared with."""
    now = month.overconfidence
    mean = now.mean if now.letters else None
    if not _is_enough(now, LEAST_DECIDED):
        return Comparison(Figure.OVERCONFIDENCE, Finding.TOO_FEW, Basis.ITSELF, mean)
    return Comparison(Figure.OVERCONFIDENCE, Finding.STEADY, Basis.ITSELF, mean, None, p_of_excess(now), now.mean)


def _with_alarms(months: Sequence[ComparedMonth]) -> list[ComparedMonth]:
    """The months with those changes made alarms that matter and that chance does not explain."""
    tests = [each.p for month in months for each in month.comparisons if each.p is not None]
    holds = iter(discoveries(tests, RISK))
    return [replace(month, comparisons=tuple(_judged(each, holds) for each in month.comparisons)) for month in months]


def _judged(comparison: Comparison, holds: Iterator[bool]) -> Comparison:
    if comparison.p is None or not next(holds):
        return comparison
    matters = comparison.change >= LEAST_CHANGES[comparison.figure]
    return replace(comparison, finding=Finding.ALARM) if matters else comparison


def _verdict(recent: Sequence[ComparedMonth]) -> Verdict:
    """Retrain where something that calls for it has changed of late; unclear where no such thing was judged."""
    calling = [each for month in recent for each in month.comparisons if each.figure in CALLING]
    if any(each.finding is Finding.ALARM for each in calling):
        return Verdict.RETRAIN
    return Verdict.KEEP if any(each.finding is Finding.STEADY for each in calling) else Verdict.UNCLEAR
