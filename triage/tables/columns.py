"""Which column plays which role, and which row names the columns."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from triage.tables.cells import Cell, cell_text

HEADER_SEARCH_ROWS = 30
"""How many rows from the top are searched for the names of the columns."""

_LONGEST_NAME = 60


class Role(StrEnum):
    """What a column holds, as far as the pipeline is concerned."""

    ID = "id"
    TITLE = "title"
    TEXT = "text"
    RECEIVED_AT = "received_at"
    SENDER = "sender"
    CHANNEL = "channel"
    CATEGORY = "category"
    SECONDARY = "secondary"
    NATURE = "nature"
    URGENT = "urgent"
    PLACE = "place"
    SCHOOLS = "schools"
    BY = "by"
    DECIDED_AT = "decided_at"


ROLE_WORDS: Mapping[Role, str] = {
    Role.ID: "编号",
    Role.TITLE: "标题",
    Role.TEXT: "内容",
    Role.RECEIVED_AT: "时间",
    Role.SENDER: "姓名",
    Role.CHANNEL: "渠道",
    Role.CATEGORY: "类别",
    Role.SECONDARY: "次要类别",
    Role.NATURE: "性质",
    Role.URGENT: "紧急",
    Role.PLACE: "属地",
    Role.SCHOOLS: "学校",
    Role.BY: "标注人",
    Role.DECIDED_AT: "标注时间",
}
"""The word for each role that a clerk knows."""

SYNONYMS: Mapping[Role, tuple[str, ...]] = {
    role: tuple(words.split())
    for role, words in {
        Role.ID: "留言编号 信访件编号 信访编号 编号 工单编号 工单号 受理编号 信件编号 案件编号 件号 id message_id 序号",
        Role.TITLE: "留言主题 主题 标题 信件标题 信访标题 事项标题 title",
        Role.TEXT: "留言详情 留言内容 内容 信件内容 反映内容 反映问题 诉求内容 诉求 主要诉求 信访内容"
        " 事项内容 详细内容 正文 问题描述 工单内容 来信内容 text content words",
        Role.RECEIVED_AT: "留言时间 日期 登记时间 登记日期 来信时间 来信日期 受理时间 收到时间 信访日期"
        " 提交时间 时间"
        " received_at date",
        Role.SENDER: "留言用户 姓名 信访人 信访人姓名 来信人 投诉人 反映人 联系人 sender",
        Role.CHANNEL: "来源 渠道 信访渠道 来源渠道 信访形式 信访方式 channel",
        Role.CATEGORY: "人工类别 类别 分类 一级分类 一级标签 问题类别 label category primary 标注",
        Role.SECONDARY: "人工次要类别 次要类别 secondary",
        # Without 人工 these are what the program itself writes: its guesses are nobody's label.
        Role.NATURE: "人工性质 nature",
        Role.URGENT: "人工紧急 urgent",
        Role.PLACE: "人工属地 place",
        Role.SCHOOLS: "人工学校 schools",
        Role.BY: "标注人 审核人 经办人 labeller by",
        Role.DECIDED_AT: "标注时间 标注日期 审核时间 labelled_at decided_at",
    }.items()
}
"""Names that offices give to the columns, the better one first."""

_ON_ANY_FORM = frozenset({Role.BY, Role.DECIDED_AT})
"""Words that stand above tables too, on the line that says who drew the list up and when."""

_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|〔[^〔〕]*〕|<[^<>]*>")
_DECORATION = re.compile(r"[\s:*]+")


def header_key(cell: Cell) -> str:
    """Return a header cell in the form in which names are compared."""
    plain = unicodedata.normalize("NFKC", cell_text(cell))
    bare = _DECORATION.sub("", _BRACKETS.sub("", plain))
    return (bare or _DECORATION.sub("", plain)).casefold()


def unique_names(header: Sequence[Cell]) -> tuple[str, ...]:
    """Return a name for every column: an empty one becomes 列3, a second 备注 becomes 备注_2."""
    taken: set[str] = set()
    names: list[str] = []
    for position, cell in enumerate(header, start=1):
        base = " ".join(cell_text(cell).split()) or f"列{position}"
        name, count = base, 1
        while name in taken:
            count += 1
            name = f"{base}_{count}"
        taken.add(name)
        names.append(name)
    return tuple(names)


def assign_roles(header: Sequence[Cell], named: Mapping[Role, str]) -> dict[Role, int]:
    """Map roles to column positions; the user's own names go first, and a column plays one role."""
    keys = [header_key(cell) for cell in header]
    exact = unique_names(header)
    roles: dict[Role, int] = {}
    for role, name in named.items():
        if name in exact:
            roles[role] = exact.index(name)
        elif header_key(name) in keys:
            roles[role] = keys.index(header_key(name))
    taken = set(roles.values())
    for role, words in SYNONYMS.items():
        if role in named:
            continue
        places = (keys.index(word) for word in words if word in keys)
        found = next((place for place in places if place not in taken), None)
        if found is not None:
            roles[role] = found
            taken.add(found)
    return roles


def _looks_like_data(cell: Cell) -> bool:
    return cell is not None and (not isinstance(cell, str) or len(cell) > _LONGEST_NAME)


def header_score(cells: Sequence[Cell], named: Mapping[Role, str]) -> tuple[int, int]:
    """Return how many names are known, and whether title or text is among them; (0, 0) for a data row."""
    roles = [role for role in assign_roles(cells, named) if role in named or role not in _ON_ANY_FORM]
    if not roles or sum(map(_looks_like_data, cells)) >= len(roles):
        return (0, 0)
    return (len(roles), int(Role.TEXT in roles or Role.TITLE in roles))


def find_header(rows: Iterable[Sequence[Cell]], named: Mapping[Role, str]) -> int | None:
    """Return the position of the row that names the columns best, None where no name is known."""
    best, best_score = None, (0, 0)
    for position, cells in enumerate(rows):
        score = header_score(cells, named)
        if score > best_score:
            best, best_score = position, score
    return best


@dataclass(frozen=True, slots=True)
class SheetInfo:
    """How one sheet was understood; `header_row` is 0 where the format itself names the columns."""

    name: str
    header_row: int
    columns: tuple[str, ...]
    roles: Mapping[Role, str]
