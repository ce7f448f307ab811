"""Put labels into the case store, and read what holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, Engine, Row, Select, func, insert, select, update

from triage.labels import LabelRow, text_hash
from triage.schema import Label, LabelledMessage, Message
from triage.store.database import labels, messages, open_database, reading, writing
from triage.store.history import KeptLabel, Outcome, disagreeing, holds, in_order, judge
from triage.store.rows import kept_of, label_values, message_of, message_values, storable_label, storable_message

_AT_ONCE = 500
"""Values named in one query; SQLite takes a limited number."""
_MADE_UP = 16
"""Characters of the text's hash that stand for the id of a message which has none."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """A text on which people disagree: their answers, the newest last, and the label that holds meanwhile."""

    message: Message
    answers: tuple[KeptLabel, ...]
    label: Label


@dataclass(frozen=True, slots=True)
class Added:
    """What became of a label, and the disagreement that it is part of, if it is."""

    outcome: Outcome
    conflict: Conflict | None = None


class Store:
    """The labels that people gave, in a SQLite file; use it in a `with` statement.

    A message is known by its id and its text. What people say of one of several messages with the same text counts for
    all of them. Every method raises `StoreError` where the file is damaged or another program keeps it.
    """

    def __init__(self, engine: Engine, path: Path) -> None:
        """Take an open database; `open` is the way to get a store."""
        self._engine = engine
        self._path = path

    @classmethod
    def open(cls, path: Path) -> Store:
        """Open the store, or make an empty one.

        Raises
        ------
        StoreError : the file is no case store, was written by a newer version, or cannot be opened.
        """
        return cls(open_database(path), path)

    def __enter__(self) -> Self:
        """Return the store itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Let go of the file."""
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    def add(self, rows: Sequence[LabelRow], *, added_at: datetime) -> tuple[Added, ...]:
        """Add what people decided, all of it or nothing; what a person has said already is not written again.

        Returns what became of each row, in their order.
        """
        with writing(self._engine, self._path) as connection:
            return _Addition(connection, rows, added_at).run()

    def find(self, message_id: str) -> tuple[Message, ...]:
        """The messages with an id, one for each different text."""
        query = select(messages).where(messages.c.external_id == message_id).order_by(messages.c.pk)
        with reading(self._engine, self._path) as connection:
            return tuple(map(message_of, connection.execute(query)))

    def labelled(self) -> list[LabelledMessage]:
        """Every labelled message with the label that holds; by time received, those without one first, then by id."""
        found = []
        for text, history in self._histories().items():
            label = holds(history)
            for message in {each.message.id: each.message for each in history}.values():
                found.append((_order(message, text), LabelledMessage(message, replace(label, message_id=message.id))))
        return [labelled for _, labelled in sorted(found, key=lambda each: each[0])]

    def history(self, message: Message) -> tuple[KeptLabel, ...]:
        """All that people have said of the text of a message, from the oldest decision to the newest."""
        key = text_hash(storable_message(message))
        return tuple(self._histories(_labels_with_messages().where(messages.c.text_hash == key)).get(key, ()))

    def kept(self) -> tuple[KeptLabel, ...]:
        """All labels, in the order in which they were added."""
        found = [each for history in self._histories().values() for each in history]
        return tuple(sorted(found, key=lambda each: each.number))

    def conflicts(self) -> tuple[Conflict, ...]:
        """The texts on which people disagree, in the order of `labelled`."""
        found = []
        for text, history in self._histories().items():
            if conflict := _conflict(history):
                found.append((_order(conflict.message, text), conflict))
        return tuple(conflict for _, conflict in sorted(found, key=lambda each: each[0]))

    def _histories(self, query: Select[Any] | None = None) -> dict[str, list[KeptLabel]]:
        with reading(self._engine, self._path) as connection:
            return _histories(connection.execute(_labels_with_messages() if query is None else query))


class _Addition:
    """One run of `Store.add`, inside its transaction."""

    def __init__(self, connection: Connection, rows: Sequence[LabelRow], added_at: datetime) -> None:
        self._connection = connection
        self._added_at = added_at
        self._rows = [(row, storable_message(row.labelled.message)) for row in rows]
        self._hashes = [text_hash(message) for _, message in self._rows]
        self._known: dict[str, dict[str, tuple[int, Message]]] = {}
        """The messages there are with their numbers, by text and id."""
        self._histories: dict[str, list[KeptLabel]] = {}
        for some in _in_parts(list(dict.fromkeys(self._hashes))):
            of_texts = messages.c.text_hash.in_(some)
            for row in connection.execute(select(messages).where(of_texts).order_by(messages.c.pk)):
                self._known.setdefault(row.text_hash, {})[row.external_id] = (row.pk, message_of(row))
            self._histories |= _histories(connection.execute(_labels_with_messages().where(of_texts)))
        self._next = (connection.execute(select(func.max(labels.c.pk))).scalar() or 0) + 1

    def run(self) -> tuple[Added, ...]:
        """Judge and write all rows."""
        places = [
            self._place(message, text, has_id=row.has_id)
            for (row, message), text in zip(self._rows, self._hashes, strict=True)
        ]
        by_text: dict[str, list[int]] = {}
        for at, text in enumerate(self._hashes):
            by_text.setdefault(text, []).append(at)
        added = {
            at: outcome
            for text, of_text in by_text.items()
            for at, outcome in zip(of_text, self._add(text, of_text, places), strict=True)
        }
        return tuple(added[at] for at in range(len(self._rows)))

    def _add(self, text: str, of_text: Sequence[int], places: Sequence[int]) -> list[Added]:
        """Judge and write the rows with one text."""
        there = dict(self._known[text].values())
        new = [self._kept(at, there[places[at]]) for at in of_text]
        history = self._histories.get(text, [])
        judged = judge(history, new)
        news = [each for each, (_, is_news) in zip(new, judged, strict=True) if is_news]
        if news:
            of_message = {message.id: pk for pk, message in there.items()}
            self._connection.execute(insert(labels), [label_values(each, of_message[each.message.id]) for each in news])
        conflict = _conflict(in_order([*history, *news]))
        return [_added(outcome, conflict) for outcome, _ in judged]

    def _kept(self, at: int, message: Message) -> KeptLabel:
        row = self._rows[at][0]
        label = storable_label(replace(row.labelled.label, message_id=message.id))
        return KeptLabel(
            self._next + at, message, label, self._added_at, row.source.name, row.sheet, row.row, row.settles
        )

    def _place(self, message: Message, text: str, *, has_id: bool) -> int:
        """The number of a message in the store, where it is put if need be.

        Without an id it is any message with its text; a message that came without one takes the first that turns up.
        """
        known = self._known.setdefault(text, {})
        made_up = text[:_MADE_UP]
        wanted = message.id if has_id else next(iter(known), made_up)
        found = known.get(wanted) or known.pop(made_up, None)
        if found is None:
            placed = replace(message, id=wanted)
            result = self._connection.execute(insert(messages), message_values(placed, text))
            known[wanted] = (int(result.lastrowid), placed)
            return known[wanted][0]
        pk, old = found
        placed = replace(
            old,
            id=wanted,
            received_at=old.received_at or message.received_at,
            channel=old.channel or message.channel,
            sender=old.sender or message.sender,
        )
        if placed != old:
            self._connection.execute(update(messages).where(messages.c.pk == pk), message_values(placed, text))
            self._rename(text, old.id, placed)
        known[wanted] = (pk, placed)
        return pk

    def _rename(self, text: str, old_id: str, message: Message) -> None:
        history = self._histories.get(text, [])
        history[:] = [
            replace(each, message=message, label=replace(each.label, message_id=message.id))
            if each.message.id == old_id
            else each
            for each in history
        ]


def _added(outcome: Outcome, conflict: Conflict | None) -> Added:
    """What became of a label, once all rows with its text are in: a later one may have settled a disagreement."""
    if outcome is not Outcome.CONFLICT:
        return Added(outcome)
    return Added(outcome, conflict) if conflict else Added(Outcome.CHANGED)


def _conflict(history: Sequence[KeptLabel]) -> Conflict | None:
    answers = disagreeing(history)
    return Conflict(answers[-1].message, answers, holds(history)) if answers else None


def _labels_with_messages() -> Select[Any]:
    return select(labels, messages).join_from(labels, messages)


def _histories(rows: Iterable[Row[Any]]) -> dict[str, list[KeptLabel]]:
    """The labels of each text, in their order."""
    found: dict[str, list[KeptLabel]] = {}
    for row in rows:
        found.setdefault(row.text_hash, []).append(kept_of(row))
    return {text: in_order(history) for text, history in found.items()}


def _order(message: Message, text: str) -> tuple[datetime, str, str]:
    return (message.received_at or datetime.min, message.id, text)


def _in_parts(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), _AT_ONCE):
        yield values[start : start + _AT_ONCE]
