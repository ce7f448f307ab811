"""Confidence that means what it says, and the reasons to ask a person."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from triage.confidence import fit_temperature, review_reasons, to_probabilities
from triage.config import ReviewSettings
from triage.schema import Alternative, ReviewReason

# Halves, quarters and eighths are exact, so that a bound can be met to the bit.
SETTINGS = ReviewSettings(min_confidence=0.5, min_margin=0.25, min_known_share=0.5, min_characters=8)
AT_EVERY_BOUND: dict[str, Any] = {
    "ranked": (Alternative("fees", 0.5), Alternative("pay", 0.25)),
    "known_share": 0.5,
    "characters": 8,
    "jurisdictions": 1,
}

score_tables = arrays(np.float64, (7, 4), elements=st.floats(-3, 3, width=32))


def simulated(temperature: float, n: int = 20_000) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Scores, and a truth that was drawn with the probabilities softmax(scores / temperature)."""
    rng = np.random.default_rng(0)
    scores = rng.normal(0, 1, (n, 6))
    # The largest of the scores with Gumbel noise is a draw from their softmax.
    return scores, (scores / temperature + rng.gumbel(size=scores.shape)).argmax(axis=1)


@pytest.mark.parametrize("temperature", [0.05, 0.3, 1.0, 4.0])
def test_the_temperature_behind_simulated_scores_is_found_again(temperature: float) -> None:
    assert fit_temperature(*simulated(temperature)) == pytest.approx(temperature, rel=0.05)


def test_confidence_at_the_fitted_temperature_is_the_share_that_is_right() -> None:
    scores, truth = simulated(0.7)
    probabilities = to_probabilities(scores, fit_temperature(scores, truth))
    right = probabilities.argmax(axis=1) == truth
    confidence = probabilities.max(axis=1)
    for low in (0.4, 0.6, 0.8):
        inside = (confidence >= low) & (confidence < low + 0.2)
        assert right[inside].mean() == pytest.approx(confidence[inside].mean(), abs=0.03)


def test_scores_that_tell_nothing_give_even_confidence() -> None:
    rng = np.random.default_rng(1)
    scores, truth = rng.normal(0, 1, (5000, 4)), rng.integers(0, 4, 5000)
    assert to_probabilities(scores, fit_temperature(scores, truth)).max() < 0.35


@settings(max_examples=100, deadline=None)
@given(scores=score_tables, temperature=st.floats(0.01, 100))
def test_probabilities_sum_to_one_and_keep_the_ranking(scores: NDArray[np.float64], temperature: float) -> None:
    probabilities = to_probabilities(scores, temperature)
    assert probabilities.shape == scores.shape
    assert ((probabilities >= 0) & (probabilities <= 1)).all()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=0, atol=1e-12)
    ranking = np.argsort(-scores, axis=1, kind="stable")
    ranked = np.take_along_axis(probabilities, ranking, axis=1)
    assert (np.diff(ranked, axis=1) <= 0).all()


def test_a_case_at_every_bound_needs_nobody() -> None:
    assert review_reasons(**AT_EVERY_BOUND, settings=SETTINGS) == ()


@pytest.mark.parametrize(
    ("reason", "change"),
    [
        (
            ReviewReason.LOW_CONFIDENCE,
            {"ranked": (Alternative("fees", np.nextafter(0.5, 0)), Alternative("pay", 0.125))},
        ),
        (
            ReviewReason.CLOSE_SECOND,
            {"ranked": (Alternative("fees", 0.5), Alternative("pay", np.nextafter(0.25, 1)))},
        ),
        (ReviewReason.UNKNOWN_WORDS, {"known_share": np.nextafter(0.5, 0)}),
        (ReviewReason.SHORT_TEXT, {"characters": 7}),
        (ReviewReason.UNCLEAR_JURISDICTION, {"jurisdictions": 2}),
    ],
)
def test_a_reason_holds_alone_just_beyond_its_bound(reason: ReviewReason, change: dict[str, Any]) -> None:
    assert review_reasons(**(AT_EVERY_BOUND | change), settings=SETTINGS) == (reason,)


def test_a_case_may_have_every_reason_and_tells_them_in_one_order() -> None:
    ranked = (Alternative("fees", 0.4), Alternative("pay", 0.39))
    reasons = review_reasons(ranked, known_share=0, characters=0, jurisdictions=3, settings=SETTINGS)
    assert reasons == tuple(reason for reason in ReviewReason if reason is not ReviewReason.UNKNOWN_LABEL)


def test_where_there_is_no_second_the_margin_is_the_confidence() -> None:
    alone = AT_EVERY_BOUND | {"ranked": (Alternative("fees", 1.0),)}
    assert review_reasons(**alone, settings=SETTINGS) == ()


def test_no_jurisdiction_at_all_is_not_unclear() -> None:
    assert review_reasons(**(AT_EVERY_BOUND | {"jurisdictions": 0}), settings=SETTINGS) == ()
