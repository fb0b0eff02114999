"""People and an incident in Mali, and `touched`: who is reached by a rule, in the shortest words."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from advisord.match.exposures import Index, exposures_of
from advisord.model import (
    Alternative,
    Certainty,
    Consequence,
    Exposure,
    Hazard,
    Incident,
    Person,
    Phase,
    Place,
    PlaceKind,
    Precision,
    Reach,
    Rule,
    Severity,
    Staff,
    StaffLocation,
    Urgency,
    When,
)

NOW = datetime(2024, 9, 17, 9, 0, tzinfo=UTC)
HAZARDS = {each.code: each for each in (
    Hazard("conflict.armed_attack", "Security", Severity.SEVERE, 50, 48),
    Hazard("unrest.protest", "Security", Severity.MINOR, 5, 24),
    Hazard("transport.airport_closure", "Transport", Severity.SEVERE, 0, 24),
    Hazard("transport.airspace_closure", "Transport", Severity.SEVERE, 0, 24, areal=True),
    Hazard("transport.border_closure", "Transport", Severity.MODERATE, 0, 96, areal=True),
    Hazard("order.curfew", "Security", Severity.MODERATE, 25, 72, areal=True),
)}


def city(name: str, lat: float, lon: float, country: str = "ML", admin1: str | None = None) -> Place:
    """A city with an id made of its name."""
    return Place(PlaceKind.CITY, f"geonames:{name}", name, lat, lon, country, admin1 or name)


PLACES = {
    "Bamako": city("Bamako", 12.65, -8.0),
    "Kati": city("Kati", 12.74, -8.07, admin1="Koulikoro"),
    "Ségou": city("Ségou", 13.43, -6.26),
    "Koulikoro": city("Koulikoro", 12.86, -7.56, admin1="Koulikoro"),
    "Siguiri": city("Siguiri", 11.42, -9.17, "GN", "Kankan"),
    "Mali": Place(PlaceKind.COUNTRY, "iso:ML", "Mali", 17.0, -4.0, "ML"),
    "Kidal region": Place(PlaceKind.ADMIN1, "geonames:kidal", "Kidal", 18.44, 1.41, "ML", "Kidal"),
    "Kidal": city("Kidal", 18.44, 1.41),
    "point": Place(PlaceKind.FACILITY, None, None, 12.66, -8.01, None),
    "BKO": Place(PlaceKind.AIRPORT, "icao:GABS", "Modibo Keita International Airport", 12.53, -7.95, "ML",
                 "Koulikoro", parent="geonames:Bamako"),
    "CDG": Place(PlaceKind.AIRPORT, "icao:LFPG", "Charles de Gaulle Airport", 49.01, 2.55, "FR"),
    "DSS": Place(PlaceKind.AIRPORT, "icao:GOBD", "Blaise Diagne International Airport", 14.67, -17.07, "SN"),
    "GAQ": Place(PlaceKind.AIRPORT, "icao:GAGO", "Gao International Airport", 16.25, 0.0, "ML"),
}


@pytest.fixture
def places() -> dict[str, Place]:
    """The places by short names."""
    return PLACES


@pytest.fixture
def incident() -> Incident:
    """An armed attack in Bamako this morning, nothing else known."""
    return Incident(
        id="ML-2024-0917-1", hazard="conflict.armed_attack", phase=Phase.OCCURRED, severity=Severity.SEVERE,
        urgency=Urgency.IMMEDIATE, certainty=Certainty.OBSERVED, opened_at=NOW - timedelta(hours=1),
        last_report_at=NOW - timedelta(minutes=20), reports=(), place=PLACES["Bamako"], precision=Precision.CITY,
        uncertainty_km=2.0, credibility=2, origins=2)


@pytest.fixture
def closure() -> Consequence:
    """The airport of Bamako closed because of it."""
    return Consequence("transport.airport_closure", Phase.ONGOING, Severity.SEVERE, PLACES["BKO"],
                       NOW - timedelta(minutes=40), NOW - timedelta(minutes=20))


@pytest.fixture
def ambiguous() -> Place:
    """Bamako as a place that may well be another."""
    return replace(PLACES["Bamako"], confidence=0.4,
                   alternatives=(Alternative("geonames:x", "Bamako", "CI", 0.35),))


def stay(place: str, *, start: float | None = None, end: float | None = None, person: str = "p-1",
         groups: tuple[str, ...] = ()) -> StaffLocation:
    """Somebody at a place, from and until so many hours from now."""
    return StaffLocation(f"{person}/{place}", "stay", f"stay in {place}", person, PLACES[place],
                         start=None if start is None else NOW + timedelta(hours=start),
                         end=None if end is None else NOW + timedelta(hours=end), groups=groups)


def flight(*airports: str, leaves: float, lasts: float = 6, person: str = "p-1") -> StaffLocation:
    """A flight over these airports, leaving in so many hours."""
    return StaffLocation(f"{person}/flight", "flight", "XX1 " + "-".join(airports), person,
                         airports=tuple(PLACES[each] for each in airports), start=NOW + timedelta(hours=leaves),
                         end=NOW + timedelta(hours=leaves + lasts))


def rule(reach: Reach | None = None, **when: object) -> Rule:
    """A rule with that reach, about anything unless said."""
    return Rule("rule-1", When(**when), reach or Reach(), "general", ("email",))  # type: ignore[arg-type]


Touched = Callable[..., tuple[Exposure, ...]]


@pytest.fixture
def touched() -> Touched:
    """The exposures of an incident under one rule, for these locations."""

    def of(incident: Incident, rule: Rule, *locations: StaffLocation, groups: tuple[str, ...] = ()) -> tuple[
            Exposure, ...]:
        people = tuple(Person(each, each, groups) for each in dict.fromkeys(
            location.person for location in locations if location.person))
        return exposures_of(incident, rules=(rule,), staff=Index.of(Staff(people, locations)), hazards=HAZARDS, now=NOW)

    return of


@pytest.fixture
def at() -> Callable[..., StaffLocation]:
    """Makes a stay."""
    return stay


@pytest.fixture
def flying() -> Callable[..., StaffLocation]:
    """Makes a flight."""
    return flight


@pytest.fixture
def ruled() -> Callable[..., Rule]:
    """Makes a rule."""
    return rule


@pytest.fixture
def now() -> datetime:
    """The instant of all these tests."""
    return NOW


@pytest.fixture
def hazards() -> dict[str, Hazard]:
    """The hazards that these tests need."""
    return HAZARDS
