"""To whom a matter belongs that is not the bureau's, and what its writer is told."""

from __future__ import annotations

from datetime import date
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.config import Config, Organ, ReturnTemplates, load_config
from triage.returns import likely_organs, return_draft
from triage.schema import Message

DATA = Path(__file__).parents[1] / "data"
DAY = date(2026, 10, 1)

HOUSING = Organ("housing", "住建局", ("小区", "物业", "住房"))
FUND = Organ("fund", "公积金中心", ("住房公积金", "公积金"))
NOISE = Organ("noise", "环境局", ("噪音", "KTV"))
FIRE = Organ("fire", "消防队", ("消防", "通道"))
ORGANS = (HOUSING, FUND, NOISE, FIRE)
TEMPLATES = ReturnTemplates("{bureau}：请向{organ}提出。{date}", "{bureau}：请核定。{date}")


def likely(text: str, title: str = "", organs: tuple[Organ, ...] = ORGANS) -> list[str]:
    return [organ.id for organ in likely_organs(organs, Message("m1", title, text))]


@pytest.fixture(scope="module")
def config() -> Config:
    return load_config(DATA)


# --- which organ ---


def test_the_words_of_a_letter_tell_the_organ() -> None:
    assert likely("楼下唱歌，噪音很大") == ["noise"]


def test_without_words_there_is_no_organ() -> None:
    assert likely("路灯坏了") == []
    assert likely("") == []
    assert likely("噪音", organs=()) == []


def test_a_longer_word_counts_more_and_the_words_within_it_do_not_count() -> None:
    assert likely("咨询住房公积金") == ["fund"]
    assert likely("小区业主咨询住房公积金") == ["fund"]


def test_a_word_in_the_title_counts_three_times() -> None:
    assert likely("小区里，物业不管", title="噪音太大") == ["noise", "housing"]
    assert likely("小区里，物业不管，噪音太大") == ["housing", "noise"]


def test_a_word_counts_once_however_often_it_stands_there() -> None:
    assert likely("小区，小区，小区，消防通道") == ["fire", "housing"]


def test_a_second_organ_needs_half_the_points_of_the_first_and_there_is_no_third() -> None:
    assert likely("公积金，小区") == ["fund", "housing"]
    assert likely("住房公积金，小区") == ["fund"]
    assert likely("小区，噪音，消防") == ["housing", "noise"]


def test_of_equal_points_the_earlier_in_the_file_is_first() -> None:
    assert likely("噪音，小区", organs=(HOUSING, NOISE)) == ["housing", "noise"]
    assert likely("噪音，小区", organs=(NOISE, HOUSING)) == ["noise", "housing"]


def test_width_and_case_of_letters_do_not_matter() -> None:
    assert likely("楼上的ｋｔｖ") == likely("楼上的KTV") == ["noise"]


@pytest.mark.parametrize(
    ("title", "text", "organ"),
    [
        ("小区物业乱收费", "交房两年了，物业费涨了三次，维修基金也不公开。", "housing"),
        ("校门口摊贩占道经营", "放学时流动摊贩把人行道都占了。", "urban"),
        ("红绿灯时间太短", "斑马线上老人走不完。", "traffic"),
        ("公交车发车太少", "等一趟公交要四十分钟。", "transport"),
        ("化工厂排放废气", "夜里气味刺鼻，河水也黑了。", "environment"),
        ("拖欠农民工工资", "工地做完了，包工头不给钱。", "labour"),
        ("医院误诊", "医生开错了药，病人住院一个月。", "health"),
        ("异地就医怎么报销", "医保卡在外省用不了。", "health_insurance"),
        ("健身房关门跑路", "办卡交了两千元，商家联系不上，消费者找谁？", "market"),
        ("户口迁移", "派出所说要等三个月。", "police"),
        ("低保为什么取消", "民政局没有说明。", "civil"),
        ("判决以后不执行", "法院判决书下来一年了。", "courts"),
        ("村干部贪污扶贫款", "向纪委反映过，是受贿。", "discipline"),
        ("天天停电", "变压器太小，供电所不换。", "power"),
    ],
)
def test_the_default_organs_know_common_matters(config: Config, title: str, text: str, organ: str) -> None:
    assert likely(text, title, config.organs)[0] == organ


def test_the_default_words_are_all_found_as_themselves(config: Config) -> None:
    for organ in config.organs:
        for word in organ.words:
            assert likely(word, organs=config.organs) == [organ.id], word


words = st.sampled_from([word for organ in ORGANS for word in organ.words])
texts = st.one_of(st.text(max_size=40), st.lists(words, max_size=8).map("，".join))


@given(texts, texts)
def test_any_letter_has_at_most_two_organs_and_another_reading_gives_the_same(title: str, text: str) -> None:
    found = likely(text, title)
    assert len(found) == len(set(found)) <= 2
    assert likely(text, title) == found


@given(texts, texts, st.permutations(ORGANS))
def test_the_order_of_organs_decides_ties_alone(title: str, text: str, organs: list[Organ]) -> None:
    assert bool(likely(text, title)) == bool(likely(text, title, tuple(organs)))


# --- what the writer is told ---


def test_the_draft_names_the_organs_the_bureau_and_the_day() -> None:
    draft = return_draft(TEMPLATES, organs=(HOUSING, FIRE), bureau="某市教育局", on=DAY)
    assert draft == "某市教育局：请向住建局或消防队提出。2026年10月1日"


def test_without_an_organ_a_clerk_has_to_name_it() -> None:
    assert return_draft(TEMPLATES, organs=(), bureau="某市教育局", on=DAY) == "某市教育局：请核定。2026年10月1日"


def test_without_templates_there_is_no_draft() -> None:
    assert return_draft(ReturnTemplates(), organs=(HOUSING,), bureau="某市教育局", on=DAY) == ""


def test_the_default_draft_has_at_most_two_hundred_characters_and_its_legal_basis(config: Config) -> None:
    longest = sorted(config.organs, key=lambda organ: -len(organ.name))[:2]
    for organs in ((), *combinations(longest, 1), longest):
        draft = return_draft(config.return_templates, organs=organs, bureau=config.bureau, on=date(2026, 10, 31))
        assert len(draft) <= 200
        assert "第二十三条" in draft
        assert config.bureau in draft
        assert all(organ.name in draft for organ in organs)
        assert ("请信访室核定有权处理的机关" in draft) == (not organs)
