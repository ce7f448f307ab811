"""The tables of the case store, and the SQLite file that holds them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Connection,
    DateTime,
    Engine,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    create_engine,
    event,
)
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from triage.errors import StoreError

SCHEMA = 1
"""The number of the layout; a file with a higher one was written by a newer program."""
_APPLICATION = 0x54524741
"""By this SQLite files of ours are known: TRGA in ASCII."""
_WAIT = 30_000
"""Milliseconds to wait for another process that is writing."""

metadata = MetaData()

messages = Table(
    "messages",
    metadata,
    Column("pk", Integer, primary_key=True),
    Column("external_id", String, nullable=False),
    Column("channel", String),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("sender", String, nullable=False),
    Column("received_at", DateTime),
    Column("text_hash", String(64), nullable=False),
    UniqueConstraint("external_id", "text_hash"),
    Index("messages_by_text", "text_hash"),
)

labels = Table(
    "labels",
    metadata,
    Column("pk", Integer, primary_key=True),
    Column("message", ForeignKey(messages.c.pk), nullable=False, index=True),
    Column("primary", String, CheckConstraint("\"primary\" <> ''"), nullable=False),
    Column("secondary", JSON(none_as_null=True)),
    Column("nature", String),
    Column("urgent", Boolean),
    Column("place", String),
    Column("schools", JSON(none_as_null=True)),
    Column("by", String, nullable=False),
    Column("decided_at", DateTime),
    Column("added_at", DateTime, nullable=False),
    Column("source", String, nullable=False),
    Column("sheet", String, nullable=False),
    Column("row", Integer, nullable=False),
    Column("settles", Boolean, nullable=False),
)

_APPEND_ONLY = [
    f"CREATE TRIGGER labels_{name} BEFORE {when} BEGIN SELECT RAISE(ABORT, 'a label is never changed or removed'); END"
    for name, when in {
        "no_update": "UPDATE ON labels",
        "no_delete": "DELETE ON labels",
        # REPLACE removes a row without telling the trigger above.
        "no_replace": "INSERT ON labels WHEN EXISTS (SELECT 1 FROM labels WHERE pk = NEW.pk)",
    }.items()
]


def open_database(path: Path) -> Engine:
    """Open the file, or make it; nothing is written into one that is not ours.

    Raises
    ------
    StoreError : the file is no case store, was written by a newer version, or cannot be opened.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"cannot be made ({error.strerror}).", where=str(path), fix="Name another folder with --home."
        ) from None
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        # What a failing statement was given may be a letter.
        hide_parameters=True,
        json_serializer=partial(json.dumps, ensure_ascii=False),
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    try:
        with telling(path):
            _make_ours(engine, path)
    except BaseException:
        engine.dispose()
        raise
    return engine


@contextmanager
def reading(engine: Engine, path: Path) -> Iterator[Connection]:
    """A transaction that sees the store as it was at its beginning."""
    with telling(path), engine.begin() as connection:
        yield connection


@contextmanager
def writing(engine: Engine, path: Path) -> Iterator[Connection]:
    """A transaction that is written whole or not at all, and shuts out other writers from its beginning."""
    with telling(path), engine.execution_options(writes=True).begin() as connection:
        yield connection


@contextmanager
def telling(path: Path) -> Iterator[None]:
    """Say in one sentence what the database says."""
    try:
        yield
    except DBAPIError as error:
        reason = str(error.orig)
        if "locked" in reason or "busy" in reason:
            raise StoreError(
                "is in use by another program.", where=str(path), fix="Wait for it to end, and run the command again."
            ) from error
        raise StoreError(
            f"cannot be used as the case store ({reason}).", where=str(path), fix="Put a copy from a backup there."
        ) from error


def _prepare(connection: Any, _: object) -> None:
    """Set what holds for one connection; the driver begins no transaction by itself."""
    connection.isolation_level = None
    for pragma in ("foreign_keys=ON", "synchronous=FULL", f"busy_timeout={_WAIT}"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _make_ours(engine: Engine, path: Path) -> None:
    with reading(engine, path) as connection:
        is_new = _is_new(connection, path)
    if not is_new:
        return
    raw = engine.raw_connection()
    try:
        # Outside of a transaction, and only once the file is known to be ours: it changes the file for good.
        raw.cursor().execute("PRAGMA journal_mode=WAL")
    finally:
        raw.close()
    with writing(engine, path) as connection:
        if not _is_new(connection, path):
            return  # another process was faster
        metadata.create_all(connection, checkfirst=False)
        for statement in (*_APPEND_ONLY, f"PRAGMA application_id={_APPLICATION}", f"PRAGMA user_version={SCHEMA}"):
            connection.exec_driver_sql(statement)


def _is_new(connection: Connection, path: Path) -> bool:
    """Whether the file is empty; what is not empty must be ours."""
    application, version, tables = (
        connection.exec_driver_sql(query).scalar_one()
        for query in ("PRAGMA application_id", "PRAGMA user_version", "SELECT count(*) FROM sqlite_master")
    )
    if application == _APPLICATION:
        if version > SCHEMA:
            raise StoreError(
                f"was written by a newer version of triage (layout {version}, known up to {SCHEMA}).",
                where=str(path),
                fix="Install the newer version.",
            )
        return False
    if application or version or tables:
        raise StoreError(
            "is the database of another program.", where=str(path), fix="Move it away, or name another --home."
        )
    return True
