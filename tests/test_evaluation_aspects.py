"""Figures beside the category: counted by hand, and those of scikit-learn where it has them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import f1_score, precision_recall_fscore_support

from triage.evaluation import (
    EvaluationReport,
    UrgentScores,
    evaluate,
    name_scores,
    nature_scores,
    secondary_scores,
    tier_scores,
    urgent_scores,
)
from triage.evaluation.aspects import URGENT_SHARE, match_scores
from triage.schema import Nature
from triage.thresholds import CERTAINTY, upper_bound

CATEGORIES = ("fees", "pay", "ethics")
natures = st.lists(st.tuples(*[st.sampled_from([nature.value for nature in Nature])] * 2), min_size=1, max_size=40)
name_sets = st.lists(st.tuples(*[st.frozensets(st.sampled_from("甲乙丙丁"))] * 2), min_size=1, max_size=20)


# --- The automatic tier ---


def test_the_tier_counts_what_passed_and_what_of_it_was_wrong() -> None:
    tier = tier_scores(
        labels=["fees", "fees", "pay", "pay", "ethics"],
        predicted=["fees", "pay", "pay", "pay", "fees"],
        passed=[True, True, True, False, False],
        max_error=0.05,
        categories=CATEGORIES,
        never=["ethics"],
    )
    assert (tier.automatic, tier.errors) == (3, 1)
    assert (tier.coverage, tier.accuracy) == pytest.approx((3 / 5, 2 / 3))
    assert tier.error_bound == upper_bound(1, 3, CERTAINTY)
    counts = [(each.category, each.automatic, each.errors) for each in tier.per_category]
    assert counts == [("fees", 1, 0), ("pay", 2, 1), ("ethics", 0, 0)]
    assert (tier.max_error, tier.never) == (0.05, ("ethics",))


def test_where_nothing_passed_nothing_is_right_or_bounded() -> None:
    tier = tier_scores(
        labels=["fees"], predicted=["fees"], passed=[False], max_error=0.01, categories=CATEGORIES, never=CATEGORIES
    )
    assert (tier.coverage, tier.automatic, tier.errors, tier.accuracy, tier.error_bound) == (0, 0, 0, 0, 1)


# --- Sets of names ---


@settings(max_examples=100, deadline=None)
@given(pairs=name_sets)
def test_matches_are_micro_averaged_as_scikit_learn_does(pairs: list[tuple[frozenset[str], frozenset[str]]]) -> None:
    scores = match_scores([wanted for wanted, _ in pairs], [found for _, found in pairs])
    flags = np.array([[[name in names for name in "甲乙丙丁"] for names in pair] for pair in pairs]).reshape(-1, 2, 4)
    expected = precision_recall_fscore_support(
        flags[:, 0].ravel(), flags[:, 1].ravel(), average="binary", zero_division=0
    )
    assert (scores.precision, scores.recall, scores.f1) == pytest.approx(expected[:3])
    assert (scores.wanted, scores.found) == (flags[:, 0].sum(), flags[:, 1].sum())
    assert scores.right == (flags[:, 0] & flags[:, 1]).sum()


def test_no_names_at_all_score_nothing() -> None:
    scores = match_scores([], [])
    assert (scores.wanted, scores.found, scores.precision, scores.recall, scores.f1) == (0, 0, 0, 0, 0)


# --- Second categories ---


def test_second_categories_are_counted_alone_and_with_the_first() -> None:
    scores = secondary_scores(
        primary=["fees", "pay", "ethics"],
        secondary=[{"pay"}, {"fees"}, set()],
        predicted_primary=["fees", "fees", "ethics"],
        predicted_secondary=[{"pay", "ethics"}, {"pay"}, set()],
    )
    assert scores.messages == 3
    assert (scores.strict.wanted, scores.strict.found, scores.strict.right) == (2, 3, 1)
    where_right = scores.where_primary_right
    assert (where_right.wanted, where_right.found, where_right.right) == (1, 2, 1)
    # The second message went to the same two offices, though in the wrong order.
    assert (scores.all_touched.wanted, scores.all_touched.found, scores.all_touched.right) == (5, 6, 5)


# --- Nature ---


@settings(max_examples=100, deadline=None)
@given(pairs=natures)
def test_the_f1_of_natures_is_that_of_scikit_learn(pairs: list[tuple[str, str]]) -> None:
    labels, predicted = [label for label, _ in pairs], [guess for _, guess in pairs]
    scores = nature_scores(labels, predicted)
    assert scores.macro_f1 == pytest.approx(f1_score(labels, predicted, average="macro"))
    assert [name for name, _ in scores.f1] == sorted({*labels, *predicted})
    assert [f1 for _, f1 in scores.f1] == pytest.approx(f1_score(labels, predicted, average=None))
    assert scores.accuracy == pytest.approx(np.mean(np.array(labels) == np.array(predicted)))
    assert scores.messages == len(pairs)


# --- Urgency ---


def scored(urgent: list[bool], alarms: list[float]) -> UrgentScores:
    """Flagged from 0 on, watched from -0.5 on."""
    flagged, watched = ([alarm >= least for alarm in alarms] for least in (0.0, -0.5))
    return urgent_scores(urgent, alarms, flagged=flagged, watched=watched)


def test_recall_is_of_the_urgent_among_the_highest_alarms() -> None:
    urgent = [True, True, True, False] + [False] * 36
    alarms = [0.9, -0.5, 0.2, 0.8] + [-1.0] * 36
    scores = scored(urgent, alarms)
    assert (scores.messages, scores.urgent, scores.share) == (40, 3, URGENT_SHARE)
    assert scores.recall == 1 / 3  # of the two highest one is urgent
    assert (scores.flagged, scores.flagged_recall) == (3 / 40, 2 / 3)
    assert (scores.watched, scores.watched_recall) == (4 / 40, 1)


def test_equal_alarms_flatter_nobody() -> None:
    assert scored([True] * 5 + [False] * 95, [0.0] * 100).recall == 0
    assert scored([False] * 95 + [True] * 5, [0.0] * 100).recall == 0


def test_a_perfect_alarm_finds_as_many_as_the_share_holds() -> None:
    urgent = [at < 10 for at in range(100)]
    assert scored(urgent, [float(each) for each in urgent]).recall == 0.5


def test_where_nothing_is_urgent_nothing_is_found() -> None:
    scores = scored([False] * 40, [1.0] * 40)
    assert (scores.urgent, scores.recall, scores.flagged, scores.flagged_recall) == (0, 0, 1, 0)


@settings(max_examples=60, deadline=None)
@given(
    pairs=st.lists(st.tuples(st.booleans(), st.sampled_from([-1.0, -0.5, 0.0, 0.5])), min_size=1, max_size=80),
    data=st.data(),
)
def test_the_order_of_the_messages_changes_no_figure(pairs: list[tuple[bool, float]], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(pairs))
    once, again = (scored(*map(list, zip(*each, strict=True))) for each in (pairs, shuffled))  # type: ignore[arg-type]
    assert once == again


# --- Places and schools ---


def test_a_place_must_be_just_as_written_and_a_school_may_meet_by_a_part() -> None:
    scores = name_scores(
        places=["吉州区", "", "泰和县", "吉水县"],
        schools=[["实验小学"], [], ["泰和中学", "二中"], ["文峰小学"]],
        found_places=["吉州区", "", "泰和", "吉水县"],
        found_schools=[["吉州区实验小学"], ["某校"], ["泰和中学"], []],
    )
    assert (scores.messages, scores.place_accuracy) == (4, 3 / 4)
    assert (scores.schools.wanted, scores.schools.found, scores.schools.right) == (4, 3, 1)
    overlapping = scores.schools_overlapping
    assert (overlapping.precision, overlapping.recall) == (2 / 3, 2 / 4)


def test_one_found_name_may_meet_two_wanted_ones() -> None:
    scores = name_scores(
        places=[""], schools=[["一中", "一中分校"]], found_places=[""], found_schools=[["县一中分校"]]
    ).schools_overlapping
    assert (scores.precision, scores.recall, scores.f1) == (1, 1, 1)


# --- The calibration of one category ---


def calibration_of(probability: float, share: float) -> EvaluationReport:
    """Of 100 messages, `share` are of the first category, whose probability is always the same."""
    labels = ["a"] * round(100 * share) + ["b"] * round(100 * (1 - share))
    return evaluate(
        labels=labels,
        probabilities=np.tile([probability, 1 - probability], (100, 1)),
        categories=("a", "b"),
        method="hold-out",
        n_bootstrap=1,
    )


@pytest.mark.parametrize(("probability", "share"), [(0.9, 0.9), (0.9, 0.6), (0.2, 0.5)])
def test_a_categorys_calibration_error_is_the_gap_between_probability_and_share(
    probability: float, share: float
) -> None:
    first, second = calibration_of(probability, share).calibration
    assert (first.category, first.support) == ("a", round(100 * share))
    assert first.error == pytest.approx(abs(probability - share))
    assert second.error == pytest.approx(abs(probability - share))
