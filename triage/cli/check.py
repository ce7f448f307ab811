"""`triage check`: what is missing or contradictory in the bureau's configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from triage.cli.state import JsonOption, State


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(check)


def check(
    context: typer.Context,
    folder: Annotated[Path | None, typer.Argument(help="The bureau folder. Default: --home.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Say in plain words what is missing or contradictory in the configuration, with file and line."""
    from triage.cli.common import show_json
    from triage.config import check_config, find_home
    from triage.errors import ConfigError
    from triage.tokens import read_dictionary

    state: State = context.obj
    home = find_home(folder or state.home)
    problems = [str(problem) for problem in check_config(home.data)]
    try:
        read_dictionary(home.dictionary)
    except ConfigError as error:
        problems.append(str(error))
    if as_json:
        show_json({"folder": str(home.data), "problems": problems})
    else:
        for problem in problems:
            typer.echo(problem)
        typer.echo(f"{home.data}: {len(problems)} problems." if problems else f"{home.data}: all is well.", err=True)
    if problems:
        raise typer.Exit(2)
