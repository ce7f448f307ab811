"""Judge models on labels that they have not learnt from."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from triage.classifier import Fit, Outcome, PetitionClassifier
from triage.evaluation import (
    EvaluationReport,
    NameScores,
    NatureScores,
    SecondaryScores,
    TierScores,
    UrgentScores,
    evaluate,
    name_scores,
    nature_scores,
    secondary_scores,
    tier_scores,
    urgent_scores,
)
from triage.labels import text_key
from triage.schema import LabelledMessage, Message
from triage.signals import SignalReader, main_place
from triage.splits import cross_validation_folds, split_after
from triage.thresholds import Proof
from triage.training import Workshop, out_of_scope, prove

Probabilities: TypeAlias = NDArray[np.float64]
Progress: TypeAlias = Callable[[str, float], None]

SEED = 0
MAX_ERRORS = (0.05, 0.01)
"""The errors of the automatic tier that are looked at."""

_CUT = re.compile("[\u4e00-\u9fff] (?=[\u4e00-\u9fff])")
_CUT_SHARE = 0.1
"""From what share of characters on, spaces between Han characters mean that a text came cut into words."""


@dataclass(frozen=True)
class _Judged:
    """Some labelled messages, what a model says of them, and what it had proven beforehand."""

    labelled: Sequence[LabelledMessage]
    outcomes: Sequence[Outcome]
    proofs: Sequence[Proof]


def judge(
    workshop: Workshop,
    classifier: PetitionClassifier,
    labelled: Sequence[LabelledMessage],
    *,
    proof: Proof | None = None,
    names: SignalReader | None = None,
) -> EvaluationReport:
    """The figures of a trained classifier, and of what it was proven of it, on labelled messages."""
    judged = _Judged(
        labelled, workshop.predict(classifier, [each.message for each in labelled]), [proof] if proof else []
    )
    return _report(workshop, [judged], f"现用模型对 {len(labelled)} 件人工标注", names)


def cross_validate(
    workshop: Workshop,
    labelled: Sequence[LabelledMessage],
    *,
    folds: int,
    seed: int = SEED,
    starter: Sequence[LabelledMessage] = (),
    unlabelled: Sequence[Message] = (),
    names: SignalReader | None = None,
    progress: Progress = lambda what, share: None,
) -> EvaluationReport:
    """The figures of models each of which was trained on all folds but the one that it is judged on.

    `seed` deals the folds. The starter corpus is learnt from in every fold and never judged. The same text never
    stands on both sides.

    Parameters
    ----------
    names : reads places and schools; without it they are not judged.

    Raises
    ------
    InputError : there are fewer different messages than folds.
    """
    starter = _unseen(starter, labelled)
    labels = [each.label.primary for each in labelled]
    groups = [text_key(each.message) for each in labelled]
    judged = []
    for number, (train, test) in enumerate(cross_validation_folds(labels, folds, seed, groups)):
        fit = workshop.fit(
            [labelled[at] for at in train],
            starter=starter,
            unlabelled=unlabelled,
            progress=_part(progress, number, folds),
        )
        judged.append(_judge_fit(workshop, fit, [labelled[at] for at in test]))
    return _report(workshop, judged, f"{folds} 折交叉验证，{_with(starter)}", names)


def judge_after(
    workshop: Workshop,
    labelled: Sequence[LabelledMessage],
    *,
    after: date,
    starter: Sequence[LabelledMessage] = (),
    unlabelled: Sequence[Message] = (),
    names: SignalReader | None = None,
    progress: Progress = lambda what, share: None,
) -> EvaluationReport:
    """The figures of a model trained on what came in before a day, judged on what came in from then on.

    Raises
    ------
    InputError : nothing came in before, or nothing from then on.
    """
    starter = _unseen(starter, labelled)
    train, test = split_after([each.message.received_at for each in labelled], after)
    judged = [labelled[at] for at in test]
    seen = {text_key(each.message) for each in judged}
    learnt = [labelled[at] for at in train if text_key(labelled[at].message) not in seen]
    fit = workshop.fit(learnt, starter=starter, unlabelled=unlabelled, progress=progress)
    method = f"以 {after} 之前的 {len(learnt)} 件训练，{_with(starter)}"
    return _report(workshop, [_judge_fit(workshop, fit, judged)], method, names)


def _unseen(starter: Sequence[LabelledMessage], labelled: Sequence[LabelledMessage]) -> list[LabelledMessage]:
    """The starter messages whose text is not among those that are judged."""
    judged = {text_key(each.message) for each in labelled}
    return [each for each in starter if text_key(each.message) not in judged]


def _judge_fit(workshop: Workshop, fit: Fit, labelled: Sequence[LabelledMessage]) -> _Judged:
    proofs = [prove(fit, max_error) for max_error in MAX_ERRORS]
    outcomes = workshop.predict(fit.classifier, [each.message for each in labelled])
    return _Judged(labelled, outcomes, [proof for proof in proofs if proof is not None])


def _report(workshop: Workshop, judged: Sequence[_Judged], method: str, names: SignalReader | None) -> EvaluationReport:
    labelled = [each for part in judged for each in part.labelled]
    outcomes = [each for part in judged for each in part.outcomes]
    report = evaluate(
        labels=[each.label.primary for each in labelled],
        probabilities=_probabilities(outcomes, workshop.taxonomy.ids),
        categories=workshop.taxonomy.ids,
        out_of_scope=out_of_scope(workshop.taxonomy),
        method=method,
        seed=SEED,
    )
    return replace(
        report,
        tiers=_tiers(judged, workshop.taxonomy.ids),
        secondary=_secondary(labelled, outcomes),
        nature=_nature(labelled, outcomes),
        urgent=_urgent(labelled, outcomes),
        names=_names(labelled, names) if names else None,
    )


def _probabilities(outcomes: Sequence[Outcome], categories: Sequence[str]) -> Probabilities:
    """Probabilities with a column for every category of the taxonomy, 0 for those that the model does not know."""
    column = {category: at for at, category in enumerate(categories)}
    full = np.zeros((len(outcomes), len(categories)))
    for row, outcome in enumerate(outcomes):
        for each in outcome.ranked:
            full[row, column[each.category]] = each.confidence
    return full


def _tiers(judged: Sequence[_Judged], categories: Sequence[str]) -> tuple[TierScores, ...]:
    """The automatic tier, for each of the errors that every part has a proof for."""
    return tuple(
        _tier(judged, list(proofs), categories) for proofs in zip(*(part.proofs for part in judged), strict=True)
    )


def _tier(judged: Sequence[_Judged], proofs: Sequence[Proof], categories: Sequence[str]) -> TierScores:
    parts = list(zip(judged, proofs, strict=True))
    firsts = [(outcome.ranked[0], proof) for part, proof in parts for outcome in part.outcomes]
    return tier_scores(
        labels=[each.label.primary for part in judged for each in part.labelled],
        predicted=[first.category for first, _ in firsts],
        passed=[proof.passes(first.category, first.confidence) for first, proof in firsts],
        max_error=proofs[0].max_error,
        categories=categories,
        never=[each for each in categories if all(proof.threshold(each) is None for proof in proofs)],
    )


def _secondary(labelled: Sequence[LabelledMessage], outcomes: Sequence[Outcome]) -> SecondaryScores | None:
    known = [
        (each.label, outcome)
        for each, outcome in zip(labelled, outcomes, strict=True)
        if each.label.secondary is not None
    ]
    if not known:
        return None
    return secondary_scores(
        primary=[label.primary for label, _ in known],
        secondary=[set(label.secondary or ()) for label, _ in known],
        predicted_primary=[outcome.ranked[0].category for _, outcome in known],
        predicted_secondary=[set(outcome.secondary) for _, outcome in known],
    )


def _nature(labelled: Sequence[LabelledMessage], outcomes: Sequence[Outcome]) -> NatureScores | None:
    known = [
        (each.label.nature, outcome.nature)
        for each, outcome in zip(labelled, outcomes, strict=True)
        if each.label.nature is not None
    ]
    return nature_scores([label for label, _ in known], [guess for _, guess in known]) if known else None


def _urgent(labelled: Sequence[LabelledMessage], outcomes: Sequence[Outcome]) -> UrgentScores | None:
    known = [
        (each.label.urgent, outcome)
        for each, outcome in zip(labelled, outcomes, strict=True)
        if each.label.urgent is not None
    ]
    if not known:
        return None
    return urgent_scores(
        [label for label, _ in known],
        [outcome.alarm for _, outcome in known],
        flagged=[outcome.urgent for _, outcome in known],
        watched=[outcome.watched for _, outcome in known],
    )


def _names(labelled: Sequence[LabelledMessage], reader: SignalReader) -> NameScores | None:
    """Places and schools in the messages of which they are known; names in a text that came cut are broken."""
    known = [
        (each.label.place, each.label.schools or (), reader.read(each.message))
        for each in labelled
        if each.label.place is not None and not _is_cut(each.message.text)
    ]
    if not known:
        return None
    main = [main_place(signals.places) for _, _, signals in known]
    return name_scores(
        places=[place for place, _, _ in known],
        schools=[schools for _, schools, _ in known],
        found_places=[place.name if place else "" for place in main],
        found_schools=[[school.name for school in signals.schools] for _, _, signals in known],
    )


def _is_cut(text: str) -> bool:
    return len(_CUT.findall(text)) > _CUT_SHARE * len(text)


def _with(starter: Sequence[LabelledMessage]) -> str:
    return f"另有 {len(starter)} 件起始语料参加训练" if starter else "不用起始语料"


def _part(progress: Progress, number: int, folds: int) -> Progress:
    return lambda what, share: progress(f"fold {number + 1} of {folds}: {what}", (number + share) / folds)
