"""Labels that people gave, read from their tables and joined to the messages; rows that cannot be used are named."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from triage.config import Taxonomy
from triage.errors import InputError
from triage.schema import NATURE_NAMES, Label, LabelledMessage, Message, Nature, RejectedRow
from triage.tables import Role, SheetInfo, SourceRow, open_table
from triage.tables.columns import header_key
from triage.text import normalise

_OF_LABELS = frozenset({Role.CATEGORY, Role.SECONDARY, Role.NATURE, Role.URGENT, Role.PLACE, Role.SCHOOLS})
_PERSONS_CATEGORY, _PROGRAMS_CATEGORY, _PROGRAMS_SECONDARY = "人工类别", "类别", "次要类别"
_NATURES = {word: nature for nature, name in NATURE_NAMES.items() for word in (name, nature.value)}
_FLAGS = {
    **dict.fromkeys(("true", "1", "yes", "是", "紧急"), True),
    **dict.fromkeys(("false", "0", "no", "否", "不紧急", "非紧急"), False),
}
_SEPARATORS = str.maketrans({"、": "|", "，": "|", ",": "|", ";": "|", "；": "|", "/": "|", "\n": "|"})


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """What was read: `messages` in reading order, and the rows that cannot be used.

    `rows` counts the rows with content that were met in the files with labels: `messages` and `rejected` together.
    """

    messages: tuple[LabelledMessage, ...]
    rejected: tuple[RejectedRow, ...]

    @property
    def rows(self) -> int:
        """Rows met in the files with labels."""
        return len(self.messages) + len(self.rejected)


@dataclass(frozen=True, slots=True)
class _Read:
    source: Path
    row: SourceRow
    labelled: LabelledMessage

    def reject(self, reason: str) -> RejectedRow:
        return RejectedRow(str(self.source), self.row.sheet, self.row.row, reason, column="", cells=())


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
    nobody can say which of them holds.

    Parameters
    ----------
    columns : names of columns that the user gave, by role; where texts stand apart, those of the category are columns
        of `files` and all others of `messages`.

    Raises
    ------
    InputError : a file is no table, or lacks a column.
    """
    named = dict(columns or {})
    of_labels = {role: name for role, name in named.items() if role in _OF_LABELS} if messages else named
    of_texts = {role: name for role, name in named.items() if role not in _OF_LABELS}
    texts = _read_texts(messages, of_texts) if messages else None
    need = frozenset({Role.ID, Role.CATEGORY} if texts is not None else {Role.TEXT, Role.CATEGORY})
    read: list[_Read] = []
    rejected: list[RejectedRow] = []
    for file in files:
        table = open_table(file, columns=of_labels, need=need)
        asked = {info.name for info in table.sheets if _asks_for_secondary(info)}
        for row in table.rows():
            if isinstance(row, RejectedRow):
                rejected.append(row)
                continue
            found = _label(file, row, taxonomy, texts, asked=row.sheet in asked)
            if isinstance(found, _Read):
                read.append(found)
            else:
                rejected.append(found)
    kept, contradicting = _without_contradictions(read)
    return LabelledSet(tuple(each.labelled for each in kept), (*rejected, *contradicting))


def read_messages(files: Sequence[Path], columns: Mapping[Role, str] | None = None) -> list[Message]:
    """The messages of some tables, without regard to labels; rows that hold none are passed over."""
    return [
        row.message for file in files for row in open_table(file, columns=columns).rows() if isinstance(row, SourceRow)
    ]


def read_starter(folder: Path, taxonomy: Taxonomy) -> list[LabelledMessage]:
    """The starter corpus: the messages of the folder's `*.jsonl` files whose category the taxonomy has.

    Raises
    ------
    InputError : the folder holds no corpus, or a line of it is not what it should be.
    """
    known = frozenset(taxonomy.ids)
    found = []
    for file in sorted(folder.glob("*.jsonl")):
        # Lines of bytes: a text may hold characters at which str.splitlines breaks too.
        for number, line in enumerate(file.read_bytes().splitlines(), start=1):
            try:
                entry = json.loads(line.decode("utf-8"))
                message = Message(str(entry["id"]), entry["title"], entry["text"])
                label = Label(
                    message.id,
                    entry["primary"],
                    tuple(entry["secondary"]),
                    nature=Nature(entry["nature"]),
                    urgent=bool(entry["urgent"]),
                )
            except (KeyError, TypeError, ValueError):
                raise InputError(
                    "is no line of a starter corpus.", where=f"{file}:{number}", fix="Mend or remove it."
                ) from None
            if label.primary in known:
                secondary = tuple(each for each in label.secondary or () if each in known)
                found.append(LabelledMessage(message, replace(label, secondary=secondary)))
    if not found:
        raise InputError(
            "There is no starter corpus for this taxonomy.", where=str(folder), fix="Train with --no-starter."
        )
    return found


def read_nature(written: str) -> Nature | None:
    """The nature that a person wrote, by its id or its name; None where it cannot be read."""
    return _NATURES.get(written.strip().casefold())


def read_flag(written: str) -> bool | None:
    """Whether a person wrote yes or no; None where neither can be read."""
    return _FLAGS.get(written.strip().casefold())


def text_key(message: Message) -> str:
    """Equal for messages whose cleaned title and text are the same."""
    return f"{normalise(message.title)}\n{normalise(message.text)}"


def _read_texts(files: Sequence[Path], columns: Mapping[Role, str]) -> dict[str, Message]:
    found: dict[str, Message] = {}
    for file in files:
        table = open_table(file, columns=columns, need=frozenset({Role.ID, Role.TEXT}))
        for row in table.rows():
            if isinstance(row, SourceRow):
                found.setdefault(row.message.id, row.message)
    return found


def _label(
    file: Path, row: SourceRow, taxonomy: Taxonomy, texts: Mapping[str, Message] | None, *, asked: bool
) -> _Read | RejectedRow:
    """The label of a row; `asked` says that its sheet has a column for the secondary categories."""

    def reject(reason: str) -> RejectedRow:
        return RejectedRow(str(file), row.sheet, row.row, reason)

    category = taxonomy.find(row.category)
    if category is None:
        return reject(_unknown(row.category, taxonomy))
    message = row.message if texts is None else texts.get(row.message.id)
    if message is None:
        return reject(f"没有编号为 {row.message.id} 的留言")
    secondary: tuple[str, ...] | None = None
    if asked:
        others = [(written, taxonomy.find(written)) for written in _parts(row.secondary)]
        for written, other in others:
            if other is None:
                return reject(_unknown(written, taxonomy))
        ids = dict.fromkeys(other.id for _, other in others if other is not None)
        secondary = tuple(each for each in ids if each != category.id)
    nature = read_nature(row.nature)
    if row.nature and nature is None:
        return reject(f"没有「{row.nature}」这个性质，可写：{'、'.join(NATURE_NAMES.values())}")
    urgent = read_flag(row.urgent)
    if row.urgent and urgent is None:
        return reject(f"「{row.urgent}」看不出是否紧急，可写：是、否")
    is_whole = nature is not None  # a short label says nothing of names
    label = Label(
        message.id,
        category.id,
        secondary,
        nature=nature,
        urgent=urgent,
        place=row.place if row.place or is_whole else None,
        schools=tuple(_parts(row.schools)) if row.schools or is_whole else None,
    )
    return _Read(file, row, LabelledMessage(message, label))


def _asks_for_secondary(sheet: SheetInfo) -> bool:
    """Whether a sheet has a column for a person's secondary categories, and not only the one that the program wrote."""
    of_person = header_key(sheet.roles.get(Role.CATEGORY)) == _PERSONS_CATEGORY
    written = header_key(sheet.roles.get(Role.SECONDARY)) if Role.SECONDARY in sheet.roles else ""
    is_scored = any(header_key(name) == _PROGRAMS_CATEGORY for name in sheet.columns)
    return bool(written) and not (of_person and is_scored and written == _PROGRAMS_SECONDARY)


def _unknown(written: str, taxonomy: Taxonomy) -> str:
    names = [name for each in taxonomy.categories for name in (each.name, each.id, *each.aliases)]
    near = difflib.get_close_matches(written, names, n=1, cutoff=0.4)
    hint = f"，是否应为「{near[0]}」" if near else ""
    return f"没有「{written}」这个类别{hint}"


def _parts(written: str) -> Iterator[str]:
    return (part.strip() for part in written.translate(_SEPARATORS).split("|") if part.strip())


def _without_contradictions(read: Sequence[_Read]) -> tuple[list[_Read], list[RejectedRow]]:
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


def _rows(places: Sequence[_Read]) -> str:
    """The rows in words, with their files and sheets where these are several."""
    sheets: dict[str, list[str]] = {}
    for each in places:
        sheet = f"「{each.row.sheet}」" if each.row.sheet else ""
        sheets.setdefault(f"{each.source.name}{sheet}", []).append(str(each.row.row))
    return "；".join(f"{name if len(sheets) > 1 else ''}第 {'、'.join(numbers)} 行" for name, numbers in sheets.items())


def _groups(keys: Iterable[str]) -> Iterator[list[int]]:
    places: dict[str, list[int]] = {}
    for at, key in enumerate(keys):
        places.setdefault(key, []).append(at)
    return (group for group in places.values() if len(group) > 1)
