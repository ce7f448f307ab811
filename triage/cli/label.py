"""`triage label`: what people decided goes into the case store, and comes out of it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from triage.cli.state import ColumnOption, JsonOption, State

if TYPE_CHECKING:
    from triage.config import Taxonomy
    from triage.labelling import LabelReport
    from triage.store import Conflict, Store

_SHOWN_CONFLICTS = 10
_ForceOption = Annotated[bool, typer.Option("--force", help="Replace a file that exists.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    labels = typer.Typer(
        name="label", help="Keep what people decide, and show what is kept.", no_args_is_help=True, add_completion=False
    )
    labels.command("add")(add)
    labels.command("list")(list_labels)
    labels.command("conflicts")(conflicts)
    labels.command("export")(export)
    app.add_typer(labels)


def add(
    context: typer.Context,
    files: Annotated[
        list[Path],
        typer.Argument(help="Tables that `triage score` wrote, with a person's corrections, or tables with labels."),
    ],
    messages: Annotated[
        list[Path] | None, typer.Option("--messages", help="The texts of labels that stand apart, joined by their ids.")
    ] = None,
    by: Annotated[
        str | None,
        typer.Option("--by", help="Who decided, where the table does not say. Default: the name of the login."),
    ] = None,
    on: Annotated[
        datetime | None,
        typer.Option(
            "--on", formats=["%Y-%m-%d"], help="When it was decided, where the table does not say. Default: now."
        ),
    ] = None,
    confirmed: Annotated[
        bool,
        typer.Option(
            "--confirmed", help="A person has looked at every row: what the program wrote and nobody changed is right."
        ),
    ] = False,
    column: ColumnOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add people's decisions to the case store, all or none of them.

    In a table that `triage score` wrote a row counts where 人工类别 is filled in or 类别 was changed. Messages are
    matched by their text, else by their id. The newest decision holds; the older ones are kept.
    """
    from triage.cli.common import describe_rejected, exit_for, named_columns, rejected_json, show_json, who
    from triage.labelling import add_labels

    taxonomy = _taxonomy(context)
    with _store(context) as store:
        report = add_labels(
            store,
            files,
            taxonomy=taxonomy,
            messages=messages or [],
            columns=named_columns(column),
            by=who(by),
            on=on.date() if on else None,
            confirmed=confirmed,
        )
    if as_json:
        show_json(
            {
                "rows": report.rows,
                "new": report.new,
                "same": report.same,
                "changed": report.changed,
                "conflicts": [_conflict(each) for each in report.conflicts],
                "unlabelled": report.unlabelled,
                "rejected": rejected_json(report.rejected),
            }
        )
    else:
        describe_rejected(report.rejected)
        _say_added(report, taxonomy)
    exit_for(report.rejected)


def list_labels(context: typer.Context, as_json: JsonOption = False) -> None:
    """Count the labels by category and by person."""
    from triage.cli.common import say, show_json
    from triage.labelling import summarise

    taxonomy = _taxonomy(context)
    with _store(context) as store:
        summary = summarise(store)
    if as_json:
        show_json(asdict(summary) | {each: _day(getattr(summary, each)) for each in ("first", "last")})
        return
    for category, count in summary.categories:
        typer.echo(f"{count:6} {_name(category, taxonomy)}")
    say(
        f"{summary.messages} labelled messages, {summary.decisions} decisions by {len(summary.people)} people"
        + (f" from {summary.first:%Y-%m-%d} to {summary.last:%Y-%m-%d}" if summary.first and summary.last else "")
        + f"; {summary.conflicts} disagreements."
    )
    for person, count in summary.people:
        say(f"  {person or '(nobody named)'}: {count}")


def conflicts(
    context: typer.Context,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="A sheet in which to settle them: fill in 人工类别 and add it.")
    ] = None,
    force: _ForceOption = False,
    as_json: JsonOption = False,
) -> None:
    """Show the texts on which people disagree, or one text that has two labels."""
    from triage.cli.common import say, show_json
    from triage.labelling import write_conflicts

    taxonomy = _taxonomy(context)
    with _store(context) as store:
        found = store.conflicts()
        if out is not None:
            write_conflicts(store, out, taxonomy=taxonomy, force=force)
    if as_json:
        show_json([_conflict(each) for each in found])
    else:
        say(f"{len(found)} disagreements.")
        if out is None:
            _say_conflicts(found, taxonomy)
    if out is not None and not as_json:
        typer.echo(str(out))


def export(
    context: typer.Context,
    out: Annotated[Path, typer.Argument(metavar="FILE", help="The table: .xlsx, .csv, .tsv, .parquet or .jsonl.")],
    force: _ForceOption = False,
    as_json: JsonOption = False,
) -> None:
    """Write all labelled messages with the labels that hold, as a table that can be trained on or added again."""
    from triage.cli.common import say, show_json
    from triage.labelling import write_labels

    taxonomy = _taxonomy(context)
    with _store(context) as store:
        count = write_labels(store, out, taxonomy=taxonomy, force=force)
    if as_json:
        show_json({"file": str(out), "messages": count})
    else:
        say(f"{count} labelled messages written.")
        typer.echo(str(out))


def _taxonomy(context: typer.Context) -> Taxonomy:
    from triage.config import find_home, load_taxonomy

    state: State = context.obj
    return load_taxonomy(find_home(state.home).data)


def _store(context: typer.Context) -> Store:
    from triage.config import find_home
    from triage.store import Store

    state: State = context.obj
    return Store.open(find_home(state.home).store)


def _say_added(report: LabelReport, taxonomy: Taxonomy) -> None:
    from triage.cli.common import say

    say(
        f"{report.rows} rows = {report.new} new + {report.same} same + {report.changed} changed"
        f" + {len(report.conflicts)} in conflict + {report.unlabelled} not decided yet"
        f" + {len(report.rejected)} rejected."
    )
    if report.conflicts:
        say("In conflict, so that the newest answer holds until somebody settles it (triage label conflicts --out):")
        _say_conflicts(report.conflicts, taxonomy)


def _say_conflicts(found: tuple[Conflict, ...], taxonomy: Taxonomy) -> None:
    """The answers, without the text."""
    from triage.cli.common import say
    from triage.labelling import opinion

    for each in found[:_SHOWN_CONFLICTS]:
        say(f"  {each.message.id}: {' ↔ '.join(opinion(answer, taxonomy) for answer in each.answers)}")
    if len(found) > _SHOWN_CONFLICTS:
        say(f"  and {len(found) - _SHOWN_CONFLICTS} more")


def _conflict(conflict: Conflict) -> dict[str, object]:
    return {
        "id": conflict.message.id,
        "holds": conflict.label.primary,
        "answers": [
            {
                "id": each.message.id,
                "primary": each.label.primary,
                "secondary": each.label.secondary,
                "nature": each.label.nature,
                "urgent": each.label.urgent,
                "by": each.label.by,
                "at": each.at.isoformat(),
                "source": each.source,
                "sheet": each.sheet,
                "row": each.row,
            }
            for each in conflict.answers
        ],
    }


def _name(category_id: str, taxonomy: Taxonomy) -> str:
    category = taxonomy.find(category_id)
    return category.name if category else category_id


def _day(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
