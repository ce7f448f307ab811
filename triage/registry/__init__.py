"""Model versions: numbered folders that are never changed, and the log of which of them was in use when."""

from __future__ import annotations

from triage.registry.learnt import Learnt
from triage.registry.log import Action, LogEntry, Tenure, tenures
from triage.registry.manifest import FORMAT, ModelInfo, TrainingFacts
from triage.registry.metrics import Metrics
from triage.registry.versions import Registry

__all__ = [
    "FORMAT",
    "Action",
    "Learnt",
    "LogEntry",
    "Metrics",
    "ModelInfo",
    "Registry",
    "Tenure",
    "TrainingFacts",
    "tenures",
]
