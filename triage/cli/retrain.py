"""`triage retrain`: a new model from all labels, put to use where it is not worse than the present one."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from triage.cli.state import ByOption, JobsOption, JsonOption, MaxErrorOption, checked_share

if TYPE_CHECKING:
    from triage.config import Taxonomy
    from triage.retraining import RetrainReport

REFUSED = 4
"""Exit code where the gate refused the new model."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(retrain)


def retrain(
    context: typer.Context,
    unlabelled: Annotated[
        list[Path] | None,
        typer.Option("--unlabelled", help="A backlog without labels, from which to learn how words go together."),
    ] = None,
    max_error: MaxErrorOption = 0.05,
    by: ByOption = None,
    jobs: JobsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Train on all labels of the store and the starter corpus; the gate puts the new version to use or refuses it.

    The new model and the one in use answer for the same letters, of none of which they have learnt. It is refused
    (exit code 4) where it may be worse: in all, on the newest letters, in one category, on what is urgent, in how sure
    it claims to be, or where it has forgotten labels or categories. Either way the version is kept, with the decision.
    """
    from triage.cli.common import (
        describe_rejected,
        exit_for,
        open_taxonomy,
        proof_sentences,
        say,
        show_json,
        stored_labels,
        training_progress,
        who,
    )
    from triage.config import load_gate
    from triage.labels import read_messages
    from triage.retraining import retrain

    checked_share("--max-error", max_error)
    taxonomy, workshop = open_taxonomy(context)
    settings = load_gate(workshop.home.data)
    labelled = stored_labels(workshop.home, taxonomy)
    describe_rejected(labelled.rejected)
    say(f"{labelled.rows} labelled messages = {len(labelled.messages)} used + {len(labelled.rejected)} rejected.")
    backlog = read_messages(unlabelled or [])
    with training_progress() as progress:
        report = retrain(
            workshop,
            labelled.messages,
            by=who(by),
            settings=settings,
            unlabelled=backlog,
            max_error=max_error,
            jobs=jobs,
            progress=progress,
        )
    if as_json:
        promoted = report.verdict.promoted
        show_json({"model": asdict(report.info), "promoted": promoted, "in_use": report.in_use})
    else:
        _show(report, taxonomy)
        for sentence in proof_sentences(report.info.proof):
            say(sentence)
        typer.echo(f"{workshop.home.models / report.info.version}")
    if not report.verdict.promoted:
        raise typer.Exit(REFUSED)
    exit_for(labelled.rejected)


def _show(report: RetrainReport, taxonomy: Taxonomy) -> None:
    from rich.console import Console

    from triage.cli.common import verdict_table
    from triage.reporting import verdict_sentence

    console = Console(stderr=True, highlight=False, markup=False)
    names = {category.id: category.name for category in taxonomy.categories}
    if report.verdict.checks:
        console.print(verdict_table(report.verdict, names))
    console.print(verdict_sentence(report.verdict, report.info.version, names))
