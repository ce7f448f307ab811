"""What becomes of one letter's category: what a person decided stays, a rule decides, and the model proposes; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from triage.config import Category, Office, Taxonomy
from triage.forms import REASON_WORDS, shown_confidence
from triage.schema import Case, Decision, Label, Nature, ReviewReason, Route
from triage.text import normalise

SPLIT_DOUBT = "原类别已拆分，须由人确认"
LESS_SURE_DOUBT = "把握不如原来"
TWO_DECISIONS_DOUBT = "表中的人工类别与已确认的标注不一致"


class Why(StrEnum):
    """What decided the category that a letter has now, or is proposed to have."""

    CONFIRMED = "confirmed"
    CHANGED_TAXONOMY = "changed_taxonomy"
    SPLIT = "split"
    RULE = "rule"
    MODEL = "model"
    UNCLASSIFIED = "unclassified"
    UNKNOWN = "unknown"
    REROUTED = "rerouted"
    SAME = "same"


class Status(StrEnum):
    """What became of a letter: its category moved, its route alone did, a person has to look at it, or nothing."""

    MOVED = "moved"
    REROUTED = "rerouted"
    TO_LOOK_AT = "to_look_at"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Before:
    """What was known of a letter before; what a table does not say is empty.

    `category`, `lead` and `receiver` are as written. `persons` is the category that a person wrote into the table,
    `fault` why it cannot be told which that is, and `label` what is confirmed elsewhere. `confidence`, in [0, 1], is
    that of the model in `category`, None where the model did not decide it.
    """

    category: str = ""
    persons: str = ""
    fault: str = ""
    nature: Nature | None = None
    urgent: bool | None = None
    label: Label | None = None
    confidence: float | None = None
    lead: str = ""
    receiver: str = ""

    @property
    def decision(self) -> str:
        """The category that a person decided: in the table, else elsewhere; empty where nobody did for certain."""
        return self.persons or (self.label.primary if self.label and not self.fault else "")


@dataclass(frozen=True, slots=True)
class Judgement:
    """The category that holds, and why.

    `category` is empty where that stays which was written: it is none of the taxonomy's. `proposed` is another that a
    person should look at, for the reasons in `doubts`; there is none where nothing is known of it.
    """

    category: str
    why: Why
    proposed: str = ""
    doubts: tuple[str, ...] = ()


def decided(before: Before, taxonomy: Taxonomy) -> Decision:
    """What a person said of a letter, in the categories of today."""
    category = taxonomy.find(before.decision) if before.decision else None
    label = before.label
    nature = before.nature or (label.nature if label else None)
    urgent = before.urgent if before.urgent is not None else (label.urgent if label else None)
    return Decision(category.id if category else "", nature, urgent)


def judge(before: Before, case: Case, taxonomy: Taxonomy) -> Judgement:
    """Compare what was with what the pipeline says now.

    - A person's category holds, whatever rules and model say; under its new name where it has one. Where it was split,
      the likeliest of its successors is proposed to a person.
    - A rule of the bureau decides over what no person decided.
    - A category that was renamed or merged moves by itself; one that was split, not without a person.
    - The model moves a letter where nothing speaks for a look: no reason for review, and it is not less sure of the
      new category than it was of the old one. Otherwise the old one stays until a person has looked.
    """
    if before.decision or before.fault:
        return _by_person(before, case, taxonomy)
    old = taxonomy.successors(before.category) if before.category else ()
    kept = old[0].id if len(old) == 1 else ""
    if kept and case.category == kept:
        return Judgement(kept, Why.SAME if _present(taxonomy, before.category) else Why.CHANGED_TAXONOMY)
    if case.ruled:
        return Judgement(case.ruled, Why.RULE)
    if len(old) > 1:
        return Judgement("", Why.SPLIT, _likeliest(case, old), (SPLIT_DOUBT,))
    why = Why.MODEL if kept else Why.UNKNOWN if before.category else Why.UNCLASSIFIED
    doubts = tuple(_doubts(before, case))
    return Judgement(kept, why, case.category, doubts) if doubts else Judgement(case.category, why)


def has_moved(before: Before, judgement: Judgement, taxonomy: Taxonomy) -> bool:
    """Whether the category that holds is not the one that was written; a new name of it counts as another."""
    present = _present(taxonomy, before.category)
    return bool(judgement.category) and judgement.category != (present.id if present else "")


def ids_by_name(offices: Sequence[Office]) -> Mapping[str, str]:
    """The id of each office by each of its names, as `is_rerouted` needs them."""
    return {_plain(name): office.id for office in offices for name in (office.id, office.name, *office.aliases)}


def is_rerouted(before: Before, route: Route, offices: Mapping[str, str]) -> bool:
    """Whether a letter goes to another lead office or another body than before, as far as that is known."""
    other_lead = bool(before.lead) and offices.get(_plain(before.lead)) != route.lead
    return other_lead or (bool(before.receiver) and _plain(before.receiver) != _plain(route.receiver))


def confidence_in(case: Case, category: str) -> float | None:
    """The model's confidence in a category, rounded down as it is shown; None where it does not know it."""
    found = next((each.confidence for each in case.prediction.ranked if each.category == category), None)
    return None if found is None else shown_confidence(found)


def _by_person(before: Before, case: Case, taxonomy: Taxonomy) -> Judgement:
    meant = taxonomy.successors(before.decision)
    # Where a person's words cannot be read, what stood in the table stays.
    kept = taxonomy.find(before.decision if meant else before.category)
    held = kept.id if kept else ""
    if before.fault:
        return Judgement(held, Why.CONFIRMED, "", (before.fault,))
    if before.persons and before.label and meant != taxonomy.successors(before.label.primary):
        other = taxonomy.find(before.label.primary)
        return Judgement(held, Why.CONFIRMED, other.id if other else "", (TWO_DECISIONS_DOUBT,))
    if len(meant) > 1:
        return Judgement("", Why.SPLIT, _likeliest(case, meant), (SPLIT_DOUBT,))
    if not meant:
        return Judgement(held, Why.CONFIRMED, "", (REASON_WORDS[ReviewReason.UNKNOWN_LABEL],))
    return Judgement(held, Why.CONFIRMED)


def _likeliest(case: Case, categories: tuple[Category, ...]) -> str:
    """The one of the categories that the model holds most likely; empty where it knows none of them."""
    ids = {category.id for category in categories}
    return next((each.category for each in case.prediction.ranked if each.category in ids), "")


def _doubts(before: Before, case: Case) -> list[str]:
    """Why a person should look before the model moves a letter."""
    doubts = [REASON_WORDS[reason] for reason in case.review]
    if before.confidence is not None and shown_confidence(case.confidence) < before.confidence:
        doubts.append(LESS_SURE_DOUBT)
    return doubts


def _present(taxonomy: Taxonomy, written: str) -> Category | None:
    """The category of today that bears a name itself."""
    return None if taxonomy.change(written) else taxonomy.find(written)


def _plain(name: str) -> str:
    """A name in the form in which names are compared."""
    return "".join(normalise(name).split()).casefold()
