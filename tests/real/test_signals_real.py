"""Places and schools of real letters, against what people read in them; none of their text is here."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pandas as pd
import pytest

from triage.schema import Message
from triage.signals import SignalReader, main_place

MAILBOX = Path(os.environ.get("TRIAGE_MAILBOX") or Path(__file__).parents[3] / "shared" / "mailbox")
INBOX, LABELS = MAILBOX / "inbox.xlsx", MAILBOX / "labels.csv"
Row = dict[str, str]

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not (INBOX.is_file() and LABELS.is_file()), reason="the mailbox is not here"),
]


@pytest.fixture(scope="module")
def letters() -> list[tuple[Message, Row]]:
    """Letters with their labels; the short records of what is not the bureau's say nothing of place and schools."""
    inbox = pd.read_excel(INBOX, engine="calamine", dtype=str).fillna("")
    messages = {row["留言编号"]: Message("", row["留言主题"], row["留言详情"]) for _, row in inbox.iterrows()}
    with LABELS.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["id"] in messages and row["nature"]]
    assert len(rows) > 500
    return [(messages[row["id"]], row) for row in rows]


def test_the_main_place_is_the_one_that_a_person_reads(letters: list[tuple[Message, Row]]) -> None:
    reader = SignalReader(())
    right = 0
    for message, row in letters:
        place = main_place(reader.read(message).places)
        right += (place.name if place else "") == row["place"]
    assert right / len(letters) >= 0.93


def test_the_schools_are_those_that_a_person_reads(letters: list[tuple[Message, Row]]) -> None:
    """The labels write a name with or without the place before it; both mean the school."""
    reader = SignalReader(())
    found = wanted = met = exact = 0
    for message, row in letters:
        names = {school.name for school in reader.read(message).schools}
        labels = {name for name in row["schools"].split("|") if name}
        found += len(names)
        wanted += len(labels)
        exact += len(names & labels)
        met += sum(any(name.endswith(label) or label.endswith(name) for name in names) for label in labels)
    assert 2 * met / (found + wanted) >= 0.75
    assert 2 * exact / (found + wanted) >= 0.6
