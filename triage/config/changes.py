"""The categories of the past: whether what is said of them can be followed to the present ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from triage.config.keys import Entry
from triage.config.model import Category, Change, Taxonomy
from triage.config.problems import Problem, suggest


def check_changes(changes: Sequence[Entry], categories: Sequence[Entry]) -> Iterator[Problem]:
    """A category of the past that is still there, that stands twice, or that leads nowhere or in a circle."""
    yield from _still_there(changes, categories)
    yield from _twice(changes)
    yield from _leading_nowhere(changes, categories)
    yield from _in_circles(changes)


def build_taxonomy(categories: Sequence[Entry], changes: Sequence[Entry]) -> Taxonomy:
    """The taxonomy that complete entries describe."""
    return Taxonomy(
        tuple(Category(**entry.values) for entry in categories),
        tuple(_build_change(entry) for entry in changes),
    )


def _build_change(entry: Entry) -> Change:
    values = dict(entry.values)
    return Change(old=values.pop("from"), **values)


def _old(change: Entry) -> str:
    return str(change.values.get("from", ""))


def _written(entry: Entry, *keys: str) -> Iterator[tuple[str, str]]:
    """The names that an entry has under some keys, each with its key."""
    for key in keys:
        values = entry.values.get(key, ())
        yield from ((key, each) for each in ((values,) if isinstance(values, str) else values))


def _plain(name: str) -> str:
    """A name in the form in which `Taxonomy.find` compares names."""
    return name.strip().casefold()


def _still_there(changes: Sequence[Entry], categories: Sequence[Entry]) -> Iterator[Problem]:
    present = {
        _plain(name): (category, key)
        for category in categories
        for key, name in _written(category, "id", "name", "aliases")
    }
    for change in changes:
        for key, name in _written(change, "from", "names"):
            if _plain(name) in present:
                category, where = present[_plain(name)]
                yield change.problem(
                    key,
                    f"{name} still means the category {category.id or '?'} (line {category.line(where)}).",
                    "Give the category of today another id or name, or leave it out here.",
                )


def _twice(changes: Sequence[Entry]) -> Iterator[Problem]:
    first: dict[str, tuple[Entry, str]] = {}
    for change in changes:
        for key, name in _written(change, "from", "names"):
            other, other_key = first.setdefault(_plain(name), (change, key))
            if other is not change:
                yield change.problem(
                    key,
                    f"{name} stands in two changes (the other in line {other.line(other_key)}).",
                    "Leave it in one; what became several categories has them all in one list: to.",
                )


def _leading_nowhere(changes: Sequence[Entry], categories: Sequence[Entry]) -> Iterator[Problem]:
    known = [*(entry.id for entry in categories if entry.id), *filter(None, map(_old, changes))]
    for change in changes:
        for target in change.values.get("to", ()):
            if target not in known:
                fix = suggest(target, known, otherwise="Use the id of a [[category]], or of another change.")
                yield change.problem("to", f"There is no category {target}.", fix)


def _in_circles(changes: Sequence[Entry]) -> Iterator[Problem]:
    """Each circle once, at the first of its changes."""
    later = {_old(change): change.values.get("to", ()) for change in changes if _old(change)}
    told: set[str] = set()
    for change in changes:
        circle = _circle(_old(change), later)
        if circle and told.isdisjoint(circle):
            told.update(circle)
            way = " -> ".join((*circle, circle[0]))
            yield change.problem("to", f"It leads in a circle: {way}.", "End it with a category of today.")


def _circle(start: str, later: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The shortest way from an old category back to itself; empty where there is none."""
    ways: list[tuple[str, ...]] = [(start,)]
    seen = {start}
    for way in ways:  # grows while it is walked
        for target in later.get(way[-1], ()):
            if target == start:
                return way
            if target not in seen:
                seen.add(target)
                ways.append((*way, target))
    return ()
