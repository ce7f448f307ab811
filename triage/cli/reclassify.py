"""`triage reclassify`: what a new model, taxonomy or duty table changes in a backlog."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from triage.cli.state import ColumnOption, JsonOption

if TYPE_CHECKING:
    from triage.reclassifying import ReclassifyReport

SHOWN_MOVES = 30
"""Moves shown on the screen; all of them stand in the result."""

WHYS = {
    "confirmed": "decided by a person",
    "changed_taxonomy": "category renamed or merged",
    "split": "category split",
    "rule": "a rule of the bureau",
    "model": "the model decides otherwise",
    "unclassified": "had no category",
    "unknown": "had an unknown category",
    "rerouted": "same category, another office",
    "same": "unchanged",
}
"""The reasons in the words of the screen."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(reclassify)


def reclassify(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A table that `triage score` wrote, or a register with categories.")],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            help="Write the result there: .xlsx, .csv, .tsv, .parquet or .jsonl. Default: nothing is written.",
        ),
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Write the result beside the input, as NAME.reclassified.xlsx.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace the result if it exists.")] = False,
    sheet: Annotated[str | None, typer.Option("--sheet", help="Read this sheet alone.")] = None,
    column: ColumnOption = None,
    model: Annotated[str | None, typer.Option("--model", help="Model version. Default: the one in use.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Classify a backlog again and show what changed, and why; a dry run unless told to write.

    What a person decided (人工类别) is never changed. Categories that were renamed, merged or split are followed by the
    [[change]] rows of taxonomy.toml. What the model would change without being sure keeps its category and is listed
    for a person to look at.
    """
    import gc
    from datetime import date

    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from triage.cli.common import (
        describe_rejected,
        describe_table,
        exit_for,
        kept_labels,
        named_columns,
        open_bureau,
        open_pipeline,
        show_json,
    )
    from triage.reclassifying import confirmed_labels, default_output
    from triage.reclassifying import reclassify as run
    from triage.tables import Table, open_table

    config, workshop = open_bureau(context)
    columns = named_columns(column)
    if workshop.registry.champion() is None:
        open_table(file, columns=columns, sheet=sheet)  # what cannot be read should not cost a training first
    pipeline = open_pipeline(config, workshop, model)
    confirmed = confirmed_labels(kept_labels(workshop.home))
    gc.freeze()  # the model stays to the end: the garbage collector need not walk over it again and again
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with bar:
        task = bar.add_task("comparing", total=None)

        def opened(table: Table) -> None:
            describe_table(table)
            bar.update(task, total=table.row_count)

        report = run(
            file,
            out or (default_output(file) if write else None),
            pipeline=pipeline,
            config=config,
            on=date.today(),
            confirmed=confirmed,
            columns=columns,
            sheet=sheet,
            force=force,
            opened=opened,
            progress=lambda rows: bar.update(task, completed=rows),
        )
    if as_json:
        show_json(_content(report))
    else:
        describe_rejected(report.rejected)
        _show(report)
    exit_for(report.rejected)


def _show(report: ReclassifyReport) -> None:
    from triage.cli.common import say

    _show_whys(report)
    _show_moves(report)
    for each in report.unknown[:SHOWN_MOVES]:
        say(
            f"Not in taxonomy.toml: {each.written} ({each.letters} letters). "
            "If it is a category of the past, say in a [[change]] what became of it."
        )
    say(
        f"{report.rows_in} rows in = {report.rows_out} compared + {len(report.rejected)} rejected; of these "
        f"{report.moved} get another category, {report.rerouted} another office alone, {report.to_look_at} keep theirs "
        f"until a person has looked, {report.same} stay as they are; model version {report.model_version}."
    )
    if not report.files:
        say("A dry run: nothing was written. Write the result with --write, or with --out FILE.")
    for path in report.files:
        typer.echo(str(path))


def _show_whys(report: ReclassifyReport) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    whys = Table("why", "letters", "moved", "other office", "to look at", box=box.SIMPLE)
    for each in report.whys:
        counts = (each.letters, each.moved, each.rerouted, each.to_look_at)
        whys.add_row(WHYS[each.why], *(str(count) if count else "" for count in counts))
    Console().print(whys)


def _show_moves(report: ReclassifyReport) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from triage.cli.common import say
    from triage.reclassifying.sheets import NO_CATEGORY, UNDECIDED

    if not report.moves:
        return
    moves = Table("from", "to", "letters", "sure", "to look at", box=box.SIMPLE)
    for each in report.moves[:SHOWN_MOVES]:
        counts = (each.letters, each.sure, each.to_look_at)
        moves.add_row(
            each.old or NO_CATEGORY, each.new or UNDECIDED, *(str(count) if count else "" for count in counts)
        )
    Console().print(moves)
    if len(report.moves) > SHOWN_MOVES:
        say(f"and {len(report.moves) - SHOWN_MOVES} more moves")


def _content(report: ReclassifyReport) -> dict[str, object]:
    from dataclasses import asdict

    from triage.cli.common import rejected_json

    return {
        "files": [str(path) for path in report.files],
        "rows_in": report.rows_in,
        "rows_out": report.rows_out,
        "moved": report.moved,
        "rerouted": report.rerouted,
        "to_look_at": report.to_look_at,
        "same": report.same,
        "moves": [asdict(each) for each in report.moves],
        "why": [asdict(each) for each in report.whys],
        "unknown": [asdict(each) for each in report.unknown],
        "rejected": rejected_json(report.rejected),
        "model_version": report.model_version,
    }
