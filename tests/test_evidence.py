"""Evidence: the words of a message account for its score, to the last digit and at the right place."""

from __future__ import annotations

from collections import Counter
from itertools import accumulate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.classifier import Example, PetitionClassifier, fit_classifier
from triage.evidence import WordWeight, word_weights
from triage.features import TITLE_COPIES, Document, to_document
from triage.tokens import Tokenizer

phrases = st.sampled_from(
    [
        "学校",
        "老师",
        "补课费",
        "补课",
        "工资",
        "拖欠",
        "学位房",
        "，",
        "。",
        " ",
        "请问",
        "孩子",
        "某县",
        "12345678",
        "A",
        "龘",
    ]
)
fields = st.lists(phrases, max_size=60).map("".join)


@pytest.fixture(scope="module")
def latent_classifier(examples: list[Example], documents: list[Document]) -> PetitionClassifier:
    categories = sorted({example.primary for example in examples})
    return fit_classifier(examples[:110], categories=categories, unlabelled=documents[110:150]).classifier


@pytest.fixture(params=["small_classifier", "latent_classifier"])
def classifier(request: pytest.FixtureRequest) -> PetitionClassifier:
    learnt: PetitionClassifier = request.getfixturevalue(request.param)
    return learnt


def held_by_seams(classifier: PetitionClassifier, document: Document, category: str) -> float:
    """What the bigrams across the joins of titles and text add, where they stand in neither field."""
    title, text, joined = (
        field.replace(" ", "") for field in (document.title_characters, document.text_characters, document.characters)
    )
    joins = [copy * (len(title) + 1) - 1 for copy in range(1, TITLE_COPIES + 1)]
    across = {joined[start : start + 2] for join in joins for start in (join - 1, join) if start >= 0}
    seams = {seam for seam in across if len(seam) == 2 and seam not in title and seam not in text}
    features = classifier.features
    before = len(features.blocks["words"].vocabulary)
    vocabulary = features.blocks["bigrams"].vocabulary
    row = features.transform([document]).toarray()[0]
    coefficients = classifier.primary.coefficients[classifier.categories.index(category)]
    columns = [before + vocabulary.index(seam) for seam in seams if seam in vocabulary]
    return float(sum(row[column] * coefficients[column] for column in columns))


def check_account(classifier: PetitionClassifier, document: Document) -> None:
    scores = classifier.primary.scores(classifier.features.transform([document]))[0]
    for at, category in list(enumerate(classifier.categories))[::4]:
        told = sum(word.weight for word in classifier.words_for(document, category))
        explained = told + held_by_seams(classifier, document, category)
        assert explained == pytest.approx(scores[at] - classifier.primary.intercepts[at], rel=0, abs=1e-9)


def weighed_one_by_one(classifier: PetitionClassifier, document: Document, category: str) -> list[float]:
    """The weight of every piece, added up character by character as the definition says."""
    features = classifier.features
    coefficients = classifier.primary.coefficients[classifier.categories.index(category)]
    added = features.transform([document]).toarray()[0] * coefficients
    places = [
        (each.field, column, start, end)
        for each in features.places(document)
        for column, start, end in zip(each.columns.tolist(), each.starts.tolist(), each.ends.tolist(), strict=True)
    ]
    times = Counter(column for _, column, _, _ in places)
    characters: dict[tuple[str, int], float] = {}
    for field, column, start, end in places:
        for at in range(start, end):
            share = added[column] / times[column] / (end - start)
            characters[field, at] = characters.get((field, at), 0.0) + share
    words, shares = features.latent_terms(document)
    latent = dict(zip(words, shares @ coefficients[features.latent_offset :], strict=True)) if words else {}
    pieces = [*document.title, *document.text]
    return [
        sum(characters.get((field, at), 0.0) for at in range(start, end)) + latent.get(piece, 0.0) / pieces.count(piece)
        for (field, start, end), piece in zip(spans_of(document), pieces, strict=True)
    ]


def spans_of(document: Document) -> list[tuple[str, int, int]]:
    """The field, start and end of every piece, in reading order."""
    spans = []
    for field, pieces in (("title", document.title), ("text", document.text)):
        ends = list(accumulate(map(len, pieces)))
        spans += [(field, end - len(piece), end) for piece, end in zip(pieces, ends, strict=True)]
    return spans


def shown(document: Document, word: WordWeight) -> str:
    field = document.title_characters if word.field == "title" else document.text_characters
    return field[word.start : word.end]


def test_the_words_and_the_seams_account_for_every_score_of_real_letters(
    classifier: PetitionClassifier, documents: list[Document]
) -> None:
    for document in documents[500:520]:
        check_account(classifier, document)


@settings(max_examples=25, deadline=None)
@given(text=fields)
def test_without_a_title_the_words_of_the_text_account_for_every_score(
    tokenizer: Tokenizer, small_classifier: PetitionClassifier, latent_classifier: PetitionClassifier, text: str
) -> None:
    document = to_document("", text, tokenizer)
    check_account(small_classifier, document)
    check_account(latent_classifier, document)


@settings(max_examples=25, deadline=None)
@given(title=fields, text=fields)
def test_with_a_title_the_words_of_both_fields_account_for_every_score(
    tokenizer: Tokenizer,
    small_classifier: PetitionClassifier,
    latent_classifier: PetitionClassifier,
    title: str,
    text: str,
) -> None:
    document = to_document(title, text, tokenizer)
    check_account(small_classifier, document)
    check_account(latent_classifier, document)


def test_weights_stand_on_the_pieces_of_the_document_in_reading_order(
    classifier: PetitionClassifier, documents: list[Document]
) -> None:
    for document in documents[500:520]:
        words = classifier.words_for(document, "fees")
        assert words
        spans = [(word.field, word.start, word.end) for word in words]
        assert spans == [span for span in spans_of(document) if span in set(spans)]


def test_every_weight_is_what_adding_up_character_by_character_gives(
    classifier: PetitionClassifier, documents: list[Document]
) -> None:
    long = Document(documents[500].title, sum((document.text for document in documents[500:560]), ()))
    for document in (long, *documents[500:510]):
        told = {(word.field, word.start, word.end): word.weight for word in classifier.words_for(document, "fees")}
        expected = weighed_one_by_one(classifier, document, "fees")
        silent = {span for span, weight in zip(spans_of(document), expected, strict=True) if abs(weight) < 1e-15}
        assert not silent & told.keys()
        assert [told.get(span, 0.0) for span in spans_of(document)] == pytest.approx(expected, rel=0, abs=1e-11)


def test_the_strongest_words_keep_all_their_places_and_weights(
    classifier: PetitionClassifier, documents: list[Document]
) -> None:
    for document in documents[500:510]:
        row = classifier.features.transform([document])
        coefficients = classifier.primary.coefficients[0]
        every, kept = (
            word_weights(classifier.features, document, row, coefficients, strongest=count) for count in (None, 5)
        )
        totals: dict[str, float] = {}
        for word in every:
            if shown(document, word)[0].isalnum():
                totals[shown(document, word)] = totals.get(shown(document, word), 0.0) + word.weight
        strongest = sorted(totals, key=lambda word: abs(totals[word]))[-5:]
        assert kept == tuple(word for word in every if shown(document, word) in strongest)


@pytest.mark.parametrize(
    ("title", "text", "category", "expected"),
    [
        ("", "班主任每个周末在家里给学生补课，每人收补课费八百元，不去就坐最后一排。", "tutoring", {"补课", "补课费"}),
        ("拖欠工资", "我们是乡镇小学的老师，绩效工资和乡镇补贴已经半年没有发。", "pay", {"拖欠工资", "绩效工资"}),
    ],
)
def test_the_words_that_speak_loudest_are_those_a_clerk_would_underline(
    tokenizer: Tokenizer, small_classifier: PetitionClassifier, title: str, text: str, category: str, expected: set[str]
) -> None:
    document = to_document(title, text, tokenizer)
    outcome = small_classifier.predict([document])[0]
    assert outcome.ranked[0].category == category
    loudest = sorted(outcome.words, key=lambda word: -word.weight)[:3]
    assert shown(document, loudest[0]) in expected
    assert expected <= {shown(document, word) for word in loudest}


def test_a_word_speaks_for_its_category_and_against_another(
    tokenizer: Tokenizer, classifier: PetitionClassifier
) -> None:
    document = to_document("", "老师要求补课", tokenizer)
    weights = {
        category: {shown(document, word): word.weight for word in classifier.words_for(document, category)}
        for category in ("tutoring", "pay")
    }
    assert weights["tutoring"]["补课"] > 0 > weights["pay"]["补课"]


def test_a_message_of_strange_words_has_no_evidence(tokenizer: Tokenizer, classifier: PetitionClassifier) -> None:
    assert classifier.words_for(to_document("", "龘靐", tokenizer), "fees") == ()
    assert classifier.words_for(to_document("", "", tokenizer), "fees") == ()
