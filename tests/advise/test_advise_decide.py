"""Who is told, told again, or not, and why."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advisord.model import (
    Alternative,
    Channel,
    Claim,
    Consequence,
    Count,
    DeliveryState,
    Incident,
    IncidentStatus,
    Instruction,
    MsgType,
    Phase,
    Place,
    PlaceKind,
    QuietHours,
    Reliability,
    Severity,
    SourcedReport,
)

World = Any  # the fixture's own class; conftest files are not importable
Reported = Callable[..., SourcedReport]
HOUR = timedelta(hours=1)


def over(closure: Consequence, at: datetime) -> Consequence:
    """The closure, ended then."""
    return replace(closure, phase=Phase.ENDED, ended_at=at)


def test_first(world: World) -> None:
    """The touched person, the system and the desk are told at once; who arrives tomorrow is not yet."""
    world.review()
    assert world.told() == {"person:p-003": "first", "hook:hook": "first", "desk:africa": "first"}
    assert world.verdicts()["person:p-017"] == "later"


def test_channels(world: World) -> None:
    """One delivery a recipient and channel of their kind; a desk that no rule names is told all the same."""
    world.review()
    assert {(each.recipient, each.channel) for each in world.verdict.deliveries} == {
        ("person:p-003", "email"), ("hook:hook", "hook"), ("desk:africa", "duty-desk")}


def test_deciding_twice_is_silent(world: World) -> None:
    """Deciding again on the same facts says nothing and says so of everybody."""
    world.review()
    world.review(after=HOUR)
    assert (world.verdict.advisories, world.verdict.deliveries) == ((), ())
    assert world.verdicts()["person:p-003"] == "unchanged"


def test_same_keys_after_a_crash(world: World) -> None:
    """Deciding again after a crash that lost what was decided gives the same keys and the same bytes."""
    first = world.review()
    world.said, world.sent = (), ()
    assert world.review() == first


def test_thread(world: World) -> None:
    """Messages of one conversation share a thread, count versions and name the one before."""
    world.review()
    first = next(each for each in world.sent if each.recipient == "person:p-003")
    world.review(after=HOUR, killed=Count(1, 1))
    second = next(each for each in world.verdict.deliveries if each.recipient == "person:p-003")
    assert (second.thread, second.previous, second.id != first.id) == (first.thread, first.id, True)
    assert [each.version for each in world.said if each.recipient == "person:p-003"] == [1, 2]


@pytest.mark.parametrize(("change", "reason", "field"), [
    pytest.param({"severity": Severity.EXTREME}, "severity", "severity", id="severity up"),
    pytest.param({"severity": Severity.MODERATE}, "severity", "severity", id="severity down"),
    pytest.param({"killed": Count(1, 2)}, "casualties", "killed", id="first dead"),
    pytest.param({"injured": Count(20, None)}, "casualties", "injured", id="another band of injured"),
    pytest.param({"injured": None}, "corrected", "injured", id="figures withdrawn"),
    pytest.param({"hazard": "accident.explosion"}, "corrected", "hazard", id="it was something else"),
    pytest.param({"consequences": ()}, "corrected", "withdrawn:transport.airport_closure", id="closure withdrawn"),
    pytest.param({"instructions": (Instruction("order.curfew", "x", None, "q"),)}, "instruction",
                 "instruction:order.curfew", id="new instruction"),
    pytest.param({"place": Place(PlaceKind.CITY, "geonames:9", "Kayes", 14.45, -11.44, "ML")}, "corrected", "place",
                 id="another place"),
])
def test_material_change(world: World, *, change: dict[str, object], reason: str, field: str) -> None:
    """A material change tells again everybody who was told, and says what changed."""
    world.review()
    world.review(after=HOUR, **change)
    told = {each.recipient: each for each in world.verdict.advisories}
    assert {"person:p-003", "desk:africa", "hook:hook"} <= set(told)
    assert (told["person:p-003"].reason, field in told["person:p-003"].changed) == (reason, True)
    assert told["person:p-003"].msg_type is MsgType.UPDATE


@pytest.mark.parametrize("change", [
    pytest.param({"injured": Count(1, 2)}, id="figure in the same band"),
    pytest.param({"phase": Phase.ONGOING}, id="occurred or ongoing"),
    pytest.param({"origins": 5, "credibility": 1}, id="more sources"),
    pytest.param({"uncertainty_km": 1.0}, id="a sharper place"),
    pytest.param({"hazard": "conflict.armed_clash"}, id="another name within the family"),
    pytest.param({"instructions": (Instruction("order.movement_limit", "the embassy", None, "q"),)},
                 id="the same order by somebody else"),
    pytest.param({"claims": (Claim("army", "denial", "x", "text", 0, 1),)}, id="another claim"),
])
def test_no_material_change(world: World, *, change: dict[str, object]) -> None:
    """What changes nothing for people is not said again."""
    world.review()
    world.review(after=HOUR, **change)
    assert world.told() == {}


def test_planned_becomes_real(world: World) -> None:
    """What was announced and now goes on is told again."""
    world.review(phase=Phase.PLANNED)
    world.review(after=HOUR, phase=Phase.ONGOING)
    assert world.told()["person:p-003"] == "phase"


def test_new_consequence(world: World) -> None:
    """A closure that comes of it is told to those who were told of it."""
    closure, = world.incident.consequences
    world.review(consequences=())
    world.review(after=HOUR, consequences=(closure,))
    assert world.told()["person:p-003"] == "reaches_you"
    assert "began:transport.airport_closure" in next(
        each.changed for each in world.verdict.advisories if each.recipient == "person:p-003")


def test_reopening_ends_it_for_who_was_only_touched_by_it(world: World, report: Reported) -> None:
    """The airport reopens: an all clear for whom only that touched, an update for the rest; the attack stays open."""
    world.review()
    closure, = world.incident.consequences
    world.review(after=HOUR, consequences=(over(closure, world.now),), reports=(*world.incident.reports, report(
        9, hazard="transport.airport_closure", phase=Phase.ENDED)))
    assert world.told() == {"person:p-003": "consequence", "hook:hook": "cleared", "desk:africa": "consequence"}
    world.review(after=HOUR, killed=Count(5, 5))
    assert set(world.told()) == {"person:p-003", "desk:africa"}


@pytest.mark.parametrize(("status", "reason", "msg_type"), [
    pytest.param(IncidentStatus.CLEARED, "cleared", MsgType.UPDATE, id="cleared"),
    pytest.param(IncidentStatus.EXPIRED, "expired", MsgType.UPDATE, id="expired"),
    pytest.param(IncidentStatus.CANCELLED, "cancelled", MsgType.CANCEL, id="cancelled"),
])
def test_ends(world: World, *, status: IncidentStatus, reason: str, msg_type: MsgType) -> None:
    """Exactly those who were told are told the end, once, though they have gone home since."""
    world.review()
    home = replace(world.settings.staff, locations=())
    world.settings = replace(world.settings, staff=home)
    world.review(after=HOUR, status=status)
    assert world.told() == {"person:p-003": reason, "hook:hook": reason, "desk:africa": reason}
    assert {each.msg_type for each in world.verdict.advisories} == {msg_type}
    assert all(each.expires_at is None for each in world.verdict.deliveries)
    world.review(after=HOUR)
    assert world.told() == {}


def test_silence_after_the_end(world: World) -> None:
    """Nothing is sent after the end but the end itself, whatever is still reported of it."""
    world.review()
    world.review(after=HOUR, status=IncidentStatus.CANCELLED)
    world.review(after=HOUR, killed=Count(50, 50), severity=Severity.EXTREME)
    assert world.told() == {}


def test_one_with_another(world: World) -> None:
    """Of what turned out to be another incident everybody is told where it goes on, and never that it was wrong."""
    world.review()
    world.review(after=HOUR, status=IncidentStatus.CANCELLED, merged_into="ML-2024-0917-9")
    assert world.told() == {"person:p-003": "merged", "hook:hook": "merged", "desk:africa": "merged"}
    assert {each.msg_type for each in world.verdict.advisories} == {MsgType.UPDATE}
    wording = world.words("person:p-003")
    assert "ML-2024-0917-9" in wording.subject
    assert "incident ML-2024-0917-9" in wording.text
    assert "wrong" not in wording.text
    world.review(after=HOUR)
    assert world.told() == {}


def test_nobody_told_before_is_lost(world: World) -> None:
    """Who was told of an incident that became part of another hears its changes and its end, though it misses them."""
    world.review()
    told = world.said, world.sent
    world.said, world.sent, world.merged = (), (), told
    world.settings = replace(world.settings, staff=replace(world.settings.staff, locations=()))
    world.review(id="ML-2024-0917-9")
    assert world.told() == {}
    world.review(after=HOUR, killed=Count(9, 9))
    assert world.told()["person:p-003"] == "casualties"
    world.review(after=HOUR, status=IncidentStatus.CLEARED)
    assert world.told() == {"person:p-003": "cleared", "hook:hook": "cleared", "desk:africa": "cleared"}
    assert next(each.previous for each in world.sent if each.recipient == "person:p-003") in {
        each.id for each in told[1]}


def test_open_again(world: World) -> None:
    """What is heard of again after it was called unknown is told again in the same thread."""
    world.review()
    world.review(after=50 * HOUR, status=IncidentStatus.EXPIRED)
    world.review(after=HOUR, status=IncidentStatus.OPEN, last_report_at=world.now)
    assert world.told()["person:p-003"] == "phase"


def test_told_on_arrival(world: World) -> None:
    """A traveller who arrives while it lasts is told on arrival; the desk knew before and is not told again."""
    verdict = world.review()
    arrival = datetime(2024, 9, 18, tzinfo=UTC)
    assert verdict.review_at == arrival
    world.review(after=arrival - world.now)
    assert world.told() == {"person:p-017": "first"}


def test_flight_comes_into_the_window(world: World) -> None:
    """Somebody told of one place is told again when a flight of theirs comes into the rule's hours."""
    rules = (replace(world.settings.rules[0], reach=replace(world.settings.rules[0].reach, flying_through_h=50)),
             world.settings.rules[1])
    world.settings = replace(world.settings, rules=rules)
    world.review()
    world.review(after=13 * HOUR, last_report_at=world.now + 12 * HOUR)
    assert world.told()["person:p-003"] == "reaches_you"


# ------------------------------------------------------------------------------------------------------- sources


@pytest.mark.parametrize(("reliability", "official", "verdict"), [
    pytest.param(Reliability.C, False, "told", id="C"),
    pytest.param(Reliability.D, False, "poor_source", id="D"),
    pytest.param(Reliability.F, False, "poor_source", id="nobody knows"),
    pytest.param(Reliability.F, True, "told", id="an authority"),
])
def test_poor_sources(world: World, report: Reported, *, reliability: Reliability, official: bool,
                      verdict: str) -> None:
    """Sources all worse than C tell the desk, never people by themselves."""
    world.review(reports=(report(1, reliability=reliability, official=official),))
    assert world.verdicts()["person:p-003"] == verdict
    assert world.told()["desk:africa"] == "first"


def test_poor_sources_where_the_rule_says_so(world: World, report: Reported) -> None:
    """A rule that itself asks for no better source lets people be told, but not of the worst."""
    trusting = tuple(replace(each, when=replace(each.when, reliability_at_least=Reliability.F))
                     for each in world.settings.rules)
    world.settings = replace(world.settings, rules=trusting)
    world.review(reports=(report(1, reliability=Reliability.F),), severity=Severity.EXTREME)
    assert world.verdicts()["person:p-003"] == "poor_source"
    world.review(after=HOUR, severity=Severity.SEVERE)
    assert world.verdicts()["person:p-003"] == "told"


def extreme(world: World, report: Reported) -> dict[str, object]:
    """The worst, told by one source alone."""
    return {"severity": Severity.EXTREME, "hazard": "conflict.suicide_bombing", "origins": 1, "consequences": (),
            "reports": (report(1, hazard="conflict.suicide_bombing"),), "credibility": 3,
            "opened_at": world.now, "last_report_at": world.now}


def test_extreme_from_one_origin(world: World, report: Reported) -> None:
    """The worst from one origin: the desk at once, told when travellers will be; travellers after ten minutes."""
    world.review(**extreme(world, report))
    assert world.due("desk:africa") == world.now
    assert world.due("person:p-003") == world.now + timedelta(minutes=10)
    desk = next(each for each in world.verdict.advisories if each.recipient == "desk:africa")
    assert (desk.travellers_at, desk.unconfirmed) == (world.now + timedelta(minutes=10), True)


@pytest.mark.parametrize("change", [
    pytest.param({"origins": 2}, id="two origins"),
    pytest.param({"official": True}, id="an authority"),
])
def test_extreme_confirmed(world: World, report: Reported, *, change: dict[str, Any]) -> None:
    """The worst from two origins or an authority goes out at once, unmarked."""
    facts = extreme(world, report)
    facts["reports"] = (report(1, official=True),) if change.get("official") else (report(1), report(2))
    world.review(**{**facts, "origins": change.get("origins", 1)})
    assert world.due("person:p-003") == world.now
    assert not any(each.unconfirmed for each in world.verdict.advisories)


def test_a_poor_source_confirms_nothing(world: World, report: Reported) -> None:
    """A second origin that nobody can judge leaves the worst unconfirmed: whoever plants one story can plant two."""
    facts = extreme(world, report)
    second = report(2, hazard="conflict.suicide_bombing", reliability=Reliability.F)
    world.review(**{**facts, "origins": 2, "reports": (*facts["reports"], second)})  # type: ignore[misc]
    assert world.due("person:p-003") == world.now + timedelta(minutes=10)
    assert all(each.unconfirmed for each in world.verdict.advisories)


def test_a_poor_source_makes_nothing_worse(world: World, report: Reported) -> None:
    """What a planted report adds to a true incident is told to the desk, and to nobody else."""
    world.review()
    world.believed = world.incident
    world.review(after=HOUR, severity=Severity.EXTREME, killed=Count(60, 60),
                 reports=(*world.incident.reports, report(9, reliability=Reliability.F)))
    assert world.told() == {"desk:africa": "severity"}
    world.believed = None
    world.review(after=HOUR, reports=(*world.incident.reports, report(10, reliability=Reliability.C)))
    assert world.told()["person:p-003"] == "severity"


def test_whom_only_a_poor_source_would_touch(world: World) -> None:
    """Somebody whom nothing but a planted addition touches is not told, and the record says why."""
    world.believed = replace(world.incident, place=Place(
        PlaceKind.CITY, "geonames:2440485", "Niamey", 13.51, 2.11, "NE"), consequences=())
    world.review()
    assert world.verdicts()["person:p-003"] == "poor_source"
    assert "person:p-003" not in world.told()


def test_a_source_that_took_it_back_vouches_for_nothing(world: World, report: Reported) -> None:
    """What the only good source no longer says is not told to people because of it."""
    withdrawn = replace(report(1), withdrawn=True)
    world.review(reports=(withdrawn, report(2, reliability=Reliability.E)))
    assert world.verdicts()["person:p-003"] == "poor_source"


def test_confirmation_overtakes_the_wait(world: World, report: Reported) -> None:
    """Confirmed while it waits: the waiting message is taken back and the confirmed one goes at once, as the first."""
    world.review(**extreme(world, report))
    waiting = next(each.id for each in world.verdict.deliveries if each.recipient == "person:p-003")
    world.review(after=timedelta(minutes=3), origins=2, reports=(report(1), report(2)))
    assert waiting in world.verdict.superseded
    assert world.told()["person:p-003"] == "first"
    assert world.due("person:p-003") == world.now


def test_confirmation_after_it_was_sent(world: World, report: Reported) -> None:
    """Whoever read it as unconfirmed is told when it is confirmed."""
    world.review(**extreme(world, report))
    world.review(after=HOUR, origins=2, reports=(report(1), report(2)))
    assert world.told()["person:p-003"] == "confirmed"


def test_cancelled_while_it_waits(world: World, report: Reported) -> None:
    """Wrong before anybody but the desk was told: travellers hear neither of it nor of its end."""
    world.review(**extreme(world, report))
    world.review(after=timedelta(minutes=3), status=IncidentStatus.CANCELLED)
    assert world.told() == {"desk:africa": "cancelled"}
    assert world.verdicts()["person:p-003"] == "overtaken"
    assert {each.recipient for each in world.sent if each.id in world.verdict.superseded} == {
        "person:p-003", "person:p-017"}
    world.review(after=HOUR)
    assert world.told() == {}


# ----------------------------------------------------------------------------------------------- time, modes, desks


def with_rules(world: World, **changes: object) -> None:
    """Change every rule alike."""
    world.settings = replace(world.settings, rules=tuple(replace(each, **changes) for each in world.settings.rules))


@pytest.mark.parametrize(("severity", "held"), [
    pytest.param(Severity.SEVERE, True, id="held till morning"),
    pytest.param(Severity.EXTREME, False, id="breaks the night"),
])
def test_quiet_hours(world: World, *, severity: Severity, held: bool) -> None:
    """At night only what the rule excepts wakes people; the desk is told at once."""
    with_rules(world, quiet_hours=QuietHours("22:00", "06:00", Severity.EXTREME))
    world.now = datetime(2024, 9, 17, 23, 30, tzinfo=UTC)
    world.review(severity=severity, last_report_at=world.now)
    morning = datetime(2024, 9, 18, 6, tzinfo=UTC)
    assert world.due("person:p-003") == (morning if held else world.now)
    assert world.due("desk:africa") == world.now
    assert world.verdicts()["person:p-003"] == ("held" if held else "told")


def test_news_in_the_night(world: World) -> None:
    """What waits for the morning is overtaken by newer word, never pushed back: one message in the morning."""
    with_rules(world, quiet_hours=QuietHours("22:00", "06:00", Severity.EXTREME))
    world.now = datetime(2024, 9, 17, 23, 30, tzinfo=UTC)
    world.review(last_report_at=world.now)
    world.review(after=HOUR, killed=Count(4, 4))
    own = [each for each in world.sent if each.recipient == "person:p-003" and each.state is DeliveryState.PENDING]
    assert [each.due_at for each in own] == [datetime(2024, 9, 18, 6, tzinfo=UTC)]
    assert world.told()["person:p-003"] == "first"


def test_review_hold(world: World) -> None:
    """A rule with a review asks the desk first; news meanwhile does not prolong it."""
    with_rules(world, send_after=timedelta(minutes=15))
    world.review()
    due = world.due("person:p-003")
    assert due == world.now + timedelta(minutes=15)
    world.review(after=timedelta(minutes=10), killed=Count(4, 4))
    assert world.due("person:p-003") == due


def test_update_waits_for_nobody(world: World) -> None:
    """Only the first message waits for review; what corrects it does not."""
    with_rules(world, send_after=timedelta(minutes=15))
    world.review()
    world.review(after=HOUR, killed=Count(4, 4))
    assert world.due("person:p-003") == world.now


def test_shadow(world: World) -> None:
    """In shadow mode the desk alone is told, with who would have been."""
    world.settings = replace(world.settings, mode="shadow")
    world.review()
    desk, = world.verdict.advisories
    assert (desk.recipient, desk.shadow, desk.told) == ("desk:africa", True, ("person:p-003", "hook:hook"))
    assert world.verdicts()["person:p-003"] == "shadow"


def test_desk_of_the_group(world: World) -> None:
    """A person's own desk is told, with its people alone; who belongs to none has the first."""
    china = replace(world.settings.staff.locations[1], id="p-040/site", person="p-040", groups=("china",))
    nobody = replace(world.settings.staff.locations[1], id="p-099/site", person="p-099", groups=())
    staff = world.settings.staff
    person = replace(staff.people[2], id="p-099", groups=())
    world.settings = replace(world.settings, staff=replace(
        staff, people=(*staff.people, person), locations=(china, nobody)))
    world.review()
    desks = {each.recipient: {one.person_id for one in each.exposures} for each in world.verdict.advisories
             if each.recipient.startswith("desk:")}
    assert desks == {"desk:asia": {"p-040"}, "desk:africa": {"p-099"}}


def test_desk_without_a_channel_of_its_own(world: World) -> None:
    """A desk with no channel of its own gets the rules' mail in its own name."""
    world.settings = replace(world.settings, channels=(Channel("email", "smtp", "person"),))
    world.review()
    assert {(each.recipient, each.channel) for each in world.verdict.deliveries} == {
        ("person:p-003", "email"), ("desk:africa", "email")}


def test_nobody_to_mail(world: World) -> None:
    """Somebody without an address is not told, and that is kept."""
    staff = world.settings.staff
    people = tuple(replace(each, contact=replace(each.contact, email=None)) for each in staff.people)
    world.settings = replace(world.settings, staff=replace(staff, people=people))
    world.review()
    assert world.verdicts()["person:p-003"] == "no_channel"


# ------------------------------------------------------------------------------------------------ uncertain places


def ambiguous(world: World, alternatives: tuple[Alternative, ...]) -> Place:
    """The incident's place as one of several."""
    place: Place = world.incident.place
    return replace(place, confidence=0.4, alternatives=alternatives)


def test_ambiguous_place(world: World, candidates: tuple[Alternative, ...]) -> None:
    """Of an ambiguous place the desk is told, once, with who may be concerned; nobody else is."""
    world.review(place=ambiguous(world, candidates), consequences=())
    desk, = world.verdict.advisories
    assert (desk.recipient, desk.exposures) == ("desk:africa", ())
    assert {each.location_id for each in desk.near} >= {"bamako-office", "p-003/site"}
    world.review(after=HOUR)
    assert world.told() == {}


def test_ambiguous_place_becomes_certain(world: World, candidates: tuple[Alternative, ...]) -> None:
    """Once the place is certain the people are told, and the desk who they are."""
    certain = world.incident.place
    world.review(place=ambiguous(world, candidates), consequences=())
    world.review(after=HOUR, place=certain)
    assert world.told() == {"person:p-003": "first", "desk:africa": "reaches_you"}


def test_ambiguous_and_minor(world: World, candidates: tuple[Alternative, ...]) -> None:
    """Below Severe an ambiguous place is no message even for the desk."""
    with_rules(world, when=replace(world.settings.rules[1].when, severity_at_least=None))
    world.review(place=ambiguous(world, candidates), consequences=(), severity=Severity.MODERATE)
    assert world.told() == {}


def test_no_place(world: World) -> None:
    """What nobody can place is on the desk's list and told to nobody."""
    world.review(place=None, consequences=())
    assert world.told() == {}
    assert world.verdicts() == {"desk:africa": "unplaced"}


# ------------------------------------------------------------------------------------------------------- property

facts = st.fixed_dictionaries({}, optional={
    "severity": st.sampled_from(Severity), "phase": st.sampled_from(Phase),
    "killed": st.builds(Count, st.none() | st.integers(0, 50), st.integers(50, 90)) | st.none(),
    "status": st.sampled_from(IncidentStatus), "origins": st.integers(1, 3),
    "hazard": st.sampled_from(["conflict.armed_attack", "conflict.suicide_bombing", "unrest.protest"]),
    "consequences": st.sampled_from(["none", "same", "over"]),
})


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.lists(st.tuples(facts, st.integers(0, 600)), max_size=6), mode=st.sampled_from(["live", "shadow"]),
       hold=st.sampled_from([None, timedelta(minutes=20)]))
def test_deciding_twice_is_always_silent(world: World, *, history: list[tuple[dict[str, Any], int]], mode: str,
                                         hold: timedelta | None) -> None:
    """However an incident went, deciding twice at one instant says nothing the second time."""
    start: Incident = replace(world.incident)
    fresh = replace(world, incident=start, said=(), sent=(), settings=replace(world.settings, mode=mode))
    with_rules(fresh, send_after=hold, quiet_hours=QuietHours("22:00", "06:00"))
    closure, = start.consequences
    for changes, minutes in history:
        known = dict(changes)
        if "consequences" in known:
            known["consequences"] = {"none": (), "same": (closure,), "over": (over(closure, fresh.now),)}[
                known["consequences"]]
        fresh.review(after=timedelta(minutes=minutes), **known)
        fresh.review()
        assert (fresh.verdict.advisories, fresh.verdict.deliveries, fresh.verdict.superseded) == ((), (), ())
        ids = [each.id for each in fresh.sent]
        assert len(ids) == len(set(ids))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(end=st.sampled_from([IncidentStatus.CANCELLED, IncidentStatus.CLEARED, IncidentStatus.EXPIRED]),
       history=st.lists(st.tuples(facts, st.integers(0, 600)), max_size=5),
       hold=st.sampled_from([None, timedelta(minutes=20)]))
def test_nothing_after_the_end_but_the_end(world: World, *, end: IncidentStatus,
                                           history: list[tuple[dict[str, Any], int]], hold: timedelta | None) -> None:
    """Once it has ended, the end is said once to whoever was told, and nothing else whatever is still reported."""
    start: Incident = replace(world.incident)
    fresh = replace(world, incident=start, said=(), sent=(), settings=replace(world.settings))
    with_rules(fresh, send_after=hold)
    fresh.review()
    told = {each.recipient for each in fresh.said}
    fresh.review(after=HOUR, status=end)
    assert set(fresh.told()) <= told
    assert set(fresh.told().values()) <= {str(end)}
    for changes, minutes in history:
        known = {key: value for key, value in changes.items() if key not in {"status", "consequences"}}
        fresh.review(after=timedelta(minutes=minutes), **known)
        assert fresh.told() == {}


def test_unknown_turns_out_to_be_over(world: World) -> None:
    """What was called unknown and is then said to be over is told as over, to the same people, once."""
    world.review()
    world.review(after=50 * HOUR, status=IncidentStatus.EXPIRED)
    world.review(after=HOUR, status=IncidentStatus.CLEARED)
    assert world.told() == {"person:p-003": "cleared", "hook:hook": "cleared", "desk:africa": "cleared"}
    world.review(after=HOUR)
    assert world.told() == {}


def test_unknown_closure_reopens(world: World) -> None:
    """An airport that nobody spoke of any more and that then reopens: everybody who was told is told."""
    world.review()
    closure, = world.incident.consequences
    unheard = replace(closure, ended_at=world.now + HOUR, status=IncidentStatus.EXPIRED)
    world.review(after=HOUR, consequences=(unheard,))
    assert world.told() == {"person:p-003": "consequence", "hook:hook": "expired", "desk:africa": "consequence"}
    world.review(after=HOUR, consequences=(replace(unheard, phase=Phase.ENDED, status=IncidentStatus.CLEARED),))
    assert world.told() == {"person:p-003": "consequence", "hook:hook": "cleared", "desk:africa": "consequence"}
    world.review(after=HOUR)
    assert world.told() == {}


def test_update_in_the_night_says_all_that_changed(world: World) -> None:
    """Two changes in one night make one message in the morning, with both."""
    with_rules(world, quiet_hours=QuietHours("22:00", "06:00", Severity.EXTREME))
    world.review()
    world.review(after=14 * HOUR, killed=Count(4, 4))
    world.review(after=HOUR, abducted=Count(3, 3))
    update = next(each for each in world.verdict.advisories if each.recipient == "person:p-003")
    assert set(update.changed) == {"killed", "abducted"}
    waiting = [each for each in world.sent if each.recipient == "person:p-003" and each.state is DeliveryState.PENDING]
    assert len(waiting) == 1


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(grades=st.lists(st.sampled_from([Reliability.D, Reliability.E, Reliability.F]), min_size=1, max_size=5),
       severity=st.sampled_from(Severity), phase=st.sampled_from(Phase), origins=st.integers(1, 200),
       credibility=st.integers(1, 6))
def test_poisoning(world: World, report: Reported, *, grades: list[Reliability], severity: Severity, phase: Phase,
                   origins: int, credibility: int) -> None:
    """However much poor sources agree, and on whatever, nobody but a desk is told by them alone."""
    fresh = replace(world, said=(), sent=())
    fresh.review(severity=severity, phase=phase, origins=origins, credibility=credibility,
                 reports=tuple(report(i, reliability=grade) for i, grade in enumerate(grades)))
    assert {each.recipient for each in fresh.verdict.deliveries} <= {"desk:africa"}


def test_stopped_stays_stopped_till_something_changes(world: World) -> None:
    """What an officer stopped is not said again by itself; a material change is a new first message, held again."""
    world.settings = replace(world.settings, rules=tuple(
        replace(each, send_after=timedelta(minutes=15)) for each in world.settings.rules))
    world.review()
    world.sent = tuple(replace(each, state=DeliveryState.CANCELLED) if each.recipient == "person:p-003" else each
                       for each in world.sent)
    world.review(after=timedelta(minutes=5))
    assert world.verdicts()["person:p-003"] == "unchanged"
    world.review(after=timedelta(minutes=5), killed=Count(4, 4))
    assert world.told()["person:p-003"] == "first"
    assert world.due("person:p-003") == world.now + timedelta(minutes=15)
