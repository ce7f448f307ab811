"""What one cell says: its text, date, channel."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal

from triage.schema import Channel

Cell = str | int | float | bool | datetime | date | time | None
"""A value as the file holds it."""

_EXACT_INTEGERS = 2**53
_YEARS = range(1990, 2101)
_SERIALS = (20_000, 80_000)
_EXCEL_DAY_ZERO = datetime(1899, 12, 30)
_CHINA = timezone(timedelta(hours=8))

_ERROR_VALUES = frozenset(("#REF!", "#VALUE!", "#N/A", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"))
_LINE_END = re.compile(r"(?:_x000D_|\r)\n?", re.IGNORECASE)
_GUARDED = re.compile(r"'[=+\-@\t\r]")

_DATE = re.compile(
    r"(?P<year>\d{4})\s*(?P<mark>[-/.年])\s*(?P<month>\d{1,2})\s*(?:(?P=mark)|月)\s*(?P<day>\d{1,2})\s*日?"
    r"(?:[\sT]*(?P<half>上午|下午|中午|晚上|凌晨|早上|AM|PM)?\s*(?P<hour>\d{1,2})[:时点]\s*(?P<minute>\d{1,2})?"
    r"(?:[:分]\s*(?P<second>\d{1,2})?(?:\.\d+)?)?\s*秒?\s*(?P<after>AM|PM)?)?",
    re.IGNORECASE,
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\s*(\d{2}):?(\d{2})(?::?(\d{2}))?)?")
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")

_CHANNEL_WORDS: tuple[tuple[Channel, tuple[str, ...]], ...] = (
    (Channel.MAYOR_MAILBOX, ("市长信箱", "书记信箱", "局长信箱")),
    (Channel.PROVINCE_PLATFORM, ("省平台", "省信访", "国家信访")),
    (Channel.CITY_PLATFORM, ("市信访局", "市平台", "12345")),
    (Channel.VISIT, ("来访", "走访")),
    (Channel.PHONE, ("来电", "电话")),
    (Channel.WEB, ("网上", "网站", "微信", "邮件", "web")),
    (Channel.LETTER, ("来信", "信件", "信函")),
)


def cell_text(cell: Cell) -> str:
    """Return a cell as text: whole numbers without a point, dates as 2024-03-05 12:01:02."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return _number_text(cell)


def _number_text(number: int | float) -> str:
    if isinstance(number, int):
        return str(number)
    if not math.isfinite(number):
        return ""
    if not number.is_integer():
        return repr(number)
    if abs(number) <= _EXACT_INTEGERS:
        return str(int(number))
    # Excel keeps fifteen digits and shows noughts after them; more digits would be invented ones.
    return f"{Decimal(f'{number:.15g}'):f}"


def is_blank(cell: Cell) -> bool:
    """Tell whether a cell shows nothing."""
    return cell is None or (isinstance(cell, str) and not cell.strip("\ufeff\u200b \t\r\n\v\f\u3000\xa0"))


def message_text(cell: Cell, *, guarded: bool = False) -> str:
    """Return a cell as words: plain line ends, no error values, and if `guarded` no mark against formulas."""
    text = cell_text(cell)
    if guarded and _GUARDED.match(text):
        text = text[1:]
    if text.strip() in _ERROR_VALUES or is_blank(text):
        return ""
    return _LINE_END.sub("\n", text)


def read_date(cell: Cell) -> datetime | None:
    """Return the time in a cell, as China's clocks show it; None where it cannot be read for certain."""
    found = _read_date(cell)
    return found if found is not None and found.year in _YEARS else None


def _read_date(cell: Cell) -> datetime | None:
    if isinstance(cell, datetime):
        return _without_zone(cell)
    if isinstance(cell, date):
        return datetime(cell.year, cell.month, cell.day)
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _from_serial(float(cell)) or _from_text(cell_text(cell))
    return _from_text(cell) if isinstance(cell, str) else None


def _without_zone(moment: datetime) -> datetime:
    try:
        return moment if moment.tzinfo is None else moment.astimezone(_CHINA).replace(tzinfo=None)
    except OverflowError:
        return datetime.min


def _from_serial(number: float) -> datetime | None:
    low, high = _SERIALS
    if not low <= number <= high:
        return None
    return _EXCEL_DAY_ZERO + timedelta(seconds=round(number * 86_400))


def _from_text(text: str) -> datetime | None:
    plain = unicodedata.normalize("NFKC", text).strip().removeprefix("'")
    if _SERIAL.fullmatch(plain):
        return _from_serial(float(plain))
    if match := _COMPACT.fullmatch(plain):
        return _built(*(int(part or 0) for part in match.groups()))
    if match := _DATE.fullmatch(plain):
        return _from_parts({name: part or "" for name, part in match.groupdict().items()})
    try:
        return _without_zone(datetime.fromisoformat(plain)) if "-" in plain and len(plain) > 10 else None
    except ValueError:
        return None


def _from_parts(parts: dict[str, str]) -> datetime | None:
    hour = int(parts["hour"] or 0)
    half = (parts["half"] or parts["after"]).upper()
    if hour < 12 and (half in {"下午", "晚上", "PM"} or (half == "中午" and hour < 3)):
        hour += 12
    elif half in {"上午", "凌晨", "AM"} and hour == 12:
        hour = 0
    numbers = {name: int(parts[name] or 0) for name in ("year", "month", "day", "minute", "second")}
    return _built(hour=hour, **numbers)


def _built(year: int, month: int, day: int, hour: int, minute: int, second: int) -> datetime | None:
    try:
        return datetime(year, month, day, hour, minute, second)
    except ValueError:
        return None


def read_channel(cell: Cell) -> Channel | None:
    """Return the way on which a message came in, None where the words are unknown."""
    words = unicodedata.normalize("NFKC", cell_text(cell)).strip().casefold()
    if words in set(Channel):
        return Channel(words)
    return next((channel for channel, marks in _CHANNEL_WORDS if any(mark in words for mark in marks)), None)
