"""Score a table of messages: every row gets a category, its evidence and a route, or is named as rejected."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from pathlib import Path
from typing import TypeVar

from triage.config import Config, Taxonomy
from triage.errors import InputError
from triage.forms import PERSONS_CATEGORY, REASON_WORDS, URGENT_COLUMNS, Form, persons_column
from triage.labels import PersonsCategory, read_flag, read_nature, text_hash
from triage.pipeline import Pipeline
from triage.schema import NATURE_NAMES, Case, Channel, Decision, Label, Message, RejectedRow, ReviewReason
from triage.tables import (
    Listing,
    Look,
    OutputColumn,
    ResultWriter,
    Role,
    SourceRow,
    Table,
    TotalsTable,
    open_table,
)
from triage.tables.columns import header_key
from triage.thresholds import Proof

BATCH = 256
"""Messages triaged at a time; the answers do not depend on it."""
LISTING = Listing("紧急件", URGENT_COLUMNS)
"""The sheet that lists what is urgent; it is what the clerk sees first, where there is any."""

ROLE_NAMES: Mapping[Role, str] = {
    Role.ID: "编号列",
    Role.TITLE: "标题列",
    Role.TEXT: "内容列",
    Role.RECEIVED_AT: "时间列",
    Role.SENDER: "姓名列",
    Role.CHANNEL: "渠道列",
    Role.CATEGORY: "类别列",
    Role.SECONDARY: "次要类别列",
    Role.NATURE: "性质列",
    Role.URGENT: "紧急列",
    Role.PLACE: "属地列",
    Role.SCHOOLS: "学校列",
    Role.BY: "标注人列",
    Role.DECIDED_AT: "标注时间列",
}
"""How the totals sheet names what a column holds."""

_Key = TypeVar("_Key")
_COMMON_WIDTH = 14
_WIDTHS: Mapping[Role | None, int] = {Role.TITLE: 28, Role.TEXT: 60, Role.RECEIVED_AT: 19}


@dataclass(frozen=True, slots=True)
class ScoringReport:
    """What a run did; `rows_in` equals `rows_out` and the rejected rows together.

    `proof` is what the automatic part rests on, None where nothing is proven. `estimated` counts the letters with a due
    date in a time for which no holidays have been published yet.
    """

    files: tuple[Path, ...]
    rows_in: int
    rows_out: int
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
    opened: Callable[[Table], None] = lambda table: None,
    progress: Callable[[int], None] = lambda rows: None,
) -> ScoringReport:
    """Triage every message of a table and write it with its original columns.

    Where a person has put a category into a column 人工类别, that one holds and is routed; a table without such a
    column gets an empty one. What the table does not say, people may have said in `labels`.

    Parameters
    ----------
    on : the day whose duty table counts.
    labels : what people have decided of messages before, by `text_hash`.
    channel : that of the messages which name none.
    columns, sheet : which columns and which sheet to read, where the user says so.
    opened : told of the table before its rows are read.
    progress : told of the number of rows done after each batch.

    Raises
    ------
    InputError : the table cannot be read or the result cannot be written; then nothing is left behind.
    """
    table = open_table(path, columns=columns, sheet=sheet)
    opened(table)
    refuse_same(path, out)
    form = Form(config, asks=not any(map(_is_persons, table.columns)))
    persons, totals_of = _Persons(config, table, labels or {}), _Totals(config)
    tally = _Tally()
    rejected: list[RejectedRow] = []
    columns_out = [*original_columns(table, config.taxonomy), *form.columns]
    with ResultWriter.open(out, columns=columns_out, sheet_name="信件", listing=LISTING, force=force) as writer:
        for batch in in_batches(accepted_rows(table, rejected)):
            read = [persons.read(row) for row in batch]
            decided = [decision for decision, _ in read]
            messages = [_with_channel(row.message, channel) for row in batch]
            cases = pipeline.triage(messages, on=on, decided=decided)
            for row, (_, is_clear), made in zip(batch, read, cases, strict=True):
                case = made if is_clear else _doubted(made)
                tally.add(case)
                writer.add([*row.cells, *form.cells(case)], look=_look(case))
                if case.urgent:
                    writer.enlist(form.urgent_cells(case))
            progress(tally.rows + len(rejected))
        about = _about(table, pipeline, config, tally, len(rejected))
        totals = [*totals_of(tally), *_proven(pipeline.proof, config), about]
        files = writer.finish(totals, rejected)
    return ScoringReport(
        files=files,
        rows_in=tally.rows + len(rejected),
        rows_out=tally.rows,
        for_review=tally.reviewed,
        urgent=tally.urgent,
        estimated=tally.estimated,
        proof=pipeline.proof,
        rejected=tuple(rejected),
        model_version=pipeline.model_version,
    )


def refuse_same(path: Path, out: Path) -> None:
    """A register of letters must not be lost to a result that happens to have its name."""
    if out.exists() and out.samefile(path):
        raise InputError("is the table itself.", where=str(out), fix="Choose another name with --out.")


def _with_channel(message: Message, channel: Channel | None) -> Message:
    return replace(message, channel=channel) if channel and message.channel is None else message


def _look(case: Case) -> Look:
    """How a row looks: what is urgent, and what the clerk must decide, is seen from afar."""
    if case.urgent:
        return Look.URGENT
    # Where nothing is proven yet, every row would be coloured, and none be seen.
    return Look.DOUBTFUL if set(case.review) - {ReviewReason.UNPROVEN} else Look.PLAIN


def _doubted(case: Case) -> Case:
    """The case with a mark that a person's category could not be read."""
    return replace(case, review=(*case.review, ReviewReason.UNKNOWN_LABEL))


class _Tally:
    """Counts of what was decided, by id."""

    def __init__(self) -> None:
        self.rows = 0
        self.reviewed = 0
        self.urgent = 0
        self.estimated = 0
        self.natures: Counter[str] = Counter()
        self.categories: Counter[str] = Counter()
        self.leads: Counter[str] = Counter()
        self.jurisdictions: Counter[str] = Counter()
        self.reasons: Counter[ReviewReason] = Counter()
        self.reviewed_by_category: Counter[str] = Counter()

    def add(self, case: Case) -> None:
        self.rows += 1
        self.reviewed += bool(case.review)
        self.urgent += case.urgent
        self.estimated += any(due.estimated for due in case.due)
        self.natures[case.nature] += 1
        self.categories[case.category] += 1
        self.leads[case.route.lead] += 1
        self.jurisdictions[case.route.jurisdiction] += 1
        self.reasons.update(case.review)
        self.reviewed_by_category[case.category] += bool(case.review)


class _Persons:
    """What people have put into the table, or decided before; what stands in 类别 may be our own."""

    def __init__(self, config: Config, table: Table, labels: Mapping[str, Label]) -> None:
        self._labels = labels
        self._taxonomy = config.taxonomy
        self._categories = {sheet.name: PersonsCategory(table, sheet) for sheet in table.sheets}

    def read(self, row: SourceRow) -> tuple[Decision, bool]:
        """What a person has said of a row, and whether all that is written there can be read."""
        label = self._categories[row.sheet].written(row)
        category = self._taxonomy.find(label) if label else None
        nature, urgent = read_nature(row.nature), read_flag(row.urgent)
        is_clear = (
            bool(label) == (category is not None)
            and bool(row.nature) == (nature is not None)
            and bool(row.urgent) == (urgent is not None)
        )
        known = self._labels.get(text_hash(row.message)) if self._labels else None
        if known is None:
            return Decision(category.id if category else "", nature, urgent), is_clear
        decision = Decision(
            category.id if category else known.primary,
            nature or known.nature,
            known.urgent if urgent is None else urgent,
        )
        return decision, is_clear


class _Totals:
    """The tables of the sheet with the totals."""

    def __init__(self, config: Config) -> None:
        self._categories = {category.id: category.name for category in config.taxonomy.categories}
        self._offices = {office.id: office.name for office in config.offices}
        self._jurisdictions = {each.id: each.name for each in config.jurisdictions}

    def __call__(self, tally: _Tally) -> Iterator[TotalsTable]:
        """What was counted."""
        yield TotalsTable(
            "按类别",
            ("类别", "件数", "需人工复核"),
            tuple(
                (self._categories[each], count, tally.reviewed_by_category[each])
                for each, count in _largest(tally.categories)
            ),
        )
        natures = {nature.value: name for nature, name in NATURE_NAMES.items()}
        yield TotalsTable("按性质", ("性质", "件数"), _named(tally.natures, natures, ""))
        yield TotalsTable("按主办", ("主办", "件数"), _named(tally.leads, self._offices, ""))
        yield TotalsTable("按属地", ("属地", "件数"), _named(tally.jurisdictions, self._jurisdictions, "未列明"))
        yield TotalsTable(
            "复核原因（一件可有多项）",
            ("原因", "件数"),
            tuple((REASON_WORDS[reason], count) for reason, count in _largest(tally.reasons)),
        )


def _proven(proof: Proof | None, config: Config) -> Iterator[TotalsTable]:
    """What may go without a person, and what that rests on."""
    if proof is None:
        return
    names = {category.id: category.name for category in config.taxonomy.categories}
    rows: list[tuple[str | int | float, ...]] = [
        (
            names.get(each.category, each.category),
            "一律人工" if each.confidence is None else math.ceil(each.confidence * 1000) / 1000,
            each.automatic,
            each.errors,
            each.examples,
        )
        for each in proof.thresholds
    ]
    rows.append(("合计", "", proof.automatic, proof.errors, proof.messages))
    yield TotalsTable(
        f"自动分派的门槛（允许差错 {100 * proof.max_error:g}%；训练时自动 {proof.coverage:.1%}，"
        f"有 {proof.certainty:.0%} 的把握差错不超过 {proof.error_bound:.2%}）",
        ("类别", "置信度不低于", "自动件数", "其中判错", "标注件数"),
        tuple(rows),
    )


def _is_persons(name: str) -> bool:
    return header_key(name) == PERSONS_CATEGORY


def original_columns(table: Table, taxonomy: Taxonomy) -> list[OutputColumn]:
    """The columns that a table has already, as wide as they need; 人工类别 with the names to choose from."""
    roles = {name: role for info in table.sheets for role, name in info.roles.items()}
    choices = persons_column(taxonomy).choices
    return [
        OutputColumn(
            name,
            _WIDTHS.get(roles.get(name), _COMMON_WIDTH),
            wrap=roles.get(name) is Role.TEXT,
            choices=choices if _is_persons(name) else (),
        )
        for name in table.columns
    ]


def accepted_rows(table: Table, rejected: list[RejectedRow]) -> Iterator[SourceRow]:
    """The rows of a table that hold a message; the others are put into `rejected`."""
    for row in table.rows():
        if isinstance(row, RejectedRow):
            rejected.append(row)
        else:
            yield row


def in_batches(rows: Iterable[SourceRow]) -> Iterator[list[SourceRow]]:
    """The rows, `BATCH` at a time."""
    left = iter(rows)
    while batch := list(islice(left, BATCH)):
        yield batch


def _largest(counts: Counter[_Key]) -> list[tuple[_Key, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], str(item[0])))


def _named(counts: Counter[str], names: Mapping[str, str], nameless: str) -> tuple[tuple[str, int], ...]:
    return tuple((names.get(each, nameless), count) for each, count in _largest(counts))


def _about(table: Table, pipeline: Pipeline, config: Config, tally: _Tally, rejected: int) -> TotalsTable:
    """How the file was understood, and what decided."""
    rows: list[tuple[str, str | int]] = [
        ("文件", table.path.name),
        ("格式", " ".join(filter(None, (table.format, table.encoding)))),
        ("读入行数", tally.rows + rejected),
        ("写出行数", tally.rows),
        ("未处理行数", rejected),
        ("自动分派", tally.rows - tally.reviewed),
        ("需人工复核", tally.reviewed),
        ("紧急", tally.urgent),
        ("期限按未公布的节假日推算", tally.estimated),
        ("时间无法识别", table.unreadable_dates),
        ("单位", config.bureau),
        ("模型版本", pipeline.model_version),
        ("配置", config.fingerprint[:12]),
    ]
    for info in table.sheets:
        where = f"工作表「{info.name}」" if info.name else "各列"
        rows.append((f"{where}表头行", info.header_row))
        # In brackets, or this sheet would itself look like a table of letters when the result is read again.
        rows += [(f"{where}{ROLE_NAMES[role]}", f"「{column}」") for role, column in info.roles.items()]
    rows += [("未读的工作表", each.partition(":")[0]) for each in table.skipped]
    return TotalsTable("本次处理", ("项目", "情况"), tuple(rows))
