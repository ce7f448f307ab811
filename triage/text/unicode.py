"""NFKC piece by piece, in linear time, and the characters that nobody can see."""

from __future__ import annotations

import re
import unicodedata

UNSEEN = re.compile(
    "["
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"  # controls that are not white space
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff"
    "\ud800-\udfff"
    "]+"
)
"""Runs of control, zero-width, bidirectional and filler characters, variation selectors and lone surrogates."""

# Characters that never join with the one before them under NFKC; what is left out may join or not.
_APART = (
    "\x00-\u02ff\u0370-\u0482\u048a-\u0590\u1e00-\u20cf\u2100-\u2cee\u2e00-\u3029\u3030-\u3098\u309b-\u3130\u3190-\ua4ff"
    "\uf900-\ufaff\ufe10-\ufe1f\ufe30-\uff9d\uffe0-\uffef\U0001f000-\U0001faff\U00020000-\U0003fffd"
)
UNUSUAL = re.compile(
    "[^ -%'-;=-^`-~\t\n\r\u3001-\u3003\u3007-\u3011\u3014-\u3017\u4e00-\u9fff“”‘’—–·，：（）！？；…\u3000\xa0]"
)
"""What a text must hold to be more than common characters: without it, widths and white space alone need a change.

The common characters can be seen, join with none, are in NFKC but for the widths below, and make up no markup.
"""

CHUNK = re.compile(f"[{_APART}][^{_APART}]*|[^{_APART}]+")
"""A piece of text whose NFKC does not depend on what stands around it."""

JOINED = re.compile(f"[{_APART}]?[^{_APART}]+")
"""Where a character may join with the one before it."""

_MAX_MARKS = 30
"""How many combining marks one letter keeps: no script needs more, and sorting them takes quadratic time."""

# Most messages hold no other character that NFKC changes, and to replace these is many times faster.
_COMMON = tuple((wide, unicodedata.normalize("NFKC", wide)) for wide in "，：（）！？；…\u3000\xa0")


def narrow(text: str) -> str:
    """The text with the commonest wide characters made what they are in NFKC."""
    for wide, replacement in _COMMON:
        text = text.replace(wide, replacement)
    return text


def compose_all(text: str) -> str:
    """NFKC of the text, with at most 30 combining marks on a letter."""
    if JOINED.search(text):
        text = JOINED.sub(lambda match: compose(match[0]), text)
    text = narrow(text)
    return text if unicodedata.is_normalized("NFKC", text) else unicodedata.normalize("NFKC", text)


def compose(chunk: str) -> str:
    """NFKC of one chunk, with at most 30 combining marks on a letter."""
    if len(chunk) == 1:
        return unicodedata.normalize("NFKC", chunk)
    kept: list[str] = []
    marks = 0
    for character in "".join(unicodedata.normalize("NFKD", character) for character in chunk):
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= _MAX_MARKS:
            kept.append(character)
    return unicodedata.normalize("NFC", "".join(kept))
