"""Names of schools, kindergartens and training institutions, by the way in which they are written."""

from __future__ import annotations

import re
from collections.abc import Iterator

from triage.signals.boundaries import HAN, name_start
from triage.signals.spans import Found

_DIGITS = "(?:[一二三四五六七八九十]{1,3}|[0-9]{1,3})"
_KIND = (
    "(?:教学点|中心校|村小|卫校|职教中心|职专|(?<=[镇乡])初中(?![学生部毕三二一教入阶])"
    "|完全小学|完全中学|中心完小|中心小学|中心幼儿园|附属小学|附属中学|附属幼儿园|完小|附小|附中|小学|中学|高中|职高"
    "|职中|中专|幼儿园|幼稚园|托儿所|学校|学院|大学|职院|职校|技校|党校|电大|科大|少年宫|国际园|双语|早教中心|画室|职教集团"
    "|(?:教育|培训|辅导|托管|补习|早教|艺术|英语)(?:学校|机构|中心))"
)
_SCHOOL_END = re.compile(
    rf"(?:(?P<numbered>第{_DIGITS}(?:完小|小学|中学|高级中学|高中|幼儿园|附小|附中)"
    rf"|第?{_DIGITS}(?:完小|附小|附中|中(?![学考午心间专等期央型职国年秋文])|小(?![学时区部段伙批块型童心朋孩升组吃])|幼(?![儿升])))"
    rf"|{_KIND})(?P<branch>(?:(?![的在和与是])[{HAN}]){{2,4}}(?:校区|分校))?"
)
_NO_SCHOOL_AFTER = re.compile("生(?![源活均物])|城(?!.{1,2}学院)|路|街|文化|文凭|学历|毕业证|教师资格|阶段|以上")
# Characters that stand within names, but begin one only before these others.
_LOOSE = {
    **dict.fromkeys(
        "有个家看想要可而又再才只还也且最已现所几各处内住归属靠至往就不升入办当者底份按使用与曾查考应报光", ""
    ),
    "上": "海林饶高虞犹街坪塘",
    "为": "民",
    "来": "凤宾安",
    "原": "野",
    "本": "溪",
    "如": "皋意",
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
}
# A place in which a school lies, and what tells no more than the sort of school, even after a place.
CODED_PREFIX = re.compile("[A-Z][0-9]{0,2}[市区县]+")
_ADDRESS = re.compile(f"(?:(?!小区|社区)[{HAN}A-Z0-9]){{1,12}}?(?:小区|社区|街道|大道|路|花园|[镇乡](?!中心))")
# No alternative is made of others: each text is read in one way.
_PLAIN_SORT = (
    "[村镇乡县市区省大中小老旧好名初高专院校一]|新建|企业|边远|薄弱|全[国省市县区]|城市|城乡|城关|县城|附近|普通|重点|国家|街道|课外|课后"
    "|多数|初级|高级|高职|义务|教育|九年|十二年|一贯制|九年制|学科|非学科|正规|合法|同类|本地|外地|当地|周围|独立|贵族"
    "|直属|单位|社区|校外|培训|托管|辅导|补习|早教"
)
_SORT = re.compile(
    f"(?:{_PLAIN_SORT}|中心|职业|技工|技术|高等|中等|专科|本科|寄宿|封闭|完全|英语|艺术|实验|示范性?|外国语|国际|双语"
    "|特殊|国有|综合|师范|附属|新|第|子弟|进修|特教|成人|建设|复式|民族)*"
)
_PLACE = re.compile(f"(?:[A-Z][0-9]{{0,2}}|[{HAN}]{{2,3}})[市区县]+")
_SORT_AFTER_PLACE = re.compile(f"{_PLACE.pattern}(?:{_PLAIN_SORT})*")
_MAX_NAME = 20
_MAX_LINK = 8


def written_schools(text: str) -> Iterator[Found]:
    """Names that end as the names of schools do."""
    name: Found | None = None
    floor = 0
    for match in _SCHOOL_END.finditer(text):
        if _NO_SCHOOL_AFTER.match(text, match.end()):
            continue
        start = name_start(text, max(floor, match.start() - _MAX_NAME), match.start())
        # A name goes on, as in 师范大学附属实验小学, where nothing parts the two kinds.
        if name and start == name.end >= match.start() - _MAX_LINK and match.end() - name.start <= 2 * _MAX_NAME:
            name = Found(name.start, match.end())
        else:
            if name:
                yield name
            start = _trim(text, start, match.start())
            name = Found(start, match.end()) if _is_name(text, start, match) else None
        floor = match.end()
    if name:
        yield name


def _is_name(text: str, start: int, match: re.Match[str]) -> bool:
    """Whether more than the sort of school stands before its kind; after a place, 实验 and the like are more."""
    kind = match.start()
    if match["numbered"]:
        return start < kind or len(match["numbered"]) > 2
    if kind - start < 2:
        return False
    if _PLACE.match(text, start, kind):
        return match[0].startswith("大学") or not _SORT_AFTER_PLACE.fullmatch(text, start, kind)
    return not _SORT.fullmatch(text, start, kind)


def _trim(text: str, start: int, end: int) -> int:
    """Where a name begins after loose words, and after its address if what is left is a name by itself."""
    while start < end:
        rest = text[start + 1 : start + 2]
        address = _ADDRESS.match(text, start, end)
        if text[start] in _LOOSE and (rest not in _LOOSE[text[start]] or not rest):
            start += 1
        elif address and end - address.end() >= 2 and not _SORT.fullmatch(text, address.end(), end):
            start = address.end()
        else:
            break
    return start
