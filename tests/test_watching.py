"""The service tells that something is wrong with itself, as the limits say, and its supervisor that it lives."""
from __future__ import annotations

import http.server
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from advisord.cli.demo import SECRET, variables_of
from advisord.cli.demo_stage import Stage
from advisord.deliver.ping import ping
from advisord.model import Feed, FeedState, Watch
from advisord.store.outbox import Counts
from advisord.store.vital import Vitals, Waiting
from advisord.supervisor import Supervisor
from advisord.watching import Condition, Found, Health, Jobs, amiss

ROOT = Path(__file__).resolve().parents[1]
NOW = datetime(2024, 9, 17, 8, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=90)
WELL = Found(
    Vitals(Counts(5, 1, 4, 0, 0, 0), (Waiting("email", 1, NOW - timedelta(minutes=2)),), 1, NOW - timedelta(minutes=1),
           2, 10**11),
    ((Feed("a", "https://a.example"), FeedState("a", newest_item_at=NOW - timedelta(hours=1), last_success_at=NOW)),
     (Feed("b", "https://b.example"), FeedState("b", newest_item_at=NOW - timedelta(days=20), last_success_at=NOW))),
    LONG_AGO)


def stale(feed: str, age: timedelta, **state: object) -> tuple[Feed, FeedState]:
    """A feed whose newest item is that old."""
    return Feed(feed, f"https://{feed}.example"), replace(
        FeedState(feed, newest_item_at=NOW - age, last_success_at=NOW), **state)  # type: ignore[arg-type]


def late(channel: str, minutes: int) -> Vitals:
    """A message that is late by so much."""
    return replace(WELL.vitals, waiting=(Waiting(channel, 3, NOW - timedelta(minutes=minutes)),))


ILL = {
    "news-quiet": (Condition.NEWS_QUIET, replace(WELL, feeds=(stale("a", timedelta(hours=7)),)), ()),
    "feed-quiet": (Condition.FEEDS_QUIET, replace(WELL, feeds=(*WELL.feeds, stale("c", timedelta(days=31)))), ("c",)),
    "feed-failing": (Condition.FEEDS_FAILING, replace(WELL, feeds=(*WELL.feeds, stale(
        "c", timedelta(hours=2), failures=9, last_success_at=NOW - timedelta(days=2)))), ("c",)),
    "outbox-late": (Condition.OUTBOX_LATE, replace(WELL, vitals=late("email", 16)), ("email",)),
    "reading-late": (Condition.READING_LATE, replace(WELL, vitals=replace(
        WELL.vitals, unread=40, oldest_unread=NOW - timedelta(minutes=11))), ()),
    "disk-full": (Condition.DISK_FULL, replace(WELL, vitals=replace(WELL.vitals, free_bytes=499_000_000)), ()),
    "clock-forward": (Condition.CLOCK_JUMPED, replace(WELL, jumps=((NOW, 3600.0),)), ()),
    "clock-back": (Condition.CLOCK_JUMPED, replace(WELL, jumps=((NOW, -3600.0),)), ()),
    "rows-damaged": (Condition.ROWS_DAMAGED, replace(WELL, damaged=("d-1",)), ("d-1",)),
    "counts-unbalanced": (Condition.COUNTS_UNBALANCED, replace(WELL, vitals=replace(
        WELL.vitals, counts=Counts(6, 1, 4, 0, 0, 0))), ()),
    "job-failing": (Condition.JOB_FAILING, replace(WELL, failing=("poll",)), ("poll",)),
}


def test_nothing_is_amiss_while_all_is_well() -> None:
    """A message of two minutes ago, a slow feed and a full inbox of one are no reason to wake anybody."""
    assert amiss(WELL, Watch(), NOW) == ()


@pytest.mark.parametrize("name", ILL)
def test_what_is_amiss_is_told_with_what_it_is_about(name: str) -> None:
    """Each thing that can go wrong is told, alone, and by its name."""
    condition, found, items = ILL[name]
    told = amiss(found, Watch(), NOW)
    assert [(each.condition, each.items) for each in told] == [(condition, items)]


@pytest.mark.parametrize(("name", "wider"), [
    ("news-quiet", Watch(news_quiet=timedelta(hours=8))), ("feed-quiet", Watch(feed_quiet=timedelta(days=40))),
    ("feed-failing", Watch(feed_failing=timedelta(days=3))), ("outbox-late", Watch(outbox_late=timedelta(minutes=20))),
    ("reading-late", Watch(reading_late=timedelta(minutes=20))), ("disk-full", Watch(disk_free_mb=100.0)),
    ("clock-back", Watch(clock_jump=timedelta(hours=2))),
], ids=lambda each: each if isinstance(each, str) else "")
def test_the_limits_are_mine(name: str, wider: Watch) -> None:
    """With a wider limit the same is nothing to tell."""
    assert amiss(ILL[name][1], wider, NOW) == ()


def test_a_service_just_begun_has_nothing_late() -> None:
    """After a night switched off it first does its work."""
    for name in ("news-quiet", "outbox-late", "reading-late", "feed-failing"):
        assert amiss(replace(ILL[name][1], since=NOW - timedelta(minutes=1)), Watch(), NOW) == ()


def test_a_jump_is_over_after_an_hour() -> None:
    """It happened, and is no condition that lasts."""
    assert amiss(ILL["clock-back"][1], Watch(), NOW + timedelta(hours=2, minutes=-30)) != ()
    assert Condition.CLOCK_JUMPED not in {each.condition for each in amiss(
        replace(WELL, jumps=((NOW - timedelta(hours=2), 99.0),)), Watch(), NOW)}


def test_a_heartbeat_that_ended_badly_is_no_hang() -> None:
    """A database that is away makes jobs fail, and a restart would not help."""
    health = Health(Jobs())
    for _ in range(5):
        health.jobs.begin("beat")
        health.jobs.end("beat", failed=True)
    assert (health.jobs.hung(), health.is_ready) == ((), False)


class Pinged(http.server.BaseHTTPRequestHandler):
    """Counts who asks, and answers with the status that the path names."""

    def do_GET(self) -> None:
        """Once more."""
        self.server.pings.append(self.path)  # type: ignore[attr-defined]
        self.send_response(int(self.path.rpartition("/")[2]))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Silent."""


@pytest.fixture
def switch() -> object:
    """A dead-man switch on loopback."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pinged)
    server.pings = []  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(("status", "heard"), [(200, None), (500, "HTTP 500"), (302, "HTTP 302")])
def test_a_ping_is_heard_or_why_not(switch: http.server.ThreadingHTTPServer, status: int, heard: str | None) -> None:
    """Only 2xx counts, and redirects are not followed."""
    assert ping(f"http://127.0.0.1:{switch.server_port}/secret/{status}") == heard


def test_a_ping_that_nobody_hears_does_not_say_its_address() -> None:
    """The address is a secret: it stands in no message."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    fault = ping(f"http://127.0.0.1:{port}/secret")
    assert fault is not None
    assert "secret" not in fault


@pytest.mark.parametrize("environ", [{}, {"NOTIFY_SOCKET": "/nowhere/at/all"}, {"NOTIFY_SOCKET": "vsock:2:1"}],
                         ids=["none", "gone", "foreign"])
def test_without_a_supervisor_nothing_is_held_up(environ: dict[str, str]) -> None:
    """Started by hand the service speaks to nobody."""
    assert Supervisor(environ).tell("READY=1") is False


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_supervisor_hears_how_the_service_does(tmp_path: Path, switch: http.server.ThreadingHTTPServer) -> None:
    """Systemd hears READY, signs of life, the reload and the end; my dead-man switch is pinged; the log says of limits.

    With an impossible limit for the disk the log says what is amiss.
    """
    shutil.copytree(ROOT / "config", tmp_path / "config")
    main = tmp_path / "config" / "advisord.yaml"
    url = f"http://127.0.0.1:{switch.server_port}/x/200"
    main.write_text(main.read_text(encoding="utf-8") + (
        f'\nwatch: {{ping_url: "{url}", ping_every: 1s, disk_free_mb: 900000000}}\n'), encoding="utf-8")
    address = str(tmp_path / "notify")
    with Stage((), lambda: datetime.now(UTC), SECRET) as stage, \
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as hearing:
        hearing.bind(address)
        hearing.settimeout(0.2)
        environ = {**os.environ, **variables_of(stage, datetime.now(UTC)), "NOTIFY_SOCKET": address,
                   "WATCHDOG_USEC": "2000000"}
        log = tmp_path / "log"
        words = [sys.executable, "-m", "advisord", "run", "--config", str(tmp_path / "config"), "--log-format", "json",
                 "--store", f"sqlite:///{tmp_path / 'service.db'}"]
        with log.open("wb") as lines, subprocess.Popen(words, env=environ, stderr=lines) as process:
            try:
                heard = hear(hearing, lambda said: said.count("WATCHDOG=1") > 1 and bool(switch.pings))  # type: ignore[attr-defined]
                assert heard[0] == "READY=1"
                process.send_signal(signal.SIGHUP)
                heard = hear(hearing, lambda said: said.count("READY=1") > 0)
                assert any(each.startswith("RELOADING=1\nMONOTONIC_USEC=") for each in heard)
                hear(hearing, lambda _: b"disk-full" in log.read_bytes() and bool(stage.received.mails))
                process.send_signal(signal.SIGTERM)
                assert "STOPPING=1" in hear(hearing, lambda said: "STOPPING=1" in said)
                assert process.wait(60) == 0
            finally:
                process.kill()
        told = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines() if '"amiss"' in line]
    assert [each["condition"] for each in told] == ["disk-full"]
    subjects = {str(mail.message["Subject"]) for mail in stage.received.mails}
    assert subjects <= {"[SERVICE] the disk is nearly full", "[SERVICE] le disque est presque plein"}
    assert len({mail.recipient for mail in stage.received.mails}) == len(stage.received.mails)
    assert url not in log.read_text(encoding="utf-8")


def hear(hearing: socket.socket, enough: object) -> list[str]:
    """What is said until it is enough."""
    said: list[str] = []
    deadline = time.monotonic() + 110
    while not enough(said):  # type: ignore[operator]
        assert time.monotonic() < deadline, said
        try:
            said.append(hearing.recv(4096).decode())
        except TimeoutError:
            continue
    return said
