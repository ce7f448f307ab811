"""Figures come from messages that the judged model has not learnt from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pytest

from triage.classifier import PetitionClassifier
from triage.config import Home, load_config, load_dangers, load_taxonomy
from triage.errors import InputError
from triage.schema import Label, LabelledMessage, Message
from triage.signals import SignalReader
from triage.thresholds import Proof, Threshold
from triage.tokens import Tokenizer
from triage.training import Workshop
from triage.validation import MAX_ERRORS, cross_validate, judge, judge_after

DATA = Path(__file__).parents[1] / "data"
TAXONOMY = load_taxonomy(DATA)


@pytest.fixture
def workshop(tmp_path: Path, tokenizer: Tokenizer) -> Workshop:
    return Workshop(Home(DATA, tmp_path / "models"), TAXONOMY, tokenizer, load_dangers(DATA))


@pytest.fixture(scope="module")
def labelled(corpus: Sequence[LabelledMessage]) -> list[LabelledMessage]:
    return list(corpus[:120])


def dated(labelled: Sequence[LabelledMessage], days: Sequence[int | None]) -> list[LabelledMessage]:
    """The messages, received on those days of a month."""
    return [
        replace(each, message=replace(each.message, received_at=None if day is None else datetime(2026, 9, day)))
        for each, day in zip(labelled, days, strict=True)
    ]


# --- A trained classifier ---


def test_a_classifier_is_judged_on_all_labels(
    workshop: Workshop, small_classifier: PetitionClassifier, corpus: Sequence[LabelledMessage]
) -> None:
    report = judge(workshop, small_classifier, corpus[600:700])
    assert report.n == 100
    assert report.method == "现用模型对 100 件人工标注"
    assert report.categories == TAXONOMY.ids
    assert report.out_of_scope == ("not_edu",)
    assert np.sum(report.confusion) == 100


def test_the_columns_of_a_model_are_put_where_the_taxonomy_has_them(
    workshop: Workshop, small_classifier: PetitionClassifier, labelled: list[LabelledMessage]
) -> None:
    assert small_classifier.categories != TAXONOMY.ids
    report = judge(workshop, small_classifier, labelled)
    documents = [workshop.document(each.message) for each in labelled]
    said = [outcome.ranked[0].category for outcome in small_classifier.predict(documents, evidence=False)]
    right = sum(guess == each.label.primary for guess, each in zip(said, labelled, strict=True))
    assert report.accuracy.value == right / len(labelled)


def test_a_category_that_the_model_does_not_know_is_never_right(
    workshop: Workshop, labelled: list[LabelledMessage]
) -> None:
    classifier = workshop.fit([each for each in labelled if each.label.primary != "pay"]).classifier
    report = judge(workshop, classifier, labelled)
    (pay,) = [each for each in report.per_category if each.category == "pay"]
    assert pay.support > 0
    assert (pay.precision.value, pay.recall.value) == (0, 0)


# --- Cross-validation ---


def test_every_message_is_judged_once(workshop: Workshop, labelled: list[LabelledMessage]) -> None:
    report = cross_validate(workshop, labelled[:60], folds=3)
    assert report.n == np.sum(report.confusion) == 60
    assert report.method == "3 折交叉验证，不用起始语料"


def test_the_starter_corpus_is_learnt_from_and_not_judged(
    workshop: Workshop, labelled: list[LabelledMessage], corpus: Sequence[LabelledMessage]
) -> None:
    alone = cross_validate(workshop, labelled[:40], folds=2)
    helped = cross_validate(workshop, labelled[:40], folds=2, starter=corpus[200:320])
    assert helped.n == alone.n == 40
    assert helped.method == "2 折交叉验证，另有 120 件起始语料参加训练"
    assert helped.accuracy.value > alone.accuracy.value


@pytest.fixture(scope="module")
def nonsense(labelled: list[LabelledMessage]) -> list[LabelledMessage]:
    """Labels that have nothing to do with the text: only who has seen the text can guess them."""
    random = np.random.default_rng(0)
    return [
        replace(each, label=replace(each.label, primary=str(random.choice(["fees", "pay"])), secondary=None))
        for each in labelled[:60]
    ]


def test_the_same_text_never_stands_on_both_sides(workshop: Workshop, nonsense: list[LabelledMessage]) -> None:
    twins = [replace(each, message=replace(each.message, id=f"twin-{each.message.id}")) for each in nonsense]
    assert cross_validate(workshop, [*nonsense, *twins], folds=3).accuracy.value < 0.75


def test_the_starter_corpus_does_not_give_away_a_judged_text(
    workshop: Workshop, nonsense: list[LabelledMessage]
) -> None:
    assert cross_validate(workshop, nonsense, folds=3, starter=nonsense).accuracy.value < 0.75
    half = dated(nonsense, [1] * 30 + [20] * 30)
    assert judge_after(workshop, half, after=date(2026, 9, 10), starter=nonsense).accuracy.value < 0.75


def test_folds_are_told_one_after_the_other(workshop: Workshop, labelled: list[LabelledMessage]) -> None:
    told: list[tuple[str, float]] = []
    cross_validate(workshop, labelled[:40], folds=2, progress=lambda what, share: told.append((what, share)))
    assert {what.partition(":")[0] for what, _ in told} == {"fold 1 of 2", "fold 2 of 2"}
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert all(0 <= share <= 1 for share in shares)


def test_fewer_messages_than_folds(workshop: Workshop, labelled: list[LabelledMessage]) -> None:
    same = [replace(each, message=replace(labelled[0].message, id=str(at))) for at, each in enumerate(labelled[:10])]
    with pytest.raises(InputError, match="1 different messages cannot be dealt into 3 folds"):
        cross_validate(workshop, same, folds=3)


# --- A split in time ---


def test_what_came_later_is_judged_by_what_came_before(workshop: Workshop, labelled: list[LabelledMessage]) -> None:
    days = [1 + at % 20 for at in range(len(labelled))]
    report = judge_after(workshop, dated(labelled, days), after=date(2026, 9, 16))
    later = sum(day >= 16 for day in days)
    assert report.n == later
    assert report.method == f"以 2026-09-16 之前的 {len(labelled) - later} 件训练，不用起始语料"


def test_a_text_that_came_again_is_not_learnt_from(workshop: Workshop, labelled: list[LabelledMessage]) -> None:
    early = dated(labelled[:100], [1] * 100)
    again = dated(labelled[80:110], [20] * 30)
    report = judge_after(workshop, [*early, *again], after=date(2026, 9, 10))
    assert report.n == 30
    assert report.method.startswith("以 2026-09-10 之前的 80 件训练")


def test_a_day_outside_the_dates(workshop: Workshop, labelled: list[LabelledMessage]) -> None:
    with pytest.raises(InputError, match="the dates run from 2026-09-03 to 2026-09-03"):
        judge_after(workshop, dated(labelled, [3] * len(labelled)), after=date(2027, 1, 1))
    with pytest.raises(InputError, match="no message has a date"):
        judge_after(workshop, labelled, after=date(2026, 1, 1))


# --- The automatic tier ---


def proof_from(least: float | None, max_error: float = 0.05) -> Proof:
    """One in which every category passes from the same confidence on."""
    return Proof(
        max_error, 0.95, 100, 80, 1, 0.05, tuple(Threshold(each, least, 50, 8, 0, 0.3) for each in TAXONOMY.ids)
    )


@pytest.mark.parametrize("least", [0.0, 0.9, None])
def test_the_tier_of_a_trained_model_is_what_its_own_proof_lets_pass(
    workshop: Workshop, small_classifier: PetitionClassifier, corpus: Sequence[LabelledMessage], least: float | None
) -> None:
    judged = corpus[600:700]
    (tier,) = judge(workshop, small_classifier, judged, proof=proof_from(least, 0.07)).tiers
    documents = [workshop.document(each.message) for each in judged]
    firsts = [outcome.ranked[0] for outcome in small_classifier.predict(documents, evidence=False)]
    passed = [least is not None and first.confidence >= least for first in firsts]
    wrong = [first.category != each.label.primary for first, each in zip(firsts, judged, strict=True)]
    assert tier.max_error == 0.07
    assert tier.automatic == sum(passed)
    assert tier.coverage == sum(passed) / 100
    assert tier.errors == sum(bad for bad, passes in zip(wrong, passed, strict=True) if passes)
    assert tier.never == (() if least is not None else TAXONOMY.ids)


def test_without_a_proof_there_is_no_tier(
    workshop: Workshop, small_classifier: PetitionClassifier, labelled: list[LabelledMessage]
) -> None:
    assert judge(workshop, small_classifier, labelled).tiers == ()


@pytest.fixture(scope="module")
def easy(corpus: Sequence[LabelledMessage]) -> list[LabelledMessage]:
    """Messages of two categories that are easily told apart, enough to prove something."""
    return [each for each in corpus if each.label.primary in ("pay", "not_edu")][:240]


def test_each_fold_is_judged_by_what_was_proven_on_the_others(workshop: Workshop, easy: list[LabelledMessage]) -> None:
    report = cross_validate(workshop, easy, folds=2)
    assert [tier.max_error for tier in report.tiers] == list(MAX_ERRORS)
    usual, strict = report.tiers
    assert 0.3 < usual.coverage <= 1
    assert usual.automatic == sum(each.automatic for each in usual.per_category) == round(usual.coverage * report.n)
    assert usual.errors == sum(each.errors for each in usual.per_category)
    assert usual.accuracy > 0.93
    assert {*usual.never} == {*TAXONOMY.ids} - {"pay", "not_edu"}
    # 120 messages of a fold prove no 1 % of errors.
    assert (strict.coverage, strict.never) == (0, TAXONOMY.ids)


def test_a_split_in_time_has_its_tiers_too(workshop: Workshop, easy: list[LabelledMessage]) -> None:
    report = judge_after(workshop, dated(easy, [1] * 160 + [20] * 80), after=date(2026, 9, 10))
    usual, strict = report.tiers
    assert usual.coverage > 0.3 > strict.coverage == 0


# --- What is told beside the category ---


def test_what_the_labels_say_nothing_of_is_not_judged(
    workshop: Workshop, small_classifier: PetitionClassifier, labelled: list[LabelledMessage]
) -> None:
    bare = [replace(each, label=Label(each.label.message_id, each.label.primary)) for each in labelled]
    names = SignalReader(load_config(DATA).jurisdictions)
    report = judge(workshop, small_classifier, bare, names=names)
    assert (report.secondary, report.nature, report.urgent, report.names) == (None, None, None, None)
    assert judge(workshop, small_classifier, labelled).names is None


def test_only_messages_of_which_it_is_known_are_judged(
    workshop: Workshop, small_classifier: PetitionClassifier, labelled: list[LabelledMessage]
) -> None:
    def told(at: int, label: Label) -> Label:
        return replace(
            label,
            secondary=label.secondary if at < 90 else None,
            nature=label.nature if at < 80 else None,
            urgent=label.urgent if at < 70 else None,
            place=label.place if at < 60 else None,
        )

    some = [replace(each, label=told(at, each.label)) for at, each in enumerate(labelled)]
    report = judge(workshop, small_classifier, some, names=SignalReader(load_config(DATA).jurisdictions))
    assert report.secondary is not None
    assert report.nature is not None
    assert report.urgent is not None
    assert report.names is not None
    counts = (report.secondary.messages, report.nature.messages, report.urgent.messages, report.names.messages)
    assert counts == (90, 80, 70, 60)
    assert report.urgent.urgent == sum(bool(each.label.urgent) for each in labelled[:70])


def test_nature_and_urgency_are_told_far_better_than_by_chance(
    workshop: Workshop, small_classifier: PetitionClassifier, corpus: Sequence[LabelledMessage]
) -> None:
    report = judge(workshop, small_classifier, corpus[1000:2000])
    assert report.nature is not None
    assert report.nature.macro_f1 > 0.6
    assert report.urgent is not None
    assert report.urgent.recall > 4 * report.urgent.share
    blind = judge(replace(workshop, dangers=()), small_classifier, corpus[1000:2000])
    assert blind.urgent is not None
    assert report.urgent.recall > blind.urgent.recall


def test_names_in_a_text_that_came_cut_into_words_are_not_judged(
    workshop: Workshop, small_classifier: PetitionClassifier
) -> None:
    texts = ["吉州区第一小学收费太高请处理", "吉州区 第一 小学 收费 太 高 请 处理"]
    labelled = [
        LabelledMessage(Message(str(at), "", text), Label(str(at), "fees", place="吉州区", schools=("吉州区第一小学",)))
        for at, text in enumerate(texts)
    ]
    report = judge(workshop, small_classifier, labelled, names=SignalReader(load_config(DATA).jurisdictions))
    assert report.names is not None
    assert (report.names.messages, report.names.place_accuracy) == (1, 1.0)
    assert report.names.schools_overlapping.recall == 1.0
