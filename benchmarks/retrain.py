"""How long `triage retrain` takes on 10,000 labels, and what memory all its processes need together.

The labels are made of the starter corpus: each letter gives up some of its sentences for some of another letter of its
category. Every command has a bureau folder of its own, which holds the same labels. It is compared with the pipeline
that everyone writes (words and pairs of words, TF-IDF, LinearSVC, five held-out folds and the fit on all, in one
process) on the same letters in the same run.

Run: python benchmarks/retrain.py [LABELS]

A table in Markdown goes to stderr, the figures as JSON to stdout. Memory and processor time are read from /proc: other
systems than Linux give 0.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from triage.schema import NATURE_NAMES, Nature

ROOT = Path(__file__).parents[1]
LABELS = 10_000
JOBS = (1, 2)
LIMITS = {"seconds": 60, "megabytes": 2000}
"""What a training on two cores may take."""
KEPT, LENT = 0.7, 0.3
"""Shares of the sentences that a letter keeps, and gets from another."""
EVERY = 0.2
"""Seconds between two looks at the memory."""
BASELINE = """
import sys
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC
from triage.tokens import Tokenizer

cut = Tokenizer().cut
letters = pd.read_csv(sys.argv[1], dtype=str, keep_default_na=False)
texts = (letters["留言主题"] + letters["留言详情"]).to_list()
model = make_pipeline(TfidfVectorizer(tokenizer=cut, token_pattern=None, ngram_range=(1, 2)), LinearSVC())
cross_val_predict(model, texts, letters["类别"], cv=5)
model.fit(texts, letters["类别"])
"""

_SENTENCE = re.compile(r"[^。！？；\n]+[。！？；\n]*")


def main() -> None:
    """Print seconds, processor seconds and peak memory for each number of processes, and whether the models agree."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else LABELS
    load = round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None
    with tempfile.TemporaryDirectory() as folder:
        labels, home = Path(folder) / "labels.csv", Path(folder) / "bureau"
        write_labels(labels, count)
        subprocess.run([*triage(), "init", str(home)], check=True, capture_output=True)
        subprocess.run([*triage(home), "label", "add", str(labels)], check=True, capture_output=True)
        baseline = measure([sys.executable, "-c", BASELINE, str(labels)])
        runs, hashes = {}, set()
        for jobs in JOBS:
            own = Path(shutil.copytree(home, Path(folder) / f"bureau{jobs}"))
            runs[f"{jobs} jobs"] = measure([*triage(own), "retrain", "--jobs", str(jobs), "--json"])
            hashes.add(model_hash(own))
    result = {
        "labels": count,
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "other_load": load,
        "baseline": baseline,
        **{
            name: {
                **run,
                "ratio_to_baseline": ratio(run, baseline, "seconds"),
                "ratios_to_limit": {name: ratio(run, LIMITS, name) for name in LIMITS},
            }
            for name, run in runs.items()
        },
        "same_model": len(hashes) == 1,
    }
    print(markdown(result, ["baseline", *runs]), file=sys.stderr)
    print(json.dumps(result, indent=2))


def write_labels(path: Path, count: int) -> None:
    """Write a table of labelled letters, the same for the same count."""
    draw = random.Random(0)
    corpus = [
        json.loads(line)
        for file in sorted((ROOT / "data/corpus").glob("*.jsonl"))
        for line in file.open(encoding="utf-8")
    ]
    of_category: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for letter in corpus:
        of_category[letter["primary"]].append(letter)
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(["留言编号", "留言主题", "留言详情", "类别", "次要类别", "人工性质", "人工紧急"])
        for at in range(count):
            letter = corpus[at % len(corpus)]
            other = draw.choice(of_category[letter["primary"]])
            kept = [each for each in _SENTENCE.findall(letter["text"]) if draw.random() < KEPT] or [letter["text"]]
            lent = [each for each in _SENTENCE.findall(other["text"]) if draw.random() < LENT]
            table.writerow(
                [
                    f"b{at:05}",
                    letter["title"],
                    "".join([*kept, *lent]),
                    letter["primary"],
                    "|".join(letter["secondary"]),
                    NATURE_NAMES[Nature(letter["nature"])],
                    "是" if letter["urgent"] else "否",
                ]
            )


def triage(home: Path | None = None) -> list[str]:
    """The command, for a bureau folder."""
    return [sys.executable, "-m", "triage", *(["--home", str(home)] if home else [])]


def measure(command: Sequence[str]) -> dict[str, float]:
    """Seconds, processor seconds and the peak of memory in megabytes, of a command and all that it starts."""
    peak, spent = 0, {}
    begin = time.perf_counter()
    process = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None:
        found = look(process.pid)
        peak = max(peak, sum(memory for memory, _ in found.values()))
        spent.update({number: seconds for number, (_, seconds) in found.items()})
        time.sleep(EVERY)
    seconds = time.perf_counter() - begin
    if process.returncode:
        raise SystemExit(f"{' '.join(command[:8])}: exit code {process.returncode}")
    return {
        "seconds": round(seconds, 1),
        "processor_seconds": round(sum(spent.values()), 1),
        "megabytes": round(peak / 1e6),
    }


def look(session: int) -> dict[int, tuple[int, float]]:
    """Bytes (what processes share is divided among them) and processor seconds of each process of a session."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(fields[3]) == session:
                memory = re.search(r"^Pss:\s+(\d+)", (folder / "smaps_rollup").read_text(), re.MULTILINE)
                ticks = int(fields[11]) + int(fields[12])
                found[int(folder.name)] = (1024 * int(memory[1]) if memory else 0, ticks / os.sysconf("SC_CLK_TCK"))
        except (OSError, IndexError):  # it has just ended
            continue
    return found


def model_hash(home: Path) -> str:
    """SHA-256 of what the only model of a bureau has learnt; its manifest says when, and so differs."""
    (version,) = (folder for folder in (home / "models").iterdir() if folder.is_dir() and folder.name.isdigit())
    digest = hashlib.sha256()
    for file in sorted(version.iterdir()):
        if not file.name.startswith("manifest"):
            digest.update(file.read_bytes())
    return digest.hexdigest()


def ratio(one: dict[str, float], other: dict[str, float], figure: str) -> float:
    """How many times as much."""
    return round(one[figure] / other[figure], 2) if other[figure] else 0.0


def markdown(result: dict[str, Any], rows: Sequence[str]) -> str:
    """The figures as a table."""
    lines = ["| run | seconds | processor seconds | peak MB | ratio to baseline |", "| --- | --: | --: | --: | --: |"]
    for name in rows:
        run = result[name]
        figures = (run["seconds"], run["processor_seconds"], run["megabytes"], run.get("ratio_to_baseline", 1))
        lines.append(f"| {name} | {' | '.join(map(str, figures))} |")
    return "\n".join([*lines, "", f"{result['labels']} labels; same model: {'yes' if result['same_model'] else 'NO'}"])


if __name__ == "__main__":
    main()
