"""The names on the bureau's lists, and where they stand in a text as themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from triage.config.model import Jurisdiction, School
from triage.signals.naming import without_place
from triage.signals.spans import Found
from triage.text.alternatives import any_of

# What follows a county's name where it is part of another name: a street, a hill, another county.
_OTHER_THING_AFTER_NAME = re.compile("路|街(?!道)|大道|公路")
_OTHER_THING_AFTER_ALIAS = re.compile(
    "县|市|区|路|街|大道|公路|高速|山|江|河|湖|桥|公园|小区|花园|花苑|公馆|广场|商场|酒店|宾馆|饭店|大厦|大学|学院|银行|公司"
)
# Characters with which a short alias makes other words by chance, as 万安 does in 千万安排.
_CHANCE_BEFORE = frozenset("千百十亿数治平公保长不太最更重创革全刷很")
_CHANCE_AFTER = frozenset("排全心置装慰静稳顿抚利祉气部线事活劲净预扰生")


class Gazetteer:
    """The names and aliases of listed jurisdictions, longest first."""

    def __init__(self, items: Sequence[Jurisdiction]) -> None:
        self._ids = {name: item.id for item in items for name in (*item.aliases, item.name)}
        self._full = {item.name for item in items}
        self._pattern = re.compile(any_of(self._ids))

    def find(self, text: str) -> Iterator[Found]:
        """Where a listed name stands as itself and not within another word."""
        for match in self._pattern.finditer(text):
            other = _OTHER_THING_AFTER_NAME if match[0] in self._full else _OTHER_THING_AFTER_ALIAS
            by_chance = len(match[0]) == 2 and (
                text[match.start() - 1 : match.start()] in _CHANCE_BEFORE
                or text[match.end() : match.end() + 1] in _CHANCE_AFTER
            )
            if not by_chance and not other.match(text, match.end()):
                yield Found(*match.span(), self._ids[match[0]])


class CountySchools:
    """The counties of the schools that counties run."""

    def __init__(self, schools: Iterable[School]) -> None:
        self._counties: dict[str, tuple[str, ...]] = {}
        for school in schools:
            for name in (school.name, *school.aliases):
                known = self._counties.get(name, ())
                self._counties[name] = tuple(dict.fromkeys((*known, school.jurisdiction)))

    def counties(self, names: Iterable[str], named: Sequence[str]) -> tuple[str, ...]:
        """The ids of the counties of a school that is written in these ways; `named` are those the message names.

        Where schools of several counties have the name, those of them that are named, failing that all. None for a
        school after a place that is not on the list with it: it lies elsewhere.
        """
        written = tuple(dict.fromkeys(names))
        if any(name not in self._counties and without_place(name) != name for name in written):
            return ()
        found = next((self._counties[name] for name in written if name in self._counties), ())
        return tuple(county for county in found if county in named) or found
