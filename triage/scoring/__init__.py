"""Score a table of messages: every row gets a category, its evidence and a route, or is named as rejected."""

from __future__ import annotations

from triage.scoring.batches import BATCH, accepted_rows, in_batches
from triage.scoring.columns import original_columns
from triage.scoring.job import ScoringReport, default_output, refuse_same, score_table
from triage.scoring.totals import ROLE_NAMES
from triage.scoring.workers import Opening

__all__ = [
    "BATCH",
    "ROLE_NAMES",
    "Opening",
    "ScoringReport",
    "accepted_rows",
    "default_output",
    "in_batches",
    "original_columns",
    "refuse_same",
    "score_table",
]
