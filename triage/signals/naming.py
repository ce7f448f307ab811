"""One name for each school, where a message writes it in several ways."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from triage.schema import Mention
from triage.signals.kinds import BARE_NUMBER
from triage.signals.schools import PLACE_PREFIX

_LONG_NAME = 5
"""From how many characters on a school's name is no less clear without the place before it."""
_LONG_FORMS = (
    (re.compile("第(?=[一二三四五六七八九十0-9])"), ""),
    (re.compile("(?<=[一二三四五六七八九十0-9])(?:初级|高级)?(小|中)学"), r"\1"),
    (re.compile("(?<=[一二三四五六七八九十0-9])幼儿园"), "幼"),
)


@dataclass(frozen=True, slots=True)
class School:
    """A school of a message: the mention that shows its name, and all the mentions of it, in order."""

    shown: Mention
    mentions: tuple[Mention, ...]


def one_school_each(mentions: Iterable[Mention]) -> list[School]:
    """The schools that the mentions, in order, name: listed ones by their id, others by how their names end.

    A name that is the end of another names the same school, and so do 第三小学 and 三小. Shown is the first mention, or
    where that is no more than a number, the longest. A place stays before a name only if it is short or never stands
    alone.
    """
    groups: list[list[Mention]] = []
    by_name: dict[str, int] = {}
    by_end: dict[str, int] = {}
    for mention in mentions:
        name = mention.id or _short_form(mention.name)
        ends = () if mention.id else tuple(name[place:] for place in range(len(name) - 1))
        known = by_end.get(name, next((by_name[end] for end in ends if end in by_name), None))
        if known is None or (mention.id and name not in by_name):
            known = len(groups)
            groups.append([])
        groups[known].append(mention)
        by_name.setdefault(name, known)
        for end in ends or (name,):
            by_end.setdefault(end, known)
    return [School(_shown(group), tuple(group)) for group in groups]


def without_place(name: str) -> str:
    """The name of a school without the county or city before it."""
    place = PLACE_PREFIX.match(name)
    return name[place.end() :] if place and place.end() < len(name) else name


def _short_form(name: str) -> str:
    for long, short in _LONG_FORMS:
        name = long.sub(short, name)
    return name


def _shown(group: Sequence[Mention]) -> Mention:
    first = group[0]
    if not first.id and BARE_NUMBER.fullmatch(first.name):
        first = max(group, key=lambda each: len(each.name))
    bare = without_place(first.name)
    if not first.id and bare != first.name and len(bare) >= _LONG_NAME and any(each.name == bare for each in group):
        return replace(first, start=first.end - len(bare), name=bare)
    return first
