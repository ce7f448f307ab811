"""What a cell says: text, dates, channels."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from triage.schema import Channel
from triage.tables.cells import Cell, cell_text, message_text, read_channel, read_date


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""),
        ("007", "007"),
        (20240001.0, "20240001"),
        (0.5, "0.5"),
        (True, "TRUE"),
        (123456789012345678.0, "123456789012346000"),
        (-3.0, "-3"),
        (float("nan"), ""),
        (datetime(2024, 3, 5, 12, 1, 2), "2024-03-05 12:01:02"),
        (date(2024, 3, 5), "2024-03-05"),
        (time(3, 4), "03:04:00"),
    ],
)
def test_cell_text_is_what_excel_shows(cell: Cell, text: str) -> None:
    assert cell_text(cell) == text


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("a_x000D_\nb", "a\nb"),
        ("a_x000D_b", "a\nb"),
        ("a\r\nb\rc", "a\nb\nc"),
        (" #REF! ", ""),
        ("#VALUE!", ""),
        ("见#REF!处", "见#REF!处"),
        ("　\n", ""),
        (" 保留空格 ", " 保留空格 "),
        ("'=1+1", "'=1+1"),
    ],
)
def test_message_text_loses_the_junk_of_excel_alone(cell: Cell, text: str) -> None:
    assert message_text(cell) == text


def test_message_text_takes_the_mark_against_formulas_away_only_where_it_is_one() -> None:
    assert message_text("'=1+1", guarded=True) == "=1+1"
    assert message_text("'引用'", guarded=True) == "'引用'"


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        (datetime(2024, 3, 5, 12, 1, 2), datetime(2024, 3, 5, 12, 1, 2)),
        (date(2024, 3, 5), datetime(2024, 3, 5)),
        ("2024-03-05 12:01:02", datetime(2024, 3, 5, 12, 1, 2)),
        ("2024/3/5 8:05", datetime(2024, 3, 5, 8, 5)),
        ("2024年3月5日", datetime(2024, 3, 5)),
        ("2024年3月5日 上午9:30", datetime(2024, 3, 5, 9, 30)),
        ("2024年3月5日下午3时05分", datetime(2024, 3, 5, 15, 5)),
        ("2024年3月5日 中午12:10", datetime(2024, 3, 5, 12, 10)),
        ("2024年3月5日 凌晨12:10", datetime(2024, 3, 5, 0, 10)),
        ("2024/3/5 1:02:03 PM", datetime(2024, 3, 5, 13, 2, 3)),
        ("2024.3.5", datetime(2024, 3, 5)),
        ("２０２４－０３－０５", datetime(2024, 3, 5)),
        ("20240305", datetime(2024, 3, 5)),
        (20240305.0, datetime(2024, 3, 5)),
        ("20240305 1201", datetime(2024, 3, 5, 12, 1)),
        ("2024-03-05T12:01:02", datetime(2024, 3, 5, 12, 1, 2)),
        ("2024-03-05T12:01:02Z", datetime(2024, 3, 5, 20, 1, 2)),
        ("2024-03-05T12:01:02+08:00", datetime(2024, 3, 5, 12, 1, 2)),
        (45356, datetime(2024, 3, 5)),
        (45356.5, datetime(2024, 3, 5, 12)),
        ("45356", datetime(2024, 3, 5)),
        ("45356.25", datetime(2024, 3, 5, 6)),
    ],
)
def test_read_date_reads_what_offices_write(cell: Cell, moment: datetime) -> None:
    assert read_date(cell) == moment


@pytest.mark.parametrize(
    "cell",
    [
        *[
            "3/5/2024",
            "去年",
            "",
            "2024-13-05",
            "2024-02-30",
            "1889-01-01",
            "2101-01-01",
            "12:30",
            "2024-3/5",
        ],
        *[None, 19999, 80001, "12345", True, time(3, 4), datetime(1900, 1, 1), "0001-01-01T00:00:00+14:00"],
        float("nan"),
    ],
)
def test_read_date_does_not_guess(cell: Cell) -> None:
    assert read_date(cell) is None


@pytest.mark.parametrize(
    ("cell", "channel"),
    [
        ("市长信箱", Channel.MAYOR_MAILBOX),
        ("书记信箱", Channel.MAYOR_MAILBOX),
        ("局长信箱", Channel.MAYOR_MAILBOX),
        ("省平台转办", Channel.PROVINCE_PLATFORM),
        ("国家信访局", Channel.PROVINCE_PLATFORM),
        ("省信访局来信", Channel.PROVINCE_PLATFORM),
        ("市信访局", Channel.CITY_PLATFORM),
        ("市平台", Channel.CITY_PLATFORM),
        (12345.0, Channel.CITY_PLATFORM),
        ("来信", Channel.LETTER),
        ("信函", Channel.LETTER),
        ("群众来访", Channel.VISIT),
        ("走访", Channel.VISIT),
        ("来电", Channel.PHONE),
        ("电话", Channel.PHONE),
        ("网上信访", Channel.WEB),
        ("电子邮件", Channel.WEB),
        ("微信", Channel.WEB),
        ("WEB", Channel.WEB),
        ("mayor_mailbox", Channel.MAYOR_MAILBOX),
        ("其他", None),
        (None, None),
    ],
)
def test_read_channel_knows_the_words_of_offices(cell: Cell, channel: Channel | None) -> None:
    assert read_channel(cell) is channel
