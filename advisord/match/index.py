"""Staff -> Index: everybody's places prepared once, so that an incident is matched against thousands in milliseconds.

Distances are measured for all points at once; the exact gates are asked only of the few that could pass.
"""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

import numpy as np
from numpy.typing import NDArray

from advisord.geo import EARTH_RADIUS_KM
from advisord.model import Staff, StaffLocation

# On the days of leaving and of coming back somebody may be at either place
TRAVEL_DAY = timedelta(hours=24)
HOMES = frozenset({"home", "residence"})


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    """Staff locations with their points as arrays; `near` and `members` answer masks over `locations`."""

    locations: tuple[StaffLocation, ...]
    _lat: NDArray[np.float64]
    _lon: NDArray[np.float64]
    _country: NDArray[np.str_]
    _flies: NDArray[np.bool_]
    _groups: dict[str, NDArray[np.bool_]]

    @classmethod
    def of(cls, staff: Staff) -> Self:
        """The index of that staff: groups of a person are those of their places, homes are left during trips."""
        locations = tuple(_resolved(staff))
        points = [_point(location) for location in locations]
        return cls(
            locations=locations,
            _lat=np.radians(np.array([lat for lat, _ in points], dtype=np.float64)),
            _lon=np.radians(np.array([lon for _, lon in points], dtype=np.float64)),
            _country=np.array([_country(each) for each in locations], dtype=np.str_),
            _flies=np.array([each.place is None for each in locations], dtype=np.bool_),
            _groups=_memberships(locations))

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

    @property
    def flights(self) -> NDArray[np.bool_]:
        """Which locations are flights."""
        return self._flies

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


def _memberships(locations: tuple[StaffLocation, ...]) -> dict[str, NDArray[np.bool_]]:
    named = sorted({group for location in locations for group in location.groups})
    members = {group: np.zeros(len(locations), dtype=np.bool_) for group in named}
    for i, location in enumerate(locations):
        for group in location.groups:
            members[group][i] = True
    return members


def _resolved(staff: Staff) -> Iterator[StaffLocation]:
    groups = {person.id: person.groups for person in staff.people}
    stays = _stays_by_person(staff)
    for location in staff.locations:
        own = groups.get(location.person or "", ())
        located = replace(location, groups=tuple(dict.fromkeys((*location.groups, *own))))
        if located.person is not None and located.kind in HOMES:
            yield from _between(located, stays.get(located.person, []))
        else:
            yield located


def _stays_by_person(staff: Staff) -> dict[str, list[tuple[datetime, datetime]]]:
    """When each person is away on a dated stay, travel days left out."""
    stays: dict[str, list[tuple[datetime, datetime]]] = {}
    for each in staff.locations:
        if each.person is None or each.place is None or each.start is None or each.end is None:
            continue
        away = each.start + TRAVEL_DAY, each.end - TRAVEL_DAY
        if away[0] < away[1] and each.kind not in HOMES:
            stays.setdefault(each.person, []).append(away)
    return stays


def _between(home: StaffLocation, away: list[tuple[datetime, datetime]]) -> Iterator[StaffLocation]:
    """The parts of being at home that the stays elsewhere leave; all of it when there is none."""
    start = home.start
    for left, back in sorted(away):
        if home.end is not None and left >= home.end:
            break
        if start is None or start < left:
            yield replace(home, start=start, end=left)
        start = back if start is None else max(start, back)
    if start is None or home.end is None or start < home.end:
        yield replace(home, start=start)
