"""When two texts are the same."""

from __future__ import annotations

import hashlib

from triage.schema import Message
from triage.text import normalise


def text_key(message: Message) -> str:
    """Equal for messages whose cleaned title and text are the same."""
    return f"{normalise(message.title)}\n{normalise(message.text)}"


def text_hash(message: Message) -> str:
    """The SHA-256 of the key, in hexadecimal: it says which texts are the same, and nothing of what they say."""
    return hashlib.sha256(text_key(message).encode("utf-8", "replace")).hexdigest()
