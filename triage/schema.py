"""The words of the house as frozen dataclasses; no I/O, no numpy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
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

    @property
    def is_transfer(self) -> bool:
        """Whether a petition office or the hotline handed its messages over, so that they can be objected to."""
        return self in (Channel.PROVINCE_PLATFORM, Channel.CITY_PLATFORM, Channel.PHONE)


class Nature(StrEnum):
    """What the writer wants: the classes of 信访工作条例 articles 29 to 31, and plain questions."""

    COMPLAINT = "complaint"
    REPORT = "report"
    SUGGESTION = "suggestion"
    INQUIRY = "inquiry"


NATURE_NAMES: Mapping[Nature, str] = {
    Nature.COMPLAINT: "申诉求决",
    Nature.REPORT: "检举控告",
    Nature.SUGGESTION: "建议意见",
    Nature.INQUIRY: "咨询",
}
"""The words of the regulation, which clerks read and write."""


class Level(StrEnum):
    """Who handles a case: an office of the city bureau, a county's bureau, or a school that the city runs."""

    CITY = "city"
    COUNTY = "county"
    SCHOOL = "school"


class AccusedKind(StrEnum):
    """Whom an accusation is directed at, from the bottom of the ladder to its top."""

    TEACHER = "teacher"
    HEAD = "head"
    SCHOOL = "school"
    COUNTY_BUREAU = "county_bureau"
    CITY_OFFICE = "city_office"
    CITY_BUREAU = "city_bureau"


class Formality(StrEnum):
    """What 信访工作条例 article 19 asks of a letter."""

    NAME = "name"
    ADDRESS = "address"
    REQUEST = "request"


class ReviewReason(StrEnum):
    """Why the pipeline hands a case to a person."""

    URGENT = "urgent"
    WATCHED = "watched"
    CONFLICT = "conflict"
    UNPROVEN = "unproven"
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

    `ranked` holds every category, most likely first; the first is the primary. `report` is the probability, in
    [0, 1], that the message is an accusation.
    """

    ranked: tuple[Alternative, ...]
    secondary: tuple[str, ...]
    nature: Nature
    report: float
    urgent: bool
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
class Accused:
    """Whom a message accuses, with the words that name them; `mention.id` is that of the office or jurisdiction."""

    kind: AccusedKind
    mention: Mention


@dataclass(frozen=True, slots=True)
class Signals:
    """Facts read from the text by rule.

    `jurisdictions` holds the id of every county or city-run school that the message speaks of, in order of first
    mention; two or more counties mean that the jurisdiction is unclear. `people` is the number of people that the
    message says it speaks for, None where it says nothing; `missing` is what a formal acceptance would still ask for.
    """

    places: tuple[Mention, ...] = ()
    schools: tuple[Mention, ...] = ()
    jurisdictions: tuple[str, ...] = ()
    accused: tuple[Accused, ...] = ()
    dangers: tuple[Mention, ...] = ()
    people: int | None = None
    missing: tuple[Formality, ...] = ()


@dataclass(frozen=True, slots=True)
class Route:
    """Where a case goes, and the rule of the duty table that said so.

    `receiver` is the name of the body that gets the letter: the lead office of the bureau, or below it the county's
    bureau or the school, which the lead office then answers for. `withheld` are the ids of the offices and
    jurisdictions that must not see it, and `stop` says why; `sealed` that it is opened by the lead office alone.
    """

    lead: str
    co: tuple[str, ...]
    jurisdiction: str
    rule_id: str
    basis: str
    level: Level = Level.CITY
    receiver: str = ""
    sealed: bool = False
    withheld: tuple[str, ...] = ()
    stop: str = ""


@dataclass(frozen=True, slots=True)
class DueDate:
    """A day by which something must be done, and the rule that says so; `estimated` where the calendar is not out."""

    clock: str
    name: str
    day: date
    basis: str
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person has said of a message before it is triaged; it outranks rules and predictions.

    `category` is empty, and the others None, where nobody has said.
    """

    category: str = ""
    nature: Nature | None = None
    urgent: bool | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A message with its prediction, signals, route and due dates; `review` is empty where no person need look.

    `decided` is what a person said, which outranks all else; `ruled` the category that a rule of the bureau gave it,
    which outranks the prediction, and `ruled_by` the rule's id; both are empty where there is none. `draft` is a reply
    to the writer of what is not the bureau's.
    """

    message: Message
    prediction: Prediction
    signals: Signals
    route: Route
    due: tuple[DueDate, ...] = ()
    draft: str = ""
    review: tuple[ReviewReason, ...] = ()
    ruled: str = ""
    ruled_by: str = ""
    decided: Decision = Decision()

    @property
    def category(self) -> str:
        """The category that holds: a person's, else a rule's, else the predicted one."""
        return self.decided.category or self.ruled or self.prediction.primary

    @property
    def nature(self) -> Nature:
        """The nature that holds: a person's, else the predicted one."""
        return self.decided.nature or self.prediction.nature

    @property
    def urgent(self) -> bool:
        """Whether it is urgent: what a person said, else the prediction."""
        return self.prediction.urgent if self.decided.urgent is None else self.decided.urgent

    @property
    def confidence(self) -> float:
        """The probability that the model gives to the category that holds, in [0, 1]."""
        return next((each.confidence for each in self.prediction.ranked if each.category == self.category), 0.0)


@dataclass(frozen=True, slots=True)
class Label:
    """What a person decided about a message; what nobody said is None.

    `place` is the county as written in the message, empty where it names none; `schools` those that it is about. `by`
    is who decided, empty where nobody says; `decided_at` when.
    """

    message_id: str
    primary: str
    secondary: tuple[str, ...] | None = None
    nature: Nature | None = None
    urgent: bool | None = None
    place: str | None = None
    schools: tuple[str, ...] | None = None
    by: str = ""
    decided_at: datetime | None = None


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
