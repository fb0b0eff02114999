"""The life of an incident, told with a fake clock: eight days in Bamako, every message at its time and no other.

Everything is real but the clock: newsrooms over HTTP (one of them dies), a mail server, a webhook receiver, the shipped
configuration, SQLite on disk. The jobs run every ten minutes of the story.
"""
from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest

from advisord.cli.demo import SECRET, variables_of
from advisord.cli.demo_stage import Mail, Stage
from advisord.model import Count, Incident
from advisord.pipeline import Pipeline, adopt, deliver, poll, read, review
from advisord.store.store import Store
from advisord.wiring.workshop import Workshop

ROOT = Path(__file__).resolve().parents[1]
DAY = datetime(2026, 3, 10, 4, tzinfo=UTC)  # a Tuesday
STEP = timedelta(minutes=10)


def at(day: int, clock: str) -> datetime:
    """An instant of the story."""
    hour, minute = clock.split(":")
    return DAY.replace(hour=int(hour), minute=int(minute)) + timedelta(days=day - 1)


@dataclass(frozen=True)
class Piece:
    """What a newsroom shows under one guid from some instant on; a later piece of the same guid is its edit."""

    feed: str
    guid: str
    since: datetime
    title: str
    text: str
    published: datetime | None = None


ATTACK = (
    "Gunmen attack gendarmerie school in Bamako, shots heard near the airport",
    """BAMAKO (Sahel Wire) - Gunmen attacked a gendarmerie school in the Faladie quarter of Bamako before dawn on
    Tuesday, and residents heard shots in the Malian capital for hours. Two members of the security forces were
    injured, the army said in a statement.""")
AGAIN = (
    "Gunmen attack police academy in Bamako, four killed",
    """Gunmen attacked the police academy in the Lafiabougou quarter of Bamako on Saturday morning. Four people were
    killed, residents said, and the attackers were still inside.""")
STORY = (
    Piece("radio-niger-river", "r1", at(1, "05:45"), "Tirs nourris à l'aube autour de l'école de gendarmerie à Bamako",
          """Des hommes armés ont attaqué ce mardi matin à l'aube l'école de gendarmerie de Faladié, à Bamako. Des
          habitants disent entendre des tirs nourris depuis la première prière."""),
    Piece("sahel-wire", "w1", at(1, "06:20"), *ATTACK),
    Piece("regional-paper", "p1", at(1, "06:50"), *ATTACK),
    Piece("regional-paper", "p2", at(1, "07:10"), "Gunmen attack gendarmerie post in Sikasso",
          """Gunmen on motorcycles attacked a gendarmerie post on the edge of Sikasso in southern Mali on Tuesday
          morning and left towards the border. A guard was injured, the prefect of Sikasso said."""),
    Piece("radio-niger-river", "r2", at(1, "07:40"), "Bamako airport closed as a precaution after dawn attack",
          """Modibo Keita International Airport in Bamako has been closed as a precaution after the attack on the
          gendarmerie school in Faladie, the transport ministry said. Arriving flights are sent to other airports."""),
    Piece("sahel-wire", "w2", at(1, "09:50"), "JNIM says it carried out attack in Bamako",
          """The al-Qaeda-linked group JNIM claimed responsibility for the attack on the gendarmerie school in Bamako
          this morning. The army did not confirm that. Two members of the security forces were injured, it said."""),
    Piece("sahel-wire", "w3", at(1, "13:10"), "Mali army says four killed and nine wounded in Bamako attack",
          """Four trainees were killed and nine people were wounded when gunmen attacked the gendarmerie school in
          Bamako at dawn on Tuesday, the army said in a new count."""),
    Piece("regional-paper", "p3", at(1, "23:10"), "Fire at textile plant in Ségou",
          """A fire broke out at a textile plant in Ségou late on Tuesday. Firefighters are at work. Nobody was hurt,
          the fire service said."""),
    Piece("radio-niger-river", "r3", at(2, "07:00"), "Bamako airport reopens, flights resume",
          """Modibo Keita International Airport in Bamako reopened this morning, a day after it was closed as a
          precaution, the transport ministry said. Flights are resuming."""),
    Piece("regional-paper", "p4", at(5, "08:00"), *AGAIN),
    Piece("radio-niger-river", "r4", at(5, "08:20"), "Gunmen inside police academy in Bamako",
          """Gunmen have attacked the police academy in Lafiabougou, Bamako, this Saturday morning, the interior
          ministry said. Shots can be heard from inside."""),
    Piece("regional-paper", "p4", at(5, "10:00"), "Correction: gunmen attack police academy in Bamako, nobody killed",
          """Gunmen attacked the police academy in the Lafiabougou quarter of Bamako on Saturday morning. Nobody was
          killed, the hospital said; an earlier version of this article said otherwise.""", published=at(5, "08:00")),
    Piece("un-notices", "u1", at(5, "15:00"), "Bamako: attack is over, police academy secured",
          """The attack has ended at the police academy in the Lafiabougou quarter of Bamako, the United Nations told
          its staff on Saturday afternoon."""),
    Piece("regional-paper", "p5", at(6, "09:00"), *ATTACK, published=at(1, "06:50")),
)


@dataclass
class Press:
    """The newsrooms' HTTP server; a feed in `dead` answers 503."""

    now: Callable[[], datetime]
    dead: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Listen on loopback."""
        press = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                feed = self.path.strip("/").removesuffix(".xml")
                body = press.rss(feed)
                self.send_response(503 if feed in press.dead else 200)
                self.send_header("Content-Type", "application/rss+xml")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def rss(self, feed: str) -> bytes:
        """What that newsroom shows now."""
        shown = {piece.guid: piece for piece in STORY if piece.feed == feed and piece.since <= self.now()}
        items = "".join(
            f"<item><title>{escape(piece.title)}</title><guid isPermaLink='false'>{piece.guid}</guid>"
            f"<link>https://{feed}.example/{piece.guid}</link>"
            f"<pubDate>{format_datetime(piece.published or piece.since)}</pubDate>"
            f"<description>{escape(' '.join(piece.text.split()))}</description></item>" for piece in shown.values())
        return f"<rss version='2.0'><channel><title>{feed}</title>{items}</channel></rss>".encode()


@dataclass
class World:
    """The running story."""

    stage: Stage
    press: Press
    pipeline: Pipeline
    store: Store
    clock: list[datetime]

    def until(self, end: datetime) -> None:
        """Let the service live up to that instant."""
        while self.clock[0] < end:
            self.clock[0] += STEP
            now = self.clock[0]
            poll(self.pipeline, now, each=in_order)
            while read(self.pipeline, now):
                pass
            while review(self.pipeline, now):
                pass
            while deliver(self.pipeline, now, each=in_order):
                pass

    def to(self, reader: str) -> list[Mail]:
        """What one reader received, in order."""
        return [mail for mail in self.stage.received.mails if mail.recipient.startswith(reader)]


def in_order(function: Callable[..., int], rows: Iterable[tuple[object, ...]]) -> list[int]:
    """One after the other, so that the story is the same every time."""
    return [function(*row) for row in rows]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The whole story, told once; the tests look at what came of it."""
    clock = [DAY]
    press = Press(lambda: clock[0])
    with Stage((), lambda: clock[0], SECRET) as stage:
        environ = {**variables_of(stage, DAY),
                   "ADVISORD_DEMO_FEEDS": f"http://127.0.0.1:{press.server.server_port}"}
        url = f"sqlite:///{tmp_path_factory.mktemp('life') / 'life.db'}"
        workshop = Workshop(ROOT / "config", environ=environ, store_url=url)
        pipeline = workshop.pipeline()
        adopt(pipeline, DAY)
        world = World(stage, press, pipeline, workshop.store(), clock)
        world.until(at(2, "12:00"))
        press.dead.add("sahel-wire")
        world.until(at(7, "12:00"))
        yield world
        workshop.close()
    press.server.shutdown()
    press.server.server_close()


# Who reads mail, by the beginning of the address
DUTY, BAMAKO = "duty", "permanence.bamako"
MARIAM, JONAS, AISSATA, CLARA, SEYDOU = "mariam", "jonas", "aissata", "clara", "seydou"
ALL = (DUTY, BAMAKO, MARIAM, JONAS, AISSATA, CLARA)
THERE = (BAMAKO, MARIAM, JONAS)
SOON = timedelta(minutes=25)  # two polls and what they need

Expected = tuple[datetime, tuple[str, ...], str, str]
# From when on, who reads it, and words of the subject in English and French
EXPECTED: dict[str, Expected] = {
    "the attack": (at(1, "05:45"), ALL, "[ACT NOW] Armed", "[AGIR TOUT DE SUITE]"),
    "it is worse": (at(1, "06:20"), ALL, "extreme", "extrême"),
    "the airport closed": (at(1, "07:40"), ALL, "Bamako airport closed", "Aéroport de Bamako fermé"),
    "more dead": (at(1, "13:10"), ALL, "4 killed (army)", "4 morts (army)"),
    "a fire at night, to the desk": (at(1, "23:10"), (BAMAKO,), "", "Incendie à Ségou"),
    "the fire, after quiet hours": (at(2, "06:00"), (AISSATA, SEYDOU), "", "Incendie à Ségou"),
    "the airport open again": (at(2, "07:00"), ALL, "airport open again", "Aéroport de Bamako rouvert"),
    "a traveller arrives": (at(2, "21:05"), (CLARA,), "you are there now", ""),
    "the fire unheard of, to the desk": (at(2, "23:10"), (BAMAKO,), "", "[SITUATION INCONNUE] Incendie"),
    "another comes home": (at(3, "00:00"), (JONAS,), "you are there now", ""),
    "the fire unheard of, in the morning": (at(3, "06:00"), (AISSATA, SEYDOU), "", "[SITUATION INCONNUE] Incendie"),
    "the attack unheard of": (at(3, "13:10"), ALL, "[STATUS UNKNOWN] Armed attack", "[SITUATION INCONNUE] Attaque"),
    "it begins again": (at(5, "08:00"), THERE, "[ACT NOW] Armed attack", "[AGIR TOUT DE SUITE] Attaque"),
    "a correction": (at(5, "10:00"), THERE, "[CORRECTION]", "[RECTIFICATIF]"),
    "the all clear": (at(5, "15:00"), THERE, "[ALL CLEAR]", "[FIN D’ALERTE]"),
}
FRENCH = (BAMAKO, MARIAM, AISSATA, SEYDOU)


@pytest.mark.slow
@pytest.mark.parametrize("name", EXPECTED)
def test_every_message_at_its_time(told: World, name: str) -> None:
    """Each of them, and nobody else, reads it within two polls, in their language."""
    since, readers, english, french = EXPECTED[name]
    mails = between(told, since, since + SOON)
    assert sorted(reader_of(mail) for mail in mails) == sorted(readers)
    for mail in mails:
        assert (french if reader_of(mail) in FRENCH else english) in str(mail.message["Subject"])


def between(told: World, since: datetime, until: datetime) -> list[Mail]:
    """The mails that came in `[since, until)`."""
    return [mail for mail in told.stage.received.mails if since <= mail.at < until]


def reader_of(mail: Mail) -> str:
    """Who it went to."""
    return next((name for name in (*ALL, SEYDOU) if mail.recipient.startswith(name)), mail.recipient)


def plain(mail: Mail) -> str:
    """Its text."""
    part = mail.message.get_body(("plain",))
    return str(part.get_content()) if part else ""


def test_not_one_message_more(told: World) -> None:
    """53 mails in six days: no reprint, claim, look-alike 300 km off, dead feed or old news printed again adds one."""
    assert len(told.stage.received.mails) == sum(len(readers) for _, readers, _, _ in EXPECTED.values()) == 53


def test_systems_are_told_what_people_are(told: World) -> None:
    """The webhook receives each change once, signed rightly."""
    assert all(hook.verified for hook in told.stage.received.hooks)
    kinds = [str(hook.body["type"]).partition(".")[2] for hook in told.stage.received.hooks]
    assert kinds == ["alert", "update", "update", "update", "update", "expired", "alert", "correction", "all_clear"]


def test_a_claim_keeps_its_claimant(told: World) -> None:
    """A claim alone wakes nobody; the next message tells who claims it."""
    assert not between(told, at(1, "08:10"), at(1, "13:10"))
    assert all("JNIM" in plain(mail) for mail in between(told, at(1, "13:10"), at(1, "13:10") + SOON))


def test_wire_copies_are_one_origin(told: World) -> None:
    """The wire's story in two papers is one witness, the radio's another; figures of one source replace its earlier."""
    first = incidents(told)["conflict.armed_attack", "expired", "Bamako"]
    assert (first.origins, len({each.feed_id for each in first.reports})) == (2, 3)
    assert first.killed == Count(4, 4)


def incidents(told: World) -> dict[tuple[str, str, str], Incident]:
    """The incidents at the end, by kind, status and place."""
    return {(each.hazard, str(each.status), (each.place.name if each.place else None) or ""): each
            for each in told.store.incidents()}


def test_the_look_alike_stays_apart(told: World) -> None:
    """The attack 300 km off is an incident of its own, and nobody's."""
    other = incidents(told)["conflict.armed_attack", "expired", "Sikasso"]
    assert len(other.reports) == 1
    assert told.store.said_about(other.id) == ((), ())


def test_a_dead_feed_is_no_all_clear(told: World) -> None:
    """The wire that told most of it died; what it told of ends as unknown, and the message says so."""
    assert told.store.feed_states()["sahel-wire"].failures > 3
    for mail in between(told, at(3, "13:10"), at(3, "13:10") + SOON):
        assert any(words in plain(mail) for words in ("Silence is not safety", "Silence ne veut pas dire sécurité"))


def test_what_starts_again_is_new_and_linked(told: World) -> None:
    """The attack of Saturday is another incident, which names the one of Tuesday."""
    found = incidents(told)
    again = found["conflict.armed_attack", "cleared", "Bamako"]
    assert again.previous == found["conflict.armed_attack", "expired", "Bamako"].id


def test_an_edited_article_corrects(told: World) -> None:
    """Nobody was killed, the paper now says: the message says what was wrong, and so does the record."""
    assert incidents(told)["conflict.armed_attack", "cleared", "Bamako"].killed == Count(0, 0)
    assert all("4" in str(mail.message["Subject"]) for mail in between(told, at(5, "10:00"), at(5, "10:00") + SOON))


def test_the_all_clear_is_quoted(told: World) -> None:
    """It names who says that it is over, in their words."""
    for mail in between(told, at(5, "15:00"), at(5, "15:00") + SOON):
        assert "UN notices" in plain(mail)
        assert "attack has ended" in plain(mail) or "attack is over" in plain(mail)


def test_one_thread_an_incident(told: World) -> None:
    """What one reader gets on one incident is one thread, from the alert to its end."""
    for reader in (*ALL, SEYDOU):
        threads: dict[str, list[str]] = {}
        for mail in told.to(reader):
            number = next(line for line in plain(mail).splitlines() if "ML-2026-" in line).partition("ML-2026-")[2]
            threads.setdefault(number[:6], []).append(str(mail.message["References"]).split()[0])
        assert all(len(set(roots)) == 1 for roots in threads.values())
        assert len({roots[0] for roots in threads.values()}) == len(threads)


def test_everything_balances(told: World) -> None:
    """What was decided was delivered; what was not is accounted for."""
    counts = told.store.counts()
    assert counts.balanced
    assert counts.accepted == counts.created - counts.cancelled
