"""`triage audit`: which labels of the past are likely to be wrong."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from triage.cli.state import ColumnOption, JsonOption

if TYPE_CHECKING:
    from triage.auditing import AuditReport, Suspect
    from triage.config import Taxonomy


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(audit)


def audit(
    context: typer.Context,
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Tables with texts and a category, or with labels alone (then name --messages). "
            "Default: the labels of the case store."
        ),
    ] = None,
    messages: Annotated[
        list[Path] | None, typer.Option("--messages", help="The texts of the labels, joined by their ids.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            help="Where to write. Default: NAME.audit.xlsx beside the first table, or beside the case store.",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the result if it exists.")] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Write every label, not the suspicious ones alone.")
    ] = False,
    no_starter: Annotated[bool, typer.Option("--no-starter", help="Judge without the starter corpus.")] = False,
    column: ColumnOption = None,
    as_json: JsonOption = False,
) -> None:
    """Rank labels by how likely they are to be wrong, with the likely category and the words that speak for it.

    Correct them in the column 人工类别 of the result.
    """
    from triage.auditing import audit_to_table, default_output, read_audited
    from triage.cli.common import (
        describe_rejected,
        exit_for,
        named_columns,
        open_taxonomy,
        rejected_json,
        say,
        show_json,
        stored_labels,
        training_progress,
    )
    from triage.errors import InputError

    taxonomy, workshop = open_taxonomy(context)
    if files:
        read = read_audited(files, taxonomy=taxonomy, messages=messages or [], columns=named_columns(column))
    else:
        read = stored_labels(workshop.home, taxonomy)
    if not read.messages:
        describe_rejected(read.rejected)
        raise InputError(
            f"There are no labels: {read.unlabelled} rows are undecided and {len(read.rejected)} rejected.",
            fix="Give a table with labels, or put some into the case store: triage label add FILE.",
        )
    with training_progress() as progress:
        report = audit_to_table(
            workshop,
            read.messages,
            out or default_output(files[0] if files else workshop.home.store),
            starter=[] if no_starter else workshop.starter(),
            rejected=read.rejected,
            sources=[*(files or []), *(messages or [])],
            everything=everything,
            force=force,
            progress=progress,
        )
    if as_json:
        show_json(_content(report) | {"rejected": rejected_json(read.rejected)})
    else:
        describe_rejected(read.rejected)
        say(
            f"{read.rows} rows = {len(read.messages)} labels + {read.unlabelled} undecided + "
            f"{len(read.rejected)} rejected."
        )
        _say_what_was_found(report, taxonomy)
        for path in report.files:
            typer.echo(str(path))
    exit_for(read.rejected)


def _say_what_was_found(report: AuditReport, taxonomy: Taxonomy) -> None:
    """The estimate, category by category, and where there is too little to judge by."""
    from triage.auditing import MIN_LETTERS
    from triage.cli.common import say

    found = report.audit
    if found.judged:
        say(
            f"About {found.wrong} of {found.judged} labels are wrong ({found.wrong / found.judged:.1%}). This is an "
            "estimate, and rather high: what the model itself gets wrong counts too."
        )
    for each in found.categories:
        if each.wrong is not None:
            say(f"  {taxonomy[each.category].name}: about {each.wrong} of {each.labels} wrong, {each.flagged} flagged")
    if found.too_few:
        few = ", ".join(f"{taxonomy[each.category].name} {each.letters}" for each in found.too_few)
        say(f"Too few different letters to judge by ({MIN_LETTERS} needed): {few}.")
    if found.clashes:
        say(f"{len(found.clashes)} groups of near-copies have labels that contradict each other.")
    say(f"{len(report.written)} labels written, the most suspicious first.")


def _content(report: AuditReport) -> dict[str, object]:
    from dataclasses import asdict

    found = report.audit
    return {
        "files": [str(path) for path in report.files],
        "labels": len(found.ranked),
        "judged": found.judged,
        "wrong": found.wrong if found.judged else None,
        "categories": [asdict(each) for each in found.categories],
        "clashes": [[each.labelled.message.id for each in members] for members in found.clashes],
        "written": [_suspect(each) for each in report.written],
        "starter_messages": found.starter_messages,
    }


def _suspect(suspect: Suspect) -> dict[str, object]:
    return {
        "rank": suspect.rank,
        "id": suspect.labelled.message.id,
        "present": suspect.present,
        "likely": suspect.likely,
        "confidence": suspect.confidence,
        "likely_confidence": suspect.likely_confidence,
        "flagged": suspect.flagged,
        "words": suspect.words,
        "copies": [each.message.id for each in suspect.copies],
    }
