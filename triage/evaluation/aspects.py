"""Figures of what is told beside the category: the automatic tier, second categories, nature, urgency and names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set

import numpy as np
from numpy.typing import NDArray

from triage.evaluation.report import (
    MatchScores,
    NameScores,
    NatureScores,
    SecondaryScores,
    TierCategory,
    TierScores,
    UrgentScores,
)
from triage.thresholds import CERTAINTY, upper_bound

URGENT_SHARE = 0.05
"""Share of the messages that a desk can look at on the day."""


def tier_scores(
    *,
    labels: Sequence[str],
    predicted: Sequence[str],
    passed: Sequence[bool],
    max_error: float,
    categories: Sequence[str],
    never: Sequence[str],
) -> TierScores:
    """How many messages pass without a person, and how many of these are wrong; `passed` says which do."""
    gone = [(label, guess) for label, guess, passes in zip(labels, predicted, passed, strict=True) if passes]
    errors = sum(label != guess for label, guess in gone)
    return TierScores(
        max_error=max_error,
        coverage=len(gone) / len(labels),
        accuracy=1 - errors / len(gone) if gone else 0.0,
        automatic=len(gone),
        errors=errors,
        error_bound=upper_bound(errors, len(gone), CERTAINTY),
        per_category=tuple(
            TierCategory(
                category,
                automatic=sum(guess == category for _, guess in gone),
                errors=sum(guess == category != label for label, guess in gone),
            )
            for category in categories
        ),
        never=tuple(never),
    )


def match_scores(wanted: Iterable[Set[str]], found: Iterable[Set[str]]) -> MatchScores:
    """Micro-averaged scores of found names against wanted ones; 0 without a denominator."""
    right = all_wanted = all_found = 0
    for one, other in zip(wanted, found, strict=True):
        right, all_wanted, all_found = right + len(one & other), all_wanted + len(one), all_found + len(other)
    return _scores(all_wanted, all_found, right, right)


def _scores(wanted: int, found: int, right_found: int, wanted_found: int) -> MatchScores:
    """`right_found` of the found are right, `wanted_found` of the wanted are found."""
    precision = right_found / found if found else 0.0
    recall = wanted_found / wanted if wanted else 0.0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return MatchScores(wanted, found, wanted_found, precision, recall, f1)


def secondary_scores(
    *,
    primary: Sequence[str],
    secondary: Sequence[Set[str]],
    predicted_primary: Sequence[str],
    predicted_secondary: Sequence[Set[str]],
) -> SecondaryScores:
    """How well second categories are found, in messages of which people have said which there are."""
    right = [at for at, (one, other) in enumerate(zip(primary, predicted_primary, strict=True)) if one == other]
    return SecondaryScores(
        messages=len(primary),
        strict=match_scores(secondary, predicted_secondary),
        where_primary_right=match_scores([secondary[at] for at in right], [predicted_secondary[at] for at in right]),
        all_touched=match_scores(
            [{first, *others} for first, others in zip(primary, secondary, strict=True)],
            [{first, *others} for first, others in zip(predicted_primary, predicted_secondary, strict=True)],
        ),
    )


def nature_scores(labels: Sequence[str], predicted: Sequence[str]) -> NatureScores:
    """F1 of each nature that occurs among labels or predictions, and their mean."""
    names = sorted({*labels, *predicted})
    pairs = list(zip(labels, predicted, strict=True))
    f1 = []
    for name in names:
        right = sum(label == guess == name for label, guess in pairs)
        total = sum(label == name for label, _ in pairs) + sum(guess == name for _, guess in pairs)
        f1.append((name, 2 * right / total))
    return NatureScores(
        messages=len(pairs),
        accuracy=sum(label == guess for label, guess in pairs) / len(pairs),
        macro_f1=sum(score for _, score in f1) / len(f1),
        f1=tuple(f1),
    )


def urgent_scores(
    urgent: Sequence[bool], alarms: Sequence[float], *, flagged: Sequence[bool], watched: Sequence[bool]
) -> UrgentScores:
    """Recall of the urgent among the messages with the highest alarm; of equal alarms, urgent ones come last."""
    truth, flags, watches = (np.asarray(each, dtype=np.bool_) for each in (urgent, flagged, watched))
    order = np.lexsort((truth, -np.asarray(alarms)))
    top = np.zeros(len(truth), dtype=np.bool_)
    top[order[: int(len(truth) * URGENT_SHARE)]] = True
    return UrgentScores(
        messages=len(truth),
        urgent=int(truth.sum()),
        share=URGENT_SHARE,
        recall=_share(top, truth),
        flagged=float(flags.mean()),
        flagged_recall=_share(flags, truth),
        watched=float(watches.mean()),
        watched_recall=_share(watches, truth),
    )


def _share(chosen: NDArray[np.bool_], of: NDArray[np.bool_]) -> float:
    return float(chosen[of].mean()) if of.any() else 0.0


def name_scores(
    *,
    places: Sequence[str],
    schools: Sequence[Sequence[str]],
    found_places: Sequence[str],
    found_schools: Sequence[Sequence[str]],
) -> NameScores:
    """How well places and schools are read; two school names meet where one is a part of the other."""
    pairs = list(zip(schools, found_schools, strict=True))
    right_found = sum(any(_meet(one, name) for name in wanted) for wanted, found in pairs for one in found)
    wanted_found = sum(any(_meet(one, name) for name in found) for wanted, found in pairs for one in wanted)
    return NameScores(
        messages=len(places),
        place_accuracy=sum(one == other for one, other in zip(places, found_places, strict=True)) / len(places),
        schools=match_scores([set(each) for each in schools], [set(each) for each in found_schools]),
        schools_overlapping=_scores(
            sum(len(wanted) for wanted, _ in pairs), sum(len(found) for _, found in pairs), right_found, wanted_found
        ),
    )


def _meet(one: str, other: str) -> bool:
    return one in other or other in one
