"""`triage explain`: why a message is what the pipeline says, and where and by when it goes."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from triage.cli.state import JsonOption
from triage.schema import Channel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.text import Text

    from triage.config import Config
    from triage.pipeline import Pipeline
    from triage.schema import Case, DueDate, Evidence, Message

_STRONG, _WEAK = 0.5, 0.15
"""Shares of the strongest weight from which on a word is marked."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(explain)


def explain(
    context: typer.Context,
    text: Annotated[str, typer.Argument(help="The text of a message.")],
    title: Annotated[str, typer.Option("--title", help="Its title.")] = "",
    channel: Annotated[Channel | None, typer.Option("--channel", help="The way on which it came in.")] = None,
    received: Annotated[
        datetime | None,
        typer.Option("--received", formats=["%Y-%m-%d"], help="The day on which it came in. Default: today."),
    ] = None,
    model: Annotated[str | None, typer.Option("--model", help="Model version. Default: the one in use.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Show why one message is what it is: its words, the alternatives, the rule that routed it, and the clocks."""
    from datetime import date

    from rich.console import Console

    from triage.cli.common import open_bureau, open_pipeline, show_json
    from triage.errors import InputError
    from triage.schema import Message

    if not (text.strip() or title.strip()):
        raise InputError("The message is empty.", fix="Give a text.")
    config, workshop = open_bureau(context)
    pipeline = open_pipeline(config, workshop, model)
    came = received or datetime.combine(date.today(), datetime.min.time())
    message = Message(id="", title=title, text=text, channel=channel, received_at=came)
    (case,) = pipeline.triage([message], on=date.today())
    if as_json:
        show_json(_content(case, pipeline))
        return
    for part in _sentences(case, config, pipeline):
        Console().print(part, highlight=False, soft_wrap=True)


def _sentences(case: Case, config: Config, pipeline: Pipeline) -> Iterator[Text]:
    from rich.text import Text

    yield from _category_lines(case, config, pipeline)
    yield from map(Text, _signal_lines(case, config))
    yield from map(Text, _route_lines(case, config))
    for due in case.due:
        note = "（节假日安排未公布，按周末推算）" if due.estimated else ""
        yield Text(
            f"期限  {due.name} {due.day.isoformat()}{note}（规则 {due.clock}；{due.basis}{_extension(due, config)}）"
        )
    if case.draft:
        yield Text(f"草稿  {case.draft}")
    yield Text(f"复核  {_review(case)}")
    yield Text(f"模型  {case.prediction.model_version}")


def _extension(due: DueDate, config: Config) -> str:
    """By how much the period may be extended, and how; nothing where it may not."""
    clock = next(each for each in config.clocks if each.id == due.clock)
    if not clock.extension_days:
        return ""
    unit = "个工作日" if clock.unit == "working" else "日"
    return f"；可以延长，至多{clock.extension_days}{unit}：{clock.extension_basis or '须经批准'}"


def _category_lines(case: Case, config: Config, pipeline: Pipeline) -> Iterator[Text]:
    """The category, what speaks for it, and what would have to be different for another."""
    from rich.text import Text

    from triage.forms import decided_by, shown_confidence

    prediction = case.prediction
    names = {category.id: category.name for category in config.taxonomy.categories}
    alternatives = "；".join(
        f"{names[each.category]} {shown_confidence(each.confidence):.3f}" for each in prediction.ranked[1:4]
    )
    yield Text(f"类别  {names[case.category]}  {shown_confidence(case.confidence):.3f}", style="bold")
    rule = f" {case.ruled_by}" if case.ruled_by and not case.decided.category else ""
    yield Text(f"判定  {decided_by(case)}{rule}；{_threshold(case, pipeline, names)}")
    yield Text(f"备选  {alternatives}")
    yield Text(f"次要  {'、'.join(names[each] for each in prediction.secondary) or '无'}")
    yield Text("原文  ") + _marked(case, "title") + Text(" ") + _marked(case, "text")
    yield Text(f"支持  {_words(prediction.evidence, sign=1)}")
    yield Text(f"反对  {_words(prediction.evidence, sign=-1)}")
    if len(prediction.ranked) > 1:
        second = prediction.ranked[1].category
        against = pipeline.weigh(case.message, second)
        yield Text(f"若以这些词为主则归{names[second]}：{_words(against, sign=1)}")
        yield Text(f"去掉这些词则改判：{_needed(case.message, pipeline)}")


def _threshold(case: Case, pipeline: Pipeline, names: dict[str, str]) -> str:
    category = case.prediction.primary
    if pipeline.proof is None:
        return "尚无本局标注可供验证，一律人工"
    least = pipeline.proof.threshold(category)
    if least is None:
        return f"{names[category]}的标注太少，证明不了可以自动分派，一律人工"
    return f"{names[category]}的置信度不低于 {least:.3f} 才自动分派"


def _needed(message: Message, pipeline: Pipeline) -> str:
    """The fewest of the strongest words without which the message would be of another category."""
    removed = pipeline.turning_words(message)
    return "、".join(removed) if removed else "去掉哪些词都不会改判"


def _signal_lines(case: Case, config: Config) -> Iterator[str]:
    from triage.forms import FORMALITY_WORDS, danger_words
    from triage.schema import NATURE_NAMES

    prediction, signals = case.prediction, case.signals
    dangers = danger_words(case)
    yield f"性质  {NATURE_NAMES[case.nature]}（检举控告的可能 {prediction.report:.2f}）"
    yield f"紧急  {'是' if case.urgent else '否'}{f'（危险迹象：{dangers}）' if dangers else ''}"
    yield f"属地  {'、'.join(config.jurisdiction(each).name for each in signals.jurisdictions) or '未列明'}"
    yield f"学校  {'、'.join(dict.fromkeys(each.name for each in signals.schools)) or '未提及'}"
    if signals.people is not None:
        yield f"人数  {signals.people}"
    yield f"缺少  {'、'.join(FORMALITY_WORDS[each] for each in signals.missing) or '无'}"


def _route_lines(case: Case, config: Config) -> Iterator[str]:
    from triage.forms import LEVEL_WORDS

    route = case.route
    yield f"主办  {config.office(route.lead).name}（规则 {route.rule_id}；依据：{route.basis}）"
    yield f"协办  {'、'.join(config.office(each).name for each in route.co) or '无'}"
    yield f"接收  {route.receiver}（{LEVEL_WORDS[route.level]}{'，密件' if route.sealed else ''}）"
    if route.stop:
        yield f"回避  {route.stop}"


def _review(case: Case) -> str:
    from triage.forms import REASON_WORDS

    return "；".join(REASON_WORDS[reason] for reason in case.review) or "不需要"


def _marked(case: Case, field: str) -> Text:
    """The field with the deciding words marked: green for, red against."""
    from rich.text import Text

    marked = Text(case.message.title if field == "title" else case.message.text)
    strongest = max((abs(each.weight) for each in case.prediction.evidence), default=0.0)
    for each in case.prediction.evidence:
        share = abs(each.weight) / strongest if strongest else 0.0
        if each.field == field and share >= _WEAK:
            colour = "green" if each.weight > 0 else "red"
            marked.stylize(f"bold {colour}" if share >= _STRONG else colour, each.start, each.end)
    return marked


def _words(evidence: tuple[Evidence, ...], *, sign: int, count: int = 8) -> str:
    spoken = (each for each in evidence if any(map(str.isalnum, each.words)))
    chosen = [each for each in spoken if each.weight * sign > 0][:count]
    return "、".join(f"{each.words}({each.weight:+.2f})" for each in chosen) or "无"


def _content(case: Case, pipeline: Pipeline) -> dict[str, object]:
    from dataclasses import asdict

    from triage.forms import decided_by
    from triage.text import mask

    prediction = case.prediction
    dangers = [{**asdict(each), "name": mask(each.name)} for each in case.signals.dangers]
    return {
        "category": case.category,
        "decided_by": {"人工": "person", "规则": "rule", "模型": "model"}[decided_by(case)],
        "rule": case.ruled_by,
        "primary": prediction.primary,
        "confidence": prediction.confidence,
        "threshold": pipeline.proof.threshold(prediction.primary) if pipeline.proof else None,
        "ranked": [asdict(each) for each in prediction.ranked],
        "secondary": prediction.secondary,
        "nature": case.nature.value,
        "report": prediction.report,
        "urgent": case.urgent,
        "evidence": [asdict(each) for each in prediction.evidence],
        "turning_words": pipeline.turning_words(case.message),
        "signals": {**asdict(case.signals), "dangers": dangers},
        "route": asdict(case.route),
        "due": [{**asdict(each), "day": each.day.isoformat()} for each in case.due],
        "draft": case.draft,
        "review": [reason.value for reason in case.review],
        "model_version": prediction.model_version,
    }
