"""Splits: folds that are even and leak nothing, and a cut in time that says what it cannot do."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.errors import InputError
from triage.splits import cross_validation_folds, split_after

CATEGORIES = ("fees", "pay", "ethics", "enrollment", "not_edu")

many_labels = st.lists(st.sampled_from(CATEGORIES), min_size=8, max_size=80)


@settings(max_examples=80, deadline=None)
@given(labels=many_labels, n_splits=st.integers(2, 8), seed=st.integers(0, 99))
def test_folds_part_the_messages_evenly_in_size_and_in_every_category(
    labels: list[str], n_splits: int, seed: int
) -> None:
    folds = cross_validation_folds(labels, n_splits, seed)
    assert len(folds) == n_splits
    assert sorted(np.concatenate([test for _, test in folds]).tolist()) == list(range(len(labels)))
    for train, test in folds:
        assert sorted([*train.tolist(), *test.tolist()]) == list(range(len(labels)))
    sizes = [len(test) for _, test in folds]
    assert max(sizes) - min(sizes) <= 1
    held = [Counter(labels[row] for row in test) for _, test in folds]
    for category in CATEGORIES:
        counts = [counter[category] for counter in held]
        assert max(counts) - min(counts) <= 1


@settings(max_examples=80, deadline=None)
@given(
    rows=st.lists(st.tuples(st.sampled_from(CATEGORIES), st.integers(0, 30)), min_size=10, max_size=80),
    seed=st.integers(0, 99),
)
def test_messages_of_one_text_are_never_parted(rows: list[tuple[str, int]], seed: int) -> None:
    labels = [label for label, _ in rows]
    groups = [f"text {number}" for _, number in rows]
    if len(set(groups)) < 3:
        groups[:3] = ["x", "y", "z"]
    folds = cross_validation_folds(labels, 3, seed, groups=groups)
    for train, test in folds:
        assert len(test)
        assert not {groups[row] for row in train} & {groups[row] for row in test}


def test_a_large_group_is_evened_out_by_the_other_folds() -> None:
    labels = ["fees"] * 10 + ["fees"] * 20
    groups = ["the same letter"] * 10 + [f"letter {number}" for number in range(20)]
    sizes = [len(test) for _, test in cross_validation_folds(labels, 3, 0, groups=groups)]
    assert sizes == [10, 10, 10]


def test_a_large_group_of_one_category_does_not_crowd_out_another() -> None:
    labels = ["fees"] * 9 + ["pay"] * 3
    groups = ["the same letter"] * 9 + ["letter 1", "letter 2", "letter 3"]
    folds = cross_validation_folds(labels, 3, 0, groups=groups)
    assert [sum(labels[row] == "pay" for row in test) for _, test in folds] == [1, 1, 1]


def test_rare_categories_are_dealt_out_without_a_warning() -> None:
    folds = cross_validation_folds(["fees"] * 50 + ["pay"] * 2 + ["ethics"], 5, 0)
    rare = sorted(len([row for row in test if row >= 50]) for _, test in folds)
    assert rare == [0, 0, 1, 1, 1]
    only_rare = cross_validation_folds(["fees", "pay", "ethics", "fees", "pay"], 5, 0)
    assert [len(test) for _, test in only_rare] == [1] * 5


def test_the_seed_decides_the_folds() -> None:
    labels = ["fees", "pay"] * 20
    tests = [[test.tolist() for _, test in cross_validation_folds(labels, 4, seed)] for seed in (1, 1, 2)]
    assert tests[0] == tests[1] != tests[2]


@pytest.mark.parametrize(
    ("labels", "n_splits", "groups", "sentence"),
    [
        (["a"] * 3, 1, None, "Cross-validation in 1 folds leaves nothing to learn from. Use at least 2."),
        (
            ["a"] * 3,
            5,
            None,
            "3 different messages cannot be dealt into 5 folds. Label more messages or use fewer folds.",
        ),
        (
            ["a"] * 6,
            3,
            ["x", "y"] * 3,
            "2 different messages cannot be dealt into 3 folds. Label more messages or use fewer folds.",
        ),
        (["a"] * 3, 2, ["x"], "There are 1 groups for 3 labels. Give one group for each label."),
        ([], 2, None, "0 different messages cannot be dealt into 2 folds. Label more messages or use fewer folds."),
    ],
)
def test_folds_that_cannot_be_are_refused(
    labels: list[str], n_splits: int, groups: list[str] | None, sentence: str
) -> None:
    with pytest.raises(InputError) as caught:
        cross_validation_folds(labels, n_splits, 0, groups=groups)
    assert str(caught.value) == sentence


def test_a_split_in_time_learns_from_before_the_day_and_from_undated_messages() -> None:
    dates = [datetime(2024, 5, 1), None, datetime(2024, 4, 30, 23, 59), datetime(2024, 6, 2), datetime(2023, 1, 1)]
    train, test = split_after(dates, date(2024, 5, 1))
    assert (train.tolist(), test.tolist()) == ([1, 2, 4], [0, 3])


def test_a_split_in_time_reads_the_day_in_the_time_zone_of_the_date() -> None:
    evening = datetime(2024, 4, 30, 17, tzinfo=UTC)
    dates = [evening, evening.astimezone(timezone(timedelta(hours=8)))]
    train, test = split_after(dates, date(2024, 5, 1))
    assert (train.tolist(), test.tolist()) == ([0], [1])


@pytest.mark.parametrize(
    ("dates", "counts"),
    [
        (
            [datetime(2024, 1, 2), datetime(2024, 3, 4)],
            "2 messages to learn from and 0 to test on; the dates run from 2024-01-02 to 2024-03-04.",
        ),
        (
            [datetime(2025, 1, 2)],
            "0 messages to learn from and 1 to test on; the dates run from 2025-01-02 to 2025-01-02.",
        ),
        ([None, None], "2 messages to learn from and 0 to test on; no message has a date."),
        ([], "0 messages to learn from and 0 to test on; no message has a date."),
    ],
)
def test_a_split_with_an_empty_side_is_refused(dates: list[datetime | None], counts: str) -> None:
    with pytest.raises(InputError) as caught:
        split_after(dates, date(2024, 5, 1))
    advice = "Choose a day after the first and not after the last message."
    assert str(caught.value) == f"A split at 2024-05-01 leaves {counts} {advice}"
