"""Rules, certainty of places, groups; the properties; what the desk hears of who is near."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advisord.match.explain import explain
from advisord.match.exposures import Index, exposures_of, near_of
from advisord.model import (
    Certainty,
    Consequence,
    Exposure,
    Hazard,
    Incident,
    IncidentStatus,
    Person,
    Phase,
    Place,
    PlaceKind,
    Reach,
    Reliability,
    Report,
    Rule,
    Severity,
    SourcedReport,
    Staff,
    StaffLocation,
    Urgency,
    When,
)

At = Callable[..., StaffLocation]
Ruled = Callable[..., Rule]
Touched = Callable[..., tuple[Exposure, ...]]
NEARBY = Reach(within_km=((Severity.MINOR, 100.0),))


def reported(reliability: Reliability) -> tuple[SourcedReport, ...]:
    """One report of that grade."""
    at = datetime(2024, 9, 17, 8, tzinfo=UTC)
    report = Report("conflict.armed_attack", Phase.OCCURRED, Severity.SEVERE, Urgency.IMMEDIATE, Certainty.OBSERVED)
    return (SourcedReport("r", "a", "f", "o", reliability, official=False, seen_at=at, report=report),)


@pytest.mark.parametrize(("when", "expected"), [
    pytest.param({}, True, id="anything"),
    pytest.param({"hazards": ("conflict",)}, True, id="the family"),
    pytest.param({"hazards": ("conflict.armed_attack",)}, True, id="the code"),
    pytest.param({"hazards": ("conf",)}, False, id="a code is no prefix of letters"),
    pytest.param({"hazards": ("crime", "unrest")}, False, id="other families"),
    pytest.param({"phases": (Phase.OCCURRED,)}, True, id="the phase"),
    pytest.param({"phases": (Phase.PLANNED,)}, False, id="another phase"),
    pytest.param({"severity_at_least": Severity.SEVERE}, True, id="severe enough"),
    pytest.param({"severity_at_least": Severity.EXTREME}, False, id="not severe enough"),
    pytest.param({"certainty_at_least": Certainty.LIKELY}, True, id="certain enough"),
    pytest.param({"reliability_at_least": Reliability.B}, True, id="graded well enough"),
    pytest.param({"reliability_at_least": Reliability.A}, False, id="not graded well enough"),
    pytest.param({"credibility_at_least": 2}, True, id="credible enough"),
    pytest.param({"credibility_at_least": 1}, False, id="not credible enough"),
])
def test_when(incident: Incident, at: At, ruled: Ruled, touched: Touched, *, when: dict[str, object],
              expected: bool) -> None:
    """A rule is about what its `when` says, and nothing else."""
    known = replace(incident, reports=reported(Reliability.B))
    assert bool(touched(known, ruled(NEARBY, **when), at("Bamako"))) is expected


@pytest.mark.parametrize("phase", [Phase.DENIED, Phase.EXERCISE, Phase.BACKGROUND, Phase.ENDED])
def test_never_alerting_phases(incident: Incident, at: At, ruled: Ruled, touched: Touched, *, phase: Phase) -> None:
    """What is denied, exercised, over or long past touches nobody."""
    assert not touched(replace(incident, phase=phase), ruled(NEARBY), at("Bamako"))


@pytest.mark.parametrize("status", [IncidentStatus.CLEARED, IncidentStatus.EXPIRED, IncidentStatus.CANCELLED])
def test_ended_incident(incident: Incident, at: At, ruled: Ruled, touched: Touched, *, status: IncidentStatus) -> None:
    """An ended incident touches nobody any more."""
    assert not touched(replace(incident, status=status), ruled(NEARBY), at("Bamako"))


def test_consequence_matches(incident: Incident, closure: Consequence, at: At, ruled: Ruled, touched: Touched) -> None:
    """A rule matches the main hazard or any consequence, and says which."""
    closed = replace(incident, consequences=(closure,))
    assert [each.hazard for each in touched(closed, ruled(NEARBY), at("Bamako"))] == [
        "conflict.armed_attack", "transport.airport_closure"]


@pytest.mark.parametrize(("groups", "expected"), [
    pytest.param((), True, id="for everybody"),
    pytest.param(("drivers",), True, id="for one of their groups"),
    pytest.param(("china",), False, id="for others"),
])
def test_groups(incident: Incident, at: At, touched: Touched, *, groups: tuple[str, ...], expected: bool) -> None:
    """A rule for groups touches their members."""
    rule = Rule("r", When(), NEARBY, "general", (), groups=groups)
    assert bool(touched(incident, rule, at("Bamako"), groups=("mali", "drivers"))) is expected


def test_site_alone(incident: Incident, places: dict[str, Place], ruled: Ruled, touched: Touched) -> None:
    """A site is touched by itself, for the desk's list."""
    exposure, = touched(incident, ruled(NEARBY), StaffLocation("bamako-office", "office", "Bamako office",
                                                               place=places["Bamako"]))
    assert (exposure.person_id, exposure.via) == (None, "site bamako-office")


def test_ambiguous_place_reaches_nobody(incident: Incident, ambiguous: Place, at: At, ruled: Ruled,
                                        touched: Touched) -> None:
    """Where the place may well be another one, nobody is touched."""
    assert not touched(replace(incident, place=ambiguous), ruled(NEARBY), at("Bamako"))
    assert touched(replace(incident, place=replace(ambiguous, confidence=0.7)), ruled(NEARBY), at("Bamako"))


def test_no_place_reaches_nobody(incident: Incident, at: At, ruled: Ruled, touched: Touched) -> None:
    """Without a place nobody is touched, not even by a rule for the country."""
    assert not touched(replace(incident, place=None), ruled(Reach(same=("country",))), at("Bamako"))


def test_gates_in_order(incident: Incident, at: At, hazards: dict[str, Hazard], now: datetime) -> None:
    """Every gate is told with value and threshold, those that fail and those after them too."""
    rule = Rule("r", When(("conflict",), severity_at_least=Severity.EXTREME),
                Reach(within_km=((Severity.MINOR, 10.0),)), "general", (), groups=("mali",))
    staff = Index.of(Staff((), (at("Kati", groups=("mali",)),)))
    explained, = explain(incident, "p-1", rules=(rule,), staff=staff, hazards=hazards, now=now)
    assert [(each.name, each.passed, each.value, each.threshold) for each in explained.gates] == [
        ("hazard", True, "conflict.armed_attack", "conflict"),
        ("status", True, "open", "open"),
        ("phase", True, "occurred", "any that still holds"),
        ("severity", False, "Severe", "at least Extreme"),
        ("place", True, "Bamako at confidence 1.00", "a certain place"),
        ("groups", True, "mali", "mali"),
        ("time", True, "there now", "2024-09-17 09:00Z"),
        ("distance", False, "12.6 km", "10 km + 2 km"),
    ]


@pytest.mark.parametrize(("place", "reach", "gate"), [
    pytest.param("Koulikoro", Reach(within_km=((Severity.MINOR, 40.0),)), "distance", id="a little too far"),
    pytest.param("Kati", Reach(same=("city",)), "same city", id="the next city"),
])
def test_near(incident: Incident, at: At, ruled: Ruled, hazards: dict[str, Hazard], now: datetime, *, place: str,
              reach: Reach, gate: str) -> None:
    """The desk hears who is near but not touched, and by which gate."""
    staff = Index.of(Staff((), (at(place),)))
    missed, = near_of(incident, rules=(ruled(reach),), staff=staff, hazards=hazards, now=now)
    assert [each.name for each in missed.gates if not each.passed] == [gate]


def test_near_leaves_out_the_touched_and_the_far(incident: Incident, at: At, ruled: Ruled, hazards: dict[str, Hazard],
                                                 now: datetime) -> None:
    """Who is touched, or far away, is not near."""
    staff = Index.of(Staff((), (at("Bamako"), at("Kidal", person="p-2"))))
    assert not near_of(incident, rules=(ruled(NEARBY),), staff=staff, hazards=hazards, now=now)


def test_near_when_ambiguous(incident: Incident, ambiguous: Place, at: At, ruled: Ruled, hazards: dict[str, Hazard],
                             now: datetime) -> None:
    """Of an ambiguous place, those in any of the countries it may be in may be concerned."""
    staff = Index.of(Staff((), (at("Ségou"), at("Siguiri", person="p-2"))))
    found = near_of(replace(incident, place=ambiguous), rules=(ruled(NEARBY),), staff=staff, hazards=hazards, now=now)
    assert [each.location_id for each in found] == ["p-1/Ségou"]


def test_near_when_only_the_region_is_known(incident: Incident, places: dict[str, Place], at: At, ruled: Ruled,
                                            hazards: dict[str, Hazard], now: datetime) -> None:
    """Of something in a region, those in that region may be concerned."""
    staff = Index.of(Staff((), (at("Kidal"), at("Bamako", person="p-2"))))
    found = near_of(replace(incident, place=places["Kidal region"]), rules=(ruled(NEARBY),), staff=staff,
                    hazards=hazards, now=now)
    assert [each.location_id for each in found] == ["p-1/Kidal"]


def test_explain(incident: Incident, at: At, ruled: Ruled, hazards: dict[str, Hazard], now: datetime) -> None:
    """A person's rules and places are explained, those that reach them first."""
    staff = Index.of(Staff((Person("p-1", "A"),), (at("Ségou"), at("Bamako"))))
    rows = explain(incident, "p-1", rules=(ruled(NEARBY),), staff=staff, hazards=hazards, now=now)
    assert [(each.location.label if each.location else None, each.is_reached, each.failed and each.failed.name)
            for each in rows] == [("stay in Bamako", True, None), ("stay in Ségou", False, "distance")]


def test_explain_nowhere(incident: Incident, ruled: Ruled, hazards: dict[str, Hazard], now: datetime) -> None:
    """Of somebody whose place nobody knows, that is the answer."""
    row, = explain(incident, "p-9", rules=(ruled(NEARBY),), staff=Index.of(Staff()), hazards=hazards, now=now)
    assert row.failed is not None
    assert row.failed.name == "location"


# ------------------------------------------------------------------------------------------------------ properties

points = st.builds(Place, kind=st.sampled_from([PlaceKind.CITY, PlaceKind.FACILITY, PlaceKind.COUNTRY]),
                   id=st.none(), name=st.just("x"), lat=st.floats(-90, 90), lon=st.floats(-180, 180),
                   country=st.sampled_from(["ML", "GN", None]), admin1=st.sampled_from(["Bamako", None]))
kilometres = st.floats(0, 20000)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(where=st.lists(points, min_size=1, max_size=8), own=points, km=kilometres, more=kilometres,
       uncertainty=st.floats(0, 500), hours=st.floats(0, 200), starts=st.floats(-100, 100))
def test_wider_reach_loses_nobody(incident: Incident, hazards: dict[str, Hazard], now: datetime, *,
                                  where: list[Place], own: Place, km: float, more: float, uncertainty: float,
                                  hours: float, starts: float) -> None:
    """Whoever is reached is reached by every wider rule too, in km, in areas and in hours."""
    known = replace(incident, place=own, precision=None, uncertainty_km=uncertainty)
    start = now + timedelta(hours=starts)
    staff = Index.of(Staff((), tuple(StaffLocation(str(i), "stay", "x", str(i), each, start=start)
                                     for i, each in enumerate(where))))
    narrow = Reach(within_km=((Severity.MINOR, km),))
    wider = [Reach(within_km=((Severity.MINOR, km + more),)), replace(narrow, same=("country",)),
             replace(narrow, arriving_within_h=hours)]

    def reached(reach: Reach) -> set[str]:
        rule = Rule("r", When(), reach, "general", ())
        return {each.location_id for each in exposures_of(known, rules=(rule,), staff=staff, hazards=hazards, now=now)}

    assert all(reached(narrow) <= reached(each) for each in wider)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(where=st.lists(points, min_size=1, max_size=8), own=points, km=kilometres, area=st.sampled_from(
    ["city", "admin1", "country"]))
def test_matching_agrees_with_explaining(incident: Incident, hazards: dict[str, Hazard], now: datetime, *,
                                         where: list[Place], own: Place, km: float, area: str) -> None:
    """The fast way over everybody finds exactly those whose gates all pass."""
    known = replace(incident, place=own, precision=None)
    locations = tuple(StaffLocation(str(i), "stay", "x", str(i), each) for i, each in enumerate(where))
    rule = Rule("r", When(), Reach(within_km=((Severity.MINOR, km),), same=(area,)), "general", ())
    staff = Index.of(Staff((), locations))
    found = {each.location_id for each in exposures_of(known, rules=(rule,), staff=staff, hazards=hazards, now=now)}
    explained = {each.id for each in locations if explain(
        known, each.id, rules=(rule,), staff=staff, hazards=hazards, now=now)[0].is_reached}
    assert found == explained


def test_two_reports_of_one_closure(incident: Incident, closure: Consequence, at: At, ruled: Ruled,
                                    touched: Touched) -> None:
    """Two closures of one kind touch a place once by one rule, from the earlier instant."""
    longer = replace(closure, last_report_at=closure.last_report_at + timedelta(hours=20))
    both = replace(incident, consequences=(closure, longer, replace(closure, since=closure.since + timedelta(hours=1))))
    found = touched(both, ruled(NEARBY, hazards=("transport",)), at("Bamako"), at("Kati", person="p-2", start=30))
    assert [each.location_id for each in found] == ["p-1/Bamako", "p-2/Kati"]
