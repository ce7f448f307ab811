"""Features: a message becomes one row that depends on nothing but itself and what was learnt."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.errors import InputError
from triage.features import (
    BLOCK_WEIGHTS,
    LATENT_WEIGHT,
    OPENING_LENGTH,
    Document,
    Features,
    fit_features,
    to_document,
    without,
)
from triage.text import normalise
from triage.tokens import Tokenizer

any_text = st.text(st.one_of(st.characters(), st.sampled_from("孩子家长老师收费 ，。\n5A市<&")), max_size=120)


@pytest.fixture(scope="module")
def plain(documents: list[Document]) -> Features:
    return fit_features(documents[:200])


@pytest.fixture(scope="module")
def latent(documents: list[Document]) -> Features:
    return fit_features(documents[:80], documents[80:120])


@pytest.fixture(params=["plain", "latent"])
def features(request: pytest.FixtureRequest) -> Features:
    learnt: Features = request.getfixturevalue(request.param)
    return learnt


def cells(features: Features, documents: list[Document]) -> list[list[tuple[int, str]]]:
    """The columns and exact values of each row."""
    rows = features.transform(documents)
    return [
        [(int(column), float(value).hex()) for column, value in zip(row.indices, row.data, strict=True)] for row in rows
    ]


def block_spans(features: Features) -> dict[str, tuple[int, int]]:
    spans, start = {}, 0
    for name, block in features.blocks.items():
        spans[name] = (start, start + len(block.vocabulary))
        start += len(block.vocabulary)
    return spans


@settings(max_examples=200, deadline=None)
@given(title=any_text, text=any_text)
def test_the_pieces_joined_give_the_cleaned_fields_with_every_offset_kept(
    tokenizer: Tokenizer, title: str, text: str
) -> None:
    document = to_document(title, text, tokenizer)
    for shown, original in ((document.title_characters, title), (document.text_characters, text)):
        cleaned = normalise(original)
        assert len(shown) == len(cleaned)
        assert all(after in (before, "#", "某") for before, after in zip(cleaned, shown, strict=True))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("电话13800000000请回", "电话###########请回"),
        ("二班有2345人", "二班有2345人"),
        ("家住A市B12区某小区", "家住某市某某某区某小区"),
        ("在AB县的A4纸上", "在A某县的A4纸上"),
    ],
)
def test_long_numbers_and_coded_places_are_hidden(tokenizer: Tokenizer, text: str, shown: str) -> None:
    document = to_document(text, text, tokenizer)
    assert (document.title_characters, document.text_characters) == (shown, shown)


def test_a_word_of_the_title_counts_twice_and_punctuation_not_at_all(tokenizer: Tokenizer) -> None:
    document = to_document("学位房？", "学位房，怎么划片。", tokenizer)
    assert document.words == ["学位房", "学位房", "学位房", "怎么", "划片"]


def test_a_row_is_the_same_to_the_bit_alone_and_in_any_batch(features: Features, documents: list[Document]) -> None:
    batch = [*documents[350:450], Document((), ())]
    together = cells(features, batch)
    assert [cells(features, [document])[0] for document in batch] == together
    assert cells(features, batch[::-1]) == together[::-1]
    assert cells(features, batch[:7]) == together[:7]


def test_every_block_has_the_length_of_its_weight(latent: Features, documents: list[Document]) -> None:
    rows = latent.transform(documents[:50]).toarray()
    spans = block_spans(latent)
    assert list(spans) == list(BLOCK_WEIGHTS)
    for name, (start, end) in spans.items():
        lengths = np.linalg.norm(rows[:, start:end], axis=1)
        filled = [name != "title" or len(document.title_characters) > 1 for document in documents[:50]]
        np.testing.assert_allclose(lengths, np.where(filled, BLOCK_WEIGHTS[name], 0), rtol=1e-12)
    np.testing.assert_allclose(np.linalg.norm(rows[:, latent.latent_offset :], axis=1), LATENT_WEIGHT, rtol=1e-12)


def test_the_order_of_the_messages_learnt_from_changes_nothing(documents: list[Document]) -> None:
    shuffled = documents[:200]
    random.Random(0).shuffle(shuffled)
    once, again = fit_features(documents[:200]), fit_features(shuffled)
    assert once.blocks.keys() == again.blocks.keys()
    for name, block in once.blocks.items():
        assert block.vocabulary == again.blocks[name].vocabulary
        assert block.idf.tobytes() == again.blocks[name].idf.tobytes()


def test_without_titles_there_is_no_title_block(documents: list[Document]) -> None:
    untitled = fit_features([Document((), document.text) for document in documents[:50]])
    assert list(untitled.blocks) == ["words", "bigrams", "opening"]
    rows = untitled.transform(documents[:50])  # titled ones may still come
    assert rows.shape == (50, untitled.width)
    assert {places.field for places in untitled.places(documents[0])} == {"title", "text"}


def test_without_a_backlog_or_with_too_little_there_is_no_latent_block(
    plain: Features, documents: list[Document]
) -> None:
    assert plain.latent is None
    assert fit_features(documents[:1], documents[1:2]).latent is None


def test_the_latent_rows_of_the_words_add_up_to_that_of_the_message(
    latent: Features, documents: list[Document]
) -> None:
    rows = latent.transform(documents[380:440])[:, latent.latent_offset :].toarray()
    for document, row in zip(documents[380:440], rows, strict=True):
        words, shares = latent.latent_terms(document)
        assert len(set(words)) == len(words) == len(shares) > 0
        np.testing.assert_allclose(shares.sum(axis=0), row, rtol=0, atol=1e-12)


def test_a_message_of_strange_words_has_an_empty_row_and_no_latent_words(
    latent: Features, tokenizer: Tokenizer
) -> None:
    strange = to_document("", "龘靐齉", tokenizer)
    words, shares = latent.latent_terms(strange)
    assert (words, len(shares)) == ([], 0)
    assert not latent.transform([strange])[:, latent.latent_offset :].toarray().any()
    assert latent.known_share(strange) == 0


def test_a_place_names_a_feature_that_stands_there(latent: Features, documents: list[Document]) -> None:
    names = [feature for block in latent.blocks.values() for feature in block.vocabulary]
    opening = range(*block_spans(latent)["opening"])
    for document in documents[390:400]:
        fields = {"title": document.title_characters, "text": document.text_characters}
        found = [
            (column, fields[places.field][start:end], end)
            for places in latent.places(document)
            for column, start, end in zip(places.columns, places.starts, places.ends, strict=True)
        ]
        assert all(names[column] == shown.replace(" ", "") for column, shown, _ in found)
        assert all(end <= OPENING_LENGTH for column, _, end in found if column in opening)


def test_every_feature_of_a_row_has_its_places_save_the_seams(latent: Features, documents: list[Document]) -> None:
    names = [feature for block in latent.blocks.values() for feature in block.vocabulary]
    for document in documents[390:400]:
        placed = {column for places in latent.places(document) for column in places.columns.tolist()}
        columns = {column for column in latent.transform([document]).indices.tolist() if column < latent.latent_offset}
        assert placed <= columns
        assert all("\n" in names[column] for column in columns - placed)
        assert len(columns - placed) <= 4


def test_the_known_share_counts_words_that_were_learnt(plain: Features, documents: list[Document]) -> None:
    assert plain.known_share(documents[0]) == 1
    known = documents[0].words[0]
    assert plain.known_share(Document((), (known, "，", "龘靐齉", known, "靐靐"))) == 0.5
    assert plain.known_share(Document((), ("，",))) == 0


def test_no_documents_give_no_rows(features: Features) -> None:
    assert features.transform([]).shape == (0, features.width)


def test_messages_without_a_word_cannot_be_learnt_from() -> None:
    with pytest.raises(InputError) as caught:
        fit_features([Document((), ()), Document((), ("，", "。"))])
    assert str(caught.value) == "None of the messages has a word in it. Give messages with a text."


def test_a_document_without_a_word_lacks_it_at_all_its_places() -> None:
    document = Document(("学位房", "?"), ("学位房", ",", "怎么", "划片", "。", "学位房", "贵"))
    assert without(document, ["学位房"]) == Document(("?",), (",", "怎么", "划片", "。", "贵"))
    assert without(document, ["学位房", "贵", "?"]) == Document((), (",", "怎么", "划片", "。"))
    assert without(document, ["学位"]) == without(document, []) == document


# --- Held-out rows ---


def test_a_row_held_out_is_as_that_of_a_message_whose_words_were_never_met(documents: list[Document]) -> None:
    """But for the weights of the words, which the held-out ones have a small part in."""
    learnt, held_out = documents[:200], documents[200:260]
    together, apart = fit_features([*learnt, *held_out]), fit_features(learnt)
    unseen = together.as_unseen(together.transform(held_out), together.transform(learnt))
    truly = apart.transform(held_out)
    for at in range(len(held_out)):
        assert unseen[at].nnz == truly[at].nnz
        assert np.sort(unseen[at].data) == pytest.approx(np.sort(truly[at].data), abs=0.06)
    assert together.transform(held_out).nnz > unseen.nnz


def test_what_was_all_met_stays_as_it_is(documents: list[Document]) -> None:
    features = fit_features(documents[:80])
    rows = features.transform(documents[:80])
    again = features.as_unseen(rows[:20], rows)
    assert abs(again - rows[:20]).max() == pytest.approx(0, abs=1e-12)
