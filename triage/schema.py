"""The words of the house as frozen dataclasses; no I/O, no numpy."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

Field = Literal["title", "text"]


class Channel(StrEnum):
    """The way on which a message came in."""

    MAYOR_MAILBOX = "mayor_mailbox"
    PROVINCE_PLATFORM = "province_platform"
    CITY_PLATFORM = "city_platform"
    LETTER = "letter"
    VISIT = "visit"
    PHONE = "phone"
    WEB = "web"


class ReviewReason(StrEnum):
    """Why the pipeline hands a case to a person."""

    LOW_CONFIDENCE = "low_confidence"
    CLOSE_SECOND = "close_second"
    UNKNOWN_WORDS = "unknown_words"
    SHORT_TEXT = "short_text"
    UNCLEAR_JURISDICTION = "unclear_jurisdiction"
    UNKNOWN_LABEL = "unknown_label"


@dataclass(frozen=True, slots=True)
class Message:
    """What a citizen wrote.

    `repr` shows the id and lengths alone, so that a message that slips into a log tells nothing of its writer.
    """

    id: str
    title: str
    text: str
    received_at: datetime | None = None
    channel: Channel | None = None
    sender: str = ""

    def __repr__(self) -> str:
        return f"Message(id={self.id!r}, title={len(self.title)} chars, text={len(self.text)} chars)"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A span of the original message that argues for (weight > 0) or against the primary category.

    `start` and `end` count characters of the named field as it came in, so that
    `getattr(message, field)[start:end] == words`.
    """

    field: Field
    start: int
    end: int
    words: str
    weight: float


@dataclass(frozen=True, slots=True)
class Alternative:
    """A category with its confidence, in [0, 1]."""

    category: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the model says of a message.

    `ranked` holds every category, most likely first; the first is the primary.
    """

    ranked: tuple[Alternative, ...]
    secondary: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    known_share: float
    """Share of the message's words that the model has seen in training, in [0, 1]."""
    model_version: str

    @property
    def primary(self) -> str:
        """The most likely category."""
        return self.ranked[0].category

    @property
    def confidence(self) -> float:
        """Probability of the primary category, in [0, 1]."""
        return self.ranked[0].confidence


@dataclass(frozen=True, slots=True)
class Mention:
    """A place or school named in a message, as a span of the original field; `id` is empty where it is not listed."""

    field: Field
    start: int
    end: int
    name: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class Signals:
    """Facts read from the text by rule.

    `jurisdictions` holds the id of every county or city-run school that the message speaks of, in order of first
    mention; two or more counties mean that the jurisdiction is unclear.
    """

    places: tuple[Mention, ...] = ()
    schools: tuple[Mention, ...] = ()
    jurisdictions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Route:
    """Where a case goes, and the rule of the duty table that said so."""

    lead: str
    co: tuple[str, ...]
    jurisdiction: str
    rule_id: str
    basis: str


@dataclass(frozen=True, slots=True)
class Case:
    """A message with its prediction, signals and route; `review` is empty where no person need look.

    `decided` is the category that a person gave it, which outranks the prediction; empty where nobody has.
    """

    message: Message
    prediction: Prediction
    signals: Signals
    route: Route
    review: tuple[ReviewReason, ...] = ()
    decided: str = ""

    @property
    def category(self) -> str:
        """The category that holds: a person's, else the predicted one."""
        return self.decided or self.prediction.primary


@dataclass(frozen=True, slots=True)
class Label:
    """What a person decided about a message; `secondary` is None where nobody said."""

    message_id: str
    primary: str
    secondary: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class LabelledMessage:
    """A message together with the label that a person gave it."""

    message: Message
    label: Label


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that was read but could not be used, with the reason in words for the clerk."""

    source: str
    sheet: str
    row: int
    reason: str
    column: str = ""
    cells: tuple[str, ...] = field(default=(), repr=False)
