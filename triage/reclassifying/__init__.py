"""Classify a backlog again, and say what changed and why."""

from __future__ import annotations

from triage.reclassifying.job import confirmed_labels, default_output, list_output, reclassify
from triage.reclassifying.judging import Before, Judgement, Status, Why, decided, judge
from triage.reclassifying.report import Move, ReclassifyReport, Unknown, WhyCount

__all__ = [
    "Before",
    "Judgement",
    "Move",
    "ReclassifyReport",
    "Status",
    "Unknown",
    "Why",
    "WhyCount",
    "confirmed_labels",
    "decided",
    "default_output",
    "judge",
    "list_output",
    "reclassify",
]
