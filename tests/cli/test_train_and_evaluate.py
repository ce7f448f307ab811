"""`triage train` and `triage evaluate` on the labels of the sample inbox."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from triage.schema import NATURE_NAMES, LabelledMessage

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
    "calibration",
    "tiers",
    "secondary",
    "nature",
    "urgent",
    "names",
}
OWN = ["编号", "标题", "内容", "人工类别", "人工次要类别", "人工性质", "人工紧急", "人工属地", "人工学校"]
Own = Callable[..., Path]


def spoil(path: Path) -> Path:
    """The labels of the sample with one category that there is not and one id that there is not."""
    book = openpyxl.load_workbook(LABELS)
    sheet = book.worksheets[0]
    sheet.cell(2, 2).value = "违规补棵"
    sheet.cell(3, 1).value = "999"
    book.save(path)
    return path


@pytest.fixture
def own(desk: Path, corpus: list[LabelledMessage]) -> Own:
    """Writes a table with so many letters of each category, fully labelled by the bureau's people."""

    def write(name: str = "own.csv", **counts: int) -> Path:
        rows = []
        for category, count in counts.items():
            chosen = [each for each in corpus if each.label.primary == category][:count]
            rows += [labelled_row(each) for each in chosen]
        with (desk / name).open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([OWN, *rows])
        return desk / name

    return write


def labelled_row(each: LabelledMessage) -> list[str]:
    message, label = each.message, each.label
    assert label.nature is not None and label.secondary is not None and label.schools is not None
    return [
        message.id,
        message.title,
        message.text,
        label.primary,
        "、".join(label.secondary),
        NATURE_NAMES[label.nature],
        "是" if label.urgent else "否",
        label.place or "",
        "、".join(label.schools),
    ]


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
    assert book["紧急件"].max_row > 1
    for row in range(2, 40):
        sheet.cell(row, place).value = "教育收费" if row % 2 else "教师待遇"
    book.save("decided.xlsx")
    ran = run("train", "decided.xlsx", "--no-starter", "--json")
    assert (ran.code, ran.json["rejected"]) == (0, [])
    assert ran.json["model"]["trained_on"]["bureau_labels"] == 38
    assert ran.json["model"]["categories"] == ["fees", "pay"]
    assert "66 labelled rows = 38 used + 0 rejected + 28 not decided yet." in ran.err


def test_the_column_of_the_category_can_be_named(run: Run, desk: Path) -> None:
    (desk / "labels.csv").write_text("编号,判断\n002600001,补课\n002600004,收费\n", encoding="utf-8")
    ran = run("train", "labels.csv", "--messages", LETTERS, "--column", "category=判断", "--no-starter", "--json")
    assert ran.code == 0
    assert ran.json["model"]["trained_on"]["bureau_labels"] == 2


def test_the_words_of_the_regulation_label_nature_and_urgency(run: Run, own: Own) -> None:
    ran = run("train", own(fees=20, integrity=20), "--no-starter", "--json")
    assert ran.code == 0
    assert ran.json["model"]["trained_on"]["bureau_labels"] == 40


@pytest.mark.parametrize(
    ("column", "written", "reason"),
    [
        ("人工性质", "投诉", "没有「投诉」这个性质，可写：申诉求决、检举控告、建议意见、咨询"),
        ("人工紧急", "有点急", "「有点急」看不出是否紧急，可写：是、否"),
        ("人工次要类别", "教师代遇", "没有「教师代遇」这个类别，是否应为「教师待遇」"),
    ],
)
@pytest.mark.parametrize("command", [["train", "--no-starter"], ["evaluate"]], ids=lambda command: command[0])
def test_a_word_that_nobody_knows_rejects_its_row_with_the_reason(
    run: Run, own: Own, command: list[str], column: str, written: str, reason: str
) -> None:
    path = own(fees=5, pay=5)
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    rows[3][OWN.index(column)] = written
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)
    ran = run(*command, path)
    assert ran.code == 3
    assert "1 rows rejected:" in ran.err
    assert f"own.csv row 4: {reason}\n" in ran.err


# --- What may go without a person ---


@pytest.mark.parametrize(("share", "shown"), [("0", "0"), ("1", "1"), ("-0.05", "-0.05"), ("5", "5"), ("nan", "nan")])
def test_a_share_of_errors_that_is_none_is_refused_before_anything_is_read(
    run: Run, bureau: Path, share: str, shown: str
) -> None:
    ran = run("train", "没有.csv", "--max-error", share)
    assert ran.code == 2
    assert ran.error == f"--max-error is {shown}. Give a share between 0 and 1, such as 0.05."
    assert [path.name for path in (bureau / "models").glob("0*")] == ["0001"]


def test_coverage_and_accuracy_are_said_together_and_why_a_category_has_no_threshold(run: Run, own: Own) -> None:
    ran = run("train", own(fees=60, pay=60, integrity=8), "--no-starter", "--max-error", "0.1")
    assert ran.code == 0
    found = re.search(
        r"^Automatic: ([\d.]+)% of (\d+) held-out messages, (\d+) of (\d+) wrong \(([\d.]+)% right\); "
        r"at most ([\d.]+)% wrong with 95% confidence, 10% allowed\.$",
        ran.err,
        re.MULTILINE,
    )
    assert found is not None, ran.err
    coverage, accuracy, bound = (float(found[at]) for at in (1, 5, 6))
    messages, errors, automatic = (int(found[at]) for at in (2, 3, 4))
    assert coverage == pytest.approx(100 * automatic / messages, abs=0.05)
    assert accuracy == pytest.approx(100 * (1 - errors / automatic), abs=0.005)
    assert 100 - accuracy < bound <= 10
    assert re.search(r"^  fees: from 0\.\d{3} on, \d+ of \d+ wrong, at most [\d.]+% by itself$", ran.err, re.MULTILINE)
    assert "  integrity: always to a person, 8 labels prove nothing (30 needed)\n" in ran.err


def test_the_proof_is_kept_with_the_version_and_lets_letters_go(run: Run, own: Own, desk: Path) -> None:
    path = own(fees=60, pay=60, integrity=8)
    proof = run("train", path, "--no-starter", "--max-error", "0.1", "--json").json["model"]["proof"]
    assert (proof["max_error"], proof["certainty"]) == (0.1, 0.95)
    assert {each["category"]: each["confidence"] is None for each in proof["thresholds"]} == {
        "fees": False,
        "pay": False,
        "integrity": True,
    }
    said = run("score", LETTERS, "-o", "out.xlsx", "--json").json
    assert (said["model_version"], said["for_review"] < 66) == ("0002", True)
    titles = [str(cell.value) for cell in openpyxl.load_workbook(desk / "out.xlsx")["汇总"]["A"]]
    assert [title.startswith("自动分派的门槛（允许差错 10%；") for title in titles].count(True) == 1


def test_less_allowed_error_lets_no_more_go(run: Run, own: Own) -> None:
    path = own(fees=60, pay=60)
    automatic = [
        run("train", path, "--no-starter", "--max-error", share, "--json").json["model"]["proof"]["automatic"]
        for share in ("0.2", "0.1", "0.02")
    ]
    assert automatic == sorted(automatic, reverse=True)
    assert automatic[0] > 0 == automatic[-1]


def test_too_few_labels_prove_nothing_and_that_is_said(run: Run) -> None:
    ran = run("train", *SAMPLE, "--no-starter")
    assert (
        "An error of at most 0.05 cannot be proven with 66 own labels: every message goes to a person.\n"
    ) in ran.err
    assert "Automatic:" not in ran.err


# --- Nothing to learn from ---


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


def test_what_the_labels_say_nothing_of_is_not_judged(run: Run, own: Own) -> None:
    said = run("evaluate", *SAMPLE, "--json").json
    assert said["tiers"] == []
    assert (said["nature"], said["urgent"], said["names"]) == (None, None, None)
    assert said["secondary"]["messages"] == 66


def test_second_categories_that_the_program_wrote_are_nobodys_label(run: Run, desk: Path) -> None:
    run("score", LETTERS, "-o", "out.xlsx")
    book = openpyxl.load_workbook("out.xlsx")
    sheet = book["信件"]
    place = sheet.max_column + 1
    for row in range(1, sheet.max_row + 1):
        sheet.cell(row, place).value = "教育收费" if row > 1 else "人工类别"
    book.save("decided.xlsx")
    assert run("evaluate", "decided.xlsx", "--json").json["secondary"] is None


def test_all_that_people_have_labelled_is_judged(run: Run, own: Own) -> None:
    ran = run("evaluate", own(fees=40, pay=40, integrity=10), "--cv", "2", "--no-starter", "--json")
    assert ran.code == 0
    said = ran.json
    assert said["n"] == 90
    for figures in ("secondary", "nature", "urgent", "names"):
        assert said[figures]["messages"] == 90
    assert set(said["secondary"]) == {"messages", "strict", "where_primary_right", "all_touched"}
    assert {name for name, _ in said["nature"]["f1"]} <= {"complaint", "inquiry", "report", "suggestion"}
    assert 0 <= said["nature"]["macro_f1"] <= 1
    assert 0 < said["urgent"]["urgent"] < 90
    assert said["names"]["place_accuracy"] > 0.8
    assert said["names"]["schools_overlapping"]["f1"] >= said["names"]["schools"]["f1"] > 0.5
    assert [tier["max_error"] for tier in said["tiers"]] == [0.05, 0.01]
    for tier in said["tiers"]:
        assert tier["automatic"] == sum(each["automatic"] for each in tier["per_category"])
        assert tier["errors"] == sum(each["errors"] for each in tier["per_category"])
        assert tier["coverage"] == pytest.approx(tier["automatic"] / 90, abs=1e-6)
        assert {"integrity", "not_edu"} <= set(tier["never"])


def test_a_proven_version_is_judged_by_its_own_thresholds(run: Run, own: Own, proven: Path) -> None:
    path = own(fees=30, integrity=10)
    (tier,) = run("evaluate", path, "--json").json["tiers"]
    assert (tier["max_error"], "integrity" in tier["never"]) == (0.05, True)
    assert 0 < tier["automatic"] <= 40
    shown = "".join(run("evaluate", path).out.split())  # lines break where the screen ends
    for words in ("automaticatmax-error", "wrong/automatic:", "Alwaystoaperson:廉政建设.", "schools", "nature"):
        assert words in shown, words


def test_without_a_proof_the_screen_says_that_nothing_is_automatic(run: Run) -> None:
    shown = run("evaluate", *SAMPLE).out
    assert "Automatic tier: nothing is proven, so every message goes to a person." in shown


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
