"""What the rows of a backlog say of their letters: a table that `triage score` wrote, or a register with categories."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from triage.config import Taxonomy
from triage.errors import InputError
from triage.forms import PERSONS_CATEGORY
from triage.labels import read_flag, read_nature, text_hash
from triage.labels.columns import DecisionColumns
from triage.reclassifying.judging import Before
from triage.schema import Label, LabelledMessage, Message
from triage.tables import Role, SheetInfo, SourceRow, Table
from triage.tables.cells import message_text
from triage.tables.columns import SYNONYMS, header_key


class Column(StrEnum):
    """The columns to the right of the original ones."""

    OLD = "原类别"
    NEW = "新类别"
    STATUS = "变化"
    WHY = "变化原因"
    PROPOSED = "建议类别"
    DOUBTS = "查看原因"
    OLD_CONFIDENCE = "原置信度"
    NEW_CONFIDENCE = "新置信度"
    OLD_LEAD = "原主办"
    NEW_LEAD = "新主办"
    OLD_RECEIVER = "原接收单位"
    NEW_RECEIVER = "新接收单位"
    BASIS = "新分派依据"


TO_LOOK_AT = "人工查看"
"""What stands in 变化 where the old category stays until a person has looked."""

_CATEGORY, _CONFIDENCE, _DECIDED_BY, _LEAD, _RECEIVER = "类别", "置信度", "判定", "主办", "接收单位"
_MODEL = ("", "模型")


def confirmed_labels(labelled: Iterable[LabelledMessage]) -> dict[str, Label]:
    """The labels that people gave, by the text of their messages, as `reclassify` looks them up.

    Not by number: such as 1, 2 and 3 come again in every register.
    """
    return {text_hash(each.message): each.label for each in labelled}


def earlier_columns(names: Sequence[str]) -> frozenset[int]:
    """Where the columns of an earlier reclassification stand; none where one of them is missing."""
    places = [_latest(names, column) for column in Column]
    found = [place for place in places if place is not None]
    return frozenset(found) if len(found) == len(places) else frozenset()


@dataclass(frozen=True, slots=True)
class _Places:
    """Where a sheet says what; None where it does not."""

    category: int | None
    status: int | None
    decided_by: int | None
    confidence: int | None
    held_confidence: int | None
    lead: int | None
    receiver: int | None
    decisions: DecisionColumns
    has_ids: bool


class BacklogReader:
    """Reads what was known of the letters of one table."""

    def __init__(self, table: Table, taxonomy: Taxonomy, *, confirmed: Mapping[str, Label], named: str = "") -> None:
        """Find the columns; `named` is that of the categories, where the user says so.

        Raises
        ------
        InputError : no sheet has a column with categories.
        """
        self._confirmed = confirmed
        self._guarded = table.delimiter != ""
        self._places = {info.name: _find(table, info, taxonomy, named) for info in table.sheets}
        if all(places.category is None for places in self._places.values()):
            columns = ", ".join(table.columns)
            raise InputError(
                f"there is no column 「{named}」 (category); the columns are: {columns}."
                if named
                else f"has no column with the categories of before; the columns are: {columns}.",
                where=str(table.path),
                fix="Name it with --column category=列名; letters without categories are for `triage score`.",
            )

    def read(self, row: SourceRow) -> Before:
        """What was known of a letter."""
        places = self._places[row.sheet]
        is_held = self._text(row, places.status) == TO_LOOK_AT
        by_model = self._text(row, places.decided_by) in _MODEL
        confidence = self._number(row, places.held_confidence if is_held else places.confidence)
        answer = places.decisions.answer(row) if places.decisions.tells_people_apart else None
        persons = answer.written if answer else ""
        return Before(
            category=self._text(row, places.category) or persons,
            persons=persons,
            fault=answer.fault if answer else "",
            nature=read_nature(row.nature),
            urgent=read_flag(row.urgent),
            label=self._label(row.message, by_id=places.has_ids),
            confidence=confidence if by_model else None,
            lead=self._text(row, places.lead),
            receiver=self._text(row, places.receiver),
        )

    def _label(self, message: Message, *, by_id: bool) -> Label | None:
        found = self._confirmed.get(text_hash(message)) if self._confirmed else None
        return found or (self._confirmed.get(message.id) if by_id else None)

    def _text(self, row: SourceRow, place: int | None) -> str:
        return "" if place is None else message_text(row.cells[place], guarded=self._guarded).strip()

    def _number(self, row: SourceRow, place: int | None) -> float | None:
        try:
            number = float(self._text(row, place))
        except ValueError:
            return None
        return number if 0 <= number <= 1 else None


def _find(table: Table, info: SheetInfo, taxonomy: Taxonomy, named: str) -> _Places:
    def first(*names: str) -> int | None:
        places = (_latest(info.columns, name) for name in names)
        place = next((each for each in places if each is not None), None)
        return None if place is None else table.columns.index(info.columns[place])

    synonyms = [word for word in SYNONYMS[Role.CATEGORY] if word != PERSONS_CATEGORY]
    usual = (Column.NEW, _CATEGORY, *synonyms, Column.OLD, PERSONS_CATEGORY)
    return _Places(
        category=_named(table, info, named) if named else first(*usual),
        status=first(Column.STATUS),
        decided_by=first(_DECIDED_BY),
        confidence=first(Column.NEW_CONFIDENCE, _CONFIDENCE),
        held_confidence=first(Column.OLD_CONFIDENCE),
        lead=first(Column.NEW_LEAD, _LEAD),
        receiver=first(Column.NEW_RECEIVER, _RECEIVER),
        decisions=DecisionColumns(table, info, taxonomy, confirmed=False),
        has_ids=Role.ID in info.roles,
    )


def _named(table: Table, info: SheetInfo, name: str) -> int | None:
    """The place of a column that the user named, as the table has it or as names are compared."""
    found = [each for each in info.columns if each == name] or [
        each for each in info.columns if header_key(each) == header_key(name)
    ]
    return table.columns.index(found[0]) if found else None


def _latest(names: Sequence[str], wanted: str) -> int | None:
    """The place of a column; where the table had one of that name before, the later one is called 主办_2."""
    numbered = re.compile(rf"{re.escape(wanted.casefold())}(?:_(\d+))?")
    found = [
        (int(match[1] or 1), place)
        for place, name in enumerate(names)
        if (match := numbered.fullmatch(header_key(name)))
    ]
    return max(found)[1] if found else None
