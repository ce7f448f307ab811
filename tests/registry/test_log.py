"""The log of what was in use when: only ever added to, and a line that was touched is noticed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from triage.registry import tenures

Desk = Any


@pytest.fixture
def logged(desk: Desk) -> Desk:
    """Two versions, three entries: 0001, 0002, and back to 0001."""
    desk.add(), desk.add()
    desk.rollback(reason="误判太多")
    return desk


def lines(desk: Desk) -> list[bytes]:
    return bytes((desk.folder / "log.jsonl").read_bytes()).splitlines(keepends=True)


def rewrite(desk: Desk, content: list[bytes]) -> None:
    (desk.folder / "log.jsonl").write_bytes(b"".join(content))


def noticed(desk: Desk) -> str:
    """Nothing goes on, of whatever kind, while the log is in doubt."""
    said = desk.refusal(desk.registry.log)
    for action in (
        desk.registry.champion,
        desk.load,
        desk.save,
        lambda: desk.promote("0002"),
        desk.rollback,
        lambda: desk.registry.info("0001"),
    ):
        assert desk.refusal(action) == said
    return str(said)


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("place", ["first", "middle", "last"])
def test_a_changed_byte(logged: Desk, number: int, place: str) -> None:
    content = lines(logged)
    line = content[number - 1]
    at = {"first": 0, "middle": len(line) // 2, "last": len(line) - 2}[place]
    content[number - 1] = line[:at] + bytes([line[at] ^ 1]) + line[at + 1 :]
    rewrite(logged, content)
    assert noticed(logged) == (
        f"models/log.jsonl: Line {number} of the log of model versions was changed, or a line before it is missing. "
        "Put the file back from a backup."
    )


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize(
    ("field", "value"),
    [("version", "0002"), ("by", "somebody"), ("reason", ""), ("moment", "2020-01-01T00:00:00Z"), ("colour", "red")],
)
def test_a_changed_word(logged: Desk, number: int, field: str, value: str) -> None:
    content = lines(logged)
    entry = json.loads(content[number - 1])
    if entry.get(field) == value:
        value = "0001"
    content[number - 1] = (
        json.dumps({**entry, field: value}, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
    )
    rewrite(logged, content)
    noticed(logged)


DAMAGES: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "the first line removed": lambda found: found[1:],
    "a line between removed": lambda found: [found[0], found[2]],
    "two lines exchanged": lambda found: [found[1], found[0], found[2]],
    "the last two exchanged": lambda found: [found[0], found[2], found[1]],
    "a line twice": lambda found: [*found, found[2]],
    "a line in between": lambda found: [found[0], b"{}\n", *found[1:]],
    "an empty line": lambda found: [found[0], b"\n", *found[1:]],
    "two lines in one": lambda found: [found[0][:-1] + found[1], found[2]],
    "text": lambda found: [b"hello\n"],
    "ends of lines of Windows": lambda found: [line.replace(b"\n", b"\r\n") for line in found],
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_lines_that_were_removed_or_moved(logged: Desk, damage: str) -> None:
    rewrite(logged, DAMAGES[damage](lines(logged)))
    noticed(logged)


def test_a_log_made_up_of_lines_that_each_are_true(logged: Desk, desk: Desk) -> None:
    """Entries of right hashes that cannot follow each other."""
    from triage.registry.files import sha256

    content = lines(logged)
    made_up = json.loads(content[2])
    del made_up["digest"]
    made_up["version"] = "0002"  # nobody can go back to the version in use
    body = json.dumps(made_up, ensure_ascii=False, separators=(",", ":")).encode().removesuffix(b"}")
    rewrite(logged, [*content[:2], body + b',"digest":"' + sha256(body).encode() + b'"}\n'])
    noticed(logged)


def test_a_log_that_is_a_folder(logged: Desk) -> None:
    (logged.folder / "log.jsonl").unlink()
    (logged.folder / "log.jsonl").mkdir()
    assert "cannot be read" in noticed(logged)


# --- A line that was cut short ---


@pytest.mark.parametrize("length", [1, 40, -2])
def test_a_line_that_was_cut_short_was_never_written(logged: Desk, length: int) -> None:
    content = lines(logged)
    rewrite(logged, [*content[:2], content[2][:length]])
    assert logged.registry.champion() == "0002"
    assert len(logged.registry.log()) == 2
    logged.rollback(reason="again")
    assert [(entry.number, entry.version) for entry in logged.registry.log()] == [(1, "0001"), (2, "0002"), (3, "0001")]
    assert lines(logged)[:2] == content[:2]


def test_a_whole_line_counts_though_an_editor_took_away_its_end(logged: Desk) -> None:
    before = lines(logged)
    rewrite(logged, [*before[:2], before[2].rstrip()])
    assert logged.registry.champion() == "0001"
    logged.promote("0002")
    assert lines(logged)[:3] == before


def test_the_last_line_can_be_taken_away_unnoticed(logged: Desk) -> None:
    """As the log itself says: it guards against accidents."""
    rewrite(logged, lines(logged)[:2])
    assert logged.registry.champion() == "0002"


# --- What it holds ---


def test_entries_are_only_ever_added(logged: Desk) -> None:
    before = lines(logged)
    logged.promote("0002")
    assert lines(logged)[:3] == before
    assert len(lines(logged)) == 4


def test_each_entry_knows_the_one_before_and_what_it_put_to_use(logged: Desk) -> None:
    import hashlib

    entries = logged.registry.log()
    assert [entry.previous for entry in entries] == ["", entries[0].digest, entries[1].digest]
    for entry in entries:
        manifest = (logged.folder / entry.version / "manifest.json").read_bytes()
        assert entry.manifest_sha256 == hashlib.sha256(manifest).hexdigest()


def test_a_tenure_ends_where_the_next_begins(logged: Desk) -> None:
    first, second, third = logged.registry.log()
    assert [(each.entry, each.until) for each in tenures(logged.registry.log())] == [
        (first, second.moment),
        (second, third.moment),
        (third, None),
    ]
    assert tenures(()) == ()


@pytest.mark.parametrize("reason", ["两行\n一句", '"引号"', ',"digest":"', "\udcff", "  blanks  "])
def test_a_reason_may_hold_anything(desk: Desk, reason: str) -> None:
    desk.save(), desk.save()
    desk.promote("0001", reason=reason)
    desk.promote("0002", reason=reason)
    assert [entry.reason for entry in desk.registry.log()] == [reason.strip().replace("\udcff", "?")] * 2
    assert len(lines(desk)) == 2
