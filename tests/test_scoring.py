"""A table in, a table out: no row is lost, nothing of the clerk's is changed, and the answers stand to the right."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest

from triage.classifier import PetitionClassifier
from triage.config import CategoryRule, Clock, Config, load_config
from triage.errors import InputError
from triage.forms import REASON_WORDS, URGENT_COLUMNS, Form, shown_confidence
from triage.pipeline import Pipeline
from triage.schema import Channel, Message, ReviewReason
from triage.scoring import ROLE_NAMES, ScoringReport, default_output, score_table
from triage.tables import Role, Table
from triage.thresholds import Proof, Threshold
from triage.tokens import Tokenizer

DATA = Path(__file__).parents[1] / "data"
WORKBOOK = DATA / "samples" / "市长信箱导出.xlsx"
CONFIG = load_config(DATA)
OURS = [column.name for column in Form(CONFIG).columns]
ORIGINAL = ["留言编号", "留言用户", "留言主题", "留言时间", "留言详情", "来源"]

ON = date(2026, 10, 1)
UNPROVEN = REASON_WORDS[ReviewReason.UNPROVEN]

Score = Callable[..., ScoringReport]
Make = Callable[..., Pipeline]
Row = dict[str, Any]


@pytest.fixture(scope="session")
def make(tokenizer: Tokenizer, small_classifier: PetitionClassifier) -> Make:
    """A pipeline with the small classifier, for a configuration and with a proof if there is one."""

    def pipeline(config: Config = CONFIG, proof: Proof | None = None) -> Pipeline:
        return Pipeline(
            config=config, tokenizer=tokenizer, classifier=small_classifier, model_version="0007", proof=proof
        )

    return pipeline


@pytest.fixture(scope="session")
def proof(small_classifier: PetitionClassifier) -> Proof:
    """From 0.9001 on every category may go without a person, save one."""
    thresholds = [
        Threshold(category, 0.9001, examples=40, automatic=30, errors=1, error_bound=0.149)
        for category in small_classifier.categories
        if category != "integrity"
    ]
    unproven = Threshold("integrity", None, examples=7, automatic=0, errors=0, error_bound=1.0)
    return Proof(
        max_error=0.05,
        certainty=0.95,
        messages=500,
        automatic=300,
        errors=7,
        error_bound=0.0435,
        thresholds=(*thresholds, unproven),
    )


@pytest.fixture
def score(make: Make) -> Score:
    """Scores by a model of which nothing is proven; as a bureau of that configuration if one is given."""

    def run(path: Path, out: Path, *, config: Config = CONFIG, **options: Any) -> ScoringReport:
        return score_table(path, out, pipeline=make(config), config=config, on=ON, **options)

    return run


@pytest.fixture(scope="module")
def sample(make: Make, proof: Proof, tmp_path_factory: pytest.TempPathFactory) -> tuple[ScoringReport, Any]:
    """The sample inbox, scored once into a workbook by a model of which something is proven."""
    out = tmp_path_factory.mktemp("sample") / "out.xlsx"
    report = score_table(WORKBOOK, out, pipeline=make(proof=proof), config=CONFIG, on=ON)
    return report, openpyxl.load_workbook(out)


def table(path: Path, *rows: Sequence[str]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)
    return path


def read(path: Path, delimiter: str = ",") -> list[Row]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream, delimiter=delimiter))


def sheet(book: Any, name: str) -> list[tuple[Any, ...]]:
    return list(book[name].iter_rows(values_only=True))


def records(book: Any, name: str) -> list[Row]:
    """The rows of a sheet by its header, with an empty text where a cell holds nothing."""
    header, *rows = sheet(book, name)
    return [{str(key): "" if cell is None else cell for key, cell in zip(header, row, strict=True)} for row in rows]


def colour(cell: Any) -> str:
    return str(cell.fill.fgColor.rgb) if cell.fill.fill_type else ""


def totals(book: Any) -> dict[str, list[tuple[Any, ...]]]:
    """The tables of the second sheet, by title, without their headings."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    title = None
    for row in sheet(book, "汇总"):
        cells = tuple(cell for cell in row if cell is not None)
        if not cells:
            title = None
        elif title is None:
            title = str(cells[0])
            found[title] = []
        else:
            found[title].append(cells)
    return {name: rows[1:] for name, rows in found.items()}


# --- The sample inbox ---


def test_every_row_is_answered_or_named(sample: tuple[ScoringReport, Any]) -> None:
    report, book = sample
    assert (report.rows_in, report.rows_out, len(report.rejected)) == (67, 66, 1)
    assert book.sheetnames == ["信件", "紧急件", "汇总", "未处理的行"]
    assert len(sheet(book, "信件")) == 1 + report.rows_out
    assert report.model_version == "0007"


def test_the_original_columns_come_first_and_are_untouched(sample: tuple[ScoringReport, Any]) -> None:
    header, *rows = sheet(sample[1], "信件")
    assert list(header) == [*ORIGINAL, *OURS]
    source = openpyxl.load_workbook(WORKBOOK).worksheets[0]
    before = [row[:6] for row in source.iter_rows(min_row=4, values_only=True) if any(row)]
    places = [place for place, name in enumerate(ORIGINAL) if name != "来源"]  # cells merged over rows are filled in
    assert [[row[at] for at in places] for row in rows] == [[row[at] for at in places] for row in before]


def test_the_totals_add_up_to_the_rows(sample: tuple[ScoringReport, Any]) -> None:
    report, book = sample
    found = totals(book)
    for title in ("按类别", "按性质", "按主办", "按属地"):
        assert sum(row[1] for row in found[title]) == report.rows_out, title
    assert sum(row[2] for row in found["按类别"]) == report.for_review
    rows = records(book, "信件")
    assert sum(row["需人工复核"] == "是" for row in rows) == report.for_review
    assert sum(row["紧急"] == "紧急" for row in rows) == report.urgent


def test_every_row_goes_automatically_or_to_a_person(sample: tuple[ScoringReport, Any]) -> None:
    report, book = sample
    about = dict(row for row in totals(book)["本次处理"] if len(row) == 2)
    assert about["自动分派"] + about["需人工复核"] == about["写出行数"] == report.rows_out
    assert about["自动分派"] > 0 < about["需人工复核"]
    assert about["紧急"] == report.urgent > 0


def test_the_totals_count_what_the_rows_say(sample: tuple[ScoringReport, Any]) -> None:
    rows = records(sample[1], "信件")
    found = totals(sample[1])
    for title, column in (("按类别", "类别"), ("按性质", "性质"), ("按主办", "主办")):
        written = [row[column] for row in rows]
        assert {row[0]: row[1] for row in found[title]} == {name: written.count(name) for name in set(written)}
    reasons = [reason for row in rows for reason in row["复核原因"].split("；") if reason]
    counted = {row[0]: row[1] for row in found["复核原因（一件可有多项）"]}
    assert counted == {reason: reasons.count(reason) for reason in set(reasons)}


def test_the_totals_say_what_may_go_without_a_person_and_on_what_that_rests(
    sample: tuple[ScoringReport, Any], proof: Proof
) -> None:
    (title,) = [title for title in totals(sample[1]) if title.startswith("自动分派的门槛")]
    assert title == "自动分派的门槛（允许差错 5%；训练时自动 60.0%，有 95% 的把握差错不超过 4.35%）"
    *rows, last = totals(sample[1])[title]
    names = {category.id: category.name for category in CONFIG.taxonomy.categories}
    assert [row[0] for row in rows] == [names[each.category] for each in proof.thresholds]
    # Rounded up, so that what is shown to reach it does reach it.
    assert rows[0][1:] == (0.901, 30, 1, 40)
    assert rows[-1] == ("廉政建设", "一律人工", 0, 0, 7)
    assert last == ("合计", 300, 7, 500)


def test_only_what_is_proven_goes_without_a_person(sample: tuple[ScoringReport, Any]) -> None:
    rows = records(sample[1], "信件")
    automatic = [row for row in rows if not row["需人工复核"]]
    assert automatic
    assert all(row["置信度"] >= 0.9 and row["类别"] != "廉政建设" and not row["紧急"] for row in automatic)
    assert all(UNPROVEN in row["复核原因"] for row in rows if row["类别"] == "廉政建设")


def test_where_nothing_is_proven_every_row_goes_to_a_person_and_doubts_still_stand_out(
    score: Score, tmp_path: Path
) -> None:
    report = score(WORKBOOK, tmp_path / "out.xlsx")
    assert report.for_review == report.rows_out == 66
    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    rows = records(book, "信件")
    assert all(UNPROVEN in row["复核原因"].split("；") for row in rows)
    coloured = [bool(colour(row[0])) for row in book["信件"].iter_rows(min_row=2)]
    assert coloured == [row["复核原因"] != UNPROVEN for row in rows]
    assert True in coloured and False in coloured
    assert not [title for title in totals(book) if title.startswith("自动分派的门槛")]


def test_the_totals_say_how_the_file_was_understood(sample: tuple[ScoringReport, Any]) -> None:
    report, book = sample
    about = dict(row for row in totals(book)["本次处理"] if len(row) == 2)
    assert about["文件"] == WORKBOOK.name
    assert (about["读入行数"], about["写出行数"], about["未处理行数"]) == (67, 66, 1)
    assert about["需人工复核"] == report.for_review
    assert about["工作表「留言导出」表头行"] == 3
    assert about["工作表「留言导出」内容列"] == "「留言详情」"
    assert about["模型版本"] == "0007"
    assert about["配置"] == CONFIG.fingerprint[:12]
    assert about["未读的工作表"].startswith("说明")


def test_rejected_rows_are_named_with_sheet_and_row(sample: tuple[ScoringReport, Any]) -> None:
    header, row = sheet(sample[1], "未处理的行")
    assert header[:5] == ("文件", "工作表", "行号", "列", "原因")
    assert row[:5] == (str(WORKBOOK), "留言导出", 37, None, "空行")


def test_text_that_looks_like_a_formula_stays_text(sample: tuple[ScoringReport, Any]) -> None:
    book = sample[1]["信件"]
    (cell,) = [cell for cell in book["C"] if str(cell.value).startswith("=")]
    assert (cell.value, cell.data_type) == ("=二年级到底归哪个校区=", "s")


def test_ids_keep_their_zeros(sample: tuple[ScoringReport, Any]) -> None:
    assert [row[0] for row in sheet(sample[1], "信件")[1:]] == [f"00260{number:04}" for number in range(1, 67)]


def test_what_is_urgent_and_what_is_doubtful_is_coloured_and_nothing_else(sample: tuple[ScoringReport, Any]) -> None:
    book = sample[1]["信件"]
    seen = set()
    for cells, row in zip(book.iter_rows(min_row=2), records(sample[1], "信件"), strict=True):
        doubts = set(row["复核原因"].split("；")) - {"", UNPROVEN}
        expected = "FFF8CBAD" if row["紧急"] else "FFFFF2CC" if doubts else ""
        assert {colour(cell) for cell in cells} == {expected}
        seen.add(expected)
    assert len(seen) == 3


# --- The list of the urgent ---


def test_the_urgent_are_listed_with_what_speaks_of_danger_and_a_link_to_each(
    sample: tuple[ScoringReport, Any],
) -> None:
    report, book = sample
    rows = records(book, "信件")
    urgent = [(number, row) for number, row in enumerate(rows, start=2) if row["紧急"] == "紧急"]
    listed = records(book, "紧急件")
    assert list(listed[0]) == ["行", *(column.name for column in URGENT_COLUMNS)]
    assert len(listed) == len(urgent) == report.urgent
    for place, ((number, row), entry) in enumerate(zip(urgent, listed, strict=True), start=2):
        assert book["紧急件"].cell(place, 1).hyperlink.location == f"'信件'!A{number}"
        assert (entry["行"], entry["编号"], entry["事由"]) == (str(number), row["留言编号"], row["留言主题"])
        assert [entry[name] for name in ("类别", "主办", "接收单位", "属地")] == [
            row[name] for name in ("类别", "主办", "接收单位", "属地")
        ]
        due = [row[clock.name] for clock in CONFIG.clocks if row[clock.name]]
        assert entry["最早期限"] == min(due) == row["紧急处置"]
    hurt = next(entry for entry in listed if "住院" in entry["事由"])
    assert "横纹肌溶解" in hurt["危险迹象"].split("、")


def test_the_list_is_seen_first_where_anything_is_urgent(
    sample: tuple[ScoringReport, Any], score: Score, tmp_path: Path
) -> None:
    assert sample[1].active.title == "紧急件"
    report = score(table(tmp_path / "in.csv", ["内容"], ["请问小区划片到哪所小学"]), tmp_path / "out.xlsx")
    calm = openpyxl.load_workbook(tmp_path / "out.xlsx")
    assert (report.urgent, calm.active.title, len(sheet(calm, "紧急件"))) == (0, "信件", 1)


def test_every_row_has_an_office_and_an_answer_in_words(sample: tuple[ScoringReport, Any]) -> None:
    header, *rows = sheet(sample[1], "信件")
    names = {category.name for category in CONFIG.taxonomy.categories}
    offices = {office.name for office in CONFIG.offices}
    for values in rows:
        row = dict(zip(header, values, strict=True))
        assert row["类别"] in names
        assert row["主办"] in offices
        assert 0 < row["置信度"] < 1
        others = [other.split(" ") for other in (row["备选"] or "").split("；") if other]
        assert len(others) <= 2
        assert row["类别"] not in [name for name, _ in others]
        assert all(0.01 <= float(confidence) <= row["置信度"] + 0.01 for _, confidence in others)
        assert (row["需人工复核"] == "是") == bool(row["复核原因"])


# --- Whatever the form of the result ---


def test_every_form_of_the_result_says_the_same(score: Score, tmp_path: Path) -> None:
    source = table(tmp_path / "in.csv", ["编号", "内容"], ["007", "学校乱收费三百元"], ["008", "教师工资拖欠半年"])
    outs = [tmp_path / f"out.{ending}" for ending in ("xlsx", "csv", "tsv", "parquet", "jsonl")]
    assert [score(source, out).files for out in outs] == [(out,) for out in outs]
    header, *rows = sheet(openpyxl.load_workbook(outs[0]), "信件")
    found: dict[str, list[Row]] = {
        "xlsx": [dict(zip(map(str, header), row, strict=True)) for row in rows],
        "csv": read(outs[1]),
        "tsv": read(outs[2], delimiter="\t"),
        "parquet": pq.read_table(outs[3]).to_pylist(),
        "jsonl": [json.loads(line) for line in outs[4].read_text(encoding="utf-8").splitlines()],
    }

    def told(rows: list[Row]) -> list[dict[str, str]]:
        return [{key: "" if value is None else str(value) for key, value in row.items()} for row in rows]

    assert told(found["csv"])[0]["编号"] == "007"
    for ending, rows in found.items():
        assert told(rows) == told(found["csv"]), ending


def test_rejected_rows_lie_beside_a_result_that_is_no_workbook(score: Score, tmp_path: Path) -> None:
    source = table(tmp_path / "in.csv", ["编号", "内容"], ["1", "学校乱收费"], ["2", ""])
    report = score(source, tmp_path / "out.csv")
    assert report.files == (tmp_path / "out.csv", tmp_path / "out.rejected.csv")
    (row,) = read(tmp_path / "out.rejected.csv")
    assert (row["行号"], row["原因"]) == ("3", "标题和内容都是空的")


@pytest.mark.parametrize(("name", "expected"), [("信.xlsx", "信.triaged.xlsx"), ("a.b.csv", "a.b.triaged.xlsx")])
def test_where_the_result_goes_when_nobody_says(name: str, expected: str) -> None:
    assert default_output(Path("x") / name) == Path("x") / expected


# --- The same answers in any batch and order ---


@pytest.mark.parametrize("size", [1, 7])
def test_the_answers_do_not_depend_on_the_batch(score: Score, tmp_path: Path, size: int) -> None:
    score(WORKBOOK, tmp_path / "whole.csv")
    score(WORKBOOK, tmp_path / "parts.csv", batch=size)
    assert (tmp_path / "parts.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_the_answers_do_not_depend_on_the_order(score: Score, tmp_path: Path) -> None:
    score(WORKBOOK, tmp_path / "first.csv")
    rows = read(tmp_path / "first.csv")
    turned = table(tmp_path / "turned.csv", ORIGINAL, *[[row[name] for name in ORIGINAL] for row in rows[::-1]])
    score(turned, tmp_path / "second.csv")

    def told(found: list[Row]) -> list[list[str]]:
        return [[row["留言编号"], *(row[name] for name in OURS)] for row in found]

    assert told(read(tmp_path / "second.csv")) == told(rows)[::-1]


def test_progress_is_told_batch_by_batch(score: Score, tmp_path: Path) -> None:
    done: list[int] = []
    seen: list[Table] = []
    score(WORKBOOK, tmp_path / "out.csv", progress=done.append, opened=seen.append, batch=20)
    assert done == sorted(done)
    assert (len(done), done[-1]) == (4, 67)
    assert [found.row_count for found in seen] == [67]


# --- A person's word ---


def test_a_persons_category_goes_before_the_models(score: Score, make: Make, tmp_path: Path) -> None:
    text = "学校乱收费三百元"
    source = table(
        tmp_path / "in.csv",
        ["编号", "内容", "人工类别"],
        ["1", text, "教师待遇"],
        ["2", text, ""],
        ["3", text, "pay"],
    )
    score(source, tmp_path / "out.csv")
    rows = read(tmp_path / "out.csv")
    assert [row["类别"] for row in rows] == ["教师待遇", "教育收费", "教师待遇"]
    assert [row["判定"] for row in rows] == ["人工", "模型", "人工"]
    assert [row["主办"] for row in rows] == ["人事科", "财务科", "人事科"]
    assert [row["需人工复核"] for row in rows] == ["", "是", ""]
    assert "教育收费" in rows[0]["备选"]
    (case,) = make().triage([Message("1", "", text)], on=ON)
    given = {each.category: each.confidence for each in case.prediction.ranked}
    assert [float(row["置信度"]) for row in rows] == [
        shown_confidence(given[category]) for category in ("pay", "fees", "pay")
    ]


def test_a_rule_of_the_bureau_goes_before_the_model_and_a_person_before_the_rule(
    score: Score, make: Make, tmp_path: Path
) -> None:
    rule = CategoryRule("prepaid", "fees", ("拖欠", "预收费"), basis="某通知")
    text = "教师工资拖欠半年没有发，学校说预收费还没到账"
    source = table(
        tmp_path / "in.csv",
        ["编号", "内容", "人工类别"],
        ["1", text, ""],
        ["2", text, "廉政建设"],
        ["3", "教师工资拖欠半年没有发", ""],
    )
    config = replace(CONFIG, rules=(rule,))
    score(source, tmp_path / "out.csv", config=config)
    rows = read(tmp_path / "out.csv")
    assert [(row["类别"], row["判定"], row["主办"]) for row in rows] == [
        ("教育收费", "规则", "财务科"),
        ("廉政建设", "人工", "派驻纪检监察组"),
        ("教师待遇", "模型", "人事科"),
    ]
    (without,) = make().triage([Message("1", "", text)], on=ON)
    assert without.prediction.primary == "pay"
    given = {each.category: each.confidence for each in without.prediction.ranked}
    assert float(rows[0]["置信度"]) == shown_confidence(given["fees"])
    assert rows[0]["备选"].startswith("教师待遇 ")
    assert UNPROVEN not in rows[0]["复核原因"]


@pytest.mark.parametrize("heading", ["人工类别 ", "人工类别（必填）", "人工类别："])
def test_the_persons_column_is_known_however_it_is_headed(score: Score, tmp_path: Path, heading: str) -> None:
    source = table(tmp_path / "in.csv", ["编号", "内容", heading], ["1", "学校乱收费三百元", "教师待遇"])
    score(source, tmp_path / "out.csv")
    assert read(tmp_path / "out.csv")[0]["类别"] == "教师待遇"


def test_a_category_that_no_person_put_in_decides_nothing(score: Score, tmp_path: Path) -> None:
    source = table(tmp_path / "in.csv", ["编号", "内容", "类别"], ["1", "学校乱收费三百元", "教师待遇"])
    score(source, tmp_path / "out.csv")
    (row,) = read(tmp_path / "out.csv")
    assert (row["类别"], row["类别_2"]) == ("教师待遇", "教育收费")


def test_our_own_result_with_a_persons_column_can_be_scored_again(score: Score, tmp_path: Path) -> None:
    source = table(tmp_path / "in.csv", ["编号", "内容"], ["1", "学校乱收费三百元"])
    score(source, tmp_path / "out.csv")
    (row,) = read(tmp_path / "out.csv")
    assert row["人工类别"] == ""
    filled_in = row | {"人工类别": "教师待遇"}
    score(table(tmp_path / "again.csv", [*filled_in], [*filled_in.values()]), tmp_path / "second.csv")
    (second,) = read(tmp_path / "second.csv")
    assert (second["类别"], second["类别_2"]) == ("教育收费", "教师待遇")
    assert [name for name in second if name.startswith("人工类别")] == ["人工类别"]


def test_a_persons_column_that_a_clerk_added_beside_ours_is_read(score: Score, tmp_path: Path) -> None:
    source = table(tmp_path / "in.csv", ["编号", "内容"], ["1", "学校乱收费三百元"])
    score(source, tmp_path / "out.csv")
    (row,) = read(tmp_path / "out.csv")
    again = table(tmp_path / "again.csv", [*row, "人工类别"], [*row.values(), "教师待遇"])
    score(again, tmp_path / "second.csv")
    (second,) = read(tmp_path / "second.csv")
    assert (second["类别"], second["类别_2"]) == ("教育收费", "教师待遇")


def test_a_persons_category_may_be_picked_from_a_list_beside_the_programs(sample: tuple[ScoringReport, Any]) -> None:
    letters = sample[1]["信件"]
    header = [cell.value for cell in letters[1]]
    assert header.index("人工类别") == header.index("类别") + 1
    (rule,) = letters.data_validations.dataValidation
    column = openpyxl.utils.get_column_letter(header.index("人工类别") + 1)
    assert str(rule.sqref) == f"{column}2:{column}67"
    assert rule.formula1 == f'"{",".join(category.name for category in CONFIG.taxonomy.categories)}"'


def test_a_persons_column_that_is_there_already_stays_where_it_is(score: Score, tmp_path: Path) -> None:
    source = table(tmp_path / "in.csv", ["人工类别：", "内容"], ["教师待遇", "学校乱收费三百元"])
    score(source, tmp_path / "out.xlsx")
    letters = openpyxl.load_workbook(tmp_path / "out.xlsx")["信件"]
    header = [str(cell.value) for cell in letters[1]]
    assert [name for name in header if "人工类别" in name] == ["人工类别："]
    assert header[:3] == ["人工类别：", "内容", "类别"]
    assert [str(rule.sqref) for rule in letters.data_validations.dataValidation] == ["A2"]


def test_what_the_program_wrote_stays_beside_what_a_clerk_may_change(score: Score, tmp_path: Path) -> None:
    source = table(
        tmp_path / "in.csv", ["内容", "人工类别"], ["学校乱收费三百元", ""], ["学校乱收费四百元", "教师待遇"]
    )
    score(source, tmp_path / "out.csv")
    rows = read(tmp_path / "out.csv")
    assert [(row["类别"], row["机器类别"]) for row in rows] == [("教育收费", "教育收费"), ("教师待遇", "教师待遇")]
    assert list(rows[0])[-1] == "机器类别"


def test_of_our_own_workbook_only_the_letters_are_read_again(
    score: Score, make: Make, proof: Proof, tmp_path: Path
) -> None:
    first = score_table(WORKBOOK, tmp_path / "out.xlsx", pipeline=make(proof=proof), config=CONFIG, on=ON)
    assert first.urgent > 0
    seen: list[Table] = []
    report = score(tmp_path / "out.xlsx", tmp_path / "again.csv", opened=seen.append)
    assert (report.rows_in, report.rejected) == (66, ())
    assert [info.name for info in seen[0].sheets] == ["信件"]
    assert [each.partition(":")[0] for each in seen[0].skipped] == ["紧急件", "汇总", "未处理的行"]


# --- Due dates ---


LETTER = "学校乱收费三百元，请查处并退还。"


def test_a_channel_holds_for_the_rows_that_name_none(score: Score, tmp_path: Path) -> None:
    source = table(
        tmp_path / "in.csv",
        ["编号", "时间", "来源", "内容"],
        ["1", "2026-09-01", "", LETTER],
        ["2", "2026-09-01", "来信", LETTER],
    )
    score(source, tmp_path / "named.csv", channel=Channel.MAYOR_MAILBOX)
    score(source, tmp_path / "unnamed.csv")
    unnamed, letter, other, same = [*read(tmp_path / "unnamed.csv"), *read(tmp_path / "named.csv")]
    assert [row["来源"] for row in (other, same)] == ["", "来信"]
    assert (other["办结"], same["办结"]) == ("2026-09-08", "2026-10-31")
    assert "本市市长信箱办理规定：收到之日起5个工作日内" in other["期限依据"]
    assert same == letter
    assert unnamed["办结"] == "2026-10-31"


def test_a_bureaus_own_clock_has_a_column_of_its_own(score: Score, tmp_path: Path) -> None:
    own = Clock("visit-back", "回访", 10, "working", "received", "本局回访办法")
    source = table(tmp_path / "in.csv", ["时间", "内容"], ["2026-09-01", LETTER], ["", LETTER])
    score(source, tmp_path / "out.csv", config=replace(CONFIG, clocks=(*CONFIG.clocks, own)))
    dated, undated = read(tmp_path / "out.csv")
    names = ["受理告知", "退件异议", "办结", "紧急处置", "回访"]
    assert [name for name in dated if name in names] == names
    assert (dated["受理告知"], dated["回访"]) == ("2026-09-16", "2026-09-15")
    assert "回访：本局回访办法：收到之日起10个工作日内" in dated["期限依据"]
    assert [undated[name] for name in (*names, "期限依据")] == [""] * 6


def test_a_bureau_without_clocks_has_no_columns_for_them(score: Score, tmp_path: Path) -> None:
    source = table(tmp_path / "in.csv", ["时间", "内容"], ["2026-09-01", LETTER])
    score(source, tmp_path / "out.csv", config=replace(CONFIG, clocks=()))
    (row,) = read(tmp_path / "out.csv")
    assert {clock.name for clock in CONFIG.clocks}.isdisjoint(row)
    assert (row["类别"], row["期限依据"]) == ("教育收费", "")


# --- Personal data ---


def test_no_number_of_a_person_is_shown_in_what_we_add(score: Score, tmp_path: Path) -> None:
    numbers = ["13800001234", "360899190001010029", "１３９００００５６７８", "0796-8000000"]
    text = "".join(f"学校乱收费，我的号码{number}，老师打我孩子{number}骨折。" for number in numbers)
    source = table(tmp_path / "in.csv", ["编号", "标题", "内容"], ["1", f"乱收费 {numbers[0]}", text])
    assert score(source, tmp_path / "out.csv").urgent == 1
    (row,) = read(tmp_path / "out.csv")
    assert "收费" in row["依据"]
    assert not re.search(r"\d", row["依据"])
    assert not any(number in row[name] for number in numbers for name in OURS)
    score(source, tmp_path / "out.xlsx")
    (listed,) = records(openpyxl.load_workbook(tmp_path / "out.xlsx"), "紧急件")
    assert "骨折" in listed["危险迹象"]
    assert not any(number in listed["危险迹象"] for number in numbers)


# --- Settings ---


def test_columns_may_be_named(score: Score, tmp_path: Path) -> None:
    source = table(tmp_path / "in.csv", ["号", "群众说了什么"], ["甲1", "学校乱收费三百元"])
    with pytest.raises(InputError, match="号, 群众说了什么"):
        score(source, tmp_path / "out.csv")
    score(source, tmp_path / "out.csv", columns={Role.TEXT: "群众说了什么"})
    assert read(tmp_path / "out.csv")[0]["类别"] == "教育收费"


def test_one_sheet_alone_may_be_read(score: Score, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for name in ("一月", "二月"):
        book.create_sheet(name).append(["内容"])
        book[name].append([f"{name}学校乱收费"])
    book.remove(book.worksheets[0])
    book.save(tmp_path / "in.xlsx")
    assert score(tmp_path / "in.xlsx", tmp_path / "both.csv").rows_out == 2
    assert score(tmp_path / "in.xlsx", tmp_path / "one.csv", sheet="二月").rows_out == 1


def test_a_place_is_shown_by_its_listed_name(score: Score, tmp_path: Path) -> None:
    source = table(tmp_path / "in.csv", ["内容"], ["泰和的学校乱收费三百元"], ["学校乱收费三百元"])
    score(source, tmp_path / "out.csv")
    assert [row["属地"] for row in read(tmp_path / "out.csv")] == ["泰和县", ""]


def test_of_places_that_are_not_listed_the_county_is_shown(score: Score, tmp_path: Path) -> None:
    letters = table(tmp_path / "in.csv", ["编号", "内容"], ["1", "B市的B3区有个培训机构不退学费"])
    score(letters, tmp_path / "out.csv")
    assert [row["属地"] for row in read(tmp_path / "out.csv")] == ["B3区"]


def test_a_persons_category_that_cannot_be_read_goes_back_to_a_person(score: Score, tmp_path: Path) -> None:
    letters = table(tmp_path / "in.csv", ["编号", "内容", "人工类别"], ["1", "老师收补课费八百元", "教师代遇"])
    report = score(letters, tmp_path / "out.csv")
    assert report.for_review == 1
    assert "人工填写无法识别" in read(tmp_path / "out.csv")[0]["复核原因"]


def test_a_persons_nature_and_urgency_stand_in_the_result(score: Score, tmp_path: Path) -> None:
    header = ["编号", "内容", "人工性质", "人工紧急"]
    letter = "老师收补课费八百元，请查处"
    rows = [
        ["1", letter, "咨询", "是"],
        ["2", letter, "检举控告", "否"],
        ["3", letter, "", ""],
        ["4", letter, "质问", "否"],
    ]
    score(table(tmp_path / "in.csv", header, *rows), tmp_path / "out.csv")
    found = read(tmp_path / "out.csv")
    assert [row["性质"] for row in found[:2]] == ["咨询", "检举控告"]
    assert [row["紧急"] for row in found[:2]] == ["紧急", ""]
    assert found[2]["性质"] == found[3]["性质"]
    assert ["人工填写无法识别" in row["复核原因"] for row in found] == [False, False, False, True]


def test_every_role_and_reason_has_its_word() -> None:
    assert set(ROLE_NAMES) == set(Role)
    assert set(REASON_WORDS) == set(ReviewReason)


# --- Nothing is half done ---


def test_the_result_never_takes_the_place_of_the_table_itself(score: Score, tmp_path: Path) -> None:
    source = table(tmp_path / "in.csv", ["内容"], ["学校乱收费"])
    before = source.read_bytes()
    (tmp_path / "link.csv").hardlink_to(source)
    for out in (source, tmp_path / ".." / tmp_path.name / "in.csv", tmp_path / "link.csv"):
        with pytest.raises(InputError, match=r"is the table itself\. Choose another name with --out\.$"):
            score(source, out, force=True)
    assert source.read_bytes() == before
    assert {path.name for path in tmp_path.iterdir()} == {"in.csv", "link.csv"}


def test_a_run_that_fails_half_way_leaves_the_older_result(score: Score, tmp_path: Path) -> None:
    source = table(tmp_path / "in.csv", ["内容"], *[[f"第{number}封信说学校乱收费"] for number in range(30)])
    (tmp_path / "out.csv").write_text("older", encoding="utf-8")

    def stop(rows: int) -> None:
        if rows == 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        score(source, tmp_path / "out.csv", force=True, progress=stop, batch=10)
    assert (tmp_path / "out.csv").read_text(encoding="utf-8") == "older"
    assert {path.name for path in tmp_path.iterdir()} == {"in.csv", "out.csv"}
