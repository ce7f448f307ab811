"""The command line as a person uses it, in a bureau folder with a small model."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from triage.classifier import PetitionClassifier
from triage.cli import main
from triage.config import copy_defaults
from triage.registry import Registry, TrainingFacts
from triage.thresholds import Proof, Threshold
from triage.tokens import Tokenizer


@dataclass(frozen=True)
class Ran:
    """What a command left on the screen."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def error(self) -> str:
        """The sentence of a refusal, which must be the one line that begins so, and the last."""
        lines = [line for line in self.err.splitlines() if line.strip()]
        assert [line.startswith("Error: ") for line in lines].count(True) == 1, self.err
        assert lines[-1].startswith("Error: "), self.err
        assert "Traceback" not in self.out + self.err
        return lines[-1].removeprefix("Error: ")


Run = Callable[..., Ran]


@pytest.fixture(scope="session")
def trained_bureau(
    tmp_path_factory: pytest.TempPathFactory, small_classifier: PetitionClassifier, tokenizer: Tokenizer
) -> Path:
    """The default bureau with the small model as version 0001; not to be changed."""
    folder = tmp_path_factory.mktemp("bureau") / "bureau"
    copy_defaults(folder)
    facts = TrainingFacts(bureau_labels=0, starter_messages=300, unlabelled_messages=0, starter_weight=1.0)
    registry = Registry(folder / "models")
    registry.save(small_classifier, tokenizer_fingerprint=tokenizer.fingerprint, trained_on=facts)
    registry.promote("0001", by="tests", reason="first model")
    return folder


@pytest.fixture
def bureau(trained_bureau: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it that a test may spoil; it is the bureau that commands find, from an empty current folder."""
    folder = tmp_path / "bureau"
    shutil.copytree(trained_bureau, folder)
    monkeypatch.setenv("TRIAGE_HOME", str(folder))
    return folder


@pytest.fixture
def proven(bureau: Path, small_classifier: PetitionClassifier, tokenizer: Tokenizer) -> Path:
    """The bureau, in which every category but 廉政建设 is proven from a confidence of 0.8 on, by version 0002."""
    thresholds = tuple(
        Threshold(category, None, examples=7, automatic=0, errors=0, error_bound=1.0)
        if category == "integrity"
        else Threshold(category, 0.8, examples=40, automatic=30, errors=1, error_bound=0.149)
        for category in small_classifier.categories
    )
    proof = Proof(0.05, 0.95, messages=500, automatic=300, errors=7, error_bound=0.0435, thresholds=thresholds)
    facts = TrainingFacts(bureau_labels=500, starter_messages=300, unlabelled_messages=0, starter_weight=1.0)
    registry = Registry(bureau / "models")
    registry.save(small_classifier, tokenizer_fingerprint=tokenizer.fingerprint, trained_on=facts, proof=proof)
    registry.promote("0002", by="tests", reason="proven")
    return bureau


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, empty."""
    folder = tmp_path / "desk"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def run(bureau: Path, desk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `triage` with the arguments."""

    def command(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["triage", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        shown = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return Ran(ended.value.code, shown.out, shown.err)

    return command


@pytest.fixture
def letters(desk: Path) -> Path:
    """Three letters in a table."""
    path = desk / "letters.csv"
    path.write_text(
        "编号,标题,内容\n007,乱收费,学校乱收费三百元\n008,拖欠工资,教师工资拖欠半年没有发\n009,划片,请问小区划片到哪所小学\n",
        encoding="utf-8",
    )
    return path
