"""Facts read from a message by rule: the places and schools it names, and whose jurisdiction they are."""

from __future__ import annotations

from triage.signals.places import main_place
from triage.signals.reader import SignalReader

__all__ = ["SignalReader", "main_place"]
