"""A backlog classified again: what a person decided stays, rules move, the model asks, and nothing is lost."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from triage.classifier import PetitionClassifier
from triage.config import CategoryRule, Change, Config, load_config
from triage.errors import InputError
from triage.labels import read_labelled
from triage.pipeline import Pipeline
from triage.reclassifying import (
    ReclassifyReport,
    Why,
    confirmed_labels,
    default_output,
    list_output,
    reclassify,
)
from triage.schema import Label, LabelledMessage, Message, Nature
from triage.scoring import score_table
from triage.tables import Role
from triage.thresholds import Proof, Threshold
from triage.tokens import Tokenizer

DATA = Path(__file__).parents[1] / "data"
ON = date(2026, 11, 2)
LOADED = load_config(DATA)
CHANGES = (
    Change("charging", ("fees",), ("收费投诉", "学校收费投诉")),
    Change("zoning", ("enrollment",), ("学区",)),
    Change("exams", ("enrollment",), ("考试招生",), note="并入招生入学"),
    Change("teachers", ("pay", "staffing"), ("教师事务",), on=date(2026, 9, 1), note="分开统计"),
)
# Here no letter is too short or too unclear, so that what is told of them is told of categories alone.
CALM = replace(LOADED.review, min_confidence=0.0, min_margin=0.0, min_known_share=0.0, min_characters=0)
CONFIG = replace(LOADED, taxonomy=replace(LOADED.taxonomy, changes=CHANGES), review=CALM)

FEES = "学校乱收费三百元，收取的书本费和校服费要求退还"
PAY = "教师工资拖欠半年没有发，绩效工资和津贴也没有"
PLACES = "请问小区划片到哪所小学，小孩入学报名要什么条件"
TEXTS = {"fees": FEES, "pay": PAY, "enrollment": PLACES}
NAMES = {category.id: category.name for category in CONFIG.taxonomy.categories}
OLD_NAMES = ["charging", "收费投诉", "学校收费投诉", "学区", "考试招生", "教师事务", "teachers"]

Row = dict[str, str]
Again = Callable[..., ReclassifyReport]
Make = Callable[..., Pipeline]


@pytest.fixture(scope="session")
def make(tokenizer: Tokenizer, small_classifier: PetitionClassifier) -> Make:
    """A pipeline in which, unless `proven` is False, every category may go without a person."""
    thresholds = tuple(Threshold(each, 0.0, 40, 40, 0, 0.05) for each in small_classifier.categories)
    proof = Proof(0.05, 0.95, messages=500, automatic=500, errors=0, error_bound=0.01, thresholds=thresholds)

    def pipeline(config: Config = CONFIG, *, proven: bool = True) -> Pipeline:
        return Pipeline(
            config=config,
            tokenizer=tokenizer,
            classifier=small_classifier,
            model_version="0007",
            proof=proof if proven else None,
        )

    return pipeline


@pytest.fixture(scope="session")
def again(make: Make) -> Again:
    """Reclassifies a table."""

    def run(
        path: Path, out: Path | None = None, *, config: Config = CONFIG, proven: bool = True, **options: Any
    ) -> ReclassifyReport:
        return reclassify(path, out, pipeline=make(config, proven=proven), config=config, on=ON, **options)

    return run


def table(path: Path, *rows: Mapping[str, str]) -> Path:
    names = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, names, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def cells(path: Path, sheet: str) -> list[tuple[Any, ...]]:
    return list(openpyxl.load_workbook(path)[sheet].iter_rows(values_only=True))


def letter(text: str, category: str = "", **more: str) -> Row:
    return {"编号": f"{len(text):03}", "内容": text, "类别": category, **more}


def one(again: Again, folder: Path, row: Row, **options: Any) -> Row:
    """What is written of a table with that one letter."""
    again(table(folder / "old.csv", row), folder / "new.csv", force=True, **options)
    (written,) = read(folder / "new.csv")
    return written


def whys(report: ReclassifyReport) -> dict[str, tuple[int, int, int, int]]:
    return {each.why: (each.letters, each.moved, each.rerouted, each.to_look_at) for each in report.whys}


def moves(report: ReclassifyReport) -> list[tuple[str, str, int, int]]:
    return [(each.old, each.new, each.sure, each.to_look_at) for each in report.moves]


def test_the_letters_of_this_file_are_what_they_are_taken_for(make: Make) -> None:
    cases = make().triage([Message(key, "", text) for key, text in TEXTS.items()], on=ON)
    assert [case.category for case in cases] == list(TEXTS)
    assert all(case.review == () for case in cases)


# --- what decides ---


def test_what_stays_is_said_to_stay(again: Again, tmp_path: Path) -> None:
    written = one(again, tmp_path, letter(FEES, "教育收费"))
    assert (written["原类别"], written["新类别"], written["变化"], written["变化原因"]) == (
        "教育收费", "教育收费", "未变", "未变",
    )  # fmt: skip
    # An id or another way of writing is the same category.
    assert one(again, tmp_path, letter(FEES, "fees"))["变化"] == "未变"
    assert one(again, tmp_path, letter(FEES, "退费"))["新类别"] == "教育收费"


def test_a_renamed_category_moves_by_itself(again: Again, tmp_path: Path) -> None:
    for old in ("charging", "收费投诉", "学校收费投诉"):
        written = one(again, tmp_path, letter(FEES, old), proven=False)
        assert (written["原类别"], written["新类别"], written["变化"]) == ("收费投诉", "教育收费", "改类")
        assert written["变化原因"] == "类别更名或合并：收费投诉 → 教育收费"


def test_merged_categories_come_together(again: Again, tmp_path: Path) -> None:
    old = table(tmp_path / "old.csv", letter(PLACES, "学区"), letter(PLACES, "考试招生"), letter(PLACES, "招生入学"))
    report = again(old, tmp_path / "new.csv", proven=False)
    assert [row["新类别"] for row in read(tmp_path / "new.csv")] == ["招生入学"] * 3
    assert moves(report) == [("学区", "招生入学", 1, 0), ("考试招生", "招生入学", 1, 0)]
    assert whys(report) == {Why.CHANGED_TAXONOMY: (2, 2, 0, 0), Why.SAME: (1, 0, 0, 0)}


def test_of_a_split_category_the_likeliest_part_is_proposed_and_a_person_decides(again: Again, tmp_path: Path) -> None:
    written = one(again, tmp_path, letter(PAY, "教师事务", 主办="人事科"))
    assert (written["新类别"], written["建议类别"], written["变化"]) == ("教师事务", "教师待遇", "人工查看")
    assert written["变化原因"] == "类别拆分：教师事务 → 教师待遇、教师招聘人事（分开统计）"
    assert written["查看原因"] == "原类别已拆分，须由人确认"
    assert written["新主办"] == "人事科"
    # Whatever the model thinks of the letter otherwise, it may choose among the parts alone.
    written = one(again, tmp_path, letter(FEES, "教师事务"))
    assert (written["新类别"], written["变化"]) == ("教师事务", "人工查看")
    assert written["建议类别"] in ("教师待遇", "教师招聘人事")


def test_a_rule_of_the_bureau_moves_a_letter_however_sure_the_model_is(again: Again, tmp_path: Path) -> None:
    rule = CategoryRule("books", "management", ("书本费",), "市局通知")
    config = replace(CONFIG, rules=(rule,))
    for old in ("教育收费", "收费投诉", "教师事务", "没有的类别", ""):
        written = one(again, tmp_path, letter(FEES, old), config=config, proven=False)
        assert (written["新类别"], written["变化"], written["变化原因"]) == (
            "办学管理",
            "改类",
            "规则：books（市局通知）",
        )
    assert one(again, tmp_path, letter(FEES, "办学管理"), config=config)["变化"] == "未变"


def test_the_model_moves_a_letter_of_which_it_is_sure(again: Again, tmp_path: Path) -> None:
    written = one(again, tmp_path, letter(FEES, "教师待遇", 置信度="0.10", 判定="模型"))
    assert (written["新类别"], written["变化"], written["变化原因"]) == ("教育收费", "改类", "模型")
    assert float(written["新置信度"]) > float(written["原置信度"]) == 0.1
    assert written["建议类别"] == written["查看原因"] == ""


@pytest.mark.parametrize(
    ("more", "proven", "doubt"),
    [
        ({}, False, "这一类尚未证明可以自动分派"),
        ({"置信度": "0.999", "判定": "模型"}, True, "把握不如原来"),
    ],
)
def test_what_the_model_would_move_without_being_sure_stays_until_a_person_looks(
    again: Again, tmp_path: Path, more: Row, proven: bool, doubt: str
) -> None:
    written = one(again, tmp_path, letter(FEES, "教师待遇", 主办="人事科", **more), proven=proven)
    assert (written["原类别"], written["新类别"], written["变化"]) == ("教师待遇", "教师待遇", "人工查看")
    assert (written["建议类别"], written["查看原因"]) == ("教育收费", doubt)
    # Its office stays too: that of the category which it keeps.
    assert (written["原主办"], written["新主办"]) == ("人事科", "人事科")


def test_the_confidence_of_what_a_person_or_a_rule_decided_is_no_yardstick(again: Again, tmp_path: Path) -> None:
    for who in ("规则", "人工"):
        written = one(again, tmp_path, letter(FEES, "教师待遇", 置信度="0.999", 判定=who))
        assert (written["变化"], written["原置信度"]) == ("改类", "")


def test_a_renamed_category_that_the_model_doubts_has_its_new_name_meanwhile(again: Again, tmp_path: Path) -> None:
    written = one(again, tmp_path, letter(PAY, "收费投诉"), proven=False)
    assert (written["新类别"], written["建议类别"], written["变化"]) == ("教育收费", "教师待遇", "人工查看")


def test_what_had_no_category_gets_one_where_the_model_is_sure(again: Again, tmp_path: Path) -> None:
    rows = [letter(FEES, ""), letter(PAY, "教师待遇")]
    report = again(table(tmp_path / "old.csv", *rows), tmp_path / "new.csv")
    assert read(tmp_path / "new.csv")[0]["新类别"] == "教育收费"
    assert moves(report) == [("", "教育收费", 1, 0)]
    report = again(tmp_path / "old.csv", tmp_path / "unsure.csv", proven=False)
    assert read(tmp_path / "unsure.csv")[0]["新类别"] == ""
    assert moves(report) == [("", "教育收费", 0, 1)]


def test_categories_that_nobody_knows_are_named(again: Again, tmp_path: Path) -> None:
    long = "打电话给13812345678的那些关于学校的各种各样的来信"
    rows = [letter(FEES, "教育类"), letter(PAY, "教育类"), letter(PAY, long)]
    report = again(table(tmp_path / "old.csv", *rows))
    assert (report.unknown[0].written, report.unknown[0].letters) == ("教育类", 2)
    assert whys(report) == {Why.UNKNOWN: (3, 3, 0, 0)}
    # A column that holds something else is not told in full, and no telephone number at all.
    assert len(report.unknown[1].written) == 21
    assert "13812345678" not in report.unknown[1].written + report.moves[-1].old


def test_another_duty_table_alone_is_told_apart(again: Again, tmp_path: Path) -> None:
    old = table(tmp_path / "old.csv", letter(FEES, "教育收费"), letter(PAY, "教师待遇"))
    scored = tmp_path / "scored.csv"
    again(old, scored)
    offices = [row["新主办"] for row in read(scored)]
    duty = tuple(replace(rule, lead="audit_office") if rule.category == "fees" else rule for rule in CONFIG.duty)
    audit = replace(CONFIG.offices[0], id="audit_office", name="审计科", aliases=())
    config = replace(CONFIG, duty=duty, offices=(*CONFIG.offices, audit))
    report = again(scored, tmp_path / "new.csv", config=config)
    first, second = read(tmp_path / "new.csv")
    assert (first["变化"], first["变化原因"]) == ("改派", "分派变了")
    assert (first["原主办"], first["新主办"], first["新类别"]) == (offices[0], "审计科", "教育收费")
    assert (second["变化"], second["原主办"], second["新主办"]) == ("未变", offices[1], offices[1])
    assert (report.moved, report.rerouted, report.to_look_at, report.same) == (0, 1, 0, 1)
    assert whys(report)[Why.REROUTED] == (1, 0, 1, 0)
    assert report.moves == ()


def test_an_office_under_another_of_its_names_is_the_same(again: Again, tmp_path: Path) -> None:
    lead = one(again, tmp_path, letter(FEES, "教育收费"))["新主办"]
    office = next(each for each in CONFIG.offices if each.name == lead)
    for name in (office.id, *office.aliases):
        assert one(again, tmp_path, letter(FEES, "教育收费", 主办=name))["变化"] == "未变"
    assert one(again, tmp_path, letter(FEES, "教育收费", 主办="撤销了的科"))["变化"] == "改派"
    assert one(again, tmp_path, letter(FEES, "教育收费", 接收单位="撤销了的局"))["变化"] == "改派"


# --- what a person decided ---


def test_a_persons_category_is_never_changed(again: Again, tmp_path: Path) -> None:
    rule = CategoryRule("books", "management", ("书本费",), "市局通知")
    for config in (CONFIG, replace(CONFIG, rules=(rule,))):
        written = one(again, tmp_path, letter(FEES, "教育收费", 人工类别="廉政建设"), config=config)
        assert (written["新类别"], written["变化原因"]) == ("廉政建设", "已确认")


def test_what_a_clerk_wrote_over_the_programs_category_is_a_persons(again: Again, tmp_path: Path) -> None:
    scored = {"判定": "模型", "置信度": "0.1", "机器类别": "教育收费"}
    written = one(again, tmp_path, letter(FEES, "廉政建设", **scored))
    assert (written["新类别"], written["变化"], written["变化原因"]) == ("廉政建设", "未变", "已确认")
    # The same category in other words was written by nobody.
    assert one(again, tmp_path, letter(PAY, "退费", **scored))["变化原因"] == "模型"
    # Two answers on one row are none.
    written = one(again, tmp_path, letter(PAY, "廉政建设", 人工类别="师德师风", **scored))
    assert (written["新类别"], written["变化"], written["建议类别"]) == ("廉政建设", "人工查看", "")
    assert written["查看原因"] == "人工类别是「师德师风」，而类别改成了「廉政建设」，请只留一个"


def test_a_confirmed_label_holds_by_its_text(again: Again, tmp_path: Path) -> None:
    confirmed = confirmed_labels(
        [LabelledMessage(Message("k-1", "", f"  {FEES} "), Label("k-1", "integrity", by="王科长"))]
    )
    written = one(again, tmp_path, letter(FEES, "教育收费"), confirmed=confirmed)
    assert (written["新类别"], written["变化"], written["变化原因"]) == ("廉政建设", "改类", "已确认：王科长")
    assert one(again, tmp_path, letter(PAY, "教师待遇"), confirmed=confirmed)["变化"] == "未变"


def test_a_confirmed_label_holds_by_its_number_where_the_table_has_numbers(again: Again, tmp_path: Path) -> None:
    row = {"编号": "k-1", "内容": FEES, "类别": "教育收费"}
    assert one(again, tmp_path, row, confirmed={"k-1": Label("k-1", "integrity")})["新类别"] == "廉政建设"
    row = {"内容": FEES, "类别": "教育收费"}
    assert one(again, tmp_path, row, confirmed={"行2": Label("行2", "integrity")})["新类别"] == "教育收费"


def test_a_confirmed_nature_decides_the_route_too(again: Again, tmp_path: Path) -> None:
    """A school gets questions about itself, but no accusation."""
    row = letter("请问白鹭洲中学的校服费和书本费收多少钱", "教育收费")
    receivers = []
    for nature in (Nature.INQUIRY, Nature.REPORT):
        labelled = LabelledMessage(Message("", "", row["内容"]), Label("", "fees", nature=nature))
        written = one(again, tmp_path, row, confirmed=confirmed_labels([labelled]))
        assert written["新类别"] == "教育收费"
        receivers.append(written["新接收单位"])
    assert "白鹭洲中学" in receivers[0]
    assert "白鹭洲中学" not in receivers[1]


def test_a_persons_category_of_the_past_has_its_new_name(again: Again, tmp_path: Path) -> None:
    written = one(again, tmp_path, letter(PAY, "教师待遇", 人工类别="收费投诉"))
    assert (written["新类别"], written["变化原因"]) == ("教育收费", "已确认")
    written = one(again, tmp_path, letter(PAY, "教育收费", 人工类别="教师事务"))
    assert (written["新类别"], written["建议类别"], written["变化"]) == ("教师事务", "教师待遇", "人工查看")


def test_a_persons_category_that_nobody_can_read_changes_nothing(again: Again, tmp_path: Path) -> None:
    written = one(again, tmp_path, letter(FEES, "教师待遇", 人工类别="问过再定"))
    assert (written["新类别"], written["变化"], written["查看原因"]) == ("教师待遇", "人工查看", "人工填写无法识别")


def test_two_decisions_are_for_a_person_to_settle(again: Again, tmp_path: Path) -> None:
    row = letter(FEES, "教育收费", 人工类别="教育收费")
    confirmed = confirmed_labels([LabelledMessage(Message("", "", FEES), Label("", "integrity"))])
    written = one(again, tmp_path, row, confirmed=confirmed)
    assert (written["新类别"], written["建议类别"], written["变化"]) == ("教育收费", "廉政建设", "人工查看")
    assert written["查看原因"] == "表中的人工类别与已确认的标注不一致"


# --- all tables ---

WRITTEN = st.sampled_from(["", "没有的类别", *NAMES, *NAMES.values(), "退费", *OLD_NAMES])
LETTERS = st.fixed_dictionaries(
    {
        "内容": st.sampled_from([*TEXTS.values(), "打", "学校食堂吃坏肚子多人住院，要跳楼", "招投标腐败，局长受贿"]),
        "类别": WRITTEN,
        "人工类别": st.one_of(st.just(""), WRITTEN),
        "置信度": st.sampled_from(["", "0.3", "0.95"]),
        "判定": st.sampled_from(["", "模型", "规则"]),
        "主办": st.sampled_from(["", "财务科", "人事科", "没有的科"]),
    }
)
SLOW = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@SLOW
@given(st.lists(LETTERS, min_size=1, max_size=8), st.booleans(), st.sampled_from(["", *NAMES]))
def test_in_any_table_what_a_person_decided_stays_and_a_second_run_changes_nothing(
    again: Again, rows: list[Row], proven: bool, label: str
) -> None:
    confirmed = confirmed_labels([LabelledMessage(Message("", "", PAY), Label("", label))] if label else [])
    with TemporaryDirectory() as folder:
        old = table(Path(folder) / "old.csv", *rows)
        dry = again(old, proven=proven, confirmed=confirmed)
        first = again(old, Path(folder) / "first.csv", proven=proven, confirmed=confirmed)
        second = again(Path(folder) / "first.csv", Path(folder) / "second.csv", proven=proven, confirmed=confirmed)
        written, rewritten = read(Path(folder) / "first.csv"), read(Path(folder) / "second.csv")
    assert replace(first, files=()) == dry
    assert first.rows_in == first.rows_out + len(first.rejected) == len(rows) == len(written)
    assert first.moved + first.rerouted + first.to_look_at + first.same == first.rows_out
    assert sum(each.letters for each in first.whys) == first.rows_out
    assert sum(move.sure for move in first.moves) == first.moved
    assert sum(move.to_look_at for move in first.moves) == first.to_look_at
    for row, now in zip(rows, written, strict=True):
        assert {name: now[name] for name in row} == row
        meant = CONFIG.taxonomy.find(row["人工类别"]) if row["人工类别"] else None
        is_label = bool(label) and row["内容"] == PAY
        if meant:
            assert now["新类别"] == meant.name
        elif is_label and not row["人工类别"]:
            assert now["新类别"] == NAMES[label]
        if now["变化"] == "人工查看" and not row["人工类别"]:
            known = CONFIG.taxonomy.find(row["类别"]) if row["类别"] else None
            assert CONFIG.taxonomy.find(now["新类别"] or "-") == known
    assert (second.moved, second.rerouted, second.to_look_at) == (0, 0, first.to_look_at)
    assert [row["新类别"] for row in rewritten] == [row["新类别"] for row in written]
    assert [row["新主办"] for row in rewritten] == [row["新主办"] for row in written]
    assert list(rewritten[0]) == list(written[0])


# --- files ---


@pytest.fixture
def backlog(tmp_path: Path) -> Path:
    """Six letters: one of each kind of change, one that cannot be read."""
    return table(
        tmp_path / "旧表.csv",
        letter(FEES, "收费投诉"),
        letter(PLACES, "招生入学"),
        letter(PAY, "教师事务", 标题="工资"),
        letter(FEES, "教师待遇"),
        {"编号": "x", "内容": "", "类别": "教育收费"},
        letter(PAY, "教育收费", 人工类别="教育收费"),
    )


def test_a_dry_run_writes_nothing_and_counts_the_same(again: Again, backlog: Path, tmp_path: Path) -> None:
    before = sorted(tmp_path.iterdir())
    dry = again(backlog)
    assert sorted(tmp_path.iterdir()) == before
    assert dry.files == ()
    wet = again(backlog, tmp_path / "new.xlsx")
    assert replace(wet, files=()) == dry
    assert (dry.rows_in, dry.rows_out, len(dry.rejected)) == (6, 5, 1)
    assert (dry.moved, dry.to_look_at, dry.same) == (2, 1, 2)


def test_the_workbook_says_what_moved(again: Again, backlog: Path, tmp_path: Path) -> None:
    out = default_output(backlog)
    assert out == tmp_path / "旧表.reclassified.xlsx"
    report = again(backlog, out)
    assert report.files == (out, tmp_path / "旧表.reclassified.人工查看.xlsx")
    assert openpyxl.load_workbook(out).sheetnames == ["信件", "类别变动", "汇总", "未处理的行"]
    assert len(cells(out, "信件")) == 1 + report.rows_out
    assert cells(out, "类别变动")[1:] == [
        ("原类别", "新类别", "件数", "已改", "待人工查看"),
        ("收费投诉", "教育收费", 1, 1, 0),
        ("教师事务", "教师待遇", 1, 0, 1),
        ("教师待遇", "教育收费", 1, 1, 0),
    ]
    totals = [tuple(cell for cell in row if cell is not None) for row in cells(out, "汇总")]
    for row in (("改类", 2), ("人工查看", 1), ("类别拆分", 1, 0, 0, 1), ("已确认", 1, 0, 0, 0), ("未处理行数", 1)):
        assert row in totals
    assert ("教师事务", "教师待遇、教师招聘人事", "2026-09-01", "分开统计") in totals
    assert cells(out, "未处理的行")[1][4] == "标题和内容都是空的"


def test_the_list_of_those_to_look_at_is_ready_to_be_answered(again: Again, backlog: Path, tmp_path: Path) -> None:
    again(backlog, tmp_path / "new.xlsx")
    path = list_output(tmp_path / "new.xlsx")
    header, row = cells(path, "人工查看")
    said = dict(zip(header, row, strict=True))
    assert (said["标题"], said["内容"], said["原类别"], said["建议类别"]) == ("工资", PAY, "教师事务", "教师待遇")
    # Nothing stands in the answer, or the proposal would be waved through.
    assert said["人工类别"] is None
    book = openpyxl.load_workbook(path)
    (rule,) = book["人工查看"].data_validations.dataValidation
    assert rule.formula1.strip('"').split(",") == list(NAMES.values())
    column = header.index("人工类别") + 1
    assert str(rule.sqref) == f"{openpyxl.utils.get_column_letter(column)}2"
    # Filled in, it is a file of labels, and with these the letter is settled.
    book["人工查看"].cell(2, column).value = "教师招聘人事"
    book.save(path)
    labelled = read_labelled([path], taxonomy=CONFIG.taxonomy)
    assert [each.label.primary for each in labelled.messages] == ["staffing"]
    report = again(backlog, confirmed=confirmed_labels(labelled.messages))
    assert (report.to_look_at, ("教师事务", "教师招聘人事", 1, 0) in moves(report)) == (0, True)


def test_where_nobody_need_look_there_is_no_list(again: Again, tmp_path: Path) -> None:
    out = tmp_path / "new.xlsx"
    again(table(tmp_path / "old.csv", letter(PAY, "教师事务")), out)
    assert list_output(out).exists()
    report = again(table(tmp_path / "old.csv", letter(PAY, "教师待遇")), out, force=True)
    assert report.files == (out,)
    assert not list_output(out).exists()


def test_what_stands_there_is_not_written_over(again: Again, backlog: Path, tmp_path: Path) -> None:
    out = tmp_path / "new.csv"
    list_output(out).write_text("answers")
    with pytest.raises(InputError, match="exists already"):
        again(backlog, out)
    assert (list_output(out).read_text(), out.exists()) == ("answers", False)
    with pytest.raises(InputError, match="is the table itself"):
        again(backlog, backlog, force=True)
    assert backlog.read_text(encoding="utf-8").startswith("编号")
    again(backlog, tmp_path / "a.xlsx")
    listed = list_output(tmp_path / "a.xlsx")
    with pytest.raises(InputError, match="is the table itself"):
        again(listed, tmp_path / "a.xlsx", force=True, columns={Role.CATEGORY: "原类别"})
    assert not [path for path in tmp_path.iterdir() if path.suffix == ".tmp"]


def test_a_result_that_cannot_be_moved_into_place_leaves_no_list(
    again: Again, backlog: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, move = tmp_path / "new.xlsx", Path.replace

    def locked(self: Path, target: Path) -> Path:
        if target == out:
            raise PermissionError("open in another program")
        return move(self, target)

    monkeypatch.setattr(Path, "replace", locked)
    with pytest.raises(InputError, match="open in another program"):
        again(backlog, out)
    assert sorted(path.name for path in tmp_path.iterdir()) == [backlog.name]


def test_a_table_of_old_encoding_is_read(again: Again, backlog: Path, tmp_path: Path) -> None:
    gbk = tmp_path / "gbk.csv"
    gbk.write_bytes(backlog.read_bytes().decode("utf-8").encode("gb18030"))
    assert again(gbk).moves == again(backlog).moves


def test_other_formats_are_read_and_written(again: Again, backlog: Path, tmp_path: Path) -> None:
    rows = read(backlog)
    jsonl, parquet = tmp_path / "a.jsonl", tmp_path / "a.parquet"
    jsonl.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    pq.write_table(pa.Table.from_pylist(rows), parquet)
    wanted = again(backlog).moves
    for source, out in ((jsonl, tmp_path / "b.parquet"), (parquet, tmp_path / "c.jsonl")):
        assert again(source, out).moves == wanted
        assert again(out).to_look_at == 1


def test_a_scored_table_is_compared_with_itself(again: Again, make: Make, backlog: Path, tmp_path: Path) -> None:
    """Whatever stood in the register, it is the program's later category that counts, and it has not changed."""
    scored = tmp_path / "scored.xlsx"
    score_table(backlog, scored, pipeline=make(), config=CONFIG, on=ON)
    report = again(scored, tmp_path / "new.xlsx")
    assert set(whys(report)) == {Why.CONFIRMED, Why.SAME}
    assert (report.moved, report.rerouted, report.to_look_at, report.same) == (0, 0, 0, 5)


def test_sheets_may_name_their_categories_differently(again: Again, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    first, second = book.active, book.create_sheet("二月")
    rows: tuple[tuple[Any, Sequence[str]], ...] = (
        (first, ("编号", "内容", "类别")),
        (first, ("1", FEES, "教育收费")),
        (second, ("编号", "内容", "一级分类", "人工类别")),
        (second, ("2", PAY, "教育收费", "")),
        (second, ("3", FEES, "教育收费", "廉政建设")),
    )
    for sheet, row in rows:
        sheet.append(row)
    book.save(tmp_path / "old.xlsx")
    report = again(tmp_path / "old.xlsx")
    assert moves(report) == [("教育收费", "廉政建设", 1, 0), ("教育收费", "教师待遇", 1, 0)]


def test_the_column_of_categories_can_be_named(again: Again, tmp_path: Path) -> None:
    old = table(tmp_path / "old.csv", {"内容": FEES, "旧归类": "学校收费投诉", "类别": "廉政建设"})
    report = again(old, columns={Role.CATEGORY: "旧归类"})
    assert moves(report) == [("收费投诉", "教育收费", 1, 0)]
    with pytest.raises(InputError, match="there is no column 「旧分类」"):
        again(old, columns={Role.CATEGORY: "旧分类"})


def test_a_persons_category_counts_beside_a_named_column(again: Again, tmp_path: Path) -> None:
    old = table(tmp_path / "old.csv", {"内容": FEES, "旧归类": "教育收费", "人工类别": "廉政建设"})
    report = again(old, columns={Role.CATEGORY: "旧归类"})
    assert moves(report) == [("教育收费", "廉政建设", 1, 0)]


def test_a_table_without_categories_is_refused(again: Again, tmp_path: Path) -> None:
    old = table(tmp_path / "old.csv", {"编号": "1", "内容": FEES})
    with pytest.raises(
        InputError, match="has no column with the categories of before; the columns are: 编号, 内容"
    ) as no:
        again(old, tmp_path / "new.xlsx")
    assert "triage score" in str(no.value)
    assert not (tmp_path / "new.xlsx").exists()
