"""Peak memory of `triage score` against the number of rows: messages recombined from the starter corpus.

Run: python benchmarks/memory.py [--rows 10000 100000 …] [--jobs N] [--form parquet|csv|jsonl] [--resume] [--stand-in]

Each size runs in a process of its own. `--stand-in` answers every message with the case of the first: it measures
reading and writing alone, and so reaches sizes for which the model would take hours.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from triage.config import find_home, load_config
from triage.labels import read_starter
from triage.pipeline import Pipeline
from triage.registry import Registry
from triage.schema import Case, Message
from triage.scoring import Opening, score_table

SENTENCES = 4
"""Sentences of a message."""
GROUP = 50_000
"""Rows written at a time into the input."""


def messages(rows: int) -> Iterator[tuple[str, str, str]]:
    """Ids, titles and texts; the same for the same number of rows."""
    home = find_home()
    corpus = read_starter(home.corpus, load_config(home.data).taxonomy)
    sentences = [part for each in corpus for part in re.split("(?<=[。！？])", each.message.text) if part.strip()]
    titles = [each.message.title for each in corpus]
    chance = random.Random(5)
    for number in range(rows):
        text = "".join(chance.choices(sentences, k=SENTENCES)) if number % 1000 else ""
        yield f"{number:09}", chance.choice(titles) if text else "", text


def write(path: Path, rows: int) -> None:
    """Write a table without keeping it in memory."""
    names = ("编号", "标题", "内容")
    if path.suffix == ".parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        schema = pa.schema([(name, pa.string()) for name in names])
        left = messages(rows)
        with pq.ParquetWriter(path, schema) as writer:
            while some := [row for _, row in zip(range(GROUP), left, strict=False)]:
                columns = [pa.array(values, pa.string()) for values in zip(*some, strict=True)]
                writer.write_batch(pa.record_batch(columns, schema=schema))
        return
    with path.open("w", encoding="utf-8", newline="") as stream:
        if path.suffix == ".csv":
            csv.writer(stream).writerows([names])
            csv.writer(stream).writerows(messages(rows))
        else:
            for row in messages(rows):
                stream.write(json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False) + "\n")


class StandIn(Pipeline):
    """Answers every message with the case of the first."""

    first: Case | None = None

    def triage(self, messages: Sequence[Message], **options: object) -> list[Case]:  # type: ignore[override]
        """The cases."""
        if self.first is None:
            self.first = super().triage(messages[:1], on=date(2026, 10, 1))[0]
        return [replace(self.first, message=message) for message in messages]


def child(source: Path, out: Path, jobs: int, resume: bool, stand_in: bool) -> None:
    """Score, and tell the peak of this process and the largest peak of its workers, in megabytes."""
    home = find_home()
    version = Registry(home.models).champion()
    if version is None:
        raise SystemExit("There is no model yet: run triage score once.")
    opening = Opening(home, version, load_config(home.data).fingerprint)
    pipeline, config = opening()
    if stand_in:
        pipeline.__class__ = StandIn
    begin = time.perf_counter()
    report = score_table(
        source, out, pipeline=pipeline, config=config, on=date(2026, 10, 1), jobs=jobs, opening=opening, resume=resume
    )
    seconds = time.perf_counter() - begin
    peaks = [resource.getrusage(who).ru_maxrss // 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    told = {"rows": report.rows_in, "rows_out": report.rows_out, "rejected": report.rows_rejected}
    told |= {"rows_per_second": round(report.rows_in / seconds), "peak_mb": peaks[0]}
    print(json.dumps(told | ({"worker_peak_mb": peaks[1]} if jobs > 1 else {})))


def main() -> None:
    """Measure every size, smallest first, and print the peaks with their ratio to the first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--form", default="parquet", choices=("parquet", "csv", "jsonl"))
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--stand-in", action="store_true")
    parser.add_argument("--child", type=Path, nargs=2, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        child(*asked.child, asked.jobs, asked.resume, asked.stand_in)
        return
    options = [f"--jobs={asked.jobs}", *["--resume"] * asked.resume, *["--stand-in"] * asked.stand_in]
    found = []
    for rows in sorted(asked.rows):
        with tempfile.TemporaryDirectory() as folder:
            source, out = (Path(folder) / f"{name}.{asked.form}" for name in ("in", "out"))
            write(source, rows)
            command = [sys.executable, __file__, "--child", str(source), str(out), *options]
            ended = subprocess.run(command, check=True, capture_output=True, text=True)
            found.append(json.loads(ended.stdout))
            found[-1]["ratio"] = round(found[-1]["peak_mb"] / found[0]["peak_mb"], 2)
            print(json.dumps(found[-1]), flush=True)


if __name__ == "__main__":
    main()
