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
class CategoryCalibration:
    """By how much the probability of one category differs from how often it holds, on average over bins; in [0, 1]."""

    category: str
    support: int
    error: float


@dataclass(frozen=True, slots=True)
class TierScores:
    """What would have gone without a person, by thresholds proven on other messages for at most `max_error`.

    `automatic` of all messages went, `errors` of them wrongly; `error_bound` is the exact upper bound of that share.
    `never` are the categories that no model could prove anything of, so that they always went to a person.
    """

    max_error: float
    coverage: float
    accuracy: float
    automatic: int
    errors: int
    error_bound: float
    per_category: tuple[TierCategory, ...]
    never: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TierCategory:
    """What went automatically as one category, and how much of it wrongly."""

    category: str
    automatic: int
    errors: int


@dataclass(frozen=True, slots=True)
class MatchScores:
    """How well sets of names were found: counts over all messages, and the scores made of them (micro-averaged)."""

    wanted: int
    found: int
    right: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class SecondaryScores:
    """How well the second categories were found.

    `strict` counts them alone, `where_primary_right` the same over messages whose primary is right, and `all_touched`
    the primary and the second ones as one set: the offices that get to see the message.
    """

    messages: int
    strict: MatchScores
    where_primary_right: MatchScores
    all_touched: MatchScores


@dataclass(frozen=True, slots=True)
class NatureScores:
    """How well the nature was told: F1 of each, and their mean."""

    messages: int
    accuracy: float
    macro_f1: float
    f1: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class UrgentScores:
    """How many of the urgent messages stand among the `share` of messages with the highest alarm.

    `flagged` is the share that the models flag as urgent and `flagged_recall` the share of the urgent among them;
    `watched` and `watched_recall` the same of what a person sees before it goes anywhere.
    """

    messages: int
    urgent: int
    share: float
    recall: float
    flagged: float
    flagged_recall: float
    watched: float
    watched_recall: float


@dataclass(frozen=True, slots=True)
class NameScores:
    """How well places and schools were read.

    `place_accuracy` is the share of messages whose county is just as written (or named nowhere and found nowhere);
    `schools` asks for the very words that a person marked, `schools_overlapping` for a span that meets them.
    """

    messages: int
    place_accuracy: float
    schools: MatchScores
    schools_overlapping: MatchScores


@dataclass(frozen=True, slots=True)
class EvaluationReport:
    """All that is known of a classifier's quality; it holds no message, nor the id of one.

    `confusion` has a row for each true and a column for each predicted category, in the order of `categories`.
    `coverage_curve` rises in coverage and ends at 1. `in_scope_accuracy` counts only messages whose true category is
    not in `out_of_scope`; it is None where there are none. What the labels say nothing of is None.
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
    calibration: tuple[CategoryCalibration, ...] = ()
    tiers: tuple[TierScores, ...] = ()
    secondary: SecondaryScores | None = None
    nature: NatureScores | None = None
    urgent: UrgentScores | None = None
    names: NameScores | None = None


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
