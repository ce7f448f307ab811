"""Every row of a scored table goes onto one sheet, or is named; and no sheet tells what its reader may not know."""

from __future__ import annotations

import csv
import sys
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.config import load_config
from triage.errors import InputError, MissingExtraError
from triage.handover import HandoverReport, write_handover
from triage.handover.privacy import conceal, short_name
from triage.handover.summary import LONGEST_SUMMARY, summarise
from triage.text import find_personal_data

CONFIG = load_config(Path(__file__).parents[1] / "data")
ON = date(2026, 11, 25)
FINANCE = "转办单-财务科-2026-11-25.docx"
LEFT_OVER = "未转办-2026-11-25.csv"

Row = dict[str, Any]
Handover = Callable[..., HandoverReport]


def letter(number: str, **cells: Any) -> Row:
    """A row that `triage score` might have written, for the finance office unless told otherwise."""
    return {
        "留言编号": number,
        "留言用户": "王小明",
        "留言主题": "幼儿园多收装修费",
        "留言时间": "2026-11-20 09:10",
        "留言详情": "园里开学前一天通知每学期多交1200元装修费。老师态度很好。请查处并退还。",
        "来源": "市长信箱",
        "类别": "教育收费",
        "依据": "装修费、退还",
        "性质": "申诉求决",
        "紧急": "",
        "主办": "财务科",
        "协办": "",
        "接收单位": "泰和县教育局",
        "属地": "泰和县",
        "学校": "晨源幼儿园",
        "分派依据": "信访工作条例第二十三条；本局职责分工：教育收费管理",
        "回避": "",
        "密件": "",
        "受理告知": "2026-12-05",
        "办结": "2026-11-27",
        "退件异议": "",
        "需人工复核": "",
        "复核原因": "",
        "退办草稿": "",
        **cells,
    }


def accusation(number: str, **cells: Any) -> Row:
    """The same with an accusation in it, by a parent who tells too much of himself."""
    return letter(
        number,
        **{
            "留言用户": "李建国",
            "留言主题": "河东中学班主任收补课费",
            "留言详情": "我叫李建国，家住城北花园3栋2单元501室，电话13900005678。"
            "我儿子李小宝在高二(3)班，班主任刘老师周末补课收费八百元，李建国愿意作证。",
            "依据": "补课、收费",
            "性质": "检举控告",
            "接收单位": "吉水县教育局",
            "属地": "吉水县",
            "学校": "河东中学",
            "回避": "不得转交被检举的班主任所在学校（信访工作条例第三十条）",
            **cells,
        },
    )


def sheet_file(path: Path, *rows: Row) -> Path:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "信件"
    header = list(dict.fromkeys(name for row in rows for name in row))
    sheet.append(header)
    for row in rows:
        sheet.append([row.get(name) for name in header])
    book.save(path)
    return path


def words(path: Path) -> str:
    """All that a document says, a paragraph a line."""
    body = docx.Document(str(path)).element.body
    return "\n".join(
        "".join(text.text or "" for text in paragraph.iter(qn("w:t"))) for paragraph in body.iter(qn("w:p"))
    )


def field(path: Path, label: str, place: int = 0) -> str:
    """What stands beside a label; of several such labels the one at `place`."""
    lines = words(path).split("\n")
    found = [at for at, line in enumerate(lines) if line == label]
    return lines[found[place] + 1]


@pytest.fixture
def handover(tmp_path: Path) -> Handover:
    def run(*rows: Row, out: Path = tmp_path / "out", **options: Any) -> HandoverReport:
        path = sheet_file(tmp_path / "in.triaged.xlsx", *rows)
        return write_handover(path, out, **{"config": CONFIG, "on": ON, **options})

    return run


def only(report: HandoverReport) -> Path:
    (path,) = report.files
    return path


# --- Every row once ---


def test_each_lead_office_gets_one_sheet_with_its_cases(handover: Handover) -> None:
    report = handover(letter("001"), letter("002", 主办="人事科"), letter("003"))
    assert [path.name for path in report.files] == [FINANCE, "转办单-人事科-2026-11-25.docx"]
    assert "留言编号 001" in words(report.files[0]) and "留言编号 003" in words(report.files[0])
    assert "留言编号 002" in words(report.files[1]) and "留言编号 002" not in words(report.files[0])
    assert (report.rows_in, report.handed_over, report.rejected, report.waiting) == (3, 3, (), ())


@settings(max_examples=20, deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "主办": st.sampled_from(["财务科", "人事科", "personnel", "人事课", "", None]),
                "密件": st.sampled_from(["", "是"]),
                "需人工复核": st.sampled_from(["", "是"]),
                "接收单位": st.sampled_from(["", "财务科", "晨源幼儿园"]),
                "性质": st.sampled_from(["申诉求决", "检举控告", ""]),
            }
        ),
        min_size=1,
        max_size=8,
    )
)
def test_rows_in_are_rows_on_sheets_and_rows_named(tmp_path_factory: pytest.TempPathFactory, drawn: list[Row]) -> None:
    folder = tmp_path_factory.mktemp("handover")
    path = sheet_file(folder / "in.xlsx", *[letter(f"N{at}号", **cells) for at, cells in enumerate(drawn)])
    report = write_handover(path, folder / "out", config=CONFIG, on=ON)
    said = "\n".join(words(file) for file in report.files if file.suffix == ".docx")
    shown = [at for at in range(len(drawn)) if f"留言编号 N{at}号" in said]
    named = [row.row - 2 for row in (*report.rejected, *report.waiting)]
    assert sorted([*shown, *named]) == list(range(len(drawn)))
    assert report.rows_in == report.handed_over + len(report.rejected) + len(report.waiting) == len(drawn)
    assert report.handed_over == said.count("留言编号 N") == len(shown)


def test_a_lead_may_be_written_as_a_clerk_writes_it(handover: Handover) -> None:
    report = handover(
        letter("001", 主办="办公室（信访室） ", 接收单位=""), letter("002", 主办="petitions", 接收单位="")
    )
    assert only(report).name == "转办单-办公室(信访室)-2026-11-25.docx"
    assert report.handed_over == 2


@pytest.mark.parametrize(
    ("cells", "column", "reason"),
    [
        ({"主办": ""}, "主办", "没有主办"),
        ({"主办": "财务课"}, "主办", "主办「财务课」不在科室表里，是否应为「财务科」"),
        ({"人工类别": "收废"}, "人工类别", "没有「收废」这个类别"),
        (
            {"人工类别": "教师待遇"},
            "人工类别",
            "主办是按「教育收费」分派的，而人工类别是「教师待遇」：请重新分派，或把类别和主办改对",
        ),
        ({"接收单位": "人事科"}, "接收单位", "接收单位「人事科」与主办「财务科」不一致"),
        ({"密件": "是"}, "接收单位", "密件只由主办单位拆阅，接收单位不能是「泰和县教育局」"),
        ({"办结": "下个月底"}, "办结", "办结不是日期"),
    ],
)
def test_a_row_that_contradicts_itself_is_named_with_the_reason(
    handover: Handover, cells: Row, column: str, reason: str
) -> None:
    report = handover(letter("001"), letter("002", **cells))
    (rejected,) = report.rejected
    assert (rejected.sheet, rejected.row, rejected.column, rejected.reason) == ("信件", 3, column, reason)
    assert report.handed_over == 1


def test_a_reason_quotes_no_personal_number(handover: Handover) -> None:
    (rejected,) = handover(letter("001", 主办="找13900005678")).rejected
    assert "13900005678" not in rejected.reason


def test_what_a_person_has_yet_to_see_waits(handover: Handover) -> None:
    report = handover(letter("001", 需人工复核="是", 复核原因="把握不足"), letter("002", 需人工复核="否"))
    assert [(row.row, row.reason) for row in report.waiting] == [(2, "尚待人工复核：把握不足")]
    assert report.handed_over == 1
    assert "001" not in words(report.files[0])


def test_a_persons_category_confirms_a_case(handover: Handover) -> None:
    assert handover(letter("001", 需人工复核="是", 人工类别="fees")).handed_over == 1


def test_unreviewed_cases_go_out_where_that_is_asked_for(handover: Handover) -> None:
    report = handover(letter("001", 需人工复核="是"), include_unreviewed=True)
    assert (report.handed_over, report.waiting) == (1, ())


def test_the_rows_on_no_sheet_are_listed_in_a_file_without_their_letters(handover: Handover) -> None:
    report = handover(letter("001"), letter("002", 主办=""), letter("003", 需人工复核="是"))
    assert report.files[-1].name == LEFT_OVER
    text = report.files[-1].read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(text.splitlines()))
    assert [(row["情况"], row["行号"], row["原因"]) for row in rows] == [
        ("待复核", "4", "尚待人工复核"),
        ("不能转办", "3", "没有主办"),
    ]
    assert "王小明" not in text and "装修费" not in text


# --- The table as clerks leave it ---


def test_a_table_of_an_older_kind_needs_its_lead_alone(handover: Handover) -> None:
    old = {name: letter("001")[name] for name in ("留言编号", "留言主题", "留言详情", "主办")}
    path = only(handover(old))
    assert field(path, "主办") == field(path, "接收单位") == "财务科"
    assert "幼儿园多收装修费" in field(path, "摘要")


def test_a_table_that_was_never_scored_is_refused(handover: Handover, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"has no column 主办; the columns are: 留言编号, 内容\."):
        handover({"留言编号": "001", "内容": "乱收费"})
    assert not (tmp_path / "out").exists()


def test_of_two_columns_of_one_name_the_scored_one_holds(handover: Handover) -> None:
    path = only(handover({"主办": "县里", "属地": "群众填的", **letter("001"), "主办_2": "财务科", "属地_2": "泰和县"}))
    assert field(path, "主办") == "财务科"
    assert field(path, "属地") == "泰和县"


def test_a_scored_table_may_have_been_saved_as_csv(tmp_path: Path) -> None:
    row = letter("001", 分派依据="=依据")
    with (tmp_path / "in.csv").open("w", encoding="gb18030", newline="") as stream:
        writer = csv.DictWriter(stream, list(row))
        writer.writeheader()
        writer.writerow(row | {"分派依据": "'=依据"})
    report = write_handover(tmp_path / "in.csv", tmp_path / "out", config=CONFIG, on=ON)
    assert field(only(report), "分派依据") == "=依据"


def test_signs_that_no_document_can_hold_are_left_out(tmp_path: Path) -> None:
    row = letter("001", 分派依据="依\x0b据\x01", 属地="泰和\ufffe县")
    with (tmp_path / "in.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([list(row), list(row.values())])
    report = write_handover(tmp_path / "in.csv", tmp_path / "out", config=CONFIG, on=ON)
    assert (field(only(report), "分派依据"), field(only(report), "属地")) == ("依据", "泰和县")


# --- What a sheet says ---


def test_a_case_is_told_in_full(handover: Handover) -> None:
    path = only(handover(letter("001", 协办="校外教育培训监管科")))
    assert words(path).startswith("吉安市教育局信访事项转办单\n")
    for label, said in {
        "渠道": "市长信箱",
        "收到日期": "2026年11月20日",
        "类别": "教育收费",
        "性质": "申诉求决",
        "紧急": "否",
        "属地": "泰和县",
        "学校": "晨源幼儿园",
        "接收单位": "泰和县教育局",
        "协办": "校外教育培训监管科",
        "分派依据": "信访工作条例第二十三条；本局职责分工：教育收费管理",
        "摘要": "幼儿园多收装修费。园里开学前一天通知每学期多交1200元装修费。请查处并退还。",
        "是否属实": "属实□ 部分属实□ 不属实□",
    }.items():
        assert field(path, label) == said
    for label in ("承办人", "办理情况", "办理结果", "答复日期", "公开与否", "签字"):
        assert label in words(path).split("\n")


def test_urgent_cases_come_first_and_then_those_due_first(handover: Handover) -> None:
    late, soon = {"受理告知": "2026-12-20", "办结": ""}, {"受理告知": "2026-12-01", "办结": ""}
    report = handover(letter("003", **late), letter("002", **soon), letter("001", **late, 紧急="紧急"), letter("004"))
    headings = [line for line in words(only(report)).split("\n") if "留言编号" in line]
    assert headings == ["1．留言编号 001　【紧急】", "2．留言编号 004", "3．留言编号 002", "4．留言编号 003"]
    assert "4 件，其中紧急 1 件" in words(only(report))


def test_due_dates_stand_with_the_rule_earliest_first(handover: Handover) -> None:
    path = only(handover(letter("001", 受理告知=date(2026, 12, 5), 办结="2026年11月27日（推算）")))
    lines = words(path).split("\n")
    place = lines.index("办理时限")
    assert lines[place + 1].startswith("办结：2026年11月27日，")
    assert lines[place + 2].startswith("受理告知：2026年12月5日，信访工作条例第二十三条：收到之日起15日内")


def test_of_a_day_that_a_clerk_has_set_the_rule_alone_is_named(handover: Handover) -> None:
    path = only(handover(letter("001", 受理告知="2026-12-01", 办结="")))
    assert "受理告知：2026年12月1日，信访工作条例第二十三条\n" in words(path)


def test_a_day_that_is_over_is_marked(handover: Handover) -> None:
    path = only(handover(letter("001", 受理告知="2026-11-24", 办结="2026-11-25")))
    assert "受理告知：2026年11月24日（已过期）" in words(path)
    assert "办结：2026年11月25日（已过期）" not in words(path)


def test_what_is_not_ours_goes_back_with_its_draft(handover: Handover) -> None:
    path = only(
        handover(
            letter("001", 主办="退回转办", 接收单位="退回转办", 退办草稿="您反映的事项可能属于市公安局，请向该局反映。")
        )
    )
    assert path.name == "转办单-退回转办-2026-11-25.docx"
    assert field(path, "退办意见") == "您反映的事项可能属于市公安局，请向该局反映。"
    assert "是否属实" not in words(path) and "实际去向" in words(path)


# --- What nobody may know ---


def test_personal_numbers_are_never_printed_and_the_name_is_its_first_character(handover: Handover) -> None:
    row = letter("001", 留言详情="装修费要退还，家在城北3栋2单元501室，电话13900005678，身份证360899199001010029。")
    path = only(handover(row))
    assert field(path, "来信人") == "王*"
    for hidden in ("13900005678", "360899199001010029", "501室", "王小明"):
        assert hidden not in words(path)


def test_the_name_is_printed_where_that_is_asked_for_but_no_number(handover: Handover) -> None:
    row = letter("001", 留言用户="王小明 13900005678", 留言详情="装修费要退还，找13900005678。")
    path = only(handover(row, show_personal_data=True))
    assert field(path, "来信人") == "王小明 ***********"
    assert "13900005678" not in words(path)


def test_a_no_of_the_clerks_makes_no_accusation_seal_or_urgency(handover: Handover) -> None:
    path = only(handover(letter("001", 回避="无", 密件="否", 紧急="否")))
    assert (path.name, field(path, "来信人"), field(path, "紧急")) == (FINANCE, "王*", "否")
    assert "回避" not in words(path)


@pytest.mark.parametrize("show", [False, True])
def test_who_makes_an_accusation_is_told_nowhere(handover: Handover, show: bool) -> None:
    path = only(handover(accusation("001"), show_personal_data=show))
    assert field(path, "来信人") == "（检举人信息保密）"
    with zipfile.ZipFile(path) as parts:
        whole = "".join(parts.read(name).decode("utf-8", "ignore") for name in parts.namelist())
    for hidden in ("李建国", "建国", "李小宝", "13900005678", "城北花园", "高二", "3)班"):
        assert hidden not in whole
    assert "班主任刘老师周末补课收费八百元" in field(path, "摘要")
    assert field(path, "回避") == "不得转交被检举的班主任所在学校（信访工作条例第三十条）"


@pytest.mark.parametrize("show", [False, True])
def test_of_a_letter_of_unknown_nature_the_writer_is_told_nowhere_either(handover: Handover, show: bool) -> None:
    path = only(handover(letter("001", 性质="", 留言详情="王小明说装修费要退还"), show_personal_data=show))
    assert field(path, "来信人") == "（来信人信息保密）"
    assert "王小明" not in words(path)


def test_a_sealed_letter_has_a_sheet_of_its_own_that_tells_nothing_of_it(handover: Handover) -> None:
    report = handover(letter("001"), accusation("002", 密件="是", 接收单位="财务科", 协办="人事科"))
    open_sheet, sealed = report.files
    assert (open_sheet.name, sealed.name) == (FINANCE, f"密件-{FINANCE}")
    assert field(sealed, "摘要") == "（密件，由主办单位拆阅）"
    assert field(sealed, "来信人") == "（检举人信息保密）"
    for hidden in ("补课", "河东中学", "人事科"):
        assert hidden not in words(sealed)
    assert "002" not in words(open_sheet)


@pytest.mark.parametrize(
    ("receiver", "school"),
    [
        ("河东中学", "河东中学"),
        ("吉水县河东中学", "河东中学"),
        ("吉安市第一中学", "吉安一中"),
        ("河东中学", "城南小学、河东中学"),
    ],
)
def test_an_accusation_never_goes_to_a_school_that_it_names(handover: Handover, receiver: str, school: str) -> None:
    report = handover(accusation("001", 接收单位=receiver, 学校=school))
    (rejected,) = report.rejected
    assert rejected.reason.startswith(f"检举控告不得转给被检举的单位，接收单位不能是「{receiver}」")
    assert only(report).name == LEFT_OVER


def test_a_school_that_gets_another_letter_is_not_on_the_list_beside_an_accusation_of_it(handover: Handover) -> None:
    path = only(handover(letter("001", 接收单位="河东中学", 学校="河东中学"), accusation("002")))
    assert field(path, "接收单位") == "吉水县教育局"
    assert field(path, "接收单位", 1) == "河东中学"
    assert "本单含检举控告事项" in words(path)


def test_an_accusation_shares_no_page_with_another_case(handover: Handover) -> None:
    path = only(
        handover(letter("001"), letter("002"), accusation("003"), letter("004", 办结="2027-01-20", 受理告知=""))
    )
    breaks = [
        paragraph.paragraph_format.page_break_before
        for paragraph in docx.Document(str(path)).paragraphs
        if paragraph.text == ""
    ]
    headings = [line[-3:] for line in words(path).split("\n") if "．留言编号" in line]
    assert headings == ["001", "002", "003", "004"]
    assert breaks == [False, False, True, True]


# --- The form of the paper ---


def test_the_same_cases_give_the_same_bytes_in_whatever_order(handover: Handover, tmp_path: Path) -> None:
    first = only(handover(letter("001"), letter("002"), out=tmp_path / "a"))
    second = only(handover(letter("002"), letter("001"), out=tmp_path / "b"))
    assert first.read_bytes() == second.read_bytes()


def test_another_set_of_cases_has_another_number(handover: Handover, tmp_path: Path) -> None:
    first = field(only(handover(letter("001"), out=tmp_path / "a")), "编号")
    second = field(only(handover(letter("002"), out=tmp_path / "b")), "编号")
    assert first.startswith("〔2026〕finance-1125-")
    assert second.startswith("〔2026〕finance-1125-")
    assert first != second


def test_the_document_names_the_bureau_and_no_user_as_its_author(handover: Handover) -> None:
    about = docx.Document(str(only(handover(letter("001"))))).core_properties
    assert (about.author, about.last_modified_by, about.comments) == ("吉安市教育局", "吉安市教育局", "")
    assert about.created is not None and about.created.date() == ON


def test_the_paper_is_a4_with_chinese_fonts_page_numbers_and_repeated_headings(handover: Handover) -> None:
    document = docx.Document(str(only(handover(letter("001")))))
    section = document.sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    fonts = {element.get(qn("w:eastAsia")) for element in document.element.body.iter(qn("w:rFonts"))}
    assert fonts == {"仿宋", "黑体", "宋体"}
    assert [code.text for code in section.footer._element.iter(qn("w:instrText"))] == ["PAGE"]
    repeated = [table for table in document.tables if list(table._tbl.iter(qn("w:tblHeader")))]
    assert len(repeated) == 1


# --- All or nothing ---


def test_a_sheet_that_exists_is_not_replaced_and_nothing_else_is_written(handover: Handover, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / FINANCE).write_bytes(b"older")
    with pytest.raises(InputError, match=r"财务科-2026-11-25\.docx: exists already\."):
        handover(letter("001"), letter("002", 主办="人事科"))
    assert [path.name for path in out.iterdir()] == [FINANCE]
    assert (out / FINANCE).read_bytes() == b"older"


def test_force_replaces_and_names_what_is_left_of_an_older_run(handover: Handover) -> None:
    handover(letter("001", 主办="人事科"), letter("002"))
    report = handover(letter("001"), letter("002"), force=True)
    assert only(report).name == FINANCE
    assert [path.name for path in report.older] == ["转办单-人事科-2026-11-25.docx"]


def test_what_fails_half_way_leaves_the_older_sheets(
    handover: Handover, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = letter("001"), letter("002", 主办="人事科")
    handover(*rows)
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    replace = Path.replace

    def open_in_word(path: Path, target: Path) -> Path:
        if path.parent.name != "older" and "人事科" in path.name and target.parent.name == "out":
            raise PermissionError(13, "Permission denied", str(target))
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", open_in_word)
    with pytest.raises(InputError, match=r"人事科-2026-11-25\.docx: cannot be written: Permission denied\."):
        handover(letter("003"), letter("004", 主办="人事科"), force=True)
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before


def test_a_folder_that_was_made_in_vain_goes_again(
    handover: Handover, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(InputError, match="No space left on device"):
        handover(letter("001"))
    assert not (tmp_path / "out").exists()


def test_a_file_in_the_place_of_the_folder_is_refused(handover: Handover, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="is no folder"):
        handover(letter("001"))


def test_without_its_extra_it_says_what_to_install(handover: Handover, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "docx", None)
    with pytest.raises(MissingExtraError, match="python-docx"):
        handover(letter("001"))


# --- Hiding, and the gist ---


@settings(deadline=None)
@given(st.text(max_size=200), st.text(max_size=12), st.booleans())
def test_hiding_keeps_the_length_and_leaves_no_personal_data(text: str, sender: str, secret: bool) -> None:
    hidden = conceal(text, sender=sender, secret=secret)
    assert len(hidden) == len(text)
    assert find_personal_data(hidden) == ()


@given(
    st.sampled_from("王李张刘陈"),
    st.text("小大明丽建国华", min_size=1, max_size=2),
    st.text("学校收费，。\n ", max_size=30),
)
def test_the_sender_stands_nowhere_in_an_accusation(surname: str, given_name: str, text: str) -> None:
    name = surname + given_name
    letter_text = f"{text}{name}{text}{' '.join(name)}，{surname}女士"
    assert name not in conceal(letter_text, sender=f"{name}（家长）", secret=True).replace(" ", "")


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("我是城南小学四年级二班的家长，班主任收费", "我是**********家长，班主任收费"),
        ("本人赵大勇，实名举报", "本人***，实名举报"),
        ("我女儿读初三，学校收费", "我女儿读**，学校收费"),
        ("高三年级周末补课", "高三年级周末补课"),
        ("701班、七(2)班都收了", "****、*****都收了"),
        ("家住幸福小区。培训班开在文山路12号", "家住****。培训班开在文山路12号"),
        ("孩子住院，已报案", "孩子住院，已报案"),
    ],
)
def test_what_tells_of_the_writer_is_hidden_and_what_tells_of_the_matter_is_not(text: str, hidden: str) -> None:
    assert conceal(text, sender="", secret=True) == hidden


@pytest.mark.parametrize(
    ("sender", "shown"),
    [
        ("王小明", "王*"),
        ("陈女士", "陈*"),
        ("肖**", "肖*"),
        ("匿名", "*"),
        ("手机用户", "*"),
        ("U0008473", "*"),
        ("先生", "*"),
    ],
)
def test_a_short_name_is_a_surname_or_nothing(sender: str, shown: str) -> None:
    assert short_name(sender) == shown


def test_a_summary_holds_the_sentences_that_decided() -> None:
    assert (
        summarise("退费", "老师很好。机构不退3,000元学费,电话不接!天气也好。", ["学费"])
        == "退费。机构不退3,000元学费，电话不接！"
    )


def test_a_summary_without_deciding_words_begins_where_the_letter_does() -> None:
    assert summarise("红绿灯坏了", "红绿灯坏了。一个月没修。", ["收费"]) == "红绿灯坏了。一个月没修。"


@given(st.text(max_size=300), st.text(max_size=600), st.lists(st.text(min_size=1, max_size=3), max_size=3))
def test_a_summary_is_short(title: str, text: str, telling: list[str]) -> None:
    assert len(summarise(title, text, telling)) <= LONGEST_SUMMARY
