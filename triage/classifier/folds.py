"""Folds over the messages that are judged; all others are always learnt from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from triage.classifier.model import Indices
from triage.features import Features
from triage.splits import cross_validation_folds

INNER_FOLDS = 5


@dataclass(frozen=True)
class Fold:
    """Rows to learn from, rows held out, and these as a model finds them that has never met their words."""

    train: Indices
    test: Indices
    unseen: sp.csr_matrix


def folds_over(
    judged: Indices, *, labels: Sequence[str], groups: Sequence[str], rows: sp.csr_matrix, features: Features
) -> list[Fold]:
    """Folds whose held-out rows are all of the judged, each once; twins stay on one side.

    Parameters
    ----------
    labels, groups : of all rows, learnt from and judged.
    rows : of shape (N, features.width).
    """
    return [
        Fold(train, test, features.as_unseen(rows[test], rows[train])) for train, test in _parts(judged, labels, groups)
    ]


def _parts(judged: Indices, labels: Sequence[str], groups: Sequence[str]) -> list[tuple[Indices, Indices]]:
    names = np.asarray(groups)
    judged_names = names[judged].tolist()
    n_splits = min(INNER_FOLDS, len(set(judged_names)))
    if n_splits < 2:
        return [(np.arange(len(names)), judged)]
    pairs = []
    for _, test in cross_validation_folds([labels[at] for at in judged], n_splits, 0, judged_names):
        held = judged[test]
        pairs.append((np.flatnonzero(~np.isin(names, names[held])), held))
    return pairs
