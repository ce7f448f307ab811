"""The program starts fast and says what it can do."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from triage import __version__

Run = Callable[..., Any]
COMMANDS = [
    "check",
    "evaluate",
    "explain",
    "handover",
    "init",
    "label",
    "models",
    "reclassify",
    "score",
    "train",
    "version",
]
HEAVY = {
    "chinese_calendar",
    "docx",
    "jieba",
    "joblib",
    "numpy",
    "pandas",
    "plotly",
    "pyarrow",
    "rjieba",
    "scipy",
    "sklearn",
    "sqlalchemy",
    "xlsxwriter",
}


def imported_by(*arguments: str, cwd: Path) -> set[str]:
    """The packages that a command loads."""
    command = [sys.executable, "-X", "importtime", "-m", "triage", *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, cwd=cwd)
    names = re.findall(r"^import time:\s+\d+ \|\s+\d+ \|\s+([\w.]+)$", ran.stderr, re.MULTILINE)
    return {name.partition(".")[0] for name in names}


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["score", "--help"], ["handover", "--help"], ["label", "--help"], ["version"]],
    ids=" ".join,
)
def test_help_loads_nothing_heavy(arguments: list[str], desk: Path) -> None:
    loaded = imported_by(*arguments, cwd=desk)
    assert "triage" in loaded
    assert loaded & HEAVY == set()


def test_scoring_does_without_the_case_store(bureau: Path, letters: Path, desk: Path) -> None:
    loaded = imported_by("score", letters.name, "-o", "out.csv", cwd=desk)
    assert {"numpy", "sqlalchemy"} & loaded == {"numpy"}
    assert not (bureau / "cases.db").exists()


def test_init_loads_nothing_heavy(desk: Path) -> None:
    assert imported_by("init", "new", cwd=desk) & HEAVY == set()


def test_help_names_every_command(run: Run) -> None:
    ran = run("--help")
    assert ran.code == 0
    for command in COMMANDS:
        assert re.search(rf"\b{command}\b", ran.out), command


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(run: Run, command: str) -> None:
    ran = run(command, "--help")
    assert ran.code == 0
    assert f"triage {command}" in ran.out


def test_the_version(run: Run) -> None:
    assert run("version").out == f"{__version__}\n"


def test_the_program_is_installed_under_its_name(desk: Path) -> None:
    program = Path(sys.executable).with_name("triage")
    ran = subprocess.run([program, "version"], capture_output=True, text=True, check=True, cwd=desk)
    assert ran.stdout == f"{__version__}\n"
