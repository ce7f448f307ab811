"""Train the classifier from labelled examples: what is chosen is chosen on held-out messages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from triage.classifier.aspects import Aspect, fit_nature, fit_urgency
from triage.classifier.examples import Example
from triage.classifier.folds import folds_over
from triage.classifier.heads import Flags, Floats, LinearHead, evened, fit_head, silent_head
from triage.classifier.model import Indices, PetitionClassifier, above
from triage.confidence import fit_temperature, to_probabilities
from triage.errors import InputError
from triage.features import Document, Features, fit_features

Progress: TypeAlias = Callable[[str, float], None]
"""Told what is being done, and the share that is done, in [0, 1]."""

STARTER_WEIGHTS = (2.0, 1.0, 4.0)
"""Weights of a starter message against one of the bureau's own, to choose among; the first unless another is proven."""
COST = 0.5
"""Penalty of an error, the C of the support vector machine."""
OUT_OF_SCOPE_WEIGHT = 0.4
"""What the matters that are not the bureau's count against each category of its own: to send one of its own letters
back is worse than to look at one letter too many."""
STARTER_OUT_OF_SCOPE_WEIGHT = 2.0
"""The same where there is the starter corpus alone: it holds fewer such matters, by far, than any mailbox."""


@dataclass(frozen=True, slots=True)
class FitSummary:
    """How the training went: what was chosen on held-out messages, and how many messages there were."""

    examples: int
    starter_examples: int
    starter_weight: float


@dataclass(frozen=True)
class HeldOut:
    """What the bureau's own messages were predicted to be by models that had not learnt from them.

    `probabilities` has shape (N, K) in the order of the classifier's categories, `truth` the columns of the labels,
    and messages of one group are copies of each other. N is 0 where there is the starter corpus alone.
    """

    probabilities: Floats
    truth: Indices
    groups: tuple[str, ...]


@dataclass(frozen=True)
class Fit:
    """A trained classifier, how the training went, and the held-out predictions by which it can be judged."""

    classifier: PetitionClassifier
    summary: FitSummary
    held_out: HeldOut


def fit_classifier(
    examples: Sequence[Example],
    *,
    categories: Sequence[str],
    out_of_scope: frozenset[str] = frozenset(),
    unlabelled: Sequence[Document] = (),
    groups: Sequence[str] | None = None,
    progress: Progress = lambda what, share: None,
) -> Fit:
    """Train on labelled examples; the same examples in the same order give the same classifier.

    The weight of the starter messages and the temperature are chosen on held-out messages of the bureau's own
    (of the starter corpus where there are no others). Every category counts alike, whatever its number
    of examples.

    Parameters
    ----------
    categories : ids in the order of the taxonomy; one without an example is never predicted.
    out_of_scope : ids of the matters that are not the bureau's.
    unlabelled : documents to learn a latent space from.
    groups : one name for each example; those of one name are held out together.

    Raises
    ------
    InputError : fewer than two categories have examples.
    """
    known = tuple(category for category in categories if any(example.primary == category for example in examples))
    if len(known) < 2:
        raise InputError(
            f"There are examples of {len(known)} of the {len(categories)} categories.",
            fix="Label messages of at least two.",
        )
    progress("features", 0.0)
    features = fit_features([example.document for example in examples], unlabelled)
    names = groups if groups is not None else [str(at) for at in range(len(examples))]
    trainer = _Trainer(examples, known, out_of_scope, features, names)
    choice = trainer.choose(progress)
    progress("final fit", 0.9)
    temperature = fit_temperature(choice.held_out[trainer.judged], trainer.truth[trainer.judged])
    secondary, secondary_threshold = trainer.fit_secondary(choice)
    nature, nature_temperature = fit_nature(trainer.aspect([example.nature is not None for example in examples]))
    urgency = fit_urgency(trainer.aspect([example.urgent is not None for example in examples]))
    classifier = PetitionClassifier(
        categories=known,
        out_of_scope=out_of_scope,
        features=features,
        primary=trainer.fit(trainer.everything, choice.starter_weight),
        temperature=temperature,
        secondary=secondary,
        secondary_threshold=secondary_threshold,
        nature=nature,
        nature_temperature=nature_temperature,
        urgency=urgency,
    )
    progress("done", 1.0)
    summary = FitSummary(len(examples), int(trainer.starter.sum()), choice.starter_weight)
    return Fit(classifier, summary, trainer.own_held_out(choice, temperature))


@dataclass(frozen=True, slots=True)
class _Choice:
    """A weight of the starter messages, with the scores that held-out messages got under it, of shape (N, K)."""

    starter_weight: float
    held_out: Floats


class _Trainer:
    """The rows and labels of one training, and the fits made on them."""

    def __init__(
        self,
        examples: Sequence[Example],
        categories: tuple[str, ...],
        out_of_scope: frozenset[str],
        features: Features,
        groups: Sequence[str],
    ) -> None:
        column = {category: at for at, category in enumerate(categories)}
        self.features = features
        self.rows = features.transform([example.document for example in examples])
        self.categories = categories
        self.in_scope = np.array([category not in out_of_scope for category in categories])
        self.truth: Indices = np.array([column[example.primary] for example in examples], dtype=np.intp)
        self.starter = np.array([example.starter for example in examples])
        self.everything: Indices = np.arange(len(examples))
        self.judged: Indices = np.flatnonzero(~self.starter) if not self.starter.all() else self.everything
        self._second = np.array(
            [
                [example.primary == name or name in (example.secondary or ()) for name in categories]
                for example in examples
            ]
        )
        self._knows_second = np.array([example.secondary is not None for example in examples])
        self._examples = examples
        self._groups = groups
        labels = [example.primary for example in examples]
        self._folds = folds_over(self.judged, labels=labels, groups=groups, rows=self.rows, features=features)

    def aspect(self, known: Sequence[bool]) -> Aspect:
        """What it takes to learn something else of the messages of which it is `known`."""
        return Aspect(self._examples, self.features, self.rows, np.asarray(known, dtype=np.bool_), self._groups)

    def own_held_out(self, choice: _Choice, temperature: float) -> HeldOut:
        """What the bureau's own messages were predicted to be, held out."""
        own = np.flatnonzero(~self.starter)
        return HeldOut(
            to_probabilities(choice.held_out[own], temperature),
            self.truth[own],
            tuple(self._groups[int(at)] for at in own),
        )

    def choose(self, progress: Progress) -> _Choice:
        """The starter weight that does best on the held-out messages of the bureau's own.

        The first weight stays unless another is better by more than the standard error of the figure (Breiman et al.,
        "Classification and Regression Trees", 1984, section 3.4.3): what lies within it is chance.
        """
        mixed = self.starter.any() and not self.starter.all()
        tried: list[_Choice] = []
        for weight in STARTER_WEIGHTS if mixed else (1.0,):
            progress("choosing the starter weight", 0.1 + 0.8 * len(tried) / len(STARTER_WEIGHTS))
            tried.append(self._try(weight))
        best = max(tried, key=self._held_out_score)
        usual = self._held_out_score(tried[0])
        error = np.sqrt(usual * (1 - usual) / len(self.judged))
        return best if self._held_out_score(best) - usual > error else tried[0]

    def _try(self, starter_weight: float) -> _Choice:
        held_out = np.full((len(self.truth), len(self.categories)), -1.0)
        for fold in self._folds:
            held_out[fold.test] = self.fit(fold.train, starter_weight).scores(fold.unseen)
        return _Choice(starter_weight, held_out)

    def _held_out_score(self, choice: _Choice) -> float:
        """The mean of accuracy and of recall averaged over the categories: neither the many nor the few decide."""
        truth = self.truth[self.judged]
        right = choice.held_out[self.judged].argmax(axis=1) == truth
        recalls = [right[truth == category].mean() for category in np.unique(truth)]
        return float((right.mean() + np.mean(recalls)) / 2)

    def fit(self, train: Indices, starter_weight: float) -> LinearHead:
        """The head that tells the primary category."""
        weights = np.where(self.starter[train], starter_weight, 1.0)
        truth = self.truth[train]
        out_of_scope_weight = STARTER_OUT_OF_SCOPE_WEIGHT if self.starter.all() else OUT_OF_SCOPE_WEIGHT
        weights = evened(weights, truth, np.where(self.in_scope, 1.0, out_of_scope_weight))
        targets = truth[:, np.newaxis] == np.arange(len(self.categories))
        return fit_head(self.rows[train], targets, weights, cost=COST)

    def fit_secondary(self, choice: _Choice) -> tuple[LinearHead, float]:
        """The head that tells every category a message touches, and the threshold above which it is believed."""
        known = np.flatnonzero(self._knows_second)
        if not known.size:
            return silent_head(self.rows.shape[1], len(self.categories)), 0.0
        held_out = np.full(self._second.shape, -np.inf)
        for fold in self._folds:
            train = fold.train[self._knows_second[fold.train]]
            held_out[fold.test] = self._fit_second(train, choice.starter_weight).scores(fold.unseen)
        judged = self.judged[self._knows_second[self.judged] & self.in_scope[self.truth[self.judged]]]
        primary = choice.held_out[judged].argmax(axis=1)
        wanted = self._second[judged] & (np.arange(len(self.categories)) != self.truth[judged][:, np.newaxis])
        threshold = _best_threshold(held_out[judged], primary, wanted, self.in_scope)
        return self._fit_second(known, choice.starter_weight), threshold

    def _fit_second(self, train: Indices, starter_weight: float) -> LinearHead:
        weights = np.where(self.starter[train], starter_weight, 1.0)
        targets = self._second[train]
        targets = targets & ~targets.all(axis=0)  # what every message touches was never told apart from anything
        return fit_head(self.rows[train], targets, weights, cost=COST)


def _best_threshold(scores: Floats, primary: Indices, wanted: Flags, in_scope: Flags) -> float:
    """The threshold with the highest micro-F1 of the second categories; 0 where none finds any."""
    best, best_f1 = 0.0, 0.0
    for threshold in np.linspace(-1.0, 0.5, 31):
        chosen = above(scores, primary, float(threshold), in_scope)
        total = chosen.sum() + wanted.sum()
        f1 = 2 * (chosen & wanted).sum() / total if total else 0.0
        if f1 > best_f1:
            best, best_f1 = float(threshold), float(f1)
    return best
