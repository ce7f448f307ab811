"""Read tables of dated letters, see them as the present model does, and compare their months."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from triage.config import Taxonomy
from triage.drift.comparing import compare_months
from triage.drift.report import DriftReport
from triage.drift.tally import Tally
from triage.drift.words import WordCounter
from triage.errors import InputError
from triage.forms import PERSONS_CATEGORY
from triage.labels import text_hash, text_key
from triage.labels.columns import DecisionColumns
from triage.pipeline import Pipeline
from triage.registry import Learnt
from triage.schema import Alternative, Label, Message, RejectedRow
from triage.scoring import in_batches
from triage.tables import Role, SheetInfo, SourceRow, Table, open_table
from triage.tables.columns import header_key
from triage.tokens import Tokenizer

_NEED = frozenset({Role.TEXT, Role.RECEIVED_AT})
_PROGRAMS_CATEGORY = "机器类别"


@dataclass(frozen=True, slots=True)
class DriftRun:
    """What was found, and in what.

    `rows_in` equals `counted`, `later`, `repeated` and the rejected rows together. `later` counts letters from after
    the last day, `repeated` those that stand in the tables once more; `learnt` those that the model learnt from.
    `unread` are rows whose letter was counted, but not what a person wrote for its category. `new_labels` counts what
    people decided since the model was made, None where nobody says when.
    """

    report: DriftReport
    files: tuple[Path, ...]
    since: date
    until: date
    rows_in: int
    counted: int
    later: int
    repeated: int
    learnt: int
    rejected: tuple[RejectedRow, ...]
    unread: tuple[RejectedRow, ...]
    new_labels: int | None
    model_version: str


def held_out_answers(learnt: Learnt, categories: Sequence[str]) -> dict[str, Alternative]:
    """What a version said of each message that it learnt from when it was held out, by `text_hash`.

    `categories` are those of the version, in their order.
    """
    best = learnt.probabilities.argmax(axis=1)
    return {
        key: Alternative(categories[at], float(row[at]))
        for key, row, at in zip(learnt.keys, learnt.probabilities, best, strict=True)
    }


def open_dated(files: Sequence[Path], columns: Mapping[Role, str] | None = None) -> list[Table]:
    """The tables, each with a column for the text and one for the time.

    Raises
    ------
    InputError : a table cannot be read or lacks a column.
    """
    return [open_table(file, columns=columns, need=_NEED) for file in files]


def measure_drift(
    files: Sequence[Path],
    *,
    pipeline: Pipeline,
    tokenizer: Tokenizer,
    taxonomy: Taxonomy,
    since: date,
    today: date,
    until: date | None = None,
    made_at: datetime | None = None,
    decided: Mapping[str, Label] | None = None,
    held_out: Mapping[str, Alternative] | None = None,
    columns: Mapping[Role, str] | None = None,
    opened: Callable[[Table], None] = lambda table: None,
    progress: Callable[[int], None] = lambda rows: None,
) -> DriftRun:
    """Count the letters of some tables month by month, as the present model sees them, and compare the months.

    What the tables say of earlier predictions is not read, for months that different models judged cannot be compared;
    what a person decided is, from 人工类别 or a changed 类别, else from `decided`. A letter that stands in several
    tables, with the same id and text, counts once.

    Parameters
    ----------
    tokenizer : the one of the pipeline, by which new words are found.
    since : a day in the first month that is judged; earlier letters are what it is compared with.
    today : the day whose duties count; letters from after it have a wrong date.
    until : the last day that counts; without it, today.
    made_at : when the model was made, with its time zone.
    decided : what people decided, by `labels.text_key`.
    held_out : what the model said, before it learnt from them, of the messages that it learnt from, by
        `labels.text_hash`; see `held_out_answers`.
    columns : names of columns that the user gave, by role.
    opened : told of each table before its rows are read.
    progress : told of the number of rows done after each batch.

    Raises
    ------
    InputError : a table cannot be read or has no column with the time; or `until` or today is before `since`.
    """
    last = today if until is None else until
    if last < since:
        raise InputError(f"{last} is before {since}.", fix="Name a first day (--since) that is past.")
    tables = open_dated(files, columns)
    reader = _Reader(
        pipeline,
        WordCounter(pipeline.classifier.features, tokenizer, since=since),
        decided=decided or {},
        held_out=held_out or {},
        today=today,
        last=last,
    )
    for table in tables:
        opened(table)
        decisions = _Decisions(table, taxonomy, is_named=Role.CATEGORY in (columns or {}))
        for batch in in_batches(reader.dated(table)):
            reader.count(batch, decisions)
            progress(reader.rows)
    words = reader.words
    months = [replace(each, new_words=words.new_words(each.first)) for each in reader.tally.months(taxonomy.ids)]
    return DriftRun(
        report=compare_months(months, since=since, until=until),
        files=tuple(files),
        since=since,
        until=last,
        rows_in=reader.rows,
        counted=reader.counted,
        later=reader.later,
        repeated=reader.repeated,
        learnt=reader.learnt,
        rejected=tuple(reader.rejected),
        unread=tuple(reader.unread),
        new_labels=_newer(decided or {}, made_at),
        model_version=pipeline.model_version,
    )


def _newer(decided: Mapping[str, Label], made_at: datetime | None) -> int | None:
    """How many labels were decided since the model was made; None where nobody says when."""
    moments = [label.decided_at for label in decided.values() if label.decided_at is not None]
    if made_at is None or not moments:
        return None
    return sum(moment.astimezone() > made_at for moment in moments)


class _Decisions:
    """What people decided on the rows of a table."""

    def __init__(self, table: Table, taxonomy: Taxonomy, *, is_named: bool) -> None:
        """`is_named` says that the user named the column of the category: then it is people's."""
        self._path = table.path
        self._taxonomy = taxonomy
        self._columns = {
            sheet.name: DecisionColumns(table, sheet, taxonomy, confirmed=False)
            for sheet in table.sheets
            if is_named or _asks_people(sheet)
        }

    def read(self, row: SourceRow) -> str | RejectedRow:
        """The category that a person put into the row, empty where nobody did, or why it cannot be read."""
        columns = self._columns.get(row.sheet)
        answer = columns.answer(row) if columns else None
        if answer is None or not (answer.written or answer.fault):
            return ""
        category = self._taxonomy.find(answer.written)
        if category is not None:
            return category.id
        reason = answer.fault or f"没有「{answer.written}」这个类别"
        return RejectedRow(str(self._path), row.sheet, row.row, f"{reason}（信件已计入，人工结论未计入）")


def _asks_people(sheet: SheetInfo) -> bool:
    """Whether a column of the sheet is for what people decide: what else stands in 类别 may be anybody's."""
    return not {PERSONS_CATEGORY, _PROGRAMS_CATEGORY}.isdisjoint(map(header_key, sheet.columns))


class _Reader:
    """Counts rows, each letter once; keeps no text of them."""

    def __init__(
        self,
        pipeline: Pipeline,
        words: WordCounter,
        *,
        decided: Mapping[str, Label],
        held_out: Mapping[str, Alternative],
        today: date,
        last: date,
    ) -> None:
        self.words = words
        self.tally = Tally()
        self.rows = self.counted = self.later = self.repeated = self.learnt = 0
        self.rejected: list[RejectedRow] = []
        self.unread: list[RejectedRow] = []
        self._pipeline = pipeline
        self._decided = decided
        self._held_out = held_out
        self._today = today
        self._last = last
        self._seen: dict[int, bool] = {}
        """The letters that were counted, as hashes, and whether a person's decision was."""

    def dated(self, table: Table) -> Iterator[SourceRow]:
        """The rows that hold a letter with a time up to the last day; the others are counted."""
        for row in table.rows():
            self.rows += 1
            if isinstance(row, RejectedRow):
                self.rejected.append(replace(row, cells=()))  # a report on months quotes no letter
            elif row.message.received_at is None:
                column = _time_column(table, row.sheet)
                self.rejected.append(RejectedRow(str(table.path), row.sheet, row.row, "时间无法识别", column))
            elif _day(row.message) > self._last:
                self.later += 1
            else:
                yield row

    def count(self, batch: Sequence[SourceRow], decisions: _Decisions) -> None:
        """Count some letters."""
        fresh: list[tuple[Message, str, bool]] = []
        for row in batch:
            decided = self._decision(row, decisions)
            key = hash((row.message.id, text_hash(row.message)))
            is_known = self._seen.get(key)
            self._seen[key] = bool(is_known or decided)
            self.repeated += is_known is not None
            if is_known is None or (decided and not is_known):
                fresh.append((row.message, decided, is_known is None))
        cases = self._pipeline.triage([message for message, *_ in fresh], on=self._today)
        for case, (message, decided, is_new) in zip(cases, fresh, strict=True):
            day = _day(message)
            held_out = self._held_out.get(text_hash(message)) if self._held_out else None
            if is_new:
                self.counted += 1
                self.learnt += held_out is not None
                self.words.add(message, day)
                self.tally.add(case, day, decided=decided, held_out=held_out)
            else:
                self.tally.add_decision(case, day, decided=decided, held_out=held_out)

    def _decision(self, row: SourceRow, decisions: _Decisions) -> str:
        """What a person decided: on the row, else by the labels given."""
        found = decisions.read(row)
        if isinstance(found, RejectedRow):
            self.unread.append(found)
            return ""
        if found or not self._decided:
            return found
        label = self._decided.get(text_key(row.message))
        return label.primary if label else ""


def _day(message: Message) -> date:
    """The day on which a letter came in that has one."""
    if message.received_at is None:
        raise ValueError("a letter without a time")
    return message.received_at.date()


def _time_column(table: Table, sheet: str) -> str:
    return next((info.roles.get(Role.RECEIVED_AT, "") for info in table.sheets if info.name == sheet), "")
