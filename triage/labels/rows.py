"""The rows on which people decided: which they are, and what they say."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from triage.config import Taxonomy
from triage.errors import InputError
from triage.labels.columns import Answer, DecisionColumns
from triage.labels.words import NOBODY_SAID, NONE, parts, read_flag, read_nature, unknown_category
from triage.schema import NATURE_NAMES, Label, LabelledMessage, Message, RejectedRow
from triage.tables import Role, SourceRow, Table, open_table
from triage.tables.cells import is_blank

Texts = Literal["held", "apart", "either"]
"""Where the texts of the labels are: in the same tables, elsewhere under the same ids, or the former if they are."""

LABEL_ROLES = frozenset(
    {
        Role.CATEGORY,
        Role.SECONDARY,
        Role.NATURE,
        Role.URGENT,
        Role.PLACE,
        Role.SCHOOLS,
        Role.BY,
        Role.DECIDED_AT,
    }
)
"""What a person decided, and not the message that it was decided of."""


@dataclass(frozen=True, slots=True)
class LabelRow:
    """A row on which a person decided, and where it stands.

    `has_id` tells an id that was written from one that was made up of the row's number; `settles` says that the person
    decided in sight of what others had answered.
    """

    source: Path
    sheet: str
    row: int
    labelled: LabelledMessage
    has_id: bool
    settles: bool

    def reject(self, reason: str) -> RejectedRow:
        """The row as one that cannot be used."""
        return RejectedRow(str(self.source), self.sheet, self.row, reason, column="", cells=())


@dataclass(frozen=True, slots=True)
class LabelRows:
    """What was read of some tables: the rows in reading order, how many nobody has decided, those that are no use."""

    labelled: tuple[LabelRow, ...]
    unlabelled: int
    rejected: tuple[RejectedRow, ...]


Find = Callable[[Message, bool], Message | str]
"""Gives the message that a row is about, or in words why it cannot; told what the row itself holds and whether it has
an id."""


def read_labels(
    files: Sequence[Path],
    *,
    taxonomy: Taxonomy,
    texts: Texts,
    find: Find,
    columns: Mapping[Role, str] | None = None,
    confirmed: bool = False,
) -> LabelRows:
    """Read every row on which a person decided, also where two of them contradict each other.

    Parameters
    ----------
    texts : where the texts of the labels are.
    find : gives the message that a row is about.
    columns : names of columns that the user gave, by role.
    confirmed : a person has looked at every row of the sheets that the program scored.

    Raises
    ------
    InputError : a file is no table, lacks a column, or holds nobody's decisions but the program's.
    """
    named = dict(columns or {})
    if texts == "apart":
        named = {role: name for role, name in named.items() if role in LABEL_ROLES}
    labelled: list[LabelRow] = []
    rejected: list[RejectedRow] = []
    unlabelled = 0
    for file in files:
        reader = _Reader(_open(file, named, texts), taxonomy, find, confirmed=confirmed)
        for read in reader.rows():
            if isinstance(read, LabelRow):
                labelled.append(read)
            else:
                rejected.append(read)
        unlabelled += reader.unlabelled
    return LabelRows(tuple(labelled), unlabelled, tuple(rejected))


def _open(file: Path, named: Mapping[Role, str], texts: Texts) -> Table:
    """The table; of a workbook with sheets of letters and others only the letters: the rest are lists of them."""
    by_text, by_id = frozenset({Role.TEXT}), frozenset({Role.ID})
    if texts == "held":
        return open_table(file, columns=named, need=by_text | {Role.CATEGORY}, filled=by_text)
    need = frozenset({Role.CATEGORY}) if texts == "either" else by_id | {Role.CATEGORY}
    table = open_table(file, columns=named, need=need, filled=by_id)
    with_texts = sum(Role.TEXT in sheet.roles or Role.TITLE in sheet.roles for sheet in table.sheets)
    if texts == "either" and with_texts:
        return open_table(file, columns=named, need=need | by_text, filled=by_text)
    if texts == "either" or 0 < with_texts < len(table.sheets):
        return open_table(file, columns=named, need=need | (by_text if with_texts else by_id), filled=by_id)
    return table


class _Reader:
    """Reads the decisions on one table."""

    def __init__(self, table: Table, taxonomy: Taxonomy, find: Find, *, confirmed: bool) -> None:
        self.unlabelled = 0
        self._table = table
        self._taxonomy = taxonomy
        self._find = find
        self._sheets = {each.name: DecisionColumns(table, each, taxonomy, confirmed=confirmed) for each in table.sheets}

    def rows(self) -> Iterator[LabelRow | RejectedRow]:
        """Every row that is decided or no use; the others are counted."""
        decided = 0
        for row in self._table.rows():
            answer = None if isinstance(row, RejectedRow) else self._sheets[row.sheet].answer(row)
            if isinstance(row, RejectedRow):
                yield row
            elif answer is None:
                self.unlabelled += 1
            else:
                decided += 1
                yield self._decided(row, answer)
        if not decided and any(each.is_programs_alone for each in self._sheets.values()):
            raise InputError(
                "holds the program's own answers, which are nobody's labels.",
                where=str(self._table.path),
                fix="Fill in 人工类别 on the rows that a person has decided.",
            )

    def _decided(self, row: SourceRow, answer: Answer) -> LabelRow | RejectedRow:
        columns = self._sheets[row.sheet]
        label = answer.fault or _label(row, answer.written, self._taxonomy, columns)
        if isinstance(label, str):
            return self._reject(row, label)
        has_id = self._has_id(row)
        message = self._find(row.message, has_id)
        if isinstance(message, str):
            return self._reject(row, message)
        labelled = LabelledMessage(message, replace(label, message_id=message.id))
        return LabelRow(self._table.path, row.sheet, row.row, labelled, has_id, columns.settles)

    def _reject(self, row: SourceRow, reason: str) -> RejectedRow:
        return RejectedRow(str(self._table.path), row.sheet, row.row, reason)

    def _has_id(self, row: SourceRow) -> bool:
        """Whether the id was written, and not made up of the row's number."""
        names = [
            sheet.roles[Role.ID] for sheet in self._table.sheets if sheet.name == row.sheet and Role.ID in sheet.roles
        ]
        return any(not is_blank(row.cells[self._table.columns.index(name)]) for name in names)


def _label(row: SourceRow, written: str, taxonomy: Taxonomy, columns: DecisionColumns) -> Label | str:
    """The label of a row of a sheet with these columns, or why there is none."""
    if not written:
        return "没有类别"
    category = taxonomy.find(written)
    if category is None:
        return unknown_category(written, taxonomy)
    secondary: tuple[str, ...] | None = None
    if columns.asks_secondary and row.secondary != NOBODY_SAID:
        others = [(each, taxonomy.find(each)) for each in _listed(row.secondary)]
        for each, other in others:
            if other is None:
                return unknown_category(each, taxonomy)
        ids = dict.fromkeys(other.id for _, other in others if other is not None)
        secondary = tuple(each for each in ids if each != category.id)
    nature = read_nature(row.nature)
    if row.nature and nature is None:
        return f"没有「{row.nature}」这个性质，可写：{'、'.join(NATURE_NAMES.values())}"
    urgent = read_flag(row.urgent)
    if row.urgent and urgent is None:
        return f"「{row.urgent}」看不出是否紧急，可写：是、否"
    is_whole = nature is not None  # a short label says nothing of names
    return Label(
        row.message.id,
        category.id,
        secondary,
        nature=nature,
        urgent=urgent,
        place=_place(row.place) if _is_said(row.place, is_whole=is_whole and columns.asks_place) else None,
        schools=_listed(row.schools) if _is_said(row.schools, is_whole=is_whole and columns.asks_schools) else None,
        by=row.by,
        decided_at=row.decided_at,
    )


def _is_said(written: str, *, is_whole: bool) -> bool:
    return bool(written or is_whole) and written != NOBODY_SAID


def _place(written: str) -> str:
    return "" if written == NONE else written


def _listed(written: str) -> tuple[str, ...]:
    return () if written == NONE else tuple(parts(written))


def no_message(message_id: str) -> str:
    """Why a label cannot be joined."""
    return f"没有编号为 {message_id} 的留言"
