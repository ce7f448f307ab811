"""Train a model version from the starter corpus and the labels of the bureau's own people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from triage.classifier import Example, FitSummary, PetitionClassifier, Progress, fit_classifier
from triage.config import Home, Taxonomy
from triage.features import Document, to_document
from triage.labels import read_starter, text_key
from triage.registry import ModelInfo, Registry, TrainingFacts
from triage.schema import LabelledMessage, Message
from triage.tokens import Tokenizer, read_dictionary


@dataclass(frozen=True)
class Workshop:
    """What it takes to make models for a bureau: its folders, its taxonomy and its way of cutting words."""

    home: Home
    taxonomy: Taxonomy
    tokenizer: Tokenizer

    @property
    def registry(self) -> Registry:
        """The bureau's model versions."""
        return Registry(self.home.models)

    def starter(self) -> list[LabelledMessage]:
        """The starter corpus, as far as its categories are the bureau's."""
        return read_starter(self.home.corpus, self.taxonomy)

    def document(self, message: Message) -> Document:
        """The message, cleaned and cut."""
        return to_document(message.title, message.text, self.tokenizer)

    def fit(
        self,
        labelled: Sequence[LabelledMessage],
        *,
        starter: Sequence[LabelledMessage] = (),
        unlabelled: Sequence[Message] = (),
        progress: Progress = lambda what, share: None,
    ) -> tuple[PetitionClassifier, FitSummary]:
        """Train a classifier; messages with the same text are held out together, and own labels go before starter's."""
        progress("cutting words", 0.0)
        own = {text_key(each.message) for each in labelled}
        starting = [each for each in starter if text_key(each.message) not in own]
        examples = [self._example(each, starter=True) for each in starting]
        examples += [self._example(each, starter=False) for each in labelled]
        return fit_classifier(
            examples,
            categories=self.taxonomy.ids,
            out_of_scope=out_of_scope(self.taxonomy),
            unlabelled=[self.document(message) for message in unlabelled],
            groups=[text_key(each.message) for each in (*starting, *labelled)],
            progress=progress,
        )

    def _example(self, labelled: LabelledMessage, *, starter: bool) -> Example:
        label = labelled.label
        return Example(self.document(labelled.message), label.primary, label.secondary, starter)


def open_workshop(home: Home, taxonomy: Taxonomy) -> Workshop:
    """Load the dictionaries of a bureau."""
    return Workshop(home, taxonomy, Tokenizer(read_dictionary(home.dictionary)))


def out_of_scope(taxonomy: Taxonomy) -> frozenset[str]:
    """The categories that are not the bureau's."""
    return frozenset(category.id for category in taxonomy.categories if not category.ours)


def train_version(
    workshop: Workshop,
    labelled: Sequence[LabelledMessage] = (),
    *,
    with_starter: bool = True,
    unlabelled: Sequence[Message] = (),
    progress: Progress = lambda what, share: None,
) -> ModelInfo:
    """Train a version, keep it and make it the champion.

    Raises
    ------
    InputError : there is too little to learn from.
    """
    starter = workshop.starter() if with_starter else []
    classifier, summary = workshop.fit(labelled, starter=starter, unlabelled=unlabelled, progress=progress)
    facts = TrainingFacts(
        bureau_labels=summary.examples - summary.starter_examples,
        starter_messages=summary.starter_examples,
        unlabelled_messages=len(unlabelled),
        starter_weight=summary.starter_weight,
    )
    return workshop.registry.save(classifier, tokenizer_fingerprint=workshop.tokenizer.fingerprint, trained_on=facts)
