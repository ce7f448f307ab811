"""Labels of the past in the categories of today."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from triage.config import Taxonomy
from triage.labels.reading import LabelledSet
from triage.labels.words import unknown_category
from triage.schema import Label, LabelledMessage, RejectedRow


def in_present_categories(labelled: Iterable[LabelledMessage], taxonomy: Taxonomy, *, source: str) -> LabelledSet:
    """Move labels to the successors of their categories; set those aside whose category is split or gone.

    Where that is so of a secondary category alone, nobody has said by now which are the secondary ones. `source` is the
    place that the rejected ones are said to come from.
    """
    kept: list[LabelledMessage] = []
    rejected: list[RejectedRow] = []
    for each in labelled:
        category = taxonomy.find(each.label.primary)
        if category is None:
            reason = f"编号 {each.message.id}：{unknown_category(each.label.primary, taxonomy)}"
            rejected.append(RejectedRow(source, "", 0, reason))
        else:
            secondary = _secondary(each.label, category.id, taxonomy)
            kept.append(replace(each, label=replace(each.label, primary=category.id, secondary=secondary)))
    return LabelledSet(tuple(kept), tuple(rejected))


def _secondary(label: Label, primary: str, taxonomy: Taxonomy) -> tuple[str, ...] | None:
    if label.secondary is None:
        return None
    found = [taxonomy.find(each) for each in label.secondary]
    ids = dict.fromkeys(each.id for each in found if each is not None)
    return tuple(each for each in ids if each != primary) if None not in found else None
