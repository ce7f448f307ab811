"""Read numbers as Chinese letters write them: 47, 四十七, 两百, 三百多, 几十, 两三百, 3千."""

from __future__ import annotations

import re

NUMBER = r"[\d〇零一二两三四五六七八九十百千万几数][\d,.〇零一二两三四五六七八九十百千万几]{0,11}[多余来几]?"
"""A number of up to twelve characters in a pattern, without a group."""

_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1_000, "万": 10_000}
_LONGEST = 13
_PART = re.compile(r"\d+(?:\.\d+)?|[^\d.]")


def at_least(written: str) -> int | None:
    """The least that a written number can mean: 三百多 is 300, 两三百 is 200, 几十 and 数十 are 20; None if it is none.

    几 and 数 stand for two where a unit follows, and say nothing where they stand alone. 一百二 is 120. More than 13
    characters are no number that a letter would write.
    """
    parts = _PART.findall(re.sub("[多余来几]$", "", written.replace(",", "")))
    if not parts or len(written) > _LONGEST:
        return None
    if parts[0] in "几数" and len(parts) > 1:
        parts[0] = "两"
    if not all(part in _DIGITS or part in _UNITS or part[0].isdecimal() for part in parts):
        return None
    if len(parts) > 2 and all(part in _DIGITS for part in parts):
        return int("".join(str(_DIGITS[part]) for part in parts))
    return _sum(parts)


def _sum(parts: list[str]) -> int:
    """The value of digits and units; of two digits side by side, as in 两三百, the first counts."""
    total, below, unit = 0.0, 0.0, 1
    digit: float | None = None
    for part in parts:
        if part not in _UNITS:
            value = float(_DIGITS[part]) if part in _DIGITS else float(part)
            # After 零 no unit is left out: 一百零二 is 102, 一百二 is 120.
            unit = 1 if value == 0 else unit
            digit = digit or value
        elif part == "万":
            total, below, digit, unit = (below + (digit or 0) or 1) * 10_000, 0.0, None, 10_000
        else:
            below += (1 if digit is None else digit) * _UNITS[part]
            digit, unit = None, _UNITS[part]
    left_out = unit // 10 if unit > 10 and digit and parts[-1] in _DIGITS else 1
    return int(total + below + (digit or 0) * left_out)
