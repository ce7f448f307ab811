"""To which organ a matter is likely to belong that is not the bureau's, and how to tell its writer; pure.

信访工作条例 article 23: who writes to a bureau about what is not its business is told to turn to the organ that may
deal with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from triage.config.model import Organ, ReturnTemplates
from triage.schema import Message
from triage.text import normalise
from triage.text.alternatives import Same, Words

_TITLE = 3
"""How many times as much a word in the title counts: the title says what the letter is about."""

_MOST = 2
_SECOND = 0.5
"""The share of the first organ's points that a second one needs to be named beside it."""


def likely_organs(organs: Sequence[Organ], message: Message) -> tuple[Organ, ...]:
    """The organs that the matter is likely to belong to, likeliest first, at most two; empty where no word speaks.

    A word gives its organ one point less than it has characters, three times that in the title, and once however
    often it stands there. Of words that overlap the one that begins first counts, and of these the longest. A second
    organ needs half the points of the first. Of equal points the earlier in the file is first. Upper and lower case
    are one.
    """
    lexicon = _lexicon(Same(tuple(organs)))
    title = lexicon.find(message.title)
    points = [0] * len(organs)
    for word in lexicon.find(message.text) | title:
        points[lexicon.owners[word]] += lexicon.points[word] * (_TITLE if word in title else 1)
    # `sorted` keeps the order of the file among equals.
    ranked = sorted(filter(points.__getitem__, range(len(points))), key=points.__getitem__, reverse=True)
    return tuple(organs[place] for place in ranked[:_MOST] if points[place] >= _SECOND * points[ranked[0]])


def return_draft(templates: ReturnTemplates, *, organs: Sequence[Organ], bureau: str, on: date) -> str:
    """The notice to the writer, dated `on`, that names these organs; where there are none, a clerk has to fill it in.

    It holds nothing of the letter, so none of its writer's personal data, and 200 characters at most where the names
    are of the usual length. It is empty where the bureau has no templates.
    """
    template = templates.draft if organs else templates.draft_unknown
    names = "或".join(organ.name for organ in organs)
    day = f"{on.year}年{on.month}月{on.day}日"
    return template.format(organ=names, bureau=bureau, date=day)


class _Lexicon:
    """The words of all organs, ready to be looked for; a word and an organ go by their places."""

    def __init__(self, organs: Sequence[Organ]) -> None:
        owners = {word.casefold(): place for place, organ in enumerate(organs) for word in organ.words}
        self._words = Words(owners)
        self.owners = tuple(owners.values())
        self.points = tuple(len(word) - 1 for word in owners)

    def find(self, written: str) -> set[int]:
        """The distinct words in a text."""
        return {word for word, _, _ in self._words.find(normalise(written).casefold())}


@lru_cache(maxsize=8)
def _lexicon(organs: Same[tuple[Organ, ...]]) -> _Lexicon:
    return _Lexicon(organs.value)
