"""What labels buy: figures on held-out real labels of models that have learnt ever more of the others.

Each repeat holds out another quarter of the labels, near-copies on one side, and draws from the rest at random.
`suggest` are 100 messages of the rest that `triage suggest` chooses with the starter model, `300 + suggest` 100 that it
chooses after the first 300. The interval is that of the mean over the repeats (Student's t, 95%).

Run: python benchmarks/learning_curve.py ../shared/mailbox/labels.csv ../shared/mailbox/inbox.xlsx \
    ../shared/mailbox/tipdm7_words.csv.gz [--repeats 10] [--jobs 2] [--out curve.json]
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed
from scipy.stats import t

from triage.classifier import PetitionClassifier
from triage.config import find_home, load_taxonomy
from triage.evaluation import EvaluationReport
from triage.features import Document
from triage.labels import read_labelled
from triage.schema import LabelledMessage, Message
from triage.similarity import near_copies
from triage.splits import cross_validation_folds
from triage.suggesting import Candidate, choose
from triage.training import Workshop, open_workshop
from triage.validation import judge

SIZES = (100, 150, 200, 300, 400, 450, 800)
SUGGESTED, LATER = 100, 300
Figures = dict[str, tuple[float, float, float]]

_CUT: dict[Message, Document] = {}


class _Cached(Workshop):
    """A workshop that cuts every message once."""

    def document(self, message: Message) -> Document:
        known = _CUT.get(message)
        if known is None:
            known = _CUT[message] = super().document(message)
        return known


def repeat(labels: Path, messages: Sequence[Path], seed: int) -> Figures:
    """Accuracy, accuracy in scope and macro-F1 of each way of choosing labels, for one held-out quarter."""
    home = find_home()
    taxonomy = load_taxonomy(home.data)
    opened = open_workshop(home, taxonomy)
    workshop = _Cached(home, taxonomy, opened.tokenizer, opened.dangers)
    labelled = read_labelled([labels], taxonomy=taxonomy, messages=messages).messages
    starter = workshop.starter()
    groups = near_copies([each.message for each in labelled])
    pool, held_out = cross_validation_folds([each.label.primary for each in labelled], 4, seed, groups)[0]
    judged = [labelled[at] for at in held_out]
    order = np.random.default_rng(seed).permutation(pool)
    found: Figures = {}

    def learn(name: str, chosen: Sequence[int]) -> PetitionClassifier:
        fit = workshop.fit([labelled[at] for at in chosen], starter=starter, jobs=1)
        found[name] = _figures(judge(workshop, fit.classifier, judged))
        return fit.classifier

    models = {size: learn(str(size), order[:size].tolist()) for size in (0, *SIZES)}
    for name, size in (("suggest", 0), (f"{LATER} + suggest", LATER)):
        known, rest = order[:size].tolist(), sorted(order[size:].tolist())
        learn(name, [*known, *_suggested(workshop, models[size], labelled, known, rest)])
    return found


def _suggested(
    workshop: Workshop,
    classifier: PetitionClassifier,
    labelled: Sequence[LabelledMessage],
    known: Sequence[int],
    rest: Sequence[int],
) -> list[int]:
    """The places of the messages of the rest that are suggested where the labels of some are known."""
    documents = [workshop.document(labelled[at].message) for at in rest]
    ids = workshop.taxonomy.ids
    probabilities = np.zeros((len(rest), len(ids)))
    probabilities[:, [ids.index(each) for each in classifier.categories]] = classifier.probabilities(documents)
    candidates = [Candidate(labelled[at].message, row, 1.0) for at, row in zip(rest, probabilities, strict=True)]
    counts = [sum(labelled[at].label.primary == category for at in known) for category in ids]
    rows = classifier.features.transform(documents)
    chosen = choose(candidates, rows, counts, SUGGESTED, [labelled[at].message for at in known])
    return [rest[at] for at in chosen]


def _figures(report: EvaluationReport) -> tuple[float, float, float]:
    in_scope = report.in_scope_accuracy.value if report.in_scope_accuracy else 0.0
    return report.accuracy.value, in_scope, report.macro_f1.value


def main() -> None:
    """Print the curve, and what the suggested labels are worth."""
    parser = argparse.ArgumentParser()
    parser.add_argument("labels", type=Path)
    parser.add_argument("messages", type=Path, nargs="*")
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    runs = Parallel(n_jobs=given.jobs)(
        delayed(repeat)(given.labels, given.messages, seed) for seed in range(given.repeats)
    )
    print("| real labels | accuracy | in scope | macro-F1 |\n|---|---|---|---|")
    for name in runs[0]:
        print(f"| {name} | {' | '.join(_shown(np.array([run[name][at] for run in runs])) for at in range(3))} |")
    for name, random in (("suggest", "150"), (f"{LATER} + suggest", str(LATER + 150))):
        for at, figure in enumerate(("accuracy", "in scope", "macro-F1")):
            gain = np.array([run[name][at] - run[random][at] for run in runs])
            print(f"{name} against {random} at random, {figure}: {_shown(gain)}")
    if given.out:
        given.out.write_text(json.dumps(runs, indent=1), encoding="utf-8")


def _shown(values: np.ndarray) -> str:
    """The mean and its interval."""
    error = values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else 0.0
    margin = t.ppf(0.975, max(len(values) - 1, 1)) * error
    return f"{values.mean():.4f} ±{margin:.4f}"


if __name__ == "__main__":
    main()
