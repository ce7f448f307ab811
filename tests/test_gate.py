"""The gate promotes a challenger that is not worse, and says why it refuses another."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.gate import Answers, Cases, Check, Margins, Verdict, compare, kept, not_worse

CATEGORIES = ("a", "b", "c")
MARGINS = Margins()


def answers(guesses: np.ndarray, *, confidence: float = 0.9, alarms: np.ndarray | None = None) -> Answers:
    probabilities = np.full((len(guesses), len(CATEGORIES)), (1 - confidence) / (len(CATEGORIES) - 1))
    probabilities[np.arange(len(guesses)), guesses] = confidence
    return Answers(probabilities, np.zeros(len(guesses)) if alarms is None else alarms, 2.0, 1.0)


def cases(truth: np.ndarray, urgent: np.ndarray | None = None) -> Cases:
    said = np.zeros(len(truth), dtype=bool) if urgent is None else urgent
    return Cases(truth, said, np.ones(len(truth), dtype=bool))


def wrong_at(truth: np.ndarray, places: np.ndarray) -> np.ndarray:
    guesses = truth.copy()
    guesses[places] = (guesses[places] + 1) % len(CATEGORIES)
    return guesses


def failed(checks: tuple[Check, ...]) -> set[tuple[str, str]]:
    return {(check.name, check.subject) for check in checks if not check.passed}


@pytest.fixture
def truth() -> np.ndarray:
    return np.random.default_rng(1).integers(0, 3, 900)


def test_a_challenger_that_answers_alike_passes(truth: np.ndarray) -> None:
    same = answers(wrong_at(truth, np.arange(0, 900, 10)))
    assert not failed(compare(cases(truth), same, same, categories=CATEGORIES, margins=MARGINS))


def test_a_better_challenger_passes(truth: np.ndarray) -> None:
    champion, challenger = wrong_at(truth, np.arange(0, 900, 8)), wrong_at(truth, np.arange(0, 900, 10))
    checks = compare(cases(truth), answers(champion), answers(challenger), categories=CATEGORIES, margins=MARGINS)
    assert not failed(checks)


def test_a_challenger_that_is_worse_in_all_is_refused(truth: np.ndarray) -> None:
    champion, challenger = wrong_at(truth, np.arange(0, 900, 10)), wrong_at(truth, np.arange(0, 900, 6))
    checks = compare(cases(truth), answers(champion), answers(challenger), categories=CATEGORIES, margins=MARGINS)
    assert ("overall", "") in failed(checks)


def test_few_cases_prove_nothing_so_that_a_challenger_which_differs_is_refused() -> None:
    truth = np.zeros(40, dtype=np.intp)
    champion, challenger = wrong_at(truth, np.array([0, 1])), wrong_at(truth, np.array([2, 3]))
    checks = compare(cases(truth), answers(champion), answers(challenger), categories=CATEGORIES, margins=MARGINS)
    assert ("overall", "") in failed(checks)


def test_one_category_may_not_pay_for_the_others(truth: np.ndarray) -> None:
    own = np.flatnonzero(truth == 2)
    champion = wrong_at(truth, np.flatnonzero(truth == 0)[:60])
    challenger = wrong_at(truth, own[:40])
    checks = compare(cases(truth), answers(champion), answers(challenger), categories=CATEGORIES, margins=MARGINS)
    assert failed(checks) == {("category", "c"), *(failed(checks) & {("newest", ""), ("calibration", "")})}


def test_the_newest_cases_are_looked_at_by_themselves(truth: np.ndarray) -> None:
    champion = wrong_at(truth, np.arange(300, 900, 6))
    challenger = wrong_at(truth, np.arange(0, 200, 6))
    checks = compare(cases(truth), answers(champion), answers(challenger), categories=CATEGORIES, margins=MARGINS)
    assert ("newest", "") in failed(checks)
    assert ("overall", "") not in failed(checks)


def test_not_one_urgent_case_fewer_may_come_before_a_person(truth: np.ndarray) -> None:
    urgent = np.zeros(900, dtype=bool)
    urgent[:50] = True
    before = np.where(urgent, 3.0, 0.0)
    after = before.copy()
    after[7] = 0.5
    checks = compare(
        cases(truth, urgent),
        answers(truth, alarms=before),
        answers(truth, alarms=after),
        categories=CATEGORIES,
        margins=MARGINS,
    )
    assert ("seen_first", "") in failed(checks)
    assert ("urgent", "") not in failed(checks), "one flag fewer of 50 is chance"


def test_what_nobody_called_urgent_or_not_is_not_asked_about(truth: np.ndarray) -> None:
    unknown = Cases(truth, np.ones(900, dtype=bool), np.zeros(900, dtype=bool))
    checks = compare(unknown, answers(truth), answers(truth), categories=CATEGORIES, margins=MARGINS)
    assert not {check.name for check in checks} & {"urgent", "seen_first"}


def test_a_challenger_that_is_too_sure_is_refused(truth: np.ndarray) -> None:
    guesses = wrong_at(truth, np.arange(0, 900, 5))
    checks = compare(
        cases(truth),
        answers(guesses, confidence=0.8),
        answers(guesses, confidence=0.99),
        categories=CATEGORIES,
        margins=MARGINS,
    )
    assert failed(checks) == {("calibration", "")}


def test_a_forgotten_label_refuses() -> None:
    assert kept("labels", 0, 700).passed
    check = kept("labels", 350, 700)
    assert not check.passed
    assert check.challenger == 350
    assert not Verdict("0001", 700, "", "", (kept("categories", 0, 11), check)).promoted


def test_the_score_test_agrees_with_published_figures() -> None:
    # Tango 1998, section 5: of 44 pairs 43 alike and one lost, against a loss of 0.1, give Z = 1.709.
    assert not_worse(0, 1, 44, 0.1) == pytest.approx(0.0437, abs=2e-4)


@pytest.mark.parametrize(("share", "margin"), [(0.05, 0.02), (0.1, 0.02), (0.2, 0.05)])
def test_a_challenger_worse_by_the_margin_seldom_passes(share: float, margin: float) -> None:
    rng, cases_each, passed = np.random.default_rng(0), 700, 0
    for _ in range(2000):
        won, lost, _rest = rng.multinomial(cases_each, [share, share + margin, 1 - 2 * share - margin])
        passed += not_worse(int(won), int(lost), cases_each, margin) < 0.05
    assert passed / 2000 <= 0.065


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 500), st.floats(0.005, 0.2), st.integers(1, 20))
def test_the_more_is_won_and_the_less_is_lost_the_surer(
    won: int, lost: int, alike: int, margin: float, more: int
) -> None:
    cases_each = won + lost + alike + more
    p = not_worse(won, lost, cases_each, margin)
    assert 0 <= p <= 1
    assert not_worse(won + more, lost, cases_each, margin) <= p + 1e-9
    assert not_worse(won, lost + more, cases_each, margin) >= p - 1e-9
