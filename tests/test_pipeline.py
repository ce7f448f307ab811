"""From a message to a case: true spans, no personal data among them, the same case in any batch, a person's word."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.classifier import PetitionClassifier
from triage.config import load_config
from triage.pipeline import Pipeline
from triage.schema import Case, Evidence, LabelledMessage, Message, ReviewReason
from triage.text import find_personal_data
from triage.tokens import Tokenizer

DAY = date(2026, 10, 1)
CONFIG = load_config(Path(__file__).parents[1] / "data")
WORDS = ["学校", "乱收费", "老师", "补课", "食堂", "吉州区", "工资", "物业", "学位", "，", "。", "请处理"]
DRESS = [
    "<p>",
    "</p>",
    "<b>",
    "</b>",
    "<br/>",
    "&nbsp;",
    "&amp;",
    "&lt;br&gt;",
    "&#25910;&#36153;",
    "\u200b",
    "\u3000",
    "\r\n",
    "_x000D_",
    "３５０元",
    "ＡＢＣ",
    "㎡",
    "🙂",
    "𠮷",
]
PERSONAL = ["13800001234", "１３８００００１２３４", "360899190001010029", "张三@example.com", "电话0796-8000000"]
dressed = st.lists(st.sampled_from([*WORDS, *DRESS, *PERSONAL]), max_size=25).map("".join) | st.text(max_size=30)


@pytest.fixture(scope="session")
def pipeline(tokenizer: Tokenizer, small_classifier: PetitionClassifier) -> Pipeline:
    return Pipeline(config=CONFIG, tokenizer=tokenizer, classifier=small_classifier, model_version="0001")


def one(pipeline: Pipeline, title: str, text: str, decided: str = "") -> Case:
    (case,) = pipeline.triage([Message("1", title, text)], on=DAY, decided=[decided])
    return case


def assert_true_spans(message: Message, evidence: Sequence[Evidence]) -> None:
    for each in evidence:
        field: str = getattr(message, each.field)
        assert 0 <= each.start < each.end <= len(field)
        assert field[each.start : each.end] == each.words
        hidden = find_personal_data(field)
        assert not any(data.start < each.end and each.start < data.end for data in hidden)


# --- Evidence ---


@settings(deadline=None, max_examples=60)
@given(title=dressed, text=dressed)
def test_evidence_is_what_the_citizen_wrote_and_nothing_personal(pipeline: Pipeline, title: str, text: str) -> None:
    case = one(pipeline, title, text)
    assert_true_spans(case.message, case.prediction.evidence)
    assert_true_spans(case.message, pipeline.weigh(case.message, "fees"))
    weights = [abs(each.weight) for each in case.prediction.evidence]
    assert weights == sorted(weights, reverse=True)


@pytest.mark.parametrize(
    "text",
    [
        "<p>学校<b>乱收费</b>，每人三百</p>",
        "学校&nbsp;&nbsp;乱收费，每人三百",
        "学校乱收费，每人３００元",
        "&#23398;&#26657;乱收费，每人三百",
        "尊敬的领导：您好！学校乱收费，每人三百。此致敬礼",
    ],
    ids=["html", "spaces", "full-width", "entities", "courtesies"],
)
def test_the_word_that_decides_is_found_however_the_message_is_dressed(pipeline: Pipeline, text: str) -> None:
    case = one(pipeline, "", text)
    found = {each.words for each in case.prediction.evidence}
    assert found & {"乱收费", "收费"}
    assert_true_spans(case.message, case.prediction.evidence)


def test_every_message_of_the_corpus_has_true_spans(pipeline: Pipeline, corpus: Sequence[LabelledMessage]) -> None:
    cases = pipeline.triage([each.message for each in corpus[::40]], on=DAY)
    assert sum(len(case.prediction.evidence) for case in cases) > 10 * len(cases)
    for case in cases:
        assert_true_spans(case.message, case.prediction.evidence)


def test_a_word_weighs_for_one_category_and_against_another(pipeline: Pipeline) -> None:
    message = Message("1", "", "学校乱收费，每人三百元")

    def weight(category: str) -> float:
        return sum(each.weight for each in pipeline.weigh(message, category) if "收费" in each.words)

    assert weight("fees") > 0 > weight("not_edu")


# --- The same case in any batch ---


def test_a_case_does_not_depend_on_its_neighbours(pipeline: Pipeline, corpus: Sequence[LabelledMessage]) -> None:
    messages = [each.message for each in corpus[300:340]]
    together = pipeline.triage(messages, on=DAY)
    assert together == [pipeline.triage([message], on=DAY)[0] for message in messages]
    assert together[::-1] == pipeline.triage(messages[::-1], on=DAY)


def test_no_messages_make_no_cases(pipeline: Pipeline) -> None:
    assert pipeline.triage([], on=DAY) == []


@settings(deadline=None, max_examples=40)
@given(title=dressed, text=dressed)
def test_any_message_gets_every_category_once_and_an_office(pipeline: Pipeline, title: str, text: str) -> None:
    case = one(pipeline, title, text)
    ranked = case.prediction.ranked
    confidences = [each.confidence for each in ranked]
    assert sorted(each.category for each in ranked) == sorted(pipeline.classifier.categories)
    assert confidences == sorted(confidences, reverse=True)
    assert sum(confidences) == pytest.approx(1)
    assert case.prediction.primary not in case.prediction.secondary
    assert CONFIG.office(case.route.lead)
    assert case.route.lead not in case.route.co


# --- What a person decided ---


@pytest.mark.parametrize("decided", CONFIG.taxonomy.ids)
def test_a_persons_word_is_routed_whatever_the_model_says(pipeline: Pipeline, decided: str) -> None:
    leads = {rule.lead for rule in CONFIG.duty if rule.category == decided}
    rules = {rule.id for rule in CONFIG.duty if rule.category == decided}
    case = one(pipeline, "乱收费", "学校乱收费，每人三百元，吉州区", decided)
    assert case.category == case.decided == decided
    assert case.route.rule_id in rules
    assert case.route.lead in leads


def test_a_persons_word_leaves_the_prediction_as_it_was(pipeline: Pipeline) -> None:
    alone = one(pipeline, "乱收费", "学校乱收费，每人三百元")
    decided = one(pipeline, "乱收费", "学校乱收费，每人三百元", "pay")
    assert decided.prediction == alone.prediction
    assert (alone.category, decided.category) == ("fees", "pay")


def test_what_a_person_decided_needs_no_review(pipeline: Pipeline) -> None:
    assert ReviewReason.SHORT_TEXT in one(pipeline, "", "不好").review
    assert one(pipeline, "", "不好", "management").review == ()


def test_only_some_of_a_batch_may_be_decided(pipeline: Pipeline) -> None:
    messages = [Message(str(number), "", "学校乱收费，每人三百元") for number in range(3)]
    cases = pipeline.triage(messages, on=DAY, decided=["", "pay", ""])
    assert [case.decided for case in cases] == ["", "pay", ""]
    assert [case.category for case in cases] == ["fees", "pay", "fees"]


def test_there_must_be_a_word_for_every_message(pipeline: Pipeline) -> None:
    with pytest.raises(ValueError, match="zip"):
        pipeline.triage([Message("1", "", "甲"), Message("2", "", "乙")], on=DAY, decided=["pay"])


# --- Review and jurisdiction ---


def test_two_counties_are_a_matter_for_a_person(pipeline: Pipeline) -> None:
    case = one(pipeline, "", "孩子在泰和县和吉水县之间转学，学籍没有转出来，两边学校都不管，请问找谁")
    assert case.signals.jurisdictions == ("taihe", "jishui")
    assert case.route.jurisdiction == ""
    assert ReviewReason.UNCLEAR_JURISDICTION in case.review


def test_markup_does_not_make_a_short_message_long(pipeline: Pipeline) -> None:
    assert ReviewReason.SHORT_TEXT in one(pipeline, "", "<div><span>不好</span></div>&nbsp;&nbsp;").review


def test_a_message_of_nothing_the_model_knows_says_so(pipeline: Pipeline) -> None:
    case = one(pipeline, "", "qwx zzk vvp jjq ykk wwx zzt")
    assert case.prediction.known_share == 0
    assert ReviewReason.UNKNOWN_WORDS in case.review


def test_the_version_of_the_model_is_on_every_prediction(pipeline: Pipeline) -> None:
    assert one(pipeline, "", "学校乱收费").prediction.model_version == "0001"
