"""Run by test_retraining.py: a retraining is killed at random moments, and what it leaves is looked at.

Each is forked from this process, which has imported all and cut the words; what it finds is printed as JSON.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from datetime import datetime
from pathlib import Path

from triage.config import GateSettings, copy_defaults, find_home, load_taxonomy
from triage.errors import TriageError
from triage.labels import LabelRow, read_starter
from triage.retraining import retrain
from triage.schema import LabelledMessage
from triage.store import Store
from triage.tokens import Tokenizer
from triage.training import Workshop, train_version

CORPUS = Path(__file__).parents[1] / "data" / "corpus" / "part_01.jsonl"
STARTER, OWN = 40, 60


def bureau(folder: Path) -> tuple[Workshop, list[LabelledMessage]]:
    """A bureau with a small starter corpus and some labels in its store."""
    copy_defaults(folder / "bureau")
    home = find_home(folder / "bureau")
    lines = CORPUS.read_text(encoding="utf-8").splitlines(keepends=True)
    taxonomy = load_taxonomy(home.data)
    (home.data / "corpus").mkdir()
    part = home.data / "corpus" / "part.jsonl"
    part.write_text("".join(lines[: STARTER + OWN]), encoding="utf-8")
    own = read_starter(home.corpus, taxonomy)[STARTER:]
    part.write_text("".join(lines[:STARTER]), encoding="utf-8")
    return Workshop(home, taxonomy, Tokenizer()), own


def run(workshop: Workshop) -> None:
    """What the command does: read the labels, train, judge, keep, perhaps promote."""
    with Store.open(workshop.home.store) as store:
        labelled = store.labelled()
    retrain(workshop, labelled, by="a process", settings=GateSettings(overall=0.9, category=0.9), jobs=1)


def problems(workshop: Workshop, labels: int, versions: int) -> list[str]:
    """What is wrong after a kill."""
    found = []
    registry = workshop.registry
    try:
        names, log = registry.names(), registry.log()
        for name in names[versions:]:
            registry.load(name, tokenizer_fingerprint=workshop.tokenizer.fingerprint, categories=workshop.taxonomy.ids)
        if registry.champion() not in names or len(log) > len(names):
            found.append(f"{registry.champion()} is in use, but there are {names}")
        with Store.open(workshop.home.store) as store:
            if len(store.labelled()) != labels:
                found.append(f"{len(store.labelled())} labels are left of {labels}")
    except TriageError as error:
        found.append(str(error))
    return found


def main() -> None:
    """Kill it as often as the second argument says, in a bureau that is made in the folder named first."""
    folder, times = Path(sys.argv[1]), int(sys.argv[2])
    workshop, own = bureau(folder)
    train_version(workshop, jobs=1)
    with Store.open(workshop.home.store) as store:
        rows = [
            LabelRow(Path("labels.csv"), "", at, each, has_id=True, settles=False)
            for at, each in enumerate(own, start=2)
        ]
        store.add(rows, added_at=datetime(2026, 1, 1))
        labels = len(store.labelled())
    began = time.perf_counter()
    run(workshop)
    longest = time.perf_counter() - began
    moments, found, killed = random.Random(0), [], 0
    for _ in range(times):
        versions = len(workshop.registry.names())
        child = os.fork()
        if not child:
            while True:
                run(workshop)
        time.sleep(moments.uniform(0, longest))
        os.kill(child, signal.SIGKILL)
        killed += os.WIFSIGNALED(os.waitpid(child, 0)[1])
        found += problems(workshop, labels, versions)
    before = len(workshop.registry.names())
    run(workshop)
    if len(workshop.registry.names()) != before + 1 or list(workshop.home.models.glob(".new-*")):
        found.append("the next run did not work")
    print(json.dumps({"problems": found, "killed": killed, "versions": len(workshop.registry.names())}))


if __name__ == "__main__":
    main()
