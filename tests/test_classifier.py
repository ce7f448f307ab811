"""The classifier: the same for the same examples, honest on held-out letters, and silent where it was told nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from triage.classifier import Example, Fit, PetitionClassifier, fit_classifier
from triage.classifier.fitting import MANY_OWN, STARTER_WEIGHTS
from triage.classifier.model import MAX_SECONDARY, SHOWN_WORDS
from triage.errors import InputError
from triage.features import Document

OUT_OF_SCOPE = frozenset({"not_edu"})


def fit(examples: Sequence[Example], **options: Any) -> Fit:
    categories = sorted({example.primary for example in examples})
    return fit_classifier(examples, **({"categories": categories, "out_of_scope": OUT_OF_SCOPE} | options))


def own(examples: Sequence[Example]) -> list[Example]:
    return [replace(example, starter=False) for example in examples]


def bits(made: Fit) -> list[object]:
    classifier, held_out = made.classifier, made.held_out
    heads = [classifier.primary, classifier.secondary, classifier.nature, classifier.urgency.head]
    arrays = [array for head in heads for array in (head.coefficients, head.intercepts)]
    arrays += [block.idf for block in classifier.features.blocks.values()]
    if classifier.features.latent:
        arrays += [classifier.features.latent.components, classifier.features.latent.block.idf]
    arrays += [held_out.probabilities, held_out.truth, held_out.alarms]
    words = [block.vocabulary for block in classifier.features.blocks.values()]
    numbers = [
        classifier.temperature,
        classifier.secondary_threshold,
        classifier.nature_temperature,
        classifier.urgency.danger_weight,
        classifier.urgency.urgent_from,
        classifier.urgency.watched_from,
    ]
    return [*(array.tobytes() for array in arrays), words, *numbers, held_out.groups, made.summary]


@pytest.fixture(scope="module")
def quarter(examples: list[Example]) -> PetitionClassifier:
    """Learnt from every fourth message of the corpus."""
    return fit(examples[::4]).classifier


@pytest.fixture(scope="module")
def held_out(examples: list[Example]) -> list[Example]:
    """Messages that neither `quarter` nor `small_classifier` has learnt from."""
    return [example for at, example in enumerate(examples) if at % 4 == 1][200:]


def test_letters_that_it_has_not_learnt_from_are_told_apart(
    quarter: PetitionClassifier, held_out: list[Example]
) -> None:
    truth = np.array([quarter.categories.index(example.primary) for example in held_out])
    probabilities = quarter.probabilities([example.document for example in held_out])
    right = probabilities.argmax(axis=1) == truth
    most_frequent = np.bincount(truth).max() / len(truth)
    assert most_frequent < 0.3
    assert right.mean() > 0.7
    assert min(right[truth == category].mean() for category in np.unique(truth)) > 0.4
    in_three = (np.argsort(-probabilities, axis=1)[:, :3] == truth[:, np.newaxis]).any(axis=1)
    assert in_three.mean() > 0.9


def test_its_confidence_is_about_the_share_that_is_right(quarter: PetitionClassifier, held_out: list[Example]) -> None:
    outcomes = quarter.predict([example.document for example in held_out], evidence=False)
    right = [outcome.ranked[0].category == example.primary for outcome, example in zip(outcomes, held_out, strict=True)]
    confidence = [outcome.ranked[0].confidence for outcome in outcomes]
    assert np.mean(confidence) == pytest.approx(np.mean(right), abs=0.08)
    sure = np.array(confidence) > 0.9
    assert np.mean(np.array(right)[sure]) > np.mean(np.array(right)[~sure]) + 0.2


def test_the_same_examples_give_the_same_classifier_to_the_bit_in_one_process_or_in_two(
    examples: list[Example], documents: list[Document]
) -> None:
    few = [example for example in examples[:300] if example.primary in ("pay", "fees", "not_edu")][:60]
    learnt = [*few[:30], *own(few[30:])]
    once, again, together = (bits(fit(learnt, unlabelled=documents[300:330], jobs=jobs)) for jobs in (1, 1, 2))
    assert once == again
    assert once == together


def test_an_outcome_depends_neither_on_the_batch_nor_on_its_order(
    small_classifier: PetitionClassifier, documents: list[Document]
) -> None:
    batch = [*documents[400:440], Document((), ())]
    together = small_classifier.predict(batch)
    assert [small_classifier.predict([document])[0] for document in batch] == together
    assert small_classifier.predict(batch[::-1]) == together[::-1]
    assert small_classifier.predict([]) == []


def test_an_outcome_ranks_every_category_with_the_probabilities(
    small_classifier: PetitionClassifier, documents: list[Document]
) -> None:
    batch = documents[400:440]
    probabilities = small_classifier.probabilities(batch)
    for outcome, row in zip(small_classifier.predict(batch), probabilities, strict=True):
        confidences = [alternative.confidence for alternative in outcome.ranked]
        assert confidences == sorted(confidences, reverse=True)
        assert sum(confidences) == pytest.approx(1)
        told = {alternative.category: alternative.confidence for alternative in outcome.ranked}
        assert told == dict(zip(small_classifier.categories, row.tolist(), strict=True))


def test_evidence_is_the_strongest_words_for_the_primary_category_and_only_if_asked_for(
    small_classifier: PetitionClassifier, documents: list[Document]
) -> None:
    for document in documents[400:410]:
        with_words, without = (small_classifier.predict([document], evidence=asked)[0] for asked in (True, False))
        every = small_classifier.words_for(document, with_words.ranked[0].category)
        assert set(with_words.words) <= set(every)
        loudest = max(every, key=lambda word: word.weight)
        assert loudest in with_words.words
        fields = {"title": document.title_characters, "text": document.text_characters}
        kept, there = (
            {fields[word.field][word.start : word.end] for word in words} for words in (with_words.words, every)
        )
        assert len(kept) == min(SHOWN_WORDS, len(there))
        assert without == replace(with_words, words=())


def test_a_category_without_examples_is_never_predicted(examples: list[Example], documents: list[Document]) -> None:
    learnt = [example for example in examples[:300] if example.primary in ("pay", "fees")]
    classifier = fit(learnt, categories=["unheard_of", "pay", "ethics", "fees"]).classifier
    assert classifier.categories == ("pay", "fees")
    for outcome in classifier.predict(documents[300:400], evidence=False):
        assert {alternative.category for alternative in outcome.ranked} == {"pay", "fees"}
        assert {*outcome.secondary} <= {"pay", "fees"}


def test_one_example_of_a_category_is_enough_to_know_of_it(examples: list[Example], documents: list[Document]) -> None:
    first = next(example for example in examples if example.primary == "ethics")
    learnt = [example for example in examples[:300] if example.primary in ("pay", "fees")]
    classifier = fit([*own(learnt), *own([first])]).classifier
    assert classifier.predict([first.document])[0].ranked[0].category == "ethics"


@pytest.mark.parametrize("starters", [False, True])
def test_a_text_sent_twice_does_not_flatter_the_confidence(documents: list[Document], starters: bool) -> None:
    # Labels drawn by lot: whoever has not seen the twin can only guess, and must say so by a high temperature.
    rng = np.random.default_rng(0)
    letters = [Example(document, str(rng.choice(["pay", "fees"])), ()) for document in documents[:60]]
    twins = [*letters, *(replace(letter, starter=starters) for letter in letters)]
    flattered = fit(twins).classifier
    honest = fit(twins, groups=[f"text {at % 60}" for at in range(120)]).classifier
    assert honest.temperature > 2 * flattered.temperature
    assert honest.probabilities(documents[100:200]).max(axis=1).mean() < 0.65


def test_the_starter_corpus_alone_counts_once(examples: list[Example]) -> None:
    summary = fit(examples[:150]).summary
    assert summary.starter_weight == 1.0
    assert (summary.examples, summary.starter_examples) == (150, 150)


def test_messages_of_the_bureaus_own_choose_the_starter_weight(examples: list[Example]) -> None:
    told: list[tuple[str, float]] = []
    mixed = [*examples[:60], *own(examples[60:120])]
    summary = fit(mixed, progress=lambda what, share: told.append((what, share))).summary
    assert summary.starter_weight in STARTER_WEIGHTS
    assert (summary.examples, summary.starter_examples) == (120, 60)
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert (shares[0], told[-1]) == (0.0, ("done", 1.0))


@pytest.mark.parametrize(
    ("count", "many_own"),
    [pytest.param(120, MANY_OWN, id="every weight tried"), pytest.param(400, 400, id="hopeless ones given up")],
)
def test_own_messages_that_contradict_the_starter_corpus_make_it_count_least(
    examples: list[Example], monkeypatch: pytest.MonkeyPatch, count: int, many_own: int
) -> None:
    monkeypatch.setattr("triage.classifier.fitting.MANY_OWN", many_own)
    learnt = [example for example in examples if example.primary in ("pay", "fees")]
    swapped = {"pay": "fees", "fees": "pay"}
    starter = [replace(example, primary=swapped[example.primary], secondary=()) for example in learnt[:count]]
    summary = fit([*starter, *own(learnt[count : 2 * count])]).summary
    assert summary.starter_weight == min(STARTER_WEIGHTS)


def test_second_categories_are_others_and_ours_and_few(quarter: PetitionClassifier, held_out: list[Example]) -> None:
    outcomes = quarter.predict([example.document for example in held_out], evidence=False)
    for outcome in outcomes:
        primary = outcome.ranked[0].category
        assert len(set(outcome.secondary)) == len(outcome.secondary) <= MAX_SECONDARY
        assert not {*outcome.secondary} & {primary, *OUT_OF_SCOPE}
        assert not (primary in OUT_OF_SCOPE and outcome.secondary)
    assert {len(outcome.secondary) for outcome in outcomes} == {0, 1, MAX_SECONDARY}


def test_second_categories_are_right_far_more_often_than_by_chance(
    quarter: PetitionClassifier, held_out: list[Example]
) -> None:
    outcomes = quarter.predict([example.document for example in held_out], evidence=False)
    pairs = [
        (set(outcome.secondary), set(example.secondary or ()))
        for outcome, example in zip(outcomes, held_out, strict=True)
        if outcome.ranked[0].category == example.primary
    ]
    told = sum(len(got) for got, _ in pairs)
    right = sum(len(got & wanted) for got, wanted in pairs)
    wanted = sum(len(wanted) for _, wanted in pairs)
    by_chance = wanted / len(pairs) / (len(quarter.categories) - 2)
    assert right / told > 5 * by_chance


@pytest.mark.parametrize(
    "told",
    [
        pytest.param(lambda at, example: None, id="nobody said"),
        pytest.param(lambda at, example: (), id="there never is one"),
        pytest.param(lambda at, example: () if at == 120 else None, id="one message says there is none"),
        pytest.param(lambda at, example: example.secondary if at < 80 else None, id="the starter corpus alone says"),
    ],
)
def test_where_no_own_message_has_a_second_category_hardly_any_is_told(
    examples: list[Example], documents: list[Document], told: Any
) -> None:
    few = [example for example in examples[:300] if example.primary in ("tutoring", "fees", "pay", "ethics", "not_edu")]
    classifier = fit(
        [replace(example, secondary=told(at, example), starter=at < 80) for at, example in enumerate(few)]
    ).classifier
    outcomes = classifier.predict(documents[300:600], evidence=False)
    assert sum(bool(outcome.secondary) for outcome in outcomes) <= 15


@pytest.mark.parametrize(
    ("primaries", "sentence"),
    [
        ([], "There are examples of 0 of the 3 categories. Label messages of at least two."),
        (["pay"] * 5, "There are examples of 1 of the 3 categories. Label messages of at least two."),
    ],
)
def test_fewer_than_two_categories_cannot_be_told_apart(
    documents: list[Document], primaries: list[str], sentence: str
) -> None:
    learnt = [Example(document, primary) for document, primary in zip(documents, primaries, strict=False)]
    with pytest.raises(InputError) as caught:
        fit_classifier(learnt, categories=["pay", "fees", "ethics"])
    assert str(caught.value) == sentence


def test_a_category_that_there_is_not_is_named(documents: list[Document]) -> None:
    primaries = ["pay", "fees", "weather", "pay", "weather"]
    learnt = [Example(document, primary) for document, primary in zip(documents, primaries, strict=False)]
    with pytest.raises(InputError) as caught:
        fit_classifier(learnt, categories=["pay", "fees"])
    assert str(caught.value) == "2 examples have a category that there is not: 'weather'. Use one of: pay, fees."
