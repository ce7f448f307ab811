"""The gate promotes a challenger that is not worse, and says why it refuses another."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.config import GateSettings
from triage.gate import Answers, Cases, Check, Verdict, compare, kept, not_worse, relabelled

CATEGORIES = ("a", "b", "c")
SETTINGS = GateSettings()


def answers(guesses: np.ndarray, *, confidence: float = 0.9, alarms: np.ndarray | None = None) -> Answers:
    probabilities = np.full((len(guesses), len(CATEGORIES)), (1 - confidence) / (len(CATEGORIES) - 1))
    probabilities[np.arange(len(guesses)), guesses] = confidence
    return Answers(probabilities, np.zeros(len(guesses)) if alarms is None else alarms)


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
    assert not failed(compare(cases(truth), same, same, categories=CATEGORIES, settings=SETTINGS))


def test_a_better_challenger_passes(truth: np.ndarray) -> None:
    champion, challenger = wrong_at(truth, np.arange(0, 900, 8)), wrong_at(truth, np.arange(0, 900, 10))
    checks = compare(cases(truth), answers(champion), answers(challenger), categories=CATEGORIES, settings=SETTINGS)
    assert not failed(checks)


def test_a_challenger_that_is_worse_in_all_is_refused(truth: np.ndarray) -> None:
    champion, challenger = wrong_at(truth, np.arange(0, 900, 10)), wrong_at(truth, np.arange(0, 900, 6))
    checks = compare(cases(truth), answers(champion), answers(challenger), categories=CATEGORIES, settings=SETTINGS)
    assert ("overall", "") in failed(checks)


def test_few_cases_prove_nothing_so_that_a_challenger_which_differs_is_refused() -> None:
    truth = np.zeros(40, dtype=np.intp)
    champion, challenger = wrong_at(truth, np.array([0, 1])), wrong_at(truth, np.array([2, 3]))
    checks = compare(cases(truth), answers(champion), answers(challenger), categories=CATEGORIES, settings=SETTINGS)
    assert ("overall", "") in failed(checks)


@pytest.mark.parametrize("count", [1, 5, 66, 400])
def test_a_challenger_that_answers_a_few_cases_alike_is_not_held_up(count: int) -> None:
    truth = np.arange(count) % 3
    same = answers(wrong_at(truth, np.arange(0, count, 10)))
    checks = compare(cases(truth), same, same, categories=CATEGORIES, settings=SETTINGS)
    assert ("overall", "") not in failed(checks)


def test_of_a_few_cases_one_more_lost_is_too_many() -> None:
    truth = np.zeros(66, dtype=np.intp)
    checks = compare(
        cases(truth),
        answers(wrong_at(truth, np.arange(3))),
        answers(wrong_at(truth, np.arange(4))),
        categories=CATEGORIES,
        settings=SETTINGS,
    )
    assert ("overall", "") in failed(checks)


def test_one_category_may_not_pay_for_the_others(truth: np.ndarray) -> None:
    own = np.flatnonzero(truth == 2)
    champion = wrong_at(truth, np.flatnonzero(truth == 0)[:60])
    challenger = wrong_at(truth, own[:40])
    checks = compare(cases(truth), answers(champion), answers(challenger), categories=CATEGORIES, settings=SETTINGS)
    assert failed(checks) == {("category", "c"), *(failed(checks) & {("newest", ""), ("calibration", "")})}


def test_the_newest_cases_are_looked_at_by_themselves(truth: np.ndarray) -> None:
    champion = wrong_at(truth, np.arange(300, 900, 6))
    challenger = wrong_at(truth, np.arange(0, 200, 6))
    checks = compare(cases(truth), answers(champion), answers(challenger), categories=CATEGORIES, settings=SETTINGS)
    assert ("newest", "") in failed(checks)
    assert ("overall", "") not in failed(checks)


@pytest.fixture
def urgent() -> np.ndarray:
    """The first 40 cases are urgent."""
    return np.arange(900) < 40


def alarming(urgent: np.ndarray, *, missed: int, late: int) -> np.ndarray:
    """Alarms that rank all urgent cases first, but for some that come late and some that are missed."""
    alarms = np.where(urgent, 9.0, 0.0)
    alarms[200:500] = 1.0
    alarms[:missed] = 0.5
    alarms[missed : missed + late] = 2.0
    alarms[100:160] = 3.0
    return alarms


def asked(truth: np.ndarray, urgent: np.ndarray, before: np.ndarray, after: np.ndarray) -> set[tuple[str, str]]:
    guesses = wrong_at(truth, np.arange(0, 900, 10))
    models = answers(guesses, alarms=before), answers(guesses, alarms=after)
    return failed(compare(cases(truth, urgent), *models, categories=CATEGORIES, settings=SETTINGS))


def test_not_one_urgent_case_fewer_may_come_before_a_person(truth: np.ndarray, urgent: np.ndarray) -> None:
    before, after = alarming(urgent, missed=2, late=0), alarming(urgent, missed=3, late=0)
    assert asked(truth, urgent, before, after) == {("seen_first", "")}, "one fewer among the first 5% is chance"
    assert not asked(truth, urgent, after, before)


def test_urgent_cases_may_not_come_later(truth: np.ndarray, urgent: np.ndarray) -> None:
    before, after = alarming(urgent, missed=0, late=0), alarming(urgent, missed=0, late=20)
    assert asked(truth, urgent, before, after) == {("urgent", "")}


def test_a_model_that_calls_more_cases_urgent_is_no_better_for_that(truth: np.ndarray, urgent: np.ndarray) -> None:
    alarms = alarming(urgent, missed=2, late=3)
    assert not asked(truth, urgent, alarms + 100, alarms)


def test_what_nobody_called_urgent_or_not_is_not_asked_about(truth: np.ndarray) -> None:
    unknown = Cases(truth, np.ones(900, dtype=bool), np.zeros(900, dtype=bool))
    checks = compare(unknown, answers(truth), answers(truth), categories=CATEGORIES, settings=SETTINGS)
    assert not {check.name for check in checks} & {"urgent", "seen_first"}


def test_a_challenger_that_is_too_sure_is_refused(truth: np.ndarray) -> None:
    guesses = wrong_at(truth, np.arange(0, 900, 5))
    checks = compare(
        cases(truth),
        answers(guesses, confidence=0.8),
        answers(guesses, confidence=0.99),
        categories=CATEGORIES,
        settings=SETTINGS,
    )
    assert failed(checks) == {("calibration", "")}


def test_a_forgotten_label_refuses() -> None:
    assert kept("labels", 0, 700).passed
    check = kept("labels", 350, 700)
    assert not check.passed
    assert check.challenger == 350
    assert not Verdict("0001", 700, "", "", (kept("categories", 0, 11), check)).promoted


def test_many_labels_that_changed_are_rather_a_slip() -> None:
    assert relabelled(7, 100, SETTINGS.relabelled).passed
    assert not relabelled(16, 100, SETTINGS.relabelled).passed
    assert relabelled(0, 0, SETTINGS.relabelled).passed


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
