"""Training institutions that are called by a brand: 启明教育, “小小画家”美术班."""

from __future__ import annotations

import re
from collections.abc import Iterator

from triage.signals.boundaries import HAN, after_last, name_start
from triage.signals.kinds import SORT
from triage.signals.spans import Found

_TRADE = (
    "教育|美语|英语|培训|托管|午托|晚托|托育|早教|美术|书法|艺术|舞蹈|口才|体能|作文|跆拳道|画室|琴行|外国语|幼儿园"
)
# What follows a brand where it is the whole name, and not the first half of another word.
_BRAND_END = re.compile(
    r"(?:教育|美语|英语|托管|午托|托育|早教|外国语|学堂|工作室|艺术|美术)"
    r"(?=[，。、！？；：”’」』》）)（(\s]|$|的(?!重要|意义|发展|公平|问题|大计)|不[给肯退]|无[证照]|老板|跑路|拒|欠|倒闭|关门|关停"
    r"|违规|乱收|虚假|涉嫌|骗|没有?[证办退]|强制|机构|校区|培训|集团|公司)"
)
# Words before 教育, 英语 and the like that make no brand of it.
_NO_BRAND = re.compile(
    "义务|素质|学前|幼儿|家庭|职业|高等|成人|继续|基础|特殊|公办|民办|农村|国民|国防|思想|道德|品德|法制|法治|安全|体育|艺术|音乐|心理"
    "|健康|卫生|爱国|主义|传统|应试|快乐|公平|优质|均衡|全民|终身|社会|学校|课外|校外|在线|网络|远程|国际|双语|小学|中学|初中|高中|大学"
    "|儿童|少儿|早期|启蒙|科学|中国|我国|全国|政治|宣传|批评|良好|正规|德育|素养|文化|文学|民族|地方|当地|本地|外地|初级|中级|高级"
    "|中等|统一|普通|应用|技术|劳动|生命|青春|环境|消防|禁毒|公共|专业|学历|学生|孩子|老师|教师|语文|数学|物理|化学|口语|语言|书面"
    "|大学|商务|各类|各种|其他|其它|多年|年级|免费|有偿|课后|放学|周末|暑期|寒假|假期|午间|中午|晚间|强制|机构|培训|辅导|补习|托管|教育"
    "|全日制|一对一|线上|线下|部门|行业|事业|系统|改革|落后|发达|资源|收费|接受|重视|关心|支持|抓好|搞好|发展|振兴|投身|从事|完成"
    "|继承|现代|传承|创新|创业|就业|^(?:再|受|搞|办|抓|管|爱|教|好|学(?![而大霸优尚思有]))|省|市$|县$|区$|乡$|镇$|村$|[一二三四五六七八九十]个"
)
_QUOTED = re.compile(
    rf"[“\"「『]([{HAN}A-Za-z0-9·]{{2,10}})[”\"」』](?=的?(?:少儿|作业|课外|校外|儿童|民办)?(?:{_TRADE}|机构|辅导|补习))"
)
_OFTEN_NO_BRAND = frozenset(("英语", "艺术", "美术", "早教", "外国语", "工作室"))
_WITHIN_TEXT = re.compile(f"(?![省市县区镇乡])[{HAN}]")
_BRAND_SIZES = range(2, 7)


def written_brands(text: str) -> list[Found]:
    """Names without the kind of a school: before a trade, or in quotation marks with the trade after them."""
    return sorted(
        [*_by_trade(text), *(Found(*match.span(1)) for match in _QUOTED.finditer(text) if not SORT.fullmatch(match[1]))]
    )


def _by_trade(text: str) -> Iterator[Found]:
    floor = 0
    for match in _BRAND_END.finditer(text):
        end = match.start()
        start = name_start(text, max(floor, end - 12), end)
        start = after_last("省市县区镇乡道路", text, start, end)
        if match[0] in _OFTEN_NO_BRAND and _WITHIN_TEXT.match(text, max(0, start - 1), start):
            continue
        if end - start in _BRAND_SIZES and not _NO_BRAND.search(text[start:end]):
            floor = match.end()
            yield Found(start, floor)
