"""Kills the real service again and again and counts what people got. Run by `make crash`, and by test_crash.

    python tests/crash/crash.py [--random 1000] [--each-point 20] [--seed 1] [--point NAME]

Newsrooms on loopback publish an attack before every kill; a mail server and a webhook receiver keep what they accepted.
The service is forked from a process that has read the gazetteer, so that a start is fast. It ends by SIGKILL: after a
random time, or when it passes a named point (advisord/points.py) for the nth time. At the end one service is
left alone until nothing waits, and everything is counted. Exits with 1 when anything is lost or comes under two keys.
"""
from __future__ import annotations

import argparse
import json
import os
import random
import re
import signal
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

from advisord.cli.demo_stage import Stage
from advisord.cli.logs import configure_logs
from advisord.daemon import Clock, Daemon
from advisord.points import EVENT
from advisord.settings.story import Item
from advisord.store.store import Store
from advisord.wiring.workshop import Workshop

ROOT = Path(__file__).resolve().parents[2]
SECRET = "whsec_ZGVtby1zZWNyZXQtZm9yLWxvb3BiYWNrLW9ubHk="
PEOPLE = 6
OFTEN = {"mail", "deliver", "write"}  # points that are passed many times for one article
QUIET_S = 2.0
NEWS_A_POINT = 4
LONGEST_S = 15.0  # till a point is passed, or till nothing waits
TOWNS = ("Bamako", "Gao", "Kidal", "Mopti", "Timbuktu", "Kayes", "Sikasso", "Koulikoro", "Menaka", "Niono", "Koutiala",
         "Bandiagara", "Douentza", "Djenne", "San", "Bougouni", "Nioro", "Ansongo", "Goundam", "Taoudenni")
TARGETS = ("police station", "market", "hotel", "military base", "mine", "customs post", "school", "bus station")
FILES = {
    "advisord.yaml": "mode: live\norganisation: Crash test\nstore: unused.db\npage: {enabled: false}\n"
                     "ceilings: {person: 10000, incidents: 10000, desk: 10000}\n",
    "feeds.yaml": "feeds:\n  - {id: wire, url: '${FEEDS}/wire.xml', every: 1s, baseline: false, language: en, "
                  "reliability: A, official: true, allow_private: true}\n",
    "rules.yaml": "rules:\n  - id: everything\n    when: {hazard: [conflict, violence, crime]}\n"
                  "    reach: {within_km: 5000}\n    advise: attack-nearby\n    via: [email, hook]\n",
    "channels.yaml": "channels:\n  - id: email\n    kind: smtp\n    host: 127.0.0.1\n    port: ${SMTP}\n    tls: none\n"
                     "    from: a@example.org\n"
                     "  - {id: hook, kind: webhook, url: '${FEEDS}/hook', secret_env: SECRET, allow_private: true}\n",
}


def configuration(folder: Path) -> None:
    """A configuration of six people in Mali, all touched by everything."""
    folder.mkdir(parents=True)
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    people = "".join(f'  - {{id: p-{n}, name: Person {n}, language: en, timezone: UTC, home: "{TOWNS[n]}, ML", '
                     f"contact: {{email: p{n}@example.org}}}}\n" for n in range(PEOPLE))
    (folder / "staff.yaml").write_text(
        "desks:\n  - {id: desk, language: en, timezone: UTC, contact: {email: desk@example.org}}\n"
        f"people:\n{people}", encoding="utf-8")


# ----------------------------------------------------------------------------------------------------- the service


@dataclass(frozen=True)
class Plan:
    """How one service ends: at the `nth` passing of a point, or when it is killed from outside."""

    point: str | None = None
    nth: int = 1


def listen(plan: Plan) -> None:
    """Have this process end itself where the plan says."""
    passed = 0

    def heard(event: str, values: tuple[object, ...]) -> None:
        nonlocal passed
        if event == EVENT and values[0] == plan.point:
            passed += 1
            if passed == plan.nth:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(heard)


class Services:
    """Starts services, each a fork of one process that has already read what is large."""

    def __init__(self, folder: Path, environ: dict[str, str]) -> None:
        """Read the gazetteer and all that stays the same; this process has one thread yet."""
        self._folder = folder
        self._workshop = Workshop(folder / "config", environ=environ, store_url=f"sqlite:///{folder}/crash.db")
        _ = self._workshop.analyser, self._workshop.hazards, self._workshop.tables
        self._workshop.renderer(self._workshop.settings())
        Store.open(f"sqlite:///{folder}/crash.db").close()
        self._orders, theirs = os.pipe()
        mine, self._answers = os.pipe()
        self._out, self._in = theirs, mine
        if not os.fork():
            os.close(theirs)  # or the end of the orders would never be seen
            self._serve()
        os.close(self._orders)
        os.close(self._answers)

    def start(self, plan: Plan) -> int:
        """Begin a service; its process id."""
        os.write(self._out, json.dumps([plan.point, plan.nth]).encode() + b"\n")
        return int(self._line())

    def end(self, pid: int) -> None:
        """Kill it, if it has not ended yet, and have it gone."""
        os.kill(pid, signal.SIGKILL)  # it is not reaped yet, so the number is still its own
        self.gone()

    def gone(self) -> None:
        """Wait until the service that was started last has ended."""
        os.write(self._out, b"reap\n")
        self._line()

    def _line(self) -> bytes:
        line = b""
        while not line.endswith(b"\n"):
            some = os.read(self._in, 1)
            if not some:
                raise RuntimeError("the process that starts services has ended")
            line += some
        return line

    def _serve(self) -> None:
        with os.fdopen(self._orders, "rb") as orders:
            pid = 0
            for order in orders:
                if order == b"reap\n":
                    os.waitpid(pid, 0)
                    os.write(self._answers, b"gone\n")
                    continue
                pid = os.fork()
                if not pid:
                    self._live(Plan(*json.loads(order)))
                os.write(self._answers, f"{pid}\n".encode())
        os._exit(0)

    def _live(self, plan: Plan) -> None:
        log = os.open(self._folder / "service.log", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
        os.dup2(log, 2)
        sys.stderr = os.fdopen(2, "w", buffering=1)
        configure_logs("info", "json")
        if plan.point is not None:
            listen(plan)
        try:
            Daemon(self._workshop, Clock(), tick_s=0.1).run()
        except Exception as error:  # noqa: BLE001 - the fork's last word, whatever it is
            sys.stderr.write(f"ENDED {error!r}\n")
        os._exit(1)


# ---------------------------------------------------------------------------------------------------- the accounts


@dataclass
class Account:
    """What was seen at every kill, and the verdict at the end."""

    kills: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    known: dict[str, str] = field(default_factory=dict)  # delivery -> state at the last look
    in_flight: Counter[str] = field(default_factory=Counter)  # delivery -> kills at which it was leased
    articles: int = 0

    def look(self, file: Path) -> None:
        """After a kill: everything seen before is still there, ended deliveries as they ended; what was in flight."""
        rows = table(file, "SELECT id, state, lease_until FROM deliveries")
        now = {name: state for name, state, _ in rows}
        for name, state in self.known.items():
            if name not in now:
                self.faults.append(f"delivery {name} vanished")
            elif state not in {"pending", now[name]}:
                self.faults.append(f"delivery {name} went from {state} to {now[name]}")
        self.known = now
        self.in_flight.update(name for name, state, lease in rows if state == "pending" and lease is not None)
        [(created,)] = table(file, "SELECT coalesce(sum(value), 0) FROM counters WHERE name = 'deliveries created'")
        if int(created) != len(rows):
            self.faults.append(f"{created} deliveries were created, {len(rows)} are there")

    def settle(self, file: Path, stage: Stage, published: int) -> dict[str, object]:
        """At the end: lost, repeated, under two keys; every figure."""
        received = Counter(key for key, _, _ in receptions(stage))
        lost = [name for name, state in self.known.items() if state == "accepted" and name not in received]
        unsaid = table(file, "SELECT a.id FROM advisories a WHERE NOT EXISTS (SELECT 1 FROM delivery_advisories l JOIN "
                             "deliveries d ON d.id = l.delivery_id WHERE l.advisory_id = a.id AND "
                             "d.state = 'accepted')")
        [(read,)] = table(file, "SELECT count(*) FROM articles")
        waiting = sum(state == "pending" for state in self.known.values())
        contents: dict[tuple[str, str], set[str]] = {}
        for key, recipient, content in receptions(stage):
            contents.setdefault((recipient, content), set()).add(key)
        new_keys = [keys for keys in contents.values() if len(keys) > 1]
        strange = [key for key in received if key not in self.known]
        over = [key for key, times in received.items() if times - 1 > self.in_flight[key]]
        for what, found in (("accepted and never received", lost), ("decided and never delivered", unsaid),
                            ("repeated under another key", new_keys), ("received and never decided", strange),
                            ("repeated though not in flight", over)):
            if found:
                self.faults.append(f"{len(found)} {what}: {found[:3]}")
        if waiting or int(read) < published:
            self.faults.append(f"{waiting} still wait; {read} of {published} articles were read")
        return {"kills": sum(self.kills.values()), "points": len(self.kills) - ("random" in self.kills),
                "published": published, "deliveries": len(self.known), "received": sum(received.values()),
                "repeats": sum(received.values()) - len(received), "in_flight": sum(self.in_flight.values()),
                "lost": len(lost) + len(unsaid), "new_keys": len(new_keys), "faults": self.faults}


def receptions(stage: Stage) -> Iterator[tuple[str, str, str]]:
    """Delivery, recipient and what it said, of everything that was accepted."""
    for mail in list(stage.received.mails):
        key = str(mail.message["Message-ID"]).strip("<>").partition("@")[0]
        body = mail.message.get_body(("plain",))
        yield key, mail.recipient, f"{mail.message['Subject']}\n{body.get_content() if body else ''}"
    for hook in list(stage.received.hooks):
        yield hook.key, "hook", json.dumps(hook.body, sort_keys=True)


def table(file: Path, statement: str) -> list[tuple[str, ...]]:
    """The rows of a statement; the store need not be there yet."""
    connection = sqlite3.connect(file, timeout=30)
    try:
        return connection.execute(statement).fetchall()
    except sqlite3.OperationalError:
        if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'counters'").fetchone():
            raise
        return [("0",)] if "SELECT id" not in statement else []
    finally:
        connection.close()


# ------------------------------------------------------------------------------------------------------------ runs


def points() -> tuple[str, ...]:
    """Every name that the program's code passes."""
    found = {name for path in (ROOT / "advisord").rglob("*.py")
             for name in re.findall(r'passing\("([^"]+)"\)', path.read_text(encoding="utf-8"))}
    return tuple(sorted(found))


class Newsroom:
    """Publishes one attack after another, each in its own words."""

    def __init__(self, chance: random.Random) -> None:
        """Nothing is published yet."""
        self.items: list[Item] = []
        self._chance = chance

    def publish(self) -> None:
        """One more."""
        number = len(self.items)
        town, what = TOWNS[number % len(TOWNS)], TARGETS[number // len(TOWNS) % len(TARGETS)]
        self.items.append(Item("wire", datetime.now(UTC) - timedelta(minutes=1),
                               f"Gunmen attack {what} in {town}, {number + 2} killed",
                               f"Gunmen attacked a {what} in {town}, Mali, on {datetime.now(UTC):%A} and killed "
                               f"{number + 2} people, the governor said. Report {number}."))

    def __iter__(self) -> Iterator[Item]:
        """The newest, as a feed holds them: all that a service may still have to read."""
        return iter(self.items[-60:])


def until(holds: Callable[[], bool], seconds: float = LONGEST_S) -> bool:
    """Wait till it holds; whether it did."""
    ends = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > ends:
            return False
        time.sleep(0.02)
    return True


def ended(pid: int) -> bool:
    """Whether that process has ended, reaped or not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(") ")[2][0] in "ZX"
    except OSError:
        return True


class Run:
    """One store, its servers and its services."""

    def __init__(self, folder: Path, seed: int) -> None:
        """Nothing runs yet."""
        self.folder = folder
        self.file = folder / "crash.db"
        self.chance = random.Random(seed)
        self.news = Newsroom(self.chance)
        self.account = Account()
        self._last: object = None
        self._since = 0.0
        self._waited: int | None = None

    def all(self, plans: list[Plan]) -> dict[str, object]:
        """Kill as planned, then let one live until nothing waits."""
        configuration(self.folder / "config")
        news = cast("tuple[Item, ...]", self.news)  # it is asked anew for each answer
        stage = Stage(news, lambda: datetime.now(UTC), SECRET)
        services = Services(self.folder, {"FEEDS": stage.http_url, "SMTP": str(stage.smtp_port), "SECRET": SECRET})
        with stage:
            for plan in plans:
                self._kill(services, plan)
            pid = services.start(Plan())
            while not until(self._idle) and self._moves():
                pass
            services.end(pid)
            self.account.look(self.file)
            return self.account.settle(self.file, stage, len(self.news.items))

    def _kill(self, services: Services, plan: Plan) -> None:
        began = time.monotonic()
        self.news.publish()
        pid = services.start(plan)
        if plan.point is None:
            time.sleep(self.chance.uniform(0.05, 2.5))
            services.end(pid)
        elif self._passed(pid):
            services.gone()
        else:
            services.end(pid)
            self.account.faults.append(f"never passed {plan.point!r} {plan.nth} times")
        self.account.kills[plan.point or "random"] += 1
        if os.environ.get("CRASH_TELL"):
            print(f"{time.monotonic() - began:.1f} s {plan}", file=sys.stderr)
        self.account.look(self.file)

    def _passed(self, pid: int) -> bool:
        """Whether that service ended at its point; where an article told nobody anything new there is another."""
        for _ in range(NEWS_A_POINT):
            if until(lambda: ended(pid)):
                return True
            self.news.publish()
        return False

    def _moves(self) -> bool:
        """Whether fewer wait than when this was asked the last time: a slow machine is given time."""
        waiting = len(table(self.file, "SELECT id FROM deliveries WHERE state = 'pending'"))
        before, self._waited = self._waited, waiting
        return before is None or waiting < before

    def _idle(self) -> bool:
        """Whether all was read, and for two seconds nothing was waiting or came in."""
        [(read,)] = table(self.file, "SELECT count(*) FROM articles WHERE NOT unread")
        now = (read, table(self.file, "SELECT id, state FROM deliveries"))
        if int(read) < len(self.news.items) or now != self._last or any(row[1] == "pending" for row in now[1]):
            self._last, self._since = now, time.monotonic()
        return time.monotonic() - self._since > QUIET_S


def main() -> None:
    """Run what was asked for and print the account as JSON."""
    options = argparse.ArgumentParser()
    options.add_argument("--random", type=int, default=1000)
    options.add_argument("--each-point", type=int, default=20)
    options.add_argument("--point", action="append", help="this point alone, by name")
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    chance = random.Random(given.seed)
    plans = [Plan()] * given.random + [
        Plan(name, 1 + turn % 3 * (name.split()[0] in OFTEN))
        for name in given.point or points() for turn in range(given.each_point)]
    chance.shuffle(plans)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="advisord-crash-") as folder:
        run = Run(Path(folder), given.seed)
        told = run.all(plans)
        if told["faults"]:
            log = (Path(folder) / "service.log").read_text(encoding="utf-8")
            print(*[line[:600] for line in log.splitlines() if "error" in line or "ENDED" in line][-20:],
                  sep="\n", file=sys.stderr)
    told["seconds"] = round(time.monotonic() - began, 1)
    print(json.dumps(told))
    sys.exit(bool(told["faults"]))


if __name__ == "__main__":
    main()
