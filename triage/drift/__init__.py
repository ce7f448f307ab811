"""Whether letters have changed since the model was made: month against the same month of the year before."""

from __future__ import annotations

from triage.drift.comparing import compare_months
from triage.drift.job import DriftRun, held_out_answers, measure_drift, open_dated
from triage.drift.months import CategoryCount, Month, NewWord, ReasonCount, Spread
from triage.drift.report import Basis, ComparedMonth, Comparison, DriftReport, Figure, Finding, Shift, Verdict

__all__ = [
    "Basis",
    "CategoryCount",
    "ComparedMonth",
    "Comparison",
    "DriftReport",
    "DriftRun",
    "Figure",
    "Finding",
    "Month",
    "NewWord",
    "ReasonCount",
    "Shift",
    "Spread",
    "Verdict",
    "compare_months",
    "held_out_answers",
    "measure_drift",
    "open_dated",
]
