"""Evaluation: figures that scikit-learn agrees with, and intervals that hold them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import (
    accuracy_score,
    confusion_matrix,
    f1_score,
    precision_recall_fscore_support,
    top_k_accuracy_score,
)

from triage.errors import InputError
from triage.evaluation import EvaluationReport, evaluate, to_json

CATEGORIES = ("fees", "pay", "ethics", "enrollment", "not_edu")
TWO_BY_TWO: dict[str, Any] = {
    "labels": ["a", "b"],
    "probabilities": np.array([[0.9, 0.1], [0.2, 0.8]]),
    "categories": ("a", "b"),
    "method": "hold-out",
}


def random_case(seed: int, n: int, categories: Sequence[str] = CATEGORIES) -> tuple[list[str], NDArray[np.float64]]:
    rng = np.random.default_rng(seed)
    probabilities = rng.dirichlet(np.full(len(categories), 0.5), n)
    labels = [categories[rng.choice(len(categories), p=row)] for row in probabilities]
    return labels, probabilities


def report_of(labels: Sequence[str], probabilities: NDArray[np.float64], **options: Any) -> EvaluationReport:
    chosen = {"categories": CATEGORIES, "method": "5-fold", "n_bootstrap": 200} | options
    return evaluate(labels=labels, probabilities=probabilities, **chosen)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(1, 60))
def test_the_figures_are_those_of_scikit_learn(seed: int, n: int) -> None:
    labels, probabilities = random_case(seed, n)
    report = report_of(labels, probabilities)
    guesses = [CATEGORIES[place] for place in probabilities.argmax(axis=1)]
    truth = [CATEGORIES.index(label) for label in labels]
    assert report.accuracy.value == pytest.approx(accuracy_score(labels, guesses))
    assert report.macro_f1.value == pytest.approx(f1_score(labels, guesses, average="macro"))
    top3 = top_k_accuracy_score(truth, probabilities, k=3, labels=range(len(CATEGORIES)))
    assert report.top3_accuracy.value == pytest.approx(top3)
    assert report.confusion == tuple(map(tuple, confusion_matrix(labels, guesses, labels=CATEGORIES).tolist()))
    expected = precision_recall_fscore_support(labels, guesses, labels=CATEGORIES, zero_division=0)
    got = [(s.precision.value, s.recall.value, s.f1.value, s.support) for s in report.per_category]
    np.testing.assert_allclose(np.array(got).T, np.array(expected))


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(1, 60), level=st.sampled_from([0.01, 0.5, 0.95]))
def test_every_interval_holds_its_value(seed: int, n: int, level: float) -> None:
    labels, probabilities = random_case(seed, n)
    report = report_of(labels, probabilities, n_bootstrap=20, confidence_level=level)
    figures = [report.accuracy, report.macro_f1, report.top3_accuracy]
    figures += [figure for scores in report.per_category for figure in (scores.precision, scores.recall, scores.f1)]
    for figure in figures:
        assert 0 <= figure.low <= figure.value <= figure.high <= 1


def test_the_interval_of_the_accuracy_is_as_wide_as_theory_says() -> None:
    labels, probabilities = random_case(1, 2000)
    accuracy = report_of(labels, probabilities, n_bootstrap=4000).accuracy
    half = 1.96 * (accuracy.value * (1 - accuracy.value) / 2000) ** 0.5
    assert accuracy.low == pytest.approx(accuracy.value - half, abs=0.003)
    assert accuracy.high == pytest.approx(accuracy.value + half, abs=0.003)


def test_the_intervals_are_those_of_drawing_messages_one_by_one() -> None:
    labels, probabilities = random_case(2, 300)
    report = report_of(labels, probabilities, n_bootstrap=3000)
    guesses = np.array(CATEGORIES)[probabilities.argmax(axis=1)]
    rng = np.random.default_rng(5)
    draws = (rng.integers(0, 300, 300) for _ in range(600))
    drawn = [f1_score(np.array(labels)[rows], guesses[rows], average="macro") for rows in draws]
    assert [report.macro_f1.low, report.macro_f1.high] == pytest.approx(np.quantile(drawn, [0.025, 0.975]), abs=0.015)


def test_the_seed_alone_decides_the_report_and_not_the_order_of_messages() -> None:
    labels, probabilities = random_case(3, 200)
    order = np.random.default_rng(0).permutation(200)
    once = report_of(labels, probabilities, seed=7)
    assert report_of(labels, probabilities, seed=7) == once
    assert to_json(report_of([labels[row] for row in order], probabilities[order], seed=7)) == to_json(once)
    assert report_of(labels, probabilities, seed=8).accuracy != once.accuracy


def test_accuracy_in_scope_leaves_out_what_is_not_the_bureaus() -> None:
    labels = ["fees", "fees", "pay", "not_edu", "not_edu"]
    probabilities = np.eye(5)[[0, 1, 1, 0, 0]]
    report = report_of(labels, probabilities, out_of_scope=frozenset({"not_edu"}))
    assert report.in_scope_accuracy is not None
    assert (report.accuracy.value, report.in_scope_accuracy.value) == (2 / 5, 2 / 3)
    assert report.out_of_scope == ("not_edu",)
    none_ours = report_of(labels[3:], probabilities[3:], out_of_scope=frozenset({"not_edu"}))
    assert none_ours.in_scope_accuracy is None


def test_a_category_that_never_occurs_scores_zero_and_leaves_macro_f1_alone() -> None:
    report = report_of(["fees", "pay"], np.eye(5)[[0, 1]])
    assert report.macro_f1.value == 1
    assert [scores.f1.value for scores in report.per_category] == [1, 1, 0, 0, 0]


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(1, 300), decimals=st.integers(0, 3))
def test_the_coverage_curve_rises_to_the_whole_and_to_its_accuracy(seed: int, n: int, decimals: int) -> None:
    labels, probabilities = random_case(seed, n)
    rough = np.round(probabilities, decimals) + 1e-3  # many equal confidences
    probabilities = rough / rough.sum(axis=1, keepdims=True)
    report = report_of(labels, probabilities, n_bootstrap=1)
    curve = report.coverage_curve
    coverage = [point.coverage for point in curve]
    assert len(curve) <= 50
    assert coverage == sorted(set(coverage))
    assert (curve[-1].coverage, curve[-1].accuracy) == (1.0, report.accuracy.value)
    right = np.array(labels) == np.array(CATEGORIES)[probabilities.argmax(axis=1)]
    for point in curve:
        taken = probabilities.max(axis=1) >= point.min_confidence
        assert point.coverage == taken.mean()
        assert point.accuracy == pytest.approx(right[taken].mean())


def test_the_calibration_error_is_the_gap_between_confidence_and_accuracy() -> None:
    sure = np.tile([0.9, 0.1], (100, 1))
    honest = ["a"] * 90 + ["b"] * 10
    boastful = ["a"] * 60 + ["b"] * 40
    options = {"categories": ("a", "b"), "n_bootstrap": 1}
    assert report_of(honest, sure, **options).expected_calibration_error == pytest.approx(0.0)
    assert report_of(boastful, sure, **options).expected_calibration_error == pytest.approx(0.3)


def test_gaps_in_different_bins_do_not_cancel_out() -> None:
    probabilities = np.concatenate([np.tile([0.9, 0.1], (50, 1)), np.tile([0.6, 0.4], (50, 1))])
    labels = ["a"] * 40 + ["b"] * 10 + ["a"] * 35 + ["b"] * 15
    report = report_of(labels, probabilities, categories=("a", "b"), n_bootstrap=1)
    assert report.expected_calibration_error == pytest.approx(0.1)


def test_the_first_of_equal_probabilities_is_the_prediction() -> None:
    report = report_of(["pay", "fees"], np.full((2, 5), 0.2))
    assert report.confusion[:2] == ((1, 0, 0, 0, 0), (1, 0, 0, 0, 0))
    assert report.top3_accuracy.value == 1


def test_json_tells_figures_in_a_stable_order_and_six_decimals() -> None:
    labels, probabilities = random_case(4, 30)
    text = to_json(report_of(labels, probabilities))
    told = json.loads(text)
    assert list(told)[:5] == ["n", "method", "categories", "out_of_scope", "confidence_level"]
    assert told["per_category"][0]["category"] == "fees"
    assert told["macro_f1"]["value"] == round(told["macro_f1"]["value"], 6)
    assert told["in_scope_accuracy"]["value"] == told["accuracy"]["value"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"labels": []},
            "There are 0 labelled messages to evaluate on. Give at least 1.",
        ),
        (
            {"labels": ["a", "b", "a"]},
            "The probabilities have shape (2, 2), but 3 labels and 2 categories need (3, 2). "
            "Give one row for each label and one column for each category.",
        ),
        (
            {"labels": ["a", "x"]},
            "Label 'x' is not among the 2 categories a, b. Correct it, or add a column of probabilities for it.",
        ),
        (
            {"out_of_scope": frozenset({"z"})},
            "Category out of scope 'z' is not among the 2 categories a, b. "
            "Correct it, or add a column of probabilities for it.",
        ),
        ({"categories": ("a", "a")}, "2 categories have only 1 different ids. Name each once."),
        (
            {"probabilities": np.array([[0.9, 0.1], [0.2, 0.7]])},
            "Row 1 of the probabilities sums to 0.9, with 0.2 as its smallest. "
            "Each row must hold numbers from 0 up that sum to 1.",
        ),
        (
            {"probabilities": np.array([[1.5, -0.5], [0.2, 0.8]])},
            "Row 0 of the probabilities sums to 1, with -0.5 as its smallest. "
            "Each row must hold numbers from 0 up that sum to 1.",
        ),
        (
            {"probabilities": np.array([[0.9, 0.1], [np.nan, 1.0]])},
            "Row 1 of the probabilities sums to nan, with nan as its smallest. "
            "Each row must hold numbers from 0 up that sum to 1.",
        ),
        ({"n_bootstrap": 0}, "n_bootstrap is 0. Use at least 1 resample."),
        ({"confidence_level": 95}, "confidence_level is 95. Use a number between 0 and 1, such as 0.95."),
    ],
)
def test_bad_input_is_told_in_one_sentence(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        evaluate(**(TWO_BY_TWO | change))
    assert str(caught.value) == sentence
