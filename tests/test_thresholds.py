"""What may go without a person: the proof holds on messages to come, and is silent where there is too little."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import binomtest

from triage import thresholds
from triage.thresholds import CERTAINTY, MIN_EXAMPLES, Proof, prove_thresholds, upper_bound

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
TRIALS = 150


def calibrated(seed: int, n: int, categories: int = 3) -> tuple[Floats, Indices]:
    """Probabilities, and a truth drawn with them."""
    rng = np.random.default_rng(seed)
    scores = rng.normal(0, 5, (n, categories))
    odds = np.exp(scores)
    # The largest of the scores with Gumbel noise is a draw from their softmax.
    return odds / odds.sum(axis=1, keepdims=True), (scores + rng.gumbel(size=scores.shape)).argmax(axis=1)


def careless(seed: int, n: int, error: float, categories: int = 3) -> tuple[Floats, Indices]:
    """Predictions whose confidence says nothing of whether they are right; `error` of them are wrong."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, categories, n)
    predicted = (truth + (rng.random(n) < error)) % categories
    confidence = rng.uniform(0.7, 0.99, n)
    return sure(truth, predicted, confidence, categories), truth


def one_bad_category(seed: int, n: int) -> tuple[Floats, Indices]:
    """Calibrated, but for the first category: a third of what is called so belongs to the second."""
    probabilities, truth = calibrated(seed, n)
    called = probabilities.argmax(axis=1) == 0
    truth[called & (np.random.default_rng(seed + 1).random(n) < 1 / 3)] = 1
    return probabilities, truth


def sure(truth: Indices, predicted: Indices, confidence: float | Floats = 0.95, categories: int = 3) -> Floats:
    """Probabilities that give the predicted categories this confidence."""
    of_each = np.broadcast_to(np.asarray(confidence, dtype=np.float64), truth.shape)
    probabilities = np.repeat((1 - of_each)[:, np.newaxis] / (categories - 1), categories, axis=1)
    probabilities[np.arange(len(truth)), predicted] = of_each
    return probabilities


def prove(probabilities: Floats, truth: Indices, max_error: float = 0.05, **options: Any) -> Proof:
    names = [str(at) for at in range(probabilities.shape[1])]
    chosen = {"categories": names, "groups": [str(at) for at in range(len(truth))], "max_error": max_error} | options
    return prove_thresholds(probabilities, truth, **chosen)


def passing(proof: Proof, probabilities: Floats) -> NDArray[np.bool_]:
    least = np.array([np.inf if each.confidence is None else each.confidence for each in proof.thresholds])
    return np.asarray(probabilities.max(axis=1) >= least[probabilities.argmax(axis=1)])


PROOFS = [prove(*calibrated(seed, 800)) for seed in range(3)]


# --- The proof holds ---


@pytest.mark.parametrize(
    ("draw", "n", "max_error"),
    [
        pytest.param(calibrated, 500, 0.05, id="honest confidence"),
        pytest.param(one_bad_category, 500, 0.05, id="one category is much worse than its confidence"),
        pytest.param(lambda seed, n: careless(seed, n, 0.055), 150, 0.05, id="confidence that says nothing"),
        pytest.param(lambda seed, n: careless(seed, n, 0.0105), 320, 0.01, id="hardly an error to learn from"),
    ],
)
def test_of_what_passes_more_is_wrong_than_allowed_in_few_of_many_trials(draw: Any, n: int, max_error: float) -> None:
    come, truth = draw(10**6, 50_000)  # what is yet to come
    wrong = come.argmax(axis=1) != truth
    broken = 0
    for seed in range(TRIALS):
        passes = passing(prove(*draw(seed, n), max_error), come)
        broken += bool(passes.any()) and bool(wrong[passes].mean() > max_error)
    # A proof that breaks in 5 of 100 trials, which it may, fails here once in 500 deals of seeds.
    assert binomtest(broken, TRIALS, 1 - CERTAINTY, alternative="greater").pvalue > 0.002


def test_with_enough_labels_most_of_what_is_safe_passes() -> None:
    come, truth = calibrated(10**6, 50_000)
    confidence = np.sort(come.max(axis=1))[::-1]
    error = np.cumsum(1 - confidence) / np.arange(1, len(confidence) + 1)
    safe = (error <= 0.05).mean()
    passes = passing(prove(*calibrated(0, 4000)), come)
    assert (come.argmax(axis=1) != truth)[passes].mean() <= 0.05
    assert safe - 0.1 < passes.mean() <= safe


def test_a_category_that_is_worse_than_its_confidence_needs_more_of_it_than_the_others() -> None:
    bad, *others = (each.confidence for each in prove(*one_bad_category(0, 4000)).thresholds)
    for other in others:
        assert other is not None
        assert bad is None or bad > other


def test_the_counts_are_those_of_what_passes_held_out() -> None:
    probabilities, truth = calibrated(1, 2000)
    proof = prove(probabilities, truth)
    assert proof.messages == 2000
    assert proof.automatic == sum(each.automatic for each in proof.thresholds) > 0
    assert proof.errors == sum(each.errors for each in proof.thresholds) > 0
    assert proof.coverage == proof.automatic / 2000
    assert proof.error_bound == upper_bound(proof.errors, proof.automatic, CERTAINTY) <= 0.05
    assert [each.examples for each in proof.thresholds] == np.bincount(truth).tolist()
    # The thresholds hold for others; they pass about as many as the held-out ones that the proof counts.
    assert passing(proof, probabilities).sum() == pytest.approx(proof.automatic, rel=0.1)


@settings(max_examples=50, deadline=None)
@given(confidence=st.floats(0, 1), proof=st.sampled_from(PROOFS))
def test_a_prediction_passes_from_its_threshold_on(confidence: float, proof: Proof) -> None:
    for each in proof.thresholds:
        assert proof.threshold(each.category) == each.confidence
        assert proof.passes(each.category, confidence) == (
            each.confidence is not None and confidence >= each.confidence
        )
    assert not proof.passes("unheard of", 1.0)


# --- The sequence of tests ---


def surest_first(n: int, *errors: int) -> tuple[Floats, NDArray[np.bool_]]:
    """Reliabilities that fall, and which of the predictions are right."""
    return np.arange(n, 0, -1.0), ~np.isin(np.arange(n), errors)


@pytest.mark.parametrize(
    ("errors", "proven"),
    [
        pytest.param((), 1000, id="no error"),
        pytest.param((3, 20), 0, id="errors among the surest: that 2 of 1000 are few is tested too late"),
        pytest.param((59,), 59, id="an error right after the first test"),
        pytest.param(range(500, 1000), 517, id="errors among the least sure"),
    ],
)
def test_the_first_test_that_fails_ends_the_sequence(errors: tuple[int, ...], proven: int) -> None:
    reliability, right = surest_first(1000, *errors)
    assert thresholds._proven(reliability, right, 0.05, 0.95) == proven
    count = max(proven, 59)
    bound = upper_bound(int((~right[:count]).sum()), count, 0.95)
    assert (bound <= 0.05) == bool(proven)


def test_the_equally_reliable_pass_together_or_not_at_all() -> None:
    right = np.arange(200) != 150
    alike = np.where(np.arange(200) < 100, 2.0, 1.0)
    assert thresholds._proven(alike, right, 0.05, 0.95) == 200
    right[110:130] = False
    assert thresholds._proven(alike, right, 0.05, 0.95) == 100


# --- Too little to prove anything ---


@pytest.mark.parametrize(("n", "passes"), [(58, 0), (59, 59)])  # 0.95 ** 58 > 0.05 > 0.95 ** 59
def test_fewer_messages_than_a_proof_needs_prove_nothing_however_right_they_are(n: int, passes: int) -> None:
    truth = np.zeros(n, dtype=np.intp)
    proof = prove(sure(truth, truth), truth)
    assert (proof.automatic, proof.errors) == (passes, 0)
    assert (proof.threshold("0") is not None) == bool(passes)


def test_no_messages_prove_nothing() -> None:
    proof = prove(np.zeros((0, 3)), np.zeros(0, dtype=np.intp))
    assert (proof.messages, proof.automatic, proof.coverage, proof.error_bound) == (0, 0, 0.0, 1.0)
    assert all(each.confidence is None for each in proof.thresholds)


@pytest.mark.parametrize(("examples", "passes"), [(MIN_EXAMPLES - 1, False), (MIN_EXAMPLES, True)])
def test_a_category_with_few_examples_always_goes_to_a_person(examples: int, passes: bool) -> None:
    truth = np.array([0] * 200 + [1] * 200 + [2] * examples)
    proof = prove(sure(truth, truth), truth)
    assert [each.confidence is not None for each in proof.thresholds] == [True, True, passes]
    assert proof.passes("2", 1.0) == passes


def test_what_is_taken_for_a_category_with_few_examples_is_no_error_of_the_others() -> None:
    truth = np.array([0] * 200 + [1] * 200)
    predicted = np.where(np.arange(400) % 4 == 0, 2, truth)  # all wrong, and none of them could have passed
    proof = prove(sure(truth, predicted), truth)
    assert (proof.automatic, proof.errors) == (300, 0)


def test_a_category_that_is_never_predicted_has_no_threshold() -> None:
    truth = np.array([0] * 400 + [1] * 400 + [2] * MIN_EXAMPLES)
    proof = prove(sure(truth, np.where(truth == 2, 0, truth), np.where(truth == 2, 0.5, 0.95)), truth)
    assert proof.threshold("2") is None
    assert proof.threshold("1") is not None


# --- Copies ---


def test_copies_count_once() -> None:
    probabilities, truth = calibrated(0, 600)
    groups = [str(at % 600) for at in range(1800)]
    assert prove(np.tile(probabilities, (3, 1)), np.tile(truth, 3), groups=groups) == prove(
        probabilities, truth, groups=groups[:600]
    )


def test_one_letter_sent_many_times_proves_nothing() -> None:
    truth = np.arange(600) % 2
    probabilities = sure(truth, truth, categories=2)
    assert prove(probabilities, truth).automatic == 600
    assert prove(probabilities, truth, groups=[str(at % 50) for at in range(600)]).automatic == 0


def test_copies_make_no_category_large() -> None:
    truth = np.array([0] * 200 + [1] * 200 + [2] * 100)
    groups = [str(at) for at in range(400)] + [f"copy {at % 10}" for at in range(100)]
    proof = prove(sure(truth, truth), truth, groups=groups)
    assert proof.thresholds[2].examples == 10
    assert proof.threshold("2") is None


# --- Good and bad predictions ---


@pytest.mark.parametrize("confidence", [0.6, 0.95, 1 - 1e-9, 1.0])
def test_predictions_that_are_always_right_all_pass(confidence: float) -> None:
    truth = np.arange(600) % 3
    probabilities = sure(truth, truth, confidence)
    proof = prove(probabilities, truth, max_error=0.01)
    assert (proof.automatic, proof.errors) == (600, 0)
    assert passing(proof, probabilities).all()


def test_predictions_that_are_always_wrong_never_pass() -> None:
    truth = np.arange(600) % 3
    proof = prove(sure(truth, (truth + 1) % 3), truth)
    assert proof.automatic == 0
    assert all(each.confidence is None for each in proof.thresholds)


def test_where_the_surest_are_wrong_most_often_nothing_passes() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 3, 2000)
    confidence = rng.uniform(0.5, 0.99, 2000)
    predicted = (truth + (rng.random(2000) < confidence - 0.45)) % 3
    proof = prove(sure(truth, predicted, confidence), truth)
    assert not passing(proof, np.array([[0.99, 0.005, 0.005]])).any()


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 1000), errors=st.tuples(st.floats(0.01, 0.3), st.floats(0.01, 0.3)))
def test_who_allows_more_errors_never_gets_less(seed: int, errors: tuple[float, float]) -> None:
    strict, lenient = (prove(*calibrated(seed, 500), max_error) for max_error in sorted(errors))
    assert strict.coverage <= lenient.coverage
    for one, other in zip(strict.thresholds, lenient.thresholds, strict=True):
        assert one.confidence is None or (other.confidence is not None and other.confidence <= one.confidence)


def test_who_wants_more_certainty_never_gets_more() -> None:
    found = [prove(*calibrated(0, 1500), certainty=certainty).coverage for certainty in (0.8, 0.95, 0.999)]
    assert found == sorted(found, reverse=True)
    assert found[0] > found[-1]


def test_the_same_messages_prove_the_same_and_in_another_order_nearly_the_same() -> None:
    # The order deals the folds of the model of reliability, so that it may tell a few messages more or less.
    probabilities, truth = calibrated(2, 2000)
    proof = prove(probabilities, truth)
    assert prove(probabilities, truth) == proof
    for seed in range(3):
        order = np.random.default_rng(seed).permutation(2000)
        again = prove(probabilities[order], truth[order])
        assert [each.examples for each in again.thresholds] == [each.examples for each in proof.thresholds]
        assert again.coverage == pytest.approx(proof.coverage, abs=0.05)


# --- The exact bound ---


@settings(max_examples=100, deadline=None)
@given(count=st.integers(1, 3000), share=st.floats(0, 1), certainty=st.sampled_from([0.8, 0.95, 0.99]))
def test_the_bound_is_the_exact_one_of_scipy(count: int, share: float, certainty: float) -> None:
    errors = round(count * share)
    test = binomtest(errors, count, alternative="less")  # one-sided: its interval runs from 0 to the upper bound
    interval = test.proportion_ci(confidence_level=certainty, method="exact")
    assert upper_bound(errors, count, certainty) == pytest.approx(interval.high, abs=1e-9)


def test_where_nothing_was_seen_nothing_is_bounded() -> None:
    assert upper_bound(0, 0, CERTAINTY) == 1.0
