"""Places by name, code, id, and by what lies near or around them."""
from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisord.gazetteer import Gazetteer
from advisord.geo import distance_km
from advisord.model import PlaceKind
from advisord.text.fold import fold


@pytest.mark.parametrize(("name", "place_id"), [
    pytest.param("Bamako, ML", "geonames:2460596", id="city and country code"),
    pytest.param("bamako, mali", "geonames:2460596", id="city and country"),
    pytest.param("Ségou, ML", "geonames:2451478", id="accents"),
    pytest.param("Segou, ML", "geonames:2451478", id="without accents"),
    pytest.param("Springfield, Illinois", "geonames:4250542", id="city and division"),
    pytest.param("Paris, TX", "geonames:4717560", id="city and state code"),
    pytest.param("Paris", "geonames:2988507", id="the greatest of a name"),
    pytest.param("BKO", "icao:GABS", id="IATA code"),
    pytest.param("GABS", "icao:GABS", id="ICAO code"),
    pytest.param("Mali", "iso:ML", id="country"),
    pytest.param("باماكو", "geonames:2460596", id="Arabic"),
    pytest.param("Київ", "geonames:703448", id="Cyrillic"),
    pytest.param("東京都", "geonames:1850147", id="Han"),
    pytest.param("West Bank", "region:west-bank", id="region"),
    pytest.param("iso:US-TX", "iso:US-TX", id="an id"),
])
def test_a_configured_name_finds_its_place(gazetteer: Gazetteer, name: str, place_id: str) -> None:
    """What an operator writes for a place finds it first."""
    assert gazetteer.named(name)[0].id == place_id


@pytest.mark.parametrize("name", ["", ",", "Nowhere-in-Particular", "Bamako, FR", "bko", "  ", "iso:", "x" * 5000])
def test_what_is_no_name_finds_nothing(gazetteer: Gazetteer, name: str) -> None:
    """A slip in the configuration is told as unknown, never taken for some village."""
    assert gazetteer.named(name) == ()


def test_a_country_narrows_a_name(gazetteer: Gazetteer) -> None:
    """The country given beside a name decides."""
    assert {place.country for place in gazetteer.named("Georgia", country="GE")} == {"GE"}
    assert gazetteer.named("Bamako", country="FR") == ()


def test_airports_by_code(gazetteer: Gazetteer) -> None:
    """Both kinds of airport codes work, in capitals."""
    airport = gazetteer.airport("BKO")
    assert airport is not None
    assert (airport.id, airport.kind, airport.country) == ("icao:GABS", PlaceKind.AIRPORT, "ML")
    assert gazetteer.airport("GABS") == airport
    assert gazetteer.airport("Bamako") is None
    assert gazetteer.airport("bko") is None


def test_a_city_knows_its_airports_and_what_it_lies_in(gazetteer: Gazetteer) -> None:
    """From a city to its airport, its division and its country."""
    bamako = gazetteer.named("Bamako, ML")[0]
    assert gazetteer.airports_of(bamako)[0].id == "icao:GABS"
    assert [place.id for place in gazetteer.containing(bamako)] == ["iso:ML-BKO", "iso:ML"]


@pytest.mark.parametrize(("lat", "lon", "km"), [(12.65, -8.0, 20.0), (0.0, 179.99, 900.0), (78.22, 15.6, 60.0)],
                         ids=["a city", "over the date line", "far north"])
def test_near_is_sorted_and_complete(gazetteer: Gazetteer, lat: float, lon: float, km: float) -> None:
    """Everything within the distance is told, the nearest first, also over the date line and near the pole."""
    found = gazetteer.near(lat, lon, km)
    distances = [distance_km(lat, lon, place.lat or 0, place.lon or 0) for place in found]
    assert distances == sorted(distances)
    assert all(distance <= km for distance in distances)
    kinds = {PlaceKind.CITY, PlaceKind.AIRPORT}
    wanted = sum(distance_km(lat, lon, *gazetteer.point(row)) <= km for row in range(len(gazetteer))
                 if gazetteer.kinds[gazetteer.kind[row]] in kinds)
    assert len(found) == wanted


@given(st.data())
@settings(max_examples=60)
def test_ids_and_rows_belong_together(gazetteer: Gazetteer, data: st.DataObject) -> None:
    """Every row's id finds that row again, and its point is on the globe."""
    row = data.draw(st.integers(0, len(gazetteer) - 1))
    assert gazetteer.row_of(gazetteer.id_of(row)) == row
    place = gazetteer.place(gazetteer.id_of(row))
    assert place is not None
    assert place.lat is not None
    assert place.lon is not None
    assert -90 <= place.lat <= 90
    assert -180 <= place.lon <= 180
    assert place.name


def test_every_country_has_a_row_and_no_place_is_at_nought(gazetteer: Gazetteer) -> None:
    """All countries that cities lie in are known by code, and nothing unknown stands at 0, 0."""
    known = {gazetteer.id_of(row) for row in gazetteer.country_row.values()}
    city = gazetteer.kinds.index(PlaceKind.CITY)
    lived_in = {gazetteer.country[row] for row in range(len(gazetteer)) if gazetteer.kind[row] == city}
    assert {f"iso:{gazetteer.countries[country]}" for country in lived_in} <= known
    assert not [row for row in range(len(gazetteer)) if gazetteer.lat[row] == 0 and gazetteer.lon[row] == 0]


@pytest.mark.parametrize(("text", "name"), [
    pytest.param("Fighting near Deir ez-Zor", "Deir ez-Zor", id="hyphens"),
    pytest.param("вибухи у Харків", "Харків", id="Cyrillic"),
    pytest.param("انفجار في بغداد", "بغداد", id="Arabic"),
    pytest.param("وفي الخرطوم", "الخرطوم", id="Arabic with article"),
    pytest.param("NEW\nYORK", "NEW\nYORK", id="over a line break"),
])
def test_names_are_found_in_text(gazetteer: Gazetteer, text: str, name: str) -> None:
    """A name in running text is found whole, in any script."""
    assert name in [text[start:end] for start, end, _ in gazetteer.scan(fold(text))]


def test_small_letters_are_no_names_where_case_tells(gazetteer: Gazetteer) -> None:
    """With the text as written, what begins with a small letter is not looked at."""
    text = "reading in Reading"
    assert [start for start, _, _ in gazetteer.scan(fold(text), text)] == [11]
