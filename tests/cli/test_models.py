"""Model versions at the command line: the first one, the one named, and those that cannot be used."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


def edit_manifest(bureau: Path, change: Callable[[dict[str, Any]], object]) -> None:
    file = bureau / "models" / "0001" / "manifest.json"
    manifest = json.loads(file.read_text(encoding="utf-8"))
    change(manifest)
    file.write_text(json.dumps(manifest), encoding="utf-8")


# --- The starter model ---


def test_without_a_model_the_starter_model_is_trained_once_and_kept(run: Run, letters: Path, bureau: Path) -> None:
    shutil.rmtree(bureau / "models")
    first = run("score", letters, "-o", "first.csv", "--json")
    assert first.code == 0
    assert "No model yet: training the starter model on the bundled corpus, once. It will be kept." in first.err
    assert f"Starter model kept as version 0001 in {bureau / 'models'}." in first.err
    second = run("score", letters, "-o", "second.csv", "--json")
    assert second.code == 0
    assert "training" not in second.err
    assert first.json["model_version"] == second.json["model_version"] == "0001"
    assert Path("first.csv").read_bytes() == Path("second.csv").read_bytes()
    (only,) = run("models", "--json").json
    assert only["trained_on"]["starter_messages"] > 3000
    assert only["trained_on"]["bureau_labels"] == 0


# --- The versions there are ---


def test_the_versions_are_listed_with_the_one_in_use(run: Run, bureau: Path) -> None:
    ran = run("models", "--json")
    assert ran.code == 0
    (only,) = ran.json
    assert (only["version"], only["in_use"]) == ("0001", True)
    assert only["trained_on"]["starter_messages"] == 300
    shown = run("models")
    assert shown.code == 0
    assert "0001" in shown.out and "300" in shown.out


def test_no_version_yet(run: Run, bureau: Path) -> None:
    shutil.rmtree(bureau / "models")
    ran = run("models")
    assert (ran.code, ran.out) == (0, "")
    assert f"No model version in {bureau / 'models'} yet." in ran.err
    assert run("models", "--json").json == []


def test_a_version_can_be_named(run: Run, letters: Path) -> None:
    assert run("score", letters, "--model", "0001", "--json").json["model_version"] == "0001"


@pytest.mark.parametrize("command", ["score", "explain"])
def test_a_version_that_there_is_not(run: Run, letters: Path, desk: Path, bureau: Path, command: str) -> None:
    ran = run(command, letters if command == "score" else "学校乱收费", "--model", "0042")
    assert ran.code == 2
    assert ran.error == (
        f"{bureau / 'models'}: There is no model version '0042'; there are: 0001. Train a new one with: triage train"
    )
    assert {path.name for path in desk.iterdir()} == {"letters.csv"}


# --- Versions that cannot be used ---


@pytest.mark.parametrize("name", ["arrays.npz", "vocabulary.json"])
@pytest.mark.parametrize("damage", ["changed", "missing"])
def test_a_file_that_was_changed(run: Run, letters: Path, bureau: Path, name: str, damage: str) -> None:
    file = bureau / "models" / "0001" / name
    if damage == "missing":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes() + b"\n")
    ran = run("score", letters)
    assert ran.code == 2
    assert f"The file {name} of model version 0001 is missing or was changed." in ran.error
    assert not letters.with_name("letters.triaged.xlsx").exists()


@pytest.mark.parametrize("command", ["score", "models"])
def test_a_broken_manifest(run: Run, letters: Path, bureau: Path, command: str) -> None:
    (bureau / "models" / "0001" / "manifest.json").write_text("{", encoding="utf-8")
    ran = run(command, *([letters] if command == "score" else []))
    assert ran.code == 2
    assert "The manifest of model version 0001 cannot be read" in ran.error


def test_a_manifest_whose_numbers_are_none(run: Run, letters: Path, bureau: Path) -> None:
    edit_manifest(bureau, lambda manifest: manifest["model"].update(temperature=None))
    ran = run("score", letters)
    assert ran.code == 2
    assert "The manifest of model version 0001 cannot be read" in ran.error


def test_a_model_for_another_taxonomy(run: Run, letters: Path, bureau: Path) -> None:
    for name in ("taxonomy.toml", "duty.toml"):
        file = bureau / "data" / name
        file.write_text(file.read_text(encoding="utf-8").replace('"pay"', '"wages"'), encoding="utf-8")
    ran = run("score", letters)
    assert ran.code == 2
    assert "trained for another taxonomy: it knows pay, which taxonomy.toml does not have." in ran.error


def test_a_model_for_another_dictionary(run: Run, letters: Path, bureau: Path) -> None:
    with (bureau / "data" / "dictionary.txt").open("a", encoding="utf-8") as stream:
        stream.write("阳光晚托驿站 500 n\n")
    ran = run("score", letters)
    assert ran.code == 2
    assert "was trained with another dictionary." in ran.error
