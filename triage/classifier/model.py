"""A trained classifier: category, nature and urgency of a document, with the words that argue for the category."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, TypeAlias

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

    def alarms(self, scores: Floats, dangers: Sequence[float]) -> Floats:
        """The alarms, of shape (N,), of the head's scores, of shape (N, 1); `dangers` in [0, 1]."""
        if len(dangers) != len(scores):
            raise ValueError(f"{len(dangers)} dangers for {len(scores)} rows")
        return add_dangers(scores[:, 0], dangers, self.danger_weight)


def add_dangers(scores: Floats, dangers: Sequence[float] | Floats, danger_weight: float) -> Floats:
    """The alarms, of shape (N,), of what the words score and the signs of danger say, each of shape (N,)."""
    return np.asarray(scores + danger_weight * np.asarray(dangers))


class _Row(NamedTuple):
    """One row out of many: to cut it out as a sparse matrix takes longer than to weigh its words."""

    indices: NDArray[np.int32]
    data: Floats


@dataclass(frozen=True, slots=True)
class _Scores:
    """The scores of each head, of shape (N, classes)."""

    primary: Floats
    secondary: Floats
    nature: Floats
    urgency: Floats


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
        return to_probabilities(self._scores(self.features.transform(documents)).primary, self.temperature)

    def predict(
        self, documents: Sequence[Document], *, dangers: Sequence[float] = (), evidence: bool = True
    ) -> list[Outcome]:
        """What the classifier says of each document, in their order.

        `dangers` holds, where it is given, how urgent its signs of danger make each document, in [0, 1].
        """
        reading = self.features.read(documents)
        scores = self._scores(reading.rows)
        probabilities = to_probabilities(scores.primary, self.temperature)
        orders = np.argsort(-probabilities, axis=1, kind="stable")
        natures = to_probabilities(scores.nature, self.nature_temperature)
        alarms = self.urgency.alarms(scores.urgency, dangers or [0.0] * len(documents))
        words = self._evidence(documents, reading.rows, orders) if evidence else [()] * len(documents)
        columns = zip(
            self._ranked(probabilities, orders),
            self._secondaries(orders, scores.secondary),
            map(NATURES.__getitem__, natures.argmax(axis=1).tolist()),
            natures[:, NATURES.index(Nature.REPORT)].tolist(),
            alarms.tolist(),
            (alarms >= self.urgency.urgent_from).tolist(),
            (alarms >= self.urgency.watched_from).tolist(),
            reading.known_shares.tolist(),
            words,
            strict=True,
        )
        return [Outcome(*each) for each in columns]

    def words_for(self, document: Document, category: str) -> tuple[WordWeight, ...]:
        """What each word of the document adds to the score of the category."""
        row = self.features.transform([document])
        return word_weights(self.features, document, row, self.primary.coefficients[self.categories.index(category)])

    def _evidence(
        self, documents: Sequence[Document], rows: sp.csr_matrix, orders: Indices
    ) -> list[tuple[WordWeight, ...]]:
        bounds = rows.indptr.tolist()
        found = []
        for at, (document, best) in enumerate(zip(documents, orders[:, 0].tolist(), strict=True)):
            own = slice(bounds[at], bounds[at + 1])
            row = _Row(rows.indices[own], rows.data[own])
            coefficients = self.primary.coefficients[best]
            found.append(word_weights(self.features, document, row, coefficients, strongest=SHOWN_WORDS))
        return found

    def _ranked(self, probabilities: Floats, orders: Indices) -> list[tuple[Alternative, ...]]:
        sorted_down = np.take_along_axis(probabilities, orders, axis=1).tolist()
        names = self.categories
        return [
            tuple(map(Alternative, [names[at] for at in order], confidences))
            for order, confidences in zip(orders.tolist(), sorted_down, strict=True)
        ]

    def _secondaries(self, orders: Indices, scores: Floats) -> list[tuple[str, ...]]:
        primary = orders[:, 0]
        in_scope = self._scope_mask()
        chosen = above(scores, primary, self.secondary_threshold, in_scope) & in_scope[primary][:, np.newaxis]
        found: list[tuple[str, ...]] = [()] * len(primary)
        for at in np.flatnonzero(chosen.any(axis=1)).tolist():
            order = [each for each in np.argsort(-scores[at], kind="stable") if chosen[at, each]]
            found[at] = tuple(self.categories[each] for each in order[:MAX_SECONDARY])
        return found

    def _scores(self, rows: sp.csr_matrix) -> _Scores:
        coefficients, intercepts, bounds = self._heads
        # Sparse times dense adds up row by row: a score does not depend on its batch.
        scores = np.asarray(rows @ coefficients) + intercepts
        return _Scores(*np.split(scores, bounds, axis=1))

    @cached_property
    def _heads(self) -> tuple[Floats, Floats, list[int]]:
        """All heads side by side, feature by feature, so that each feature of a row is met once for all of them."""
        heads = (self.primary, self.secondary, self.nature, self.urgency.head)
        coefficients = np.ascontiguousarray(np.concatenate([head.coefficients for head in heads]).T)
        intercepts = np.concatenate([head.intercepts for head in heads])
        return coefficients, intercepts, np.cumsum([len(head.intercepts) for head in heads[:-1]]).tolist()

    def _scope_mask(self) -> Flags:
        return np.array([category not in self.out_of_scope for category in self.categories])


def above(scores: Floats, primary: Indices, threshold: float, in_scope: Flags) -> Flags:
    """Which categories, of shape (N, K), are touched too: in scope, above the threshold, and not the primary."""
    others = np.arange(scores.shape[1]) != primary[:, np.newaxis]
    return np.asarray((scores > threshold) & others & in_scope)
