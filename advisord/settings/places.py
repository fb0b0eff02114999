"""What operators write for a place -> a Place with coordinates: a name, an airport's code, or degrees.

Its own module because sites, homes, stays and flights all ask the same way, and because a name that could be two places
must never be guessed at: whoever is put into the wrong town is told nothing when it matters.
"""
from __future__ import annotations

import re
from dataclasses import replace
from math import inf

from rapidfuzz import fuzz, process

from advisord.gazetteer import Gazetteer
from advisord.geo import distance_km
from advisord.model import Place, PlaceKind
from advisord.settings.faults import quoted
from advisord.settings.shape.staff import MAX_LAT, MAX_LON, Point
from advisord.text.fold import fold

_DEGREES = re.compile(r"([-+]?\d{1,3}(?:\.\d+)?)\s*[,;\s]\s*([-+]?\d{1,3}(?:\.\d+)?)")
_CODE = re.compile(r"[A-Z]{3}|[A-Z0-9]{4}")
_IATA_LENGTH = 3
_COUNTRY = re.compile(r"[A-Z]{2}")
_MOST_LISTED = 4
_SAME_KM = 50  # namesakes nearer than this are one town and its district for our purpose
# How many times as many people must live in the town that is meant as in its next namesake, where the country is said
# and where it isn't: "San José" alone is not taken for the one in California (3 times that of Costa Rica).
_CLEARLY = {True: 3, False: 10}
_AROUND_KM = 100  # coordinates get the country and province of the nearest town within this
_INSIDE_KM = 10  # and belong to it within this
_ALIKE = 75  # rapidfuzz ratio, 0..100, from which a name is suggested
_SUGGESTED_FROM = 1000  # people


class PlaceError(Exception):
    """A place that can't be told for certain; the message is for the operator."""


class Resolver:
    """Asks the gazetteer once for each spelling, since thousands of people live in the same few towns."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        self._known: dict[str | Point, Place | PlaceError] = {}
        self._codes: dict[str, Place | None] = {}

    def place(self, written: str | Point) -> Place:
        """The place; PlaceError where there is none or more than one."""
        if written not in self._known:
            try:
                self._known[written] = self._asked(written)
            except PlaceError as error:
                self._known[written] = error
        found = self._known[written]
        if isinstance(found, PlaceError):
            raise found
        return found

    def airport(self, code: str) -> Place:
        """The airport of a code; PlaceError where there is none."""
        if code not in self._codes:
            self._codes[code] = self._airport(code) if _CODE.fullmatch(code) else None
        found = self._codes[code]
        if found is None:
            raise PlaceError(f"{quoted(code)} is not the code of a known airport (write IATA or ICAO: BKO or GABS)")
        return found

    def _airport(self, code: str) -> Place | None:
        """With the code and the city's name, by which people know it better than by its own."""
        found = self._gazetteer.airport(code)
        if found is None:
            return None
        city = self._gazetteer.place(found.parent) if found.parent else None
        return replace(found, iata=code if len(code) == _IATA_LENGTH else None, city=city.name if city else None)

    def _asked(self, written: str | Point) -> Place:
        if isinstance(written, Point):
            return self._point(written.lat, written.lon)
        degrees = _DEGREES.fullmatch(written)
        if degrees:
            return self._point(float(degrees[1]), float(degrees[2]))
        if _CODE.fullmatch(written) and (airport := self._airport(written)):
            return airport
        return self._named(written)

    def _point(self, lat: float, lon: float) -> Place:
        """Coordinates as they are, with the province and country of the nearest town, for rules that go by those."""
        if abs(lat) > MAX_LAT or abs(lon) > MAX_LON:
            raise PlaceError(f"{lat:g}, {lon:g} is nowhere on earth (latitude -90 to 90 first, then longitude -180 to "
                             "180)")
        written = f"{lat:g}, {lon:g}"
        town = next((near for near in self._gazetteer.near(lat, lon, _AROUND_KM) if near.kind is PlaceKind.CITY), None)
        if town is None:
            return Place(PlaceKind.FACILITY, name=written, lat=lat, lon=lon)
        inside = _apart_km(town, lat, lon) <= _INSIDE_KM
        return Place(PlaceKind.FACILITY, name=town.name if inside else written, lat=lat, lon=lon, country=town.country,
                     admin1=town.admin1, parent=town.id if inside else None)

    def _named(self, written: str) -> Place:
        head, _, last = (part.strip() for part in written.rpartition(","))
        country = self._country(last) if head else None
        name = head if country else written
        found = self._gazetteer.named(name, country)
        if _COUNTRY.fullmatch(written) and (whole := self._gazetteer.place(f"iso:{written}")):
            return whole
        nation = next((place for place in found if place.kind is PlaceKind.COUNTRY), None)
        if nation and not head:  # Mali is the country, Singapore the town in it
            return next((place for place in _preferred(found) if place.country == nation.country), nation)
        candidates = _preferred(found)
        if not candidates:
            raise PlaceError(f"no place called {quoted(name)} is known{self._alike(name, country)} "
                             '(write it as "town, country", as an airport\'s code, or as "12.65, -8.0")')
        if not self._is_clear(candidates, name, said=head != ""):
            raise PlaceError(f"{quoted(written)} could be {_listed(candidates)}; write which as "
                             '"town, province, country" or as coordinates')
        return candidates[0]

    def _country(self, text: str) -> str | None:
        """The code of a country written as code or name, null where it is none (a province, perhaps)."""
        if _COUNTRY.fullmatch(text):
            if text in self._gazetteer.countries:
                return text
            raise PlaceError(f"{quoted(text)} is not a country (two letters of ISO 3166, such as ML)")
        countries = (place.country for place in self._gazetteer.named(text) if place.kind is PlaceKind.COUNTRY)
        return next(countries, None)

    def _is_clear(self, candidates: tuple[Place, ...], name: str, *, said: bool) -> bool:
        """Whether the first is meant: whatever lies far from it is much smaller, and nothing there has the better name.

        Hong Kong was once called Victoria, and is larger than every town that is so today.
        """
        first, *others = candidates
        far = [other for other in others if not _near(first, other)]
        people = self._people(first)
        if not _is_called(first, name) and any(_is_called(other, name) for other in far):
            return False
        return all(people > 0 and self._people(other) * _CLEARLY[said] <= people for other in far)

    def _people(self, place: Place) -> int:
        row = self._gazetteer.row_of(place.id) if place.id else None
        return 0 if row is None else self._gazetteer.population[row]

    def _alike(self, name: str, country: str | None) -> str:
        """Where else there is such a place, or what is spelled nearly so."""
        if country and (elsewhere := _preferred(self._gazetteer.named(name))):
            return f" in {country}, but in {', '.join(sorted({place.country or '?' for place in elsewhere}))}"
        known = self._gazetteer
        rows = [row for row in range(len(known)) if known.population[row] >= _SUGGESTED_FROM
                and country in {None, known.countries[known.country[row]]}]
        names = {known.name_of(row) for row in rows}
        found = process.extract(name, names, processor=fold, scorer=fuzz.ratio, limit=2,
                                score_cutoff=_ALIKE)
        return f"; did you mean {' or '.join(quoted(match[0]) for match in found)}?" if found else ""


def _preferred(candidates: tuple[Place, ...]) -> tuple[Place, ...]:
    """Those of the kind that people mean by a bare name: the town before the province, that before the country."""
    for kinds in ({PlaceKind.CITY}, {PlaceKind.ADMIN1, PlaceKind.ADMIN2}, set(PlaceKind)):
        found = tuple(place for place in candidates if place.kind in kinds and place.lat is not None)
        if found:
            return found
    return ()


def _is_called(place: Place, name: str) -> bool:
    return place.name is not None and fold(place.name) == fold(name.partition(",")[0].strip())


def _near(one: Place, other: Place) -> bool:
    return one.lat is not None and one.lon is not None and _apart_km(other, one.lat, one.lon) <= _SAME_KM


def _apart_km(place: Place, lat: float, lon: float) -> float:
    if place.lat is None or place.lon is None:
        return inf
    return distance_km(lat, lon, place.lat, place.lon)


def _listed(candidates: tuple[Place, ...]) -> str:
    shown = [f"{place.name}, {place.admin1 or '?'}, {place.country} ({place.lat:.2f}, {place.lon:.2f})"
             for place in candidates[:_MOST_LISTED]]
    more = len(candidates) - len(shown)
    return " or ".join(shown) + (f" or {more} more" if more else "")
