"""What people decided, read from the tables in which they wrote it; rows that cannot be used are named."""

from __future__ import annotations

from triage.labels.columns import OPINIONS, PersonsCategory
from triage.labels.keys import text_hash, text_key
from triage.labels.present import in_present_categories
from triage.labels.reading import LabelledSet, read_labelled, read_messages, read_texts
from triage.labels.rows import LABEL_ROLES, LabelRow, LabelRows, no_message, read_labels
from triage.labels.starter import read_starter
from triage.labels.words import NOBODY_SAID, NONE, read_flag, read_nature

__all__ = [
    "LABEL_ROLES",
    "NOBODY_SAID",
    "NONE",
    "OPINIONS",
    "LabelRow",
    "LabelRows",
    "LabelledSet",
    "PersonsCategory",
    "in_present_categories",
    "no_message",
    "read_flag",
    "read_labelled",
    "read_labels",
    "read_messages",
    "read_nature",
    "read_starter",
    "read_texts",
    "text_hash",
    "text_key",
]
