"""Cleaning keeps the way back to the original; masking hides people and nothing else."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from triage.text import PersonalKind, clean, find_personal_data, mask, normalise
from triage.text.cleaning import clean_draft
from triage.text.drafts import PlainDraft, TrackedDraft
from triage.text.unicode import CHUNK, JOINED, UNSEEN, UNUSUAL, compose, compose_all, narrow

MARKUP = (
    *("<", ">", "<p>", "</p>", "<br/>", "<b ", "<!--", "-->", "<style>", "</style>", "<script", "</script>", "<o:p>"),
    *("&", "&amp;", "amp;", "&lt;", "&gt;", "&nbsp", "&nbsp;", ";", "#", "&#3", "8;", "&#38;", "&#60;", "&#x4e2d;"),
    *("_x000D_", "_x005F_", "_x", "003C_", "＜", "＆", "；"),
)
COURTESIES = (
    *(
        "您好",
        "尊敬的市长",
        "领导",
        "好",
        "：",
        "，",
        "谢谢",
        "望回复",
        "此致",
        "敬礼",
        "。",
        "我",
        "各位",
        "局长您好！",
    ),
    *("孩子的学校离家太远，上学不便", "老师周末收费补课"),
)
ODD = (
    *(" ", "\n", "\u3000", "\xa0", "\u200b", "\u202e", "\x00", "\x1c", "\ud800", "\ufeff", "e", "\u0301", "\u0344"),
    *("ﬁ", "㈠", "①", "ｶ", "ﾞ", "\u1100", "\u1161", "ﷺ", "\u0338", "A", "１"),
)
scraps = st.lists(st.sampled_from(MARKUP + COURTESIES + ODD), max_size=14).map("".join)
texts = st.one_of(st.text(), st.text(st.characters(), max_size=30), scraps, scraps.map(lambda text: text * 2))

PEOPLE = (
    *("138", "0013", "8000", "13800138000", "+86", " ", "-", "360102199003071234", "36010219900307123", "X", "x"),
    *("0796", "8221234", "(0796)", "6222020011112222", "1", "0", "９", "赣A1234", "赣AD12345", "港", "警", "·", "*"),
    *("a@b.cn", "@", "qq.com", "元", ".5", "电话", "电话：", "姓名：", "我叫", "李四", "联系人：", "张三", "，", "。"),
)
letters_with_people = st.one_of(st.text(), st.lists(st.sampled_from(PEOPLE), max_size=14).map("".join))


# --- cleaning ---


@pytest.mark.parametrize(
    ("written", "cleaned"),
    [
        ("<p>学校收费</p><br/>不开<b>发</b>票", "学校收费 不开发票"),
        ("学校<style>p {color: red}</style>收费<!-- 注 --><script>alert(1)</script>", "学校 收费"),
        ("语文&nbsp;数学&amp;英语&#20013;&nbsp体育", "语文 数学&英语中 体育"),
        ("学校&amp;lt;br&amp;gt;收费", "学校 收费"),
        ("成绩 <60 分，>90 分的不管", "成绩 <60 分,>90 分的不管"),
        ("收费《通知》<通知>在此", "收费《通知》<通知>在此"),
        ("第一行_x000D_\r\n\r\n第二行　　完", "第一行 第二行 完"),
        ("１２３ＡＢＣ㈠", "123ABC(一)"),
        ("学\u200b校\u202e收\x00费\ud83d\ufeff", "学校收费"),
        ("咨询入学咨询入学咨询入学咨询入学", "咨询入学咨询入学咨询入学咨询入学"),
        ("孩子今年要上小学了，请问何时报名？孩子今年要上小学了，请问何时报名？", "孩子今年要上小学了,请问何时报名?"),
    ],
)
def test_what_is_no_writing_of_the_citizen_goes(written: str, cleaned: str) -> None:
    assert normalise(written) == cleaned


@pytest.mark.parametrize(
    "written",
    [
        "尊敬的市长您好：孩子上学太远。",
        "尊敬的某市教育局领导：您好！孩子上学太远。谢谢！",
        "王市长，您好！孩子上学太远。此致 敬礼！",
        "您好，孩子上学太远。望回复，谢谢您！！",
        "各位领导好：孩子上学太远。盼复",
    ],
)
def test_courtesies_at_the_ends_are_cut_off(written: str) -> None:
    assert normalise(written) == "孩子上学太远。"


@pytest.mark.parametrize("written", ["您好", "谢谢!望回复!", "领导您好!谢谢!", "好领导难找", "谢谢老师教会了我的孩子"])
def test_courtesies_stay_where_nothing_else_is_or_where_they_are_none(written: str) -> None:
    assert normalise(written) == written


@given(texts)
@example("&#3&#5&#54;;;")
@example("&#3&#3&#3&#3&#5&#54;;;;;;")
@example("<b<b>>您好</b>")
@example("e\u200b\u0301")
@example("a" + "\u0344" * 40)
@settings(max_examples=400, deadline=None)
def test_cleaning_twice_is_cleaning_once_and_both_ways_agree(written: str) -> None:
    once = normalise(written)
    assert clean(written).text == once
    assert normalise(once) == once


@given(texts)
@settings(deadline=None)
def test_cleaned_text_holds_nothing_unseen_and_one_width(written: str) -> None:
    cleaned = normalise(written)
    assert not UNSEEN.search(cleaned)
    assert unicodedata.is_normalized("NFKC", cleaned)
    assert cleaned == " ".join(cleaned.split())


@given(texts, st.data())
@settings(deadline=None)
def test_spans_lie_in_the_original_and_in_order(written: str, data: st.DataObject) -> None:
    cleaned = clean(written)
    start = data.draw(st.integers(0, len(cleaned.text)))
    end = data.draw(st.integers(start, len(cleaned.text)))
    left, right = cleaned.span(start, end)
    assert 0 <= left <= right <= len(written)
    assert (left < right) == (start < end)


common_texts = st.lists(
    st.sampled_from([*COURTESIES, "学校", "，", "…", " ", "  ", "\n", "\u3000", "\xa0", "！", "“", "—", "A", "3", "?"]),
    max_size=14,
).map("".join)


@settings(max_examples=300)
@given(common_texts | texts)
def test_the_short_way_to_a_clean_text_leads_where_the_long_one_does(written: str) -> None:
    plain, tracked = PlainDraft(written), TrackedDraft(written)
    clean_draft(plain)
    clean_draft(tracked)
    cleaned = clean(written)
    assert normalise(written) == cleaned.text == plain.text == tracked.text
    size = len(cleaned.text)
    assert [cleaned.span(at, at + 1) for at in range(size)] == list(zip(tracked.starts, tracked.ends, strict=True))
    assert [cleaned.span(at, at)[0] for at in range(size + 1)] == [*tracked.starts, *(tracked.ends or [0])[-1:]]


def test_common_characters_need_no_step_but_widths_and_white_space() -> None:
    common = [chr(code) for code in range(0x110000) if not UNUSUAL.search(chr(code))]
    assert len(common) > 20_000
    assert [each for each in common if UNSEEN.search(each) or JOINED.search(each) or each in "<&_"] == []
    narrowed = [narrow(each) for each in common]
    assert narrowed == [unicodedata.normalize("NFKC", each) for each in common]
    assert [each for each in narrowed if set(each) & set("<&_")] == []


def test_a_span_shows_the_words_as_they_were_written() -> None:
    written = "<p>尊敬的市长：&nbsp;学校乱<b>收</b>费３００元</p>"
    cleaned = clean(written)
    assert cleaned.text == "学校乱收费300元"
    start = cleaned.text.index("收费")
    left, right = cleaned.span(start, start + 2)
    assert written[left:right] == "收</b>费"
    start = cleaned.text.index("300")
    left, right = cleaned.span(start, start + 3)
    assert written[left:right] == "３００"


def test_every_part_of_one_character_that_became_several_leads_back_to_it() -> None:
    cleaned = clean("甲㈱乙")
    assert cleaned.text == "甲(株)乙"
    assert [cleaned.span(place, place + 1) for place in range(5)] == [(0, 1), (1, 2), (1, 2), (1, 2), (2, 3)]


def test_a_span_outside_of_the_text_is_refused() -> None:
    cleaned = clean("学校")
    with pytest.raises(ValueError, match=r"\[1, 3\) is no span of a text of 2 characters"):
        cleaned.span(1, 3)


def test_the_repr_of_a_cleaned_text_tells_nothing_of_its_writer() -> None:
    assert repr(clean("<b>秘密")) == "CleanText(original=5 chars, text=2 chars)"


def test_nfkc_by_chunks_is_nfkc_for_every_character_beside_every_kind_of_neighbour() -> None:
    for code in range(0x110000):
        if 0xD800 <= code < 0xE000:
            continue
        text = f"e{chr(code)}"
        expected = unicodedata.normalize("NFKC", text)
        assert "".join(compose(chunk) for chunk in CHUNK.findall(text)) == expected, hex(code)


@given(st.text(st.sampled_from("eA中\u0301\u0316\u0344\u1100\u1161\u11a8ｶﾞﾊﾟ\u09c7\u09be　，¨"), max_size=40))
def test_nfkc_by_chunks_is_nfkc(text: str) -> None:
    by_chunks = "".join(compose(chunk) for chunk in CHUNK.findall(text))
    assert by_chunks == compose_all(text)
    if max((len(run) for run in text.split("e")), default=0) < 8:
        assert by_chunks == unicodedata.normalize("NFKC", text)


HUGE = {
    "openings": "<" * 10**6,
    "comments": "<!--" * 250_000,
    "styles": "<style>" * 140_000,
    "tags": "<p " * 300_000,
    "ampersands": "&" + "amp;" * 250_000,
    "nested entities": "&#3" * 100_000 + ";" * 100_000,
    "one letter": "中" * 10**6,
    "thanks": "谢谢" * 500_000,
    "greetings": "您好" * 500_000,
    "dear": "尊敬的" * 300_000,
    "marks": "a" + "\u0300\u0316" * 300_000,
    "digits": "1" * 10**6,
    "phones": "13 " * 300_000,
    "addresses": "a@" * 500_000,
    "domains": "@" + "a." * 500_000,
    "labels": "联系人：" * 250_000,
}


@pytest.mark.parametrize("name", HUGE)
def test_a_million_hostile_characters_are_cleaned_and_masked(name: str) -> None:
    """In quadratic time none of these would end."""
    text = HUGE[name]
    once = normalise(text)
    assert normalise(once) == once
    assert len(mask(text)) == len(text)


# --- personal data ---


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("13800138000", PersonalKind.MOBILE),
        ("138 0013 8000", PersonalKind.MOBILE),
        ("138-0013-8000", PersonalKind.MOBILE),
        ("+86 13800138000", PersonalKind.MOBILE),
        ("008613800138000", PersonalKind.MOBILE),
        ("１３８００１３８０００", PersonalKind.MOBILE),
        ("11010519491231002X", PersonalKind.ID_CARD),
        ("110105 19491231 002x", PersonalKind.ID_CARD),
        ("110105194912310021", PersonalKind.ID_CARD),
        ("110105491231002", PersonalKind.ID_CARD),
        ("6222020000000000000", PersonalKind.BANK_CARD),
        ("4111 1111 1111 1111", PersonalKind.BANK_CARD),
        ("0796-8221234", PersonalKind.LANDLINE),
        ("0796）8221234", PersonalKind.LANDLINE),
        ("010-62221234", PersonalKind.LANDLINE),
        ("li.si_99@mail.example.cn", PersonalKind.EMAIL),
        ("13800138000@example.com", PersonalKind.EMAIL),
        ("赣A12345", PersonalKind.PLATE),
        ("赣a·12345", PersonalKind.PLATE),
        ("赣AD12345", PersonalKind.PLATE),
        ("赣A1234警", PersonalKind.PLATE),
        ("粤Z1234港", PersonalKind.PLATE),
    ],
)
def test_each_kind_of_personal_data_is_found_whole_and_hidden_whole(written: str, kind: PersonalKind) -> None:
    text = f"家长反映，{written}，请处理"
    (data,) = find_personal_data(text)
    assert (data.kind, text[data.start : data.end]) == (kind, written)
    assert mask(text) == f"家长反映，{'*' * len(written)}，请处理"


@pytest.mark.parametrize("words", ["电话8221234", "座机：8221234", "联系方式是 8221234"])
def test_a_short_phone_number_is_hidden_right_after_its_word(words: str) -> None:
    assert mask(words) == words.replace("8221234", "*******")


@pytest.mark.parametrize(
    "text",
    [
        "拨打12345、110、12388无人接听",
        "教基〔2021〕12号文件，2021年9月1日起执行",
        "2021-09-01 08:30:00 留言，编号191249",
        "工程花了15000000000元，人均13800.50元",
        "工号8221234，全校3200人",
        "订单20210901123456789012345",
        "卡号6222020000000000003位数不对",
        "住在赣江边，A12345栋",
        "@所有人 请看",
    ],
)
def test_public_numbers_stay(text: str) -> None:
    assert mask(text) == text
    assert find_personal_data(text) == ()


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("联系人：张三 13800138000", "联系人：** ***********"),
        ("联系人：张三13800138000", "联系人：*************"),
        ("姓名：王五", "姓名：**"),
        ("投诉人姓名: 欧阳小明电话13800138000", "投诉人姓名: ****电话***********"),
        ("我叫李四，电话13800138000", "我叫**，电话***********"),
        ("我叫李四，孩子上小学", "我叫李四，孩子上小学"),
        ("我是一名老师，电话13800138000", "我是一名老师，电话***********"),
        ("联系人：教务处的张老师知道", "联系人：教务处的张老师知道"),
    ],
)
def test_a_name_is_hidden_where_it_stands_after_a_label_or_with_a_number(text: str, hidden: str) -> None:
    assert mask(text) == hidden


@given(letters_with_people)
@example("姓名：张我叫李四13800138000")
@example("赣A1234B13800138000")
@settings(max_examples=400, deadline=None)
def test_masking_keeps_the_length_changes_only_to_marks_and_twice_is_once(text: str) -> None:
    masked = mask(text)
    assert len(masked) == len(text)
    assert all(new in (old, "*") for old, new in zip(text, masked, strict=True))
    assert mask(masked) == masked
    assert find_personal_data(masked) == ()


wide_letters = st.lists(
    st.sampled_from([*PEOPLE, "（", "）", "—", "–", "：", "\u3000", "\xa0", "；", "…", "＠", "8"]), max_size=14
).map("".join)


@given(letters_with_people | wide_letters)
@settings(deadline=None)
def test_an_unusual_character_far_off_changes_nothing_of_what_is_found(text: str) -> None:
    assert UNUSUAL.search("㐀")
    assert find_personal_data(f"{text}\n。㐀") == find_personal_data(f"{text}\n。")


@given(letters_with_people)
@settings(deadline=None)
def test_found_spans_are_ordered_apart_and_hidden(text: str) -> None:
    masked = mask(text)
    end = 0
    for data in find_personal_data(text):
        assert end <= data.start < data.end <= len(text)
        assert set(masked[data.start : data.end]) == {"*"}
        end = data.end


@given(st.text(st.sampled_from("学校家长老师请问收费补课的在是，。！《》 \nabcxyz")))
def test_text_without_numbers_or_labels_stays(text: str) -> None:
    assert mask(text) == text


@given(
    st.sampled_from(["13912345678", "11010519491231002X", "0796-8221234"]),
    st.sampled_from(["我的号码", "打", "：", "（", "Tel", " ", "\n"]),
    st.sampled_from(["", "，", "）", "谢谢", "\n"]),
)
def test_a_number_is_hidden_whatever_stands_around_it(number: str, before: str, after: str) -> None:
    assert number[-6:] not in mask(before + number + after)
