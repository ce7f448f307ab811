"""Words with which the names of schools, kindergartens and training institutions end, and words that name none."""

from __future__ import annotations

import re
from collections.abc import Iterator

from triage.signals.boundaries import HAN
from triage.text.alternatives import by_first

_DIGITS = "(?:[一二三四五六七八九十]{1,3}|[0-9]{1,3})"
_NUMBERED = (
    f"第{_DIGITS}(?:完小|小学|中学|初级中学|高级中学|实验小学|实验中学|高中|幼儿园|附小|附中)"
    f"|第?{_DIGITS}(?:完小|附小|附中|职(?:中|专|高)?(?![业工责务称位教级员])|(?<![高初].)高(?![一二三中校考级年分于出达])"
    "|中(?![学考午心间专等期央型职国年秋文队全](?![生校])|全会)"
    "|小(?![学时区部段伙批块型童心朋孩升组吃票路车店](?![生校]))|幼(?![儿升]))"
)
_PLAIN = (
    "教学点|(?:教育)?中心校|中心园|村小(?!学)|卫校|特校|聋校|武校|职教中心|职专|(?<=[镇乡])初中(?![学生部毕三二一教入阶])"
    "|完全小学|完全中学|(?:高级|初级)中学|(?:高等)?专科学校|中等(?:专业|职业)学校|九年(?:一贯)?制学校"
    "|中心完小|中心小学|中心幼儿园|附属小学|附属中学|附属幼儿园|完小|附小|附中|小学|中学|高中|职高"
    "|职中|中专|幼儿园|幼稚园|托儿所|学校|学院|大学|职院|职校|技校|党校|电大|科大|少年宫|国际园|双语|早教中心|画室|职教集团"
    "|(?:教育|培训|辅导|托管|托育|补习|早教|艺术|英语|舞蹈|美术)(?:培训)?(?:学校|机构|中心)"
)
_BRANCH = f"(?:(?:(?![的在和与是至到])[{HAN}]){{2,4}}(?:校区|分校)|[东南西北]校区|小学部|本部)"
_KIND = re.compile(by_first(f"{_NUMBERED}|{_PLAIN}"))
SCHOOL_END = re.compile(f"(?:(?P<numbered>{_NUMBERED})|{_PLAIN})(?P<branch>{_BRANCH})?")
NO_SCHOOL_AFTER = re.compile(
    "生(?![源活均物])|城(?!.{1,2}学院)|路(?!途)|街(?!道)|文化|文凭|学历|毕业证|教师资格|阶段|以上|站|科目|校[长车园服舍]"
)

# What tells no more than the sort of school. No alternative is made of others: each text is read in one way.
_PLAIN_SORT = (
    "[村镇乡县市区省大中小老旧好名初高专院校一]|新建|企业|边远|薄弱|全[国省市县区]|城市|城乡|城关|县城|附近|普通|重点|国家|街道|课外|课后"
    "|多数|初级|高级|高职|义务|教育|九年|十二年|一贯制|九年制|学科|非学科|正规|合法|同类|本地|外地|当地|周围|独立|贵族"
    "|直属|单位|社区|校外|培训|托管|辅导|补习|早教"
)
_OTHER_SORT = (
    "中心|职业|技工|技术|高等|中等|专科|本科|寄宿|封闭|完全|英语|艺术|实验|示范性?|外国语|国际|双语"
    "|特殊|国有|综合|师范|附属|新|第|子弟|职工|进修|特教|成人|建设|复式|民族|配套|品牌|热门|定点|山区|高寒|偏僻|合格|达标"
    "|文化|美术|少儿|书法|舞蹈|音乐|体育|武术|文武|纺织|工业|轻工|机关|地区|希望|软件|技师|电子|机电|卫生|地段|[一二三]期|地块|对口|合作"
)
SORT = re.compile(f"(?:{_PLAIN_SORT}|{_OTHER_SORT})*")
SORT_AFTER_PLACE = re.compile(f"(?:{_PLAIN_SORT}|配套|品牌|热门|定点|偏僻|希望|对口|农村|山区)*")
# Kinds of which a county has few, so that its name before them tells the school.
ONE_IN_A_COUNTY = re.compile(
    "高级中学|职教中心|职专|卫校|特校|聋校|中等|专科|党校|电大|职高|职中|中专|职校|技校|少年宫|城关|特殊教育|附属|大学"
)
HIGHER = re.compile("大学|学院|职院|科大|电大|党校")
"""Kinds that no bureau of a city or county runs."""
BARE_NUMBER = re.compile("[市区县]?第?[一二三四五六七八九十]+(?:中|小|幼|职|高|完小|附小|附中|中学|小学|高中|幼儿园)")
"""A name that every county has."""


def school_ends(text: str) -> Iterator[re.Match[str]]:
    """What `SCHOOL_END` finds in a text, in a fraction of the time."""
    place = 0
    while kind := _KIND.search(text, place):
        # The same kind with its branch: nothing that may follow makes a shorter one of it.
        match = SCHOOL_END.match(text, kind.start())
        if match is None:
            raise AssertionError("both patterns hold the same kinds")
        yield match
        place = match.end()
