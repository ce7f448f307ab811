"""How many wrong labels an audit finds: some labels are made wrong, and looked for at the top of its list.

Labels are turned into another category that is drawn (a) evenly, (b) from the categories that its own is confused with
by the held-out model, as often as it is, (c) always that which the held-out model finds most likely of all the others
for this letter: the hardest there is. For each way of ranking: the share of them among the first 10% of all labels.

Run: python benchmarks/flipped_labels.py ../shared/mailbox/labels.csv ../shared/mailbox/inbox.xlsx \
    ../shared/mailbox/tipdm7_words.csv.gz [--no-starter]
"""

from __future__ import annotations

import json
import math
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import mean, stdev
from typing import TypeAlias

import numpy as np
from cleanlab.rank import get_label_quality_scores
from numpy.typing import NDArray

from triage.auditing.estimates import estimate
from triage.classifier import HeldOut
from triage.config import find_home, load_taxonomy
from triage.labels import read_labelled
from triage.schema import LabelledMessage
from triage.training import Workshop, open_workshop

Floats: TypeAlias = NDArray[np.float64]
Indices: TypeAlias = NDArray[np.intp]

FLIPPED = 0.05
LOOKED_AT = 0.1
SEEDS = range(5)
OURS = "self_confidence"
CLEANLAB = (
    ("self_confidence", False),
    ("self_confidence", True),
    ("normalized_margin", False),
    ("normalized_margin", True),
    ("confidence_weighted_entropy", False),
)


def drawn(kind: str, truth: int, row: Floats, confused: Floats, rng: np.random.Generator) -> int:
    """The wrong category that a label gets."""
    if kind == "closest":
        others = row.copy()
        others[truth] = -1
        return int(others.argmax())
    weights = confused[truth].copy() if kind == "confused" else np.ones(len(row))
    weights[truth] = 0
    if not weights.any():  # confused with none
        weights = np.ones(len(row))
        weights[truth] = 0
    return int(rng.choice(len(row), p=weights / weights.sum()))


def flip(kind: str, seed: int, clean: HeldOut) -> Indices:
    """The columns of the labels, 5% of them wrong."""
    rng = np.random.default_rng(seed)
    labels = clean.truth.copy()
    best = clean.probabilities.argmax(axis=1)
    confused = np.zeros((clean.probabilities.shape[1],) * 2)
    np.add.at(confused, (clean.truth, best), 1)
    for at in rng.choice(len(labels), round(FLIPPED * len(labels)), replace=False):
        labels[at] = drawn(kind, int(labels[at]), clean.probabilities[at], confused, rng)
    return labels


def relabelled(labelled: Sequence[LabelledMessage], labels: Indices, names: Sequence[str]) -> list[LabelledMessage]:
    """The messages with these labels."""
    return [
        replace(each, label=replace(each.label, primary=names[label], secondary=None))
        if each.label.primary != names[label]
        else each
        for each, label in zip(labelled, labels, strict=True)
    ]


def rankings(held_out: HeldOut) -> Iterator[tuple[str, Floats]]:
    """Scores, low for the suspicious: those of cleanlab, and ours with what near-copies say."""
    for method, adjusted in CLEANLAB:
        scores = get_label_quality_scores(
            held_out.truth, held_out.probabilities, method=method, adjust_pred_probs=adjusted
        )
        yield f"{method}{', adjusted' if adjusted else ''}", scores
        if method == OURS and not adjusted:
            yield f"{method}, near-copies that contradict first", scores - contradicted(held_out)


def contradicted(held_out: HeldOut) -> Floats:
    """Which labels near-copies contradict, as 1."""
    labels_of: dict[str, set[int]] = defaultdict(set)
    for group, label in zip(held_out.groups, held_out.truth, strict=True):
        labels_of[group].add(int(label))
    return np.array([float(len(labels_of[group]) > 1) for group in held_out.groups])


def main() -> None:
    """Print the shares found, mean and spread over the seeds, and what cleanlab says of the number of wrong labels."""
    labels, *messages = (Path(each) for each in sys.argv[1:] if not each.startswith("--"))
    home = find_home()
    taxonomy = load_taxonomy(home.data)
    workshop = open_workshop(home, taxonomy)
    labelled = read_labelled([labels], taxonomy=taxonomy, messages=messages).messages
    starter = [] if "--no-starter" in sys.argv else workshop.starter()
    print(json.dumps(measure(workshop, labelled, starter), ensure_ascii=False, indent=2))


def measure(
    workshop: Workshop, labelled: Sequence[LabelledMessage], starter: Sequence[LabelledMessage]
) -> dict[str, object]:
    """The figures."""
    first = workshop.fit(labelled, starter=starter)
    names, clean = first.classifier.categories, first.held_out
    top = math.ceil(LOOKED_AT * len(labelled))
    result: dict[str, object] = {
        "labels": len(labelled),
        "starter": len(starter),
        "flipped": round(FLIPPED * len(labelled)),
        "looked_at": top,
        "estimated_wrong_before": int(estimate(clean.probabilities, clean.truth).wrong.sum()),
    }
    for kind in ("evenly", "confused", "closest"):
        found: dict[str, list[float]] = defaultdict(list)
        named, estimated = [], []
        for seed in SEEDS:
            flipped = flip(kind, seed, clean)
            held_out = workshop.fit(relabelled(labelled, flipped, names), starter=starter).held_out
            is_wrong = flipped != clean.truth
            for name, scores in rankings(held_out):
                at_top = np.argsort(scores, kind="stable")[:top]
                found[name].append(float(is_wrong[at_top].sum() / is_wrong.sum()))
            likely = held_out.probabilities.argmax(axis=1)
            named.append(float((likely == clean.truth)[is_wrong].mean()))
            estimated.append(int(estimate(held_out.probabilities, held_out.truth).wrong.sum()))
            print(f"{kind} {seed}: {found[OURS][-1]:.3f}", file=sys.stderr, flush=True)
        result[kind] = {
            "found": {
                name: {"mean": round(mean(shares), 3), "least": round(min(shares), 3), "sd": round(stdev(shares), 3)}
                for name, shares in found.items()
            },
            "true_category_most_likely": round(mean(named), 3),
            "estimated_wrong": round(mean(estimated), 1),
        }
    return result


if __name__ == "__main__":
    main()
