"""The labels of the real mailbox in the case store; none of its text is here."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from triage.config import load_taxonomy
from triage.labelling import add_labels, write_labels
from triage.labels import read_labelled
from triage.schema import LabelledMessage
from triage.store import Store

CHECKOUT = Path(__file__).parents[2]
MAILBOX = Path(os.environ.get("TRIAGE_MAILBOX") or CHECKOUT.parent / "shared" / "mailbox")
LABELS, LETTERS = MAILBOX / "labels.csv", [MAILBOX / "inbox.xlsx", MAILBOX / "tipdm7_words.csv.gz"]
TAXONOMY = load_taxonomy(CHECKOUT / "data")

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not LABELS.is_file(), reason="the mailbox is not here"),
]


def unsigned(labelled: list[LabelledMessage]) -> list[LabelledMessage]:
    """Without who and when, in one order."""
    bare = [replace(each, label=replace(each.label, by="", decided_at=None)) for each in labelled]
    return sorted(bare, key=lambda each: (each.message.id, each.message.text))


def test_the_store_teaches_what_the_files_teach(tmp_path: Path) -> None:
    read = list(read_labelled([LABELS], taxonomy=TAXONOMY, messages=LETTERS).messages)
    with Store.open(tmp_path / "cases.db") as store:
        report = add_labels(store, [LABELS], taxonomy=TAXONOMY, messages=LETTERS, by="标注组", on=date(2026, 1, 5))
        assert (report.rows, report.new, report.rejected) == (len(read), len(read), ())
        # Now the store itself knows the letters by their ids.
        again = add_labels(store, [LABELS], taxonomy=TAXONOMY, by="标注组")
        assert (again.rows, again.same) == (len(read), len(read))
        assert unsigned(store.labelled()) == unsigned(read)
        write_labels(store, tmp_path / "all.csv", taxonomy=TAXONOMY)
    out = read_labelled([tmp_path / "all.csv"], taxonomy=TAXONOMY)
    assert unsigned(list(out.messages)) == unsigned(read)
