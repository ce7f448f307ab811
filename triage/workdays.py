"""China's working days: weekends, public holidays and the weekend days worked to make up for them.

The State Council publishes each year's arrangement late in the year before; the library `chinesecalendar` holds them
from 2004 on. Where none is known, Monday to Friday are taken as working days and the answer says that it is estimated.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

_DAY = timedelta(days=1)
_FRIDAY = 4
# A new year's arrangement may reach back into the last days of December: to the 29th in 2007 and 2018.
_SETTLED_UNTIL = (12, 28)


class CountedDay(NamedTuple):
    """The day that a count ends on; `estimated` where it went over days whose arrangement is not known."""

    day: date
    estimated: bool


@dataclass(frozen=True, slots=True)
class _Arrangements:
    """All that is published: days off, weekend days worked, and the first and last day for which they are settled."""

    holidays: frozenset[date]
    worked_weekends: frozenset[date]
    first: date
    last: date


def is_workday(day: date) -> bool:
    """Whether offices work on that day; by the weekday alone where its arrangement is not known."""
    known = _arrangements()
    return day in known.worked_weekends or (day.weekday() <= _FRIDAY and day not in known.holidays)


def is_published(day: date) -> bool:
    """Whether the State Council's arrangement for that day is known and settled."""
    known = _arrangements()
    return known.first <= day <= known.last


def add_workdays(day: date, count: int) -> CountedDay:
    """The `count`th working day after `day`, which is not counted itself; `day` for a count of 0.

    Raises
    ------
    ValueError : the count is negative.
    OverflowError : the count goes beyond the year 9999.
    """
    if count < 0:
        raise ValueError(f"count must not be negative, but is {count}")
    estimated = False
    for _ in range(count):
        day, guessed = next_workday(day + _DAY)
        estimated = estimated or guessed
    return CountedDay(day, estimated)


def next_workday(day: date) -> CountedDay:
    """The day itself if it is a working day, else the first one after it.

    Raises
    ------
    OverflowError : there is none before the end of the year 9999.
    """
    estimated = not is_published(day)
    while not is_workday(day):
        day += _DAY
        estimated = estimated or not is_published(day)
    return CountedDay(day, estimated)


@cache
def _arrangements() -> _Arrangements:
    # Its own `is_workday` searches the whole table for its limits at each call.
    from chinese_calendar import holidays, workdays

    return _Arrangements(
        holidays=frozenset(holidays),
        worked_weekends=frozenset(workdays),
        first=date(min(holidays).year, 1, 1),
        last=date(max(holidays).year, *_SETTLED_UNTIL),
    )
