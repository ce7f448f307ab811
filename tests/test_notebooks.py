"""The notebooks run from the first cell to the last, on the data of the project."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"


def run(name: str) -> dict[str, Any]:
    """Run the cells of a notebook, and return what they defined."""
    cells = json.loads((NOTEBOOKS / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]
    names: dict[str, Any] = {}
    for cell in cells:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)
    return names


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with no bureau and no mailbox in it."""
    monkeypatch.delenv("TRIAGE_HOME", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "user"))
    monkeypatch.setenv("TRIAGE_MAILBOX", str(tmp_path / "none"))
    monkeypatch.chdir(tmp_path)


def test_a_first_look_triages_every_message_of_the_sample() -> None:
    found = run("01_first_look")
    assert len(found["cases"]) == len(found["messages"]) > 0


def test_more_labels_make_a_better_model() -> None:
    curve = run("02_labels_to_model")["curve"]
    assert list(curve.index) == [100, 200, 400, 800]
    assert curve["正确率"].is_monotonic_increasing
    assert (curve["正确率下限"] < curve["正确率上限"]).all()


def test_the_errors_are_told_without_a_letter() -> None:
    found = run("03_where_it_errs")
    assert 0 < len(found["wrong"]) < len(found["labelled"]) / 2
    words = [found["astray"](at) for at in found["surest"]]
    assert any(words)
    assert max(map(len, words)) < 80


def test_every_notebook_is_run_here() -> None:
    told = Path(__file__).read_text(encoding="utf-8")
    assert all(f'run("{path.stem}")' in told for path in NOTEBOOKS.glob("*.ipynb"))


def test_no_notebook_keeps_what_it_printed() -> None:
    for path in NOTEBOOKS.glob("*.ipynb"):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        assert not any(cell.get("outputs") for cell in cells), path.name
