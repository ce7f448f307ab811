"""Heads fitted side by side in worker processes; what they learn does not depend on how many there are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import scipy.sparse as sp
from joblib import Parallel, cpu_count, delayed

from triage.classifier.folds import Fold
from triage.classifier.heads import Flags, Floats, LinearHead, fit_head
from triage.classifier.model import Indices
from triage.errors import InputError

MOST_JOBS = 4
"""Workers at most where nobody says how many: each holds a copy of the rows that it learns from."""
SMALL = 400_000
"""Values in the rows below which a training takes less time than workers take to start."""
CLASSES_A_TASK = 3
"""Classes of a head that are fitted in one piece of work."""

Result = TypeVar("Result")


@dataclass(frozen=True)
class Lesson:
    """What a head is to learn: some of the rows, which classes hold for each, and what each counts.

    `train` holds n row numbers, `targets` is of shape (n, K), `weights` of shape (n,), and `cost` is the penalty of an
    error.
    """

    train: Indices
    targets: Flags
    weights: Floats
    cost: float

    def parts(self) -> list[Lesson]:
        """The same for a few of the classes at a time, in their order."""
        count = -(-self.targets.shape[1] // CLASSES_A_TASK)
        return [
            Lesson(self.train, targets, self.weights, self.cost)
            for targets in np.array_split(self.targets, count, axis=1)
        ]


class Workers:
    """Fit heads on some rows, of shape (N, features).

    Parameters
    ----------
    jobs : processes to use, 1 to stay in this one; None takes as many as the process may use cores, at most
        `MOST_JOBS`, and 1 where the rows are few.

    Raises
    ------
    InputError : fewer than one job.
    """

    def __init__(self, rows: sp.csr_matrix, jobs: int | None = None) -> None:
        if jobs is not None and jobs < 1:
            raise InputError(f"A training cannot run in {jobs} processes.", fix="Use 1 or more.")
        self.rows = rows
        self.jobs = jobs or (1 if rows.nnz < SMALL else min(cpu_count(), MOST_JOBS))

    def head(self, lesson: Lesson) -> LinearHead:
        """The head that learns the lesson."""
        parts = run(_fit, [(self.rows, part) for part in lesson.parts()], self.jobs)
        return LinearHead(
            np.concatenate([part.coefficients for part in parts]), np.concatenate([part.intercepts for part in parts])
        )

    def held_out(self, folds: Sequence[Fold], lesson: Callable[[Indices], Lesson], count: int) -> Floats:
        """The scores, of shape (count, K), of rows by heads that have not met them; NaN for those of no fold.

        `lesson` is what there is to learn from the rows of a fold's training part.
        """
        parts = [lesson(fold.train).parts() for fold in folds]
        tasks = [(self.rows, part, fold.unseen) for fold, some in zip(folds, parts, strict=True) for part in some]
        found = iter(run(_fit_and_score, tasks, self.jobs))
        scores = np.full((count, sum(part.targets.shape[1] for part in parts[0])), np.nan)
        for fold, some in zip(folds, parts, strict=True):
            scores[fold.test] = np.hstack([next(found) for _ in some])
        return scores


def run(work: Callable[..., Result], tasks: Sequence[tuple[Any, ...]], jobs: int) -> list[Result]:
    """The results of the work on each task, in their order; `work` must be a function of a module."""
    if jobs > 1 and len(tasks) > 1:
        try:
            # Large arrays go to the workers as memory-mapped files.
            return list(Parallel(n_jobs=jobs, backend="loky", batch_size=1)(delayed(work)(*task) for task in tasks))
        except BrokenProcessPool:
            pass  # the system ended a worker, for want of memory as a rule: one process needs less
    return [work(*task) for task in tasks]


def _fit(rows: sp.csr_matrix, lesson: Lesson) -> LinearHead:
    return fit_head(rows[lesson.train], lesson.targets, lesson.weights, cost=lesson.cost)


def _fit_and_score(rows: sp.csr_matrix, lesson: Lesson, unseen: sp.csr_matrix) -> Floats:
    return _fit(rows, lesson).scores(unseen)
