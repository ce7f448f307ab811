"""Where a text names the bodies that could be given the letter: county bureaus, offices, the bureau itself."""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from triage.config.model import Jurisdiction, Office
from triage.schema import AccusedKind
from triage.signals.boundaries import HAN
from triage.text.alternatives import any_of, by_first

_BUREAU = (
    "(?:教育(?:和|科技|文化)?(?:体育)?局|教体局|教科体局|教科局|文教局|教委"
    "|(?<!国家)(?<!上级)(?<!有关)(?<!相关)(?<!各级)(?<!省)教育(?:行政)?(?:主管)?部门)"
)
_COUNTY = "(?:(?:本|我们?|该|你|各|我们这边?的?|这个)?[县区]级?|县[里上]|区[里上]|当地|本地|地方|属地|镇|乡)的?"
# A 股 is an office of a county's bureau; a city's has 科.
_COUNTY_UNIT = (
    "(?:教育|基教|普教|人事|政工|财务|计财|计划|职成|职教|安全|安稳|校安|体卫艺|信访|督导|师训|监察|招生|民教|监管"
    "|校外培训|办公)股(?:副?长)?"
)
_COUNTY_SHORT = f"(?<![{HAN}])[县区]局|(?<=[，。、；是在到给向让由和请被])[县区]局"
_CITY = "(?:你们?|您们?|贵|本市|我市|全市|市|市里的?|市级)"
_CITY_SHORT = f"贵局|你局|你们局|贵单位|(?<![{HAN}])市局|(?<=[，。、；是在到给向让由和请被天，])市局|局领导|局党组"
_BARE = re.compile(by_first(f"{_BUREAU}|局里|(?<![局副])局长|(?<!局)副局长"))
# One of them stands in every way of naming a bureau that is not on a list.
_SIGNS = ("局", "教委", "教育部门", "行政部门", "主管部门", "股", "贵单位")

_CHIEF = re.compile(
    f"(?:里头?|机关)?的?(?:(?![校请查望求向把被对要])[{HAN}]){{0,6}}?(?:副?局长|局领导|领导|负责人|党组|班子|书记|[一二三]把手|头头)"
)
_SOMEBODY = "(?:副?科长|科员|副?股长|副?主任|工作人员|干部|办事员|公务员)"
_STAFF = (
    "(?:里头?|内部?|机关)?(?:的|有[个人]|某个?|[一几那][个名位些])(?:[一几那][个名位些])?"
    f"[{HAN}]{{0,4}}?(?:{_SOMEBODY}|人员|同志)|{_SOMEBODY}"
    "|(?:里头?|内部?|机关)?(?:的|有|某|里的?|[几某]个)人(?![员民才事口家们大手心生类数为])"
)
_CITY_STAFF = re.compile(_STAFF)
_COUNTY_STAFF = re.compile(
    f"(?:的?(?:(?![的在把和与])[{HAN}]){{1,6}}?(?:股|科|室|(?<=[称生考全导助访事前])办(?![成法理学事园])|中心)(?:的?(?:副?股长|副?科长|副?主任|负责人|长))?)|{_STAFF}"
)

_SHORTEST_ALIAS = 3
_BEFORE_OFFICE = 6
_OF_ANOTHER = re.compile(
    "(?:[校园院厅司处厂会村镇乡企社]|[中小大]学|公司|医院|中心|政府|集团|银行|[安政建管障源保业利健游务计商监法通输访]局)的?$"
)
_OF_COUNTY = re.compile("[县区](?:里|上|级)?的?$")
_OF_CITY = re.compile("(?:市|局|局里|机关|局机关|驻|派驻)的?$")


class Body(NamedTuple):
    """A body that could be given the letter, named at `[start, end)`.

    `reach` is where the words end that name people of it, such as its head; `end` where there are none.
    """

    start: int
    end: int
    kind: AccusedKind
    id: str
    reach: int


class BodyFinder:
    """Finds bodies by the bureau's lists and by the ways in which citizens write them."""

    def __init__(
        self, *, bureau: str, city: str, offices: Sequence[Office], jurisdictions: Sequence[Jurisdiction]
    ) -> None:
        counties = [place for place in jurisdictions if place.kind == "county"]
        self._by_name = {name: place.id for place in counties for name in (*place.aliases, place.name)}
        self._by_authority = {place.receiver: place.id for place in counties}
        bureau_after_name = f"的?[县市区]?(?:{_BUREAU}|局(?![部面势限]))"
        self._named = re.compile(f"(?P<name>{any_of(self._by_name)}){bureau_after_name}")
        self._county = re.compile(
            by_first(
                f"{any_of(self._by_authority)}|(?:{any_of(self._by_name)}){bureau_after_name}"
                f"|{_COUNTY}{_BUREAU}|{_COUNTY_SHORT}|{_COUNTY_UNIT}"
            )
        )
        self._unsigned = [name for name in (bureau, *self._by_authority) if not _has_any(name, _SIGNS)]
        self._county_name_ends = re.compile(f"(?P<name>{any_of(self._by_name)})[县市区]?的?$")
        short_city = re.escape(city.removesuffix("市"))
        self._city = re.compile(
            by_first(
                f"{re.escape(bureau)}|{re.escape(city)}的?{_BUREAU}|{short_city}{_BUREAU}|{_CITY}{_BUREAU}|{_CITY_SHORT}"
            )
        )
        inside = [office for office in offices if office.role != "above"]
        self._by_office = {name: office.id for office in inside for name in (*office.aliases, office.name)}
        # 招生办 is an office, 招生办法 is none.
        self._office = re.compile(f"(?:{any_of(self._by_office)})(?![法理学事])")

    def find(self, text: str, county: str) -> list[Body]:
        """Every body that the text names, in order; none within another.

        `county` is the id of the one county that the letter speaks of, empty where there is none or several; 县教育局
        without a name is that county's. An office named after a county or by a county's bureau is the county's.
        """
        found = self._bureaus(text, county)
        for match in self._office.finditer(text):
            place = bisect_left(found, (match.start(),))
            holder = found[place - 1] if place and match.start() <= found[place - 1].reach else None
            if holder and holder.kind != AccusedKind.COUNTY_BUREAU:
                known, reach = self._by_office[match[0]], max(match.end(), holder.reach)
                found[place - 1] = Body(holder.start, match.end(), AccusedKind.CITY_OFFICE, known, reach)
            elif not holder and (office := self._office_alone(text, match, county)):
                insort(found, office)
        return found

    def _office_alone(self, text: str, match: re.Match[str], county: str) -> Body | None:
        """An office that is named without its bureau; None where it is that of a school or of another authority."""
        first = max(0, match.start() - _BEFORE_OFFICE)
        before = text[first : match.start()]
        named = self._county_name_ends.search(before)
        if holder := named or _OF_COUNTY.search(before):
            known = self._by_name[named["name"]] if named else county
            return Body(first + holder.start(), match.end(), AccusedKind.COUNTY_BUREAU, known, match.end())
        city = _OF_CITY.search(before)
        if _OF_ANOTHER.search(before) or not (city or len(match[0]) >= _SHORTEST_ALIAS):
            return None
        start = first + city.start() if city else match.start()
        return Body(start, match.end(), AccusedKind.CITY_OFFICE, self._by_office[match[0]], match.end())

    def _bureaus(self, text: str, county: str) -> list[Body]:
        if not _has_any(text, _SIGNS) and not ("部门" in text and _has_any(text, self._unsigned)):
            return []
        found: list[Body] = []
        for match in self._county.finditer(text):
            if not found or found[-1].reach <= match.start():
                known = self._county_of(match, county)
                found.append(_with_people(text, *match.span(), AccusedKind.COUNTY_BUREAU, known))
        for span in _apart(self._city, text, found):
            insort(found, _with_people(text, *span, AccusedKind.CITY_BUREAU, ""))
        for start, end in _apart(_BARE, text, found):
            if whose := _whose(text, start, end, found, county):
                insort(found, _with_people(text, start, end, *whose))
        return found

    def _county_of(self, match: re.Match[str], county: str) -> str:
        if match[0] in self._by_authority:
            return self._by_authority[match[0]]
        named = self._named.match(match.string, match.start())
        return self._by_name[named["name"]] if named else county


def _has_any(text: str, words: Iterable[str]) -> bool:
    return any(word in text for word in words)


def _apart(pattern: re.Pattern[str], text: str, taken: Sequence[Body]) -> list[tuple[int, int]]:
    """Where the pattern matches outside of what is taken, which is in order."""
    return [match.span() for match in pattern.finditer(text) if not _overlaps(match, taken)]


def _overlaps(match: re.Match[str], taken: Sequence[Body]) -> bool:
    place = bisect_left(taken, (match.end(),))
    return place > 0 and taken[place - 1].reach > match.start()


def _whose(text: str, start: int, end: int, found: Sequence[Body], county: str) -> tuple[AccusedKind, str] | None:
    """教育局 or 局长 alone: of the bureau that was named last before, else of the one county, else of the city.

    局长 may be that of any other authority where no bureau was named before, and is none then. `found` is in order.
    """
    if place := bisect_left(found, (start,)):
        last = found[place - 1]
        is_county = last.kind == AccusedKind.COUNTY_BUREAU
        return (last.kind, last.id) if is_county else (AccusedKind.CITY_BUREAU, "")
    if text.endswith("长", start, end):
        return None
    return (AccusedKind.COUNTY_BUREAU, county) if county else (AccusedKind.CITY_BUREAU, "")


def _with_people(text: str, start: int, end: int, kind: AccusedKind, known: str) -> Body:
    """A bureau with those of its people that are named after it; those who are no heads are of some office."""
    if text.endswith("局长", start, end):
        return Body(start, end, kind, known, end)
    if chief := _CHIEF.match(text, end):
        return Body(start, end, kind, known, chief.end())
    is_county = kind == AccusedKind.COUNTY_BUREAU
    people = (_COUNTY_STAFF if is_county else _CITY_STAFF).match(text, end)
    if not people:
        return Body(start, end, kind, known, end)
    return Body(start, end, kind if is_county else AccusedKind.CITY_OFFICE, known, people.end())
