"""Hide personal data by marks of the same length, so that every offset stays true."""

from __future__ import annotations

import re

from triage.text.personal import MARK, blot, find_personal_data

_LABELS = (
    "联系人|姓名|投诉人|举报人|反映人|信访人|来信人|申请人|申诉人|求助人|写信人|留言人|户主|家长|学生|本人|署名|落款"
)
_CONTACT = r"(?:联系)?(?:电话|手机|方式|号码)(?:号码|号)?"
_LABELLED_NAME = re.compile(
    rf"(?:{_LABELS})\s{{0,3}}[:：]\s{{0,3}}([\u4e00-\u9fff]{{2,4}}?)(?=[^\u4e00-\u9fff{MARK}]|{_CONTACT}|\Z)"
)
# No 我 or 叫 in the name, so that what stands before one hidden name is not taken for another.
_INTRODUCED_NAME = re.compile(
    r"我(?:叫|名叫|的名字叫|的名字是)((?:(?![我叫])[\u4e00-\u9fff]){2,4}?)"
    rf"[\s,，、;；。(（]{{0,3}}(?:{_CONTACT})?[是为]?[\s:：]{{0,3}}(?=\{MARK})"
)


def mask(text: str) -> str:
    """The text with all personal data, and the names that stand with it, made `*`; same length, and idempotent.

    A name is taken for one after a label with a colon (`联系人：张三`, `姓名：王五`), and in `我叫李四` where a hidden
    number follows at once; it has two to four Han characters. Other names stay: to tell them from words needs more
    than rules.
    """
    found = find_personal_data(text)
    has_colon = ":" in text or "：" in text
    masked = blot(_LABELLED_NAME.sub(_hide_name, text) if has_colon else text, found)
    return _INTRODUCED_NAME.sub(_hide_name, masked) if MARK in masked else masked


def _hide_name(match: re.Match[str]) -> str:
    start, end = match.start(1) - match.start(), match.end(1) - match.start()
    return match[0][:start] + MARK * (end - start) + match[0][end:]
