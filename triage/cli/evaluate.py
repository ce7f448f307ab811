"""`triage evaluate`: how good the model is, with intervals, on labels that it has not learnt from."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from triage.cli.state import ColumnOption, JsonOption

if TYPE_CHECKING:
    from rich.console import Console

    from triage.config import Taxonomy
    from triage.evaluation import EvaluationReport, Interval


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(evaluate)


def evaluate(
    context: typer.Context,
    files: Annotated[
        list[Path],
        typer.Argument(help="Tables with texts and a category, or with labels alone (then name --messages)."),
    ],
    messages: Annotated[
        list[Path] | None, typer.Option("--messages", help="The texts of the labels, joined by their ids.")
    ] = None,
    cv: Annotated[
        int | None, typer.Option("--cv", min=2, help="Cross-validate in so many folds; no model is kept.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="With --cv: another number deals other folds.")] = 0,
    after: Annotated[
        datetime | None,
        typer.Option(
            "--after", formats=["%Y-%m-%d"], help="Train on what came before this day, judge what came since."
        ),
    ] = None,
    unlabelled: Annotated[
        list[Path] | None, typer.Option("--unlabelled", help="With --cv or --after: a backlog without labels.")
    ] = None,
    no_starter: Annotated[
        bool, typer.Option("--no-starter", help="With --cv or --after: leave the starter corpus out.")
    ] = False,
    model: Annotated[str | None, typer.Option("--model", help="Model version. Default: the one in use.")] = None,
    page: Annotated[Path | None, typer.Option("--page", help="Also write a page with plots here (.html).")] = None,
    column: ColumnOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give accuracy, scores per category with intervals, confusions, and how much may be left to the machine.

    Without --cv or --after it judges the model in use: on labels that it was trained on, that flatters.
    """
    from triage.cli.common import (
        describe_rejected,
        exit_for,
        named_columns,
        open_classifier,
        open_taxonomy,
        training_progress,
    )
    from triage.errors import InputError
    from triage.evaluation import to_json
    from triage.labels import read_labelled, read_messages
    from triage.validation import cross_validate, judge, judge_after

    if cv and after:
        raise InputError("--cv and --after are two ways of holding messages out.", fix="Choose one of them.")
    taxonomy, workshop = open_taxonomy(context)
    columns = named_columns(column)
    labelled = read_labelled(files, taxonomy=taxonomy, messages=messages or [], columns=columns)
    describe_rejected(labelled.rejected)
    if not labelled.messages:
        raise InputError(f"None of the {labelled.rows} rows can be used.", fix="See the reasons above.")
    if cv or after:
        starter = [] if no_starter else workshop.starter()
        backlog = read_messages(unlabelled or [])
        with training_progress() as progress:
            if cv is not None:
                report = cross_validate(
                    workshop,
                    labelled.messages,
                    folds=cv,
                    seed=seed,
                    starter=starter,
                    unlabelled=backlog,
                    progress=progress,
                )
            elif after is not None:
                report = judge_after(
                    workshop,
                    labelled.messages,
                    after=after.date(),
                    starter=starter,
                    unlabelled=backlog,
                    progress=progress,
                )
    else:
        classifier, _ = open_classifier(workshop, model)
        report = judge(workshop, classifier, labelled.messages)
    if page is not None:
        from triage.reporting import write_evaluation_page

        names = {category.id: category.name for category in taxonomy.categories}
        sources = "、".join(file.name for file in files)
        write_evaluation_page(
            report, names=names, path=page, title="分类效果评估", subtitle=[f"标注来源：{sources}", report.method]
        )
    if as_json:
        typer.echo(to_json(report))
    else:
        _show(report, taxonomy)
    exit_for(labelled.rejected)


def _show(report: EvaluationReport, taxonomy: Taxonomy) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    console = Console()
    console.print(f"{report.n} messages; {report.method}; intervals of {report.confidence_level:.0%}")
    figures = Table("figure", "value", "interval", box=box.SIMPLE)
    rows = (
        ("accuracy", report.accuracy),
        ("accuracy in scope", report.in_scope_accuracy),
        ("macro-F1", report.macro_f1),
        ("among the first three", report.top3_accuracy),
    )
    for name, interval in rows:
        if interval is not None:
            figures.add_row(name, f"{interval.value:.4f}", f"{interval.low:.3f} to {interval.high:.3f}")
    figures.add_row("expected calibration error", f"{report.expected_calibration_error:.4f}", "")
    console.print(figures)
    scores = Table("category", "name", "messages", "precision", "recall", "F1", box=box.SIMPLE, padding=(0, 1, 0, 0))
    for each in report.per_category:
        scores.add_row(
            each.category,
            taxonomy[each.category].name,
            str(each.support),
            *(_interval(interval) for interval in (each.precision, each.recall, each.f1)),
        )
    console.print(scores)
    _show_confusions(console, report, taxonomy)
    curve = Table("coverage", "accuracy", "least confidence", box=box.SIMPLE)
    for wanted in (0.5, 0.6, 0.7, 0.8, 0.9, 1.0):
        point = min(report.coverage_curve, key=lambda each: abs(each.coverage - wanted))
        curve.add_row(f"{point.coverage:.2f}", f"{point.accuracy:.3f}", f"{point.min_confidence:.2f}")
    console.print(curve)


def _show_confusions(console: Console, report: EvaluationReport, taxonomy: Taxonomy) -> None:
    from rich import box
    from rich.table import Table

    numbers = [str(at) for at in range(1, len(report.categories) + 1)]
    matrix = Table("true \\ predicted", *numbers, box=box.SIMPLE, padding=(0, 1, 0, 0))
    for number, category, row in zip(numbers, report.categories, report.confusion, strict=True):
        matrix.add_row(f"{number} {taxonomy[category].name}", *(str(count) if count else "" for count in row))
    console.print(matrix)


def _interval(interval: Interval) -> str:
    return f"{interval.value:.2f} {interval.low:.2f}-{interval.high:.2f}"
