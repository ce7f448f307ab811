"""The case store: what is put in comes out, nothing is lost, and no other file is touched."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from triage.errors import StoreError
from triage.labels import LabelRow, text_hash
from triage.schema import Channel, Label, LabelledMessage, Message, Nature
from triage.store import Outcome, Store

NOW = datetime(2026, 9, 1, 9, 30)
BATCH = 60
LETTER = Message("007", "收费", "学校收了三百元空调费", datetime(2026, 8, 1, 12), Channel.LETTER, "王某")


def given_label(
    message: Message = LETTER, primary: str = "fees", *, by: str = "甲", has_id: bool = True, **said: object
) -> LabelRow:
    label = Label(message.id, primary, by=by, **said)
    return LabelRow(Path("标注.csv"), "一月", 5, LabelledMessage(message, label), has_id=has_id, settles=False)


def outcomes(store: Store, *rows: LabelRow, at: datetime = NOW) -> list[str]:
    return [added.outcome.value for added in store.add(rows, added_at=at)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "bureau" / "cases.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store.open(path) as store:
        yield store


# --- What is put in comes out ---


def test_a_labelled_message_comes_out_as_it_was_put_in(store: Store, path: Path) -> None:
    row = given_label(
        secondary=("pay",), nature=Nature.REPORT, urgent=False, place="", schools=("一中",), decided_at=NOW
    )
    assert outcomes(store, row) == ["new"]
    with Store.open(path) as again:
        assert again.labelled() == [row.labelled]
        (kept,) = again.history(LETTER)
    assert (kept.source, kept.sheet, kept.row, kept.added_at) == ("标注.csv", "一月", 5, NOW)


def test_messages_come_out_by_the_time_they_were_received_then_by_id(store: Store) -> None:
    def message(id: str, day: int | None) -> Message:
        return Message(id, "", f"第{id}封信", datetime(2026, 8, day) if day else None)

    later, undated, first, second = message("1", 9), message("4", None), message("2", 3), message("3", 3)
    assert outcomes(store, *map(given_label, (later, second, undated, first))) == ["new"] * 4
    assert [each.message for each in store.labelled()] == [undated, first, second, later]


words = st.text(st.characters(codec="utf-8"), max_size=12)
moments = st.none() | st.datetimes(datetime(1990, 1, 1), datetime(2099, 1, 1))
lists = st.none() | st.lists(words, max_size=3).map(tuple)
entries = st.builds(
    LabelledMessage,
    st.builds(Message, words, words, words, moments, st.none() | st.sampled_from(Channel), words),
    st.builds(
        Label,
        st.just(""),
        st.sampled_from(["fees", "pay"]),
        lists,
        st.none() | st.sampled_from(Nature),
        st.none() | st.booleans(),
        st.none() | words,
        lists,
        words,
        moments,
    ),
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=20)
@given(st.lists(entries, max_size=6, unique_by=lambda each: text_hash(each.message)), st.randoms())
def test_any_labels_come_out_as_they_went_in_whatever_their_order(
    entries: list[LabelledMessage], random: Random
) -> None:
    entries = [replace(each, label=replace(each.label, message_id=each.message.id)) for each in entries]
    found = []
    for _ in range(2):
        random.shuffle(entries)
        rows = [LabelRow(Path("a"), "", 1, each, has_id=True, settles=False) for each in entries]
        with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "cases.db") as store:
            for row in rows:
                assert outcomes(store, row) == ["new"]
            assert outcomes(store, *rows) == ["same"] * len(rows)
            found.append(store.labelled())
    assert found[0] == found[1]
    by_text = {text_hash(each.message): each for each in found[0]}
    assert by_text == {text_hash(each.message): each for each in entries}


def test_half_a_character_is_stored_as_a_question_mark(store: Store) -> None:
    broken = replace(LETTER, text="费\ud83d用", sender="\udc00")
    assert [outcomes(store, given_label(broken, by="\ud800")) for _ in range(2)] == [["new"], ["same"]]
    (labelled,) = store.labelled()
    assert (labelled.message.text, labelled.message.sender, labelled.label.by) == ("费?用", "?", "?")


# --- Which message it is ---


def test_the_same_id_with_another_text_is_another_message(store: Store) -> None:
    other = replace(LETTER, text="别的事")
    assert outcomes(store, given_label(), given_label(other, "pay")) == ["new", "new"]
    assert set(store.find("007")) == {LETTER, other}
    assert store.find("008") == ()


def test_a_text_in_another_dress_is_the_same_message(store: Store) -> None:
    dressed = replace(LETTER, text="<p>学校收了三百元空调费</p>")
    assert outcomes(store, given_label(), given_label(dressed)) == ["new", "same"]
    assert [each.message.text for each in store.labelled()] == [LETTER.text]


def test_what_is_said_of_a_text_counts_for_every_message_with_it(store: Store) -> None:
    twin = replace(LETTER, id="008")
    assert outcomes(store, given_label(nature=Nature.REPORT), given_label(twin)) == ["new", "new"]
    assert outcomes(store, given_label(twin, "pay", by="乙"), at=datetime(2026, 9, 2)) == ["conflict"]
    assert [(each.message.id, each.label.message_id, each.label.primary) for each in store.labelled()] == [
        ("007", "007", "pay"),
        ("008", "008", "pay"),
    ]
    (conflict,) = store.conflicts()
    assert [(each.label.by, each.message.id, each.label.primary) for each in conflict.answers] == [
        ("甲", "007", "fees"),
        ("甲", "008", "fees"),
        ("乙", "008", "pay"),
    ]
    assert (conflict.label.primary, conflict.label.nature) == ("pay", Nature.REPORT)


def test_a_text_without_an_id_is_any_message_with_it(store: Store) -> None:
    nameless = replace(LETTER, id="行2")
    assert outcomes(store, given_label(), given_label(nameless, has_id=False)) == ["new", "same"]
    assert [each.message.id for each in store.labelled()] == ["007"]


def test_a_message_that_came_without_an_id_gets_the_one_that_turns_up(store: Store) -> None:
    nameless = Message("行2", LETTER.title, LETTER.text)
    assert outcomes(store, given_label(nameless, has_id=False)) == ["new"]
    (made_up,) = [each.message.id for each in store.labelled()]
    assert made_up == text_hash(LETTER)[:16]
    assert outcomes(store, given_label(), given_label(nameless, has_id=False)) == ["same", "same"]
    assert [(each.message, each.label.message_id) for each in store.labelled()] == [(LETTER, "007")]
    assert [each.message for each in store.history(LETTER)] == [LETTER]


# --- Nothing is lost ---


def test_no_label_is_ever_changed_or_removed(store: Store, path: Path) -> None:
    outcomes(store, given_label())
    outcomes(store, given_label(primary="pay"), at=datetime(2026, 9, 2))
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys=ON")
        for statement in (
            "UPDATE labels SET by = ''",
            "DELETE FROM labels",
            "REPLACE INTO labels SELECT * FROM labels",
        ):
            with pytest.raises(sqlite3.IntegrityError, match="a label is never changed or removed"):
                connection.execute(statement)
        with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
            connection.execute("DELETE FROM messages")
    assert [each.label.primary for each in store.history(LETTER)] == ["fees", "pay"]
    assert [each.number for each in store.kept()] == [1, 2]


def test_the_file_keeps_what_it_was_told_through_a_power_cut(store: Store, path: Path) -> None:
    outcomes(store, given_label())
    with store._engine.connect() as connection:
        said = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert said == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}


def test_an_addition_that_fails_adds_nothing(store: Store) -> None:
    broken = given_label(replace(LETTER, id="9", text="乙"), primary="")
    with pytest.raises(StoreError, match="cannot be used as the case store"):
        store.add([given_label(), broken], added_at=NOW)
    assert (store.labelled(), store.find("007")) == ([], ())


def test_a_failure_tells_nothing_of_a_letter(store: Store) -> None:
    with pytest.raises(StoreError) as caught:
        store.add([given_label(primary="")], added_at=NOW)
    assert LETTER.text not in f"{caught.value} {caught.value.__cause__}"


def add_batches(path: Path, first: int, count: int) -> None:
    with Store.open(path) as store:
        for part in range(first, first + count):
            letters = [Message(f"{part}-{number}", "", f"第{part}批第{number}封信") for number in range(BATCH)]
            store.add([given_label(letter) for letter in letters], added_at=NOW)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_process_that_is_killed_leaves_whole_batches_and_the_next_one_goes_on(path: Path, tmp_path: Path) -> None:
    random, whole = Random(7), 0
    add_batches(tmp_path / "other.db", 0, 2)
    begin = time.monotonic()
    add_batches(tmp_path / "other.db", 1, 3)
    usual = time.monotonic() - begin  # to strike while something is being written, however fast the machine is
    for turn in range(50):
        child = os.fork()
        if not child:
            try:
                add_batches(path, max(whole - 1, 0), 1000)  # the first is there already
            finally:
                os._exit(1)
        time.sleep(random.uniform(0, usual * (1 + turn / 5)))  # a busy machine is given more and more time
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        with Store.open(path) as store:
            batches = Counter(each.message.id.partition("-")[0] for each in store.labelled())
            assert len(store.kept()) == sum(batches.values())
        assert set(batches.values()) <= {BATCH}
        assert len(batches) >= whole
        whole = len(batches)
    assert whole > 0
    with Store.open(path) as store:
        assert outcomes(store, given_label()) == ["new"]
        assert len(store.labelled()) == BATCH * whole + 1


# --- Other files, other programs ---


def sentence(path: Path) -> str:
    before = path.read_bytes()
    with pytest.raises(StoreError) as caught:
        Store.open(path)
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == [path.name]
    return str(caught.value).replace(str(path), "FILE")


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    path.write_text("编号,内容\n1,这不是数据库\n" * 20, encoding="utf-8")
    assert sentence(path) == (
        "FILE: cannot be used as the case store (file is not a database). Put a copy from a backup there."
    )


@pytest.mark.parametrize("mark", ["CREATE TABLE labels (a)", "PRAGMA application_id=7", "PRAGMA user_version=3"])
def test_the_database_of_another_program_is_refused(tmp_path: Path, mark: str) -> None:
    path = tmp_path / "cases.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(mark)
    assert sentence(path) == "FILE: is the database of another program. Move it away, or name another --home."


def test_a_store_of_a_newer_version_is_refused(store: Store, path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA user_version=2")
    store.close()
    assert sentence(path) == (
        "FILE: was written by a newer version of triage (layout 2, known up to 1). Install the newer version."
    )


def test_a_folder_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="unable to open database file"):
        Store.open(tmp_path)


def test_a_store_that_was_not_finished_is_made_anew(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    with Store.open(path) as store:
        assert outcomes(store, given_label()) == ["new"]


def test_a_place_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bureau").write_text("")
    with pytest.raises(StoreError, match=r"cannot be made \(.+\)\. Name another folder with --home\."):
        Store.open(tmp_path / "bureau" / "cases.db")


def test_who_reads_is_not_kept_waiting_and_who_writes_is_told(
    store: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcomes(store, given_label())
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr("triage.store.database._WAIT", 50)
    with Store.open(path) as other:
        assert len(other.labelled()) == 1
        with pytest.raises(StoreError, match=r"is in use by another program\. Wait for it to end"):
            other.add([given_label(by="乙")], added_at=NOW)
    writer.execute("ROLLBACK")
    writer.close()
    assert outcomes(store, given_label(by="乙")) == [Outcome.SAME]


def test_two_who_make_the_store_at_once_make_one(path: Path) -> None:
    script = "import sys, pathlib, triage.store as store; store.Store.open(pathlib.Path(sys.argv[1])).close()"
    made: Sequence[subprocess.Popen[bytes]] = [
        subprocess.Popen([sys.executable, "-c", script, str(path)], stderr=subprocess.PIPE) for _ in range(3)
    ]
    assert [(process.communicate()[1], process.returncode) for process in made] == [(b"", 0)] * 3
    with Store.open(path) as store:
        assert store.labelled() == []
