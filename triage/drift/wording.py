"""What was found, in the words of an office."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date

from triage.drift.comparing import CALLING
from triage.drift.job import DriftRun
from triage.drift.report import Basis, ComparedMonth, Comparison, DriftReport, Figure, Finding, Verdict

FEW_LABELS = 100
"""New labels below which more of them should come first: a model learns little from fewer."""
_NAMED_WORDS = 3

FIGURE_NAMES: Mapping[Figure, str] = {
    Figure.MIX: "类别构成",
    Figure.UNKNOWN: "生词占比",
    Figure.CONFIDENCE: "平均把握",
    Figure.REVIEWED: "交人工占比",
    Figure.ACCEPTED: "人工采纳率",
    Figure.OVERCONFIDENCE: "把握与采纳率之差",
}
BASIS_NAMES: Mapping[Basis, str] = {
    Basis.YEAR_BEFORE: "上年同月",
    Basis.EARLIER: "此前各月",
    Basis.ITSELF: "当月采纳率",
    Basis.NOTHING: "无可比月份",
}


def percent(share: float | None) -> str:
    """A share as people read it."""
    return "–" if share is None else f"{100 * share:.1f}%"


def month_name(first: date, last: date | None = None) -> str:
    """Such as 2026 年 9 月, or 2026 年 7 月至 2026 年 9 月."""
    name = f"{first.year} 年 {first.month} 月"
    return name if last is None or last == first else f"{name}至 {month_name(last)}"


def conclusion(run: DriftRun, categories: Mapping[str, str]) -> str:
    """Whether to retrain, and why, in one sentence; `categories` are the names by id."""
    report = run.report
    called = list(_latest(report, lambda figure: figure in CALLING))
    noticed = list(_latest(report, lambda figure: figure not in CALLING))
    seen = [alarm_words(month, alarm, categories) for month, alarm in noticed]
    match report.verdict:
        case Verdict.RETRAIN:
            told = [f"建议重训：{'，'.join(alarm_words(month, alarm, categories) for month, alarm in called)}"]
        case Verdict.KEEP:
            period = month_name(report.recent[0].month.first, report.recent[-1].month.last)
            told = [f"不必重训：{period}{_steady(report.recent)}没有明显变差", *_unjudged(report.recent)]
        case Verdict.UNCLEAR:
            told = [f"数据不足，无法判断：{_why_unclear(run)}"]
    if seen:
        told.append(f"另请留意：{'，'.join(seen)}")
    return "；".join([*told, *_labels(run)]) + "。"


def alarm_words(month: ComparedMonth, alarm: Comparison, categories: Mapping[str, str]) -> str:
    """What has changed in a month."""
    when = month_name(month.month.first, month.month.last)
    if alarm.figure is Figure.MIX:
        shifts = "、".join(
            f"{categories.get(each.category, each.category)}由 {percent(each.before)} {_moved(each.change)}到"
            f" {percent(each.now)}"
            for each in alarm.proven
        )
        return f"{when}{shifts}（比{BASIS_NAMES[alarm.basis]}）"
    if alarm.figure is Figure.OVERCONFIDENCE:
        return f"{when}模型的把握比人工采纳率平均高出 {percent(alarm.now)}"
    moved = _moved((alarm.now or 0.0) - (alarm.before or 0.0))
    words = f"{when}{FIGURE_NAMES[alarm.figure]}由 {percent(alarm.before)} {moved}到 {percent(alarm.now)}"
    named = [f"「{each.word}」" for each in month.month.new_words[:_NAMED_WORDS]]
    examples = f"，新词如{''.join(named)}" if named and alarm.figure is Figure.UNKNOWN else ""
    return f"{words}（比{BASIS_NAMES[alarm.basis]}{examples}）"


def _moved(change: float) -> str:
    return "升" if change > 0 else "降"


def _latest(report: DriftReport, wanted: Callable[[Figure], bool]) -> Iterator[tuple[ComparedMonth, Comparison]]:
    """The last alarm of each figure: of a month, else of the last months together."""
    together = [report.together] if report.together else []
    single = [month for month in report.recent if month is not report.together]
    for figure in filter(wanted, Figure):
        found = [month for month in (*together, *single) if month[figure].finding is Finding.ALARM]
        if found:
            yield found[-1], found[-1][figure]


def _is_judged(months: Sequence[ComparedMonth], figure: Figure) -> bool:
    return any(month[figure].finding is not Finding.TOO_FEW for month in months)


def _steady(months: Sequence[ComparedMonth]) -> str:
    return "、".join(FIGURE_NAMES[figure] for figure in Figure if figure in CALLING and _is_judged(months, figure))


def _unjudged(months: Sequence[ComparedMonth]) -> Iterator[str]:
    missing = [figure for figure in Figure if figure in CALLING and not _is_judged(months, figure)]
    if missing:
        yield f"{'、'.join(FIGURE_NAMES[figure] for figure in missing)}因数据太少没有判断"


def _why_unclear(run: DriftRun) -> str:
    if not run.report.recent:
        return f"{month_name(run.since)}以来没有信件"
    return "各月件数太少，或没有可比的月份"


def _labels(run: DriftRun) -> Iterator[str]:
    """What there is to learn from."""
    if run.new_labels is None:
        return
    if run.report.verdict is Verdict.RETRAIN and run.new_labels < FEW_LABELS:
        yield f"模型之后只新增 {run.new_labels} 条标注，请先补标（triage suggest）"
    else:
        yield f"模型之后新增 {run.new_labels} 条标注"
