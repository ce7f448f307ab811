"""What people decide, put into the case store, and what the store holds, put into tables."""

from __future__ import annotations

from triage.labelling.job import LabelReport, add_labels
from triage.labelling.sheets import opinion, write_conflicts, write_labels
from triage.labelling.summary import LabelSummary, summarise

__all__ = ["LabelReport", "LabelSummary", "add_labels", "opinion", "summarise", "write_conflicts", "write_labels"]
