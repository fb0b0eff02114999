"""A backup is the store as it was at one instant, and a restored store goes on from there under the same keys."""
from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from advisord.errors import StoreBusyError, StoreError
from advisord.model import DeliveryState, Outcome, Rendered
from advisord.store.backup import EVERY, KEPT, NEWEST, folder_of
from advisord.store.store import Store

ACCEPTED = Outcome(DeliveryState.ACCEPTED, "250 ok")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the store lies."""
    return tmp_path / "state" / "advisord.db"


def url_of(file: Path) -> str:
    """Its URL."""
    return f"sqlite:///{file}"


def decided(store: Store, make: Any, *names: str) -> None:
    """Decide deliveries of those names."""
    made = [make.delivery(name) for name in names]
    store.save_review(make.incident(), (), (), (make.advisory(),), made, make.now, None)


def test_backup_while_it_is_written(file: Path, make: Any, tmp_path: Path) -> None:
    """A backup made while the store is being written has every decision whole, and its sums are right."""
    with Store.open(url_of(file)) as store:
        over = threading.Event()

        def write() -> None:
            number = 0
            while not over.is_set():
                decided(store, make, f"a{number}", f"b{number}")
                number += 1

        writing = threading.Thread(target=write)
        writing.start()
        copies = [store.back_up(make.now, tmp_path / f"copy-{number}.db") for number in range(5)]
        over.set()
        writing.join()
    for copy in copies:
        assert copy is not None
        with Store.open(url_of(copy)) as kept:
            counts = kept.counts()
            assert counts.balanced
            assert counts.created % 2 == 0
            assert kept.damaged() == ()
            assert kept.verify_journal().faults == ()


def test_backup_every_hour(file: Path, make: Any) -> None:
    """Backups are made once an hour, however often it is asked, and by a clock that was set back too."""
    with Store.open(url_of(file)) as store:
        assert store.back_up(make.now) is not None
        assert store.back_up(make.now + EVERY / 2) is None
        assert store.back_up(make.now + EVERY) is not None
        assert store.back_up(make.now - EVERY) is not None
    assert {path.stat().st_mode & 0o077 for path in folder_of(file).iterdir()} == {0}


def test_backups_that_are_kept(file: Path, make: Any) -> None:
    """All of the last day are kept, one of each day before, and none for longer than a week."""
    with Store.open(url_of(file)) as store:
        for hour in range(24 * 9):
            store.back_up(make.now + hour * EVERY)
    names = sorted(path.name for path in folder_of(file).iterdir())
    oldest = make.now + (24 * 9 - 1) * EVERY - KEPT
    assert NEWEST + 6 <= len(names) <= NEWEST + 8
    assert names[0] >= f"advisord-{oldest:%Y%m%dT%H%M%SZ}.db"


def test_no_backup_of_a_damaged_store(file: Path, make: Any) -> None:
    """A store that is damaged is not backed up over the whole ones: that is said, and the old backups stay."""
    with Store.open(url_of(file)) as store:
        decided(store, make, *(f"d{number}" for number in range(200)))
        kept = store.back_up(make.now)
    data = bytearray(file.read_bytes())
    data[len(data) // 2:len(data) // 2 + 20_000] = b"\xff" * 20_000
    file.write_bytes(data)
    try:
        with Store.open(url_of(file)) as store, pytest.raises(StoreError, match="no backup could be made"):
            store.back_up(make.now + EVERY)
    except StoreError:
        pass  # damaged so badly that it is not opened at all
    assert [path for path in folder_of(file).iterdir() if path.suffix == ".db"] == [kept]


def test_restored(file: Path, make: Any) -> None:
    """What waited at the backup is marked and sent under its old key with its old bytes; what had ended has ended."""
    with Store.open(url_of(file)) as store:
        decided(store, make, "d1", "d2", "d3")
        store.take_daemon_lock("one", make.now, 60)
        done, flying, *_ = store.lease(make.now, 2, 60)
        store.keep_rendered(flying.id, Rendered("message/rfc822", b"as it was sent", "subject"))
        store.record(done, ACCEPTED, make.now, None)
        copy = store.back_up(make.now)
        store.record(flying, ACCEPTED, make.now, None)
        decided(store, make, "d4")
    assert copy is not None
    began = time.monotonic()
    aside, again = Store.restore(url_of(file), copy, make.now + timedelta(minutes=1))
    assert time.monotonic() - began < 300
    assert again == 2
    with Store.open(url_of(file)) as store:
        store.take_daemon_lock("two", make.now, 60)
        assert {each.id: str(each.state) for each in store.deliveries()} == {
            done.id: "accepted", flying.id: "pending", ({"d1", "d2", "d3"} - {done.id, flying.id}).pop(): "pending"}
        assert "restored from a backup" in store.attempts(flying.id)[-1].outcome.detail
        rendered = store.rendered(flying.id)
        assert rendered is not None
        assert rendered.body == b"as it was sent"
        assert {each.id for each in store.lease(make.now, 9, 60)} == {"d1", "d2", "d3"} - {done.id}
        assert store.counts().balanced
        assert store.verify_journal().faults == ()
    assert aside is not None
    with Store.open(url_of(aside)) as was:
        assert was.counts().created == 4
    assert not [path.name for path in file.parent.iterdir() if "restoring" in path.name]


def test_restored_after_the_disk_was_lost(file: Path, make: Any, tmp_path: Path) -> None:
    """On a new machine, with nothing there, the backup becomes the store."""
    with Store.open(url_of(file)) as store:
        decided(store, make, "d1")
        copy = store.back_up(make.now, tmp_path / "copy.db")
    assert copy is not None
    other = tmp_path / "new" / "advisord.db"
    assert Store.restore(url_of(other), copy, make.now) == (None, 1)
    with Store.open(url_of(other)) as store:
        assert store.counts().created == 1


def test_not_restored_under_a_running_service(file: Path, make: Any, tmp_path: Path) -> None:
    """While the service runs nothing is restored."""
    with Store.open(url_of(file)) as store:
        store.take_daemon_lock("one", make.now, 60)
        copy = store.back_up(make.now, tmp_path / "copy.db")
        assert copy is not None
        with pytest.raises(StoreBusyError, match="stop it first"):
            Store.restore(url_of(file), copy, make.now)


@pytest.mark.parametrize(("spoil", "said"), [
    pytest.param(lambda data: data[:0], "can't be read as a store", id="empty"),
    pytest.param(lambda data: data[:9000], "damaged|can't be read", id="truncated"),
    pytest.param(lambda data: b"something else " * 400 + data, "can't be read as a store", id="something-else"),
    pytest.param(lambda data: data[:20_000] + b"\xff" * 8192 + data[28_192:], "damaged|can't be read",
                 id="overwritten"),
])
def test_bad_backup(file: Path, make: Any, tmp_path: Path, spoil: Any, said: str) -> None:
    """A backup that is not whole is refused, and the store that is there stays as it is."""
    with Store.open(url_of(file)) as store:
        decided(store, make, *(f"d{number}" for number in range(50)))
        copy = store.back_up(make.now, tmp_path / "copy.db")
    assert copy is not None
    copy.write_bytes(spoil(copy.read_bytes()))
    with pytest.raises(StoreError, match=said):
        Store.restore(url_of(file), copy, make.now)
    with Store.open(url_of(file)) as store:
        assert store.counts().created == 50


def test_backup_of_another_store(file: Path, make: Any, tmp_path: Path) -> None:
    """The backup of another store is refused, as exchanging the file itself is."""
    Store.open(url_of(file)).close()
    with Store.open(url_of(tmp_path / "other.db")) as other:
        copy = other.back_up(make.now, tmp_path / "copy.db")
    assert copy is not None
    with pytest.raises(StoreError, match="another store than the one that was here"):
        Store.restore(url_of(file), copy, make.now)


def test_backup_of_a_newer_program(file: Path, make: Any, tmp_path: Path) -> None:
    """The backup of a newer program is refused before anything is moved."""
    with Store.open(url_of(file)) as store:
        copy = store.back_up(make.now, tmp_path / "copy.db")
    assert copy is not None
    connection = sqlite3.connect(copy)
    connection.execute("UPDATE advisord_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    with pytest.raises(StoreError, match="newer than this program"):
        Store.restore(url_of(file), copy, make.now)
    Store.open(url_of(file)).close()


@pytest.mark.slow
def test_commands(file: Path, make: Any, tmp_path: Path) -> None:
    """`advisord backup` and `advisord restore` do it from the command line."""
    config = Path(__file__).parents[2] / "config"
    with Store.open(url_of(file)) as store:
        decided(store, make, "d1")
    words = [sys.executable, "-m", "advisord"]
    copy = tmp_path / "copy.db"
    for command in (["backup", str(copy)], ["restore", str(copy)]):
        done = subprocess.run([*words, *command, "--config", str(config), "--store", url_of(file)], capture_output=True,
                              text=True, check=False, env={"ADVISORD_HOOK_SECRET": "whsec_" + "A" * 32})
        assert done.returncode == 0, done.stderr
        assert str(copy) in done.stdout
    with Store.open(url_of(file)) as store:
        assert store.counts().created == 1
