"""What was found in the months: figures beside those of the year before, alarms, and whether to retrain."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from triage.drift.months import Month
from triage.evaluation import Interval

RECENT = 3
"""Only alarms of the last months with letters can call for retraining: what has passed, has passed."""


class Figure(StrEnum):
    """What is compared from month to month."""

    MIX = "mix"
    UNKNOWN = "unknown_words"
    CONFIDENCE = "confidence"
    REVIEWED = "reviewed"
    ACCEPTED = "accepted"
    OVERCONFIDENCE = "overconfidence"


class Basis(StrEnum):
    """What a month was compared with."""

    YEAR_BEFORE = "year_before"
    EARLIER = "earlier_months"
    ITSELF = "itself"
    NOTHING = "nothing"


class Finding(StrEnum):
    """What came of a comparison."""

    STEADY = "steady"
    ALARM = "alarm"
    TOO_FEW = "too_few"


class Verdict(StrEnum):
    """Whether to retrain."""

    RETRAIN = "retrain"
    KEEP = "keep"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Shift:
    """A category's share of the letters, in [0, 1]; `is_proven` says that it changed by more than chance explains."""

    category: str
    now: float
    before: float | None = None
    is_proven: bool = False

    @property
    def change(self) -> float:
        """By how much the share has grown; 0 where nothing is known of before."""
        return 0.0 if self.before is None else self.now - self.before


@dataclass(frozen=True, slots=True)
class Comparison:
    """A figure of a month and of what it is compared with, in [0, 1]; None where there are no letters for it.

    Of the mix, `now` is the Jensen-Shannon distance, and `shifts` are the categories, those that changed most first.
    `p` is how often chance alone would show as much, None where there are too few letters to say; `change` by how much
    the figure has changed for the worse.
    """

    figure: Figure
    finding: Finding
    basis: Basis
    now: float | None = None
    before: float | None = None
    p: float | None = None
    change: float = 0.0
    shifts: tuple[Shift, ...] = ()

    @property
    def proven(self) -> tuple[Shift, ...]:
        """The categories that make an alarm of the mix."""
        return tuple(each for each in self.shifts if each.is_proven)


@dataclass(frozen=True, slots=True)
class ComparedMonth:
    """A month with its comparisons, one of each figure.

    `usual` is the number of letters in the same month of the year before, else the mean of all earlier months, by
    `basis`; None where there is neither.
    """

    month: Month
    basis: Basis
    usual: float | None
    acceptance: Interval | None
    comparisons: tuple[Comparison, ...]

    def __getitem__(self, figure: Figure) -> Comparison:
        return next(each for each in self.comparisons if each.figure is figure)

    @property
    def alarms(self) -> tuple[Comparison, ...]:
        """What has changed for the worse."""
        return tuple(each for each in self.comparisons if each.finding is Finding.ALARM)


@dataclass(frozen=True, slots=True)
class DriftReport:
    """The months in their order, none left out between the first and the last, and whether to retrain.

    `together` are the last months with letters taken as one, in which also a small change shows that lasts; None where
    there is but one.
    """

    months: tuple[ComparedMonth, ...]
    together: ComparedMonth | None
    verdict: Verdict

    @property
    def compared(self) -> tuple[ComparedMonth, ...]:
        """The months, and the last ones together."""
        return self.months if self.together is None else (*self.months, self.together)

    @property
    def recent(self) -> tuple[ComparedMonth, ...]:
        """The last months with letters, and these together, by which the verdict is given."""
        last = tuple(each for each in self.months if each.month.messages)[-RECENT:]
        return last if self.together is None else (*last, self.together)
