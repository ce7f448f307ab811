"""Which of the schools that a message names it is about, and which it only mentions on the way."""

from __future__ import annotations

import re
from collections.abc import Sequence

from triage.schema import Mention, Message
from triage.signals.kinds import BARE_NUMBER, HIGHER
from triage.signals.naming import School, without_place

MOST = 3
"""More schools than that no message is about."""
_LATE = 150
"""From how many characters on into the text a school that has not been named yet is seldom what it is about."""
_DISTINCT = 5
"""Characters of a name that is more than a number or two characters with the kind."""
# After a school that is no more than a place on the map.
_LANDMARK = re.compile(
    "附近|旁|对面|门口|站|路口|路段|周边|围墙|[东南西北前后正大]门|[东南西北两一]?侧|边|至|到|方向|[-—]|公交|段"
)
# After a school of which something is told.
_TOLD_OF = re.compile(
    "的?(?:一名|一位|老师|教师|校长|园长|学生|家长|收|违规|强制|乱|补课|食堂|招生|入学|幼儿|领导|教职|退休|全体|部分|存在|未|不|要求"
    "|拖欠|老板|军训|学费|高[一二三]|初[一二三]|[一二三四五六]年级)"
)


def what_it_is_about(message: Message, schools: Sequence[School]) -> list[School]:
    """The schools that the message is about, at most `MOST`, in order.

    The points are those of a linear model, rounded, that was fitted to messages whose schools a person had marked.
    """
    in_title = any(mention.field == "title" for school in schools for mention in school.mentions)
    points = {place: _points(message, school, in_title, len(schools) > 1) for place, school in enumerate(schools)}
    likely = sorted((place for place in points if points[place] >= 0), key=lambda place: -points[place])
    return [schools[place] for place in sorted(likely[:MOST])]


def _points(message: Message, school: School, some_in_title: bool, among_others: bool) -> int:
    """0 or more for a school that the message is likely to be about."""
    own = without_place(school.shown.name)
    in_text = [mention for mention in school.mentions if mention.field == "text"]
    in_title = len(in_text) < len(school.mentions)
    around = [_around(message, mention) for mention in school.mentions]
    return (
        (3 if in_title else -2 if some_in_title else 0)
        + min(len(in_text), 3)
        - 2 * bool(in_text and in_text[0].start > _LATE)
        - 2 * bool(HIGHER.search(own))
        - bool(BARE_NUMBER.fullmatch(school.shown.name))
        - 2 * any(bool(_LANDMARK.match(after)) for _, after in around)
        + any(bool(_TOLD_OF.match(after)) for _, after in around)
        - any("、" in (before, after[:1]) for before, after in around)
        - among_others
        + (len(own) >= _DISTINCT)
    )


def _around(message: Message, mention: Mention) -> tuple[str, str]:
    """The character before a mention, and the few after it."""
    text: str = getattr(message, mention.field)
    return text[max(0, mention.start - 1) : mention.start], text[mention.end : mention.end + 5]
