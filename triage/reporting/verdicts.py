"""What the gate decided, in the words of an office."""

from __future__ import annotations

from collections.abc import Mapping

from triage.gate import Check, Verdict

COLUMNS = ("检查项目", "件数", "现用", "新", "要求", "结论")
"""Names of the columns of the table of checks."""

_NAMES = {
    "labels": "学过的标注不丢",
    "categories": "认得的类别不丢",
    "relabelled": "旧标注改类的比例",
    "overall": "总体正确率",
    "newest": "最近来信正确率",
    "category": "",
    "seen_first": "紧急件排进前 15%",
    "urgent": "紧急件排进前 5%",
    "calibration": "把握的平均误差",
}
_COUNTS = frozenset({"labels", "categories"})
_CEILINGS = frozenset({"relabelled", "calibration"})


def verdict_rows(verdict: Verdict, categories: Mapping[str, str]) -> list[tuple[str, ...]]:
    """The table of checks, with the cells of `COLUMNS`; `categories` are the names by id."""
    return [_row(check, categories) for check in verdict.checks]


def verdict_sentence(verdict: Verdict, challenger: str, categories: Mapping[str, str]) -> str:
    """Which model is to be used, and why the new one is not, where it is refused."""
    if not verdict.champion:
        return f"没有可以比较的现用模型，采用新模型 {challenger}。"
    compared = f"与现用模型 {verdict.champion} 在双方都没学过的 {verdict.judged} 件上比较{_period(verdict)}"
    if verdict.promoted:
        return f"{compared}，新模型不比它差：采用新模型 {challenger}。"
    reasons = "；".join(_reason(check, categories) for check in verdict.checks if not check.passed)
    return f"{compared}，不采用新模型 {challenger}，继续使用 {verdict.champion}。原因：{reasons}。"


def _period(verdict: Verdict) -> str:
    return f"（{verdict.since} 至 {verdict.until}）" if verdict.since else ""


def _row(check: Check, categories: Mapping[str, str]) -> tuple[str, ...]:
    return (
        _name(check, categories),
        str(check.cases) if check.cases else "",
        _figure(check, check.champion),
        _figure(check, check.challenger),
        _demand(check),
        "通过" if check.passed else "不通过",
    )


def _name(check: Check, categories: Mapping[str, str]) -> str:
    return _NAMES[check.name] or f"{categories.get(check.subject, check.subject)}正确率"


def _figure(check: Check, value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.0f}" if check.name in _COUNTS else f"{value:.1%}"


def _demand(check: Check) -> str:
    limit = _figure(check, check.limit)
    if check.name in _COUNTS:
        return "一个不少"
    if check.name in _CEILINGS:
        return f"≤ {limit}"
    if check.name == "overall":
        return f"有 95% 把握 ≥ {limit}"
    if check.name == "seen_first":
        return f"≥ {limit}"
    return f"≥ {limit}（偶然除外）"


def _reason(check: Check, categories: Mapping[str, str]) -> str:
    name = _name(check, categories)
    before, after = _figure(check, check.champion), _figure(check, check.challenger)
    if check.name in _COUNTS:
        return f"{name}：{before} 个里只有 {after} 个还在"
    if check.name in _CEILINGS:
        return f"{name} {after}，超过了 {_figure(check, check.limit)}"
    if check.name == "overall" and (check.challenger or 0) >= (check.limit or 0):
        return f"{name}由 {before} 到 {after}，{check.cases} 件太少，不能证明它没有变差"
    return f"{name}由 {before} 降到 {after}"
