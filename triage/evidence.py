"""Which words of a message speak for a category, and how strongly."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from triage.features import Document, Features

Field = Literal["title", "text"]
Floats: TypeAlias = NDArray[np.float64]

_NOTHING = 1e-12
"""A weight below this is the rounding of sums."""


@dataclass(frozen=True, slots=True)
class WordWeight:
    """A piece of a cleaned field and what it adds to the score of the category; negative where it speaks against."""

    field: Field
    start: int
    end: int
    weight: float


def word_weights(
    features: Features,
    document: Document,
    row: sp.csr_matrix,
    coefficients: Floats,
    *,
    strongest: int | None = None,
) -> tuple[WordWeight, ...]:
    """Share the score of one category out over the words of the document.

    The model is linear, so each feature adds its value times its coefficient. What a feature adds is shared evenly by
    the places where it stands, and there by its characters; a word's weight is the sum over its characters. What is
    left of the score stands in no single field (the seams between title and text).

    Parameters
    ----------
    row : the document's row, of shape (1, features.width).
    coefficients : those of the category, of shape (features.width,).
    strongest : keep only the places of so many different words, those with the largest weights on either side.

    Returns
    -------
    The pieces that have a weight, in reading order, the title first.
    """
    slopes = _slopes(features, document, row, coefficients)
    latent = _latent_weights(features, document, coefficients)
    fields: list[tuple[Field, tuple[str, ...]]] = [("title", document.title), ("text", document.text)]
    weights = {field: _piece_weights(pieces, slopes[field], latent) for field, pieces in fields}
    kept = None if strongest is None else _strongest(fields, weights, strongest)
    return tuple(each for field, pieces in fields for each in _as_spans(field, pieces, weights[field], kept))


def _strongest(
    fields: Sequence[tuple[Field, tuple[str, ...]]], weights: Mapping[Field, list[float]], count: int
) -> set[str]:
    """The different words with the largest weight over all their places, on either side."""
    totals: dict[str, float] = {}
    for field, pieces in fields:
        for piece, weight in zip(pieces, weights[field], strict=True):
            if piece[0].isalnum():  # marks between words weigh something too, but say nothing
                totals[piece] = totals.get(piece, 0.0) + weight
    return set(heapq.nlargest(count, totals, key=lambda piece: (abs(totals[piece]), piece)))


def _slopes(features: Features, document: Document, row: sp.csr_matrix, coefficients: Floats) -> dict[Field, Floats]:
    """For each field, by how much the weight of a character differs from that of the one before it."""
    places = features.places(document)
    columns = np.concatenate([each.columns for each in places])
    at = np.searchsorted(row.indices, columns)
    times = np.bincount(at, minlength=row.nnz)
    shares = row.data[at] * coefficients[columns] / times[at]
    slopes: dict[Field, Floats] = {
        "title": np.zeros(len(document.title_characters) + 1),
        "text": np.zeros(len(document.text_characters) + 1),
    }
    first = 0
    for each in places:
        rates = shares[first : first + len(each.columns)] / (each.ends - each.starts)
        size = len(slopes[each.field])
        slopes[each.field] += np.bincount(each.starts, weights=rates, minlength=size)
        slopes[each.field] -= np.bincount(each.ends, weights=rates, minlength=size)
        first += len(each.columns)
    return slopes


def _latent_weights(features: Features, document: Document, coefficients: Floats) -> dict[str, float]:
    """What each word adds by way of the latent space, for one of the places where it stands."""
    if features.latent is None:
        return {}
    words, shares = features.latent_terms(document)
    weights = shares @ coefficients[features.latent_offset :]
    pieces = Counter((*document.title, *document.text))
    return {word: float(weight) / pieces[word] for word, weight in zip(words, weights, strict=True)}


def _piece_weights(pieces: tuple[str, ...], slopes: Floats, latent: dict[str, float]) -> list[float]:
    if not pieces:
        return []
    up_to = np.concatenate([[0.0], np.cumsum(np.cumsum(slopes[:-1]))])
    bounds = np.concatenate([[0], np.cumsum([len(piece) for piece in pieces])])
    weights: list[float] = np.diff(up_to[bounds]).tolist()
    if not latent:
        return weights
    return [weight + latent.get(piece, 0.0) for piece, weight in zip(pieces, weights, strict=True)]


def _as_spans(
    field: Field, pieces: tuple[str, ...], weights: list[float], kept: set[str] | None
) -> Iterator[WordWeight]:
    start = 0
    for piece, weight in zip(pieces, weights, strict=True):
        end = start + len(piece)
        if abs(weight) > _NOTHING and (kept is None or piece in kept):
            yield WordWeight(field, start, end, weight)
        start = end
