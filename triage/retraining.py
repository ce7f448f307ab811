"""Train a challenger on all that people decided, and let it take the champion's place where the gate agrees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from triage.classifier import Fit, PetitionClassifier, Progress
from triage.config import GateSettings
from triage.errors import InputError
from triage.gate import Answers, Cases, Check, Verdict, compare, kept, relabelled
from triage.labels import text_hash
from triage.registry import Learnt, ModelInfo
from triage.schema import LabelledMessage, Message
from triage.training import MAX_ERROR, Workshop, keep_version

JUDGED = 2000
"""Held-out cases at most that both models are asked about: the newest."""


@dataclass(frozen=True, slots=True)
class RetrainReport:
    """The version that was made, what the gate said of it, and which version is in use now."""

    info: ModelInfo
    verdict: Verdict
    in_use: str


def retrain(
    workshop: Workshop,
    labelled: Sequence[LabelledMessage],
    *,
    by: str,
    settings: GateSettings,
    unlabelled: Sequence[Message] = (),
    max_error: float = MAX_ERROR,
    jobs: int | None = None,
    progress: Progress = lambda what, share: None,
) -> RetrainReport:
    """Train a challenger on all labels and the starter corpus, keep it, and promote it if the gate finds it not worse.

    Both models answer for the same cases, none of which they learnt from: what a model did learn from, a model like it
    answered when it was trained, from the other folds (see `HeldOut`); what is new to the champion, it answers itself.

    Parameters
    ----------
    by : who starts it, for the log of what was in use when.
    max_error : the share of wrong ones allowed among what goes automatically, in (0, 1).
    jobs : workers; None takes all cores. The result does not depend on it.

    Raises
    ------
    InputError : there are no labels.
    ModelError : the champion's files are damaged.
    """
    if not labelled:
        raise InputError("There are no labels to learn from.", fix="Add some: triage label add FILE.")
    fit = workshop.fit(labelled, starter=workshop.starter(), unlabelled=unlabelled, jobs=jobs, progress=progress)
    verdict = judge_challenger(workshop, fit, labelled, settings)
    info = keep_version(
        workshop, fit, labelled, unlabelled_messages=len(unlabelled), max_error=max_error, verdict=verdict
    )
    if verdict.promoted:
        workshop.registry.promote(info.version, by=by, reason="retrain: passed the gate")
    return RetrainReport(info, verdict, workshop.registry.champion() or "")


def judge_challenger(
    workshop: Workshop, fit: Fit, labelled: Sequence[LabelledMessage], settings: GateSettings
) -> Verdict:
    """What the gate says of a challenger that was fitted on `labelled`, against the champion.

    Where there is no champion, or the present taxonomy and dictionary cannot use it, there is nothing to be worse than.
    """
    registry = workshop.registry
    version = registry.champion()
    info = registry.info(version) if version else None
    if info is None or not _is_usable(info, workshop):
        return Verdict("", 0, "", "", ())
    classifier, _ = registry.load(
        info.version, tokenizer_fingerprint=workshop.tokenizer.fingerprint, categories=workshop.taxonomy.ids
    )
    learnt = registry.learnt(info.version)
    hashes = [text_hash(each.message) for each in labelled]
    memory = _memory(info, learnt, fit, dict(zip(hashes, labelled, strict=True)), settings)
    order = _newest_first(labelled, hashes)
    judged = [labelled[at] for at in order]
    checks = compare(
        _cases(judged, workshop.taxonomy.ids),
        _champion_answers(workshop, classifier, info, learnt, judged),
        _challenger_answers(workshop, fit, order),
        categories=workshop.taxonomy.ids,
        settings=settings,
    )
    days = [moment.date().isoformat() for each in judged if (moment := _moment(each))]
    return Verdict(info.version, len(judged), min(days, default=""), max(days, default=""), (*memory, *checks))


def _is_usable(info: ModelInfo, workshop: Workshop) -> bool:
    return info.tokenizer_fingerprint == workshop.tokenizer.fingerprint and set(info.categories) <= set(
        workshop.taxonomy.ids
    )


def _memory(
    info: ModelInfo, learnt: Learnt, fit: Fit, labelled: Mapping[str, LabelledMessage], settings: GateSettings
) -> tuple[Check, ...]:
    """That nothing which the champion learnt is missing from what the challenger learnt, and little of it changed."""
    known, categories = dict(zip(learnt.keys, learnt.primary, strict=True)), set(info.categories)
    both = known.keys() & labelled.keys()
    changed = sum(labelled[key].label.primary != known[key] for key in both)
    return (
        kept("labels", len(known) - len(both), len(known)),
        kept("categories", len(categories.difference(fit.classifier.categories)), len(categories)),
        relabelled(changed, len(both), settings.relabelled),
    )


def _newest_first(labelled: Sequence[LabelledMessage], hashes: Sequence[str]) -> list[int]:
    """The places of the cases to be judged: each text once, the newest first, undated ones last."""

    # Sorted twice, for the newest first and of equal ones always the same first.
    order = sorted(range(len(labelled)), key=lambda at: (hashes[at], at))
    order.sort(key=lambda at: _moment(labelled[at]) or datetime.min, reverse=True)
    first: dict[str, int] = {}
    for at in order:
        first.setdefault(hashes[at], at)
    return list(first.values())[:JUDGED]


def _moment(each: LabelledMessage) -> datetime | None:
    moment = each.message.received_at or each.label.decided_at
    return moment.replace(tzinfo=None) if moment else None


def _cases(judged: Sequence[LabelledMessage], categories: Sequence[str]) -> Cases:
    column = {category: at for at, category in enumerate(categories)}
    return Cases(
        truth=np.array([column[each.label.primary] for each in judged], dtype=np.intp),
        urgent=np.array([bool(each.label.urgent) for each in judged], dtype=np.bool_),
        knows_urgent=np.array([each.label.urgent is not None for each in judged], dtype=np.bool_),
    )


def _champion_answers(
    workshop: Workshop,
    classifier: PetitionClassifier,
    info: ModelInfo,
    learnt: Learnt,
    judged: Sequence[LabelledMessage],
) -> Answers:
    """What the champion says of cases that are new to it, and what was said of the others when it was trained."""
    place = {key: at for at, key in enumerate(learnt.keys)}
    probabilities = np.zeros((len(judged), len(workshop.taxonomy.ids)))
    alarms = np.full(len(judged), np.nan)
    columns = _columns(info.categories, workshop.taxonomy.ids)
    places = [place.get(text_hash(each.message)) for each in judged]
    seen = [row for row, at in enumerate(places) if at is not None]
    held_out = [at for at in places if at is not None]
    probabilities[np.ix_(seen, columns)] = learnt.probabilities[held_out]
    alarms[seen] = learnt.alarms[held_out]
    new = [row for row, at in enumerate(places) if at is None]
    for row, outcome in zip(new, workshop.predict(classifier, [judged[row].message for row in new]), strict=True):
        for each in outcome.ranked:
            probabilities[row, workshop.taxonomy.ids.index(each.category)] = each.confidence
        alarms[row] = outcome.alarm
    return Answers(probabilities, alarms)


def _challenger_answers(workshop: Workshop, fit: Fit, order: list[int]) -> Answers:
    probabilities = np.zeros((len(order), len(workshop.taxonomy.ids)))
    columns = _columns(fit.classifier.categories, workshop.taxonomy.ids)
    probabilities[:, columns] = fit.held_out.probabilities[order]
    return Answers(probabilities, fit.held_out.alarms[order])


def _columns(categories: Sequence[str], of: Sequence[str]) -> list[int]:
    return [of.index(category) for category in categories]
