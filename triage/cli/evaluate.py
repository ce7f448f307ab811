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


FEW_MESSAGES = 30
"""Labelled messages below which a category's calibration says nothing."""


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
    """Give accuracy, calibration, what may be left to the machine, second categories, nature, urgency and names.

    Without --cv or --after it judges the model in use: on labels that it was trained on, that flatters.
    """
    from triage.cli.common import (
        describe_rejected,
        exit_for,
        named_columns,
        open_classifier,
        open_names,
        open_taxonomy,
        say,
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
    names = open_names(context)
    describe_rejected(labelled.rejected)
    if labelled.unlabelled:
        say(f"{labelled.unlabelled} rows are left out that nobody has decided yet.")
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
                    names=names,
                    progress=progress,
                )
            elif after is not None:
                report = judge_after(
                    workshop,
                    labelled.messages,
                    after=after.date(),
                    starter=starter,
                    unlabelled=backlog,
                    names=names,
                    progress=progress,
                )
    else:
        classifier, info = open_classifier(workshop, model)
        report = judge(workshop, classifier, labelled.messages, proof=info.proof, names=names)
    if page is not None:
        from triage.reporting import write_evaluation_page

        category_names = {category.id: category.name for category in taxonomy.categories}
        sources = "、".join(file.name for file in files)
        write_evaluation_page(
            report,
            names=category_names,
            path=page,
            title="分类效果评估",
            subtitle=[f"标注来源：{sources}", report.method],
        )
    if as_json:
        typer.echo(to_json(report))
    else:
        _show(report, taxonomy)
    exit_for(labelled.rejected)


def _show(report: EvaluationReport, taxonomy: Taxonomy) -> None:
    from rich.console import Console

    console = Console()
    console.print(f"{report.n} messages; {report.method}; intervals of {report.confidence_level:.0%}")
    _show_figures(console, report)
    _show_categories(console, report, taxonomy)
    _show_confusions(console, report, taxonomy)
    _show_curve(console, report)
    _show_tiers(console, report, taxonomy)
    _show_aspects(console, report)


def _show_figures(console: Console, report: EvaluationReport) -> None:
    from rich import box
    from rich.table import Table

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
    judged = [each for each in report.calibration if each.support >= FEW_MESSAGES]
    if judged:
        worst = max(judged, key=lambda each: each.error)
        name = f"the same, worst category with {FEW_MESSAGES} or more"
        figures.add_row(name, f"{worst.error:.4f}", worst.category)
    console.print(figures)


def _show_categories(console: Console, report: EvaluationReport, taxonomy: Taxonomy) -> None:
    from rich import box
    from rich.table import Table

    header = ("category", "name", "messages", "precision", "recall", "F1", "calibration error")
    scores = Table(*header, box=box.SIMPLE, padding=(0, 1, 0, 0))
    for each, calibration in zip(report.per_category, report.calibration, strict=True):
        scores.add_row(
            each.category,
            taxonomy[each.category].name,
            str(each.support),
            *(_interval(interval) for interval in (each.precision, each.recall, each.f1)),
            f"{calibration.error:.3f}",
        )
    console.print(scores)


def _show_curve(console: Console, report: EvaluationReport) -> None:
    from rich import box
    from rich.table import Table

    curve = Table("coverage", "accuracy", "least confidence", box=box.SIMPLE)
    for wanted in (0.5, 0.6, 0.7, 0.8, 0.9, 1.0):
        point = min(report.coverage_curve, key=lambda each: abs(each.coverage - wanted))
        curve.add_row(f"{point.coverage:.2f}", f"{point.accuracy:.3f}", f"{point.min_confidence:.2f}")
    console.print(curve)


def _show_tiers(console: Console, report: EvaluationReport, taxonomy: Taxonomy) -> None:
    """What would go without a person, coverage and accuracy together."""
    from rich import box
    from rich.table import Table

    if not report.tiers:
        console.print("Automatic tier: nothing is proven, so every message goes to a person.")
        return
    tiers = Table("automatic at max-error", "coverage", "accuracy", "wrong", "exact upper bound", box=box.SIMPLE)
    for tier in report.tiers:
        wrong = f"{tier.errors} of {tier.automatic}"
        accuracy = f"{tier.accuracy:.4f}" if tier.automatic else "-"
        tiers.add_row(f"{tier.max_error:g}", f"{tier.coverage:.4f}", accuracy, wrong, f"{tier.error_bound:.4f}")
    console.print(tiers)
    for tier in report.tiers:
        went = "; ".join(
            f"{each.category} {each.errors}/{each.automatic}" for each in tier.per_category if each.automatic
        )
        never = ", ".join(taxonomy[each].name for each in tier.never) or "none"
        console.print(f"  at {tier.max_error:g}, wrong/automatic: {went}. Always to a person: {never}.")


def _show_aspects(console: Console, report: EvaluationReport) -> None:
    from rich import box
    from rich.table import Table

    found = Table("what else is told", "figure", "value", "of", box=box.SIMPLE)
    if report.secondary:
        for name, scores in (
            ("micro-F1", report.secondary.strict),
            ("micro-F1 where the primary is right", report.secondary.where_primary_right),
            ("micro-F1 with the primary, as one set", report.secondary.all_touched),
        ):
            found.add_row("secondary", name, f"{scores.f1:.4f}", f"{scores.wanted} wanted, {scores.found} found")
    if report.nature:
        each = ", ".join(f"{name} {score:.2f}" for name, score in report.nature.f1)
        found.add_row("nature", "macro-F1", f"{report.nature.macro_f1:.4f}", f"{report.nature.messages}: {each}")
    if report.urgent:
        urgent = report.urgent
        of = f"{urgent.urgent} urgent of {urgent.messages}"
        found.add_row("urgent", f"recall at {urgent.share:.0%} flagged", f"{urgent.recall:.4f}", of)
        found.add_row("urgent", f"recall as flagged, {urgent.flagged:.1%}", f"{urgent.flagged_recall:.4f}", of)
        found.add_row("urgent", f"recall as watched, {urgent.watched:.1%}", f"{urgent.watched_recall:.4f}", of)
    if report.names:
        names = report.names
        found.add_row("county", "exact match", f"{names.place_accuracy:.4f}", f"{names.messages} messages")
        for name, scores in (("exact words", names.schools), ("overlapping", names.schools_overlapping)):
            found.add_row("schools", f"F1, {name}", f"{scores.f1:.4f}", f"{scores.wanted} wanted, {scores.found} found")
    if found.row_count:
        console.print(found)


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
