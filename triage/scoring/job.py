"""The job: a table of messages in, the same table with its cases out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path

from triage import __version__
from triage.config import Config
from triage.errors import InputError
from triage.forms import URGENT_COLUMNS, Form
from triage.pipeline import Pipeline
from triage.schema import Channel, Label, RejectedRow
from triage.scoring.answers import Answer, Answers, Scorer, Settings
from triage.scoring.batches import BATCH, Batch, batches
from triage.scoring.columns import Persons, is_persons, original_columns
from triage.scoring.tally import Counted, read_note
from triage.scoring.totals import Totals, about, proven
from triage.scoring.workers import Crew, Done, Work
from triage.tables import XLSX_ROWS, Listing, PartedWriter, ResultWriter, Role, Table, fingerprint, open_table
from triage.thresholds import Proof

LISTING = Listing("紧急件", URGENT_COLUMNS)
"""The sheet that lists what is urgent; it is what the clerk sees first, where there is any."""
PART_ROWS = 20_000
"""Rows of the table in a part of the result."""


@dataclass(frozen=True, slots=True)
class ScoringReport:
    """What a run did; `rows_in` equals `rows_out` and `rows_rejected` together.

    `rejected` names the rejected rows, the first of them where there are very many; all stand in the result.
    `proof` is what the automatic part rests on, None where nothing is proven. `estimated` counts the letters with a due
    date in a time for which no holidays have been published yet.
    """

    files: tuple[Path, ...]
    rows_in: int
    rows_out: int
    rows_rejected: int
    for_review: int
    urgent: int
    estimated: int
    proof: Proof | None
    rejected: tuple[RejectedRow, ...]
    model_version: str


def default_output(path: Path) -> Path:
    """The place of the result where none is named: beside the input, as `NAME.triaged.xlsx`."""
    return path.with_name(f"{path.stem}.triaged.xlsx")


def score_table(
    path: Path,
    out: Path,
    *,
    pipeline: Pipeline,
    config: Config,
    on: date,
    labels: Mapping[str, Label] | None = None,
    channel: Channel | None = None,
    columns: Mapping[Role, str] | None = None,
    sheet: str | None = None,
    force: bool = False,
    jobs: int = 1,
    opening: Callable[[], tuple[Pipeline, Config]] | None = None,
    resume: bool = False,
    is_folder: bool = False,
    model: str = "",
    batch: int = BATCH,
    part_rows: int = PART_ROWS,
    opened: Callable[[Table], None] = lambda table: None,
    progress: Callable[[int], None] = lambda rows: None,
) -> ScoringReport:
    """Triage every message of a table and write it with its original columns.

    Where a person has put a category into a column 人工类别, that one holds and is routed; a table without such a
    column gets an empty one. What the table does not say, people may have said in `labels`. A message at which the
    pipeline fails is rejected with the reason.

    Parameters
    ----------
    on : the day whose duty table counts.
    labels : what people have decided of messages before, by `text_hash`.
    channel : that of the messages which name none.
    columns, sheet : which columns and which sheet to read, where the user says so.
    jobs : worker processes; 1 to stay in this one. The result does not depend on it.
    opening : opens the same pipeline in a worker; needed for more than one job.
    resume : keep what is written if the run stops, and go on with a run that stopped; for results that have parts.
    is_folder : write a folder of parquet files.
    model : tells model versions of the same name apart, for a run that is gone on with.
    batch : messages triaged at a time; the result does not depend on it.
    part_rows : rows of the table in a part of the result, or in a file of the folder.
    opened : told of the table before its rows are read.
    progress : told of the number of rows done after each batch.

    Raises
    ------
    InputError : the table cannot be read or the result cannot be written, or what a run that stopped rests on has
        changed. Then nothing is left behind but the parts of a run that can be gone on with.
    """
    table = open_table(path, columns=columns, sheet=sheet)
    opened(table)
    refuse_same(path, out)
    _refuse_too_long(table, out)
    asks = not any(map(is_persons, table.columns))
    persons = Persons(config, table, labels or {})
    header = [*original_columns(table, config.taxonomy), *Form(config, asks=asks).columns]
    counted, written = Counted(), 0
    with ExitStack() as stack:
        writer: ResultWriter | PartedWriter
        if resume or is_folder:
            options = f"{channel} {sorted((columns or {}).items())} {sheet} {is_folder} {part_rows}"
            rests_on = {
                "input": fingerprint(path),
                "model": _hash(f"{pipeline.model_version} {model}"),
                "configuration": config.fingerprint,
                "set of labels": _hash(repr(sorted((labels or {}).items(), key=lambda item: item[0]))),
                "choice of options": options,
                "program version": __version__,
            }
            given = {"on": on.isoformat()}
            writer = PartedWriter.open(
                out, columns=header, identity=rests_on, given=given, resume=resume, is_folder=is_folder, force=force
            )
            on = date.fromisoformat(writer.given["on"])
            written = len(writer.notes)
            for note in writer.notes:
                counted.join(read_note(note))
        else:
            writer = ResultWriter.open(out, columns=header, sheet_name="信件", listing=LISTING, force=force)
        stack.enter_context(writer)
        answer = stack.enter_context(_answering(jobs, opening, Scorer(pipeline, config, Settings(on, channel, asks))))
        if written:
            progress(counted.rows_in)
        table_batches = batches(table, size=batch, part_rows=part_rows, parts_done=written)
        done = answer((each, persons.asked(each)) for each in table_batches)
        for _, part in groupby(done, key=lambda each: each[0].part):
            of_part = Counted()
            for each, answers in part:
                _write(writer, each, answers, of_part)
                progress(counted.rows_in + of_part.rows_in)
            if isinstance(writer, PartedWriter):
                writer.end_part(of_part.note())
            counted.join(of_part)
        tally = counted.tally
        sheets = [*Totals(config)(tally), *proven(pipeline.proof, config)]
        files = writer.finish([*sheets, about(table, pipeline, config, tally, counted.rejected)])
    return ScoringReport(
        files=files,
        rows_in=counted.rows_in,
        rows_out=tally.rows,
        rows_rejected=counted.rejected,
        for_review=tally.reviewed,
        urgent=tally.urgent,
        estimated=tally.estimated,
        proof=pipeline.proof,
        rejected=tuple(counted.named),
        model_version=pipeline.model_version,
    )


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def refuse_same(path: Path, out: Path) -> None:
    """A register of letters must not be lost to a result that happens to have its name."""
    if out.exists() and out.samefile(path):
        raise InputError("is the table itself.", where=str(out), fix="Choose another name with --out.")


def _refuse_too_long(table: Table, out: Path) -> None:
    """Better before the work than after hours of it."""
    if out.suffix.lower() == ".xlsx" and table.more_than(XLSX_ROWS):
        raise InputError(
            f"has more rows than the {XLSX_ROWS:,} that a sheet of Excel holds.",
            where=str(table.path),
            fix="Write .parquet or .csv instead, with --out.",
        )


@contextmanager
def _answering(
    jobs: int, opening: Callable[[], tuple[Pipeline, Config]] | None, scorer: Scorer
) -> Iterator[Callable[[Iterable[Work]], Iterator[Done]]]:
    """What answers batches: workers, or the scorer in this process."""
    if jobs == 1:
        yield lambda work: ((each, scorer.answer(asked)) for each, asked in work)
        return
    if opening is None:
        raise ValueError("several jobs need to know how to open the pipeline")
    with Crew(jobs, opening, scorer.settings) as crew:
        yield crew.answer


def _write(writer: ResultWriter | PartedWriter, batch: Batch, answers: Answers, counted: Counted) -> None:
    """Write the rows of a batch, each as it was answered or with the reason why it was not."""
    tally = answers.tally
    tally.unreadable_dates = batch.unreadable_dates
    counted.tally.join(tally)
    left = iter(answers.each)
    for row in batch.rows:
        if isinstance(row, RejectedRow):
            rejected = row
        else:
            answer = next(left)
            if isinstance(answer, Answer):
                writer.add([*row.cells, *answer.cells], look=answer.look)
                if answer.listed:
                    writer.enlist(answer.listed)
                continue
            rejected = batch.rejected(row, answer)
        writer.reject(rejected)
        counted.reject(rejected)
