"""`triage handover`: the sheets on which cases go to their lead offices."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from triage.cli.state import ColumnOption, JsonOption, State

if TYPE_CHECKING:
    from triage.handover import HandoverReport


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(handover)


def handover(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The table that `triage score` wrote, with the clerk's changes.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder for the sheets; made if it is missing.")],
    on: Annotated[
        datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="The day of the sheets. Default: today.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace sheets that exist.")] = False,
    show_personal_data: Annotated[
        bool,
        typer.Option(
            "--show-personal-data", help="Print the writers' names in full; never those of who makes an accusation."
        ),
    ] = False,
    include_unreviewed: Annotated[
        bool, typer.Option("--include-unreviewed", help="Hand over also what a person has yet to look at.")
    ] = False,
    sheet: Annotated[str | None, typer.Option("--sheet", help="Read this sheet alone.")] = None,
    column: ColumnOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a Word document for each lead office with the cases that it gets (转办单), sealed ones apart.

    Cases that a person has yet to look at (需人工复核) wait, unless 人工类别 is filled in or the mark is deleted.
    Rows that a filter hides are handed over too: delete what should not be.
    """
    from datetime import date

    from triage.cli.common import describe_rejected, describe_table, exit_for, named_columns, say, show_json
    from triage.config import find_home, load_config
    from triage.handover import write_handover

    state: State = context.obj
    report = write_handover(
        file,
        out,
        config=load_config(find_home(state.home).data),
        on=on.date() if on else date.today(),
        force=force,
        show_personal_data=show_personal_data,
        include_unreviewed=include_unreviewed,
        columns=named_columns(column),
        sheet=sheet,
        opened=describe_table,
    )
    if as_json:
        show_json(_content(report))
    else:
        describe_rejected(report.rejected)
        say(
            f"{report.rows_in} rows in = {report.handed_over} handed over + {len(report.waiting)} waiting for a person"
            f" + {len(report.rejected)} rejected."
        )
        if report.older:
            say(f"Not of this run: {', '.join(map(str, report.older))}. Remove what no longer holds.")
        for path in report.files:
            typer.echo(str(path))
    exit_for(report.rejected)


def _content(report: HandoverReport) -> dict[str, object]:
    from triage.cli.common import rejected_json

    return {
        "files": [str(path) for path in report.files],
        "rows_in": report.rows_in,
        "handed_over": report.handed_over,
        "waiting": rejected_json(report.waiting),
        "rejected": rejected_json(report.rejected),
        "older": [str(path) for path in report.older],
    }
