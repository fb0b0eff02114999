"""Place × Place -> bool: containment by name and id, never by the distance to an area's middle (FEATURES row 33)."""
from __future__ import annotations

from advisord.geo import distance_km
from advisord.model import Place, PlaceKind

# A site given by coordinates alone has no city; half the width of a large city stands in for the city limits
CITY_RADIUS_KM = 15.0
# An airport is its city's when its gazetteer says so, or else this near: Malpensa lies 46 km off, most under 40
CITY_AIRPORT_KM = 40.0


def shares(area: str, one: Place, other: Place) -> bool:
    """Whether both lie in the same "city", "admin1" or "country"; unknown is no."""
    if area == "country":
        return one.country is not None and one.country == other.country
    if area == "admin1":
        return shares("country", one, other) and _admin1(one) is not None and _admin1(one) == _admin1(other)
    return _same_city(one, other)


def holds(area: Place, other: Place) -> bool:
    """Whether a country or first-level division holds the other place; a region of no admin code holds nothing."""
    if area.kind is PlaceKind.COUNTRY:
        return shares("country", area, other)
    return area.kind is PlaceKind.ADMIN1 and shares("admin1", area, other)


def serves(airport: Place, city: Place, *, slack_km: float = 0.0) -> bool:
    """Whether an airport is that city's, by the gazetteer or by nearness."""
    if airport.parent is not None and airport.parent in {city.id, city.parent}:
        return True
    apart = apart_km(airport, city)
    return apart is not None and apart <= CITY_AIRPORT_KM + slack_km


def apart_km(one: Place, other: Place) -> float | None:
    """The distance between two points in km; null where one of them has none."""
    if one.lat is None or one.lon is None or other.lat is None or other.lon is None:
        return None
    return distance_km(one.lat, one.lon, other.lat, other.lon)


def _admin1(place: Place) -> str | None:
    name = place.admin1 or (place.name if place.kind is PlaceKind.ADMIN1 else None)
    return name.casefold() if name else None


def _city_id(place: Place) -> str | None:
    return place.id if place.kind is PlaceKind.CITY else place.parent


def _same_city(one: Place, other: Place) -> bool:
    if PlaceKind.COUNTRY in {one.kind, other.kind} or PlaceKind.ADMIN1 in {one.kind, other.kind}:
        return False
    ids = _city_id(one), _city_id(other)
    if None not in ids:
        return ids[0] == ids[1]
    apart = apart_km(one, other)
    return apart is not None and apart <= CITY_RADIUS_KM
