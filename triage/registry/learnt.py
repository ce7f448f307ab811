"""What a version learnt of the bureau's own messages, and what it said of each of them when it was held out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from triage.registry.arrays import ArraysError, ArraySpec, check_finite, pack, unpack

Floats: TypeAlias = NDArray[np.float64]

_KEY = 32
"""Bytes of a key."""
_SUM_TOLERANCE = 1e-6


@dataclass(frozen=True, eq=False)
class Learnt:
    """The bureau's own messages that a version learnt from, and what it said of them when they were held out.

    N may be 0. `keys` are the SHA-256 of their cleaned texts in hexadecimal, `primary` the ids of their categories,
    `probabilities` of shape (N, K) in the order of the version's categories, `alarms` of shape (N,), NaN where nobody
    said whether a message is urgent.
    """

    keys: tuple[str, ...]
    primary: tuple[str, ...]
    probabilities: Floats
    alarms: Floats


def nothing_learnt(categories: int) -> Learnt:
    """What a version learnt from the starter corpus alone."""
    return Learnt((), (), np.zeros((0, categories)), np.zeros(0))


def pack_learnt(learnt: Learnt, categories: tuple[str, ...]) -> bytes:
    """It as a file.

    Raises
    ------
    ArraysError : its parts do not fit each other, or the categories.
    """
    try:
        keys = [bytes.fromhex(key) for key in learnt.keys]
        columns = [categories.index(each) for each in learnt.primary]
    except ValueError as error:
        raise ArraysError(f"a key or a category is none ({error})") from None
    if any(len(key) != _KEY for key in keys):
        raise ArraysError("a key is no SHA-256")
    arrays = {
        "keys": np.frombuffer(b"".join(keys), np.uint8).reshape(len(keys), _KEY),
        "primary": np.array(columns, dtype="<i8"),
        "probabilities": learnt.probabilities,
        "alarms": learnt.alarms,
    }
    content = pack(arrays, _specs(len(keys), len(categories)))
    _check_numbers(learnt.probabilities, learnt.alarms)
    return content


def unpack_learnt(content: bytes, count: int, categories: tuple[str, ...]) -> Learnt:
    """What was packed, of `count` messages.

    Raises
    ------
    ArraysError : it is not what it should be.
    """
    arrays = unpack(content, _specs(count, len(categories)))
    columns = arrays["primary"]
    if count and not (columns.min() >= 0 and columns.max() < len(categories)):
        raise ArraysError("primary names a category that the model does not know")
    _check_numbers(arrays["probabilities"], arrays["alarms"])
    return Learnt(
        keys=tuple(row.tobytes().hex() for row in arrays["keys"]),
        primary=tuple(categories[int(at)] for at in columns),
        probabilities=arrays["probabilities"],
        alarms=arrays["alarms"],
    )


def _specs(count: int, categories: int) -> dict[str, ArraySpec]:
    return {
        "keys": ArraySpec((count, _KEY), "|u1"),
        "primary": ArraySpec((count,), "<i8"),
        "probabilities": ArraySpec((count, categories)),
        "alarms": ArraySpec((count,)),
    }


def _check_numbers(probabilities: Floats, alarms: Floats) -> None:
    check_finite("probabilities", probabilities)
    if (probabilities < 0).any() or not np.allclose(probabilities.sum(axis=1), 1, rtol=0, atol=_SUM_TOLERANCE):
        raise ArraysError("probabilities has a row that is none")
    if np.isinf(alarms).any():
        raise ArraysError("alarms has a number that is not finite")
