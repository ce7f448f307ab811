"""Clean what a citizen wrote: no markup, no invisible characters, one width of characters, no courtesies around it.

Every step takes time in proportion to the text, whatever stands in it.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from functools import cached_property

from triage.text.courtesy import body
from triage.text.drafts import Draft, PlainDraft, TrackedDraft
from triage.text.unicode import UNSEEN, UNUSUAL, narrow

# What stands between the ends of a block may hold no second beginning, so that a text of beginnings alone is read once.
_TAG = re.compile(
    r"(?P<block><!--(?:(?!<!--).)*?-->"
    r"|<style\b(?:(?!<style\b).)*?</style\s*>"
    r"|<script\b(?:(?!<script\b).)*?</script\s*>)"
    r"|</?(?P<inline>a|b|big|em|font|i|ins|s|small|span|strong|sub|sup|u|[a-z]\w{0,9}:\w{1,30})(?:[\s/][^<>]*)?>"
    r"|</?(?:article|aside|blockquote|body|br|button|center|code|col|colgroup|dd|div|dl|dt|fieldset|footer|form"
    r"|h[1-6]|head|header|hr|html|iframe|img|input|label|li|link|main|meta|nav|object|ol|option|p|param|pre|script"
    r"|section|select|style|table|tbody|td|textarea|tfoot|th|thead|title|tr|ul|video|wbr)(?:[\s/][^<>]*)?>"
    r"|<(?:!doctype|!\[|\?xml)[^<>]*>",
    re.IGNORECASE | re.DOTALL,
)
_ENTITY = re.compile(
    r"&(?:amp;)*(?P<name>(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});|nbsp(?![a-zA-Z0-9]))"
)
_EXCEL_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_MARKUP_SIGN = re.compile(r"[<&]|_x")
_MARKUP_LETTER = re.compile(r"[<&_]")
_MAX_LAYERS = 4
"""How often markup within markup (as in `&amp;lt;br&amp;gt;`) is opened before it is taken for noise."""


@dataclass(frozen=True, repr=False)
class CleanText:
    """A cleaned text that knows where each of its characters stood in the original.

    `repr` shows lengths alone, as that of a message does.
    """

    original: str
    text: str

    def __repr__(self) -> str:
        return f"CleanText(original={len(self.original)} chars, text={len(self.text)} chars)"

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original that `text[start:end]` came from, in characters.

        An empty span maps to an empty span. Raises `ValueError` unless `0 <= start <= end <= len(text)`.
        """
        if not 0 <= start <= end <= len(self.text):
            raise ValueError(f"[{start}, {end}) is no span of a text of {len(self.text)} characters.")
        if self._shift is not None:
            return start + self._shift, end + self._shift
        starts, ends = self._places.starts, self._places.ends
        if start < end:
            return starts[start], ends[end - 1]
        place = starts[start] if start < len(self.text) else (ends or [0])[-1]
        return place, place

    @cached_property
    def _shift(self) -> int | None:
        """By how much every character was moved, None where not all were moved alike."""
        if not self.text or UNUSUAL.search(self.original) or "…" in self.original:
            return None
        levelled = _of_common_characters(self.original)
        if len(levelled) != len(self.original.strip()):
            return None
        return len(self.original) - len(self.original.lstrip()) + body(levelled)[0]

    @cached_property
    def _places(self) -> TrackedDraft:
        # Most texts are never asked, and to keep the way back takes many times as long as to clean.
        draft = TrackedDraft(self.original)
        clean_draft(draft)
        return draft


def normalise(original: str) -> str:
    """The cleaned text, equal to `clean(original).text`; to clean it again changes nothing."""
    if UNUSUAL.search(original):
        draft = PlainDraft(original)
        clean_draft(draft)
        return draft.text
    text = _of_common_characters(original)
    start, end = body(text)
    return text[start:end]


def _of_common_characters(text: str) -> str:
    """What `_level` makes of a text without unusual characters."""
    return " ".join(narrow(text).split())


def clean(original: str) -> CleanText:
    """The cleaned text with the way back to the original.

    Out go HTML tags, comments, styles and scripts; entities and Excel escapes are decoded; characters are brought into
    NFKC; what cannot be seen is dropped and white space squeezed; a text pasted twice in a row is kept once; and
    courtesies at both ends are cut off unless nothing else is there.
    """
    return CleanText(original, normalise(original))


def clean_draft(draft: Draft) -> None:
    """Take every step, whatever stands in the text; `normalise` and `CleanText` know shorter ways for most texts."""
    _level(draft)
    for _ in range(_MAX_LAYERS):
        if not _MARKUP_SIGN.search(draft.text):
            break
        before = draft.text
        _strip_markup(draft)
        _level(draft)
        if draft.text == before:
            break
    else:
        draft.replace(_MARKUP_LETTER, _space)
        _level(draft)
    draft.keep(*body(draft.text))


def _level(draft: Draft) -> None:
    """Only characters that can be seen, in NFKC, with single spaces."""
    if UNSEEN.search(draft.text):
        draft.replace(UNSEEN, _nothing)
    draft.compose()
    draft.squeeze()


def _strip_markup(draft: Draft) -> None:
    if "_x" in draft.text:
        draft.replace(_EXCEL_ESCAPE, _unescape_excel)
    if "&" in draft.text:
        draft.replace(_ENTITY, _unescape_entity)
    if "<" in draft.text:
        draft.replace(_TAG, _untag)


def _unescape_excel(match: re.Match[str]) -> str:
    return chr(int(match[1], 16))


def _unescape_entity(match: re.Match[str]) -> str:
    return html.unescape(f"&{match['name']}")


def _untag(match: re.Match[str]) -> str:
    # A tag such as <b> can stand in the middle of a word.
    return "" if match["inline"] else " "


def _space(_: re.Match[str]) -> str:
    return " "


def _nothing(_: re.Match[str]) -> str:
    return ""
