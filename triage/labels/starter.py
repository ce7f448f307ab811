"""The starter corpus: labelled messages that come with the program."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

from triage.config import Taxonomy
from triage.errors import InputError
from triage.schema import Label, LabelledMessage, Message, Nature


def read_starter(folder: Path, taxonomy: Taxonomy) -> list[LabelledMessage]:
    """The starter corpus: the messages of the folder's `*.jsonl` files whose category the taxonomy has or has renamed.

    Raises
    ------
    InputError : the folder holds no corpus, or a line of it is not what it should be.
    """
    find = cache(taxonomy.find)
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
            primary = find(label.primary)
            if primary is not None:
                others = (find(each) for each in label.secondary or ())
                ids = dict.fromkeys(each.id for each in others if each is not None and each is not primary)
                found.append(LabelledMessage(message, replace(label, primary=primary.id, secondary=tuple(ids))))
    if not found:
        raise InputError(
            "There is no starter corpus for this taxonomy.", where=str(folder), fix="Train with --no-starter."
        )
    return found
