"""By which day something must be done, and why."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.clocks import Dates, due_dates
from triage.config import Clock, load_config
from triage.schema import Channel, DueDate, Nature

CLOCKS = load_config(Path(__file__).parents[1] / "data", today=date(2026, 9, 1)).clocks
with (Path(__file__).parent / "data" / "clock_cases.csv").open(encoding="utf-8", newline="") as stream:
    CASES = list(csv.DictReader(stream))
DAY = date(2026, 9, 1)
TODAY = Dates(DAY)
DAYS = st.dates(min_value=date(2004, 1, 1), max_value=date(2100, 1, 1))
IN_FORCE = st.dates(min_value=date(2022, 5, 1), max_value=date(2100, 1, 1))
CHANNELS = st.one_of(st.none(), st.sampled_from(Channel))
NATURES = st.one_of(st.none(), st.sampled_from(Nature))


def clock(clock_id: str = "one", **values: object) -> Clock:
    return replace(Clock(clock_id, "办结", 10, "calendar", "received", "依据"), **values)  # type: ignore[arg-type]


def ask(*clocks: Clock, dates: Dates = TODAY, **facts: object) -> tuple[DueDate, ...]:
    known: dict[str, object] = {"channel": None, "nature": None, "urgent": False, "returned": False}
    return due_dates(clocks or CLOCKS, dates=dates, **(known | facts))  # type: ignore[arg-type]


def by_name(due: tuple[DueDate, ...]) -> dict[str, DueDate]:
    return {each.name: each for each in due}


# ---- days worked out by hand from the State Council's arrangements for 2023 to 2026 ----


def test_there_are_enough_cases_and_each_tells_why() -> None:
    assert len(CASES) >= 30
    assert all(case["note"] for case in CASES)
    assert {case["name"] for case in CASES} == {each.name for each in CLOCKS}


@pytest.mark.parametrize("case", CASES, ids=[case["what"] for case in CASES])
def test_a_due_date_worked_out_by_hand(case: dict[str, str]) -> None:
    def day(event: str) -> date | None:
        return date.fromisoformat(case[event]) if case[event] else None

    due = due_dates(
        [replace(each, roll_over_holidays=case["roll_over"] == "yes") for each in CLOCKS],
        dates=Dates(date.fromisoformat(case["received"]), day("accepted"), day("transferred")),
        channel=Channel(case["channel"]) if case["channel"] else None,
        nature=Nature(case["nature"]) if case["nature"] else None,
        urgent=case["urgent"] == "yes",
        returned=case["returned"] == "yes",
        extended=case["extended"] == "yes",
    )
    found = by_name(due)[case["name"]]
    assert (found.day, found.estimated) == (day("due"), case["estimated"] == "yes"), case["note"]


# ---- which clocks count ----


def test_a_letter_that_is_ours_must_be_told_of_and_finished() -> None:
    due = ask(channel=Channel.LETTER, nature=Nature.COMPLAINT)
    assert [(each.clock, each.name) for each in due] == [("accept", "受理告知"), ("finish", "办结")]


def test_what_is_not_ours_is_told_of_and_objected_to_but_never_finished() -> None:
    due = ask(dates=Dates(DAY, transferred=DAY), returned=True)
    assert [each.clock for each in due] == ["object", "redirect"]


@pytest.mark.parametrize(
    ("channel", "nature", "finish"),
    [
        (Channel.PHONE, Nature.INQUIRY, "hotline-inquiry"),
        (Channel.MAYOR_MAILBOX, Nature.INQUIRY, "hotline-inquiry"),
        (Channel.PHONE, Nature.COMPLAINT, "hotline"),
        (Channel.MAYOR_MAILBOX, Nature.REPORT, "mailbox"),
        (Channel.MAYOR_MAILBOX, None, "mailbox"),
        (Channel.VISIT, Nature.INQUIRY, "finish-others"),
        (Channel.CITY_PLATFORM, Nature.COMPLAINT, "finish"),
        (None, Nature.COMPLAINT, "finish"),
        (None, None, "finish-others"),
    ],
)
def test_each_channel_and_nature_is_finished_by_its_own_clock(
    channel: Channel | None, nature: Nature | None, finish: str
) -> None:
    assert by_name(ask(channel=channel, nature=nature))["办结"].clock == finish


def test_the_urgent_come_first() -> None:
    due = ask(channel=Channel.MAYOR_MAILBOX, urgent=True)
    assert (due[0].name, due[0].day) == ("紧急处置", DAY)
    assert [each.day for each in due] == sorted(each.day for each in due)


def test_a_condition_on_what_is_unknown_does_not_hold() -> None:
    assert ask(clock(channels=(Channel.PHONE,))) == ()
    assert ask(clock(natures=(Nature.REPORT,))) == ()


@pytest.mark.parametrize("condition", ["urgent", "returned"])
def test_a_condition_may_ask_for_yes_or_no(condition: str) -> None:
    for wanted in (True, False):
        only = clock(**{condition: wanted})
        assert len(ask(only, **{condition: wanted})) == 1
        assert ask(only, **{condition: not wanted}) == ()


def test_of_one_name_more_conditions_win_even_with_the_later_day() -> None:
    general, special = clock(days=3), clock("two", days=30, channels=(Channel.PHONE,))
    for clocks in [(general, special), (special, general)]:
        assert [each.clock for each in ask(*clocks, channel=Channel.PHONE)] == ["two"]
        assert [each.clock for each in ask(*clocks)] == ["one"]


def test_of_equals_the_earlier_day_wins_and_then_the_earlier_in_the_file() -> None:
    late, early = clock(days=30, channels=(Channel.PHONE,)), clock("two", days=3, natures=(Nature.INQUIRY,))
    for clocks in [(late, early), (early, late)]:
        assert [each.clock for each in ask(*clocks, channel=Channel.PHONE, nature=Nature.INQUIRY)] == ["two"]
    assert [each.clock for each in ask(clock("b"), clock("a"))] == ["b"]


def test_a_special_clock_that_has_nothing_to_count_from_leaves_the_general_one() -> None:
    special = clock("two", start="transferred", channels=(Channel.PHONE,))
    assert [each.clock for each in ask(clock(), special, channel=Channel.PHONE)] == ["one"]


def test_a_clock_counts_for_events_from_its_first_to_its_last_day() -> None:
    old = clock(valid_until=DAY - timedelta(days=1))
    new = clock("two", start="accepted", valid_from=DAY)
    assert [each.clock for each in ask(old, new, dates=Dates(DAY - timedelta(days=1)))] == ["one"]
    assert [each.clock for each in ask(old, new, dates=Dates(DAY))] == ["two"]
    # The event of this clock is the acceptance, whenever the message came.
    assert [each.clock for each in ask(new, dates=Dates(DAY - timedelta(days=9), accepted=DAY))] == ["two"]


def test_the_regulation_does_not_reach_back_before_it_was_in_force() -> None:
    assert "受理告知" in by_name(ask(dates=Dates(date(2022, 5, 1))))
    assert by_name(ask(dates=Dates(date(2022, 4, 30))))["受理告知"].clock == "accept-2005"
    assert "受理告知" not in by_name(ask(dates=Dates(date(2005, 4, 30))))


# ---- from which day ----


def test_without_acceptance_the_finish_counts_from_receipt_and_says_so() -> None:
    finish = by_name(ask(nature=Nature.COMPLAINT))["办结"]
    assert finish.day == DAY + timedelta(days=60)
    assert (
        finish.basis
        == "信访工作条例第三十四条：收到之日起60日内（受理日期不明，暂从收到之日算；期满日是休假日，不顺延）"
    )


def test_without_a_transfer_there_is_nothing_to_object_to() -> None:
    assert "退件异议" not in by_name(ask(returned=True))


def test_a_moment_late_at_night_counts_as_its_day() -> None:
    night = datetime(2026, 10, 1, 23, 59, 59)
    assert Dates(night, accepted=night) == Dates(date(2026, 10, 1), accepted=date(2026, 10, 1))
    assert ask(dates=Dates(night)) == ask(dates=Dates(date(2026, 10, 1)))


def test_what_would_end_after_the_calendar_gives_nothing() -> None:
    end = date(9999, 12, 30)
    assert ask(clock(), clock("two", name="受理", unit="working"), dates=Dates(end)) == ()
    assert len(ask(clock(days=1), dates=Dates(end))) == 1


# ---- in words ----


@pytest.mark.parametrize(
    ("values", "dates", "basis"),
    [
        ({"days": 15}, Dates(date(2026, 9, 1)), "依据：收到之日起15日内"),
        ({"days": 0}, Dates(date(2026, 10, 1)), "依据：收到当日"),
        ({"days": 0, "unit": "working"}, Dates(date(2026, 10, 1)), "依据：收到当日"),
        (
            {"days": 5, "unit": "working", "start": "transferred"},
            Dates(DAY, transferred=DAY),
            "依据：收到转送、交办之日起5个工作日内",
        ),
        (
            {"days": 60, "start": "accepted"},
            Dates(DAY, accepted=date(2026, 9, 2)),
            "依据：受理之日起60日内（期满日是休假日，不顺延）",
        ),
        (
            {"days": 1, "roll_over_holidays": True},
            Dates(date(2026, 10, 1)),
            "依据：收到之日起1日内（期满日是休假日，顺延到节后第一个工作日）",
        ),
        (
            {"days": 3, "unit": "working"},
            Dates(date(2099, 10, 1)),
            "依据：收到之日起3个工作日内（节假日安排尚未公布，按周一至周五推算）",
        ),
    ],
)
def test_the_basis_names_the_rule_and_how_it_was_counted(values: dict[str, object], dates: Dates, basis: str) -> None:
    assert [each.basis for each in ask(clock(**values), dates=dates)] == [basis]


def test_an_extension_is_added_where_it_may_be_and_says_what_it_asks_for() -> None:
    accepted = Dates(DAY, accepted=date(2026, 9, 3))
    extended = by_name(ask(dates=accepted, nature=Nature.COMPLAINT, extended=True))
    assert extended["办结"].day == date(2026, 9, 3) + timedelta(days=90)
    assert extended["办结"].basis == (
        "信访工作条例第三十四条：受理之日起60日内，延长30日（情况复杂，经本机关、单位负责人批准，并告知信访人延期理由）"
    )
    assert extended["受理告知"] == by_name(ask(dates=accepted, nature=Nature.COMPLAINT))["受理告知"]


# ---- always ----


@given(DAYS, DAYS, DAYS, DAYS, CHANNELS, NATURES, st.booleans(), st.booleans())
def test_a_clock_does_not_start_anew_when_a_letter_changes_hands(
    received: date,
    accepted: date,
    transferred: date,
    again: date,
    channel: Channel | None,
    nature: Nature | None,
    urgent: bool,
    extended: bool,
) -> None:
    def counted(hands: date | None) -> list[DueDate]:
        due = ask(
            dates=Dates(received, accepted, hands), channel=channel, nature=nature, urgent=urgent, extended=extended
        )
        starts = {each.id: each.start for each in CLOCKS}
        return [each for each in due if starts[each.clock] != "transferred"]

    assert counted(transferred) == counted(again) == counted(None)


@given(DAYS, CHANNELS, NATURES, st.booleans(), st.booleans(), st.booleans())
def test_due_dates_are_in_order_one_for_each_name_and_never_before_their_event(
    received: date, channel: Channel | None, nature: Nature | None, urgent: bool, returned: bool, roll_over: bool
) -> None:
    clocks = [replace(each, roll_over_holidays=roll_over) for each in CLOCKS]
    dates = Dates(received, transferred=received)
    due = ask(*clocks, dates=dates, channel=channel, nature=nature, urgent=urgent, returned=returned)
    assert [each.day for each in due] == sorted(each.day for each in due)
    assert len({each.name for each in due}) == len(due)
    assert all(each.day >= received for each in due)


@given(DAYS, st.integers(min_value=0, max_value=120))
def test_rolling_over_never_makes_a_day_earlier_and_moves_it_a_fortnight_at_most(day: date, days: int) -> None:
    (plain,) = ask(clock(days=days), dates=Dates(day))
    (rolled,) = ask(clock(days=days, roll_over_holidays=True), dates=Dates(day))
    assert timedelta(0) <= rolled.day - plain.day <= timedelta(days=14)


@given(IN_FORCE, IN_FORCE, NATURES)
def test_without_acceptance_the_finish_is_never_later_than_with_it(
    one: date, other: date, nature: Nature | None
) -> None:
    received, accepted = sorted((one, other))
    without = by_name(ask(dates=Dates(received), nature=nature))["办结"]
    assert without.day <= by_name(ask(dates=Dates(received, accepted), nature=nature))["办结"].day
