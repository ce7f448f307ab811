"""By which days something must be done about a message, by the bureau's clocks; pure.

The day of the event is not counted (民法典第二百零一条): 1 day from Monday ends on Tuesday, 0 days on Monday itself. An
event counts on its day, however late in the evening and whether or not offices work then. A clock does not start anew
when a message changes hands, for each counts from its own event alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from triage.config import Clock
from triage.schema import Channel, DueDate, Nature
from triage.text.alternatives import Same
from triage.workdays import add_workdays, is_workday, next_workday

_EVENTS = {"received": "收到", "accepted": "受理", "transferred": "收到转送、交办"}
_UNITS = {"calendar": "日", "working": "个工作日"}
_NOT_ACCEPTED = "受理日期不明，暂从收到之日算"
_ROLLED_OVER = "期满日是休假日，顺延到节后第一个工作日"
_NOT_ROLLED_OVER = "期满日是休假日，不顺延"
_ESTIMATED = "节假日安排尚未公布，按周一至周五推算"


@dataclass(frozen=True, slots=True)
class Dates:
    """The days on which the bureau received a message, accepted it, and had it transferred to it.

    None where that is not known or did not happen; a moment given is cut to its day.
    """

    received: date
    accepted: date | None = None
    transferred: date | None = None

    def __post_init__(self) -> None:
        for event in ("received", "accepted", "transferred"):
            moment = getattr(self, event)
            # Python counts a moment among the dates, but does not compare the two.
            if isinstance(moment, datetime):
                object.__setattr__(self, event, moment.date())


def due_dates(
    clocks: Iterable[Clock],
    *,
    dates: Dates,
    channel: Channel | None,
    nature: Nature | None,
    urgent: bool,
    returned: bool,
    extended: bool = False,
) -> tuple[DueDate, ...]:
    """Every due date of a message, earliest first, one for each name.

    Among the clocks of one name whose conditions hold, the one with more conditions wins; among equals the one that
    ends earlier, then the earlier in the file. An unknown channel or nature meets no condition. `returned` is whether
    the matter is not the bureau's. With `extended`, each clock that may be extended is.

    A clock that counts from acceptance counts from receipt while there is none, which is never too late, and its
    basis says so. One that counts from transfer gives nothing without one, and so does one that would end after the
    year 9999.
    """
    return _due_dates(Same(tuple(clocks)), dates, channel, nature, urgent, returned, extended)


@lru_cache(maxsize=4096)
def _due_dates(
    clocks: Same[tuple[Clock, ...]],
    dates: Dates,
    channel: Channel | None,
    nature: Nature | None,
    urgent: bool,
    returned: bool,
    extended: bool,
) -> tuple[DueDate, ...]:
    """Many messages of a day are alike in all that their due dates depend on."""
    winners: dict[str, _Running] = {}
    for clock in clocks.value:
        if not _holds(clock, channel=channel, nature=nature, urgent=urgent, returned=returned):
            continue
        running = _run(clock, dates, extended=extended)
        if running is not None:
            # `min` keeps the first of equals, which is the earlier in the file.
            winners[clock.name] = min(winners.get(clock.name, running), running, key=_rank)
    return tuple(sorted((running.due for running in winners.values()), key=lambda due: due.day))


@dataclass(frozen=True, slots=True)
class _Running:
    """A clock whose conditions hold, with its due date."""

    clock: Clock
    due: DueDate


@dataclass(frozen=True, slots=True)
class _End:
    """The last day of a period, whether it is estimated, and how it came about if there is something to say."""

    day: date
    estimated: bool = False
    note: str = ""


def _rank(running: _Running) -> tuple[int, date]:
    return -running.clock.specificity, running.due.day


def _holds(clock: Clock, *, channel: Channel | None, nature: Nature | None, urgent: bool, returned: bool) -> bool:
    return (
        (not clock.channels or channel in clock.channels)
        and (not clock.natures or nature in clock.natures)
        and clock.urgent in (None, urgent)
        and clock.returned in (None, returned)
    )


def _run(clock: Clock, dates: Dates, *, extended: bool) -> _Running | None:
    """The clock with its due date; None where there is no event to count from, or no such day."""
    not_accepted = clock.start == "accepted" and dates.accepted is None
    start = "received" if not_accepted else clock.start
    event: date | None = getattr(dates, start)
    if event is None or not clock.valid_on(event):
        return None
    extension = clock.extension_days if extended else 0
    try:
        end = _end(clock, event, clock.days + extension)
    except OverflowError:
        return None
    notes = (
        _NOT_ACCEPTED if not_accepted else "",
        clock.extension_basis if extension else "",
        end.note,
        _ESTIMATED if end.estimated else "",
    )
    basis = _basis(clock.basis, _period(clock, start, extension), notes)
    return _Running(clock, DueDate(clock.id, clock.name, end.day, basis, end.estimated))


def _end(clock: Clock, event: date, length: int) -> _End:
    if clock.unit == "working":
        return _End(*add_workdays(event, length))
    last = event + timedelta(days=length)
    # What must be done on the day itself waits for no working day.
    if length == 0:
        return _End(last)
    if not clock.roll_over_holidays:
        return _End(last, note="" if is_workday(last) else _NOT_ROLLED_OVER)
    day, estimated = next_workday(last)
    return _End(day, estimated, "" if day == last else _ROLLED_OVER)


def _period(clock: Clock, start: str, extension: int) -> str:
    """The period in words, such as 收到之日起15日内."""
    event, unit = _EVENTS[start], _UNITS[clock.unit]
    period = f"{event}之日起{clock.days}{unit}内" if clock.days else f"{event}当日"
    return f"{period}，延长{extension}{unit}" if extension else period


def _basis(rule: str, period: str, notes: Iterable[str]) -> str:
    said = "；".join(note for note in notes if note)
    return f"{rule}：{period}（{said}）" if said else f"{rule}：{period}"
