"""The words of a message that speak for one category over another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from triage.classifier import Fit
from triage.classifier.fitting import COST
from triage.classifier.heads import evened, fit_head
from triage.evidence import word_weights
from triage.schema import LabelledMessage, Message
from triage.text import clean, mask
from triage.training import Workshop

SHOWN_WORDS = 6


class WordFinder:
    """Finds words by a head that has learnt from trusted labels alone.

    A classifier that has learnt a message under a wrong category finds little in it that speaks for the right one.
    """

    def __init__(self, workshop: Workshop, fit: Fit, *, trusted: Sequence[LabelledMessage], starter: int) -> None:
        """The first `starter` of the trusted are messages of the starter corpus, and count as such."""
        self._workshop = workshop
        self._features = fit.classifier.features
        self._categories = fit.classifier.categories
        rows = self._features.transform([workshop.document(each.message) for each in trusted])
        truth = np.array([self._categories.index(each.label.primary) for each in trusted], dtype=np.intp)
        own = np.arange(len(trusted)) >= starter
        weights = evened(np.where(own, 1.0, fit.summary.starter_weight), truth, np.ones(len(self._categories)))
        targets = truth[:, np.newaxis] == np.arange(len(self._categories))
        self._head = fit_head(rows, targets, weights, cost=COST)

    def between(self, message: Message, *, likely: str, present: str) -> tuple[str, ...]:
        """The words that speak for the likely category over the present one, strongest first, at most `SHOWN_WORDS`.

        No personal data is among them.
        """
        document = self._workshop.document(message)
        row = self._features.transform([document])
        first, second = (self._head.coefficients[self._categories.index(each)] for each in (likely, present))
        cleaned = {"title": clean(message.title), "text": clean(message.text)}
        masked = {"title": mask(message.title), "text": mask(message.text)}
        totals: dict[str, float] = defaultdict(float)
        for each in word_weights(self._features, document, row, first - second):
            start, end = cleaned[each.field].span(each.start, each.end)
            words = cleaned[each.field].original[start:end]
            if words == masked[each.field][start:end]:
                totals[words] += each.weight
        strongest = sorted(totals, key=lambda words: (-totals[words], words))
        return tuple(each for each in strongest if totals[each] > 0 and _says_something(each))[:SHOWN_WORDS]


def _says_something(words: str) -> bool:
    """Single characters, numbers and marks say too little to a reader."""
    return len(words.strip()) > 1 and any(map(str.isalpha, words))
