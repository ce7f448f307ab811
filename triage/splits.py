"""Part labelled messages into those to learn from and those to be judged by."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from triage.errors import InputError

Indices: TypeAlias = NDArray[np.intp]


def cross_validation_folds(
    labels: Sequence[str], n_splits: int, seed: int, groups: Sequence[str] | None = None
) -> list[tuple[Indices, Indices]]:
    """Deal the messages into folds that hold each category in like shares, and return (train, test) for each.

    Messages of one group (such as the same text sent twice) stay together. A category with fewer messages than
    folds is dealt out too, so a fold's training part may lack it. Without groups, neither the sizes of the folds
    nor their counts of a category differ by more than one. The same seed gives the same folds.

    scikit-learn's StratifiedGroupKFold warns of rare categories, and refuses where all of them are rare.

    Parameters
    ----------
    labels : N categories.
    n_splits : how many folds, at least 2.
    seed : of the shuffling.
    groups : N names; None puts each message into a group of its own.

    Returns
    -------
    Pairs of ascending row numbers; the test parts are a partition of the rows, none of them empty.

    Raises
    ------
    InputError : fewer than 2 folds, fewer groups than folds, or not one group for each label.
    """
    counts, group_of = _group_counts(labels, groups)
    _check_folds(n_splits, len(counts))
    fold_of_group = _deal(counts, n_splits, np.random.default_rng(seed))
    fold_of_row = fold_of_group[group_of]
    return [(np.flatnonzero(fold_of_row != fold), np.flatnonzero(fold_of_row == fold)) for fold in range(n_splits)]


def split_after(dates: Sequence[datetime | None], after: date) -> tuple[Indices, Indices]:
    """Return the row numbers (train, test): test came in on `after` or later, train before it.

    Undated messages go to train, for nothing says that they are new; so the figures speak of dated messages alone.
    Where undated ones were in truth written later, the figures can flatter a little. A date counts in the time zone
    that it carries.

    Raises
    ------
    InputError : either side would be empty.
    """
    is_test = np.array([moment is not None and moment.date() >= after for moment in dates], dtype=np.bool_)
    train, test = np.flatnonzero(~is_test), np.flatnonzero(is_test)
    if not (train.size and test.size):
        known = [moment.date() for moment in dates if moment is not None]
        span = f"the dates run from {min(known)} to {max(known)}" if known else "no message has a date"
        raise InputError(
            f"A split at {after} leaves {train.size} messages to learn from and {test.size} to test on; {span}.",
            fix="Choose a day after the first and not after the last message.",
        )
    return train, test


def _group_counts(labels: Sequence[str], groups: Sequence[str] | None) -> tuple[NDArray[np.int64], Indices]:
    """Return how often each group (row) has each category (column), and the group of each message."""
    if groups is not None and len(groups) != len(labels):
        raise InputError(
            f"There are {len(groups)} groups for {len(labels)} labels.", fix="Give one group for each label."
        )
    names, category_of = np.unique(np.array(labels, dtype=np.str_), return_inverse=True)
    if groups is None:
        group_of = np.arange(len(labels))
    else:
        group_of = np.unique(np.array(groups, dtype=np.str_), return_inverse=True)[1]
    counts = np.zeros((int(group_of.max(initial=-1)) + 1, len(names)), dtype=np.int64)
    np.add.at(counts, (group_of, category_of), 1)
    return counts, group_of


def _check_folds(n_splits: int, n_groups: int) -> None:
    if n_splits < 2:
        raise InputError(f"Cross-validation in {n_splits} folds leaves nothing to learn from.", fix="Use at least 2.")
    if n_groups < n_splits:
        raise InputError(
            f"{n_groups} different messages cannot be dealt into {n_splits} folds.",
            fix="Label more messages or use fewer folds.",
        )


def _deal(counts: NDArray[np.int64], n_splits: int, rng: np.random.Generator) -> Indices:
    """Give each group to the fold that is poorest in its categories; among equals, to the smallest fold."""
    totals = counts.sum(axis=0)
    held = np.zeros((n_splits, len(totals)), dtype=np.int64)
    shuffled = rng.permutation(len(counts))
    # Large groups first, while there is room to even them out; then category by category, which keeps sizes even.
    order = shuffled[np.lexsort((counts[shuffled].argmax(axis=1), -counts[shuffled].sum(axis=1)))]
    fold_of_group = np.zeros(len(counts), dtype=np.intp)
    for group in order:
        crowding = held @ (counts[group] / totals)
        fold = np.lexsort((held.sum(axis=1), crowding))[0]
        held[fold] += counts[group]
        fold_of_group[group] = fold
    return fold_of_group
