"""Write suspicious labels into a sheet in which a person can correct them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from triage.auditing.estimates import require_cleanlab
from triage.auditing.job import MIN_LETTERS, Audit, Suspect, audit_labels
from triage.classifier import Progress
from triage.config import Taxonomy
from triage.errors import InputError
from triage.forms import shown_confidence
from triage.schema import LabelledMessage, RejectedRow
from triage.tables import Cell, Listing, OutputColumn, ResultWriter, TotalsTable
from triage.training import Workshop

SHOWN_COPIES = 5
"""Near-copies that a cell names."""

CLASHES = Listing(
    "相近而标注不同",
    (
        OutputColumn("事由", 36, wrap=True),  # no name of a title, or the list would be read as letters
        OutputColumn("件数", 8),
        OutputColumn("各件的编号和标注", 60, wrap=True),
    ),
)
"""The sheet of near-copies whose labels differ: a row for each group, with a link to its most suspicious label."""


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What an audit found, and what of it was written where."""

    audit: Audit
    written: tuple[Suspect, ...]
    files: tuple[Path, ...]


def default_output(path: Path) -> Path:
    """The place of the result where none is named: beside the labels, as `NAME.audit.xlsx`."""
    return path.with_name(f"{path.stem}.audit.xlsx")


def audit_to_table(
    workshop: Workshop,
    labelled: Sequence[LabelledMessage],
    out: Path,
    *,
    starter: Sequence[LabelledMessage] = (),
    rejected: Sequence[RejectedRow] = (),
    sources: Sequence[Path] = (),
    everything: bool = False,
    force: bool = False,
    progress: Progress = lambda what, share: None,
) -> AuditReport:
    """Audit labels and write them, the most suspicious first, with an empty column 人工类别 to correct them in.

    Parameters
    ----------
    rejected : rows that were read beside the labels and could not be used; the result names them.
    sources : the files that were read, none of which may be written over.
    everything : write every label, not the suspects alone.

    Raises
    ------
    MissingExtraError : cleanlab is not installed.
    InputError : the labels cannot be judged, or the result cannot be written; then nothing is left behind.
    """
    require_cleanlab()
    if out.exists() and any(out.samefile(source) for source in sources):
        raise InputError("is one of the tables themselves.", where=str(out), fix="Choose another name with --out.")
    form = _Form(workshop.taxonomy)
    with ResultWriter.open(out, columns=form.columns, sheet_name="疑似错标", listing=CLASHES, force=force) as writer:
        audit = audit_labels(workshop, labelled, starter=starter, progress=progress)
        written = audit.ranked if everything else audit.suspects
        few = {each.category: each.letters for each in audit.too_few}
        clashes = {members[0].rank: members for members in audit.clashes}
        for each in written:
            writer.add(form.cells(each, few))
            if each.rank in clashes:
                writer.enlist(form.clash_cells(clashes[each.rank]))
        files = writer.finish(tuple(form.totals(audit, len(written), len(rejected))), rejected)
    return AuditReport(audit, written, files)


class _Form:
    """Puts suspects into cells, by the names that the bureau has given to its categories."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self._names = {category.id: category.name for category in taxonomy.categories}
        self.columns = (
            OutputColumn("名次", 6),
            OutputColumn("编号", 14),
            OutputColumn("标题", 28, wrap=True),
            OutputColumn("内容", 60, wrap=True),
            OutputColumn("现标注", 12),
            OutputColumn("更可能是", 12),
            OutputColumn("人工类别", 14, choices=tuple(self._names.values())),
            OutputColumn("现标注的把握", 13),
            OutputColumn("更可能的把握", 13),
            OutputColumn("依据", 30, wrap=True),
            OutputColumn("相近留言", 30, wrap=True),
            OutputColumn("原因", 44, wrap=True),
        )

    def cells(self, suspect: Suspect, few: dict[str, int]) -> list[Cell]:
        """The cells of `columns`; `few` counts the letters of the categories that cannot be judged."""
        message = suspect.labelled.message
        return [
            suspect.rank,
            message.id,
            message.title.strip(),
            message.text.strip(),
            self._names[suspect.present],
            self._names[suspect.likely] if suspect.is_doubted else "",
            "",
            shown_confidence(suspect.confidence),
            shown_confidence(suspect.likely_confidence) if suspect.is_doubted else "",
            "、".join(suspect.words),
            self._shown(suspect.copies),
            "；".join(self._reasons(suspect, few)),
        ]

    def _reasons(self, suspect: Suspect, few: dict[str, int]) -> Iterator[str]:
        if suspect.copies:
            yield "内容相近的留言标注不同，请一并核对"
        if suspect.flagged:
            yield "模型有把握认为属于另一类"
        elif suspect.is_doubted:
            yield "模型偏向另一类，但把握不大"
        else:
            yield "模型也认为是现标注的类别"
        if suspect.likely in (suspect.labelled.label.secondary or ()):
            yield "更可能的类别已标为次要类别，请看主次是否颠倒"
        if suspect.present in few:
            name = self._names[suspect.present]
            yield f"「{name}」只标注过 {few[suspect.present]} 封不同的信，判断仅供参考"

    def clash_cells(self, members: Sequence[Suspect]) -> list[Cell]:
        """The cells of `CLASHES`."""
        return [members[0].labelled.message.title, len(members), self._shown([each.labelled for each in members])]

    def _shown(self, labelled: Sequence[LabelledMessage]) -> str:
        shown = [f"{each.message.id}（{self._names[each.label.primary]}）" for each in labelled[:SHOWN_COPIES]]
        more = f"；等 {len(labelled)} 件" if len(labelled) > SHOWN_COPIES else ""
        return "；".join(shown) + more

    def totals(self, audit: Audit, written: int, rejected: int) -> Iterator[TotalsTable]:
        """What was found in all, category by category, and where there is too little to judge by."""
        share = f"（{audit.wrong / audit.judged:.1%}）" if audit.judged else ""
        yield TotalsTable(
            "本次检查",
            ("项目", "情况"),
            (
                ("标注件数", len(audit.ranked)),
                ("未能使用的行", rejected),
                ("写出件数", written),
                ("可以判断的标注", audit.judged),
                ("其中估计标错", f"{audit.wrong}{share}" if audit.judged else "无法估计"),
                ("样例太少、无法判断的标注", len(audit.ranked) - audit.judged),
                ("相近而标注不同（组）", len(audit.clashes)),
                ("参加训练的起始语料", audit.starter_messages),
                ("说明", "估计数由模型推算，模型自己判错的也算在内，往往偏多；每一件都以人的判断为准。"),
            ),
        )
        yield TotalsTable(
            "按类别",
            ("现标注", "标注件数", "不同的信", "模型有把握认为标错", "估计标错"),
            tuple(
                (
                    self._names[each.category],
                    each.labels,
                    each.letters,
                    each.flagged,
                    "无法判断" if each.wrong is None else each.wrong,
                )
                for each in audit.categories
            ),
        )
        if audit.too_few:
            yield TotalsTable(
                f"样例太少、无法判断的类别（至少需要 {MIN_LETTERS} 封不同的信）",
                ("类别", "不同的信", "还差"),
                tuple((self._names[each.category], each.letters, MIN_LETTERS - each.letters) for each in audit.too_few),
            )
