"""The words in which people write natures, flags and lists."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from triage.config import Taxonomy
from triage.schema import NATURE_NAMES, Nature

NONE = "无"
"""Says of secondary categories, a place or schools that there are none."""
NOBODY_SAID = "未标注"
"""Says of the same that nobody has looked for them, as a column that is missing does."""

_NATURES = {word: nature for nature, name in NATURE_NAMES.items() for word in (name, nature.value)}
_FLAGS = {
    **dict.fromkeys(("true", "1", "yes", "是", "紧急"), True),
    **dict.fromkeys(("false", "0", "no", "否", "不紧急", "非紧急"), False),
}
_SEPARATORS = str.maketrans({"、": "|", "，": "|", ",": "|", ";": "|", "；": "|", "/": "|", "\n": "|"})


def read_nature(written: str) -> Nature | None:
    """The nature that a person wrote, by its id or its name; None where it cannot be read."""
    return _NATURES.get(written.strip().casefold())


def read_flag(written: str) -> bool | None:
    """Whether a person wrote yes or no; None where neither can be read."""
    return _FLAGS.get(written.strip().casefold())


def parts(written: str) -> Iterator[str]:
    """The entries of a cell that holds several."""
    return (part.strip() for part in written.translate(_SEPARATORS).split("|") if part.strip())


def unknown_category(written: str, taxonomy: Taxonomy) -> str:
    """Why a category cannot be told from what is written, with the nearest name where one is near."""
    successors = taxonomy.successors(written)
    if len(successors) > 1:
        return f"「{written}」已分为{'、'.join(each.name for each in successors)}，请填其中一个"
    names = [name for each in taxonomy.categories for name in (each.name, each.id, *each.aliases)]
    near = difflib.get_close_matches(written, names, n=1, cutoff=0.4)
    hint = f"，是否应为「{near[0]}」" if near else ""
    return f"没有「{written}」这个类别{hint}"
