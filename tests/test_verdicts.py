"""The gate's decision in the words of an office."""

from __future__ import annotations

from triage.gate import Check, Verdict, kept, relabelled
from triage.reporting import VERDICT_COLUMNS, verdict_rows, verdict_sentence

NAMES = {"fees": "教育收费"}
GOOD = (
    kept("labels", 0, 700),
    relabelled(7, 700, 0.1),
    Check("overall", True, cases=700, champion=0.88, challenger=0.89, limit=0.865, p=0.001),
    Check("category", True, "fees", 40, 0.8, 0.85, 0.75, 0.9),
)


def test_every_check_is_a_row() -> None:
    rows = verdict_rows(Verdict("0003", 700, "2026-01-01", "2026-06-30", GOOD), NAMES)
    assert rows == [
        ("学过的标注不丢", "", "700", "700", "一个不少", "通过"),
        ("旧标注改类的比例", "700", "", "1.0%", "≤ 10.0%", "通过"),
        ("总体正确率", "700", "88.0%", "89.0%", "有 95% 把握 ≥ 86.5%", "通过"),
        ("教育收费正确率", "40", "80.0%", "85.0%", "≥ 75.0%（偶然除外）", "通过"),
    ]
    assert {len(row) for row in rows} == {len(VERDICT_COLUMNS)}


def test_who_passes_takes_over() -> None:
    said = verdict_sentence(Verdict("0003", 700, "2026-01-01", "2026-06-30", GOOD), "0004", NAMES)
    assert said == (
        "与现用模型 0003 在双方都没学过的 700 件上比较（2026-01-01 至 2026-06-30），新模型不比它差：采用新模型 0004。"
    )


def test_the_first_model_has_nobody_to_beat() -> None:
    assert verdict_sentence(Verdict("", 0, "", "", ()), "0001", NAMES) == "没有可以比较的现用模型，采用新模型 0001。"


def test_a_refusal_says_every_reason() -> None:
    bad = (
        kept("labels", 350, 700),
        Check("overall", False, cases=66, champion=0.9, challenger=0.9, limit=0.86, p=0.2),
        Check("category", False, "fees", 40, 0.8, 0.5, 0.75, 0.001),
        Check("seen_first", False, "", 40, 0.9, 0.85, 0.9),
        Check("calibration", False, "", 700, 0.02, 0.09, 0.066),
    )
    said = verdict_sentence(Verdict("0003", 700, "", "", bad), "0004", NAMES)
    assert said == (
        "与现用模型 0003 在双方都没学过的 700 件上比较，不采用新模型 0004，继续使用 0003。原因："
        "学过的标注不丢：700 个里只有 350 个还在；总体正确率由 90.0% 到 90.0%，66 件太少，不能证明它没有变差；"
        "教育收费正确率由 80.0% 降到 50.0%；紧急件排进前 15%由 90.0% 降到 85.0%；把握的平均误差 9.0%，超过了 6.6%。"
    )
