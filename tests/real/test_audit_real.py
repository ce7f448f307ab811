"""Real labels, some of them made wrong: the audit finds those again."""

from __future__ import annotations

import os
import random
from dataclasses import replace
from pathlib import Path

import pytest

from triage.auditing import audit_labels
from triage.config import Home, load_taxonomy
from triage.labels import read_labelled
from triage.training import open_workshop

CHECKOUT = Path(__file__).parents[2]
MAILBOX = Path(os.environ.get("TRIAGE_MAILBOX") or CHECKOUT.parent / "shared" / "mailbox")
INBOX, LABELS = MAILBOX / "inbox.xlsx", MAILBOX / "labels.csv"

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not (INBOX.is_file() and LABELS.is_file()), reason="the mailbox is not here"),
]


def test_most_wrong_labels_stand_in_the_first_tenth(tmp_path: Path) -> None:
    home = Home(CHECKOUT / "data", tmp_path / "models")
    taxonomy = load_taxonomy(home.data)
    labelled = list(read_labelled([LABELS], taxonomy=taxonomy, messages=[INBOX]).messages)
    draw = random.Random(0)
    wrong = draw.sample(range(len(labelled)), len(labelled) // 20)
    for at in wrong:
        label = labelled[at].label
        other = draw.choice([each for each in taxonomy.ids if each != label.primary])
        labelled[at] = replace(labelled[at], label=replace(label, primary=other, secondary=None))
    audit = audit_labels(open_workshop(home, taxonomy), labelled)
    first = {each.labelled.message.id for each in audit.ranked[: len(labelled) // 10]}
    found = sum(labelled[at].message.id in first for at in wrong)
    assert found >= 0.6 * len(wrong)
