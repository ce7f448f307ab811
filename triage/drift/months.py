"""What is counted of the letters of a month: sums alone, so that days, months and years can be added up."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from statistics import NormalDist

from triage.evaluation import Interval
from triage.schema import ReviewReason

_LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Spread:
    """Sums of a figure x over letters in clusters, which are the days on which they came in.

    Letters of a day are not independent: a whole class writes about the same matter. So sums over the clusters are kept
    too: of T², T·n and n², where T is the total and n the number of letters of a cluster.
    """

    letters: int = 0
    total: float = 0.0
    squares: float = 0.0
    clusters: int = 0
    totals_squared: float = 0.0
    totals_by_sizes: float = 0.0
    sizes_squared: float = 0.0

    @classmethod
    def of_cluster(cls, letters: int, total: float, squares: float) -> Spread:
        """The sums of one cluster; of none where it holds no letters."""
        if not letters:
            return cls()
        return cls(letters, total, squares, 1, total**2, total * letters, float(letters) ** 2)

    @classmethod
    def of(cls, clusters: Iterable[Sequence[float]]) -> Spread:
        """The sums of the values of some clusters."""
        found = cls()
        for values in clusters:
            found += cls.of_cluster(len(values), math.fsum(values), math.fsum(each * each for each in values))
        return found

    def __add__(self, other: Spread) -> Spread:
        return Spread(
            self.letters + other.letters,
            self.total + other.total,
            self.squares + other.squares,
            self.clusters + other.clusters,
            self.totals_squared + other.totals_squared,
            self.totals_by_sizes + other.totals_by_sizes,
            self.sizes_squared + other.sizes_squared,
        )

    def as_cluster(self) -> Spread:
        """The same letters as one cluster."""
        return Spread.of_cluster(self.letters, self.total, self.squares)

    def negated(self) -> Spread:
        """The sums of -x."""
        return replace(self, total=-self.total, totals_by_sizes=-self.totals_by_sizes)

    def without_x(self) -> Spread:
        """The same letters, where x is 0 for all."""
        return replace(self, total=0.0, squares=0.0, totals_squared=0.0, totals_by_sizes=0.0)

    @property
    def mean(self) -> float:
        """The mean of x; 0 without letters."""
        return self.total / self.letters if self.letters else 0.0

    @property
    def variance(self) -> float:
        """The variance of x among letters; 0 without letters."""
        return max(self.squares / self.letters - self.mean**2, 0.0) if self.letters else 0.0

    @property
    def design_effect(self) -> float:
        """How many times as large the variance of the mean is as it would be of independent letters, at least 1.

        By linearisation of the ratio T / n over the clusters (Kish, "Survey sampling", 1965).
        """
        if self.clusters < 2 or not self.variance:
            return 1.0
        mean = self.mean
        deviations = self.totals_squared - 2 * mean * self.totals_by_sizes + mean**2 * self.sizes_squared
        correction = self.clusters / (self.clusters - 1)
        return max(correction * deviations / (self.letters * self.variance), 1.0)

    @property
    def likeness(self) -> float:
        """How much more alike letters of a cluster are than others, in [0, 1]: the intraclass correlation."""
        size = self.sizes_squared / self.letters if self.letters else 0.0
        return min((self.design_effect - 1) / (size - 1), 1.0) if size > 1 else 0.0


@dataclass(frozen=True, slots=True)
class CategoryCount:
    """The letters that the model puts into a category; x is 1 for these and 0 for all others."""

    category: str
    spread: Spread


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """Letters that go to a person for a reason; a letter may have several."""

    reason: ReviewReason
    letters: int


@dataclass(frozen=True, slots=True)
class NewWord:
    """A word that neither the model nor the months before know: how often it stands, and in how many letters."""

    word: str
    count: int
    letters: int


@dataclass(frozen=True, slots=True)
class Month:
    """The letters of a calendar month, which begins on `first`, as the present model sees them.

    Months can be added up; `last` is then the first day of the last of them, and None else.

    `unknown` is the share of a letter's words that the model has never met, `confidence` that in its first category,
    `uncertain` the number of letters in which this is too low to go without a person, and `reviewed` whether a person
    has to look at it, for `reasons`: all over the letters that the model did not learn from. Over the letters that a
    person decided, `accepted` is whether the model says the same, and `overconfidence` the confidence less that.
    """

    first: date
    messages: int = 0
    categories: tuple[CategoryCount, ...] = ()
    unknown: Spread = Spread()
    confidence: Spread = Spread()
    uncertain: int = 0
    reviewed: Spread = Spread()
    reasons: tuple[ReasonCount, ...] = ()
    accepted: Spread = Spread()
    overconfidence: Spread = Spread()
    new_words: tuple[NewWord, ...] = ()
    last: date | None = None

    def __add__(self, other: Month) -> Month:
        names = dict.fromkeys(each.category for one in (self, other) for each in one.categories)
        reasons = {each.reason: each.letters for each in self.reasons}
        reasons.update({each.reason: reasons.get(each.reason, 0) + each.letters for each in other.reasons})
        return Month(
            min(self.first, other.first),
            self.messages + other.messages,
            categories=tuple(CategoryCount(name, self.count(name) + other.count(name)) for name in names),
            unknown=self.unknown + other.unknown,
            confidence=self.confidence + other.confidence,
            uncertain=self.uncertain + other.uncertain,
            reviewed=self.reviewed + other.reviewed,
            reasons=tuple(ReasonCount(reason, letters) for reason, letters in reasons.items()),
            accepted=self.accepted + other.accepted,
            overconfidence=self.overconfidence + other.overconfidence,
            new_words=_merged((*self.new_words, *other.new_words)),
            last=max(self.last or self.first, other.last or other.first),
        )

    @property
    def name(self) -> str:
        """Such as 2026-09, or 2026-07～2026-09."""
        return f"{self.first:%Y-%m}～{self.last:%Y-%m}" if self.last else f"{self.first:%Y-%m}"

    def count(self, category: str) -> Spread:
        """The letters of a category, among all of the month."""
        for each in self.categories:
            if each.category == category:
                return each.spread
        return self.categories[0].spread.without_x() if self.categories else Spread()


def _merged(words: Iterable[NewWord]) -> tuple[NewWord, ...]:
    found: dict[str, NewWord] = {}
    for each in words:
        known = found.get(each.word, NewWord(each.word, 0, 0))
        found[each.word] = NewWord(each.word, known.count + each.count, known.letters + each.letters)
    return tuple(sorted(found.values(), key=lambda each: (-each.letters, -each.count, each.word)))


def month_of(day: date) -> date:
    """The first day of the day's month."""
    return day.replace(day=1)


def next_month(first: date) -> date:
    """The first day of the month that follows."""
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def year_before(first: date) -> date:
    """The first day of the same month of the year before."""
    return first.replace(year=first.year - 1)


def wilson(share: Spread) -> Interval | None:
    """The 95% interval of a share (Wilson, "Probable inference, the law of succession, and statistical inference",
    Journal of the American Statistical Association 22, 1927), for as many independent letters as its own are worth;
    None without letters."""
    if not share.letters:
        return None
    letters, z = share.letters / share.design_effect, NormalDist().inv_cdf(0.5 + _LEVEL / 2)
    middle = (share.mean + z**2 / (2 * letters)) / (1 + z**2 / letters)
    half = z / (1 + z**2 / letters) * math.sqrt(share.mean * (1 - share.mean) / letters + z**2 / (4 * letters**2))
    return Interval(share.mean, max(middle - half, 0.0), min(middle + half, 1.0))
