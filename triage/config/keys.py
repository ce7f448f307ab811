"""Which keys each TOML table has, what their values look like, and which of a file's are wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from triage.config.documents import Document
from triage.config.positions import Path
from triage.config.problems import Problem, suggest
from triage.schema import Channel, Nature

Complaint = str
"""What is wrong with a value, to follow the key's name in a sentence; empty where nothing is."""


def _shown(value: object) -> str:
    """A value as TOML writes it, cut to 40 characters."""
    written = str(value) if isinstance(value, date) else json.dumps(value, ensure_ascii=False, default=str)
    return written if len(written) <= 40 else f"{written[:39]}…"


def _text(value: object) -> Complaint:
    if not isinstance(value, str):
        return f"should be a text in quotation marks, but is {_shown(value)}"
    return "" if value.strip() else "is empty"


def _id(value: object) -> Complaint:
    if not isinstance(value, str) or not value.strip():
        return _text(value)
    return "" if re.fullmatch(r"[\w-]+", value) else f"should be letters, digits, - and _, but is {_shown(value)}"


def _texts(value: object) -> Complaint:
    if not isinstance(value, list):
        return f"should be a list of texts, but is {_shown(value)}"
    wrong = [item for item in value if _text(item)]
    return f"should be a list of texts, but holds {_shown(wrong[0])}" if wrong else ""


def _some_texts(value: object) -> Complaint:
    return _texts(value) or ("" if value else "is empty")


def _flag(value: object) -> Complaint:
    return "" if isinstance(value, bool) else f"should be true or false, but is {_shown(value)}"


def _day(value: object) -> Complaint:
    # A TOML date with a time of day is a `datetime`, which Python counts among the dates.
    if isinstance(value, date) and not isinstance(value, datetime):
        return ""
    return f"should be a date without quotation marks, but is {_shown(value)}"


def _probability(value: object) -> Complaint:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return f"should be a number, but is {_shown(value)}"
    return "" if 0 <= value <= 1 else f"should lie between 0 and 1, but is {_shown(value)}"


def _count(value: object) -> Complaint:
    if isinstance(value, bool) or not isinstance(value, int):
        return f"should be a whole number, but is {_shown(value)}"
    return "" if value >= 0 else f"should not be negative, but is {_shown(value)}"


LONGEST_PERIOD = 3660
"""Days of a clock at most: ten years, beyond which a number is surely a slip."""


def _period(value: object) -> Complaint:
    if isinstance(value, int) and value > LONGEST_PERIOD:
        return f"should be at most {LONGEST_PERIOD}, but is {_shown(value)}"
    return _count(value)


def _one_of(*allowed: str) -> Callable[[object], Complaint]:
    listed = " or ".join(f'"{one}"' for one in allowed)
    return lambda value: "" if value in allowed else f"should be {listed}, but is {_shown(value)}"


def _some_of(*allowed: str) -> Callable[[object], Complaint]:
    def judge(value: object) -> Complaint:
        if not isinstance(value, list):
            return f"should be a list of texts, but is {_shown(value)}"
        wrong = [item for item in value if item not in allowed]
        return f"can hold {', '.join(allowed)}, but holds {_shown(wrong[0])}" if wrong else ""

    return judge


def _words(value: object) -> Complaint:
    complaint = _texts(value)
    if complaint or not isinstance(value, list):
        return complaint
    short = [word for word in value if len(word.strip()) < 2]
    if short:
        return f"should hold words of at least two characters, but holds {_shown(short[0])}"
    return "" if value else "is empty"


BLANKS = ("organ", "bureau", "date")
LONGEST_TEMPLATE = 140
"""Characters of a template besides its blanks, so that it has at most 200 when these are filled in."""


def _template(*, needs: str = "", refuses: str = "") -> Callable[[object], Complaint]:
    allowed = [blank for blank in BLANKS if blank != refuses]

    def judge(value: object) -> Complaint:
        if not isinstance(value, str) or not value.strip():
            return _text(value)
        blanks = re.findall(r"\{([^{}]*)\}", value)
        rest = re.sub(r"\{[^{}]*\}", "", value)
        wrong = [blank for blank in blanks if blank not in allowed]
        if wrong:
            return f"can have the blanks {', '.join(f'{{{blank}}}' for blank in allowed)}, but has {{{wrong[0]}}}"
        if "{" in rest or "}" in rest:
            return "has a brace without its partner"
        if needs and needs not in blanks:
            return f"should have the blank {{{needs}}}"
        too_long = len(rest) > LONGEST_TEMPLATE
        return f"should have at most {LONGEST_TEMPLATE} characters, but has {len(rest)}" if too_long else ""

    return judge


def _kind(value: object) -> Complaint:
    return "" if value in ("county", "school") else f'should be "county" or "school", but is {_shown(value)}'


@dataclass(frozen=True, slots=True)
class Key:
    """A key of a table: how to judge its value, and an example to show."""

    name: str
    judge: Callable[[object], Complaint]
    example: str
    required: bool = True


CATEGORY = (
    Key("id", _id, '"fees"'),
    Key("name", _text, '"教育收费"'),
    Key("description", _text, '"乱收费、退费……"', required=False),
    Key("annual_row", _text, '"教育收费"', required=False),
    Key("ours", _flag, "false", required=False),
    Key("aliases", _texts, '["收费", "退费"]', required=False),
)
CHANGE = (
    Key("from", _id, '"staffing"'),
    Key("to", _some_texts, '["pay"]'),
    Key("names", _texts, '["教师招聘人事"]', required=False),
    Key("on", _day, "2026-09-01", required=False),
    Key("note", _text, '"并入教师待遇"', required=False),
)
OFFICE = (
    Key("id", _id, '"finance"'),
    Key("name", _text, '"财务科"'),
    Key("aliases", _texts, '["计财科"]', required=False),
    Key("role", _one_of("discipline", "above"), '"discipline"', required=False),
)
JURISDICTION = (
    Key("id", _id, '"taihe"'),
    Key("name", _text, '"泰和县"'),
    Key("kind", _kind, '"county"'),
    Key("aliases", _texts, '["泰和"]', required=False),
    Key("authority", _text, '"泰和县教育体育局"', required=False),
)
SCHOOL = (
    Key("name", _text, '"永新县禾川中学"'),
    Key("jurisdiction", _text, '"yongxin"'),
    Key("aliases", _words, '["禾川中学"]', required=False),
)
RULE = (
    Key("id", _id, '"fees"'),
    Key("category", _text, '"fees"'),
    Key("lead", _text, '"finance"'),
    Key("basis", _text, '"本局职责分工"'),
    Key("co", _texts, '["basic"]', required=False),
    Key("words", _texts, '["中考", "高考"]', required=False),
    Key("jurisdictions", _texts, '["county"]', required=False),
    Key("level", _one_of("city"), '"city"', required=False),
    Key("sealed", _flag, "true", required=False),
    Key("valid_from", _day, "2026-09-01", required=False),
    Key("valid_until", _day, "2026-08-31", required=False),
)
CLOCKS = (Key("roll_over_holidays", _flag, "false", required=False),)
CLOCK = (
    Key("id", _id, '"accept"'),
    Key("name", _text, '"受理告知"'),
    Key("days", _period, "15"),
    Key("unit", _one_of("calendar", "working"), '"calendar"'),
    Key("start", _one_of("received", "accepted", "transferred"), '"received"'),
    Key("basis", _text, '"信访工作条例第二十三条"'),
    Key("channels", _some_of(*Channel), '["mayor_mailbox", "phone"]', required=False),
    Key("natures", _some_of(*Nature), '["complaint"]', required=False),
    Key("urgent", _flag, "true", required=False),
    Key("returned", _flag, "false", required=False),
    Key("extension_days", _period, "30", required=False),
    Key("extension_basis", _text, '"经本机关、单位负责人批准"', required=False),
    Key("valid_from", _day, "2026-09-01", required=False),
    Key("valid_until", _day, "2026-08-31", required=False),
)
DANGER = (
    Key("id", _id, '"violence"'),
    Key("name", _text, '"体罚伤害"'),
    Key("weight", _probability, "0.6"),
    Key("words", _texts, '["打成骨折"]', required=False),
    Key("things", _texts, '["打", "踢"]', required=False),
    Key("harms", _texts, '["骨折", "住院"]', required=False),
    Key("within", _count, "12", required=False),
    Key("unless", _texts, '["安全教育"]', required=False),
)
ORGANS = (
    Key("draft", _template(needs="organ"), '"您反映的事项可能属于{organ}职权范围……"'),
    Key("draft_unknown", _template(refuses="organ"), '"您反映的事项不属于{bureau}职权范围……"'),
)
ORGAN = (
    Key("id", _id, '"housing"'),
    Key("name", _text, '"市住房和城乡建设局"'),
    Key("words", _words, '["商品房", "物业"]'),
    Key("basis", _text, '"房屋和物业"', required=False),
)
CATEGORY_RULE = (
    Key("id", _id, '"prepaid-fees"'),
    Key("category", _text, '"fees"'),
    Key("words", _words, '["预收费", "资金监管"]'),
    Key("basis", _text, '"本局某某通知"'),
    Key("unless", _texts, '["体育馆"]', required=False),
)
SETTINGS = (Key("bureau", _text, '"吉安市教育局"'), Key("city", _text, '"吉安市"'))
GATE = (
    Key("overall", _probability, "0.015", required=False),
    Key("category", _probability, "0.05", required=False),
    Key("calibration", _probability, "0.05", required=False),
    Key("relabelled", _probability, "0.1", required=False),
)
REVIEW = (
    Key("min_confidence", _probability, "0.6", required=False),
    Key("min_margin", _probability, "0.15", required=False),
    Key("min_known_share", _probability, "0.5", required=False),
    Key("min_characters", _count, "8", required=False),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A table of a file with those of its values that are as they should be; lists have become tuples."""

    document: Document
    path: Path
    values: Mapping[str, Any]
    complete: bool
    """Whether every key is there and right, so that the table can be built."""

    @property
    def id(self) -> str:
        """The table's id, empty where it has none."""
        return str(self.values.get("id", ""))

    def line(self, key: str = "") -> int:
        """The line of one of the keys, or of the table."""
        return self.document.lines[(*self.path, key)]

    def problem(self, key: str, what: str, fix: str) -> Problem:
        """A problem with one of the keys."""
        return self.document.problem((*self.path, key), what, fix)


def read_table(
    document: Document,
    path: Path,
    table: str,
    keys: tuple[Key, ...],
    problems: list[Problem],
    *,
    also: tuple[str, ...] = (),
) -> Entry:
    """The table at `path`, whose title in sentences is `table`; what is wrong is added to `problems`.

    `also` names the tables inside it, which the caller reads.
    """
    data = _data(document, path)
    before = len(problems)
    good: dict[str, Any] = {}
    for key in keys:
        if key.name in data:
            value = data[key.name]
            complaint = key.judge(value)
            if not complaint:
                good[key.name] = tuple(value) if isinstance(value, list) else value
                continue
            what, fix = f"{key.name} {complaint}.", f"Write it like: {key.name} = {key.example}"
        elif key.required:
            what, fix = f"{table} has no {key.name}.", f"Add it, such as: {key.name} = {key.example}"
        else:
            continue
        problems.append(document.problem((*path, key.name), what, fix))
    problems.extend(_unknown_keys(document, path, table, [*(key.name for key in keys), *also]))
    return Entry(document, path, good, complete=len(problems) == before)


def read_list(
    document: Document, table: str, keys: tuple[Key, ...], problems: list[Problem], *, alone: bool = True
) -> list[Entry]:
    """Every `[[table]]` of a file, which holds nothing else if `alone`; the caller reads what else there is."""
    if alone:
        problems.extend(_unknown_keys(document, (), "The file", [table]))
    tables = document.data.get(table, [])
    if not isinstance(tables, list) or not all(isinstance(entry, dict) for entry in tables):
        problems.append(
            document.problem((table,), f"{table} should be a list of tables.", f"Write its header as [[{table}]].")
        )
        return []
    return [read_table(document, (table, row), f"[[{table}]]", keys, problems) for row in range(len(tables))]


def _unknown_keys(document: Document, path: Path, table: str, known: list[str]) -> list[Problem]:
    return [
        document.problem(
            (*path, key),
            f"{table} has no use for {key}.",
            suggest(key, known, otherwise=f"What can stand here: {', '.join(known)}."),
        )
        for key in _data(document, path)
        if key not in known
    ]


def _data(document: Document, path: Path) -> dict[str, Any]:
    """The table at `path`, which is there."""
    data: Any = document.data
    for step in path:
        data = data[step]
    return dict(data)
