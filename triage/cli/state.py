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
ByOption = Annotated[
    str | None, typer.Option("--by", metavar="NAME", help="Who decides it, for the records. Default: the login name.")
]
JobsOption = Annotated[
    int | None, typer.Option("--jobs", min=1, help="Processes to train with. Default: the cores there are.")
]
MaxErrorOption = Annotated[
    float,
    typer.Option(
        "--max-error", help="The share of wrong ones allowed among what goes without a person, such as 0.05 or 0.01."
    ),
]


def checked_share(option: str, value: float) -> float:
    """The value, if it is a share.

    Raises
    ------
    InputError : it does not lie between 0 and 1.
    """
    from triage.errors import InputError

    if not 0 < value < 1:
        raise InputError(f"{option} is {value:g}.", fix="Give a share between 0 and 1, such as 0.05.")
    return value
