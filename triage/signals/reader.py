"""A message -> the places, schools and jurisdictions that it names."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from triage.config.model import Jurisdiction
from triage.config.model import School as CountySchool
from triage.schema import Field, Mention, Message, Signals
from triage.signals.gazetteer import CountySchools, Gazetteer
from triage.signals.kinds import SCHOOL_END
from triage.signals.naming import School, one_school_each
from triage.signals.places import written_places
from triage.signals.relevance import what_it_is_about
from triage.signals.schools import written_schools
from triage.signals.spans import Found, outside

_BRANCHES = ("校区", "分校")
_FIELDS: tuple[Field, Field] = ("title", "text")


class SignalReader:
    """Reads places and schools by the bureau's lists and by the way in which names are written."""

    def __init__(self, jurisdictions: Sequence[Jurisdiction], schools: Sequence[CountySchool] = ()) -> None:
        """`schools` are those that counties run; the city's own are among the jurisdictions."""
        self._names = {item.id: item.name for item in jurisdictions}
        self._school_ids = frozenset(item.id for item in jurisdictions if item.kind == "school")
        self._counties = Gazetteer([item for item in jurisdictions if item.kind == "county"])
        self._schools = Gazetteer([item for item in jurisdictions if item.kind == "school"])
        self._county_schools = CountySchools(schools)

    def read(self, message: Message) -> Signals:
        """The places and jurisdictions of a message, and the schools that it is about; each once, title first.

        Spans count characters of the original field. A name that is the end of another names the same school; a place
        stays before a school's name (`K9县第二中学`) unless it is clear without. Places and schools that are not listed
        have no id. A school that is only mentioned on the way is none of the schools and has no jurisdiction.
        """
        places: list[Mention] = []
        mentions: list[Mention] = []
        for field in _FIELDS:
            text: str = getattr(message, field)
            found_schools = self._find_schools(text)
            listed = [school for school in found_schools if school.id]
            mentions += (_mention(field, text, found) for found in found_schools)
            places += (_mention(field, text, found) for found in self._find_places(text, listed))
        schools = what_it_is_about(message, one_school_each(mentions))
        return Signals(
            places=_distinct_places(places),
            schools=tuple(sorted((school.shown for school in schools), key=_place_in_message)),
            jurisdictions=self._jurisdictions(places, schools),
        )

    def _find_places(self, text: str, schools: Sequence[Found]) -> list[Found]:
        """Listed counties and what is written as a county; none within a listed school."""
        listed = list(outside(self._counties.find(text), schools))
        return sorted([*listed, *outside(written_places(text), sorted([*listed, *schools]))])

    def _find_schools(self, text: str) -> list[Found]:
        """Listed schools and what is written as a school's name."""
        written = [self._from_county(text, school) for school in written_schools(text)]
        listed = [school for school in self._schools.find(text) if self._is_whole(text, school, written)]
        return sorted([*listed, *outside(written, listed)])

    def _from_county(self, text: str, school: Found) -> Found:
        """A name from the listed county in it on, unless a school stands before that, as 师大附中泰和县分校."""
        for county in self._counties.find(text[school.start : school.end]):
            start, after = school.start + county.start, school.start + county.end
            is_full = text[after - 1] in "县市区" and school.end - after > 2
            if is_full and not SCHOOL_END.search(text, school.start, start):
                return school._replace(start=start)
        return school

    def _jurisdictions(self, places: Sequence[Mention], schools: Sequence[School]) -> tuple[str, ...]:
        """The ids of all counties and city-run schools, by first mention.

        Where a school of the city is among them, not the counties, where it or the writer is.
        """
        named = [place.id for place in places if place.id]
        found = [(_place_in_message(place), place.id) for place in places if place.id]
        for school in schools:
            first = school.mentions[0]
            ids = (first.id,) if first.id else self._county_schools.counties((m.name for m in school.mentions), named)
            found += ((_place_in_message(first), each) for each in ids)
        ids = tuple(dict.fromkeys(each for _, each in sorted(found, key=lambda item: item[0])))
        return tuple(each for each in ids if each in self._school_ids) or ids

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


def _place_in_message(mention: Mention) -> tuple[bool, int]:
    """What puts mentions in order: the title first."""
    return mention.field == "text", mention.start
