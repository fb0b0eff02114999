"""What planted news can do: RELIABILITY's "poisoning" row and hostile case 66, through the real jobs and a real store.

The shipped configuration and people; the clock is the test's. Nothing is planted that names a real newsroom.
"""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest

from advisord.cli.demo import SECRET
from advisord.model import (
    Analysis,
    Article,
    Ceilings,
    Certainty,
    Count,
    Delivery,
    DeliveryState,
    Evidence,
    Feed,
    Mention,
    Phase,
    Place,
    PlaceKind,
    Precision,
    Reach,
    Reliability,
    Report,
    Settings,
    Severity,
    Urgency,
)
from advisord.wiring.rehearsal import Kit, Rehearsal
from advisord.wiring.workshop import Workshop

CONFIG = Path(__file__).parents[1] / "config"
NOW = datetime(2030, 1, 15, 9, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)

DAYS = ("Monday", "Tuesday")
TOWNS = ("Bamako", "Ségou", "Gao", "Ouagadougou", "Dakar", "Geneva")
PLANTED = (
    "Gunmen attacked a checkpoint in {town} on Tuesday, killing {count} people, witnesses said.",
    "A suicide bomber blew himself up at a market in {town} on Tuesday, killing at least {count} people.",
    "A car bomb exploded outside an embassy in {town} on Tuesday morning, killing {count} people and wounding dozens.",
    "Militants took {count} foreigners hostage at a hotel in {town} on Tuesday.",
    "The airport of {town} was closed on Tuesday after an attack that killed {count} soldiers.",
    "Soldiers fired on protesters in {town} on Tuesday, killing {count} people, residents said.",
    "The government ordered the evacuation of {town} on Tuesday after a massive explosion killed {count} people.",
)


@pytest.fixture(scope="module")
def workshop() -> Iterator[Workshop]:
    """The shipped configuration with all that the program knows."""
    made = Workshop(CONFIG, environ={"ADVISORD_HOOK_SECRET": SECRET}, store_url="sqlite://")
    yield made
    made.close()


@pytest.fixture
def rehearsal(workshop: Workshop) -> Iterator[Rehearsal]:
    """Its jobs, over a store where nothing has happened yet."""
    with Rehearsal(workshop.settings(), Kit(workshop.hazards, workshop.tables, workshop.analyser.analyse)) as made:
        yield made


def automatic(rehearsal: Rehearsal) -> list[Delivery]:
    """What was decided to be sent to anybody but a desk, and was not taken back."""
    return [each for each in rehearsal.store.deliveries() if not each.recipient.startswith("desk:")
            and each.state is not DeliveryState.CANCELLED]


def article(feed: str, number: int, text: str, title: str = "") -> Article:
    """One item of a feed, of this minute."""
    return Article(f"{feed}-{number}", text, title, feed_id=feed, published=NOW, seen_at=NOW, language="en",
                   fingerprint=f"{feed}-{number}")


def test_planted_news_is_sent_to_nobody(rehearsal: Rehearsal) -> None:
    """126 alarming items of three poorly graded feeds, together: desks read of them, nobody else is told anything."""
    feeds = [Feed(f"planted-{grade}", url="", reliability=grade) for grade in (
        Reliability.D, Reliability.E, Reliability.F)]
    items = [article(feed.id, number, text.format(town=town, count=10 + number))
             for feed in feeds for number, (town, text) in enumerate(product(TOWNS, PLANTED))]
    assert len(items) == 126
    rehearsal.tell(items, feeds, NOW, {})
    incidents = rehearsal.incidents()
    assert len(incidents) >= 20, "the planted items must be understood, else this shows nothing"
    assert {each.severity for each in incidents} >= {Severity.EXTREME, Severity.SEVERE}
    assert automatic(rehearsal) == []
    verdicts = Counter(each.verdict for incident in incidents for each in rehearsal.store.decisions(incident.id)
                       if each.recipient.startswith("person:"))
    assert verdicts["poor_source"] > 0
    assert verdicts["told"] == verdicts["held"] == 0


def test_fake_wire(rehearsal: Rehearsal) -> None:
    """Case 66: one unknown feed tells of explosions at embassies in 200 items: 0 sent to people, desks at a rate."""
    feed = Feed("fake-wire", url="", reliability=Reliability.F)
    items = [article(feed.id, number, f"An explosion at the {number}th embassy in {TOWNS[number % 6]} killed "
                                      f"{number + 5} people on {DAYS[number % 2]}.", "Explosion at embassy")
             for number in range(200)]
    rehearsal.tell(items, (feed,), NOW, {})
    assert rehearsal.incidents()
    assert automatic(rehearsal) == []
    for desk in rehearsal.settings.staff.desks:
        told = [each for each in rehearsal.store.deliveries() if each.recipient == f"desk:{desk.id}"
                and each.state is DeliveryState.ACCEPTED]
        assert len({each.thread for each in told}) <= rehearsal.settings.ceilings.desk
    assert rehearsal.store.counts().balanced


# ------------------------------------------------------------------------------------------------------ the ceilings


@pytest.fixture
def flooded(workshop: Workshop) -> Iterator[Rehearsal]:
    """Rules that touch everybody in the country, whatever happens in it."""
    settings: Settings = workshop.settings()
    rule = replace(next(each for each in settings.rules if each.id == "serious-nearby"), reach=Reach(same=("country",)))
    settings = replace(settings, rules=(rule,), ceilings=Ceilings(person=8, incidents=20, desk=20), inhibitions=())
    with Rehearsal(settings, Kit(workshop.hazards, workshop.tables, workshop.analyser.analyse)) as made:
        yield made


def told(rehearsal: Rehearsal, numbers: range, now: datetime, *, grade: Reliability = Reliability.B,
         severity: Severity = Severity.SEVERE, origins: int = 1, hazard: str = "conflict.armed_attack") -> None:
    """One attack each, far from the others, told by so many feeds."""
    feeds = [Feed(f"feed-{grade}-{at}", url="", reliability=grade) for at in range(origins)]
    articles, known = [], {}
    for number, feed in product(numbers, feeds):
        place = Place(PlaceKind.CITY, f"geonames:{number}", f"Town{number}", number % 12 * 5.0 - 20, number // 12 * 5.0,
                      "ML")  # no two closer than 500 km
        report = Report(hazard, Phase.OCCURRED, severity, Urgency.IMMEDIATE, Certainty.OBSERVED,
                        Mention("text", 0, 4, place.name or "", place), Precision.CITY, 2.0, start=f"{now:%Y-%m-%d}",
                        evidence=(Evidence("text", 0, 4, "hazard"),))
        item = replace(article(feed.id, number, f"Town{number}word {feed.id} tale{number}"), published=now, seen_at=now)
        articles.append(item)
        known[item.id] = Analysis("en", (), (report,))
    rehearsal.tell(articles, feeds, now, known)


def sent(rehearsal: Rehearsal) -> list[Delivery]:
    """What went out to people and systems."""
    return [each for each in automatic(rehearsal) if each.state is DeliveryState.ACCEPTED]


def newly_told(rehearsal: Rehearsal) -> set[str]:
    """The incidents that anybody but a desk was told of."""
    ids = [name for each in sent(rehearsal) for name in each.advisory_ids]
    return {each.incident.id for each in rehearsal.store.advisories(ids)}


def test_what_is_planted_on_true_news(flooded: Rehearsal) -> None:
    """A planted report that joins a true incident adds its dead and its closed airport for desks alone."""
    wire = Feed("wire", url="", reliability=Reliability.B)
    planted = Feed("planted", url="", reliability=Reliability.E)
    flooded.tell([article("wire", 1, "Gunmen attacked the gendarmerie school in Bamako on "
                                       "Tuesday, killing two people, the army said.")], (wire, planted), NOW, {})
    before = automatic(flooded)
    assert before, "the true story must reach people, else this shows nothing"
    flooded.tell([article("planted", 2, "At least 60 people were killed when militants attacked the school of the "
                                        "gendarmerie in Bamako on Tuesday. Modibo Keita International Airport was "
                                        "closed after the attack.")], (wire, planted), NOW + HOUR, {})
    incident, = flooded.incidents()
    assert incident.killed == Count(2, None)
    assert [each.hazard for each in incident.consequences] == ["transport.airport_closure"]
    assert automatic(flooded) == before
    after = [each for each in flooded.store.deliveries() if each.recipient.startswith("desk:")]
    assert len({each.id for each in after}) > len({each.recipient for each in after})


def test_no_more_than_twenty_incidents_an_hour(flooded: Rehearsal) -> None:
    """Thirty attacks at once by one good feed: twenty are told, ten wait, and go out as the hour allows."""
    told(flooded, range(30), NOW)
    assert len(flooded.incidents()) == 30
    assert len(newly_told(flooded)) == 20
    assert len({each.incident_id for each in flooded.store.waiting()}) >= 10
    flooded.live_till(NOW + 59 * MINUTE)
    assert len(newly_told(flooded)) == 20
    flooded.live_till(NOW + 61 * MINUTE)
    assert len(newly_told(flooded)) == 30
    assert flooded.store.counts().balanced
    assert flooded.store.verify_journal().faults == ()


def test_no_more_than_a_person_can_read(flooded: Rehearsal) -> None:
    """Of twelve attacks within an hour one person is told of eight; the others follow an hour later, none is lost."""
    told(flooded, range(12), NOW)
    for at, expected in ((0, 8), (61, 12)):
        flooded.live_till(NOW + at * MINUTE)
        first = [each for each in sent(flooded) if each.recipient == "person:p-001"]
        assert len({name for each in first for name in each.advisory_ids}) == expected
    assert flooded.store.waiting() == ()


def test_the_worst_breaks_the_ceiling_of_a_person_and_goes_before_the_rest(flooded: Rehearsal) -> None:
    """What is Extreme and confirmed is told to somebody who was told much already; of what waits it is first."""
    told(flooded, range(10), NOW)
    told(flooded, range(40, 41), NOW + 5 * MINUTE, severity=Severity.EXTREME, origins=2)
    worst = [each for each in sent(flooded) if each.recipient == "person:p-001" and each.severity is Severity.EXTREME]
    assert len(worst) == 1
    told(flooded, range(50, 70), NOW + 6 * MINUTE)
    told(flooded, range(80, 81), NOW + 7 * MINUTE, severity=Severity.EXTREME, origins=2)
    assert flooded.store.waiting()[0].severity is Severity.EXTREME


def test_updates_and_ends_pass_a_full_ceiling(flooded: Rehearsal) -> None:
    """While thirty new incidents fill the hour, whoever was told of an earlier one hears that it is worse."""
    told(flooded, range(1), NOW)
    told(flooded, range(100, 130), NOW + 2 * MINUTE)
    assert flooded.store.waiting()
    before = len(sent(flooded))
    told(flooded, range(1), NOW + 3 * MINUTE, severity=Severity.EXTREME, grade=Reliability.A)
    updates = [each for each in sent(flooded)[before:] if each.recipient == "person:p-001"]
    assert [each.reason for each in flooded.store.advisories(updates[0].advisory_ids)] == ["severity"]


def test_an_officer_lets_out_what_waits(flooded: Rehearsal) -> None:
    """What a ceiling holds is listed and can be released: it goes at once and is not counted over all."""
    told(flooded, range(30), NOW)
    waiting = flooded.store.waiting()[-1]
    held = [each.id for each in flooded.store.deliveries(waiting.incident_id) if each.state is DeliveryState.PENDING]
    flooded.store.release(held, NOW + MINUTE, "released by duty", by="duty")
    flooded.live_till(NOW + 2 * MINUTE)
    assert waiting.incident_id in newly_told(flooded)
    assert len(newly_told(flooded)) == 21


def test_what_waits_too_long_ends_and_is_accounted_for(flooded: Rehearsal) -> None:
    """With a ceiling of one an hour most of thirty attacks are of no more use when their time is over: they end so."""
    flooded.settings = replace(flooded.settings, ceilings=Ceilings(person=8, incidents=1))
    told(flooded, range(30), NOW)
    flooded.live_till(NOW + 30 * HOUR)
    flooded.live_till(NOW + 100 * HOUR)
    counts = flooded.store.counts()
    assert counts.balanced
    assert counts.pending == 0
    assert counts.expired + counts.cancelled > 0
    assert flooded.store.waiting() == ()
