"""A real page on loopback over a real store, in which the Bamako story has been read, reviewed and delivered."""
from __future__ import annotations

import re
import shutil
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from argon2 import PasswordHasher

from advisord.advise.answers import Links
from advisord.model import Access, Account, Answering, Article, Escalation, FeedState, Incident, Listener, Outcome, Role
from advisord.model import DeliveryState as State
from advisord.pipeline import Pipeline, read, review
from advisord.settings.access import FILE, write
from advisord.settings.folders import shipped
from advisord.store.store import Store
from advisord.web.gate import Gate
from advisord.web.office import Office
from advisord.web.pages import Pages
from advisord.web.serving import answers_of, page_of
from advisord.web.table import page_routes
from advisord.wiring.workshop import Workshop

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2024, 9, 17, 8, 30, tzinfo=UTC)
PASSWORD = "a few plain words"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
ENVIRON = {"ADVISORD_HOOK_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "ADVISORD_DEMO_DAY": "2024-09-17",
           "ADVISORD_DEMO_NEXT": "2024-09-18", "ADVISORD_DEMO_DAY3": "2024-09-19"}
ACCOUNTS = (Account("vera", Role.VIEWER, QUICK, "en"), Account("omar", Role.OFFICER, QUICK, "en", "Africa/Bamako"),
            Account("odile", Role.OFFICER, QUICK, "fr", "Europe/Paris"), Account("ada", Role.ADMIN, QUICK, "en"))
TOKEN = re.compile(r'name="token" value="([^"]+)"')


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped configuration with four accounts."""
    path = tmp_path_factory.mktemp("office") / "config"
    shutil.copytree(ROOT / "config", path)
    write(path / FILE, Access(ACCOUNTS))
    return path


@pytest.fixture(scope="session")
def workshop(folder: Path) -> Iterator[Workshop]:
    """What makes pipelines from it."""
    workshop = Workshop(folder, environ=ENVIRON, store_url="sqlite://")
    yield workshop
    workshop.close()


@pytest.fixture(scope="session")
def pipeline(workshop: Workshop) -> Pipeline:
    """A pipeline, made once; each test gives it a store of its own."""
    return workshop.pipeline()


def article(title: str, text: str, *, feed: str = "sahel-wire", at: datetime = NOW) -> Article:
    """An article as a poll brings it."""
    return Article(f"{feed}-{abs(hash(title))}", text, title, feed_id=feed, url=f"https://{feed}.example/1",
                   published=at - timedelta(minutes=20), seen_at=at, language="en", fingerprint=title)


@dataclass
class Desk:
    """The page being served, and what a browser does with it."""

    url: str
    office: Office
    store: Store
    live: Pipeline
    file: Path
    clock: list[datetime] = field(default_factory=lambda: [NOW])
    answers: str = ""
    pipelines: list[Pipeline] = field(default_factory=list)
    links: Links | None = None
    browsers: dict[str, httpx.Client] = field(default_factory=dict)
    watch: sqlite3.Connection | None = None

    @contextmanager
    def client(self, name: str | None = None) -> Iterator[httpx.Client]:
        """A browser, logged in as somebody or as nobody."""
        with httpx.Client(base_url=self.url) as client:
            if name is not None:
                answer = client.post("/login", data={"name": name, "password": PASSWORD, "next": "",
                                                     "token": self.token(client, "/login")})
                assert answer.status_code == 303, answer.text
            yield client

    def token(self, client: httpx.Client, path: str = "/incidents") -> str:
        """A fresh token from a page that the browser may see."""
        found = TOKEN.search(client.get(path).text)
        assert found, f"no form on {path}"
        return found[1]

    def publish(self, title: str, text: str, *, feed: str = "sahel-wire") -> None:
        """An article comes, is read, and whoever it touches is told."""
        now = self.clock[0]
        self.store.save_poll(FeedState(feed, last_attempt_at=now), (article(title, text, feed=feed, at=now),))
        while read(self.live, now):
            pass
        while review(self.live, now):
            pass

    def deliver(self) -> None:
        """Everything due is accepted."""
        for delivery in self.store.lease(self.clock[0], 1000, 60.0):
            self.store.record(delivery, Outcome(State.ACCEPTED, "250 ok"), self.clock[0], None)

    def incident(self) -> Incident:
        """The first incident."""
        return self.store.incidents()[0]


@pytest.fixture
def desk(pipeline: Pipeline, tmp_path: Path) -> Iterator[Desk]:
    """The page over a new store, in which Bamako was attacked and people were told."""
    with served(pipeline, tmp_path) as one:
        yield one


@pytest.fixture(scope="session")
def pages() -> tuple[str, ...]:
    """Every page of the table, of the first incident and person where it is of one."""
    office = Office(Store.open("sqlite://"), _nothing, lambda: NOW)
    routes = page_routes(Gate(office, Pages((shipped("templates"),)), Listener()))
    found = [route.path.replace("{incident}", "ML-2024-0917-1").replace("{person}", "p-001") for route in routes
             if route.method == "GET" and route.role is not None and route.path != "/events"]
    return tuple(path for path in found if "{" not in path)


def _nothing() -> Pipeline:
    raise AssertionError("a route asked for the service while the table was made")


@pytest.fixture(scope="session")
def serve() -> object:
    """What serves a desk: `serve(pipeline, folder)`, a context."""
    return served


@contextmanager
def served(pipeline: Pipeline, folder: Path, url: str | None = None) -> Iterator[Desk]:
    """A desk while it is served."""
    listener = Listener(port=free_port(), url=url)
    store = Store.open(f"sqlite:///{folder / 'desk.db'}")
    live = replace(pipeline, store=store)
    clock = [NOW]
    pipelines = [live]
    office = Office(store, lambda: pipelines[0], lambda: clock[0])
    page = page_of(office, listener)
    assert page.start()
    desk = Desk(f"http://127.0.0.1:{listener.port}", office, store, live, folder / "desk.db", clock,
                pipelines=pipelines)
    desk.publish("Gunmen attack police station in Bamako",
                 "Gunmen attacked a police station in Bamako, the capital of Mali, this morning and killed three "
                 "officers, the police said.")
    desk.deliver()
    taking = None
    if live.settings.answering is not None:
        desk.links = Links(live.settings.answering.url, b"k" * 32, live.settings.answering.lasts)
        taking = answers_of(office, live.settings.answers, lambda _: desk.links)
        assert taking.start()
        desk.answers = f"http://127.0.0.1:{live.settings.answers.port}"
    try:
        yield desk
    finally:
        page.stop()
        if taking is not None:
            taking.stop()
        store.close()


@pytest.fixture
def asking(pipeline: Pipeline, tmp_path: Path) -> Iterator[Desk]:
    """A desk whose people can answer: the Bamako story has been told to four of them; two rules escalate."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    escalate = Escalation(timedelta(minutes=30), ("desk", "person:p-009"))
    settings = replace(
        pipeline.settings, answering=Answering(url), answers=Listener(port=port, url=url),
        rules=tuple(replace(rule, escalate=escalate) for rule in pipeline.settings.rules))
    with served(replace(pipeline, settings=settings), tmp_path) as one:
        yield one


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
