"""Train a model version from the starter corpus and the labels of the bureau's own people."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from triage.classifier import Example, Fit, Outcome, PetitionClassifier, Progress, fit_classifier
from triage.config import Danger, Home, Taxonomy, load_dangers
from triage.evaluation import evaluate, urgent_scores
from triage.features import Document, to_document
from triage.gate import Verdict
from triage.labels import read_starter, text_hash, text_key
from triage.registry import Learnt, Metrics, ModelInfo, Registry, TrainingFacts
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
        jobs: int | None = None,
        progress: Progress = lambda what, share: None,
    ) -> Fit:
        """Train a classifier; near-copies are held out together, and own labels go before starter's.

        `jobs` is how many processes to use; None takes the cores that there are. No result depends on it.
        """
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
            jobs=jobs,
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

    def predict(self, classifier: PetitionClassifier, messages: Sequence[Message]) -> list[Outcome]:
        """What a classifier says of each message, without evidence."""
        return classifier.predict(
            [self.document(message) for message in messages],
            dangers=[self.danger(message) for message in messages],
            evidence=False,
        )

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
    by: str = "triage",
    reason: str = "trained by hand from files, without the gate",
    jobs: int | None = None,
    progress: Progress = lambda what, share: None,
) -> ModelInfo:
    """Train a version, prove what of it may do without a person, keep it and make it the champion.

    Parameters
    ----------
    max_error : the share of wrong ones that is allowed among what goes automatically, in (0, 1).
    by, reason : who had it trained and why, for the log of what was in use when.
    jobs : processes to use; None takes the cores that there are. No result depends on it.

    Raises
    ------
    InputError : there is too little to learn from.
    """
    starter = workshop.starter() if with_starter else []
    fit = workshop.fit(labelled, starter=starter, unlabelled=unlabelled, jobs=jobs, progress=progress)
    info = keep_version(workshop, fit, labelled, unlabelled_messages=len(unlabelled), max_error=max_error)
    workshop.registry.promote(info.version, by=by, reason=reason)
    return info


def keep_version(
    workshop: Workshop,
    fit: Fit,
    labelled: Sequence[LabelledMessage],
    *,
    unlabelled_messages: int,
    max_error: float,
    verdict: Verdict | None = None,
) -> ModelInfo:
    """Keep what was fitted on `labelled` as a version, with all that can be said of it; it is not put to use."""
    hashes = tuple(text_hash(each.message) for each in labelled)
    own = len(labelled)
    facts = TrainingFacts(
        bureau_labels=own,
        starter_messages=fit.summary.starter_examples,
        unlabelled_messages=unlabelled_messages,
        starter_weight=fit.summary.starter_weight,
        labels_sha256=_labels_sha256(labelled, hashes) if own else "",
        starter_sha256=_corpus_sha256(workshop.home.corpus) if fit.summary.starter_examples else "",
    )
    return workshop.registry.save(
        fit.classifier,
        tokenizer_fingerprint=workshop.tokenizer.fingerprint,
        configuration_fingerprint=_configuration_fingerprint(workshop),
        trained_on=facts,
        proof=prove(fit, max_error),
        metrics=_metrics(fit, labelled) if own else None,
        verdict=verdict,
        learnt=Learnt(
            hashes,
            tuple(each.label.primary for each in labelled),
            fit.held_out.probabilities,
            fit.held_out.alarms,
        ),
    )


def _metrics(fit: Fit, labelled: Sequence[LabelledMessage]) -> Metrics:
    """The figures of the held-out predictions."""
    held_out, classifier = fit.held_out, fit.classifier
    report = evaluate(
        labels=[each.label.primary for each in labelled],
        probabilities=held_out.probabilities,
        categories=classifier.categories,
        out_of_scope=classifier.out_of_scope & set(classifier.categories),
        method="训练时轮流留出的本单位标注",
    )
    known = [at for at, each in enumerate(labelled) if each.label.urgent is not None]
    if known:
        alarms, urgency = held_out.alarms[known], classifier.urgency
        urgent = urgent_scores(
            [bool(labelled[at].label.urgent) for at in known],
            alarms.tolist(),
            flagged=(alarms >= urgency.urgent_from).tolist(),
            watched=(alarms >= urgency.watched_from).tolist(),
        )
        report = replace(report, urgent=urgent)
    return Metrics.of(report)


def _labels_sha256(labelled: Sequence[LabelledMessage], hashes: Sequence[str]) -> str:
    """Over what is learnt of each message, in whatever order they come."""
    lines = sorted(
        json.dumps([key, label.primary, label.secondary, label.nature, label.urgent])
        for key, label in zip(hashes, (each.label for each in labelled), strict=True)
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _corpus_sha256(folder: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(folder.glob("*.jsonl")):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _configuration_fingerprint(workshop: Workshop) -> str:
    """Over what of the configuration a model is made by: the taxonomy and the signs of danger."""
    content = [asdict(workshop.taxonomy), [asdict(danger) for danger in workshop.dangers]]
    return hashlib.sha256(json.dumps(content, default=str).encode()).hexdigest()


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
