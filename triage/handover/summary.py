"""The gist of a letter in its own words."""

from __future__ import annotations

import re
from collections.abc import Sequence

LONGEST_SUMMARY = 120
"""Characters."""

_SENTENCE = re.compile(r"[^。！？!?；;]*[。！？!?；;]*")
_WIDE = str.maketrans(",!?;:()", "，！？；：（）")
_SIGNS = re.compile(r"[,!?;:()]+")
_ENDS = "。！？，；：、 "


def summarise(title: str, text: str, words: Sequence[str]) -> str:
    """Title, then the sentences in which one of the words stands, in their order, in at most 120 characters.

    Where no sentence has such a word, the first sentences. `title` and `text` are cleaned and without personal data;
    signs that the cleaning made narrow become wide again beside Chinese characters.
    """
    title, text = _widen(title).strip(_ENDS), _widen(text).strip()
    sentences = [each.strip() for each in _SENTENCE.findall(text) if each.strip(_ENDS) not in ("", title)]
    body = "".join([each for each in sentences if any(word in each for word in words)] or sentences)
    # Many letters begin by saying their title again.
    return _shorten(body if body.startswith(title) else "。".join(filter(None, (title, body))))


def _widen(text: str) -> str:
    """The text with Chinese signs where they stand beside Chinese; a comma in a number stays."""

    def wide(match: re.Match[str]) -> str:
        beside = text[match.start() - 1 : match.start()] + text[match.end() : match.end() + 1]
        return match[0] if beside.isascii() and match.end() < len(text) else match[0].translate(_WIDE)

    return _SIGNS.sub(wide, text)


def _shorten(text: str) -> str:
    return text if len(text) <= LONGEST_SUMMARY else f"{text[: LONGEST_SUMMARY - 1].rstrip(_ENDS)}…"
