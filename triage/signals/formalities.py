"""What a letter lacks of what 信访工作条例 article 19 asks for, and for how many people it speaks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from triage.schema import Formality, Message
from triage.signals.boundaries import HAN
from triage.signals.numerals import NUMBER, at_least
from triage.text import PersonalKind, find_personal_data
from triage.text.alternatives import by_first
from triage.text.surnames import SURNAMES

JOINT = 5
"""From how many people on a letter counts as joint; by article 20 at most so many representatives may call."""

_MOST = 99_999
"""More people than that are a way of speaking, as in 我们14亿人."""

# ---- name ----

_NAME = (
    rf"(?:(?:欧阳|上官|司马|诸葛|皇甫|慕容|令狐|司徒|夏侯|端木|公孙)[{HAN}*＊]{{1,2}}"
    rf"|[{SURNAMES}][{HAN}*＊]{{1,2}}?|[{HAN}]{{2,6}}[·•][{HAN}]{{2,6}})"
)
_WHOLE_NAME = re.compile(_NAME)
_BODY = re.compile(rf"[{HAN}（）()]{{2,}}(?:公司|委员会|业委会|村委会|居委会|协会|商会|中心|学校|小学|中学|幼儿园)")
# What begins with a surname and is no name: 王先生, 方便, 高中生.
_NO_NAME = re.compile(
    ".*(?:先生|女士|小姐|老师|同志|师傅|同学|朋友|妈妈?|爸爸?|家长|业主|居民|[村市农]民|群众|用户|网友|生活"
    "|[总某人们的了员户者工镇县市村区城乡])$"
    "|.某|代[表课理办替]|方便|安[全静心]|常[年住客]|高[一二三中考]|温馨|成[都年为绩]|单[位独身]|文明|马上|包[括含工]|计划|连[续带]"
    "|于[今昨去前上本当同是此年月]|向[贵有各上相政市县区]|关[于心注爱键]|解[决放释]|项目|管[理辖]|简单|金色|易[地迁]|容易|农业|谢谢"
    "|房[屋产子]|费[用了]|怀[孕疑]|祖[籍上父母宗]|曾[经到在多于是]|党[费员]"
)
_WRITER = (
    r"(?:(?:[举揭]\s*报|投\s*诉|反\s*[映应]|联\s*系|来\s*[信访]|[信上]\s*访|[写留]\s*[信言]|求\s*助|[报控]\s*告|检\s*举|申\s*[请诉]|呈\s*报"
    r"|建\s*议|咨\s*询|诉\s*求|请\s*愿|联\s*名|签\s*名|执\s*笔|署\s*名)\s*人|(?:[^\w]|真实|本人|我的|^)(?:姓\s*名|落款|署名|签名))\s*[:：]\s*"
)
_NAME_END = rf"(?=[^{HAN}]|联系|电话|手机|身份|性别|住址|地址|日期|先生|女士|\Z)"
_LABELLED = re.compile(rf"{_WRITER}(?P<name>{_NAME}){_NAME_END}", re.MULTILINE)
# What ends the label before a name.
_LABEL_END = re.compile(r"[人名款]\s*[:：]")
_INTRODUCED = re.compile(
    rf"(?:本人|我名?叫|我的名字[叫是])[是叫:：]?(?P<name>{_NAME})(?=[^{HAN}]|男|女|身份证|今年|现年|家住|是[^否]|系|住|来自|\Z)"
)
_INTRODUCTIONS = ("本人", "我名叫", "我叫", "我的名字")
_CALLED = re.compile(rf"(?:我是|我系)(?P<name>{_NAME})(?=[,，。;；(（])")
_DAY = r"(?:\d{4}|[一二〇零○O]{4})\s*[年./-]\s*\w{1,3}\s*[月./-]\s*\w{1,3}\s*[日号]?"
_SIGNED = re.compile(
    rf"(?:敬礼[^\w]*|敬上[^\w]*|\n\s*|[。！!.]\s+)(?P<name>{_NAME})\s*(?:敬上|呈上)?[，,。]?\s*(?:{_DAY})?\s*\Z"
)
_SIGNATURE = 80
"""Within how many characters of the end a signature stands."""

# ---- address ----

_CONTACTS = frozenset({PersonalKind.ID_CARD, PersonalKind.MOBILE, PersonalKind.LANDLINE, PersonalKind.EMAIL})
# A number that was hidden before the letter came here was given by its writer.
_HIDDEN_CONTACT = re.compile(
    by_first(
        r"(?:电话|手机|身份证|微信|QQ|联系方式)[^，。；\n]{0,8}[*＊]{4}|[*＊][*＊]{8}|(?:微信|QQ)号?[:：是]\s*[A-Za-z0-9_-]{5}"
    )
)
# An e-mail address has the one, every other contact the other: 7 digits or more, apart by what joins them at most.
_MAY_BE_CONTACT = re.compile(r"[\d@＠﹫](?:(?<=[@＠﹫])|(?:\W{0,3}\d){6})")
_PLACE_END = "(?:小区|社区|花园|公寓|家园|宿舍|[村镇乡组栋幢号路街巷弄苑府城庭湾园寨院屯])"
_ADDRESS = re.compile(
    by_first(
        r"(?:住址|(?<![店铺校司位构点营册网])地址|通讯处)[是为在]?\s*[:：为是在]\s*\w{4}"
        r"|(?:家住|住在|住于|现住|我住|租住|居住于|户口在|户籍在)(?!这|那|里|一|农村)"
        rf"[^，。,；;!！?？\s]{{2,18}}?{_PLACE_END}"
        r"|(?:我们?|本人|笔者)[都均]?[是系为](?![^，。]{0,4}(?:农村|自然村|外地))"
        rf"[^，。,；;!！?？]{{3,24}}?{_PLACE_END}[^，。,；;!！?？]{{0,12}}?(?:[村居农]民|业主|住户|租户|人(?![员才大]))"
    )
)

# ---- request ----

# What a writer asks, wants or wonders; words of deeds, such as 处理, are left out where they often tell what was done.
_REQUEST = re.compile(
    by_first(
        r"(?<![申聘邀宴])请(?![假客柬帖])|[?？]|吗|何时|什么时候|几时|怎么办|如何|[能可是]否|能不能|可不可以|有没有|为什么|为何|凭什么|多少"
        r"|哪[里些个]|怎[样么]|希望|[恳要诉需]求|求(?:助|政府|领导|[你您])|[跪乞祈央哀]求|[盼期渴]望|期[盼待]|为盼|(?<!\w)望(?![去见着城])"
        r"|[盼望](?:领导|政府|[市县区能贵给予早尽回为各]|上级|有关|相关)|呼吁|建议|提议|咨询|询问|请教|想[问知了]|问(?:一下|问)|[做作]主"
        r"|公道|[给讨]个?(?:说法|交代)|答复|回复|抗议|(?:强烈|坚决)反对|不同意|(?<![没未有不])解决(?!不了)|[严彻明]查|查[处办]|法处|核[查实]"
        r"|整治|(?<![拒不])整改(?!通知|要求|承诺)|惩[治罚办]|严[惩肃]|取缔|制止|叫停|督[促办]|责令|追究|曝光|退[还钱款费]|返还|归还|赔偿"
        r"|补偿|还(?:给)?(?:我|居|老?百姓|业主|市民|群众|孩子|大家|一方)|[帮救](?:我|忙|助|帮|救)|管管|管一|来管|谁.?管|重视|关[注心]|过问"
        r"|介入|落实|尽[快早]|早日|应(?:[该当留设予]|由)|加[强快]|改[进善]|完善|协调|能够?[把将给让]|可以[把将给让]"
    )
)
# Who reports or complains asks by that alone; not who tells that others did, or that it led to nothing.
_REPORT = re.compile(
    r"(?:^|[\s，。！!：:；、【]|我们?|本人|现|特|此|名|要|再次|继续|关于)(?:举报|投诉|控告|检举|申诉|质疑|反对)"
    r"(?!无门|无果|未果|多次|[过了到后]|电话|热线)|的(?:举报|投诉|质疑)\s*$",
    re.MULTILINE,
)

# ---- people ----

_NOUN = (
    r"(?P<noun>(?:学生|新生|小学生|普通)?(?:家长|业主|[村居市]民|住户|老师|教师|教职工|[职员民]工|工人|农民工?|农户|租户|商户|商家|群众"
    r"|考生|司机|教练|同[事学]|工友|校友|邻居|毕业生|(?:代课|民办|退[伍役休]|编外)\w{0,2}|老兵|受害\w|购房\w|人员|消费者|学员|会员|投资人"
    r"|拆迁户|家庭|乡亲|老人|医护|护士|医生|员))"
)
_NO_NOUN = "(?P<noun>)"
_COUNTED = rf"(?P<number>{NUMBER})(?:[-~—至到]{NUMBER})?(?P<measure>名|位|户|个|人)"
_OTHERS = "(?!孩子|小孩|子女|儿子|女儿|宝宝|娃|学校|领导|小区|小时)"
_WE = "(?:[我咱俺]们)"
_GROUP = (
    r"(?:\d{1,3}栋|全?[班村校组厂街乡镇县]|小区|社区|楼[栋盘]?|单元|公司|单位|部门|家属院|小组|市场|园区|年级|学校|幼儿园)"
    r"[里内]?(?:的|共|总共|一共)?"
)
_JOINTLY = (
    "(?:联名|联署|联合(?:签名|举报|反映|上书|投诉)|(?:集体|共同|一起|一致)(?:签[名字]|举报|反映|投诉|上书|请愿|要求|请求|呼吁)"
    "|泣血|敬上|敬呈|呈报|请愿)"
)
_NOT_AFTER = r"(?<![只仅有给第\d.〇零一二两三四五六七八九十百千万几数])"
_PEOPLE = tuple(
    (needed, re.compile(pattern))
    for needed, pattern in (
        (
            ("们",),
            rf"{_WE}(?:这里?|这些|全体|大家|一行|一共|总共|共计|共|近|约|将近|接近|上)*{_COUNTED}{_OTHERS}{_NOUN}?(?![次均口型]|民[^工]|小组)",
        ),
        (("我", "们", "本"), rf"(?:{_WE}的?|[我本]){_GROUP}{_COUNTED}的?{_NOUN}"),
        (
            ("代表",),
            rf"(?:{_WE}|我|本人|在此|谨|仅此|鄙人|笔者)[谨仅特]?(?:在此)?代表[^，。；！？,;!?]{{0,10}}?{_COUNTED}(?!型){_NOUN}?",
        ),
        (
            ("联名", "联署", "联合", "集体", "共同", "一起", "一致", "泣血", "敬上", "敬呈", "呈报", "请愿"),
            rf"{_NOT_AFTER}{_COUNTED}\w{{0,8}}?{_JOINTLY}{_NO_NOUN}",
        ),
        (
            ("要求", "请求", "恳请", "呼吁", "期盼", "急盼", "跪求"),
            rf"{_NOT_AFTER}{_COUNTED}{_NOUN}(?:强烈|急切|迫切)?(?:要求|请求|恳请|呼吁|期盼|急盼|跪求)",
        ),
        (
            ("联名", "签名"),
            rf"(?:联名|签名)(?:信|上书|举报|反映|投诉|签字)?(?:人数?|者)?(?:共[计有]?|总计|计|有|为)?[:：]?{_COUNTED}{_NO_NOUN}",
        ),
        (("全体", "全班"), rf"全[体班](?:共计?)?{_COUNTED}{_NOUN}"),
        (("全体",), rf"全体{_NOUN}(?:共计?|总计|合计){_COUNTED}"),
    )
)
"""Ways of telling for how many one speaks, each with words of which one has to stand in the text."""
_MEASURED = re.compile(
    r"[名位户个人](?:(?<=[\d〇零二两三四五六七八九十百千万几数,.].)|(?<=[\d〇零一二两三四五六七八九十百千万几数,.~—至到-]一.)"
    r"|(?<=[\d〇零一二两三四五六七八九十百千万几数,.][多余来几].))"
)
"""A number of people other than 一 alone."""
_WITH_OTHERS = re.compile(
    rf"(?:我|本人)(?:[和与及跟同]|以及)(?:我的|本校|同校|单位)?(?:另外?|其[他余它]|别的|身边)?的?{_COUNTED}{_OTHERS}{_NOUN}?"
)
_SIGNERS = re.compile(
    rf"{_WRITER}(?P<names>{_NAME}(?:、\s?[{HAN}]{{2,4}}|[，,\s]{{1,2}}{_NAME})+){_NAME_END}", re.MULTILINE
)


def missing_formalities(message: Message) -> tuple[Formality, ...]:
    """What the letter does not give, in the order name, address, request; empty where nothing is missing.

    信访工作条例 article 19 asks for name, address, request, facts and reasons. A name is the sender's, or one that the
    text gives with a label, an introduction or a signature; user numbers, 匿名 and 王女士 are none. An address is where
    the writer lives, or a telephone, identity card number or e-mail by which to be found; what stands hidden by `*`
    was given. A question, a complaint and a report are requests.
    """
    both = f"{message.title}\n{message.text}"
    given = (
        (Formality.NAME, _is_sender(message.sender) or _names_its_writer(message.text)),
        (Formality.ADDRESS, _tells_where(both)),
        (Formality.REQUEST, bool(_REQUEST.search(both) or _REPORT.search(both))),
    )
    return tuple(formality for formality, is_there in given if not is_there)


def people_count(message: Message) -> int | None:
    """The number of people that the letter says it speaks for, at least 2; None where it names none.

    Of several numbers the largest counts, and of a vague one the least that it can mean (几十户 is 20). Households
    count as one each, and a family is no group: 我们一家三口 is None. People that the letter only tells of, such as
    the 2000 pupils of a school, do not count.
    """
    # White space says nothing here, save where a line ends.
    text = "\n".join("".join(line.split()) for line in f"{message.title}\n{message.text}".split("\n"))
    return max((count for count in _counts(text) if 2 <= count <= _MOST), default=None)


def _is_sender(written: str) -> bool:
    """Whether a person's name stands there, or that of a body, whose letter article 19 asks to bear its name."""
    sender = "".join(written.split())
    return _is_name(sender) or bool(_BODY.fullmatch(sender))


def _is_name(written: str) -> bool:
    return bool(_WHOLE_NAME.fullmatch(written)) and not _NO_NAME.match(written)


def _names_its_writer(text: str) -> bool:
    places = (
        (_LABELLED, text if _LABEL_END.search(text) else ""),
        (_INTRODUCED, text if any(words in text for words in _INTRODUCTIONS) else ""),
        (_CALLED, text),
        (_SIGNED, text.rstrip()[-_SIGNATURE:]),
    )
    return any(_is_name(match["name"]) for pattern, where in places for match in pattern.finditer(where))


def _tells_where(text: str) -> bool:
    if _ADDRESS.search(text) or _HIDDEN_CONTACT.search(text):
        return True
    return bool(_MAY_BE_CONTACT.search(text)) and any(data.kind in _CONTACTS for data in find_personal_data(text))


def _counts(text: str) -> Iterator[int]:
    for needed, pattern in _PEOPLE if _MEASURED.search(text) else ():
        for match in pattern.finditer(text) if any(word in text for word in needed) else ():
            # 个 counts anything: 我们三个小区 are no three people.
            if match["measure"] != "个" or match["noun"]:
                yield at_least(match["number"]) or 0
    for match in _WITH_OTHERS.finditer(text):
        if match["measure"] in "名位" or match["noun"]:
            yield 1 + (at_least(match["number"]) or 0)
    for match in _SIGNERS.finditer(text) if _LABEL_END.search(text) else ():
        yield len(re.split(r"[、，,\s]+", match["names"]))
