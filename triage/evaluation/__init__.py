"""How good a classifier is on messages that it has not learnt from."""

from __future__ import annotations

from triage.evaluation.figures import evaluate
from triage.evaluation.report import CategoryScores, CoveragePoint, EvaluationReport, Interval, to_json

__all__ = [
    "CategoryScores",
    "CoveragePoint",
    "EvaluationReport",
    "Interval",
    "evaluate",
    "to_json",
]
