"""Months are compared as counts: what changes is named, and what only comes and goes is not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.drift import (
    Basis,
    CategoryCount,
    ComparedMonth,
    DriftReport,
    Figure,
    Finding,
    Month,
    Spread,
    Verdict,
    compare_months,
)
from triage.drift.chance import discoveries, distance
from triage.drift.comparing import LEAST_LETTERS
from triage.drift.months import next_month, wilson

CATEGORIES = ("a", "b", "c", "d", "e")
SHARES = np.array([0.35, 0.25, 0.2, 0.12, 0.08])
DAYS = 28
TOGETHER = "2026-10～2026-12"
YEARS = 100
"""Simulated years in which nothing changes."""


@dataclass(frozen=True)
class Desk:
    """How letters of a month come about; `season` is how strongly two categories swing over the year."""

    letters: int = 200
    season: float = 0.0
    shares: Sequence[float] = tuple(SHARES)
    unknown: float = 0.03
    confidence: float = 0.85
    reviewed: float = 0.3
    accepted: float = 0.85
    decided: float = 0.5
    campaigns: int = 0
    """Crowds of twelve letters on one day and of one category."""

    def month(self, first: date, rng: np.random.Generator) -> Month:
        """A month by chance."""
        crowds = rng.integers(0, DAYS, self.campaigns)
        counts = rng.multinomial(rng.poisson(self.letters) - 12 * self.campaigns, np.full(DAYS, 1 / DAYS))
        mixes = np.array([rng.multinomial(count, self._shares(first.month)) for count in counts])
        for day in crowds:
            mixes[day, rng.choice(len(SHARES), p=self._shares(first.month))] += 12
        letters = mixes.sum(axis=1)
        decided = rng.binomial(letters, self.decided)
        accepted = rng.binomial(decided, self.accepted)
        return Month(
            first,
            int(letters.sum()),
            tuple(CategoryCount(name, shares(letters, mixes[:, at])) for at, name in enumerate(CATEGORIES)),
            unknown=values(rng, letters, self.unknown, 0.03),
            confidence=values(rng, letters, self.confidence, 0.15),
            reviewed=shares(letters, rng.binomial(letters, self.reviewed)),
            accepted=shares(decided, accepted),
            # The confidence in each letter is the same, so that its difference to 0 or 1 is one of two values.
            overconfidence=spread(
                decided,
                decided * self.confidence - accepted,
                accepted * (self.confidence - 1) ** 2 + (decided - accepted) * self.confidence**2,
            ),
        )

    def _shares(self, month: int) -> np.ndarray:
        swing = np.array(self.shares) * (1 + self.season * np.cos(np.pi * (month - 7) / 6) * np.array([1, -1, 0, 0, 0]))
        return swing / swing.sum()


def spread(letters: np.ndarray, totals: np.ndarray, squares: np.ndarray) -> Spread:
    """The sums of days, of which some may have no letters."""
    sums = (totals, squares, letters > 0, totals**2, totals * letters, letters.astype(float) ** 2)
    total, square, clusters, *others = (each.sum() for each in sums)
    return Spread(int(letters.sum()), float(total), float(square), int(clusters), *map(float, others))


def shares(letters: np.ndarray, counts: np.ndarray) -> Spread:
    return spread(letters, counts, counts)


def values(rng: np.random.Generator, letters: np.ndarray, mean: float, deviation: float) -> Spread:
    drawn = np.clip(rng.normal(mean, deviation, letters.sum()), 0, 1)
    day = np.repeat(np.arange(len(letters)), letters)
    return spread(letters, *(np.bincount(day, each, len(letters)) for each in (drawn, drawn**2)))


def firsts(year: int, months: int) -> Iterator[date]:
    first = date(year, 1, 1)
    for _ in range(months):
        yield first
        first = next_month(first)


def two_years(desk: Desk, seed: int, *, later: Desk | None = None, changed: int = 3) -> DriftReport:
    """The second of two years, the last months of which are of another desk if there is one."""
    rng = np.random.default_rng(seed)
    months = [
        (later if later and at >= 24 - changed else desk).month(first, rng) for at, first in enumerate(firsts(2025, 24))
    ]
    return compare_months(months, since=date(2026, 1, 1))


def alarms(report: DriftReport) -> set[tuple[str, Figure]]:
    return {(month.month.name, alarm.figure) for month in report.compared for alarm in month.alarms}


def changed_figures(report: DriftReport) -> set[Figure]:
    return {figure for _, figure in alarms(report)}


# --- Nothing has changed ---


@pytest.mark.parametrize(
    "desk",
    [Desk(), Desk(letters=60), Desk(letters=800), Desk(season=0.8), Desk(campaigns=6)],
    ids=["plain", "small", "large", "seasons", "campaigns"],
)
def test_years_in_which_nothing_changes_give_no_alarm_in_nearly_all(desk: Desk) -> None:
    reports = [two_years(desk, seed) for seed in range(YEARS)]
    assert sum(bool(alarms(report)) for report in reports) <= 0.08 * YEARS
    assert sum(report.verdict is Verdict.RETRAIN for report in reports) <= 0.03 * YEARS


def test_the_tests_are_right_about_how_often_chance_shows_as_much() -> None:
    reports = [two_years(Desk(campaigns=4), seed) for seed in range(40)]
    for figure in Figure:
        p = [month[figure].p for report in reports for month in report.months]
        assert None not in p
        assert np.mean(np.array(p, dtype=float) < 0.05) <= 0.09, figure


def test_a_season_is_no_drift() -> None:
    report = two_years(Desk(letters=1500, season=0.9), 5)
    swings = [month.month.count("a").mean for month in report.months]
    assert max(swings) > 2 * min(swings)
    assert not alarms(report)
    assert {month[Figure.MIX].basis for month in report.months} == {Basis.YEAR_BEFORE}


def test_the_first_year_of_a_bureau_with_seasons_gives_no_alarm_either() -> None:
    found = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        months = [Desk(letters=400, season=0.8).month(first, rng) for first in firsts(2026, 12)]
        found += bool(alarms(compare_months(months, since=date(2026, 1, 1))))
    assert found <= 2


def test_a_crowd_of_letters_on_a_day_is_no_drift() -> None:
    rng = np.random.default_rng(3)
    months = [Desk().month(first, rng) for first in firsts(2025, 24)]
    crowd = Spread.of_cluster(80, 0.0, 0.0)
    counts = tuple(
        replace(each, spread=each.spread + (Spread.of_cluster(80, 80.0, 80.0) if each.category == "e" else crowd))
        for each in months[-1].categories
    )
    months[-1] = replace(months[-1], messages=months[-1].messages + 80, categories=counts)
    mix = compare_months(months, since=date(2026, 12, 1)).months[0][Figure.MIX]
    assert mix.finding is Finding.STEADY
    assert mix.shifts[0].category == "e"
    assert mix.shifts[0].change > 0.2


# --- Something has changed ---


@pytest.mark.parametrize("seed", range(5))
def test_a_category_that_doubles_is_named_and_calls_for_no_retraining_by_itself(seed: int) -> None:
    later = Desk(letters=400, shares=(0.31, 0.22, 0.17, 0.24, 0.06))
    report = two_years(Desk(letters=400), seed, later=later)
    found = [month[Figure.MIX] for month in report.months[-3:]]
    assert any(each.finding is Finding.ALARM for each in found)
    for each in found:
        if each.finding is Finding.ALARM:
            assert each.proven[0].category == "d"
            assert each.proven[0].change == pytest.approx(0.12, abs=0.07)
            assert "d" not in [shift.category for shift in each.proven[1:]]
    assert changed_figures(report) == {Figure.MIX}
    assert report.verdict is Verdict.KEEP


@pytest.mark.parametrize(
    ("later", "figure"),
    [
        (Desk(unknown=0.09), Figure.UNKNOWN),
        (Desk(confidence=0.7, accepted=0.7), Figure.CONFIDENCE),
        (Desk(accepted=0.65), Figure.ACCEPTED),
        (Desk(accepted=0.65), Figure.OVERCONFIDENCE),
    ],
    ids=["new words", "doubt", "refused", "too sure"],
)
@pytest.mark.parametrize("seed", range(5))
def test_what_gets_worse_is_named_and_calls_for_retraining(seed: int, later: Desk, figure: Figure) -> None:
    report = two_years(Desk(), seed, later=later)
    assert figure in changed_figures(report)
    assert {month for month, _ in alarms(report)} <= {"2026-10", "2026-11", "2026-12", TOGETHER}
    assert report.verdict is Verdict.RETRAIN


def test_more_that_goes_to_people_is_told_but_calls_for_no_retraining() -> None:
    report = two_years(Desk(), 1, later=Desk(reviewed=0.6))
    assert changed_figures(report) == {Figure.REVIEWED}
    assert report.verdict is Verdict.KEEP


def test_what_gets_better_is_no_alarm() -> None:
    later = Desk(unknown=0.0, confidence=0.95, reviewed=0.1, accepted=0.97)
    assert not alarms(two_years(Desk(unknown=0.09), 1, later=later))


def test_what_has_passed_calls_for_nothing() -> None:
    rng = np.random.default_rng(1)
    spell = Desk(unknown=0.12)
    months = [(spell if at == 14 else Desk()).month(first, rng) for at, first in enumerate(firsts(2025, 24))]
    report = compare_months(months, since=date(2026, 1, 1))
    assert alarms(report) == {("2026-03", Figure.UNKNOWN)}
    assert report.verdict is Verdict.KEEP


def test_a_small_change_that_lasts_shows_in_the_last_months_together() -> None:
    reports = [two_years(Desk(), seed, later=Desk(accepted=0.74, confidence=0.8)) for seed in range(20)]
    single = sum(
        any(figure is Figure.ACCEPTED and name != TOGETHER for name, figure in alarms(each)) for each in reports
    )
    together = sum((TOGETHER, Figure.ACCEPTED) in alarms(each) for each in reports)
    assert together >= 2 * single > 0
    counted = [sum(month.month.messages for month in each.months[-3:]) for each in reports]
    assert [each.together.month.messages for each in reports if each.together] == counted


# --- What a month is compared with ---


def test_without_a_year_before_all_earlier_months_stand_in_and_it_is_said() -> None:
    rng = np.random.default_rng(2)
    months = [Desk().month(first, rng) for first in firsts(2026, 8)]
    months[-1] = Desk(unknown=0.2).month(months[-1].first, rng)
    report = compare_months(months, since=date(2026, 1, 1))
    bases = [month[Figure.UNKNOWN].basis for month in report.months]
    assert bases == [Basis.NOTHING, *[Basis.EARLIER] * 7]
    assert [month[Figure.UNKNOWN].finding for month in report.months[:3]] == [Finding.TOO_FEW] * 3
    assert alarms(report) == {("2026-08", Figure.UNKNOWN), ("2026-06～2026-08", Figure.UNKNOWN)}
    assert report.months[-1].usual == pytest.approx(np.mean([month.messages for month in months[:-1]]))


def test_a_year_before_with_few_letters_is_no_measure() -> None:
    rng = np.random.default_rng(2)
    months = [Desk(letters=20 if at < 6 else 200).month(first, rng) for at, first in enumerate(firsts(2025, 18))]
    report = compare_months(months, since=date(2026, 1, 1))
    assert {month[Figure.UNKNOWN].basis for month in report.months} == {Basis.EARLIER}
    assert {month.basis for month in report.months} == {Basis.YEAR_BEFORE}  # the number of letters can be compared


def test_small_months_are_too_few_to_say_anything() -> None:
    report = two_years(Desk(letters=LEAST_LETTERS // 6), 1, later=Desk(letters=LEAST_LETTERS // 6, unknown=0.3))
    assert {each.finding for month in report.compared for each in month.comparisons} == {Finding.TOO_FEW}
    assert report.verdict is Verdict.UNCLEAR
    assert all(month[Figure.UNKNOWN].now is not None for month in report.months)


def test_letters_of_a_single_day_are_too_few_days() -> None:
    rng = np.random.default_rng(1)
    months = [Desk().month(first, rng) for first in firsts(2025, 13)]
    months[-1] = replace(months[-1], unknown=months[-1].unknown.as_cluster())
    report = compare_months(months, since=date(2026, 1, 1))
    assert report.months[0][Figure.UNKNOWN].finding is Finding.TOO_FEW


def test_months_without_letters_are_shown_as_none() -> None:
    rng = np.random.default_rng(1)
    months = [Desk().month(first, rng) for first in (date(2026, 1, 1), date(2026, 4, 1))]
    report = compare_months(months, since=date(2026, 1, 15), until=date(2026, 6, 2))
    assert [month.month.name for month in report.months] == [f"2026-0{number}" for number in range(1, 7)]
    assert [bool(month.month.messages) for month in report.months] == [True, False, False, True, False, False]
    assert [month.month.name for month in report.recent] == ["2026-01", "2026-04", "2026-01～2026-04"]


def test_nothing_at_all_is_unclear() -> None:
    report = compare_months([], since=date(2026, 3, 1))
    assert [month.month for month in report.months] == [Month(date(2026, 3, 1))]
    assert report.verdict is Verdict.UNCLEAR


def test_the_order_of_the_months_does_not_matter() -> None:
    rng = np.random.default_rng(4)
    months = [Desk().month(first, rng) for first in firsts(2025, 20)]
    since = date(2026, 1, 1)
    assert compare_months(months[::-1], since=since) == compare_months(months, since=since)


def test_the_share_that_people_accept_comes_with_an_interval() -> None:
    rng = np.random.default_rng(4)
    found: ComparedMonth = compare_months([Desk().month(date(2026, 1, 1), rng)], since=date(2026, 1, 1)).months[0]
    assert found.acceptance is not None
    assert found.acceptance.low < found.month.accepted.mean < found.acceptance.high


# --- Sums and tests ---

clusters = st.lists(st.lists(st.integers(0, 1).map(float), max_size=6), max_size=8)


@given(clusters, clusters)
def test_sums_of_months_can_be_added_up(one: list[list[float]], other: list[list[float]]) -> None:
    assert Spread.of(one) + Spread.of(other) == Spread.of([*one, *other])


@given(clusters)
def test_letters_that_come_in_crowds_are_worth_fewer(days: list[list[float]]) -> None:
    spread = Spread.of(days)
    assert spread.design_effect >= 1
    assert 0 <= spread.likeness <= 1
    interval, alone = wilson(spread), wilson(Spread.of([[each] for day in days for each in day]))
    assert (interval is None) == (spread.letters == 0)
    if interval and alone:
        assert 0 <= interval.low <= interval.value <= interval.high <= 1
        assert interval.high - interval.low >= 0.9 * (alone.high - alone.low)


def test_days_on_which_all_write_the_same_count_as_one_letter_each() -> None:
    days = [[1.0] * 10] * 20 + [[0.0] * 10] * 20
    assert Spread.of(days).design_effect == pytest.approx(10, rel=0.05)


def test_the_interval_is_that_of_wilson() -> None:
    interval = wilson(Spread.of([[1.0] * 4 + [0.0]] * 2))
    assert interval is not None
    assert (round(interval.low, 3), round(interval.high, 3)) == (0.490, 0.943)


mixes = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=6)


@given(mixes)
def test_the_distance_of_mixes_is_one(mix: list[tuple[int, int]]) -> None:
    now, before = [a for a, _ in mix], [b for _, b in mix]
    assert 0 <= distance(now, before) <= 1
    assert distance(now, before) == pytest.approx(distance(before, now))
    assert distance(now, now) == 0


def test_mixes_that_share_nothing_are_at_the_greatest_distance() -> None:
    assert distance([5, 0], [0, 3]) == 1
    assert distance([2, 2], [30, 30]) == 0


def test_of_many_tests_those_hold_that_the_false_discovery_rate_allows() -> None:
    # The example of Benjamini & Hochberg (1995), section 3.2: four of fifteen hold at 0.05.
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344]
    p += [0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0]
    assert discoveries(p, 0.05) == [True] * 4 + [False] * 11
    assert discoveries(p[::-1], 0.05) == [False] * 11 + [True] * 4
    assert discoveries([], 0.05) == []
