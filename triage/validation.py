"""Judge models on labels that they have not learnt from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from triage.classifier import PetitionClassifier
from triage.evaluation import EvaluationReport, evaluate
from triage.labels import text_key
from triage.schema import LabelledMessage, Message
from triage.splits import cross_validation_folds, split_after
from triage.training import Workshop, out_of_scope

Probabilities: TypeAlias = NDArray[np.float64]
Progress: TypeAlias = Callable[[str, float], None]

SEED = 0


def judge(workshop: Workshop, classifier: PetitionClassifier, labelled: Sequence[LabelledMessage]) -> EvaluationReport:
    """The figures of a trained classifier on labelled messages."""
    probabilities = _probabilities(workshop, classifier, labelled)
    return _report(workshop, labelled, probabilities, f"现用模型对 {len(labelled)} 件人工标注")


def cross_validate(
    workshop: Workshop,
    labelled: Sequence[LabelledMessage],
    *,
    folds: int,
    seed: int = SEED,
    starter: Sequence[LabelledMessage] = (),
    unlabelled: Sequence[Message] = (),
    progress: Progress = lambda what, share: None,
) -> EvaluationReport:
    """The figures of models each of which was trained on all folds but the one that it is judged on.

    `seed` deals the folds. The starter corpus is learnt from in every fold and never judged. The same text never
    stands on both sides.

    Raises
    ------
    InputError : there are fewer different messages than folds.
    """
    starter = _unseen(starter, labelled)
    labels = [each.label.primary for each in labelled]
    groups = [text_key(each.message) for each in labelled]
    probabilities = np.zeros((len(labelled), len(workshop.taxonomy.ids)))
    for number, (train, test) in enumerate(cross_validation_folds(labels, folds, seed, groups)):
        classifier, _ = workshop.fit(
            [labelled[at] for at in train],
            starter=starter,
            unlabelled=unlabelled,
            progress=_part(progress, number, folds),
        )
        probabilities[test] = _probabilities(workshop, classifier, [labelled[at] for at in test])
    return _report(workshop, labelled, probabilities, f"{folds} 折交叉验证，{_with(starter)}")


def judge_after(
    workshop: Workshop,
    labelled: Sequence[LabelledMessage],
    *,
    after: date,
    starter: Sequence[LabelledMessage] = (),
    unlabelled: Sequence[Message] = (),
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
    classifier, _ = workshop.fit(learnt, starter=starter, unlabelled=unlabelled, progress=progress)
    probabilities = _probabilities(workshop, classifier, judged)
    return _report(workshop, judged, probabilities, f"以 {after} 之前的 {len(learnt)} 件训练，{_with(starter)}")


def _unseen(starter: Sequence[LabelledMessage], labelled: Sequence[LabelledMessage]) -> list[LabelledMessage]:
    """The starter messages whose text is not among those that are judged."""
    judged = {text_key(each.message) for each in labelled}
    return [each for each in starter if text_key(each.message) not in judged]


def _probabilities(
    workshop: Workshop, classifier: PetitionClassifier, labelled: Sequence[LabelledMessage]
) -> Probabilities:
    """Probabilities with a column for every category of the taxonomy, 0 for those that the model does not know."""
    found = classifier.probabilities([workshop.document(each.message) for each in labelled])
    columns = [workshop.taxonomy.ids.index(category) for category in classifier.categories]
    full = np.zeros((len(labelled), len(workshop.taxonomy.ids)))
    full[:, columns] = found
    return full


def _report(
    workshop: Workshop, labelled: Sequence[LabelledMessage], probabilities: Probabilities, method: str
) -> EvaluationReport:
    return evaluate(
        labels=[each.label.primary for each in labelled],
        probabilities=probabilities,
        categories=workshop.taxonomy.ids,
        out_of_scope=out_of_scope(workshop.taxonomy),
        method=method,
        seed=SEED,
    )


def _with(starter: Sequence[LabelledMessage]) -> str:
    return f"另有 {len(starter)} 件起始语料参加训练" if starter else "不用起始语料"


def _part(progress: Progress, number: int, folds: int) -> Progress:
    return lambda what, share: progress(f"fold {number + 1} of {folds}: {what}", (number + share) / folds)
