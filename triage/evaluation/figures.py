"""Count how often the probabilities point to the true category, and how sure the counts are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from triage.confidence import calibration_error
from triage.errors import InputError
from triage.evaluation.report import CategoryCalibration, CategoryScores, CoveragePoint, EvaluationReport, Interval

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

_SUM_TOLERANCE = 1e-4
_CURVE_POINTS = 50


def evaluate(
    *,
    labels: Sequence[str],
    probabilities: Floats,
    categories: Sequence[str],
    method: str,
    out_of_scope: frozenset[str] = frozenset(),
    n_bootstrap: int = 1000,
    seed: int = 0,
    confidence_level: float = 0.95,
) -> EvaluationReport:
    """Compare out-of-sample probabilities with the true categories.

    The prediction is the largest probability, of equal ones the first. Macro-F1 is the mean over the categories that
    occur among labels or predictions, and a score without a denominator is 0, both as scikit-learn has them by
    default. Intervals are percentile bootstrap intervals (Efron 1979), widened where need be to hold the value; a
    resample in which a figure has no denominator is left out. With few messages they are too narrow: three of three
    right gives [1, 1].

    The calibration error is the expected calibration error of Guo et al. (2017) over 15 bins, which hold equal
    numbers of messages as Nguyen & O'Connor (2015) have them; equal confidences share a bin. That of one category takes
    its probability in every message, as the class-wise error of Kull et al. ("Beyond temperature scaling", 2019) does.

    Parameters
    ----------
    labels : N true categories.
    probabilities : shape (N, K), rows sum to 1, one column for each category. The model must not have learnt from
        these messages.
    categories : the K ids, in the order of the columns.
    method : how the probabilities came about, in words for the reader of the report.
    out_of_scope : ids of categories that are not the bureau's; `in_scope_accuracy` leaves them out.
    n_bootstrap : resamples, at least 1.
    seed : of the resampling; the same seed gives the same report, in whatever order the messages come.
    confidence_level : of all intervals, in (0, 1).

    Raises
    ------
    InputError : no messages, shapes that do not fit, rows that are no probabilities, unknown categories, or a number
        out of its range.
    """
    matrix = np.asarray(probabilities, dtype=np.float64)
    _check_settings(n_bootstrap, confidence_level)
    _check_categories(labels, categories, out_of_scope)
    _check_matrix(matrix, len(labels), len(categories))
    column = {category: place for place, category in enumerate(categories)}
    truth = np.array([column[label] for label in labels], dtype=np.int64)
    rank = _rank_of_truth(matrix, truth)
    cells = _cells(truth, matrix.argmax(axis=1), rank < 3, len(categories))
    samples = np.concatenate([cells[None], _resample(cells, n_bootstrap, np.random.default_rng(seed))])
    in_scope = np.array([category not in out_of_scope for category in categories], dtype=np.bool_)
    figures = _figures(samples, in_scope)
    return EvaluationReport(
        n=len(labels),
        method=method,
        categories=tuple(categories),
        out_of_scope=tuple(category for category in categories if category in out_of_scope),
        confidence_level=confidence_level,
        n_bootstrap=n_bootstrap,
        accuracy=_interval(figures.accuracy, confidence_level),
        in_scope_accuracy=_interval(figures.in_scope, confidence_level) if in_scope[truth].any() else None,
        macro_f1=_interval(figures.macro_f1, confidence_level),
        top3_accuracy=_interval(figures.top3, confidence_level),
        expected_calibration_error=calibration_error(matrix.max(axis=1), rank == 0),
        per_category=_per_category(categories, cells, figures, confidence_level),
        confusion=tuple(tuple(int(count) for count in row) for row in cells.sum(axis=2)),
        coverage_curve=_coverage_curve(matrix.max(axis=1), rank == 0),
        calibration=tuple(
            CategoryCalibration(category, int((truth == at).sum()), calibration_error(matrix[:, at], truth == at))
            for at, category in enumerate(categories)
        ),
    )


@dataclass(frozen=True, slots=True)
class _Figures:
    """The figures of S samples: shape (S,), and (S, K) by category; NaN where there is no denominator."""

    accuracy: Floats
    in_scope: Floats
    macro_f1: Floats
    top3: Floats
    precision: Floats
    recall: Floats
    f1: Floats


def _rank_of_truth(matrix: Floats, truth: Integers) -> Integers:
    """Return how many categories stand before the true one; of equal probabilities, the first column goes before."""
    own = matrix[np.arange(len(truth)), truth][:, None]
    before = np.arange(matrix.shape[1]) < truth[:, None]
    rank: Integers = ((matrix > own) | ((matrix == own) & before)).sum(axis=1)
    return rank


def _cells(truth: Integers, guess: Integers, in_top3: Flags, size: int) -> Integers:
    """Count messages by true category, predicted category and whether the truth is in the top 3: (K, K, 2)."""
    codes = (truth * size + guess) * 2 + in_top3
    return np.bincount(codes, minlength=2 * size * size).reshape(size, size, 2)


def _resample(cells: Integers, n_bootstrap: int, rng: np.random.Generator) -> Integers:
    """Draw the cells of N messages taken with replacement: (n_bootstrap, K, K, 2).

    All figures depend on the cells alone, and the cells of a resample are multinomial, so no message need be drawn.
    """
    counts = cells.ravel()
    # Rounding in the draw could otherwise put a message into an empty cell.
    filled = np.flatnonzero(counts)
    samples = np.zeros((n_bootstrap, counts.size), dtype=np.int64)
    samples[:, filled] = rng.multinomial(counts.sum(), counts[filled] / counts.sum(), size=n_bootstrap)
    return samples.reshape(n_bootstrap, *cells.shape)


def _figures(samples: Integers, in_scope: Flags) -> _Figures:
    confusion = samples.sum(axis=3)
    right = np.diagonal(confusion, axis1=1, axis2=2)
    support, predicted = confusion.sum(axis=2), confusion.sum(axis=1)
    n = support.sum(axis=1)
    # 2 tp / (support + predicted) has a denominator just where a category occurs, so NaN marks those that do not.
    f1 = _ratio(2 * right, support + predicted)
    return _Figures(
        accuracy=_ratio(right.sum(axis=1), n),
        in_scope=_ratio(right[:, in_scope].sum(axis=1), support[:, in_scope].sum(axis=1)),
        macro_f1=np.nanmean(f1, axis=1),
        top3=_ratio(samples[..., 1].sum(axis=(1, 2)), n),
        precision=_ratio(right, predicted),
        recall=_ratio(right, support),
        f1=f1,
    )


def _ratio(part: Integers, whole: Integers) -> Floats:
    ratio: Floats = np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0)
    return ratio


def _interval(samples: Floats, level: float) -> Interval:
    """Make an interval of a figure in the data (first) and in its resamples (the rest)."""
    value = float(np.nan_to_num(samples[0]))
    defined = samples[1:][~np.isnan(samples[1:])]
    if not defined.size:
        return Interval(value, value, value)
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    return Interval(value, min(float(low), value), max(float(high), value))


def _per_category(
    categories: Sequence[str], cells: Integers, figures: _Figures, level: float
) -> tuple[CategoryScores, ...]:
    return tuple(
        CategoryScores(
            category=category,
            support=int(cells[place].sum()),
            precision=_interval(figures.precision[:, place], level),
            recall=_interval(figures.recall[:, place], level),
            f1=_interval(figures.f1[:, place], level),
        )
        for place, category in enumerate(categories)
    )


def _coverage_curve(confidence: Floats, right: Flags) -> tuple[CoveragePoint, ...]:
    """Return accuracy over coverage at about even steps; messages of equal confidence come in together."""
    n = len(confidence)
    order = np.argsort(-confidence, kind="stable")
    ranked, hits = confidence[order], np.cumsum(right[order])
    ends = np.append(np.flatnonzero(np.diff(ranked)), n - 1)
    wanted = np.ceil(np.arange(1, _CURVE_POINTS + 1) * n / _CURVE_POINTS) - 1
    chosen = ends[np.unique(np.searchsorted(ends, wanted))]
    return tuple(
        CoveragePoint(
            coverage=float((end + 1) / n), accuracy=float(hits[end] / (end + 1)), min_confidence=float(ranked[end])
        )
        for end in chosen
    )


def _check_settings(n_bootstrap: int, confidence_level: float) -> None:
    if n_bootstrap < 1:
        raise InputError(f"n_bootstrap is {n_bootstrap}.", fix="Use at least 1 resample.")
    if not 0 < confidence_level < 1:
        raise InputError(f"confidence_level is {confidence_level}.", fix="Use a number between 0 and 1, such as 0.95.")


def _check_categories(labels: Sequence[str], categories: Sequence[str], out_of_scope: frozenset[str]) -> None:
    if not labels:
        raise InputError("There are 0 labelled messages to evaluate on.", fix="Give at least 1.")
    if len(set(categories)) != len(categories):
        raise InputError(
            f"{len(categories)} categories have only {len(set(categories))} different ids.", fix="Name each once."
        )
    known = frozenset(categories)
    for what, met in (("Label", labels), ("Category out of scope", sorted(out_of_scope))):
        unknown = next((category for category in met if category not in known), None)
        if unknown is not None:
            raise InputError(
                f"{what} {unknown!r} is not among the {len(categories)} categories {', '.join(categories)}.",
                fix="Correct it, or add a column of probabilities for it.",
            )


def _check_matrix(matrix: Floats, n: int, size: int) -> None:
    if matrix.shape != (n, size):
        raise InputError(
            f"The probabilities have shape {matrix.shape}, but {n} labels and {size} categories need {(n, size)}.",
            fix="Give one row for each label and one column for each category.",
        )
    sums = matrix.sum(axis=1)
    good = (matrix >= 0).all(axis=1) & (np.abs(sums - 1) <= _SUM_TOLERANCE)
    if not good.all():
        row = int(np.argmin(good))
        raise InputError(
            f"Row {row} of the probabilities sums to {sums[row]:.6g}, with {matrix[row].min():.6g} as its smallest.",
            fix="Each row must hold numbers from 0 up that sum to 1.",
        )
