"""Read labels to be audited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from triage.config import Taxonomy
from triage.labels import LabelledSet, no_message, read_labels, read_texts
from triage.tables import Role


def read_audited(
    files: Sequence[Path],
    *,
    taxonomy: Taxonomy,
    messages: Sequence[Path] = (),
    columns: Mapping[Role, str] | None = None,
) -> LabelledSet:
    """Read every label, also where two of the same letter contradict each other: one of them is wrong.

    Parameters
    ----------
    messages : where the texts are, joined by their ids; empty where `files` hold them.
    columns : names of columns that the user gave, by role.

    Raises
    ------
    InputError : a file is no table, lacks a column, or holds nobody's decisions but the program's.
    """
    texts = read_texts(messages, columns) if messages else None
    if texts is None:
        read = read_labels(files, taxonomy=taxonomy, texts="held", columns=columns, find=lambda message, _: message)
    else:
        read = read_labels(
            files,
            taxonomy=taxonomy,
            texts="apart",
            columns=columns,
            find=lambda message, _: texts.get(message.id) or no_message(message.id),
        )
    return LabelledSet(tuple(row.labelled for row in read.labelled), read.rejected, read.unlabelled)
