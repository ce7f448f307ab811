"""What clocks.toml says once it is read, and each way of spoiling it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from triage.config import Clock, check_config, load_config
from triage.schema import Channel, Nature

Edit = Callable[[str, str, str], int]
Append = Callable[[str, str], int]
CLOCK = '[[clock]]\nid = "new"\nname = "回访"\ndays = 1\nunit = "working"\nstart = "received"\nbasis = "规定"\n'


def sentences(folder: Path) -> list[str]:
    return [str(problem) for problem in check_config(folder)]


def test_a_clock_is_read_with_all_that_it_says(folder: Path, append: Append) -> None:
    append(
        "clocks.toml",
        CLOCK + 'channels = ["phone"]\nnatures = ["inquiry", "report"]\nurgent = true\nreturned = false\n'
        'extension_days = 2\nextension_basis = "经批准"\nvalid_from = 2026-01-01\nvalid_until = 2026-12-31\n',
    )
    assert load_config(folder).clocks[-1] == Clock(
        "new", "回访", 1, "working", "received", "规定", (Channel.PHONE,), (Nature.INQUIRY, Nature.REPORT), True, False,
        2, "经批准", date(2026, 1, 1), date(2026, 12, 31),
    )  # fmt: skip


def test_channels_and_natures_become_what_messages_have(folder: Path) -> None:
    mailbox = next(clock for clock in load_config(folder).clocks if clock.id == "mailbox")
    assert [type(channel) for channel in mailbox.channels] == [Channel]


def test_a_clock_without_conditions_is_for_all(folder: Path, append: Append) -> None:
    append("clocks.toml", CLOCK + "channels = []\n")
    clock = load_config(folder).clocks[-1]
    assert (clock.channels, clock.natures, clock.urgent, clock.returned, clock.specificity) == ((), (), None, None, 0)
    assert (clock.extension_days, clock.valid_from, clock.valid_until) == (0, None, None)


def test_rolling_over_is_said_once_for_all_clocks(folder: Path, edit: Edit) -> None:
    assert not any(clock.roll_over_holidays for clock in load_config(folder).clocks)
    edit("clocks.toml", "\nroll_over_holidays = false\n", "\nroll_over_holidays = true\n")
    assert all(clock.roll_over_holidays for clock in load_config(folder).clocks)


def test_a_bureau_may_do_without_clocks(folder: Path) -> None:
    (folder / "clocks.toml").unlink()
    assert check_config(folder) == ()
    assert load_config(folder).clocks == ()


def test_a_file_without_a_clock_is_well_too(folder: Path) -> None:
    (folder / "clocks.toml").write_text("# 暂不计算\n", encoding="utf-8")
    assert load_config(folder).clocks == ()


def test_the_fingerprint_changes_with_a_clock(folder: Path, edit: Edit) -> None:
    before = load_config(folder).fingerprint
    edit("clocks.toml", "days = 13\n", "days = 10\n")
    assert load_config(folder).fingerprint != before


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("days = 1", "days = -1", "days should not be negative, but is -1. Write it like: days = 15"),
        ("days = 1", "days = 1.5", "days should be a whole number, but is 1.5. Write it like: days = 15"),
        ("days = 1", "days = true", "days should be a whole number, but is true. Write it like: days = 15"),
        ("days = 1", "days = 99999", "days should be at most 3660, but is 99999. Write it like: days = 15"),
        (
            'unit = "working"', 'unit = "workdays"',
            'unit should be "calendar" or "working", but is "workdays". Write it like: unit = "calendar"',
        ),
        (
            'start = "received"', 'start = "sent"',
            'start should be "received" or "accepted" or "transferred", but is "sent". '
            'Write it like: start = "received"',
        ),
        (
            "days = 1", 'days = 1\nchannels = ["phone", "fax"]',
            "channels can hold mayor_mailbox, province_platform, city_platform, letter, visit, phone, web, "
            'but holds "fax". Write it like: channels = ["mayor_mailbox", "phone"]',
        ),
        (
            "days = 1", 'days = 1\nchannels = "phone"',
            'channels should be a list of texts, but is "phone". '
            'Write it like: channels = ["mayor_mailbox", "phone"]',
        ),
        (
            "days = 1", 'days = 1\nnatures = ["praise"]',
            'natures can hold complaint, report, suggestion, inquiry, but holds "praise". '
            'Write it like: natures = ["complaint"]',
        ),
        (
            "days = 1", 'days = 1\nurgent = "是"',
            'urgent should be true or false, but is "是". Write it like: urgent = true',
        ),
        (
            "days = 1", "days = 1\nextension_days = -3",
            "extension_days should not be negative, but is -3. Write it like: extension_days = 30",
        ),
        ("days = 1", "days = 1\nchanels = []", "[[clock]] has no use for chanels. Did you mean channels?"),
        (
            "days = 1", "days = 1\nvalid_from = 2026-02-01\nvalid_until = 2026-01-01",
            "valid_until 2026-01-01 is before valid_from 2026-02-01. Put the later day last.",
        ),
    ],
)  # fmt: skip
def test_one_mistake_earns_one_sentence(
    folder: Path, append: Append, edit: Edit, old: str, new: str, sentence: str
) -> None:
    append("clocks.toml", CLOCK)
    line = edit("clocks.toml", CLOCK, CLOCK.replace(old, new))
    line += CLOCK[: CLOCK.index(old)].count("\n") + new.count("\n")
    assert sentences(folder) == [f"clocks.toml:{line}: {sentence}"]


def test_two_clocks_of_one_id(folder: Path, append: Append) -> None:
    first = append("clocks.toml", CLOCK) + 1
    second = append("clocks.toml", CLOCK) + 1
    assert sentences(folder) == [
        f"clocks.toml:{second}: Two clocks have the id new (the other in line {first}). Rename one."
    ]


def test_a_missing_key(folder: Path, append: Append) -> None:
    line = append("clocks.toml", CLOCK.replace("days = 1\n", ""))
    assert sentences(folder) == [f"clocks.toml:{line}: [[clock]] has no days. Add it, such as: days = 15"]


def test_a_setting_that_is_none_is_named_once(folder: Path, edit: Edit) -> None:
    line = edit("clocks.toml", "\nroll_over_holidays = false\n", "\nroll_over_holiday = false\n") + 1
    assert sentences(folder) == [
        f"clocks.toml:{line}: The file has no use for roll_over_holiday. Did you mean roll_over_holidays?"
    ]


def test_a_rolling_over_that_is_neither(folder: Path, edit: Edit) -> None:
    line = edit("clocks.toml", "\nroll_over_holidays = false\n", '\nroll_over_holidays = "no"\n') + 1
    assert sentences(folder) == [
        f'clocks.toml:{line}: roll_over_holidays should be true or false, but is "no". '
        "Write it like: roll_over_holidays = false"
    ]


def test_a_file_that_is_there_but_broken_is_told(folder: Path) -> None:
    (folder / "clocks.toml").write_text('[[clock]\nid = "a"\n', encoding="utf-8")
    assert sentences(folder)[0].startswith("clocks.toml:1: This is not valid TOML: ")
