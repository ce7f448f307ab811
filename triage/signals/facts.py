"""All that is read from a message by rule."""

from __future__ import annotations

from dataclasses import replace

from triage.config import Config
from triage.schema import Message, Signals
from triage.signals.accused import AccusedReader
from triage.signals.formalities import missing_formalities, people_count
from triage.signals.reader import SignalReader
from triage.signals.urgency import read_dangers


class FactReader:
    """Reads places, schools, signs of danger, how many a message speaks for, what it lacks, and whom it accuses."""

    def __init__(self, config: Config) -> None:
        self._names = SignalReader(config.jurisdictions, config.schools)
        self._accused = AccusedReader(
            bureau=config.bureau, city=config.city, offices=config.offices, jurisdictions=config.jurisdictions
        )
        self._dangers = config.dangers

    def read(self, message: Message) -> Signals:
        """The facts of a message, save whom it accuses: that means something in an accusation alone."""
        return replace(
            self._names.read(message),
            dangers=read_dangers(message, self._dangers),
            people=people_count(message),
            missing=missing_formalities(message),
        )

    def with_accused(self, message: Message, facts: Signals) -> Signals:
        """The facts of an accusation, with whom it accuses."""
        return replace(facts, accused=self._accused.read(message, facts))
