"""The whole sentence: a message gets a category with its evidence, a route and its due dates, or goes to a person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from triage.classifier import Outcome, PetitionClassifier
from triage.clocks import Dates, due_dates
from triage.confidence import Doubts, review_reasons
from triage.config import Config
from triage.evidence import WordWeight
from triage.features import cut_document, to_document, without
from triage.returns import likely_organs, return_draft
from triage.routing import Router
from triage.rules import ruling
from triage.schema import Case, Decision, DueDate, Evidence, Level, Message, Nature, Prediction, Route, Signals
from triage.signals import FactReader, danger_score, is_accusing
from triage.text import CleanText, clean, mask, normalise
from triage.thresholds import Proof
from triage.tokens import Tokenizer

ACCUSATION = 0.15
"""From what probability on a message is guarded as an accusation: to guard one too many costs little, to betray one
writer much (信访工作条例 articles 30 and 46)."""
MOST_TURNING = 8
"""Words that are taken out at most to turn a category."""

NOWHERE = Route(lead="", co=(), jurisdiction="", rule_id="", basis="")
"""The route of a case that has not been routed yet."""


class _Cleaned(NamedTuple):
    """The fields of a message, cleaned once for all that reads them."""

    title: CleanText
    text: CleanText


class Pipeline:
    """Makes cases of messages; the same message, model and configuration give the same case in any batch; pure."""

    def __init__(
        self,
        *,
        config: Config,
        tokenizer: Tokenizer,
        classifier: PetitionClassifier,
        model_version: str,
        proof: Proof | None = None,
    ) -> None:
        """`proof` says from what confidence on each category may do without a person; without one, none may."""
        self.classifier = classifier
        self.model_version = model_version
        self.proof = proof
        self._config = config
        self._tokenizer = tokenizer
        self._router = Router(config)
        self._facts = FactReader(config)

    def triage(
        self, messages: Sequence[Message], *, on: date, decided: Sequence[Decision] = (), evidence: bool = True
    ) -> list[Case]:
        """A case for each message, in their order.

        `on` is the day whose duties count. `decided` holds, where it is given, what a person said of each message.
        Without `evidence` all else is the same.
        """
        cleaned = [_Cleaned(clean(message.title), clean(message.text)) for message in messages]
        documents = [cut_document(each.title.text, each.text.text, self._tokenizer) for each in cleaned]
        signals = [self._facts.read(message) for message in messages]
        dangers = [danger_score(each.dangers, self._config.dangers) for each in signals]
        outcomes = self.classifier.predict(documents, dangers=dangers, evidence=evidence)
        known = decided or [Decision()] * len(messages)
        return [self._case(*each, on) for each in zip(messages, cleaned, signals, outcomes, known, strict=True)]

    def weigh(self, message: Message, category: str) -> tuple[Evidence, ...]:
        """What each word of the message argues for or against the category, strongest first."""
        cleaned = _Cleaned(clean(message.title), clean(message.text))
        document = cut_document(cleaned.title.text, cleaned.text.text, self._tokenizer)
        return tuple(sorted(_to_evidence(cleaned, self.classifier.words_for(document, category)), key=_by_strength))

    def turning_words(self, message: Message) -> tuple[str, ...]:
        """The strongest words for the category, without which the message would be of another; empty where none do.

        Words are taken out one after another, each at all its places, until the category turns; at most
        `MOST_TURNING` of them, which hold no personal data.
        """
        document = to_document(message.title, message.text, self._tokenizer)
        (outcome,) = self.classifier.predict([document], evidence=False)
        primary = outcome.ranked[0].category
        strongest = dict.fromkeys(each.words for each in self.weigh(message, primary) if each.weight > 0)
        taken: list[str] = []
        for word in list(strongest)[:MOST_TURNING]:
            taken.append(word)
            (turned,) = self.classifier.predict([without(document, set(map(normalise, taken)))], evidence=False)
            if turned.ranked[0].category != primary:
                return tuple(taken)
        return ()

    def _case(
        self, message: Message, cleaned: _Cleaned, signals: Signals, outcome: Outcome, decided: Decision, on: date
    ) -> Case:
        whole = f"{cleaned.title.text}\n{cleaned.text.text}"
        prediction = self._prediction(cleaned, outcome)
        rule = ruling(self._config.rules, whole)
        ruled, ruled_by = (rule.category, rule.id) if rule else ("", "")
        case = Case(message, prediction, signals, NOWHERE, ruled=ruled, ruled_by=ruled_by, decided=decided)
        case = self._routed(case, whole, on)
        doubts = Doubts(
            threshold=self.proof.threshold(prediction.primary) if self.proof else None,
            known_share=prediction.known_share,
            characters=len(cleaned.title.text) + len(cleaned.text.text),
            jurisdictions=len(signals.jurisdictions),
            is_ruled=rule is not None,
            is_urgent=case.urgent,
            is_watched=outcome.watched and decided.urgent is None,
            is_stopped=bool(case.route.stop),
        )
        is_ours = self._config.taxonomy[case.category].ours
        return replace(
            case,
            due=self._due(case, is_ours),
            draft="" if is_ours else self._draft(message, on),
            review=() if decided.category else review_reasons(prediction.ranked, doubts, self._config.review),
        )

    def _routed(self, case: Case, whole: str, on: date) -> Case:
        """The case with its route, which reaches none of those whom the message accuses.

        What the model takes for a complaint may accuse too. So wherever there is a word of blame, and before a
        complaint goes to the school that it is about, the guarded route is taken if it leads elsewhere than the usual
        one. What is not the bureau's goes back to its writer, which betrays nobody.
        """
        is_report = case.nature == Nature.REPORT or (
            case.decided.nature is None and case.prediction.report >= ACCUSATION
        )
        usual = self._route(case, case.signals, whole, on, guarded=False)
        if not is_report and not self._config.taxonomy[case.category].ours:
            return replace(case, route=usual)
        guarded_facts = self._facts.with_accused(case.message, case.signals)
        guarded = replace(case, signals=guarded_facts, route=self._route(case, guarded_facts, whole, on, guarded=True))
        if is_report:
            return guarded
        is_blaming = (
            bool(guarded_facts.accused)
            or is_accusing(case.message.title, case.message.text)
            or (usual.level == Level.SCHOOL and case.nature == Nature.COMPLAINT)
        )
        return guarded if is_blaming and _leads_elsewhere(usual, guarded.route) else replace(case, route=usual)

    def _route(self, case: Case, facts: Signals, whole: str, on: date, *, guarded: bool) -> Route:
        return self._router.route(
            category=case.category,
            secondary=[each for each in case.prediction.secondary if each != case.category],
            jurisdictions=facts.jurisdictions,
            text=whole,
            on=on,
            accused=facts.accused,
            accusation=guarded,
        )

    def _prediction(self, cleaned: _Cleaned, outcome: Outcome) -> Prediction:
        return Prediction(
            ranked=outcome.ranked,
            secondary=outcome.secondary,
            nature=outcome.nature,
            report=outcome.report,
            urgent=outcome.urgent,
            evidence=tuple(sorted(_to_evidence(cleaned, outcome.words), key=_by_strength)),
            known_share=outcome.known_share,
            model_version=self.model_version,
        )

    def _due(self, case: Case, is_ours: bool) -> tuple[DueDate, ...]:
        """None where nobody says when the message came in: a guessed day would be a promise."""
        message = case.message
        if message.received_at is None:
            return ()
        received = message.received_at.date()
        is_transfer = message.channel is not None and message.channel.is_transfer
        return due_dates(
            self._config.clocks,
            dates=Dates(received, transferred=received if is_transfer else None),
            channel=message.channel,
            nature=case.nature,
            urgent=case.urgent,
            returned=not is_ours,
        )

    def _draft(self, message: Message, on: date) -> str:
        organs = likely_organs(self._config.organs, message)
        return return_draft(self._config.return_templates, organs=organs, bureau=self._config.bureau, on=on)


def _leads_elsewhere(usual: Route, guarded: Route) -> bool:
    return (usual.lead, usual.co, usual.receiver) != (guarded.lead, guarded.co, guarded.receiver)


def _to_evidence(cleaned: _Cleaned, words: Sequence[WordWeight]) -> Iterator[Evidence]:
    """Spans of the cleaned fields as spans of what the citizen wrote, save those that hold personal data."""
    masked = {field: mask(getattr(cleaned, field).original) for field in {word.field for word in words}}
    for word in words:
        field: CleanText = getattr(cleaned, word.field)
        first, last = field.span(word.start, word.end)
        shown = field.original[first:last]
        if shown == masked[word.field][first:last] and shown.strip():
            yield Evidence(word.field, first, last, shown, word.weight)


def _by_strength(evidence: Evidence) -> tuple[float, str, int]:
    return (-abs(evidence.weight), evidence.field, evidence.start)
