"""The service as a process: signals, reload, one at a time, and a faulty start."""
from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from advisord.cli.demo import SECRET, variables_of
from advisord.cli.demo_stage import Stage
from advisord.settings.story import Item

ROOT = Path(__file__).resolve().parents[1]
PATIENCE_S = 60.0


@dataclass
class Service:
    """A running `advisord run` and what it logged."""

    process: subprocess.Popen[bytes]
    log: Path

    def events(self, name: str) -> list[dict[str, object]]:
        """The log's events of that name so far."""
        lines = [json.loads(line) for line in self.log.read_text(encoding="utf-8").splitlines() if line[:1] == "{"]
        return [line for line in lines if line["event"] == name]

    def wait_for(self, name: str, *, times: int = 1) -> dict[str, object]:
        """The event, once it came that often."""
        eventually(lambda: len(self.events(name)) >= times or self.process.poll() is not None)
        assert len(self.events(name)) >= times, self.log.read_text(encoding="utf-8")
        return self.events(name)[-1]


def eventually(holds: Callable[[], bool]) -> None:
    """Wait until it holds, or fail."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)  # another process does the work


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped configuration, to be edited."""
    shutil.copytree(ROOT / "config", tmp_path / "config")
    return tmp_path / "config"


@pytest.fixture
def stage() -> Iterator[Stage]:
    """Newsrooms with one item, published an hour ago, and servers that receive."""
    item = Item("sahel-wire", datetime.now(UTC) - timedelta(hours=1), "Gunmen attack police station in Bamako",
                "Gunmen attacked a police station in Bamako, the capital of Mali, this morning and killed three "
                "officers, the police said.")
    with Stage((item,), lambda: datetime.now(UTC), SECRET) as stage:
        yield stage


@contextmanager
def running(folder: Path, stage: Stage, *, log: str = "log") -> Iterator[Service]:
    """A service on that configuration, killed at the end if it still runs."""
    path = folder.parent / log
    words = [sys.executable, "-m", "advisord", "run", "--config", str(folder), "--log-format", "json", "--store",
             f"sqlite:///{folder.parent / 'service.db'}"]
    environ = {**os.environ, **variables_of(stage, datetime.now(UTC))}
    with path.open("wb") as lines, subprocess.Popen(words, env=environ, stderr=lines) as process:
        try:
            yield Service(process, path)
        finally:
            process.kill()


def test_sigterm_ends_it_cleanly_after_it_told_people(folder: Path, stage: Stage) -> None:
    """The news goes in, mail comes out, and SIGTERM ends the service with status 0."""
    with running(folder, stage) as service:
        eventually(lambda: bool(stage.received.mails) or service.process.poll() is not None)
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait(PATIENCE_S) == 0
        assert service.events("stopped")
    (backup,) = (folder.parent / "backups").glob("service-*.db")
    assert str(service.events("backed_up")[0]["file"]) == str(backup)
    assert "Bamako" in str(stage.received.mails[0].message["Subject"])
    assert all(hook.verified for hook in stage.received.hooks)


def test_a_restart_says_nothing_twice(folder: Path, stage: Stage) -> None:
    """What was told before a restart is not told again after it."""
    for log in ("first", "second"):
        with running(folder, stage, log=log) as service:
            service.wait_for("started")
            if log == "first":
                eventually(lambda: len(stage.received.mails) > 1)
                told = settled(stage)
            time.sleep(3)  # three ticks of every job, in which nothing may happen
            service.process.send_signal(signal.SIGTERM)
            assert service.process.wait(PATIENCE_S) == 0
    assert len(stage.received.mails) == told


def settled(stage: Stage) -> int:
    """How many mails there are once no more come for two seconds."""
    count = -1
    while count != len(stage.received.mails):
        count = len(stage.received.mails)
        time.sleep(2)  # another process does the work
    return count


def test_a_bad_configuration_on_reload_keeps_the_last_good_one(folder: Path, stage: Stage) -> None:
    """SIGHUP with a fault in the rules names the place and changes nothing; a good file is then taken."""
    rules = folder / "rules.yaml"
    good = rules.read_text(encoding="utf-8")
    with running(folder, stage) as service:
        service.wait_for("started")
        rules.write_text(good.replace("within_km: 50", "within_km: 50km", 1), encoding="utf-8")
        service.process.send_signal(signal.SIGHUP)
        fault = str(service.wait_for("configuration_refused")["fault"])
        assert fault.startswith("rules.yaml:")
        assert "within_km" in fault
        rules.write_text(good.split("  - id: unrest")[0], encoding="utf-8")
        service.process.send_signal(signal.SIGHUP)
        assert service.wait_for("configuration_read")["rules"] == good.split("  - id: unrest")[0].count("- id:")
        assert service.process.poll() is None


def test_a_mail_server_that_hangs_holds_up_no_other_channel(folder: Path, stage: Stage) -> None:
    """While the people's mail server accepts connections and says nothing, the desk's mail goes out."""
    channels = folder / "channels.yaml"
    text = channels.read_text(encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0), backlog=64) as hung:
        port = str(hung.getsockname()[1])
        first, email, rest = text.partition("${ADVISORD_DEMO_SMTP_PORT:-8125}")
        assert first.rpartition("- id: ")[2].startswith("email")
        channels.write_text(first + port + rest, encoding="utf-8")
        assert email
        with running(folder, stage) as service:
            eventually(lambda: bool(stage.received.mails) or service.process.poll() is not None)
            assert {mail.recipient.partition("@")[0] for mail in stage.received.mails} <= {"duty", "permanence.bamako"}
            assert stage.received.mails


def test_the_page_is_served_and_ends_with_the_service(folder: Path, stage: Stage) -> None:
    """A browser that listens does not hold up the end; a port that is taken does not hold up an alert."""
    environ = variables_of(stage, datetime.now(UTC))
    main_file = folder / "advisord.yaml"
    text = main_file.read_text(encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        main_file.write_text(text.replace("${ADVISORD_DEMO_PAGE_PORT:-8470}", str(port)), encoding="utf-8")
        with running(folder, stage, log="taken") as service:
            assert service.wait_for("page_not_served")["port"] == port
            eventually(lambda: bool(stage.received.mails) or service.process.poll() is not None)
            assert stage.received.mails
            main_file.write_text(text.replace("${ADVISORD_DEMO_PAGE_PORT:-8470}", environ["ADVISORD_DEMO_PAGE_PORT"]),
                                 encoding="utf-8")
            service.process.send_signal(signal.SIGHUP)
            url = f"http://127.0.0.1:{service.wait_for('page_served')['port']}"
            assert "advisord user add" in httpx.get(f"{url}/login").text
            with httpx.Client() as client, client.stream("GET", f"{url}/assets/vendor/countries-50m.json"):
                service.process.send_signal(signal.SIGTERM)
                assert service.process.wait(PATIENCE_S) == 0


def test_a_second_service_on_the_same_store_is_refused(folder: Path, stage: Stage) -> None:
    """Only one service works on a store; the other says who does and ends."""
    with running(folder, stage) as service:
        service.wait_for("started")
        with running(folder, stage, log="second") as second:
            assert second.process.wait(PATIENCE_S) == 1
            assert "held by" in second.log.read_text(encoding="utf-8")
        assert service.process.poll() is None


def test_it_does_not_start_with_a_rule_that_no_channel_could_carry(folder: Path, stage: Stage) -> None:
    """A rule whose only channel does not exist stops the start, with file, line and key."""
    rules = folder / "rules.yaml"
    rules.write_text(rules.read_text(encoding="utf-8").replace("[email, duty-desk]", "[pigeon]"), encoding="utf-8")
    with running(folder, stage) as service:
        assert service.process.wait(PATIENCE_S) == 1
        assert "rules.yaml:" in service.log.read_text(encoding="utf-8")
        assert "pigeon" in service.log.read_text(encoding="utf-8")
