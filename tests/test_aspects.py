"""What the classifier tells beside the category: the nature of a message, and whether it is urgent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from triage.classifier import Example, Fit, PetitionClassifier, fit_classifier
from triage.classifier.aspects import STARTER_URGENT_RECALL, URGENT_SHARE
from triage.features import Document
from triage.schema import Nature


def fit(examples: Sequence[Example], **options: Any) -> Fit:
    categories = sorted({example.primary for example in examples})
    return fit_classifier(examples, categories=categories, out_of_scope=frozenset({"not_edu"}), **options)


def own(examples: Sequence[Example]) -> list[Example]:
    return [replace(example, starter=False) for example in examples]


def flagged(classifier: PetitionClassifier, examples: Sequence[Example]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    outcomes = classifier.predict(
        [example.document for example in examples], dangers=[example.danger for example in examples], evidence=False
    )
    return np.array([outcome.urgent for outcome in outcomes])


@pytest.fixture(scope="module")
def learnt(examples: list[Example]) -> list[Example]:
    """Every eighth message of the corpus."""
    return examples[::8]


@pytest.fixture(scope="module")
def others(examples: list[Example]) -> list[Example]:
    """Messages that `starter_fit` has not learnt from."""
    return examples[3::8]


@pytest.fixture(scope="module")
def starter_fit(learnt: list[Example]) -> Fit:
    return fit(learnt)


# --- Nature ---


def test_the_nature_of_a_message_is_told(starter_fit: Fit, others: list[Example]) -> None:
    outcomes = starter_fit.classifier.predict([example.document for example in others], evidence=False)
    truth = np.array([example.nature for example in others])
    right = np.array([outcome.nature for outcome in outcomes]) == truth
    assert right.mean() > 0.7
    assert min(right[truth == nature].mean() for nature in Nature) > 0.4


def test_the_probability_of_an_accusation_is_about_the_share_that_are(starter_fit: Fit, others: list[Example]) -> None:
    outcomes = starter_fit.classifier.predict([example.document for example in others], evidence=False)
    report = np.array([outcome.report for outcome in outcomes])
    accusation = np.array([example.nature == Nature.REPORT for example in others])
    assert ((report >= 0) & (report <= 1)).all()
    assert accusation[report > 0.5].mean() > 0.6
    assert accusation[report < 0.05].mean() < 0.05


def test_where_nobody_said_the_nature_none_is_an_accusation_for_sure(
    learnt: list[Example], documents: list[Document]
) -> None:
    silent = fit([replace(example, nature=None) for example in learnt[:200]]).classifier
    for outcome in silent.predict(documents[:50], evidence=False):
        assert outcome.report == pytest.approx(1 / len(Nature))


def test_the_bureaus_own_word_on_the_nature_counts_beside_the_starters(
    learnt: list[Example], others: list[Example]
) -> None:
    # What the bureau calls a suggestion is what the corpus calls a question.
    renamed = [
        replace(example, nature=Nature.SUGGESTION if example.nature == Nature.INQUIRY else example.nature)
        for example in own(others)
    ]
    asked = [example.document for example in learnt if example.nature == Nature.INQUIRY]
    starters = [example for example in learnt if example.nature != Nature.INQUIRY]
    outcomes = fit([*starters, *renamed]).classifier.predict(asked, evidence=False)
    assert np.mean([outcome.nature == Nature.SUGGESTION for outcome in outcomes]) > 0.5
    assert not any(outcome.nature == Nature.INQUIRY for outcome in outcomes)


# --- Urgency ---


def test_most_of_the_urgent_are_flagged_by_the_starter_model(starter_fit: Fit, others: list[Example]) -> None:
    urgent = np.array([bool(example.urgent) for example in others])
    found = flagged(starter_fit.classifier, others)
    assert found[urgent].mean() > STARTER_URGENT_RECALL - 0.15
    assert found[~urgent].mean() < 0.35


def test_of_a_bureaus_own_messages_about_a_twentieth_is_flagged(learnt: list[Example], others: list[Example]) -> None:
    quiet = [example for example in others if not example.urgent]
    alarmed = [example for example in others if example.urgent][:12]
    mailbox = own([*quiet[:388], *alarmed])
    classifier = fit([*learnt[:300], *mailbox[::2]]).classifier
    asked = mailbox[1::2]
    found = flagged(classifier, asked)
    urgent = np.array([bool(example.urgent) for example in asked])
    assert URGENT_SHARE / 2 < found.mean() < 2.5 * URGENT_SHARE
    assert found[urgent].mean() > 0.5


def test_what_is_urgent_is_watched_too_and_more_are_watched(starter_fit: Fit, others: list[Example]) -> None:
    outcomes = starter_fit.classifier.predict(
        [each.document for each in others], dangers=[each.danger for each in others], evidence=False
    )
    assert all(outcome.watched for outcome in outcomes if outcome.urgent)
    assert sum(outcome.watched for outcome in outcomes) > sum(outcome.urgent for outcome in outcomes) > 0


def test_signs_of_danger_raise_the_alarm_of_a_message_and_nothing_else(
    starter_fit: Fit, documents: list[Document]
) -> None:
    classifier = starter_fit.classifier
    assert classifier.urgency.danger_weight > 0
    safe, unsafe, unsaid = (
        classifier.predict(documents[:30], dangers=dangers) for dangers in ([0.0] * 30, [0.5] * 30, ())
    )
    assert unsaid == safe
    for one, other in zip(safe, unsafe, strict=True):
        assert other.alarm == pytest.approx(one.alarm + 0.5 * classifier.urgency.danger_weight)
        assert replace(other, alarm=one.alarm, urgent=one.urgent, watched=one.watched) == one
        assert (other.urgent, other.watched) >= (one.urgent, one.watched)


def test_the_danger_of_a_message_is_its_own_in_any_batch(starter_fit: Fit, others: list[Example]) -> None:
    classifier, asked = starter_fit.classifier, others[:40]
    documents, dangers = [each.document for each in asked], [each.danger for each in asked]
    together = classifier.predict(documents, dangers=dangers)
    assert [classifier.predict([each.document], dangers=[each.danger])[0] for each in asked] == together
    assert classifier.predict(documents[::-1], dangers=dangers[::-1]) == together[::-1]


@pytest.mark.parametrize("urgent", [None, False])
def test_where_no_message_is_urgent_none_is_flagged(
    learnt: list[Example], others: list[Example], urgent: bool | None
) -> None:
    calm = fit([replace(example, urgent=urgent) for example in learnt[:200]]).classifier
    assert not flagged(calm, [replace(example, danger=1.0) for example in others[:50]]).any()


def test_without_signs_of_danger_the_words_alone_tell(learnt: list[Example], others: list[Example]) -> None:
    blind = [replace(example, danger=0.0) for example in learnt]
    classifier = fit(blind).classifier
    assert classifier.urgency.danger_weight == 0
    asked = [replace(example, danger=0.0) for example in others]
    urgent = np.array([bool(example.urgent) for example in asked])
    found = flagged(classifier, asked)
    assert found[urgent].mean() > 2 * found[~urgent].mean()


def test_what_own_messages_say_nothing_of_is_learnt_from_the_starters(learnt: list[Example]) -> None:
    silent = [replace(example, urgent=None, nature=None) for example in own(learnt[300:400])]
    mixed, alone = fit([*learnt[:300], *silent]).classifier, fit(learnt[:300]).classifier
    asked = learnt[400:500]
    documents = [example.document for example in asked]
    same = [
        one.nature == other.nature
        for one, other in zip(mixed.predict(documents), alone.predict(documents), strict=True)
    ]
    assert np.mean(same) > 0.9
    assert np.mean(flagged(mixed, asked) == flagged(alone, asked)) > 0.85


# --- What was held out ---


def test_the_held_out_predictions_are_of_own_messages_in_their_order(learnt: list[Example]) -> None:
    mailbox = own(learnt[100:220])
    groups = [*(f"starter {at}" for at in range(100)), *(f"own {at // 2}" for at in range(120))]
    made = fit([*learnt[:100], *mailbox], groups=groups)
    held_out, categories = made.held_out, made.classifier.categories
    assert held_out.groups == tuple(groups[100:])
    assert [categories[at] for at in held_out.truth] == [example.primary for example in mailbox]
    assert held_out.probabilities.shape == (120, len(categories))
    np.testing.assert_allclose(held_out.probabilities.sum(axis=1), 1)


def test_own_messages_keep_their_order_among_the_starters(learnt: list[Example]) -> None:
    starters, mailbox = learnt[:100], own(learnt[100:220])
    apart = fit([*starters, *mailbox]).held_out
    mixed = [each for pair in zip(starters, mailbox, strict=False) for each in pair] + mailbox[100:]
    groups = [f"{'starter' if each.starter else 'own'} {at}" for at, each in enumerate(mixed)]
    held_out = fit(mixed, groups=groups).held_out
    assert held_out.groups == tuple(name for name in groups if name.startswith("own"))
    assert held_out.truth.tolist() == apart.truth.tolist()
    assert held_out.probabilities.shape == apart.probabilities.shape
    assert held_out.alarms.shape == apart.alarms.shape == (120,)


@pytest.fixture(scope="module")
def half_told(learnt: list[Example]) -> list[Example]:
    """Starters, and own messages of every second of which nobody said whether it is urgent."""
    mailbox = own(learnt[100:340])
    return [*learnt[:100], *(replace(each, urgent=None) if at % 2 else each for at, each in enumerate(mailbox))]


def test_held_out_alarms_are_of_the_own_messages_that_somebody_judged(half_told: list[Example]) -> None:
    made = fit(half_told)
    alarms = made.held_out.alarms
    assert alarms.shape == (240,)
    assert np.isnan(alarms).tolist() == [example.urgent is None for example in half_told[100:]]
    assert (alarms[::2] >= made.classifier.urgency.urgent_from).mean() == pytest.approx(URGENT_SHARE, abs=0.01)


def test_held_out_alarms_add_the_dangers_as_predictions_do(half_told: list[Example]) -> None:
    made, blind = fit(half_told), fit([replace(example, danger=0.0) for example in half_told])
    dangers = np.array([example.danger for example in half_told[100:]])
    assert dangers.any()
    weight = made.classifier.urgency.danger_weight
    np.testing.assert_allclose(made.held_out.alarms, blind.held_out.alarms + weight * dangers)
    first = half_told[100]
    raised, calm = (made.classifier.predict([first.document], dangers=[danger])[0].alarm for danger in (1.0, 0.0))
    assert raised - calm == pytest.approx(weight)


@pytest.mark.parametrize(("urgent", "silent"), [(None, True), (False, False)])
def test_where_no_message_is_urgent_held_out_alarms_are_those_of_predictions(
    learnt: list[Example], urgent: bool | None, silent: bool
) -> None:
    calm = [replace(example, urgent=urgent) for example in [*learnt[:60], *own(learnt[60:120])]]
    made = fit(calm)
    told = [outcome.alarm for outcome in made.classifier.predict([each.document for each in calm[60:]])]
    np.testing.assert_array_equal(made.held_out.alarms, np.full(60, np.nan) if silent else told)


def test_of_the_starter_corpus_alone_nothing_is_held_out(starter_fit: Fit) -> None:
    assert starter_fit.held_out.probabilities.shape == (0, len(starter_fit.classifier.categories))
    assert starter_fit.held_out.alarms.shape == (0,)
    assert starter_fit.held_out.groups == ()


def test_labels_drawn_by_lot_are_not_guessed_held_out(documents: list[Document]) -> None:
    rng = np.random.default_rng(0)
    letters = [Example(document, str(rng.choice(["pay", "fees"]))) for document in documents[:100]]
    held_out = fit([*letters, *letters], groups=[str(at % 100) for at in range(200)]).held_out
    right = held_out.probabilities.argmax(axis=1) == held_out.truth
    assert 0.35 < right.mean() < 0.65
