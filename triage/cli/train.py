"""`triage train`: a new model version from the bureau's own labels."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from triage.cli.state import ByOption, ColumnOption, JobsOption, JsonOption, MaxErrorOption, checked_share


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(train)


def train(
    context: typer.Context,
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Tables with texts and a category, or with labels alone (then name --messages)."),
    ] = None,
    messages: Annotated[
        list[Path] | None, typer.Option("--messages", help="The texts of the labels, joined by their ids.")
    ] = None,
    unlabelled: Annotated[
        list[Path] | None,
        typer.Option("--unlabelled", help="A backlog without labels, from which to learn how words go together."),
    ] = None,
    no_starter: Annotated[bool, typer.Option("--no-starter", help="Leave the starter corpus out.")] = False,
    max_error: MaxErrorOption = 0.05,
    by: ByOption = None,
    jobs: JobsOption = None,
    column: ColumnOption = None,
    as_json: JsonOption = False,
) -> None:
    """Train a model version on labelled messages and the starter corpus, and put it to use.

    On held-out labels it proves, for each category, from what confidence on a message may go without a person.
    """
    from triage.cli.common import (
        describe_rejected,
        exit_for,
        named_columns,
        open_taxonomy,
        proof_sentences,
        rejected_json,
        say,
        show_json,
        training_progress,
        who,
    )
    from triage.errors import InputError
    from triage.labels import read_labelled, read_messages
    from triage.training import train_version

    if not files and no_starter:
        raise InputError("There is nothing to learn from.", fix="Give tables with labels, or leave out --no-starter.")
    checked_share("--max-error", max_error)
    taxonomy, workshop = open_taxonomy(context)
    columns = named_columns(column)
    labelled = read_labelled(files or [], taxonomy=taxonomy, messages=messages or [], columns=columns)
    if files and not labelled.messages:
        describe_rejected(labelled.rejected)
        raise InputError(f"None of the {labelled.rows} rows can be used.", fix="See the reasons above.")
    backlog = read_messages(unlabelled or [])
    undecided = f" + {labelled.unlabelled} not decided yet" if labelled.unlabelled else ""
    say(
        f"{labelled.rows} labelled rows = {len(labelled.messages)} used + {len(labelled.rejected)} rejected{undecided}."
    )
    with training_progress() as progress:
        info = train_version(
            workshop,
            labelled.messages,
            with_starter=not no_starter,
            unlabelled=backlog,
            max_error=max_error,
            by=who(by),
            jobs=jobs,
            progress=progress,
        )
    if as_json:
        show_json({"model": asdict(info), "rejected": rejected_json(labelled.rejected)})
    else:
        describe_rejected(labelled.rejected)
        facts = info.trained_on
        say(
            f"Trained on {facts.bureau_labels} own labels and {facts.starter_messages} starter messages "
            f"(each counts {facts.starter_weight:g})."
        )
        for sentence in proof_sentences(info.proof):
            say(sentence)
        typer.echo(f"{workshop.home.models / info.version}")
    exit_for(labelled.rejected)
