"""The gate: whether a challenger may take the champion's place, and why.

Both models are asked about the same cases, of none of which either has learnt. A challenger must show that it is not
worse; it need not show that it is better, for what it learnt last is what people decided last.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri
from scipy.stats import binom

from triage.confidence import calibration_error
from triage.config import GateSettings

Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]
Indices: TypeAlias = NDArray[np.intp]

RISK = 0.05
"""How often chance alone may make a worse challenger seem not worse, or an equal one seem worse."""
NEWEST = 200
"""The newest cases are looked at by themselves too: the next letters will be like them."""
URGENT_SHARE, WATCHED_SHARE = 0.05, 0.15
"""Shares of the cases, by their alarm, that a desk takes for urgent and that a person sees first."""
_DRAWS = 200


@dataclass(frozen=True, slots=True)
class Check:
    """One question that the gate asks, the figures of both models, and the answer.

    `subject` is the category that is asked about, empty where it is not one alone. `champion`, `challenger` and
    `limit` are shares in [0, 1] or counts; None where there is no such figure. `p` is the probability that chance alone
    would show as much.
    """

    name: str
    passed: bool
    subject: str = ""
    cases: int = 0
    champion: float | None = None
    challenger: float | None = None
    limit: float | None = None
    p: float | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate decided of a challenger: it is promoted where every check passed.

    `champion` is the version that it was compared with, empty where there was none; `judged` the number of held-out
    cases, `since` and `until` the days of the oldest and the newest of them (ISO dates, empty where they have none).
    """

    champion: str
    judged: int
    since: str
    until: str
    checks: tuple[Check, ...]

    @property
    def promoted(self) -> bool:
        """Whether every check passed."""
        return all(check.passed for check in self.checks)


@dataclass(frozen=True)
class Answers:
    """What a model says of N cases that it has not learnt from.

    `probabilities` has shape (N, K), `alarms` shape (N,), NaN where it was not asked how urgent the case is.
    """

    probabilities: Floats
    alarms: Floats


@dataclass(frozen=True)
class Cases:
    """What people decided of N cases, the newest first.

    `truth` holds the columns of their categories, `urgent` whether people called them urgent, and `knows_urgent`
    whether anybody said.
    """

    truth: Indices
    urgent: Flags
    knows_urgent: Flags


def compare(
    cases: Cases, champion: Answers, challenger: Answers, *, categories: Sequence[str], settings: GateSettings
) -> tuple[Check, ...]:
    """Ask whether the challenger is worse than the champion on the same cases.

    - `overall`: that its accuracy is lower by `settings.overall` or more must be refuted, at `RISK`, by the score test
      for paired proportions (Tango, "Equivalence test and confidence interval for the difference in proportions for
      the paired-sample design", Statistics in Medicine 17, 1998). Of few cases no more is asked than they could show if
      both models answered them all alike.
    - `newest` and, for each category with cases, `category`: it must not have lost more than the margin, on balance,
      of the cases that the champion got right, unless chance alone would do so (exact sign test, one-sided).
    - `seen_first` and `urgent`: of the urgent cases, those among the `WATCHED_SHARE` with the highest alarm, which a
      person sees first, must not become fewer; those among the `URGENT_SHARE` neither, unless by chance. Both models
      are given the same shares, for a lower threshold alone makes none of them better.
    - `calibration`: its expected calibration error is at most what a model that is too sure by just
      `settings.calibration` would show in one of 20 samples of this size.
    """
    before, after = _right(champion, cases.truth), _right(challenger, cases.truth)
    checks = [_overall(before, after, settings.overall), _newest(before, after, settings.overall)]
    for column, name in enumerate(categories):
        own = cases.truth == column
        if own.any():
            checks.append(_lost("category", before[own], after[own], settings.category, subject=name))
    checks.extend(_urgency(cases, champion, challenger))
    checks.append(_calibration(champion, challenger, before, after, settings.calibration))
    return tuple(checks)


def kept(name: str, forgotten: int, of: int) -> Check:
    """That nothing of `of` things which the champion knows was forgotten; `name` is `labels` or `categories`."""
    return Check(name, passed=forgotten == 0, champion=of, challenger=of - forgotten, limit=of)


def relabelled(changed: int, of: int, margin: float) -> Check:
    """That few of the labels which the champion learnt have changed: many would be a slip, such as a shifted column."""
    share = changed / of if of else 0.0
    return Check("relabelled", share <= margin, cases=of, challenger=share, limit=margin)


def not_worse(won: int, lost: int, cases: int, margin: float) -> float:
    """The p-value of Tango's score test against a loss of `margin` or more; small where the loss is refuted.

    Parameters
    ----------
    won, lost : cases that only the challenger, only the champion got right.
    margin : in (0, 1), a share of all `cases`.
    """
    middle = (won + lost) * (1 + margin) + 2 * margin * (cases - won)
    root = np.sqrt(max(middle**2 - 8 * cases * lost * margin * (1 + margin), 0.0))
    loss = (middle + root) / (4 * cases)  # the most likely share lost, were the challenger worse by just the margin
    spread = np.sqrt(max(2 * loss - margin - margin**2, 0.0) / cases)
    gap = (won - lost) / cases + margin
    if spread == 0:
        return 0.0 if gap > 0 else 1.0
    return float(ndtr(-gap / spread))


def _right(answers: Answers, truth: Indices) -> Flags:
    return np.asarray(answers.probabilities.argmax(axis=1) == truth)


def _overall(champion: Flags, challenger: Flags, asked: float) -> Check:
    margin = max(asked, _least_refuted(len(champion)))
    p = not_worse(int((challenger & ~champion).sum()), int((champion & ~challenger).sum()), len(champion), margin)
    return _share_check("overall", p < RISK, champion, challenger, margin, p)


def _least_refuted(cases: int) -> float:
    """The loss that can just be refuted where the models differ on none of so many cases."""
    enough = float(ndtri(1 - RISK)) ** 2 * (1 + 1e-9)
    return enough / (cases + enough)


def _newest(champion: Flags, challenger: Flags, margin: float) -> Check:
    return _lost("newest", champion[:NEWEST], challenger[:NEWEST], margin)


def _lost(name: str, champion: Flags, challenger: Flags, margin: float, subject: str = "") -> Check:
    won, lost = int((challenger & ~champion).sum()), int((champion & ~challenger).sum())
    p = _sign_test(won, lost)
    passed = lost - won <= margin * len(champion) or p >= RISK
    return _share_check(name, passed, champion, challenger, margin, p, subject)


def _sign_test(won: int, lost: int) -> float:
    """How often chance alone would lose as many or more of the cases on which the two models differ."""
    return float(binom.sf(lost - 1, won + lost, 0.5)) if won + lost else 1.0


def _share_check(
    name: str, passed: bool, champion: Flags, challenger: Flags, margin: float, p: float, subject: str = ""
) -> Check:
    before, after = float(champion.mean()), float(challenger.mean())
    return Check(name, passed, subject, len(champion), before, after, max(before - margin, 0.0), p)


def _urgency(cases: Cases, champion: Answers, challenger: Answers) -> Iterator[Check]:
    asked = cases.knows_urgent & ~np.isnan(champion.alarms) & ~np.isnan(challenger.alarms)
    urgent = cases.urgent[asked]
    if not urgent.any():
        return
    before, after = (_highest(each.alarms[asked], urgent, WATCHED_SHARE)[urgent] for each in (champion, challenger))
    seen = float(before.mean()), float(after.mean())
    yield Check("seen_first", bool(after.sum() >= before.sum()), "", len(before), *seen, limit=seen[0])
    before, after = (_highest(each.alarms[asked], urgent, URGENT_SHARE)[urgent] for each in (champion, challenger))
    yield _lost("urgent", before, after, 0.0)


def _highest(alarms: Floats, urgent: Flags, share: float) -> Flags:
    """Which cases are among the share with the highest alarm; of equal alarms, urgent ones come last."""
    top = np.zeros(len(alarms), dtype=np.bool_)
    top[np.lexsort((urgent, -alarms))[: int(len(alarms) * share)]] = True
    return top


def _calibration(champion: Answers, challenger: Answers, before: Flags, after: Flags, bound: float) -> Check:
    confidence = challenger.probabilities.max(axis=1)
    limit = _by_chance(confidence, bound)
    error = calibration_error(confidence, after)
    return Check(
        "calibration",
        passed=error <= limit,
        cases=len(after),
        champion=calibration_error(champion.probabilities.max(axis=1), before),
        challenger=error,
        limit=limit,
    )


def _by_chance(confidence: Floats, too_sure: float) -> float:
    """The calibration error that a model which is too sure by so much exceeds in one of 20 samples."""
    draws = np.random.default_rng(0).random((_DRAWS, len(confidence))) < confidence - too_sure
    return float(np.quantile([calibration_error(confidence, draw) for draw in draws], 1 - RISK))
