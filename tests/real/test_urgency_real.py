"""Urgent letters among real ones, where they lie beside the checkout; none of their text is here."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

from triage.config import load_config
from triage.labels import read_labelled
from triage.signals.urgency import danger_score, read_dangers

DATA = Path(__file__).parents[2] / "data"
MAILBOX = Path(os.environ.get("TRIAGE_MAILBOX") or Path(__file__).parents[3] / "shared" / "mailbox")
LETTERS = (MAILBOX / "inbox.xlsx", MAILBOX / "tipdm7_words.csv.gz")
LABELS = MAILBOX / "labels.csv"

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not all(map(Path.is_file, (*LETTERS, LABELS))), reason="the mailbox is not here"),
]


@pytest.fixture(scope="module")
def ranked() -> list[bool]:
    """Whether a person called each letter urgent, from the highest score to the lowest; only letters judged."""
    config = load_config(DATA)
    with LABELS.open(encoding="utf-8-sig", newline="") as file:
        judged = {row["id"]: row["urgent"] == "True" for row in csv.DictReader(file) if row["urgent"]}
    labelled = read_labelled([LABELS], taxonomy=config.taxonomy, messages=LETTERS).messages
    scored = [
        (danger_score(read_dangers(each.message, config.dangers), config.dangers), each.message.id)
        for each in labelled
        if each.message.id in judged
    ]
    assert len(scored) > 1000
    return [judged[message_id] for _, message_id in sorted(scored, reverse=True)]


@pytest.mark.parametrize(("share", "least"), [(0.05, 0.5), (0.10, 0.7), (0.15, 0.8)])
def test_the_words_alone_bring_urgent_letters_to_the_top(ranked: list[bool], share: float, least: float) -> None:
    assert sum(ranked[: round(share * len(ranked))]) / sum(ranked) >= least
