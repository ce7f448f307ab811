"""Hand cases over to the offices that lead in them, on paper: one 转办单 a lead office."""

from __future__ import annotations

from triage.handover.job import HandoverReport, write_handover

__all__ = ["HandoverReport", "write_handover"]
