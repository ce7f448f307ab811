"""A table in, a table out: no row is lost, nothing of the clerk's is changed, and the answers stand to the right."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest

from triage import scoring
from triage.classifier import PetitionClassifier
from triage.config import load_config
from triage.errors import InputError
from triage.pipeline import Pipeline
from triage.schema import ReviewReason
from triage.scoring import COLUMNS, REASON_WORDS, ROLE_NAMES, ScoringReport, default_output, score_table
from triage.tables import Role, Table
from triage.tokens import Tokenizer

DATA = Path(__file__).parents[1] / "data"
WORKBOOK = DATA / "samples" / "市长信箱导出.xlsx"
CONFIG = load_config(DATA)
OURS = [column.name for column in COLUMNS]
ORIGINAL = ["留言编号", "留言用户", "留言主题", "留言时间", "留言详情", "来源"]

Score = Callable[..., ScoringReport]
Row = dict[str, Any]


@pytest.fixture(scope="session")
def pipeline(tokenizer: Tokenizer, small_classifier: PetitionClassifier) -> Pipeline:
    return Pipeline(config=CONFIG, tokenizer=tokenizer, classifier=small_classifier, model_version="0007")


@pytest.fixture
def score(pipeline: Pipeline) -> Score:
    def run(path: Path, out: Path, **options: Any) -> ScoringReport:
        return score_table(path, out, pipeline=pipeline, config=CONFIG, on=date(2026, 10, 1), **options)

    return run


@pytest.fixture(scope="module")
def sample(pipeline: Pipeline, tmp_path_factory: pytest.TempPathFactory) -> tuple[ScoringReport, Any]:
    """The sample inbox, scored once into a workbook."""
    out = tmp_path_factory.mktemp("sample") / "out.xlsx"
    report = score_table(WORKBOOK, out, pipeline=pipeline, config=CONFIG, on=date(2026, 10, 1))
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
    assert book.sheetnames == ["信件", "汇总", "未处理的行"]
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
    for title in ("按类别", "按主办", "按属地"):
        assert sum(row[1] for row in found[title]) == report.rows_out, title
    assert sum(row[2] for row in found["按类别"]) == report.for_review
    rows = sheet(book, "信件")
    review = rows[0].index("需人工复核")
    assert sum(row[review] == "是" for row in rows[1:]) == report.for_review


def test_the_totals_count_what_the_rows_say(sample: tuple[ScoringReport, Any]) -> None:
    header, *rows = sheet(sample[1], "信件")
    found = totals(sample[1])
    for title, column in (("按类别", "类别"), ("按主办", "主办")):
        written = [row[header.index(column)] for row in rows]
        assert {row[0]: row[1] for row in found[title]} == {name: written.count(name) for name in set(written)}
    reasons = [reason for row in rows for reason in (row[header.index("复核原因")] or "").split("；") if reason]
    counted = {row[0]: row[1] for row in found["复核原因（一件可有多项）"]}
    assert counted == {reason: reasons.count(reason) for reason in set(reasons)}


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


def test_a_doubtful_row_is_coloured_and_no_other(sample: tuple[ScoringReport, Any]) -> None:
    book = sample[1]["信件"]
    review = [cell.value for cell in book[1]].index("需人工复核")
    for row in book.iter_rows(min_row=2):
        assert (row[0].fill.fgColor.rgb == "FFFFF2CC") == (row[review].value == "是")


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
def test_the_answers_do_not_depend_on_the_batch(
    score: Score, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    score(WORKBOOK, tmp_path / "whole.csv")
    monkeypatch.setattr(scoring, "BATCH", size)
    score(WORKBOOK, tmp_path / "parts.csv")
    assert (tmp_path / "parts.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_the_answers_do_not_depend_on_the_order(score: Score, tmp_path: Path) -> None:
    score(WORKBOOK, tmp_path / "first.csv")
    rows = read(tmp_path / "first.csv")
    turned = table(tmp_path / "turned.csv", ORIGINAL, *[[row[name] for name in ORIGINAL] for row in rows[::-1]])
    score(turned, tmp_path / "second.csv")

    def told(found: list[Row]) -> list[list[str]]:
        return [[row["留言编号"], *(row[name] for name in OURS)] for row in found]

    assert told(read(tmp_path / "second.csv")) == told(rows)[::-1]


def test_progress_is_told_batch_by_batch(score: Score, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scoring, "BATCH", 20)
    done: list[int] = []
    seen: list[Table] = []
    score(WORKBOOK, tmp_path / "out.csv", progress=done.append, opened=seen.append)
    assert done == sorted(done)
    assert (len(done), done[-1]) == (4, 67)
    assert [found.row_count for found in seen] == [67]


# --- A person's word ---


def test_a_persons_category_goes_before_the_models(score: Score, tmp_path: Path) -> None:
    source = table(
        tmp_path / "in.csv",
        ["编号", "内容", "人工类别"],
        ["1", "学校乱收费三百元", "教师待遇"],
        ["2", "学校乱收费三百元", ""],
        ["3", "学校乱收费三百元", "pay"],
    )
    score(source, tmp_path / "out.csv")
    rows = read(tmp_path / "out.csv")
    assert [row["类别"] for row in rows] == ["教师待遇", "教育收费", "教师待遇"]
    assert [row["置信度"] == "人工" for row in rows] == [True, False, True]
    assert [row["主办"] for row in rows] == ["人事科", "财务科", "人事科"]
    assert rows[0]["需人工复核"] == ""
    assert "教育收费" in rows[0]["备选"]


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
    again = table(tmp_path / "again.csv", [*row, "人工类别"], [*row.values(), "教师待遇"])
    score(again, tmp_path / "second.csv")
    (second,) = read(tmp_path / "second.csv")
    assert (second["类别"], second["类别_2"]) == ("教育收费", "教师待遇")


def test_of_our_own_workbook_only_the_letters_are_read_again(score: Score, tmp_path: Path) -> None:
    score(WORKBOOK, tmp_path / "out.xlsx")
    report = score(tmp_path / "out.xlsx", tmp_path / "again.csv")
    assert (report.rows_in, report.rejected) == (66, ())


# --- Personal data ---


def test_no_number_of_a_person_is_shown_as_evidence(score: Score, tmp_path: Path) -> None:
    numbers = ["13800001234", "360899190001010029", "１３９００００５６７８", "0796-8000000"]
    text = "".join(f"学校乱收费，我的号码{number}，老师也知道{number}。" for number in numbers)
    source = table(tmp_path / "in.csv", ["编号", "标题", "内容"], ["1", f"乱收费 {numbers[0]}", text])
    score(source, tmp_path / "out.csv")
    (row,) = read(tmp_path / "out.csv")
    assert "收费" in row["依据"]
    assert not re.search(r"\d", row["依据"])


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
    assert "人工类别无法识别" in read(tmp_path / "out.csv")[0]["复核原因"]


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


def test_a_run_that_fails_half_way_leaves_the_older_result(
    score: Score, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = table(tmp_path / "in.csv", ["内容"], *[[f"第{number}封信说学校乱收费"] for number in range(30)])
    (tmp_path / "out.csv").write_text("older", encoding="utf-8")
    monkeypatch.setattr(scoring, "BATCH", 10)

    def stop(rows: int) -> None:
        if rows == 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        score(source, tmp_path / "out.csv", force=True, progress=stop)
    assert (tmp_path / "out.csv").read_text(encoding="utf-8") == "older"
    assert {path.name for path in tmp_path.iterdir()} == {"in.csv", "out.csv"}
