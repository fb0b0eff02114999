"""What keeps messages back, kept: silences, and who waits behind a ceiling; on both databases."""
from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from advisord.errors import StoreError
from advisord.model import Admission, DeliveryState, Matcher, Outcome, Severity, Silence
from advisord.store.store import Store

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
Make = Any  # the fixture's own class; conftest files are not importable


@pytest.fixture
def silence(make: Make) -> Silence:
    """Protests in Mali, for six hours."""
    matcher = Matcher(hazards=("unrest",), countries=("ML",), place=make.bamako())
    return Silence("", matcher, make.now, make.now + 6 * HOUR, "duty", "the march is known to everybody")


def test_a_silence_survives_a_restart(url: str, make: Make, silence: Silence) -> None:
    """What an officer silenced stays silenced when the service starts again, with who, why and until when."""
    with Store.open(url) as store:
        kept = store.add_silence(silence)
    with Store.open(url) as store:
        assert store.silences(make.now + HOUR) == (kept,)
        assert kept == replace(silence, id="s1")
        assert store.silences(kept.until) == ()
        assert store.silences() == (kept,)


def test_a_silence_ended_early(store: Store, make: Make, silence: Silence) -> None:
    """One that was ended holds no more; who ended it is kept, and it can't be ended twice."""
    kept = store.add_silence(silence)
    store.end_silence(kept.id, make.now + HOUR, by="other", why="it turned violent")
    assert store.silences(make.now + HOUR) == ()
    assert [(each.ended_by, each.ended_why, each.ended_at) for each in store.silences()] == [
        ("other", "it turned violent", make.now + HOUR)]
    with pytest.raises(StoreError, match="is over since 2024-09-17 09:30 UTC"):
        store.end_silence(kept.id, make.now + 2 * HOUR, by="other", why="")
    with pytest.raises(StoreError, match="'s9' is not there"):
        store.end_silence("s9", make.now, by="other", why="")


def test_a_silence_has_the_open_incidents_looked_at(store: Store, make: Make, silence: Silence) -> None:
    """Giving and ending a silence makes the service decide again about what is open."""
    store.save_review(make.incident(), (), (), (), (), make.now, None)
    assert store.due_for_review(make.now, 9) == ()
    kept = store.add_silence(silence)
    assert [each.id for each in store.due_for_review(make.now, 9)] == ["ML-2024-0917-1"]
    store.save_review(make.incident(), (), (), (), (), make.now, None)
    store.end_silence(kept.id, make.now + HOUR, by="duty", why="")
    assert [each.id for each in store.due_for_review(make.now + HOUR, 9)] == ["ML-2024-0917-1"]


def test_silences_stand_in_the_journal(store: Store, make: Make, silence: Silence) -> None:
    """Who silenced what until when, and who ended it, is in the chain; the words of the reason are not."""
    kept = store.add_silence(silence)
    store.end_silence(kept.id, make.now + HOUR, by="other", why="over")
    rows = [(each.kind, json.loads(each.facts)) for each in store.journal()]
    assert [(kind, facts["silence"], facts["by"]) for kind, facts in rows] == [
        ("silenced", "s1", "duty"), ("unsilenced", "s1", "other")]
    assert (rows[0][1]["hazards"], rows[0][1]["countries"]) == (["unrest"], ["ML"])
    assert "march" not in store.journal()[0].facts
    assert store.verify_journal().faults == ()


def hold(store: Store, make: Make, number: int, *, stand: str = "waiting", severity: Severity = Severity.SEVERE,
         minute: float = 0, person: str = "p-017") -> Admission:
    """One incident told, or waiting to be told, to somebody for the first time."""
    at = make.now + timedelta(minutes=minute)
    incident = make.incident(f"ML-2024-0917-{number}", severity=severity)
    advisory = make.advisory(f"v{number}", incident=incident, recipient=f"person:{person}", severity=severity)
    waits = stand == "waiting"
    delivery = make.delivery(f"d{number}", advisory_ids=(advisory.id,), recipient=advisory.recipient, severity=severity,
                             due_at=at + 48 * HOUR if waits else at, expires_at=at + 48 * HOUR, thread=f"t{number}")
    admission = Admission(incident.id, advisory.recipient, advisory.id, severity, at, since=at, stand=stand)
    store.save_review(incident, (), (), (advisory,), (delivery,), at, None, admissions=(admission,))
    return admission


def test_what_waits_is_in_its_order(url: str, make: Make) -> None:
    """Behind a ceiling the most severe is first, then the longest waiting; after a restart too."""
    with Store.open(url) as store:
        hold(store, make, 1, minute=0)
        hold(store, make, 2, minute=1)
        hold(store, make, 3, minute=2, severity=Severity.EXTREME)
        hold(store, make, 4, minute=3, stand="told")
    with Store.open(url) as store:
        assert [each.advisory_id for each in store.waiting()] == ["v3", "v1", "v2"]
        assert [each.advisory_id for each in store.admitted(make.now + HOUR)] == ["v4"]
        assert store.lease(make.now + HOUR, 9, 60)[0].id == "d4"


def test_what_the_ceiling_lets_out_goes(store: Store, make: Make) -> None:
    """What is let out is due, counts from then on, and the journal says that it was not an officer."""
    hold(store, make, 1)
    assert store.admit({"v1": make.now + HOUR}, make.now + HOUR, "the ceiling allows it") == 1
    assert store.waiting() == ()
    assert [each.due_at for each in store.admitted(make.now + HOUR)] == [make.now + HOUR]
    assert [each.id for each in store.lease(make.now + HOUR, 9, 60)] == ["d1"]
    assert json.loads(store.journal()[-1].facts)["by"] == "(ceiling)"
    assert store.counts().balanced


def test_an_officer_lets_one_out(store: Store, make: Make) -> None:
    """What an officer releases goes at once, and leaves the queue."""
    hold(store, make, 1)
    hold(store, make, 2)
    store.release(["d2"], make.now + MINUTE, "released by duty", by="duty")
    assert [each.advisory_id for each in store.waiting()] == ["v1"]
    assert [(each.advisory_id, each.stand) for each in store.admitted(make.now + MINUTE)] == [("v2", "released")]
    assert [each.id for each in store.lease(make.now + MINUTE, 9, 60)] == ["d2"]


def test_what_was_stopped_neither_waits_nor_counts(store: Store, make: Make) -> None:
    """What an officer stopped is out of the queue; stopped before it went, it does not count as told."""
    hold(store, make, 1)
    hold(store, make, 2, stand="told", minute=10)
    store.stop(["d1", "d2"], make.now, "stopped by duty: a hoax", by="duty")
    assert store.waiting() == ()
    assert store.admitted(make.now + HOUR) == ()


def test_what_is_of_no_more_use_ends(store: Store, make: Make) -> None:
    """What waits longer than it is of use is due then, to be expired and accounted for, and waits no more."""
    hold(store, make, 1)
    leased = store.lease(make.now + 48 * HOUR, 9, 60)
    store.record(leased[0], Outcome(DeliveryState.EXPIRED, "of no more use"), make.now + 48 * HOUR, None)
    assert store.waiting() == ()
    assert (store.counts().expired, store.counts().balanced) == (1, True)


def test_a_newer_word_takes_the_place_in_the_queue(store: Store, make: Make) -> None:
    """An incident that changes while it waits keeps its place behind the ceiling."""
    first = hold(store, make, 1)
    hold(store, make, 2, minute=5)
    advisory = make.advisory("v1b", version=2)
    delivery = make.delivery("d1b", advisory_ids=("v1b",), due_at=make.now + 48 * HOUR)
    store.save_review(make.incident(), (), (), (advisory,), (delivery,), make.now + 9 * MINUTE, None, ("d1",),
                      admissions=(replace(first, advisory_id="v1b", since=make.now + 9 * MINUTE),))
    assert [each.advisory_id for each in store.waiting()] == ["v1b", "v2"]


def test_an_incident_told_for_long_is_no_new_one(store: Store, make: Make) -> None:
    """Whoever is told now of what others were told of hours ago: the first of those is known too."""
    hold(store, make, 1, stand="told")
    late = Admission("ML-2024-0917-1", "person:p-003", "v9", Severity.SEVERE, make.now + 3 * HOUR,
                     since=make.now + 3 * HOUR)
    store.save_review(make.incident(), (), (), (make.advisory("v9", recipient="person:p-003"),),
                      (make.delivery("d9", advisory_ids=("v9",), recipient="person:p-003"),), make.now + 3 * HOUR, None,
                      admissions=(late,))
    found = {each.recipient: each.due_at for each in store.admitted(make.now + 3 * HOUR)}
    assert found == {"person:p-017": make.now, "person:p-003": make.now + 3 * HOUR}


def test_taken_back_for_now(store: Store, make: Make) -> None:
    """What is withheld is cancelled with why, and accounted for."""
    hold(store, make, 1)
    store.save_review(make.incident(), (), (), (), (), make.now, None, withheld=(("d1", "withheld: silence, s1"),))
    assert [(each.state, each.last_error) for each in store.deliveries()] == [
        (DeliveryState.CANCELLED, "withheld: silence, s1")]
    assert (store.waiting(), store.counts().balanced) == ((), True)


def test_an_erased_person_stands_in_no_silence(store: Store, make: Make, silence: Silence) -> None:
    """One for them alone goes, one for others too stays without them, and no reason names them any more."""
    alone, both = Matcher(recipients=("person:p-017",)), Matcher(recipients=("person:p-017", "desk:africa"))
    store.add_silence(replace(silence, matcher=alone))
    store.add_silence(replace(silence, matcher=both, reason="as Awa Example asked"))
    told = store.held_about("p-017")["silences"]
    assert isinstance(told, list)
    assert len(told) == 2
    store.erase("p-017", make.now + HOUR, ("Awa Example",))
    assert [(each.matcher.recipients, each.reason) for each in store.silences()] == [
        (("desk:africa",), "as (erased) asked")]


def test_what_waited_is_forgotten_with_its_incident(store: Store, make: Make) -> None:
    """Retention takes whom a ceiling held, and silences that are long over."""
    hold(store, make, 1)
    store.erase("p-017", make.now + HOUR)
    assert (store.waiting(), store.admitted(make.now)) == ((), ())
    assert store.counts().balanced
