"""The commands together, and what becomes of an error."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from triage.cli import (
    audit,
    check,
    drift,
    evaluate,
    explain,
    handover,
    init,
    label,
    models,
    reclassify,
    retrain,
    score,
    suggest,
    train,
    version,
)
from triage.cli.state import State
from triage.errors import TriageError

app = typer.Typer(
    name="triage",
    help="Classify and route Chinese petition messages for a city's education bureau.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (
    score,
    handover,
    reclassify,
    train,
    retrain,
    evaluate,
    audit,
    drift,
    explain,
    label,
    suggest,
    models,
    init,
    check,
    version,
):
    command.register(app)


@app.callback()
def _options(
    context: typer.Context,
    home: Annotated[
        Path | None,
        typer.Option(
            "--home",
            help="The bureau folder (made by `triage init`). Default: $TRIAGE_HOME, or the current folder if it is one",
            file_okay=False,
        ),
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    context.obj = State(home=home, debug=debug)


def main() -> None:
    """Run the command line.

    Exit codes: 0 all done; 1 a bug of ours; 2 input or configuration refused, nothing written; 3 done, with rejected
    rows that are named; 4 the gate refused a new model.
    """
    try:
        app()
    except TriageError as error:
        from triage.text import mask

        # What is wrong with a table may be told with its first row, which may be a letter.
        error.what = mask(error.what)
        _end(error.exit_code, f"Error: {error}")
    except Exception as error:
        # The message of a foreign error may quote a letter, so that its kind alone is shown.
        kind = type(error).__name__
        _end(1, f"Error: a bug in triage ({kind}). Run again with --debug and report it.")


def _end(code: int, sentence: str) -> NoReturn:
    """Say one sentence, after the traceback where that was asked for, and end with the code."""
    if "--debug" in sys.argv[1:]:
        traceback.print_exc()
    print(sentence, file=sys.stderr)  # noqa: T201
    sys.exit(code)
