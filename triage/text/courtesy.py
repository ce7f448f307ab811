"""Find the body of a letter between the courtesies, which say nothing about its matter."""

from __future__ import annotations

import re

_TITLES = "市长|书记|局长|省长|县长|区长|厅长|部长|主任|领导"
_HELLO = "您们好|你们好|您好|你好|好"
_GREETING = re.compile(
    rf"(?:尊敬的|敬爱的|敬启者)(?:(?!{_TITLES})[\w、·]){{0,12}}(?:{_TITLES})(?:[同先女]?[志生士]|们)?(?:{_HELLO})?"
    rf"|(?:各位|尊敬的?)?\w{{0,4}}?(?:{_TITLES})(?:同志|先生|女士|们)?[,，:： ]{{0,2}}(?:{_HELLO})(?=[\W\d]|我)"
    rf"|(?:各位|尊敬的)?(?:{_TITLES})(?:同志|们)?[:：]"
    r"|(?:您们?好|你们?好|大家好|早上好|上午好|中午好|下午好|晚上好)(?=[\W\d]|我)"
    r"|冒昧打扰"
)
_CLOSINGS = (
    *("此致敬礼", "此致 敬礼", "此致,敬礼", "此致", "敬礼", "致敬", "敬上", "顺祝商祺", "祝好"),
    *("谢谢", "谢谢您", "谢谢你", "谢谢您们", "谢谢你们", "谢谢领导", "谢谢各位领导", "谢谢大家", "多谢", "万分感谢"),
    *("感谢", "感谢您", "感谢领导", "非常感谢", "十分感谢", "不胜感激", "感激不尽", "万分感激", "先谢谢了", "谢谢了"),
    *("望回复", "望回答", "望答复", "请回复", "请答复", "盼回复", "盼复", "望尽快回复", "希望回复", "希望尽快回复"),
    *(
        "望领导回复",
        "请领导回复",
        "期待回复",
        "期待您的回复",
        "期盼回复",
        "等待回复",
        "敬请回复",
        "恳请回复",
        "请尽快回复",
    ),
    *("望给予回复", "请给予回复", "希望得到回复", "希望得到您的回复", "望予以回复", "望早日回复", "急盼回复"),
    *("祝您工作顺利", "祝工作顺利", "工作顺利", "身体健康", "万事如意", "祝您身体健康", "打扰了"),
)
_MARKS = r"[\s,，.。!！?？:：;；~～、…]"
# Read from the end, so that one match at the first character decides.
_CLOSING_REVERSED = re.compile(
    f"{_MARKS}*+(?:" + "|".join(sorted((words[::-1] for words in _CLOSINGS), key=len, reverse=True)) + ")"
)
_AFTER_GREETING = re.compile(f"{_MARKS}*")
_HAS_WORD = re.compile(r"\w")
_MIN_REPEAT = 10
"""The shortest text, in characters, whose doubling is a slip of the hand rather than a way of speaking."""


def body(text: str) -> tuple[int, int]:
    """The span of a levelled text without courtesies and without its exact repeat; found anew, it is all of the text.

    Spaces at the ends are left out. The text stays whole where nothing but courtesies would go.
    """
    start, end = 0, len(text)
    while True:
        now = _once(text, *_trim(text, start, end))
        if now == (start, end):
            return now
        start, end = now


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without greetings and closings, or all of it where no word would be left."""
    first, last = start, end
    while match := _GREETING.match(text, first, end):
        first = _skip(text, match.end(), end)
    backwards = text[start:end][::-1]
    cut = 0
    while match := _CLOSING_REVERSED.match(backwards, cut):
        cut = match.end()
    last = end - cut
    while last > start and text[last - 1] == " ":
        last -= 1
    return (first, last) if first < last and _HAS_WORD.search(text, first, last) else (start, end)


def _skip(text: str, start: int, end: int) -> int:
    match = _AFTER_GREETING.match(text, start, end)
    return match.end() if match else start


def _once(text: str, start: int, end: int) -> tuple[int, int]:
    """The first half of the span where the second half says the same again, with or without a space between."""
    half = (end - start) // 2
    gap = (end - start) % 2
    if half < _MIN_REPEAT or (gap and text[start + half] != " "):
        return start, end
    same = text[start : start + half] == text[start + half + gap : end]
    return (start, start + half) if same else (start, end)
