"""Names of counties and cities, by the way in which they are written."""

from __future__ import annotations

import re
from collections.abc import Iterable

from triage.schema import Mention
from triage.signals.boundaries import HAN, after_last, name_start
from triage.signals.spans import Found

_CODED_PLACE = re.compile(r"[A-Z](?<![A-Za-z0-9].)(?:\d{1,2} ?[县区市]|市)(?![东南西北中]?路|大道|山|村|书院)")
_PLACE_END = re.compile(
    "县(?![级域委长里内]|领导)|区(?![别域间块分划委长里内]|领导)|市(?![场民面容值花井委长里内级]|领导|政(?!府))"
)
_PLACE_NAME = re.compile(f"[{HAN}]{{2,3}}")
# What stands before 县, 区 and 市 that are the end of no county's name.
_BEFORE_NO_PLACE = frozenset(
    "小社校学片城地园景市郊街库厂矿辖老院营灾特专战牧禁盲误各全该本我你贵此外县每某两几多跨一二三四五六七八九十不超上门夜股楼都房菜黑集出逛副下邻"
)
_NO_PLACE = re.compile(
    "(?:生活|住宅|开发|工业|服务|示范|实验|试验|安置|步行|作业"
    "|功能|管理|保护|经济|产业|科技|物流|宿舍|办公|教学|行政|教育|评论|风险|棚户|偏远|贫困"
    "|核心|中心|家属|园林|旅游|别墅|棚改|禁养|商务|贸易|自贸|文教|建筑|集中|感应|不同|水源|公众|警备|游乐|(?:偏远|扎根|[东西南北]部)山"
    "|高新|经开|现有|闹)[县区市]$|(?:直辖|地级|级|副|省)市$|副县$"
)
_PLACE_ENDS = "省市县区"
_BEFORE_PLACE = frozenset("回系打望住找来往至归和为有查告离")


def written_places(text: str) -> list[Found]:
    """Places that are written as counties, districts or cities are."""
    found = [Found(*match.span()) for match in _CODED_PLACE.finditer(text)]
    for match in _PLACE_END.finditer(text):
        end = match.start()
        if text[end - 1 : end] in _BEFORE_NO_PLACE:
            continue
        start = name_start(text, max(0, end - 6), end)
        if end - start < 2:
            continue
        if end - start > 2 and text[start] in _BEFORE_PLACE:
            start += 1
        start = after_last(_PLACE_ENDS, text, start, end)
        # 州 and the like end the place before, but they end the name of 汀州区 itself.
        start = after_last("州镇乡村路", text, start, end - 1)
        if _PLACE_NAME.fullmatch(text, start, end) and not _NO_PLACE.search(text[start : match.end()]):
            found.append(Found(start, match.end()))
    return sorted(found)


def main_place(places: Iterable[Mention]) -> Mention | None:
    """The first county or district named, failing that the first city; None where no place is named."""
    ordered = list(places)
    counties = (place for place in ordered if place.id or place.name[-1] in "县区" or any(map(str.isdigit, place.name)))
    return next(counties, ordered[0] if ordered else None)
