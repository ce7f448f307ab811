"""Long tables: folders of parquet files, compressed lines, and what a workbook cannot hold."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.errors import InputError
from triage.schema import RejectedRow
from triage.tables import OutputColumn, ResultWriter, SourceRow, open_table


def parquet(path: Path, **columns: list[object]) -> Path:
    pq.write_table(pa.table(columns), path)
    return path


def texts(path: Path, skip: int = 0) -> list[str]:
    return [row.message.text for row in open_table(path).rows(skip=skip) if isinstance(row, SourceRow)]


def test_a_folder_of_parquet_files_is_one_table_in_the_order_of_their_names(tmp_path: Path) -> None:
    parquet(tmp_path / "part-2.parquet", 内容=["丙"])
    parquet(tmp_path / "part-1.parquet", 内容=["甲", "乙"])
    parquet(tmp_path / "_old.parquet", 内容=["旧"])
    (tmp_path / "_SUCCESS").write_bytes(b"")
    table = open_table(tmp_path)
    assert (table.format, table.row_count) == ("parquet", 3)
    assert texts(tmp_path) == ["甲", "乙", "丙"]
    assert [row.row for row in table.rows()] == [1, 2, 3]


def test_files_of_a_folder_may_have_different_columns(tmp_path: Path) -> None:
    parquet(tmp_path / "a.parquet", 编号=["1"], 内容=["甲"])
    parquet(tmp_path / "b.parquet", 内容=["乙"], 备注=["急"])
    rows = [row for row in open_table(tmp_path).rows() if isinstance(row, SourceRow)]
    assert open_table(tmp_path).columns == ("编号", "内容", "备注")
    assert [row.cells for row in rows] == [("1", "甲", None), (None, "乙", "急")]


def test_a_damaged_file_of_a_folder_is_named(tmp_path: Path) -> None:
    parquet(tmp_path / "a.parquet", 内容=["甲"])
    (tmp_path / "b.parquet").write_bytes(b"PAR1 nothing")
    with pytest.raises(InputError, match=r"b\.parquet: is damaged"):
        open_table(tmp_path)


def test_compressed_lines_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(json.dumps({"内容": text}) for text in "甲乙").encode()))
    assert texts(path) == ["甲", "乙"]


@given(st.lists(st.sampled_from(["甲", "", "  "]), min_size=1, max_size=12), st.integers(0, 14))
def test_rows_that_are_passed_over_are_the_first_ones(
    tmp_path_factory: pytest.TempPathFactory, cells: list[str], skip: int
) -> None:
    path = tmp_path_factory.mktemp("skip") / "in.csv"
    lines = [f"{number},{cell}" for number, cell in enumerate([*cells, "乙"])]
    path.write_text("\n".join(["编号,内容", *lines]), encoding="utf-8")
    every = list(open_table(path).rows())
    assert list(open_table(path).rows(skip=skip)) == every[skip:]
    assert [open_table(path).more_than(limit) for limit in (len(every) - 1, len(every))] == [True, False]


def test_rejected_rows_may_be_given_one_by_one(tmp_path: Path) -> None:
    rejected = [RejectedRow("in.csv", "", row, "空行", "", ("甲",)) for row in (1, 2, 3)]

    def write(name: str, early: int) -> bytes:
        with ResultWriter.open(tmp_path / name, columns=[OutputColumn("内容", 8)], sheet_name="信件") as writer:
            for row in rejected[:early]:
                writer.reject(row)
            writer.finish((), rejected[early:])
        return (tmp_path / name).with_suffix(".rejected.csv").read_bytes()

    assert write("a.csv", 0) == write("b.csv", 2) == write("c.parquet", 3)
    assert {path.suffix for path in tmp_path.iterdir()} == {".csv", ".parquet"}
