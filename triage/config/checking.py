"""Whether tables that are well formed one by one also fit together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from itertools import combinations

from triage.config.keys import Entry
from triage.config.model import Clock, DutyRule, Office
from triage.config.problems import Problem, suggest
from triage.schema import Channel, Nature

KINDS = ("county", "school")
ABOVE = Office("above", "上级机关", role="above")
"""What stands above a bureau whose offices.toml names no such body."""


def check_ids(entries: Sequence[Entry], noun: str) -> Iterator[Problem]:
    """An id that stands for two entries of one file."""
    first: dict[str, Entry] = {}
    for entry in entries:
        if entry.id and first.setdefault(entry.id, entry) is not entry:
            line = first[entry.id].line("id")
            yield entry.problem("id", f"Two {noun} have the id {entry.id} (the other in line {line}).", "Rename one.")


def check_names(entries: Sequence[Entry], keys: Sequence[str], noun: str) -> Iterator[Problem]:
    """A name or alias that could mean two entries; upper and lower case count as the same."""
    owners: dict[str, tuple[Entry, str]] = {}
    for entry in entries:
        for key in keys:
            values = entry.values.get(key, ())
            for written in (values,) if isinstance(values, str) else values:
                owner, owner_key = owners.setdefault(written.strip().casefold(), (entry, key))
                # Two equal ids are what `check_ids` reports.
                if owner is entry or key == owner_key == "id":
                    continue
                yield entry.problem(
                    key,
                    f"{written} means two {noun}: {owner.id or '?'} (line {owner.line(owner_key)}) "
                    f"and {entry.id or '?'}.",
                    "Leave it with one of them.",
                )


def check_city(jurisdictions: Sequence[Entry], city: str) -> Iterator[Problem]:
    """An alias that is the city's own name, and an id that is the name of a kind."""
    for entry in jurisdictions:
        if entry.id in KINDS:
            yield entry.problem("id", f"{entry.id} is a kind and cannot be an id.", "Choose another id.")
        for alias in entry.values.get("aliases", ()):
            if city and alias in (city, city.removesuffix("市")):
                yield entry.problem("aliases", f"{alias} means the whole city, not {entry.id}.", "Leave it out.")


def check_roles(offices: Sequence[Entry]) -> Iterator[Problem]:
    """A role that two offices have, and the id of `ABOVE` for an office of the bureau."""
    first: dict[str, Entry] = {}
    for entry in offices:
        role = entry.values.get("role", "")
        if role and first.setdefault(role, entry) is not entry:
            line = first[role].line("role")
            yield entry.problem("role", f"Two offices have the role {role} (the other in line {line}).", "Leave one.")
        if entry.id == ABOVE.id and role != ABOVE.role:
            yield entry.problem("id", f"{ABOVE.id} is the id of what stands above the bureau.", "Choose another id.")


def check_authorities(jurisdictions: Sequence[Entry]) -> Iterator[Problem]:
    """A school with an authority: it gets its letters itself."""
    for entry in jurisdictions:
        if entry.values.get("authority") and entry.values.get("kind") == "school":
            yield entry.problem("authority", "A school of the city has no authority.", "Leave it out.")


def check_schools(schools: Sequence[Entry], jurisdictions: Sequence[Entry]) -> Iterator[Problem]:
    """A school of no listed county, one that stands twice in a county, and a name that means a jurisdiction."""
    counties = [entry.id for entry in jurisdictions if entry.values.get("kind") == "county"]
    # A county with a mistake in it may be the one that is meant.
    all_listed = all(entry.complete for entry in jurisdictions)
    taken = {name: entry for entry in jurisdictions for name in _names(entry)}
    first: dict[tuple[str, str], Entry] = {}
    for school in schools:
        county = school.values.get("jurisdiction", "")
        if all_listed and county and county not in counties:
            fix = suggest(county, counties, otherwise="Add it to jurisdictions.toml, or use a county of it.")
            yield school.problem("jurisdiction", f"There is no county {county}.", fix)
        for name in _names(school):
            if name in taken:
                yield school.problem(
                    "name", f"{name} means {taken[name].id} in jurisdictions.toml.", "Leave it with one of them."
                )
            elif first.setdefault((name, county), school) is not school:
                line = first[name, county].line("name")
                yield school.problem("name", f"{name} stands twice for {county} (line {line}).", "Leave one.")


def _names(entry: Entry) -> Sequence[str]:
    """The name and the aliases of an entry, each once."""
    names = (entry.values.get("name", ""), *entry.values.get("aliases", ()))
    return tuple(dict.fromkeys(name for name in names if name))


def check_sealed(rules: Sequence[Entry]) -> Iterator[Problem]:
    """A rule by which other offices would help with what only the lead opens."""
    for rule in rules:
        if rule.values.get("sealed") and rule.values.get("co"):
            yield rule.problem("co", "Nobody helps with what is sealed.", "Leave out co, or sealed.")


def check_references(
    rules: Sequence[Entry],
    *,
    categories: Sequence[Entry] | None,
    offices: Sequence[Entry] | None,
    jurisdictions: Sequence[Entry] | None,
) -> Iterator[Problem]:
    """A rule that names what is in no file; what comes from a file that could not be read (None) is not judged."""
    for rule in rules:
        yield from _unknown(rule, "category", "category", categories, "taxonomy.toml")
        yield from _unknown(rule, "lead", "office", offices, "offices.toml")
        yield from _unknown(rule, "co", "office", offices, "offices.toml")
        yield from _unknown(rule, "jurisdictions", "jurisdiction", jurisdictions, "jurisdictions.toml", KINDS)


def check_categories(rules: Sequence[Entry], categories: Sequence[Entry] | None) -> Iterator[Problem]:
    """A rule that decides on a category that the taxonomy does not have."""
    for rule in rules:
        yield from _unknown(rule, "category", "category", categories, "taxonomy.toml")


def _unknown(
    rule: Entry, key: str, noun: str, known: Sequence[Entry] | None, file: str, also: Iterable[str] = ()
) -> Iterator[Problem]:
    if known is None:
        return
    ids = [*also, *(entry.id for entry in known if entry.id)]
    values = rule.values.get(key, ())
    for written in (values,) if isinstance(values, str) else values:
        if written not in ids:
            fix = suggest(written, ids, otherwise=f"Add it to {file}, or use one that stands there.")
            yield rule.problem(key, f"There is no {noun} {written}.", fix)


def check_periods(rules: Sequence[Entry]) -> Iterator[Problem]:
    """A rule that ends before it begins."""
    for rule in rules:
        first, last = rule.values.get("valid_from"), rule.values.get("valid_until")
        if first and last and last < first:
            yield rule.problem(
                "valid_until", f"valid_until {last} is before valid_from {first}.", "Put the later day last."
            )


def check_defaults(categories: Sequence[Entry], rules: Sequence[Entry], today: date) -> Iterator[Problem]:
    """A category whose messages would find no office today, unless some condition happened to hold.

    A rule without conditions holds in every jurisdiction, so with one for each category all pairs are routed.
    """
    for category in dict.fromkeys(entry.id for entry in categories if entry.id):
        defaults = [rule for rule in rules if rule.values.get("category") == category and _is_default(rule)]
        if not defaults:
            yield _no_default(category, rules)
        elif all(rule.complete and not build_rule(rule).valid_on(today) for rule in defaults):
            yield defaults[-1].problem(
                "id",
                f"The rule without conditions for category {category} is not valid today, {today}.",
                "Change its valid_from or valid_until, or add a rule that holds now.",
            )


def _is_default(rule: Entry) -> bool:
    return not rule.values.get("words") and not rule.values.get("jurisdictions")


def _no_default(category: str, rules: Sequence[Entry]) -> Problem:
    fix = f'Add a [[rule]] with category = "{category}" and without words and jurisdictions.'
    partial = [rule for rule in rules if rule.values.get("category") == category]
    if partial:
        return partial[-1].problem(
            "category", f"Category {category} has rules with conditions alone, so some messages find no office.", fix
        )
    return Problem("duty.toml", 0, f"Category {category} has no rule, so its messages find no office.", fix)


def check_signs(dangers: Sequence[Entry]) -> Iterator[Problem]:
    """A kind of danger that no message could show."""
    for danger in dangers:
        words, things, harms = (danger.values.get(key) for key in ("words", "things", "harms"))
        if not danger.complete:
            continue
        if bool(things) != bool(harms):
            there, missing = ("things", "harms") if things else ("harms", "things")
            yield danger.problem(
                there, f"{there} has no {missing} to stand near.", f"Add {missing}, or write them among the words."
            )
        elif not words and not things:
            yield danger.problem("id", "This danger has no signs.", "Add words, or things and harms.")


def check_contradictions(rules: Sequence[Entry]) -> Iterator[Problem]:
    """Two rules for the same messages and days, neither of which is more specific than the other."""
    built = [(entry, build_rule(entry)) for entry in rules if entry.complete]
    for (earlier, one), (later, other) in combinations(built, 2):
        shared = _shared(one, other)
        if one.category == other.category and _overlap_in_time(one, other) and shared is not None:
            yield later.problem(
                "id",
                f"Rules {one.id} (line {earlier.line('id')}) and {other.id} are equally specific "
                f"and both hold {shared}.",
                "Change the conditions of one, or end it with valid_until.",
            )


def _shared(one: DutyRule, other: DutyRule) -> str | None:
    """When both rules hold by the same conditions, in words; None where they never do."""
    if (bool(one.words), bool(one.jurisdictions)) != (bool(other.words), bool(other.jurisdictions)):
        return None
    # A message with the later rule's word holds the earlier rule's word too, where that is a part of it.
    words = _first(other.words, lambda word: any(part in word for part in one.words))
    places = _first(other.jurisdictions, lambda place: place in one.jurisdictions)
    if words is None or places is None:
        return None
    conditions = [*(f"with the word {word}" for word in words), *(f"in {place}" for place in places)]
    return f"for messages {' '.join(conditions)}" if conditions else "without conditions"


def _first(values: Sequence[str], holds: Callable[[str], bool]) -> tuple[str, ...] | None:
    """The first value that holds; nothing where there are none to try, None where none of them does."""
    if not values:
        return ()
    return next(((value,) for value in values if holds(value)), None)


def _overlap_in_time(one: DutyRule, other: DutyRule) -> bool:
    start = max(one.valid_from or date.min, other.valid_from or date.min)
    return start <= min(one.valid_until or date.max, other.valid_until or date.max)


def build_clock(entry: Entry, *, roll_over_holidays: bool) -> Clock:
    """The clock that a complete entry describes."""
    values = dict(entry.values)
    channels, natures = values.pop("channels", ()), values.pop("natures", ())
    return Clock(
        **values,
        channels=tuple(Channel(channel) for channel in channels),
        natures=tuple(Nature(nature) for nature in natures),
        roll_over_holidays=roll_over_holidays,
    )


def build_offices(entries: Sequence[Entry]) -> tuple[Office, ...]:
    """The offices that complete entries describe, and what stands above them where no entry does."""
    offices = tuple(Office(**entry.values) for entry in entries)
    return offices if any(office.role == ABOVE.role for office in offices) else (*offices, ABOVE)


def build_rule(entry: Entry) -> DutyRule:
    """The duty rule that a complete entry describes."""
    return DutyRule(**entry.values)
