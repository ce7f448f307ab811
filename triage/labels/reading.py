"""Labelled messages: what people decided, joined to the messages, without contradictions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from triage.config import Taxonomy
from triage.labels.keys import text_key
from triage.labels.rows import LABEL_ROLES, LabelRow, no_message, read_labels
from triage.schema import LabelledMessage, Message, RejectedRow
from triage.tables import Role, SourceRow, open_table


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """What was read: `messages` in reading order, and the rows that cannot be used.

    `rows` counts the rows with content that were met in the files with labels: `messages`, `rejected` and those that
    nobody has decided yet together.
    """

    messages: tuple[LabelledMessage, ...]
    rejected: tuple[RejectedRow, ...]
    unlabelled: int = 0

    @property
    def rows(self) -> int:
        """Rows met in the files with labels."""
        return len(self.messages) + len(self.rejected) + self.unlabelled


def read_labelled(
    files: Sequence[Path],
    *,
    taxonomy: Taxonomy,
    messages: Sequence[Path] = (),
    columns: Mapping[Role, str] | None = None,
) -> LabelledSet:
    """Read labelled messages from tables that hold texts and a category, or labels to be joined to `messages` by id.

    Categories may be written as ids, names or aliases, natures as ids or names. A row is rejected whose category is
    empty or unknown, or whose nature or urgency cannot be read; whose id is not among the messages; or which says of
    the same id or the same text another category than an earlier row does: then the earlier one is rejected too, for
    nobody can say which of them holds. A row whose 人工类别 is empty, or on which the answer of the program was left
    as it is, is one that nobody has decided yet.

    Parameters
    ----------
    columns : names of columns that the user gave, by role; where texts stand apart, those of the category are columns
        of `files` and all others of `messages`.

    Raises
    ------
    InputError : a file is no table, lacks a column, or holds nobody's decisions but the program's.
    """
    if messages:
        texts = read_texts(messages, columns)
        read = read_labels(
            files, taxonomy=taxonomy, texts="apart", columns=columns, find=lambda row, _: _joined(row, texts)
        )
    else:
        read = read_labels(files, taxonomy=taxonomy, texts="held", columns=columns, find=lambda row, _: row)
    kept, contradicting = _without_contradictions(read.labelled)
    return LabelledSet(tuple(each.labelled for each in kept), (*read.rejected, *contradicting), read.unlabelled)


def read_messages(files: Sequence[Path], columns: Mapping[Role, str] | None = None) -> list[Message]:
    """The messages of some tables, without regard to labels; rows that hold none are passed over."""
    return [
        row.message for file in files for row in open_table(file, columns=columns).rows() if isinstance(row, SourceRow)
    ]


def read_texts(files: Sequence[Path], columns: Mapping[Role, str] | None = None) -> dict[str, Message]:
    """The messages of some tables by their ids, the first of each; names of columns with labels do not matter."""
    named = {role: name for role, name in (columns or {}).items() if role not in LABEL_ROLES}
    found: dict[str, Message] = {}
    for file in files:
        table = open_table(file, columns=named, need=frozenset({Role.ID, Role.TEXT}))
        for row in table.rows():
            if isinstance(row, SourceRow):
                found.setdefault(row.message.id, row.message)
    return found


def _joined(message: Message, texts: Mapping[str, Message]) -> Message | str:
    return texts.get(message.id) or no_message(message.id)


def _without_contradictions(read: Sequence[LabelRow]) -> tuple[list[LabelRow], list[RejectedRow]]:
    """Set aside the rows whose id or text has another category elsewhere; of equal ones the first is kept."""
    bad: dict[int, str] = {}
    for words, keys in (
        ("同一编号", [each.labelled.message.id for each in read]),
        ("同样的内容", [text_key(each.labelled.message) for each in read]),
    ):
        for places in _groups(keys):
            if len({read[at].labelled.label.primary for at in places}) > 1:
                bad.update(dict.fromkeys(places, f"{words}有不同的类别（{_rows([read[at] for at in places])}）"))
    kept = [each for at, each in enumerate(read) if at not in bad]
    return kept, [read[at].reject(reason) for at, reason in sorted(bad.items())]


def _rows(places: Sequence[LabelRow]) -> str:
    """The rows in words, with their files and sheets where these are several."""
    sheets: dict[str, list[str]] = {}
    for each in places:
        sheet = f"「{each.sheet}」" if each.sheet else ""
        sheets.setdefault(f"{each.source.name}{sheet}", []).append(str(each.row))
    return "；".join(f"{name if len(sheets) > 1 else ''}第 {'、'.join(numbers)} 行" for name, numbers in sheets.items())


def _groups(keys: Iterable[str]) -> Iterator[list[int]]:
    places: dict[str, list[int]] = {}
    for at, key in enumerate(keys):
        places.setdefault(key, []).append(at)
    return (group for group in places.values() if len(group) > 1)
