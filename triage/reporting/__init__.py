"""Pages and tables that a head of office can read, in Chinese and with no internet."""

from __future__ import annotations

from triage.reporting.page import write_evaluation_page
from triage.reporting.verdicts import COLUMNS as VERDICT_COLUMNS
from triage.reporting.verdicts import verdict_rows, verdict_sentence

__all__ = ["VERDICT_COLUMNS", "verdict_rows", "verdict_sentence", "write_evaluation_page"]
