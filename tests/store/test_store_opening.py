"""Opening a store: durable or refused, the right one or refused, one daemon, and nothing half after a crash."""
from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, event, text

from advisord.errors import StoreBusyError, StoreError
from advisord.store.database import Database, parsed
from advisord.store.migrate import configuration
from advisord.store.opening import HEAD, opened
from advisord.store.store import Store
from advisord.store.tables import metadata

MINUTE = timedelta(minutes=1)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the SQLite store of this test lies."""
    return tmp_path / "advisord.db"


def url_of(file: Path) -> str:
    """The URL of an SQLite store in that file."""
    return f"sqlite:///{file}"


def ended(file: Path) -> None:
    """A store was opened there once, and closed."""
    Store.open(url_of(file)).close()


# -------------------------------------------------------------------------------------------------- durability


def test_sqlite_is_durable(file: Path) -> None:
    """Each connection has WAL and synchronous FULL, and says so when asked."""
    database = opened(url_of(file))
    for transaction in (database.read, database.write, database.read):
        with transaction() as connection:
            read = {pragma: connection.exec_driver_sql(f"PRAGMA {pragma}").scalar_one()
                    for pragma in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "secure_delete")}
            assert read == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000,
                            "secure_delete": 1}
    database.close()


def test_less_than_durable_is_refused(file: Path) -> None:
    """An SQLite that can't keep WAL, as on a network file system, is refused: nothing is kept where it may be lost."""
    database = Database(parsed(f"sqlite:///file:{file}?vfs=unix-dotfile&uri=true"))
    with pytest.raises(StoreError, match="SQLite keeps journal_mode at delete, wal is needed"), database.read():
        pass
    database.close()


@pytest.mark.parametrize("setting", ["fsync", "full_page_writes"])
def test_postgresql_without_fsync_is_refused(postgresql: Any, setting: str) -> None:
    """A PostgreSQL that may lose what it said it kept is refused, with what to set."""
    database = postgresql.url(postgresql.empty())
    postgresql.execute(f"ALTER SYSTEM SET {setting} = off")
    postgresql.execute("SELECT pg_reload_conf()")
    try:
        _until(lambda: postgresql.execute(f"SHOW {setting}")[0] == "off")
        with pytest.raises(StoreError, match=f"{setting} = off; set it to on"):
            Store.open(database)
    finally:
        postgresql.execute(f"ALTER SYSTEM RESET {setting}")
        postgresql.execute("SELECT pg_reload_conf()")
        _until(lambda: postgresql.execute(f"SHOW {setting}")[0] == "on")


def test_postgresql_commits_synchronously(postgresql: Any) -> None:
    """Commits wait for the disk even where the database's default says otherwise."""
    name = postgresql.empty()
    postgresql.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
    database = opened(postgresql.url(name))
    with database.write() as connection:
        assert connection.execute(text("SHOW synchronous_commit")).scalar_one() == "on"
    database.close()


# ---------------------------------------------------------------------------------------------------- which store


@pytest.mark.parametrize("url", ["mysql://x/y", "oracle://x", "nonsense", "", "file:///x"])
def test_other_databases(url: str) -> None:
    """A URL of something else is refused in plain words."""
    with pytest.raises(StoreError, match=r"^store: "):
        Store.open(url)


def test_first_run(tmp_path: Path) -> None:
    """The first run makes file and folders, for the service's user alone."""
    file = tmp_path / "var" / "lib" / "advisord.db"
    ended(file)
    assert file.stat().st_mode & 0o077 == 0
    assert (file.parent / "advisord.db.marker").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("emptied", ["truncated", "removed"])
def test_empty_db(file: Path, emptied: str) -> None:
    """An emptied or missing database is no first run: opening refuses and says what to do."""
    ended(file)
    if emptied == "truncated":
        file.write_bytes(b"")
    else:
        file.unlink()
    with pytest.raises(StoreError, match=r"restore a backup; to begin afresh .* delete '.*advisord.db.marker'"):
        Store.open(url_of(file))
    (file.parent / "advisord.db.marker").unlink()
    ended(file)


def test_another_store_in_its_place(file: Path, tmp_path: Path) -> None:
    """A store that was exchanged for another is noticed."""
    ended(file)
    other = tmp_path / "other.db"
    ended(other)
    file.write_bytes(other.read_bytes())
    with pytest.raises(StoreError, match="another store than the one that was here"):
        Store.open(url_of(file))


def test_marker_lost(file: Path) -> None:
    """A store without its marker opens, and has one again."""
    ended(file)
    marker = file.parent / "advisord.db.marker"
    was = marker.read_text()
    marker.unlink()
    ended(file)
    assert marker.read_text() == was


@pytest.mark.parametrize(("content", "said"), [
    (b"this is a text, and no database at all, however long it may be" * 20, "no SQLite database"),
    (b"SQLite format 3\0" + b"\xff" * 4000, "store '"),
])
def test_not_a_database(file: Path, content: bytes, said: str) -> None:
    """A file that is something else is refused, and left as it was."""
    file.write_bytes(content)
    with pytest.raises(StoreError, match=said):
        Store.open(url_of(file))
    assert file.read_bytes() == content


def test_truncated(file: Path) -> None:
    """A database of which half is missing is refused as damaged, not read as if it were whole."""
    ended(file)
    file.write_bytes(file.read_bytes()[:8192])
    with pytest.raises(StoreError, match=r"damaged|malformed"):
        Store.open(url_of(file))


def test_somebody_elses_database(file: Path) -> None:
    """A database that belongs to another program is refused, and nothing is added to it."""
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE bookmarks (id)")
    connection.close()
    with pytest.raises(StoreError, match=r"belongs to something else .*'bookmarks'"):
        Store.open(url_of(file))
    with sqlite3.connect(file) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("bookmarks",)]
    connection.close()


def test_postgresql_beside_others(postgresql: Any) -> None:
    """On PostgreSQL the tables live beside another program's, unless that has one of the same name."""
    name = postgresql.empty()
    postgresql.execute("CREATE TABLE jobs (id int)", name)
    Store.open(postgresql.url(name)).close()
    taken = postgresql.empty()
    postgresql.execute("CREATE TABLE incidents (id int)", taken)
    with pytest.raises(StoreError, match="'incidents'"):
        Store.open(postgresql.url(taken))


def test_newer_schema(url: str) -> None:
    """A store that a newer version has changed is refused by an older one."""
    Store.open(url).close()
    engine = create_engine(parsed(url))
    with engine.begin() as connection:
        connection.execute(text("UPDATE advisord_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(StoreError, match=r"'9999' is newer than this program: upgrade advisord"):
        Store.open(url)


def test_read_only(file: Path) -> None:
    """A store that can't be written is refused with who must get what."""
    ended(file)
    if os.geteuid() == 0:
        folder = Path("/proc/sys")  # where even root can make no file
        with pytest.raises(StoreError, match="can't be opened for writing"):
            Store.open(url_of(folder / "advisord.db"))
        return
    file.chmod(0o400)
    with pytest.raises(StoreError, match="can't be opened for writing"):
        Store.open(url_of(file))


def test_unreachable_postgresql() -> None:
    """A PostgreSQL that doesn't answer is told in one line, without the password."""
    with pytest.raises(StoreError) as caught:
        Store.open("postgresql://advisord:s3cret@127.0.0.1:1/advisord")
    assert "s3cret" not in str(caught.value)
    assert "\n" not in str(caught.value)


# ------------------------------------------------------------------------------------------------------- migrations


def test_migrations_make_the_tables(url: str) -> None:
    """What the migrations make is what the program expects, table by table and column by column."""
    Store.open(url).close()
    engine = create_engine(parsed(url))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        differences = [each for each in compare_metadata(context, metadata) if "advisord_version" not in repr(each)]
    engine.dispose()
    assert differences == []


def test_newest_migration_is_the_one_we_look_for() -> None:
    """The revision that needs no migration is the newest one."""
    with create_engine("sqlite://").connect() as connection:
        assert ScriptDirectory.from_config(configuration(connection)).get_current_head() == HEAD


def test_two_open_a_new_store(postgresql: Any) -> None:
    """Two programs that open a new store at the same time both find it ready."""
    url = postgresql.url(postgresql.empty())
    script = f"from advisord.store.store import Store; print(Store.open({url!r}).counts().created)"
    running = [subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) for _ in range(2)]
    assert [process.communicate()[0] for process in running] == [b"0\n", b"0\n"]


# ------------------------------------------------------------------------------------------------------ one daemon


def test_second_daemon_is_refused(url: str, make: Any) -> None:
    """A second daemon on the same store is told who has it."""
    with Store.open(url) as first, Store.open(url) as second:
        first.take_daemon_lock("host-a pid 1", make.now, 60)
        with pytest.raises(StoreBusyError, match="held by host-a pid 1 since 2024-09-17 08:30:00 UTC"):
            second.take_daemon_lock("host-b pid 2", make.now, 60)
        first.renew_daemon_lock("host-a pid 1", make.now + MINUTE, 60)
        with pytest.raises(StoreBusyError):
            second.take_daemon_lock("host-b pid 2", make.now + MINUTE, 60)
        first.release_daemon_lock("host-a pid 1")
        second.take_daemon_lock("host-b pid 2", make.now + MINUTE, 60)
        second.take_daemon_lock("host-b pid 2", make.now + MINUTE, 60)


def test_silent_daemon_is_replaced(postgresql: Any, make: Any) -> None:
    """A daemon on another machine that is heard of no more loses its place, and learns it if it comes back."""
    url = postgresql.url(postgresql.migrated())
    with Store.open(url) as first, Store.open(url) as second:
        first.take_daemon_lock("host-a", make.now, 60)
        second.take_daemon_lock("host-b", make.now + MINUTE, 60)
        with pytest.raises(StoreBusyError, match="taken over by host-b"):
            first.renew_daemon_lock("host-a", make.now + MINUTE, 60)
        first.release_daemon_lock("host-a")
        second.renew_daemon_lock("host-b", make.now + MINUTE, 60)


def test_lock_of_a_wrong_clock(postgresql: Any, make: Any) -> None:
    """A place taken while the clock was ten years ahead is not held for ten years."""
    url = postgresql.url(postgresql.migrated())
    with Store.open(url) as first, Store.open(url) as second:
        first.take_daemon_lock("host-a", make.now + timedelta(days=3650), 60)
        second.take_daemon_lock("host-b", make.now, 60)


def test_crashed_daemon_frees_at_once(file: Path, make: Any) -> None:
    """After a crash the next daemon on this machine need not wait for the dead one's time to run out."""
    with _running(file, "store.take_daemon_lock('dead', now, 3600)") as process:
        with Store.open(url_of(file)) as store, pytest.raises(StoreBusyError, match="dead"):
            store.take_daemon_lock("next", make.now, 60)
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    with Store.open(url_of(file)) as store:
        store.take_daemon_lock("next", make.now, 60)


# ----------------------------------------------------------------------------------------------------------- crash


class _running:  # noqa: N801 - reads as a statement
    """A process that opens the store, does something, says so, and then waits to be killed."""

    def __init__(self, file: Path, statement: str) -> None:
        self._script = "\n".join((
            "from datetime import datetime, timedelta, UTC", "from advisord.store.store import Store",
            "import sys, time", "now = datetime(2024, 9, 17, 8, 30, tzinfo=UTC)",
            f"store = Store.open({url_of(file)!r})", statement, "print('done', flush=True)", "time.sleep(60)"))

    def __enter__(self) -> subprocess.Popen[str]:
        self._process = subprocess.Popen([sys.executable, "-c", self._script], stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "done\n"
        return self._process

    def __exit__(self, *error: object) -> None:
        self._process.kill()
        self._process.wait(10)
        if self._process.stdout is not None:
            self._process.stdout.close()


WRITER = """
import sys
sys.path.insert(0, {folder!r})
from dataclasses import replace
from advisord.model import Outcome, DeliveryState
from advisord.store.store import Store
from {module} import Make
make = Make()
store = Store.open({url!r})
for number in range(100000):
    advisory = make.advisory(f"v{{number}}")
    deliveries = [make.delivery(f"d{{number}}-{{part}}", advisory_ids=(advisory.id,)) for part in range(3)]
    store.save_review(make.incident(origins=number), (make.exposure(distance_km=float(number)),), (), (advisory,),
                      deliveries, make.now, None)
    print(number, flush=True)
    (leased, *_) = store.lease(make.now, 1, 60)
    store.record(leased, Outcome(DeliveryState.ACCEPTED, "ok"), make.now, None)
"""


@pytest.mark.parametrize("kill_after", [1, 10, 40])
def test_killed_between_writes(file: Path, make: Any, kill_after: int) -> None:
    """Killed at any instant, the store has every decision it said it kept, none half, and the sums are right."""
    ended(file)
    folder = Path(__file__).parent
    script = WRITER.format(folder=str(folder), module="conftest", url=url_of(file))
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for _ in range(kill_after):
            said = int(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
        rest = process.stdout.read().split()
    said = int(rest[-1]) if rest else said
    with Store.open(url_of(file)) as store:
        advisories, deliveries = store.said_about("ML-2024-0917-1")
        incident = store.incident("ML-2024-0917-1")
        assert incident is not None
        assert len(advisories) == incident.origins + 1 >= said + 1
        assert len(advisories) <= said + 2
        assert len(deliveries) == 3 * len(advisories)
        assert store.exposures("ML-2024-0917-1")[0].distance_km == incident.origins
        counts = store.counts()
        assert counts.balanced
        assert counts.created == len(deliveries)
        assert store.damaged() == ()
        assert abs(counts.accepted - said) <= 1
        store.take_daemon_lock("next", make.now, 60)
        assert len(store.lease(make.now, 1000, 60)) == counts.pending


# ------------------------------------------------------------------------------------------------------ disk, locks


def test_full_disk(file: Path, make: Any) -> None:
    """A full disk keeps the decision from being made, says so, and loses nothing that was there."""
    with Store.open(url_of(file)) as store:
        store.save_review(make.incident(), (), (), (make.advisory(),), (make.delivery(),), make.now, None)
        with store._database.write() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        event.listen(store._database._engine, "begin",
                     lambda connection: connection.exec_driver_sql(f"PRAGMA max_page_count={pages}"))
        more = [make.delivery(f"d{number}", thread="t" * 1000) for number in range(500)]
        with pytest.raises(StoreError, match="the disk is full: make room; nothing that was decided is lost"):
            store.save_review(make.incident(), (), (), (make.advisory(),), more, make.now, None)
        assert store.counts().created == store.counts().pending == 1
        assert [delivery.id for delivery in store.lease(make.now, 9, 60)] == ["d1"]


def test_waits_for_another_writer(file: Path, make: Any) -> None:
    """Another program that writes for a moment is waited for."""
    with Store.open(url_of(file)) as store:
        hold = "; ".join((
            "import sqlite3, time", f"c = sqlite3.connect({str(file)!r}, isolation_level=None)",
            "c.execute('BEGIN IMMEDIATE')", "print('done', flush=True)", "time.sleep(0.5)", "c.execute('COMMIT')"))
        with subprocess.Popen([sys.executable, "-c", hold], stdout=subprocess.PIPE, text=True) as other:
            assert other.stdout is not None
            assert other.stdout.readline() == "done\n"
            store.save_review(make.incident(), (), (), (make.advisory(),), (make.delivery(),), make.now, None)
    assert file.stat().st_size > 0


def test_in_memory(make: Any) -> None:
    """A store in memory, for tries, works as the others do."""
    with Store.open("sqlite://") as store:
        store.save_review(make.incident(), (), (), (make.advisory(),), (make.delivery(),), make.now, None)
        assert store.lease(make.now, 9, 60) == (make.delivery(),)
        store.take_daemon_lock("one", make.now, 60)
        with pytest.raises(StoreBusyError):
            store.take_daemon_lock("two", make.now, 60)


def _until(condition: Any) -> None:
    ends = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < ends
