"""Run the present pipeline over a backlog and compare; every row comes out again, or is named as rejected."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from datetime import date
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self

from triage.config import Config
from triage.errors import InputError
from triage.pipeline import Pipeline
from triage.reclassifying.backlog import BacklogReader, confirmed_labels, earlier_columns
from triage.reclassifying.judging import (
    Before,
    Judgement,
    Status,
    Why,
    decided,
    has_moved,
    ids_by_name,
    is_rerouted,
    judge,
)
from triage.reclassifying.report import ReclassifyReport, Tally
from triage.reclassifying.sheets import COLUMNS, Compared, Sheets, about, list_guide, quoted, totals
from triage.schema import Case, Decision, Label, RejectedRow
from triage.scoring import accepted_rows, in_batches, original_columns, refuse_same
from triage.tables import Look, OutputColumn, ResultWriter, Role, SourceRow, Table, TotalsTable, open_table

__all__ = ["confirmed_labels", "default_output", "list_output", "reclassify"]

_NOBODY: Mapping[str, Label] = MappingProxyType({})


def default_output(path: Path) -> Path:
    """The place of the result where none is named: beside the input, as `NAME.reclassified.xlsx`."""
    return path.with_name(f"{path.stem}.reclassified.xlsx")


def list_output(out: Path) -> Path:
    """The place of the list of those to look at, beside the result.

    It is a file of its own: in the result's workbook every command that reads letters would read them twice.
    """
    return out.with_name(f"{out.stem}.人工查看.xlsx")


def reclassify(
    path: Path,
    out: Path | None = None,
    *,
    pipeline: Pipeline,
    config: Config,
    on: date,
    confirmed: Mapping[str, Label] = _NOBODY,
    columns: Mapping[Role, str] | None = None,
    sheet: str | None = None,
    force: bool = False,
    opened: Callable[[Table], None] = lambda table: None,
    progress: Callable[[int], None] = lambda rows: None,
) -> ReclassifyReport:
    """Compare the categories and routes of a table with those of today, by the rules of `judge`.

    Nothing is written without `out`. With it, the table is written with what changed to the right of its own columns,
    in place of an earlier comparison; and beside it, at `list_output`, those to look at, where there are any. The
    counts are the same either way.

    Parameters
    ----------
    on : the day whose duty table counts.
    confirmed : labels that people gave, by `text_hash` of their messages or by their ids; the text goes first, and an
        id counts in tables that have numbers of their own.
    columns, sheet : which columns and which sheet to read, where the user says so.
    opened : told of the table before its rows are read.
    progress : told of the number of rows done after each batch.

    Raises
    ------
    InputError : the table cannot be read or has no categories, or the result cannot be written; then nothing is left
        behind.
    """
    named = dict(columns or {})
    # The column of the old categories is found apart, so that one of persons' categories is still seen.
    category = named.pop(Role.CATEGORY, "")
    table = open_table(path, columns=named, sheet=sheet)
    opened(table)
    reader = BacklogReader(table, config.taxonomy, confirmed=confirmed, named=category)
    comparer, sheets, tally = _Comparer(pipeline, config, on), Sheets(config), Tally()
    rejected: list[RejectedRow] = []
    files: tuple[Path, ...] = ()
    with ExitStack() as stack:
        result = stack.enter_context(_Result(table, out, sheets, config, force=force)) if out else None
        for batch in in_batches(accepted_rows(table, rejected)):
            for row, compared in zip(batch, comparer.compare(batch, list(map(reader.read, batch))), strict=True):
                _count(tally, sheets, compared)
                if result:
                    result.add(row, compared)
            progress(tally.rows + len(rejected))
        if result:
            figures = [*totals(tally, config.taxonomy), about(table, pipeline, config, tally, len(rejected))]
            files = result.finish(figures, rejected)
    return ReclassifyReport(
        files=files,
        rows_in=tally.rows + len(rejected),
        rows_out=tally.rows,
        moved=tally.with_status(Status.MOVED),
        rerouted=tally.with_status(Status.REROUTED),
        to_look_at=tally.with_status(Status.TO_LOOK_AT),
        same=tally.with_status(Status.SAME),
        moves=tally.moves(),
        whys=tally.whys(),
        unknown=tally.unknown(),
        rejected=tuple(rejected),
        model_version=pipeline.model_version,
    )


class _Comparer:
    """Compares letters with what the pipeline says of them."""

    def __init__(self, pipeline: Pipeline, config: Config, on: date) -> None:
        self._pipeline = pipeline
        self._taxonomy = config.taxonomy
        self._offices = ids_by_name(config.offices)
        self._on = on

    def compare(self, rows: Sequence[SourceRow], known: Sequence[Before]) -> list[Compared]:
        """What became of each row, in their order."""
        messages = [row.message for row in rows]
        decisions = [decided(before, self._taxonomy) for before in known]
        cases = self._pipeline.triage(messages, on=self._on, decided=decisions)
        judged = [judge(before, case, self._taxonomy) for before, case in zip(known, cases, strict=True)]
        routed = self._as_held(cases, judged)
        return [self._compared(*each) for each in zip(known, cases, judged, routed, strict=True)]

    def _as_held(self, cases: Sequence[Case], judged: Sequence[Judgement]) -> list[Case | None]:
        """The cases with the routes of the categories that hold, which need not be what the pipeline would say."""
        others = [
            at
            for at, (case, judgement) in enumerate(zip(cases, judged, strict=True))
            if judgement.category not in ("", case.category)
        ]
        held: list[Case | None] = [
            case if judgement.category else None for case, judgement in zip(cases, judged, strict=True)
        ]
        if others:
            again = self._pipeline.triage(
                [cases[at].message for at in others],
                on=self._on,
                decided=[
                    Decision(judged[at].category, cases[at].decided.nature, cases[at].decided.urgent) for at in others
                ],
            )
            for at, case in zip(others, again, strict=True):
                held[at] = case
        return held

    def _compared(self, before: Before, case: Case, judgement: Judgement, held: Case | None) -> Compared:
        route = held.route if held else None
        rerouted = route is not None and is_rerouted(before, route, self._offices)
        if judgement.doubts:
            status = Status.TO_LOOK_AT
        elif has_moved(before, judgement, self._taxonomy):
            status = Status.MOVED
        else:
            status = Status.REROUTED if rerouted else Status.SAME
        if status is Status.REROUTED and judgement.why is Why.SAME:
            judgement = Judgement(judgement.category, Why.REROUTED)
        return Compared(before, case, judgement, status, route)


def _count(tally: Tally, sheets: Sheets, compared: Compared) -> None:
    tally.add(compared.judgement.why, compared.status)
    if compared.status in (Status.MOVED, Status.TO_LOOK_AT):
        tally.add_move(*sheets.move(compared), sure=compared.status is Status.MOVED)
    if compared.judgement.why is Why.UNKNOWN:
        tally.add_unknown(quoted(compared.before.category))


class _Result:
    """The table with what changed, and the list of those to look at; both are there at the end, or neither."""

    def __init__(self, table: Table, out: Path, sheets: Sheets, config: Config, *, force: bool) -> None:
        for target in (out, list_output(out)):
            refuse_same(table.path, target)
        earlier = earlier_columns(table.columns)
        self._kept = [at for at in range(len(table.columns)) if at not in earlier]
        original = original_columns(table, config.taxonomy)
        columns: list[OutputColumn] = [*(original[at] for at in self._kept), *COLUMNS]
        self._with_ids = {info.name for info in table.sheets if Role.ID in info.roles}
        self._sheets = sheets
        self._listed = 0
        with ExitStack() as opening:
            self._table = opening.enter_context(ResultWriter.open(out, columns=columns, sheet_name="信件", force=force))
            self._list = opening.enter_context(
                ResultWriter.open(list_output(out), columns=sheets.list_columns(), sheet_name="人工查看", force=force)
            )
            self._stack = opening.pop_all()
        self._list_path = list_output(out)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, traceback)

    def add(self, row: SourceRow, compared: Compared) -> None:
        is_listed = compared.status is Status.TO_LOOK_AT
        cells = [*(row.cells[at] for at in self._kept), *self._sheets.cells(compared)]
        self._table.add(cells, look=Look.DOUBTFUL if is_listed else Look.PLAIN)
        if is_listed:
            self._listed += 1
            self._list.add(self._sheets.list_cells(compared, has_id=row.sheet in self._with_ids))

    def finish(self, figures: Sequence[TotalsTable], rejected: Sequence[RejectedRow]) -> tuple[Path, ...]:
        """Move the list into place first: where the table stands, the list stands too."""
        listed = self._list.finish([list_guide()], ()) if self._listed else ()
        try:
            files = self._table.finish(figures, rejected)
        except InputError:
            for path in listed:
                path.unlink(missing_ok=True)
            raise
        if not listed:
            # Of an earlier run that was to be replaced.
            with suppress(OSError):
                self._list_path.unlink(missing_ok=True)
        return (*files, *listed)
