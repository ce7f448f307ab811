"""`triage drift`: whether letters have changed since the model was made."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from triage.cli.state import ColumnOption, JsonOption

if TYPE_CHECKING:
    from rich.table import Table as Screen

    from triage.drift import ComparedMonth, DriftRun, Figure


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(drift)


def drift(
    context: typer.Context,
    files: Annotated[
        list[Path],
        typer.Argument(help="Tables of letters with dates: exports, or what `triage score` wrote.", metavar="FILE…"),
    ],
    since: Annotated[
        datetime,
        typer.Option(
            "--since", formats=["%Y-%m-%d", "%Y-%m"], help="The first month to judge; earlier ones are compared with."
        ),
    ],
    until: Annotated[
        datetime | None, typer.Option("--until", formats=["%Y-%m-%d"], help="The last day that counts.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write the figures to this .xlsx file too.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it exists.")] = False,
    column: ColumnOption = None,
    model: Annotated[str | None, typer.Option("--model", help="Model version. Default: the one in use.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Compare months: new words, categories, confidence, what goes to people and what they accept; say if to retrain.

    Every month is compared with the same month of the year before, as the present model sees both.
    """
    from datetime import date

    from rich.console import Console

    from triage.cli.common import (
        describe_rejected,
        describe_table,
        exit_for,
        named_columns,
        open_bureau,
        open_classifier,
        say,
        show_json,
        stored_labels,
    )
    from triage.drift import held_out_answers, measure_drift, open_dated
    from triage.drift.sheets import check_output, uncounted, write_drift
    from triage.drift.wording import conclusion
    from triage.labels import text_key
    from triage.pipeline import Pipeline

    config, workshop = open_bureau(context)
    columns = named_columns(column)
    open_dated(files, columns)  # what cannot be read or written should not cost the time of a training first
    if out is not None:
        check_output(files, out, force=force)
    classifier, info = open_classifier(workshop, model)
    pipeline = Pipeline(
        config=config,
        tokenizer=workshop.tokenizer,
        classifier=classifier,
        model_version=info.version,
        proof=info.proof,
    )
    labelled = stored_labels(workshop.home, config.taxonomy).messages
    run = measure_drift(
        files,
        pipeline=pipeline,
        tokenizer=workshop.tokenizer,
        taxonomy=config.taxonomy,
        since=since.date(),
        until=until.date() if until else None,
        today=date.today(),
        made_at=datetime.fromisoformat(info.created_at),
        decided={text_key(each.message): each.label for each in labelled},
        held_out=held_out_answers(workshop.registry.learnt(info.version), info.categories),
        columns=columns,
        opened=describe_table,
    )
    names = {category.id: category.name for category in config.taxonomy.categories}
    written = write_drift(run, out, categories=names, force=force) if out else ()
    if as_json:
        show_json(_content(run, conclusion(run, names), written))
    else:
        describe_rejected(uncounted(run))
        say(
            f"{run.rows_in} rows in = {run.counted} counted + {run.repeated} repeated + {run.later} after the last day "
            f"+ {len(run.rejected)} rejected; model version {run.model_version}."
        )
        Console().print(_screen(run))
        typer.echo(conclusion(run, names))
        for path in written:
            typer.echo(str(path))
    exit_for(uncounted(run))


def _screen(run: DriftRun) -> Screen:
    """The months in rows; `!` marks what has changed for the worse, and in brackets stands what it is compared with."""
    from rich.table import Column, Table

    from triage.drift import Figure

    table = Table(Column("month", overflow="fold"), "letters", "unknown", "confid.", "people", "accepted", "mix", "new")
    for each in run.report.compared:
        month = each.month
        usual = "" if each.usual is None else f" ({each.usual:.0f})"
        decided = f" of {month.accepted.letters}" if month.accepted.letters else ""
        table.add_row(
            month.name,
            f"{month.messages}{usual}",
            _figure(each, Figure.UNKNOWN),
            _figure(each, Figure.CONFIDENCE),
            _figure(each, Figure.REVIEWED),
            f"{_figure(each, Figure.ACCEPTED)}{decided}",
            _figure(each, Figure.MIX),
            str(len(month.new_words)),
        )
    return table


def _figure(month: ComparedMonth, figure: Figure) -> str:
    from triage.drift import Figure, Finding

    found = month[figure]
    if found.now is None:
        return "-"
    mark = "!" if found.finding is Finding.ALARM else ""
    if figure is Figure.MIX:
        return f"{found.now:.2f}{mark}"
    before = "" if found.before is None else f" ({found.before:.1%})"
    return f"{found.now:.1%}{mark}{before}"


def _content(run: DriftRun, sentence: str, written: tuple[Path, ...]) -> dict[str, object]:
    from triage.cli.common import rejected_json
    from triage.drift.sheets import uncounted

    return {
        "verdict": run.report.verdict,
        "conclusion": sentence,
        "files": [str(path) for path in written],
        "since": run.since.isoformat(),
        "until": run.until.isoformat(),
        "rows_in": run.rows_in,
        "counted": run.counted,
        "repeated": run.repeated,
        "later": run.later,
        "learnt": run.learnt,
        "new_labels": run.new_labels,
        "rejected": rejected_json(uncounted(run)),
        "model_version": run.model_version,
        "months": [_month_content(each) for each in run.report.months],
        "together": _month_content(run.report.together) if run.report.together else None,
    }


def _month_content(each: ComparedMonth) -> dict[str, object]:
    from dataclasses import asdict

    month = each.month
    return {
        "month": month.name,
        "messages": month.messages,
        "usual": each.usual,
        "basis": each.basis,
        "low_confidence": month.uncertain,
        "decided": month.accepted.letters,
        "acceptance": asdict(each.acceptance) if each.acceptance else None,
        "figures": [asdict(comparison) for comparison in each.comparisons],
        "reasons": {reason.reason: reason.letters for reason in month.reasons},
        "new_words": [asdict(word) for word in month.new_words],
    }
