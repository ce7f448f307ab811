"""`triage models`: the model versions there are."""

from __future__ import annotations

from dataclasses import asdict

import typer

from triage.cli.state import JsonOption, State


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(models)


def models(context: typer.Context, as_json: JsonOption = False) -> None:
    """List the model versions, what each was trained on, and which is in use."""
    from rich.console import Console
    from rich.table import Table

    from triage.cli.common import say, show_json
    from triage.config import find_home
    from triage.registry import Registry

    state: State = context.obj
    home = find_home(state.home)
    registry = Registry(home.models)
    champion = registry.champion()
    versions = registry.versions()
    if as_json:
        show_json([{**asdict(info), "in_use": info.version == champion} for info in versions])
        return
    if not versions:
        say(f"No model version in {home.models} yet. `triage score` or `triage train` makes the first.")
        return
    table = Table("version", "in use", "made", "own labels", "starter messages", "unlabelled")
    for info in versions:
        facts = info.trained_on
        counts = (facts.bureau_labels, facts.starter_messages, facts.unlabelled_messages)
        used = "yes" if info.version == champion else ""
        table.add_row(info.version, used, info.created_at, *map(str, counts))
    Console().print(table)
