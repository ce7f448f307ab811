"""Rules of the bureau that decide a category by the words of a message, whatever the model thinks."""

from __future__ import annotations

from collections.abc import Sequence

from triage.config import CategoryRule


def ruling(rules: Sequence[CategoryRule], text: str) -> CategoryRule | None:
    """The first rule, in the order of the file, that holds for a text; None where none does.

    A rule holds where each of its `words` stands in the text and none of `unless` does.
    """
    return next((rule for rule in rules if _holds(rule, text)), None)


def _holds(rule: CategoryRule, text: str) -> bool:
    return all(word in text for word in rule.words) and not any(word in text for word in rule.unless)
