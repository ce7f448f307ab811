"""Places, schools and jurisdictions are read from a message as a clerk would read them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.config.model import Jurisdiction, School
from triage.schema import Message, Signals
from triage.signals import SignalReader, main_place
from triage.signals.kinds import SCHOOL_END, school_ends

JURISDICTIONS = (
    Jurisdiction("yunshan", "云山县", "county", ("云山",)),
    Jurisdiction("qinghe", "青禾区", "county", ("青禾",)),
    Jurisdiction("wanan", "万安县", "county", ("万安",)),
    Jurisdiction("jingfeng", "荆峰市", "county", ("荆峰", "荆峰镇")),
    Jurisdiction("first", "梅川市第一中学", "school", ("梅川一中", "市一中")),
    Jurisdiction("egret", "梅川市鹭洲中学", "school", ("鹭洲中学",)),
)


COUNTY_SCHOOLS = (
    School("红枫中学", "yunshan", ("云山县红枫中学",)),
    School("竹溪小学", "yunshan"),
    School("竹溪小学", "qinghe"),
)


def read(text: str, title: str = "", jurisdictions: tuple[Jurisdiction, ...] = JURISDICTIONS) -> Signals:
    return SignalReader(jurisdictions, COUNTY_SCHOOLS).read(Message("m1", title, text))


def places(text: str) -> list[tuple[str, str]]:
    return [(place.name, place.id) for place in read(text).places]


def schools(text: str) -> list[str]:
    return [school.name for school in read(text).schools]


# --- places ---


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("我是云山县人", [("云山县", "yunshan")]),
        ("在云山读书", [("云山", "yunshan")]),
        ("云山", [("云山", "yunshan")]),
        ("万安县的孩子", [("万安县", "wanan")]),
        ("从青禾区到云山县", [("青禾区", "qinghe"), ("云山县", "yunshan")]),
        ("荆峰镇的学校", [("荆峰镇", "jingfeng")]),
    ],
)
def test_a_listed_county_is_known_by_its_name_and_its_aliases(text: str, expected: list[tuple[str, str]]) -> None:
    assert places(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "住在云山路三号",
        "住在云山街口",
        "云山大道堵车",
        "云山公园在云山河边",
        "青禾花园没有幼儿园",
        "千万安排好孩子",
        "云山大学招生",
    ],
)
def test_a_countys_name_within_another_name_or_word_does_not_count(text: str) -> None:
    assert places(text) == []
    assert read(text).jurisdictions == ()


def test_another_place_whose_name_begins_like_an_alias_is_itself() -> None:
    assert places("云山市的来信") == [("云山市", "")]
    assert read("云山市的来信").jurisdictions == ()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("A3区的家长", "A3区"),
        ("K8县学校", "K8县"),
        ("关于B市招生", "B市"),
        ("我在西湖区上班", "西湖区"),
        ("家在某地，松岭县", "松岭县"),
        ("汀州区的学校", "汀州区"),
    ],
)
def test_what_is_written_as_a_county_is_a_place_without_an_id(text: str, name: str) -> None:
    assert places(text) == [(name, "")]


@pytest.mark.parametrize(
    "text",
    [
        "本小区和周边社区的学区划分",
        "学校在片区里，城区、郊区、园区、景区都一样",
        "我县和全市、该县、本市、各县一样",
        "大型超市和农贸市场开在校门口",
        "这有区别，要分区域",
        "家住二期B区和C区",
        "市民和市场部门",
        "向市委市长和县领导反映",
        "核心区、别墅区和偏远山区",
        "A3区北路和A1区山",
    ],
)
def test_common_words_that_end_in_county_or_district_are_no_places(text: str) -> None:
    assert places(text) == []


def test_a_place_is_listed_once_where_it_is_first_named() -> None:
    signals = read("青禾区的孩子，青禾区的学校，云山也是", title="云山县来信")
    assert [(place.field, place.name) for place in signals.places] == [("title", "云山县"), ("text", "青禾区")]


@pytest.mark.parametrize(
    ("text", "name"),
    [("A市A3区的学校", "A3区"), ("A市的学校", "A市"), ("梅川市云山县", "云山县"), ("A市、A9市、A3区", "A9市")],
)
def test_the_main_place_is_the_first_county_or_failing_that_the_city(text: str, name: str) -> None:
    place = main_place(read(text).places)
    assert place is not None
    assert place.name == name


def test_no_place_no_main_place() -> None:
    assert main_place(read("学校收费").places) is None


# --- schools ---


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("我的孩子就读于K9县第二中学初二", "K9县第二中学"),
        ("举报A4区星桥小学乱收费", "A4区星桥小学"),
        ("请问竹溪幼儿园何时开学", "竹溪幼儿园"),
        ("投诉松岭县二中补课", "松岭县二中"),
        ("2021年3月红枫实验学校收费", "红枫实验学校"),
        ("我们对蓝天艺术培训学校不满", "蓝天艺术培训学校"),
        ("石板镇中心小学食堂", "石板镇中心小学"),
        ("位于桂园小学东湖校区的食堂", "桂园小学东湖校区"),
        ("B市职业技术学院宿舍", "B市职业技术学院"),
        ("到太阳岛小学去", "太阳岛小学"),
        ("校长：和平小学", "和平小学"),
        ("“晨曦教育机构”不退费", "晨曦教育机构"),
        ("师大附中云桥实验学校", "师大附中云桥实验学校"),
        ("地处银杏路枫叶幼儿园", "枫叶幼儿园"),
    ],
)
def test_a_schools_name_ends_with_its_kind_and_begins_where_the_sentence_lets_it(text: str, name: str) -> None:
    assert schools(text) == [name]


@pytest.mark.parametrize(
    "text",
    [
        "我们学校和该校，一所学校，公办幼儿园，民办学校，附近小学",
        "中学、小学、幼儿园、培训机构、校外培训机构",
        "中小学生和大学生都放假",
        "等了一小时，其中一小部分统一中考",
        "A3区小学和A市幼儿园收费",
        "孩子上小学，明年上中学",
        "大学城堵车",
        "初中学校的普通高中",
    ],
)
def test_the_kind_alone_names_no_school(text: str) -> None:
    assert schools(text) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("投诉启帆教育不退费", "启帆教育"),
        ("投诉云山县新方向英语不退费", "新方向英语"),
        ("孩子在“小小画家”美术班摔伤", "小小画家"),
        ("举报松岭县苗苗英语，老板跑路", "苗苗英语"),
        ("松岭县职教中心的食堂", "松岭县职教中心"),
        ("松岭县高级中学的食堂", "松岭县高级中学"),
        ("县职教中心的学生", "县职教中心"),
        ("举报二中补课", "二中"),
        ("二中学校的老师补课", "二中"),
        ("县城三中的老师补课", "三中"),
        ("石桥镇柳村希望小学的老师", "石桥镇柳村希望小学"),
        ("向日葵幼儿园的家长", "向日葵幼儿园"),
        ("某省梅川市松岭县金桂实验学校的家长", "松岭县金桂实验学校"),
        ("反映的是系云山县金桂实验学校的家长", "云山县金桂实验学校"),
        ("松岭县红星社区金桂实验学校的家长", "金桂实验学校"),
    ],
)
def test_what_is_written_in_other_ways_is_a_name_too(text: str, name: str) -> None:
    assert schools(text) == [name]


@pytest.mark.parametrize(
    "text",
    [
        "义务教育不公平，素质教育落后",
        "少儿英语，高中英语，学英语",
        "高一高二的学生",
        "三中全会",
        "指出学校的问题，介绍学校的情况",
        "家长希望学校改正",
    ],
)
def test_words_that_only_end_like_a_name_are_none(text: str) -> None:
    assert schools(text) == []


def test_two_schools_are_told_apart() -> None:
    assert schools("星桥小学的老师和桂园小学的老师") == ["星桥小学", "桂园小学"]
    assert schools("松岭县二中和松岭县三中收费") == ["松岭县二中", "松岭县三中"]


def test_no_message_is_about_more_than_three_schools() -> None:
    names = ["星桥小学", "桂园小学", "竹溪中学", "红枫中学"]
    assert len(read("，".join(f"{name}乱收费" for name in names), title=" ".join(names)).schools) == 3


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("桂园小学乱收费", "隔壁的星桥小学附近没有这种事"),
        ("", "桂园小学乱收费，桂园小学的家长不满。" + "其他情况如下。" * 30 + "星桥小学就没有"),
        ("", "桂园小学的家长反映，桂园小学乱收费，比如竹林小学、星桥小学、荷塘小学"),
        ("桂园小学乱收费", "我毕业于梅川师范大学"),
    ],
)
def test_a_school_that_is_mentioned_on_the_way_is_not_what_the_message_is_about(title: str, text: str) -> None:
    assert [school.name for school in read(text, title).schools] == ["桂园小学"]


def test_a_school_named_again_is_listed_once() -> None:
    assert schools("松岭县星桥小学收费。星桥小学的老师说") == ["松岭县星桥小学"]


@pytest.mark.parametrize("place", ["A3区", "松岭县", "云山县"])
def test_a_place_goes_from_a_long_name_that_also_stands_alone(place: str) -> None:
    assert schools(f"{place}金色阳光幼儿园收费。金色阳光幼儿园的老师说") == ["金色阳光幼儿园"]


def test_a_long_and_a_short_form_name_one_school() -> None:
    assert schools("松岭县第三小学收费。三小的老师说") == ["松岭县第三小学"]
    assert schools("三小收费。松岭县第三小学的老师说") == ["松岭县第三小学"]


def test_a_college_is_named_without_its_branch() -> None:
    assert schools("梅川理工大学东湖校区的学费") == ["梅川理工大学"]


def test_a_listed_school_is_known_by_its_name_and_its_aliases() -> None:
    for written in ("梅川市第一中学", "梅川一中", "市一中"):
        signals = read(f"举报{written}补课")
        assert [(school.name, school.id) for school in signals.schools] == [(written, "first")]
        assert signals.jurisdictions == ("first",)


@pytest.mark.parametrize("text", ["荆峰市一中补课", "松岭县鹭洲中学补课", "梅川一中附属小学补课"])
def test_another_school_whose_name_holds_a_listed_one_is_not_it(text: str) -> None:
    signals = read(text)
    assert "first" not in signals.jurisdictions
    assert "egret" not in signals.jurisdictions
    assert [school.name for school in signals.schools] == [text.removesuffix("补课")]


def test_a_county_within_a_schools_name_is_a_jurisdiction() -> None:
    signals = read("云山县第二中学补课")
    assert signals.jurisdictions == ("yunshan",)
    assert [school.name for school in signals.schools] == ["云山县第二中学"]


def test_jurisdictions_stand_once_in_order_of_first_mention() -> None:
    signals = read("云山的孩子想上学，荆峰的也想", title="青禾区和云山县来信")
    assert signals.jurisdictions == ("qinghe", "yunshan", "jingfeng")


def test_a_school_of_the_city_goes_before_the_county_where_it_or_the_writer_is() -> None:
    assert read("云山的孩子想上梅川一中").jurisdictions == ("first",)


def test_a_city_school_that_is_mentioned_on_the_way_does_not_decide() -> None:
    signals = read("鹭洲中学附近没有这种事", title="举报云山县金桂实验学校补课")
    assert signals.jurisdictions == ("yunshan",)


# --- schools of counties ---


def test_a_listed_school_tells_its_county() -> None:
    for written in ("红枫中学", "云山县红枫中学"):
        signals = read(f"举报{written}补课")
        assert signals.jurisdictions == ("yunshan",)
        assert [(school.name, school.id) for school in signals.schools] == [(written, "")]


def test_a_name_that_two_counties_have_leaves_the_jurisdiction_unclear() -> None:
    assert read("举报竹溪小学补课").jurisdictions == ("yunshan", "qinghe")


def test_the_county_that_is_named_decides_between_schools_of_one_name() -> None:
    assert read("我在青禾区，举报竹溪小学补课").jurisdictions == ("qinghe",)


def test_a_school_of_the_name_in_another_place_is_not_the_listed_one() -> None:
    assert read("举报松岭县红枫中学补课").jurisdictions == ()


def test_a_school_and_a_county_where_it_is_not_are_two_jurisdictions() -> None:
    assert read("我是青禾区人，举报红枫中学补课").jurisdictions == ("qinghe", "yunshan")


# --- properties ---

SCRAPS = (
    "云山",
    "云山县",
    "市一中",
    "A3区",
    "K9 县",
    "第二中学",
    "小学",
    "幼儿园",
    "的",
    "在",
    "和",
    "路",
    "附属",
    "校区",
    "星桥",
)
scraps = st.lists(st.sampled_from(SCRAPS), max_size=12).map("".join)


@given(st.one_of(st.text(), scraps), st.one_of(st.text(), scraps))
def test_every_mention_shows_the_words_that_stand_there_in_order(title: str, text: str) -> None:
    message = Message("m1", title, text)
    signals = SignalReader(JURISDICTIONS).read(message)
    known = {item.id for item in JURISDICTIONS}
    for mentions in (signals.places, signals.schools):
        for mention in mentions:
            assert getattr(message, mention.field)[mention.start : mention.end] == mention.name != ""
            assert mention.id in known | {""}
        order = [(mention.field == "text", mention.start) for mention in mentions]
        assert order == sorted(order)
    assert len(set(signals.jurisdictions)) == len(signals.jurisdictions)


@given(st.one_of(st.text(), scraps))
def test_without_jurisdictions_nothing_has_an_id(text: str) -> None:
    signals = read(text, jurisdictions=())
    assert not signals.jurisdictions
    assert not any(mention.id for mention in (*signals.places, *signals.schools))


@pytest.mark.parametrize(
    "unit", ["中学", "第", "一", "大", "大中小", "A3区", "A3区星桥小学", "云山县", "市一中", "和小学", "初中学校", "中"]
)
def test_a_hundred_thousand_hostile_characters_are_read(unit: str) -> None:
    """In quadratic time none of these would end."""
    read(unit * (100_000 // len(unit)))


def test_twenty_thousand_schools_of_different_names_are_read() -> None:
    """Comparing each name with each other would not end."""
    signs = [chr(0x6000 + number) + chr(0x7000 + number % 97) for number in range(20_000)]
    assert len(read("，".join(f"{sign}小学" for sign in signs)).schools) <= 3


KIND_SCRAPS = (
    "第",
    "十",
    "二",
    "3",
    "中",
    "小",
    "学",
    "高",
    "附",
    "完小",
    "幼儿园",
    "教育",
    "中心",
    "校",
    "镇",
    "初中",
    "初级",
    "校区",
    "东",
    "生",
)


@given(st.lists(st.sampled_from(KIND_SCRAPS), max_size=14).map("".join))
def test_the_kinds_of_school_that_are_found_quickly_are_all_that_there_are(text: str) -> None:
    assert [match.span() for match in school_ends(text)] == [match.span() for match in SCHOOL_END.finditer(text)]
