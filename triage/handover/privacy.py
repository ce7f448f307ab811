"""Hide who wrote a letter where nobody may know it, and everybody's numbers and door always."""

from __future__ import annotations

import re

from triage.text import mask, normalise
from triage.text.personal import MARK
from triage.text.surnames import SURNAMES

_NUMBER = r"[0-9A-Za-z一二三四五六七八九十]{1,4}"
_FLAT = rf"{_NUMBER}(?![0-9楼层])(?:室|号|户|房)?"
_DOOR = re.compile(rf"{_NUMBER}(?:栋|幢|座|号楼)\s?(?:{_NUMBER}单元\s?(?:{_FLAT})?|{_FLAT})|{_NUMBER}单元\s?{_FLAT}")
"""A house with an entrance or a flat in it; a house alone may be a school's."""
_PAUSE = r"\s,，。;；:：、!！?？()（）"
_LABELLED_ADDRESS = re.compile(
    rf"(?:(?:家庭|通讯|通信|联系|现)(?:住址|地址)\s?[是为:：]?|(?:住址|地址)\s?[:：])\s?([^{_PAUSE}]{{2,40}})"
)

_NAME = rf"[{SURNAMES}][\u4e00-\u9fff]{{1,2}}"
_KIN = r"(?:儿子|女儿|孩子|小孩|男孩|女孩|娃|孙子|孙女|外孙女?|侄子|侄女|弟弟|妹妹|哥哥|姐姐)"
_ROLES = r"(?:家长|学生|教师|老师|员工|职工|业主|居民|住户|村民|会计|父亲|母亲|爸爸|妈妈|爷爷|奶奶)"
_COUNT = r"[0-9一二三四五六七八九十]{1,4}"
_GRADE = rf"(?:{_COUNT}年级|[初高][一二三]|[大中小]班|学前班)"
_CLASS = rf"(?:{_GRADE}|{_COUNT}级|{_COUNT})?\s?[(（]?{_COUNT}[)）]?\s?班"
_TELLING = tuple(
    re.compile(pattern)
    for pattern in (
        rf"({_CLASS})",
        rf"(?:我叫|我名叫|我是|本人叫|本人是|本人|署名|落款)[:：]?\s?({_NAME})(?=[{_PAUSE}{MARK}]|\Z)",
        rf"{_KIN}(?:的?名字)?(?:名叫|叫|是)?\s?({_NAME})(?=[{_PAUSE}]|\Z|在|被|于|就读|今年)",
        rf"(?:家住|现住|我们?住|租住)(?![院宅校房宿])在?([^{_PAUSE}]{{2,30}})",
        rf"(?:我们?|本人)(?:都?是|系|作为)([^{_PAUSE}]{{2,24}}?)(?={_ROLES}(?:[{_PAUSE}]|\Z))",
        rf"{_KIN}[^{_PAUSE}]{{0,10}}?({_GRADE})",
        rf"({_GRADE})的?{_KIN}",
    )
)
"""What tells who the writer is; the group is hidden. Rather too much than too little: the letter itself is kept."""

_SENDER_PART = re.compile(r"[\u4e00-\u9fff]{1,}|[A-Za-z0-9_-]{4,}")
_TITLE = r"(?:女士|先生|小姐|同学|老师|某{1,2})"
_TITLE_END = re.compile(rf"{_TITLE}\Z")
_NO_NAME = re.compile(r"匿名|实名|姓名|网友|群众|市民|家长|学生|教师|职工|业主|居民|村民|手机|用户|来信人|举报人")
_NAME_CELL = re.compile(rf"([\u4e00-\u9fff])(?:{_TITLE}|[\u4e00-\u9fff]{{1,3}}|[*xX]{{1,3}})")


def conceal(text: str, *, sender: str, secret: bool) -> str:
    """The text without personal data; where it is `secret`, also without all that tells who wrote it; same length.

    Hidden always: what `triage.text.mask` hides, the number of a flat, and an address after such a label. In secret
    also: the sender's name wherever it stands, names by which writers introduce themselves or their children, where
    they live, what they are, and the class, and with a child the grade, for few people have a child in it. Every
    hidden character becomes `*`.

    信访工作条例 article 30: who makes an accusation must not become known to the accused.
    """
    hidden = _hide(_DOOR, mask(text))
    hidden = _hide(_LABELLED_ADDRESS, hidden)
    if secret:
        for pattern in (*_sender_patterns(sender), *_TELLING):
            hidden = _hide(pattern, hidden)
    return hidden


def short_name(sender: str) -> str:
    """The sender's surname with a mark for the rest; a mark alone where the cell holds no name."""
    name = normalise(sender)
    match = _NAME_CELL.fullmatch(name)
    return match[1] + MARK if match and not _NO_NAME.search(name) and _TITLE_END.sub("", name) else MARK


def _hide(pattern: re.Pattern[str], text: str) -> str:
    """The text with the pattern's first group, or all of a match where it has none, made marks of the same length."""

    def marks(match: re.Match[str]) -> str:
        group = 1 if pattern.groups else 0
        start, end = match.start(group) - match.start(), match.end(group) - match.start()
        return match[0][:start] + MARK * (end - start) + match[0][end:]

    return pattern.sub(marks, text)


def _sender_patterns(sender: str) -> list[re.Pattern[str]]:
    """What finds the sender in a text: the name also with spaces in it, without its surname, and as 王女士."""
    patterns: list[str] = []
    for part in _SENDER_PART.findall(normalise(sender)):
        name = _TITLE_END.sub("", part)
        if not name or _NO_NAME.search(name):
            continue
        if len(name) > 1:
            patterns.append(r"\s?".join(map(re.escape, name)))
        if name[0] in SURNAMES and len(name) <= 4:
            patterns.append(rf"{name[0]}{_TITLE}")
        if len(name) == 3 and name[0] in SURNAMES:
            patterns.append(re.escape(name[1:]))
    return [re.compile(pattern) for pattern in patterns]
