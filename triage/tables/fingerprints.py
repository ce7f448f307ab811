"""Tell whether a table is still the one it was."""

from __future__ import annotations

import hashlib
from pathlib import Path

from triage.tables.grids import readable
from triage.tables.sniffing import parquet_files

_ENDS = 1 << 20


def fingerprint(path: Path) -> str:
    """Return a hash of where a table lies, how long it is, when it was written, and its first and last megabyte.

    Of a folder of parquet files, that of all of them.
    """
    whole = hashlib.sha256()
    for each in parquet_files(path) or (path,):
        with readable(each), each.open("rb") as file:
            facts = each.stat()
            whole.update(f"{each.resolve()}\0{facts.st_size}\0{facts.st_mtime_ns}\0".encode("utf-8", "surrogateescape"))
            whole.update(file.read(_ENDS))
            file.seek(max(0, facts.st_size - _ENDS))
            whole.update(file.read(_ENDS))
    return whole.hexdigest()
