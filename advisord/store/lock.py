"""One daemon a store: a lease row by conditional UPDATE, on SQLite also a lock of the operating system on a file.

The row says who holds it and works over many machines, but after a crash stands until it runs out. The file lock ends
with its process; who gets it may therefore take over the row at once.
"""
from __future__ import annotations

import fcntl
import os
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from advisord.errors import StoreBusyError, StoreError
from advisord.store.database import Database
from advisord.store.tables import daemon_lock, instant, micros

NAME = "daemon"
CLOCK_WENT_BACK = timedelta(days=1)  # no lease is that long: it was taken by a clock that was wrong


class DaemonLock:
    """The right to run the four jobs on this store."""

    def __init__(self, database: Database) -> None:
        """Nothing is taken yet."""
        self._database = database
        self._file: int | None = None

    def take(self, owner: str, now: datetime, ttl_s: float) -> None:
        """Take it for `ttl_s` seconds; raises StoreBusyError naming who holds it."""
        alone = self._take_file()
        try:
            with self._database.write() as connection:
                _take_row(connection, owner=owner, now=now, until=now + timedelta(seconds=ttl_s), alone=alone)
        except StoreError:
            self._give_file_back()
            raise

    def renew(self, owner: str, now: datetime, ttl_s: float) -> None:
        """Hold it for another `ttl_s` seconds from now; raises StoreBusyError where it was lost to another."""
        with self._database.write() as connection:
            renewed = connection.execute(daemon_lock.update().where(
                daemon_lock.c.name == NAME, daemon_lock.c.owner == owner,
            ).values(until=micros(now + timedelta(seconds=ttl_s)))).rowcount
            if not renewed:
                raise StoreBusyError(f"store: the daemon's place was taken over by {_holder(connection)}")

    def release(self, owner: str) -> None:
        """Give it back, if it is still held."""
        with self._database.write() as connection:
            connection.execute(daemon_lock.delete().where(daemon_lock.c.name == NAME, daemon_lock.c.owner == owner))
        self._give_file_back()

    def _take_file(self) -> bool:
        if self._database.file is None:
            return False
        if self._file is not None:
            return True
        file = Path(self._database.file)
        handle = os.open(file.with_name(file.name + ".lock"), os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(handle)
            with self._database.read() as connection:
                raise StoreBusyError(f"store '{file}': held by {_holder(connection)}: end that daemon first") from error
        self._file = handle
        return True

    def _give_file_back(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def close(self) -> None:
        """Let go of the file; the row runs out by itself."""
        self._give_file_back()


def _take_row(connection: Connection, *, owner: str, now: datetime, until: datetime, alone: bool) -> None:
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    values = {"owner": owner, "taken_at": micros(now), "until": micros(until)}
    free = or_(daemon_lock.c.until <= micros(now), daemon_lock.c.until > micros(now + CLOCK_WENT_BACK),
               daemon_lock.c.owner == owner)
    counted = connection.execution_options(preserve_rowcount=True)
    taken = counted.execute(insert(daemon_lock).values(name=NAME, **values).on_conflict_do_update(
        index_elements=["name"], set_=values, where=None if alone else free,
    )).rowcount
    if not taken:
        raise StoreBusyError(f"store: held by {_holder(connection)}: end that daemon first, or wait")


def _holder(connection: Connection) -> str:
    row = connection.execute(select(daemon_lock).where(daemon_lock.c.name == NAME)).one_or_none()
    if row is None:
        return "another daemon"
    return f"{row.owner} since {instant(row.taken_at):%Y-%m-%d %H:%M:%S} UTC (until {instant(row.until):%H:%M:%S})"
