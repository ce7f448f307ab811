"""`triage train`: a new model version from the bureau's own labels."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from triage.cli.state import ColumnOption, JsonOption

if TYPE_CHECKING:
    from triage.thresholds import Proof


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
    max_error: Annotated[
        float,
        typer.Option(
            "--max-error",
            help="The share of wrong ones allowed among what goes without a person, such as 0.05 or 0.01.",
        ),
    ] = 0.05,
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
        rejected_json,
        say,
        show_json,
        training_progress,
    )
    from triage.errors import InputError
    from triage.labels import read_labelled, read_messages
    from triage.training import train_version

    if not files and no_starter:
        raise InputError("There is nothing to learn from.", fix="Give tables with labels, or leave out --no-starter.")
    if not 0 < max_error < 1:
        raise InputError(f"--max-error is {max_error:g}.", fix="Give a share between 0 and 1, such as 0.05.")
    taxonomy, workshop = open_taxonomy(context)
    columns = named_columns(column)
    labelled = read_labelled(files or [], taxonomy=taxonomy, messages=messages or [], columns=columns)
    if files and not labelled.messages:
        describe_rejected(labelled.rejected)
        raise InputError(f"None of the {labelled.rows} rows can be used.", fix="See the reasons above.")
    backlog = read_messages(unlabelled or [])
    say(f"{labelled.rows} labelled rows = {len(labelled.messages)} used + {len(labelled.rejected)} rejected.")
    with training_progress() as progress:
        info = train_version(
            workshop,
            labelled.messages,
            with_starter=not no_starter,
            unlabelled=backlog,
            max_error=max_error,
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
        _say_proof(info.proof)
        typer.echo(f"{workshop.home.models / info.version}")
    exit_for(labelled.rejected)


def _say_proof(proof: Proof | None) -> None:
    """Coverage and accuracy together, and for each category its threshold or why it has none."""
    from triage.cli.common import say
    from triage.thresholds import MIN_EXAMPLES

    if proof is None:
        say("No own labels, so nothing is proven: every message goes to a person.")
        return
    if not proof.automatic:
        say(
            f"An error of at most {proof.max_error:g} cannot be proven with {proof.messages} own labels: "
            "every message goes to a person."
        )
        return
    say(
        f"Automatic: {proof.coverage:.1%} of {proof.messages} held-out messages, {proof.errors} of {proof.automatic} "
        f"wrong ({1 - proof.errors / proof.automatic:.2%} right); at most {proof.error_bound:.2%} wrong with "
        f"{proof.certainty:.0%} confidence, {100 * proof.max_error:g}% allowed."
    )
    for each in proof.thresholds:
        if each.confidence is not None:
            say(
                f"  {each.category}: from {each.confidence:.3f} on, {each.errors} of {each.automatic} wrong, "
                f"at most {each.error_bound:.1%} by itself"
            )
        elif each.examples < MIN_EXAMPLES:
            say(f"  {each.category}: always to a person, {each.examples} labels prove nothing ({MIN_EXAMPLES} needed)")
        else:
            say(f"  {each.category}: always to a person, no confidence is proven to be enough")
