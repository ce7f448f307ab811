"""What the bureau's TOML says, as frozen dataclasses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from triage.errors import ConfigError
from triage.schema import Channel, Nature

JurisdictionKind = Literal["county", "school"]
OfficeRole = Literal["", "discipline", "above"]
ClockUnit = Literal["calendar", "working"]
ClockStart = Literal["received", "accepted", "transferred"]


@dataclass(frozen=True, slots=True)
class Category:
    """A category of the taxonomy.

    `annual_row` is the row of the annual table that it counts in, empty where it counts in none; `ours` is False
    where the matter is not the bureau's, so that the message goes back.
    """

    id: str
    name: str
    description: str = ""
    annual_row: str = ""
    ours: bool = True
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """A category of the past, and what took its place.

    `old` is its id, `names` are the ways in which it was written. `to` holds the ids of its successors: categories, or
    the `old` of another change. With one of them it was renamed or merged, with several it was split. `on` is the day
    of the change and `note` its reason, for those who read of it.
    """

    old: str
    to: tuple[str, ...]
    names: tuple[str, ...] = ()
    on: date | None = None
    note: str = ""

    @property
    def name(self) -> str:
        """The first of its names, else its id."""
        return self.names[0] if self.names else self.old


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """The categories in the order of the file, and those of the past."""

    categories: tuple[Category, ...]
    changes: tuple[Change, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids in the order of the file."""
        return tuple(category.id for category in self.categories)

    def __getitem__(self, category_id: str) -> Category:
        for category in self.categories:
            if category.id == category_id:
                return category
        raise ConfigError(
            f"Unknown category {category_id!r}; the taxonomy has {', '.join(self.ids)}.",
            fix="Use one of these, or add it to taxonomy.toml.",
        )

    def find(self, written: str) -> Category | None:
        """The category that a person meant by an id, a name or an alias, also by one of the past with one successor.

        None where there is none, or where a split left several: `successors` tells them apart.
        """
        meant = self.successors(written)
        return meant[0] if len(meant) == 1 else None

    def successors(self, written: str) -> tuple[Category, ...]:
        """The categories that may be meant by an id, a name or an alias of the present or of the past.

        One where it is certain; several, in the order of the file, where a category was split; none where nobody knows
        the words.
        """
        wanted = written.strip().casefold()
        for category in self.categories:
            if wanted in {known.casefold() for known in (category.id, category.name, *category.aliases)}:
                return (category,)
        change = self.change(written)
        ids = self._followed(change) if change else frozenset()
        return tuple(category for category in self.categories if category.id in ids)

    def change(self, written: str) -> Change | None:
        """What became of the category of the past that is meant by an id or a name; None where there is none."""
        wanted = written.strip().casefold()
        for change in self.changes:
            if wanted in {known.casefold() for known in (change.old, *change.names)}:
                return change
        return None

    def _followed(self, change: Change) -> frozenset[str]:
        """The ids at the ends of the chains that begin with a change."""
        later = {each.old: each for each in self.changes}
        found: set[str] = set()
        waiting = [change.old]
        while waiting:
            category = waiting.pop()
            if category not in found:
                found.add(category)
                waiting += later[category].to if category in later else ()
        return frozenset(found)


@dataclass(frozen=True, slots=True)
class Office:
    """An office of the bureau, or the desk that sends a message back.

    `aliases` are the other ways in which citizens write the name. `role` is `discipline` for the office that handles
    accusations of the others, and `above` for what stands outside the bureau and handles accusations of the bureau
    itself.
    """

    id: str
    name: str
    aliases: tuple[str, ...] = ()
    role: OfficeRole = ""


@dataclass(frozen=True, slots=True)
class DutyRule:
    """One row of the duty table: which office leads when its conditions hold.

    Empty conditions hold always. `words`: at least one of them stands in title or text. `jurisdictions`: ids of
    counties or schools, or the kinds `county` and `school`. `valid_from` and `valid_until` are the first and the last
    day on which the rule holds. `level` is `city` where the matter stays with the city whatever place it names;
    `sealed` where the lead office alone opens it.
    """

    id: str
    category: str
    lead: str
    basis: str
    co: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    jurisdictions: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_until: date | None = None
    level: Literal["", "city"] = ""
    sealed: bool = False

    def valid_on(self, day: date) -> bool:
        """Whether the rule holds on that day."""
        return (self.valid_from or date.min) <= day <= (self.valid_until or date.max)


@dataclass(frozen=True, slots=True)
class CategoryRule:
    """A rule that decides a category: where all of `words` stand in title or text, and none of `unless`."""

    id: str
    category: str
    words: tuple[str, ...]
    basis: str
    unless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """A county of the city, or a school that the city runs itself.

    `aliases` are the other ways in which citizens write the name; `authority` is the name of a county's education
    bureau, where it is not the county's name and 教育局.
    """

    id: str
    name: str
    kind: JurisdictionKind
    aliases: tuple[str, ...] = ()
    authority: str = ""

    @property
    def receiver(self) -> str:
        """The body that gets its letters: a county's education bureau, or the school."""
        return self.authority or (f"{self.name}教育局" if self.kind == "county" else self.name)


@dataclass(frozen=True, slots=True)
class School:
    """A school that a county runs; `jurisdiction` is the county's id.

    `aliases` are the other ways in which citizens write the name. Schools of several counties may have the same name.
    """

    name: str
    jurisdiction: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Clock:
    """A period within which something must be done: `days` calendar or working days from an event.

    Empty conditions hold always, and what is not known of a message holds none. `urgent` and `returned` are True for
    urgent or returned messages alone, False for all others, None for both. `extension_days` are of the same unit; 0
    where the period cannot be extended. `valid_from` and `valid_until` are the first and the last event day for which
    the clock counts.
    """

    id: str
    name: str
    days: int
    unit: ClockUnit
    start: ClockStart
    basis: str
    channels: tuple[Channel, ...] = ()
    natures: tuple[Nature, ...] = ()
    urgent: bool | None = None
    returned: bool | None = None
    extension_days: int = 0
    extension_basis: str = ""
    valid_from: date | None = None
    valid_until: date | None = None
    roll_over_holidays: bool = False
    """Whether a period of calendar days that ends on a day off ends on the next working day instead."""

    @property
    def specificity(self) -> int:
        """The number of its conditions."""
        return sum((bool(self.channels), bool(self.natures), self.urgent is not None, self.returned is not None))

    def valid_on(self, day: date) -> bool:
        """Whether the clock counts from that day."""
        return (self.valid_from or date.min) <= day <= (self.valid_until or date.max)


@dataclass(frozen=True, slots=True)
class Danger:
    """A kind of danger, and the signs by which a message shows it.

    Each of `words` is a sign by itself; so is one of `things` at most `within` characters away from one of `harms`, on
    either side. `unless` are expressions no part of which is a sign. `weight`, in [0, 1], is how urgent one sign makes
    a message.
    """

    id: str
    name: str
    weight: float
    words: tuple[str, ...] = ()
    things: tuple[str, ...] = ()
    harms: tuple[str, ...] = ()
    within: int = 12
    unless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Organ:
    """A body outside the bureau, and the words that say that a matter is its; each has two or more characters."""

    id: str
    name: str
    words: tuple[str, ...]
    basis: str = ""


@dataclass(frozen=True, slots=True)
class ReturnTemplates:
    """What the writer of a message is told that is not the bureau's, with blanks `{organ}`, `{bureau}` and `{date}`.

    `draft` where it is known whose it is likely to be, `draft_unknown` where a clerk must say so; empty where the
    bureau has none.
    """

    draft: str = ""
    draft_unknown: str = ""


@dataclass(frozen=True, slots=True)
class GateSettings:
    """What a new model may lose against the one in use; all are shares in [0, 1].

    `overall` of all cases, `category` of those of one category; `calibration` is its expected calibration error at
    most, and `relabelled` the share at most of the labels learnt before that have another category now.
    """

    overall: float = 0.015
    category: float = 0.05
    calibration: float = 0.05
    relabelled: float = 0.1


@dataclass(frozen=True, slots=True)
class ReviewSettings:
    """When a case goes to a person.

    Confidence and margin are probabilities in [0, 1], `min_known_share` a share of the words, `min_characters` a
    count of characters of the cleaned message.
    """

    min_confidence: float = 0.6
    min_margin: float = 0.15
    min_known_share: float = 0.5
    min_characters: int = 8


@dataclass(frozen=True, slots=True)
class Config:
    """All that a bureau has put in: taxonomy, offices, duty table, jurisdictions and settings."""

    bureau: str
    city: str
    taxonomy: Taxonomy
    offices: tuple[Office, ...]
    duty: tuple[DutyRule, ...]
    jurisdictions: tuple[Jurisdiction, ...]
    review: ReviewSettings
    fingerprint: str
    """SHA-256 of what the TOML files say, so that an output can name the configuration that routed it."""
    rules: tuple[CategoryRule, ...] = ()
    clocks: tuple[Clock, ...] = ()
    dangers: tuple[Danger, ...] = ()
    organs: tuple[Organ, ...] = ()
    return_templates: ReturnTemplates = ReturnTemplates()
    schools: tuple[School, ...] = ()

    def office(self, office_id: str) -> Office:
        """The office of that id."""
        for office in self.offices:
            if office.id == office_id:
                return office
        raise ConfigError(f"Unknown office {office_id!r}.", fix="Add it to offices.toml.")

    def jurisdiction(self, jurisdiction_id: str) -> Jurisdiction:
        """The jurisdiction of that id."""
        for jurisdiction in self.jurisdictions:
            if jurisdiction.id == jurisdiction_id:
                return jurisdiction
        raise ConfigError(f"Unknown jurisdiction {jurisdiction_id!r}.", fix="Add it to jurisdictions.toml.")
