"""The sections on what may go without a person, and on what is told beside the category."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from triage.evaluation import EvaluationReport, MatchScores, TierScores
from triage.schema import NATURE_NAMES

_TITLE = "已证明可以自动分派的部分"
_NATURES = {nature.value: name for nature, name in NATURE_NAMES.items()}


def percent(share: float) -> str:
    """A share as the pages write it."""
    return f"{100 * share:.1f}%"


def tiers_section(report: EvaluationReport, names: Mapping[str, str]) -> str:
    """Coverage and accuracy of the automatic tier, which are never told apart."""
    if not report.tiers:
        return f"<section><h2>{_TITLE}</h2><p>本局标注还不足以证明什么，所有留言都交人工复核。</p></section>"
    rows = "".join(_tier_row(tier) for tier in report.tiers)
    details = "".join(_tier_details(tier, names) for tier in report.tiers)
    return (
        f"<section><h2>{_TITLE}</h2><table><thead><tr><th>允许的差错</th>"
        '<th class="number">自动分派</th><th class="number">准确率</th><th class="number">判错</th>'
        f'<th class="number">差错上限</th></tr></thead><tbody>{rows}</tbody></table>{details}'
        '<p class="quiet">门槛在训练时用模型没有学过的标注定下，再用在这里的留言上，留言本身没有参加定门槛。'
        "差错上限：按二项分布精确计算，有 95% 的把握不超过此数。达不到门槛的，一律交人工。</p></section>"
    )


def _tier_row(tier: TierScores) -> str:
    accuracy = percent(tier.accuracy) if tier.automatic else "–"
    cells = (percent(tier.coverage), accuracy, f"{tier.errors} / {tier.automatic}", percent(tier.error_bound))
    return f"<tr><th>{tier.max_error:.0%}</th>{_numbers(cells)}</tr>"


def _tier_details(tier: TierScores, names: Mapping[str, str]) -> str:
    went = "；".join(
        f"{names.get(each.category, each.category)} {each.automatic} 件（错 {each.errors}）"
        for each in tier.per_category
        if each.automatic
    )
    never = "、".join(names.get(each, each) for each in tier.never)
    always = f"。一律交人工：{never}（标注太少或证明不了）" if never else ""
    return f'<p class="quiet">允许差错 {tier.max_error:.0%}：{escape(went)}{escape(always)}。</p>'


def aspects_section(report: EvaluationReport) -> str:
    """What is told beside the category; nothing where the labels say nothing of it."""
    rows = list(_rows(report))
    if not rows:
        return ""
    body = "".join(
        f"<tr><th>{escape(what)}</th><td>{escape(figure)}</td>{_numbers([value])}"
        f'<td class="quiet">{escape(of)}</td></tr>'
        for what, figure, value, of in rows
    )
    return f"<section><h2>类别以外的判断</h2><table><tbody>{body}</tbody></table></section>"


def _rows(report: EvaluationReport) -> Iterator[tuple[str, str, str, str]]:
    if report.secondary:
        yield "次要类别", "微平均F1", percent(report.secondary.strict.f1), _counts(report.secondary.strict)
        right = report.secondary.where_primary_right
        yield "", "其中首要类别判对的", percent(right.f1), _counts(right)
        touched = report.secondary.all_touched
        yield "", "首要与次要合并计算", percent(touched.f1), _counts(touched)
    if report.nature:
        each = "，".join(f"{_NATURES.get(name, name)} {percent(score)}" for name, score in report.nature.f1)
        yield "性质", "宏平均F1", percent(report.nature.macro_f1), f"{report.nature.messages} 件：{each}"
    if report.urgent:
        urgent = report.urgent
        of = f"{urgent.messages} 件中紧急的 {urgent.urgent} 件"
        yield "紧急", f"最紧急的 {urgent.share:.0%} 中找到", percent(urgent.recall), of
        yield "", f"标为紧急的 {percent(urgent.flagged)} 中找到", percent(urgent.flagged_recall), of
        yield "", f"交人先看的 {percent(urgent.watched)} 中找到", percent(urgent.watched_recall), of
    if report.names:
        yield "属地", "与标注完全一致", percent(report.names.place_accuracy), f"{report.names.messages} 件"
        yield "学校", "字字相同的F1", percent(report.names.schools.f1), _counts(report.names.schools)
        yield (
            "",
            "指同一处的F1",
            percent(report.names.schools_overlapping.f1),
            _counts(report.names.schools_overlapping),
        )


def _counts(scores: MatchScores) -> str:
    return f"应有 {scores.wanted} 个，找出 {scores.found} 个，对 {scores.right} 个"


def _numbers(values: Sequence[str]) -> str:
    return "".join(f'<td class="number">{escape(value)}</td>' for value in values)
