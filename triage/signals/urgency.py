"""Signs in a message that somebody is in danger, or that mass or extreme action is threatened.

Which words are signs is the bureau's configuration; how Chinese denies, forbids, teaches and reports as settled is
grammar, and stands here. A sign that is denied is none: recall counts first, so only what is plainly said denies.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import accumulate, chain
from typing import NamedTuple

from triage.config.model import Danger
from triage.schema import Field, Mention, Message
from triage.signals.spans import Found, outside
from triage.text.alternatives import Same, Words

_FIELDS: tuple[Field, Field] = ("title", "text")

# What denies, prevents or forbids the sign that follows, with what may stand between.
_DENIED_BEFORE = re.compile(
    "(?:(?<!有)没有?|(?<![从有])未曾?|从未|(?<!毫)无|(?<!会)不会|不想|不愿|不敢|不是|不存在|(?<![能法以])避免|防止|防范|预防"
    "|杜绝|以防|谨防|严防|以免|免得|免遭|减少|降低|拒绝|反对|禁止|严禁|不得(?!不)|不准|不许|不允许|不要|(?<![消国])防)"
    "(?:任何|发生|造成|导致|出现|存在|引发|引起|产生|遭受|受到|采取|参与|参加|组织|使用|有|人员?|过|再次?|去|要|到|因"
    "|重大|特大|严重|明显|类似|此类|这种|这样|一[起例]|学生|孩子|儿童|校园|安全|交通|的){0,4}$"
)
# What makes of the sign a subject that is taught or planned.
_TAUGHT_AFTER = re.compile(
    "(?:的|安全|事故|事件){0,2}(?:知识|常识|宣传|演练|演习|讲座|意识|预案|防治|防范|预防|教育(?!学生|孩子|方式|手段|方法))"
)
# What reports the matter of the sign as settled, in the same sentence.
_SETTLED_AFTER = re.compile(
    "[^。！？!?；;]{0,12}(?<![未没尚])(?:已经?|现已|均已|都已)(?:全部|基本|妥善|及时|彻底|得到|予以|被){0,2}"
    "(?:解决(?!不)|处理(?:完毕|完|好|了|(?=[，。！；,.!;]|$))|整改(?:完毕|完|好|到位|了)|排除|消除|修复|修好|拆除|康复|痊愈|出院)"
)
_BLANK = re.compile(r"\s+")
_LOOK_BACK = 24
"""Characters before a sign in which its denial must stand whole."""


_WORD, _HARM, _THING, _UNLESS = _ROLES = range(4)
"""What a word is to a danger."""


class _Sign(NamedTuple):
    """A sign at `[start, end)` of the text without white space; `harm` is where its telling part begins."""

    start: int
    end: int
    harm: int


def read_dangers(message: Message, dangers: Sequence[Danger]) -> tuple[Mention, ...]:
    """The signs of danger in a message, title first, then in order of their start; `Mention.id` is the kind's id.

    Spans count characters of the original field, and `name` is what stands there; white space within a sign is passed
    over. Signs of one kind do not overlap. A sign does not count where the words before it deny, forbid or prevent it
    (没有受伤, 防止食物中毒), where it is a subject taught (消防知识), or where the sentence goes on to say that the
    matter is settled (已经解决).
    """
    lexicon = _lexicon(Same(tuple(dangers)))
    return tuple(chain.from_iterable(_read_field(message, field, lexicon) for field in _FIELDS))


def danger_score(mentions: Iterable[Mention], dangers: Sequence[Danger]) -> float:
    """How urgent the signs make a message, in [0, 1]; 0 where there are none.

    It is 1 minus the product of what each wording leaves. The first wording of a kind counts with the kind's weight,
    each further one with half of the one before, so that many words of one matter do not outweigh two matters; a
    wording that is repeated counts once. `dangers` are those with which the signs were read.
    """
    weights = {danger.id: danger.weight for danger in dangers}
    left = 1.0
    for kind, wordings in _wordings(mentions).items():
        for place in range(len(wordings)):
            left *= 1 - weights[kind] / 2**place
    return 1 - left


def _wordings(mentions: Iterable[Mention]) -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = {}
    for mention in mentions:
        found.setdefault(mention.id, set()).add("".join(mention.name.split()))
    return found


class _Lexicon:
    """The words of all dangers, ready to be looked for."""

    def __init__(self, dangers: Sequence[Danger]) -> None:
        self._dangers = dangers
        owners: dict[str, list[tuple[int, int]]] = {}
        for place, danger in enumerate(dangers):
            roles = zip(_ROLES, (danger.words, danger.harms, danger.things, danger.unless), strict=True)
            for word, role in dict.fromkeys((word, role) for role, words in roles for word in words):
                owners.setdefault(word, []).append((place, role))
        self._words = Words(owners, overlapping=True)
        self._owners = tuple(owners.values())

    def find(self, text: str) -> Iterator[tuple[_Sign, str]]:
        """The signs that hold, each with its danger's id: danger by danger, in order, none within one of its danger."""
        spans: dict[tuple[int, int], list[Found]] = {}
        for word, start, end in self._words.find(text):
            for owner in self._owners[word]:
                spans.setdefault(owner, []).append(Found(start, end))
        # Without a word or a harm there is no sign of a danger.
        for place in sorted({place for place, role in spans if role in (_WORD, _HARM)}):
            found = [_leftmost(spans.get((place, role), ())) for role in _ROLES]
            danger = self._dangers[place]
            yield from ((sign, danger.id) for sign in _apart(_signs(text, found, danger.within)))


def _signs(text: str, found: Sequence[Sequence[Found]], within: int) -> list[_Sign]:
    """All signs of a danger that hold, in order; they may overlap. `found` is what stands in the text, role by role."""
    excepted = found[_UNLESS]
    words, harms, things = (list(outside(found[role], excepted)) for role in (_WORD, _HARM, _THING))
    signs = [_Sign(word.start, word.end, word.start) for word in words]
    signs += _pairs(things, harms, within)
    return sorted(sign for sign in signs if _holds(text, sign))


def _leftmost(spans: Iterable[Found]) -> list[Found]:
    """The spans that one reading from the left finds, the longest where several begin."""
    apart: list[Found] = []
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if not apart or span.start >= apart[-1].end:
            apart.append(span)
    return apart


@lru_cache(maxsize=8)
def _lexicon(dangers: Same[tuple[Danger, ...]]) -> _Lexicon:
    return _Lexicon(dangers.value)


def _read_field(message: Message, field: Field, lexicon: _Lexicon) -> list[Mention]:
    original: str = getattr(message, field)
    text = "".join(original.split())
    signs = list(lexicon.find(text))
    if not signs:
        return []
    place_of = _places(original)
    mentions = []
    for sign, danger in signs:
        start, end = place_of(sign.start), place_of(sign.end - 1) + 1
        mentions.append(Mention(field, start, end, original[start:end], danger))
    return sorted(mentions, key=lambda mention: (mention.start, mention.end))


def _places(original: str) -> Callable[[int], int]:
    """From the place of a character in the text without white space to its place in the original."""
    # What was left out before each run of characters, and where the run begins without it.
    before = list(accumulate(map(len, _BLANK.findall(original)), initial=0))
    begins = [blank.end() - left_out for blank, left_out in zip(_BLANK.finditer(original), before[1:], strict=True)]
    return lambda place: place + before[bisect_right(begins, place)]


def _pairs(things: Sequence[Found], harms: Sequence[Found], within: int) -> Iterator[_Sign]:
    """Each harm with the nearest thing on either side; both are in order of their start, and apart."""
    for harm in harms:
        place = bisect_left(things, harm)
        near = min(things[max(0, place - 1) : place + 1], key=lambda thing: _gap(thing, harm), default=None)
        if near is not None and _gap(near, harm) <= within:
            yield _Sign(min(harm.start, near.start), max(harm.end, near.end), harm.start)


def _gap(one: Found, other: Found) -> int:
    """Characters between two spans, 0 where they touch or overlap."""
    return max(0, max(one.start, other.start) - min(one.end, other.end))


def _holds(text: str, sign: _Sign) -> bool:
    denied = any(_DENIED_BEFORE.search(text, max(0, place - _LOOK_BACK), place) for place in {sign.start, sign.harm})
    return not denied and not _TAUGHT_AFTER.match(text, sign.end) and not _SETTLED_AFTER.match(text, sign.end)


def _apart(signs: Iterable[_Sign]) -> Iterator[_Sign]:
    """The signs without those that overlap with an earlier one."""
    end = 0
    for sign in signs:
        if sign.start >= end:
            yield sign
            end = sign.end
