"""Heads are fitted side by side, and nobody can tell from them by how many processes."""

from __future__ import annotations

import os

import numpy as np
import pytest
import scipy.sparse as sp

from triage.classifier.folds import Fold
from triage.classifier.heads import fit_head
from triage.classifier.workers import CLASSES_A_TASK, MOST_JOBS, SMALL, Lesson, Workers, run
from triage.errors import InputError

CLASSES = 2 * CLASSES_A_TASK + 1


@pytest.fixture
def rows() -> sp.csr_matrix:
    draw = np.random.default_rng(0)
    return sp.csr_matrix(draw.random((90, 40)) * (draw.random((90, 40)) < 0.3))


@pytest.fixture
def lesson() -> Lesson:
    """Two thirds of the rows and their classes, of which the last holds for none of them."""
    train = np.arange(60)
    targets = (train[:, np.newaxis] % CLASSES) == np.arange(CLASSES)
    targets[:, -1] = False
    return Lesson(train, targets, np.linspace(0.5, 2.0, 60), 0.5)


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_head_is_that_of_all_its_classes_at_once(rows: sp.csr_matrix, lesson: Lesson, jobs: int) -> None:
    whole = fit_head(rows[lesson.train], lesson.targets, lesson.weights, cost=lesson.cost)
    head = Workers(rows, jobs).head(lesson)
    assert head.coefficients.tobytes() == whole.coefficients.tobytes()
    assert head.intercepts.tobytes() == whole.intercepts.tobytes()
    assert len(head.intercepts) == CLASSES


@pytest.mark.parametrize("jobs", [1, 2])
def test_each_fold_is_scored_by_a_head_that_has_learnt_the_lesson_of_its_training_part(
    rows: sp.csr_matrix, lesson: Lesson, jobs: int
) -> None:
    def of(train: np.ndarray[tuple[int], np.dtype[np.intp]]) -> Lesson:
        return Lesson(train, lesson.targets[train], lesson.weights[train], lesson.cost)

    parts = [np.arange(0, 60, 2), np.arange(1, 60, 2)]
    folds = [Fold(train, test, rows[test]) for train, test in (parts, parts[::-1])]
    workers = Workers(rows, jobs)
    scores = workers.held_out(folds, of, 90)
    for fold in folds:
        np.testing.assert_array_equal(scores[fold.test], workers.head(of(fold.train)).scores(fold.unseen))
    assert np.isnan(scores[60:]).all()


def test_results_come_in_the_order_of_the_tasks() -> None:
    def work(number: int) -> int:
        return 2 * number

    assert run(work, [(number,) for number in range(20)], jobs=2) == list(range(0, 40, 2))


def test_the_work_of_a_worker_that_the_system_has_ended_is_done_here() -> None:
    here = os.getpid()

    def work(number: int) -> tuple[int, int]:
        if os.getpid() != here:
            os._exit(1)
        return number, os.getpid()

    assert run(work, [(1,), (2,), (3,)], jobs=2) == [(1, here), (2, here), (3, here)]


def test_what_is_wrong_with_the_work_is_no_reason_to_do_it_again() -> None:
    def work(number: int) -> int:
        raise ValueError(f"{number} from {os.getpid()}")

    with pytest.raises(ValueError, match="from") as caught:
        run(work, [(1,), (2,)], jobs=2)
    assert not str(caught.value).endswith(str(os.getpid()))


def test_few_rows_stay_in_one_process_and_many_do_not_take_more_than_there_are_cores(rows: sp.csr_matrix) -> None:
    many = sp.csr_matrix(np.ones((1, SMALL)))
    assert Workers(rows).jobs == 1
    assert 1 <= Workers(many).jobs <= min(MOST_JOBS, os.cpu_count() or 1)
    assert (Workers(rows, 3).jobs, Workers(many, 1).jobs) == (3, 1)


def test_no_process_at_all_is_refused_in_a_sentence(rows: sp.csr_matrix) -> None:
    with pytest.raises(InputError) as caught:
        Workers(rows, 0)
    assert str(caught.value) == "A training cannot run in 0 processes. Use 1 or more."
