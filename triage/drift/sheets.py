"""Write what was found into a workbook: the conclusion first, then the figures that it rests on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from triage.drift.comparing import LEAST_CHANGES, LEAST_DECIDED, LEAST_LETTERS, LEAST_MONTHS, RISK
from triage.drift.job import DriftRun
from triage.drift.report import RECENT, ComparedMonth, Figure, Finding
from triage.drift.wording import BASIS_NAMES, FIGURE_NAMES, alarm_words, conclusion, month_name
from triage.drift.words import LEAST_LETTERS as LEAST_WITH_WORD
from triage.drift.words import LEAST_SENDERS
from triage.errors import InputError
from triage.forms import REASON_WORDS
from triage.schema import RejectedRow
from triage.tables import Cell, Look, OutputColumn, ResultWriter, TotalsTable

_COLUMNS = (OutputColumn("项目", 22), OutputColumn("情况", 100, wrap=True))
_NONE = "–"
_SHEET = "结论"
_FINDING_WORDS = {Finding.STEADY: "正常", Finding.ALARM: "有变化", Finding.TOO_FEW: "太少，未判断"}
Row = tuple[str | int | float, ...]


def check_output(files: Sequence[Path], out: Path, *, force: bool) -> None:
    """Refuse a place for the result that cannot hold it; nothing is left there.

    Raises
    ------
    InputError : the file is no workbook, is one of the tables, or cannot be written.
    """
    if out.suffix.lower() != ".xlsx":
        raise InputError(
            "is no workbook, and the result has several sheets.", where=str(out), fix="Name an .xlsx file with --out."
        )
    if out.exists() and any(file.exists() and out.samefile(file) for file in files):
        raise InputError("is one of the tables itself.", where=str(out), fix="Choose another name with --out.")
    with ResultWriter.open(out, columns=_COLUMNS, sheet_name=_SHEET, force=force):
        pass


def write_drift(run: DriftRun, out: Path, *, categories: Mapping[str, str], force: bool = False) -> tuple[Path, ...]:
    """Write the sheets 结论, 逐月, 类别构成, 新词, 复核原因 and what was not counted; whole or not at all.

    `categories` are the names by id.

    Raises
    ------
    InputError : the file cannot be written.
    """
    with ResultWriter.open(out, columns=_COLUMNS, sheet_name=_SHEET, force=force) as writer:
        for cells, look in _conclusion(run, categories):
            writer.add(cells, look=look)
        tables = (*_monthly(run), *_mixes(run, categories), _new_words(run), _reasons(run), _about(run))
        return writer.finish(tables, uncounted(run))


def _conclusion(run: DriftRun, categories: Mapping[str, str]) -> Iterator[tuple[list[Cell], Look]]:
    yield ["结论", conclusion(run, categories)], Look.PLAIN
    alarms = [(month, alarm) for month in run.report.compared for alarm in month.alarms]
    for month, alarm in alarms:
        yield ["有变化", alarm_words(month, alarm, categories)], Look.DOUBTFUL
    if not alarms:
        yield ["有变化", "没有"], Look.PLAIN
    for line in _rules():
        yield ["怎么判断", line], Look.PLAIN


def _rules() -> Iterator[str]:
    """How it is judged, for who wants to know."""
    yield (
        f"每月与上年同月比；上年同月不足 {LEAST_LETTERS} 件（人工已定不足 {LEAST_DECIDED} 件）的，与此前各月合计比，"
        f"至少要有 {LEAST_MONTHS} 个月。当月太少的不判断。"
    )
    yield (
        "变化既要够大，又要不像偶然，才算数。够大："
        + "，".join(f"{FIGURE_NAMES[figure]} {100 * least:g} 个百分点" for figure, least in LEAST_CHANGES.items())
        + f"。偶然：同一天的来信往往同一件事，已计入；全部检验一起控制误报（Benjamini-Hochberg，{RISK:.0%}）。"
    )
    yield (
        f"最近 {RECENT} 个有来信的月份（各月，及合计）里，生词占比、平均把握、人工采纳率变差，"
        "或把握比采纳率虚高，建议重训；类别构成、交人工占比的变化只作提示，不一定是模型的问题。"
    )
    yield (
        "所有数字都由现用模型重新判断得出，不看表里原有的预测；模型学过的信，用它学之前的答案，"
        "并且不计入生词、平均把握和交人工。"
    )
    yield "采纳率：人工定了类别的信里，模型所判相同的比例。如果只在改动时才填人工类别，采纳率会偏低，只宜看变化。"
    yield (
        f"新词：模型没学过、此前也少见，当月至少 {LEAST_WITH_WORD} 件信、{LEAST_SENDERS} 个来信人用到的词；"
        "号码等个人信息已遮去。构成距离：Jensen-Shannon 距离，0 为相同，1 为全不相同；件数少时偶然也会较大。"
    )


def _monthly(run: DriftRun) -> Iterator[TotalsTable]:
    months = run.report.compared
    yield _table(
        "一览",
        ("月份", *(FIGURE_NAMES[figure] for figure in Figure)),
        months,
        lambda each: tuple(_FINDING_WORDS[each[figure].finding] for figure in Figure),
    )
    yield _table(
        "件数和用词",
        ("月份", "件数", "对比件数", "生词占比（%）", "对比（%）", "对比月份"),
        months,
        lambda each: (
            each.month.messages,
            _NONE if each.usual is None else round(each.usual, 1),
            *_beside(each, Figure.UNKNOWN),
        ),
    )
    yield _table(
        "把握",
        ("月份", "平均把握（%）", "对比（%）", "对比月份", "把握不足（件）", "把握不足（%）"),
        months,
        lambda each: (*_beside(each, Figure.CONFIDENCE), each.month.uncertain, _uncertain_share(each)),
    )
    yield _table(
        "交人工",
        ("月份", "交人工占比（%）", "对比（%）", "对比月份", "构成距离"),
        months,
        lambda each: (
            *_beside(each, Figure.REVIEWED),
            _NONE if (apart := each[Figure.MIX].now) is None else round(apart, 3),
        ),
    )
    yield _table(
        "人工采纳",
        ("月份", "人工已定（件）", "采纳率（%）", "对比（%）", "对比月份", "95% 区间（%）"),
        months,
        lambda each: (each.month.accepted.letters, *_beside(each, Figure.ACCEPTED), _interval(each)),
    )
    yield _table("把握与采纳率", ("月份", "平均把握（%）", "采纳率（%）", "相差（百分点）"), months, _calibration)


def _table(
    title: str, header: tuple[str, ...], months: tuple[ComparedMonth, ...], row: Callable[[ComparedMonth], Row]
) -> TotalsTable:
    return TotalsTable(title, header, tuple((each.month.name, *row(each)) for each in months), "逐月")


def _points(share: float | None) -> str | float:
    return _NONE if share is None else round(100 * share, 1)


def _beside(month: ComparedMonth, figure: Figure) -> Row:
    """The figure, that of the months it is compared with, and which these are."""
    found = month[figure]
    return _points(found.now), _points(found.before), BASIS_NAMES[found.basis]


def _uncertain_share(month: ComparedMonth) -> str | float:
    letters = month.month.confidence.letters
    return _points(month.month.uncertain / letters if letters else None)


def _interval(month: ComparedMonth) -> str:
    found = month.acceptance
    return _NONE if found is None else f"{100 * found.low:.1f}–{100 * found.high:.1f}"


def _calibration(month: ComparedMonth) -> Row:
    accepted, excess = month.month.accepted, month.month.overconfidence
    if not accepted.letters:
        return _NONE, _NONE, _NONE
    return _points(accepted.mean + excess.mean), _points(accepted.mean), _points(excess.mean)


def _mixes(run: DriftRun, categories: Mapping[str, str]) -> Iterator[TotalsTable]:
    for month in run.report.compared:
        if not month.month.messages:
            continue
        mix = month[Figure.MIX]
        is_alarm = mix.finding is Finding.ALARM
        when = month_name(month.month.first, month.month.last)
        yield TotalsTable(
            f"{when}（比{BASIS_NAMES[mix.basis]}）：{_FINDING_WORDS[mix.finding]}",
            ("类别", "件数", "占比（%）", "对比（%）", "增减（百分点）", "提示"),
            tuple(
                (
                    categories.get(each.category, each.category),
                    int(month.month.count(each.category).total),
                    _points(each.now),
                    _points(each.before),
                    _NONE if each.before is None else round(100 * each.change, 1),
                    ("增" if each.change > 0 else "减") if each.is_proven and is_alarm else "",
                )
                for each in mix.shifts
                if each.now or each.before
            ),
            "类别构成",
        )


def _new_words(run: DriftRun) -> TotalsTable:
    rows = [
        (month.month.name, each.word, each.letters, each.count)
        for month in run.report.months
        for each in month.month.new_words
    ]
    return TotalsTable("新词", ("月份", "词", "件数", "次数"), tuple(rows), "新词")


def _reasons(run: DriftRun) -> TotalsTable:
    rows = [
        (
            month.month.name,
            REASON_WORDS[each.reason],
            each.letters,
            _points(each.letters / month.month.reviewed.letters),
        )
        for month in run.report.months
        for each in month.month.reasons
    ]
    return TotalsTable("复核原因（一件可有多项）", ("月份", "原因", "件数", "占比（%）"), tuple(rows), "复核原因")


def _about(run: DriftRun) -> TotalsTable:
    """What was read, and what of it was counted."""
    rows: list[tuple[str, str | int]] = [
        ("模型版本", run.model_version),
        ("起", run.since.isoformat()),
        ("止", run.until.isoformat()),
        ("读入行数", run.rows_in),
        ("计入", run.counted),
        ("其中模型学过", run.learnt),
        ("重复，只计一次", run.repeated),
        ("晚于截止日，未计", run.later),
        ("未处理行数", len(run.rejected)),
        ("人工类别无法识别", len(run.unread)),
        *(() if run.new_labels is None else (("模型之后新增标注", run.new_labels),)),
        *(("文件", file.name) for file in run.files),
    ]
    return TotalsTable("本次处理", ("项目", "情况"), tuple(rows))


def uncounted(run: DriftRun) -> tuple[RejectedRow, ...]:
    """Every row of which something was not counted, with the reason."""
    return (*run.rejected, *run.unread)
