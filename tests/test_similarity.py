"""Near-copies: the same letter but for a few words, and no other letter."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage import similarity
from triage.schema import LabelledMessage, Message
from triage.similarity import near_copies

LETTER = (
    "我是实验小学三年级学生的家长，学校从九月起每个月收三百元课后服务费，不交就不让孩子留在学校，"
    "请教育局查一查这笔钱合不合规定"
)
OTHER = "我们小区旁边的幼儿园食堂卫生很差，上周有五个孩子吃坏了肚子，园长只说是天气热，请派人来检查厨房和进货的单子"
short_texts = st.text(alphabet="甲乙丙丁，", max_size=12)
batches = st.lists(st.builds(Message, st.just("1"), st.text("甲乙", max_size=2), short_texts), max_size=12)


def names(*texts: str) -> list[str]:
    return near_copies([Message(str(at), "", text) for at, text in enumerate(texts)])


def parts(found: list[str]) -> set[frozenset[int]]:
    """Which messages share a name, whatever it is."""
    return {frozenset(at for at, name in enumerate(found) if name == one) for one in found}


@pytest.mark.parametrize(
    "copy",
    [
        LETTER.replace("三年级", "五年级"),
        LETTER.replace("实验小学", "城南小学").replace("三百", "二百八"),
        f"尊敬的领导：{LETTER}。谢谢！",
        LETTER.replace("，", " "),
        f"<p>{LETTER}</p>",
    ],
    ids=["a word", "two words", "courtesies", "other marks", "markup"],
)
def test_a_letter_with_a_few_words_changed_is_a_copy(copy: str) -> None:
    one, other = names(LETTER, copy)
    assert one == other


def test_another_letter_is_none() -> None:
    assert len({*names(LETTER, OTHER)}) == 2


def test_nor_is_one_on_the_same_matter_in_other_words() -> None:
    assert len({*names(LETTER, "孩子学校的课后服务费太贵了，一个月要三百块，不交钱不给看孩子，这合理吗？盼复")}) == 2


def test_nor_one_that_shares_the_opening_alone() -> None:
    assert len({*names(LETTER, f"{LETTER[:20]}{OTHER}")}) == 2


def test_the_title_counts_as_the_text_does() -> None:
    one, other = near_copies([Message("1", LETTER[:20], LETTER[20:]), Message("2", "", LETTER)])
    assert one == other


def test_copies_of_a_common_third_are_of_one_name() -> None:
    chain = [LETTER]
    for word in ("实验小学", "三年级", "九月起", "三百元", "留在学校", "查一查", "合不合"):
        chain.append(chain[-1].replace(word, "某某某某"))
    assert len({*names(chain[0], chain[-1])}) == 2
    assert len({*names(*chain)}) == 1
    assert len({*names(*chain, OTHER)}) == 2


def test_copies_are_found_among_many_letters(corpus: list[LabelledMessage]) -> None:
    messages = [each.message for each in corpus[: 2 * similarity._BLOCK + 50]]
    messages[-1] = Message("copy", messages[3].title, f"{messages[3].text}盼复")
    found = near_copies(messages)
    assert found[-1] == found[3]
    assert len(set(found)) > 0.98 * len(messages)


def test_no_messages_have_no_names() -> None:
    assert near_copies([]) == []


def test_messages_without_text_are_copies_of_each_other_alone() -> None:
    found = names("", "，。", LETTER, "甲", "乙")
    assert parts(found) == {frozenset({0, 1}), frozenset({2}), frozenset({3}), frozenset({4})}


@settings(max_examples=150, deadline=None)
@given(batch=batches, data=st.data())
def test_which_messages_are_copies_does_not_depend_on_their_order(batch: list[Message], data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(batch))))
    shuffled = parts(near_copies([batch[at] for at in order]))
    assert {frozenset(order[at] for at in part) for part in shuffled} == parts(near_copies(batch))


@settings(max_examples=100, deadline=None)
@given(batch=batches)
def test_a_name_is_the_place_of_the_first_of_its_copies(batch: list[Message]) -> None:
    found = near_copies(batch)
    assert found == [str(found.index(name)) for name in found]
    assert near_copies([*batch, *batch]) == [*found, *found]
