"""A case in the words of the bureau: every fact under its heading, and nothing that the reader may not know."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from triage.classifier import PetitionClassifier
from triage.config import Clock, load_config
from triage.errors import ConfigError
from triage.forms import (
    FORMALITY_WORDS,
    LEVEL_WORDS,
    REASON_WORDS,
    URGENT_COLUMNS,
    Form,
    danger_words,
    decided_by,
    shown_confidence,
)
from triage.pipeline import Pipeline
from triage.schema import (
    NATURE_NAMES,
    Alternative,
    Case,
    Decision,
    DueDate,
    Evidence,
    Formality,
    Level,
    Mention,
    Message,
    Nature,
    Prediction,
    ReviewReason,
    Route,
    Signals,
)
from triage.tables import Role
from triage.tables.columns import assign_roles
from triage.tokens import Tokenizer

CONFIG = load_config(Path(__file__).parents[1] / "data")
FORM = Form(CONFIG)
PREDICTION = Prediction(
    ranked=(
        Alternative("fees", 0.7004),
        Alternative("pay", 0.2),
        Alternative("tutoring", 0.05),
        Alternative("ethics", 0.009),
    ),
    secondary=(),
    nature=Nature.COMPLAINT,
    report=0.1,
    urgent=False,
    evidence=(),
    known_share=1.0,
    model_version="0001",
)
CASE = Case(
    message=Message("007", "乱收费", "学校乱收费三百元"),
    prediction=PREDICTION,
    signals=Signals(),
    route=Route("finance", ("basic", "personnel"), "", "fees", "本局职责分工", receiver="财务科"),
)


def cells(case: Case = CASE, form: Form = FORM) -> dict[str, Any]:
    """What stands under each heading."""
    return dict(zip([column.name for column in form.columns], form.cells(case), strict=True))


def urgent_cells(case: Case) -> dict[str, Any]:
    """The same for the list of the urgent."""
    return dict(zip([column.name for column in URGENT_COLUMNS], FORM.urgent_cells(case), strict=True))


def predicted(**changes: Any) -> Case:
    return replace(CASE, prediction=replace(PREDICTION, **changes))


def signalled(**changes: Any) -> Case:
    return replace(CASE, signals=Signals(**changes))


def mention(name: str, id: str = "") -> Mention:
    return Mention("text", 0, len(name), name, id)


# --- Columns ---


def test_a_plain_case_in_words() -> None:
    assert {heading: cell for heading, cell in cells().items() if cell != ""} == {
        "类别": "教育收费",
        "置信度": 0.7,
        "判定": "模型",
        "备选": "教师待遇 0.20；违规补课 0.05",
        "性质": "申诉求决",
        "主办": "财务科",
        "协办": "基础教育科、人事科",
        "层级": "市局",
        "接收单位": "财务科",
        "分派依据": "本局职责分工",
        "机器类别": "教育收费",
    }


def test_a_person_may_pick_another_category_unless_the_table_has_a_place_for_it_already() -> None:
    asked, unasked = ([column.name for column in Form(CONFIG, asks=asks).columns] for asks in (True, False))
    assert asked[:3] == ["类别", "人工类别", "置信度"]
    assert [name for name in asked if name != "人工类别"] == unasked
    assert len(Form(CONFIG, asks=False).cells(CASE)) == len(unasked)
    choices = [column.choices for column in FORM.columns if column.choices]
    assert choices == [tuple(category.name for category in CONFIG.taxonomy.categories)]


def test_every_name_of_a_clock_has_one_column_in_the_order_of_the_file() -> None:
    names = [column.name for column in FORM.columns]
    assert len(names) == len(set(names))
    begin = names.index("密件") + 1
    assert names[begin : names.index("期限依据")] == list(dict.fromkeys(clock.name for clock in CONFIG.clocks))


def test_a_bureaus_own_clock_adds_a_column_and_another_rule_of_an_old_name_none() -> None:
    own = Clock("own", "回访", 10, "working", "received", "本局办法")
    again = Clock("again", "办结", 7, "working", "received", "本局办法")
    form = Form(replace(CONFIG, clocks=(*CONFIG.clocks, own, again)))
    assert {column.name for column in form.columns} - {column.name for column in FORM.columns} == {"回访"}
    case = replace(CASE, due=(DueDate("own", "回访", date(2026, 9, 15), "本局办法：收到之日起10个工作日内"),))
    assert cells(case, form)["回访"] == "2026-09-15"


def test_a_due_date_stands_under_its_name_with_what_it_rests_on() -> None:
    due = (
        DueDate("urgent", "紧急处置", date(2026, 9, 1), "第二十五条：收到当日"),
        DueDate("finish", "办结", date(2026, 10, 31), "第三十四条：收到之日起60日内", estimated=True),
    )
    said = cells(replace(CASE, due=due))
    assert said["受理告知"] == said["退件异议"] == ""
    assert (said["紧急处置"], said["办结"]) == ("2026-09-01", "2026-10-31")
    assert said["期限依据"] == "紧急处置：第二十五条：收到当日；办结：第三十四条：收到之日起60日内"


def test_the_list_of_the_urgent_cannot_be_taken_for_letters() -> None:
    roles = assign_roles([column.name for column in URGENT_COLUMNS], {})
    assert Role.ID in roles
    assert not {Role.TITLE, Role.TEXT} & set(roles)


# --- Who decided, and how sure the model is ---


@pytest.mark.parametrize(
    ("ruled", "decided", "word", "category", "confidence"),
    [
        ("", "", "模型", "教育收费", 0.7),
        ("pay", "", "规则", "教师待遇", 0.2),
        ("pay", "tutoring", "人工", "违规补课", 0.05),
        ("", "fees", "人工", "教育收费", 0.7),
        ("", "integrity", "人工", "廉政建设", 0.0),
    ],
)
def test_a_person_outranks_a_rule_and_a_rule_the_model_and_neither_touches_the_probability(
    ruled: str, decided: str, word: str, category: str, confidence: float
) -> None:
    case = replace(CASE, ruled=ruled, decided=Decision(decided))
    said = cells(case)
    assert (said["判定"], said["类别"], said["置信度"]) == (word, category, confidence)
    assert decided_by(case) == word
    assert category not in said["备选"]


def test_the_models_own_category_is_an_alternative_to_what_a_person_gave() -> None:
    assert cells(replace(CASE, decided=Decision("pay")))["备选"] == "教育收费 0.70；违规补课 0.05"


def test_an_alternative_that_is_hardly_possible_is_not_shown() -> None:
    ranked = (Alternative("fees", 0.985), Alternative("pay", 0.01), Alternative("tutoring", 0.0099))
    assert cells(predicted(ranked=ranked))["备选"] == "教师待遇 0.01"


@given(st.floats(0, 1))
@example(1 - 1e-9)
@example(0.9995)
def test_a_confidence_is_never_shown_higher_than_it_is(confidence: float) -> None:
    shown = shown_confidence(confidence)
    assert shown <= confidence < shown + 0.001 + 1e-12
    assert shown < 1 or confidence == 1
    assert len(str(shown).partition(".")[2]) <= 3


def test_second_categories_are_named_but_not_the_one_that_holds() -> None:
    case = predicted(secondary=("pay", "ethics"))
    assert cells(case)["次要类别"] == "教师待遇、师德师风"
    assert cells(replace(case, decided=Decision("pay")))["次要类别"] == "师德师风"


# --- Evidence ---


def test_the_words_that_speak_for_the_category_come_strongest_first_and_each_once() -> None:
    said = [("收费", 0.4), ("学校", -0.9), ("，！", 0.8), ("元", 0.7), ("乱收费", 0.5), ("收费", 0.2), ("三百元", 0.1)]
    evidence = tuple(Evidence("text", 0, len(word), word, weight) for word, weight in said)
    assert cells(predicted(evidence=evidence))["依据"] == "收费、乱收费、三百元"


def test_the_words_for_the_models_category_say_nothing_of_another() -> None:
    case = predicted(evidence=(Evidence("text", 0, 2, "收费", 0.4),))
    assert cells(case)["依据"] == "收费"
    assert cells(replace(case, decided=Decision("pay")))["依据"] == cells(replace(case, ruled="pay"))["依据"] == ""
    assert cells(replace(case, decided=Decision("fees")))["依据"] == "收费"


# --- Facts ---


@pytest.mark.parametrize(("people", "cell"), [(None, ""), (1, 1), (4, 4), (5, "5（联名）"), (120, "120（联名）")])
def test_five_people_or_more_make_a_joint_letter(people: int | None, cell: object) -> None:
    assert cells(signalled(people=people))["人数"] == cell


def test_places_are_shown_by_their_listed_names_and_else_as_written() -> None:
    place = mention("泰和", "taihe")
    assert FORM.place(signalled(jurisdictions=("taihe", "jishui"), places=(place,))) == "泰和县、吉水县"
    assert FORM.place(signalled(places=(mention("B市"), mention("B3区")))) == "B3区"
    assert FORM.place(CASE) == ""


def test_a_school_named_twice_is_shown_once() -> None:
    schools = (mention("禾水镇中心小学"), mention("禾水镇中心小学"), mention("禾川中学"))
    assert cells(signalled(schools=schools))["学校"] == "禾水镇中心小学、禾川中学"


def test_what_an_accusation_must_not_meet_is_shown() -> None:
    route = replace(
        CASE.route, level=Level.COUNTY, receiver="泰和县教育体育局", sealed=True, stop="不得转给被检举的教师所在学校。"
    )
    said = cells(replace(CASE, route=route, review=(ReviewReason.CONFLICT, ReviewReason.UNPROVEN)))
    assert (said["密件"], said["回避"]) == ("是", "不得转给被检举的教师所在学校。")
    assert (said["层级"], said["接收单位"]) == ("县（市、区）", "泰和县教育体育局")
    assert (said["需人工复核"], said["复核原因"]) == ("是", "检举控告，须回避；这一类尚未证明可以自动分派")


def test_what_is_missing_and_what_the_writer_is_told() -> None:
    case = replace(signalled(missing=(Formality.NAME, Formality.REQUEST)), draft="请向市住建局提出。")
    assert (cells(case)["缺少要件"], cells(case)["退办草稿"]) == ("姓名、诉求", "请向市住建局提出。")


def test_every_word_that_a_clerk_reads_is_there() -> None:
    for words, kind in (
        (REASON_WORDS, ReviewReason),
        (LEVEL_WORDS, Level),
        (FORMALITY_WORDS, Formality),
        (NATURE_NAMES, Nature),
    ):
        assert set(words) == set(kind)
        assert len(set(words.values())) == len(words)


# --- The list of the urgent ---


def test_an_urgent_case_is_listed_with_its_signs_of_danger_and_its_first_due_date() -> None:
    case = replace(
        predicted(urgent=True),
        signals=Signals(
            jurisdictions=("taihe",), dangers=(mention("骨折"), mention("殴打"), mention("骨折", "injury"))
        ),
        due=(
            DueDate("finish", "办结", date(2026, 10, 31), "b"),
            DueDate("urgent", "紧急处置", date(2026, 9, 1), "b"),
        ),
    )
    assert urgent_cells(case) == {
        "编号": "007",
        "事由": "乱收费",
        "类别": "教育收费",
        "主办": "财务科",
        "接收单位": "财务科",
        "属地": "泰和县",
        "危险迹象": "骨折、殴打",
        "最早期限": "2026-09-01",
    }
    assert cells(case)["紧急"] == "紧急"


def test_of_a_letter_without_a_date_no_first_due_date_is_promised() -> None:
    assert urgent_cells(predicted(urgent=True))["最早期限"] == ""


# --- Personal data ---

NUMBERS = ["13800001234", "360899190001010029", "6222020000000000000", "wang@example.com", "0796-8000000"]
PIECES = [
    "老师打我孩子",
    "骨折住院",
    "校车",
    "超载",
    "学校乱收费",
    "女生",
    "被摸",
    "禾川中学",
    "泰和县",
    "，",
    "。",
    "我们",
]


@pytest.fixture(scope="module")
def pipeline(tokenizer: Tokenizer, small_classifier: PetitionClassifier) -> Pipeline:
    return Pipeline(config=CONFIG, tokenizer=tokenizer, classifier=small_classifier, model_version="0007")


@settings(deadline=None)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.sampled_from(NUMBERS)), min_size=1, max_size=12))
@example(["老师打我孩子", "13800001234", "骨折住院"])
def test_whatever_stands_in_a_letter_no_number_of_a_person_stands_in_our_cells(
    pipeline: Pipeline, pieces: list[str]
) -> None:
    message = Message("1", "乱收费", "".join(pieces), received_at=datetime(2026, 9, 1))
    (case,) = pipeline.triage([message], on=date(2026, 10, 1))
    shown = " ".join(map(str, [*FORM.cells(case), *FORM.urgent_cells(case)]))
    assert not [number for number in NUMBERS if number in shown]


def test_a_sign_of_danger_is_shown_without_the_number_between_its_words(pipeline: Pipeline) -> None:
    message = Message("1", "", "老师打我孩子13800001234骨折住院")
    (case,) = pipeline.triage([message], on=date(2026, 10, 1))
    assert "打我孩子***********骨折" in danger_words(case)


@pytest.mark.parametrize("name", ["紧急", "类别", "人工类别", "机器类别"])
def test_a_clock_may_not_take_the_name_of_another_column(name: str) -> None:
    clocks = (replace(CONFIG.clocks[0], name=name),)
    with pytest.raises(ConfigError, match=f"A clock has the name {name}"):
        Form(replace(CONFIG, clocks=clocks))
