"""The sheet with the totals: what was counted, what is proven, and how the file was understood."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from triage.config import Config
from triage.forms import REASON_WORDS
from triage.pipeline import Pipeline
from triage.schema import NATURE_NAMES, ReviewReason
from triage.scoring.tally import Tally
from triage.tables import Role, Table, TotalsTable
from triage.thresholds import Proof

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


class Totals:
    """The tables of the sheet with the totals."""

    def __init__(self, config: Config) -> None:
        self._categories = {category.id: category.name for category in config.taxonomy.categories}
        self._offices = {office.id: office.name for office in config.offices}
        self._jurisdictions = {each.id: each.name for each in config.jurisdictions}

    def __call__(self, tally: Tally) -> Iterator[TotalsTable]:
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
            tuple((REASON_WORDS[ReviewReason(reason)], count) for reason, count in _largest(tally.reasons)),
        )


def proven(proof: Proof | None, config: Config) -> Iterator[TotalsTable]:
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


def _largest(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _named(counts: Mapping[str, int], names: Mapping[str, str], nameless: str) -> tuple[tuple[str, int], ...]:
    return tuple((names.get(each, nameless), count) for each, count in _largest(counts))


def about(table: Table, pipeline: Pipeline, config: Config, tally: Tally, rejected: int) -> TotalsTable:
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
        ("时间无法识别", tally.unreadable_dates),
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
