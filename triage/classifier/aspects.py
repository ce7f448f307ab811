"""What is learnt of a message beside its category: its nature, and whether it is urgent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from triage.classifier.examples import Example
from triage.classifier.folds import folds_over
from triage.classifier.heads import Flags, Floats, LinearHead, evened, silent_head
from triage.classifier.model import NATURES, Indices, Urgency, add_dangers
from triage.classifier.workers import Lesson, Workers
from triage.confidence import fit_temperature
from triage.features import Features

COST = 0.3
"""Penalty of an error, the C of the support vector machines."""
STARTER_WEIGHT = 0.5
"""What a starter message counts against one of the bureau's own."""
URGENT_SHARE = 0.05
"""Share of a bureau's own messages that are flagged as urgent: so many a person can look at on the day."""
WATCHED_SHARE = 0.15
"""Share that a person sees before they go anywhere, since some of the urgent are among them."""
STARTER_URGENT_RECALL = 0.7
"""Where there is the starter corpus alone: the share of its urgent messages that must be flagged."""
STARTER_WATCHED_RECALL = 0.9
"""The same for those that a person sees."""


class Aspect:
    """The rows of which something is known, and the folds that hold them out: the bureau's own, else the starter's.

    `chosen` holds the numbers of these rows among all; everything else is of these rows alone.
    """

    def __init__(
        self,
        examples: Sequence[Example],
        features: Features,
        workers: Workers,
        known: Flags,
        groups: Sequence[str],
    ) -> None:
        self.chosen: Indices = np.flatnonzero(known)
        self.examples = [examples[int(at)] for at in self.chosen]
        self.starter = np.array([example.starter for example in self.examples], dtype=np.bool_)
        self.weights = np.where(self.starter, STARTER_WEIGHT, 1.0)
        self.judged: Indices = np.flatnonzero(~self.starter) if not self.starter.all() else np.arange(len(self.chosen))
        self.width = features.width
        self._features = features
        self._workers = workers
        self._groups = [groups[int(at)] for at in self.chosen]

    def held_out(self, targets: Flags, weights: Floats, labels: Sequence[str]) -> Floats:
        """Scores, of shape (judged, K), of the judged rows by heads that have not learnt from them."""
        rows = self._workers.rows[self.chosen]
        folds = folds_over(self.judged, labels=labels, groups=self._groups, rows=rows, features=self._features)
        scores = self._workers.held_out(folds, lambda train: self._lesson(train, targets, weights), len(targets))
        return scores[self.judged]

    def head(self, targets: Flags, weights: Floats) -> LinearHead:
        """The head that has learnt from every row."""
        return self._workers.head(self._lesson(np.arange(len(self.chosen)), targets, weights))

    def _lesson(self, train: Indices, targets: Flags, weights: Floats) -> Lesson:
        return Lesson(self.chosen[train], targets[train], weights[train], COST)


@dataclass(frozen=True)
class UrgencyFit:
    """What tells the urgency, and the alarms of all N examples by models that had not learnt from them.

    `alarms` has shape (N,), and is NaN for an example of which nobody said whether it is urgent, or that was learnt
    from throughout.
    """

    urgency: Urgency
    alarms: Floats


def fit_nature(aspect: Aspect) -> tuple[LinearHead, float]:
    """The head that tells the nature, every one of which counts alike, and the temperature of its scores."""
    if not aspect.examples:
        return silent_head(aspect.width, len(NATURES)), 1.0
    names = [example.nature or NATURES[0] for example in aspect.examples]
    truth = np.array([NATURES.index(name) for name in names], dtype=np.intp)
    targets = truth[:, np.newaxis] == np.arange(len(NATURES))
    weights = evened(aspect.weights, truth, np.ones(len(NATURES)))
    held_out = aspect.held_out(targets, weights, names)
    return aspect.head(targets, weights), fit_temperature(held_out, truth[aspect.judged])


def fit_urgency(aspect: Aspect, examples: int) -> UrgencyFit:
    """Learn what is urgent; the words and the signs of danger count alike, each divided by its spread."""
    urgent = np.array([bool(example.urgent) for example in aspect.examples], dtype=np.bool_)
    dangers = np.array([example.danger for example in aspect.examples])[aspect.judged]
    if urgent.any():
        urgency, scores = _learn_urgency(aspect, urgent, dangers)
    else:
        urgency = Urgency(silent_head(aspect.width, 1), 0.0, 0.0, 0.0)
        scores = np.full(len(aspect.judged), urgency.head.intercepts[0])
    alarms = np.full(examples, np.nan)
    alarms[aspect.chosen[aspect.judged]] = add_dangers(scores, dangers, urgency.danger_weight)
    return UrgencyFit(urgency, alarms)


def _learn_urgency(aspect: Aspect, urgent: Flags, dangers: Floats) -> tuple[Urgency, Floats]:
    """What tells the urgency, and what the words of the judged rows score held out."""
    targets, weights = urgent[:, np.newaxis], evened(aspect.weights, urgent.astype(np.intp), np.ones(2))
    scores = aspect.held_out(targets, weights, [str(each) for each in urgent])[:, 0]
    danger_weight = float(scores.std() / dangers.std()) if dangers.std() else 0.0
    alarms = add_dangers(scores, dangers, danger_weight)
    if aspect.starter.all():
        levels = np.quantile(alarms[urgent], [1 - STARTER_URGENT_RECALL, 1 - STARTER_WATCHED_RECALL])
    else:
        levels = np.quantile(alarms, [1 - URGENT_SHARE, 1 - WATCHED_SHARE])
    return Urgency(aspect.head(targets, weights), danger_weight, float(levels[0]), float(levels[1])), scores
