"""The classifier: linear support vectors over the features, with calibrated confidence and second categories."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.svm import LinearSVC

from triage.confidence import fit_temperature, to_probabilities
from triage.errors import InputError
from triage.evidence import WordWeight, word_weights
from triage.features import Document, Features, fit_features
from triage.schema import Alternative
from triage.splits import cross_validation_folds

Floats: TypeAlias = NDArray[np.float64]
Indices: TypeAlias = NDArray[np.intp]
Progress: TypeAlias = Callable[[str, float], None]
"""Told what is being done, and the share that is done, in [0, 1]."""

STARTER_WEIGHTS = (2.0, 1.0, 4.0)
"""Weights of a starter message against one of the bureau's own, to choose among; the first unless another is proven."""
COST = 0.7
"""Penalty of an error, the C of the support vector machine."""
OUT_OF_SCOPE_WEIGHT = 0.3
"""What the matters that are not the bureau's count against each category of its own: to send one of its own letters
back is worse than to look at one letter too many."""
STARTER_OUT_OF_SCOPE_WEIGHT = 2.0
"""The same where there is the starter corpus alone: it holds fewer such matters, by far, than any mailbox."""
INNER_FOLDS = 5
MAX_SECONDARY = 2
SHOWN_WORDS = 8
"""Different words that evidence names, on either side."""


@dataclass(frozen=True, slots=True)
class Example:
    """A document with its label; `secondary` is None where nobody said, `starter` marks the bundled corpus."""

    document: Document
    primary: str
    secondary: tuple[str, ...] | None = None
    starter: bool = False


@dataclass(frozen=True)
class LinearHead:
    """One score per category: coefficients of shape (K, features), intercepts of shape (K,)."""

    coefficients: Floats
    intercepts: Floats

    def scores(self, rows: sp.csr_matrix) -> Floats:
        """Scores of shape (N, K)."""
        # Sparse times dense adds up row by row: a score does not depend on its batch.
        return np.asarray(rows @ self.coefficients.T) + self.intercepts


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the classifier says of one document; `words` is empty unless evidence was asked for."""

    ranked: tuple[Alternative, ...]
    secondary: tuple[str, ...]
    known_share: float
    words: tuple[WordWeight, ...]


@dataclass(frozen=True, slots=True)
class FitSummary:
    """How the training went: what was chosen on held-out messages, and how many messages there were."""

    examples: int
    starter_examples: int
    starter_weight: float
    temperature: float
    secondary_threshold: float


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

    def probabilities(self, documents: Sequence[Document]) -> Floats:
        """Calibrated probabilities of shape (N, K), in the order of `categories`."""
        return to_probabilities(self.primary.scores(self.features.transform(documents)), self.temperature)

    def predict(self, documents: Sequence[Document], *, evidence: bool = True) -> list[Outcome]:
        """What the classifier says of each document, in their order."""
        rows = self.features.transform(documents)
        probabilities = to_probabilities(self.primary.scores(rows), self.temperature)
        second = self.secondary.scores(rows)
        return [
            self._outcome(document, rows[index], probabilities[index], second[index], evidence)
            for index, document in enumerate(documents)
        ]

    def words_for(self, document: Document, category: str) -> tuple[WordWeight, ...]:
        """What each word of the document adds to the score of the category."""
        row = self.features.transform([document])
        return word_weights(self.features, document, row, self.primary.coefficients[self.categories.index(category)])

    def _outcome(
        self, document: Document, row: sp.csr_matrix, probabilities: Floats, second: Floats, evidence: bool
    ) -> Outcome:
        order = np.argsort(-probabilities, kind="stable")
        best = int(order[0])
        words: tuple[WordWeight, ...] = ()
        if evidence:
            words = word_weights(self.features, document, row, self.primary.coefficients[best], strongest=SHOWN_WORDS)
        return Outcome(
            ranked=tuple(Alternative(self.categories[at], float(probabilities[at])) for at in order),
            secondary=self._secondary(best, second),
            known_share=self.features.known_share(document),
            words=words,
        )

    def _secondary(self, primary: int, scores: Floats) -> tuple[str, ...]:
        if self.categories[primary] in self.out_of_scope:
            return ()
        chosen = _above(scores[np.newaxis], np.array([primary]), self.secondary_threshold, self._scope_mask())[0]
        order = [at for at in np.argsort(-scores, kind="stable") if chosen[at]]
        return tuple(self.categories[at] for at in order[:MAX_SECONDARY])

    def _scope_mask(self) -> NDArray[np.bool_]:
        return np.array([category not in self.out_of_scope for category in self.categories])


def fit_classifier(
    examples: Sequence[Example],
    *,
    categories: Sequence[str],
    out_of_scope: frozenset[str] = frozenset(),
    unlabelled: Sequence[Document] = (),
    groups: Sequence[str] | None = None,
    progress: Progress = lambda what, share: None,
) -> tuple[PetitionClassifier, FitSummary]:
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
    documents = [example.document for example in examples]
    features = fit_features(documents, unlabelled)
    trainer = _Trainer(examples, known, out_of_scope, features.transform(documents), groups)
    choice = trainer.choose(progress)
    progress("final fit", 0.9)
    temperature = fit_temperature(choice.held_out[trainer.judged], trainer.truth[trainer.judged])
    secondary, threshold = trainer.fit_secondary(choice)
    classifier = PetitionClassifier(
        categories=known,
        out_of_scope=out_of_scope,
        features=features,
        primary=trainer.fit(trainer.everything, choice.starter_weight),
        temperature=temperature,
        secondary=secondary,
        secondary_threshold=threshold,
    )
    starters = int(trainer.starter.sum())
    summary = FitSummary(len(examples), starters, choice.starter_weight, temperature, threshold)
    progress("done", 1.0)
    return classifier, summary


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
        rows: sp.csr_matrix,
        groups: Sequence[str] | None,
    ) -> None:
        column = {category: at for at, category in enumerate(categories)}
        self.rows = rows
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
        self._folds = _folds(examples, self.judged, groups)

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
        for train, test in self._folds:
            held_out[test] = self.fit(train, starter_weight).scores(self.rows[test])
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
        totals = np.bincount(truth, weights=weights, minlength=len(self.categories))
        out_of_scope_weight = STARTER_OUT_OF_SCOPE_WEIGHT if self.starter.all() else OUT_OF_SCOPE_WEIGHT
        share = np.where(self.in_scope, 1.0, out_of_scope_weight) * totals[totals > 0].mean()
        weights = weights * (share / np.where(totals > 0, totals, 1.0))[truth]
        targets = truth[:, np.newaxis] == np.arange(len(self.categories))
        return _fit_head(self.rows[train], targets, weights)

    def fit_secondary(self, choice: _Choice) -> tuple[LinearHead, float]:
        """The head that tells every category a message touches, and the threshold above which it is believed."""
        known = np.flatnonzero(self._knows_second)
        if not known.size:
            return _silent_head(self.rows.shape[1], len(self.categories)), 0.0
        held_out = np.full(self._second.shape, -np.inf)
        for train, test in self._folds:
            train = train[self._knows_second[train]]
            held_out[test] = self._fit_second(train, choice.starter_weight).scores(self.rows[test])
        judged = self.judged[self._knows_second[self.judged] & self.in_scope[self.truth[self.judged]]]
        primary = choice.held_out[judged].argmax(axis=1)
        wanted = self._second[judged] & (np.arange(len(self.categories)) != self.truth[judged][:, np.newaxis])
        threshold = _best_threshold(held_out[judged], primary, wanted, self.in_scope)
        return self._fit_second(known, choice.starter_weight), threshold

    def _fit_second(self, train: Indices, starter_weight: float) -> LinearHead:
        weights = np.where(self.starter[train], starter_weight, 1.0)
        targets = self._second[train]
        targets = targets & ~targets.all(axis=0)  # what every message touches was never told apart from anything
        return _fit_head(self.rows[train], targets, weights)


def _folds(examples: Sequence[Example], judged: Indices, groups: Sequence[str] | None) -> list[tuple[Indices, Indices]]:
    """Folds over the judged messages; all others, save their twins, are always learnt from."""
    names = np.array(groups if groups is not None else [str(at) for at in range(len(examples))])
    judged_names = names[judged].tolist()
    n_splits = min(INNER_FOLDS, len(set(judged_names)))
    if n_splits < 2:
        return [(np.arange(len(examples)), judged)]
    labels = [examples[at].primary for at in judged]
    pairs = []
    for _, test in cross_validation_folds(labels, n_splits, 0, judged_names):
        held = judged[test]
        pairs.append((np.flatnonzero(~np.isin(names, names[held])), held))
    return pairs


def _fit_head(rows: sp.csr_matrix, targets: NDArray[np.bool_], weights: Floats) -> LinearHead:
    """One binary support vector machine per category; a category that holds always or never gets a constant."""
    coefficients = np.zeros((targets.shape[1], rows.shape[1]))
    intercepts = np.full(targets.shape[1], -1.0)
    for at in range(targets.shape[1]):
        wanted = targets[:, at]
        if wanted.any() and wanted.all():  # all() alone holds for no rows at all
            intercepts[at] = 1.0
        elif wanted.any():
            machine = LinearSVC(C=COST, random_state=0).fit(rows, wanted, sample_weight=weights)
            coefficients[at], intercepts[at] = machine.coef_[0], machine.intercept_[0]
    return LinearHead(coefficients, intercepts)


def _silent_head(width: int, categories: int) -> LinearHead:
    return LinearHead(np.zeros((categories, width)), np.full(categories, -1.0))


def _above(scores: Floats, primary: Indices, threshold: float, in_scope: NDArray[np.bool_]) -> NDArray[np.bool_]:
    others = np.arange(scores.shape[1]) != primary[:, np.newaxis]
    return np.asarray((scores > threshold) & others & in_scope)


def _best_threshold(scores: Floats, primary: Indices, wanted: NDArray[np.bool_], in_scope: NDArray[np.bool_]) -> float:
    """The threshold with the highest micro-F1 of the second categories; 0 where none finds any."""
    best, best_f1 = 0.0, 0.0
    for threshold in np.linspace(-1.0, 0.5, 31):
        chosen = _above(scores, primary, float(threshold), in_scope)
        total = chosen.sum() + wanted.sum()
        f1 = 2 * (chosen & wanted).sum() / total if total else 0.0
        if f1 > best_f1:
            best, best_f1 = float(threshold), float(f1)
    return best
