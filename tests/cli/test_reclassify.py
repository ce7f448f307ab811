"""`triage reclassify` from the screen: a dry run unless told to write."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


@pytest.fixture
def register(desk: Path, bureau: Path) -> Path:
    """Four letters by the categories of before, in a bureau that has renamed one of these and split another."""
    with (bureau / "data" / "taxonomy.toml").open("a", encoding="utf-8") as file:
        file.write(
            '\n[[change]]\nfrom = "charging"\nnames = ["收费投诉"]\nto = ["fees"]\n'
            '\n[[change]]\nfrom = "teachers"\nnames = ["教师事务"]\nto = ["pay", "staffing"]\n'
        )
    path = desk / "旧表.csv"
    rows = [
        ["编号", "内容", "类别"],
        ["007", "学校乱收费三百元，书本费和校服费要求退还", "收费投诉"],
        ["008", "教师工资拖欠半年没有发，绩效工资和津贴也没有", "教师事务"],
        ["009", "请问小区划片到哪所小学，小孩入学报名要什么条件", "招生入学"],
        ["010", "请问小区划片到哪所小学，小孩入学报名要什么条件", "学区"],
    ]
    with path.open("w", encoding="gb18030", newline="") as stream:
        csv.writer(stream).writerows(rows)
    return path


def test_by_default_it_says_what_would_move_and_writes_nothing(run: Run, register: Path, desk: Path) -> None:
    ran = run("reclassify", register)
    assert ran.code == 0
    shown = [line.split() for line in ran.out.splitlines()]
    assert ["收费投诉", "教育收费", "1", "1"] in shown
    assert ["教师事务", "教师待遇", "1", "1"] in shown
    assert ["category", "renamed", "or", "merged", "1", "1"] in shown
    assert "Not in taxonomy.toml: 学区 (1 letters)." in ran.err
    assert (
        "4 rows in = 4 compared + 0 rejected; of these 1 get another category, 0 another office alone, "
        "2 keep theirs until a person has looked, 1 stay as they are; model version 0001." in ran.err
    )
    assert "A dry run: nothing was written. Write the result with --write, or with --out FILE." in ran.err
    assert [path.name for path in desk.iterdir()] == ["旧表.csv"]


def test_written_beside_the_table_on_request(run: Run, register: Path, desk: Path) -> None:
    ran = run("reclassify", register, "--write")
    assert ran.code == 0
    written = [Path(line).name for line in ran.out.splitlines()[-2:]]
    assert written == ["旧表.reclassified.xlsx", "旧表.reclassified.人工查看.xlsx"]
    assert {path.name for path in desk.iterdir()} == {"旧表.csv", *written}
    assert "dry run" not in ran.err
    refused = run("reclassify", register, "--write")
    assert refused.code == 2
    assert refused.error.endswith("exists already. Choose another name with --out, or overwrite it with --force.")
    assert run("reclassify", register, "--write", "--force").code == 0


def test_json_says_the_same_whether_written_or_not(run: Run, register: Path) -> None:
    dry = run("reclassify", register, "--json").json
    wet = run("reclassify", register, "--out", "neu.csv", "--json").json
    assert (dry.pop("files"), wet.pop("files")) == ([], ["neu.csv", "neu.人工查看.xlsx"])
    assert dry == wet
    assert dry["rows_in"] == dry["rows_out"] == dry["moved"] + dry["rerouted"] + dry["to_look_at"] + dry["same"] == 4
    assert {"old": "收费投诉", "new": "教育收费", "sure": 1, "to_look_at": 0} in dry["moves"]
    assert {"why": "split", "letters": 1, "moved": 0, "rerouted": 0, "to_look_at": 1} in dry["why"]
    assert dry["unknown"] == [{"written": "学区", "letters": 1}]


def test_rows_that_cannot_be_used_are_named(run: Run, desk: Path) -> None:
    path = desk / "old.csv"
    path.write_text("编号,内容,类别\n1,乱收费,教育收费\n2,,教育收费\n", encoding="utf-8")
    ran = run("reclassify", path)
    assert ran.code == 3
    assert "old.csv row 3: 标题和内容都是空的" in ran.err
    assert "2 rows in = 1 compared + 1 rejected" in ran.err


def test_what_has_no_categories_or_is_the_table_itself_is_refused(run: Run, register: Path, letters: Path) -> None:
    before = register.read_bytes()
    assert run("reclassify", register, "--out", register, "--force").error.startswith(
        f"{register}: is the table itself."
    )
    assert register.read_bytes() == before
    assert "has no column with the categories of before" in run("reclassify", letters).error
