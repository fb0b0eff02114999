"""Cuts the power while the store writes and counts what a disk that forgets un-synced bytes still has.

    LD_PRELOAD=lost_writes.so python tests/crash/power.py [--cuts 200] [--seed 1] [--careless]

`lost_writes.so` is compiled from lost_writes.c. A program decides and records in a store below `live/`, and says so
after each commit; it is killed, and the store is opened from `kept/`, where each file is as it was when last synced.
`--careless` does the same with SQLite's `synchronous=NORMAL`, which loses: so the disk does forget. Exits with 1 when
anything said to be kept is not there.
"""
from __future__ import annotations

import argparse
import importlib
import json
import os
import random
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from advisord.errors import StoreError
from advisord.model import DeliveryState, Outcome, Rendered
from advisord.store.store import Store

Say = Callable[[str], None]


def decide(folder: Path, make: Any, say: Say) -> None:
    """Decide, lease, keep the bytes and record, for ever."""
    store = Store.open(url(folder))
    for number in range(1_000_000):
        advisory = make.advisory(f"v{number}")
        made = [make.delivery(f"d{number}-{part}", advisory_ids=(advisory.id,)) for part in range(3)]
        store.save_review(make.incident(origins=number), (make.exposure(),), (), (advisory,), made, make.now, None)
        for each in made:
            say(f"pending {each.id}")
        (leased,) = store.lease(make.now, 1, 60)
        store.keep_rendered(leased.id, Rendered("message/rfc822", leased.id.encode() * 100, "subject"))
        store.record(leased, Outcome(DeliveryState.ACCEPTED, "ok"), make.now, None)
        say(f"accepted {leased.id}")


def careless(folder: Path, make: Any, say: Say) -> None:
    """The same without care: each delivery a commit that is not synced."""
    del make
    connection = sqlite3.connect(folder / "advisord.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    for number in range(1_000_000):
        connection.execute("INSERT INTO counters (name, value) VALUES (?, 1)", (f"d{number}",))
        say(f"pending d{number}")


def url(folder: Path) -> str:
    """Of the store in that folder."""
    return f"sqlite:///{folder}/advisord.db"


def cut(folder: Path, make: Any, writer: Callable[[Path, Any, Say], None], chance: random.Random) -> dict[str, str]:
    """Let it write till the power goes; what it had said was kept: delivery -> state."""
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(reading)
        writer(folder, make, lambda line: (os.write(writing, line.encode() + b"\n"), None)[1])
        os._exit(1)
    os.close(writing)
    with os.fdopen(reading, encoding="ascii") as lines:
        said = [lines.readline() for _ in range(chance.randint(1, 40))]
        time.sleep(chance.uniform(0, 0.01))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        said += lines.readlines()
    return {line.split()[1]: line.split()[0] for line in said if line.endswith("\n")}


def missing(folder: Path, said: dict[str, str], faults: list[str]) -> int:
    """How many of those are not in the store as they were said; also whether its sums are right and it is whole."""
    try:
        with Store.open(url(folder)) as store:
            kept = {each.id: str(each.state) for each in store.deliveries()}
            if not store.counts().balanced or store.damaged():
                faults.append(f"{store.counts()} {store.damaged()}")
    except StoreError as error:
        faults.append(str(error))
        return len(said)
    return sum(kept.get(name) not in {state, "accepted"} for name, state in said.items())


def unwritten(folder: Path, said: dict[str, str], faults: list[str]) -> int:
    """How many of the careless writer's are not there."""
    del faults
    connection = sqlite3.connect(folder / "advisord.db")
    kept = {name for (name,) in connection.execute("SELECT name FROM counters")}
    connection.close()
    return len(said.keys() - kept)


def main() -> None:
    """Cut as often as was asked for and print what was lost."""
    options = argparse.ArgumentParser()
    options.add_argument("--cuts", type=int, default=200)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--careless", action="store_true")
    given = options.parse_args()
    sys.path.insert(0, str(Path(__file__).parents[1] / "store"))
    make, chance = importlib.import_module("conftest").Make(), random.Random(given.seed)
    writer, count = (careless, unwritten) if given.careless else (decide, missing)
    committed = lost = 0
    faults: list[str] = []
    with tempfile.TemporaryDirectory(prefix="advisord-power-") as base:
        first = Path(base) / "first"
        Store.open(url(first)).close()
        for number in range(given.cuts):
            live, kept = (Path(base) / str(number) / name for name in ("live", "kept"))
            shutil.copytree(first, live)
            shutil.copytree(first, kept)
            said = cut(live, make, writer, chance)
            committed += len(said)
            lost += count(kept, said, faults)
            shutil.rmtree(live.parent)
    print(json.dumps({"cuts": given.cuts, "committed": committed, "lost": lost, "faults": faults}))
    sys.exit(bool(lost or faults))


if __name__ == "__main__":
    main()
