"""`triage explain`: one message, with the words that speak for and against its category."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Run = Callable[..., Any]
TEXT = "泰和县的学校乱收费，每人三百元"


def test_the_screen_names_category_words_route_and_version(run: Run) -> None:
    ran = run("explain", TEXT, "--title", "乱收费")
    assert ran.code == 0
    lines = {line.split()[0]: line for line in ran.out.splitlines() if line.strip()}
    assert "教育收费" in lines["类别"]
    assert "收费" in lines["支持"]
    assert "财务科（规则 " in lines["主办"]
    assert "泰和县" in lines["属地"]
    assert "0001" in lines["模型"]
    assert f"乱收费 {TEXT}" in lines["原文"]


def test_json_says_all_of_it(run: Run) -> None:
    said = run("explain", TEXT, "--json").json
    assert said["primary"] == said["ranked"][0]["category"] == "fees"
    assert said["confidence"] == said["ranked"][0]["confidence"]
    assert sum(each["confidence"] for each in said["ranked"]) == pytest.approx(1)
    assert said["route"]["lead"] == "finance"
    assert said["route"]["jurisdiction"] == "taihe"
    assert said["signals"]["jurisdictions"] == ["taihe"]
    assert said["model_version"] == "0001"
    for each in said["evidence"]:
        assert TEXT[each["start"] : each["end"]] == each["words"]


def test_a_title_alone_is_a_message(run: Run) -> None:
    assert run("explain", "", "--title", "学校乱收费", "--json").json["primary"] == "fees"


@pytest.mark.parametrize("text", ["", "  \n"])
def test_no_message_at_all(run: Run, text: str) -> None:
    ran = run("explain", text)
    assert ran.code == 2
    assert ran.error == "The message is empty. Give a text."


def test_what_looks_like_markup_of_the_screen_is_shown_as_written(run: Run) -> None:
    ran = run("explain", "[bold]学校[/bold]乱收费 [/] :smile:")
    assert ran.code == 0
    assert "[bold]学校[/bold]乱收费 [/] :smile:" in ran.out


@pytest.mark.parametrize("text", ["。。。", "🙂", "<p></p>", "12345678901234567890", "x" * 5000])
def test_whatever_is_asked_there_is_an_answer(run: Run, text: str) -> None:
    assert run("explain", text, "--json").json["review"]
    assert run("explain", text).code == 0


def test_a_number_of_a_person_is_no_evidence(run: Run) -> None:
    said = run("explain", "学校乱收费，电话13800001234，身份证360899190001010029", "--json")
    assert said.code == 0
    assert "13800001234" not in said.out
    assert "360899190001010029" not in said.out
