"""Which office leads and which help, who gets the letter, and whom it must never reach; pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from triage.config import Config, DutyRule, Office
from triage.errors import ConfigError
from triage.schema import Accused, AccusedKind, Level, Route

_STOP_BASIS = (
    "依据：信访工作条例第三十条第三款、第四十六条第（五）项；"
    "与信访事项有直接利害关系的工作人员应当回避（第二十八条第三款）"
)


class Router:
    """The duty table, ready to be asked.

    Among the rules of a category that are valid and whose conditions hold, the one with more conditions wins; among
    these one whose jurisdiction condition names an id over one that names a kind or has none; then the earlier in
    the file.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self._places = {jurisdiction.id: jurisdiction for jurisdiction in config.jurisdictions}
        self._rules = _by_category(config.duty)
        self._above = _with_role(config.offices, "above")
        self._discipline = _with_role(config.offices, "discipline")
        self._inside = tuple(office.id for office in config.offices if office.role != "above")

    def route(
        self,
        *,
        category: str,
        secondary: Sequence[str],
        jurisdictions: Sequence[str],
        text: str,
        on: date,
        accused: Sequence[Accused] = (),
        accusation: bool = False,
    ) -> Route:
        """The route of a message, with the rule that said so.

        `text` is title and text together. `on` is the day whose duties count. Offices and jurisdictions are ids. The
        leads that the secondary categories would get help after the rule's own helpers.

        One county or one city-run school goes to its bureau or to the school itself, none or several to the lead
        office (信访工作条例 article 5(3)), unless the rule keeps the matter with the city or seals it.

        `accused` counts only if the message is an `accusation`. Then the route reaches none of them (articles 30 and
        46(5)), and no school at all, since a school cannot look into its own people: it goes to the county's bureau or
        to the lead office; where the county's bureau is accused, to the lead office; where an office is, to the
        discipline office alone; where that one or the bureau itself is, to what stands above.

        Raises `ConfigError` for a category or jurisdiction that is not in the configuration, and for a category that
        has no rule valid on that day.
        """
        for jurisdiction in jurisdictions:
            self._config.jurisdiction(jurisdiction)
        places = frozenset(jurisdictions)
        rule = self._rule(category, places, text, on)
        others = (self._rule(other, places, text, on).lead for other in secondary)
        barred = self._barred(accused, places) if accusation else _Barred()
        lead = self._lead(rule, barred)
        sealed = rule.sealed or bool(barred.offices)
        helpers = () if sealed else dict.fromkeys((*rule.co, *others))
        place = next(iter(places)) if len(places) == 1 else ""
        is_kept = sealed or rule.level == "city" or not self._config.taxonomy[category].ours
        level = Level.CITY if is_kept else self._level(place, barred)
        receiver = self._config.office(lead).name if level == Level.CITY else self._places[place].receiver
        return Route(
            lead=lead,
            co=tuple(office for office in helpers if office != lead),
            jurisdiction=place,
            rule_id=rule.id,
            basis=rule.basis,
            level=level,
            receiver=receiver,
            sealed=sealed,
            withheld=(*barred.offices, *barred.places),
            stop=self._stop(accused, barred, receiver) if accusation else "",
        )

    def _rule(self, category: str, places: frozenset[str], text: str, on: date) -> DutyRule:
        known = self._config.taxonomy[category].id
        rules = self._rules.get(known, ())
        holding = [rule for rule in rules if rule.valid_on(on) and self._holds(rule, places, text)]
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
        if not rule.jurisdictions:
            return True
        named = places | {self._places[place].kind for place in places}
        return not named.isdisjoint(rule.jurisdictions)

    def _barred(self, accused: Sequence[Accused], places: frozenset[str]) -> _Barred:
        """Which offices and jurisdictions must not see an accusation, in the order of the configuration."""
        offices: set[str] = set()
        # Any school that the letter names may be the one whose people it accuses.
        barred = {place for place in places if self._places[place].kind == "school"}
        for each in accused:
            known = each.mention.id
            if each.kind == AccusedKind.CITY_BUREAU:
                offices.update(self._inside)
            elif each.kind == AccusedKind.CITY_OFFICE:
                offices.update([known] if known else (office for office in self._inside if office != self._discipline))
            elif each.kind == AccusedKind.COUNTY_BUREAU and not known:
                barred.update(places)
            elif each.kind in (AccusedKind.COUNTY_BUREAU, AccusedKind.SCHOOL):
                barred.add(known)
        return _Barred(
            tuple(office for office in self._inside if office in offices),
            tuple(place for place in self._places if place in barred),
        )

    def _lead(self, rule: DutyRule, barred: _Barred) -> str:
        if not barred.offices:
            return rule.lead
        return self._above if self._discipline in ("", *barred.offices) else self._discipline

    def _level(self, place: str, barred: _Barred) -> Level:
        if not place or place in barred.places:
            return Level.CITY
        return Level.SCHOOL if self._places[place].kind == "school" else Level.COUNTY

    def _stop(self, accused: Sequence[Accused], barred: _Barred, receiver: str) -> str:
        """Whom the letter must not reach, who handles it, and by which articles; names no person."""
        listed = (self._places[place].receiver for place in barred.places)
        names = dict.fromkeys([*(name for each in accused if (name := self._shown(each))), *listed])
        if not names:
            return ""
        return f"本件含检举控告内容，不得透露或者转给{'、'.join(names)}，由{receiver}办理。{_STOP_BASIS}。"

    def _shown(self, accused: Accused) -> str:
        """The accused as the sentence names them: a body by its name, people by where they work."""
        known = accused.mention.id
        match accused.kind:
            case AccusedKind.TEACHER:
                return "被检举的教师所在学校"
            case AccusedKind.HEAD:
                return "被检举的学校负责人所在学校"
            case AccusedKind.SCHOOL:
                return "" if known in self._places else accused.mention.name
            case AccusedKind.COUNTY_BUREAU:
                return "" if known in self._places else "被检举的县级教育主管部门"
            case AccusedKind.CITY_OFFICE:
                return self._config.office(known).name if known in self._inside else "被检举人员所在科室"
            case AccusedKind.CITY_BUREAU:
                return f"{self._config.bureau}及其科室"


@dataclass(frozen=True, slots=True)
class _Barred:
    """The ids of the offices and jurisdictions that must not see a message."""

    offices: tuple[str, ...] = ()
    places: tuple[str, ...] = ()


def _by_category(rules: Iterable[DutyRule]) -> dict[str, list[DutyRule]]:
    """The rules of each category, in the order of the file."""
    found: dict[str, list[DutyRule]] = {}
    for rule in rules:
        found.setdefault(rule.category, []).append(rule)
    return found


def _with_role(offices: Sequence[Office], role: str) -> str:
    """The id of the office with that role, empty where there is none."""
    return next((office.id for office in offices if office.role == role), "")


def _specificity(rule: DutyRule, places: frozenset[str]) -> tuple[int, bool]:
    """The number of conditions, and whether the rule names one of the places by its id."""
    return bool(rule.words) + bool(rule.jurisdictions), not places.isdisjoint(rule.jurisdictions)
