"""A copy of the default configuration that a test may spoil."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

DATA = Path(__file__).parents[2] / "data"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The TOML files of the default bureau, in a folder of their own."""
    for file in DATA.glob("*.toml"):
        shutil.copy(file, tmp_path / file.name)
    return tmp_path


@pytest.fixture
def edit(folder: Path) -> Callable[[str, str, str], int]:
    """Replaces a text that stands once in a file, and says on which line the new one begins."""

    def replace(name: str, old: str, new: str) -> int:
        text = (folder / name).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
        (folder / name).write_text(text.replace(old, new), encoding="utf-8")
        return text[: text.index(old)].count("\n") + 1

    return replace


@pytest.fixture
def append(folder: Path) -> Callable[[str, str], int]:
    """Adds lines to the end of a file, and says on which line they begin."""

    def add(name: str, lines: str) -> int:
        text = (folder / name).read_text(encoding="utf-8")
        (folder / name).write_text(text + lines, encoding="utf-8")
        return text.count("\n") + 1

    return add
