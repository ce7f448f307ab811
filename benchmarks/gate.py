"""Whether the gate refuses what is worse, and lets through what is better, on real labels.

The champion is trained on all labels; the challengers on labels a fifth of which were shuffled, on all but those of one
category, and on half of them. The better challengers learn from all labels, against champions that knew the starter
corpus alone, and half of the labels. Each goes the way of `triage retrain`, in a folder that is thrown away.

Run: python benchmarks/gate.py ../shared/mailbox/labels.csv ../shared/mailbox/inbox.xlsx \
    ../shared/mailbox/tipdm7_words.csv.gz [--seeds 3]
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from triage.config import Home, find_home, load_gate, load_taxonomy
from triage.labels import read_labelled
from triage.reporting import verdict_sentence
from triage.retraining import retrain
from triage.schema import LabelledMessage
from triage.training import Workshop, open_workshop, train_version

SHUFFLED = 0.2
Labels = Sequence[LabelledMessage]


def main() -> None:
    """Print, for each pair of champion and challenger, what the gate decided and why."""
    parser = argparse.ArgumentParser()
    parser.add_argument("labels", type=Path)
    parser.add_argument("messages", type=Path, nargs="*")
    parser.add_argument("--seeds", type=int, default=3)
    given = parser.parse_args()
    home = find_home()
    taxonomy = load_taxonomy(home.data)
    workshop = open_workshop(home, taxonomy)
    labelled = read_labelled([given.labels], taxonomy=taxonomy, messages=given.messages).messages
    names = {category.id: category.name for category in taxonomy.categories}
    as_wished = 0
    print("| seed | champion | challenger | wished | decided |\n|---|---|---|---|---|")
    pairs = [pair for seed in range(given.seeds) for pair in _pairs(labelled, seed)]
    for seed, champion, before, challenger, after, wished in pairs:
        with tempfile.TemporaryDirectory() as folder:
            promoted, why = _decide(workshop, Path(folder), before, after, names)
        as_wished += promoted == wished
        print(f"| {seed} | {champion} | {challenger} | {_word(wished)} | {_word(promoted)}: {why} |", flush=True)
    print(f"\n{as_wished} of {len(pairs)} as wished")


def _pairs(labelled: Labels, seed: int) -> Iterator[tuple[int, str, Labels, str, Labels, bool]]:
    """Champion and challenger with their labels, and whether the challenger should be promoted."""
    rng = random.Random(seed)
    half = rng.sample(labelled, len(labelled) // 2)
    lost = sorted(Counter(each.label.primary for each in labelled))[seed % 11]
    without = [each for each in labelled if each.label.primary != lost]
    yield seed, "starter", (), "all labels", labelled, True
    yield seed, "half", half, "all labels", labelled, True
    yield seed, "all labels", labelled, "a fifth shuffled", _shuffled(labelled, rng), False
    yield seed, "all labels", labelled, f"without {lost}", without, False
    yield seed, "all labels", labelled, "half", half, False


def _shuffled(labelled: Labels, rng: random.Random) -> Labels:
    """A fifth of the labels, dealt anew among their messages."""
    places = rng.sample(range(len(labelled)), round(SHUFFLED * len(labelled)))
    dealt = dict(zip(places, rng.sample(places, len(places)), strict=True))
    return [
        replace(each, label=replace(each.label, primary=labelled[dealt.get(at, at)].label.primary))
        for at, each in enumerate(labelled)
    ]


def _decide(workshop: Workshop, folder: Path, before: Labels, after: Labels, names: dict[str, str]) -> tuple[bool, str]:
    desk = replace(workshop, home=Home(workshop.home.data, folder / "models"))
    train_version(desk, before)
    report = retrain(desk, after, by="benchmark", settings=load_gate(desk.home.data))
    return report.verdict.promoted, verdict_sentence(report.verdict, report.info.version, names)


def _word(promoted: bool) -> str:
    return "promote" if promoted else "refuse"


if __name__ == "__main__":
    main()
