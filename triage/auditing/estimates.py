"""What held-out probabilities say of labels: how far each is to be trusted, and how many are wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from triage.errors import MissingExtraError

Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]
Indices: TypeAlias = NDArray[np.intp]


@dataclass(frozen=True)
class Estimates:
    """What is to be thought of N labels of K categories.

    `trust` has shape (N,), in [0, 1]: the lower, the more suspicious. `flagged`, of shape (N,), are those that belong
    to another category with confidence. `wrong`, of shape (K,), counts the wrong ones among the labels of each.
    """

    trust: Floats
    flagged: Flags
    wrong: Indices


def require_cleanlab() -> None:
    """Refuse before the long work where cleanlab is missing.

    Raises
    ------
    MissingExtraError : it is not installed.
    """
    try:
        import cleanlab  # noqa: F401
    except ImportError as error:
        raise MissingExtraError("cleanlab", extra="audit", needed_for="Looking for wrong labels") from error


def estimate(probabilities: Floats, labels: Indices) -> Estimates:
    """Judge labels by the probabilities that models gave to them which had not learnt from them.

    Confident learning (Northcutt, Jiang & Chuang, "Confident Learning: Estimating Uncertainty in Dataset Labels", JAIR
    70, 2021): trust is the self-confidence, the flagged stand off the diagonal of the confident joint, and its
    calibrated counts are the numbers of wrong labels. What the models alone get wrong is counted too.

    Parameters
    ----------
    probabilities : of shape (N, K).
    labels : the columns of the labels, of shape (N,); at least two different ones.
    """
    from cleanlab.count import compute_confident_joint
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores

    counts = np.asarray(compute_confident_joint(labels, probabilities), dtype=np.intp)
    return Estimates(
        trust=np.asarray(get_label_quality_scores(labels, probabilities, method="self_confidence")),
        flagged=np.asarray(find_label_issues(labels, probabilities, filter_by="confident_learning", n_jobs=1)),
        wrong=counts.sum(axis=1) - counts.diagonal(),
    )
