"""The figures of an evaluation as frozen dataclasses, and as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with the ends of its confidence interval; `low <= value <= high`."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class CategoryScores:
    """How well one category is recognised; all scores in [0, 1].

    `support` counts the messages that truly belong to it. A score that has no denominator (precision of a category
    that is never predicted, recall of one that never occurs) is 0, as in scikit-learn.
    """

    category: str
    support: int
    precision: Interval
    recall: Interval
    f1: Interval


@dataclass(frozen=True, slots=True)
class CoveragePoint:
    """The accuracy among the most confident messages.

    `coverage` is their share of all messages, in (0, 1]; `min_confidence` the confidence of the least sure of them.
    """

    coverage: float
    accuracy: float
    min_confidence: float


@dataclass(frozen=True, slots=True)
class EvaluationReport:
    """All that is known of a classifier's quality; it holds no message, nor the id of one.

    `confusion` has a row for each true and a column for each predicted category, in the order of `categories`.
    `coverage_curve` rises in coverage and ends at 1. `in_scope_accuracy` counts only messages whose true category is
    not in `out_of_scope`; it is None where there are none.
    """

    n: int
    method: str
    categories: tuple[str, ...]
    out_of_scope: tuple[str, ...]
    confidence_level: float
    n_bootstrap: int
    accuracy: Interval
    in_scope_accuracy: Interval | None
    macro_f1: Interval
    top3_accuracy: Interval
    expected_calibration_error: float
    per_category: tuple[CategoryScores, ...]
    confusion: tuple[tuple[int, ...], ...]
    coverage_curve: tuple[CoveragePoint, ...]


def to_json(report: EvaluationReport) -> str:
    """Return the report as JSON: keys in the order of the fields, floats rounded to 6 decimals."""
    return json.dumps(_rounded(asdict(report)), ensure_ascii=False, indent=2, allow_nan=False)


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, _DECIMALS)
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    return value
