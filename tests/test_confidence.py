"""Confidence that means what it says, and the reasons to ask a person."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from triage.confidence import Doubts, fit_temperature, review_reasons, to_probabilities
from triage.config import ReviewSettings
from triage.schema import Alternative, ReviewReason

# Halves, quarters and eighths are exact, so that a bound can be met to the bit.
SETTINGS = ReviewSettings(min_confidence=0.5, min_margin=0.25, min_known_share=0.5, min_characters=8)
RANKED = (Alternative("fees", 0.5), Alternative("pay", 0.25))
AT_EVERY_BOUND = Doubts(threshold=0.5, known_share=0.5, characters=8, jurisdictions=1)
HOPELESS = Doubts(threshold=None, known_share=0, characters=0, jurisdictions=3, is_urgent=True, is_stopped=True)
OF_THE_MODEL = {
    ReviewReason.UNPROVEN,
    ReviewReason.LOW_CONFIDENCE,
    ReviewReason.CLOSE_SECOND,
    ReviewReason.UNKNOWN_WORDS,
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
    assert review_reasons(RANKED, AT_EVERY_BOUND, SETTINGS) == ()


@pytest.mark.parametrize(
    ("reason", "change"),
    [
        (ReviewReason.URGENT, {"is_urgent": True}),
        (ReviewReason.CONFLICT, {"is_stopped": True}),
        (ReviewReason.UNPROVEN, {"threshold": None}),
        (ReviewReason.LOW_CONFIDENCE, {"threshold": np.nextafter(0.5, 1)}),
        (ReviewReason.UNKNOWN_WORDS, {"known_share": np.nextafter(0.5, 0)}),
        (ReviewReason.SHORT_TEXT, {"characters": 7}),
        (ReviewReason.UNCLEAR_JURISDICTION, {"jurisdictions": 2}),
    ],
)
def test_a_reason_holds_alone_just_beyond_its_bound(reason: ReviewReason, change: dict[str, Any]) -> None:
    assert review_reasons(RANKED, replace(AT_EVERY_BOUND, **change), SETTINGS) == (reason,)


@pytest.mark.parametrize(
    ("reason", "ranked"),
    [
        (ReviewReason.LOW_CONFIDENCE, (Alternative("fees", np.nextafter(0.5, 0)), Alternative("pay", 0.125))),
        (ReviewReason.CLOSE_SECOND, (Alternative("fees", 0.5), Alternative("pay", np.nextafter(0.25, 1)))),
    ],
)
def test_so_does_one_that_lies_in_the_ranking(reason: ReviewReason, ranked: tuple[Alternative, ...]) -> None:
    assert review_reasons(ranked, AT_EVERY_BOUND, SETTINGS) == (reason,)


def test_a_case_may_have_every_reason_and_tells_them_in_one_order() -> None:
    ranked = (Alternative("fees", 0.4), Alternative("pay", 0.39))
    reasons = review_reasons(ranked, HOPELESS, SETTINGS)
    # What is urgent need not be watched too, and only a table can give an unknown label.
    elsewhere = {ReviewReason.UNKNOWN_LABEL, ReviewReason.WATCHED}
    assert reasons == tuple(reason for reason in ReviewReason if reason not in elsewhere)


def test_what_may_be_urgent_is_watched_unless_it_is_urgent() -> None:
    watched = replace(AT_EVERY_BOUND, is_watched=True)
    assert review_reasons(RANKED, watched, SETTINGS) == (ReviewReason.WATCHED,)
    assert review_reasons(RANKED, replace(watched, is_urgent=True), SETTINGS) == (ReviewReason.URGENT,)


def test_where_there_is_no_second_the_margin_is_the_confidence() -> None:
    assert review_reasons((Alternative("fees", 1.0),), AT_EVERY_BOUND, SETTINGS) == ()
    alone = (Alternative("fees", 0.5),)
    wide = replace(SETTINGS, min_margin=0.75)
    assert review_reasons(alone, AT_EVERY_BOUND, wide) == (ReviewReason.CLOSE_SECOND,)


def test_no_jurisdiction_at_all_is_not_unclear() -> None:
    assert review_reasons(RANKED, replace(AT_EVERY_BOUND, jurisdictions=0), SETTINGS) == ()


def test_what_a_rule_decided_is_not_doubted_for_what_the_model_thinks_but_for_all_else() -> None:
    ranked = (Alternative("fees", 0.4), Alternative("pay", 0.39))
    guessed = review_reasons(ranked, HOPELESS, SETTINGS)
    ruled = review_reasons(ranked, replace(HOPELESS, is_ruled=True), SETTINGS)
    assert ruled == tuple(reason for reason in guessed if reason not in OF_THE_MODEL)
    assert review_reasons(ranked, replace(AT_EVERY_BOUND, threshold=None, is_ruled=True), SETTINGS) == ()


# --- Settings and proof ---

shares = st.floats(0, 1)
thresholds = st.none() | shares
doubts = st.builds(Doubts, thresholds, shares, st.integers(0, 20), st.integers(0, 3), *[st.booleans()] * 3)
review_settings = st.builds(ReviewSettings, shares, shares, shares, st.integers(0, 20))
rankings = st.tuples(shares, shares).map(
    lambda pair: (Alternative("fees", max(pair)), Alternative("pay", min(*pair, 1 - max(pair))))
)


@settings(max_examples=200, deadline=None)
@given(ranked=rankings, found=doubts, chosen=review_settings)
def test_settings_can_only_ask_for_more_than_what_is_proven(
    ranked: tuple[Alternative, ...], found: Doubts, chosen: ReviewSettings
) -> None:
    nothing_asked = ReviewSettings(min_confidence=0, min_margin=0, min_known_share=0, min_characters=0)
    assert {*review_reasons(ranked, found, nothing_asked)} <= {*review_reasons(ranked, found, chosen)}


@settings(max_examples=200, deadline=None)
@given(ranked=rankings, found=doubts, chosen=review_settings)
def test_below_what_is_proven_nothing_passes_that_no_rule_decided(
    ranked: tuple[Alternative, ...], found: Doubts, chosen: ReviewSettings
) -> None:
    if review_reasons(ranked, found, chosen) == () and not found.is_ruled:
        assert found.threshold is not None
        assert ranked[0].confidence >= found.threshold


@settings(max_examples=100, deadline=None)
@given(ranked=rankings, found=doubts, chosen=review_settings, threshold=shares)
def test_a_stricter_proof_never_lets_more_pass(
    ranked: tuple[Alternative, ...], found: Doubts, chosen: ReviewSettings, threshold: float
) -> None:
    loose, strict = (replace(found, threshold=least) for least in (threshold / 2, threshold))
    if review_reasons(ranked, strict, chosen) == ():
        assert review_reasons(ranked, loose, chosen) == ()
