"""Which days offices work on, and where a count of them ends."""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.workdays import CountedDay, add_workdays, is_published, is_workday, next_workday

LAST_YEAR = max(chinese_calendar.holidays).year
PUBLISHED = st.dates(date(2004, 1, 1), date(LAST_YEAR, 12, 28))
ANY_DAY = st.dates(max_value=date(9999, 1, 1))


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 9, 30), True),  # Wednesday before National Day
        (date(2026, 10, 1), False),
        (date(2026, 10, 7), False),  # Wednesday, the last day off
        (date(2026, 10, 10), True),  # Saturday, made up
        (date(2026, 10, 11), False),  # Sunday
        (date(2025, 1, 26), True),  # Sunday, made up
        (date(2024, 2, 9), True),  # Chinese New Year's Eve, no holiday in that year
        (date(2025, 1, 28), False),  # Chinese New Year's Eve, a holiday since 2025
        (date(2018, 12, 31), False),  # Monday off by the arrangement for 2019
    ],
)
def test_holidays_and_made_up_weekends(day: date, works: bool) -> None:
    assert is_workday(day) is works


@pytest.mark.parametrize("day", [date(1999, 10, 1), date(2099, 10, 1)], ids=["before", "after"])
def test_where_nothing_is_published_monday_to_friday_count_and_the_answer_says_so(day: date) -> None:
    assert not is_published(day)
    week = [day + timedelta(days=ahead) for ahead in range(7)]
    assert [is_workday(each) for each in week] == [each.isoweekday() <= 5 for each in week]
    assert add_workdays(day, 1).estimated


def test_a_count_that_runs_into_what_is_not_published_is_estimated() -> None:
    # 6 Dec lies before all that could end after the 28th, whatever the weekdays.
    assert not add_workdays(date(LAST_YEAR, 12, 6), 10).estimated
    assert add_workdays(date(LAST_YEAR, 12, 20), 10).estimated


def test_the_last_days_of_december_may_still_be_moved_by_the_next_arrangement() -> None:
    assert is_published(date(LAST_YEAR, 12, 28))
    assert not is_published(date(LAST_YEAR, 12, 29))
    assert is_published(date(LAST_YEAR - 1, 12, 31))


def test_no_days_are_the_day_itself_even_a_day_off() -> None:
    assert add_workdays(date(2026, 10, 1), 0) == CountedDay(date(2026, 10, 1), estimated=False)


def test_the_next_working_day_may_be_today_or_a_made_up_saturday() -> None:
    assert next_workday(date(2026, 9, 30)).day == date(2026, 9, 30)
    assert next_workday(date(2023, 9, 29)).day == date(2023, 10, 7)


def test_a_count_below_none_is_refused() -> None:
    with pytest.raises(ValueError, match="count must not be negative, but is -1"):
        add_workdays(date(2026, 9, 1), -1)


def test_a_count_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(OverflowError):
        add_workdays(date(9999, 12, 30), 5)


@given(PUBLISHED)
def test_where_all_is_published_the_library_says_the_same(day: date) -> None:
    assert is_workday(day) == chinese_calendar.is_workday(day)


@given(ANY_DAY, st.integers(min_value=1, max_value=40))
def test_the_days_counted_are_the_working_days_passed(day: date, count: int) -> None:
    end = add_workdays(day, count).day
    passed = [day + timedelta(days=ahead) for ahead in range(1, (end - day).days + 1)]
    assert sum(map(is_workday, passed)) == count
    assert is_workday(end)


@given(ANY_DAY, st.integers(min_value=0, max_value=20), st.integers(min_value=0, max_value=20))
def test_counting_on_from_where_a_count_ended_is_counting_both(day: date, one: int, other: int) -> None:
    first = add_workdays(day, one)
    second = add_workdays(first.day, other)
    assert add_workdays(day, one + other) == CountedDay(second.day, first.estimated or second.estimated)
