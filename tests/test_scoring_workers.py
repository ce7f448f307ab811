"""Scoring in several processes: the same result, whatever happens to a worker, and no row stops the others."""

from __future__ import annotations

import csv
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.classifier import PetitionClassifier
from triage.config import Config, Home, copy_defaults, load_config
from triage.errors import ConfigError
from triage.pipeline import Pipeline
from triage.registry import Registry, TrainingFacts
from triage.schema import Case, Decision, Message, RejectedRow
from triage.scoring import Opening, ScoringReport, score_table
from triage.scoring.answers import Asked, Settings
from triage.scoring.batches import Batch, batches
from triage.scoring.workers import FATAL, Crew
from triage.tables import open_table
from triage.tokens import Tokenizer

ON = date(2026, 10, 1)
TEXTS = ("学校乱收费三百元", "教师工资拖欠半年", "请问小区划片到哪所小学", "孩子被打骨折住院", "", "食堂饭菜不卫生")
POISON, DEADLY = "毒", "致命"


@pytest.fixture(scope="module")
def opening(
    tmp_path_factory: pytest.TempPathFactory, small_classifier: PetitionClassifier, tokenizer: Tokenizer
) -> Opening:
    """A bureau with the small model."""
    folder = tmp_path_factory.mktemp("home") / "home"
    copy_defaults(folder)
    facts = TrainingFacts(bureau_labels=0, starter_messages=300, unlabelled_messages=0, starter_weight=1.0)
    Registry(folder / "models").save(small_classifier, tokenizer_fingerprint=tokenizer.fingerprint, trained_on=facts)
    home = Home(folder / "data", folder / "models")
    return Opening(home, "0001", load_config(home.data).fingerprint)


class Spoilt(Pipeline):
    """A pipeline that fails at some messages, and at others ends its process as the system would."""

    def triage(self, messages: object, **options: object) -> list[Case]:
        """Fail where a message says so."""
        assert isinstance(messages, list)
        texts = "".join(message.text for message in messages)
        if DEADLY in texts:
            os.kill(os.getpid(), signal.SIGKILL)
        if POISON in texts:
            raise ZeroDivisionError(texts)
        return super().triage(messages, **options)  # type: ignore[arg-type]


@dataclass(frozen=True)
class SpoiltOpening:
    """Opens it."""

    opening: Opening

    def __call__(self) -> tuple[Pipeline, Config]:
        """The pipeline, spoilt."""
        pipeline, config = self.opening()
        pipeline.__class__ = Spoilt
        return pipeline, config


def table(path: Path, texts: list[str]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([["编号", "内容"], *([number, text] for number, text in enumerate(texts))])
    return path


def score(opening: Opening | SpoiltOpening, source: Path, out: Path, jobs: int, **options: int) -> ScoringReport:
    pipeline, config = opening()
    return score_table(
        source, out, pipeline=pipeline, config=config, on=ON, jobs=jobs, opening=opening, batch=7, **options
    )


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_two_workers_write_what_one_process_writes(opening: Opening, tmp_path: Path, ending: str) -> None:
    source = table(tmp_path / "in.csv", [f"{TEXTS[number % 6]}{number}" * (number % 6 != 4) for number in range(100)])
    one, two = (score(opening, source, tmp_path / f"{jobs}.{ending}", jobs) for jobs in (1, 2))
    assert (tmp_path / f"1.{ending}").read_bytes() == (tmp_path / f"2.{ending}").read_bytes()
    assert (tmp_path / "1.rejected.csv").read_bytes() == (tmp_path / "2.rejected.csv").read_bytes()
    assert one.rows_in == two.rows_in == one.rows_out + one.rows_rejected == 100


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_row_that_fails_is_named_without_its_text_and_stops_no_other(
    opening: Opening, tmp_path: Path, jobs: int
) -> None:
    source = table(tmp_path / "in.csv", ["学校乱收费", f"{POISON}13800001234", "", "教师工资拖欠"] * 5)
    report = score(SpoiltOpening(opening), source, tmp_path / "out.csv", jobs)
    assert (report.rows_in, report.rows_out, report.rows_rejected) == (20, 10, 10)
    assert [row.row for row in report.rejected] == [row for row in range(2, 22) if row % 4 in {3, 0}]
    assert report.rejected[0].reason == "这一件处理时出错（ZeroDivisionError）"
    assert "1380" not in repr(report.rejected)
    assert rows(tmp_path / "out.rejected.csv")[0]["原内容"] == f"1 | {POISON}13800001234"
    assert len(rows(tmp_path / "out.csv")) == 10


def test_a_row_at_which_workers_die_is_named_and_stops_no_other(opening: Opening, tmp_path: Path) -> None:
    texts = [DEADLY if number == 23 else f"学校乱收费{number}元" for number in range(50)]
    source = table(tmp_path / "in.csv", texts)
    report = score(SpoiltOpening(opening), source, tmp_path / "out.csv", 2)
    assert (report.rows_out, [(row.row, row.reason) for row in report.rejected]) == (49, [(25, FATAL)])
    assert [row["编号"] for row in rows(tmp_path / "out.csv")] == [str(each) for each in range(50) if each != 23]


@dataclass(frozen=True)
class TellingOpening:
    """Opens it, and leaves the number of the process in a folder."""

    opening: Opening
    folder: Path

    def __call__(self) -> tuple[Pipeline, Config]:
        """The pipeline."""
        (self.folder / str(os.getpid())).touch()
        return self.opening()


def test_a_worker_that_is_killed_is_replaced_and_nothing_is_lost(opening: Opening, tmp_path: Path) -> None:
    def work() -> Iterator[tuple[Batch, list[Asked]]]:
        killed = 0
        for number in range(40):
            victims = sorted(tmp_path.iterdir())
            if victims and killed < 2 and number >= 10 + 15 * killed:
                os.kill(int(victims[number % len(victims)].name), signal.SIGKILL)
                killed += 1
                for each in victims:
                    each.unlink()
            message = Message(str(number), "", f"{TEXTS[number % 4]}{number}")
            yield Batch("", number, (), 0), [Asked(message, Decision(), True)]

    with Crew(2, TellingOpening(opening, tmp_path), Settings(ON)) as crew:
        answered = [(batch.part, answers.tally.rows) for batch, answers in crew.answer(work())]
        assert crew.replaced > 0
    assert answered == [(number, 1) for number in range(40)]


def test_workers_notice_that_the_configuration_was_changed(opening: Opening, tmp_path: Path) -> None:
    source = table(tmp_path / "in.csv", ["学校乱收费"])
    pipeline, config = opening()
    other = Opening(opening.home, opening.version, "another")
    with pytest.raises(ConfigError, match="was changed while the table was being triaged"):
        score_table(source, tmp_path / "out.csv", pipeline=pipeline, config=config, on=ON, jobs=2, opening=other)
    assert {path.name for path in tmp_path.iterdir()} == {"in.csv"}


@given(
    st.lists(st.sampled_from(["甲", "乙" * 600, ""]), min_size=1, max_size=20),
    st.integers(1, 5),
    st.integers(1, 7),
    st.integers(0, 3),
)
def test_batches_hold_every_row_once_and_in_order(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], size: int, part_rows: int, done: int
) -> None:
    path = table(tmp_path_factory.mktemp("rows") / "in.csv", [*texts, "末"])
    every = list(open_table(path).rows())
    found = list(batches(open_table(path), size=size, part_rows=part_rows, parts_done=done))
    assert [row for batch in found for row in batch.rows] == every[done * part_rows :]
    assert all(0 < len(batch.rows) <= size for batch in found)
    where = count(done * part_rows)
    assert all(batch.part == next(where) // part_rows + 1 for batch in found for _ in batch.rows)
    assert any(isinstance(row, RejectedRow) for row in every) == ("" in texts)
