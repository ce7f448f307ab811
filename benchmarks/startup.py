"""How long `triage --help` takes, against a bare Typer app of two commands, in the same run.

Run: python benchmarks/startup.py
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 15
BARE = """
import typer

app = typer.Typer()


@app.command()
def one(name: str) -> None:
    "The first."


@app.command()
def two(name: str) -> None:
    "The second."


app()
"""


def seconds(command: list[str]) -> float:
    """Wall time of one run."""
    begin = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - begin


def main() -> None:
    """Take turns, so that both meet the same load, and print the ratio of the medians."""
    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder) / "bare.py"
        bare.write_text(BARE, encoding="utf-8")
        commands = {
            "bare": [sys.executable, str(bare), "--help"],
            "triage": [sys.executable, "-m", "triage", "--help"],
        }
        times: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(ROUNDS):
            for name, command in commands.items():
                times[name].append(seconds(command))
    medians = {name: statistics.median(found) for name, found in times.items()}
    print(json.dumps({"median_seconds": medians, "ratio": medians["triage"] / medians["bare"]}, indent=2))


if __name__ == "__main__":
    main()
