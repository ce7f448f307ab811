"""Rank labels by how likely they are to be wrong, with what speaks for another category."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from triage.auditing.estimates import Estimates, estimate, require_cleanlab
from triage.auditing.words import WordFinder
from triage.classifier import Fit, Progress
from triage.errors import InputError
from triage.schema import LabelledMessage
from triage.thresholds import MIN_EXAMPLES
from triage.training import Workshop

MIN_LETTERS = MIN_EXAMPLES
"""Different letters of a category below which its labels cannot be judged, as nothing can be proven of it."""
LEAST_PART = 10
"""One in so many labels, the most suspicious first, is looked at again at least."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """A label with what is to be thought of it; `rank` counts from 1, the most suspicious first.

    `likely` is the category that the held-out model finds most likely, which may be that of the label; `confidence`
    and `likely_confidence` are its probabilities of the label and of the likely one, in [0, 1]. `flagged` says that it
    is sure enough of another, `words` are those that speak for it. Near-copies of each other have the same `group`;
    `copies` are those that have another label.
    """

    rank: int
    labelled: LabelledMessage
    likely: str
    confidence: float
    likely_confidence: float
    flagged: bool
    words: tuple[str, ...]
    group: str
    copies: tuple[LabelledMessage, ...]

    @property
    def present(self) -> str:
        """The category that the label says."""
        return self.labelled.label.primary

    @property
    def is_doubted(self) -> bool:
        """Whether another category is more likely."""
        return self.likely != self.present


@dataclass(frozen=True, slots=True)
class CategoryAudit:
    """The labels of a category: how many, of how many different letters, and how many of them are flagged.

    `wrong` is how many are estimated to be wrong, None where there are too few letters to say.
    """

    category: str
    labels: int
    letters: int
    flagged: int
    wrong: int | None


@dataclass(frozen=True, slots=True)
class Audit:
    """Every label, the most suspicious first, and every category of the taxonomy, in its order."""

    ranked: tuple[Suspect, ...]
    categories: tuple[CategoryAudit, ...]
    starter_messages: int

    @property
    def judged(self) -> int:
        """Labels of the categories that can be judged."""
        return sum(each.labels for each in self.categories if each.wrong is not None)

    @property
    def wrong(self) -> int:
        """How many of these are estimated to be wrong."""
        return sum(each.wrong or 0 for each in self.categories)

    @property
    def too_few(self) -> tuple[CategoryAudit, ...]:
        """The categories that cannot be judged."""
        return tuple(each for each in self.categories if each.wrong is None)

    @property
    def suspects(self) -> tuple[Suspect, ...]:
        """Those to look at again: the first tenth, all that are flagged, and all that near-copies contradict."""
        first = math.ceil(len(self.ranked) / LEAST_PART)
        return tuple(each for each in self.ranked if each.rank <= first or each.flagged or each.copies)

    @property
    def clashes(self) -> tuple[tuple[Suspect, ...], ...]:
        """The groups of near-copies whose labels differ, that with the most suspicious label first."""
        contradicted = {each.group for each in self.ranked if each.copies}
        groups: dict[str, list[Suspect]] = {}
        for each in self.ranked:
            if each.group in contradicted:
                groups.setdefault(each.group, []).append(each)
        return tuple(map(tuple, groups.values()))


def audit_labels(
    workshop: Workshop,
    labelled: Sequence[LabelledMessage],
    *,
    starter: Sequence[LabelledMessage] = (),
    progress: Progress = lambda what, share: None,
) -> Audit:
    """Judge every label by models that have learnt neither from it nor from near-copies of its message.

    The order is that of the probability which they give to the label; near-copies that contradict do not change it.

    Raises
    ------
    MissingExtraError : cleanlab is not installed.
    InputError : the labels are of fewer than two categories, or all of one letter.
    """
    require_cleanlab()
    _check(labelled)
    fit = workshop.fit(labelled, starter=starter, progress=progress)
    if len(set(fit.held_out.groups)) < 2:
        raise InputError(
            f"The {len(labelled)} labels are all of one letter or its near-copies, which leaves nothing to judge by.",
            fix="Add labels of other letters.",
        )
    estimates = estimate(fit.held_out.probabilities, fit.held_out.truth)
    return Audit(
        ranked=_rank(labelled, fit, estimates, _words(workshop, labelled, fit, starter)),
        categories=tuple(_judge(category, labelled, fit, estimates) for category in workshop.taxonomy.ids),
        starter_messages=fit.summary.starter_examples,
    )


def _check(labelled: Sequence[LabelledMessage]) -> None:
    names = sorted({each.label.primary for each in labelled})
    if len(names) < 2:
        what = f"All {len(labelled)} labels are of the category {names[0]}" if names else "There are no labels"
        raise InputError(f"{what}, which leaves nothing to compare.", fix="Add labels of other categories.")


def _words(
    workshop: Workshop, labelled: Sequence[LabelledMessage], fit: Fit, starter: Sequence[LabelledMessage]
) -> list[tuple[str, ...]]:
    """For each label the words that speak for the likely category over its own; none where they are the same."""
    best = fit.held_out.probabilities.argmax(axis=1)
    given = [each for each in starter if each.label.primary in fit.classifier.categories]
    trusted = [*given, *(each for each, right in zip(labelled, best == fit.held_out.truth, strict=True) if right)]
    if not trusted:
        return [()] * len(labelled)
    finder = WordFinder(workshop, fit, trusted=trusted, starter=len(given))
    likely = [fit.classifier.categories[column] for column in best]
    return [
        finder.between(each.message, likely=category, present=each.label.primary)
        if category != each.label.primary
        else ()
        for each, category in zip(labelled, likely, strict=True)
    ]


def _rank(
    labelled: Sequence[LabelledMessage], fit: Fit, estimates: Estimates, words: Sequence[tuple[str, ...]]
) -> tuple[Suspect, ...]:
    held_out = fit.held_out
    best = held_out.probabilities.argmax(axis=1)
    groups: dict[str, list[LabelledMessage]] = {}
    for name, each in zip(held_out.groups, labelled, strict=True):
        groups.setdefault(name, []).append(each)
    return tuple(
        Suspect(
            rank=rank,
            labelled=labelled[at],
            likely=fit.classifier.categories[best[at]],
            confidence=float(held_out.probabilities[at, held_out.truth[at]]),
            likely_confidence=float(held_out.probabilities[at, best[at]]),
            flagged=bool(estimates.flagged[at]),
            words=words[at],
            group=held_out.groups[at],
            copies=tuple(
                each for each in groups[held_out.groups[at]] if each.label.primary != labelled[at].label.primary
            ),
        )
        for rank, at in enumerate(map(int, np.argsort(estimates.trust, kind="stable")), start=1)
    )


def _judge(category: str, labelled: Sequence[LabelledMessage], fit: Fit, estimates: Estimates) -> CategoryAudit:
    places = [at for at, each in enumerate(labelled) if each.label.primary == category]
    letters = len({fit.held_out.groups[at] for at in places})
    can_judge = letters >= MIN_LETTERS
    return CategoryAudit(
        category=category,
        labels=len(places),
        letters=letters,
        flagged=int(estimates.flagged[places].sum()),
        wrong=int(estimates.wrong[fit.classifier.categories.index(category)]) if can_judge else None,
    )
