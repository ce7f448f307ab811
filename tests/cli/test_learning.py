"""What people decided goes round: into the store, into the next sheet, into the next model."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from triage.schema import LabelledMessage

Run = Callable[..., Any]
SHIFT = 7


def write(path: Path, rows: Sequence[Sequence[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([["编号", "标题", "内容", "人工类别"], *rows])
    return path


@pytest.fixture
def labels(desk: Path, bureau: Path, corpus: Sequence[LabelledMessage]) -> Path:
    """240 letters with a person's labels, in a bureau whose starter corpus holds 60 others."""
    lines = [line for file in sorted((bureau / "data").glob("corpus/*")) for line in file.read_bytes().splitlines()]
    assert not lines, "the bureau has the bundled corpus"
    (bureau / "data" / "corpus").mkdir()
    with (bureau / "data" / "corpus" / "part.jsonl").open("w", encoding="utf-8") as stream:
        for each in corpus[:60]:
            label, message = each.label, each.message
            entry = {
                "id": message.id,
                "title": message.title,
                "text": message.text,
                "primary": label.primary,
                "secondary": label.secondary,
                "nature": label.nature,
                "urgent": label.urgent,
            }
            stream.write(json.dumps(entry, ensure_ascii=False) + "\n")
    return write(
        desk / "labels.csv",
        [[each.message.id, each.message.title, each.message.text, each.label.primary] for each in corpus[300:540]],
    )


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def test_a_letter_that_a_person_has_decided_keeps_its_category_in_every_later_sheet(run: Run, letters: Path) -> None:
    assert run("score", letters, "--out", "before.csv").code == 0
    before = rows_of(Path("before.csv"))
    other = "非教育事项" if before[0]["类别"] != "非教育事项" else "教育收费"
    corrected = write(Path("corrected.csv"), [["A1", before[0]["标题"], before[0]["内容"], other]])
    assert run("label", "add", corrected).code == 0
    assert run("score", letters, "--out", "after.csv").code == 0
    after = rows_of(Path("after.csv"))
    assert (after[0]["类别"], after[0]["判定"]) == (other, "人工")
    assert [row["类别"] for row in after[1:]] == [row["类别"] for row in before[1:]]


def test_what_stands_in_the_sheet_goes_before_what_was_decided_earlier(run: Run, letters: Path) -> None:
    first = rows_of(letters)[0]
    assert run("label", "add", write(Path("early.csv"), [["1", first["标题"], first["内容"], "教师待遇"]])).code == 0
    sheet = write(Path("now.csv"), [["1", first["标题"], first["内容"], "招生入学"]])
    assert run("score", sheet, "--out", "scored.csv").code == 0
    assert rows_of(Path("scored.csv"))[0]["类别"] == "招生入学"


def test_reclassify_leaves_alone_what_a_person_has_decided(run: Run, letters: Path) -> None:
    run("score", letters, "--out", "old.csv")
    old = rows_of(Path("old.csv"))
    corrected = write(Path("corrected.csv"), [["1", old[0]["标题"], old[0]["内容"], "廉政建设"]])
    assert run("label", "add", corrected).code == 0
    assert run("reclassify", "old.csv", "--out", "new.csv").code == 0
    row = rows_of(Path("new.csv"))[0]
    assert row["新类别"] == "廉政建设"
    assert row["变化原因"].startswith("已确认")


def test_retrain_learns_from_the_store_and_tells_the_decision_in_words(run: Run, labels: Path) -> None:
    assert run("label", "add", labels, "--by", "张三").code == 0
    first = run("retrain", "--jobs", "1", "--by", "李四")
    assert first.code in {0, 4}
    assert "240 labelled messages = 240 used + 0 rejected." in first.err
    assert "总体正确率" in first.err
    assert "与现用模型 0001 在双方都没学过的 240 件上比较" in first.err.replace("\n", "")
    info = json.loads(run("models", "show", "2", "--json").out)
    assert info["trained_on"]["bureau_labels"] == 240
    assert info["passed_gate"] == (first.code == 0)


def test_a_refused_model_is_kept_but_not_used_and_the_exit_code_says_so(run: Run, labels: Path) -> None:
    run("label", "add", labels, "--by", "张三", "--on", "2026-01-01")
    run("retrain", "--jobs", "1")
    run("models", "promote", "2", "--reason", "the first of our own")
    rows = [[row["编号"], row["标题"], row["内容"], row["人工类别"]] for row in rows_of(labels)]
    moved = [[*row[:3], rows[(at + SHIFT) % len(rows)][3]] for at, row in enumerate(rows)]
    slipped = write(Path("slipped.csv"), moved)
    added = run("label", "add", slipped, "--by", "张三", "--on", "2026-02-01", "--json")
    assert json.loads(added.out)["changed"] > 100
    ran = run("retrain", "--jobs", "1", "--json")
    assert ran.code == 4
    said = json.loads(ran.out)
    assert (said["promoted"], said["in_use"]) == (False, "0002")
    assert "0003" in [each["version"] for each in json.loads(run("models", "--json").out)]
    log = json.loads(run("models", "log", "--json").out)
    assert [entry["version"] for entry in log] == ["0001", "0002"]


def test_retrain_without_labels_says_how_to_add_some(run: Run) -> None:
    ran = run("retrain")
    assert ran.code == 2
    assert "There are no labels to learn from. Add some: triage label add FILE." in ran.err


def test_audit_looks_through_the_store_where_no_table_is_named(run: Run, labels: Path, bureau: Path) -> None:
    run("label", "add", labels)
    ran = run("audit", "--no-starter")
    assert ran.code == 0
    assert "240 rows = 240 labels + 0 undecided + 0 rejected." in ran.err
    assert Path(ran.out.splitlines()[0]) == bureau / "cases.audit.xlsx"
