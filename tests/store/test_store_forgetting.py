"""Retention, purge and the erasure of one person, on both databases; the journal verifies whatever went."""
from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from advisord.model import (
    DeliveryState,
    FeedState,
    Gate,
    IncidentStatus,
    Outcome,
    Rendered,
    Retention,
)
from advisord.store.forgetting import Forgotten
from advisord.store.store import Store
from advisord.store.tables import metadata

DAY = timedelta(days=1)
RETENTION = Retention(people=10 * DAY, messages=20 * DAY, articles=5 * DAY, incidents=30 * DAY, journal=40 * DAY)
ACCEPTED = Outcome(DeliveryState.ACCEPTED, "250 2.1.5 zorblatt@example.org ok")


@pytest.fixture
def lived(store: Store, make: Any) -> Store:
    """An attack that touched p-017 and p-018, of which both and the desk were told, and which is over."""
    article = make.article()
    store.save_poll(FeedState("f", last_attempt_at=make.now), (article,))
    incident = make.incident(status=IncidentStatus.CLEARED, ended_at=make.now)
    store.save_reading(article, (make.report(),), (incident,), make.now)
    own = make.exposure(via="stay Zorblatt depot")
    other = make.exposure(person_id="p-018", location_id="p-018/home", via="home Vexmoor")
    advisories = (
        make.advisory("v1", exposures=(own,)),
        make.advisory("v2", recipient="person:p-018", exposures=(other,)),
        make.advisory("v3", recipient="desk:duty", exposures=(own, other), near=(replace(own, location_id="x"),),
                      told=("person:p-017", "person:p-018")))
    decisions = tuple(make.decision(recipient=each.recipient, advisory_id=each.id, gates=(
        Gate("distance", passed=True, value=f"1 km from {each.exposures[0].via}", threshold="5 km"),))
        for each in advisories)
    deliveries = tuple(make.delivery(f"d{number}", recipient=each.recipient, thread=f"t{number}",
                                     advisory_ids=(each.id,)) for number, each in enumerate(advisories, 1))
    store.save_review(incident, (own, other), decisions, advisories, deliveries, make.now, None)
    for each in deliveries:
        store.keep_rendered(each.id, Rendered("message/rfc822", f"To: {each.recipient}".encode(),
                                               "Vexmoor" if each.id == "d2" else "Zorblatt depot"))
        store.record(each, ACCEPTED if each.id == "d1" else replace(ACCEPTED, detail="ok"), make.now, None)
    return store


def everything(store: Store) -> str:
    """All that stands in any row."""
    with store._database.read() as connection:
        return "\n".join(repr(tuple(row)) for table in metadata.sorted_tables
                         for row in connection.execute(table.select()))


@pytest.mark.parametrize(("days", "gone"), [
    (4, Forgotten()),
    (6, Forgotten(articles=1)),
    (11, Forgotten(people=1, articles=1)),
    (21, Forgotten(people=1, messages=1, articles=1)),
    (31, Forgotten(people=1, messages=1, articles=1, incidents=1)),
    (41, Forgotten(people=1, messages=1, articles=1, incidents=1, journal=8)),
], ids=["nothing", "articles", "people", "messages", "incidents", "journal"])
def test_each_class_goes_when_its_time_is_over(lived: Store, make: Any, days: int, gone: Forgotten) -> None:
    """What a class holds is there the day before and gone the day after, the states add up, the chain verifies."""
    at = make.now + days * DAY
    assert lived.purge(RETENTION, at) == gone
    assert lived.counts().balanced
    assert lived.verify_journal().faults == ()
    assert lived.verify_journal().forgotten == gone.journal
    assert (lived.article("a1") is None) == bool(gone.articles)
    assert (lived.exposures("ML-2024-0917-1") == ()) == bool(gone.people)
    assert (lived.deliveries() == ()) == bool(gone.messages)
    assert (lived.incident("ML-2024-0917-1") is None) == bool(gone.incidents)
    assert lived.purge(RETENTION, at) == Forgotten()


def test_what_would_go_is_counted_beforehand(lived: Store, make: Any) -> None:
    """A dry run says how much, and removes nothing."""
    before = everything(lived)
    found = lived.purgeable(RETENTION, make.now + 21 * DAY)
    assert (found.people, found.messages, found.articles, found.incidents) == (1, 1, 1, 0)
    assert everything(lived) == before


def test_where_people_were_goes_before_what_was_said(lived: Store, make: Any) -> None:
    """After the time of people an advisory says what it said of the incident, and of nobody."""
    lived.purge(RETENTION, make.now + 11 * DAY)
    said, sent = lived.said_about("ML-2024-0917-1")
    assert [(each.template, each.exposures, each.near, each.told) for each in said] == [
        ("attack-nearby", (), (), ())] * 3
    assert [each.state for each in sent] == [DeliveryState.ACCEPTED] * 3
    assert lived.damaged() == ()


def test_a_purged_canary_is_in_no_row(lived: Store, make: Any) -> None:
    """Nothing of anybody, nor of the place, is left in any table when every class is over."""
    assert "Zorblatt" in everything(lived)
    lived.purge(RETENTION, make.now + 41 * DAY, thorough=True)
    left = everything(lived)
    assert not [word for word in ("Zorblatt", "Vexmoor", "Bamako", "p-017", "p-018", "text of") if word in left]


@pytest.mark.parametrize("change", [
    pytest.param(lambda make: make.incident(), id="open"),
    pytest.param(lambda make: make.incident(status=IncidentStatus.EXPIRED, last_report_at=make.now + 40 * DAY),
                 id="heard of since"),
])
def test_what_goes_on_is_kept_whole(store: Store, make: Any, change: Callable[[Any], Any]) -> None:
    """An incident that is open or was heard of since loses nothing, however long ago it began."""
    store.save_review(change(make), (make.exposure(),), (make.decision(),), (make.advisory(),), (), make.now, None)
    assert not store.purge(RETENTION, make.now + 39 * DAY)
    assert store.exposures("ML-2024-0917-1")


def test_what_waits_to_be_sent_is_kept(store: Store, make: Any) -> None:
    """The end of an incident that nobody could deliver yet is not forgotten before it is delivered or has run out."""
    over = make.incident(status=IncidentStatus.CLEARED)
    store.save_review(over, (make.exposure(),), (make.decision(),), (make.advisory(),), (make.delivery(),), make.now,
                      None)
    assert not store.purge(RETENTION, make.now + 35 * DAY)
    assert [each.id for each in store.lease(make.now + 35 * DAY, 9, 60)] == ["d1"]


def test_a_message_about_two_incidents_goes_with_the_later(store: Store, make: Any) -> None:
    """One mail told of two incidents: it is kept as long as the younger is."""
    old, young = make.incident(status=IncidentStatus.CLEARED), make.incident(
        "ML-2024-0927-1", status=IncidentStatus.CLEARED, last_report_at=make.now + 15 * DAY)
    about = make.advisory("v2", incident=young, decided_at=make.now + 15 * DAY)
    store.save_review(old, (), (), (make.advisory(),), (), make.now, None)
    store.save_review(young, (), (), (about,), (make.delivery(advisory_ids=("v1", "v2")),), make.now, None)
    store.record(make.delivery(advisory_ids=("v1", "v2")), ACCEPTED, make.now, None)
    assert store.purge(RETENTION, make.now + 31 * DAY) == Forgotten()
    assert [each.id for each in store.deliveries()] == ["d1"]
    assert store.purge(RETENTION, make.now + 46 * DAY).messages
    assert (store.deliveries(), store.said_about("ML-2024-0917-1")) == ((), ((), ()))
    assert store.verify_journal().faults == ()


# ------------------------------------------------------------------------------------------------------- one person


def test_everything_about_somebody_can_be_read(lived: Store) -> None:
    """Their exposures, decisions, messages to the byte, what others were told of them, and the journal's rows."""
    held = json.loads(json.dumps(lived.held_about("p-017")))
    assert [each["via"] for each in held["touched_by"]] == ["stay Zorblatt depot"]
    assert [each["verdict"] for each in held["decisions"]] == ["told"]
    assert [each["id"] for each in held["told"]] == ["v1"]
    message = held["messages"][0]
    assert (message["sent"]["body"], message["attempts"][0]["detail"]) == ("To: person:p-017", ACCEPTED.detail)
    desk = held["named_to_others"]
    assert [(each["to"], len(each["said_of_them"]), each["among_those_told"]) for each in desk] == [
        ("desk:duty", 2, True)]
    assert {each["kind"] for each in held["journal"]} == {"decided", "accepted"}
    assert "p-018" not in json.dumps(held)


def test_nobody_is_held_nothing_about(lived: Store) -> None:
    """An id that is the beginning of another is somebody else."""
    assert not any(lived.held_about("p-01").values())


def test_somebody_erased_is_in_no_row(lived: Store, make: Any) -> None:
    """They are gone from every table, the desk's message loses its bytes, everybody else keeps what is theirs."""
    erased = lived.erase("p-017", make.now + DAY, ("zorblatt@example.org", "Zorblatt depot"))
    left = everything(lived)
    assert not [word for word in ("p-017", "zorblatt@example.org", "Zorblatt") if word in left]
    assert erased.left == {}
    assert erased.removed == {
        "exposures": 1, "decisions": 1, "messages": 1, "advisories": 1, "advisories to others": 1,
        "messages to others": 1, "journal rows": 2}
    said, sent = lived.said_about("ML-2024-0917-1")
    assert [(each.recipient, [one.person_id for one in each.exposures], each.told) for each in said] == [
        ("person:p-018", ["p-018"], ()), ("desk:duty", ["p-018"], ("person:p-018",))]
    assert [each.recipient for each in sent] == ["person:p-018", "desk:duty"]
    assert lived.rendered("d2") is not None
    assert lived.rendered("d3") is None
    assert lived.counts().balanced
    assert lived.damaged() == ()
    found = lived.verify_journal()
    assert (found.faults, found.forgotten) == ((), 2)


def test_where_a_name_still_stands_is_told(lived: Store, make: Any) -> None:
    """The news itself is not theirs to erase; I am told that their name stands in it."""
    lived.save_articles((make.article("a2", text="Zorblatt was seen"),), make.now)
    assert lived.erase("p-017", make.now, ("Zorblatt was",)).left == {"articles": 1}


def test_an_officer_is_erased_as_well(lived: Store, make: Any) -> None:
    """Who stopped a message and is erased is no longer named, neither by the attempt nor by the journal."""
    held = make.delivery("d9", recipient="person:p-018", advisory_ids=("v2",), due_at=make.now + DAY, previous=None)
    lived.save_review(make.incident(), (), (), (), (held,), make.now, None)
    lived.stop(["d9"], make.now, "stopped by D. Duty: a hoax", by="D. Duty")
    lived.erase("p-099", make.now, ("D. Duty",))
    assert "Duty" not in everything(lived)
    assert lived.attempts("d9")[-1].outcome.detail == "stopped by (erased): a hoax"
    assert lived.damaged() == ()
    assert lived.verify_journal().faults == ()


def test_erasing_twice_finds_nothing(lived: Store, make: Any) -> None:
    """The second time nothing is held any more."""
    lived.erase("p-017", make.now)
    assert lived.erase("p-017", make.now).removed == {}
    assert not any(lived.held_about("p-017").values())


def test_the_open_incidents_that_touch_somebody_are_known(store: Store, make: Any) -> None:
    """Whoever is touched now would be told again as if nothing had been said: that is asked before erasing."""
    store.save_review(make.incident(), (make.exposure(),), (), (), (), make.now, None)
    assert store.open_about("p-017") == ("ML-2024-0917-1",)
    assert store.open_about("p-018") == ()
