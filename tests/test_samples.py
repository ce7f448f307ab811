"""The sample inbox is one that an office could send, and both of its forms say the same."""

from __future__ import annotations

import json
import tomllib
from datetime import datetime
from functools import cache
from pathlib import Path

import pytest

from triage.schema import Message, RejectedRow
from triage.tables import Role, SourceRow, Table, open_table

DATA = Path(__file__).parents[1] / "data"
SAMPLES = DATA / "samples"
WORKBOOK, DELIMITED = SAMPLES / "市长信箱导出.xlsx", SAMPLES / "市长信箱导出.csv"
HEADER = ("留言编号", "留言用户", "留言主题", "留言时间", "留言详情", "来源")
BOTH = pytest.mark.parametrize("path", [WORKBOOK, DELIMITED], ids=lambda path: path.suffix[1:])


@cache
def read(path: Path) -> tuple[Table, list[SourceRow], list[RejectedRow]]:
    table = open_table(path)
    rows = list(table.rows())
    return (
        table,
        [row for row in rows if isinstance(row, SourceRow)],
        [row for row in rows if isinstance(row, RejectedRow)],
    )


def messages(path: Path) -> list[Message]:
    return [row.message for row in read(path)[1]]


@cache
def labels() -> dict[str, tuple[str, str]]:
    table = open_table(SAMPLES / "人工标注.xlsx", need=frozenset({Role.ID, Role.CATEGORY}))
    rows = list(table.rows())
    assert all(isinstance(row, SourceRow) for row in rows)
    return {row.message.id: (row.category, row.secondary) for row in rows if isinstance(row, SourceRow)}


def names() -> dict[str, str]:
    taxonomy = tomllib.loads((DATA / "taxonomy.toml").read_text(encoding="utf-8"))
    return {category["name"]: category["id"] for category in taxonomy["category"]}


def five(text: str) -> set[str]:
    return {text[at : at + 5] for at in range(len(text) - 4)}


@BOTH
def test_the_columns_are_found_below_the_title_rows(path: Path) -> None:
    (info,) = read(path)[0].sheets
    assert (info.header_row, info.columns) == (3, HEADER)
    assert set(info.roles) == {
        Role.ID,
        Role.SENDER,
        Role.TITLE,
        Role.RECEIVED_AT,
        Role.TEXT,
        Role.CHANNEL,
    }


@BOTH
def test_every_row_is_a_message_or_the_one_empty_row(path: Path) -> None:
    _, read_rows, rejected = read(path)
    assert len(read_rows) == 66
    assert [row.reason for row in rejected] == ["空行"]


def test_no_row_of_the_workbook_is_lost_and_its_note_is_passed_over() -> None:
    table, read_rows, rejected = read(WORKBOOK)
    assert table.row_count == len(read_rows) + len(rejected)
    assert [reason.partition(":")[0] for reason in table.skipped] == ["说明"]


def test_the_text_file_is_in_the_encoding_that_chinese_excel_writes() -> None:
    table = read(DELIMITED)[0]
    raw = DELIMITED.read_bytes()
    assert (table.encoding, table.delimiter) == ("gb18030", ",")
    assert raw.decode("gbk")
    assert raw.endswith(b"\r\n")


def test_workbook_and_text_file_hold_the_same_messages() -> None:
    def told(message: Message) -> tuple[object, ...]:
        return message.id, message.title, message.text, message.received_at, message.sender

    assert [told(message) for message in messages(WORKBOOK)] == [told(message) for message in messages(DELIMITED)]


@BOTH
def test_ids_keep_their_zeros_and_name_one_message(path: Path) -> None:
    ids = [message.id for message in messages(path)]
    assert ids == [f"00260{number:04}" for number in range(1, 67)]


@BOTH
def test_every_way_of_writing_a_date_is_understood(path: Path) -> None:
    table, read_rows, _ = read(path)
    written = {type(row.cells[HEADER.index("留言时间")]) for row in read_rows}
    assert written == ({str, datetime} if path == WORKBOOK else {str})
    assert table.unreadable_dates == 0
    received = [message.received_at for message in messages(path)]
    assert all(moment is not None and (moment.year, moment.month) == (2026, 9) for moment in received)


def test_a_merged_channel_holds_for_all_of_its_rows() -> None:
    assert all(message.channel is not None for message in messages(WORKBOOK))
    blank = [message.id for message in messages(DELIMITED) if message.channel is None]
    assert 0 < len(blank) < 10


@BOTH
def test_a_message_that_begins_with_an_equals_sign_stays_text(path: Path) -> None:
    (message,) = [message for message in messages(path) if message.text.startswith("=")]
    assert message.title.startswith("=")
    assert "二年级" in message.text


def test_the_labels_cover_the_same_messages_in_names_of_the_taxonomy() -> None:
    assert list(labels()) == [message.id for message in messages(WORKBOOK)]
    primary = {category for category, _ in labels().values()}
    secondary = {category for _, category in labels().values()} - {""}
    assert primary == set(names())
    assert secondary
    assert secondary <= set(names()) - {"非教育事项"}
    assert all(first != second for first, second in labels().values())


def test_about_a_third_of_the_messages_belongs_to_others() -> None:
    others = sum(names()[category] == "not_edu" for category, _ in labels().values())
    assert 0.25 <= others / len(labels()) <= 0.4


def test_the_samples_are_unknown_to_a_model_that_learnt_from_the_corpus() -> None:
    """Text in common is the share of a sample's 5-character runs that stand in one corpus message."""
    runs = {message.id: five(message.title + message.text) for message in messages(WORKBOOK)}
    for file in sorted((DATA / "corpus").glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            known = json.loads(line)
            theirs = five(known["title"] + known["text"])
            near = [id for id, ours in runs.items() if len(ours & theirs) > 0.25 * len(ours)]
            assert near == [], f"{known['id']} in {file.name}"
