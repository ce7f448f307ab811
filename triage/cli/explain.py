"""`triage explain`: why a message is what the pipeline says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from triage.cli.state import JsonOption

if TYPE_CHECKING:
    from rich.text import Text

    from triage.config import Config
    from triage.schema import Case, Evidence

_STRONG, _WEAK = 0.5, 0.15
"""Shares of the strongest weight from which on a word is marked."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(explain)


def explain(
    context: typer.Context,
    text: Annotated[str, typer.Argument(help="The text of a message.")],
    title: Annotated[str, typer.Option("--title", help="Its title.")] = "",
    model: Annotated[str | None, typer.Option("--model", help="Model version. Default: the one in use.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Show the category of one message with the words that speak for and against it, the alternatives and the route."""
    from datetime import date

    from rich.console import Console

    from triage.cli.common import open_bureau, open_pipeline, show_json
    from triage.errors import InputError
    from triage.schema import Message

    if not (text.strip() or title.strip()):
        raise InputError("The message is empty.", fix="Give a text.")
    config, workshop = open_bureau(context)
    pipeline = open_pipeline(config, workshop, model)
    message = Message(id="", title=title, text=text)
    (case,) = pipeline.triage([message], on=date.today())
    if as_json:
        show_json(_content(case))
        return
    rival = case.prediction.ranked[1].category
    against = pipeline.weigh(message, rival)
    for part in _sentences(case, config, against):
        Console().print(part, highlight=False, soft_wrap=True)


def _sentences(case: Case, config: Config, rival_words: tuple[Evidence, ...]) -> list[Text]:
    from rich.text import Text

    from triage.scoring import REASON_WORDS, shown_confidence

    prediction, route = case.prediction, case.route
    names = {category.id: category.name for category in config.taxonomy.categories}
    second = prediction.ranked[1]
    alternatives = "；".join(
        f"{names[each.category]} {shown_confidence(each.confidence):.3f}" for each in prediction.ranked[1:4]
    )
    lines = [
        Text(f"类别  {names[prediction.primary]}  {shown_confidence(prediction.confidence):.3f}", style="bold"),
        Text(f"备选  {alternatives}"),
        Text(f"次要  {'、'.join(names[each] for each in prediction.secondary) or '无'}"),
        Text("原文  ") + _marked(case, "title") + Text(" ") + _marked(case, "text"),
        Text(f"支持  {_words(prediction.evidence, sign=1)}"),
        Text(f"反对  {_words(prediction.evidence, sign=-1)}"),
        Text(f"若以这些词为主则归{names[second.category]}：{_words(rival_words, sign=1)}"),
        Text(f"主办  {config.office(route.lead).name}（规则 {route.rule_id}；依据：{route.basis}）"),
        Text(f"协办  {'、'.join(config.office(each).name for each in route.co) or '无'}"),
        Text(f"属地  {'、'.join(config.jurisdiction(each).name for each in case.signals.jurisdictions) or '未列明'}"),
        Text(f"学校  {'、'.join(dict.fromkeys(each.name for each in case.signals.schools)) or '未提及'}"),
        Text(f"复核  {'；'.join(REASON_WORDS[reason] for reason in case.review) or '不需要'}"),
        Text(f"模型  {prediction.model_version}"),
    ]
    return lines


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
    chosen = [each for each in evidence if each.weight * sign > 0][:count]
    return "、".join(f"{each.words}({each.weight:+.2f})" for each in chosen) or "无"


def _content(case: Case) -> dict[str, object]:
    from dataclasses import asdict

    return {
        "primary": case.prediction.primary,
        "confidence": case.prediction.confidence,
        "ranked": [asdict(each) for each in case.prediction.ranked],
        "secondary": case.prediction.secondary,
        "evidence": [asdict(each) for each in case.prediction.evidence],
        "signals": asdict(case.signals),
        "route": asdict(case.route),
        "review": [reason.value for reason in case.review],
        "model_version": case.prediction.model_version,
    }
