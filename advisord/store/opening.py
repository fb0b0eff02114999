"""Opens a store: the right file, the right schema, and still the one that was there last time.

Beside an SQLite file lies `<file>.marker` with the store's own id. An emptied or exchanged database would otherwise
open as a first run, and everything would be sent again.
"""
from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Connection, inspect, select, text

from advisord.errors import StoreError
from advisord.store.database import Database, parsed
from advisord.store.tables import meta

HEAD = "0007"  # the newest step; alembic, slow to load, is needed only where a store has another
PRIVATE = 0o600  # it holds where people are


def opened(url: str) -> Database:
    """The database of that URL with the schema of today; raises StoreError saying what the operator can do."""
    where = parsed(url)
    database = Database(where)
    file = None if database.file is None else Path(database.file)
    if file is not None:
        _judge_file(file)
    try:
        identity = _prepared(database)
        if file is not None:
            _judge_identity(file, identity)
    except StoreError:
        database.close()
        raise
    return database


def marker_of(file: Path) -> Path:
    """Where the id of the store in that file is remembered."""
    return file.with_name(file.name + ".marker")


def _judge_file(file: Path) -> None:
    marker = marker_of(file)
    if marker.exists() and (not file.exists() or file.stat().st_size == 0):
        raise StoreError(f"store '{file}': it is empty or missing, but {marker.name} says that there was one: restore "
                         f"a backup; to begin afresh and have what is still current sent again, delete '{marker}'")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, PRIVATE))
    except OSError as error:
        raise StoreError(f"store '{file}': it can't be opened for writing ({error.strerror})") from error


def _prepared(database: Database) -> str:
    with database.read() as connection:
        found = _revision(connection)
    with database.write() as connection:
        if found != HEAD:
            _migrate(connection)
        identity = connection.execute(select(meta.c.value).where(meta.c.key == "store_id")).scalar_one_or_none()
        if identity is None:
            identity = uuid4().hex
            connection.execute(meta.insert().values(key="store_id", value=identity))
    return identity


def _migrate(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":  # two programs that open a new store at once
        connection.execute(text("SELECT pg_advisory_xact_lock(7251041904)"))
    found = _revision(connection)
    if found != HEAD:
        tables = frozenset(inspect(connection).get_table_names())
        import_module("advisord.store.migrate").migrate(connection, found=found, tables=tables)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("advisord_version"):
        return None
    return connection.execute(text("SELECT version_num FROM advisord_version")).scalar_one_or_none()


def _judge_identity(file: Path, identity: str) -> None:
    marker = marker_of(file)
    if not marker.exists():
        _write_durably(marker, identity)
        return
    if marker.read_text(encoding="ascii", errors="replace").strip() != identity:
        raise StoreError(f"store '{file}': this is another store than the one that was here: put the right file back; "
                         f"to go on with this one, delete '{marker}'")


def _write_durably(path: Path, content: str) -> None:
    unready = path.with_name(path.name + ".new")
    handle = os.open(unready, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, PRIVATE)
    try:
        os.write(handle, (content + "\n").encode("ascii"))
        os.fsync(handle)
    finally:
        os.close(handle)
    unready.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
