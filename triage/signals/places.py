"""Names of counties and cities: those on the bureau's list, and what is written as one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from triage.config.model import Jurisdiction
from triage.schema import Mention
from triage.signals.boundaries import HAN, name_start
from triage.signals.spans import Found

# What follows a county's name where it is part of another name: a street, a hill, another county.
_OTHER_THING_AFTER_NAME = re.compile("路|街(?!道)|大道|公路")
_OTHER_THING_AFTER_ALIAS = re.compile(
    "县|市|区|路|街|大道|公路|高速|山|江|河|湖|桥|公园|小区|花园|花苑|公馆|广场|商场|酒店|宾馆|饭店|大厦|大学|学院|银行|公司"
)
# Characters with which a short alias makes other words by chance, as 万安 does in 千万安排.
_CHANCE_BEFORE = frozenset("千百十亿数治平公保长不太最更重创革全刷很")
_CHANCE_AFTER = frozenset("排全心置装慰静稳顿抚利祉气部线事活劲净预扰生")
_CODED_PLACE = re.compile(r"(?<![A-Za-z0-9])[A-Z](?:\d{1,2} ?[县区市]|市)")
_PLACE_END = re.compile("县(?![级域])|区(?![别域间块分划])|市(?![场民面容值花井]|政(?!府))")
_PLACE_NAME = re.compile(f"[{HAN}]{{2,3}}")
# What ends in 县, 区 or 市 and is the name of no county.
_NO_PLACE = re.compile(
    "(?:[小社校学片城地园景市郊街库厂矿辖老院营灾特专战牧禁盲误各全该本我你贵此外县每某两几多跨]|生活|住宅|开发|工业|服务|示范|实验|试验|安置|步行|作业"
    "|功能|管理|保护|经济|产业|科技|物流|宿舍|办公|教学|行政|教育|评论|风险|棚户|偏远|贫困|[一二三四五六七八九十]"
    "|[超上门夜股楼都房菜黑集出逛副下邻])[县区市]$|(?:直辖|地级|级|副|省)市$|副县$"
)
_BEFORE_PLACE = frozenset("回系打望住找来往至归和为有查告离")


class Gazetteer:
    """The names and aliases of listed jurisdictions, longest first."""

    def __init__(self, items: Sequence[Jurisdiction]) -> None:
        self._ids = {name: item.id for item in items for name in (*item.aliases, item.name)}
        self._full = {item.name for item in items}
        longest_first = sorted(self._ids, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")

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


def written_places(text: str) -> list[Found]:
    """Places that are written as counties, districts or cities are."""
    found = [Found(*match.span()) for match in _CODED_PLACE.finditer(text)]
    for match in _PLACE_END.finditer(text):
        end = match.start()
        start = name_start(text, max(0, end - 6), end)
        if end - start > 2 and text[start] in _BEFORE_PLACE:
            start += 1
        start = max(start, *(text.rfind(sign, start, end) + 1 for sign in "省市县区州镇乡村路"))
        if _PLACE_NAME.fullmatch(text, start, end) and not _NO_PLACE.search(text[start : match.end()]):
            found.append(Found(start, match.end()))
    return sorted(found)


def main_place(places: Iterable[Mention]) -> Mention | None:
    """The first county or district named, failing that the first city; None where no place is named."""
    ordered = list(places)
    counties = (place for place in ordered if place.id or place.name[-1] in "县区" or any(map(str.isdigit, place.name)))
    return next(counties, ordered[0] if ordered else None)
