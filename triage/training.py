"""Train a model version from the starter corpus and the labels of the bureau's own people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from triage.classifier import Example, Fit, Progress, fit_classifier
from triage.config import Danger, Home, Taxonomy, load_dangers
from triage.features import Document, to_document
from triage.labels import read_starter, text_key
from triage.registry import ModelInfo, Registry, TrainingFacts
from triage.schema import LabelledMessage, Message
from triage.signals import danger_score, read_dangers
from triage.similarity import near_copies
from triage.thresholds import Proof, prove_thresholds
from triage.tokens import Tokenizer, read_dictionary

MAX_ERROR = 0.05
"""The share of wrong ones among what goes automatically, where the bureau does not say otherwise."""


@dataclass(frozen=True)
class Workshop:
    """What it takes to make models for a bureau: its folders, its taxonomy, its dangers, its way of cutting words."""

    home: Home
    taxonomy: Taxonomy
    tokenizer: Tokenizer
    dangers: tuple[Danger, ...] = ()

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
    ) -> Fit:
        """Train a classifier; near-copies are held out together, and own labels go before starter's."""
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
            groups=[*(each.message.id for each in starting), *self._own_groups(labelled)],
            progress=progress,
        )

    def _example(self, labelled: LabelledMessage, *, starter: bool) -> Example:
        label = labelled.label
        return Example(
            self.document(labelled.message),
            label.primary,
            label.secondary,
            label.nature,
            label.urgent,
            self.danger(labelled.message),
            starter,
        )

    def danger(self, message: Message) -> float:
        """How urgent the signs of danger make the message, in [0, 1]."""
        return danger_score(read_dangers(message, self.dangers), self.dangers)

    def _own_groups(self, labelled: Sequence[LabelledMessage]) -> list[str]:
        return [f"own {name}" for name in near_copies([each.message for each in labelled])]


def open_workshop(home: Home, taxonomy: Taxonomy) -> Workshop:
    """Load the dictionaries of a bureau, of words and of dangers."""
    return Workshop(home, taxonomy, Tokenizer(read_dictionary(home.dictionary)), load_dangers(home.data))


def out_of_scope(taxonomy: Taxonomy) -> frozenset[str]:
    """The categories that are not the bureau's."""
    return frozenset(category.id for category in taxonomy.categories if not category.ours)


def train_version(
    workshop: Workshop,
    labelled: Sequence[LabelledMessage] = (),
    *,
    with_starter: bool = True,
    unlabelled: Sequence[Message] = (),
    max_error: float = MAX_ERROR,
    progress: Progress = lambda what, share: None,
) -> ModelInfo:
    """Train a version, prove what of it may do without a person, keep it and make it the champion.

    Parameters
    ----------
    max_error : the share of wrong ones that is allowed among what goes automatically, in (0, 1).

    Raises
    ------
    InputError : there is too little to learn from.
    """
    starter = workshop.starter() if with_starter else []
    fit = workshop.fit(labelled, starter=starter, unlabelled=unlabelled, progress=progress)
    facts = TrainingFacts(
        bureau_labels=fit.summary.examples - fit.summary.starter_examples,
        starter_messages=fit.summary.starter_examples,
        unlabelled_messages=len(unlabelled),
        starter_weight=fit.summary.starter_weight,
    )
    return workshop.registry.save(
        fit.classifier,
        tokenizer_fingerprint=workshop.tokenizer.fingerprint,
        trained_on=facts,
        proof=prove(fit, max_error),
    )


def prove(fit: Fit, max_error: float) -> Proof | None:
    """From what confidence on each category may do without a person; None without own labels to prove it by."""
    held_out = fit.held_out
    if not len(held_out.truth):
        return None
    return prove_thresholds(
        held_out.probabilities,
        held_out.truth,
        categories=fit.classifier.categories,
        groups=held_out.groups,
        max_error=max_error,
    )
