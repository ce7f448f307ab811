"""Find the numbers and addresses by which a person could be known: identity cards, phones, bank cards, plates."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from triage.text.unicode import UNUSUAL


class PersonalKind(StrEnum):
    """What kind of personal data a span is."""

    ID_CARD = "id_card"
    MOBILE = "mobile"
    LANDLINE = "landline"
    EMAIL = "email"
    BANK_CARD = "bank_card"
    PLATE = "plate"


@dataclass(frozen=True, slots=True)
class PersonalData:
    """Personal data at `text[start:end]`, in characters of the text as it came in."""

    kind: PersonalKind
    start: int
    end: int


MARK = "*"
"""Stands for each character that is hidden. No pattern below begins or ends beside it: masking again finds nothing."""

_DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2043\ufe58"
_BLANKS = "\u200b\u200c\u200d\u2060\ufeff\u00ad"


class _Narrow(dict[int, int | str]):
    """Maps each character to one character: digits and full-width forms to ASCII, all kinds of dash to one."""

    def __missing__(self, code: int) -> int | str:
        character = chr(code)
        digit = unicodedata.decimal(character, None)
        narrow: int | str = code
        if digit is not None:
            narrow = str(digit)
        elif character in _DASHES:
            narrow = "-"
        elif character in _BLANKS:
            narrow = " "
        elif unicodedata.category(character) != "No":  # a circled 1 marks a list and is no part of a number
            form = unicodedata.normalize("NFKC", character)
            narrow = form if len(form) == 1 and form.isascii() else code
        self[code] = narrow
        return narrow


_NARROW = _Narrow()

_COMMON = tuple((wide, wide.translate(_NARROW)) for wide in "，：（）！？；\u3000\xa0–—")
"""Of the characters that are not unusual, those that have a narrow form; to replace these is many times faster."""
_MAY_BE_PERSONAL = re.compile("[\\d@\uff20\ufe6b]")
"""All that is personal here holds a digit or an at sign."""

_DOMAIN = re.compile(r"@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,24}")
_LOCAL_END = re.compile(r"[A-Za-z0-9._%+-]+\Z")
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领][A-Za-z][ ·・.-]?"
    r"(?=[A-Za-z]{0,4}[0-9])"
    r"(?:[DFdf][A-HJ-NP-Za-hj-np-z0-9][0-9]{4}|[0-9]{5}[DFdf]"
    r"|[A-HJ-NP-Za-hj-np-z0-9]{4}[A-HJ-NP-Za-hj-np-z0-9警学挂港澳领使试])(?![A-Za-z0-9*])"
)
_DIGITS = re.compile(r"[0-9]+")
_JOIN = re.compile(r"[ -]{1,2}|\) ?-?")
_FULL_CARD_END = re.compile(r" ?[Xx×](?![A-Za-z0-9*])")
_MONEY = re.compile(r"(?:\.[0-9*]+)? ?[多余]?[元万亿块]")
_PHONE_WORD = re.compile(r"(?:电话号码|电话|座机|固话|联系方式|联系号码)[是为]?[:, ]{0,2}\Z")

_MAX_GROUPS = 6
_MAX_DIGITS = 21
_AREA = re.compile(r"0(?:10|2[0-9]|[3-9][0-9]{2})")
_CARD_STARTS = "34569"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS = "10X98765432"


def find_personal_data(text: str) -> tuple[PersonalData, ...]:
    """The personal data in a text as it came in, in order, without overlaps.

    Found also with full-width digits, with single or double spaces and dashes within a number, and with +86. An
    identity card number (GB 11643) whose check digit is wrong is still one: a mistyped number is as personal. The
    same digits are a bank card only if they satisfy Luhn and the identity card's check digit fails. A number of 7 or
    8 digits counts as a landline only right after a word such as 电话. Short public numbers (110, 12345), years,
    amounts of money and document numbers do not count.
    """
    if not _MAY_BE_PERSONAL.search(text):
        return ()
    view = _narrowed(text)
    found = [*_emails(view)]
    view = blot(view, found)
    found += _plates(view)
    view = blot(view, found)
    found += _numbers(view)
    return tuple(sorted(found, key=lambda data: data.start))


def _narrowed(text: str) -> str:
    """The text with every character made narrow, in its place."""
    if UNUSUAL.search(text):
        return text.translate(_NARROW)
    for wide, narrow in _COMMON:
        text = text.replace(wide, narrow)
    return text


def blot(text: str, found: list[PersonalData] | tuple[PersonalData, ...]) -> str:
    """The text with every character of the found spans made a mark."""
    pieces: list[str] = []
    done = 0
    for data in sorted(found, key=lambda data: data.start):
        pieces += text[done : data.start], MARK * (data.end - data.start)
        done = data.end
    return "".join([*pieces, text[done:]])


def _emails(view: str) -> Iterator[PersonalData]:
    done = 0
    for match in _DOMAIN.finditer(view) if "@" in view else ():
        start = match.start()
        while start > done and (
            view[start - 1].isascii() and (view[start - 1].isalnum() or view[start - 1] in "._%+-")
        ):
            start -= 1
        if start < match.start():
            yield PersonalData(PersonalKind.EMAIL, start, match.end())
        done = match.end()


def _plates(view: str) -> Iterator[PersonalData]:
    for match in _PLATE.finditer(view):
        yield PersonalData(PersonalKind.PLATE, *match.span())


def _numbers(view: str) -> Iterator[PersonalData]:
    groups = [match.span() for match in _DIGITS.finditer(view)]
    first = 0
    while first < len(groups):
        data, taken = _number_at(view, groups, first)
        if data:
            yield data
        first += taken


def _number_at(view: str, groups: list[tuple[int, int]], first: int) -> tuple[PersonalData | None, int]:
    """The longest personal number that begins with that group of digits, and how many groups it took (at least 1)."""
    start = groups[first][0]
    best: tuple[PersonalData | None, int] = None, 1
    digits = ""
    sizes: list[int] = []
    for group in range(first, min(first + _MAX_GROUPS, len(groups))):
        begin, end = groups[group]
        if sizes and not _JOIN.fullmatch(view, groups[group - 1][1], begin):
            break
        if len(digits) + end - begin > _MAX_DIGITS:
            break
        digits += view[begin:end]
        sizes.append(end - begin)
        data = _as_number(view, start, end, digits, sizes)
        if data:
            best = data, len(sizes)
    return best


def _as_number(view: str, start: int, end: int, digits: str, sizes: list[int]) -> PersonalData | None:
    """What the digits at `view[start:end]`, written in groups of those sizes, are; None if nothing personal."""
    if _MONEY.match(view, end):
        return None
    if len(digits) == 17 and min(sizes) > 1 and (mark := _FULL_CARD_END.match(view, end)):
        return PersonalData(PersonalKind.ID_CARD, start, mark.end()) if _has_birthday(digits) else None
    kind = _kind(digits, sizes) or (
        PersonalKind.LANDLINE if len(digits) in (7, 8) and _PHONE_WORD.search(view, max(0, start - 10), start) else None
    )
    if kind is None:
        return None
    if kind is PersonalKind.MOBILE and view[max(0, start - 1) : start] == "+":
        start -= 1
    return PersonalData(kind, start, end)


def _kind(digits: str, sizes: list[int]) -> PersonalKind | None:
    if _is_mobile(digits):
        return PersonalKind.MOBILE
    if len(digits) == 18 and min(sizes) > 1 and _has_birthday(digits):
        is_card = not _check_digit_holds(digits) and _is_bank_card(digits, sizes)
        return PersonalKind.BANK_CARD if is_card else PersonalKind.ID_CARD
    if len(digits) == 15 and len(sizes) == 1 and _has_birthday(f"{digits[:6]}19{digits[6:]}"):
        return PersonalKind.ID_CARD
    if _is_bank_card(digits, sizes):
        return PersonalKind.BANK_CARD
    return PersonalKind.LANDLINE if _is_landline(digits, sizes) else None


def _is_mobile(digits: str) -> bool:
    local = digits[-11:]
    return len(local) == 11 and local[0] == "1" and local[1] in "3456789" and digits[:-11] in ("", "86", "0086", "0")


def _is_landline(digits: str, sizes: list[int]) -> bool:
    area = _AREA.match(digits)
    if not area or len(digits) - area.end() not in (7, 8) or digits[area.end()] in "01":
        return False
    return len(sizes) == 1 or sizes[0] == area.end()


def _is_bank_card(digits: str, sizes: list[int]) -> bool:
    """Whether 16 to 19 digits that begin as cards do, in groups of 3 or more, satisfy Luhn's check."""
    if not 16 <= len(digits) <= 19 or digits[0] not in _CARD_STARTS or min(sizes) < 3:
        return False
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0


def _has_birthday(digits: str) -> bool:
    """Whether digits 7 to 14 of an identity number are a day of the years 1900 to 2099, after a possible region."""
    year, month, day = int(digits[6:10]), int(digits[10:12]), int(digits[12:14])
    if digits[0] == "0" or not 1900 <= year <= 2099:
        return False
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _check_digit_holds(digits: str) -> bool:
    """ISO 7064 MOD 11-2 over the first 17 digits."""
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits, strict=False))
    return _CHECK_DIGITS[total % 11] == digits[17]
