"""What is found in a field, before it becomes a mention."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple


class Found(NamedTuple):
    """What a field names at `[start, end)`; `id` is empty where it is not listed."""

    start: int
    end: int
    id: str = ""


def outside(found: Iterable[Found], taken: Sequence[Found]) -> Iterator[Found]:
    """Those that overlap with none of the taken; both are in order of their start, the taken apart."""
    place = 0
    for item in found:
        while place < len(taken) and taken[place].end <= item.start:
            place += 1
        if place == len(taken) or item.end <= taken[place].start:
            yield item
