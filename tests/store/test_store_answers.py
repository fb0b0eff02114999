"""Answers, logins, requests for a second person and the pulse, on both databases."""
from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from advisord.model import Answer, DeliveryState, IncidentStatus, Outcome, Reason, Severity, Wellbeing
from advisord.store.answers import HeadCount
from advisord.store.store import Store
from advisord.store.tallies import Tally

INCIDENT = "ML-2024-0917-1"
ACCEPTED = Outcome(DeliveryState.ACCEPTED, "250 ok")
REFUSED = Outcome(DeliveryState.REFUSED, "550 no such user")


def answer(make: Any, person: str = "p-017", wellbeing: Wellbeing = Wellbeing.SAFE, **changes: Any) -> Answer:
    """An answer by link."""
    return replace(Answer(INCIDENT, person, wellbeing, make.now, "link"), **changes)


def tell(store: Store, make: Any, *people: str) -> None:
    """A message waits for each of them."""
    told = [make.advisory(f"v-{one}", recipient=f"person:{one}") for one in people]
    sent = [make.delivery(f"d-{one}", recipient=f"person:{one}", advisory_ids=(f"v-{one}",)) for one in people]
    store.save_review(make.incident(), (), (), told, sent, make.now, None)


def ended(store: Store, make: Any, person: str, outcome: Outcome) -> None:
    """That is how the attempt ended."""
    delivery = next(each for each in store.deliveries() if each.id == f"d-{person}")
    store.record(delivery, outcome, make.now, None)


def test_everybody_told_is_in_one_part_of_the_head_count(store: Store, make: Any) -> None:
    """Safe, need help, silent, not reached, not told yet; the last word counts, and a digest does not ask."""
    tell(store, make, "a", "b", "c", "d", "e", "f")
    store.save_review(make.incident(), (), (), [make.advisory("v-g", recipient="person:g", digest=True)], [
        make.delivery("d-g", recipient="person:g", advisory_ids=("v-g",))], make.now, None)
    for person in ("a", "b", "c", "g"):
        ended(store, make, person, ACCEPTED)
    ended(store, make, "d", REFUSED)
    ended(store, make, "f", Outcome(DeliveryState.CANCELLED, "stopped"))
    store.answers.keep(answer(make, "a", Wellbeing.HELP), exercise=False, calls=(), sent=())
    store.answers.keep(answer(make, "a"), exercise=False, calls=(), sent=())
    store.answers.keep(answer(make, "b", Wellbeing.HELP), exercise=False, calls=(), sent=())
    count = store.answers.headcount(INCIDENT)
    assert count == HeadCount(safe=("a",), help=("b",), silent=("c",), unreached=("d",), waiting=("e",))
    assert count.total == 5
    assert store.answers.latest(INCIDENT)["a"].wellbeing is Wellbeing.SAFE
    assert store.tallies([INCIDENT, "none"]) == {
        INCIDENT: Tally(touched=0, told=4, waiting=1, failed=1), "none": Tally()}


def test_the_same_answer_twice_is_one(store: Store, make: Any) -> None:
    """Pressed twice, and by two at once, it is kept once and calls once."""
    tell(store, make, "p-017")
    call = make.advisory("call", recipient="desk:d", reason=Reason.NEED_HELP, about="p-017", severity=Severity.EXTREME)
    sent = make.delivery("called", recipient="desk:d", channel="desk", advisory_ids=("call",))

    def keep(_: int) -> bool:
        return store.answers.keep(answer(make, wellbeing=Wellbeing.HELP), exercise=False, calls=(call,), sent=(sent,))

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(keep, range(8))) >= 1
    assert len(store.answers.of(INCIDENT)) == sum(each.kind == "answered" for each in store.journal(INCIDENT))
    assert [each.id for each in store.deliveries() if each.recipient == "desk:d"] == ["called"]
    assert store.verify_journal().faults == ()


def test_who_is_silent_is_called_about_once_a_step(store: Store, make: Any) -> None:
    """Reached or not, whoever has not answered is found since then; each step is taken once, none after an answer."""
    tell(store, make, "a", "b", "c")
    assert store.answers.unanswered(INCIDENT) == ()
    ended(store, make, "a", ACCEPTED)
    ended(store, make, "b", REFUSED)
    assert store.answers.open_and_silent() == (INCIDENT,)
    one, two = store.answers.unanswered(INCIDENT)
    assert (one.person_id, one.since, one.steps, two.person_id) == ("a", make.now, 0, "b")
    assert store.answers.keep_step(one, make.now, exercise=False, calls=(), sent=())
    assert not store.answers.keep_step(one, make.now, exercise=False, calls=(), sent=())
    assert [each.steps for each in store.answers.unanswered(INCIDENT)] == [1, 0]
    for person in ("a", "b", "c"):
        store.answers.keep(answer(make, person), exercise=False, calls=(), sent=())
    assert not store.answers.keep_step(two, make.now, exercise=False, calls=(), sent=())
    assert store.answers.unanswered(INCIDENT) == ()
    assert store.answers.open_and_silent() == ()


def test_an_ended_incident_calls_nobody(store: Store, make: Any) -> None:
    """What is over is not asked about any more."""
    tell(store, make, "a")
    ended(store, make, "a", ACCEPTED)
    over = make.incident(status=IncidentStatus.CLEARED, ended_at=make.now)
    store.save_review(over, (), (), (), (), make.now, None)
    assert store.answers.open_and_silent() == ()


def test_the_key_of_links_is_made_once(store: Store) -> None:
    """Each store has its own, and keeps it."""
    assert store.answers.key() == store.answers.key()
    assert len(store.answers.key()) == 64


def test_a_login_lasts_its_time_and_is_kept_as_a_digest(store: Store, make: Any) -> None:
    """The cookie's value stands nowhere in the store; ended or over, it opens nothing."""
    until = make.now + timedelta(hours=12)
    token = store.sessions.begin("amina", "stamp", make.now, until)
    found = store.sessions.of(token, make.now)
    assert found is not None
    assert (found.account, found.stamp, found.until) == ("amina", "stamp", until)
    assert store.sessions.of(token, until) is None
    assert store.sessions.of(token + "x", make.now) is None
    store.sessions.end(token)
    assert store.sessions.of(token, make.now) is None


def test_a_request_is_decided_once_by_somebody_else(store: Store, make: Any) -> None:
    """Of two who allow it at once, one does; whoever asked can't; asked twice it is one."""
    until = make.now + timedelta(hours=4)
    asked = store.approvals.ask("release", INCIDENT, messages=60, data="{}", by="a", now=make.now, until=until)
    again = store.approvals.ask("release", INCIDENT, messages=60, data='{"x":1}', by="b", now=make.now, until=until)
    assert again == asked
    assert store.approvals.decide(asked.id, by="a", now=make.now, allow=True) is None
    with ThreadPoolExecutor(2) as pool:
        decided = list(pool.map(lambda who: store.approvals.decide(asked.id, by=who, now=make.now, allow=True), "bc"))
    assert sum(each is not None for each in decided) == 1
    assert store.approvals.waiting(make.now) == ()
    assert store.approvals.about(INCIDENT)[0].decided_by in {"b", "c"}
    late = store.approvals.ask("release", INCIDENT, messages=60, data="{}", by="a", now=make.now, until=until)
    assert store.approvals.decide(late.id, by="b", now=until, allow=True) is None
    assert store.approvals.waiting(until) == ()


@pytest.mark.parametrize("topic", ["incidents", "outbox", "feeds", "desk"])
def test_the_pulse_tells_what_changed(outbox: Store, make: Any, topic: str) -> None:
    """Looking changes nothing; each kind of change moves its topic."""
    before = outbox.pulse()
    assert outbox.pulse() == before
    if topic == "incidents":
        outbox.save_reading(make.article(), (make.report(),), (make.incident(),), make.now)
    elif topic == "outbox":
        outbox.record(make.delivery(), ACCEPTED, make.now, None)
    elif topic == "feeds":
        outbox.sync_feeds(["f"], make.now)
        outbox.save_poll(make.state(), (make.article(),))
    else:
        outbox.approvals.ask("release", INCIDENT, messages=6, data="{}", by="a", now=make.now, until=make.now)
    assert topic in outbox.pulse().changed_since(before)
