"""The acceptance story: two days in Bamako with a fake clock, feed in, mail and webhook out.

Everything is real but the clock: newsrooms over HTTP, a mail server, a webhook receiver, the shipped configuration,
SQLite on disk. The jobs run every five minutes of the story.
"""
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from advisord.cli.demo import SECRET, variables_of
from advisord.cli.demo_stage import Mail, Stage
from advisord.cli.main import main
from advisord.pipeline import Pipeline, adopt, deliver, poll, read, review
from advisord.settings.story import story
from advisord.store.store import Store
from advisord.wiring.workshop import Workshop

ROOT = Path(__file__).resolve().parents[1]
DAY = datetime(2026, 3, 10, 4, tzinfo=UTC)  # a Tuesday
STEP = timedelta(minutes=5)


@dataclass
class Watch:
    """The story's clock, which the test sets."""

    now: datetime = DAY


@dataclass
class World:
    """The running story."""

    watch: Watch
    stage: Stage
    pipeline: Pipeline
    store: Store
    url: str

    def until(self, at: datetime) -> None:
        """Let the service live up to that instant."""
        while self.watch.now < at:
            self.watch.now += STEP
            poll(self.pipeline, self.watch.now, each=in_order)
            while read(self.pipeline, self.watch.now):
                pass
            while review(self.pipeline, self.watch.now):
                pass
            while deliver(self.pipeline, self.watch.now, each=in_order):
                pass

    def mails_to(self, recipient: str) -> list[Mail]:
        """What one reader received, in order."""
        return [mail for mail in self.stage.received.mails if mail.recipient == recipient]


def in_order(function: Callable[..., int], rows: Iterable[tuple[object, ...]]) -> list[int]:
    """One after the other, so that the story is the same every time."""
    return [function(*row) for row in rows]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The whole story, told once; the tests look at what came of it."""
    watch = Watch()
    items = story(ROOT / "seeds" / "demo" / "story.yaml", DAY)
    with Stage(items, lambda: watch.now, SECRET) as stage:
        url = f"sqlite:///{tmp_path_factory.mktemp('story') / 'story.db'}"
        workshop = Workshop(ROOT / "config", environ=variables_of(stage, DAY), store_url=url)
        pipeline = workshop.pipeline()
        adopt(pipeline, DAY)
        world = World(watch, stage, pipeline, workshop.store(), url)
        world.until(DAY + timedelta(hours=33))
        yield world
        workshop.close()


def at(day: int, clock: str) -> datetime:
    """An instant of the story."""
    hour, minute = clock.split(":")
    return DAY.replace(hour=int(hour), minute=int(minute)) + timedelta(days=day - 1)


def subjects(mails: list[Mail]) -> list[str]:
    """What a reader's list of mails shows."""
    return [str(mail.message["Subject"]) for mail in mails]


def between(mails: list[Mail], since: datetime, until: datetime) -> list[Mail]:
    """Those that came in `[since, until)`."""
    return [mail for mail in mails if since <= mail.at < until]


def plain(mail: Mail) -> str:
    """Its text."""
    part = mail.message.get_body(("plain",))
    return str(part.get_content()) if part else ""


MARIAM, JONAS, AISSATA, CLARA, DUTY, BAMAKO = (
    f"{name}@joliba-relief.example.org" for name in (
        "mariam.coulibaly", "jonas.weber", "aissata.diarra", "clara.nunes", "duty", "permanence.bamako"))
TOUCHED = (MARIAM, JONAS, AISSATA, CLARA)


@pytest.mark.parametrize("reader", TOUCHED)
def test_everybody_in_or_bound_for_bamako_is_alerted_at_once(told: World, reader: str) -> None:
    """Whoever is in Bamako, or on the way, is told within one poll of the first item of two sources."""
    first = told.mails_to(reader)[0]
    assert at(1, "05:45") <= first.at <= at(1, "05:55")
    assert "Bamako" in str(first.message["Subject"])


def test_nobody_else_is_told(told: World) -> None:
    """Ségou, Gao, Ouagadougou, Dakar, Geneva and Cebu hear nothing."""
    assert {mail.recipient for mail in told.stage.received.mails} == {*TOUCHED, DUTY, BAMAKO}


@pytest.mark.parametrize(("since", "until"), [
    pytest.param((1, "04:00"), (1, "05:45"), id="football, a trial, a far-away typhoon"),
    pytest.param((1, "06:50"), (1, "07:35"), id="a reprint of the wire story"),
    pytest.param((1, "10:30"), (1, "13:10"), id="an anniversary"),
])
def test_what_must_not_alert_is_silent(told: World, since: tuple[int, str], until: tuple[int, str]) -> None:
    """Nothing is sent while only such items come in."""
    assert not between(told.stage.received.mails, at(*since), at(*until))


@pytest.mark.parametrize("reader", TOUCHED)
def test_the_closed_airport_is_told(told: World, reader: str) -> None:
    """The closure comes as an update of the same thread, within one poll."""
    first, *later = told.mails_to(reader)
    update = between(later, at(1, "07:35"), at(1, "07:46"))
    assert len(update) == 1
    assert any(each in plain(update[0]) for each in ("Bamako airport", "Aéroport de Bamako"))
    assert str(first.message["References"]).split()[0] in str(update[0].message["References"]).split()


def test_the_flight_is_named_to_its_passenger(told: World) -> None:
    """Jonas, who flies tonight, is told of his flight; Mariam, who does not, is not."""
    closed = between(told.mails_to(JONAS), at(1, "07:35"), at(1, "07:46"))[0]
    assert "AF521" in plain(closed)
    assert all("AF521" not in plain(mail) for mail in told.mails_to(MARIAM))


@pytest.mark.parametrize(("reader", "word"), [pytest.param(JONAS, "open again", id="en"),
                                              pytest.param(MARIAM, "rouvert", id="fr")])
def test_the_reopened_airport_is_told_to_whoever_knew_it_closed(told: World, reader: str, word: str) -> None:
    """The next morning's reopening reaches those who were told of the closure, in their language."""
    reopened = between(told.mails_to(reader), at(2, "08:00"), at(2, "08:11"))
    assert len(reopened) == 1
    assert word in str(reopened[0].message["Subject"]) + plain(reopened[0])


def test_claims_keep_their_claimant(told: World) -> None:
    """JNIM's claim is told as its claim."""
    later = between(told.mails_to(DUTY), at(1, "09:50"), at(2, "12:00"))
    assert any("JNIM claims" in plain(mail) for mail in later)


def test_the_desk_reads_who_is_touched(told: World) -> None:
    """Each desk gets the people it answers for, and not the other's."""
    bamako = plain(told.mails_to(BAMAKO)[0])
    assert {name for name in ("Mariam Coulibaly", "Jonas Weber", "Aïssata Diarra") if name in bamako} == {
        "Mariam Coulibaly", "Jonas Weber", "Aïssata Diarra"}
    assert "Seydou Keïta" not in bamako.partition("QUI EST TOUCHÉ")[2].partition("QUI EST AVERTI")[0]


def test_everything_is_one_incident(told: World) -> None:
    """Four newsrooms, two languages, one attack: one incident, with its closure and limits as consequences."""
    incidents = [incident for incident in told.store.incidents() if incident.place and incident.place.country == "ML"]
    assert [incident.hazard for incident in incidents] == ["conflict.armed_attack"]
    assert {each.hazard for each in incidents[0].consequences} == {"transport.airport_closure", "order.movement_limit"}
    assert incidents[0].origins == 3  # the reprint is the wire's own word


def test_the_accounts_balance(told: World) -> None:
    """Every delivery that was decided was accepted, and every webhook was signed rightly."""
    counts = told.store.counts()
    assert counts.balanced
    assert counts.accepted == counts.created - counts.cancelled
    assert all(hook.verified for hook in told.stage.received.hooks)


def test_one_recipient_a_message(told: World) -> None:
    """No mail names two readers, and no traveller reads another's name."""
    for mail in told.stage.received.mails:
        assert len(mail.message["To"].addresses) == 1
    names = {MARIAM: "Mariam", JONAS: "Jonas", AISSATA: "Aïssata", CLARA: "Clara"}
    for reader, own in names.items():
        for mail in told.mails_to(reader):
            assert not [name for name in names.values() if name != own and name in plain(mail)]


@pytest.mark.parametrize(("command", "words"), [
    pytest.param(["incidents"], ["conflict.armed_attack", "transport.airport_closure"], id="incidents"),
    pytest.param(["show", "INCIDENT"], ["gendarmerie", "p-002", "accepted"], id="show"),
    pytest.param(["explain", "INCIDENT", "p-002"], ["told", "serious-nearby", "airport-closed", "km"], id="told"),
    pytest.param(["explain", "INCIDENT", "p-005"], ["nothing", "not reached"], id="not told"),
    pytest.param(["feeds"], ["sahel-wire", "un-notices"], id="feeds"),
])
def test_the_officer_can_look(told: World, command: list[str], words: list[str]) -> None:
    """What is known, who was told and why not can be read from the command line."""
    incident = next(each.id for each in told.store.incidents() if each.hazard == "conflict.armed_attack")
    spoken = [word.replace("INCIDENT", incident) for word in command]
    environ = {**variables_of(told.stage, DAY), "COLUMNS": "250"}
    result = CliRunner().invoke(main, [*spoken, "--config", str(ROOT / "config"), "--store", told.url], env=environ)
    assert result.exit_code == 0, result.output
    for word in words:
        assert word in result.output
