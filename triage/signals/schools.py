"""Names of schools, kindergartens and training institutions, by the way in which they are written."""

from __future__ import annotations

import re
from collections.abc import Iterator

from triage.signals.boundaries import HAN, name_start
from triage.signals.brands import written_brands
from triage.signals.kinds import HIGHER, NO_SCHOOL_AFTER, ONE_IN_A_COUNTY, SORT, SORT_AFTER_PLACE, school_ends
from triage.signals.spans import Found, outside

# Characters that stand within names, but begin one only before these others.
_LOOSE = {
    **dict.fromkeys(
        "有个家看想要可而又再才只还也且最已现所几各处内住归属靠至往就不升入办者底份按使用与曾查考应报边题里并比早怪贪涨填班项另起"
        "兼差送完晚职教谓虽仍均皆仅缺竟",
        "",
    ),
    "当": "阳涂",
    "都": "昌江市",
    "关": "山",
    "会": "昌同宁",
    "修": "水文",
    "系": "马",
    "上": "海林饶高虞犹街坪塘",
    "为": "民",
    "来": "凤宾安",
    "原": "野",
    "本": "溪",
    "如": "皋意东",
    "同": "升济心德仁文",
    "时": "代",
    "人": "民和",
    "求": "知实是真索",
    "连": "云山",
    "能": "仁",
    "得": "胜",
    "调": "关",
    "后": "街湖坪",
    "进": "修步贤",
    "光": "明华大辉正荣泽谷山福",
    "回": "龙民澜",
    "半": "山塘坡",
    "建": "筑国业军华宁德平瓯湖水",
    "未": "来央名",
    "将": "军乐",
    "尚": "义志德书美文",
    "正": "大阳定和德兴源",
    "涉": "县外",
    "呈": "贡祥",
}
_COUNTY = f"(?:[A-Z][0-9]{{0,2}}[市区县]{{1,2}}|(?:(?![省市区县])[{HAN}]){{2,3}}[市区县](?!直|属|委|城))"
PLACE_PREFIX = re.compile(_COUNTY)
"""A county or city that stands before what it is named by."""
_WIDER_PLACE = re.compile(f"(?:(?:(?![省市区县])[{HAN}]){{0,3}}省|{_COUNTY})(?={_COUNTY})")
_ADDRESS = re.compile(f"(?:(?!小区|社区)[{HAN}A-Z0-9]){{1,12}}?(?:小区|社区|街道(?!中心)|大道|路|花园|单元)")
# The only one of its sort that a county or city has, as 县职教中心.
_BY_LEVEL = re.compile("[省市县区](?:直|直属)?(?:机关|实验|特殊|职业|技工|师范|高级|职业技术)?$")
_LEVEL_KINDS = ("学校", "小学", "中学", "高中", "幼儿园", "学院")
_TOWN_SIDES = tuple("关东西南北中")
_MAX_NAME = 20
_MAX_LINK = 8


def written_schools(text: str) -> list[Found]:
    """Names that end as the names of schools do, or stand as the brands of training institutions do, in order."""
    named = list(_names_by_kind(text))
    return sorted([*named, *outside(written_brands(text), named)])


def _names_by_kind(text: str) -> Iterator[Found]:
    name: Found | None = None
    floor = 0
    numbered = False
    for match in school_ends(text):
        if NO_SCHOOL_AFTER.match(text, match.end()) and not match["branch"]:
            continue
        if name and numbered and match.start() == name.end and match[0] == "学校":
            # 二中学校 names 二中.
            continue
        start = name_start(text, max(floor, match.start() - _MAX_NAME), match.start())
        # A name goes on, as in 师范大学附属实验小学, where nothing parts the two kinds.
        if name and start == name.end >= match.start() - _MAX_LINK and match.end() - name.start <= 2 * _MAX_NAME:
            name = Found(name.start, _end(match))
        else:
            if name:
                yield name
            start = _trim(text, start, match.start())
            name = Found(start, _end(match)) if _is_name(text, start, match) else None
        floor = match.end()
        numbered = bool(match["numbered"])
    if name:
        yield name


def _end(match: re.Match[str]) -> int:
    """Where a name ends: after the branch of a school, but before that of a college, which is one body."""
    return match.start("branch") if match["branch"] and HIGHER.search(match[0]) else match.end()


def _is_name(text: str, start: int, match: re.Match[str]) -> bool:
    """Whether more than the sort of school stands before its kind; after a place, 实验 and the like are more."""
    kind = match.start()
    if match["numbered"]:
        return start < kind or match["numbered"][0] in "一二三四五六七八九十" or len(match["numbered"]) > 3
    if level := _BY_LEVEL.match(text, start, kind):
        return level.end() - start > 1 or not match[0].endswith(_LEVEL_KINDS)
    if kind - start < 2:
        return False
    if place := PLACE_PREFIX.match(text, start, kind):
        return bool(
            ONE_IN_A_COUNTY.search(text, place.end(), match.end())
            or not SORT_AFTER_PLACE.fullmatch(text, place.end(), kind)
        )
    return not SORT.fullmatch(text, start, kind)


def _trim(text: str, start: int, end: int) -> int:
    """Where a name begins after loose words, wider places, and an address if what is left is a name by itself."""
    while start < end:
        if text.startswith("县城", start) and text[start + 2 : start + 3] not in _TOWN_SIDES:
            start += 2
            continue
        rest = text[start + 1 : start + 2]
        address = _ADDRESS.match(text, start, end)
        if text[start] in _LOOSE and (rest not in _LOOSE[text[start]] or not rest):
            start += 1
        elif wider := _WIDER_PLACE.match(text, start, end):
            start = wider.end()
        elif address and end - address.end() >= 2 and not SORT.fullmatch(text, address.end(), end):
            start = address.end()
        else:
            break
    return start
