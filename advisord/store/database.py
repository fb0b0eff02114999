"""One engine with its transactions: durable or refused, one writer at a time on SQLite, plain errors."""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import StaticPool

from advisord.errors import StoreError
from advisord.points import passing
from advisord.store.tables import metadata

BUSY_TIMEOUT_MS = 30_000
LOCK_TIMEOUT_MS = 30_000
CONNECTIONS = 20  # kept open, and 10 more at need: more than the daemon has threads
FULL = 2  # PRAGMA synchronous
OLDEST_POSTGRESQL = 150_000  # 15.0


def parsed(url: str) -> URL:
    """The URL of a store; raises StoreError for what is neither SQLite nor PostgreSQL."""
    try:
        found = make_url(url)
    except ArgumentError as error:
        raise StoreError("store: the URL can't be read (write sqlite:////var/lib/advisord/advisord.db)") from error
    kind = found.get_backend_name()
    if kind == "sqlite":
        return found.set(drivername="sqlite+pysqlite")
    if kind in {"postgresql", "postgres"}:
        return found.set(drivername="postgresql+psycopg")
    raise StoreError(f"store: '{kind}' is not supported (use sqlite or postgresql)")


def file_of(url: URL) -> str | None:
    """The file of an SQLite URL; null for PostgreSQL and for SQLite in memory."""
    if url.get_backend_name() != "sqlite" or url.database in {None, "", ":memory:"}:
        return None
    return url.database


class Database:
    """Connections to one store. `file` is SQLite's; null for PostgreSQL and for a store in memory."""

    def __init__(self, url: URL) -> None:
        """Prepare the engine; nothing is opened before the first transaction."""
        self.file = file_of(url)
        self.is_sqlite = url.get_backend_name() == "sqlite"
        self._in_memory = self.is_sqlite and self.file is None
        self._writing = RLock()
        self._engine = _sqlite(url, in_memory=self._in_memory) if self.is_sqlite else _postgresql(url)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one state of the store and changes nothing."""
        if self._in_memory:  # its one connection is the writer's
            with self._writing, self._begin() as connection:
                yield connection
            return
        with self._begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that may change the store: all of it is kept, or nothing.

        SQLite's begins IMMEDIATE: a deferred one that reads, then writes after another writer fails at once.
        """
        if not self.is_sqlite:
            with self._begin() as connection:
                yield connection
            return
        with self._writing:
            with self._begin(advisord_begin="BEGIN IMMEDIATE") as connection:
                passing("write begun")
                yield connection
                passing("write about to be kept")
            passing("write kept")

    @contextmanager
    def _begin(self, **options: Any) -> Iterator[Connection]:
        try:
            with self._engine.connect().execution_options(**options) as connection, connection.begin():
                yield connection
        except DBAPIError as error:
            raise StoreError(plain(error, self.file)) from error
        except PoolTimeoutError as error:
            raise StoreError("store: all connections are busy; nothing is lost, it is tried again") from error

    def scrub(self, *, thorough: bool) -> bool:
        """Have what was deleted leave the disk: the write-ahead log, and, where `thorough`, every page written anew.

        False where a reader held the log: it will be emptied the next time. Nothing to do for a store in memory.
        """
        if self._in_memory:
            return True
        try:
            return self._scrub_sqlite(thorough=thorough) if self.is_sqlite else self._scrub_server(thorough=thorough)
        except DBAPIError as error:
            raise StoreError(plain(error, self.file)) from error

    def _scrub_sqlite(self, *, thorough: bool) -> bool:
        with self._writing, self._engine.connect().execution_options(advisord_begin="SELECT 1") as connection:
            if thorough:
                connection.exec_driver_sql("VACUUM")
            busy = [connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar_one() for _ in range(2)]
        return not busy[-1]

    def _scrub_server(self, *, thorough: bool) -> bool:
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for table in metadata.sorted_tables:
                connection.exec_driver_sql(f"VACUUM {'(FULL)' if thorough else ''} {table.name}")
        return True

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()


def plain(error: DBAPIError, file: str | None) -> str:
    """What the operator can do about an error of the database; never a value of a row."""
    said = (str(error.orig).strip() or "no answer").splitlines()[0]
    where = f"store '{file}'" if file else "store"
    lower = said.lower()
    for sign, advice in (
        ("disk is full", "the disk is full: make room; nothing that was decided is lost"),
        ("no space left", "the disk is full: make room; nothing that was decided is lost"),
        ("readonly", "it can't be written: give the service's user the file and its folder"),
        ("unable to open", "it can't be opened: the folder must exist and belong to the service's user"),
        ("locked", f"another program has held it for {BUSY_TIMEOUT_MS // 1000} s: end that program"),
        ("not a database", "this file is no SQLite database: name another, or restore a backup"),
        ("malformed", "the file is damaged: restore the last backup"),
        ("disk i/o error", "the disk answers with errors: restore the last backup on another disk"),
    ):
        if sign in lower:
            return f"{where}: {advice} ({said})"
    return f"{where}: {said}"


def _sqlite(url: URL, *, in_memory: bool) -> Engine:
    pool: dict[str, Any] = {"poolclass": StaticPool} if in_memory else {"pool_size": CONNECTIONS}
    engine = create_engine(url, connect_args={"check_same_thread": False, "timeout": BUSY_TIMEOUT_MS / 1000},
                           hide_parameters=True, **pool)
    wanted_journal = "memory" if in_memory else "wal"

    def connected(connection: Any, record: object) -> None:
        del record
        connection.isolation_level = None  # transactions begin where we say, below
        cursor = connection.cursor()
        for pragma in (f"busy_timeout={BUSY_TIMEOUT_MS}", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON",
                       "secure_delete=ON"):
            cursor.execute(f"PRAGMA {pragma}")
            cursor.fetchall()
        _read_back(cursor, wanted_journal)
        cursor.close()

    def begun(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("advisord_begin", "BEGIN"))

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begun)
    return engine


def _read_back(cursor: Any, wanted_journal: str) -> None:
    """With less than FULL, a power cut lost every one of 300 commits in WAL mode; with FULL none."""
    wanted = {"journal_mode": wanted_journal, "synchronous": FULL, "foreign_keys": 1}
    for pragma, value in wanted.items():
        found = cursor.execute(f"PRAGMA {pragma}").fetchone()[0]
        if found != value:
            raise StoreError(f"store: SQLite keeps {pragma} at {found}, {value} is needed so that nothing decided is "
                             "lost (a network file system can't hold the store: put it on a local disk)")


def _postgresql(url: URL) -> Engine:
    engine = create_engine(url, hide_parameters=True, pool_pre_ping=True, pool_size=CONNECTIONS)

    def connected(connection: Any, record: object) -> None:
        del record
        cursor = connection.cursor()
        cursor.execute("SET synchronous_commit TO on")
        cursor.execute(f"SET lock_timeout TO {LOCK_TIMEOUT_MS}")
        cursor.execute("SET timezone TO 'UTC'")
        _judge_server(cursor)
        cursor.close()
        connection.commit()

    event.listen(engine, "connect", connected)
    return engine


def _judge_server(cursor: Any) -> None:
    for setting, wanted in (("synchronous_commit", "on"), ("fsync", "on"), ("full_page_writes", "on")):
        found = cursor.execute(f"SHOW {setting}").fetchone()[0]
        if found != wanted:
            raise StoreError(f"store: PostgreSQL has {setting} = {found}; set it to {wanted}, so that nothing decided "
                             "is lost")
    version = int(cursor.execute("SHOW server_version_num").fetchone()[0])
    if version < OLDEST_POSTGRESQL:
        raise StoreError(f"store: PostgreSQL {version // 10_000} is too old, 15 or newer is needed")


