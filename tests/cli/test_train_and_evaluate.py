"""`triage train` and `triage evaluate` on the labels of the sample inbox."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

Run = Callable[..., Any]
SAMPLES = Path(__file__).parents[2] / "data" / "samples"
LABELS, LETTERS = SAMPLES / "人工标注.xlsx", SAMPLES / "市长信箱导出.xlsx"
SAMPLE = [LABELS, "--messages", LETTERS]
FIGURES = {
    "n",
    "method",
    "categories",
    "out_of_scope",
    "confidence_level",
    "n_bootstrap",
    "accuracy",
    "in_scope_accuracy",
    "macro_f1",
    "top3_accuracy",
    "expected_calibration_error",
    "per_category",
    "confusion",
    "coverage_curve",
}


def spoil(path: Path) -> Path:
    """The labels of the sample with one category that there is not and one id that there is not."""
    book = openpyxl.load_workbook(LABELS)
    sheet = book.worksheets[0]
    sheet.cell(2, 2).value = "违规补棵"
    sheet.cell(3, 1).value = "999"
    book.save(path)
    return path


# --- train ---


def test_own_labels_make_a_new_version_that_is_then_in_use(run: Run, bureau: Path, letters: Path) -> None:
    ran = run("train", *SAMPLE, "--no-starter")
    assert ran.code == 0
    assert ran.out == f"{bureau / 'models' / '0002'}\n"
    assert "66 labelled rows = 66 used + 0 rejected." in ran.err
    assert "Trained on 66 own labels and 0 starter messages" in ran.err
    assert [info["in_use"] for info in run("models", "--json").json] == [False, True]
    assert run("score", letters, "--json").json["model_version"] == "0002"
    assert run("score", letters, "-o", "old.csv", "--model", "0001", "--json").json["model_version"] == "0001"


def test_rows_that_cannot_be_used_are_named_and_the_rest_used(run: Run, desk: Path) -> None:
    labels = spoil(desk / "labels.xlsx")
    ran = run("train", labels, "--messages", LETTERS, "--no-starter", "--json")
    assert ran.code == 3
    assert "66 labelled rows = 64 used + 2 rejected." in ran.err
    assert ran.json["model"]["trained_on"]["bureau_labels"] == 64
    assert [(row["row"], row["reason"]) for row in ran.json["rejected"]] == [
        (2, "没有「违规补棵」这个类别，是否应为「违规补课」"),
        (3, "没有编号为 999 的留言"),
    ]


def test_a_backlog_without_labels_is_learnt_from(run: Run) -> None:
    ran = run("train", *SAMPLE, "--no-starter", "--unlabelled", LETTERS, "--json")
    assert ran.json["model"]["trained_on"]["unlabelled_messages"] == 66


def test_a_result_to_which_a_clerk_added_a_column_can_be_learnt_from(run: Run, desk: Path) -> None:
    run("score", LETTERS, "-o", "out.xlsx")
    book = openpyxl.load_workbook("out.xlsx")
    sheet = book["信件"]
    place = sheet.max_column + 1
    sheet.cell(1, place).value = "人工类别"
    for row in range(2, 40):
        sheet.cell(row, place).value = "教育收费" if row % 2 else "教师待遇"
    book.save("decided.xlsx")
    ran = run("train", "decided.xlsx", "--no-starter", "--json")
    assert ran.code == 3
    assert ran.json["model"]["trained_on"]["bureau_labels"] == 38
    assert ran.json["model"]["categories"] == ["fees", "pay"]
    assert {row["reason"] for row in ran.json["rejected"]} == {"没有类别"}


def test_the_column_of_the_category_can_be_named(run: Run, desk: Path) -> None:
    (desk / "labels.csv").write_text("编号,判断\n002600001,补课\n002600004,收费\n", encoding="utf-8")
    ran = run("train", "labels.csv", "--messages", LETTERS, "--column", "category=判断", "--no-starter", "--json")
    assert ran.code == 0
    assert ran.json["model"]["trained_on"]["bureau_labels"] == 2


@pytest.mark.parametrize("command", [["train", "--no-starter"], ["evaluate"]], ids=lambda command: command[0])
def test_no_row_can_be_used(run: Run, desk: Path, bureau: Path, command: list[str]) -> None:
    (desk / "labels.csv").write_text("编号,内容,类别\n1,学校乱收费,天气\n2,老师收礼,\n", encoding="utf-8")
    ran = run(*command, "labels.csv")
    assert ran.code == 2
    assert "labels.csv row 2: 没有「天气」这个类别" in ran.err
    assert ran.error == "None of the 2 rows can be used. See the reasons above."
    assert [path.name for path in (bureau / "models").glob("0*")] == ["0001"]


def test_nothing_to_learn_from(run: Run) -> None:
    ran = run("train", "--no-starter")
    assert ran.code == 2
    assert ran.error == "There is nothing to learn from. Give tables with labels, or leave out --no-starter."


def test_one_category_is_too_few(run: Run, desk: Path, bureau: Path) -> None:
    (desk / "labels.csv").write_text("编号,内容,类别\n1,学校乱收费,收费\n2,收了三百元,收费\n", encoding="utf-8")
    ran = run("train", "labels.csv", "--no-starter")
    assert ran.code == 2
    assert ran.error == "There are examples of 1 of the 11 categories. Label messages of at least two."
    assert [path.name for path in (bureau / "models").glob("0*")] == ["0001"]


# --- evaluate ---


def test_the_model_in_use_is_judged(run: Run) -> None:
    ran = run("evaluate", *SAMPLE, "--json")
    assert ran.code == 0
    assert set(ran.json) == FIGURES
    assert ran.json["n"] == sum(map(sum, ran.json["confusion"])) == 66
    assert ran.json["accuracy"]["value"] > 0.4
    assert len(ran.json["per_category"]) == len(ran.json["categories"]) == 11


def test_cross_validation_keeps_no_model(run: Run, bureau: Path) -> None:
    ran = run("evaluate", *SAMPLE, "--cv", "3", "--no-starter", "--json")
    assert ran.code == 0
    assert set(ran.json) == FIGURES
    assert ran.json["n"] == 66
    assert ran.json["method"] == "3 折交叉验证，不用起始语料"
    for figure in ("accuracy", "in_scope_accuracy", "macro_f1", "top3_accuracy"):
        interval = ran.json[figure]
        assert 0 <= interval["low"] <= interval["value"] <= interval["high"] <= 1
    assert ran.json["coverage_curve"][-1]["coverage"] == 1
    assert [path.name for path in (bureau / "models").glob("0*")] == ["0001"]


def test_what_came_later_is_judged_and_drawn_on_a_page(run: Run, desk: Path) -> None:
    ran = run("evaluate", *SAMPLE, "--after", "2026-09-10", "--no-starter", "--page", "page.html", "--json")
    assert ran.code == 0
    assert ran.json["n"] == 48
    assert ran.json["method"] == "以 2026-09-10 之前的 18 件训练，不用起始语料"
    page = (desk / "page.html").read_text(encoding="utf-8")
    for words in ("分类效果评估", "人工标注.xlsx", "违规补课", ran.json["method"]):
        assert words in page


def test_the_screen_shows_figures_confusions_and_coverage(run: Run) -> None:
    ran = run("evaluate", *SAMPLE)
    assert ran.code == 0
    for words in ("66 messages", "accuracy in scope", "macro-F1", "calibration", "违规补课", "true", "coverage"):
        assert words in ran.out, words


def test_two_ways_of_holding_out_at_once(run: Run) -> None:
    ran = run("evaluate", *SAMPLE, "--cv", "3", "--after", "2026-09-10")
    assert ran.code == 2
    assert ran.error == "--cv and --after are two ways of holding messages out. Choose one of them."


def test_a_day_that_leaves_nothing_to_judge(run: Run) -> None:
    ran = run("evaluate", *SAMPLE, "--after", "2027-01-01", "--no-starter")
    assert ran.code == 2
    assert "the dates run from 2026-09-03 to 2026-09-28" in ran.error


def test_more_folds_than_messages(run: Run) -> None:
    ran = run("evaluate", *SAMPLE, "--cv", "100", "--no-starter")
    assert ran.code == 2
    assert ran.error == (
        "66 different messages cannot be dealt into 100 folds. Label more messages or use fewer folds."
    )


def test_rejected_labels_are_named_beside_the_figures(run: Run, desk: Path) -> None:
    labels = spoil(desk / "labels.xlsx")
    ran = run("evaluate", labels, "--messages", LETTERS, "--json")
    assert ran.code == 3
    assert ran.json["n"] == 64
    assert "没有编号为 999 的留言" in ran.err


def test_labels_alone_need_their_messages(run: Run) -> None:
    ran = run("evaluate", LABELS)
    assert ran.code == 2
    assert "no column for the text (内容) was recognised" in ran.error
