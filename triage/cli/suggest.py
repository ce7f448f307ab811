"""`triage suggest`: which messages to label next."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from triage.cli.state import ColumnOption, JsonOption

if TYPE_CHECKING:
    from triage.config import Taxonomy
    from triage.suggesting import SuggestReport


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(suggest)


def suggest(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A table with messages, such as `triage score` reads.")],
    count: Annotated[int, typer.Option("--n", min=1, help="How many messages to choose.")] = 50,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Where to write. Default: NAME.suggested.xlsx beside the input."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the result if it exists.")] = False,
    sheet: Annotated[str | None, typer.Option("--sheet", help="Read this sheet alone.")] = None,
    model: Annotated[str | None, typer.Option("--model", help="Model version. Default: the one in use.")] = None,
    column: ColumnOption = None,
    as_json: JsonOption = False,
) -> None:
    """Choose the messages from whose labels the model would learn most, and write a sheet for a clerk to fill in.

    They stand for the whole table and differ from each other, categories that lack labels first, never two near-copies,
    and none that the case store has a label of. The sheet, filled in, goes into `triage label add`.
    """
    from rich.console import Console
    from rich.progress import Progress

    from triage.cli.common import (
        describe_rejected,
        describe_table,
        exit_for,
        named_columns,
        open_classifier,
        open_taxonomy,
        rejected_json,
        say,
        show_json,
        stored_labels,
    )
    from triage.suggesting import default_output
    from triage.suggesting import suggest as run
    from triage.tables import Table, open_table

    taxonomy, workshop = open_taxonomy(context)
    columns = named_columns(column)
    if workshop.registry.champion() is None:
        open_table(file, columns=columns, sheet=sheet)  # what cannot be read should not cost a training first
    classifier, info = open_classifier(workshop, model)
    labelled = stored_labels(workshop.home, taxonomy)
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("reading", total=None)

        def opened(table: Table) -> None:
            describe_table(table)
            bar.update(task, total=table.row_count)

        report = run(
            file,
            out or default_output(file),
            count=count,
            workshop=workshop,
            classifier=classifier,
            model_version=info.version,
            labelled=labelled.messages,
            columns=columns,
            sheet=sheet,
            force=force,
            opened=opened,
            progress=lambda rows: bar.update(task, completed=rows),
        )
    if as_json:
        show_json(_content(report, taxonomy) | {"rejected": rejected_json(report.rejected)})
    else:
        describe_rejected(report.rejected)
        say(
            f"{report.rows_in} rows = {report.candidates} to choose from + {report.labelled} labelled already + "
            f"{report.repeated} repeated + {len(report.rejected)} rejected; {len(report.chosen)} chosen; model version "
            f"{report.model_version}."
        )
        for path in report.files:
            typer.echo(str(path))
    exit_for(report.rejected)


def _content(report: SuggestReport, taxonomy: Taxonomy) -> dict[str, object]:
    return {
        "files": [str(path) for path in report.files],
        "rows_in": report.rows_in,
        "candidates": report.candidates,
        "labelled": report.labelled,
        "repeated": report.repeated,
        "chosen": [
            {
                "id": each.message.id,
                "likely": taxonomy.ids[int(each.probabilities.argmax())],
                "confidence": float(each.probabilities.max()),
            }
            for each in report.chosen
        ],
        "model_version": report.model_version,
    }
