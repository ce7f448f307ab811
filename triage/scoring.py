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

from triage.config import Config
from triage.errors import InputError
from triage.pipeline import Pipeline
from triage.schema import Case, RejectedRow, ReviewReason
from triage.signals import main_place
from triage.tables import Cell, OutputColumn, ResultWriter, Role, SourceRow, Table, TotalsTable, open_table
from triage.tables.columns import header_key

BATCH = 256
"""Messages triaged at a time; the answers do not depend on it."""
SHOWN_WORDS = 6
SHOWN_ALTERNATIVES = 2
LEAST_SHOWN = 0.01
"""Confidence below which an alternative is not worth a clerk's reading."""

REASON_WORDS: Mapping[ReviewReason, str] = {
    ReviewReason.LOW_CONFIDENCE: "把握不足",
    ReviewReason.CLOSE_SECOND: "两个类别难分",
    ReviewReason.UNKNOWN_WORDS: "生词太多",
    ReviewReason.SHORT_TEXT: "内容太短",
    ReviewReason.UNCLEAR_JURISDICTION: "涉及多个属地",
    ReviewReason.UNKNOWN_LABEL: "人工类别无法识别",
}
"""What the clerk reads."""

ROLE_NAMES: Mapping[Role, str] = {
    Role.ID: "编号列",
    Role.TITLE: "标题列",
    Role.TEXT: "内容列",
    Role.RECEIVED_AT: "时间列",
    Role.SENDER: "姓名列",
    Role.CHANNEL: "渠道列",
    Role.CATEGORY: "类别列",
    Role.SECONDARY: "次要类别列",
}
"""How the totals sheet names what a column holds."""

COLUMNS = (
    OutputColumn("类别", 12),
    OutputColumn("置信度", 8),
    OutputColumn("次要类别", 14),
    OutputColumn("备选", 26),
    OutputColumn("依据", 30, wrap=True),
    OutputColumn("主办", 20),
    OutputColumn("协办", 20),
    OutputColumn("属地", 12),
    OutputColumn("学校", 22),
    OutputColumn("需人工复核", 12),
    OutputColumn("复核原因", 20),
)
"""What is added to the right of the original columns."""

_Key = TypeVar("_Key")
_PERSONS_COLUMN = "人工类别"
_COMMON_WIDTH = 14
_WIDTHS: Mapping[Role | None, int] = {Role.TITLE: 28, Role.TEXT: 60, Role.RECEIVED_AT: 19}


@dataclass(frozen=True, slots=True)
class ScoringReport:
    """What a run did; `rows_in` equals `rows_out` and the rejected rows together."""

    files: tuple[Path, ...]
    rows_in: int
    rows_out: int
    for_review: int
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
    columns: Mapping[Role, str] | None = None,
    sheet: str | None = None,
    force: bool = False,
    opened: Callable[[Table], None] = lambda table: None,
    progress: Callable[[int], None] = lambda rows: None,
) -> ScoringReport:
    """Triage every message of a table and write it with its original columns.

    Where a person has put a category into a column 人工类别, that one holds and is routed.

    Parameters
    ----------
    on : the day whose duty table counts.
    columns, sheet : which columns and which sheet to read, where the user says so.
    opened : told of the table before its rows are read.
    progress : told of the number of rows done after each batch.

    Raises
    ------
    InputError : the table cannot be read or the result cannot be written; then nothing is left behind.
    """
    table = open_table(path, columns=columns, sheet=sheet)
    opened(table)
    _refuse_same(path, out)
    form = _Form(config)
    tally = _Tally()
    rejected: list[RejectedRow] = []
    with ResultWriter.open(out, columns=[*_original(table), *COLUMNS], sheet_name="信件", force=force) as writer:
        for batch in _batches(_accepted(table, rejected)):
            labels = [form.label(table, row) for row in batch]
            decided = [form.decided(label) for label in labels]
            cases = pipeline.triage([row.message for row in batch], on=on, decided=decided)
            for row, label, made in zip(batch, labels, cases, strict=True):
                case = _doubted(made) if label and not made.decided else made
                writer.add([*row.cells, *form.cells(case)], doubtful=bool(case.review))
                tally.add(case)
            progress(tally.rows + len(rejected))
        totals = [*form.totals(tally), _about(table, pipeline.model_version, config, tally, len(rejected))]
        files = writer.finish(totals, rejected)
    return ScoringReport(
        files=files,
        rows_in=tally.rows + len(rejected),
        rows_out=tally.rows,
        for_review=tally.reviewed,
        rejected=tuple(rejected),
        model_version=pipeline.model_version,
    )


def _refuse_same(path: Path, out: Path) -> None:
    """A register of letters must not be lost to a result that happens to have its name."""
    if out.exists() and out.samefile(path):
        raise InputError("is the table itself.", where=str(out), fix="Choose another name with --out.")


def _doubted(case: Case) -> Case:
    """The case with a mark that a person's category could not be read."""
    return replace(case, review=(*case.review, ReviewReason.UNKNOWN_LABEL))


class _Tally:
    """Counts of what was decided, by id."""

    def __init__(self) -> None:
        self.rows = 0
        self.reviewed = 0
        self.categories: Counter[str] = Counter()
        self.leads: Counter[str] = Counter()
        self.jurisdictions: Counter[str] = Counter()
        self.reasons: Counter[ReviewReason] = Counter()
        self.reviewed_by_category: Counter[str] = Counter()

    def add(self, case: Case) -> None:
        self.rows += 1
        self.reviewed += bool(case.review)
        self.categories[case.category] += 1
        self.leads[case.route.lead] += 1
        self.jurisdictions[case.route.jurisdiction] += 1
        self.reasons.update(case.review)
        self.reviewed_by_category[case.category] += bool(case.review)


class _Form:
    """A case in the words that a clerk reads."""

    def __init__(self, config: Config) -> None:
        self._taxonomy = config.taxonomy
        self._names = {category.id: category.name for category in config.taxonomy.categories}
        self._offices = {office.id: office.name for office in config.offices}
        self._jurisdictions = {each.id: each.name for each in config.jurisdictions}

    def label(self, table: Table, row: SourceRow) -> str:
        """What a person has put into the column for that, empty where there is nothing."""
        named = any(
            info.name == row.sheet and header_key(info.roles.get(Role.CATEGORY)) == _PERSONS_COLUMN
            for info in table.sheets
        )
        return row.category if named else ""

    def decided(self, label: str) -> str:
        """The id of the category that a person put in, empty where there is none that is known."""
        category = self._taxonomy.find(label) if label else None
        return category.id if category else ""

    def cells(self, case: Case) -> list[Cell]:
        """The cells of `COLUMNS`."""
        prediction, route = case.prediction, case.route
        others = [
            each
            for each in prediction.ranked[: SHOWN_ALTERNATIVES + 1]
            if each.category != case.category and each.confidence >= LEAST_SHOWN
        ]
        secondary = (self._names[each] for each in prediction.secondary if each != case.category)
        return [
            self._names[case.category],
            "人工" if case.decided else shown_confidence(prediction.confidence),
            "、".join(secondary),
            "；".join(f"{self._names[each.category]} {each.confidence:.2f}" for each in others[:SHOWN_ALTERNATIVES]),
            "、".join(_spoken_words(case)) if case.category == prediction.primary else "",
            self._offices[route.lead],
            "、".join(self._offices[office] for office in route.co),
            self._place(case),
            "、".join(dict.fromkeys(school.name for school in case.signals.schools)),
            "是" if case.review else "",
            "；".join(REASON_WORDS[reason] for reason in case.review),
        ]

    def _place(self, case: Case) -> str:
        known = [self._jurisdictions[each] for each in case.signals.jurisdictions]
        if known:
            return "、".join(known)
        place = main_place(case.signals.places)
        return place.name if place else ""

    def totals(self, tally: _Tally) -> Iterator[TotalsTable]:
        """The tables of the sheet with the totals."""
        yield TotalsTable(
            "按类别",
            ("类别", "件数", "需人工复核"),
            tuple(
                (self._names[each], count, tally.reviewed_by_category[each])
                for each, count in _largest(tally.categories)
            ),
        )
        yield TotalsTable("按主办", ("主办", "件数"), _named(tally.leads, self._offices, ""))
        yield TotalsTable("按属地", ("属地", "件数"), _named(tally.jurisdictions, self._jurisdictions, "未列明"))
        yield TotalsTable(
            "复核原因（一件可有多项）",
            ("原因", "件数"),
            tuple((REASON_WORDS[reason], count) for reason, count in _largest(tally.reasons)),
        )


def _spoken_words(case: Case) -> list[str]:
    """The strongest different words for the category, in order of strength; single characters say too little."""
    totals: dict[str, float] = {}
    for each in case.prediction.evidence:
        totals[each.words] = totals.get(each.words, 0.0) + each.weight
    strongest = sorted(((weight, word) for word, weight in totals.items() if weight > 0), reverse=True)
    return [word for _, word in strongest if len(word) > 1 and any(map(str.isalnum, word))][:SHOWN_WORDS]


def shown_confidence(confidence: float) -> float:
    """The confidence rounded down to three places, so that no guess looks certain."""
    return math.floor(confidence * 1000) / 1000


def _original(table: Table) -> list[OutputColumn]:
    roles = {name: role for info in table.sheets for role, name in info.roles.items()}
    return [
        OutputColumn(name, _WIDTHS.get(roles.get(name), _COMMON_WIDTH), wrap=roles.get(name) is Role.TEXT)
        for name in table.columns
    ]


def _accepted(table: Table, rejected: list[RejectedRow]) -> Iterator[SourceRow]:
    for row in table.rows():
        if isinstance(row, RejectedRow):
            rejected.append(row)
        else:
            yield row


def _batches(rows: Iterable[SourceRow]) -> Iterator[list[SourceRow]]:
    left = iter(rows)
    while batch := list(islice(left, BATCH)):
        yield batch


def _largest(counts: Counter[_Key]) -> list[tuple[_Key, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], str(item[0])))


def _named(counts: Counter[str], names: Mapping[str, str], nameless: str) -> tuple[tuple[str, int], ...]:
    return tuple((names.get(each, nameless), count) for each, count in _largest(counts))


def _about(table: Table, model_version: str, config: Config, tally: _Tally, rejected: int) -> TotalsTable:
    """How the file was understood, and what decided."""
    rows: list[tuple[str, str | int]] = [
        ("文件", table.path.name),
        ("格式", " ".join(filter(None, (table.format, table.encoding)))),
        ("读入行数", tally.rows + rejected),
        ("写出行数", tally.rows),
        ("未处理行数", rejected),
        ("需人工复核", tally.reviewed),
        ("时间无法识别", table.unreadable_dates),
        ("单位", config.bureau),
        ("模型版本", model_version),
        ("配置", config.fingerprint[:12]),
    ]
    for info in table.sheets:
        where = f"工作表「{info.name}」" if info.name else "各列"
        rows.append((f"{where}表头行", info.header_row))
        # In brackets, or this sheet would itself look like a table of letters when the result is read again.
        rows += [(f"{where}{ROLE_NAMES[role]}", f"「{column}」") for role, column in info.roles.items()]
    rows += [("未读的工作表", each.partition(":")[0]) for each in table.skipped]
    return TotalsTable("本次处理", ("项目", "情况"), tuple(rows))
