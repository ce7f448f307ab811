"""A challenger learns from all labels, and takes the champion's place only where it is not worse."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from triage import retraining
from triage.config import GateSettings, copy_defaults, find_home, load_taxonomy
from triage.errors import InputError
from triage.gate import Verdict
from triage.retraining import RetrainReport, retrain
from triage.schema import LabelledMessage
from triage.tokens import DictionaryWord, Tokenizer
from triage.training import Workshop, train_version

DATA = Path(__file__).parents[1] / "data"
CRASHES = Path(__file__).with_name("retrain_crashes.py")
FEW = 60
DAY = datetime(2026, 1, 1)


@pytest.fixture
def workshop(tmp_path: Path, tokenizer: Tokenizer) -> Workshop:
    """A bureau whose own starter corpus is the first messages of the bundled one."""
    copy_defaults(tmp_path / "bureau")
    home = find_home(tmp_path / "bureau")
    (home.data / "corpus").mkdir()
    lines = (DATA / "corpus" / "part_01.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)[:FEW]
    (home.data / "corpus" / "part_01.jsonl").write_text("".join(lines), encoding="utf-8")
    return Workshop(home, load_taxonomy(home.data), tokenizer)


@pytest.fixture
def own(corpus: Sequence[LabelledMessage]) -> list[LabelledMessage]:
    """What people decided: messages that the starter corpus of the workshop does not hold, one a day."""
    return [
        replace(each, message=replace(each.message, received_at=DAY + timedelta(days=at)))
        for at, each in enumerate(corpus[300:620])
    ]


def again(workshop: Workshop, labelled: Sequence[LabelledMessage]) -> RetrainReport:
    return retrain(workshop, labelled, by="a clerk", settings=GateSettings(), jobs=1)


def refusals(verdict: Verdict) -> set[str]:
    return {check.name + check.subject for check in verdict.checks if not check.passed}


def shuffled(labelled: Sequence[LabelledMessage], every: int) -> list[LabelledMessage]:
    """Each `every`th label is that of the next message of which this holds: as when a column slips by some rows."""
    places = range(0, len(labelled), every)
    moved = dict(zip(places, [*places[1:], places[0]], strict=True))
    return [
        replace(each, label=replace(each.label, primary=labelled[moved[at]].label.primary)) if at in moved else each
        for at, each in enumerate(labelled)
    ]


def test_without_labels_there_is_nothing_to_learn(workshop: Workshop) -> None:
    with pytest.raises(InputError, match="no labels"):
        again(workshop, [])
    assert not workshop.home.models.exists()


def test_the_first_model_has_nobody_to_beat(workshop: Workshop, own: list[LabelledMessage]) -> None:
    report = again(workshop, own[:100])
    assert report.verdict == Verdict("", 0, "", "", ())
    assert report.in_use == report.info.version == "0001"
    assert [entry.by for entry in workshop.registry.log()] == ["a clerk"]


def test_a_better_model_takes_over(workshop: Workshop, own: list[LabelledMessage]) -> None:
    train_version(workshop)
    report = again(workshop, own)
    assert not refusals(report.verdict)
    assert report.verdict.champion == "0001"
    assert report.verdict.judged == len(own)
    assert (report.verdict.since, report.verdict.until) == ("2026-01-01", "2026-11-16")
    assert report.in_use == "0002"
    assert workshop.registry.info("0002").verdict == report.verdict


def test_the_same_labels_give_the_same_model_which_is_no_worse(workshop: Workshop, own: list[LabelledMessage]) -> None:
    again(workshop, own)
    report = again(workshop, own)
    assert not refusals(report.verdict)
    for check in report.verdict.checks:
        assert check.name == "relabelled" or check.champion == check.challenger, (
            "both answer by what they said when held out, not by what they know"
        )


def test_labels_out_of_which_a_fifth_slipped_are_refused(workshop: Workshop, own: list[LabelledMessage]) -> None:
    again(workshop, own)
    report = again(workshop, shuffled(own, 5))
    assert not report.verdict.promoted
    assert {"relabelled", "overall"} <= refusals(report.verdict)
    assert report.in_use == "0001"
    assert [entry.version for entry in workshop.registry.log()] == ["0001"]
    assert workshop.registry.info("0002").verdict == report.verdict, "it is kept, with what the gate said"


def test_new_labels_that_slipped_are_refused_though_no_old_one_changed(
    workshop: Workshop, own: list[LabelledMessage]
) -> None:
    again(workshop, own[:200])
    report = again(workshop, [*own[:200], *shuffled(own[200:], 1)])
    assert not report.verdict.promoted
    assert not refusals(report.verdict) & {"relabelled", "labels", "categories"}
    assert "overall" in refusals(report.verdict)


def test_a_model_that_forgot_half_of_the_labels_is_refused(workshop: Workshop, own: list[LabelledMessage]) -> None:
    again(workshop, own)
    report = again(workshop, own[::2])
    assert "labels" in refusals(report.verdict)
    check = next(check for check in report.verdict.checks if check.name == "labels")
    assert (check.champion, check.challenger) == (len(own), len(own[::2]))


def test_a_model_that_forgot_a_category_is_refused(workshop: Workshop, own: list[LabelledMessage]) -> None:
    again(workshop, own)
    for file in (workshop.home.data / "corpus").iterdir():
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
        file.write_text("".join(line for line in lines if json.loads(line)["primary"] != "fees"), encoding="utf-8")
    report = again(workshop, [each for each in own if each.label.primary != "fees"])
    assert {"labels", "categories"} <= refusals(report.verdict)


def test_the_newest_cases_are_judged_where_there_are_many(
    workshop: Workshop, own: list[LabelledMessage], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retraining, "JUDGED", 50)
    train_version(workshop)
    undated = [replace(each, message=replace(each.message, received_at=None)) for each in own[:20]]
    verdict = again(workshop, [*undated, *own[20:]]).verdict
    assert verdict.judged == 50
    assert verdict.until == "2026-11-16"
    assert verdict.since == (DAY + timedelta(days=len(own) - 50)).date().isoformat()


def test_the_same_text_is_judged_once(workshop: Workshop, own: list[LabelledMessage]) -> None:
    train_version(workshop)
    twice = [*own, replace(own[3], message=replace(own[3].message, id="a copy"))]
    assert again(workshop, twice).verdict.judged == len(own)


def test_a_champion_that_another_dictionary_made_useless_bars_nobody(
    workshop: Workshop, own: list[LabelledMessage]
) -> None:
    again(workshop, own[:100])
    other = Workshop(workshop.home, workshop.taxonomy, Tokenizer([DictionaryWord("一个新词语", 900, "n")]))
    report = again(other, own[:50])
    assert report.verdict.champion == ""
    assert report.in_use == "0002"


def test_a_process_killed_at_any_moment_leaves_the_versions_whole(tmp_path: Path) -> None:
    told = subprocess.run([sys.executable, CRASHES, tmp_path, "50"], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    found = json.loads(told.stdout)
    assert found["problems"] == []
    assert found["killed"] == 50
    assert found["versions"] > 1
