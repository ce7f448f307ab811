"""Write an evaluation as one page that a head of office can read, in Chinese and with no internet."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from triage.errors import InputError, MissingExtraError
from triage.evaluation import CategoryScores, CoveragePoint, EvaluationReport, Interval
from triage.reporting.decisions import aspects_section, percent, tiers_section

_WANTED_ACCURACY = 0.95
_FEW_MESSAGES = 30
_WIDTH = 680  # px between the margins of an A4 sheet, so that charts are not cut off in print
_FONTS = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", sans-serif'
_INK, _PALE = "#1f4e79", "#c9d9ea"

_PAGE = Template("""<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title>
<style>
@page { size: A4; margin: 15mm; }
body { max-width: ${width}px; margin: 32px auto; padding: 0 16px; color: #222; background: #fff;
  font: 15px/1.7 $fonts; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
h1 { margin: 0 0 6px; font-size: 25px; line-height: 1.35; color: $ink; }
h2 { margin: 38px 0 8px; padding-bottom: 4px; border-bottom: 1px solid #d0d7de; font-size: 18px; color: $ink; }
p { margin: 6px 0; }
.quiet { color: #666; font-size: 13px; }
.finding { padding: 8px 14px; border-left: 4px solid $ink; background: #f3f6fa; font-size: 16px; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 6px 8px; border-bottom: 1px solid #e4e8ec; text-align: left; vertical-align: baseline; }
thead th { border-bottom: 2px solid #b8c2cc; font-size: 13px; color: #555; }
tbody th { font-weight: 600; white-space: nowrap; }
.number { text-align: right; white-space: nowrap; }
.range { display: block; color: #666; font-size: 12px; line-height: 1.2; }
.headline .number { font-size: 20px; color: $ink; }
section, tr, .plotly-graph-div { break-inside: avoid; }
@media print {
  body { margin: 0; padding: 0; font-size: 13px; line-height: 1.5; }
  h2 { margin-top: 20px; }
  td, th { padding: 2px 8px; }
}
</style>
</head>
<body>
<header>
<h1>$title</h1>
$subtitle
</header>
$sections
</body>
</html>
""")


def write_evaluation_page(
    report: EvaluationReport, *, names: Mapping[str, str], path: Path, title: str, subtitle: Sequence[str] = ()
) -> None:
    """Write the report as one self-contained HTML page, replacing an older one only when the new one is whole.

    Parameters
    ----------
    report : what `triage.evaluation.evaluate` found.
    names : category id -> name on the page; an id without a name stands for itself.
    path : where the page goes, in a folder that exists.
    title : heading of the page, in plain text.
    subtitle : lines under it, in plain text; such as the model version and the source of the messages.

    Raises
    ------
    MissingExtraError : plotly is not installed.
    InputError : the page cannot be written there.
    """
    try:
        from plotly import io
    except ImportError as error:
        raise MissingExtraError("plotly", extra="reports", needed_for="The evaluation page") from error
    shown = [names.get(category, category) for category in report.categories]
    figures = (_coverage_figure(report), _f1_figure(report, shown), _confusion_figure(report, shown))
    # The first chart brings the script along for all of them.
    coverage, f1, confusion = (
        io.to_html(figure, {"displayModeBar": False}, full_html=False, include_plotlyjs=not place, div_id=f"c{place}")
        for place, figure in enumerate(figures)
    )
    sections = (
        _headline_section(report, names),
        _coverage_section(report.coverage_curve, coverage),
        tiers_section(report, names),
        _categories_section(report, shown, f1),
        _confusion_section(report, shown, confusion),
        aspects_section(report),
        _method_section(report),
    )
    lines = "\n".join(f'<p class="quiet">{escape(line)}</p>' for line in subtitle)
    page = _PAGE.substitute(
        title=escape(title), subtitle=lines, sections="\n".join(sections), width=_WIDTH, fonts=_FONTS, ink=_INK
    )
    _replace(path, page)


def _headline_section(report: EvaluationReport, names: Mapping[str, str]) -> str:
    left_out = "、".join(names.get(category, category) for category in report.out_of_scope)
    rows: list[tuple[str, Interval | None, str]] = [
        ("准确率", report.accuracy, f"每 100 件留言中，约有 {100 * report.accuracy.value:.0f} 件判对了类别。"),
        ("前三命中率", report.top3_accuracy, "正确类别排在系统所列前三名之内；复核时多半只需从中选一。"),
        ("宏平均F1", report.macro_f1, "各类别不论件数多少同等计分；少见的类别判得不好，此分就低。"),
    ]
    if report.out_of_scope:
        rows.insert(1, ("本局事项准确率", report.in_scope_accuracy, f"只计属于本局的留言，不计“{left_out}”。"))
    body = "".join(
        f"<tr><th>{name}</th>{_cell(figure)}<td>{escape(meaning)}</td></tr>" for name, figure, meaning in rows
    )
    error = report.expected_calibration_error
    return (
        f'<section><h2>总体结果</h2><table class="headline"><tbody>{body}'
        f'<tr><th>校准误差</th><td class="number">{percent(error)}</td>'
        f"<td>系统报出的把握与实际准确率平均相差 {100 * error:.1f} 个百分点；越小，把握越可信。</td></tr>"
        f'</tbody></table><p class="quiet">共 {report.n} 件留言。小字为 {_level(report)} 置信区间：'
        "换一批同类的留言，结果大致会落在这个范围内。</p></section>"
    )


def _coverage_section(curve: Sequence[CoveragePoint], chart: str) -> str:
    return (
        f'<section><h2>多少留言可以自动处理</h2><p class="finding">{_coverage_sentence(curve)}</p>{chart}'
        '<p class="quiet">横轴：把留言按系统的把握从大到小排列，自动处理其中多大一部分；纵轴：这部分判对的比例。'
        "门槛由同一批留言得出，实际使用时会略有出入。</p></section>"
    )


def _coverage_sentence(curve: Sequence[CoveragePoint]) -> str:
    """Say how large a share can be left to the machine at the wanted accuracy."""
    wanted = f"{_WANTED_ACCURACY:.0%}"
    best = next((point for point in reversed(curve) if point.accuracy >= _WANTED_ACCURACY), None)
    if best is None:
        first = max(curve, key=lambda point: point.accuracy)
        return (
            f"即使只自动处理最有把握的 {percent(first.coverage)}，准确率也只有 {percent(first.accuracy)}，"
            f"不到 {wanted}；目前每件都应有人复核。"
        )
    if best is curve[-1]:
        return f"全部自动处理时，准确率 {percent(best.accuracy)}，已达到 {wanted}。"
    return (
        f"自动处理最有把握的 {percent(best.coverage)} 时，准确率 {percent(best.accuracy)}；"
        f"其余 {percent(1 - best.coverage)} 交人工复核。把握的门槛约为 {best.min_confidence:.2f}。"
    )


def _categories_section(report: EvaluationReport, shown: Sequence[str], chart: str) -> str:
    rows = "".join(
        _category_row(scores, name, predicted=sum(row[place] for row in report.confusion))
        for place, (scores, name) in enumerate(zip(report.per_category, shown, strict=True))
    )
    return (
        "<section><h2>各类别结果</h2><table><thead><tr><th>类别</th>"
        '<th class="number">件数</th><th class="number">精确率</th><th class="number">召回率</th>'
        f'<th class="number">F1</th></tr></thead><tbody>{rows}</tbody></table>'
        '<p class="quiet">精确率：判为此类的留言中，确属此类的比例。召回率：确属此类的留言中，被找出的比例。'
        f"F1：两者的调和平均。* 不足 {_FEW_MESSAGES} 件，数字仅供参考。– 没有这样的留言，无从计算。</p>"
        f"{chart}</section>"
    )


def _category_row(scores: CategoryScores, name: str, *, predicted: int) -> str:
    few = " *" if scores.support < _FEW_MESSAGES else ""
    precision = _cell(scores.precision if predicted else None)
    recall = _cell(scores.recall if scores.support else None)
    f1 = _cell(scores.f1 if scores.support or predicted else None)
    return f'<tr><th>{escape(name)}</th><td class="number">{scores.support}{few}</td>{precision}{recall}{f1}</tr>'


def _confusion_section(report: EvaluationReport, shown: Sequence[str], chart: str) -> str:
    pairs = ((true, guess) for true in range(len(shown)) for guess in range(len(shown)) if true != guess)
    true, guess = max(pairs, key=lambda pair: report.confusion[pair[0]][pair[1]], default=(0, 0))
    count = 0 if true == guess else report.confusion[true][guess]
    sentence = "没有判错的留言。"
    if count:
        sentence = f"最常见的错误：“{escape(shown[true])}”被判为“{escape(shown[guess])}”，{count} 件。"
    return (
        f'<section><h2>哪些类别容易混淆</h2><p class="finding">{sentence}</p>{chart}'
        '<p class="quiet">每行是一个实际类别，格中是件数；颜色越深，占该行的比例越大。对角线上是判对的。</p></section>'
    )


def _method_section(report: EvaluationReport) -> str:
    judged = [each.error for each in report.calibration if each.support >= _FEW_MESSAGES]
    calibration = f"各类别（不少于 {_FEW_MESSAGES} 件的）校准误差最大 {percent(max(judged))}。" if judged else ""
    return (
        f'<section><h2>评估方法</h2><p class="quiet">{escape(report.method)}。所有数字都出自模型没有学过的留言；'
        f"置信区间由 {report.n_bootstrap} 次自助抽样得出，校准误差按 15 个等量区间计算。{calibration}</p></section>"
    )


def _coverage_figure(report: EvaluationReport) -> dict[str, Any]:
    curve = report.coverage_curve
    trace = {
        "type": "scatter",
        "mode": "lines+markers",
        "x": [point.coverage for point in curve],
        "y": [point.accuracy for point in curve],
        "customdata": [point.min_confidence for point in curve],
        "hovertemplate": "自动处理 %{x:.1%}<br>准确率 %{y:.1%}<br>把握不低于 %{customdata:.2f}<extra></extra>",
        "line": {"color": _INK, "width": 2.5},
        "marker": {"size": 4},
    }
    wanted = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": _WANTED_ACCURACY, "y1": _WANTED_ACCURACY}
    lowest = min(_WANTED_ACCURACY, *(point.accuracy for point in curve))
    layout = _layout(height=340, left=64, right=16, bottom=52) | {
        "xaxis": _share_axis("自动处理的比例"),
        "yaxis": _share_axis("准确率", start=max(0.0, lowest - 0.05)),
        "shapes": [wanted | {"line": {"color": "#999", "width": 1, "dash": "dash"}}],
    }
    return {"data": [trace], "layout": layout}


def _f1_figure(report: EvaluationReport, shown: Sequence[str]) -> dict[str, Any]:
    scores = [entry.f1 for entry in report.per_category]
    above, below = [f1.high - f1.value for f1 in scores], [f1.value - f1.low for f1 in scores]
    trace = {
        "type": "bar",
        "orientation": "h",
        "y": list(range(len(shown))),
        "x": [f1.value for f1 in scores],
        "marker": {"color": _PALE},
        "error_x": {"type": "data", "array": above, "arrayminus": below, "color": _INK, "thickness": 1.5, "width": 4},
        "hovertemplate": "F1 %{x:.1%}<extra></extra>",
    }
    layout = _layout(height=90 + 30 * len(shown), left=16, right=16, bottom=52) | {
        "xaxis": _share_axis(f"F1（细线为 {_level(report)} 置信区间）"),
        "yaxis": _category_axis(shown) | {"autorange": "reversed"},
        "bargap": 0.35,
    }
    return {"data": [trace], "layout": layout}


def _confusion_figure(report: EvaluationReport, shown: Sequence[str]) -> dict[str, Any]:
    look = {"zmin": 0, "zmax": 1, "xgap": 1, "ygap": 1, "showscale": False, "texttemplate": "%{text}"}
    trace = look | {
        "type": "heatmap",
        "z": [[count / max(sum(row), 1) for count in row] for row in report.confusion],
        "text": [[str(count) if count else "" for count in row] for row in report.confusion],
        "colorscale": [[0, "#ffffff"], [0.5, "#8fb3d6"], [1, _INK]],
        "hovertemplate": "%{text} 件，占该行 %{z:.1%}<extra></extra>",
    }
    layout = _layout(height=120 + 38 * len(shown), left=16, right=72, bottom=8) | {
        "plot_bgcolor": "#e4e8ec",
        "xaxis": _category_axis(shown) | {"title": {"text": "系统判为"}, "side": "top", "tickangle": -45},
        "yaxis": _category_axis(shown) | {"title": {"text": "实际类别", "standoff": 12}, "autorange": "reversed"},
    }
    return {"data": [trace], "layout": layout}


def _layout(*, height: int, left: int, right: int, bottom: int) -> dict[str, Any]:
    margin = {"l": left, "r": right, "t": 16, "b": bottom}
    font = {"family": _FONTS, "size": 13, "color": "#333"}
    frame = {"width": _WIDTH, "height": height, "margin": margin}
    return frame | {"font": font, "plot_bgcolor": "#fff", "template": "none"}


def _share_axis(title: str, *, start: float = 0.0) -> dict[str, Any]:
    return {"title": {"text": title}, "tickformat": ".0%", "range": [start, 1.01], "gridcolor": "#eee"}


def _category_axis(shown: Sequence[str]) -> dict[str, Any]:
    """Label places rather than plot names: plotly would read a name as a number, a date or as markup."""
    labels = [escape(name, quote=False) for name in shown]
    places = list(range(len(shown)))
    return {"tickvals": places, "ticktext": labels, "automargin": True, "showgrid": False, "zeroline": False}


def _cell(figure: Interval | None) -> str:
    if figure is None:
        return '<td class="number">–</td>'
    spread = f"{100 * figure.low:.1f}–{100 * figure.high:.1f}%"
    return f'<td class="number">{percent(figure.value)}<span class="range">{spread}</span></td>'


def _level(report: EvaluationReport) -> str:
    return f"{100 * report.confidence_level:g}%"


def _replace(path: Path, page: str) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with draft.open("w", encoding="utf-8") as file:
            file.write(page)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        raise InputError(
            f"The page cannot be written: {error.strerror or error}.",
            where=str(path),
            fix="Choose a folder that exists and may be written to, and close the old page.",
        ) from error
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
