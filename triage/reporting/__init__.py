"""Pages that a head of office can read, in Chinese and with no internet."""

from __future__ import annotations

from triage.reporting.page import write_evaluation_page

__all__ = ["write_evaluation_page"]
