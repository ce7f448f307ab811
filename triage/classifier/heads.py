"""Linear heads over the features: one score per class."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import TypeAlias

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.svm import LinearSVC

Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]

TOLERANCE = 0.01
"""How near a machine must come to the best one. That is ten times as near as liblinear itself asks for, and takes two
thirds of the time of scikit-learn's 0.0001; the scores differ by a thousandth."""

_ALONE = Lock()
"""The random numbers of liblinear are those of the whole process: machines fitted in two threads would mix them up."""


@dataclass(frozen=True)
class LinearHead:
    """One score per class: coefficients of shape (K, features), intercepts of shape (K,)."""

    coefficients: Floats
    intercepts: Floats

    def scores(self, rows: sp.csr_matrix) -> Floats:
        """Scores of shape (N, K)."""
        # Sparse times dense adds up row by row: a score does not depend on its batch.
        return np.asarray(rows @ self.coefficients.T) + self.intercepts


def fit_head(rows: sp.csr_matrix, targets: Flags, weights: Floats, *, cost: float) -> LinearHead:
    """One binary support vector machine per class; a class that holds always or never gets a constant.

    Parameters
    ----------
    targets : which classes hold for which rows, of shape (N, K).
    weights : of the rows, of shape (N,).
    cost : penalty of an error, the C of the support vector machine.
    """
    coefficients = np.zeros((targets.shape[1], rows.shape[1]))
    intercepts = np.full(targets.shape[1], -1.0)
    for at in range(targets.shape[1]):
        wanted = targets[:, at]
        if wanted.any() and wanted.all():  # all() alone holds for no rows at all
            intercepts[at] = 1.0
        elif wanted.any():
            machine = LinearSVC(C=cost, tol=TOLERANCE, random_state=0)
            with _ALONE:
                machine.fit(rows, wanted, sample_weight=weights)
            coefficients[at], intercepts[at] = machine.coef_[0], machine.intercept_[0]
    return LinearHead(coefficients, intercepts)


def silent_head(width: int, classes: int) -> LinearHead:
    """A head that says no to every class."""
    return LinearHead(np.zeros((classes, width)), np.full(classes, -1.0))


def evened(weights: Floats, classes: NDArray[np.intp], shares: Floats) -> Floats:
    """Weights of rows, rescaled so that the classes count as `shares` of their mean, however many rows each has."""
    totals = np.bincount(classes, weights=weights, minlength=len(shares))
    wanted = shares * totals[totals > 0].mean()
    return np.asarray(weights * (wanted / np.where(totals > 0, totals, 1.0))[classes])
