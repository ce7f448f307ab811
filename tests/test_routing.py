"""Which office a message goes to."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.config import DutyRule, Office, load_config
from triage.errors import ConfigError
from triage.routing import Router
from triage.schema import Accused, AccusedKind, Level, Mention, Route

DAY = date(2026, 9, 1)
CONFIG = load_config(Path(__file__).parents[1] / "data", today=DAY)
ROUTER = Router(CONFIG)
OFFICES = {office.id for office in CONFIG.offices}
PLACES = [place.id for place in CONFIG.jurisdictions]


def ask(category: str, text: str = "", *places: str, secondary: tuple[str, ...] = (), on: date = DAY) -> Route:
    return ROUTER.route(category=category, secondary=secondary, jurisdictions=places, text=text, on=on)


def router_of(*rules: DutyRule) -> Router:
    return Router(replace(CONFIG, duty=rules))


def rule(rule_id: str, lead: str, **conditions: object) -> DutyRule:
    return replace(DutyRule(rule_id, "pay", lead, "依据"), **conditions)  # type: ignore[arg-type]


def lead_for_pay(router: Router, *places: str, text: str = "", on: date = DAY) -> str:
    return router.route(category="pay", secondary=(), jurisdictions=places, text=text, on=on).lead


@pytest.mark.parametrize(
    ("category", "text", "lead", "co"),
    [
        ("tutoring", "周末在外面租房上课", "校外教育培训监管科", []),
        ("tutoring", "班主任周末在家收钱上课", "校外教育培训监管科", ["教师工作科"]),
        ("fees", "学校统一收资料费", "财务科", []),
        ("fees", "培训机构关门，钱要不回来", "财务科", ["校外教育培训监管科"]),
        ("pay", "绩效拖了半年没发", "人事科", []),
        ("ethics", "老师上课一直玩手机", "教师工作科", []),
        ("ethics", "孩子被老师打伤", "教师工作科", ["安全稳定科"]),
        ("enrollment", "买房两年不能就近入学", "基础教育科", []),
        ("enrollment", "今年中考录取怎么排", "招生考试中心", ["基础教育科"]),
        ("enrollment", "中职春季招生几时报名", "职业教育与成人教育科", []),
        ("management", "作业每天写到十一点", "基础教育科", []),
        ("management", "孩子在学校遭到霸凌", "安全稳定科", ["基础教育科"]),
        ("management", "职业学校强制实习", "职业教育与成人教育科", []),
        ("facilities", "小区一直没有建幼儿园", "发展规划科", []),
        ("facilities", "教学楼是危房", "发展规划科", ["安全稳定科"]),
        ("integrity", "校长把工程给了亲戚", "派驻纪检监察组", []),
        ("staffing", "职称评审何时公布", "人事科", []),
        ("staffing", "教师资格认定在哪里办", "教师工作科", []),
        ("other_edu", "想了解家庭教育讲座", "办公室(信访室)", []),
        ("other_edu", "助学贷款怎么申请", "学生资助管理中心", []),
        ("not_edu", "校门口摆摊占道", "退回转办", []),
    ],
)
def test_the_default_duty_table(category: str, text: str, lead: str, co: list[str]) -> None:
    route = ask(category, text)
    assert CONFIG.office(route.lead).name == lead
    assert [CONFIG.office(office).name for office in route.co] == co


def test_a_route_names_its_rule_and_what_the_rule_rests_on() -> None:
    route = ask("integrity", "校长把工程给了亲戚", "taihe")
    assert (route.rule_id, route.jurisdiction) == ("integrity", "taihe")
    assert route.basis.startswith("信访工作条例第三十条")


def test_a_city_run_school_brings_in_the_office_that_pays_for_it() -> None:
    assert ask("facilities", "操场破了", "jian_no1_school").co == ("finance",)
    assert ask("facilities", "操场破了", "taihe").co == ()


def test_the_jurisdiction_is_empty_unless_there_is_just_one() -> None:
    assert ask("pay").jurisdiction == ""
    assert ask("pay", "", "taihe").jurisdiction == "taihe"
    assert ask("pay", "", "taihe", "taihe").jurisdiction == "taihe"
    assert ask("pay", "", "taihe", "wanan").jurisdiction == ""


def test_secondary_offices_help_once_each_and_the_lead_never_helps_itself() -> None:
    route = ask("tutoring", "班主任补课收费", secondary=("ethics", "fees", "staffing", "pay", "tutoring"))
    assert route.lead == "off_campus"
    assert route.co == ("teachers", "finance", "personnel")


def test_a_secondary_category_is_routed_by_the_same_words() -> None:
    assert ask("fees", "中考报名费", secondary=("enrollment",)).co == ("exams",)


def test_more_conditions_win_wherever_they_stand() -> None:
    both = rule("both", "safety", words=("甲",), jurisdictions=("county",))
    words = rule("words", "finance", words=("甲",))
    for rules in [(both, words), (words, both)]:
        assert lead_for_pay(router_of(*rules, rule("all", "basic")), "taihe", text="有甲") == "safety"
        assert lead_for_pay(router_of(*rules, rule("all", "basic")), text="有甲") == "finance"
        assert lead_for_pay(router_of(*rules, rule("all", "basic")), "taihe") == "basic"


def test_a_place_named_by_id_wins_over_its_kind() -> None:
    router = router_of(
        rule("kind", "finance", jurisdictions=("county",)), rule("id", "safety", jurisdictions=("taihe", "school"))
    )
    assert lead_for_pay(router, "taihe") == "safety"
    assert lead_for_pay(router, "wanan") == "finance"
    assert lead_for_pay(router, "jian_no1_school") == "safety"


def test_of_equals_the_earlier_in_the_file_wins() -> None:
    one, two = rule("one", "safety", words=("甲",)), rule("two", "finance", words=("乙",))
    assert lead_for_pay(router_of(one, two), text="乙甲") == "safety"
    assert lead_for_pay(router_of(two, one), text="乙甲") == "finance"


def test_a_rule_holds_from_its_first_to_its_last_day() -> None:
    change = date(2026, 7, 1)
    router = router_of(
        rule("old", "basic", valid_until=change - timedelta(days=1)), rule("new", "finance", valid_from=change)
    )
    assert lead_for_pay(router, on=change - timedelta(days=1)) == "basic"
    assert lead_for_pay(router, on=change) == "finance"


def test_a_day_without_a_rule_is_refused() -> None:
    with pytest.raises(ConfigError) as refused:
        ask("pay", on=date(2022, 4, 30))
    assert str(refused.value) == (
        "duty.toml: Category 'pay' has no rule that holds on 2022-04-30. "
        "Add a [[rule]] for it that is valid on that day and has no words and no jurisdictions."
    )


def test_a_secondary_category_without_a_rule_is_refused_too() -> None:
    router = router_of(rule("pay", "personnel"))
    with pytest.raises(ConfigError, match="Category 'fees' has no rule that holds"):
        router.route(category="pay", secondary=("fees",), jurisdictions=(), text="", on=DAY)


def test_unknown_categories_and_places_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"^Unknown category 'weather'"):
        ask("weather")
    with pytest.raises(ConfigError, match=r"^Unknown jurisdiction 'mars'"):
        ask("pay", "", "mars")


# --- levels ---


@pytest.mark.parametrize(
    ("category", "text", "places", "level", "receiver"),
    [
        ("pay", "", (), Level.CITY, "人事科"),
        ("pay", "", ("taihe",), Level.COUNTY, "泰和县教育体育局"),
        ("pay", "", ("taihe", "wanan"), Level.CITY, "人事科"),
        ("pay", "", ("jian_no1_school",), Level.SCHOOL, "吉安市第一中学"),
        ("pay", "", ("jian_no1_school", "taihe"), Level.CITY, "人事科"),
        ("enrollment", "中考志愿", ("taihe",), Level.CITY, "招生考试中心"),
        ("enrollment", "就近入学", ("taihe",), Level.COUNTY, "泰和县教育体育局"),
        ("staffing", "教师资格认定", ("taihe",), Level.CITY, "教师工作科"),
        ("integrity", "", ("jian_no1_school",), Level.CITY, "派驻纪检监察组"),
        ("other_edu", "", ("taihe",), Level.CITY, "办公室(信访室)"),
        ("other_edu", "贫困生资助", ("taihe",), Level.COUNTY, "泰和县教育体育局"),
        ("not_edu", "", ("taihe",), Level.CITY, "退回转办"),
    ],
)
def test_who_gets_a_letter_follows_the_place_unless_the_rule_keeps_it(
    category: str, text: str, places: tuple[str, ...], level: Level, receiver: str
) -> None:
    route = ask(category, text, *places)
    assert (route.level, route.receiver) == (level, receiver)


def test_a_county_that_names_no_authority_has_a_bureau_by_its_own_name() -> None:
    places = tuple(replace(place, authority="") for place in CONFIG.jurisdictions)
    router = Router(replace(CONFIG, jurisdictions=places))
    route = router.route(category="pay", secondary=(), jurisdictions=["taihe"], text="", on=DAY)
    assert route.receiver == "泰和县教育局"


def test_what_is_not_the_bureaus_never_goes_down_whatever_the_rule_says() -> None:
    route = router_of(rule("x", "return_desk", category="not_edu")).route(
        category="not_edu", secondary=(), jurisdictions=["taihe"], text="", on=DAY
    )
    assert (route.level, route.receiver) == (Level.CITY, "退回转办")


def test_nobody_helps_with_what_is_sealed() -> None:
    route = ask("integrity", "", "taihe", secondary=("pay", "fees"))
    assert (route.sealed, route.lead, route.co, route.level) == (True, "discipline", (), Level.CITY)
    assert not ask("pay", "", "taihe").sealed


# --- accusations ---


def accused(kind: AccusedKind, known: str = "", name: str = "某校") -> Accused:
    return Accused(kind, Mention("text", 0, len(name), name, known))


def accuse(category: str, *whom: Accused, places: tuple[str, ...] = (), router: Router = ROUTER) -> Route:
    return router.route(
        category=category, secondary=(), jurisdictions=places, text="", on=DAY, accused=whom, accusation=True
    )


def test_a_city_run_school_never_gets_an_accusation_that_names_it() -> None:
    for whom in [(), (accused(AccusedKind.TEACHER),), (accused(AccusedKind.SCHOOL, "jian_no1_school"),)]:
        route = accuse("ethics", *whom, places=("jian_no1_school",))
        assert (route.level, route.receiver) == (Level.CITY, "教师工作科")
        assert route.withheld == ("jian_no1_school",)
        assert "吉安市第一中学" in route.stop


def test_a_county_looks_into_its_schools_but_not_into_its_bureau() -> None:
    school = accuse("ethics", accused(AccusedKind.HEAD, name="校长"), places=("taihe",))
    assert (school.level, school.receiver, school.withheld) == (Level.COUNTY, "泰和县教育体育局", ())
    bureau = accuse("ethics", accused(AccusedKind.COUNTY_BUREAU, "taihe"), places=("taihe",))
    assert (bureau.level, bureau.receiver, bureau.withheld) == (Level.CITY, "教师工作科", ("taihe",))
    some_bureau = accuse("ethics", accused(AccusedKind.COUNTY_BUREAU), places=("taihe",))
    assert (some_bureau.level, some_bureau.withheld) == (Level.CITY, ("taihe",))


def test_an_accused_office_gives_way_to_the_discipline_office_alone() -> None:
    route = accuse("pay", accused(AccusedKind.CITY_OFFICE, "personnel"), places=("taihe",))
    assert (route.lead, route.co, route.level, route.sealed) == ("discipline", (), Level.CITY, True)
    assert route.withheld == ("personnel",)


def test_staff_of_an_unknown_office_keep_the_letter_from_all_but_the_discipline_office() -> None:
    route = accuse("pay", accused(AccusedKind.CITY_OFFICE))
    assert route.lead == "discipline"
    assert set(route.withheld) == OFFICES - {"discipline", "above"}


@pytest.mark.parametrize("whom", [accused(AccusedKind.CITY_OFFICE, "discipline"), accused(AccusedKind.CITY_BUREAU)])
def test_above_the_discipline_office_stands_what_is_outside_the_bureau(whom: Accused) -> None:
    route = accuse("integrity", whom)
    assert (route.lead, route.receiver, route.co) == ("above", CONFIG.office("above").name, ())
    assert "discipline" in route.withheld


def test_without_a_discipline_office_an_accused_office_gives_way_to_what_stands_above() -> None:
    offices = tuple(
        Office(office.id, office.name, role=office.role if office.role == "above" else "") for office in CONFIG.offices
    )
    route = accuse(
        "pay", accused(AccusedKind.CITY_OFFICE, "personnel"), router=Router(replace(CONFIG, offices=offices))
    )
    assert route.lead == "above"


def test_the_stop_says_whom_it_must_not_reach_and_by_which_articles_but_names_no_person() -> None:
    whom = (
        accused(AccusedKind.TEACHER, name="班主任张某"),
        accused(AccusedKind.SCHOOL, name="云山小学"),
        accused(AccusedKind.COUNTY_BUREAU, "taihe", "泰和县教育局李局长"),
    )
    assert accuse("ethics", *whom, places=("taihe",)).stop == (
        "本件含检举控告内容，不得透露或者转给被检举的教师所在学校、云山小学、泰和县教育体育局，由教师工作科办理。"
        "依据：信访工作条例第三十条第三款、第四十六条第（五）项；"
        "与信访事项有直接利害关系的工作人员应当回避（第二十八条第三款）。"
    )


def test_an_accusation_of_nobody_that_could_be_read_is_not_stopped() -> None:
    route = accuse("ethics", places=("taihe",))
    assert (route.stop, route.withheld, route.level) == ("", (), Level.COUNTY)


WORDS = sorted({word for row in CONFIG.duty for word in row.words})
TEXTS = st.one_of(st.text(), st.lists(st.sampled_from(WORDS), max_size=6).map("，".join))
CATEGORIES = st.sampled_from(CONFIG.taxonomy.ids)


@given(
    CATEGORIES,
    st.lists(CATEGORIES, max_size=3),
    st.lists(st.sampled_from(PLACES), max_size=3),
    TEXTS,
    st.dates(min_value=date(2022, 5, 1)),
)
def test_every_message_finds_an_office(
    category: str, secondary: list[str], places: list[str], text: str, on: date
) -> None:
    route = ask(category, text, *places, secondary=tuple(secondary), on=on)
    assert {route.lead, *route.co} <= OFFICES
    assert route.lead not in route.co
    assert len(set(route.co)) == len(route.co)
    said = next(row for row in CONFIG.duty if row.id == route.rule_id)
    assert (said.category, said.lead, said.basis) == (category, route.lead, route.basis)
    assert not said.words or any(word in text for word in said.words)
    helpers = {ask(other, text, *places, on=on).lead for other in secondary}
    assert route.co == () if route.sealed else helpers <= {route.lead, *route.co}


@given(CATEGORIES, st.permutations(PLACES[:3]), TEXTS)
def test_the_order_of_places_does_not_matter(category: str, places: list[str], text: str) -> None:
    assert ask(category, text, *places) == ask(category, text, *sorted(places))
