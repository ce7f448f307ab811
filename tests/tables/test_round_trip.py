"""What is written is read again: the same messages, and no row lost."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.schema import RejectedRow
from triage.tables import OutputColumn, ResultWriter, SourceRow, open_table
from triage.tables.cells import is_blank, message_text

COLUMNS = [OutputColumn("编号", 12), OutputColumn("标题", 20), OutputColumn("内容", 60, wrap=True)]
SPICES = [
    "=1+1",
    "+86",
    "-",
    "@x",
    "\t",
    "\r\n",
    "\r",
    '"',
    ",",
    ";",
    "'=x",
    "_x000D_",
    "#REF!",
    "😀",
    "内容",
    "00",
]
WORDS = st.lists(st.one_of(st.sampled_from(SPICES), st.text(max_size=8)), max_size=4).map("".join)
FORBIDDEN_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def write(path: Path, rows: list[tuple[str, str, str]]) -> None:
    with ResultWriter.open(path, columns=COLUMNS, sheet_name="结果") as writer:
        for row in rows:
            writer.add(row)
        writer.finish((), ())


def expected(text: str, ending: str) -> str:
    """Return what a format cannot help but change: noughts in CSV, control characters in XML."""
    if ending in {"csv", "tsv"}:
        plain = text.replace("\0", "")
        return message_text(plain, guarded=True)
    return message_text(FORBIDDEN_IN_XML.sub("", text) if ending == "xlsx" else text)


@pytest.mark.parametrize("ending", ["xlsx", "csv", "tsv", "parquet", "jsonl"])
@settings(max_examples=60, deadline=None)
@given(rows=st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=6))
def test_messages_survive_writing_and_reading(ending: str, rows: list[tuple[str, str]]) -> None:
    cells = [(f"{number:04}", title, text) for number, (title, text) in enumerate(rows)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a.{ending}"
        write(path, cells)
        read = list(open_table(path).rows())
    assert len(read) == len(cells)
    for (number, title, text), row in zip(cells, read, strict=True):
        wanted = (expected(title, ending), expected(text, ending))
        if any(part.strip() for part in wanted):
            assert isinstance(row, SourceRow)
            assert (row.message.id, row.message.title, row.message.text) == (number, *wanted)
        else:
            assert isinstance(row, RejectedRow)
            assert row.reason == "标题和内容都是空的"


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(st.lists(st.sampled_from(["", " ", "甲", "编号", "内容", "1"]), max_size=4), max_size=12))
def test_every_line_of_a_csv_comes_out_once(rows: list[list[str]]) -> None:
    body = [",".join(row) for row in rows]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_text("\n".join(["编号,标题,内容", "0,甲,甲", *body, "9,乙,乙"]) + "\n", encoding="utf-8")
        read = list(open_table(path).rows())
    assert [row.row for row in read] == list(range(2, len(rows) + 4))
    for row, cells in zip(read[1:-1], rows, strict=True):
        if isinstance(row, RejectedRow):
            assert row.reason
        else:
            assert not all(map(is_blank, cells[1:3]))
            assert row.cells == (*cells[:3], *[None] * (3 - len(cells)))


def test_the_heavy_libraries_are_loaded_only_when_a_file_needs_them() -> None:
    code = (
        "import sys, triage.tables; "
        "print(sorted({'pyarrow', 'python_calamine', 'xlsxwriter', 'pandas', 'numpy'} & set(sys.modules)))"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True)
    assert done.stdout == "[]\n"
