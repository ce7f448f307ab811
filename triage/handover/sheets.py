"""Cases together on the sheets on which they are handed over: one a lead office, and one more for its sealed ones."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from triage.config import Office
from triage.handover.cases import HandoverCase

_NO_FILE_NAME = re.compile(r'[\x00-\x1f\\/:*?"<>|\s]+')


@dataclass(frozen=True, slots=True)
class HandoverSheet:
    """The cases of one lead office, in the order in which they are to be handled: urgent ones, then by due date."""

    lead: Office
    sealed: bool
    cases: tuple[HandoverCase, ...]
    on: date

    @property
    def number(self) -> str:
        """The sheet's number, such as 〔2026〕finance-1210-3F2A.

        The last part is made of the messages, so that another sheet of the same day has another number and the same
        cases, in whatever order, the same.
        """
        parts = sorted(case.fingerprint for case in self.cases)
        digest = hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:4].upper()
        seal = "密-" if self.sealed else ""
        return f"〔{self.on.year}〕{seal}{self.lead.id}-{self.on:%m%d}-{digest}"

    @property
    def file_name(self) -> str:
        """Where the sheet goes, in a folder."""
        seal = "密件-" if self.sealed else ""
        return f"{seal}转办单-{_NO_FILE_NAME.sub('_', self.lead.name)}-{self.on.isoformat()}.docx"

    @property
    def accusations(self) -> bool:
        """Whether there is an accusation among its cases."""
        return any(case.accusation for case in self.cases)

    @property
    def co(self) -> tuple[str, ...]:
        """All helping offices, in order of first mention."""
        return tuple(dict.fromkeys(office for case in self.cases for office in case.co))

    @property
    def receivers(self) -> tuple[str, ...]:
        """All bodies that get a letter, in order of first mention, without those that a letter here may accuse.

        A school that gets one letter must not learn from the list that it stands on a sheet with another about it.
        """
        accused = [case.schools for case in self.cases if case.accusation]
        names = dict.fromkeys(case.receiver for case in self.cases)
        return tuple(name for name in names if not any(name in schools for schools in accused))


def to_sheets(cases: Iterable[HandoverCase], offices: Sequence[Office], on: date) -> list[HandoverSheet]:
    """The sheets, in the order of the offices; of one office the sealed sheet last."""
    places = {office.id: place for place, office in enumerate(offices)}
    groups: dict[tuple[int, bool], list[HandoverCase]] = {}
    for case in cases:
        groups.setdefault((places[case.lead.id], case.sealed), []).append(case)
    return [
        HandoverSheet(offices[place], sealed, tuple(sorted(group, key=_by_haste)), on)
        for (place, sealed), group in sorted(groups.items())
    ]


def _by_haste(case: HandoverCase) -> tuple[bool, date, str, str]:
    earliest = case.deadlines[0].day if case.deadlines else date.max
    return not case.urgent, earliest, case.id, case.fingerprint
