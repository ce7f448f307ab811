"""`triage drift` on tables with dates."""

from __future__ import annotations

import csv
import random
import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from triage.schema import LabelledMessage

Run = Callable[..., Any]


@pytest.fixture
def register(desk: Path, corpus: list[LabelledMessage]) -> Path:
    """Letters of two years, 35 a month, and a row without a time."""
    rng = random.Random(1)
    path = desk / "register.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["编号", "标题", "内容", "时间", "姓名", "人工类别"])
        for number, each in enumerate(rng.choices(corpus, k=840)):
            day = date(2024, 1, 1) + timedelta(days=number * 730 // 840)
            persons = each.label.primary if number % 2 else ""
            writer.writerow([number, each.message.title, each.message.text, day.isoformat(), f"甲{number}", persons])
        writer.writerow([900, "乱收费", "学校乱收费三百元", "", "乙", ""])
    return path


def test_a_year_against_the_one_before(run: Run, register: Path, desk: Path) -> None:
    ran = run("drift", register, "--since", "2025-01", "--out", "drift.xlsx")
    assert ran.code == 3
    assert "841 rows in = 840 counted + 0 repeated + 0 after the last day + 1 rejected; model version 0001." in ran.err
    assert re.search(r"register\.csv row \d+: 没有时间", ran.err)
    lines = ran.out.splitlines()
    assert lines[-1] == "drift.xlsx"
    assert lines[-2].startswith(("建议重训：", "不必重训：")) and lines[-2].endswith("。")
    assert all(f"2025-{month:02}" in ran.out for month in range(1, 13))
    assert "2024-" not in ran.out
    book = openpyxl.load_workbook(desk / "drift.xlsx")
    assert book["结论"]["B2"].value == lines[-2]


def test_json_holds_every_figure(run: Run, register: Path) -> None:
    said = run("drift", register, "--since", "2025-06-01", "--until", "2025-09-30", "--json").json
    assert [each["month"] for each in said["months"]] == ["2025-06", "2025-07", "2025-08", "2025-09"]
    assert said["together"]["month"] == "2025-07～2025-09"
    assert said["rows_in"] == said["counted"] + said["repeated"] + said["later"] + len(said["rejected"])
    figures = {each["figure"]: each for each in said["months"][0]["figures"]}
    assert set(figures) == {"mix", "unknown_words", "confidence", "reviewed", "accepted", "overconfidence"}
    assert figures["mix"]["basis"] == "year_before"
    assert 0 <= figures["unknown_words"]["now"] <= 1
    assert said["months"][0]["decided"] > 0
    assert said["verdict"] in ("retrain", "keep")
    assert said["conclusion"]


def test_decisions_in_the_store_count(run: Run, desk: Path) -> None:
    rows = ["编号,标题,内容,时间", *(f"{number},乱收费,学校乱收费三百元第{number}封,2026-03-02" for number in range(4))]
    (desk / "in.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    labels = [f"{row},{name}" for row, name in zip(rows, ["类别", "教育收费", "教育收费", "教师待遇"], strict=False)]
    (desk / "labels.csv").write_text("\n".join(labels) + "\n", encoding="utf-8")
    assert run("label", "add", "labels.csv", "--by", "甲").code == 0
    said = run("drift", "in.csv", "--since", "2026-03", "--json").json
    assert said["months"][0]["decided"] == 3


def test_a_table_without_times_costs_no_training(run: Run, letters: Path) -> None:
    ran = run("drift", letters, "--since", "2026-01")
    assert ran.code == 2
    assert "no column for the received_at (时间) was recognised" in ran.error


def test_an_older_result_is_kept(run: Run, register: Path, desk: Path) -> None:
    (desk / "out.xlsx").write_bytes(b"older")
    ran = run("drift", register, "--since", "2025-01", "--out", "out.xlsx")
    assert (ran.code, ran.out) == (2, "")
    assert "exists already" in ran.error
    assert (desk / "out.xlsx").read_bytes() == b"older"
