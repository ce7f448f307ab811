"""The figures of a version that its manifest keeps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from triage.evaluation import EvaluationReport, Interval


@dataclass(frozen=True, slots=True)
class Metrics:
    """How good a version was on `n` messages that it had not learnt from, with intervals of `confidence_level`.

    `method` says how they were held out. All figures are in [0, 1]; what the labels say nothing of is None. The recall
    of the urgent ones is that of what is flagged, and of what a person sees first.
    """

    n: Annotated[int, Meta(ge=1)]
    method: str
    confidence_level: Annotated[float, Meta(gt=0, lt=1)]
    accuracy: Interval
    in_scope_accuracy: Interval | None
    macro_f1: Interval
    calibration_error: Annotated[float, Meta(ge=0, le=1)]
    urgent_flagged_recall: Interval | None = None
    urgent_watched_recall: Interval | None = None

    @classmethod
    def of(cls, report: EvaluationReport) -> Metrics:
        """The figures of an evaluation that are kept.

        The intervals of the recall of the urgent ones are exact (Clopper & Pearson, 1934): they are few.
        """
        urgent, level = report.urgent, report.confidence_level
        known = urgent is not None and urgent.urgent > 0
        return cls(
            n=report.n,
            method=report.method,
            confidence_level=level,
            accuracy=report.accuracy,
            in_scope_accuracy=report.in_scope_accuracy,
            macro_f1=report.macro_f1,
            calibration_error=report.expected_calibration_error,
            urgent_flagged_recall=_share(urgent.flagged_recall, urgent.urgent, level) if urgent and known else None,
            urgent_watched_recall=_share(urgent.watched_recall, urgent.urgent, level) if urgent and known else None,
        )

    @property
    def intervals(self) -> tuple[Interval, ...]:
        """All figures that have an interval."""
        found = (
            self.accuracy,
            self.in_scope_accuracy,
            self.macro_f1,
            self.urgent_flagged_recall,
            self.urgent_watched_recall,
        )
        return tuple(each for each in found if each is not None)


def _share(value: float, of: int, level: float) -> Interval:
    from scipy.stats import binomtest

    exact = binomtest(round(value * of), of).proportion_ci(confidence_level=level, method="exact")
    return Interval(value, min(float(exact.low), value), max(float(exact.high), value))
