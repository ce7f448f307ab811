"""The gate: whether a challenger may take the champion's place, and why."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """One question that the gate asks, the figures of both models, and the answer.

    `champion`, `challenger` and `limit` are in [0, 1] or counts; None where there is no such figure.
    """

    name: str
    champion: float | None
    challenger: float | None
    limit: float | None
    passed: bool
    why: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate decided of a challenger: it is promoted where every check passed.

    `champion` is the version that it was compared with, empty where there was none; `judged` the number of held-out
    cases, from the day `since` on (ISO date, empty where they have no dates).
    """

    champion: str
    judged: int
    since: str
    promoted: bool
    checks: tuple[Check, ...]
