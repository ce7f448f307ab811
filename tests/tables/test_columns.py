"""Which column plays which role, and which row is the header."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.tables import Role
from triage.tables.columns import SYNONYMS, assign_roles, find_header, header_key, unique_names


@pytest.mark.parametrize(
    "written",
    [
        "留言内容",
        " 留言 内容 ",
        "留言\n内容",
        "留言内容：",
        "*留言内容",
        "留言内容（必填）",
        "留言内容(500字内)",
        "留言内容【必填】",
    ],
)
def test_header_key_sees_through_decoration(written: str) -> None:
    assert header_key(written) == "留言内容"


def test_header_key_of_brackets_alone_is_not_empty() -> None:
    assert header_key("（内容）") == "(内容)"


@pytest.mark.parametrize(("role", "name"), [(role, name) for role in Role for name in SYNONYMS[role]])
def test_every_synonym_is_recognised(role: Role, name: str) -> None:
    assert assign_roles(["无关", name.upper()], {}) == {role: 1}


def test_synonyms_belong_to_one_role_each() -> None:
    names = [name for words in SYNONYMS.values() for name in words]
    assert len(names) == len(set(names))


def test_the_better_name_wins_wherever_it_stands() -> None:
    assert assign_roles(["序号", "编号", "内容"], {})[Role.ID] == 1
    assert assign_roles(["序号", "内容"], {})[Role.ID] == 0
    assert assign_roles(["类别", "人工类别"], {})[Role.CATEGORY] == 1


def test_what_the_program_writes_itself_is_nobodys_label() -> None:
    written = ["类别", "次要类别", "性质", "紧急", "属地", "学校"]
    by_persons = [f"人工{name}" for name in written]
    labels = [Role.CATEGORY, Role.SECONDARY, Role.NATURE, Role.URGENT, Role.PLACE, Role.SCHOOLS]
    assert assign_roles(written[2:], {}) == {}
    assert assign_roles(by_persons, {}) == {role: place for place, role in enumerate(labels)}
    assert assign_roles([*written, *by_persons], {}) == {role: place for place, role in enumerate(labels, len(written))}


def test_who_drew_up_a_list_and_when_names_no_columns() -> None:
    top = ["经办人", "张三", "审核时间", "2026-09-01"]
    assert find_header([top, ["内容"], ["学校收费"]], {}) == 1
    assert find_header([top], {}) is None
    assert find_header([top], {Role.BY: "经办人"}) == 0


def test_who_decided_takes_no_other_columns_role() -> None:
    header = ["经办人", "姓名", "审核时间", "时间", "内容"]
    roles = {Role.BY: 0, Role.SENDER: 1, Role.DECIDED_AT: 2, Role.RECEIVED_AT: 3, Role.TEXT: 4}
    assert assign_roles(header, {}) == roles


def test_the_users_name_goes_before_known_names_and_takes_its_column() -> None:
    roles = assign_roles(["标题", "内容", "备注"], {Role.TEXT: "备注", Role.SENDER: "标题"})
    assert roles == {Role.TEXT: 2, Role.SENDER: 0}


def test_the_users_name_may_be_a_made_unique_one() -> None:
    assert assign_roles(["备注", "备注", None], {Role.TEXT: "备注_2", Role.TITLE: "列3"}) == {
        Role.TEXT: 1,
        Role.TITLE: 2,
    }


def test_unique_names_fill_the_empty_and_count_the_repeated() -> None:
    assert unique_names(["备注", "备注", None, " ", "备注_2"]) == ("备注", "备注_2", "列3", "列4", "备注_2_2")


@given(st.lists(st.one_of(st.none(), st.sampled_from(["a", "a_2", "列1", "列2", "", " a"]), st.text()), max_size=8))
def test_unique_names_are_unique_and_never_empty(header: list[str | None]) -> None:
    names = unique_names(header)
    assert len(set(names)) == len(names) == len(header)
    assert all(names)


def test_find_header_prefers_the_row_with_most_names() -> None:
    rows = [
        ["信访件清单"],
        ["制表单位：", "某局", "日期：", "2024年"],
        [],
        ["编号", "内容", "日期"],
        ["1", "内容", "x"],
    ]
    assert find_header(rows, {}) == 3
    assert find_header([["标题", "说明"], ["编号", "标题", "内容"]], {}) == 1


def test_find_header_takes_a_row_with_a_text_before_one_with_a_date() -> None:
    assert find_header([["日期："], ["内容"]], {}) == 1


def test_find_header_does_not_take_a_row_of_data() -> None:
    assert find_header([["来源", 3.0, 4.0]], {}) is None
    assert find_header([["来源", "长" * 61]], {}) is None


def test_find_header_knows_the_users_names() -> None:
    assert find_header([["甲"], ["乙", "丙"]], {}) is None
    assert find_header([["甲"], ["乙", "丙"]], {Role.TEXT: "丙"}) == 1
