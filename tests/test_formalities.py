"""What a letter lacks by article 19, and for how many people it speaks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.schema import Formality, Message
from triage.signals.formalities import JOINT, missing_formalities, people_count
from triage.signals.numerals import at_least
from triage.text import PersonalKind, find_personal_data

NAME, ADDRESS, REQUEST = Formality.NAME, Formality.ADDRESS, Formality.REQUEST


def missing(text: str, *, title: str = "", sender: str = "") -> tuple[Formality, ...]:
    return missing_formalities(Message("m1", title, text, sender=sender))


def people(text: str, title: str = "") -> int | None:
    return people_count(Message("m1", title, text))


# --- formalities ---


def test_a_complete_letter_lacks_nothing() -> None:
    text = "本人张小山，家住青禾区银杏路12号。星桥小学暑假补课收费，请查处。"
    assert missing(text) == ()


def test_a_bare_tale_lacks_all_three_in_the_order_of_the_article() -> None:
    assert missing("星桥小学暑假补课，每人收了八百元。", sender="U0008473") == (NAME, ADDRESS, REQUEST)


@pytest.mark.parametrize("sender", ["张三", "欧阳小山", "阿依古丽·买买提", "王**", " 李 四 ", "星桥小区业主委员会"])
def test_a_senders_name_is_a_name(sender: str) -> None:
    assert NAME not in missing("请问何时开学", sender=sender)


@pytest.mark.parametrize(
    "sender",
    [
        "",
        "匿名",
        "网友",
        "某某",
        "U0008473",
        "A00031618",
        "手机用户",
        "13800138000",
        "王女士",
        "李某",
        "热心市民",
        "高中家长",
    ],
)
def test_a_nickname_a_number_or_a_surname_alone_is_none(sender: str) -> None:
    assert NAME in missing("请问何时开学", sender=sender)


@pytest.mark.parametrize(
    "text",
    [
        "举报人：李四",
        "反映人: 王小明 电话另附",
        "举 报 人：赵云山2021年3月5日",
        "姓名：钱多多，女",
        "本人周小山，云山县人",
        "我叫吴天明，今年六十岁",
        "我是郑小川，在县城工作",
        "食堂饭菜差，请管管。\n此致敬礼！\n孙小梅\n2021年3月5日",
        "食堂饭菜差，请管管。\n孙小梅\n   ",
    ],
)
def test_the_text_names_its_writer_by_a_label_an_introduction_or_a_signature(text: str) -> None:
    assert NAME not in missing(text)


@pytest.mark.parametrize(
    "text",
    [
        "被举报人姓张，是班主任",
        "本人怀疑食堂账目",
        "本人成绩一直很好",
        "本人于去年入职",
        "我是高中生，住校",
        "我是安徽人，在此务工",
        "张老师打人，李校长不管",
        "希望尽快开学。\n谢谢",
    ],
)
def test_others_names_and_common_words_are_not_the_writers_name(text: str) -> None:
    assert NAME in missing(text)


@pytest.mark.parametrize(
    "text",
    [
        "电话13800138000",
        "联系方式：0796-8221234",
        "邮箱 abc@example.com",
        "身份证号***********",
        "家庭住址：青禾区银杏路12号",
        "我家住云山县石板镇桂园村",
        "我是云山县石板镇桂园村村民",
        "我们是青禾区银杏花园三期的业主",
        "微信号：abc_12345",
    ],
)
def test_where_the_writer_lives_or_can_be_called_is_an_address(text: str) -> None:
    assert ADDRESS not in missing(text)


@pytest.mark.parametrize(
    "text",
    [
        "学校地址：青禾区银杏路12号",
        "银杏路12号的培训班无证",
        "我住在这里很久了",
        "我是一名普通农村家长",
        "每人在微信群交了500元",
        "车牌赣D12345停在门口",
        "打12345没有用",
    ],
)
def test_where_somebody_else_is_or_no_place_at_all_is_no_address(text: str) -> None:
    assert ADDRESS in missing(text)


@pytest.mark.parametrize(
    "text",
    [
        "请查处",
        "何时开学？",
        "希望增加班车",
        "建议推迟上学时间",
        "咨询转学手续",
        "投诉星桥小学收费",
        "我要举报松岭县二中",
        "要求退还学费",
        "恳请领导管管",
        "能否换一个老师",
        "强烈要求严查到底",
    ],
)
def test_a_question_a_wish_and_a_report_ask_for_something(text: str) -> None:
    assert REQUEST not in missing(text)


@pytest.mark.parametrize(
    "text",
    [
        "食堂的饭菜很差，孩子吃了拉肚子。",
        "我申请了三次，家长投诉无门，问题一直没有解决。",
        "老师因为请假没来上课。",
        "教育局来处理过，学校拒不整改。",
    ],
)
def test_a_tale_of_what_was_done_asks_for_nothing(text: str) -> None:
    assert REQUEST in missing(text)


def test_the_request_may_stand_in_the_title() -> None:
    assert REQUEST not in missing("星桥小学周末上课。", title="请制止补课")


# --- people ---


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("我们120名家长", 120),
        ("我们１２０名家长", 120),
        ("我们这十几名代课教师", 10),
        ("我们几十户居民", 20),
        ("我们两百户", 200),
        ("我们百余户", 100),
        ("我们 47 位教师", 47),
        ("咱们三个家长", 3),
        ("我们20-30人", 20),
        ("全体47位教师联名", 47),
        ("联名36人", 36),
        ("签名人数：36人", 36),
        ("全班五十二名学生家长", 52),
        ("我们班52名学生家长", 52),
        ("本村三百多户村民", 300),
        ("三百多户业主要求通电", 300),
        ("十余名家长联名举报", 10),
        ("我代表全班四十五位家长", 45),
        ("我和另外两位老师", 3),
        ("本人与3名同事", 4),
        ("举报人：张三、李四、王五", 3),
        ("我们3人去了学校，代表我们班52名家长", 52),
    ],
)
def test_the_people_for_whom_a_letter_speaks_are_counted(text: str, count: int) -> None:
    assert people(text) == count


@pytest.mark.parametrize(
    "text",
    [
        "本人是家长",
        "我反映一件事",
        "我们一家三口",
        "我们几位老师",
        "学校有2000名学生",
        "我们学校2000名学生要挤一个食堂",
        "我校有教师120人",
        "我们三个小区只有一所学校",
        "我们两个孩子上学",
        "我和两个孩子",
        "公告只有17人联名",
        "我们14亿人",
        "我们03户型的业主",
        "我们2019年入住",
        "举报人：张三",
        "",
    ],
)
def test_people_of_whom_a_letter_only_tells_are_not(text: str) -> None:
    assert people(text) is None


def test_a_letter_of_as_many_people_as_may_be_sent_to_call_is_joint() -> None:
    count = people("我们五名家长")
    assert count is not None
    assert count >= JOINT


def test_the_title_speaks_too() -> None:
    assert people("孩子没有学上。", title="36名家长联名请愿") == 36


# --- numbers ---

DIGITS = "零一二三四五六七八九"


def in_chinese(number: int) -> str:
    """A number from 1 to 99,999 as it is written out."""
    written, gap = "", False
    for unit, name in ((10_000, "万"), (1_000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // unit % 10
        if digit:
            written += ("零" if gap else "") + DIGITS[digit] + name
        gap = bool(written) and not digit
    return written


@given(st.integers(min_value=1, max_value=99_999))
def test_a_number_means_the_same_in_digits_and_in_words(number: int) -> None:
    assert at_least(str(number)) == at_least(f"{number:,}") == at_least(in_chinese(number)) == number


@given(st.integers(min_value=10, max_value=19))
def test_the_one_before_ten_may_be_left_out(number: int) -> None:
    assert at_least(in_chinese(number).removeprefix("一")) == number


@given(st.integers(min_value=1, max_value=9_999), st.sampled_from("多余来几"))
def test_a_vague_number_is_the_least_that_it_can_mean(number: int, more: str) -> None:
    assert at_least(in_chinese(number) + more) == number


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("两百", 200),
        ("一百二", 120),
        ("一百零二", 102),
        ("一万二", 12_000),
        ("两三百", 200),
        ("五六十", 50),
        ("十七八", 17),
        ("几十", 20),
        ("数百", 200),
        ("百余", 100),
        ("3千多", 3_000),
        ("1.2万", 12_000),
        ("二〇二一", 2021),
    ],
)
def test_ways_of_writing_a_number(written: str, number: int) -> None:
    assert at_least(written) == number


@pytest.mark.parametrize("written", ["", "几", "数", "多", "很多", "12a", "9" * 20])
def test_what_is_no_number_is_none(written: str) -> None:
    assert at_least(written) is None


# --- properties ---

SCRAPS = (
    "我们",
    "三百多",
    "36",
    "名",
    "户",
    "家长",
    "联名",
    "代表",
    "举报人：",
    "张三",
    "、",
    "请",
    "家住",
    "路",
    "\n",
    " ",
    "此致敬礼",
)
scraps = st.one_of(st.text(), st.lists(st.sampled_from(SCRAPS), max_size=14).map("".join))


@given(scraps, scraps, st.text(max_size=6))
def test_any_text_has_an_answer_and_no_formality_twice(title: str, text: str, sender: str) -> None:
    message = Message("m1", title, text, sender=sender)
    found = missing_formalities(message)
    assert list(found) == [formality for formality in Formality if formality in found]
    count = people_count(message)
    assert count is None or 2 <= count <= 99_999


CONTACT_SCRAPS = (
    "电话",
    "138",
    "0013",
    "8000",
    "0796",
    "-",
    "— ",
    "）",
    "(",
    " ",
    "　",
    "\u200b",
    "１３８",
    "@qq.com",
    "a",
)


@given(st.lists(st.sampled_from(CONTACT_SCRAPS), max_size=12).map("".join))
def test_every_way_of_writing_a_contact_tells_where_to_find_the_writer(text: str) -> None:
    contacts = {PersonalKind.ID_CARD, PersonalKind.MOBILE, PersonalKind.LANDLINE, PersonalKind.EMAIL}
    gives_one = any(data.kind in contacts for data in find_personal_data(text))
    assert (ADDRESS in missing(text)) != gives_one


SPEAKERS = (
    "我们{}业主",
    "我班{}家长",
    "我代表{}业主",
    "{}业主联名",
    "{}家长要求",
    "签名共{}",
    "全体{}业主",
    "全体业主共计{}",
)
MEASURES = ("名", "位", "户", "人")


@given(st.sampled_from(SPEAKERS), st.integers(2, 99_999), st.sampled_from(MEASURES), st.sampled_from(("", "多", "余")))
def test_whoever_speaks_for_many_is_counted_in_every_way_of_telling(
    way: str, number: int, measure: str, more: str
) -> None:
    assert people(way.format(f"{number}{more}{measure}")) == number
    assert people(way.format(f"{number}至一{measure}")) == number
    assert people(way.format(f"一{measure}")) is None


@given(scraps)
def test_more_text_never_takes_a_formality_away(text: str) -> None:
    more = f"{text}\n电话13800138000，请查处。"
    assert {ADDRESS, REQUEST}.isdisjoint(missing(more))


@pytest.mark.parametrize("piece", ["我们", "1", "张", "举报人：", "、张三", "\n ", "家住", "我是", "名家长"])
def test_a_long_text_of_beginnings_names_and_counts_nobody(piece: str) -> None:
    text = piece * 20_000
    assert NAME in missing(text)
    assert people(text) is None
