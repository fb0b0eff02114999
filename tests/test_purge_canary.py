"""Hostile case 70, purge-canary: a traveller past retention is found nowhere any more, whichever way it was kept.

The real service lives through an attack with an invented person at an invented place, told by an invented quarter of
Bamako; then the time of every class is over. Bytes are looked for in the database, its log and what was logged.
"""
from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from advisord.store.store import Store

NOW = datetime(2026, 3, 10, 8, tzinfo=UTC)
CANARIES = ("Zorblatt", "zorblatt", "Vexmoor", "Krontal", "-7.9873", "55 01 99", "q-777")
FILES = {
    "advisord.yaml": """
store: store.db
retention: {people: 1d, messages: 1d, articles: 1d, incidents: 1d, journal: 1d}
""",
    "feeds.yaml": """
feeds:
  - {id: wire, url: "file:news", reliability: B, country: ML, baseline: false}
""",
    "staff.yaml": """
desks:
  - {id: duty, contact: {email: duty@example.org}}
people:
  - id: q-777
    name: Quuxa Zorblatt
    contact: {email: q.zorblatt@example.org, phone: "+223 55 01 99"}
    site: vexmoor
sites:
  - {id: vexmoor, place: {lat: 12.6541, lon: -7.9873}, kind: warehouse, name: Vexmoor depot}
""",
    "rules.yaml": """
rules:
  - {id: nearby, when: {hazard: conflict}, reach: {within_km: 50}, advise: attack-nearby, via: [email, desk]}
""",
    "channels.yaml": """
channels:
  - {id: email, kind: smtp, host: localhost, port: PORT, tls: none, from: desk@example.org}
  - {id: desk, kind: file, audience: desk, folder: outbox}
""",
}
NEWS = """Gunmen kill three in Krontal, Bamako

Gunmen attacked a police post in the Krontal quarter of Bamako, Mali, on Tuesday and killed three officers.
"""


class _Naming:
    """A mail server that names the recipient in what it answers."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        del server, session
        return f"250 2.1.5 {envelope.rcpt_tos[0]} delivered"


@pytest.fixture
def smtp_port() -> Iterator[int]:
    """Where that server listens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    controller = Controller(_Naming(), hostname="127.0.0.1", port=port)
    controller.start()
    yield port
    controller.stop()


@pytest.fixture
def folder(tmp_path: Path, smtp_port: int) -> Path:
    """The configuration, and the news in a folder beside it."""
    for name, content in FILES.items():
        (tmp_path / name).write_text(content.replace("PORT", str(smtp_port)), encoding="utf-8")
    (tmp_path / "news").mkdir()
    publish(tmp_path, "calm.txt", "Markets open\n\nTrade was brisk in the capital.\n", NOW)
    return tmp_path


def publish(folder: Path, name: str, text: str, at: datetime) -> None:
    """Put an article into the source's folder, written then."""
    file = folder / "news" / name
    file.write_text(text, encoding="utf-8")
    os.utime(file, (at.timestamp(), at.timestamp()))


def command(folder: Path, *words: str) -> str:
    """A command of the real program; what it says on standard error goes to the log."""
    with (folder / "log").open("ab") as log:
        done = subprocess.run([sys.executable, "-m", "advisord", *words, "--config", str(folder)], check=False,
                              stdout=subprocess.PIPE, stderr=log, encoding="utf-8")
    assert done.returncode == 0, (folder / "log").read_text(encoding="utf-8")
    return done.stdout


def found(folder: Path, *patterns: str) -> set[str]:
    """Which canaries stand in those files, as raw bytes."""
    content = b"".join(file.read_bytes() for pattern in patterns for file in folder.glob(pattern))
    return {word for word in CANARIES if word.encode() in content}


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("way", ["command", "daily"])
def test_purge_canary(folder: Path, way: str) -> None:
    """Case 70: past retention nobody finds the traveller, their place or the news in database, log file or WAL."""
    command(folder, "once", "--at", NOW.isoformat(), "--log-level", "info")  # the first reading alerts nobody
    publish(folder, "attack.txt", NEWS, NOW + timedelta(minutes=5))
    done = command(folder, "once", "--at", (NOW + timedelta(minutes=20)).isoformat(), "--log-level", "info")
    assert "1 new articles" in done
    assert found(folder, "store.db*") == set(CANARIES) - {"-7.9873"}  # degrees are never stored
    assert found(folder, "outbox/*")
    (folder / "news" / "attack.txt").unlink()
    command(folder, "once", "--at", (NOW + timedelta(days=20)).isoformat(), "--log-level", "info")
    at = NOW + timedelta(days=22)
    if way == "command":
        assert "forgot 1 incidents as a whole" in command(folder, "purge", "--at", at.isoformat())
    else:
        command(folder, "once", "--at", at.isoformat(), "--log-level", "info")
    assert found(folder, "store.db*") == set()
    assert found(folder, "log") == set()
    with Store.open(f"sqlite:///{folder}/store.db") as store:
        assert store.counts().balanced
        verified = store.verify_journal()
    assert verified.faults == ()
    assert verified.rows > verified.forgotten > 0
