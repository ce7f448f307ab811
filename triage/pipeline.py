"""The whole sentence: a message gets a category with its evidence and a route, or goes to a person; pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from triage.classifier import Outcome, PetitionClassifier
from triage.confidence import review_reasons
from triage.config import Config
from triage.features import to_document
from triage.routing import Router
from triage.schema import Case, Evidence, Message, Prediction
from triage.signals import SignalReader
from triage.text import CleanText, clean, mask
from triage.tokens import Tokenizer


class Pipeline:
    """Makes cases of messages; the same message, model and configuration give the same case in any batch."""

    def __init__(
        self, *, config: Config, tokenizer: Tokenizer, classifier: PetitionClassifier, model_version: str
    ) -> None:
        self.classifier = classifier
        self.model_version = model_version
        self._config = config
        self._tokenizer = tokenizer
        self._router = Router(config)
        self._signals = SignalReader(config.jurisdictions)

    def triage(self, messages: Sequence[Message], *, on: date, decided: Sequence[str] = ()) -> list[Case]:
        """A case for each message, in their order.

        `on` is the day whose duties count. `decided` holds, where it is given, for each message the category that a
        person gave it, or an empty string.
        """
        documents = [to_document(message.title, message.text, self._tokenizer) for message in messages]
        outcomes = self.classifier.predict(documents)
        known = decided or [""] * len(messages)
        return [self._case(*each, on) for each in zip(messages, outcomes, known, strict=True)]

    def weigh(self, message: Message, category: str) -> tuple[Evidence, ...]:
        """What each word of the message argues for or against the category, strongest first."""
        document = to_document(message.title, message.text, self._tokenizer)
        title, text = clean(message.title), clean(message.text)
        words = self.classifier.words_for(document, category)
        found = _to_evidence(message, title, text, [(word.field, word.start, word.end, word.weight) for word in words])
        return tuple(sorted(found, key=_by_strength))

    def _case(self, message: Message, outcome: Outcome, decided: str, on: date) -> Case:
        title, text = clean(message.title), clean(message.text)
        spans = [(word.field, word.start, word.end, word.weight) for word in outcome.words]
        prediction = Prediction(
            ranked=outcome.ranked,
            secondary=outcome.secondary,
            evidence=tuple(sorted(_to_evidence(message, title, text, spans), key=_by_strength)),
            known_share=outcome.known_share,
            model_version=self.model_version,
        )
        signals = self._signals.read(message)
        route = self._router.route(
            category=decided or prediction.primary,
            secondary=[each for each in prediction.secondary if each != decided],
            jurisdictions=signals.jurisdictions,
            text=f"{title.text}\n{text.text}",
            on=on,
        )
        doubts = review_reasons(
            prediction.ranked,
            known_share=prediction.known_share,
            characters=len(title.text) + len(text.text),
            jurisdictions=len(signals.jurisdictions),
            settings=self._config.review,
        )
        return Case(message, prediction, signals, route, () if decided else doubts, decided)


def _to_evidence(
    message: Message, title: CleanText, text: CleanText, spans: Sequence[tuple[str, int, int, float]]
) -> Iterator[Evidence]:
    """Spans of the cleaned fields as spans of what the citizen wrote, save those that hold personal data."""
    masked = {"title": mask(message.title), "text": mask(message.text)}
    for field, start, end, weight in spans:
        cleaned = title if field == "title" else text
        first, last = cleaned.span(start, end)
        words = cleaned.original[first:last]
        if words == masked[field][first:last] and words.strip():
            yield Evidence("title" if field == "title" else "text", first, last, words, weight)


def _by_strength(evidence: Evidence) -> tuple[float, str, int]:
    return (-abs(evidence.weight), evidence.field, evidence.start)
