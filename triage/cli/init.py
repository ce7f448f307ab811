"""`triage init`: copy the defaults out for a bureau to edit."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(init)


def init(
    folder: Annotated[Path, typer.Argument(help="The folder to make; it must be empty or new.", file_okay=False)],
) -> None:
    """Make a bureau folder: taxonomy, offices, duty table, jurisdictions, settings and dictionary, to be edited."""
    from triage.config import copy_defaults

    for path in copy_defaults(folder):
        typer.echo(str(path))
    typer.echo(f"Edit these files, then run: triage --home {folder} check", err=True)
