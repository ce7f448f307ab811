"""Whether a letter blames a body that it names, or only writes to it, asks it or quotes it.

A body is what could be given the letter to handle: a county's bureau, an office of the bureau, the bureau itself.
信访工作条例 article 30 forbids to pass an accusation on to whom it accuses, and nothing forbids to pass it to somebody
higher; so a county's bureau or an office counts as blamed unless the words show that it is not. The bureau itself, to
which most letters are written, counts only where they show that it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from triage.signals.boundaries import HAN
from triage.text.alternatives import by_first

_SENTENCE_END = re.compile(r"[。！？!?\n]")
_BEFORE, _AFTER, _ANSWER, _NEAR = 40, 60, 80, 200
"""Characters before and after a body in its sentence that speak of it, within which a report is answered, and that
belong to one sentence at most."""

# Wrongs of which only those can be guilty who have power over others.
_OF_OFFICE = (
    "不作为|乱作为|慢作为|懒政|怠政|渎职|失职|失察|玩忽职守|官官相护|官僚|形同虚设|监管不力|监管缺位|管理混乱|包庇|袒护|庇护|纵容|放纵|默许|放任|听之任之"
    "|保护伞|内鬼|内应|内线|勾结|串通|勾搭|沆瀣一气|狼狈为奸|穿一条裤子|一个鼻孔出气|利益输送|利益关系|权钱交易|以权谋私|以权压人|谋取私利|谋私|滥用职权|利用职[务权]|手中的?权力"
    "|徇私|舞弊|暗箱|黑箱|内定|萝卜|走后门|开后门|开绿灯|走[^，。！？]{0,3}(?:门子|门路|关系|路子)|打过?招呼|递条子|批条子|插手|干预|一手遮天|官威|官腔"
    "|吃拿卡要|雁过拔毛|中饱私囊|捞[钱油取]|捞好处|敛财|索要|索取|索贿|受贿|行贿|贿赂|贪污|贪腐|腐败|回扣|好处费|辛苦费|好处|红包|礼金|购物卡|贪了|分红|入股|干股|抽成|提成"
    "|收(?:受|了|过|人|钱|黑钱|礼)|塞(?:钱|红包|了)|送(?:钱|礼|了|红包|烟|酒)|打点|表示表示|意思意思|懂规矩|懂点规矩|明码标价|价码"
    "|喝酒|陪酒|酒店|饭店|农家乐|会所|喝到|吃[^，。！？]{0,4}饭|吃吃喝喝|宴请|请客|打牌|称兄道弟|拜把子|合伙|开公司|亲戚|小舅子|舅子|外甥|侄[子女儿]|表[哥弟姐]|妻子|老婆|爱人"
    "|睁一只眼|睁只眼|视而不见|视若无睹|充耳不闻|装聋作哑|装作不知|装糊涂|看不见|打掩护|掩护|掩盖|遮掩|遮丑|捂盖子|捂着|捂住|压[下住着了]|瞒[报下着住]|隐瞒|别往外传|不要声张|大事化小"
    "|泄露|泄密|透露|走漏|通风报信|通气|跑风漏气|出卖|告密|原封不动|转给(?:了)?(?:学校|校长|被|对方|当事|机构|他|她|我们)|转到(?:了)?(?:学校|校长|被|对方|机构)"
    "|把[^，。！？]{0,14}(?:电话|信息|姓名|名字|举报信|信|材料|身份)[^，。！？]{0,10}(?:给|告诉|透|泄|转|交)|告诉了?(?:学校|校长|被|对方|机构|老师)"
    "|打击报复|报复|刁难|为难|故意卡|卡着|卡我|卡住|设卡|挑毛病|双重标准|不公|偏袒|偏心|区别对待|亲疏|黑幕|猫腻|见不得人|不可告人"
    "|踢皮球|踢来踢去|推诿|扯皮|推脱|推卸|推来推去|互相推|相互推|推给|甩锅|敷衍|应付了事|走过场|走形式|和稀泥|糊弄|忽悠|搪塞|打太极|前后矛盾|支支吾吾|态度(?:恶劣|极差|很差|蛮横|生硬|傲慢|冷淡)|蛮横"
    "|动了?手脚|做手脚|顶替|冒名|暗中|私下|私自|擅自|无故|无理|强行|欺上瞒下|欺骗|骗(?!子|局|我|了我|人的)|撒谎|说谎|说假话|弄虚作假|造假|篡改|伪造|拖着不|拖延|久拖|一拖再拖|以各种理由|各种借口|百般"
    "|管不管|不公正|不公平|不担当|不负责任|失望|寒心|有关系|关系户|有背景|后台|靠山|撑腰|罩着|有人罩"
)
# What a body did not do that a writer had asked of it.
_INACTION = (
    "不处理|没处理|没有处理|未处理|不理[睬会不]?|不予理|置之不理|爱理不理|爱答不理|没人管|没有人管|无人管|无人问津|不管|没管|没有管|不来管|不过问|不闻不问|石沉大海|杳无音[信讯]|泥牛入海"
    "|没有?(?:任何|一点|一个|丝毫|半点)?(?:下文|回音|回复|答复|结果|动静|消息|音讯|说法|反应|反馈|行动|人来|人接|下落|用|效果|作用)|无(?:任何)?(?:结果|果|回复|答复|音讯|下文|效)(?!断)"
    "|不了了之|迟迟[不没未]|至今(?:仍|还|都)?[没未无不]|到现在(?:也|都|还|仍)?[没未不]|一直[没未不拖]|始终[没未不]|从[未不没]|仍[然旧]?(?:没|未|不)|根本不|就是不|不解决|没解决|未解决|不了了|不见(?:有)?人|不接电话|不回"
    "|研究研究|再研究|等通知|回去等|查无实据|查无此|没有(?:发现)?问题|不属实|不归(?:我们|他们|他)管|不属于|推给|推到|白跑|白说|白反映|跑断腿|兜圈子|轻描淡写|几句话打发|打发"
)
# Wrongs of anybody: they are a body's own only where nobody else stands between.
_OF_ANYBODY = (
    "违规|违法|违纪|违反|乱收|强迫|强制|逼|威胁|恐吓|克扣|截留|挪用|侵占|拖欠|虚报|套取|冒领"
    "|办班|开班|补课|打骂|辱骂|骚扰|猥亵|性侵|赌博|挂名|吃空饷|歧视|坑|害"
)
_WRONG = re.compile(f"(?P<office>{_OF_OFFICE}|{_INACTION})|(?P<anybody>{_OF_ANYBODY})")
_ANYWHERE = re.compile(
    by_first(
        f"{_OF_OFFICE}|{_INACTION}|{_OF_ANYBODY}"
        "|举报|投诉|控告|检举|揭发|状告|曝光|查处|严查|彻查|追责|追究|问责|严惩|处分|作弊|家教|收费|收钱|索|贪|体罚|殴打|[打骂抽踢扎掐]|虐待|侮辱|摸|欺负|霸凌|伤|中毒"
        "|承包|偷|扣|赶|抢|霸占|垄断|强势|变相|名义|自愿|不准|不许|不让|不给|罚|退费|退款|卷款|跑路|无证|没有证|过期|变质|高价|暴利|不合理|不像话|心寒|公道"
    )
)

_ACTOR = (
    "(?:学校|校方|校长|老师|教师|班主任|园长|园方|幼儿园|机构|培训班|补习班|辅导班|托管班?"
    "|家长|学生|孩子|商家|开发商|物业|企业|公司|老板|医院|校领导|[中小]学|校)"
)
_OBJECT_SIGN = (
    "(?:对|为|给|替|让|和|与|跟|同|将|把|向|请|帮|被|由|容|庇|护|任|许|准|助|使|受|结|通|报|在|到|去|查|管|于|的|、)"
)
_NEW_SUBJECT = re.compile(
    f"(?:[，,；;：:。！？\\n]|但是?|可是?|而|不过|然而|结果|只是|后来|于是|偏偏|没想到|哪知|谁知|岂料)"
    f"(?:(?!{_OBJECT_SIGN})[{HAN}]){{0,12}}?(?<!{_OBJECT_SIGN}){_ACTOR}(?!门口|里的人)"
)
_ANY_ACTOR = re.compile(
    f"{_ACTOR}|禁止|严禁|不准|不许|不允许|不得|三令五申|规定|要求|通知|文件|规范|整治|治理|查处|制止|打击|杜绝|防止|监管|处理|反映|反应|举报|投诉"
)
_SECOND_PERSON = re.compile("你们|你局|贵局|您们|贵单位")

_SALUTED = re.compile(
    f"(?:[{HAN}]{{0,4}}(?:领导|局长|书记|主任|科长|股长|同志|负责人|老师|工作人员)){{0,3}}(?:们)?(?:、[^，。：:]{{0,12}})?[,，\\s]{{0,2}}(?:您|你|大家)们?好|(?:各位|的|尊敬的)*(?:领导|局长|书记|同志|负责人)*(?:们)?[:：]"
)
_DEDICATED = re.compile("致[^，。！？]{0,6}$")
_OPENINGS = ("", "尊敬的", "敬爱的", "各位")
_OPENING = re.compile("[，,！!\\s]+[^。！？]{0,12}(?:我|您|你|本人|请)")
_DENIED = re.compile(
    f"(?:不是|并非|并不是|不|无意|没有)(?:要|想|去|来|在)?(?:状?告|举报|投诉|怪|责怪|指责|埋怨|针对)[{HAN}]{{0,3}}$"
)
_NOT_TO = re.compile(
    f"(?:不要|别|勿|不能|不得|不可|切莫|莫|不想|不敢|不宜)[{HAN}]{{0,10}}?(?:转|交|发|退|批|给|落|寄|派)(?:[{HAN}]{{0,3}})$"
)
_TARGET = re.compile(
    "(?:举报|投诉|控告|检举|揭发|状告|告发|质疑|曝光|问责|追究|追责|严查|彻查|查处|查一查|查查|查清|查明|调查|纠正|惩处|惩治|整治|整顿|严惩|处分|核查|反映|反应|反对|抗议)"
    "(?:一下|了|过|的是|对象[是为]|对象[:：]|信|[:：])*(?P<gap>[^，。；：:！？\\s]{0,12})$"
)
_NO_TARGET = re.compile("[到至给在往由让请叫向经寄后时过并]|情况|督促|责成|责令|要求|配合|协调|联合|会同|指导")
_BOUGHT = re.compile(
    "(?:买通|打点|收买|贿赂|搞定|勾结|串通|疏通|傍上|攀上|巴结|讨好|仗着|依仗|依靠|靠着|背靠|勾搭|打通)[^，。；！？]{0,12}$"
)
_TOGETHER = re.compile("(?:与|和|跟|同)[^，。；！？]{0,6}$")
_TIES = re.compile(
    "[^，。；！？]{0,24}(?:勾结|串通|打点|关系|熟|亲戚|一伙|饭|酒|合伙|称兄道弟|裤子|说好|招呼|交情|好处|一起|同学|战友|来往|有染|分)"
)
_KIN = (
    "(?:亲戚|亲属|亲家|舅|姐夫|妹夫|姑父|姨父|老公|丈夫|老婆|妻子|夫人|太太|爱人|侄|外甥|公公|婆婆|岳父|岳母|父亲|母亲|爸爸?|妈妈?|哥|弟弟?|姐|妹妹?|儿子|女儿|女婿|儿媳|同学|战友|干爹|情[人妇]|家属"
    "|后台|靠山|保护伞|老板|股东|内鬼|幕后|法人|合伙人|操盘|中间人)"
)
_IS_ONE_OF = re.compile(f"(?<!我)(?<!我的){_KIN}[^。！？，]{{0,10}}(?:是|就是|便是|正是|在)[^，。！？]{{0,8}}$")
_KIN_AFTER = re.compile(f"[^，。！？；]{{0,12}}?的(?:一[个位名])?(?:[{HAN}]{{0,3}}){_KIN}")
_WISHED = re.compile(
    "(?:恳请|请求|敬请|诚请|跪求|请(?!问)|希望|盼望?|期盼|期待|望|祈求|恳求|求求?|呼吁|建议|提议|要求|需要|敦促|督促|麻烦|拜托|相信|感谢|谢谢|多谢|感恩|感激|提醒|劳烦|劳驾|指望|责成|责令|能否|可否|是否|能不能|配合"
    "|联合|交由|转交|抄送|抄报|抄呈|呈送|呈|致|敬告|尊敬的|敬爱的|表扬|点赞|称赞|理解|体谅)(?![^，。；！？]*(?:因为|为什么|凭什么))[^，。；！？：:、]{0,10}$"
)
_STILL_WISHED = re.compile(
    f"(?:恳请|请求|请(?!问)|希望|望|盼|要求|建议)[^。；！？，]{{0,16}}(?:和|及|以及|、|与|或)[{HAN}]{{0,4}}$"
)
_STOP_IT = re.compile(
    f"[^，。！？]{{0,6}}(?:不要再?|别再?|不能再?|勿|莫|停止|少)[^，。！？]{{0,6}}?(?:{_OF_OFFICE}|{_INACTION})"
)
_REPORTED = re.compile(
    "(?:向|找|到|去|跑|给|往|至|打|打电话|致电|电话|拨打|联系|咨询|求助|反映|反应|反馈|举报|投诉|报告|送|递|交|寄|发|上报|报|查询|询问|面见)(?:了|过|到|给|至|往|于|遍|在)?[^，。；！？]{0,10}$"
)
_REPORTS_NOW = re.compile(
    f"[^，。！？]{{0,6}}?(?:举报|反映|反应|投诉|检举|控告|求助|咨询|汇报|报告|申请|提出|请求|建议)(?!过|了|多次|[{HAN}]{{0,2}}次|后|以后|之后|未|无)"
)
_PRAISED = re.compile(
    "[^！？]{0,40}?(?:很快|及时|第二天就来|当天就|马上就?|立即|立刻|耐心|热情|热心|态度(?:很|非常|特别|也)?好|负责任|认真|辛苦|很难|也难|不容易|重视|帮我们?|办得|表扬|点赞|感谢|谢谢|好评|满意|同情|教我|教会|澄清|从来没有|帮了|支持|叫好|答应(?:调查|处理|解决|核实|督促)|巡查|笔录|(?:受理|制止|查处|叫停|通报|处分|处罚|约谈|取缔|整治|退还|补发|拨付)了|责令|吊销|下拨|拨[到付下了给])"
)
_ANSWERED = re.compile("[^。！]{0,30}?[，。；](?:[^，。！]{0,10}?)(?:说|称|讲|答复|回复|回答|告知|表示|叫我|让我|推)")
_NAME_MISUSED = re.compile("(?:打着|冒充|冒用|假冒|假借|冒名|谎称|自称)[^，。！？]{0,12}$")
_RULES = re.compile(
    "[^，。！？]{0,14}?(?:规定|要求[^，。！？]{0,8}?(?:[不退改停严禁]|公示|规范|落实)|备案|核定|明文|三令五申|明确|严禁|禁止|不准|不许|不允许|通知|下发|发文|出台|发布|公布|公告|文件|会议|强调|重申|网站|官网|公众号|热线|简章|政策|精神|部署)"
    "|(?:下属|直属|所属|下设|主办的|举办的)"
    "|(?:的)?(?:大门|门口|对面|附近|旁边|斜对面|隔壁|大楼|大院|楼下|家属院|宿舍)"
    "|[^，。！？]{0,4}?(?:的)?(?:办公|值班|咨询)?(?:电话(?:是|号|多少|为)|地址|邮箱|上班时间|网址|在哪|几点)"
    "|[^，。！？]{0,8}?(?:如果|如能|若能|能否|能不能|可否|可以|能够|应该|应当|有没有)|(?:工作|上班|任职)的"
)
_CITED = re.compile("(?:根据|按照?|依据|依照|参照|凭|登录|关注|属于?|隶属于?|归|报名|请问)[^，。；！？]{0,8}$")
_TO_THEIR_FACE = re.compile(
    f"(?<![请望求盼让给谢向劳信对])(?:你们|您们?|你局|贵局)(?![^。！？]{{0,24}}(?:请|希望|盼|如果|要是|不会|不要))[^。！？]{{0,24}}?(?:{_OF_OFFICE}|{_INACTION}|的(?:司机|秘书|连襟|亲信))"
)
_WHO_ELSE = re.compile("[^。！]{0,16}(?:还有谁|谁还|还能有谁|还会有谁|还会是谁|没有第二|谁能|谁会|还有哪)")
_SARCASM = re.compile('真(?:要|得|该|是要)好好感谢|[“"‘「](?:关心|照顾|关照|高效|重视|效率|英明)[”"’」]')
_LEAK = re.compile(
    "(?:举报|投诉|反映|反应|写信|来信|告状|信|材料|电话)[^。！]{0,30}(?:学校|校长|园长|老师|对方|机构|老板|班主任|被举报)[^。！]{0,12}"
    "(?:(?:知道|晓得)(?:是|了)?(?:谁|我)|就(?:知道|晓得)|拿[着出][^，。]{0,4}(?:信|复印件|材料|问卷)|到[^，。]{0,6}手[里上]|复印件|一条一条念|念[^，。]{0,6}信"
    "|打来|找上门|找到我|找我们|点名|心里有数)"
)


class Tone(NamedTuple):
    """What a letter as a whole says of those to whom it is written."""

    leaked: bool
    """That the accused knew of an earlier letter, or thanks that are scorn: all who had it are in doubt."""
    to_their_face: bool
    """That they themselves did wrong."""


def is_accusing(*texts: str) -> bool:
    """Whether there is a word of blame in any of the texts."""
    return any(_ANYWHERE.search(text) for text in texts)


def blames_near(text: str, start: int, end: int) -> bool:
    """Whether there is a word of blame in the sentence of `[start, end)` or in one next to it."""
    first, last = _sentence(text, start, end)
    first = _sentence(text, max(0, first - 1), max(0, first - 1))[0] if first else 0
    last = _sentence(text, min(len(text), last + 1), min(len(text), last + 1))[1]
    return bool(_ANYWHERE.search(text, first, last))


def tone_of(*texts: str) -> Tone:
    """The tone of a letter that consists of these texts."""
    return Tone(
        leaked=any(_LEAK.search(text) or _SARCASM.search(text) for text in texts),
        to_their_face=any(_TO_THEIR_FACE.search(text) for text in texts),
    )


def is_blamed(text: str, start: int, end: int, *, tone: Tone, in_doubt: bool, others: Sequence[int] = ()) -> bool:
    """Whether the body named at `[start, end)` is one of those that the text blames.

    `tone` is that of the whole letter, `in_doubt` what counts where the words do not say. `others` is where the next
    bodies begin: what follows one of them is said of that one.
    """
    first, last = _sentence(text, start, end)
    before = text[max(first, start - _BEFORE) : start]
    after = _until_other(text, end, min(last, end + _AFTER), others)
    if _DENIED.search(before) or _NAME_MISUSED.search(before):
        return False
    is_opening = text[:start].strip() in _OPENINGS and _OPENING.match(text, end)
    if is_opening or _SALUTED.match(text, end) or _DEDICATED.search(before):
        return tone.to_their_face
    if _is_target(before) or _NOT_TO.search(before) or _has_ties(before, after):
        return True
    if _WISHED.search(before) or _STILL_WISHED.search(before):
        return bool(_STOP_IT.match(after)) or (tone.leaked and bool(re.search("感谢|谢谢|表扬|点赞", before)))
    if tone.leaked or (before.endswith("除了") and _WHO_ELSE.match(after)):
        return True
    if _REPORTED.search(before):
        answer = _until_other(text, end, end + _ANSWER, others)
        is_innocent = bool(_PRAISED.match(answer) or (_REPORTS_NOW.match(after) and not _ANSWERED.match(answer)))
        return _does_wrong(answer, only_of_office=True) or (in_doubt and not is_innocent)
    is_innocent = bool(_CITED.search(before) or _RULES.match(after) or _PRAISED.match(after))
    return _does_wrong(after, only_of_office=is_innocent) or (in_doubt and not is_innocent)


def _sentence(text: str, start: int, end: int) -> tuple[int, int]:
    """The sentence of `[start, end)`, or as much of it as is near."""
    floor, ceiling = max(0, start - _NEAR), end + _NEAR
    first = max(floor, *(text.rfind(sign, floor, start) + 1 for sign in "。！？!?\n"))
    match = _SENTENCE_END.search(text, end, ceiling)
    return first, match.start() if match else min(len(text), ceiling)


def _until_other(text: str, start: int, end: int, others: Sequence[int]) -> str:
    """The text from `start`, to another body that is not joined to this one."""
    for first in others:
        if start < first < end and not re.fullmatch(
            f"[{HAN}]{{0,4}}(?:和|与|及|以及|、|跟|同)[{HAN}]{{0,4}}", text[start:first]
        ):
            end = first if not re.search("互相|相互|两[边头]|来回", text[first : first + _ANSWER]) else end
            break
    return text[start:end]


def _is_target(before: str) -> bool:
    """Whether what comes next is whom the sentence accuses or wants to be looked into."""
    match = _TARGET.search(before)
    return bool(match) and not _NO_TARGET.search(match["gap"])  # type: ignore[index]


def _has_ties(before: str, after: str) -> bool:
    """Whether somebody of the body is bought, is a relation of the one who gains, or gains by a relation."""
    return bool(
        _BOUGHT.search(before)
        or _IS_ONE_OF.search(before)
        or (_TOGETHER.search(before) and _TIES.match(after))
        or _KIN_AFTER.match(after)
    )


def _does_wrong(after: str, *, only_of_office: bool) -> bool:
    """Whether a wrong follows whose doer is the body before `after`, and nobody named in between."""
    if called := _SECOND_PERSON.search(after):
        after = after[called.end() :]
    for match in _WRONG.finditer(after):
        between = after[: match.start()]
        if match["anybody"]:
            if not only_of_office and not _ANY_ACTOR.search(between):
                return True
        elif not _NEW_SUBJECT.search(between):
            return True
    return False
