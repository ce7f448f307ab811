"""Where on a sheet a person's decision stands, and where only what the program itself has written."""

from __future__ import annotations

import re
from dataclasses import dataclass

from triage.config import Taxonomy
from triage.tables import Role, SheetInfo, SourceRow, Table
from triage.tables.cells import message_text
from triage.tables.columns import header_key

OPINIONS = "各人意见"
"""A sheet with this column shows what several people answered: whoever fills it in has seen all of it."""

_PERSONS, _ANSWER, _WRITTEN, _SECONDARY = "人工类别", "类别", "机器类别", "次要类别"
_DECIDED_BY, _CONFIDENCE = "判定", "置信度"


@dataclass(frozen=True, slots=True)
class Answer:
    """A person's words for the category, or why it cannot be told which they are."""

    written: str
    fault: str = ""


class PersonsCategory:
    """The column 人工类别 of one sheet, or several of them where a clerk has added another.

    There is none where the user has named another column for the category.
    """

    def __init__(self, table: Table, sheet: SheetInfo) -> None:
        """Find the columns of a sheet of the table."""
        self.is_there = header_key(sheet.roles.get(Role.CATEGORY, "")) == _PERSONS
        names = reversed(_numbered(sheet, _PERSONS)) if self.is_there else ()
        self._places = [table.columns.index(name) for name in names]
        self._guarded = table.delimiter != ""

    def written(self, row: SourceRow) -> str:
        """What a person has written, in the last column that is filled in; empty where there is nothing."""
        return next(filter(None, (_text(row, place, guarded=self._guarded) for place in self._places)), "")


class DecisionColumns:
    """The columns of one sheet in which people decide.

    An empty cell in 人工类别 is a row on which nobody has decided. On a sheet that the program scored, a person has
    decided also where 类别 differs from 机器类别, which holds what the program wrote there; where the two agree, only
    if `confirmed` says that a person has looked at every row.
    """

    def __init__(self, table: Table, sheet: SheetInfo, taxonomy: Taxonomy, *, confirmed: bool) -> None:
        """Find the columns of a sheet of the table."""
        self._taxonomy = taxonomy
        self._guarded = table.delimiter != ""
        category = sheet.roles.get(Role.CATEGORY, "")
        answers, written = _numbered(sheet, _ANSWER), _numbered(sheet, _WRITTEN)
        # A table that had a column 类别 of its own before it was scored keeps it, to the left of the program's.
        times_scored = len(_numbered(sheet, _DECIDED_BY)) if _numbered(sheet, _CONFIDENCE) else 0
        is_programs = times_scored > 0 and category in answers[-times_scored:]
        self._persons = PersonsCategory(table, sheet)
        self._is_scored = is_programs or (self._persons.is_there and times_scored > 0)
        pairs = zip(reversed(answers), reversed(written), strict=False) if self._is_scored else ()
        self._pairs = [(table.columns.index(now), table.columns.index(then)) for now, then in pairs]
        self._confirmed = table.columns.index(answers[-1]) if confirmed and self._is_scored and answers else None
        self.settles = any(header_key(name) == OPINIONS for name in sheet.columns)
        secondary = header_key(sheet.roles.get(Role.SECONDARY, ""))
        is_written = secondary == _SECONDARY and (self._is_scored or (self._persons.is_there and bool(answers)))
        self.asks_secondary = bool(secondary) and not is_written
        """Whether there is a column for a person's secondary categories, not only the one that the program wrote."""
        self.asks_place = Role.PLACE in sheet.roles
        self.asks_schools = Role.SCHOOLS in sheet.roles

    @property
    def is_programs_alone(self) -> bool:
        """Whether every category on the sheet is the program's, save those in 人工类别."""
        return self._is_scored and not self._pairs and self._confirmed is None

    @property
    def tells_people_apart(self) -> bool:
        """Whether what people decided can be told from what else stands in the column of categories."""
        return self._persons.is_there or self._is_scored

    def answer(self, row: SourceRow) -> Answer | None:
        """What a person has decided on the row, None where nobody has yet."""
        if not self.tells_people_apart:
            return Answer(row.category)
        filled = self._persons.written(row)
        changed = self._changed(row)
        if filled and changed and not self._same(filled, changed):
            return Answer("", f"人工类别是「{filled}」，而类别改成了「{changed}」，请只留一个")
        left = "" if self._confirmed is None else self._text(row, self._confirmed)
        found = filled or changed or left
        return Answer(found) if found else None

    def _changed(self, row: SourceRow) -> str:
        """The category that a person put in the place of the program's; of several the latest."""
        for now, then in self._pairs:
            written = self._text(row, now)
            if written and not self._same(written, self._text(row, then)):
                return written
        return ""

    def _same(self, one: str, other: str) -> bool:
        category = self._taxonomy.find(one)
        return one == other or (category is not None and category == self._taxonomy.find(other))

    def _text(self, row: SourceRow, place: int) -> str:
        return _text(row, place, guarded=self._guarded)


def _text(row: SourceRow, place: int, *, guarded: bool) -> str:
    return message_text(row.cells[place], guarded=guarded).strip()


def _numbered(sheet: SheetInfo, wanted: str) -> list[str]:
    """The columns of that name, and after it 类别_2, 类别_3, … as they were numbered."""
    pattern = re.compile(rf"{wanted}(?:_(\d+))?")
    found = [(int(match[1] or 1), name) for name in sheet.columns if (match := pattern.fullmatch(header_key(name)))]
    return [name for _, name in sorted(found)]
