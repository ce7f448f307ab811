"""From a message to a case: evidence, proof or a person, rules, due dates and drafts; the same case in any batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.classifier import NATURES, LinearHead, PetitionClassifier
from triage.config import CategoryRule, Config, ReviewSettings, load_config
from triage.features import to_document, without
from triage.pipeline import ACCUSATION, MOST_TURNING, Pipeline
from triage.schema import Case, Channel, Decision, Evidence, LabelledMessage, Message, Nature, ReviewReason
from triage.text import find_personal_data, normalise
from triage.thresholds import Proof, Threshold
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
LENIENT = ReviewSettings(min_confidence=0, min_margin=0, min_known_share=0, min_characters=0)
FEES = Message("1", "学校乱收费", "学校乱收费，每人三百元，不交不让上课")
URGENT = Message("1", "孩子被同学打伤住院", "孩子在学校被同学群殴，正在医院抢救，又有学生扬言要跳楼")
ACCUSATION_OF_A_COUNTY = Message("1", "举报吉州区教育局", "实名举报吉州区教育局局长收受校长红包，请纪委查处")
NOT_OURS = Message("1", "小区停水", "我们小区停水三天，物业没有人管，请自来水公司处理")
dressed = st.lists(st.sampled_from([*WORDS, *DRESS, *PERSONAL]), max_size=25).map("".join) | st.text(max_size=30)


@pytest.fixture(scope="session")
def pipeline(tokenizer: Tokenizer, small_classifier: PetitionClassifier) -> Pipeline:
    return Pipeline(config=CONFIG, tokenizer=tokenizer, classifier=small_classifier, model_version="0001")


def proof_of(classifier: PetitionClassifier, least: float | None, category: str = "") -> Proof:
    """One in which every category, or one alone, passes from the same confidence on."""
    thresholds = [
        Threshold(each, least if category in ("", each) else None, 50, 40, 0, 0.07) for each in classifier.categories
    ]
    return Proof(0.05, 0.95, 500, 400, 5, 0.03, tuple(thresholds))


@pytest.fixture(scope="session")
def build(tokenizer: Tokenizer, small_classifier: PetitionClassifier) -> Any:
    """Makes a pipeline with another configuration, proof or classifier."""

    def make(config: Config = CONFIG, proof: Proof | None = None, classifier: Any = small_classifier) -> Pipeline:
        return Pipeline(config=config, tokenizer=tokenizer, classifier=classifier, model_version="0001", proof=proof)

    return make


def case_of(pipeline: Pipeline, message: Message, decided: str = "") -> Case:
    (case,) = pipeline.triage([message], on=DAY, decided=[Decision(decided)])
    return case


def one(pipeline: Pipeline, title: str, text: str, decided: str = "") -> Case:
    return case_of(pipeline, Message("1", title, text), decided)


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


MOMENTS = st.none() | st.datetimes(datetime(2023, 1, 1), datetime(2026, 12, 31))
CHANNELS = st.none() | st.sampled_from(Channel)
messages = st.builds(Message, st.just("1"), dressed, dressed, MOMENTS, CHANNELS)
known_messages = st.sampled_from([FEES, URGENT, ACCUSATION_OF_A_COUNTY, NOT_OURS])


@settings(deadline=None, max_examples=30)
@given(batch=st.lists(messages | known_messages, min_size=2, max_size=6))
def test_nothing_of_a_case_depends_on_the_batch(pipeline: Pipeline, batch: list[Message]) -> None:
    together = pipeline.triage(batch, on=DAY)
    assert together == [case_of(pipeline, message) for message in batch]
    assert together[::-1] == pipeline.triage(batch[::-1], on=DAY)


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
    assert case.category == case.decided.category == decided
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


def test_a_persons_nature_outranks_the_model_in_the_route_and_the_clocks(pipeline: Pipeline) -> None:
    when = datetime(2026, 9, 1)
    blame = "吉州区某小学校长强迫学生订校服，从中拿回扣，请查处"
    message = Message("1", "举报校长", blame, received_at=when, channel=Channel.MAYOR_MAILBOX)
    (accusing,) = pipeline.triage([message], on=DAY, decided=[Decision(nature=Nature.REPORT)])
    (asking,) = pipeline.triage([message], on=DAY, decided=[Decision(nature=Nature.INQUIRY)])
    assert (accusing.nature, asking.nature) == (Nature.REPORT, Nature.INQUIRY)
    assert accusing.prediction == asking.prediction
    assert accusing.route.stop and not asking.route.stop
    days = [next(due.day for due in case.due if due.name == "办结") for case in (accusing, asking)]
    assert days[1] < days[0]


@pytest.mark.parametrize("urgent", [True, False])
def test_a_persons_word_on_urgency_holds_and_is_not_asked_again(pipeline: Pipeline, urgent: bool) -> None:
    (case,) = pipeline.triage([FEES], on=DAY, decided=[Decision(urgent=urgent)])
    assert case.urgent == urgent
    assert (ReviewReason.URGENT in case.review) == urgent
    assert ReviewReason.WATCHED not in case.review


def test_without_evidence_all_else_is_the_same(pipeline: Pipeline) -> None:
    batch = [FEES, URGENT, ACCUSATION_OF_A_COUNTY, NOT_OURS]
    told, untold = pipeline.triage(batch, on=DAY), pipeline.triage(batch, on=DAY, evidence=False)
    assert all(case.prediction.evidence for case in told)
    assert untold == [replace(case, prediction=replace(case.prediction, evidence=())) for case in told]


def test_only_some_of_a_batch_may_be_decided(pipeline: Pipeline) -> None:
    messages = [Message(str(number), "", "学校乱收费，每人三百元") for number in range(3)]
    cases = pipeline.triage(messages, on=DAY, decided=[Decision(), Decision("pay"), Decision()])
    assert [case.decided.category for case in cases] == ["", "pay", ""]
    assert [case.category for case in cases] == ["fees", "pay", "fees"]


def test_there_must_be_a_word_for_every_message(pipeline: Pipeline) -> None:
    with pytest.raises(ValueError, match="zip"):
        pipeline.triage([Message("1", "", "甲"), Message("2", "", "乙")], on=DAY, decided=[Decision("pay")])


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


# --- Proof, or a person ---


def test_without_a_proof_everything_goes_to_a_person(build: Any, corpus: Sequence[LabelledMessage]) -> None:
    pipeline = build(replace(CONFIG, review=LENIENT))
    cases = pipeline.triage([each.message for each in corpus[300:340]], on=DAY)
    assert all(ReviewReason.UNPROVEN in case.review for case in cases)


def test_from_its_threshold_on_a_prediction_needs_nobody(build: Any, small_classifier: PetitionClassifier) -> None:
    confidence = case_of(build(), FEES).prediction.confidence
    at, above = (
        case_of(build(proof=proof_of(small_classifier, least)), FEES)
        for least in (confidence, np.nextafter(confidence, 1))
    )
    assert at.review == ()
    assert above.review == (ReviewReason.LOW_CONFIDENCE,)
    assert above.prediction == at.prediction


def test_a_category_that_nothing_is_proven_of_goes_to_a_person(
    build: Any, small_classifier: PetitionClassifier
) -> None:
    assert case_of(build(proof=proof_of(small_classifier, 0.5, "fees")), FEES).review == ()
    assert case_of(build(proof=proof_of(small_classifier, 0.5, "pay")), FEES).review == (ReviewReason.UNPROVEN,)


def test_settings_can_only_ask_for_more_than_the_proof(build: Any, small_classifier: PetitionClassifier) -> None:
    strict = replace(CONFIG, review=replace(LENIENT, min_confidence=1.0))
    assert case_of(build(strict, proof_of(small_classifier, 0.0)), FEES).review == (ReviewReason.LOW_CONFIDENCE,)
    lenient = replace(CONFIG, review=LENIENT)
    assert case_of(build(lenient, proof_of(small_classifier, 1.0)), FEES).review == (ReviewReason.LOW_CONFIDENCE,)


def test_what_is_urgent_goes_to_a_person_before_all_else(build: Any, small_classifier: PetitionClassifier) -> None:
    pipeline = build(replace(CONFIG, review=LENIENT), proof_of(small_classifier, 0.0))
    case = case_of(pipeline, URGENT)
    assert case.prediction.urgent
    assert case.review == (ReviewReason.URGENT,)
    dated = replace(URGENT, received_at=datetime(2026, 9, 1))
    assert "紧急处置" in {each.name for each in case_of(pipeline, dated).due}
    assert not case_of(pipeline, FEES).prediction.urgent


def test_the_signs_of_danger_count_beside_the_words(build: Any) -> None:
    message = Message("1", "", "老师打伤学生，请处理")
    with_signs, without_signs = (case_of(build(config), message) for config in (CONFIG, replace(CONFIG, dangers=())))
    assert [each.id for each in with_signs.signals.dangers] == ["injury"]
    assert without_signs.signals.dangers == ()
    assert (with_signs.prediction.urgent, without_signs.prediction.urgent) == (True, False)


def test_an_accusation_that_must_not_reach_its_county_goes_to_a_person(
    build: Any, small_classifier: PetitionClassifier
) -> None:
    pipeline = build(replace(CONFIG, review=LENIENT), proof_of(small_classifier, 0.0))
    case = case_of(pipeline, ACCUSATION_OF_A_COUNTY)
    assert case.prediction.nature == Nature.REPORT
    assert case.route.withheld == ("jizhou",)
    assert case.route.stop
    assert case.review == (ReviewReason.CONFLICT,)


@pytest.mark.parametrize(("report", "stopped"), [(ACCUSATION + 0.01, True), (ACCUSATION - 0.01, False)])
def test_what_may_be_an_accusation_is_guarded_though_another_nature_is_likelier(
    build: Any, small_classifier: PetitionClassifier, report: float, stopped: bool
) -> None:
    rest = (1 - report) / (len(NATURES) - 1)
    odds = np.log([report if nature == Nature.REPORT else rest for nature in NATURES])
    head = LinearHead(np.zeros((len(NATURES), small_classifier.features.width)), odds)
    case = case_of(
        build(classifier=replace(small_classifier, nature=head, nature_temperature=1.0)), ACCUSATION_OF_A_COUNTY
    )
    assert case.prediction.nature != Nature.REPORT
    assert case.prediction.report == pytest.approx(report)
    assert bool(case.route.stop) == (ReviewReason.CONFLICT in case.review) == stopped


def test_a_persons_word_ends_the_review_and_not_the_guard(pipeline: Pipeline) -> None:
    case = case_of(pipeline, ACCUSATION_OF_A_COUNTY, "management")
    assert case.review == ()
    assert case.route.withheld == ("jizhou",)


# --- Rules of the bureau ---

RULED = CategoryRule("campus-canteen", "management", ("乱收费",), "本局某某通知")


def test_a_rule_outranks_the_model_and_changes_nothing_that_the_model_says(build: Any) -> None:
    alone, ruled = (case_of(build(replace(CONFIG, rules=rules)), FEES) for rules in ((), (RULED,)))
    assert ruled.prediction == alone.prediction
    assert (alone.category, alone.ruled) == ("fees", "")
    assert (ruled.category, ruled.ruled) == ("management", "management")
    told = {each.category: each.confidence for each in alone.prediction.ranked}
    assert (alone.confidence, ruled.confidence) == (told["fees"], told["management"])
    assert ruled.route.rule_id in {rule.id for rule in CONFIG.duty if rule.category == "management"}


def test_what_a_rule_decided_needs_no_proof(build: Any) -> None:
    assert case_of(build(replace(CONFIG, rules=(RULED,))), FEES).review == ()


def test_what_a_rule_decided_is_still_looked_at_where_it_is_urgent(build: Any) -> None:
    rule = CategoryRule("injuries", "fees", ("打伤",), "本局某某通知")
    case = case_of(build(replace(CONFIG, rules=(rule,))), URGENT)
    assert case.category == "fees"
    assert case.review == (ReviewReason.URGENT,)


def test_a_person_outranks_a_rule(build: Any) -> None:
    case = case_of(build(replace(CONFIG, rules=(RULED,))), FEES, "pay")
    assert (case.category, case.decided.category, case.ruled) == ("pay", "pay", "management")


@pytest.mark.parametrize("text", ["学校乱<b>收</b>费", "学校乱&#25910;费", "学校乱\u200b收费"])
def test_a_rule_reads_the_message_however_it_is_dressed(build: Any, text: str) -> None:
    assert one(build(replace(CONFIG, rules=(RULED,))), "", text).ruled == "management"


def test_a_rule_may_send_a_message_back(build: Any) -> None:
    rule = replace(RULED, category="not_edu")
    case = case_of(build(replace(CONFIG, rules=(rule,))), FEES)
    assert case.route.lead == "return_desk"
    assert case.draft


# --- Due dates ---


def test_without_a_day_of_receipt_nothing_is_due(pipeline: Pipeline) -> None:
    for message in (FEES, URGENT, NOT_OURS):
        assert case_of(pipeline, message).due == ()
        assert case_of(pipeline, replace(message, received_at=datetime(2026, 9, 1, 23, 59))).due != ()


def test_what_is_due_does_not_depend_on_the_day_of_triage(pipeline: Pipeline) -> None:
    message = replace(FEES, received_at=datetime(2026, 9, 1, 23, 59))
    early, late = (pipeline.triage([message], on=day)[0].due for day in (date(2026, 9, 1), date(2026, 12, 1)))
    assert early == late
    assert {each.name: each.day for each in early}["受理告知"] == date(2026, 9, 16)


def test_only_what_a_petition_office_handed_over_can_be_objected_to(pipeline: Pipeline) -> None:
    objected = {
        channel
        for channel in (None, *Channel)
        for each in case_of(pipeline, replace(NOT_OURS, received_at=datetime(2026, 9, 1), channel=channel)).due
        if each.name == "退件异议"
    }
    assert objected == {channel for channel in Channel if channel.is_transfer}


def test_the_category_that_holds_decides_what_is_due(pipeline: Pipeline) -> None:
    message = replace(NOT_OURS, received_at=datetime(2026, 9, 1), channel=Channel.CITY_PLATFORM)
    returned, kept = (case_of(pipeline, message, decided) for decided in ("", "facilities"))
    assert {each.name for each in returned.due} == {"受理告知", "退件异议"}
    assert {each.name for each in kept.due} == {"受理告知", "办结"}


# --- Drafts ---


@pytest.mark.parametrize("decided", CONFIG.taxonomy.ids)
def test_there_is_a_draft_only_for_what_is_not_ours(pipeline: Pipeline, decided: str) -> None:
    assert bool(case_of(pipeline, NOT_OURS, decided).draft) == (not CONFIG.taxonomy[decided].ours)


def test_a_draft_names_the_organ_and_the_day_and_nothing_of_the_letter(pipeline: Pipeline) -> None:
    letter = replace(NOT_OURS, text=f"{NOT_OURS.text}，我叫王小明，电话13800001234", sender="王小明")
    draft = case_of(pipeline, letter).draft
    assert "自来水公司" in draft
    assert "2026年10月1日" in draft
    assert draft == case_of(pipeline, NOT_OURS).draft


def test_a_bureau_without_organs_and_templates_gets_no_draft(build: Any) -> None:
    bare = replace(CONFIG, organs=(), return_templates=type(CONFIG.return_templates)())
    assert case_of(build(bare), NOT_OURS).draft == ""


# --- Words that turn it ---


def turned(pipeline: Pipeline, tokenizer: Tokenizer, message: Message, words: Sequence[str]) -> str:
    """The category of the message without the words."""
    document = to_document(message.title, message.text, tokenizer)
    left = without(document, [normalise(word) for word in words])
    return pipeline.classifier.predict([left], evidence=False)[0].ranked[0].category


def test_without_its_turning_words_a_message_is_of_another_category(
    pipeline: Pipeline, tokenizer: Tokenizer, corpus: Sequence[LabelledMessage]
) -> None:
    told = 0
    for each in corpus[300:340]:
        words = pipeline.turning_words(each.message)
        primary = case_of(pipeline, each.message).prediction.primary
        assert len(words) <= MOST_TURNING
        if words:
            told += 1
            assert turned(pipeline, tokenizer, each.message, words) != primary
            assert turned(pipeline, tokenizer, each.message, words[:-1]) == primary
    assert told > 20


def test_no_words_turn_what_would_stay_without_any_of_them(build: Any, small_classifier: PetitionClassifier) -> None:
    head = small_classifier.primary
    lifted = head.intercepts + 100 * (np.array(small_classifier.categories) == "fees")
    settled = replace(small_classifier, primary=LinearHead(head.coefficients, lifted))
    assert build(classifier=settled).turning_words(FEES) == ()
    assert build().turning_words(FEES) == ("乱收费",)


def test_words_turn_a_message_however_it_is_dressed(pipeline: Pipeline) -> None:
    plain = pipeline.turning_words(Message("1", "", "学校收费，每人300元"))
    dressed_up = pipeline.turning_words(Message("1", "", "学校&#25910;&#36153;，<i>每人</i>３００元"))
    assert plain
    assert tuple(map(normalise, dressed_up)) == plain


@settings(deadline=None, max_examples=25)
@given(title=dressed, text=dressed)
def test_turning_words_stand_in_the_message_and_are_not_personal(pipeline: Pipeline, title: str, text: str) -> None:
    for word in pipeline.turning_words(Message("1", title, text)):
        assert word in title or word in text
        assert not find_personal_data(word)


def test_a_message_without_words_has_none_that_turn_it(pipeline: Pipeline) -> None:
    assert pipeline.turning_words(Message("1", "", "")) == ()
