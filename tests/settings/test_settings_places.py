"""Places as operators write them."""
from __future__ import annotations

from typing import Any

import pytest

from advisord.model import PlaceKind
from advisord.settings.places import PlaceError, Resolver
from advisord.settings.shape.staff import Point


@pytest.fixture
def resolver(known: Any) -> Resolver:
    """Asks the shipped gazetteer."""
    return Resolver(known.gazetteer)


@pytest.mark.parametrize(("written", "found"), [
    ("Bamako, ML", "geonames:2460596"), ("Bamako", "geonames:2460596"), ("bamako, Mali", "geonames:2460596"),
    ("Segou, ML", "geonames:2451478"), ("Ségou, ML", "geonames:2451478"), ("Tombouctou, ML", "geonames:2449067"),
    ("BKO", "icao:GABS"), ("GABS", "icao:GABS"), ("Springfield, Illinois, US", "geonames:4250542"),
    ("Paris", "geonames:2988507"), ("San José, CR", "geonames:3621849"), ("Mali", "iso:ML"), ("ML", "iso:ML"),
    ("Singapore", "geonames:1880252"),
])
def test_a_place_is_found_by_how_people_write_it(resolver: Resolver, written: str, found: str) -> None:
    """Towns by name with or without country, in any accent; airports by either code; a country by name or code."""
    assert resolver.place(written).id == found


@pytest.mark.parametrize("written", ["12.622, -7.985", "12.622 -7.985", "12.622;-7.985"])
def test_coordinates_know_the_country_around_them(resolver: Resolver, written: str) -> None:
    """A site given in degrees is still in Mali, and in Bamako, for rules that go by those."""
    place = resolver.place(written)
    assert (place.kind, place.lat, place.lon) == (PlaceKind.FACILITY, 12.622, -7.985)
    assert (place.country, place.parent) == ("ML", "geonames:2460596")


def test_coordinates_can_be_a_map(resolver: Resolver) -> None:
    """`{lat: …, lon: …}` says the same as text."""
    assert resolver.place(Point(lat=12.622, lon=-7.985)) == resolver.place("12.622, -7.985")


def test_coordinates_far_from_any_town_have_no_country(resolver: Resolver) -> None:
    """A ship in the South Atlantic is nowhere in particular."""
    place = resolver.place("-40.0, -20.0")
    assert (place.country, place.parent, place.name) == (None, None, "-40, -20")


@pytest.mark.parametrize(("written", "words"), [
    ("Springfield, US", "Springfield, Missouri, US (37.22, -93.30)"), ("San José", "San José, San José, CR"),
    ("Victoria", "Hong Kong"), ("Tripoli", "LB (34.43, 35.84)"),
])
def test_a_name_that_could_be_two_places_is_refused(resolver: Resolver, written: str, words: str) -> None:
    """I am told which towns it could be, rather than have one guessed for me."""
    with pytest.raises(PlaceError, match="could be") as told:
        resolver.place(written)
    assert words in str(told.value)


@pytest.mark.parametrize(("written", "words"), [
    ("Bamko, ML", "did you mean 'Bamako'?"), ("Bamako, SN", "in SN, but in ML"), ("Bamako, XX", "not a country"),
    ("112, 200", "nowhere on earth"), ("Qwxzv", "no place called 'Qwxzv' is known ("),
])
def test_a_place_that_is_not_there_is_told_with_what_helps(resolver: Resolver, written: str, words: str) -> None:
    """A slip of the pen is met with the right spelling, a wrong country with the right one."""
    with pytest.raises(PlaceError) as told:
        resolver.place(written)
    assert words in str(told.value)


@pytest.mark.parametrize("code", ["XQX", "bko", "Paris", "", "B"])
def test_only_a_code_is_an_airport_of_a_flight(resolver: Resolver, code: str) -> None:
    """A flight names airports by code, since a town may have three."""
    with pytest.raises(PlaceError, match="not the code of a known airport"):
        resolver.airport(code)


@pytest.mark.parametrize(("code", "iata"), [
    pytest.param("BKO", "BKO", id="by its IATA code"),
    pytest.param("GABS", None, id="by its ICAO code alone"),
])
def test_airport_as_people_know_it(resolver: Resolver, *, code: str, iata: str | None) -> None:
    """An airport of a journey has the city's name, and the code where it was written so."""
    airport = resolver.airport(code)
    assert (airport.city, airport.iata) == ("Bamako", iata)
