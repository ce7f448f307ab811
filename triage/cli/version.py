"""`triage version`."""

from __future__ import annotations

import typer

from triage import __version__


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(version)


def version() -> None:
    """Print the version of the program."""
    typer.echo(__version__)
