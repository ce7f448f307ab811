"""Train the classifier from labelled examples: what is chosen is chosen on held-out messages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import numpy as np

from triage.classifier.aspects import Aspect, fit_nature, fit_urgency
from triage.classifier.examples import Example
from triage.classifier.folds import Fold, folds_over
from triage.classifier.heads import Flags, Floats, LinearHead, evened, silent_head
from triage.classifier.model import Indices, PetitionClassifier, above
from triage.classifier.workers import Lesson, Workers
from triage.confidence import fit_temperature, to_probabilities
from triage.errors import InputError
from triage.features import Document, Features, fit_features

Progress: TypeAlias = Callable[[str, float], None]
"""Told what is being done, and the share that is done, in [0, 1]."""

STARTER_WEIGHTS = (2.0, 1.0, 4.0)
"""Weights of a starter message against one of the bureau's own, to choose among; the first unless another is proven."""
MANY_OWN = 2_000
"""Own messages from which on a starter weight that does not do better on the first fold is given up at once."""
COST = 0.5
"""Penalty of an error, the C of the support vector machine."""
OUT_OF_SCOPE_WEIGHT = 0.4
"""What the matters that are not the bureau's count against each category of its own: to send one of its own letters
back is worse than to look at one letter too many."""
STARTER_OUT_OF_SCOPE_WEIGHT = 2.0
"""The same where there is the starter corpus alone: it holds fewer such matters, by far, than any mailbox."""
OUT_OF_SCOPE_SCALE = 100.0
"""Own labels of such matters by which all but 1/e of the way from the second weight to the first is gone."""


def out_of_scope_weight(own: int) -> float:
    """What the matters that are not the bureau's count, where `own` of its own labels are of them."""
    left = np.exp(-own / OUT_OF_SCOPE_SCALE)
    return float(OUT_OF_SCOPE_WEIGHT + (STARTER_OUT_OF_SCOPE_WEIGHT - OUT_OF_SCOPE_WEIGHT) * left)


@dataclass(frozen=True, slots=True)
class FitSummary:
    """How the training went: what was chosen on held-out messages, and how many messages there were."""

    examples: int
    starter_examples: int
    starter_weight: float


@dataclass(frozen=True)
class HeldOut:
    """What the bureau's own messages were predicted to be by models that had not learnt from them.

    The N messages stand in the order in which they were given, without the starter messages. `probabilities` has shape
    (N, K) in the order of the classifier's categories, `truth` the columns of the labels, and messages of one group
    are copies of each other. `alarms`, of shape (N,), are made as `Urgency` makes them, of the words' held-out scores
    and the signs of danger; NaN where nobody said whether the message is urgent. N is 0 where there is the starter
    corpus alone.
    """

    probabilities: Floats
    truth: Indices
    groups: tuple[str, ...]
    alarms: Floats


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
    jobs: int | None = None,
    progress: Progress = lambda what, share: None,
) -> Fit:
    """Train on labelled examples; the same examples in the same order give the same classifier, to the bit.

    The weight of the starter messages and the temperature are chosen on held-out messages of the bureau's own
    (of the starter corpus where there are no others). Every category counts alike, whatever its number
    of examples.

    Parameters
    ----------
    categories : ids in the order of the taxonomy; one without an example is never predicted.
    out_of_scope : ids of the matters that are not the bureau's.
    unlabelled : documents to learn a latent space from.
    groups : one name for each example; those of one name are held out together.
    jobs : processes to use; None takes the cores that there are where that is faster. No result depends on it.

    Raises
    ------
    InputError : fewer than two categories have examples, or an example has a category that is not among them.
    """
    known = _with_examples(categories, examples)
    progress("features", 0.0)
    features = fit_features([example.document for example in examples], unlabelled)
    names = groups if groups is not None else [str(at) for at in range(len(examples))]
    rows = features.transform([example.document for example in examples])
    trainer = _Trainer(examples, known, out_of_scope, features, Workers(rows, jobs), names)
    choice = trainer.choose(progress)
    progress("second categories", 0.65)
    temperature = fit_temperature(choice.held_out[trainer.judged], trainer.truth[trainer.judged])
    secondary, secondary_threshold = trainer.fit_secondary(choice)
    progress("nature and urgency", 0.85)
    nature, nature_temperature = fit_nature(trainer.aspect([example.nature is not None for example in examples]))
    urgency = fit_urgency(trainer.aspect([example.urgent is not None for example in examples]), len(examples))
    progress("final fit", 0.95)
    classifier = PetitionClassifier(
        categories=known,
        out_of_scope=out_of_scope,
        features=features,
        primary=trainer.fit(choice.starter_weight),
        temperature=temperature,
        secondary=secondary,
        secondary_threshold=secondary_threshold,
        nature=nature,
        nature_temperature=nature_temperature,
        urgency=urgency.urgency,
    )
    progress("done", 1.0)
    summary = FitSummary(len(examples), int(trainer.starter.sum()), choice.starter_weight)
    return Fit(classifier, summary, trainer.own_held_out(choice, temperature, urgency.alarms))


def _with_examples(categories: Sequence[str], examples: Sequence[Example]) -> tuple[str, ...]:
    """The categories of which there are examples, in their order."""
    counts = Counter(example.primary for example in examples)
    strange = [category for category in counts if category not in categories]
    if strange:
        raise InputError(
            f"{sum(counts[each] for each in strange)} examples have a category that there is not: "
            f"{', '.join(map(repr, strange))}.",
            fix=f"Use one of: {', '.join(categories)}.",
        )
    if len(counts) < 2:
        raise InputError(
            f"There are examples of {len(counts)} of the {len(categories)} categories.",
            fix="Label messages of at least two.",
        )
    return tuple(category for category in categories if category in counts)


@dataclass(frozen=True, slots=True)
class _Choice:
    """A weight of the starter messages, with the scores that the messages got under it, of shape (N, K).

    Of messages that were not held out they are NaN.
    """

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
        workers: Workers,
        groups: Sequence[str],
    ) -> None:
        column = {category: at for at, category in enumerate(categories)}
        self.features = features
        self.workers = workers
        self.categories = categories
        self.in_scope = np.array([category not in out_of_scope for category in categories])
        self.truth: Indices = np.array([column[example.primary] for example in examples], dtype=np.intp)
        self.starter = np.array([example.starter for example in examples])
        self.judged: Indices = np.flatnonzero(~self.starter) if not self.starter.all() else np.arange(len(examples))
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
        self._folds = folds_over(self.judged, labels=labels, groups=groups, rows=workers.rows, features=features)

    def aspect(self, known: Sequence[bool]) -> Aspect:
        """What it takes to learn something else of the messages of which it is `known`."""
        return Aspect(self._examples, self.features, self.workers, np.asarray(known, dtype=np.bool_), self._groups)

    def own_held_out(self, choice: _Choice, temperature: float, alarms: Floats) -> HeldOut:
        """What the bureau's own messages were predicted to be, held out."""
        own = np.flatnonzero(~self.starter)
        return HeldOut(
            to_probabilities(choice.held_out[own], temperature),
            self.truth[own],
            tuple(self._groups[int(at)] for at in own),
            alarms[own],
        )

    def choose(self, progress: Progress) -> _Choice:
        """The starter weight that does best on the held-out messages of the bureau's own.

        The first weight stays unless another is better by more than the standard error of the figure (Breiman et al.,
        "Classification and Regression Trees", 1984, section 3.4.3): what lies within it is chance.
        """
        mixed = self.starter.any() and not self.starter.all()
        usual, *others = STARTER_WEIGHTS if mixed else (1.0,)
        progress("choosing the starter weight", 0.1)
        first = self._try(usual, self._folds)
        score = self._score(first, self.judged)
        error = np.sqrt(score * (1 - score) / len(self.judged))
        tried = [first]
        for weight in others:
            progress("choosing the starter weight", 0.25 + 0.4 * len(tried) / len(STARTER_WEIGHTS))
            if len(self.judged) < MANY_OWN or self._does_better_at_first(weight, first, error):
                tried.append(self._try(weight, self._folds))
        best = max(tried, key=lambda choice: self._score(choice, self.judged))
        return best if self._score(best, self.judged) - score > error else first

    def _does_better_at_first(self, starter_weight: float, than: _Choice, error: float) -> bool:
        """Whether a weight does better on the first fold by as much as it would have to on all of them."""
        fold = self._folds[0]
        return self._score(self._try(starter_weight, [fold]), fold.test) - self._score(than, fold.test) > error

    def _try(self, starter_weight: float, folds: Sequence[Fold]) -> _Choice:
        lesson = partial(self._lesson, starter_weight=starter_weight)
        return _Choice(starter_weight, self.workers.held_out(folds, lesson, len(self.truth)))

    def _score(self, choice: _Choice, judged: Indices) -> float:
        """The mean of accuracy and of recall averaged over the categories: neither the many nor the few decide."""
        truth = self.truth[judged]
        right = choice.held_out[judged].argmax(axis=1) == truth
        recalls = [right[truth == category].mean() for category in np.unique(truth)]
        return float((right.mean() + np.mean(recalls)) / 2)

    def fit(self, starter_weight: float) -> LinearHead:
        """The head that tells the primary category."""
        return self.workers.head(self._lesson(np.arange(len(self.truth)), starter_weight))

    def _lesson(self, train: Indices, starter_weight: float) -> Lesson:
        weights = np.where(self.starter[train], starter_weight, 1.0)
        truth = self.truth[train]
        own_out_of_scope = int((~self.starter[train] & ~self.in_scope[truth]).sum())
        weights = evened(weights, truth, np.where(self.in_scope, 1.0, out_of_scope_weight(own_out_of_scope)))
        return Lesson(train, truth[:, np.newaxis] == np.arange(len(self.categories)), weights, COST)

    def fit_secondary(self, choice: _Choice) -> tuple[LinearHead, float]:
        """The head that tells every category a message touches, and the threshold above which it is believed."""
        known = np.flatnonzero(self._knows_second)
        if not known.size:
            return silent_head(self.features.width, len(self.categories)), 0.0

        def lesson(train: Indices) -> Lesson:
            return self._second_lesson(train[self._knows_second[train]], choice.starter_weight)

        held_out = self.workers.held_out(self._folds, lesson, len(self.truth))
        judged = self.judged[self._knows_second[self.judged] & self.in_scope[self.truth[self.judged]]]
        primary = choice.held_out[judged].argmax(axis=1)
        wanted = self._second[judged] & (np.arange(len(self.categories)) != self.truth[judged][:, np.newaxis])
        threshold = _best_threshold(held_out[judged], primary, wanted, self.in_scope)
        return self.workers.head(lesson(known)), threshold

    def _second_lesson(self, train: Indices, starter_weight: float) -> Lesson:
        weights = np.where(self.starter[train], starter_weight, 1.0)
        targets = self._second[train]
        targets = targets & ~targets.all(axis=0)  # what every message touches was never told apart from anything
        return Lesson(train, targets, weights, COST)


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
