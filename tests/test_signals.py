"""Places, schools and jurisdictions are read from a message as a clerk would read them."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.config.model import Jurisdiction
from triage.schema import Message, Signals
from triage.signals import SignalReader, main_place

JURISDICTIONS = (
    Jurisdiction("yunshan", "云山县", "county", ("云山",)),
    Jurisdiction("qinghe", "青禾区", "county", ("青禾",)),
    Jurisdiction("wanan", "万安县", "county", ("万安",)),
    Jurisdiction("jingfeng", "荆峰市", "county", ("荆峰", "荆峰镇")),
    Jurisdiction("first", "梅川市第一中学", "school", ("梅川一中", "市一中")),
    Jurisdiction("egret", "梅川市鹭洲中学", "school", ("鹭洲中学",)),
)
MAILBOX = Path(os.environ.get("TRIAGE_MAILBOX") or Path(__file__).parents[2] / "shared" / "mailbox")


def read(text: str, title: str = "", jurisdictions: tuple[Jurisdiction, ...] = JURISDICTIONS) -> Signals:
    return SignalReader(jurisdictions).read(Message("m1", title, text))


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


def test_two_schools_are_told_apart() -> None:
    assert schools("星桥小学和桂园小学、竹溪中学与红枫中学") == ["星桥小学", "桂园小学", "竹溪中学", "红枫中学"]


def test_a_school_named_again_is_listed_once() -> None:
    assert schools("松岭县星桥小学收费。星桥小学的老师说") == ["松岭县星桥小学"]


def test_a_coded_place_goes_from_a_long_name_that_also_stands_alone() -> None:
    assert schools("A3区金色阳光幼儿园收费。金色阳光幼儿园的老师说") == ["金色阳光幼儿园"]


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


@pytest.mark.skipif(not MAILBOX.is_dir(), reason="the real messages are not here")
def test_real_messages_name_their_places_and_schools() -> None:
    """A school counts as found with or without the place before its name: the labels write it both ways."""
    import pandas as pd

    inbox = pd.read_excel(MAILBOX / "inbox.xlsx", engine="calamine", dtype=str).fillna("")
    messages = {row["留言编号"]: Message("", row["留言主题"], row["留言详情"]) for _, row in inbox.iterrows()}
    with (MAILBOX / "labels.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["id"] in messages and row["primary"] != "not_edu"]
    reader = SignalReader(())
    right = placed = found = named = 0
    for row in rows:
        signals = reader.read(messages[row["id"]])
        place = main_place(signals.places)
        placed += row["place"] != ""
        right += row["place"] != "" and place is not None and place.name == row["place"]
        wanted = [name for name in row["schools"].split("|") if name]
        named += len(wanted)
        read_names = [school.name for school in signals.schools]
        found += sum(any(name.endswith(other) or other.endswith(name) for other in read_names) for name in wanted)
    assert right / placed >= 0.9
    assert found / named >= 0.8
