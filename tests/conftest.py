"""The default dictionary, the starter corpus, and a classifier that has learnt a little of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from triage.classifier import Example, PetitionClassifier, fit_classifier
from triage.config import load_dangers
from triage.features import Document, to_document
from triage.schema import Label, LabelledMessage, Message, Nature
from triage.signals import danger_score, read_dangers
from triage.tokens import Tokenizer, read_dictionary

DATA = Path(__file__).parents[1] / "data"
LEARNT = 300


@pytest.fixture(scope="session")
def tokenizer() -> Tokenizer:
    """Cuts with the default domain dictionary."""
    return Tokenizer(read_dictionary(DATA / "dictionary.txt"))


@pytest.fixture(scope="session")
def corpus() -> list[LabelledMessage]:
    """Every message of the starter corpus, part by part."""
    lines = [line for file in sorted((DATA / "corpus").glob("*.jsonl")) for line in file.read_bytes().splitlines()]
    return [
        LabelledMessage(
            Message(row["id"], row["title"], row["text"]),
            Label(
                row["id"],
                row["primary"],
                tuple(row["secondary"]),
                nature=Nature(row["nature"]),
                urgent=row["urgent"],
                place=row["place"],
                schools=tuple(row["schools"]),
            ),
        )
        for row in map(json.loads, lines)
    ]


@pytest.fixture(scope="session")
def documents(corpus: list[LabelledMessage], tokenizer: Tokenizer) -> list[Document]:
    """The messages of `corpus`, cut into words."""
    return [to_document(each.message.title, each.message.text, tokenizer) for each in corpus]


@pytest.fixture(scope="session")
def examples(corpus: list[LabelledMessage], documents: list[Document]) -> list[Example]:
    """The messages of `corpus` to learn from, as starter messages."""
    dangers = load_dangers(DATA)
    return [
        Example(
            document,
            each.label.primary,
            each.label.secondary,
            each.label.nature,
            each.label.urgent,
            danger_score(read_dangers(each.message, dangers), dangers),
            starter=True,
        )
        for each, document in zip(corpus, documents, strict=True)
    ]


@pytest.fixture(scope="session")
def small_classifier(examples: list[Example]) -> PetitionClassifier:
    """Learnt from the first messages of the corpus, which hold every category; without a latent space."""
    learnt = examples[:LEARNT]
    categories = sorted({example.primary for example in learnt})
    return fit_classifier(learnt, categories=categories, out_of_scope=frozenset({"not_edu"})).classifier
