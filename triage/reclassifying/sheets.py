"""The comparison in the words that a clerk reads: columns, cells, and the tables of figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from triage.config import Config, Taxonomy
from triage.forms import PERSONS_CATEGORY, persons_column
from triage.pipeline import Pipeline
from triage.reclassifying.backlog import TO_LOOK_AT, Column
from triage.reclassifying.judging import Before, Judgement, Status, Why, confidence_in
from triage.reclassifying.report import Tally
from triage.schema import Case, Route
from triage.tables import Cell, OutputColumn, Table, TotalsTable
from triage.text import mask

WHY_WORDS: Mapping[Why, str] = {
    Why.CONFIRMED: "已确认",
    Why.CHANGED_TAXONOMY: "类别更名或合并",
    Why.SPLIT: "类别拆分",
    Why.RULE: "规则",
    Why.MODEL: "模型",
    Why.UNCLASSIFIED: "原来没有类别",
    Why.UNKNOWN: "原类别不在类别表",
    Why.REROUTED: "分派变了",
    Why.SAME: "未变",
}
STATUS_WORDS: Mapping[Status, str] = {
    Status.MOVED: "改类",
    Status.REROUTED: "改派",
    Status.TO_LOOK_AT: TO_LOOK_AT,
    Status.SAME: "未变",
}
NO_CATEGORY = "（无）"
UNDECIDED = "（待定）"
MOVES_SHEET = "类别变动"
_LONGEST = 20

COLUMNS = (
    OutputColumn(Column.OLD, 14),
    OutputColumn(Column.NEW, 14),
    OutputColumn(Column.STATUS, 10),
    OutputColumn(Column.WHY, 36, wrap=True),
    OutputColumn(Column.PROPOSED, 14),
    OutputColumn(Column.DOUBTS, 30, wrap=True),
    OutputColumn(Column.OLD_CONFIDENCE, 10),
    OutputColumn(Column.NEW_CONFIDENCE, 10),
    OutputColumn(Column.OLD_LEAD, 20),
    OutputColumn(Column.NEW_LEAD, 20),
    OutputColumn(Column.OLD_RECEIVER, 20),
    OutputColumn(Column.NEW_RECEIVER, 20),
    OutputColumn(Column.BASIS, 30, wrap=True),
)
"""What stands to the right of the original columns."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A letter before and now.

    `route` is None where it stays as it was, for its category is none of the taxonomy's.
    """

    before: Before
    case: Case
    judgement: Judgement
    status: Status
    route: Route | None


class Sheets:
    """Puts what was compared into cells, by the names that the bureau has given to things."""

    def __init__(self, config: Config) -> None:
        self._taxonomy = config.taxonomy
        self._offices = {office.id: office.name for office in config.offices}
        self._rules = {rule.id: rule.basis for rule in config.rules}

    def cells(self, compared: Compared) -> list[Cell]:
        """The cells of `COLUMNS`."""
        before, judgement, route = compared.before, compared.judgement, compared.route
        confidence = confidence_in(compared.case, judgement.proposed or judgement.category)
        return [
            self.old_name(before),
            self.new_name(compared),
            STATUS_WORDS[compared.status],
            self._why(compared),
            self._name(judgement.proposed),
            "；".join(judgement.doubts),
            before.confidence,
            confidence,
            before.lead,
            self._offices[route.lead] if route else before.lead,
            before.receiver,
            route.receiver if route else before.receiver,
            route.basis if route else "",
        ]

    def list_columns(self) -> tuple[OutputColumn, ...]:
        """What the list of those to look at says of each, with a column for the answer."""
        return (
            OutputColumn("编号", 14),
            OutputColumn("标题", 28, wrap=True),
            OutputColumn("内容", 60, wrap=True),
            OutputColumn("时间", 19),
            OutputColumn(Column.OLD, 14),
            OutputColumn(Column.PROPOSED, 14),
            persons_column(self._taxonomy),
            OutputColumn(Column.WHY, 30, wrap=True),
            OutputColumn(Column.DOUBTS, 30, wrap=True),
            OutputColumn(Column.OLD_CONFIDENCE, 10),
            OutputColumn(Column.NEW_CONFIDENCE, 10),
        )

    def list_cells(self, compared: Compared, *, has_id: bool) -> list[Cell]:
        """The cells of `list_columns`; the answer is left to the person."""
        message, judgement = compared.case.message, compared.judgement
        return [
            message.id if has_id else "",
            message.title,
            message.text,
            message.received_at,
            self.old_name(compared.before),
            self._name(judgement.proposed),
            "",
            self._why(compared),
            "；".join(judgement.doubts),
            compared.before.confidence,
            confidence_in(compared.case, judgement.proposed) if judgement.proposed else None,
        ]

    def old_name(self, before: Before) -> str:
        """The category of before, under the name that it had."""
        return self._written_name(before.category)

    def new_name(self, compared: Compared) -> str:
        """The category that holds; what was written where that stays."""
        return self._name(compared.judgement.category) or self._written_name(self._held(compared))

    def move(self, compared: Compared) -> tuple[str, str]:
        """From where to where the letter moves or is proposed to; cut, for it may be shown apart from the letters."""
        judgement = compared.judgement
        answer = judgement.proposed or ("" if judgement.doubts else judgement.category)
        return quoted(self._written_name(self._held(compared))), self._name(answer)

    def _held(self, compared: Compared) -> str:
        """What was written: of a split category by a person, where one had decided."""
        before = compared.before
        return before.decision if compared.judgement.why is Why.SPLIT and before.decision else before.category

    def _written_name(self, written: str) -> str:
        change = self._taxonomy.change(written)
        category = None if change else self._taxonomy.find(written)
        return change.name if change else category.name if category else written

    def _name(self, category: str) -> str:
        return self._taxonomy[category].name if category else ""

    def _why(self, compared: Compared) -> str:
        words = WHY_WORDS[compared.judgement.why]
        detail = self._detail(compared)
        return f"{words}：{detail}" if detail else words

    def _detail(self, compared: Compared) -> str:
        match compared.judgement.why:
            case Why.CONFIRMED:
                label = compared.before.label
                return label.by if label and not compared.before.persons else ""
            case Why.CHANGED_TAXONOMY | Why.SPLIT:
                return self._change(compared.before)
            case Why.RULE:
                rule = compared.case.ruled_by
                return f"{rule}（{self._rules[rule]}）"
            case Why.UNKNOWN:
                return quoted(compared.before.category)
            case _:
                return ""

    def _change(self, before: Before) -> str:
        written = before.decision or before.category
        change = self._taxonomy.change(written)
        if change is None:
            return ""
        successors = "、".join(each.name for each in self._taxonomy.successors(written))
        return f"{change.name} → {successors}{f'（{change.note}）' if change.note else ''}"


def totals(tally: Tally, taxonomy: Taxonomy) -> Iterator[TotalsTable]:
    """The moves on a sheet of their own, and what was counted."""
    yield TotalsTable(
        "从哪一类到哪一类",
        (Column.OLD, Column.NEW, "件数", "已改", "待人工查看"),
        tuple((m.old or NO_CATEGORY, m.new or UNDECIDED, m.letters, m.sure, m.to_look_at) for m in tally.moves()),
        sheet=MOVES_SHEET,
    )
    yield TotalsTable(
        Column.STATUS, ("情况", "件数"), tuple((STATUS_WORDS[each], tally.with_status(each)) for each in Status)
    )
    yield TotalsTable(
        Column.WHY,
        ("原因", "件数", *(STATUS_WORDS[each] for each in (Status.MOVED, Status.REROUTED, Status.TO_LOOK_AT))),
        tuple((WHY_WORDS[w.why], w.letters, w.moved, w.rerouted, w.to_look_at) for w in tally.whys()),
    )
    if tally.unknown():
        yield TotalsTable(
            "类别表里没有的原类别（是旧类别的，在 taxonomy.toml 里写一段 [[change]]）",
            ("写法", "件数"),
            tuple((each.written, each.letters) for each in tally.unknown()),
        )
    if taxonomy.changes:
        yield TotalsTable("类别表的变更", ("旧类别", "现在归入", "从哪天起", "说明"), tuple(_changes(taxonomy)))


def about(table: Table, pipeline: Pipeline, config: Config, tally: Tally, rejected: int) -> TotalsTable:
    """What was read, and what decided."""
    rows: tuple[tuple[str, str | int], ...] = (
        ("文件", table.path.name),
        ("读入行数", tally.rows + rejected),
        ("写出行数", tally.rows),
        ("未处理行数", rejected),
        ("单位", config.bureau),
        ("模型版本", pipeline.model_version),
        ("配置", config.fingerprint[:12]),
    )
    return TotalsTable("本次处理", ("项目", "情况"), rows)


def list_guide() -> TotalsTable:
    """What to do with the list of those to look at."""
    return TotalsTable(
        "怎么用这张表",
        ("步骤", "做法"),
        (
            (1, f"逐件看，在「{PERSONS_CATEGORY}」一列选定类别；拿不准的留空"),
            (2, "存盘，运行：triage label add 本文件"),
            (3, "再运行一次 triage reclassify：人定过的不再改动"),
        ),
    )


def quoted(written: str) -> str:
    """What stands in a cell for categories, cut and without personal data: it may be anything."""
    plain = mask(" ".join(written.split()))
    return plain if len(plain) <= _LONGEST else f"{plain[:_LONGEST]}…"


def _changes(taxonomy: Taxonomy) -> Iterator[tuple[str, str, str, str]]:
    for change in taxonomy.changes:
        successors = "、".join(each.name for each in taxonomy.successors(change.old))
        yield change.name, successors, change.on.isoformat() if change.on else "", change.note
