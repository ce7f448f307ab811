"""What several commands do: open the bureau, name columns, show progress, print."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

from triage.cli.state import State

if TYPE_CHECKING:
    from rich.table import Table as ScreenTable

    from triage.classifier import PetitionClassifier, Progress
    from triage.config import Config, Home, Taxonomy
    from triage.gate import Verdict
    from triage.labels import LabelledSet
    from triage.pipeline import Pipeline
    from triage.registry import ModelInfo, Registry
    from triage.schema import Label, LabelledMessage, RejectedRow
    from triage.signals import SignalReader
    from triage.tables import Role, Table
    from triage.thresholds import Proof
    from triage.training import Workshop

SHOWN_ROWS = 10
"""Rejected rows named on the screen; all of them stand in the result."""


def say(text: str) -> None:
    """A line for the person at the screen, apart from the result."""
    typer.echo(text, err=True)


def show_json(content: Any) -> None:
    """Print JSON as the result."""
    typer.echo(json.dumps(content, ensure_ascii=False, indent=2))


def who(by: str | None) -> str:
    """The name that is given, else that of the login."""
    import getpass

    if by and by.strip():
        return by.strip()
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):  # a system on which nobody is logged in
        return "unknown"


def named_columns(named: Sequence[str] | None) -> dict[Role, str]:
    """The columns that the user named as ROLE=NAME, by role."""
    from triage.errors import InputError
    from triage.tables import Role

    columns: dict[Role, str] = {}
    for each in named or ():
        role, _, name = each.partition("=")
        if role not in tuple(Role) or not name.strip():
            raise InputError(
                f"--column {each} names no column.",
                fix=f"Write --column ROLE=NAME, with one of the roles {', '.join(Role)}.",
            )
        columns[Role(role)] = name.strip()
    return columns


def open_bureau(context: typer.Context) -> tuple[Config, Workshop]:
    """The bureau's configuration, and what it takes to make models for it."""
    from triage.config import find_home, load_config
    from triage.training import open_workshop

    state: State = context.obj
    home = find_home(state.home)
    config = load_config(home.data)
    return config, open_workshop(home, config.taxonomy)


def open_taxonomy(context: typer.Context) -> tuple[Taxonomy, Workshop]:
    """The bureau's taxonomy, and what it takes to make models for it; it needs no offices."""
    from triage.config import find_home, load_taxonomy
    from triage.training import open_workshop

    state: State = context.obj
    home = find_home(state.home)
    taxonomy = load_taxonomy(home.data)
    return taxonomy, open_workshop(home, taxonomy)


def open_names(context: typer.Context) -> SignalReader:
    """What reads places and schools, by the bureau's lists as far as it has any."""
    from triage.config import find_home, load_config
    from triage.signals import SignalReader

    state: State = context.obj
    home = find_home(state.home)
    if not (home.data / "jurisdictions.toml").exists():
        return SignalReader(())
    config = load_config(home.data)
    return SignalReader(config.jurisdictions, config.schools)


def open_classifier(workshop: Workshop, version: str | None = None) -> tuple[PetitionClassifier, ModelInfo]:
    """The champion, or the version named; a starter model is trained and kept where there is none yet."""
    registry = workshop.registry
    if version is None and registry.champion() is None:
        from triage.training import train_version

        _refuse_to_pass_over_own(registry)
        say("No model yet: training the starter model on the bundled corpus, once. It will be kept.")
        with training_progress() as progress:
            info = train_version(workshop, reason="first model", progress=progress)
        say(f"Starter model kept as version {info.version} in {workshop.home.models}.")
    return registry.load(
        version, tokenizer_fingerprint=workshop.tokenizer.fingerprint, categories=workshop.taxonomy.ids
    )


def _refuse_to_pass_over_own(registry: Registry) -> None:
    """The starter model must not take the place of versions from the bureau's own labels, as where the log was lost."""
    from triage.errors import ModelError

    own = [info.version for info in registry.versions() if info.trained_on.bureau_labels]
    if own:
        raise ModelError(
            f"No model version is in use, though there are some from your own labels: {', '.join(own)}.",
            where=str(registry.folder),
            fix="Put one to use with: triage models promote N --reason WHY",
        )


def open_pipeline(config: Config, workshop: Workshop, version: str | None = None) -> Pipeline:
    """The pipeline with the champion, or the version named."""
    from triage.pipeline import Pipeline

    classifier, info = open_classifier(workshop, version)
    return Pipeline(
        config=config,
        tokenizer=workshop.tokenizer,
        classifier=classifier,
        model_version=info.version,
        proof=info.proof,
    )


@contextmanager
def training_progress() -> Iterator[Progress]:
    """A bar that names what the training is doing."""
    from rich.console import Console
    from rich.progress import Progress as Bar

    console = Console(stderr=True)
    with Bar(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("training", total=1.0)

        def report(what: str, share: float) -> None:
            bar.update(task, description=what, completed=share)

        yield report


def describe_table(table: Table) -> None:
    """Say how a file was understood."""
    from triage.text import mask

    kind = " ".join(filter(None, (table.format, table.encoding)))
    say(f"Reading {table.path.name} ({kind}):")
    for info in table.sheets:
        columns = ", ".join(f"{role.value}={name}" for role, name in info.roles.items())
        place = f"sheet {info.name}, " if info.name else ""
        header = f"header row {info.header_row}, " if info.header_row else ""
        say(f"  {place}{header}{columns}")
    for skipped in table.skipped:
        say(f"  not read: {mask(skipped)}")


def describe_rejected(rejected: Sequence[RejectedRow], count: int | None = None) -> None:
    """Name the rejected rows, the first where they are many; `count` is their number where not all are given."""
    if not rejected:
        return
    count = len(rejected) if count is None else count
    say(f"{count} rows rejected:")
    for row in rejected[:SHOWN_ROWS]:
        sheet = f" sheet {row.sheet}" if row.sheet else ""
        say(f"  {row.source}{sheet} row {row.row}: {row.reason}")
    if count > SHOWN_ROWS:
        say(f"  and {count - SHOWN_ROWS} more")


def kept_labels(home: Home) -> list[LabelledMessage]:
    """The labels of the case store that hold, as they were given; none where there is no store yet."""
    if not home.store.exists():
        return []
    from triage.store import Store

    with Store.open(home.store) as store:
        return store.labelled()


def stored_labels(home: Home, taxonomy: Taxonomy) -> LabelledSet:
    """The labels of the case store in the categories of today, and those whose category is no more."""
    from triage.labels import in_present_categories

    return in_present_categories(kept_labels(home), taxonomy, source=str(home.store))


def labels_by_text(home: Home, taxonomy: Taxonomy) -> dict[str, Label]:
    """The labels of the case store in the categories of today, by the hash of the text."""
    from triage.labels import text_hash

    return {text_hash(each.message): each.label for each in stored_labels(home, taxonomy).messages}


def verdict_table(verdict: Verdict, names: Mapping[str, str]) -> ScreenTable:
    """The checks of the gate as a table; `names` are those of the categories by id."""
    from rich import box
    from rich.table import Table

    from triage.reporting import VERDICT_COLUMNS, verdict_rows

    table = Table(*VERDICT_COLUMNS, box=box.SIMPLE, padding=(0, 1, 0, 0))
    for row in verdict_rows(verdict, names):
        table.add_row(*row)
    return table


def proof_sentences(proof: Proof | None) -> Iterator[str]:
    """Coverage and accuracy together, and for each category its threshold or why it has none."""
    from triage.thresholds import MIN_EXAMPLES

    if proof is None:
        yield "No own labels, so nothing is proven: every message goes to a person."
        return
    if not proof.automatic:
        yield (
            f"An error of at most {proof.max_error:g} cannot be proven with {proof.messages} own labels: "
            "every message goes to a person."
        )
        return
    yield (
        f"Automatic: {proof.coverage:.1%} of {proof.messages} held-out messages, {proof.errors} of {proof.automatic} "
        f"wrong ({1 - proof.errors / proof.automatic:.2%} right); at most {proof.error_bound:.2%} wrong with "
        f"{proof.certainty:.0%} confidence, {100 * proof.max_error:g}% allowed."
    )
    for each in proof.thresholds:
        if each.confidence is not None:
            yield (
                f"  {each.category}: from {each.confidence:.3f} on, {each.errors} of {each.automatic} wrong, "
                f"at most {each.error_bound:.1%} by itself"
            )
        elif each.examples < MIN_EXAMPLES:
            yield f"  {each.category}: always to a person, {each.examples} labels prove nothing ({MIN_EXAMPLES} needed)"
        else:
            yield f"  {each.category}: always to a person, no confidence is proven to be enough"


def rejected_json(rejected: Sequence[RejectedRow]) -> list[dict[str, Any]]:
    """The rejected rows, without their cells."""
    return [
        {"source": row.source, "sheet": row.sheet, "row": row.row, "column": row.column, "reason": row.reason}
        for row in rejected
    ]


def exit_for(rejected: Sequence[RejectedRow]) -> None:
    """End with 3 where rows were rejected."""
    if rejected:
        raise typer.Exit(3)
