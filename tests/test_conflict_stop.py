"""Letters that accuse reach none of those whom they accuse; every letter here is invented, and so are its places."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.classifier import PetitionClassifier
from triage.config import Jurisdiction, load_config
from triage.pipeline import Pipeline
from triage.routing import Router
from triage.schema import Accused, AccusedKind, Decision, Level, Mention, Message, Nature, Route, Signals
from triage.signals import SignalReader
from triage.signals.accused import AccusedReader
from triage.tokens import Tokenizer

DAY = date(2026, 9, 1)
LETTERS = Path(__file__).parent / "data" / "accusations.jsonl"
BUREAU = "梅川市教育局"
JURISDICTIONS = (
    Jurisdiction("yunshan", "云山县", "county", ("云山",), "云山县教育体育局"),
    Jurisdiction("qinghe", "青禾区", "county", ("青禾",)),
    Jurisdiction("songling", "松岭县", "county", ("松岭",)),
    Jurisdiction("jingfeng", "荆峰市", "county", ("荆峰",)),
    Jurisdiction("first", "梅川市第一中学", "school", ("梅川一中", "市一中")),
    Jurisdiction("egret", "梅川市鹭洲中学", "school", ("鹭洲中学",)),
)
CONFIG = replace(
    load_config(Path(__file__).parents[1] / "data", today=DAY),
    bureau=BUREAU,
    city="梅川市",
    jurisdictions=JURISDICTIONS,
)
ROUTER = Router(CONFIG)
SIGNALS = SignalReader(JURISDICTIONS)
READER = AccusedReader(bureau=BUREAU, city="梅川市", offices=CONFIG.offices, jurisdictions=JURISDICTIONS)
ABOVE = "above"
INSIDE = tuple(office.id for office in CONFIG.offices if office.id != ABOVE)
PLACES = tuple(place.id for place in JURISDICTIONS)


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter and the offices, jurisdictions and schools that must not get it; none where it accuses no body."""

    message: Message
    category: str
    must_not_reach: tuple[str, ...]

    @property
    def barred_ids(self) -> frozenset[str]:
        """Those that have an id; the bureau stands for all its offices."""
        offices = INSIDE if BUREAU in self.must_not_reach else ()
        return frozenset({*offices, *self.must_not_reach} & {*INSIDE, *PLACES})


def read_letters() -> Iterator[Letter]:
    for line in LETTERS.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        message = Message(row["id"], row["title"], row["text"])
        yield Letter(message, row["category"], tuple(row["must_not_reach"]))


ALL = tuple(read_letters())
ACCUSATIONS = [letter for letter in ALL if letter.must_not_reach]
CONTRASTS = [letter for letter in ALL if not letter.must_not_reach]


def by_id(letter: Letter) -> str:
    return letter.message.id


def send(letter: Letter, *, accusation: bool) -> Route:
    message = letter.message
    signals: Signals = SIGNALS.read(message)
    return ROUTER.route(
        category=letter.category,
        secondary=(),
        jurisdictions=signals.jurisdictions,
        text=f"{message.title}\n{message.text}",
        on=DAY,
        accused=READER.read(message, signals),
        accusation=accusation,
    )


def reached(route: Route) -> set[str]:
    """Ids and the name of all that get a letter by its route."""
    below = set() if route.level == Level.CITY else {route.jurisdiction}
    return {route.lead, *route.co, route.receiver} | below


def test_there_are_enough_letters_and_no_two_with_one_id() -> None:
    assert len(ACCUSATIONS) >= 100
    assert len(CONTRASTS) >= 30
    assert len({letter.message.id for letter in ALL}) == len(ALL)
    assert all(60 <= len(letter.message.text) <= 250 for letter in ALL)


@pytest.mark.parametrize("letter", ACCUSATIONS, ids=by_id)
def test_no_accusation_reaches_whom_it_accuses(letter: Letter) -> None:
    route = send(letter, accusation=True)
    assert reached(route).isdisjoint({*letter.must_not_reach, *letter.barred_ids})
    assert letter.barred_ids <= set(route.withheld)
    assert route.stop


@pytest.mark.parametrize("letter", ACCUSATIONS, ids=by_id)
def test_what_is_no_accusation_is_not_stopped(letter: Letter) -> None:
    route = send(letter, accusation=False)
    assert (route.withheld, route.stop) == ((), "")


@pytest.mark.parametrize("letter", CONTRASTS, ids=by_id)
def test_a_bureau_that_is_only_asked_thanked_or_quoted_still_gets_its_letters(letter: Letter) -> None:
    usual, route = send(letter, accusation=False), send(letter, accusation=True)
    assert route.withheld == ()
    assert replace(route, stop="") == usual


# --- with a model that may take an accusation for something else ---


@pytest.fixture(scope="module")
def pipeline(tokenizer: Tokenizer, small_classifier: PetitionClassifier) -> Pipeline:
    return Pipeline(config=CONFIG, tokenizer=tokenizer, classifier=small_classifier, model_version="1")


@pytest.mark.parametrize("nature", [None, Nature.COMPLAINT])
def test_the_whole_pipeline_keeps_every_letter_from_whom_it_accuses(pipeline: Pipeline, nature: Nature | None) -> None:
    """Whatever nature the model gives it, and even where a person takes it for a complaint."""
    messages = [letter.message for letter in ACCUSATIONS]
    decided = [Decision(letter.category, nature) for letter in ACCUSATIONS]
    cases = pipeline.triage(messages, on=DAY, decided=decided)
    betrayed = [
        letter.message.id
        for letter, case in zip(ACCUSATIONS, cases, strict=True)
        if not reached(case.route).isdisjoint({*letter.must_not_reach, *letter.barred_ids})
    ]
    assert betrayed == []


def test_a_question_about_a_city_run_school_may_go_to_the_school_and_a_complaint_may_not(pipeline: Pipeline) -> None:
    message = Message("1", "咨询", "请问鹭洲中学明年还招体育特长生吗，什么时候报名？")
    asked, complained = (
        pipeline.triage([message], on=DAY, decided=[Decision("enrollment", nature)])[0]
        for nature in (Nature.INQUIRY, Nature.COMPLAINT)
    )
    assert (asked.route.level, asked.route.receiver) == (Level.SCHOOL, "梅川市鹭洲中学")
    assert complained.route.level == Level.CITY
    assert "梅川市鹭洲中学" in complained.route.stop


# --- whatever is accused ---

MENTION_IDS = {
    AccusedKind.COUNTY_BUREAU: ("", *(place.id for place in JURISDICTIONS if place.kind == "county")),
    AccusedKind.SCHOOL: ("", *(place.id for place in JURISDICTIONS if place.kind == "school")),
    AccusedKind.CITY_OFFICE: ("", *INSIDE),
}


@st.composite
def accused(draw: st.DrawFn) -> Accused:
    kind = draw(st.sampled_from(AccusedKind))
    return Accused(kind, Mention("text", 0, 2, "某校", draw(st.sampled_from(MENTION_IDS.get(kind, ("",))))))


SETS = st.lists(accused(), max_size=6)
CATEGORIES = st.sampled_from(CONFIG.taxonomy.ids)
TEXTS = st.sampled_from(["", "班主任补课", "培训机构收费", "中考", "食堂安全", "危房", "教师资格"])


@given(CATEGORIES, st.lists(CATEGORIES, max_size=3), st.lists(st.sampled_from(PLACES), max_size=3), TEXTS, SETS)
def test_whoever_is_accused_somebody_else_gets_the_letter(
    category: str, secondary: list[str], places: list[str], text: str, whom: list[Accused]
) -> None:
    route = ROUTER.route(
        category=category,
        secondary=secondary,
        jurisdictions=places,
        text=text,
        on=DAY,
        accused=whom,
        accusation=True,
    )
    ids = {each.mention.id for each in whom if each.mention.id}
    kinds = {each.kind for each in whom}
    assert route.receiver
    assert reached(route).isdisjoint(ids | set(route.withheld))
    assert ids <= set(route.withheld)
    assert route.level != Level.SCHOOL
    assert bool(route.stop) or not (whom or route.withheld)
    if AccusedKind.CITY_BUREAU in kinds:
        assert (route.lead, route.co, route.level) == (ABOVE, (), Level.CITY)
    if Accused(AccusedKind.COUNTY_BUREAU, Mention("text", 0, 2, "某校")) in whom:
        assert route.level == Level.CITY


@given(CATEGORIES, st.lists(st.sampled_from(PLACES), max_size=3), TEXTS, SETS)
def test_without_an_accusation_the_accused_change_nothing(
    category: str, places: list[str], text: str, whom: list[Accused]
) -> None:
    def ask(whom: list[Accused]) -> Route:
        return ROUTER.route(category=category, secondary=(), jurisdictions=places, text=text, on=DAY, accused=whom)

    assert ask(whom) == ask([])
