"""Tables of letters in, months out: every row is accounted for, and no letter is quoted."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from triage.classifier import PetitionClassifier
from triage.config import load_config
from triage.drift import DriftRun, Figure, Finding, Month, Verdict, measure_drift
from triage.drift import words as words_module
from triage.drift.sheets import check_output, write_drift
from triage.drift.wording import conclusion
from triage.drift.words import WordCounter
from triage.errors import InputError
from triage.labels import text_hash, text_key
from triage.pipeline import Pipeline
from triage.schema import Alternative, Label, LabelledMessage, Message
from triage.scoring import score_table
from triage.tokens import Tokenizer

DATA = Path(__file__).parents[1] / "data"
CONFIG = load_config(DATA)
NAMES = {category.id: category.name for category in CONFIG.taxonomy.categories}
TODAY = date(2026, 10, 1)
SINCE = date(2026, 1, 1)
HEADER = ("编号", "标题", "内容", "时间", "姓名", "人工类别")

Row = tuple[str, ...]
Measure = Callable[..., DriftRun]


@pytest.fixture(scope="module")
def pipeline(tokenizer: Tokenizer, small_classifier: PetitionClassifier) -> Pipeline:
    return Pipeline(config=CONFIG, tokenizer=tokenizer, classifier=small_classifier, model_version="0007")


@pytest.fixture
def measure(pipeline: Pipeline, tokenizer: Tokenizer) -> Measure:
    def run(*files: Path, since: date = SINCE, **options: Any) -> DriftRun:
        return measure_drift(
            files,
            pipeline=pipeline,
            tokenizer=tokenizer,
            taxonomy=CONFIG.taxonomy,
            since=since,
            today=TODAY,
            **options,
        )

    return run


def table(path: Path, rows: Sequence[Row], header: Row = HEADER) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([header, *rows])
    return path


def letter(number: int, day: str, text: str = "学校乱收费三百元", person: str = "", sender: str = "") -> Row:
    return (str(number), "乱收费", f"{text}，第{number}封", day, sender or f"甲{number}", person)


def month(run: DriftRun, name: str) -> Month:
    return next(each.month for each in run.report.months if each.month.name == name)


# --- What is counted ---


def test_every_row_is_counted_or_named(measure: Measure, tmp_path: Path) -> None:
    rows = [
        letter(1, "2026-03-02"),
        letter(2, "2026-03-04 08:30"),
        letter(3, ""),
        letter(4, "开学那天"),
        letter(5, "2026-12-24"),
        letter(1, "2026-03-02"),
        ("7", "", "", "2026-03-05", "", ""),
    ]
    run = measure(table(tmp_path / "a.csv", rows))
    assert (run.rows_in, run.counted, run.repeated, run.later) == (7, 2, 1, 1)
    assert run.rows_in == run.counted + run.repeated + run.later + len(run.rejected)
    assert [(each.row, each.column, each.reason) for each in run.rejected] == [
        (4, "时间", "没有时间"),
        (5, "时间", "时间无法识别"),
        (8, "内容", "标题和内容都是空的"),
    ]
    assert not any(each.cells for each in run.rejected)
    assert [(each.month.name, each.month.messages) for each in run.report.months] == [
        ("2026-01", 0),
        ("2026-02", 0),
        ("2026-03", 2),
    ]


def test_the_same_letter_in_two_tables_counts_once_with_what_a_person_said_in_either(
    measure: Measure, tmp_path: Path
) -> None:
    raw = [letter(number, "2026-03-02") for number in range(3)]
    decided = [letter(number, "2026-03-02", person="教育收费") for number in range(2)]
    first, second = table(tmp_path / "a.csv", raw), table(tmp_path / "b.csv", decided)
    forth, back = measure(first, second), measure(second, first)
    for run in (forth, back):
        assert (run.counted, run.repeated) == (3, 2)
        assert month(run, "2026-03").accepted.letters == 2
    assert forth.report == back.report


def test_until_is_the_last_day_that_counts(measure: Measure, tmp_path: Path) -> None:
    rows = [letter(number, f"2026-0{number}-10") for number in range(1, 6)]
    run = measure(table(tmp_path / "a.csv", rows), until=date(2026, 3, 10))
    assert (run.counted, run.later) == (3, 2)
    assert [each.month.name for each in run.report.months] == ["2026-01", "2026-02", "2026-03"]


def test_a_table_without_times_and_days_in_the_wrong_order_are_refused(measure: Measure, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("编号,内容\n1,学校乱收费\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"no column for the received_at \(时间\) was recognised"):
        measure(path)
    with pytest.raises(InputError, match="2025-12-31 is before 2026-01-01"):
        measure(path, until=date(2025, 12, 31))


def test_the_months_do_not_depend_on_the_order_of_the_rows(
    measure: Measure, corpus: list[LabelledMessage], tmp_path: Path
) -> None:
    rows = list(sample(corpus, 300))
    first = measure(table(tmp_path / "a.csv", rows))
    random.Random(1).shuffle(rows)
    second = measure(table(tmp_path / "b.csv", rows))
    for one, other in zip(first.report.months, second.report.months, strict=True):
        assert one.month.messages == other.month.messages
        assert one.month.new_words == other.month.new_words
        assert one.month.unknown.mean == pytest.approx(other.month.unknown.mean)


def sample(corpus: Sequence[LabelledMessage], count: int) -> Iterator[Row]:
    """Letters of the corpus, spread over the months of 2026."""
    for number, each in enumerate(corpus[:count]):
        day = date(2026, 1, 1) + timedelta(days=number * 7 % 270)
        yield (str(number), each.message.title, each.message.text, day.isoformat(), f"甲{number}", "")


# --- What people decided ---


def test_what_a_person_wrote_is_compared_with_what_the_model_says(
    measure: Measure, pipeline: Pipeline, tmp_path: Path
) -> None:
    (case,) = pipeline.triage([Message("1", "乱收费", "学校乱收费三百元，第1封")], on=TODAY)
    other = next(each for each in NAMES if each != case.prediction.primary)
    rows = [
        letter(1, "2026-03-02", person=NAMES[case.prediction.primary]),
        letter(1001, "2026-03-03", person=NAMES[other]),
        letter(1002, "2026-03-03"),
        letter(1003, "2026-03-03", person="乱写的"),
    ]
    run = measure(table(tmp_path / "a.csv", rows))
    found = month(run, "2026-03")
    assert (found.messages, found.accepted.letters, found.accepted.total) == (4, 2, 1)
    assert [(each.row, each.reason) for each in run.unread] == [
        (5, "没有「乱写的」这个类别（信件已计入，人工结论未计入）")
    ]


def test_labels_that_are_given_count_where_the_table_says_nothing(measure: Measure, tmp_path: Path) -> None:
    rows = [letter(1, "2026-03-02"), letter(2, "2026-03-02", person="教师待遇")]
    key = text_key(Message("", rows[0][1], rows[0][2]))
    run = measure(table(tmp_path / "a.csv", rows), decided={key: Label("1", "fees")})
    assert month(run, "2026-03").accepted.letters == 2
    assert run.new_labels is None


def test_labels_newer_than_the_model_are_counted(measure: Measure, tmp_path: Path) -> None:
    made = datetime(2026, 5, 1, tzinfo=UTC)
    decided = {
        str(day): Label(str(day), "fees", decided_at=made + timedelta(days=day)) for day in range(-3, 5) if day
    } | {"undated": Label("9", "fees")}
    run = measure(table(tmp_path / "a.csv", [letter(1, "2026-03-02")]), decided=decided, made_at=made)
    assert run.new_labels == 4
    assert conclusion(run, NAMES).endswith("模型之后新增 4 条标注。")


def test_a_category_in_any_other_column_is_nobodys_decision_unless_it_is_named(
    measure: Measure, tmp_path: Path
) -> None:
    from triage.tables import Role

    path = table(tmp_path / "a.csv", [letter(1, "2026-03-02", person="教育收费")], (*HEADER[:-1], "类别"))
    assert month(measure(path), "2026-03").accepted.letters == 0
    assert month(measure(path, columns={Role.CATEGORY: "类别"}), "2026-03").accepted.letters == 1


def test_a_scored_table_gives_the_figures_of_the_raw_one(measure: Measure, pipeline: Pipeline, tmp_path: Path) -> None:
    raw = table(tmp_path / "a.csv", [letter(number, "2026-03-02") for number in range(4)], HEADER[:-1])
    scored = tmp_path / "b.xlsx"
    score_table(raw, scored, pipeline=pipeline, config=CONFIG, on=TODAY)
    assert measure(scored).report == measure(raw).report
    book = openpyxl.load_workbook(scored)
    sheet = book["信件"]
    header = [cell.value for cell in sheet[1]]
    sheet.cell(2, header.index("人工类别") + 1).value = "教师待遇"
    sheet.cell(3, header.index("类别") + 1).value = "师德师风"
    book.save(scored)
    assert month(measure(scored), "2026-03").accepted.letters == 2


def test_letters_that_the_model_learnt_from_tell_nothing_of_words_and_doubts(measure: Measure, tmp_path: Path) -> None:
    rows = [letter(number, "2026-03-02", person="教师待遇") for number in range(3)]
    learnt = text_hash(Message("", rows[0][1], rows[0][2]))
    run = measure(table(tmp_path / "a.csv", rows), held_out={learnt: Alternative("pay", 0.5)})
    found = month(run, "2026-03")
    assert run.learnt == 1
    assert (found.messages, found.unknown.letters, found.confidence.letters, found.reviewed.letters) == (3, 2, 2, 2)
    assert found.accepted.letters == 3
    assert found.count("pay").total >= 1


# --- New words ---


def counted(
    classifier: PetitionClassifier, tokenizer: Tokenizer, letters: Sequence[tuple[str, str, str]]
) -> WordCounter:
    counter = WordCounter(classifier.features, tokenizer, since=SINCE)
    for number, (day, sender, text) in enumerate(letters):
        counter.add(Message(str(number), "", text, sender=sender), date.fromisoformat(day))
    return counter


def found_words(counter: WordCounter, first: date = date(2026, 3, 1)) -> dict[str, tuple[int, int]]:
    return {each.word: (each.letters, each.count) for each in counter.new_words(first)}


OLD = [(f"2025-{number % 12 + 1:02}-03", f"乙{number}", "请问小学招生划片") for number in range(300)]


def test_a_word_that_came_up_is_found_though_no_dictionary_has_it(
    small_classifier: PetitionClassifier, tokenizer: Tokenizer
) -> None:
    fresh = [(f"2026-03-{day:02}", f"甲{day}", "孩子买盲盒，盲盒太贵，说是元宇宙") for day in range(1, 6)]
    found = found_words(counted(small_classifier, tokenizer, [*OLD, *fresh]))
    assert found["盲盒"] == (5, 10)
    assert found["宇宙"][0] == 5
    assert "学校" not in found


def test_a_word_of_few_letters_or_of_one_sender_or_of_before_is_not_quoted(
    small_classifier: PetitionClassifier, tokenizer: Tokenizer
) -> None:
    def of(letters: Sequence[tuple[str, str, str]]) -> dict[str, tuple[int, int]]:
        return found_words(counted(small_classifier, tokenizer, [*OLD, *letters]))

    text = "学生买盲盒"
    assert "盲盒" in of([("2026-03-02", sender, text) for sender in "甲乙丙"])
    assert "盲盒" in of([("2026-03-02", "", text)] * 3)
    assert "盲盒" in of([("2026-03-02", "匿名", text)] * 3)
    assert not of([("2026-03-02", sender, text) for sender in "甲乙"])
    assert not of([("2026-03-02", "甲", text)] * 9)
    before = [("2026-02-02", sender, text) for sender in "甲乙丙"]
    assert "盲盒" not in of([*before, *[("2026-03-02", sender, text) for sender in "甲乙丙丁"]])


def test_names_and_numbers_are_no_words(small_classifier: PetitionClassifier, tokenizer: Tokenizer) -> None:
    text = "联系人：欧阳建国，电话13812345678，张晓娟老师和李建国老师补课，车牌赣D12345"
    letters = [("2026-03-02", sender, text) for sender in "甲乙丙丁"]
    found = found_words(counted(small_classifier, tokenizer, [*OLD, *letters]))
    assert not [word for word in found if any(part in word for part in ("晓娟", "建国", "张晓", "138", "12345"))]


def test_memory_is_bounded_and_frequent_words_are_kept(
    small_classifier: PetitionClassifier, tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(words_module, "MOST_WORDS", 40)
    rare = [chr(0x4E00 + 7 * number) + chr(0x6000 + 5 * number) for number in range(300)]
    letters = [(f"2026-03-{at % 28 + 1:02}", f"甲{at}", f"买盲盒，{word}") for at, word in enumerate(rare)]
    counter = counted(small_classifier, tokenizer, [*OLD, *letters])
    assert max(len(time.uses) for time in counter._times.values()) <= 40
    assert found_words(counter)["盲盒"][0] == pytest.approx(300, abs=8)


# --- What is said ---


@pytest.fixture
def grown(measure: Measure, corpus: list[LabelledMessage], tmp_path: Path) -> DriftRun:
    """Two years, in the last month of which letters are full of words that were not there before."""
    rng = random.Random(2)
    rows: list[Row] = []
    for at in range(24):
        first = date(2024 + (at + 9) // 12, (at + 9) % 12 + 1, 1)
        for each in rng.sample(corpus, 40):
            day = first + timedelta(days=rng.randrange(28))
            text = each.message.text
            if at == 23:
                text += "区块链元宇宙直播网课平台打赏充值，" * (1 + len(text) // 30)
            rows.append((str(len(rows)), each.message.title, text, day.isoformat(), f"甲{len(rows)}", ""))
    return measure(table(tmp_path / "a.csv", rows), since=date(2025, 10, 1))


def test_new_vocabulary_calls_for_retraining_and_the_sentence_names_it(grown: DriftRun) -> None:
    last = grown.report.months[-1]
    assert last.month.name == "2026-09"
    assert last[Figure.UNKNOWN].finding is Finding.ALARM
    assert grown.report.verdict is Verdict.RETRAIN
    sentence = conclusion(grown, NAMES)
    assert sentence.startswith("建议重训：")
    assert "2026 年 9 月生词占比由" in sentence
    assert "新词如「" in sentence
    assert sentence.count("。") == 1


def test_the_workbook_tells_all(grown: DriftRun, tmp_path: Path) -> None:
    out = tmp_path / "drift.xlsx"
    assert write_drift(grown, out, categories=NAMES) == (out,)
    book = openpyxl.load_workbook(out)
    assert book.sheetnames == ["结论", "逐月", "类别构成", "新词", "复核原因", "汇总", "未处理的行"]
    assert book["结论"]["B2"].value == conclusion(grown, NAMES)
    monthly = [[cell.value for cell in row] for row in book["逐月"].iter_rows()]
    overview = monthly[2 : 2 + 13]
    assert [row[0] for row in overview] == [each.month.name for each in grown.report.compared]
    assert overview[11][2] == "有变化"
    assert {row[5] for row in overview} == {"太少，未判断"}
    words = {row[1] for row in book["新词"].iter_rows(min_row=3, values_only=True)}
    assert words >= {each.word for each in grown.report.months[-1].month.new_words}
    reasons = list(book["复核原因"].iter_rows(min_row=3, values_only=True))
    assert reasons[0][0] == "2025-10"
    shares = [row[2] for row in book["类别构成"].iter_rows(min_row=3, max_row=3, values_only=True)]
    assert 0 < shares[0] <= 100


def test_a_result_has_its_own_place_and_is_a_workbook(tmp_path: Path) -> None:
    register = table(tmp_path / "a.xlsx", [])
    with pytest.raises(InputError, match="is one of the tables itself"):
        check_output([register], register, force=True)
    with pytest.raises(InputError, match="is no workbook"):
        check_output([register], tmp_path / "out.csv", force=False)
    older = tmp_path / "out.xlsx"
    older.write_bytes(b"older")
    with pytest.raises(InputError, match="exists already"):
        check_output([register], older, force=False)
    check_output([register], older, force=True)
    assert older.read_bytes() == b"older"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.xlsx", "out.xlsx"]
