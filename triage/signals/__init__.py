"""Facts read from a message by rule: what it names, whom it accuses, what danger it tells of, what it lacks."""

from __future__ import annotations

from triage.signals.blame import is_accusing
from triage.signals.facts import FactReader
from triage.signals.formalities import JOINT
from triage.signals.places import main_place
from triage.signals.reader import SignalReader
from triage.signals.urgency import danger_score, read_dangers

__all__ = ["JOINT", "FactReader", "SignalReader", "danger_score", "is_accusing", "main_place", "read_dangers"]
