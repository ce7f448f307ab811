"""`triage score`: a table of messages in, a table of cases out."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from triage.cli.state import ColumnOption, JsonOption
from triage.schema import Channel

if TYPE_CHECKING:
    from triage.scoring import ScoringReport

SLASHES = ("/", "\\")
"""What a name ends with that names a folder."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(score)


def score(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(help="xlsx, xls, csv, tsv, parquet or jsonl with messages, or a folder of parquet files.")
    ],
    out: Annotated[
        str | None,
        typer.Option(
            "--out",
            "-o",
            help="Where to write: .xlsx, .csv, .tsv, .parquet or .jsonl, or a folder of parquet files where it ends "
            "with a slash. Default: NAME.triaged.xlsx beside the input.",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the result if it exists.")] = False,
    sheet: Annotated[str | None, typer.Option("--sheet", help="Read this sheet alone.")] = None,
    channel: Annotated[
        Channel | None, typer.Option("--channel", help="The way on which messages came in that name none.")
    ] = None,
    column: ColumnOption = None,
    model: Annotated[str | None, typer.Option("--model", help="Model version. Default: the one in use.")] = None,
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Keep what is done in OUT.parts, and go on there if an earlier run was ended."),
    ] = False,
    jobs: Annotated[
        int, typer.Option("--jobs", "-j", min=0, help="Worker processes; 0 for one a core. The result is the same.")
    ] = 1,
    as_json: JsonOption = False,
) -> None:
    """Give every message of a table a category, its evidence, a route, due dates, and a mark for review."""
    import gc
    from datetime import date

    from joblib import cpu_count

    from triage.cli.common import (
        describe_rejected,
        describe_table,
        exit_for,
        labels_by_text,
        named_columns,
        open_bureau,
        open_pipeline,
        rejected_json,
        say,
        show_json,
    )
    from triage.cli.pace import scoring_pace
    from triage.scoring import Opening, default_output, score_table
    from triage.tables import Table, open_table

    target = Path(out) if out else default_output(file)
    config, workshop = open_bureau(context)
    columns = named_columns(column)
    if workshop.registry.champion() is None:
        open_table(file, columns=columns, sheet=sheet)  # what cannot be read should not cost a training first
    pipeline = open_pipeline(config, workshop, model)
    labels = labels_by_text(workshop.home, config.taxonomy)
    gc.freeze()  # the model stays to the end: the garbage collector need not walk over it again and again
    opening = Opening(workshop.home, pipeline.model_version, config.fingerprint)
    with scoring_pace() as pace:

        def opened(table: Table) -> None:
            describe_table(table)
            pace.expect(table.count_rows() if pace.is_seen else table.row_count)

        report = score_table(
            file,
            target,
            pipeline=pipeline,
            config=config,
            on=date.today(),
            labels=labels,
            channel=channel,
            columns=columns,
            sheet=sheet,
            force=force,
            resume=resume,
            is_folder=out is not None and out.endswith(SLASHES),
            model=repr(workshop.registry.info(pipeline.model_version)) if resume else "",
            jobs=jobs or cpu_count(),
            opening=opening,
            opened=opened,
            progress=pace.done,
        )
    if as_json:
        show_json(_content(report, rejected_json(report.rejected)))
    else:
        describe_rejected(report.rejected, report.rows_rejected)
        say(
            f"{report.rows_in} rows in = {report.rows_out} out + {report.rows_rejected} rejected; "
            f"{report.rows_out - report.for_review} automatic, {report.for_review} for a person, "
            f"{report.urgent} urgent; model version {report.model_version}."
        )
        _say_what_it_rests_on(report)
        for path in report.files:
            typer.echo(str(path))
    exit_for(report.rejected)


def _say_what_it_rests_on(report: ScoringReport) -> None:
    """Coverage and accuracy are told together, and what is only estimated is told."""
    from triage.cli.common import say

    proof = report.proof
    if proof is None:
        say("Nothing is proven yet, so all goes to a person: add your own labels (triage label add, triage retrain).")
    elif proof.automatic:
        say(
            f"Of what is automatic at most {proof.error_bound:.1%} is wrong, with {proof.certainty:.0%} confidence: "
            f"{proof.errors} of {proof.automatic} were on {proof.messages} held-out labels."
        )
    if report.estimated:
        say(
            f"Warning: the due dates of {report.estimated} letters fall into a time for which no holidays have been "
            "published yet; Monday to Friday count as working days."
        )


def _content(report: ScoringReport, rejected: list[dict[str, object]]) -> dict[str, object]:
    return {
        "files": [str(path) for path in report.files],
        "rows_in": report.rows_in,
        "rows_out": report.rows_out,
        "rows_rejected": report.rows_rejected,
        "for_review": report.for_review,
        "urgent": report.urgent,
        "estimated_due_dates": report.estimated,
        "proof": asdict(report.proof) if report.proof else None,
        "rejected": rejected,
        "model_version": report.model_version,
    }
