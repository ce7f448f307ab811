"""Signs of danger are read from a message as a careful clerk would read them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.config import Danger, load_config
from triage.schema import Message
from triage.signals.urgency import danger_score, read_dangers
from triage.text.alternatives import any_of

DATA = Path(__file__).parents[1] / "data"
DEFAULTS = load_config(DATA).dangers
INJURY = Danger("injury", "致伤", 0.6, words=("骨折",), things=("打", "踢"), harms=("受伤", "住院"), within=6)
FIRE = Danger("fire", "火灾", 0.5, words=("着火", "消防"), unless=("消防大队",))
BOTH = (INJURY, FIRE)


def signs(text: str, title: str = "", dangers: tuple[Danger, ...] = BOTH) -> list[tuple[str, str]]:
    return [(mention.id, mention.name) for mention in read_dangers(Message("m1", title, text), dangers)]


def kinds(text: str) -> set[str]:
    return {mention.id for mention in read_dangers(Message("m1", "", text), DEFAULTS)}


def score(text: str, title: str = "") -> float:
    return danger_score(read_dangers(Message("m1", title, text), DEFAULTS), DEFAULTS)


# --- words and pairs ---


def test_a_word_is_a_sign_by_itself() -> None:
    assert signs("手臂骨折了") == [("injury", "骨折")]


@pytest.mark.parametrize("text", ["被打后住院", "住院是被他踢", "打得住院"])
def test_a_thing_near_a_harm_is_a_sign_on_either_side(text: str) -> None:
    assert [kind for kind, _ in signs(text)] == ["injury"]


def test_the_sign_reaches_from_the_thing_to_the_harm() -> None:
    assert signs("他被打以后就住院了") == [("injury", "打以后就住院")]


def test_a_thing_too_far_from_a_harm_is_no_sign() -> None:
    assert signs("打" + "一" * 6 + "住院") == [("injury", "打" + "一" * 6 + "住院")]
    assert signs("打" + "一" * 7 + "住院") == []


def test_a_harm_takes_the_nearer_of_two_things() -> None:
    assert signs("打了又踢到住院") == [("injury", "踢到住院")]


def test_no_part_of_an_excepted_expression_is_a_sign() -> None:
    assert signs("打给消防大队") == []
    assert signs("给消防大队打电话说着火") == [("fire", "着火")]


def test_signs_of_one_kind_do_not_overlap() -> None:
    assert signs("打骨折住院") == [("injury", "打骨折住院")]


def test_the_title_comes_first_and_spans_are_those_of_the_field() -> None:
    message = Message("m1", "宿舍着火", "孩子 骨\n折，又着火")
    found = read_dangers(message, BOTH)
    assert [(mention.field, mention.id) for mention in found] == [
        ("title", "fire"),
        ("text", "injury"),
        ("text", "fire"),
    ]
    assert found[1].name == "骨\n折"


def test_without_dangers_nothing_is_read() -> None:
    assert read_dangers(Message("m1", "着火", "骨折"), ()) == ()
    assert danger_score((), ()) == 0


# --- what does not count ---


@pytest.mark.parametrize(
    "text",
    [
        "幸好没有受伤",
        "孩子打闹，未造成人员受伤",
        "开学以来未发生安全事故",
        "请加强检查，防止食物中毒",
        "避免再次发生火灾",
        "我们不会去集体上访",
        "国家明令禁止体罚",
        "学校组织了消防知识宣传",
        "建议多办消防安全演练",
        "加强防溺水，溺水预防",
        "校园欺凌防治工作做得好",
        "自杀式降价促销",
        "天花板往下掉的问题已经解决，谢谢",
        "危房现已全部拆除",
        "孩子骨折已经痊愈",
        "请告知危房改造资金的标准",
        "请问小学几点放学",
    ],
)
def test_what_is_denied_prevented_taught_or_settled_is_no_sign(text: str) -> None:
    assert score(text) == 0


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("再不解决我们就集体上访", "threat"),
        ("不得不集体上访", "threat"),
        ("孩子被打骨折住院", "injury"),
        ("没有人管，孩子天天被同学打", "bullying"),
        ("老师用棍子打得孩子住院", "injury"),
        ("教练把女学员的腿摸了，动手动脚", "sexual"),
        ("午饭后几十个孩子上吐下泻", "poisoning"),
        ("女儿说不想活了", "suicide"),
        ("教学楼的墙裂了，学生还在里面上课", "building"),
        ("宿舍的消防通道被堵", "fire"),
        ("楼道里煤气味很重", "gas"),
        ("校车严重超载", "transport"),
        ("新操场气味刺鼻，学生流鼻血", "toxic"),
        ("老人生命垂危", "health"),
        ("多次反映，危房未解决", "building"),
        ("难道非要等到着火才管，不能避免火灾吗", "fire"),
        ("老师暴力教育学生", "violence"),
        ("有没有人管，房子会不会倒塌", "building"),
        ("危房已经解决不了", "building"),
    ],
)
def test_what_puts_somebody_in_danger_is_a_sign(text: str, kind: str) -> None:
    assert kind in kinds(text)
    assert score(text) > 0.3


def test_what_is_settled_in_one_sentence_does_not_settle_the_next() -> None:
    assert kinds("路灯已经修好。教室的墙裂了。") == {"building"}
    assert kinds("教室的墙裂了。路灯已经修好。") == {"building"}


# --- the score ---


def test_a_wording_that_is_repeated_counts_once_and_a_further_one_half() -> None:
    def of(text: str, title: str = "") -> float:
        return danger_score(read_dangers(Message("m1", title, text), BOTH), BOTH)

    assert of("骨折") == of("骨折，骨折", "骨 折") == pytest.approx(0.6)
    assert of("骨折。打了就住院") == pytest.approx(1 - 0.4 * 0.7)
    assert of("骨折。着火") == pytest.approx(1 - 0.4 * 0.5)


def test_an_urgent_message_stands_above_one_that_only_warns() -> None:
    assert score("孩子被打骨折，现在抢救中") > score("门口车多，存在安全隐患") > score("请问何时报名") == 0


PIECES = st.sampled_from(
    [
        "打",
        "踢",
        "骨折",
        "受伤",
        "住院",
        "着火",
        "消防",
        "消防大队",
        "没有",
        "已经解决",
        "，",
        "。",
        " ",
        "\n",
        "\u3000",
        "的",
        "a",
    ]
)


@given(st.lists(PIECES, max_size=30).map("".join), st.lists(PIECES, max_size=8).map("".join))
def test_spans_name_what_stands_there_and_the_score_stays_in_its_range(text: str, title: str) -> None:
    message = Message("m1", title, text)
    found = read_dangers(message, BOTH)
    assert all(getattr(message, mention.field)[mention.start : mention.end] == mention.name for mention in found)
    assert all(mention.name == mention.name.strip() != "" for mention in found)
    assert (danger_score(found, BOTH) > 0) == bool(found)
    assert danger_score(found, BOTH) <= 1


@given(
    st.lists(st.text("甲乙丙", min_size=1, max_size=3), max_size=6),
    st.lists(st.text("甲乙丙", min_size=1, max_size=3), max_size=4),
    st.text("甲乙丙丁 \n", max_size=30),
)
def test_of_words_that_overlap_the_first_counts_and_of_these_the_longest(
    words: list[str], others: list[str], text: str
) -> None:
    """Whatever other kinds are looked for at the same time, and whatever white space stands within a word."""
    dangers = (Danger("one", "甲", 0.5, words=tuple(words)), Danger("other", "乙", 0.5, words=tuple(others)))
    bare = "".join(text.split())
    expected = [*re.findall(any_of(words), bare)]
    found = [mention for mention in read_dangers(Message("m1", "", text), dangers) if mention.id == "one"]
    assert ["".join(mention.name.split()) for mention in found] == expected
    assert all(text[mention.start : mention.end] == mention.name for mention in found)


@given(st.lists(PIECES, max_size=30).map("".join))
def test_a_further_sign_never_lowers_the_score(text: str) -> None:
    before = read_dangers(Message("m1", "", text), BOTH)
    after = read_dangers(Message("m1", "着火", text), BOTH)
    assert danger_score(after, BOTH) >= danger_score(before, BOTH)
