"""Add what people decided on some tables to the case store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, timezone
from pathlib import Path

from triage.config import Taxonomy
from triage.labels import LABEL_ROLES, LabelRow, no_message, read_labels, read_texts
from triage.schema import Message, RejectedRow
from triage.store import Conflict, Outcome, Store
from triage.tables import Role

_CHINA = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class LabelReport:
    """What became of the rows.

    `new` are those whose message had no label; `same` say what holds already, or what the same person has said before;
    `changed` change what holds; `conflicts` contradict another person, or another label of the same text: both are
    kept, and the newest holds until somebody settles it. `unlabelled` are rows on which nobody has decided.
    """

    new: int
    same: int
    changed: int
    conflicts: tuple[Conflict, ...]
    unlabelled: int
    rejected: tuple[RejectedRow, ...]

    @property
    def rows(self) -> int:
        """Rows met in the files."""
        return self.new + self.same + self.changed + len(self.conflicts) + self.unlabelled + len(self.rejected)


def add_labels(
    store: Store,
    files: Sequence[Path],
    *,
    taxonomy: Taxonomy,
    messages: Sequence[Path] = (),
    columns: Mapping[Role, str] | None = None,
    by: str = "",
    on: date | None = None,
    confirmed: bool = False,
    now: datetime | None = None,
) -> LabelReport:
    """Add every row on which a person decided, all files at once or nothing.

    A row belongs to the message with its text; where the table holds no texts, to the one with its id among `messages`,
    else in the store.

    Parameters
    ----------
    columns : names of columns that the user gave, by role; those of texts are columns of `messages` too.
    by, on : who decided and when, for the rows that do not say so themselves.
    confirmed : a person has looked at every row of the sheets that the program scored, so that what was left there
        as the program had it is that person's label too.
    now : the time of the addition, on China's clocks; it counts as that of the decision where no row nor `on` says.

    Raises
    ------
    InputError : a file is no table, lacks a column, or holds nobody's decisions but the program's.
    StoreError : the store is damaged or in use; then nothing was added.
    """
    named = dict(columns or {})
    finder = _Finder(store, read_texts(messages, named) if messages else {})
    if messages:
        named = {role: name for role, name in named.items() if role in LABEL_ROLES}
    read = read_labels(files, taxonomy=taxonomy, texts="either", find=finder, columns=named, confirmed=confirmed)
    added_at = now or datetime.now(_CHINA).replace(tzinfo=None)
    added = store.add([_signed(row, by, on) for row in read.labelled], added_at=added_at)
    counts = Counter(each.outcome for each in added)
    return LabelReport(
        new=counts[Outcome.NEW],
        same=counts[Outcome.SAME],
        changed=counts[Outcome.CHANGED],
        conflicts=tuple(each.conflict for each in added if each.conflict),
        unlabelled=read.unlabelled,
        rejected=read.rejected,
    )


class _Finder:
    """Finds the message that a row is about."""

    def __init__(self, store: Store, texts: Mapping[str, Message]) -> None:
        self._store = store
        self._texts = texts

    def __call__(self, message: Message, has_id: bool) -> Message | str:
        """The message, or in words why it cannot be told."""
        if message.text.strip():
            return message
        if has_id and message.id in self._texts:
            return self._texts[message.id]
        if message.title.strip():
            return message
        stored = self._store.find(message.id)
        if len(stored) > 1:
            return f"编号 {message.id} 下有 {len(stored)} 封不同的信，请连同内容一起给出"
        return stored[0] if stored else no_message(message.id)


def _signed(row: LabelRow, by: str, on: date | None) -> LabelRow:
    """The row with the name and the day that hold where it does not say them itself."""
    label = row.labelled.label
    day = datetime.combine(on, time.min) if on else None
    signed = replace(label, by=label.by or by, decided_at=label.decided_at or day)
    return replace(row, labelled=replace(row.labelled, label=signed))
