"""Whom a letter accuses: teachers, heads, schools, a county's bureau, an office of the bureau, the bureau itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from triage.config.model import Jurisdiction, Office
from triage.schema import Accused, AccusedKind, Field, Mention, Message, Signals
from triage.signals.blame import blames_near, is_accusing, is_blamed, tone_of
from triage.signals.bodies import Body, BodyFinder
from triage.text.alternatives import any_of, by_first

_NEXT_BODIES = 10
_FIELDS: tuple[Field, Field] = ("title", "text")
_WRITER = re.compile(
    "(?:我们?是|本人[是系]?|作为|身为|我们?|一[名个位]|全体|广大|各位|退休|代课|乡村|农村|同事|招聘?|当)$"
)
_ROLES = {
    AccusedKind.TEACHER: re.compile(
        by_first(
            "(?<!家长)(?:班主任|(?:任课|科任|带班|生活|代课|体育|音乐|美术|语文|数学|英语|物理|化学)?(?:老师|教师)"
            "(?!们|敢怒|提意见|联名|不敢|都不敢|被|节|资格|公寓|群体|待遇|工资|招聘|选调|大会|会上|意见|签字|编)"
            "|教练|教官|保育员|辅导员|年级主任|年级组长?|教导主任|德育主任|政教主任|教务主任|宿管)"
        )
    ),
    AccusedKind.HEAD: re.compile(
        by_first(
            "副?校长|副?园长|校领导|学校(?:的)?领导|校方(?:的)?领导|学校(?:班子|负责人)|校级领导"
            "|(?<![县市区委村总组])(?:党?支部|党委|学校|副)?书记|董事长|理事长|一把手"
        )
    ),
}


class AccusedReader:
    """Reads whom a letter accuses, by the bureau's own names and by the way in which people blame.

    Teachers, heads and schools are read freely: each that stands near a word of blame, and every school of an accusing
    letter. A bureau or an office is accused where it is itself blamed or in doubt, not where the writer greets, asks,
    thanks or quotes it; 信访工作条例 article 30 forbids to pass the letter on to whom it accuses.
    """

    def __init__(
        self, *, bureau: str, city: str, offices: Sequence[Office], jurisdictions: Sequence[Jurisdiction]
    ) -> None:
        self._bodies = BodyFinder(bureau=bureau, city=city, offices=offices, jurisdictions=jurisdictions)
        self._counties = frozenset(place.id for place in jurisdictions if place.kind == "county")
        schools = [place for place in jurisdictions if place.kind == "school"]
        self._by_school = {name: place.id for place in schools for name in (*place.aliases, place.name)}
        self._school_ids = frozenset(self._by_school.values())
        self._school = re.compile(any_of(self._by_school))

    def read(self, message: Message, signals: Signals) -> tuple[Accused, ...]:
        """Each of the accused once, in order of first mention, title first.

        What is returned means something only if the message is an accusation: a question that names a bureau in
        passing may have it here too. `signals` holds the places, schools and jurisdictions that were found in the
        message. Spans count characters of the original field; the words name a role, never a person. The id is that of
        the office, the county or the city-run school, empty where there is none or the letter does not tell which.
        """
        county = self._only_county(signals)
        schools = {field: list(self._schools(field, getattr(message, field), signals)) for field in _FIELDS}
        is_blaming = any(schools.values()) and is_accusing(message.title, message.text)
        found: dict[tuple[str, str], Accused] = {}
        for field in _FIELDS:
            text: str = getattr(message, field)
            here = [*self._accused_bodies(message, field, county), *_roles(field, text)]
            if is_blaming:
                here += schools[field]
            for accused in sorted(here, key=lambda each: (each.mention.start, each.mention.end)):
                found.setdefault(_identity(accused), accused)
        return tuple(found.values())

    def _accused_bodies(self, message: Message, field: Field, county: str) -> Iterator[Accused]:
        text: str = getattr(message, field)
        bodies = self._bodies.find(text, county)
        if not bodies:
            return
        tone = tone_of(message.title, message.text)
        for place, body in enumerate(bodies):
            next_ones = bodies[place + 1 : place + 1 + _NEXT_BODIES]
            others = [each.start for each in next_ones if (each.kind, each.id) != (body.kind, body.id)]
            words = text[body.start : body.end]
            in_doubt = self._is_in_doubt(body, words)
            if is_blamed(text, body.start, body.reach, tone=tone, in_doubt=in_doubt, others=others):
                yield Accused(body.kind, Mention(field, body.start, body.end, words, body.id))

    def _is_in_doubt(self, body: Body, words: str) -> bool:
        """Whether a body counts as blamed where the words leave it open.

        Most letters name the bureau to which they are written, and many quote what a 部门 has to do by law; so such
        names say nothing by themselves, unless they go on to people of the body.
        """
        is_general = body.kind == AccusedKind.CITY_BUREAU or words.endswith("部门")
        return not is_general or body.reach > body.end or words.endswith("局长")

    def _schools(self, field: Field, text: str, signals: Signals) -> Iterator[Accused]:
        """Every school that was found, and listed ones even where their name stands within another."""
        for match in self._school.finditer(text):
            yield Accused(AccusedKind.SCHOOL, Mention(field, *match.span(), match[0], self._by_school[match[0]]))
        for school in signals.schools:
            # A school of a county may carry its county's id; the county is not accused with it.
            if school.field == field and school.id not in self._school_ids:
                yield Accused(AccusedKind.SCHOOL, Mention(field, school.start, school.end, school.name))

    def _only_county(self, signals: Signals) -> str:
        """The county that the letter speaks of; empty where it is none or several."""
        named = (*signals.jurisdictions, *(mention.id for mention in (*signals.places, *signals.schools)))
        counties = set(named) & self._counties
        return counties.pop() if len(counties) == 1 else ""


def _roles(field: Field, text: str) -> Iterator[Accused]:
    """Teachers and heads near a word of blame, by their role and without their names."""
    for kind, pattern in _ROLES.items():
        for match in pattern.finditer(text):
            is_writer = _WRITER.search(text, max(0, match.start() - 4), match.start())
            if not is_writer and blames_near(text, *match.span()):
                yield Accused(kind, Mention(field, *match.span(), match[0]))


def _identity(accused: Accused) -> tuple[str, str]:
    """What two mentions share that mean the same; teachers are not told apart, nor are heads."""
    is_person = accused.kind in _ROLES
    return accused.kind, "" if is_person else accused.mention.id or accused.mention.name
