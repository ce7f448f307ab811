"""Words and character n-grams of a message -> one sparse row of TF-IDF weights."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import scipy.sparse as sp
from sklearn.feature_extraction.text import TfidfVectorizer

from triage.tokens import Tokenizer

TITLE_WEIGHT = 2
"""How often the title is counted: it is written to say what the letter is about."""

_LONG_NUMBER = re.compile(r"\d{5,}")
_CODED_PLACE = re.compile(r"[A-Z]\d{0,2}(?=[市区县])")
_TERM = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class Document:
    """A cleaned message made ready for the vectorizers.

    `words` holds the terms joined by spaces, `characters` the running text, both with the title `TITLE_WEIGHT` times
    in front.
    """

    words: str
    characters: str


def hide_names(text: str) -> str:
    """Replace long numbers and coded places (`A3区`) by marks of the same length: they tell no category."""
    text = _LONG_NUMBER.sub(lambda match: "#" * len(match[0]), text)
    return _CODED_PLACE.sub(lambda match: "某" * len(match[0]), text)


def terms(text: str, tokenizer: Tokenizer) -> list[str]:
    """The words of a cleaned text that can carry meaning: those with a letter, a digit or a Han character."""
    return [word for word in tokenizer.cut(hide_names(text)) if _TERM.search(word)]


def to_document(title: str, text: str, tokenizer: Tokenizer) -> Document:
    """Make a cleaned title and text ready for the vectorizers."""
    title_words = " ".join(terms(title, tokenizer))
    text_words = " ".join(terms(text, tokenizer))
    return Document(
        words=" ".join([title_words] * TITLE_WEIGHT + [text_words]),
        characters=" ".join([hide_names(title)] * TITLE_WEIGHT + [hide_names(text)]),
    )
