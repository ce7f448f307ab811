"""Which words of a message speak for a category, and how strongly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from triage.features import Document, Features

Field = Literal["title", "text"]


@dataclass(frozen=True, slots=True)
class WordWeight:
    """A piece of a cleaned field and what it adds to the score of the category; negative where it speaks against."""

    field: Field
    start: int
    end: int
    weight: float


def word_weights(
    features: Features, document: Document, row: sp.csr_matrix, coefficients: NDArray[np.float64]
) -> tuple[WordWeight, ...]:
    """Share the score of one category out over the words of the document.

    The model is linear, so each feature adds its value times its coefficient. What a feature adds is shared evenly by
    the places where it stands, and there by its characters; a word's weight is the sum over its characters. What is
    left of the score stands in no single field (the seams between title and text).

    Parameters
    ----------
    row : the document's row, of shape (1, features.width).
    coefficients : those of the category, of shape (features.width,).

    Returns
    -------
    The pieces that have a weight, in reading order, the title first.
    """
    added = dict(zip(row.indices.tolist(), (row.data * coefficients[row.indices]).tolist(), strict=True))
    places = list(features.occurrences(document))
    times: dict[int, int] = {}
    for place in places:
        times[place.column] = times.get(place.column, 0) + 1
    characters = {
        "title": np.zeros(len(document.title_characters)),
        "text": np.zeros(len(document.text_characters)),
    }
    for place in places:
        share = added.get(place.column, 0.0) / times[place.column] / (place.end - place.start)
        characters[place.field][place.start : place.end] += share
    latent = _latent_weights(features, document, coefficients)
    return (
        *_by_piece("title", document.title, characters["title"], latent),
        *_by_piece("text", document.text, characters["text"], latent),
    )


def _latent_weights(
    features: Features, document: Document, coefficients: NDArray[np.float64]
) -> dict[str, float]:
    """What each word adds by way of the latent space, for one of the places where it stands."""
    if features.latent is None:
        return {}
    words, shares = features.latent_terms(document)
    weights = shares @ coefficients[features.latent_offset :]
    pieces = (*document.title, *document.text)
    return {word: float(weight) / pieces.count(word) for word, weight in zip(words, weights, strict=True)}


def _by_piece(
    field: Field, pieces: tuple[str, ...], characters: NDArray[np.float64], latent: dict[str, float]
) -> list[WordWeight]:
    found, start = [], 0
    for piece in pieces:
        end = start + len(piece)
        weight = float(characters[start:end].sum()) + latent.get(piece, 0.0)
        if weight:
            found.append(WordWeight(field, start, end, weight))
        start = end
    return found
