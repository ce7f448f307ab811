"""Near-copies: messages that are, but for a few words, the same letter."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from triage.schema import Message
from triage.text import normalise

SHINGLE = 3
"""Characters of the pieces that two texts are compared by."""
NEAR_COPY = 0.5
"""From what share of common pieces on (Jaccard) two messages are near-copies."""

_NO_WORD = re.compile(r"[\W_]+")
_BLOCK = 512


def near_copies(messages: Sequence[Message]) -> list[str]:
    """A name for each message, the same for those that are near-copies of each other, or of a common third.

    Two messages are near-copies where the sets of their pieces of `SHINGLE` characters, title and text together and
    without marks and spaces, have a Jaccard index of at least `NEAR_COPY` (Broder, "On the resemblance and
    containment of documents", 1997).
    """
    if not messages:
        return []
    pieces = _pieces([_NO_WORD.sub("", normalise(f"{each.title}{each.text}")) for each in messages])
    sizes = np.diff(pieces.indptr)
    pairs = [_near(pieces, sizes, start) for start in range(0, len(messages), _BLOCK)]
    near = sp.vstack(pairs, format="csr")
    _, group = connected_components(near, directed=False)
    first: dict[int, int] = {}
    return [str(first.setdefault(int(each), at)) for at, each in enumerate(group)]


def _pieces(texts: Sequence[str]) -> sp.csr_matrix:
    """Which pieces stand in which text, of shape (texts, pieces); a text too short for one is a piece itself."""
    columns: dict[str, int] = {}
    found: list[list[int]] = []
    for text in texts:
        cut = {text[at : at + SHINGLE] for at in range(max(1, len(text) - SHINGLE + 1))}
        found.append([columns.setdefault(piece, len(columns)) for piece in sorted(cut)])
    bounds = np.concatenate([[0], np.cumsum([len(each) for each in found])])
    indices = np.concatenate([np.array(each, dtype=np.int32) for each in found])
    return sp.csr_matrix((np.ones(len(indices), dtype=np.int32), indices, bounds), shape=(len(texts), len(columns)))


def _near(pieces: sp.csr_matrix, sizes: np.ndarray[tuple[int], np.dtype[np.int32]], start: int) -> sp.csr_matrix:
    """Which of all messages are near-copies of those of a block."""
    shared = (pieces[start : start + _BLOCK] @ pieces.T).tocoo()
    union = sizes[start + shared.row] + sizes[shared.col] - shared.data
    near = shared.data >= NEAR_COPY * union
    return sp.csr_matrix((near[near], (shared.row[near], shared.col[near])), shape=shared.shape)
