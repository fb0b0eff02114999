"""Copies of an SQLite store made while it is in use, and the way back from one.

A copy is whole or not there: it is written beside, checked, synced and then given its name. Whatever is restored keeps
its keys, so that what was sent since the copy was made goes out again under the same key, if at all.
"""
from __future__ import annotations

import fcntl
import os
import re
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from advisord.errors import StoreBusyError, StoreError
from advisord.store.opening import PRIVATE, marker_of

FOLDER = "backups"
EVERY = timedelta(hours=1)
KEPT = timedelta(days=7)
NEWEST = 24  # all of the newest are kept, and of each day before the last one
_NAME = re.compile(r"-(\d{8}T\d{6}Z)\.db")
_STAMP = "%Y%m%dT%H%M%SZ"
PRIVATE_FOLDER = 0o700


def folder_of(file: Path) -> Path:
    """Where the hourly copies of that store lie."""
    return file.parent / FOLDER


def is_due(file: Path, now: datetime) -> bool:
    """Whether the newest copy is an hour old, or from a time that has not come yet."""
    newest = max((at for at, _ in _copies(file)), default=None)
    return newest is None or newest > now or now - newest >= EVERY


def take(file: Path, now: datetime, to: Path | None = None) -> Path:
    """Copy the store as it stands at one instant, to `to` or among the hourly ones, of which the oldest then go."""
    target = to or folder_of(file) / f"{file.stem}-{now.astimezone(UTC):{_STAMP}}.db"
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
        unready = target.with_name(target.name + ".new")
        unready.unlink(missing_ok=True)
        os.close(os.open(unready, os.O_CREAT | os.O_WRONLY, PRIVATE))
        _copy(file, unready)
        _named(unready, target)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"store '{file}': no backup could be made at '{target}' ({error})") from error
    if to is None:
        for old in _superfluous(file, now):
            old.unlink(missing_ok=True)
    return target


def _copy(file: Path, target: Path) -> None:
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=30)) as source, \
            closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
        found = copy.execute("PRAGMA quick_check").fetchone()[0]
    if found != "ok":
        raise sqlite3.DatabaseError(f"the store is damaged: {found}")


def _named(unready: Path, target: Path) -> None:
    """Give what is on disk, and stays there, its name."""
    for path in (unready, target.parent):
        if path == target.parent:
            unready.replace(target)
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _copies(file: Path) -> list[tuple[datetime, Path]]:
    """The hourly copies, newest first."""
    found = ((match, path) for path in folder_of(file).glob(f"{file.stem}-*.db")
             if (match := _NAME.fullmatch(path.name.removeprefix(file.stem))))
    return sorted(((datetime.strptime(match[1], _STAMP).replace(tzinfo=UTC), path) for match, path in found),
                  reverse=True)


def _superfluous(file: Path, now: datetime) -> Iterator[Path]:
    days = set()
    for number, (at, path) in enumerate(_copies(file)):
        first_of_its_day = at.date() not in days
        days.add(at.date())
        if now - at > KEPT or (number >= NEWEST and not first_of_its_day):
            yield path


# --------------------------------------------------------------------------------------------------------- the way back


@contextmanager
def alone(file: Path) -> Iterator[None]:
    """Nobody runs a daemon on that store meanwhile; StoreBusyError where somebody does."""
    handle = os.open(file.with_name(file.name + ".lock"), os.O_CREAT | os.O_RDWR, PRIVATE)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise StoreBusyError(f"store '{file}': the service runs; stop it first") from error
    finally:
        os.close(handle)


def candidate(file: Path, copy: Path) -> Path:
    """The copy laid beside the store, checked; StoreError where it is none, damaged, or of another store."""
    beside = file.with_name(file.name + ".restoring")
    for name in _with_helpers(beside):
        name.unlink(missing_ok=True)
    try:
        shutil.copyfile(copy, beside)
        beside.chmod(PRIVATE)
        with closing(sqlite3.connect(beside)) as connection:
            found = connection.execute("PRAGMA integrity_check").fetchone()[0]
            identity = connection.execute("SELECT value FROM meta WHERE key = 'store_id'").fetchone()
    except (OSError, sqlite3.Error) as error:
        beside.unlink(missing_ok=True)
        raise StoreError(f"backup '{copy}': it can't be read as a store ({error})") from error
    marker = marker_of(file)
    known = marker.read_text(encoding="ascii", errors="replace").strip() if marker.exists() else None
    if found != "ok" or identity is None or known not in {None, identity[0]}:
        beside.unlink(missing_ok=True)
        why = f"it is damaged ({found})" if found != "ok" else (
            f"it is of another store than the one that was here; to take it all the same, delete '{marker}'")
        raise StoreError(f"backup '{copy}': {why}")
    return beside


def exchange(file: Path, beside: Path, now: datetime) -> Path | None:
    """Put what lies beside in the store's place; where what was there lies now, null if nothing was."""
    aside = file.with_name(f"{file.name}.before-{now.astimezone(UTC):{_STAMP}}")
    was = file.exists()
    for name, new in zip(_with_helpers(file), _with_helpers(aside), strict=True):
        if name.exists():
            name.replace(new)
    marker = marker_of(beside)
    if marker.exists():
        marker.replace(marker_of(file))
    _named(beside, file)
    for name in (*_with_helpers(beside), beside.with_name(beside.name + ".lock")):
        name.unlink(missing_ok=True)
    return aside if was else None


def _with_helpers(file: Path) -> Sequence[Path]:
    return tuple(file.with_name(file.name + end) for end in ("", "-wal", "-shm"))
