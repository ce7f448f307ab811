"""Which office leads and which help, by the bureau's duty table; pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from triage.config import Config, DutyRule
from triage.errors import ConfigError
from triage.schema import Route


class Router:
    """The duty table, ready to be asked.

    Among the rules of a category that are valid and whose conditions hold, the one with more conditions wins; among
    these one whose jurisdiction condition names an id over one that names a kind or has none; then the earlier in
    the file.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self._kinds = {jurisdiction.id: jurisdiction.kind for jurisdiction in config.jurisdictions}

    def route(
        self, *, category: str, secondary: Sequence[str], jurisdictions: Sequence[str], text: str, on: date
    ) -> Route:
        """The route of a message, with the rule that said so.

        `text` is title and text together. `on` is the day whose duties count. Offices and jurisdictions are ids. The
        leads that the secondary categories would get help after the rule's own helpers.

        Raises `ConfigError` for a category or jurisdiction that is not in the configuration, and for a category that
        has no rule valid on that day.
        """
        for jurisdiction in jurisdictions:
            self._config.jurisdiction(jurisdiction)
        places = frozenset(jurisdictions)
        rule = self._rule(category, places, text, on)
        others = (self._rule(other, places, text, on).lead for other in secondary)
        helpers = dict.fromkeys((*rule.co, *others))
        return Route(
            lead=rule.lead,
            co=tuple(office for office in helpers if office != rule.lead),
            jurisdiction=next(iter(places)) if len(places) == 1 else "",
            rule_id=rule.id,
            basis=rule.basis,
        )

    def _rule(self, category: str, places: frozenset[str], text: str, on: date) -> DutyRule:
        known = self._config.taxonomy[category].id
        holding = [
            rule
            for rule in self._config.duty
            if rule.category == known and rule.valid_on(on) and self._holds(rule, places, text)
        ]
        if not holding:
            raise ConfigError(
                f"Category {category!r} has no rule that holds on {on}.",
                where="duty.toml",
                fix="Add a [[rule]] for it that is valid on that day and has no words and no jurisdictions.",
            )
        # `max` keeps the first of equals, which is the earlier in the file.
        return max(holding, key=lambda rule: _specificity(rule, places))

    def _holds(self, rule: DutyRule, places: frozenset[str], text: str) -> bool:
        if rule.words and not any(word in text for word in rule.words):
            return False
        named = places | {self._kinds[place] for place in places}
        return not rule.jurisdictions or not named.isdisjoint(rule.jurisdictions)


def _specificity(rule: DutyRule, places: frozenset[str]) -> tuple[int, bool]:
    """The number of conditions, and whether the rule names one of the places by its id."""
    return bool(rule.words) + bool(rule.jurisdictions), not places.isdisjoint(rule.jurisdictions)
