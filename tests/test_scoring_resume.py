"""A long run that is killed goes on where it stopped, and ends as one that nothing disturbed."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from filelock import FileLock
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.classifier import PetitionClassifier
from triage.config import copy_defaults, load_config
from triage.errors import InputError
from triage.pipeline import Pipeline
from triage.registry import Registry, TrainingFacts
from triage.schema import Label
from triage.scoring import ScoringReport, score_table
from triage.tokens import Tokenizer

CONFIG = load_config(Path(__file__).parents[1] / "data")
ON = date(2026, 10, 1)
TEXTS = ("学校乱收费三百元", "教师工资拖欠半年", "", "孩子被打骨折住院", "请问小区划片到哪所小学")
SCRIPT = Path(__file__).with_name("score_crashes.py")

Score = Callable[..., ScoringReport]


@pytest.fixture(scope="session")
def score(tokenizer: Tokenizer, small_classifier: PetitionClassifier) -> Score:
    """Scores in small parts."""
    pipeline = Pipeline(config=CONFIG, tokenizer=tokenizer, classifier=small_classifier, model_version="0001")

    def run(path: Path, out: Path, **options: Any) -> ScoringReport:
        settings = {"pipeline": pipeline, "config": CONFIG, "on": ON, "batch": 3, "part_rows": 7, "resume": True}
        return score_table(path, out, **(settings | options))

    return run


def table(path: Path, count: int) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        rows = [(f"{number:03}", number, TEXTS[number % 5]) for number in range(count)]
        csv.writer(stream).writerows([("编号", "数", "内容"), *rows])
    return path


def stop_at(rows: int) -> Callable[[int], None]:
    def progress(done: int) -> None:
        if done >= rows:
            raise KeyboardInterrupt

    return progress


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.fixture
def stopped(score: Score, tmp_path: Path) -> Path:
    """A table of which a run was stopped in its third part."""
    source = table(tmp_path / "in.csv", 40)
    with pytest.raises(KeyboardInterrupt):
        score(source, tmp_path / "out.csv", progress=stop_at(16))
    assert {"part-00001.csv", "part-00002.csv"} <= names(tmp_path / "out.csv.parts")
    assert not (tmp_path / "out.csv").exists()
    return source


# --- Going on ---


@pytest.mark.parametrize("ending", ["csv", "tsv", "jsonl", "parquet"])
def test_the_parts_make_up_what_a_run_without_parts_writes(score: Score, tmp_path: Path, ending: str) -> None:
    source = table(tmp_path / "in.csv", 40)
    plain = score(source, tmp_path / f"plain.{ending}", resume=False)
    parts = score(source, tmp_path / f"parts.{ending}")
    if ending == "parquet":
        assert pq.read_table(tmp_path / "parts.parquet").equals(pq.read_table(tmp_path / "plain.parquet"))
    else:
        assert (tmp_path / f"parts.{ending}").read_bytes() == (tmp_path / f"plain.{ending}").read_bytes()
    assert (tmp_path / "parts.rejected.csv").read_bytes() == (tmp_path / "plain.rejected.csv").read_bytes()
    assert replace(parts, files=()) == replace(plain, files=())
    assert (parts.rows_in, parts.rows_out, parts.rows_rejected) == (40, 32, 8)
    expected = {f"{name}.{ending}" for name in ("plain", "parts")} | {"plain.rejected.csv", "parts.rejected.csv"}
    assert names(tmp_path) == expected | {"in.csv"}


def test_a_run_goes_on_after_the_last_whole_part(score: Score, stopped: Path, tmp_path: Path) -> None:
    seen: list[int] = []
    report = score(stopped, tmp_path / "out.csv", progress=seen.append)
    assert seen[:2] == [14, 17]
    whole = score(stopped, tmp_path / "whole.csv", resume=False)
    assert replace(report, files=()) == replace(whole, files=())
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()
    assert not (tmp_path / "out.csv.parts").exists()


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 30), st.lists(st.integers(1, 30), max_size=3), st.integers(1, 9), st.integers(1, 9))
def test_wherever_it_stops_no_row_is_lost_or_repeated(
    score: Score,
    tmp_path_factory: pytest.TempPathFactory,
    count: int,
    stops: list[int],
    batch: int,
    part_rows: int,
) -> None:
    folder = tmp_path_factory.mktemp("stops")
    source = table(folder / "in.csv", count)
    options = {"batch": batch, "part_rows": part_rows}
    report = None
    for rows in stops:
        try:
            report = score(source, folder / "out.csv", progress=stop_at(rows), **options)
            break
        except KeyboardInterrupt:
            continue
    report = report or score(source, folder / "out.csv", **options)
    assert report.rows_in == count == report.rows_out + report.rows_rejected
    with (folder / "out.csv").open(encoding="utf-8-sig", newline="") as stream:
        assert [int(row["数"]) for row in csv.DictReader(stream)] == [each for each in range(count) if each % 5 != 2]


def test_a_run_goes_on_with_the_day_on_which_it_began(score: Score, stopped: Path, tmp_path: Path) -> None:
    score(stopped, tmp_path / "out.csv", on=date(2026, 10, 9))
    score(stopped, tmp_path / "whole.csv", resume=False)
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_a_part_that_is_not_as_it_was_written_is_done_again(score: Score, stopped: Path, tmp_path: Path) -> None:
    (tmp_path / "out.csv.parts" / "part-00002.csv").write_bytes(b"half")
    seen: list[int] = []
    score(stopped, tmp_path / "out.csv", progress=seen.append)
    assert seen[0] == 7
    score(stopped, tmp_path / "whole.csv", resume=False)
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a system without fork")
@pytest.mark.parametrize(
    ("ending", "jobs", "kills", "longest"),
    [(".csv", 1, 30, 0.6), (".parquet", 1, 8, 0.6), ("", 1, 8, 0.6), (".jsonl", 2, 2, 0.2)],
)
def test_a_run_killed_at_any_moment_ends_as_one_that_nothing_disturbed(
    tokenizer: Tokenizer,
    small_classifier: PetitionClassifier,
    tmp_path: Path,
    ending: str,
    jobs: int,
    kills: int,
    longest: float,
) -> None:
    copy_defaults(tmp_path / "home")
    facts = TrainingFacts(bureau_labels=0, starter_messages=300, unlabelled_messages=0, starter_weight=1.0)
    registry = Registry(tmp_path / "home" / "models")
    registry.save(small_classifier, tokenizer_fingerprint=tokenizer.fingerprint, trained_on=facts)
    (tmp_path / "work").mkdir()
    command = [sys.executable, str(SCRIPT), str(tmp_path / "home"), str(tmp_path / "work"), ending]
    ended = subprocess.run(
        [*command, str(jobs), str(kills), str(longest), "7"], capture_output=True, text=True, timeout=600
    )
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout)
    assert found["problems"] == []
    assert found["killed"] >= kills
    assert found["gone_on"] > 0  # some kills did fall between two parts


# --- A folder of parquet files ---


@pytest.mark.parametrize("resume", [True, False])
def test_a_folder_has_a_file_for_each_part_with_the_same_columns(score: Score, tmp_path: Path, resume: bool) -> None:
    source = table(tmp_path / "in.csv", 20)
    report = score(source, tmp_path / "out", is_folder=True, resume=resume)
    assert report.files == (tmp_path / "out", tmp_path / "out.rejected.csv")
    files = sorted((tmp_path / "out").iterdir())
    assert [path.name for path in files] == [f"part-0000{number}.parquet" for number in (1, 2, 3)]
    assert len({str(pq.read_schema(path)) for path in files}) == 1
    again = score(tmp_path / "out", tmp_path / "again.csv", resume=False)
    assert again.rows_in == report.rows_out == 16
    assert names(tmp_path) == {"in.csv", "out", "out.rejected.csv", "again.csv"}


def test_an_older_folder_is_replaced_only_where_that_is_wished(score: Score, tmp_path: Path) -> None:
    source = table(tmp_path / "in.csv", 20)
    score(source, tmp_path / "out", is_folder=True)
    (tmp_path / "out" / "part-00009.parquet").write_bytes(b"older")
    with pytest.raises(InputError, match=r"exists already"):
        score(source, tmp_path / "out", is_folder=True)
    score(source, tmp_path / "out", is_folder=True, force=True)
    assert "part-00009.parquet" not in names(tmp_path / "out")


# --- What is refused ---


def test_a_run_is_not_gone_on_with_when_what_it_rests_on_has_changed(
    score: Score, stopped: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.csv"
    before = names(tmp_path / "out.csv.parts")
    changes: list[tuple[str, dict[str, Any]]] = [
        ("model", {"model": "another"}),
        ("configuration", {"config": replace(CONFIG, fingerprint="another")}),
        ("set of labels", {"labels": {"a": Label("1", "fees", by="王")}}),
        ("choice of options", {"part_rows": 8}),
    ]
    for what, change in changes:
        with pytest.raises(InputError, match=rf"the run that stopped here began with another {what}\. Give it what"):
            score(stopped, out, **change)
    with stopped.open("a", encoding="utf-8") as stream:
        stream.write("999,1,又一封信\n")
    with pytest.raises(InputError, match=r"began with another input\."):
        score(stopped, out)
    assert names(tmp_path / "out.csv.parts") == before
    assert not out.exists()


def test_two_runs_do_not_write_the_same_result(score: Score, stopped: Path, tmp_path: Path) -> None:
    with (
        FileLock(tmp_path / "out.csv.parts" / "lock"),
        pytest.raises(InputError, match=r"is being written by another run"),
    ):
        score(stopped, tmp_path / "out.csv")


def test_a_workbook_has_no_parts(score: Score, tmp_path: Path) -> None:
    source = table(tmp_path / "in.csv", 3)
    with pytest.raises(InputError, match=r"out\.xlsx: is a workbook, which cannot be written in parts"):
        score(source, tmp_path / "out.xlsx")
    assert names(tmp_path) == {"in.csv"}


def test_a_folder_of_that_name_that_is_not_ours_is_left_alone(score: Score, tmp_path: Path) -> None:
    source = table(tmp_path / "in.csv", 3)
    (tmp_path / "out.csv.parts").mkdir()
    (tmp_path / "out.csv.parts" / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match=r"out\.csv\.parts: holds other files"):
        score(source, tmp_path / "out.csv")
    assert "mine.txt" in names(tmp_path / "out.csv.parts")
