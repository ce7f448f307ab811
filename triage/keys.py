"""Words and pairs of characters as numbers, and a table that finds very many of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Keys: TypeAlias = NDArray[np.int64]
Indices: TypeAlias = NDArray[np.intp]

_SHIFT = 21
"""Bits of a character: the key of a pair is its first character, so shifted, and its second."""
_EMPTY = -1
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
"""Fibonacci hashing: Knuth, The Art of Computer Programming, volume 3, section 6.4."""

_BASE = np.uint64(0xD6E8FEB86659FD93)
_INVERSE = np.uint64(pow(0xD6E8FEB86659FD93, -1, 1 << 64))


def characters(text: str) -> NDArray[np.uint32]:
    """The code points of a text; a lone surrogate is one like any other."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")


def pair_keys(codes: NDArray[np.uint32]) -> Keys:
    """The key of each character with the next, one fewer than there are characters."""
    wide = codes.astype(np.int64)
    return wide[:-1] << _SHIFT | wide[1:]


def keys_of_pairs(pairs: Sequence[str]) -> Keys:
    """The key of each pair of characters."""
    codes = characters("".join(pairs)).astype(np.int64)
    return codes[::2] << _SHIFT | codes[1::2]


def word_keys(codes: NDArray[np.uint32], starts: Indices, ends: Indices) -> Keys:
    """A key of 63 bits for each span of characters, wherever it stands: a hash, the same for the same characters.

    It is the polynomial of Rabin and Karp ("Efficient randomized pattern-matching algorithms", 1987) modulo 2^64. Two
    words that are not alike share it by a chance of about 2^-63.
    """
    powers = np.multiply.accumulate(np.full(len(codes), _BASE))
    sums = np.concatenate([np.zeros(1, dtype=np.uint64), np.cumsum((codes + np.uint64(1)) * powers)])
    back = np.multiply.accumulate(np.full(len(codes), _INVERSE))
    spans = (sums[ends] - sums[starts]) * back[starts]
    return np.asarray(spans * _SPREAD >> np.uint64(1), dtype=np.int64)


def keys_of_words(words: Sequence[str]) -> Keys:
    """The key of each word."""
    ends = np.cumsum([0, *map(len, words)], dtype=np.intp)
    return word_keys(characters("".join(words)), ends[:-1], ends[1:])


@dataclass(frozen=True)
class KeyTable:
    """An open hash table of keys; what belongs to a key stands at its place in arrays of `size`."""

    keys: Keys

    @property
    def size(self) -> int:
        """Places of the table, a power of two."""
        return len(self.keys)

    def places(self, keys: Keys) -> Indices:
        """The place of each key, -1 where it is not in the table."""
        at = _hashes(keys, self.size)
        found = self.keys[at]
        known = found == keys
        going = np.flatnonzero(~known & (found != _EMPTY))
        while going.size:
            at[going] = (at[going] + 1) & (self.size - 1)
            found = self.keys[at[going]]
            known[going] = found == keys[going]
            going = going[(found != _EMPTY) & ~known[going]]
        at[~known] = -1
        return at


def key_table(keys: Keys) -> KeyTable:
    """A table of the keys, each of them once however often it is given."""
    left = np.unique(keys)
    size = 1 << max(2, int(4 * len(left) - 1).bit_length())
    table = np.full(size, _EMPTY, dtype=np.int64)
    at = _hashes(left, size)
    while left.size:
        free = np.flatnonzero(table[at] == _EMPTY)
        _, first = np.unique(at[free], return_index=True)
        placed = free[first]
        table[at[placed]] = left[placed]
        waiting = np.ones(len(left), dtype=np.bool_)
        waiting[placed] = False
        left, at = left[waiting], (at[waiting] + 1) & (size - 1)
    return KeyTable(table)


def _hashes(keys: Keys, size: int) -> Indices:
    shift = np.uint64(64 - (size.bit_length() - 1))
    return np.asarray((keys.astype(np.uint64) * _SPREAD) >> shift, dtype=np.intp)
