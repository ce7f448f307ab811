"""How sure the pipeline may be, and when it must ask a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

from triage.config import ReviewSettings
from triage.schema import Alternative, ReviewReason

Floats: TypeAlias = NDArray[np.float64]


def fit_temperature(scores: Floats, truth: NDArray[np.intp]) -> float:
    """The temperature that makes softmax(scores / temperature) most likely to give the truth.

    Guo et al., "On Calibration of Modern Neural Networks", ICML 2017, section 4.2; it changes no ranking.

    Parameters
    ----------
    scores : of shape (N, K), of messages that the model has not learnt from.
    truth : the columns of the true categories, of shape (N,).
    """
    rows = np.arange(len(truth))

    def loss(log_temperature: float) -> float:
        return -float(log_softmax(scores / np.exp(log_temperature), axis=1)[rows, truth].mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-5, 5), method="bounded").x))


def to_probabilities(scores: Floats, temperature: float) -> Floats:
    """Calibrated probabilities of shape (N, K); each row sums to 1."""
    return np.asarray(softmax(scores / temperature, axis=1))


def review_reasons(
    ranked: Sequence[Alternative],
    *,
    known_share: float,
    characters: int,
    jurisdictions: int,
    settings: ReviewSettings,
) -> tuple[ReviewReason, ...]:
    """Why a person must look at a case; empty where none need.

    `characters` counts those of the cleaned message, `jurisdictions` the counties and city-run schools that it speaks
    of.
    """
    second = ranked[1].confidence if len(ranked) > 1 else 0.0
    checks = (
        (ReviewReason.LOW_CONFIDENCE, ranked[0].confidence < settings.min_confidence),
        (ReviewReason.CLOSE_SECOND, ranked[0].confidence - second < settings.min_margin),
        (ReviewReason.UNKNOWN_WORDS, known_share < settings.min_known_share),
        (ReviewReason.SHORT_TEXT, characters < settings.min_characters),
        (ReviewReason.UNCLEAR_JURISDICTION, jurisdictions > 1),
    )
    return tuple(reason for reason, holds in checks if holds)
