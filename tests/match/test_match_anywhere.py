"""What a long past is sifted with: it never says no where matching says yes."""
from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from advisord.match.anywhere import Anywhere
from advisord.match.exposures import Index, exposures_of, near_of
from advisord.model import (
    Alternative,
    Certainty,
    Hazard,
    Incident,
    Mention,
    Phase,
    Place,
    PlaceKind,
    Precision,
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

NOW = datetime(2026, 3, 10, 8, tzinfo=UTC)
HAZARDS = {"conflict.armed_attack": Hazard("conflict.armed_attack", "Security", Severity.SEVERE, 50, 48)}
severities = st.sampled_from([Severity.EXTREME, Severity.SEVERE, Severity.MINOR])
points = st.tuples(st.floats(-3, 3), st.floats(-3, 3))


@st.composite
def places(draw: Any, kinds: tuple[PlaceKind, ...] = tuple(PlaceKind)) -> Place:
    """A place within some hundred kilometres of all others, in one of two countries or in none."""
    lat, lon = draw(points)
    measured = draw(st.booleans())
    country = draw(st.sampled_from(["ML", "NE", None])) if measured else draw(st.sampled_from(["ML", "NE"]))
    others = (Alternative("other", "Other", draw(st.sampled_from(["ML", "NE"])), 0.3),) if draw(st.booleans()) else ()
    return Place(draw(st.sampled_from(kinds)), id="x", name="Somewhere", lat=lat if measured else None,
                 lon=lon if measured else None, country=country, admin1=draw(st.sampled_from(["A", "B"])),
                 confidence=draw(st.sampled_from([0.3, 0.9])), alternatives=others)


@st.composite
def rules(draw: Any) -> Rule:
    """A rule that measures, asks for an area, does both or leaves it to the hazard."""
    values = st.sampled_from([5.0, 60.0, "country", "admin1", "city"])
    within = tuple(draw(st.dictionaries(severities, values, max_size=2)).items())
    return Rule("r", When(severity_at_least=draw(st.none() | severities)), Reach(
        within_km=within, same=draw(st.sampled_from([(), ("city",), ("admin1",), ("country",)])),
        flying_through_h=draw(st.sampled_from([None, 72.0]))), "general", ())


@st.composite
def incidents(draw: Any) -> Incident:
    """One report's incident."""
    place, severity = draw(places()), draw(severities)
    precision = draw(st.sampled_from([Precision.CITY, Precision.ADMIN1, Precision.COUNTRY]))
    unsure = draw(st.sampled_from([0.0, 40.0]))
    told = Report("conflict.armed_attack", Phase.OCCURRED, severity, Urgency.IMMEDIATE, Certainty.OBSERVED,
                  place=Mention("text", 0, 1, "x", place), precision=precision, uncertainty_km=unsure)
    report = SourcedReport("r", "a", "f", "o", Reliability.B, official=False, seen_at=NOW, report=told)
    return Incident("i", told.hazard, told.phase, severity, told.urgency, told.certainty, NOW, NOW, (report,),
                    place=place, precision=precision, uncertainty_km=unsure)


@st.composite
def staff(draw: Any) -> Staff:
    """Somebody at a place, and somebody who flies between two airports."""
    home = draw(places((PlaceKind.CITY,)))
    airports = tuple(draw(places((PlaceKind.AIRPORT,))) for _ in range(2))
    return Staff(locations=(
        StaffLocation("home", "home", "home", "p", home),
        StaffLocation("flight", "flight", "XX1", "q", airports=airports, start=NOW + timedelta(hours=5),
                      end=NOW + timedelta(hours=9))))


@settings(max_examples=400, deadline=None)
@given(incident=incidents(), rule=rules(), people=staff())
def test_what_matching_finds_is_never_sifted_out(incident: Incident, rule: Rule, people: Staff) -> None:
    """Whoever is touched or near is concerned; most others are not even looked at."""
    index = Index.of(people)
    found = (exposures_of(incident, rules=(rule,), staff=index, hazards=HAZARDS, now=NOW)
             or near_of(incident, rules=(rule,), staff=index, hazards=HAZARDS, now=NOW))
    assert not found or Anywhere.of(index, (rule,), HAZARDS).could_concern(incident)


def test_the_other_side_of_the_world_concerns_nobody() -> None:
    """A flood where nobody ever is, is not looked at."""
    here = Staff(locations=(StaffLocation("h", "home", "h", "p", Place(PlaceKind.CITY, "x", "X", 1, 1, "ML")),))
    told = Report("conflict.armed_attack", Phase.OCCURRED, Severity.SEVERE, Urgency.IMMEDIATE, Certainty.OBSERVED,
                  place=Mention("text", 0, 1, "y", Place(PlaceKind.CITY, "y", "Y", 40, 100, "CN")))
    report = SourcedReport("r", "a", "f", "o", Reliability.B, official=False, seen_at=NOW, report=told)
    incident = Incident("i", told.hazard, told.phase, told.severity, told.urgency, told.certainty, NOW, NOW, (report,))
    rule = Rule("r", When(), Reach(same=("country",)), "general", ())
    assert not Anywhere.of(Index.of(here), (rule,), HAZARDS).could_concern(incident)
