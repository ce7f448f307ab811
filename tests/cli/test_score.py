"""`triage score` on the sample inbox and on letters with personal data."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from triage.config import load_config
from triage.forms import Form

Run = Callable[..., Any]
SAMPLES = Path(__file__).parents[2] / "data" / "samples"
WORKBOOK, DELIMITED = SAMPLES / "市长信箱导出.xlsx", SAMPLES / "市长信箱导出.csv"
OURS = [column.name for column in Form(load_config(SAMPLES.parent)).columns]


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def test_the_sample_inbox(run: Run, desk: Path) -> None:
    ran = run("score", WORKBOOK, "-o", "out.xlsx")
    assert ran.code == 3
    assert ran.out == "out.xlsx\n"
    assert "sheet 留言导出, header row 3, id=留言编号, title=留言主题, text=留言详情" in ran.err
    assert "not read: 说明" in ran.err
    assert "sheet 留言导出 row 37: 空行" in ran.err
    assert "67 rows in = 66 out + 1 rejected; 0 automatic, 66 for a person, " in ran.err
    assert " urgent; model version 0001.\n" in ran.err
    assert ran.err.endswith(
        "Nothing is proven yet, so all goes to a person: add your own labels (triage label add, triage retrain).\n"
    )
    book = openpyxl.load_workbook(desk / "out.xlsx")
    assert book.sheetnames == ["信件", "紧急件", "汇总", "未处理的行"]
    assert book["信件"].max_row == 67


def test_text_file_and_workbook_get_the_same_answers(run: Run, desk: Path) -> None:
    assert run("score", WORKBOOK, "-o", "a.csv").code == 3
    assert run("score", DELIMITED, "-o", "b.csv").code == 3
    told = [[row["留言编号"], *(row[name] for name in OURS)] for row in read(desk / "a.csv")]
    assert len(told) == 66
    assert told == [[row["留言编号"], *(row[name] for name in OURS)] for row in read(desk / "b.csv")]


def test_the_result_lies_beside_the_table_when_nobody_says(run: Run, letters: Path) -> None:
    ran = run("score", letters)
    assert (ran.code, ran.out) == (0, f"{letters.with_name('letters.triaged.xlsx')}\n")
    assert letters.with_name("letters.triaged.xlsx").is_file()


@pytest.mark.parametrize("ending", ["xlsx", "csv", "tsv", "parquet", "jsonl"])
def test_the_ending_names_the_form(run: Run, letters: Path, desk: Path, ending: str) -> None:
    assert run("score", letters, "-o", f"out.{ending}").code == 0
    assert run("score", f"out.{ending}", "-o", "again.csv").code == 0
    assert [row["编号"] for row in read(desk / "again.csv")] == ["007", "008", "009"]


def test_force_replaces_an_older_result(run: Run, letters: Path, desk: Path) -> None:
    (desk / "out.csv").write_bytes(b"older")
    assert run("score", letters, "-o", "out.csv", "--force").code == 0
    assert len(read(desk / "out.csv")) == 3


def test_json_says_what_was_done(run: Run) -> None:
    ran = run("score", WORKBOOK, "-o", "out.csv", "--json")
    assert ran.code == 3
    said = ran.json
    counts = {"rows_in", "rows_out", "rows_rejected", "for_review", "urgent", "estimated_due_dates"}
    assert set(said) == counts | {"files", "rejected", "proof", "model_version"}
    assert said["proof"] is None
    assert said["estimated_due_dates"] == 0
    assert said["rows_in"] == said["rows_out"] + len(said["rejected"]) == 67
    assert said["for_review"] == 66
    assert said["urgent"] == sum(row["紧急"] == "紧急" for row in read(Path("out.csv"))) > 0
    assert said["files"] == ["out.csv", "out.rejected.csv"]
    assert said["rejected"] == [
        {"source": str(WORKBOOK), "sheet": "留言导出", "row": 37, "column": "", "reason": "空行"}
    ]


def test_only_the_first_rejected_rows_are_shown_and_all_are_counted(run: Run, desk: Path) -> None:
    rows = "".join(f"{number},\n" for number in range(25))
    (desk / "in.csv").write_text(f"编号,内容\n{rows}1,学校乱收费\n", encoding="utf-8")
    ran = run("score", "in.csv", "-o", "out.csv")
    assert ran.code == 3
    assert "25 rows rejected:" in ran.err
    assert ran.err.count("标题和内容都是空的") == 10
    assert "and 15 more" in ran.err
    assert len(read(desk / "out.rejected.csv")) == 25


def test_columns_can_be_named(run: Run, desk: Path) -> None:
    (desk / "in.csv").write_text("号,题,说了什么\n甲1,乱收费,学校乱收费\n", encoding="utf-8")
    names = ["--column", "id=号", "--column", "title=题", "--column", "text=说了什么"]
    ran = run("score", "in.csv", "-o", "out.csv", *names)
    assert ran.code == 0
    assert "id=号" in ran.err and "title=题" in ran.err and "text=说了什么" in ran.err


def test_a_persons_category_is_routed(run: Run, desk: Path) -> None:
    (desk / "in.csv").write_text("编号,内容,人工类别\n1,学校乱收费三百元,教师待遇\n", encoding="utf-8")
    assert run("score", "in.csv", "-o", "out.csv").code == 0
    (row,) = read(desk / "out.csv")
    assert (row["类别"], row["判定"], row["主办"], row["需人工复核"]) == ("教师待遇", "人工", "人事科", "")


def test_a_rule_in_the_bureaus_file_decides(run: Run, letters: Path, bureau: Path, desk: Path) -> None:
    with (bureau / "data" / "rules.toml").open("a", encoding="utf-8") as stream:
        stream.write('[[rule]]\nid = "a"\ncategory = "pay"\nwords = ["乱收费", "三百元"]\nbasis = "某通知"\n')
    assert run("score", letters, "-o", "out.csv").code == 0
    ruled, *others = read(desk / "out.csv")
    assert (ruled["类别"], ruled["判定"], ruled["主办"]) == ("教师待遇", "规则", "人事科")
    assert [row["判定"] for row in others] == ["模型", "模型"]


def test_a_channel_can_be_named_for_rows_that_name_none(run: Run, desk: Path) -> None:
    rows = ["编号,时间,来源,内容", "1,2026-09-01,,学校乱收费三百元请退还", "2,2026-09-01,来信,学校乱收费三百元请退还"]
    (desk / "in.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    assert run("score", "in.csv", "-o", "out.csv", "--channel", "mayor_mailbox").code == 0
    assert [row["办结"] for row in read(desk / "out.csv")] == ["2026-09-08", "2026-10-31"]
    ran = run("score", "in.csv", "-o", "other.csv", "--channel", "pigeon")
    assert ran.code == 2
    assert "'mayor_mailbox', 'province_platform'" in " ".join(ran.err.replace("│", " ").split())
    assert not (desk / "other.csv").exists()


def test_a_clock_in_the_bureaus_file_gets_a_column(run: Run, desk: Path, bureau: Path) -> None:
    (bureau / "data" / "clocks.toml").write_text(
        '[[clock]]\nid = "a"\nname = "回访"\ndays = 3\nunit = "calendar"\nstart = "received"\nbasis = "本局办法"\n',
        encoding="utf-8",
    )
    (desk / "in.csv").write_text("时间,内容\n2026-09-01,学校乱收费三百元\n", encoding="utf-8")
    assert run("score", "in.csv", "-o", "out.csv").code == 0
    (row,) = read(desk / "out.csv")
    assert row["回访"] == "2026-09-04"
    assert "办结" not in row


def test_a_bureau_of_another_name_and_office_needs_no_code(run: Run, letters: Path, bureau: Path, desk: Path) -> None:
    offices = bureau / "data" / "offices.toml"
    text = offices.read_text(encoding="utf-8")
    offices.write_text(text.replace('name = "财务科"', 'name = "计划财务处"'), encoding="utf-8")
    assert run("score", letters, "-o", "out.csv").code == 0
    assert read(desk / "out.csv")[0]["主办"] == "计划财务处"


# --- Personal data ---

PERSONAL = ["13800001234", "360899190001010029", "6222020000000000000", "wang@example.com"]


def test_personal_data_is_shown_neither_in_what_we_add_nor_on_the_screen(run: Run, desk: Path) -> None:
    text = "，".join(f"学校乱收费，找我就打{number}，校车{number}超载" for number in PERSONAL)
    with (desk / "in.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([["编号", "标题", "内容"], ["1", f"乱收费{PERSONAL[0]}", text], ["2", "", ""]])
    ran = run("score", "in.csv", "-o", "out.jsonl")
    assert ran.code == 3
    (row,) = [json.loads(line) for line in (desk / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    for shown in (ran.out, ran.err, *(str(row[name]) for name in OURS)):
        assert not any(number in shown for number in PERSONAL)
    assert row["内容"] == text


def test_a_letter_in_the_place_of_a_header_is_not_shown_with_its_numbers(run: Run, desk: Path) -> None:
    (desk / "in.csv").write_text("1,王小明,13800001234,学校乱收费\n2,李四,13900005678,老师收礼\n", encoding="utf-8")
    ran = run("score", "in.csv")
    assert ran.code == 2
    assert "no row names the columns" in ran.error
    assert "13800001234" not in ran.err


def test_a_sheet_that_is_not_read_is_not_shown_with_its_numbers(run: Run, desk: Path) -> None:
    book = openpyxl.Workbook()
    for name, rows in (("信", [["内容"], ["学校乱收费"]]), ("通讯录", [["王小明", "13800001234"]])):
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.remove(book.worksheets[0])
    book.save(desk / "in.xlsx")
    ran = run("score", "in.xlsx")
    assert ran.code == 0
    assert "not read: 通讯录" in ran.err
    assert "13800001234" not in ran.err


# --- Long tables ---


def test_several_jobs_write_the_same(run: Run, desk: Path) -> None:
    assert run("score", DELIMITED, "-o", "one.csv").code == 3
    ran = run("score", DELIMITED, "-o", "two.csv", "--jobs", 2)
    assert ran.code == 3
    assert "67 rows in = 66 out + 1 rejected; " in ran.err
    assert (desk / "one.csv").read_bytes() == (desk / "two.csv").read_bytes()


def test_a_folder_of_parquet_files_goes_out_and_in(run: Run, letters: Path, desk: Path) -> None:
    ran = run("score", letters, "-o", "out/")
    assert (ran.code, ran.out) == (0, "out\n")
    assert [path.name for path in (desk / "out").iterdir()] == ["part-00001.parquet"]
    assert run("score", "out", "-o", "again.csv").code == 0
    assert [row["编号"] for row in read(desk / "again.csv")] == ["007", "008", "009"]


def test_a_run_may_be_gone_on_with(run: Run, letters: Path, desk: Path) -> None:
    ran = run("score", letters, "-o", "out.csv", "--resume")
    assert (ran.code, ran.out) == (0, "out.csv\n")
    assert sorted(path.name for path in desk.iterdir()) == ["letters.csv", "out.csv"]
    refused = run("score", letters, "--resume")
    assert refused.code == 2
    assert "letters.triaged.xlsx: is a workbook, which cannot be written in parts" in refused.error


def test_more_rows_than_a_workbook_holds_are_refused_before_the_work(run: Run, desk: Path) -> None:
    (desk / "in.csv").write_text("内容\n" + "a\n" * 1_048_576, encoding="utf-8")
    ran = run("score", "in.csv")
    assert ran.code == 2
    assert ran.error == (
        "in.csv: has more rows than the 1,048,575 that a sheet of Excel holds. "
        "Write .parquet or .csv instead, with --out."
    )
    assert not list(desk.glob("*.xlsx"))


def test_jobs_are_a_number_that_makes_sense(run: Run, letters: Path) -> None:
    assert run("score", letters, "-o", "out.csv", "--jobs", "-1").code == 2
