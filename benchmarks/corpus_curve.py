"""What the starter corpus buys: figures on real labels of models trained on ever more of it.

Run: python benchmarks/corpus_curve.py ../shared/mailbox/labels.csv ../shared/mailbox/inbox.xlsx \
    ../shared/mailbox/tipdm7_words.csv.gz
"""

from __future__ import annotations

import random
import sys
from pathlib import Path
from statistics import mean

from triage.config import find_home, load_taxonomy
from triage.labels import read_labelled
from triage.training import open_workshop
from triage.validation import judge

SIZES = (400, 800, 1_600, 3_000)
REPEATS = 3


def main() -> None:
    """Print accuracy, accuracy in scope and macro-F1, the mean over random parts of the corpus, for each size."""
    labels, *messages = map(Path, sys.argv[1:])
    home = find_home()
    taxonomy = load_taxonomy(home.data)
    workshop = open_workshop(home, taxonomy)
    labelled = read_labelled([labels], taxonomy=taxonomy, messages=messages).messages
    starter = workshop.starter()
    print("messages  accuracy  in scope  macro-F1")
    for size in (*SIZES, len(starter)):
        reports = []
        for seed in range(REPEATS if size < len(starter) else 1):
            part = random.Random(seed).sample(starter, size)
            reports.append(judge(workshop, workshop.fit([], starter=part).classifier, labelled))
        figures = (
            mean(report.accuracy.value for report in reports),
            mean(report.in_scope_accuracy.value for report in reports if report.in_scope_accuracy),
            mean(report.macro_f1.value for report in reports),
        )
        print(f"{size:>8}  " + "  ".join(f"{figure:8.4f}" for figure in figures), flush=True)


if __name__ == "__main__":
    main()
