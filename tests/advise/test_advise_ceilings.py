"""How much may be new within an hour, decided: who waits, who never does, and what the desk and the reader are told."""
from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisord.advise.ceilings import admissible, held_back
from advisord.model import Admission, Ceilings, Count, IncidentStatus, Phase, Reliability, Severity

World = Any  # the fixture's own class; conftest files are not importable
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
NOW = datetime.fromisoformat("2024-09-17T08:34:10+00:00")


def before(world: World, number: int, *, to: str = "person:p-003", ago: timedelta = 10 * MINUTE,
           stand: str = "told") -> None:
    """So many incidents were told to somebody for the first time."""
    made = tuple(Admission(f"ML-2024-0916-{each}", to, f"a{each}", Severity.SEVERE, world.now - ago,
                           since=world.now - ago, stand=stand) for each in range(number))
    world.around = replace(world.around, admitted=world.around.admitted + made)


def gates(world: World, recipient: str) -> dict[str, tuple[bool, str, str]]:
    """The gates of the last decision about somebody, by name."""
    decision = next(each for each in world.verdict.decisions if each.recipient == recipient)
    return {each.name: (each.passed, each.value, each.threshold) for each in decision.gates}


def stands(world: World) -> dict[str, str]:
    """How each first message of the last review is counted."""
    return {each.recipient: each.stand for each in world.verdict.admissions}


def test_below_the_ceilings(world: World) -> None:
    """Somebody told nine of at most ten is told, and the decision shows both counts with their limits."""
    before(world, 9)
    world.review()
    assert stands(world) == {"person:p-003": "told", "hook:hook": "told"}
    assert gates(world, "person:p-003")["person ceiling"] == (
        True, "9 told within an hour", "fewer than 10 before a new one")
    assert gates(world, "person:p-003")["overall ceiling"] == (
        True, "9 incidents newly told within an hour", "fewer than 20")


def test_a_person_told_much_waits(world: World) -> None:
    """The eleventh within an hour is decided, kept and waits; the desk is told at once, with whom it holds."""
    before(world, 10)
    world.review()
    assert world.verdicts()["person:p-003"] == "held"
    assert stands(world) == {"person:p-003": "waiting", "hook:hook": "told"}
    assert gates(world, "person:p-003")["person ceiling"][0] is False
    held = next(each for each in world.verdict.deliveries if each.recipient == "person:p-003")
    assert held.due_at == held.expires_at
    desk = next(each for each in world.verdict.advisories if each.recipient == "desk:africa")
    assert (desk.ceiling, desk.held, "person:p-003" in desk.told, desk.travellers_at) == (
        "person ceiling", ("person:p-003",), False, None)
    assert "HELD, since they were told much within the hour: Ben Okafor" in world.words("desk:africa").text


@pytest.mark.parametrize("ago", [pytest.param(61 * MINUTE, id="an hour ago"), pytest.param(3 * HOUR, id="long ago")])
def test_what_was_told_earlier_does_not_count(world: World, ago: timedelta) -> None:
    """Only the last hour counts."""
    before(world, 30, ago=ago)
    world.review()
    assert stands(world)["person:p-003"] == "told"


def test_all_of_one_incident_or_nobody(world: World) -> None:
    """After twenty incidents told to others within the hour nobody but the desk is told of the next one."""
    before(world, 20, to="person:p-040")
    world.review()
    assert stands(world) == {"person:p-003": "waiting", "hook:hook": "waiting"}
    assert world.told()["desk:africa"] == "first"
    assert world.due("desk:africa") == world.now
    assert "HELD, since many other incidents were newly told within the hour" in world.words("desk:africa").text


def test_an_incident_that_is_being_told_goes_on(world: World) -> None:
    """Whoever is touched later by an incident of which others know is told, however full the hour is."""
    before(world, 20, to="person:p-040")
    world.around = replace(world.around, admitted=(*world.around.admitted, Admission(
        world.incident.id, "person:p-099", "x", Severity.SEVERE, world.now - 3 * HOUR, since=world.now - 3 * HOUR)))
    world.review()
    assert stands(world)["person:p-003"] == "told"


def test_what_an_officer_released_is_not_automatic(world: World) -> None:
    """Incidents that an officer let out don't fill the hour over all."""
    before(world, 20, to="person:p-040", stand="released")
    world.review()
    assert stands(world)["person:p-003"] == "told"


def test_the_worst_is_not_held_by_a_persons_ceiling(world: World) -> None:
    """What is Extreme reaches somebody who was told much; over all it still waits for its turn."""
    before(world, 15)
    world.review(severity=Severity.EXTREME)
    assert stands(world)["person:p-003"] == "told"


def test_a_drill_is_neither_held_nor_counted(world: World) -> None:
    """An exercise goes through whatever was told, and takes nobody's place."""
    before(world, 30)
    world.review(exercise=True)
    assert (stands(world), world.due("person:p-003")) == ({}, world.now)


@pytest.mark.parametrize(("change", "reason"), [
    pytest.param({"killed": Count(5, 5)}, "casualties", id="the update"),
    pytest.param({"severity": Severity.EXTREME}, "severity", id="it is worse"),
    pytest.param({"status": IncidentStatus.CLEARED, "phase": Phase.ENDED}, "cleared", id="the end"),
    pytest.param({"status": IncidentStatus.CANCELLED}, "cancelled", id="the cancellation"),
])
def test_what_follows_passes(world: World, *, change: dict[str, Any], reason: str) -> None:
    """Updates, corrections and ends go at once, however full the hour is, and don't count."""
    world.review()
    before(world, 30)
    world.review(after=HOUR / 4, **change)
    assert world.told()["person:p-003"] == reason
    assert (world.due("person:p-003"), "person:p-003" in stands(world)) == (world.now, False)


def test_an_incident_that_ends_first_is_taken_back(world: World) -> None:
    """What waits behind a ceiling when the incident is over is taken back: they hear neither of it nor of its end."""
    before(world, 10)
    world.review()
    world.around = replace(world.around, waiting=frozenset(each.advisory_id for each in world.verdict.admissions
                                                           if each.stand == "waiting"))
    world.review(after=HOUR / 4, status=IncidentStatus.CLEARED, phase=Phase.ENDED)
    assert world.verdicts()["person:p-003"] == "overtaken"
    assert "person:p-003" not in world.told()
    assert len(world.verdict.superseded) == 1


def test_a_desk_reads_at_once_what_is_vouched_for(world: World) -> None:
    """A desk told much of unknown sources still reads at once what a good one tells; the unvouched waits."""
    before(world, 20, to="desk:africa")
    world.review()
    assert world.due("desk:africa") == world.now
    assert "desk:africa" not in stands(world)


def test_a_desk_is_not_flooded_by_nobody(world: World, report: Any) -> None:
    """The twenty-first incident within an hour that nobody good vouches for waits for the desk too."""
    before(world, 20, to="desk:africa")
    world.review(reports=(report(1, reliability=Reliability.F),))
    assert stands(world) == {"desk:africa": "waiting"}
    assert world.verdicts()["person:p-003"] == "poor_source"


def test_the_reader_is_told_how_many_wait(world: World) -> None:
    """A message says how many more are held: to a person theirs, to the desk how many incidents."""
    world.review()
    world.said = tuple(replace(each, held_back=2) for each in world.said)
    assert "2 further messages wait for you" in world.words("person:p-003").text
    assert "2 further incidents are held so: advisord review list" in world.words("desk:africa").text


def waits(number: int, severity: Severity, person: str = "person:p-003") -> Admission:
    """One that waits."""
    return Admission(f"i{number}", person, f"a{number}", severity, NOW, since=NOW, stand="waiting")


def test_as_many_as_the_hour_allows(world: World) -> None:
    """Of what waits only as many go as there is room, in their order; each then counts for those behind."""
    queue = [waits(1, Severity.EXTREME, "person:a"), waits(2, Severity.SEVERE), waits(3, Severity.SEVERE),
             waits(4, Severity.MODERATE)]
    told = [Admission("i9", "person:b", "a9", Severity.SEVERE, world.now, since=world.now)]
    freed = admissible(queue, told, Ceilings(person=1, incidents=4), world.now)
    assert [each.advisory_id for each in freed] == ["a1", "a2"]
    assert {each.stand for each in freed} == {"told"}


def test_what_is_held_is_counted_for_its_reader() -> None:
    """A person's own messages, a desk's incidents of anybody; the one that is being written is not counted."""
    queue = [waits(1, Severity.SEVERE), waits(2, Severity.SEVERE), waits(2, Severity.SEVERE, "hook:h"),
             waits(3, Severity.SEVERE, "desk:d")]
    assert held_back(queue, "person:p-003", "a1") == 1
    assert held_back(queue, "person:p-004", "") == 0
    assert held_back(queue, "desk:d", "") == 3
    assert held_back(queue, "desk:e", "") == 2


@given(minutes=st.lists(st.integers(0, 300), max_size=60), limit=st.integers(1, 6))
def test_no_hour_has_more(minutes: list[int], limit: int) -> None:
    """Whenever they came, whatever waits and is let out each minute: no hour ever holds more than the ceiling."""
    queue = [replace(waits(number, Severity.SEVERE), due_at=NOW + at * MINUTE) for number, at in
             enumerate(sorted(minutes))]
    told: list[Admission] = []
    for at in range(0, 1200, 7):
        now = NOW + at * MINUTE
        here = [each for each in queue if each.due_at <= now]
        freed = admissible(here, told, Ceilings(person=limit), now)
        told += freed
        names = {each.advisory_id for each in freed}
        queue = [each for each in queue if each.advisory_id not in names]
    ends = [each.due_at for each in told]
    assert all(sum(end - HOUR < other <= end for other in ends) <= limit for end in ends)
    assert bool(queue) is (len(minutes) > limit * 20)
