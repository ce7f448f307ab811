"""`triage explain`: one message, with the words that speak for and against its category."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from triage.config import load_taxonomy

Run = Callable[..., Any]
TEXT = "泰和县的学校乱收费，每人三百元"
CATEGORIES = load_taxonomy(Path(__file__).parents[2] / "data").categories
NAMES = {category.id: category.name for category in CATEGORIES}


def said(ran: Any) -> dict[str, list[str]]:
    """What the screen says under each word at the beginning of a line."""
    assert ran.code == 0
    lines: dict[str, list[str]] = {}
    for line in ran.out.splitlines():
        word, _, rest = line.partition("  ")
        lines.setdefault(word, []).append(rest)
    return lines


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


def test_the_screen_names_every_clock_with_its_rule_and_article(run: Run) -> None:
    shown = said(run("explain", TEXT, "--received", "2026-09-01", "--channel", "mayor_mailbox"))
    assert shown["期限"] == [
        "办结 2026-09-08（规则 mailbox；本市市长信箱办理规定：收到之日起5个工作日内）",
        "受理告知 2026-09-16（规则 accept；信访工作条例第二十三条：收到之日起15日内）",
    ]
    by_letter = said(run("explain", TEXT, "--received", "2026-09-01", "--channel", "letter"))
    assert "办结 2026-10-31（规则 finish；信访工作条例第三十四条" in by_letter["期限"][1]


def test_a_day_that_is_none(run: Run) -> None:
    assert run("explain", TEXT, "--received", "2026-02-30").code == 2


def test_a_due_date_beyond_the_known_holidays_says_that_it_is_estimated(run: Run) -> None:
    shown = said(run("explain", TEXT, "--received", "2093-09-01", "--channel", "mayor_mailbox"))
    assert "（节假日安排未公布，按周末推算）" in next(due for due in shown["期限"] if due.startswith("办结"))


def test_the_screen_says_that_nothing_is_proven(run: Run) -> None:
    shown = said(run("explain", TEXT))
    assert shown["判定"] == ["模型；尚无本局标注可供验证，一律人工"]
    assert "这一类尚未证明可以自动分派" in shown["复核"][0]


def test_the_screen_names_the_threshold_of_the_category_or_that_it_has_none(run: Run, proven: Path) -> None:
    (shown,) = said(run("explain", "学校乱收费三百元"))["判定"]
    threshold = run("explain", "学校乱收费三百元", "--json").json["threshold"]
    assert shown == f"模型；教育收费的置信度不低于 {threshold:.3f} 才自动分派"
    (other,) = said(run("explain", "校长贪污受贿，把食堂工程包给妻弟，账目从不公开"))["判定"]
    assert other == "模型；廉政建设的标注太少，证明不了可以自动分派，一律人工"


def test_the_screen_says_that_a_rule_decided(run: Run, bureau: Path) -> None:
    with (bureau / "data" / "rules.toml").open("a", encoding="utf-8") as stream:
        stream.write('[[rule]]\nid = "a"\ncategory = "pay"\nwords = ["乱收费", "三百元"]\nbasis = "某通知"\n')
    ran = run("explain", TEXT)
    assert said(ran)["判定"][0].startswith("规则 a；")
    assert said(ran)["类别"][0].startswith("教师待遇  0.0")
    told = run("explain", TEXT, "--json").json
    assert (told["category"], told["decided_by"], told["rule"], told["primary"]) == ("pay", "rule", "a", "fees")


def test_a_due_date_says_by_how_much_it_may_be_extended(run: Run) -> None:
    shown = said(run("explain", "学校拖欠代课老师工资，请求解决", "--received", "2026-09-01", "--channel", "letter"))
    finish, notice = (next(line for line in shown["期限"] if line.startswith(name)) for name in ("办结", "受理告知"))
    assert "可以延长，至多30日：情况复杂，经本机关、单位负责人批准" in finish
    assert "延长" not in notice


def test_without_the_turning_words_the_category_is_another(run: Run) -> None:
    told = run("explain", TEXT, "--json").json
    assert told["turning_words"]
    shown = run("explain", TEXT).out
    assert f"去掉这些词则改判：{'、'.join(told['turning_words'])}\n" in shown
    assert f"若以这些词为主则归{NAMES[told['ranked'][1]['category']]}：" in shown
    without = TEXT
    for word in told["turning_words"]:
        without = without.replace(word, "")
    assert run("explain", without, "--json").json["primary"] != told["primary"]


def test_an_accusation_says_whom_it_must_not_reach_and_where_it_goes(run: Run) -> None:
    text = "我检举吉安一中校长贪污受贿，食堂没有招标包给妻弟，账目从不公开，请纪检部门查处"
    shown = said(run("explain", text))
    assert shown["性质"][0].startswith("检举控告（检举控告的可能 0.")
    assert "廉政建设" in shown["类别"][0]
    assert "派驻纪检监察组（规则 " in shown["主办"][0]
    assert shown["接收"] == ["派驻纪检监察组（市局，密件）"]
    assert "不得透露或者转给被检举的学校负责人所在学校、吉安市第一中学，" in shown["回避"][0]
    assert "检举控告，须回避" in shown["复核"][0]
    assert "回避" not in said(run("explain", TEXT))


def test_what_is_urgent_says_by_what_signs(run: Run) -> None:
    shown = said(run("explain", "老师打我孩子13800001234骨折住院，要求处理", "--received", "2026-09-01"))
    assert shown["紧急"][0].startswith("是（危险迹象：")
    assert "***********骨折" in shown["紧急"][0]
    assert shown["期限"][0].startswith("紧急处置 2026-09-01（规则 urgent；信访工作条例第二十五条")
    assert shown["复核"][0].startswith("紧急；")


def test_what_is_not_the_bureaus_is_sent_back_with_a_draft(run: Run) -> None:
    text = "小区电梯三天两头困人，物业不修"
    shown = said(run("explain", text, "--received", "2026-09-01", "--channel", "city_platform"))
    assert shown["主办"][0].startswith("退回转办（规则 ")
    assert shown["期限"][0].startswith("退件异议 2026-09-08（规则 object；")
    assert "市住房和城乡建设局" in shown["草稿"][0]
    assert "草稿" not in said(run("explain", TEXT))


def test_json_says_all_of_it(run: Run) -> None:
    said = run("explain", TEXT, "--json").json
    assert set(said) == {
        "category",
        "decided_by",
        "rule",
        "primary",
        "confidence",
        "threshold",
        "ranked",
        "secondary",
        "nature",
        "report",
        "urgent",
        "evidence",
        "turning_words",
        "signals",
        "route",
        "due",
        "draft",
        "review",
        "model_version",
    }
    assert (said["category"], said["decided_by"], said["threshold"]) == ("fees", "model", None)
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
    said = run("explain", "学校乱收费，电话13800001234，身份证360899190001010029，校车13800001234超载", "--json")
    assert said.code == 0
    assert "13800001234" not in said.out
    assert "360899190001010029" not in said.out
