"""How sure the pipeline may be, and when it must ask a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

from triage.config import ReviewSettings
from triage.schema import Alternative, ReviewReason

Floats: TypeAlias = NDArray[np.float64]

CALIBRATION_BINS = 15


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


def calibration_error(confidence: Floats, right: NDArray[np.bool_]) -> float:
    """The mean distance of confidence and accuracy, in [0, 1], over 15 bins of equally many messages.

    The expected calibration error of Guo et al. (2017), with bins as Nguyen & O'Connor (2015) have them; equal
    confidences share a bin.
    """
    bins = np.searchsorted(np.sort(confidence), confidence) * CALIBRATION_BINS // len(confidence)
    gaps = np.bincount(bins, weights=right - confidence)
    return float(np.abs(gaps).sum() / len(confidence))


@dataclass(frozen=True, slots=True)
class Doubts:
    """What may make a person look at a case.

    `threshold` is the confidence from which on the predicted category is proven to need nobody, None where nothing is
    proven. `characters` counts those of the cleaned message, `jurisdictions` the counties and city-run schools that it
    speaks of. `is_ruled` says that a rule of the bureau gave the category, so that the confidence matters no more;
    `is_watched` that it may be urgent, `is_stopped` that it must be kept from whom it accuses.
    """

    threshold: float | None
    known_share: float
    characters: int
    jurisdictions: int
    is_ruled: bool = False
    is_urgent: bool = False
    is_watched: bool = False
    is_stopped: bool = False


def review_reasons(ranked: Sequence[Alternative], doubts: Doubts, settings: ReviewSettings) -> tuple[ReviewReason, ...]:
    """Why a person must look at a case, the most pressing first; empty where none need.

    The settings can only ask for more than what is proven.
    """
    first = ranked[0].confidence
    second = ranked[1].confidence if len(ranked) > 1 else 0.0
    is_guess = not doubts.is_ruled
    checks = (
        (ReviewReason.URGENT, doubts.is_urgent),
        (ReviewReason.WATCHED, doubts.is_watched and not doubts.is_urgent),
        (ReviewReason.CONFLICT, doubts.is_stopped),
        (ReviewReason.UNPROVEN, is_guess and doubts.threshold is None),
        (ReviewReason.LOW_CONFIDENCE, is_guess and first < max(doubts.threshold or 0.0, settings.min_confidence)),
        (ReviewReason.CLOSE_SECOND, is_guess and first - second < settings.min_margin),
        (ReviewReason.UNKNOWN_WORDS, is_guess and doubts.known_share < settings.min_known_share),
        (ReviewReason.SHORT_TEXT, doubts.characters < settings.min_characters),
        (ReviewReason.UNCLEAR_JURISDICTION, doubts.jurisdictions > 1),
    )
    return tuple(reason for reason, holds in checks if holds)
