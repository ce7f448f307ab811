"""How good a classifier is on messages that it has not learnt from."""

from __future__ import annotations

from triage.evaluation.figures import evaluate
from triage.evaluation.report import CategoryScores, CoveragePoint, EvaluationReport, Interval, to_json
from triage.evaluation.splits import Indices, cross_validation_folds, split_after

__all__ = [
    "CategoryScores",
    "CoveragePoint",
    "EvaluationReport",
    "Indices",
    "Interval",
    "cross_validation_folds",
    "evaluate",
    "split_after",
    "to_json",
]
