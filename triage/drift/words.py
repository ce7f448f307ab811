"""Find the words that have come up: common in a month, and known neither to the model nor to the months before."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib import resources

from triage.drift.months import NewWord, month_of
from triage.features import Document, Features, to_document
from triage.schema import Message
from triage.text import mask
from triage.text.surnames import SURNAMES
from triage.tokens import Tokenizer

LEAST_LETTERS = 3
LEAST_SENDERS = 2
"""Letters, and people who wrote them, in which a word must stand: nobody can be known by it then."""
CHANCE = 0.001
"""How often a word that was always as rare may stand in that many letters of a month, and in as few before."""
COHESION = 0.5
"""In what share of the letters with the rarer of two characters they must stand together to be taken for a word."""
MOST_WORDS = 50_000
"""Words remembered of a month; when there are more, those met in the fewest letters are forgotten (Manku & Motwani,
"Approximate frequency counts over data streams", 2002)."""
MOST_LISTED = 50

_HAN = re.compile("[\u4e00-\u9fff]")
_NAMELESS = re.compile(r"匿名|不详|未知|无名|未署名")


@dataclass(slots=True)
class _Use:
    """How a word was used in a time; `writer` is one of those who used it, as a hash, None where nobody is named."""

    count: int = 0
    letters: int = 0
    writer: int | None = None
    is_shared: bool = False
    is_pair: bool = False

    def add(self, times: int, writer: int | None, *, is_pair: bool) -> None:
        self.count += times
        self.letters += 1
        self.is_pair = is_pair
        if self.writer is None:
            self.writer = writer
        elif writer is not None and writer != self.writer:
            self.is_shared = True


@dataclass(slots=True)
class _Time:
    """The words of a month, or of all that was before the first of them."""

    letters: int = 0
    uses: dict[str, _Use] = field(default_factory=dict)
    rarest: int = 0
    singles: Counter[str] = field(default_factory=Counter)
    """In how many letters each character stands by itself."""

    def use(self, word: str) -> _Use:
        """How the word was used so far."""
        found = self.uses.get(word)
        if found is None:
            while len(self.uses) >= MOST_WORDS:
                self.rarest += 1
                self.uses = {known: use for known, use in self.uses.items() if use.letters > self.rarest}
            found = self.uses[word] = _Use()
        return found


class WordCounter:
    """Counts the words that a model does not know, month by month; memory grows with the months, not the letters.

    Words that no dictionary has are cut into characters, so that two characters which stand by themselves one after the
    other count as a word too, if they seldom stand apart.
    """

    def __init__(self, features: Features, tokenizer: Tokenizer, *, since: date) -> None:
        """`features` are those of the model; what came in before the month of `since` is counted as one time."""
        self._words = features.blocks["words"].columns
        self._pairs = features.blocks["bigrams"].columns if "bigrams" in features.blocks else {}
        self._tokenizer = tokenizer
        self._since = month_of(since)
        self._times: dict[date, _Time] = {}

    def add(self, message: Message, day: date) -> None:
        """Count the words of a letter, personal data masked."""
        first = month_of(day)
        time = self._times.setdefault(first if first >= self._since else date.min, _Time())
        time.letters += 1
        document = to_document(mask(message.title), mask(message.text), self._tokenizer)
        sender = message.sender.strip()
        writer = hash(sender) if sender and not _NAMELESS.search(sender) else None
        words = Counter(word for word in _words(document) if word not in self._words)
        pairs = Counter(pair for pair in _pairs(document) if pair not in self._pairs and pair not in self._words)
        for found, is_pair in ((words, False), (pairs, True)):
            for word, times in found.items():
                time.use(word).add(times, writer, is_pair=is_pair)
        time.singles.update({piece for piece in (*document.title, *document.text) if len(piece) == 1})

    def new_words(self, first: date) -> tuple[NewWord, ...]:
        """The words that came up in a month, those in the most letters first, at most `MOST_LISTED`.

        A word counts that stands in at least `LEAST_LETTERS` letters of `LEAST_SENDERS` senders, where these are known,
        and in fewer letters of all the time before; and not if chance alone would do that (exact binomial test).
        """
        month = self._times.get(first)
        earlier = [time for begin, time in self._times.items() if begin < first]
        if month is None:
            return ()
        share = month.letters / (month.letters + sum(time.letters for time in earlier))
        found = []
        for word, use in month.uses.items():
            if use.letters < LEAST_LETTERS or not (use.is_shared or use.writer is None):
                continue
            before = sum(time.uses[word].letters for time in earlier if word in time.uses)
            if before >= LEAST_LETTERS or _by_chance(use.letters, before, share) > CHANCE:
                continue
            is_word = not use.is_pair or use.letters >= COHESION * min(month.singles[each] for each in word)
            if is_word and word not in _names_of_people():
                found.append(NewWord(word, use.count, use.letters))
        found.sort(key=lambda each: (-each.letters, -each.count, each.word))
        return tuple(found[:MOST_LISTED])


@cache
def _names_of_people() -> frozenset[str]:
    """What jieba's dictionary calls the name of a person, and some words that it takes for one."""
    lines = resources.files("jieba").joinpath("dict.txt").read_text(encoding="utf-8").splitlines()
    entries = (line.split(" ") for line in lines)
    return frozenset(word for word, _, tag in entries if tag.startswith("nr"))


def _words(document: Document) -> Iterator[str]:
    """The words of two characters or more, save those that may be the given name after a surname."""
    for pieces in (document.title, document.text):
        before = ""
        for piece in pieces:
            if len(piece) > 1 and _HAN.search(piece) and not (before in SURNAMES and before and len(piece) == 2):
                yield piece
            before = piece


def _pairs(document: Document) -> Iterator[str]:
    """Two single characters one after the other, save those that may be a name."""
    for pieces in (document.title, document.text):
        before = second = ""
        for piece in pieces:
            single = piece if len(piece) == 1 and _HAN.match(piece) else ""
            if single and second and second not in SURNAMES and not (before and before in SURNAMES):
                yield second + single
            before, second = second, single


def _by_chance(letters: int, before: int, share: float) -> float:
    """How often as many or more of all letters with a word would be of the month, which has that share of letters."""
    from scipy.special import bdtrc

    return float(bdtrc(letters - 1, letters + before, share))
