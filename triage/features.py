"""Words and character bigrams of a message -> one sparse row of TF-IDF weights.

A row is made of blocks side by side, each of length 1 before its weight: the words, the character bigrams, the title
by itself, the opening of the text by itself, and where a backlog without labels was given, a latent space learnt from
it (latent semantic analysis; Deerwester et al., 1990).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any, Literal, TypeAlias

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import normalize

from triage.errors import InputError
from triage.keys import KeyTable, characters, key_table, keys_of_pairs, keys_of_words, pair_keys, word_keys
from triage.text import normalise
from triage.tokens import Tokenizer

Floats: TypeAlias = NDArray[np.float64]
Indices: TypeAlias = NDArray[np.intp]
BlockName = Literal["words", "bigrams", "title", "opening"]

TITLE_COPIES = 2
"""How often the title is counted: it is written to say what the letter is about."""
OPENING_LENGTH = 80
"""Characters at the start of the text: who writes, and on what matter."""
BLOCK_WEIGHTS: dict[BlockName, float] = {"words": 1.0, "bigrams": 1.0, "title": 0.8, "opening": 0.5}
LEAST_DOCUMENTS: dict[BlockName, int] = {"words": 1, "bigrams": 2, "title": 1, "opening": 2}
"""In how many documents a feature must stand to be learnt from."""
LATENT_WEIGHT = 0.6
LATENT_SIZE = 300

_SEAM = ("\n",)
_OUTSIDE, _IN_TITLE, _IN_OPENING = 0, 1, 2

# Begins with a set of characters, so that text without them is passed over fast.
_TELLS_NOTHING = re.compile(r"[\dA-Z](?:(?<=\d)\d{4,}+|(?<=[A-Z])\d{0,2}(?=[市区县]))")


@dataclass(frozen=True)
class Document:
    """A message cleaned and cut into pieces; the pieces of a field joined give the cleaned field again."""

    title: tuple[str, ...]
    text: tuple[str, ...]

    @cached_property
    def words(self) -> list[str]:
        """The pieces that carry meaning, those of the title `TITLE_COPIES` times."""
        title = [piece for piece in self.title if piece[0].isalnum()]
        return title * TITLE_COPIES + [piece for piece in self.text if piece[0].isalnum()]

    @cached_property
    def title_characters(self) -> str:
        """The title as running text."""
        return "".join(self.title)

    @cached_property
    def text_characters(self) -> str:
        """The text as running text."""
        return "".join(self.text)

    @property
    def opening(self) -> str:
        """The first characters of the text."""
        return self.text_characters[:OPENING_LENGTH]

    @property
    def characters(self) -> str:
        """The whole message as running text, the title `TITLE_COPIES` times."""
        return "\n".join([self.title_characters] * TITLE_COPIES + [self.text_characters])


def to_document(title: str, text: str, tokenizer: Tokenizer) -> Document:
    """Clean and cut a title and a text; long numbers and coded places are hidden, for they tell no category.

    Offsets in the document are those of the cleaned fields.
    """
    return cut_document(normalise(title), normalise(text), tokenizer)


def cut_document(title: str, text: str, tokenizer: Tokenizer) -> Document:
    """The document of a title and a text that are clean already."""
    # A line break is a piece of its own and stands in no clean text: to cut once is faster.
    pieces = tokenizer.cut(_hide(f"{title}\n{text}"))
    end = pieces.index("\n")
    return Document(tuple(pieces[:end]), tuple(pieces[end + 1 :]))


def without(document: Document, words: Collection[str]) -> Document:
    """The document with none of the words."""
    return Document(
        tuple(word for word in document.title if word not in words),
        tuple(word for word in document.text if word not in words),
    )


def _hide(text: str) -> str:
    return _TELLS_NOTHING.sub(_marks, text)


def _marks(match: re.Match[str]) -> str:
    # Marks of the same length keep the offsets true.
    return ("某" if match[0][0].isalpha() else "#") * len(match[0])


@dataclass(frozen=True)
class Block:
    """A fitted vectorizer: its features in column order and their inverse document frequencies."""

    vocabulary: tuple[str, ...]
    idf: Floats

    @cached_property
    def columns(self) -> dict[str, int]:
        """The column of each feature."""
        return {feature: column for column, feature in enumerate(self.vocabulary)}


@dataclass(frozen=True)
class Latent:
    """A latent space over its own words; `components` has shape (size, words)."""

    block: Block
    components: Floats

    @cached_property
    def vectorizer(self) -> TfidfVectorizer:
        """Weighs the words that the space knows."""
        return _restore("words", self.block)

    def rows(self, documents: Sequence[Document]) -> Floats:
        """Rows of shape (documents, size) and length 1, or 0 where no word is known."""
        weights = self.vectorizer.transform([document.words for document in documents])
        # Sparse times dense adds up row by row, so that a row does not depend on its batch as it may with BLAS.
        rows = np.asarray(weights @ self.components.T)
        norms = np.sqrt(np.einsum("ij,ij->i", rows, rows))
        return np.asarray(rows / np.where(norms == 0, 1, norms)[:, np.newaxis])


@dataclass(frozen=True, slots=True)
class Places:
    """Where the features of a block stand in a field: columns of the whole row, and spans in characters."""

    field: Literal["title", "text"]
    columns: NDArray[np.intp]
    starts: NDArray[np.intp]
    ends: NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class _Joined:
    """Documents one after another as one row of characters, each with its title `TITLE_COPIES` times.

    `starts` and `ends` are those of the pieces, in characters, and `piece_owners` the documents that hold them;
    `sizes`, of shape (documents, fields and seams), counts the characters of each field, the text last; `zones` says
    of each character whether it stands in the first title or the opening.
    """

    codes: NDArray[np.uint32]
    starts: Indices
    ends: Indices
    piece_owners: Indices
    sizes: Indices
    zones: Indices


def _join(documents: Sequence[Document]) -> _Joined:
    fields = [field for each in documents for field in ((each.title, _SEAM) * TITLE_COPIES + (each.text,))]
    pieces = list(chain.from_iterable(fields))
    lengths = np.fromiter(map(len, pieces), dtype=np.intp, count=len(pieces))
    ends = np.cumsum(lengths)
    counts = np.fromiter(map(len, fields), dtype=np.intp, count=len(fields))
    field_ends = np.concatenate([[0], ends])[np.cumsum(counts)]
    sizes = np.diff(field_ends, prepend=0).reshape(len(documents), 2 * TITLE_COPIES + 1)
    openings = np.minimum(sizes[:, -1], OPENING_LENGTH)
    zones = np.repeat(
        np.tile([_IN_TITLE, *[_OUTSIDE] * (2 * TITLE_COPIES - 1), _IN_OPENING, _OUTSIDE], len(documents)),
        np.column_stack([sizes[:, :-1], openings, sizes[:, -1] - openings]).ravel(),
    )
    owners = np.repeat(np.arange(len(documents)), counts.reshape(sizes.shape).sum(axis=1))
    return _Joined(characters("".join(pieces)), ends - lengths, ends, owners, sizes, zones)


def _are_alphanumeric(codes: NDArray[np.uint32]) -> NDArray[np.bool_]:
    different, back = np.unique(codes, return_inverse=True)
    return np.array([chr(code).isalnum() for code in different.tolist()], dtype=np.bool_)[back]


@dataclass(frozen=True, slots=True)
class Reading:
    """Rows of shape (documents, width), and for each document the share of its words that is known, in [0, 1]."""

    rows: sp.csr_matrix
    known_shares: Floats


@dataclass(frozen=True)
class Features:
    """What `fit_features` learnt; turns documents into rows."""

    blocks: dict[BlockName, Block]
    latent: Latent | None = None

    @property
    def width(self) -> int:
        """Columns of a row."""
        sparse = sum(len(block.vocabulary) for block in self.blocks.values())
        return sparse + (len(self.latent.components) if self.latent else 0)

    def transform(self, documents: Sequence[Document]) -> sp.csr_matrix:
        """Rows of shape (documents, width), columns in order; a row depends on its own document alone."""
        return self.read(documents).rows

    def read(self, documents: Sequence[Document]) -> Reading:
        """The rows of documents, and how many of their words are known: each word is looked up once."""
        joined = _join(documents)
        words, known_shares = self._find_words(joined)
        found = [words, *self._find_bigrams(joined)]
        rows = self._weigh(
            np.concatenate([numbers for numbers, _ in found]),
            np.concatenate([columns for _, columns in found]),
            len(documents),
        )
        if self.latent is not None and documents:  # scikit-learn refuses none
            latent = sp.csr_matrix(self.latent.rows(documents) * LATENT_WEIGHT)
            rows = sp.csr_matrix(sp.hstack([rows, latent], format="csr"))
            rows.sort_indices()
        elif self.latent is not None:
            rows = sp.csr_matrix((0, self.width))
        return Reading(rows, known_shares)

    def as_unseen(self, rows: sp.csr_matrix, learnt: sp.csr_matrix) -> sp.csr_matrix:
        """The rows as they would be if the vocabulary had been fitted to the `learnt` rows alone.

        What it would not hold is dropped and each block brought back to its length, as in a message that comes in
        later: its new words are not in the vocabulary, and those that are weigh the more.
        """
        documents = np.asarray(learnt.getnnz(axis=0))
        parts = []
        for name, block in self.blocks.items():
            columns = slice(self._offsets[name], self._offsets[name] + len(block.vocabulary))
            kept = sp.csr_matrix(rows[:, columns].multiply(documents[columns] >= LEAST_DOCUMENTS[name]))
            kept.eliminate_zeros()
            parts.append(normalize(kept, copy=False) * BLOCK_WEIGHTS[name])
        if self.latent is not None:
            parts.append(rows[:, self.latent_offset :])
        return sp.csr_matrix(sp.hstack(parts, format="csr"))

    def known_share(self, document: Document) -> float:
        """Share of the document's words that stand in the vocabulary, in [0, 1]; 0 where it has no words."""
        words = document.words
        known = self.blocks["words"].columns
        return sum(word in known for word in words) / len(words) if words else 0.0

    def places(self, document: Document) -> list[Places]:
        """Every place of the document at which a feature of the sparse blocks stands, the title's first."""
        columns, starts, ends = self.spans(document)
        first = len(document.title_characters) + 1
        title, text = np.flatnonzero(starts < first), np.flatnonzero(starts >= first)
        return [
            Places("title", columns[title], starts[title], ends[title]),
            Places("text", columns[text], starts[text] - first, ends[text] - first),
        ]

    def spans(self, document: Document) -> tuple[Indices, Indices, Indices]:
        """The same, in characters of the title, a line break and the text: columns, starts and ends."""
        pieces = (*document.title, *_SEAM, *document.text)
        bounds = np.cumsum([0, *map(len, pieces)], dtype=np.intp)
        codes = characters("".join(pieces))
        places = self._words.places(word_keys(codes, bounds[:-1], bounds[1:]))
        seen = np.flatnonzero(codes != ord(" "))
        pairs = self._bigrams.places(pair_keys(codes[seen]))
        starts, ends = seen[:-1], seen[1:] + 1
        seam = bounds[len(document.title)]
        in_title, in_text = ends <= seam, starts > seam
        wanted = {
            "bigrams": in_title | in_text,
            "title": in_title,
            "opening": in_text & (ends <= seam + 1 + OPENING_LENGTH),
        }
        at, columns = self._known("words", np.arange(len(pieces)), places)
        found = [(columns, bounds[:-1][at], bounds[1:][at])]
        for name in (name for name in wanted if name in self.blocks):
            chosen = np.flatnonzero(wanted[name] & (pairs >= 0))
            at, columns = self._known(name, chosen, pairs[chosen])
            found.append((columns, starts[at], ends[at]))
        first, second, third = (np.concatenate(each) for each in zip(*found, strict=True))
        return first, second, third

    def latent_terms(self, document: Document) -> tuple[list[str], Floats]:
        """The document's words that the latent space knows, and their rows in it, of shape (words, size).

        The rows add up to the document's own row.
        """
        if self.latent is None:
            return [], np.zeros((0, 0))
        columns = self.latent.block.columns
        found = [word for word in dict.fromkeys(document.words) if word in columns]
        weights = self.latent.vectorizer.transform([document.words])
        at = [columns[word] for word in found]
        shares = self.latent.components[:, at].T * np.asarray(weights[:, at].todense()).T
        norm = float(np.linalg.norm(shares.sum(axis=0)))
        return found, shares * (LATENT_WEIGHT / norm if norm else 0.0)

    def _find_words(self, joined: _Joined) -> tuple[tuple[Indices, Indices], Floats]:
        """The words that stand in documents, numbers of documents and columns; and the shares that are known."""
        places = self._words.places(word_keys(joined.codes, joined.starts, joined.ends))
        known = np.flatnonzero(places >= 0)
        strange = np.flatnonzero(places < 0)
        strange = strange[_are_alphanumeric(joined.codes[joined.starts[strange]])]
        count = len(joined.sizes)
        known_words = np.bincount(joined.piece_owners[known], minlength=count)
        words = known_words + np.bincount(joined.piece_owners[strange], minlength=count)
        found = joined.piece_owners[known], self._columns_at["words"][places[known]]
        return found, known_words / np.maximum(words, 1)

    def _find_bigrams(self, joined: _Joined) -> list[tuple[Indices, Indices]]:
        """For each block of bigrams, the features that stand in documents: numbers of documents, and columns."""
        seen = np.flatnonzero(joined.codes != ord(" "))
        owners = np.repeat(np.arange(len(joined.sizes)), joined.sizes.sum(axis=1))[seen]
        zones = joined.zones[seen]
        places = self._bigrams.places(pair_keys(joined.codes[seen]))
        pairs = np.flatnonzero((places >= 0) & (owners[:-1] == owners[1:]))
        zone = np.where(zones[pairs] == zones[pairs + 1], zones[pairs], _OUTSIDE)
        return [
            self._known(name, owners[at], places[at])
            for name, at in (
                ("bigrams", pairs),
                ("title", pairs[zone == _IN_TITLE]),
                ("opening", pairs[zone == _IN_OPENING]),
            )
            if name in self.blocks
        ]

    def _known(self, name: str, owners: Indices, places: Indices) -> tuple[Indices, Indices]:
        """Of those at a place of the table that holds a feature of the block: the owners, and the columns."""
        columns: Indices = np.where(places >= 0, self._columns_at[name][places], -1)
        known = np.flatnonzero(columns >= 0)
        return owners[known], columns[known]

    def _weigh(self, owners: Indices, columns: Indices, documents: int) -> sp.csr_matrix:
        """Rows in which each block has the length of its weight, or 0.

        A feature weighs (1 + log of its count) times its inverse document frequency.
        """
        bits = self._sparse_width.bit_length()
        places = owners << bits | columns
        places.sort()
        first = np.flatnonzero(np.concatenate([[True], places[1:] != places[:-1]])[: len(places)])
        counts = np.diff(np.append(first, len(places)))
        places = places[first]
        rows, columns = places >> bits, places & ((1 << bits) - 1)
        weights = (1 + np.log(counts)) * self._idf[columns]
        blocks = self._block_of[columns]
        group = rows * len(self.blocks) + blocks
        norms = np.sqrt(np.bincount(group, weights=weights * weights, minlength=documents * len(self.blocks)))
        weights = weights / norms[group] * self._block_weights[blocks]
        bounds = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=documents))])
        made = sp.csr_matrix(
            (weights, columns.astype(np.int32), bounds.astype(np.int32)), shape=(documents, self._sparse_width)
        )
        made.has_canonical_format = True
        return made

    @cached_property
    def _words(self) -> KeyTable:
        return key_table(keys_of_words(self.blocks["words"].vocabulary))

    @cached_property
    def _bigrams(self) -> KeyTable:
        """The bigrams of all blocks, so that each pair of characters is looked up once."""
        return key_table(np.concatenate([keys for _, keys in self._bigram_keys] or [np.empty(0, dtype=np.int64)]))

    @cached_property
    def _columns_at(self) -> dict[str, Indices]:
        """For each block, the column of the feature at each place of its table, -1 where it has none."""
        found = {}
        words = ("words", self._words, keys_of_words(self.blocks["words"].vocabulary))
        for name, table, keys in (words, *((name, self._bigrams, keys) for name, keys in self._bigram_keys)):
            columns = np.full(table.size, -1, dtype=np.intp)
            columns[table.places(keys)] = np.arange(len(keys)) + self._offsets[name]
            found[name] = columns
        return found

    @property
    def _bigram_keys(self) -> list[tuple[str, NDArray[np.int64]]]:
        return [(name, keys_of_pairs(block.vocabulary)) for name, block in self.blocks.items() if name != "words"]

    @property
    def _sparse_width(self) -> int:
        return self._offsets["latent"]

    @cached_property
    def _idf(self) -> Floats:
        return np.concatenate([block.idf for block in self.blocks.values()])

    @cached_property
    def _block_of(self) -> NDArray[np.int8]:
        return np.repeat(np.arange(len(self.blocks), dtype=np.int8), [len(each.idf) for each in self.blocks.values()])

    @cached_property
    def _block_weights(self) -> Floats:
        return np.array([BLOCK_WEIGHTS[name] for name in self.blocks])

    @cached_property
    def _offsets(self) -> dict[str, int]:
        offsets: dict[str, int] = {}
        total = 0
        for name, block in self.blocks.items():
            offsets[name] = total
            total += len(block.vocabulary)
        return {**offsets, "latent": total}

    @property
    def latent_offset(self) -> int:
        """The first column of the latent block."""
        return self._offsets["latent"]


def fit_features(documents: Sequence[Document], unlabelled: Sequence[Document] = ()) -> Features:
    """Learn vocabularies and weights from documents, and a latent space from them and the unlabelled ones.

    Without `unlabelled` there is no latent block. A block that would have no features (no titles at all) is left out.

    Raises
    ------
    InputError : no document has a single word.
    """
    fitted = {name: _fit_block(name, documents) for name in BLOCK_WEIGHTS}
    blocks = {name: block for name, block in fitted.items() if block is not None}
    if "words" not in blocks:
        raise InputError("None of the messages has a word in it.", fix="Give messages with a text.")
    return Features(blocks, _fit_latent([*documents, *unlabelled]) if unlabelled else None)


def _fit_block(name: BlockName, documents: Sequence[Document]) -> Block | None:
    vectorizer = _vectorizer(name, min_df=LEAST_DOCUMENTS[name])
    try:
        vectorizer.fit([_field(name, document) for document in documents])
    except ValueError:  # scikit-learn refuses an empty vocabulary
        return None
    return Block(tuple(vectorizer.get_feature_names_out()), vectorizer.idf_)


def _fit_latent(documents: Sequence[Document]) -> Latent | None:
    vectorizer = _vectorizer("words", min_df=3, max_df=0.3)
    try:
        weights = vectorizer.fit_transform([document.words for document in documents])
    except ValueError:  # too few documents for any word to be neither rare nor everywhere
        return None
    size = min(LATENT_SIZE, min(weights.shape) - 1)
    if size < 2:
        return None
    svd = TruncatedSVD(size, random_state=0).fit(weights)
    return Latent(Block(tuple(vectorizer.get_feature_names_out()), vectorizer.idf_), svd.components_)


def _field(name: BlockName, document: Document) -> str | list[str]:
    match name:
        case "words":
            return document.words
        case "bigrams":
            return document.characters
        case "title":
            return document.title_characters
        case "opening":
            return document.opening


def _bigrams(text: str) -> list[str]:
    # Spaces between Han characters mean nothing: some put them for punctuation, some tables hold words apart.
    text = text.replace(" ", "")
    return [text[start : start + 2] for start in range(len(text) - 1)]


def _as_they_are(words: list[str]) -> list[str]:
    return words


def _vectorizer(name: BlockName, **options: Any) -> TfidfVectorizer:
    return TfidfVectorizer(analyzer=_as_they_are if name == "words" else _bigrams, sublinear_tf=True, **options)


def _restore(name: BlockName, block: Block) -> TfidfVectorizer:
    vectorizer = _vectorizer(name, vocabulary=block.columns)
    vectorizer.idf_ = block.idf
    return vectorizer
