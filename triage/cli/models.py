"""`triage models`: the model versions there are, and which of them is in use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from triage.cli.state import ByOption, JsonOption, State

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from triage.config import Taxonomy
    from triage.evaluation import Interval
    from triage.registry import LogEntry, Metrics, ModelInfo, Registry, Tenure

VersionArgument = Annotated[str, typer.Argument(metavar="N", help="The number of the version, such as 3 or 0003.")]

group = typer.Typer(help="The model versions there are, and which of them is in use.")


def register(app: typer.Typer) -> None:
    """Add the command with its own commands."""
    app.add_typer(group, name="models")


@group.callback(invoke_without_command=True)
def models(context: typer.Context, as_json: JsonOption = False) -> None:
    """List the model versions, what each was trained on, how good it is, and which is in use."""
    from triage.cli.common import say, show_json
    from triage.errors import InputError, ModelError

    if context.invoked_subcommand is not None:
        if as_json:
            raise InputError("--json stands in the wrong place.", fix=f"Put it after {context.invoked_subcommand}.")
        return
    registry = _registry(context)
    champion = registry.champion()
    found: list[ModelInfo] = []
    damaged: list[ModelError] = []
    for name in registry.names():
        try:
            found.append(registry.info(name))
        except ModelError as error:
            damaged.append(error)
    if as_json:
        show_json([_content(info, champion) for info in found])
    elif found:
        table = _table("version", "used", "made", "labels", "starter", "accuracy", "macro-F1")
        for info in found:
            table.add_row(*_row(info, champion))
        _console().print(table)
    elif not damaged:
        say(f"No model version in {registry.folder} yet. `triage score` or `triage train` makes the first.")
    for problem in damaged[:-1]:
        say(str(problem))
    if damaged:
        raise damaged[-1]


@group.command()
def show(context: typer.Context, version: VersionArgument, as_json: JsonOption = False) -> None:
    """Say what is known of a version, without loading it: what it learnt from, its figures, thresholds and the gate."""
    from triage.cli.common import proof_sentences, show_json
    from triage.config import find_home, load_taxonomy

    registry = _registry(context)
    info, champion = registry.info(_name(version)), registry.champion()
    if as_json:
        show_json(_content(info, champion))
        return
    state: State = context.obj
    taxonomy = load_taxonomy(find_home(state.home).data)
    facts = info.trained_on
    typer.echo(f"Version {info.version}, made {info.created_at}{', in use' if info.version == champion else ''}.")
    typer.echo(
        f"Trained on {facts.bureau_labels} own labels, {facts.starter_messages} starter messages (each counts "
        f"{facts.starter_weight:g}) and {facts.unlabelled_messages} unlabelled ones; it knows {len(info.categories)} "
        "categories."
    )
    typer.echo("Made with " + ", ".join(f"{name} {number}" for name, number in info.libraries.items()) + ".")
    if info.metrics is not None:
        _console().print(_figures(info.metrics))
    for sentence in proof_sentences(info.proof):
        typer.echo(sentence)
    _show_verdict(info, taxonomy)


@group.command()
def promote(
    context: typer.Context,
    version: VersionArgument,
    reason: Annotated[str, typer.Option("--reason", help="Why, for the log.")],
    by: ByOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put a version to use, after a check that it is whole and fits the taxonomy and the dictionary."""
    from triage.cli.common import open_taxonomy, who
    from triage.errors import InputError

    if not reason.strip():
        raise InputError("--reason is empty.", fix="Say why this version is to be used.")
    taxonomy, workshop = open_taxonomy(context)
    entry = workshop.registry.promote(
        _name(version),
        by=who(by),
        reason=reason,
        tokenizer_fingerprint=workshop.tokenizer.fingerprint,
        categories=taxonomy.ids,
    )
    _show_entry(entry, as_json)


@group.command()
def rollback(
    context: typer.Context,
    reason: Annotated[str, typer.Option("--reason", help="Why, for the log.")] = "no reason given",
    by: ByOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put the version back that was in use before the present one; a second time, the one before that."""
    from triage.cli.common import open_taxonomy, who

    taxonomy, workshop = open_taxonomy(context)
    entry = workshop.registry.rollback(
        by=who(by),
        reason=reason,
        tokenizer_fingerprint=workshop.tokenizer.fingerprint,
        categories=taxonomy.ids,
    )
    _show_entry(entry, as_json)


@group.command()
def log(
    context: typer.Context,
    on: Annotated[
        str | None,
        typer.Option("--on", metavar="DATE", help="Only what was in use then: 2026-05-01, or 2026-05-01T14:30."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Say which version was in use from when to when, who put it to use, and why."""
    from triage.cli.common import say, show_json
    from triage.registry import Action, tenures

    found = tenures(_registry(context).log())
    if on is not None:
        found = _during(found, on)
    if as_json:
        show_json([_tenure_content(each) for each in found])
        return
    if not found:
        say(f"No model version was in use on {on}." if on else "No model version has been in use yet.")
        return
    table = _table("version", "from", "to", "by", "why")
    for each in found:
        entry = each.entry
        why = f"rollback: {entry.reason}" if entry.action is Action.ROLLBACK else entry.reason
        until = _minute(each.until) if each.until else "now"
        table.add_row(entry.version, _minute(entry.moment), until, entry.by, why)
    _console().print(table)


def _registry(context: typer.Context) -> Registry:
    from triage.config import find_home
    from triage.registry import Registry

    state: State = context.obj
    return Registry(find_home(state.home).models)


def _console() -> Console:
    from rich.console import Console

    return Console(markup=False, highlight=False)


def _table(*columns: str, title: str = "") -> Table:
    from rich import box
    from rich.table import Table

    return Table(*columns, box=box.SIMPLE, padding=(0, 1, 0, 0), title=title or None)


def _minute(moment: datetime) -> str:
    """A moment by the clock of this computer, with blanks that a table does not break."""
    return moment.astimezone().strftime("%Y-%m-%d\N{NO-BREAK SPACE}%H:%M")


def _name(version: str) -> str:
    """The name of a version by its number, however it is written."""
    return f"{int(version):04d}" if version.isascii() and version.isdigit() else version


def _content(info: ModelInfo, champion: str | None) -> dict[str, Any]:
    passed = info.verdict.promoted if info.verdict is not None else None
    return {**asdict(info), "passed_gate": passed, "in_use": info.version == champion}


def _row(info: ModelInfo, champion: str | None) -> list[str]:
    facts, metrics = info.trained_on, info.metrics
    return [
        info.version,
        "yes" if info.version == champion else "",
        info.created_at[:10],
        str(facts.bureau_labels),
        str(facts.starter_messages),
        _interval(metrics.accuracy) if metrics else "",
        f"{metrics.macro_f1.value:.3f}" if metrics else "",
    ]


def _interval(interval: Interval) -> str:
    return f"{interval.value:.3f} {interval.low:.2f}-{interval.high:.2f}"


def _figures(metrics: Metrics) -> Table:
    heading = f"value ({metrics.confidence_level:.0%} interval)"
    table = _table("figure", heading, title=f"{metrics.n} messages; {metrics.method}")
    rows = (
        ("accuracy", metrics.accuracy),
        ("accuracy in scope", metrics.in_scope_accuracy),
        ("macro-F1", metrics.macro_f1),
        ("urgent ones flagged", metrics.urgent_flagged_recall),
        ("urgent ones that a person sees first", metrics.urgent_watched_recall),
    )
    for name, interval in rows:
        if interval is not None:
            table.add_row(name, _interval(interval))
    table.add_row("expected calibration error", f"{metrics.calibration_error:.3f}")
    return table


def _show_verdict(info: ModelInfo, taxonomy: Taxonomy) -> None:
    from triage.cli.common import verdict_table
    from triage.reporting import verdict_sentence

    if info.verdict is None:
        typer.echo("No gate was asked.")
        return
    names = {category.id: category.name for category in taxonomy.categories}
    if info.verdict.checks:
        _console().print(verdict_table(info.verdict, names))
    typer.echo(verdict_sentence(info.verdict, info.version, names))


def _show_entry(entry: LogEntry, as_json: bool) -> None:
    from triage.cli.common import show_json

    if as_json:
        show_json(_entry_content(entry))
    else:
        typer.echo(f"Model version {entry.version} is in use from {entry.moment.isoformat()} on.")


def _entry_content(entry: LogEntry) -> dict[str, Any]:
    return {**asdict(entry), "moment": entry.moment.isoformat()}


def _tenure_content(tenure: Tenure) -> dict[str, Any]:
    return {**_entry_content(tenure.entry), "until": tenure.until.isoformat() if tenure.until else None}


def _during(found: Sequence[Tenure], written: str) -> tuple[Tenure, ...]:
    """Those that fall into a day of this computer's time zone, or the one that holds a moment."""
    begin, end = _span(written)
    return tuple(each for each in found if each.entry.moment <= end and (each.until is None or each.until > begin))


def _span(written: str) -> tuple[datetime, datetime]:
    """The first and the last moment that are meant."""
    from datetime import date, time

    from triage.errors import InputError

    try:
        day = date.fromisoformat(written)
        begin, end = datetime.combine(day, time.min).astimezone(), datetime.combine(day, time.max).astimezone()
    except ValueError:
        try:
            begin = end = datetime.fromisoformat(written).astimezone()
        except ValueError:
            raise InputError(
                f"--on {written} is no date.", fix="Write it as 2026-05-01, or with the time as 2026-05-01T14:30."
            ) from None
    if begin > datetime.now().astimezone():
        raise InputError(f"--on {written} lies in the future.", fix="Give a day that has come.")
    return begin, end
