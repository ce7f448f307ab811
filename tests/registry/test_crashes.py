"""Processes that end in the middle of their work, and processes that work at the same time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

Desk = Any
SCRIPT = Path(__file__).with_name("crashes.py")

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="a system without fork")


def run(desk: Desk, folder: Path, *arguments: object) -> Any:
    """What the script found."""
    desk.save()
    command = [sys.executable, str(SCRIPT), str(desk.folder), str(folder), *map(str, arguments)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def test_a_process_killed_at_any_moment_leaves_the_registry_whole(desk: Desk, tmp_path: Path) -> None:
    found = run(desk, tmp_path / "killed", "kills", 50, 7)
    assert found["problems"] == []
    assert found["versions"] >= 50
    assert found["half_done"] > 0  # some kills did fall into the writing


def test_processes_that_write_at_once_lose_nothing(desk: Desk, tmp_path: Path) -> None:
    found = run(desk, tmp_path / "together", "together", 4, 5)
    assert found["codes"] == [0, 0, 0, 0]
    every = [f"{number:04d}" for number in range(1, 21)]
    assert sorted(found["given"]) == every
    assert sorted(found["logged"]) == every
