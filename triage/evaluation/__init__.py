"""How good a classifier is on messages that it has not learnt from."""

from __future__ import annotations

from triage.evaluation.aspects import name_scores, nature_scores, secondary_scores, tier_scores, urgent_scores
from triage.evaluation.figures import evaluate
from triage.evaluation.report import (
    CategoryCalibration,
    CategoryScores,
    CoveragePoint,
    EvaluationReport,
    Interval,
    MatchScores,
    NameScores,
    NatureScores,
    SecondaryScores,
    TierCategory,
    TierScores,
    UrgentScores,
    to_json,
)

__all__ = [
    "CategoryCalibration",
    "CategoryScores",
    "CoveragePoint",
    "EvaluationReport",
    "Interval",
    "MatchScores",
    "NameScores",
    "NatureScores",
    "SecondaryScores",
    "TierCategory",
    "TierScores",
    "UrgentScores",
    "evaluate",
    "name_scores",
    "nature_scores",
    "secondary_scores",
    "tier_scores",
    "to_json",
    "urgent_scores",
]
