"""What keeps a first message back: silences, and graver news that mutes lesser; and that it keeps back nothing else."""
from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from advisord.advise.matchers import Subject, is_meant, words_of
from advisord.advise.muting import Standing
from advisord.model import (
    Count,
    DeliveryState,
    Exposure,
    Incident,
    IncidentStatus,
    Inhibition,
    Matcher,
    Phase,
    Place,
    PlaceKind,
    Severity,
    Silence,
)

World = Any  # the fixture's own class; conftest files are not importable
HOUR = timedelta(hours=1)
BAMAKO = Place(PlaceKind.CITY, "geonames:2460596", "Bamako", 12.65, -8.0, "ML", "Bamako")
KATI = Place(PlaceKind.CITY, "geonames:1", "Kati", 12.74, -8.07, "ML", "Koulikoro")
MALI = Place(PlaceKind.COUNTRY, "iso:ML", "Mali", 17.0, -4.0, "ML")
PROVINCE = Place(PlaceKind.ADMIN1, "geonames:2", "Koulikoro", 13.5, -7.0, "ML", "Koulikoro")


def silence(world: World, *, hours: float = 6, extreme: bool = False, **matcher: Any) -> Silence:
    """One that an officer gave just now."""
    return Silence("s1", Matcher(**matcher), world.now, world.now + timedelta(hours=hours), "Duty", "known",
                   mutes_extreme=extreme)


def silenced(world: World, **matcher: Any) -> None:
    """Let one silence hold."""
    world.around = replace(world.around, silences=(silence(world, **matcher),))


@pytest.mark.parametrize(("matcher", "mutes"), [
    pytest.param({"incidents": ("ML-2024-0917-1",)}, True, id="the incident"),
    pytest.param({"incidents": ("ML-2024-0917-2",)}, False, id="another incident"),
    pytest.param({"hazards": ("conflict", "transport")}, True, id="families"),
    pytest.param({"hazards": ("conflict.armed_attack",)}, False, id="only one of two hazards"),
    pytest.param({"countries": ("ML",)}, True, id="the country"),
    pytest.param({"countries": ("NE",)}, False, id="another country"),
    pytest.param({"rules": ("serious-nearby", "airport-closed")}, True, id="both rules"),
    pytest.param({"rules": ("serious-nearby",)}, False, id="one of two rules"),
    pytest.param({"recipients": ("person:p-003",)}, True, id="the person"),
    pytest.param({"recipients": ("person:p-017",)}, False, id="another person"),
    pytest.param({"place": KATI}, True, id="around a place nearby"),
    pytest.param({"place": KATI, "within_km": 5.0}, False, id="closer than it is"),
    pytest.param({"place": MALI}, True, id="inside a country"),
    pytest.param({"countries": ("ML",), "hazards": ("unrest",)}, False, id="the country, another hazard"),
])
def test_a_silence_mutes_what_it_fits(world: World, *, matcher: dict[str, Any], mutes: bool) -> None:
    """Every part of a silence must fit; whoever it mutes is told nothing, and the decision says by what, till when."""
    silenced(world, **matcher)
    world.review()
    assert world.verdicts()["person:p-003"] == ("silenced" if mutes else "told")
    gate = next(gate for each in world.verdict.decisions if each.recipient == "person:p-003"
                for gate in each.gates if gate.name == "silence")
    assert gate.passed is not mutes
    assert not mutes or "s1 till Tue 17 Sep 14:34 UTC" in gate.value


def test_a_desk_is_silenced_with_the_rest(world: World) -> None:
    """A silence for everybody is for the desk too; one for somebody leaves the desk its full picture."""
    silenced(world, countries=("ML",))
    world.review()
    assert world.told() == {}
    assert world.verdicts()["desk:africa"] == "silenced"
    silenced(world, recipients=("person:p-003",))
    world.review(after=HOUR)
    assert {"desk:africa", "hook:hook"} <= world.told().keys()


def test_the_worst_is_told_all_the_same(world: World) -> None:
    """What is Extreme breaks a silence, unless the officer meant that too."""
    silenced(world, countries=("ML",))
    world.review(severity=Severity.EXTREME)
    assert world.told()["person:p-003"] == "first"


def test_the_worst_is_silenced_where_the_officer_said_so(world: World) -> None:
    """With --even-extreme nothing of it is told."""
    silenced(world, countries=("ML",), extreme=True)
    world.review(severity=Severity.EXTREME)
    assert world.told() == {}


def test_after_a_silence_what_goes_on_is_told(world: World) -> None:
    """When the silence is over, what still goes on is told as the first message, at the review that it asks for."""
    silenced(world, countries=("ML",))
    world.review()
    assert world.verdict.review_at == world.now + 6 * HOUR
    world.review(after=6 * HOUR)
    assert world.told()["person:p-003"] == "first"


@pytest.mark.parametrize(("change", "reason"), [
    pytest.param({"killed": Count(5, 5)}, "casualties", id="the update"),
    pytest.param({"place": Place(PlaceKind.CITY, "geonames:9", "Kayes", 14.45, -11.44, "ML")}, "corrected",
                 id="the correction"),
    pytest.param({"status": IncidentStatus.CLEARED, "phase": Phase.ENDED}, "cleared", id="the all clear"),
    pytest.param({"status": IncidentStatus.EXPIRED}, "expired", id="the end of the news"),
    pytest.param({"status": IncidentStatus.CANCELLED}, "cancelled", id="the cancellation"),
])
def test_who_was_told_hears_the_rest_though_silenced(world: World, *, change: dict[str, Any], reason: str) -> None:
    """Whoever was told gets every later message in the same thread, also when silenced, however gravely, since."""
    world.review()
    threads = {(each.recipient, each.channel): each.thread for each in world.sent}
    silenced(world, countries=("ML", "NE"), extreme=True)
    world.review(after=HOUR, **change)
    assert world.told() == dict.fromkeys(("person:p-003", "hook:hook", "desk:africa"), reason)
    assert {(each.recipient, each.channel): each.thread for each in world.verdict.deliveries} == threads


def test_who_was_told_hears_the_rest_though_gone(world: World) -> None:
    """Whoever has left, and has no place any more that it touches, hears the update and the end too."""
    world.review()
    staff = world.settings.staff
    gone = replace(staff, locations=tuple(each for each in staff.locations if each.person != "p-003"))
    world.settings = replace(world.settings, staff=gone)
    world.review(after=HOUR, killed=Count(5, 5))
    assert world.told()["person:p-003"] == "casualties"
    world.review(after=HOUR, status=IncidentStatus.CLEARED, phase=Phase.ENDED)
    assert world.told()["person:p-003"] == "cleared"
    assert len({each.thread for each in world.sent if each.recipient == "person:p-003"}) == 1


def test_what_waits_is_taken_back_and_told_after_the_silence(world: World) -> None:
    """A message that waits for review when the silence comes is taken back; after the silence it is said anew."""
    slow = tuple(replace(each, send_after=timedelta(minutes=15)) for each in world.settings.rules)
    world.settings = replace(world.settings, rules=slow)
    world.review()
    silenced(world, hours=2, recipients=("person:p-003",))
    world.review(after=timedelta(minutes=5))
    held = [each for each in world.sent if each.recipient == "person:p-003"]
    assert [(each.state, (each.last_error or "").partition(":")[0]) for each in held] == [
        (DeliveryState.CANCELLED, "withheld")]
    world.review(after=timedelta(minutes=60))
    assert world.verdicts()["person:p-003"] == "silenced"
    world.review(after=timedelta(minutes=61))
    assert world.told()["person:p-003"] == "first"
    assert [each.version for each in world.said if each.recipient == "person:p-003"] == [1, 2]


def test_a_silence_says_what_it_mutes_in_words() -> None:
    """The list of silences and the explanation say the same as the command that made it."""
    matcher = Matcher(incidents=("ML-1",), hazards=("unrest",), countries=("ML",), rules=("r",),
                      recipients=("desk:africa",), place=KATI, severity_at_least=Severity.SEVERE)
    assert words_of(matcher) == ("incident ML-1; hazard unrest; rule r; country ML; recipient desk:africa; "
                                 "at least Severe; within 25 km of Kati")
    assert words_of(Matcher(place=PROVINCE)) == "in Koulikoro"


@pytest.mark.parametrize(("place", "meant"), [
    pytest.param(KATI, True, id="a town of it"),
    pytest.param(PROVINCE, True, id="itself"),
    pytest.param(BAMAKO, False, id="the town that it surrounds"),
    pytest.param(Place(PlaceKind.COUNTRY, "iso:ML", "Mali", country="ML"), False, id="the whole country"),
])
def test_a_province_is_meant_by_what_lies_in_it(world: World, *, place: Place, meant: bool) -> None:
    """A silence for a province is about what is known to lie in it."""
    incident = replace(world.incident, place=place, consequences=())
    assert is_meant(Matcher(place=PROVINCE), Subject(incident, incident.hazard)) is meant


# ------------------------------------------------------------------------------------------------------- inhibitions

EVACUATION = Inhibition("evacuation", Matcher(hazards=("order.evacuation",)),
                        Matcher(hazards=("conflict", "transport")))


def evacuated(world: World, recipient: str = "person:p-003", **changes: Any) -> Standing:
    """An order to leave the town, of which somebody was told."""
    incident: Incident = replace(world.incident, id="ML-2024-0917-9", hazard="order.evacuation", consequences=(),
                                 **changes)
    exposure = Exposure(incident.id, "leave", incident.hazard, "p-003/site", recipient.partition(":")[2], "site")
    return Standing(incident, ((recipient, (exposure,)),))


def inhibit(world: World, standing: Standing, **changes: Any) -> None:
    """Let the evacuation mute what the inhibition says."""
    world.around = replace(world.around, inhibitions=(replace(EVACUATION, **changes),), standing=(standing,))


def test_graver_news_mutes_lesser(world: World) -> None:
    """Whoever was told to leave is not told anew of what else goes on in the town; the desk is."""
    inhibit(world, evacuated(world))
    world.review()
    assert world.verdicts()["person:p-003"] == "inhibited"
    assert world.told()["desk:africa"] == "first"
    assert world.verdict.review_at == world.now + timedelta(minutes=1)


@pytest.mark.parametrize(("standing", "inhibition"), [
    pytest.param({"recipient": "person:p-017"}, {}, id="somebody else was told to leave"),
    pytest.param({}, {"source": Matcher(hazards=("order.curfew",))}, id="another order"),
    pytest.param({}, {"source": Matcher(rules=("other",))}, id="told by another rule"),
    pytest.param({}, {"target": Matcher(hazards=("unrest",))}, id="another target"),
    pytest.param({"place": replace(BAMAKO, id="geonames:5", country="NE")}, {"equal": ("person", "country")},
                 id="another country"),
    pytest.param({"place": KATI}, {"equal": ("person", "admin1")}, id="another province"),
    pytest.param({"place": KATI}, {"equal": ("city",)}, id="another town"),
    pytest.param({"severity": Severity.MINOR}, {"source": Matcher(severity_at_least=Severity.SEVERE)}, id="not grave"),
])
def test_nothing_else_is_muted(world: World, *, standing: dict[str, Any], inhibition: dict[str, Any]) -> None:
    """An inhibition mutes where source, target and what must be equal all fit, and nowhere else."""
    inhibit(world, evacuated(world, **standing), **inhibition)
    world.review()
    assert world.told()["person:p-003"] == "first"


@pytest.mark.parametrize("equal", [("country",), ("city",), ("admin1",)])
def test_where_the_place_alone_must_be_equal(world: World, equal: tuple[str, ...]) -> None:
    """Without "person" it is enough that anybody was told of the source, there."""
    inhibit(world, evacuated(world, "person:p-017"), equal=equal)
    world.review()
    assert world.verdicts()["person:p-003"] == "inhibited"


def test_the_worst_is_never_muted(world: World) -> None:
    """What is Extreme is told whatever else somebody was told to do."""
    inhibit(world, evacuated(world))
    world.review(severity=Severity.EXTREME)
    assert world.told()["person:p-003"] == "first"


def test_who_was_told_hears_the_rest_though_muted_since(world: World) -> None:
    """An evacuation that comes later leaves a conversation as it is: its updates and its end are told."""
    world.review()
    inhibit(world, evacuated(world))
    world.review(after=HOUR, killed=Count(5, 5))
    assert world.told()["person:p-003"] == "casualties"


def test_when_the_graver_is_over_the_lesser_is_told(world: World) -> None:
    """What was muted and still goes on is told once nothing mutes it any more."""
    inhibit(world, evacuated(world))
    world.review()
    world.around = replace(world.around, standing=())
    world.review(after=HOUR)
    assert world.told()["person:p-003"] == "first"
