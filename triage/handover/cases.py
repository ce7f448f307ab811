"""The rows of a scored table as cases to hand over, or the reason why they are not."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from triage.clocks import Dates, due_dates
from triage.config import Config, Office
from triage.handover.columns import Column, ScoredColumns
from triage.handover.privacy import conceal, short_name
from triage.handover.summary import summarise
from triage.schema import NATURE_NAMES, Nature, RejectedRow
from triage.tables import SourceRow, Table
from triage.text import mask, normalise

NATURES: Mapping[str, Nature] = {name: nature for nature, name in NATURE_NAMES.items()}
DUE_NAMES = ("受理告知", "办结", "退件异议")
"""Due dates that a scored table shows, beside those that have the name of one of the bureau's clocks."""

HIDDEN_ACCUSER = "（检举人信息保密）"
HIDDEN_WRITER = "（来信人信息保密）"
SEALED_SUMMARY = "（密件，由主办单位拆阅）"
_LONGEST_QUOTE = 20


class Deadline(NamedTuple):
    """A day by which something must be done, what, and the rule that says so, empty where it is not known."""

    day: date
    name: str
    basis: str


@dataclass(frozen=True, slots=True, repr=False)
class HandoverCase:
    """What a sheet says of a case, in the words that are printed; what may not be read is hidden already.

    `fingerprint` is made of the message alone, so that it tells messages apart. `returned` is True where the matter
    is not the bureau's.
    """

    id: str
    fingerprint: str
    lead: Office
    co: tuple[str, ...]
    receiver: str
    channel: str
    received: date | None
    sender: str
    category: str
    nature: str
    urgent: bool
    place: str
    schools: str
    basis: str
    summary: str
    deadlines: tuple[Deadline, ...]
    stop: str
    accusation: bool
    sealed: bool
    returned: bool
    draft: str


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """A row that a person has to look at before it is handed over."""

    row: RejectedRow


class CaseReader:
    """Reads the rows of one table."""

    def __init__(self, table: Table, config: Config, *, show_personal_data: bool, include_unreviewed: bool) -> None:
        """Find the columns.

        Raises
        ------
        InputError : no sheet of the table has a column 主办.
        """
        self._path = table.path
        self._config = config
        self._show_personal_data = show_personal_data
        self._include_unreviewed = include_unreviewed
        names = dict.fromkeys((*DUE_NAMES, *(clock.name for clock in config.clocks)))
        self._columns = ScoredColumns(table, tuple(names))
        self._offices = {
            _plain(name): office for office in config.offices for name in (office.name, office.id, *office.aliases)
        }
        self._schools = {
            _plain(name): _plain(school.name)
            for school in config.jurisdictions
            if school.kind == "school"
            for name in (school.name, *school.aliases)
        }
        self._return_desks = _return_desks(config)

    def read(self, row: SourceRow) -> HandoverCase | WaitingRow | RejectedRow:
        """The case of a row, or why it is not handed over."""
        lead = self._offices.get(_plain(self._columns.text(row, Column.LEAD)))
        if lead is None:
            return self._reject(row, Column.LEAD, self._about_lead(row))
        if reason := self._about_category(row):
            return self._reject(row, Column.PERSONS, reason)
        if self._is_waiting(row):
            reasons = self._columns.text(row, Column.REASONS)
            return WaitingRow(self._reject(row, Column.REVIEW, f"尚待人工复核{f'：{reasons}' if reasons else ''}"))
        for name, day in self._columns.due_dates(row):
            if day is None:
                return self._reject(row, name, f"{name}不是日期")
        case = self._case(row, lead)
        reason = self._about_receiver(row, case)
        return self._reject(row, Column.RECEIVER, reason) if reason else case

    def _reject(self, row: SourceRow, column: str, reason: str) -> RejectedRow:
        return RejectedRow(str(self._path), row.sheet, row.row, mask(reason), str(column))

    def _about_lead(self, row: SourceRow) -> str:
        written = self._columns.text(row, Column.LEAD)
        if not written:
            return "没有主办"
        near = difflib.get_close_matches(written, [office.name for office in self._config.offices], n=1, cutoff=0.5)
        return f"主办「{_quoted(written)}」不在科室表里{f'，是否应为「{near[0]}」' if near else ''}"

    def _about_category(self, row: SourceRow) -> str:
        """Why the lead office need not be right: a person gave the category after the row had been routed."""
        written, shown = (self._columns.text(row, column) for column in (Column.PERSONS, Column.CATEGORY))
        if not written:
            return ""
        decided = self._config.taxonomy.find(written)
        if decided is None:
            return f"没有「{_quoted(written)}」这个类别"
        if shown and decided != self._config.taxonomy.find(shown):
            return f"主办是按「{_quoted(shown)}」分派的，而人工类别是「{decided.name}」：请重新分派，或把类别和主办改对"
        return ""

    def _is_waiting(self, row: SourceRow) -> bool:
        confirmed = self._include_unreviewed or self._columns.text(row, Column.PERSONS)
        return not confirmed and self._columns.says_yes(row, Column.REVIEW)

    def _about_receiver(self, row: SourceRow, case: HandoverCase) -> str:
        """Why the receiver cannot be right, empty where it can."""
        receiver = _plain(case.receiver)
        if case.sealed and receiver != _plain(case.lead.name):
            return f"密件只由主办单位拆阅，接收单位不能是「{_quoted(case.receiver)}」"
        office = self._offices.get(receiver)
        if office is not None and office.id != case.lead.id:
            return f"接收单位「{office.name}」与主办「{case.lead.name}」不一致"
        if case.accusation and self._names_school(row, receiver):
            return f"检举控告不得转给被检举的单位，接收单位不能是「{_quoted(case.receiver)}」（信访工作条例第三十条）"
        return ""

    def _names_school(self, row: SourceRow, receiver: str) -> bool:
        """Whether the receiver is one of the schools that the letter names, by whichever of its names."""
        named = {_plain(each) for each in self._columns.listed(row, Column.SCHOOLS)}
        known = {self._schools.get(each, each) for each in named}
        return any(receiver in each or each in receiver for each in named) or self._schools.get(receiver) in known

    def _case(self, row: SourceRow, lead: Office) -> HandoverCase:
        message, columns = row.message, self._columns
        nature = columns.text(row, Column.NATURE)
        stop = columns.text(row, Column.STOP) if columns.says_yes(row, Column.STOP) else ""
        sealed, urgent = columns.says_yes(row, Column.SEALED), columns.says_yes(row, Column.URGENT)
        returned = lead.id in self._return_desks
        accusation = sealed or bool(stop) or NATURES.get(nature) is Nature.REPORT
        # Of a letter whose nature is not known, nobody can say that it accuses nobody.
        secret = accusation or nature not in NATURES

        def shown(text: str) -> str:
            return conceal(text, sender=message.sender, secret=secret)

        title, text = (shown(normalise(each)) for each in (message.title, message.text))
        words = [normalise(word) for word in columns.listed(row, Column.WORDS)]
        return HandoverCase(
            id=message.id,
            fingerprint="\n".join((message.id, message.title, message.text)),
            lead=lead,
            co=() if sealed else tuple(map(mask, columns.listed(row, Column.CO))),
            receiver=mask(columns.text(row, Column.RECEIVER)) or lead.name,
            channel=mask(columns.channel(row)),
            received=message.received_at.date() if message.received_at else None,
            sender=self._sender(message.sender, accusation=accusation, secret=secret),
            category=mask(columns.text(row, Column.CATEGORY)),
            nature=mask(nature),
            urgent=urgent,
            place=mask(columns.text(row, Column.PLACE)),
            schools="" if sealed else mask(columns.text(row, Column.SCHOOLS)),
            basis=mask(columns.text(row, Column.BASIS)),
            summary=SEALED_SUMMARY if sealed else summarise(title, text, words),
            deadlines=self._deadlines(row, nature=NATURES.get(nature), urgent=urgent, returned=returned),
            stop=shown(stop),
            accusation=accusation,
            sealed=sealed,
            returned=returned,
            draft="" if sealed else shown(columns.text(row, Column.DRAFT)),
        )

    def _sender(self, sender: str, *, accusation: bool, secret: bool) -> str:
        if accusation:
            return HIDDEN_ACCUSER
        if secret:
            return HIDDEN_WRITER
        if not sender:
            return "未署名"
        return mask(sender) if self._show_personal_data else short_name(sender)

    def _deadlines(
        self, row: SourceRow, *, nature: Nature | None, urgent: bool, returned: bool
    ) -> tuple[Deadline, ...]:
        """The row's due dates, earliest first, each with the rule that gives it."""
        bases: dict[str, tuple[date, str, str]] = {}
        received = row.message.received_at
        if received is not None:
            clocks = {clock.id: clock for clock in self._config.clocks}
            dates = Dates(received.date(), transferred=received.date())
            ours = due_dates(
                self._config.clocks,
                dates=dates,
                channel=row.message.channel,
                nature=nature,
                urgent=urgent,
                returned=returned,
            )
            bases = {due.name: (due.day, due.basis, clocks[due.clock].basis) for due in ours}
        found = []
        for name, day in self._columns.due_dates(row):
            if day is not None:
                counted, whole, rule = bases.get(name, (day, "", ""))
                # Counted from another day, or set by the clerk: then the rule alone can be named.
                found.append(Deadline(day, name, whole if counted == day else rule))
        return tuple(sorted(found))


def _return_desks(config: Config) -> frozenset[str]:
    """The ids of the offices that lead in nothing but what is not the bureau's."""
    leads: dict[bool, set[str]] = {True: set(), False: set()}
    for rule in config.duty:
        leads[config.taxonomy[rule.category].ours].add(rule.lead)
    return frozenset(leads[False] - leads[True])


def _plain(name: str) -> str:
    """A name in the form in which names are compared: clerks write brackets in either width."""
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()


def _quoted(words: str) -> str:
    return words if len(words) <= _LONGEST_QUOTE else f"{words[:_LONGEST_QUOTE]}…"
