"""Arrays as files: an `.npz` that can hold nothing but plain numbers of the shapes that are expected."""

from __future__ import annotations

import io
import math
import struct
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]

_MAGIC = b"\x93NUMPY\x01\x00"
_LOCAL_HEADER = 30
"""Bytes before the name of a member in a zip archive; the last four are the lengths of the name and what follows."""


class ArraysError(ValueError):
    """The content of a file is not what it should be; the message says in what."""


@dataclass(frozen=True, slots=True)
class ArraySpec:
    """What an array must be: its shape and the type of its numbers, as `numpy.dtype.str` has it."""

    shape: tuple[int, ...]
    dtype: str = "<f8"

    @property
    def size(self) -> int:
        """Bytes of its numbers."""
        return math.prod(self.shape) * np.dtype(self.dtype).itemsize


def pack(arrays: Mapping[str, Array], specs: Mapping[str, ArraySpec]) -> bytes:
    """The arrays as an uncompressed `.npz`; equal arrays give equal bytes.

    Raises
    ------
    ArraysError : they are not what the specs say.
    """
    if set(arrays) != set(specs):
        raise ArraysError(f"there are the arrays {', '.join(sorted(arrays))}, not {', '.join(sorted(specs))}")
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as archive:
        for name, spec in specs.items():
            array = arrays[name]
            if ArraySpec(array.shape, array.dtype.str) != spec:
                raise ArraysError(f"{name} is {array.dtype.str} of shape {array.shape}, not {_words(spec)}")
            by_columns = array.flags.f_contiguous and not array.flags.c_contiguous
            member = zipfile.ZipInfo(f"{name}.npy")  # of no date
            member.create_system = 3  # the same on every system
            archive.writestr(member, _header(spec, by_columns) + array.tobytes("A"))
    return written.getvalue()


def unpack(content: bytes, specs: Mapping[str, ArraySpec]) -> dict[str, Array]:
    """Read what `pack` wrote; the arrays cannot be written to. Nothing is unpickled, nothing decompressed.

    Raises
    ------
    ArraysError : it holds other arrays than the specs say, or anything else.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = {member.filename: member for member in archive.infolist()}
            wanted = {f"{name}.npy" for name in specs}
            if set(members) != wanted or len(archive.infolist()) != len(wanted):
                raise ArraysError("it holds other arrays than it should")
        return {name: _unpack_one(content, members[f"{name}.npy"], name, spec) for name, spec in specs.items()}
    except ArraysError:
        raise
    except (
        ArithmeticError,
        EOFError,
        LookupError,
        NotImplementedError,
        OSError,
        RuntimeError,
        TypeError,
        ValueError,
        struct.error,
        zipfile.BadZipFile,
    ) as error:
        raise ArraysError(f"it is no archive of arrays ({type(error).__name__})") from None


def check_finite(name: str, array: Array) -> None:
    """Refuse numbers that are none, or infinite.

    Raises
    ------
    ArraysError : there is one.
    """
    if not np.isfinite(array).all():
        raise ArraysError(f"{name} has a number that is not finite")


def _unpack_one(content: bytes, member: zipfile.ZipInfo, name: str, spec: ArraySpec) -> Array:
    # What was packed is not compressed, so that an archive cannot hold more than its own length.
    if member.compress_type != zipfile.ZIP_STORED or member.file_size != member.compress_size:
        raise ArraysError(f"{name} is compressed")
    # Read where it stands, without the check sum of the archive: the whole file has been checked by a better one.
    begin = member.header_offset + _LOCAL_HEADER
    lengths = content[begin - 4 : begin]
    begin += int.from_bytes(lengths[:2], "little") + int.from_bytes(lengths[2:], "little")
    for by_columns in (False, True):
        header = _header(spec, by_columns)
        if member.file_size == len(header) + spec.size and content.startswith(header, begin):
            numbers = np.frombuffer(content, spec.dtype, math.prod(spec.shape), begin + len(header))
            array = numbers.reshape(spec.shape, order="F" if by_columns else "C").copy("K")  # at even addresses
            array.flags.writeable = False
            return array
    raise ArraysError(f"{name} is not {_words(spec)}")


def _header(spec: ArraySpec, by_columns: bool) -> bytes:
    """The header of an array in NumPy's format 1.0, of which there is but one for each: it is compared, not parsed."""
    words = repr({"descr": spec.dtype, "fortran_order": by_columns, "shape": spec.shape})
    words += " " * (-(len(_MAGIC) + 2 + len(words) + 1) % 64) + "\n"
    return _MAGIC + len(words).to_bytes(2, "little") + words.encode("ascii")


def _words(spec: ArraySpec) -> str:
    return f"{spec.dtype} of shape {spec.shape}"
