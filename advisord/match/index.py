"""Staff -> Index: everybody's places prepared once, so that an incident is matched against thousands in milliseconds.

Distances are measured for all points at once; the exact gates are asked only of the few that could pass.
"""
from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from advisord.geo import EARTH_RADIUS_KM
from advisord.model import Place, Staff, StaffLocation


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    """Staff locations with their points as arrays; `near` and `members` answer masks over `locations`."""

    locations: tuple[StaffLocation, ...]
    _lat: NDArray[np.float64]
    _lon: NDArray[np.float64]
    _country: NDArray[np.str_]
    _groups: dict[str, NDArray[np.bool_]]
    _airports: dict[Place, tuple[int, ...]]

    @classmethod
    def of(cls, staff: Staff) -> Self:
        """The index of that staff: a person's groups are those of their places too."""
        locations = tuple(_resolved(staff))
        points = [_point(location) for location in locations]
        return cls(
            locations=locations,
            _lat=np.radians(np.array([lat for lat, _ in points], dtype=np.float64)),
            _lon=np.radians(np.array([lon for _, lon in points], dtype=np.float64)),
            _country=np.array([_country(each) for each in locations], dtype=np.str_),
            _groups=_memberships(locations), _airports=_passing(locations))

    def distances(self, point: tuple[float, float] | None) -> NDArray[np.float64]:
        """Great-circle km from a point in degrees to every location; infinite where there is no point."""
        if point is None:
            return np.full(len(self.locations), np.inf)
        lat, lon = np.radians(point[0]), np.radians(point[1])
        chord = (np.sin((self._lat - lat) / 2) ** 2
                 + np.cos(lat) * np.cos(self._lat) * np.sin((self._lon - lon) / 2) ** 2)
        km: NDArray[np.float64] = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(chord, 1.0)))
        return np.where(np.isnan(km), np.inf, km)

    def in_country(self, country: str | None) -> NDArray[np.bool_]:
        """Which locations lie in that country."""
        found: NDArray[np.bool_] = self._country == (country or "?")
        return found

    def flights_by(self, is_met: Callable[[Place], bool]) -> NDArray[np.bool_]:
        """Which locations are flights over an airport of which `is_met` says yes; each airport is asked once."""
        found = np.zeros(len(self.locations), dtype=np.bool_)
        for airport, passing in self._airports.items():
            if is_met(airport):
                found[list(passing)] = True
        return found

    def members(self, groups: tuple[str, ...]) -> NDArray[np.bool_]:
        """Which locations belong to any of those groups; all, where none is named."""
        if not groups:
            return np.ones(len(self.locations), dtype=np.bool_)
        found = np.zeros(len(self.locations), dtype=np.bool_)
        for group in groups:
            if group in self._groups:
                found |= self._groups[group]
        return found

    def of_person(self, person_id: str) -> tuple[StaffLocation, ...]:
        """Everything known of where that person is."""
        return tuple(each for each in self.locations if each.person == person_id)


def _point(location: StaffLocation) -> tuple[float, float]:
    place = location.place
    if place is None or place.lat is None or place.lon is None:
        return float("nan"), float("nan")
    return place.lat, place.lon


def _country(location: StaffLocation) -> str:
    return (location.place.country if location.place else None) or ""


def _passing(locations: tuple[StaffLocation, ...]) -> dict[Place, tuple[int, ...]]:
    """For each airport the flights that pass it."""
    found: dict[Place, list[int]] = {}
    for i, location in enumerate(locations):
        for airport in location.airports:
            found.setdefault(airport, []).append(i)
    return {airport: tuple(passing) for airport, passing in found.items()}


def _memberships(locations: tuple[StaffLocation, ...]) -> dict[str, NDArray[np.bool_]]:
    named = sorted({group for location in locations for group in location.groups})
    members = {group: np.zeros(len(locations), dtype=np.bool_) for group in named}
    for i, location in enumerate(locations):
        for group in location.groups:
            members[group][i] = True
    return members


def _resolved(staff: Staff) -> Iterator[StaffLocation]:
    groups = {person.id: person.groups for person in staff.people}
    for location in staff.locations:
        own = groups.get(location.person or "", ())
        yield replace(location, groups=tuple(dict.fromkeys((*location.groups, *own))))
