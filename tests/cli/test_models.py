"""Model versions at the command line: the first one, the one named, and those that cannot be used."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from triage.classifier import PetitionClassifier
from triage.evaluation import Interval
from triage.gate import Check, Verdict
from triage.registry import Metrics, Registry, TrainingFacts
from triage.tokens import Tokenizer

Run = Callable[..., Any]


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


@pytest.fixture
def three(proven: Path, small_classifier: PetitionClassifier, tokenizer: Tokenizer) -> Path:
    """The bureau with 0001 and then 0002 in use, and 0003, which the gate refused."""
    metrics = Metrics(
        n=500,
        method="训练时轮流留出的本单位标注",
        confidence_level=0.95,
        accuracy=Interval(0.876, 0.85, 0.9),
        in_scope_accuracy=None,
        macro_f1=Interval(0.812, 0.78, 0.84),
        calibration_error=0.031,
        urgent_flagged_recall=Interval(0.75, 0.5, 0.9),
    )
    check = Check("overall", False, cases=500, champion=0.9, challenger=0.8, limit=0.88, p=0.9)
    Registry(proven / "models").save(
        small_classifier,
        tokenizer_fingerprint=tokenizer.fingerprint,
        trained_on=TrainingFacts(600, 300, 40, 2.0),
        metrics=metrics,
        verdict=Verdict("0002", 500, "2026-01-01", "2026-03-01", (check,)),
    )
    return proven


def test_figures_stand_beside_the_versions(run: Run, three: Path) -> None:
    shown = run("models").out
    assert "0.876 0.85-0.90" in shown and "0.812" in shown
    assert [(each["version"], each["in_use"], each["passed_gate"]) for each in run("models", "--json").json] == [
        ("0001", False, None),
        ("0002", True, None),
        ("0003", False, False),
    ]


def test_a_damaged_version_does_not_hide_the_others(run: Run, three: Path) -> None:
    (three / "models" / "0002" / "manifest.json").unlink()
    for arguments in ([], ["--json"]):
        ran = run("models", *arguments)
        assert ran.code == 2
        assert "The file manifest.json of model version 0002 is missing or was changed." in ran.error
        assert "0001" in ran.out and "0003" in ran.out and "0002" not in ran.out.replace('"champion": "0002"', "")


# --- One version in words ---


@pytest.mark.parametrize("number", ["3", "0003"])
def test_a_version_is_told_in_words(run: Run, three: Path, number: str) -> None:
    ran = run("models", "show", number)
    assert ran.code == 0
    for words in (
        "Version 0003, made 20",
        "Trained on 600 own labels, 300 starter messages (each counts 2) and 40 unlabelled ones",
        "0.876 0.85-0.90",
        "urgent ones flagged",
        "No own labels, so nothing is proven",
        "总体正确率",
        "不采用新模型 0003，继续使用 0002",
    ):
        assert words in ran.out
    told = run("models", "show", number, "--json").json
    assert (told["version"], told["in_use"], told["verdict"]["judged"]) == ("0003", False, 500)


def test_thresholds_are_told_in_words(run: Run, proven: Path) -> None:
    shown = run("models", "show", "2").out
    assert "in use." in shown.splitlines()[0]
    assert "at most 4.35% wrong with 95% confidence" in shown
    assert "integrity: always to a person, 7 labels prove nothing (30 needed)" in shown
    assert "No gate was asked." in shown


def test_a_version_is_told_without_its_arrays_being_read(run: Run, three: Path) -> None:
    file = three / "models" / "0003" / "arrays.npz"
    file.write_bytes(bytes(file.stat().st_size))
    assert run("models", "show", "3").code == 0
    ran = run("models", "promote", "3", "--reason", "to see")
    assert ran.code == 2
    assert "The file arrays.npz of model version 0003 is missing or was changed." in ran.error


def test_an_option_in_the_wrong_place_is_not_passed_over(run: Run, bureau: Path) -> None:
    ran = run("models", "--json", "log")
    assert (ran.code, ran.out) == (2, "")
    assert ran.error == "--json stands in the wrong place. Put it after log."


# --- Which is in use ---


def test_a_version_is_put_to_use_and_back(run: Run, three: Path, letters: Path) -> None:
    promoted = run("models", "promote", "3", "--reason", "新标注", "--by", "王主任")
    assert promoted.code == 0
    assert promoted.out.startswith("Model version 0003 is in use from 20")
    assert run("score", letters, "-o", "a.csv", "--json").json["model_version"] == "0003"
    back = run("models", "rollback", "--json").json
    assert (back["version"], back["action"], back["reason"]) == ("0002", "rollback", "no reason given")
    assert run("score", letters, "-o", "b.csv", "--json").json["model_version"] == "0002"
    assert [(each["version"], each["by"], each["reason"]) for each in run("models", "log", "--json").json[2:]] == [
        ("0003", "王主任", "新标注"),
        ("0002", back["by"], "no reason given"),
    ]


def test_who_does_it_is_the_login_unless_another_is_named(
    run: Run, three: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "lizhang")
    run("models", "promote", "3", "--reason", "x")
    assert run("models", "log", "--json").json[-1]["by"] == "lizhang"


def test_a_promotion_needs_a_reason(run: Run, three: Path) -> None:
    assert run("models", "promote", "3").code == 2
    assert run("models", "promote", "3", "--reason", "  ").error == (
        "--reason is empty. Say why this version is to be used."
    )
    assert len(run("models", "log", "--json").json) == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["promote", "9", "--reason", "x"], "There is no model version '0009'; there are: 0001, 0002, 0003."),
        (["promote", "two", "--reason", "x"], "There is no model version 'two'"),
        (["promote", "2", "--reason", "x"], "Model version 0002 is in use already."),
        (["show", "9"], "There is no model version '0009'"),
    ],
)
def test_what_cannot_be(run: Run, three: Path, arguments: list[str], said: str) -> None:
    ran = run("models", *arguments)
    assert ran.code == 2
    assert said in ran.error


def test_nothing_to_go_back_to(run: Run, bureau: Path) -> None:
    ran = run("models", "rollback")
    assert ran.code == 2
    assert "There is no model version to go back to: none was in use before the present one." in ran.error


def test_a_version_that_the_taxonomy_does_not_know_is_not_put_to_use(run: Run, three: Path) -> None:
    for name in ("taxonomy.toml", "duty.toml"):
        file = three / "data" / name
        file.write_text(file.read_text(encoding="utf-8").replace('"pay"', '"wages"'), encoding="utf-8")
    for arguments in (["promote", "3", "--reason", "x"], ["rollback"]):
        ran = run("models", *arguments)
        assert ran.code == 2
        assert "trained for another taxonomy: it knows pay, which taxonomy.toml does not have." in ran.error
    assert len(run("models", "log", "--json").json) == 2


# --- Which was in use when ---


@pytest.fixture
def history(three: Path) -> Path:
    """0001 from 1 March 2024 on, 0002 from 5 March at noon, 0003 the same evening, and 0002 again from 9 March on."""
    (three / "models" / "log.jsonl").unlink()
    registry = Registry(three / "models")
    registry.promote("0001", by="a", reason="first", at=datetime(2024, 3, 1, 8).astimezone())
    registry.promote("0002", by="b", reason="second", at=datetime(2024, 3, 5, 12).astimezone())
    registry.promote("0003", by="c", reason="[bold]third[/bold]", at=datetime(2024, 3, 5, 18).astimezone())
    registry.rollback(by="d", reason="wrong", at=datetime(2024, 3, 9, 8).astimezone())
    return three


@pytest.mark.parametrize(
    ("on", "versions"),
    [
        ("2024-02-29", []),
        ("2024-03-01", ["0001"]),
        ("2024-03-03", ["0001"]),
        ("2024-03-05", ["0001", "0002", "0003"]),
        ("2024-03-05T13:00", ["0002"]),
        ("2024-03-05T18:00", ["0003"]),
        ("2024-03-07", ["0003"]),
        ("2024-12-24", ["0002"]),
    ],
)
def test_which_version_was_in_use_on_a_day(run: Run, history: Path, on: str, versions: list[str]) -> None:
    assert [each["version"] for each in run("models", "log", "--on", on, "--json").json] == versions
    ran = run("models", "log", "--on", on)
    assert ran.code == 0
    assert all(version in ran.out for version in versions)
    assert versions or f"No model version was in use on {on}." in ran.err


def test_the_log_is_shown_with_who_and_why(run: Run, history: Path) -> None:
    shown = run("models", "log").out
    assert "now" in shown and "rollback" in shown and "wrong" in shown
    told = run("models", "log", "--json").json
    assert [each["until"] for each in told] == [*(each["moment"] for each in told[1:]), None]
    assert told[2]["reason"] == "[bold]third[/bold]"


@pytest.mark.parametrize(("on", "said"), [("yesterday", "--on yesterday is no date."), ("2999-01-01", "in the future")])
def test_a_day_that_is_none(run: Run, history: Path, on: str, said: str) -> None:
    ran = run("models", "log", "--on", on)
    assert ran.code == 2
    assert said in ran.error


def test_no_version_has_been_in_use_yet(run: Run, bureau: Path) -> None:
    shutil.rmtree(bureau / "models")
    ran = run("models", "log")
    assert (ran.code, ran.out) == (0, "")
    assert "No model version has been in use yet." in ran.err


def test_a_log_that_was_touched_stops_everything(run: Run, history: Path, letters: Path) -> None:
    file = history / "models" / "log.jsonl"
    file.write_bytes(file.read_bytes().replace(b"second", b"sekond"))
    for arguments in (["models"], ["models", "log"], ["models", "rollback"], ["score", letters]):
        ran = run(*arguments)
        assert ran.code == 2
        assert "Line 2 of the log of model versions was changed" in ran.error
    assert not letters.with_name("letters.triaged.xlsx").exists()


def test_the_starter_model_does_not_take_the_place_of_a_lost_logs_version(
    run: Run, proven: Path, letters: Path
) -> None:
    (proven / "models" / "log.jsonl").unlink()
    ran = run("score", letters)
    assert ran.code == 2
    assert ran.error == (
        f"{proven / 'models'}: No model version is in use, though there are some from your own labels: 0002. "
        "Put one to use with: triage models promote N --reason WHY"
    )
    assert run("models", "promote", "2", "--reason", "the log was lost").code == 0
    assert run("score", letters, "--json").json["model_version"] == "0002"


# --- Versions that cannot be used ---


@pytest.mark.parametrize("name", ["arrays.npz", "vocabulary.json", "learnt.npz", "manifest.json", "manifest.sha256"])
@pytest.mark.parametrize("damage", ["changed", "missing"])
def test_a_file_that_was_changed(run: Run, letters: Path, bureau: Path, name: str, damage: str) -> None:
    file = bureau / "models" / "0001" / name
    if damage == "missing":
        file.unlink()
    else:
        content = file.read_bytes()
        file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    ran = run("score", letters)
    assert ran.code == 2
    assert "of model version 0001 is missing or was changed." in ran.error
    assert not letters.with_name("letters.triaged.xlsx").exists()


@pytest.mark.parametrize("command", ["score", "models"])
def test_a_manifest_that_is_none(run: Run, letters: Path, bureau: Path, command: str) -> None:
    folder = bureau / "models" / "0001"
    (folder / "manifest.json").write_bytes(b"{")
    (folder / "manifest.sha256").write_text(f"{hashlib.sha256(b'{').hexdigest()}  manifest.json\n")
    (bureau / "models" / "log.jsonl").unlink()
    ran = run(command, *([letters] if command == "score" else []))
    assert ran.code == 2
    assert "The manifest of model version 0001 cannot be used: " in ran.error


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
