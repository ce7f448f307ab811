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
ColumnOption = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        metavar="ROLE=NAME",
        help="Which column holds what, where it is not recognised: id, title, text, received_at, sender, channel, "
        "category or secondary. May be given several times.",
    ),
]
