"""Whether two groups of letters differ by more than chance and the usual ups and downs would explain."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from triage.drift.months import Spread

LEAST_EXPECTED = 5
"""Letters to be expected in a cell of the chi-squared test; rarer categories are put together (Cochran, "Some methods
for strengthening the common chi-squared tests", Biometrics 10, 1954)."""


@dataclass(frozen=True, slots=True)
class Pair:
    """The same figure of a month and of what it is compared with.

    `across_months` says that `before` holds several months, each of them a cluster: then what months usually differ by
    counts as chance too.
    """

    now: Spread
    before: Spread
    across_months: bool = False

    @property
    def change(self) -> float:
        """By how much the mean has risen."""
        return self.now.mean - self.before.mean

    @property
    def effects(self) -> tuple[float, float]:
        """The design effects of both."""
        own, other = self.now.design_effect, self.before.design_effect
        if self.across_months:
            own = max(own, 1 + (self.now.letters - 1) * self.before.likeness)
        return own, other

    @property
    def variance(self) -> float:
        """The variance of the figure among all letters of both: they are taken to be alike until shown to differ."""
        return (self.now + self.before).variance

    def freedom(self) -> float:
        """The degrees of freedom of the estimate of chance (Satterthwaite, Biometrics Bulletin 2, 1946)."""
        if self.across_months:
            return self.before.clusters - 1
        parts = [
            (effect / each.letters, each.clusters - 1)
            for effect, each in zip(self.effects, (self.now, self.before), strict=True)
        ]
        return sum(part for part, _ in parts) ** 2 / sum(part**2 / max(freedom, 1) for part, freedom in parts)


def p_of_rise(pair: Pair, *, is_share: bool) -> float:
    """How often chance alone would raise a mean that much: a one-sided t-test of two clustered samples.

    `is_share` says that x is 0 or 1; then the change is taken half a letter smaller (Yates, 1934).
    """
    from scipy.special import stdtr

    lessened = pair.change
    if is_share:
        lessened -= 0.5 * (1 / pair.now.letters + 1 / pair.before.letters)
    own, other = pair.effects
    error = math.sqrt(pair.variance * (own / pair.now.letters + other / pair.before.letters))
    if not error:
        return 1.0
    return float(stdtr(pair.freedom(), -lessened / error))


def p_of_excess(spread: Spread) -> float:
    """How often chance alone would give a mean that far above 0: a one-sided t-test of a clustered sample."""
    from scipy.special import stdtr

    error = math.sqrt(spread.variance * spread.design_effect / spread.letters)
    if not error or spread.clusters < 2:
        return 1.0
    return float(stdtr(spread.clusters - 1, -spread.mean / error))


def p_of_mix(pairs: Sequence[Pair]) -> float:
    """How often chance alone would make two mixes of categories differ that much.

    Pearson's chi-squared test of homogeneity, its statistic divided by the mean design effect, on the F distribution
    (Rao & Scott, "On chi-squared tests for multiway contingency tables with cell proportions estimated from survey
    data", Annals of Statistics 12, 1984).

    Parameters
    ----------
    pairs : one a category, of x that is 1 for its letters, over the same letters each.
    """
    from scipy.special import fdtrc

    own, other = pairs[0].now.letters, pairs[0].before.letters
    fewest = LEAST_EXPECTED * (own + other) / min(own, other)
    common = [pair for pair in pairs if pair.now.total + pair.before.total >= fewest]
    cells = _cells(common, own, other, fewest)
    freedom = len(cells) - 1
    if freedom < 1:
        return 1.0
    statistic = 0.0
    for cell in cells:
        for count, letters in zip(cell, (own, other), strict=True):
            expected = sum(cell) * letters / (own + other)
            statistic += (count - expected) ** 2 / expected
    clusters = pairs[0].before.clusters - 1
    if not pairs[0].across_months:
        clusters += pairs[0].now.clusters - 1
    return float(fdtrc(freedom, freedom * clusters, statistic / freedom / _mean_effect(common)))


def _cells(common: Sequence[Pair], own: int, other: int, fewest: float) -> list[tuple[float, float]]:
    """The counts of the common categories, and of all others together, or with the rarest where these are too few."""
    cells = [(pair.now.total, pair.before.total) for pair in common]
    rest = (own - sum(now for now, _ in cells), other - sum(before for _, before in cells))
    left = sum(rest)
    if left >= fewest or (left > 0 and len(cells) == 1):
        cells.append(rest)
    elif left > 0 and cells:
        rarest = min(range(len(cells)), key=lambda place: sum(cells[place]))
        cells[rarest] = (cells[rarest][0] + rest[0], cells[rarest][1] + rest[1])
    return cells


def _mean_effect(pairs: Sequence[Pair]) -> float:
    """The mean design effect over both samples and all categories, each by the share of letters that it lacks."""
    total = weights = 0.0
    for pair in pairs:
        own, other = pair.effects
        letters = pair.now.letters + pair.before.letters
        rarity = 1 - (pair.now.total + pair.before.total) / letters
        # The smaller sample makes the difference, so that its design effect counts more.
        total += rarity * (own * pair.before.letters + other * pair.now.letters) / letters
        weights += rarity
    return total / weights if weights else 1.0


def distance(now: Sequence[float], before: Sequence[float]) -> float:
    """The Jensen-Shannon distance of two mixes of counts, in [0, 1]: 0 for equal shares, 1 for nothing in common.

    The square root of the divergence in bits (Lin, "Divergence measures based on the Shannon entropy", IEEE
    Transactions on Information Theory 37, 1991; that the root is a metric: Endres & Schindelin, 2003). Two small
    samples of the same mix are some distance apart too.
    """
    if not sum(now) or not sum(before):
        return 0.0
    divergence = 0.0
    for own, other in zip(now, before, strict=True):
        shares = own / sum(now), other / sum(before)
        middle = sum(shares) / 2
        divergence += sum(share * math.log2(share / middle) for share in shares if share) / 2
    return math.sqrt(min(max(divergence, 0.0), 1.0))


def discoveries(p_values: Sequence[float], rate: float) -> list[bool]:
    """Which of many tests hold when, of those that do, a share of at most `rate` may be false on average.

    Benjamini & Hochberg, "Controlling the false discovery rate", Journal of the Royal Statistical Society B 57, 1995;
    under positive dependence too (Benjamini & Yekutieli, 2001). Where nothing has changed at all, any test holds with a
    probability of at most `rate`.
    """
    order = sorted(p_values)
    limit = max((p for rank, p in enumerate(order, start=1) if p <= rate * rank / len(order)), default=-1.0)
    return [p <= limit for p in p_values]
