"""Read labels to be audited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from triage.config import Taxonomy
from triage.labels import LabelRows, no_message, read_labels, read_texts
from triage.tables import Role


def read_audited(
    files: Sequence[Path],
    *,
    taxonomy: Taxonomy,
    messages: Sequence[Path] = (),
    columns: Mapping[Role, str] | None = None,
) -> LabelRows:
    """Read every label, also where two of the same letter contradict each other: one of them is wrong.

    Parameters
    ----------
    messages : where the texts are, joined by their ids; empty where `files` hold them.
    columns : names of columns that the user gave, by role.

    Raises
    ------
    InputError : a file is no table, lacks a column, or holds nobody's decisions but the program's.
    """
    if not messages:
        return read_labels(files, taxonomy=taxonomy, texts="held", columns=columns, find=lambda message, _: message)
    texts = read_texts(messages, columns)
    return read_labels(
        files,
        taxonomy=taxonomy,
        texts="apart",
        columns=columns,
        find=lambda message, _: texts.get(message.id) or no_message(message.id),
    )
