"""A trained classifier: category, nature and urgency of a document, with the words that argue for the category."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from triage.classifier.heads import Flags, Floats, LinearHead
from triage.confidence import to_probabilities
from triage.evidence import WordWeight, word_weights
from triage.features import Document, Features
from triage.schema import Alternative, Nature

Indices: TypeAlias = NDArray[np.intp]

NATURES = tuple(Nature)
"""The order of the columns of the heads that tell the nature."""
MAX_SECONDARY = 2
SHOWN_WORDS = 8
"""Different words that evidence names, on either side."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the classifier says of one document; `words` is empty unless evidence was asked for.

    `report` is the probability that the document is an accusation; `alarm` rises with the danger that it speaks of.
    `urgent` and `watched` say that it is high enough for a person to act at once, or to look first.
    """

    ranked: tuple[Alternative, ...]
    secondary: tuple[str, ...]
    nature: Nature
    report: float
    alarm: float
    urgent: bool
    watched: bool
    known_share: float
    words: tuple[WordWeight, ...]


@dataclass(frozen=True)
class Urgency:
    """Tells how urgent a document is.

    The alarm is the score of the head and `danger_weight` times the score of its signs of danger. From `urgent_from`
    on it counts as urgent, from `watched_from` on a person looks at it.
    """

    head: LinearHead
    danger_weight: float
    urgent_from: float
    watched_from: float

    def alarms(self, rows: sp.csr_matrix, dangers: Sequence[float]) -> Floats:
        """The alarm of each row, of shape (N,); `dangers` in [0, 1]."""
        if len(dangers) != rows.shape[0]:
            raise ValueError(f"{len(dangers)} dangers for {rows.shape[0]} rows")
        return add_dangers(self.head.scores(rows)[:, 0], dangers, self.danger_weight)


def add_dangers(scores: Floats, dangers: Sequence[float] | Floats, danger_weight: float) -> Floats:
    """The alarms, of shape (N,), of what the words score and the signs of danger say, each of shape (N,)."""
    return np.asarray(scores + danger_weight * np.asarray(dangers))


@dataclass(frozen=True)
class PetitionClassifier:
    """A trained classifier; `fit_classifier` makes one."""

    categories: tuple[str, ...]
    out_of_scope: frozenset[str]
    features: Features
    primary: LinearHead
    temperature: float
    secondary: LinearHead
    secondary_threshold: float
    nature: LinearHead
    nature_temperature: float
    urgency: Urgency

    def probabilities(self, documents: Sequence[Document]) -> Floats:
        """Calibrated probabilities of shape (N, K), in the order of `categories`."""
        return to_probabilities(self.primary.scores(self.features.transform(documents)), self.temperature)

    def predict(
        self, documents: Sequence[Document], *, dangers: Sequence[float] = (), evidence: bool = True
    ) -> list[Outcome]:
        """What the classifier says of each document, in their order.

        `dangers` holds, where it is given, how urgent its signs of danger make each document, in [0, 1].
        """
        rows = self.features.transform(documents)
        probabilities = to_probabilities(self.primary.scores(rows), self.temperature)
        natures = to_probabilities(self.nature.scores(rows), self.nature_temperature)
        second = self.secondary.scores(rows)
        alarms = self.urgency.alarms(rows, dangers or [0.0] * len(documents))
        return [
            self._outcome(document, rows[at], probabilities[at], second[at], natures[at], float(alarms[at]), evidence)
            for at, document in enumerate(documents)
        ]

    def words_for(self, document: Document, category: str) -> tuple[WordWeight, ...]:
        """What each word of the document adds to the score of the category."""
        row = self.features.transform([document])
        return word_weights(self.features, document, row, self.primary.coefficients[self.categories.index(category)])

    def _outcome(
        self,
        document: Document,
        row: sp.csr_matrix,
        probabilities: Floats,
        second: Floats,
        natures: Floats,
        alarm: float,
        evidence: bool,
    ) -> Outcome:
        order = np.argsort(-probabilities, kind="stable")
        best = int(order[0])
        words: tuple[WordWeight, ...] = ()
        if evidence:
            words = word_weights(self.features, document, row, self.primary.coefficients[best], strongest=SHOWN_WORDS)
        return Outcome(
            ranked=tuple(Alternative(self.categories[at], float(probabilities[at])) for at in order),
            secondary=self._secondary(best, second),
            nature=NATURES[int(natures.argmax())],
            report=float(natures[NATURES.index(Nature.REPORT)]),
            alarm=alarm,
            urgent=alarm >= self.urgency.urgent_from,
            watched=alarm >= self.urgency.watched_from,
            known_share=self.features.known_share(document),
            words=words,
        )

    def _secondary(self, primary: int, scores: Floats) -> tuple[str, ...]:
        if self.categories[primary] in self.out_of_scope:
            return ()
        chosen = above(scores[np.newaxis], np.array([primary]), self.secondary_threshold, self._scope_mask())[0]
        order = [at for at in np.argsort(-scores, kind="stable") if chosen[at]]
        return tuple(self.categories[at] for at in order[:MAX_SECONDARY])

    def _scope_mask(self) -> Flags:
        return np.array([category not in self.out_of_scope for category in self.categories])


def above(scores: Floats, primary: Indices, threshold: float, in_scope: Flags) -> Flags:
    """Which categories, of shape (N, K), are touched too: in scope, above the threshold, and not the primary."""
    others = np.arange(scores.shape[1]) != primary[:, np.newaxis]
    return np.asarray((scores > threshold) & others & in_scope)
