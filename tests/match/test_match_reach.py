"""Whom a place reaches: by distance, by area, by passage."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from advisord.model import (
    Consequence,
    Exposure,
    Incident,
    Phase,
    Place,
    PlaceKind,
    Precision,
    Reach,
    Rule,
    Severity,
    StaffLocation,
)

At = Callable[..., StaffLocation]
Ruled = Callable[..., Rule]
Touched = Callable[..., tuple[Exposure, ...]]

WITHIN = Reach(within_km=((Severity.EXTREME, "country"), (Severity.SEVERE, 100.0), (Severity.MODERATE, 20.0)))


@pytest.mark.parametrize(("severity", "place", "expected"), [
    pytest.param(Severity.SEVERE, "Kati", True, id="14 km at Severe"),
    pytest.param(Severity.SEVERE, "Ségou", False, id="208 km at Severe"),
    pytest.param(Severity.EXTREME, "Ségou", True, id="the country at Extreme"),
    pytest.param(Severity.EXTREME, "Siguiri", False, id="another country at Extreme"),
    pytest.param(Severity.MODERATE, "Kati", True, id="14 km at Moderate"),
    pytest.param(Severity.MODERATE, "Koulikoro", False, id="53 km at Moderate"),
    pytest.param(Severity.MINOR, "Kati", False, id="a severity below all that the rule lists"),
])
def test_radius_by_severity(incident: Incident, at: At, ruled: Ruled, touched: Touched, *, severity: Severity,
                            place: str, expected: bool) -> None:
    """A rule reaches as far as it says for the severity."""
    found = touched(replace(incident, severity=severity), ruled(WITHIN), at(place))
    assert bool(found) is expected


def test_worse_gets_what_lesser_gets(incident: Incident, at: At, ruled: Ruled, touched: Touched) -> None:
    """A severity that a rule does not list has the reach of the next lower one."""
    reach = Reach(within_km=((Severity.MODERATE, 20.0),))
    assert touched(replace(incident, severity=Severity.EXTREME), ruled(reach), at("Kati"))


def test_uncertainty_widens(incident: Incident, at: At, ruled: Ruled, touched: Touched) -> None:
    """A place known only to 40 km reaches 40 km further."""
    reach = Reach(within_km=((Severity.MINOR, 20.0),))
    assert not touched(incident, ruled(reach), at("Koulikoro"))
    assert touched(replace(incident, uncertainty_km=40.0), ruled(reach), at("Koulikoro"))


def test_hazard_reach_when_silent(incident: Incident, at: At, ruled: Ruled, touched: Touched) -> None:
    """A rule that says nothing about where has the hazard's own reach: 50 km for an attack, 5 km for a protest."""
    assert touched(incident, ruled(), at("Kati"))
    assert not touched(replace(incident, hazard="unrest.protest"), ruled(), at("Kati"))


def test_distance_is_kept(incident: Incident, at: At, ruled: Ruled, touched: Touched) -> None:
    """The number that made it so stands in the exposure and in its gates."""
    exposure, = touched(incident, ruled(WITHIN), at("Kati"))
    assert exposure.distance_km == pytest.approx(12.6, abs=0.3)
    assert [(each.name, each.threshold) for each in exposure.gates][-1] == ("distance", "100 km + 2 km")


@pytest.mark.parametrize(("area", "place", "expected"), [
    pytest.param("city", "Bamako", True, id="same city"),
    pytest.param("city", "Kati", False, id="the next city"),
    pytest.param("city", "point", True, id="a site by coordinates in the city"),
    pytest.param("city", "Mali", False, id="somebody known only to be in the country"),
    pytest.param("admin1", "Bamako", True, id="same region"),
    pytest.param("admin1", "Kati", False, id="the region around"),
    pytest.param("country", "Kidal", True, id="same country, 1,200 km away"),
    pytest.param("country", "Siguiri", False, id="another country, 180 km away"),
    pytest.param("country", "point", False, id="a point of no known country"),
])
def test_same_area(incident: Incident, at: At, ruled: Ruled, touched: Touched, *, area: str, place: str,
                   expected: bool) -> None:
    """An area is matched by containment, however near or far its middle is."""
    assert bool(touched(incident, ruled(Reach(same=(area,))), at(place))) is expected


@pytest.mark.parametrize(("place", "where"), [
    pytest.param("Mali", "Ségou", id="country, at any distance"),
    pytest.param("Kidal region", "Kidal", id="region, in its very middle"),
])
def test_no_distance_to_a_middle(incident: Incident, places: dict[str, Place], at: At, ruled: Ruled,
                                 touched: Touched, *, place: str, where: str) -> None:
    """An attack known only to be in a country or region reaches nobody by distance."""
    reach = Reach(within_km=((Severity.MINOR, 5000.0),))
    assert not touched(replace(incident, place=places[place], precision=None), ruled(reach), at(where))


def test_coarse_precision_counts(incident: Incident, at: At, ruled: Ruled, touched: Touched) -> None:
    """A city's point given for what is known to the region alone is no point either."""
    coarse = replace(incident, precision=Precision.ADMIN1)
    assert not touched(coarse, ruled(Reach(within_km=((Severity.MINOR, 100.0),))), at("Bamako"))
    assert touched(coarse, ruled(Reach(same=("admin1",))), at("Bamako"))


@pytest.mark.parametrize(("place", "where", "expected"), [
    pytest.param("Mali", "Kidal", True, id="nationwide: anywhere in the country"),
    pytest.param("Mali", "Siguiri", False, id="nationwide: not across the border"),
    pytest.param("Kidal region", "Kidal", True, id="regional: in the region"),
    pytest.param("Kidal region", "Bamako", False, id="regional: not elsewhere in the country"),
])
def test_order_holds_in_its_area(incident: Incident, places: dict[str, Place], at: At, ruled: Ruled,
                                 touched: Touched, *, place: str, where: str, expected: bool) -> None:
    """An order that names a country or region touches everybody there, also where the rule counts in km."""
    curfew = replace(incident, hazard="order.curfew", place=places[place], precision=None)
    assert bool(touched(curfew, ruled(), at(where))) is expected
    assert bool(touched(curfew, ruled(Reach(within_km=((Severity.MINOR, 25.0),))), at(where))) is expected


def test_traveller_known_to_the_country(incident: Incident, at: At, ruled: Ruled, touched: Touched) -> None:
    """Somebody known only to be in Mali is not near everything in Mali."""
    assert not touched(incident, ruled(Reach(within_km=((Severity.MINOR, 3000.0),))), at("Mali"))


@pytest.mark.parametrize(("leaves", "expected"), [
    pytest.param(71.0, True, id="leaves within the window"),
    pytest.param(97.0, False, id="leaves after window and closure"),
    pytest.param(-0.5, True, id="was due out half an hour ago, after it closed"),
    pytest.param(-5.0, False, id="left before it closed"),
])
def test_flying_through(incident: Incident, closure: Consequence, flying: At, ruled: Ruled, touched: Touched, *,
                        leaves: float, expected: bool) -> None:
    """A closed airport touches whoever flies through it within the rule's hours, wherever they are now."""
    closed = replace(incident, consequences=(closure,))
    found = touched(closed, ruled(Reach(flying_through_h=72), hazards=("transport",)),
                    flying("BKO", "CDG", leaves=leaves))
    assert bool(found) is expected


def test_passage_is_told(incident: Incident, closure: Consequence, flying: At, ruled: Ruled,
                         touched: Touched) -> None:
    """An exposure by air says which airport and when."""
    leg = flying("CDG", "BKO", leaves=3)
    exposure, = touched(replace(incident, consequences=(closure,)),
                        ruled(Reach(flying_through_h=72), hazards=("transport",)), leg)
    assert (exposure.airport_id, exposure.passes_at) == ("icao:GABS", leg.end)


def test_transit(incident: Incident, closure: Consequence, flying: At, ruled: Ruled, touched: Touched) -> None:
    """An airport between the first and the last counts too, at an unknown time of the flight."""
    exposure, = touched(replace(incident, consequences=(closure,)),
                        ruled(Reach(flying_through_h=72), hazards=("transport",)),
                        flying("DSS", "BKO", "CDG", leaves=3))
    assert (exposure.airport_id, exposure.passes_at) == ("icao:GABS", None)


def test_other_airport(incident: Incident, closure: Consequence, flying: At, ruled: Ruled, touched: Touched) -> None:
    """Another airport of the same country does not count."""
    assert not touched(replace(incident, consequences=(closure,)),
                       ruled(Reach(flying_through_h=72), hazards=("transport",)), flying("GAQ", "DSS", leaves=3))


@pytest.mark.parametrize(("airports", "expected"), [
    pytest.param(("GAQ", "DSS"), True, id="from the country"),
    pytest.param(("CDG", "BKO"), True, id="to the country"),
    pytest.param(("CDG", "DSS"), False, id="not through it"),
])
def test_closed_airspace(incident: Incident, places: dict[str, Place], flying: At, ruled: Ruled, touched: Touched, *,
                         airports: tuple[str, ...], expected: bool) -> None:
    """A closed airspace touches flights through every airport of the country."""
    closed = replace(incident, hazard="transport.airspace_closure", place=places["Mali"], precision=Precision.COUNTRY)
    assert bool(touched(closed, ruled(Reach(flying_through_h=72)), flying(*airports, leaves=3))) is expected


def test_closure_known_to_the_city(incident: Incident, flying: At, ruled: Ruled, touched: Touched) -> None:
    """"The airport of Bamako" closes Bamako's airport though nobody wrote its name."""
    closed = replace(incident, hazard="transport.airport_closure")
    assert touched(closed, ruled(Reach(flying_through_h=72)), flying("BKO", "CDG", leaves=3))
    assert not touched(closed, ruled(Reach(flying_through_h=72)), flying("GAQ", "DSS", leaves=3))


def test_closure_reaches_no_distance(incident: Incident, closure: Consequence, at: At, flying: At, ruled: Ruled,
                                     touched: Touched) -> None:
    """A closure under a rule that says nothing about where touches who flies, not who lives beside it."""
    closed = replace(incident, consequences=(closure,))
    found = touched(closed, ruled(hazards=("transport",)), at("Bamako"), flying("BKO", "CDG", leaves=3))
    assert [each.location_id for each in found] == ["p-1/flight"]


def test_attack_does_not_reach_a_flight(incident: Incident, flying: At, ruled: Ruled, touched: Touched) -> None:
    """A rule by distance is about where people stay."""
    assert not touched(incident, ruled(WITHIN), flying("BKO", "CDG", leaves=3))


@pytest.mark.parametrize(("start", "end", "expected", "later"), [
    pytest.param(-24.0, 24.0, True, False, id="there now"),
    pytest.param(None, None, True, False, id="always there"),
    pytest.param(-48.0, -1.0, False, False, id="left"),
    pytest.param(24.0, 72.0, True, True, id="arrives while it lasts"),
    pytest.param(72.0, 96.0, False, False, id="arrives after it"),
])
def test_trip_windows(incident: Incident, at: At, ruled: Ruled, touched: Touched, *, start: float | None,
                      end: float | None, expected: bool, later: bool) -> None:
    """A trip counts while it lasts, and beforehand with the instant from which it will."""
    location = at("Bamako", start=start, end=end)
    found = touched(incident, ruled(WITHIN), location)
    assert bool(found) is expected
    assert [each.starts_at for each in found] == ([location.start] if later else [None] * len(found))


@pytest.mark.parametrize(("start", "later"), [
    pytest.param(20.0, None, id="within the hours: now"),
    pytest.param(30.0, 6.0, id="later: when the hours begin"),
])
def test_arriving(incident: Incident, at: At, ruled: Ruled, touched: Touched, *, start: float, later: float | None,
                  ) -> None:
    """Somebody arriving within the rule's hours is touched before they set out."""
    reach = replace(WITHIN, arriving_within_h=24)
    location = at("Bamako", start=start, end=90.0)
    exposure, = touched(incident, ruled(reach), location)
    assert location.start is not None
    expected = None if later is None else location.start - timedelta(hours=24)
    assert exposure.starts_at == expected


def test_landing(incident: Incident, flying: At, ruled: Ruled, touched: Touched) -> None:
    """A rule for arrivals counts where a flight lands, not where it starts."""
    reach = Reach(arriving_within_h=24)
    assert touched(incident, ruled(reach), flying("CDG", "BKO", leaves=3))
    assert not touched(incident, ruled(reach), flying("BKO", "CDG", leaves=3))


def test_ended_consequence(incident: Incident, closure: Consequence, flying: At, ruled: Ruled,
                           touched: Touched) -> None:
    """A closure that has ended touches nobody new, unless a rule asks for nothing but ends."""
    over = replace(incident, consequences=(replace(closure, phase=Phase.ENDED, ended_at=closure.since),))
    leg = flying("BKO", "CDG", leaves=3)
    reach = Reach(flying_through_h=72)
    assert not touched(over, ruled(reach, hazards=("transport",), phases=(Phase.ONGOING, Phase.ENDED)), leg)
    assert touched(over, ruled(reach, hazards=("transport",), phases=(Phase.ENDED,)), leg)


def test_facility_in_its_city(incident: Incident, at: At, ruled: Ruled, touched: Touched) -> None:
    """A facility belongs to the city that its gazetteer row names."""
    school = Place(PlaceKind.FACILITY, "osm:1", "Gendarmerie school", 12.61, -7.95, "ML", parent="geonames:Bamako")
    assert touched(replace(incident, place=school), ruled(Reach(same=("city",))), at("Bamako"))
