"""What is learnt of a message beside its category: its nature, and whether it is urgent."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp

from triage.classifier.examples import Example
from triage.classifier.folds import folds_over
from triage.classifier.heads import Flags, Floats, LinearHead, evened, fit_head, silent_head
from triage.classifier.model import NATURES, Indices, Urgency
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
    """The rows of which something is known, and the folds that hold them out: the bureau's own, else the starter's."""

    def __init__(
        self,
        examples: Sequence[Example],
        features: Features,
        rows: sp.csr_matrix,
        known: Flags,
        groups: Sequence[str],
    ) -> None:
        chosen = np.flatnonzero(known)
        self.examples = [examples[int(at)] for at in chosen]
        self.rows = rows[chosen]
        self.starter = np.array([example.starter for example in self.examples], dtype=np.bool_)
        self.weights = np.where(self.starter, STARTER_WEIGHT, 1.0)
        self.judged: Indices = np.flatnonzero(~self.starter) if not self.starter.all() else np.arange(len(chosen))
        self._features = features
        self._groups = [groups[int(at)] for at in chosen]

    def held_out(self, targets: Flags, weights: Floats, labels: Sequence[str]) -> Floats:
        """Scores, of shape (N, K), of the judged rows by heads that have not learnt from them; NaN for the others."""
        scores = np.full(targets.shape, np.nan)
        folds = folds_over(self.judged, labels=labels, groups=self._groups, rows=self.rows, features=self._features)
        for fold in folds:
            head = fit_head(self.rows[fold.train], targets[fold.train], weights[fold.train], cost=COST)
            scores[fold.test] = head.scores(fold.unseen)
        return scores


def fit_nature(aspect: Aspect) -> tuple[LinearHead, float]:
    """The head that tells the nature, every one of which counts alike, and the temperature of its scores."""
    if not aspect.examples:
        return silent_head(aspect.rows.shape[1], len(NATURES)), 1.0
    names = [example.nature or NATURES[0] for example in aspect.examples]
    truth = np.array([NATURES.index(name) for name in names], dtype=np.intp)
    targets = truth[:, np.newaxis] == np.arange(len(NATURES))
    weights = evened(aspect.weights, truth, np.ones(len(NATURES)))
    held_out = aspect.held_out(targets, weights, names)
    temperature = fit_temperature(held_out[aspect.judged], truth[aspect.judged])
    return fit_head(aspect.rows, targets, weights, cost=COST), temperature


def fit_urgency(aspect: Aspect) -> Urgency:
    """Learn what is urgent; the words and the signs of danger count alike, each divided by its spread."""
    urgent = np.array([bool(example.urgent) for example in aspect.examples], dtype=np.bool_)
    if not urgent.any():
        return Urgency(silent_head(aspect.rows.shape[1], 1), 0.0, 0.0, 0.0)
    targets, weights = urgent[:, np.newaxis], evened(aspect.weights, urgent.astype(np.intp), np.ones(2))
    scores = aspect.held_out(targets, weights, [str(each) for each in urgent])[aspect.judged, 0]
    dangers = np.array([example.danger for example in aspect.examples])[aspect.judged]
    danger_weight = float(scores.std() / dangers.std()) if dangers.std() else 0.0
    alarms = scores + danger_weight * dangers
    if aspect.starter.all():
        levels = np.quantile(alarms[urgent], [1 - STARTER_URGENT_RECALL, 1 - STARTER_WATCHED_RECALL])
    else:
        levels = np.quantile(alarms, [1 - URGENT_SHARE, 1 - WATCHED_SHARE])
    return Urgency(
        fit_head(aspect.rows, targets, weights, cost=COST), danger_weight, float(levels[0]), float(levels[1])
    )
