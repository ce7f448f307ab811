"""Folds over the messages that are judged; all others are always learnt from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from triage.classifier.model import Indices
from triage.splits import cross_validation_folds

INNER_FOLDS = 5


def folds_over(judged: Indices, *, labels: Sequence[str], groups: Sequence[str]) -> list[tuple[Indices, Indices]]:
    """Pairs of rows to learn from and rows held out, which are all of the judged; twins stay on one side.

    Parameters
    ----------
    labels, groups : of all rows, learnt from and judged.
    """
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
