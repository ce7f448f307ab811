"""Who is accused is read from how people blame; who is greeted, asked, thanked or quoted is not."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.config.model import Jurisdiction, Office
from triage.schema import AccusedKind, Message
from triage.signals import SignalReader
from triage.signals.accused import AccusedReader

JURISDICTIONS = (
    Jurisdiction("yunshan", "云山县", "county", ("云山",), "云山县教育体育局"),
    Jurisdiction("qinghe", "青禾区", "county", ("青禾",)),
    Jurisdiction("jingfeng", "荆峰市", "county", ("荆峰",)),
    Jurisdiction("first", "梅川市第一中学", "school", ("梅川一中", "市一中")),
)
OFFICES = (
    Office("personnel", "人事科"),
    Office("basic", "基础教育科", ("基教科",)),
    Office("exams", "招生考试中心", ("招考中心", "招生办", "招办")),
    Office("discipline", "派驻纪检监察组", ("纪检组",), "discipline"),
    Office("above", "上级机关", ("市纪委",), "above"),
)
SIGNALS = SignalReader(JURISDICTIONS)
READER = AccusedReader(bureau="梅川市教育局", city="梅川市", offices=OFFICES, jurisdictions=JURISDICTIONS)
BODIES = (AccusedKind.COUNTY_BUREAU, AccusedKind.CITY_OFFICE, AccusedKind.CITY_BUREAU)


def accused(text: str, title: str = "") -> list[tuple[str, str, str]]:
    message = Message("m1", title, text)
    return [
        (each.kind.value, each.mention.name, each.mention.id) for each in READER.read(message, SIGNALS.read(message))
    ]


def bodies(text: str, title: str = "") -> list[tuple[str, str]]:
    return [(kind, known) for kind, _, known in accused(text, title) if kind in BODIES]


# --- teachers, heads, schools ---


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("班主任天天骂孩子", ("teacher", "班主任", "")),
        ("王老师体罚学生", ("teacher", "老师", "")),
        ("副校长收回扣", ("head", "副校长", "")),
        ("园长克扣伙食费", ("head", "园长", "")),
        ("举报市一中补课", ("school", "市一中", "first")),
        ("举报竹溪小学乱收费", ("school", "竹溪小学", "")),
        ("投诉蓝天艺术培训学校不退费", ("school", "蓝天艺术培训学校", "")),
    ],
)
def test_people_and_schools_near_a_word_of_blame_are_accused(text: str, expected: tuple[str, str, str]) -> None:
    assert expected in accused(text)


def test_the_words_name_a_role_and_never_a_person() -> None:
    names = [name for _, name, _ in accused("云山县教育局李伟局长和市教育局人事科陈红科长包庇校长赵强和张敏老师")]
    assert names
    assert not re.search("李伟|陈红|赵强|张敏", "".join(names))


@pytest.mark.parametrize("text", ["竹溪小学几时报名？", "我是一名教师，想问职称何时评", "感谢班主任的关心"])
def test_without_blame_neither_schools_nor_people_are_accused(text: str) -> None:
    assert accused(text) == []


def test_teachers_are_one_and_schools_are_each_their_own() -> None:
    kinds = [kind for kind, *_ in accused("竹溪小学和红枫小学的老师打人，班主任也骂人")]
    assert sorted(kinds) == ["school", "school", "teacher"]


# --- which body ---


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("云山县教育局包庇学校", ("county_bureau", "yunshan")),
        ("云山县教育体育局不作为", ("county_bureau", "yunshan")),
        ("云山教体局收了好处", ("county_bureau", "yunshan")),
        ("荆峰市教育局不管", ("county_bureau", "jingfeng")),
        ("云山县的学校补课，县教育局视而不见", ("county_bureau", "yunshan")),
        ("云山县的学校补课，教体局睁一只眼闭一只眼", ("county_bureau", "yunshan")),
        ("县教育局推诿扯皮", ("county_bureau", "")),
        ("青禾区教育局基教科的科长收红包", ("county_bureau", "qinghe")),
        ("云山县招办泄露信息", ("county_bureau", "yunshan")),
        ("县教体局人事股长收钱", ("county_bureau", "")),
        ("市教育局人事科刁难老师", ("city_office", "personnel")),
        ("贵局基教科的人收了好处", ("city_office", "basic")),
        ("人事科暗箱操作", ("city_office", "personnel")),
        ("市招办泄露信息", ("city_office", "exams")),
        ("市教育局一名干部入股培训班", ("city_office", "")),
        ("梅川市教育局局长插手工程", ("city_bureau", "")),
        ("市教育局不作为", ("city_bureau", "")),
        ("教育局包庇学校", ("city_bureau", "")),
        ("你们局的领导收了钱", ("city_bureau", "")),
    ],
)
def test_a_blamed_body_is_told_by_its_name(text: str, expected: tuple[str, str]) -> None:
    assert bodies(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "学校人事科克扣工资",
        "云山中学招办骗人",
        "住建局人事科收钱",
        "市公安局纪检组不作为",
        "市纪委不作为",
        "上级教育部门包庇",
    ],
)
def test_an_office_of_somebody_else_is_not_the_bureaus(text: str) -> None:
    assert bodies(text) == []


def test_two_counties_leave_it_open_which_bureau_is_meant() -> None:
    assert bodies("云山县和青禾区都一样，县教育局不作为") == [("county_bureau", "")]


def test_the_head_of_another_authority_is_nobodys() -> None:
    assert bodies("分数够的进不去，局长家的孩子进去了，不公平") == []


# --- blamed, or only named ---


@pytest.mark.parametrize(
    "text",
    [
        "举报云山县教育局",
        "请市教育局严查云山县教育局",
        "找云山县教育局五次了，每次都说回去等",
        "向云山县教育局反映多次，石沉大海",
        "校长和云山县教育局的人天天喝酒",
        "校长的舅舅是云山县教育局的股长",
        "开店的是云山县教育局局长的爱人",
        "不要再把信转给云山县教育局",
        "希望云山县教育局不要再推诿",
        "真要好好感谢云山县教育局",
        "举报信寄给云山县教育局，第二天校长就拿着复印件来找我",
        "除了云山县教育局，还有谁知道是我写的",
        "请问云山县教育局，你们收了多少好处",
    ],
)
def test_ways_of_blaming_a_bureau(text: str) -> None:
    assert ("county_bureau", "yunshan") in bodies(text)


@pytest.mark.parametrize(
    "text",
    [
        "请云山县教育局查处学校乱收费",
        "希望云山县教育局和市教育局严肃处理这位老师",
        "尊敬的云山县教育局领导：学校乱收费",
        "云山县教育局领导，您好！我要举报学校乱收费",
        "现向云山县教育局举报学校补课",
        "根据云山县教育局的文件，学校属于违规收费",
        "云山县教育局明文规定不准补课，学校照补不误",
        "云山县教育局很快派人来查了，学校还是不改",
        "我不是要告云山县教育局，是学校乱收费",
        "此信抄送云山县教育局，望查处学校",
        "培训机构打着云山县教育局的旗号骗钱",
        "学校在云山县教育局对面，天天补课",
        "感谢云山县教育局帮我们要回了学费，学校太过分了",
    ],
)
def test_a_bureau_that_is_greeted_asked_thanked_or_quoted_is_not_accused(text: str) -> None:
    assert bodies(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "请市教育局查处学校乱收费",
        "我在梅川市教育局的信箱里写过一次，学校还是乱收费",
        "特向贵局实名举报学校补课",
        "教育局三令五申，学校照样补课",
        "梅川市教育局：我举报学校补课",
    ],
)
def test_the_bureau_itself_is_in_no_doubt_where_it_is_only_written_to(text: str) -> None:
    assert bodies(text) == []


def test_an_open_letter_may_accuse_whom_it_greets() -> None:
    assert bodies("您的司机成了校服代理，您的连襟包了食堂。", title="致教育局局长的公开信") == [("city_bureau", "")]


def test_what_is_said_of_one_body_is_not_said_of_another() -> None:
    text = "云山县教育局很快就来查了。报到市教育局人事科，却被压下来。"
    assert bodies(text) == [("city_office", "personnel")]


# --- for every text ---

PARTS = st.sampled_from(
    [
        "云山县教育局",
        "市教育局",
        "人事科",
        "县局",
        "局长",
        "校长",
        "老师",
        "包庇",
        "请",
        "向",
        "，",
        "。",
        "不作为",
        "市一中",
        "\n",
        "的人",
        "再",
        "领导",
    ]
)
TEXTS = st.one_of(st.text(max_size=60), st.lists(PARTS, max_size=40).map("".join))


@given(TEXTS, TEXTS)
def test_spans_are_of_the_original_and_nobody_is_accused_twice(title: str, text: str) -> None:
    message = Message("m1", title, text)
    found = READER.read(message, SIGNALS.read(message))
    for each in found:
        field = getattr(message, each.mention.field)
        assert field[each.mention.start : each.mention.end] == each.mention.name
    keys = [(each.kind, each.mention.id or each.mention.name) for each in found]
    assert len(set(keys)) == len(keys)
    known = {"", *(office.id for office in OFFICES if office.role != "above"), *(place.id for place in JURISDICTIONS)}
    assert {each.mention.id for each in found} <= known
