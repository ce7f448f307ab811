"""What the options before the command say, for all commands."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer


@dataclass(frozen=True, slots=True)
class State:
    """The global options."""

    home: Path | None
    debug: bool


JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
IdColumn = Annotated[str | None, typer.Option("--id-column", help="The column with the number of a message.")]
TitleColumn = Annotated[str | None, typer.Option("--title-column", help="The column with the title.")]
TextColumn = Annotated[str | None, typer.Option("--text-column", help="The column with the text.")]
TimeColumn = Annotated[str | None, typer.Option("--time-column", help="The column with the time of receipt.")]
CategoryColumn = Annotated[str | None, typer.Option("--category-column", help="The column with the category.")]
