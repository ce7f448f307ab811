"""What people decided, read from the tables in which they wrote it; each row that cannot be used is named."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from triage.config import Taxonomy, load_taxonomy
from triage.config.model import Change
from triage.errors import InputError
from triage.labels import (
    LabelledSet,
    in_present_categories,
    read_labelled,
    read_labels,
    read_messages,
    read_starter,
    text_hash,
    text_key,
)
from triage.schema import NATURE_NAMES, Label, LabelledMessage, Message, Nature
from triage.tables import Role

DATA = Path(__file__).parents[1] / "data"
TAXONOMY = load_taxonomy(DATA)
FEES, TUTORING = "学校收了三百元空调费", "周末在外面办班补课"


def csv(path: Path, *rows: str) -> Path:
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def read(path: Path, *rows: str, taxonomy: Taxonomy = TAXONOMY) -> LabelledSet:
    return read_labelled([csv(path, *rows)], taxonomy=taxonomy)


def said(found: LabelledSet) -> list[tuple[int, str]]:
    return [(row.row, row.reason) for row in found.rejected]


def primaries(found: LabelledSet) -> dict[str, str]:
    return {each.message.id: each.label.primary for each in found.messages}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "labels.csv"


# --- Categories ---


@pytest.mark.parametrize("written", ["fees", "FEES", "教育收费", " 教育收费 ", "乱收费", "退费"])
def test_a_category_may_be_written_as_id_name_or_alias(path: Path, written: str) -> None:
    found = read(path, "编号,内容,人工类别", f"1,{FEES},{written}")
    assert primaries(found) == {"1": "fees"}
    assert found.rejected == ()


@pytest.mark.parametrize("category", TAXONOMY.categories, ids=lambda category: category.id)
def test_every_way_of_writing_every_category_is_understood(path: Path, category: object) -> None:
    ways = (category.id, category.name, *category.aliases)  # type: ignore[attr-defined]
    rows = [f"{number},第{number}封信,{written}" for number, written in enumerate(ways)]
    assert set(primaries(read(path, "编号,内容,类别", *rows)).values()) == {category.id}  # type: ignore[attr-defined]


def test_an_unknown_category_is_named_with_the_nearest_one(path: Path) -> None:
    found = read(path, "编号,内容,人工类别", f"1,{FEES},教育收废", f"2,{TUTORING},违规补课", "3,别的信,天气")
    assert said(found) == [
        (2, "没有「教育收废」这个类别，是否应为「教育收费」"),
        (4, "没有「天气」这个类别"),
    ]
    assert primaries(found) == {"2": "tutoring"}


def test_a_row_without_a_category_is_rejected(path: Path) -> None:
    found = read(path, "编号,内容,类别", f"1,{FEES},", f"2,{TUTORING},补课")
    assert said(found) == [(2, "没有类别")]
    assert found.rows == 2


def test_a_row_on_which_nobody_has_filled_in_the_persons_column_is_not_decided_yet(path: Path) -> None:
    found = read(path, "编号,内容,人工类别", f"1,{FEES},", f"2,{TUTORING},补课", "3,别的信,天气")
    assert (primaries(found), found.unlabelled, found.rows) == ({"2": "tutoring"}, 1, 3)
    assert said(found) == [(4, "没有「天气」这个类别")]


def test_rows_met_are_those_used_and_those_rejected(path: Path) -> None:
    found = read(path, "编号,内容,类别", f"1,{FEES},收费", "", f"2,{TUTORING},补课", "3,,补课", "4,信,天气")
    assert found.rows == len(found.messages) + len(found.rejected) == 5
    assert said(found) == [(3, "空行"), (5, "标题和内容都是空的"), (6, "没有「天气」这个类别")]


# --- Second categories ---


@pytest.mark.parametrize("mark", ["、", "，", ";", "；", "|", "/", " | "])
def test_second_categories_may_be_parted_in_many_ways(path: Path, mark: str) -> None:
    found = read(path, "编号,内容,类别,次要类别", f"1,{TUTORING},补课,收费{mark}师德{mark}")
    assert [each.label.secondary for each in found.messages] == [("fees", "ethics")]


def test_second_categories_on_lines_of_their_own(path: Path) -> None:
    found = read(path, "编号,内容,类别,次要类别", f'1,{TUTORING},补课,"收费\n师德"')
    assert [each.label.secondary for each in found.messages] == [("fees", "ethics")]


def test_a_second_category_never_repeats_the_first_nor_another(path: Path) -> None:
    found = read(path, "编号,内容,类别,次要类别", f"1,{TUTORING},补课,收费、违规补课、乱收费")
    assert [each.label.secondary for each in found.messages] == [("fees",)]


def test_an_unknown_second_category_rejects_the_row(path: Path) -> None:
    found = read(path, "编号,内容,类别,次要类别", f"1,{TUTORING},补课,收费、师德师疯")
    assert said(found) == [(2, "没有「师德师疯」这个类别，是否应为「师德师风」")]


def test_an_empty_cell_says_none_and_a_missing_column_says_nothing(path: Path) -> None:
    with_column = read(path, "编号,内容,类别,次要类别", f"1,{TUTORING},补课,")
    without = read(path, "编号,内容,类别", f"1,{TUTORING},补课")
    assert [each.label.secondary for each in with_column.messages] == [()]
    assert [each.label.secondary for each in without.messages] == [None]


def test_the_column_that_the_program_wrote_says_nothing_beside_a_persons_category(path: Path) -> None:
    filled_in = read(path, "编号,内容,类别,次要类别,人工类别", f"1,{TUTORING},违规补课,教育收费,师德师风")
    assert primaries(filled_in) == {"1": "ethics"}
    assert [each.label.secondary for each in filled_in.messages] == [None]
    asked = read(path, "编号,内容,类别,人工次要类别,人工类别", f"1,{TUTORING},违规补课,教育收费,师德师风")
    assert [each.label.secondary for each in asked.messages] == [("fees",)]


# --- Nature and urgency ---


@pytest.mark.parametrize("nature", Nature)
def test_a_nature_may_be_written_as_id_or_name(path: Path, nature: Nature) -> None:
    ways = (nature.value, nature.value.upper(), NATURE_NAMES[nature], f" {NATURE_NAMES[nature]} ")
    rows = [f"{number},第{number}封信,补课,{written}" for number, written in enumerate(ways)]
    assert {each.label.nature for each in read(path, "编号,内容,类别,人工性质", *rows).messages} == {nature}


@pytest.mark.parametrize(
    ("written", "urgent"),
    [("是", True), ("紧急", True), ("1", True), ("TRUE", True), ("否", False), ("不紧急", False), ("False", False)],
)
def test_urgency_may_be_written_in_many_ways(path: Path, written: str, urgent: bool) -> None:
    found = read(path, "编号,内容,类别,人工紧急", f"1,{TUTORING},补课,{written}")
    assert [each.label.urgent for each in found.messages] == [urgent]


def test_what_cannot_be_read_of_nature_or_urgency_rejects_the_row(path: Path) -> None:
    found = read(
        path,
        "编号,内容,类别,人工性质,人工紧急",
        f"1,{TUTORING},补课,投诉信,否",
        f"2,{FEES},收费,咨询,也许",
        "3,别的信,收费,咨询,否",
    )
    assert said(found) == [
        (2, "没有「投诉信」这个性质，可写：申诉求决、检举控告、建议意见、咨询"),
        (3, "「也许」看不出是否紧急，可写：是、否"),
    ]
    assert primaries(found) == {"3": "fees"}


def test_what_the_program_itself_wrote_is_nobodys_label(path: Path) -> None:
    found = read(path, "编号,内容,人工类别,性质,紧急,属地,学校", f"1,{TUTORING},补课,咨询,是,吉州区,一中")
    (label,) = [each.label for each in found.messages]
    assert (label.nature, label.urgent, label.place, label.schools) == (None, None, None, None)


def test_an_empty_cell_of_nature_or_urgency_says_nothing(path: Path) -> None:
    found = read(path, "编号,内容,类别,人工性质,人工紧急", f"1,{TUTORING},补课,,")
    assert [(each.label.nature, each.label.urgent) for each in found.messages] == [(None, None)]


# --- Places and schools ---


def test_places_and_schools_are_read_as_they_are_written(path: Path) -> None:
    found = read(path, "编号,内容,类别,人工性质,人工属地,人工学校", f"1,{TUTORING},补课,咨询,吉州区,一中、城南小学")
    assert [(each.label.place, each.label.schools) for each in found.messages] == [("吉州区", ("一中", "城南小学"))]


def test_a_whole_label_that_names_no_place_says_that_there_is_none(path: Path) -> None:
    header = "编号,内容,类别,人工性质,人工属地,人工学校"
    whole, short = (read(path, header, f"1,{TUTORING},补课,{nature},,").messages[0].label for nature in ("咨询", ""))
    assert (whole.place, whole.schools) == ("", ())
    assert (short.place, short.schools) == (None, None)


# --- Contradictions ---


def test_two_categories_for_one_id_reject_both(path: Path) -> None:
    found = read(path, "编号,内容,类别", f"1,{FEES},收费", f"2,{TUTORING},补课", "1,另一封信,师德")
    assert said(found) == [(2, "同一编号有不同的类别（第 2、4 行）"), (4, "同一编号有不同的类别（第 2、4 行）")]
    assert primaries(found) == {"2": "tutoring"}


def test_two_categories_for_one_text_reject_both_however_it_is_dressed(path: Path) -> None:
    found = read(path, "编号,内容,类别", f"1,{FEES},收费", f"2,<p>{FEES}</p>,师德", f"3,{TUTORING},补课")
    assert said(found) == [(2, "同样的内容有不同的类别（第 2、3 行）"), (3, "同样的内容有不同的类别（第 2、3 行）")]
    assert primaries(found) == {"3": "tutoring"}


def test_the_same_decision_twice_is_no_contradiction(path: Path) -> None:
    found = read(path, "编号,内容,类别", f"1,{FEES},收费", f"1,{FEES},fees", f"2,{FEES},乱收费")
    assert found.rejected == ()
    assert [each.label.primary for each in found.messages] == ["fees"] * 3


def test_another_title_makes_another_message(path: Path) -> None:
    found = read(path, "编号,标题,内容,类别", "1,甲,请处理,收费", "2,乙,请处理,师德")
    assert found.rejected == ()


def test_a_contradiction_between_files_names_them(tmp_path: Path) -> None:
    files = [
        csv(tmp_path / "a.csv", "编号,内容,类别", f"1,{FEES},收费"),
        csv(tmp_path / "b.csv", "编号,内容,类别", f"2,{TUTORING},补课", f"1,{FEES},师德"),
    ]
    found = read_labelled(files, taxonomy=TAXONOMY)
    reason = "同样的内容有不同的类别（a.csv第 2 行；b.csv第 3 行）"
    assert [(Path(row.source).name, row.row, row.reason) for row in found.rejected] == [
        ("a.csv", 2, reason),
        ("b.csv", 3, reason),
    ]


def test_a_contradiction_between_sheets_names_them(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for name, rows in (("一月", [("1", FEES, "收费")]), ("二月", [("1", FEES, "师德")])):
        sheet = book.create_sheet(name)
        for row in [("编号", "内容", "类别"), *rows]:
            sheet.append(row)
    book.remove(book.worksheets[0])
    book.save(tmp_path / "a.xlsx")
    found = read_labelled([tmp_path / "a.xlsx"], taxonomy=TAXONOMY)
    assert [(row.sheet, row.row) for row in found.rejected] == [("一月", 2), ("二月", 2)]
    assert "a.xlsx「一月」第 2 行；a.xlsx「二月」第 2 行" in found.rejected[0].reason


# --- What the program wrote, and what a person made of it ---

SCORED = "编号,内容,类别,人工类别,置信度,判定,次要类别,机器类别"
GAS = "食堂的饭菜不干净"


def test_of_a_scored_sheet_only_what_a_person_filled_in_or_changed_is_a_label(path: Path) -> None:
    found = read(
        path,
        SCORED,
        f"1,{FEES},教育收费,,0.8,模型,师德师风,教育收费",
        f"2,{TUTORING},教育收费,违规补课,0.6,模型,师德师风,教育收费",
        f"3,{GAS},办学管理,,0.5,模型,师德师风,教育收费",
        "4,别的信,,,0.5,模型,,教育收费",
    )
    assert primaries(found) == {"2": "tutoring", "3": "management"}
    assert [each.label.secondary for each in found.messages] == [None, None]
    assert (found.unlabelled, found.rows, found.rejected) == (2, 4, ())


def test_another_name_of_the_same_category_is_no_change(path: Path) -> None:
    found = read(path, SCORED, f"1,{FEES},收费,,0.8,模型,,教育收费", f"2,{TUTORING},补课,补课,0.6,模型,,教育收费")
    assert (primaries(found), found.unlabelled) == ({"2": "tutoring"}, 1)


def test_a_persons_column_that_a_clerk_added_beside_ours_is_read(path: Path) -> None:
    rows = (f"1,{FEES},教育收费,,0.8,模型,,教育收费,师德", f"2,{TUTORING},教育收费,补课,0.6,模型,,教育收费,")
    assert primaries(read(path, f"{SCORED},人工类别", *rows)) == {"1": "ethics", "2": "tutoring"}


def test_a_change_that_cannot_be_read_is_named(path: Path) -> None:
    found = read(path, SCORED, f"1,{FEES},教育收废,,0.8,模型,,教育收费")
    assert said(found) == [(2, "没有「教育收废」这个类别，是否应为「教育收费」")]


def test_two_different_corrections_on_one_row_reject_it(path: Path) -> None:
    found = read(path, SCORED, f"1,{FEES},师德师风,违规补课,0.8,模型,,教育收费")
    assert said(found) == [(2, "人工类别是「违规补课」，而类别改成了「师德师风」，请只留一个")]


def confirmed(path: Path, *rows: str) -> tuple[dict[str, str], int]:
    read = read_labels(
        [csv(path, *rows)], taxonomy=TAXONOMY, texts="held", find=lambda message, _: message, confirmed=True
    )
    return {each.labelled.message.id: each.labelled.label.primary for each in read.labelled}, read.unlabelled


def test_a_sheet_that_a_person_has_gone_through_is_labelled_on_every_row(path: Path) -> None:
    rows = (
        f"1,{FEES},教育收费,,0.8,模型,,教育收费",
        f"2,{TUTORING},教育收费,违规补课,0.6,模型,,教育收费",
        f"3,{GAS},办学管理,,0.5,模型,,教育收费",
        "4,别的信,,,0.5,模型,,教育收费",
    )
    assert confirmed(path, SCORED, *rows) == ({"1": "fees", "2": "tutoring", "3": "management"}, 1)
    assert confirmed(path, "编号,内容,人工类别", f"1,{FEES},收费", f"2,{TUTORING},") == ({"1": "fees"}, 1)


OLDER = "编号,内容,类别,置信度,判定"


@pytest.mark.parametrize("header", [OLDER, f"{OLDER},人工类别"])
def test_the_programs_own_answers_are_nobodys_labels(path: Path, header: str) -> None:
    rows = [header, f"1,{FEES},教育收费,0.8,模型", f"2,{TUTORING},违规补课,0.9,规则"]
    with pytest.raises(InputError) as caught:
        read(path, *rows)
    assert str(caught.value) == (
        f"{path}: holds the program's own answers, which are nobody's labels. "
        "Fill in 人工类别 on the rows that a person has decided."
    )
    assert confirmed(path, *rows) == ({"1": "fees", "2": "tutoring"}, 0)
    with pytest.raises(InputError, match="nobody's labels"):
        read_labelled([path], taxonomy=TAXONOMY, columns={Role.CATEGORY: "类别"})


def test_one_row_filled_in_on_an_older_sheet_is_a_label_and_the_rest_is_not(path: Path) -> None:
    found = read(path, f"{OLDER},人工类别", f"1,{FEES},教育收费,0.8,模型,师德", f"2,{TUTORING},违规补课,0.9,规则,")
    assert (primaries(found), found.unlabelled) == ({"1": "ethics"}, 1)


def test_a_sheet_on_which_nothing_has_been_decided_yet_is_no_mistake(path: Path) -> None:
    found = read(path, SCORED, f"1,{FEES},教育收费,,0.8,模型,,教育收费")
    assert (found.messages, found.unlabelled, found.rejected) == ((), 1, ())


def test_of_a_table_that_was_scored_twice_the_latest_correction_counts(path: Path) -> None:
    header = f"{SCORED},类别_2,置信度_2,判定_2,次要类别_2,机器类别_2"
    found = read(
        path,
        header,
        f"1,{FEES},师德师风,,0.8,模型,,教育收费,违规补课,0.7,模型,,违规补课",
        f"2,{TUTORING},师德师风,,0.8,模型,,教育收费,教师待遇,0.7,模型,,违规补课",
        f"3,{GAS},教育收费,,0.8,模型,,教育收费,违规补课,0.7,模型,,违规补课",
    )
    assert (primaries(found), found.unlabelled) == ({"1": "ethics", "2": "pay"}, 1)


def test_a_column_that_the_table_had_before_it_was_scored_is_not_the_programs(path: Path) -> None:
    header = "编号,内容,类别,类别_2,人工类别,置信度,判定,机器类别"
    rows = (f"1,{FEES},收费,违规补课,,0.8,模型,违规补课", f"2,{TUTORING},补课,教师待遇,,0.8,模型,违规补课")
    found = read(path, header, *rows)
    assert (primaries(found), found.unlabelled) == ({"2": "pay"}, 1)
    named = read_labelled([csv(path, header, *rows)], taxonomy=TAXONOMY, columns={Role.CATEGORY: "类别"})
    assert primaries(named) == {"1": "fees", "2": "tutoring"}


def test_labels_apart_from_their_texts_are_not_sought_on_lists_beside_the_letters(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for name, rows in (
        ("紧急件", [("编号", "类别"), ("1", "教育收费"), ("2", "违规补课")]),
        ("信件", [("编号", "内容", "人工类别"), ("1", FEES, "师德"), ("2", TUTORING, None)]),
    ):
        for row in rows:
            (book[name] if name in book.sheetnames else book.create_sheet(name)).append(row)
    book.save(tmp_path / "a.xlsx")
    letters = csv(tmp_path / "letters.csv", "编号,内容", f"1,{FEES}", f"2,{TUTORING}")
    found = read_labelled([tmp_path / "a.xlsx"], taxonomy=TAXONOMY, messages=[letters])
    assert (primaries(found), found.unlabelled) == ({"1": "ethics"}, 1)


# --- Who decided, and when ---


@pytest.mark.parametrize("who", ["标注人", "审核人", "经办人", "by"])
def test_a_table_may_say_who_decided_and_when(path: Path, who: str) -> None:
    found = read(
        path,
        f"编号,内容,类别,{who},标注时间",
        f"1,{FEES},收费, 张三 ,2026年9月1日 下午3点",
        f"2,{TUTORING},补课,,昨天",
    )
    assert [(each.label.by, each.label.decided_at) for each in found.messages] == [
        ("张三", datetime(2026, 9, 1, 15)),
        ("", None),
    ]


def test_the_day_of_a_decision_may_be_a_date_of_excel(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in [("编号", "内容", "类别", "审核时间"), ("1", FEES, "收费", datetime(2026, 9, 1))]:
        book.worksheets[0].append(row)
    book.save(tmp_path / "a.xlsx")
    found = read_labelled([tmp_path / "a.xlsx"], taxonomy=TAXONOMY)
    assert [each.label.decided_at for each in found.messages] == [datetime(2026, 9, 1)]


def test_a_table_may_say_that_there_is_none_or_that_nobody_has_looked(path: Path) -> None:
    header = "编号,内容,类别,人工次要类别,人工性质,人工属地,人工学校"
    none, unsaid = read(
        path, header, f"1,{FEES},收费,无,,无,无", f"2,{TUTORING},补课,未标注,咨询,未标注,未标注"
    ).messages
    assert (none.label.secondary, none.label.place, none.label.schools) == ((), "", ())
    assert (unsaid.label.secondary, unsaid.label.place, unsaid.label.schools) == (None, None, None)


# --- Categories of the past ---

CHANGED = replace(
    TAXONOMY,
    changes=(Change("charges", ("fees",), ("学校收费",)), Change("staff", ("pay", "staffing"), ("教师问题",))),
)


def test_a_category_of_the_past_is_read_as_its_successor(path: Path) -> None:
    found = read(path, "编号,内容,类别", f"1,{FEES},学校收费", f"2,{TUTORING},教师问题", taxonomy=CHANGED)
    assert primaries(found) == {"1": "fees"}
    assert said(found) == [(3, "「教师问题」已分为教师待遇、教师招聘人事，请填其中一个")]


def test_labels_of_the_past_move_to_the_categories_of_today() -> None:
    def labelled(primary: str, *secondary: str) -> LabelledMessage:
        return LabelledMessage(Message(primary, "", primary), Label(primary, primary, secondary))

    found = in_present_categories(
        [labelled("charges", "pay", "fees"), labelled("staff"), labelled("pay", "staff"), labelled("gone")],
        CHANGED,
        source="cases.db",
    )
    assert [(each.message.id, each.label.primary, each.label.secondary) for each in found.messages] == [
        ("charges", "fees", ("pay",)),
        ("pay", "pay", None),
    ]
    assert [(row.source, row.reason) for row in found.rejected] == [
        ("cases.db", "编号 staff：「staff」已分为教师待遇、教师招聘人事，请填其中一个"),
        ("cases.db", "编号 gone：没有「gone」这个类别"),
    ]


# --- Labels apart from the texts ---


@pytest.fixture
def letters(tmp_path: Path) -> Path:
    return csv(tmp_path / "letters.csv", "编号,标题,内容,日期", f"007,收费,{FEES},2026-09-01", f"008,补课,{TUTORING},")


def test_labels_are_joined_to_the_messages_by_id(path: Path, letters: Path) -> None:
    csv(path, "编号,人工类别", "008,补课", "007,收费")
    found = read_labelled([path], taxonomy=TAXONOMY, messages=[letters])
    assert [(each.message.id, each.message.text, each.label.primary) for each in found.messages] == [
        ("008", TUTORING, "tutoring"),
        ("007", FEES, "fees"),
    ]
    assert found.messages[1].message.received_at is not None


def test_a_label_without_a_message_is_rejected_and_the_rest_used(path: Path, letters: Path) -> None:
    csv(path, "编号,人工类别", "7,收费", "008,补课", ",收费")
    found = read_labelled([path], taxonomy=TAXONOMY, messages=[letters])
    assert said(found) == [(2, "没有编号为 7 的留言"), (4, "没有编号")]
    assert primaries(found) == {"008": "tutoring"}


def test_labels_alone_are_refused_when_no_messages_are_named(path: Path) -> None:
    csv(path, "编号,人工类别", "1,收费")
    with pytest.raises(
        InputError, match=r"no column for the text \(内容\) was recognised; the columns are: 编号, 人工类别"
    ):
        read_labelled([path], taxonomy=TAXONOMY)


def test_texts_alone_are_refused(path: Path) -> None:
    csv(path, "编号,内容", f"1,{FEES}")
    with pytest.raises(InputError, match=r"no column for the category \(类别\) was recognised"):
        read_labelled([path], taxonomy=TAXONOMY)


def test_named_columns_go_to_the_table_that_has_them(path: Path, tmp_path: Path) -> None:
    csv(path, "编号,判断", "1,收费")
    letters = csv(tmp_path / "letters.csv", "编号,说了什么", f"1,{FEES}")
    columns = {Role.CATEGORY: "判断", Role.TEXT: "说了什么"}
    found = read_labelled([path], taxonomy=TAXONOMY, messages=[letters], columns=columns)
    assert [(each.message.text, each.label.primary) for each in found.messages] == [(FEES, "fees")]


def test_messages_are_read_without_regard_to_labels(tmp_path: Path) -> None:
    first = csv(tmp_path / "a.csv", "编号,内容", f"1,{FEES}", "2,")
    second = csv(tmp_path / "b.csv", "编号,内容", f"3,{TUTORING}")
    assert [message.id for message in read_messages([first, second])] == ["1", "3"]


# --- The same text ---


def test_the_key_of_a_text_does_not_depend_on_its_dress() -> None:
    plain = text_key(Message("1", "收费 问题", "校服要350元"))
    assert text_key(Message("2", "收费 问题", "<div>校服要３５０元</div>")) == plain
    assert text_key(Message("3", "收费 问题", "校服要351元")) != plain


def test_the_hash_of_a_text_says_whether_it_is_the_same_and_can_be_made_of_any() -> None:
    letters = [
        Message("1", "甲", "乙"),
        Message("2", " 甲", "<b>乙</b>"),
        Message("3", "甲", "丙"),
        Message("4", "", "\ud800"),
    ]
    same, dressed, other, broken = map(text_hash, letters)
    assert same == dressed
    assert len({same, other, broken}) == 3
    assert len(broken) == 64


def test_what_is_title_and_what_is_text_makes_a_difference() -> None:
    assert text_key(Message("1", "甲", "乙")) != text_key(Message("1", "", "甲乙"))


# --- The starter corpus ---


def corpus_line(**change: object) -> str:
    entry = {"id": "c1", "title": "收费", "text": FEES, "primary": "fees", "secondary": ["tutoring"]}
    return json.dumps(entry | {"nature": "complaint", "urgent": False} | change, ensure_ascii=False)


def corpus(folder: Path, *lines: str) -> Path:
    folder.mkdir(exist_ok=True)
    csv(folder / "part_01.jsonl", *lines)
    return folder


def starter(folder: Path, taxonomy: Taxonomy = TAXONOMY) -> Sequence[tuple[str, str, tuple[str, ...] | None]]:
    return [(each.message.id, each.label.primary, each.label.secondary) for each in read_starter(folder, taxonomy)]


def test_the_bundled_corpus_is_read_whole() -> None:
    lines = sum(len(file.read_bytes().split(b"\n")) - 1 for file in (DATA / "corpus").glob("*.jsonl"))
    assert len(read_starter(DATA / "corpus", TAXONOMY)) == lines


def test_what_the_taxonomy_does_not_have_is_left_out(tmp_path: Path) -> None:
    fewer = Taxonomy(tuple(each for each in TAXONOMY.categories if each.id != "tutoring"))
    folder = corpus(tmp_path / "corpus", corpus_line(), corpus_line(id="c2", primary="tutoring", secondary=[]))
    assert starter(folder, fewer) == [("c1", "fees", ())]
    assert starter(folder) == [("c1", "fees", ("tutoring",)), ("c2", "tutoring", ())]


def test_the_starter_corpus_says_nature_and_urgency(tmp_path: Path) -> None:
    folder = corpus(tmp_path / "corpus", corpus_line(), corpus_line(id="c2", nature="report", urgent=True))
    labels = [each.label for each in read_starter(folder, TAXONOMY)]
    assert [(label.nature, label.urgent) for label in labels] == [(Nature.COMPLAINT, False), (Nature.REPORT, True)]


def test_a_line_separator_within_a_text_ends_no_line(tmp_path: Path) -> None:
    folder = corpus(tmp_path / "corpus", corpus_line(text="一\u2028二\x85三"))
    assert read_starter(folder, TAXONOMY)[0].message.text == "一\u2028二\x85三"


@pytest.mark.parametrize(
    "line",
    ["{", "[]", '"text"', "{}", '{"id": "c2"}', corpus_line(secondary=None), corpus_line(nature="")],
    ids=["half a line", "a list", "a text", "nothing", "an id alone", "no list", "no nature"],
)
def test_a_broken_line_is_named(tmp_path: Path, line: str) -> None:
    folder = corpus(tmp_path / "corpus", corpus_line(), line)
    with pytest.raises(InputError) as caught:
        read_starter(folder, TAXONOMY)
    place = folder / "part_01.jsonl"
    assert str(caught.value) == f"{place}:2: is no line of a starter corpus. Mend or remove it."


def test_a_corpus_in_another_encoding_is_named_by_its_line(tmp_path: Path) -> None:
    folder = corpus(tmp_path / "corpus", corpus_line())
    with (folder / "part_01.jsonl").open("ab") as stream:
        stream.write(corpus_line().encode("gbk"))
    with pytest.raises(InputError, match=r"part_01\.jsonl:2: is no line of a starter corpus"):
        read_starter(folder, TAXONOMY)


def test_no_corpus_at_all(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"There is no starter corpus for this taxonomy\. Train with --no-starter\.$"):
        read_starter(tmp_path, TAXONOMY)


def test_a_sheet_that_asks_for_no_names_says_nothing_of_them(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("编号,内容,人工类别,人工性质\n1,学校乱收费三百元,教育收费,申诉求决\n", encoding="utf-8")
    (label,) = [each.label for each in read_labelled([path], taxonomy=TAXONOMY).messages]
    assert label.nature is not None
    assert (label.place, label.schools) == (None, None)
    path.write_text("编号,内容,人工类别,人工性质,人工属地\n1,学校乱收费三百元,教育收费,申诉求决,\n", encoding="utf-8")
    (label,) = [each.label for each in read_labelled([path], taxonomy=TAXONOMY).messages]
    assert (label.place, label.schools) == ("", None)
