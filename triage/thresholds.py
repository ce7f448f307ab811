"""Which predictions may do without a person: thresholds under which the error is proven to be small."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit
from scipy.stats import beta, binom
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold

Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]
Indices: TypeAlias = NDArray[np.intp]

CERTAINTY = 0.95
"""With what confidence a proof holds."""
MIN_EXAMPLES = 30
"""Labelled messages below which nothing is proven of a category."""
_FOLDS = 10
_REGULARISATION = 0.3
"""The C of the model of reliability: the fewer errors a category shows, the closer it stays to the others."""
_CLOSE_TO_ONE = 1e-6


@dataclass(frozen=True, slots=True)
class Threshold:
    """From what confidence on a category may do without a person, and what that rests on.

    `confidence` is None where the category always goes to a person. `examples` counts the labelled messages of the
    category, copies once, `automatic` the held-out ones that would have gone automatically as it, `errors` those of
    them that belong to another; `error_bound` is the exact upper bound of its error alone, at `CERTAINTY`.
    """

    category: str
    confidence: float | None
    examples: int
    automatic: int
    errors: int
    error_bound: float


@dataclass(frozen=True, slots=True)
class Proof:
    """Thresholds together with the proof that the error of all that they let pass is at most `max_error`.

    `messages` counts the held-out messages that it rests on, `automatic` those of them above their thresholds and
    `errors` the wrong ones among these; `error_bound` is the exact upper bound of the error, at `certainty`.
    """

    max_error: float
    certainty: float
    messages: int
    automatic: int
    errors: int
    error_bound: float
    thresholds: tuple[Threshold, ...]

    @property
    def coverage(self) -> float:
        """Share of the held-out messages that would have gone automatically, in [0, 1]."""
        return self.automatic / self.messages if self.messages else 0.0

    def passes(self, category: str, confidence: float) -> bool:
        """Whether a prediction may do without a person."""
        least = self.threshold(category)
        return least is not None and confidence >= least

    def threshold(self, category: str) -> float | None:
        """The threshold of a category; None where it always goes to a person."""
        return next((each.confidence for each in self.thresholds if each.category == category), None)


def prove_thresholds(
    probabilities: Floats,
    truth: Indices,
    *,
    categories: Sequence[str],
    groups: Sequence[str],
    max_error: float,
    certainty: float = CERTAINTY,
) -> Proof:
    """Thresholds per category that let as many messages pass as is proven to be safe.

    How reliable a prediction is, is learnt by a logistic model of its confidence and its category, out of fold, so that
    no message tells of itself. The sets of the most reliable messages are tested from the smallest that could prove
    anything towards larger ones, each by the exact binomial tail, and the last before the first failure holds: fixed
    sequence testing, which needs no further correction (Angelopoulos et al., "Learn then Test: Calibrating Predictive
    Algorithms to Achieve Risk Control", 2021, section 3.2; the bound is that of Clopper & Pearson, 1934). What it
    assumes is that later messages are like these, and that messages of different groups are independent.

    Parameters
    ----------
    probabilities : of shape (N, K), of messages that the model has not learnt from, and that people have labelled.
    truth : the columns of the true categories, of shape (N,).
    groups : one name for each message; those of one name are copies of each other, of which one counts.
    max_error : the share of wrong ones among those that pass, in (0, 1).
    """
    predicted = probabilities.argmax(axis=1)
    _, singles = np.unique(np.asarray(groups), return_index=True)
    examples = np.bincount(truth[singles], minlength=len(categories))
    enough = examples >= MIN_EXAMPLES
    judged = np.sort(singles[enough[predicted[singles]]])
    confidence, category = probabilities.max(axis=1)[judged], predicted[judged]
    right = category == truth[judged]
    passing, least = _most_that_pass(confidence, category, right, max_error, certainty, len(categories))
    least[~enough] = np.inf
    errors = int((passing & ~right).sum())
    return Proof(
        max_error=max_error,
        certainty=certainty,
        messages=len(singles),
        automatic=int(passing.sum()),
        errors=errors,
        error_bound=upper_bound(errors, int(passing.sum()), certainty),
        thresholds=tuple(
            _threshold(name, float(least[at]), int(examples[at]), right[passing & (category == at)], certainty)
            for at, name in enumerate(categories)
        ),
    )


def upper_bound(errors: int, count: int, certainty: float) -> float:
    """The exact upper bound of a share of which `errors` of `count` were seen; 1 where nothing was."""
    return 1.0 if errors >= count else float(beta.ppf(certainty, errors + 1, count - errors))


def _threshold(category: str, least: float, examples: int, right: Flags, certainty: float) -> Threshold:
    errors = int((~right).sum())
    return Threshold(
        category=category,
        confidence=least if least < 1 and right.size else None,
        examples=examples,
        automatic=right.size,
        errors=errors,
        error_bound=upper_bound(errors, right.size, certainty),
    )


def _most_that_pass(
    confidence: Floats, category: Indices, right: Flags, max_error: float, certainty: float, categories: int
) -> tuple[Flags, Floats]:
    """Which of the held-out messages pass, of shape (N,), and from what confidence on each category does, (K,)."""
    nothing = np.zeros(len(right), dtype=np.bool_), np.full(categories, np.inf)
    if len(right) < _fewest(max_error, certainty):
        return nothing
    reliability = _held_out_reliability(confidence, category, right, categories)
    count = _proven(reliability, right, max_error, certainty)
    if not count:
        return nothing
    cut = float(np.sort(reliability)[::-1][count - 1])
    return reliability >= cut, _least_confidence(cut, _model(confidence, category, right, categories))


def _fewest(max_error: float, certainty: float) -> int:
    """How many messages without an error are needed to prove anything."""
    return int(np.ceil(np.log(1 - certainty) / np.log(1 - max_error)))


def _proven(reliability: Floats, right: Flags, max_error: float, certainty: float) -> int:
    """The size of the largest set of the most reliable messages up to which every test was passed; 0 for none."""
    order = np.argsort(-reliability, kind="stable")
    errors = np.cumsum(~right[order])
    ends = np.append(np.flatnonzero(np.diff(reliability[order])), len(order) - 1) + 1  # equal ones come in together
    ends = ends[ends >= _fewest(max_error, certainty)]
    passed: Flags = np.asarray(binom.cdf(errors[ends - 1], ends, max_error)) <= 1 - certainty
    count = len(passed) if passed.all() else int(passed.argmin())
    return int(ends[count - 1]) if count else 0


@dataclass(frozen=True, slots=True)
class _Reliability:
    """Log odds that a prediction is right: slope times the log odds of its confidence, plus its category's offset."""

    slope: float
    offsets: Floats

    def __call__(self, confidence: Floats, category: Indices) -> Floats:
        return self.slope * _log_odds(confidence) + self.offsets[category]


def _model(confidence: Floats, category: Indices, right: Flags, categories: int) -> _Reliability:
    # One right and one wrong prediction at even odds are thought to be there, so that a fold with the only error is
    # told by the same kind of model as the rest: another kind would give the error away.
    odds = np.append(_log_odds(confidence), [0.0, 0.0])
    belongs = np.concatenate([np.eye(categories)[category], np.zeros((2, categories))])
    seen = np.append(right, [True, False])
    fitted = LogisticRegression(C=_REGULARISATION, max_iter=2000).fit(np.column_stack([odds, belongs]), seen)
    return _Reliability(float(fitted.coef_[0, 0]), fitted.coef_[0, 1:] + fitted.intercept_[0])


def _held_out_reliability(confidence: Floats, category: Indices, right: Flags, categories: int) -> Floats:
    """The reliability of each prediction by a model of those in other folds, of shape (N,)."""
    found = np.zeros(len(right))
    for train, test in KFold(_FOLDS, shuffle=True, random_state=0).split(right):
        model = _model(confidence[train], category[train], right[train], categories)
        found[test] = model(confidence[test], category[test])
    return found


def _least_confidence(cut: float, model: _Reliability) -> Floats:
    """The confidence at which each category reaches the reliability `cut`, of shape (K,); infinite where never."""
    if model.slope <= 0:
        return np.full(len(model.offsets), np.inf)
    least = expit((cut - model.offsets) / model.slope)
    return np.asarray(np.where(least > 1 - _CLOSE_TO_ONE, np.inf, least))


def _log_odds(confidence: Floats) -> Floats:
    return np.asarray(logit(np.clip(confidence, _CLOSE_TO_ONE, 1 - _CLOSE_TO_ONE)))
