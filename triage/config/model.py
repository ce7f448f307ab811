"""What the bureau's TOML says, as frozen dataclasses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from triage.errors import ConfigError

JurisdictionKind = Literal["county", "school"]


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
class Taxonomy:
    """The categories in the order of the file."""

    categories: tuple[Category, ...]

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
        """The category that a person meant by an id, a name or an alias; None where there is none."""
        wanted = written.strip().casefold()
        for category in self.categories:
            if wanted in {known.casefold() for known in (category.id, category.name, *category.aliases)}:
                return category
        return None


@dataclass(frozen=True, slots=True)
class Office:
    """An office of the bureau, or the desk that sends a message back."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class DutyRule:
    """One row of the duty table: which office leads when its conditions hold.

    Empty conditions hold always. `words`: at least one of them stands in title or text. `jurisdictions`: ids of
    counties or schools, or the kinds `county` and `school`. `valid_from` and `valid_until` are the first and the last
    day on which the rule holds.
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

    def valid_on(self, day: date) -> bool:
        """Whether the rule holds on that day."""
        return (self.valid_from or date.min) <= day <= (self.valid_until or date.max)


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """A county of the city, or a school that the city runs itself.

    `aliases` are the other ways in which citizens write the name.
    """

    id: str
    name: str
    kind: JurisdictionKind
    aliases: tuple[str, ...] = ()


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
