"""People's decisions go from their tables into the store, every row is accounted for, and come out as tables."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from triage.config import load_taxonomy
from triage.errors import InputError
from triage.labelling import LabelReport, add_labels, summarise, write_conflicts, write_labels
from triage.labels import LabelRow, read_labelled
from triage.schema import Channel, Label, LabelledMessage, Message, Nature
from triage.store import Store
from triage.tables import Role

TAXONOMY = load_taxonomy(Path(__file__).parents[1] / "data")
FEES, TUTORING, MEALS = "学校收了三百元空调费", "周末在外面办班补课", "食堂的饭菜不干净"
NOW = datetime(2026, 9, 1, 9)
COUNTS = ("new", "same", "changed", "conflicts", "unlabelled", "rejected")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "cases.db") as store:
        yield store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "tables"
    folder.mkdir()
    return folder


def table(path: Path, *rows: str) -> Path:
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def add(store: Store, *files: Path, hour: int = 0, **options: Any) -> LabelReport:
    return add_labels(store, files, **{"taxonomy": TAXONOMY, "by": "甲", "now": NOW.replace(hour=9 + hour)} | options)


def counts(report: LabelReport) -> dict[str, int]:
    """The counts that are not nought."""
    found = {name: getattr(report, name) for name in COUNTS}
    sizes = {name: count if isinstance(count, int) else len(count) for name, count in found.items()}
    assert report.rows == sum(sizes.values())
    return {name: size for name, size in sizes.items() if size}


def primaries(store: Store) -> dict[str, str]:
    return {each.message.id: each.label.primary for each in store.labelled()}


def reasons(report: LabelReport) -> list[tuple[int, str]]:
    return [(row.row, row.reason) for row in report.rejected]


# --- What becomes of a row ---


def test_every_row_is_counted_once(store: Store, folder: Path) -> None:
    header = "编号,内容,人工类别,标注人"
    first = table(folder / "a.csv", header, f"1,{FEES},收费,甲", f"2,{TUTORING},补课,甲", f"3,{MEALS},办学管理,甲")
    assert counts(add(store, first)) == {"new": 3}
    second = table(
        folder / "b.csv",
        header,
        f"1,{FEES},教育收费,甲",
        f"2,{TUTORING},师德,甲",
        f"3,{MEALS},办学条件,乙",
        "4,别的信,收费,乙",
        "5,还没看的信,,乙",
        "6,第六封信,天气,乙",
        "",
        "7,第七封信,教育收废,乙",
    )
    report = add(store, second, hour=1)
    assert counts(report) == {"same": 1, "changed": 1, "conflicts": 1, "new": 1, "unlabelled": 1, "rejected": 3}
    assert report.rows == 8
    assert reasons(report) == [
        (7, "没有「天气」这个类别"),
        (8, "空行"),
        (9, "没有「教育收废」这个类别，是否应为「教育收费」"),
    ]
    assert primaries(store) == {"1": "fees", "2": "ethics", "3": "facilities", "4": "fees"}


def test_a_disagreement_says_who_said_what_when_and_where(store: Store, folder: Path) -> None:
    add(store, table(folder / "a.csv", "编号,内容,类别,标注人,标注时间", f"1,{FEES},收费,甲,2026-08-01"))
    (conflict,) = add(store, table(folder / "b.csv", "编号,内容,类别", f"1,{FEES},师德"), by="乙", hour=1).conflicts
    assert [
        (each.label.primary, each.label.by, each.at, each.source, each.row, each.message.id)
        for each in conflict.answers
    ] == [
        ("fees", "甲", datetime(2026, 8, 1), "a.csv", 2, "1"),
        ("ethics", "乙", datetime(2026, 9, 1, 10), "b.csv", 2, "1"),
    ]
    assert (conflict.message.id, conflict.label.primary) == ("1", "ethics")


def test_one_text_with_two_labels_in_one_table_is_a_disagreement_of_which_nothing_is_dropped(
    store: Store, folder: Path
) -> None:
    rows = ("编号,内容,类别", f"1,{FEES},收费", f"2,<p>{FEES}</p>,师德", f"1,{FEES},补课")
    source = table(folder / "a.csv", *rows)
    assert counts(add(store, source)) == {"new": 1, "conflicts": 2}
    assert primaries(store) == {"1": "tutoring", "2": "tutoring"}
    assert counts(add(store, source, hour=1)) == {"same": 3}
    assert [each.label.primary for each in store.kept()] == ["fees", "ethics", "tutoring"]
    assert len(store.conflicts()[0].answers) == 3


def test_what_nobody_says_anew_stays(store: Store, folder: Path) -> None:
    add(
        store,
        table(folder / "a.csv", "编号,内容,类别,人工次要类别,人工性质,人工紧急", f"1,{FEES},收费,师德,检举控告,是"),
    )
    assert counts(add(store, table(folder / "b.csv", "编号,类别", "1,收费"), by="乙", hour=1)) == {"same": 1}
    (labelled,) = store.labelled()
    assert labelled.label == Label("1", "fees", ("ethics",), Nature.REPORT, True, by="乙")


def test_who_and_when_hold_for_the_rows_that_do_not_say_themselves(store: Store, folder: Path) -> None:
    source = table(
        folder / "a.csv", "编号,内容,类别,标注人,标注时间", f"1,{FEES},收费,乙,2026-07-01", f"2,{TUTORING},补课,,"
    )
    add(store, source, on=date(2026, 8, 31))
    assert [(each.label.by, each.label.decided_at) for each in store.kept()] == [
        ("乙", datetime(2026, 7, 1)),
        ("甲", datetime(2026, 8, 31)),
    ]


def test_a_scored_sheet_that_a_person_has_gone_through_is_added_whole(store: Store, folder: Path) -> None:
    header = "编号,内容,类别,人工类别,置信度,判定,机器类别"
    rows = (f"1,{FEES},教育收费,,0.8,模型,教育收费", f"2,{TUTORING},违规补课,,0.8,模型,教育收费")
    source = table(folder / "a.csv", header, *rows)
    assert counts(add(store, source)) == {"new": 1, "unlabelled": 1}
    assert counts(add(store, source, confirmed=True, hour=1)) == {"new": 1, "same": 1}
    assert primaries(store) == {"1": "fees", "2": "tutoring"}


# --- Which message it is ---


def test_labels_without_texts_find_their_messages_in_the_store_or_beside_it(store: Store, folder: Path) -> None:
    add(store, table(folder / "a.csv", "编号,内容,类别", f"1,{FEES},收费", f"2,{TUTORING},补课"))
    apart = table(folder / "b.csv", "编号,类别", "1,师德", "3,办学管理", "9,收费")
    letters = table(folder / "letters.csv", "编号,标题,内容", f"3,饭菜,{MEALS}")
    report = add(store, apart, messages=[letters], hour=1)
    assert counts(report) == {"changed": 1, "new": 1, "rejected": 1}
    assert reasons(report) == [(4, "没有编号为 9 的留言")]
    assert [(each.message.title, each.message.text, each.label.primary) for each in store.labelled()] == [
        ("", FEES, "ethics"),
        ("", TUTORING, "tutoring"),
        ("饭菜", MEALS, "management"),
    ]


def test_an_id_of_several_messages_says_nothing(store: Store, folder: Path) -> None:
    for name, text in (("a.csv", FEES), ("b.csv", TUTORING)):
        add(store, table(folder / name, "序号,内容,类别", f"1,{text},收费"))
    report = add(store, table(folder / "c.csv", "序号,类别", "1,师德"), hour=1)
    assert reasons(report) == [(2, "编号 1 下有 2 封不同的信，请连同内容一起给出")]
    assert set(primaries(store).values()) == {"fees"}


def test_the_text_says_which_message_it_is_whatever_its_number_in_the_table(store: Store, folder: Path) -> None:
    add(store, table(folder / "a.csv", "内容,类别", f"{FEES},收费", f"{TUTORING},补课"))
    report = add(store, table(folder / "b.csv", "内容,类别", f"{TUTORING},补课", f"{FEES},师德"), hour=1)
    assert counts(report) == {"same": 1, "changed": 1}
    assert sorted(primaries(store).values()) == ["ethics", "tutoring"]


def test_a_title_alone_is_a_text_unless_the_whole_letter_is_there(store: Store, folder: Path) -> None:
    titles = table(folder / "a.csv", "编号,标题,类别", "1,空调费,收费")
    letters = table(folder / "letters.csv", "编号,标题,内容", f"1,空调费,{FEES}")
    add(store, titles, messages=[letters])
    assert [each.message.text for each in store.labelled()] == [FEES]
    assert counts(add(store, titles, hour=1)) == {"new": 1}


def test_columns_may_be_named(store: Store, folder: Path) -> None:
    labels = table(folder / "a.csv", "号,判断", "1,收费")
    letters = table(folder / "letters.csv", "号,说了什么", f"1,{FEES}")
    columns = {Role.ID: "号", Role.CATEGORY: "判断", Role.TEXT: "说了什么"}
    with pytest.raises(InputError, match=r"no column for the id \(编号\) was recognised"):
        add(store, labels, messages=[letters], columns=columns)
    named = table(folder / "b.csv", "编号,判断", "1,收费")
    assert counts(add(store, named, messages=[letters], columns=columns)) == {"new": 1}
    own = table(folder / "c.csv", "号,说了什么,判断", f"2,{TUTORING},补课")
    assert counts(add(store, own, columns=columns, hour=1)) == {"new": 1}


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("内容,备注", r"no column for the category \(类别\)"),
        ("类别,备注", r"no column for the id \(编号\)"),
    ],
)
def test_a_table_without_a_needed_column_is_refused_and_nothing_added(
    store: Store, folder: Path, header: str, reason: str
) -> None:
    good = table(folder / "a.csv", "编号,内容,类别", f"1,{FEES},收费")
    with pytest.raises(InputError, match=reason):
        add(store, good, table(folder / "b.csv", header, "收费,乙"))
    assert store.labelled() == []


# --- Out again ---


def labelled(*rows: LabelledMessage) -> list[LabelRow]:
    return [LabelRow(Path("a"), "", number, row, has_id=True, settles=False) for number, row in enumerate(rows)]


FULL = LabelledMessage(
    Message("007", "=收费", FEES, datetime(2026, 8, 1, 12, 30), Channel.CITY_PLATFORM, "王某"),
    Label(
        "007",
        "fees",
        ("ethics", "pay"),
        Nature.REPORT,
        False,
        "吉州区",
        ("一中", "二中"),
        "甲",
        datetime(2026, 9, 1, 15),
    ),
)
UNSAID = LabelledMessage(Message("008", "", TUTORING), Label("008", "tutoring"))
NONE = LabelledMessage(Message("009", "", MEALS), Label("009", "management", (), None, True, "", ()))
WHOLE = LabelledMessage(Message("010", "", "别的"), Label("010", "other_edu", None, Nature.INQUIRY))


@pytest.mark.parametrize("ending", ["xlsx", "csv", "tsv", "parquet", "jsonl"])
def test_what_the_store_holds_comes_back_from_a_table_as_it_was(store: Store, folder: Path, ending: str) -> None:
    everything = [UNSAID, NONE, WHOLE, FULL]
    store.add(labelled(*everything), added_at=NOW)
    out = folder / f"all.{ending}"
    assert write_labels(store, out, taxonomy=TAXONOMY) == 4
    assert list(read_labelled([out], taxonomy=TAXONOMY).messages) == everything
    with Store.open(folder / "other.db") as other:
        assert counts(add(other, out, by="")) == {"new": 4}
        assert other.labelled() == everything
        assert counts(add(other, out, by="", hour=1)) == {"same": 4}


def sheet(path: Path) -> list[dict[str, Any]]:
    header, *rows = openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True)
    return [dict(zip(header, row, strict=True)) for row in rows]


def fill_in(path: Path, **cells: str) -> None:
    """Write into the first row below the header, as a clerk does."""
    book = openpyxl.load_workbook(path)
    letters = book.worksheets[0]
    header = [cell.value for cell in letters[1]]
    for name, value in cells.items():
        letters.cell(2, header.index(name) + 1).value = value
    book.save(path)


def test_a_disagreement_is_settled_on_a_sheet_that_shows_all_answers(store: Store, folder: Path) -> None:
    header = "编号,内容,类别,人工性质,人工紧急"
    add(store, table(folder / "a.csv", header, f"1,{FEES},收费,检举控告,是", f"2,{TUTORING},补课,,"))
    add(store, table(folder / "b.csv", header, f"1,{FEES},师德,,否", f"2,{TUTORING},师德,,"), by="乙", hour=1)
    out = folder / "open.xlsx"
    assert write_conflicts(store, out, taxonomy=TAXONOMY) == 2
    first, second = sheet(out)
    assert first["各人意见"].split("\n") == [
        "教育收费，检举控告，紧急（甲，2026-09-01，编号 1，a.csv第 2 行）",
        "师德师风，不紧急（乙，2026-09-01，编号 1，b.csv第 2 行）",
    ]
    assert (first["现按"], first["人工类别"], first["内容"]) == ("师德师风", None, FEES)
    assert len(openpyxl.load_workbook(out).worksheets[0].data_validations.dataValidation) == 3
    fill_in(out, 人工类别="教育收费", 人工紧急="是", 标注人="丙")
    assert counts(add(store, out, hour=2)) == {"changed": 1, "unlabelled": 1}
    assert [each.message.id for each in store.conflicts()] == ["2"]
    assert store.history(Message("1", "", FEES))[-1].label.by == "丙"
    assert [each.label.urgent for each in store.labelled()] == [True, None]
    assert counts(add(store, out, hour=3)) == {"same": 1, "unlabelled": 1}
    assert second["编号"] == "2"


def test_a_disagreement_that_a_later_row_ends_is_a_change(store: Store, folder: Path) -> None:
    add(store, table(folder / "a.csv", "编号,内容,类别,标注人", f"1,{FEES},补课,乙"))
    both = table(folder / "b.csv", "编号,内容,类别,标注人", f"1,{FEES},收费,甲", f"1,{FEES},收费,乙")
    assert counts(add(store, both, hour=1)) == {"changed": 1, "same": 1}
    assert not store.conflicts()


def test_labels_are_counted_by_category_and_person(store: Store, folder: Path) -> None:
    assert summarise(store).messages == 0
    rows = (f"1,{FEES},收费,甲", f"2,{TUTORING},补课,甲", f"3,{MEALS},收费,乙", f"1,{FEES},师德,乙")
    add(store, table(folder / "a.csv", "编号,内容,类别,标注人", *rows), on=date(2026, 8, 1))
    found = summarise(store)
    assert (found.messages, found.decisions, found.conflicts) == (3, 4, 1)
    assert found.categories == (("ethics", 1), ("fees", 1), ("tutoring", 1))
    assert found.people == (("乙", 2), ("甲", 2))
    assert (found.first, found.last) == (datetime(2026, 8, 1), datetime(2026, 8, 1))


# --- Whatever is in the table ---

cells = st.tuples(
    st.sampled_from(["1", "2", "3", ""]),
    st.sampled_from([FEES, TUTORING, MEALS, ""]),
    st.sampled_from(["收费", "补课", "师德", "天气", ""]),
    st.sampled_from(["甲", "乙", ""]),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(st.lists(st.lists(cells, min_size=1, max_size=6), min_size=1, max_size=3))
def test_rows_in_are_rows_told_and_every_decision_is_kept(
    tmp_path_factory: pytest.TempPathFactory, tables: Sequence[Sequence[tuple[str, ...]]]
) -> None:
    folder = tmp_path_factory.mktemp("tables")
    with Store.open(folder / "cases.db") as store:
        said = set()
        for turn, rows in enumerate(tables):
            path = folder / f"{turn}.csv"
            with path.open("w", encoding="utf-8", newline="") as stream:
                csv.writer(stream).writerows([("编号", "内容", "人工类别", "标注人"), *rows])
            met = max((number for number, row in enumerate(rows, start=1) if any(row)), default=0)
            if not met:
                continue
            before = len(store.kept())
            report = add(store, path, hour=turn)
            assert report.rows == met
            written = len(store.kept()) - before
            assert len(report.conflicts) + report.changed + report.new <= written
            said |= {(text, by or "甲", TAXONOMY.find(word)) for _, text, word, by in rows if text}
            kept = {(each.message.text, each.label.by, each.label.primary) for each in store.kept()}
            assert kept == {(text, by, category.id) for text, by, category in said if category is not None}
            assert counts(add(store, path, hour=turn)).keys() <= {"same", "unlabelled", "rejected"}
