"""Tables of what the store holds: all labels, and the disagreements to be settled."""

from __future__ import annotations

from pathlib import Path

from triage.config import Taxonomy
from triage.forms import PERSONS_CATEGORY, persons_column
from triage.labels import NOBODY_SAID, NONE, OPINIONS
from triage.schema import NATURE_NAMES, Label, Message
from triage.store import KeptLabel, Store
from triage.tables import Cell, OutputColumn, ResultWriter

_OF_MESSAGE = (
    OutputColumn("编号", 14),
    OutputColumn("渠道", 14),
    OutputColumn("姓名", 10),
    OutputColumn("时间", 19),
    OutputColumn("标题", 28),
    OutputColumn("内容", 60, wrap=True),
)
_OF_LABEL = (
    OutputColumn(PERSONS_CATEGORY, 12),
    OutputColumn("人工次要类别", 16),
    OutputColumn("人工性质", 10),
    OutputColumn("人工紧急", 8),
    OutputColumn("人工属地", 12),
    OutputColumn("人工学校", 20),
    OutputColumn("标注人", 10),
    OutputColumn("标注时间", 19),
)


def write_labels(store: Store, out: Path, *, taxonomy: Taxonomy, force: bool = False) -> int:
    """Write every labelled message with the label that holds, and return how many there are.

    The table says all that the store says of them, and can be trained on or added again.

    Raises
    ------
    InputError : the table cannot be written.
    """
    labelled = store.labelled()
    with ResultWriter.open(out, columns=(*_OF_MESSAGE, *_OF_LABEL), sheet_name="标注", force=force) as writer:
        for each in labelled:
            writer.add([*_message_cells(each.message), *_label_cells(each.label, taxonomy)])
        writer.finish((), ())
    return len(labelled)


def write_conflicts(store: Store, out: Path, *, taxonomy: Taxonomy, force: bool = False) -> int:
    """Write the texts on which people disagree with what each has said, and return how many there are.

    Whoever fills in 人工类别 there settles the disagreement, once the sheet is added to the store.

    Raises
    ------
    InputError : the table cannot be written.
    """
    columns = (
        *_OF_MESSAGE,
        OutputColumn(OPINIONS, 50, wrap=True),
        OutputColumn("现按", 12),
        persons_column(taxonomy),
        OutputColumn("人工性质", 10, choices=tuple(NATURE_NAMES.values())),
        OutputColumn("人工紧急", 8, choices=("是", "否")),
        OutputColumn("标注人", 10),
    )
    conflicts = store.conflicts()
    with ResultWriter.open(out, columns=columns, sheet_name="不一致", force=force) as writer:
        for each in conflicts:
            opinions = "\n".join(opinion(answer, taxonomy) for answer in each.answers)
            holding = _category(each.label.primary, taxonomy)
            writer.add([*_message_cells(each.message), opinions, holding, "", "", "", ""])
        writer.finish((), ())
    return len(conflicts)


def opinion(kept: KeptLabel, taxonomy: Taxonomy) -> str:
    """What somebody said, who it was, when, and where it was read, in one line."""
    label = kept.label
    said = [_category(label.primary, taxonomy)]
    if label.secondary is not None:
        said.append(f"次要：{_names(label.secondary, taxonomy) or NONE}")
    if label.nature is not None:
        said.append(NATURE_NAMES[label.nature])
    if label.urgent is not None:
        said.append("紧急" if label.urgent else "不紧急")
    place = f"{kept.source}{f'「{kept.sheet}」' if kept.sheet else ''}第 {kept.row} 行"
    return f"{'，'.join(said)}（{label.by or '未署名'}，{kept.at:%Y-%m-%d}，编号 {kept.message.id}，{place}）"


def _message_cells(message: Message) -> list[Cell]:
    channel = message.channel.value if message.channel else ""
    return [message.id, channel, message.sender, message.received_at, message.title, message.text]


def _label_cells(label: Label, taxonomy: Taxonomy) -> list[Cell]:
    return [
        _category(label.primary, taxonomy),
        NOBODY_SAID if label.secondary is None else _names(label.secondary, taxonomy) or NONE,
        NATURE_NAMES[label.nature] if label.nature else "",
        "" if label.urgent is None else "是" if label.urgent else "否",
        NOBODY_SAID if label.place is None else label.place or NONE,
        NOBODY_SAID if label.schools is None else "、".join(label.schools) or NONE,
        label.by,
        label.decided_at,
    ]


def _category(written: str, taxonomy: Taxonomy) -> str:
    category = taxonomy.find(written)
    return category.name if category else written


def _names(ids: tuple[str, ...], taxonomy: Taxonomy) -> str:
    return "、".join(_category(each, taxonomy) for each in ids)
