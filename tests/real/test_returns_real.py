"""How often the organ fits on real letters about other matters; none of their text is here."""

from __future__ import annotations

import csv
import gzip
import os
from pathlib import Path

import pytest

from triage.config import Config, load_config
from triage.labels import read_messages
from triage.returns import likely_organs
from triage.schema import Formality, Message
from triage.signals.formalities import missing_formalities, people_count

CHECKOUT = Path(__file__).parents[2]
MAILBOX = Path(os.environ.get("TRIAGE_MAILBOX") or CHECKOUT.parent / "shared" / "mailbox")
INBOX, WORDS = MAILBOX / "inbox.xlsx", MAILBOX / "tipdm7_words.csv.gz"

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not (INBOX.is_file() and WORDS.is_file()), reason="the mailbox is not here"),
]

ORGANS_OF = {
    "城乡建设": {"housing", "urban", "planning", "fund", "power", "utilities", "fire"},
    "环境保护": {"environment"},
    "交通运输": {"transport", "traffic", "post", "railway"},
    "劳动和社会保障": {"labour", "health_insurance", "veterans", "personnel"},
    "商贸旅游": {"market", "culture", "commerce", "telecom"},
    "卫生计生": {"health", "health_insurance"},
}
"""The public task's classes, and the organs whose matters they hold."""


@pytest.fixture(scope="module")
def config() -> Config:
    return load_config(CHECKOUT / "data")


@pytest.fixture(scope="module")
def letters() -> list[tuple[Message, str]]:
    """Letters whose class is not education, with stop words left out as published, and their class."""
    with gzip.open(WORDS, "rt", encoding="utf-8", newline="") as lines:
        return [
            (Message(row["id"], "", row["words"].replace(" ", "")), row["category"])
            for row in csv.DictReader(lines)
            if row["category"] in ORGANS_OF
        ]


def test_the_first_organ_is_one_of_the_class(config: Config, letters: list[tuple[Message, str]]) -> None:
    found = [(likely_organs(config.organs, message), category) for message, category in letters]
    named = [(organs[0].id, category) for organs, category in found if organs]
    assert len(named) / len(letters) >= 0.95
    assert sum(organ in ORGANS_OF[category] for organ, category in named) / len(named) >= 0.80


@pytest.fixture(scope="module")
def inbox() -> list[Message]:
    return read_messages([INBOX])


def test_few_real_letters_ask_for_nothing_or_speak_for_many(inbox: list[Message]) -> None:
    without_request = sum(Formality.REQUEST in missing_formalities(message) for message in inbox)
    assert 0.01 < without_request / len(inbox) < 0.06
    joint = sum(people_count(message) is not None for message in inbox)
    assert 0.005 < joint / len(inbox) < 0.03
