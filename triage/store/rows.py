"""Messages and labels as rows of the database, and back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Row

from triage.schema import Channel, Label, Message, Nature
from triage.store.database import labels
from triage.store.history import KeptLabel


def storable_message(message: Message) -> Message:
    """The message as the database can hold it: half a surrogate pair, no character, becomes a question mark."""
    return replace(
        message,
        id=_whole(message.id),
        title=_whole(message.title),
        text=_whole(message.text),
        sender=_whole(message.sender),
    )


def storable_label(label: Label) -> Label:
    """The label in the same manner."""
    return replace(
        label,
        place=None if label.place is None else _whole(label.place),
        schools=None if label.schools is None else tuple(map(_whole, label.schools)),
        by=_whole(label.by),
    )


def _whole(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def message_values(message: Message, text: str) -> dict[str, Any]:
    """The row of a message; `text` is the hash of its text."""
    return {
        "external_id": message.id,
        "channel": message.channel.value if message.channel else None,
        "title": message.title,
        "text": message.text,
        "sender": message.sender,
        "received_at": message.received_at,
        "text_hash": text,
    }


def label_values(kept: KeptLabel, message: int) -> dict[str, Any]:
    """The row of a label; `message` is the number of its message."""
    label = kept.label
    return {
        "pk": kept.number,
        "message": message,
        "primary": label.primary,
        "secondary": None if label.secondary is None else list(label.secondary),
        "nature": label.nature.value if label.nature else None,
        "urgent": label.urgent,
        "place": label.place,
        "schools": None if label.schools is None else list(label.schools),
        "by": label.by,
        "decided_at": label.decided_at,
        "added_at": kept.added_at,
        "source": _whole(kept.source),
        "sheet": _whole(kept.sheet),
        "row": kept.row,
        "settles": kept.settles,
    }


def message_of(row: Row[Any]) -> Message:
    """The message of a row."""
    return Message(
        row.external_id,
        row.title,
        row.text,
        received_at=row.received_at,
        channel=Channel(row.channel) if row.channel else None,
        sender=row.sender,
    )


def kept_of(row: Row[Any]) -> KeptLabel:
    """The label of a row that holds its message too."""
    of_label = row._mapping
    secondary, schools = of_label[labels.c.secondary], of_label[labels.c.schools]
    message = message_of(row)
    label = Label(
        message.id,
        row.primary,
        None if secondary is None else tuple(secondary),
        nature=Nature(row.nature) if row.nature else None,
        urgent=row.urgent,
        place=row.place,
        schools=None if schools is None else tuple(schools),
        by=row.by,
        decided_at=row.decided_at,
    )
    return KeptLabel(of_label[labels.c.pk], message, label, row.added_at, row.source, row.sheet, row.row, row.settles)
