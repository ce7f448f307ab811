"""A message -> the places, schools and jurisdictions that it names."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import replace

from triage.config.model import Jurisdiction
from triage.schema import Field, Mention, Message, Signals
from triage.signals.places import Gazetteer, written_places
from triage.signals.schools import CODED_PREFIX, written_schools
from triage.signals.spans import Found, outside

_BRANCHES = ("校区", "分校")
_LONG_NAME = 5
"""From how many characters on a school's name is no less clear without the place before it."""


class SignalReader:
    """Reads places and schools by the bureau's list of jurisdictions and by the way in which names are written."""

    def __init__(self, jurisdictions: Sequence[Jurisdiction]) -> None:
        self._names = {item.id: item.name for item in jurisdictions}
        self._school_ids = frozenset(item.id for item in jurisdictions if item.kind == "school")
        self._counties = Gazetteer([item for item in jurisdictions if item.kind == "county"])
        self._schools = Gazetteer([item for item in jurisdictions if item.kind == "school"])

    def read(self, message: Message) -> Signals:
        """The places, schools and jurisdictions of a message, each once, in order of first mention, title first.

        Spans count characters of the original field. A name that is the end of another names the same school; a place
        stays before a school's name (`K9县第二中学`) unless the message names the school without it too. Places and
        schools that are not listed have no id.
        """
        places: list[Mention] = []
        schools: list[Mention] = []
        jurisdictions: list[str] = []
        fields: tuple[Field, Field] = ("title", "text")
        for field in fields:
            text: str = getattr(message, field)
            found_schools = self._find_schools(text)
            listed = [school for school in found_schools if school.id]
            found_places = self._find_places(text, listed)
            schools += (_mention(field, text, found) for found in found_schools)
            places += (_mention(field, text, found) for found in found_places)
            jurisdictions += (found.id for found in sorted([*listed, *found_places]) if found.id)
        return Signals(
            places=_distinct_places(places),
            schools=_distinct_schools(_without_known_places(schools)),
            jurisdictions=self._that_hold(dict.fromkeys(jurisdictions)),
        )

    def _find_places(self, text: str, schools: Sequence[Found]) -> list[Found]:
        """Listed counties and what is written as a county; none within a listed school."""
        listed = list(outside(self._counties.find(text), schools))
        return sorted([*listed, *outside(written_places(text), sorted([*listed, *schools]))])

    def _find_schools(self, text: str) -> list[Found]:
        """Listed schools and what is written as a school's name."""
        written = list(written_schools(text))
        listed = [school for school in self._schools.find(text) if self._is_whole(text, school, written)]
        return sorted([*listed, *outside(written, listed)])

    def _that_hold(self, named: Iterable[str]) -> tuple[str, ...]:
        """All that are named; where a school of the city is among them, not the counties, where it or the writer is."""
        found = tuple(named)
        return tuple(each for each in found if each in self._school_ids) or found

    def _is_whole(self, text: str, school: Found, written: Sequence[Found]) -> bool:
        """Whether a listed name is not part of the name of another school, as 市一中 is of another city's."""
        place = bisect_left(written, (school.end,)) - 1
        if place < 0 or written[place].end <= school.start:
            return True
        other = written[place]
        if other.end > school.end and not text.startswith(_BRANCHES, other.end - 2):
            return False
        before = text[other.start : school.start]
        elsewhere = before.endswith(("县", "市", "区")) or any(True for _ in self._counties.find(before))
        return not elsewhere or before in self._names[school.id]


def _mention(field: Field, text: str, found: Found) -> Mention:
    return Mention(field, found.start, found.end, text[found.start : found.end], found.id)


def _distinct_places(places: Iterable[Mention]) -> tuple[Mention, ...]:
    first: dict[str, Mention] = {}
    for place in places:
        first.setdefault(place.id or place.name, place)
    return tuple(first.values())


def _without_known_places(schools: Sequence[Mention]) -> list[Mention]:
    """The schools, without the coded place before a long name that also stands alone."""
    names = {school.name for school in schools}
    shortened: list[Mention] = []
    for school in schools:
        place = CODED_PREFIX.match(school.name)
        name = school.name[place.end() :] if place else ""
        if len(name) >= _LONG_NAME and name in names and not school.id:
            shortened.append(replace(school, start=school.end - len(name), name=name))
        else:
            shortened.append(school)
    return shortened


def _distinct_schools(schools: Iterable[Mention]) -> tuple[Mention, ...]:
    """Each school once: listed ones by their id, others by a name that is not the end of another."""
    kept: list[Mention] = []
    ids: set[str] = set()
    names: set[str] = set()
    ends: set[str] = set()
    for school in schools:
        tails = [school.name[place:] for place in range(len(school.name) - 1)]
        is_known = school.id in ids if school.id else school.name in ends or not names.isdisjoint(tails)
        if not is_known:
            kept.append(school)
            ids.add(school.id)
            names.add(school.name)
            ends.update(tails)
    return tuple(kept)
