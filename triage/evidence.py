"""Which words of a message speak for a category, and how strongly."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias

import numpy as np
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


class Row(Protocol):
    """The columns of a document's features in ascending order, and their values; a sparse matrix of one row is one."""

    @property
    def indices(self) -> NDArray[np.signedinteger[Any]]:
        """Columns."""

    @property
    def data(self) -> Floats:
        """Values."""


def word_weights(
    features: Features,
    document: Document,
    row: Row,
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
    row : the document's row.
    coefficients : those of the category, of shape (features.width,).
    strongest : keep only the places of so many different words, those with the largest weights on either side.

    Returns
    -------
    The pieces that have a weight, in reading order, the title first.
    """
    pieces = (*document.title, *document.text)
    if not pieces:
        return ()
    bounds = np.cumsum([0, *map(len, pieces)])
    titles = len(document.title)
    first_of_text = int(bounds[titles])
    up_to = _up_to(features, document, row, coefficients)
    weights = np.concatenate(
        [
            np.diff(up_to["title"][bounds[: titles + 1]]),
            np.diff(up_to["text"][bounds[titles:] - first_of_text]),
        ]
    ).tolist()
    if latent := _latent_weights(features, document, coefficients):
        weights = [weight + latent.get(piece, 0.0) for piece, weight in zip(pieces, weights, strict=True)]
    kept = set(pieces) if strongest is None else _strongest(pieces, weights, strongest)
    starts = [*bounds[:titles].tolist(), *(bounds[titles:-1] - first_of_text).tolist()]
    chosen = [at for at, piece in enumerate(pieces) if piece in kept and abs(weights[at]) > _NOTHING]
    return tuple(
        WordWeight("title" if at < titles else "text", start := starts[at], start + len(pieces[at]), weights[at])
        for at in chosen
    )


def _strongest(pieces: Sequence[str], weights: Sequence[float], count: int) -> set[str]:
    """The different words with the largest weight over all their places, on either side."""
    totals: dict[str, float] = {}
    for piece, weight in zip(pieces, weights, strict=True):
        totals[piece] = totals.get(piece, 0.0) + weight
    # Marks between words weigh something too, but say nothing.
    words = [(abs(weight), piece) for piece, weight in totals.items() if piece[0].isalnum()]
    return {piece for _, piece in heapq.nlargest(count, words)}


def _up_to(features: Features, document: Document, row: Row, coefficients: Floats) -> dict[Field, Floats]:
    """For each field, the weight of all characters before the first, the second, and so on to the end."""
    columns, starts, ends = features.spans(document)
    at = np.searchsorted(row.indices, columns.astype(row.indices.dtype))
    times = np.bincount(at, minlength=len(row.indices))
    rates = row.data[at] * coefficients[columns] / times[at] / (ends - starts)
    first_of_text = len(document.title_characters) + 1
    size = first_of_text + len(document.text_characters) + 1
    # By how much the weight of a character differs from that of the one before it.
    slopes = np.asarray(np.bincount(starts, rates, size) - np.bincount(ends, rates, size), dtype=np.float64)
    return {
        "title": _sums(slopes[: first_of_text - 1]),
        "text": _sums(slopes[first_of_text:-1]),
    }


def _sums(slopes: Floats) -> Floats:
    return np.concatenate([[0.0], np.cumsum(np.cumsum(slopes))])


def _latent_weights(features: Features, document: Document, coefficients: Floats) -> dict[str, float]:
    """What each word adds by way of the latent space, for one of the places where it stands."""
    if features.latent is None:
        return {}
    words, shares = features.latent_terms(document)
    weights = shares @ coefficients[features.latent_offset :]
    pieces = Counter((*document.title, *document.text))
    return {word: float(weight) / pieces[word] for word, weight in zip(words, weights, strict=True)}
