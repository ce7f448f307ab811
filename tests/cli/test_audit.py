"""`triage audit` on labels some of which are wrong, without the starter corpus, which would take its time."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from triage.schema import LabelledMessage

Run = Callable[..., Any]
HEADER = ["编号", "标题", "内容", "类别"]
EACH = 32


def write(path: Path, rows: Sequence[Sequence[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([HEADER, *rows])
    return path


@pytest.fixture
def rows(corpus: Sequence[LabelledMessage]) -> list[list[str]]:
    """Letters on fees and on pay; one of the latter is labelled as the former."""
    chosen = [
        each
        for category in ("fees", "pay")
        for each in [known for known in corpus if known.label.primary == category][:EACH]
    ]
    found = [[each.message.id, each.message.title, each.message.text, each.label.primary] for each in chosen]
    found[EACH + 3][3] = "fees"
    return found


@pytest.fixture
def labels(desk: Path, rows: list[list[str]]) -> Path:
    return write(desk / "labels.csv", rows)


def test_the_suspicious_labels_are_written_beside_the_table(run: Run, labels: Path, rows: list[list[str]]) -> None:
    ran = run("audit", labels, "--no-starter")
    assert ran.code == 0
    assert ran.out == f"{labels.with_name('labels.audit.xlsx')}\n"
    assert f"{2 * EACH} rows = {2 * EACH} labels + 0 undecided + 0 rejected." in ran.err
    assert f"of {2 * EACH} labels are wrong" in ran.err
    assert "what the model itself gets wrong counts too" in ran.err
    assert "教育收费: about " in ran.err
    assert "Too few different letters to judge by (30 needed): 违规补课 0, " in ran.err
    header, *found = openpyxl.load_workbook("labels.audit.xlsx")["疑似错标"].iter_rows(values_only=True)
    assert f"{len(found)} labels written, the most suspicious first." in ran.err
    assert len(found) < len(rows)
    (first,) = (dict(zip(header, each, strict=True)) for each in found if each[1] == rows[EACH + 3][0])
    assert (first["现标注"], first["更可能是"], first["人工类别"]) == ("教育收费", "教师待遇", None)


def test_all_of_them_can_be_written_and_told_as_json(run: Run, labels: Path, rows: list[list[str]]) -> None:
    found = run("audit", labels, "--no-starter", "--all", "-o", "all.csv", "--json").json
    assert found["files"] == ["all.csv"]
    assert found["labels"] == len(found["written"]) == found["judged"] == 2 * EACH
    assert found["wrong"] == sum(each["wrong"] or 0 for each in found["categories"])
    assert [each["rank"] for each in found["written"]] == list(range(1, 2 * EACH + 1))
    (wrong,) = (each for each in found["written"] if each["id"] == rows[EACH + 3][0])
    assert (wrong["present"], wrong["likely"]) == ("fees", "pay")
    assert wrong["words"]
    assert (found["clashes"], found["rejected"]) == ([], [])


def test_the_same_letter_with_two_labels_is_audited_and_what_cannot_be_read_named(
    run: Run, desk: Path, rows: list[list[str]]
) -> None:
    again = ["again", *rows[0][1:3], "教师待遇"]
    path = write(desk / "labels.csv", [*rows, again, ["unknown", "标题", "内容", "违规补棵"]])
    ran = run("audit", path, "--no-starter", "--json")
    assert ran.code == 3
    assert [set(each) for each in ran.json["clashes"]] == [{rows[0][0], "again"}]
    assert [each["reason"] for each in ran.json["rejected"]] == ["没有「违规补棵」这个类别，是否应为「违规补课」"]


def test_an_older_result_and_the_labels_themselves_are_kept(run: Run, labels: Path) -> None:
    before = labels.read_bytes()
    result = labels.with_name("labels.audit.xlsx")
    result.write_bytes(b"older")
    assert "exists already" in run("audit", labels, "--no-starter").error
    assert "is one of the tables themselves" in run("audit", labels, "--no-starter", "-o", labels, "--force").error
    assert (labels.read_bytes(), result.read_bytes()) == (before, b"older")
    assert run("audit", labels, "--no-starter", "--force").code == 0
    assert result.read_bytes() != b"older"


def test_a_table_without_labels_is_refused(run: Run, desk: Path) -> None:
    ran = run("audit", write(desk / "labels.csv", [["1", "标题", "内容", "违规补棵"]]), "--no-starter")
    assert ran.code == 2
    assert ran.error == (
        "There are no labels: 0 rows are undecided and 1 rejected. Give a table with labels, or put some into the case "
        "store: triage label add FILE."
    )
    assert sorted(each.name for each in desk.iterdir()) == ["labels.csv"]


def test_labels_of_one_category_are_refused_in_a_sentence(run: Run, desk: Path, rows: list[list[str]]) -> None:
    ran = run("audit", write(desk / "labels.csv", rows[:5]), "--no-starter")
    assert ran.code == 2
    assert ran.error.startswith("All 5 labels are of the category fees, which leaves nothing to compare.")
    assert sorted(each.name for each in desk.iterdir()) == ["labels.csv"]
