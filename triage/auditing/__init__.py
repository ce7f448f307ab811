"""Find labels of the past that are likely to be wrong, so that a person looks at them again."""

from __future__ import annotations

from triage.auditing.job import MIN_LETTERS, Audit, CategoryAudit, Suspect, audit_labels
from triage.auditing.reading import read_audited
from triage.auditing.sheet import AuditReport, audit_to_table, default_output

__all__ = [
    "MIN_LETTERS",
    "Audit",
    "AuditReport",
    "CategoryAudit",
    "Suspect",
    "audit_labels",
    "audit_to_table",
    "default_output",
    "read_audited",
]
