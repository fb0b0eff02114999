"""Staff × Rules -> whether an incident could concern anybody at any time: what a long past is sifted with first.

Its own module because it answers without an instant, for all that an incident ever was, and errs on one side alone: it
never says no where matching could say yes.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from advisord.geo import EARTH_RADIUS_KM
from advisord.match.aspects import COARSE_KINDS, COARSE_PRECISIONS
from advisord.match.exposures import NEAR_AT_LEAST_KM, NEAR_FACTOR, SLACK_KM
from advisord.match.index import Index
from advisord.match.reach import is_silent
from advisord.model import Hazard, Incident, Place, Rule, Severity


@dataclass(frozen=True, slots=True, eq=False)
class Anywhere:
    """All points and countries in which anybody of the staff ever is, and how far anything reaches."""

    _lat: NDArray[np.float64]
    _lon: NDArray[np.float64]
    _countries: frozenset[str]
    _unmeasured: frozenset[str | None]
    _ids: frozenset[str | None]
    _reach_km: float
    _areas_from: int

    @classmethod
    def of(cls, staff: Index, rules: tuple[Rule, ...], hazards: Mapping[str, Hazard]) -> Self:
        """Where those people are, and how far those rules reach."""
        places = [place for each in staff.locations for place in (each.place, *each.airports) if place]
        points = [(each.lat, each.lon) for each in places if each.lat is not None and each.lon is not None]
        return cls(np.radians(np.array([lat for lat, _ in points], dtype=np.float64)),
                   np.radians(np.array([lon for _, lon in points], dtype=np.float64)),
                   frozenset(each.country for each in places if each.country),
                   frozenset(each.country for each in places if each.lat is None),
                   frozenset(name for each in places for name in (each.id, each.parent) if name),
                   max(NEAR_FACTOR * max(_radii(rules, hazards), default=0.0), NEAR_AT_LEAST_KM) + SLACK_KM,
                   min(_areas(rules), default=len(Severity)))

    def could_concern(self, incident: Incident) -> bool:
        """Whether any place that any report of it tells lies where somebody is, or near, or nobody knows where."""
        told = [each.report for each in incident.reports]
        unsure = max((each.uncertainty_km or 0.0 for each in told), default=0.0)
        worst = max((each.severity.rank for each in told), default=len(Severity))
        by_area = worst >= self._areas_from or any(each.precision in COARSE_PRECISIONS for each in told)
        return any(self._is_near(place, unsure, by_area=by_area) for place in _places(incident))

    def _is_near(self, place: Place, unsure_km: float, *, by_area: bool) -> bool:
        measured = place.lat is not None and place.kind not in COARSE_KINDS and not place.alternatives
        if place.country is None or (place.country in self._countries and (by_area or not measured)):
            return True
        if place.country in self._unmeasured or not self._ids.isdisjoint((place.id, place.parent)):
            return True
        if place.lat is None or place.lon is None or not len(self._lat):
            return False
        lat, lon = np.radians(place.lat), np.radians(place.lon)
        chord = (np.sin((self._lat - lat) / 2) ** 2
                 + np.cos(lat) * np.cos(self._lat) * np.sin((self._lon - lon) / 2) ** 2)
        nearest = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(min(float(chord.min()), 1.0)))
        return bool(nearest <= self._reach_km + NEAR_FACTOR * unsure_km)


def _radii(rules: Iterable[Rule], hazards: Mapping[str, Hazard]) -> Iterator[float]:
    for rule in rules:
        yield from (float(value) for _, value in rule.reach.within_km if not isinstance(value, str))
        if is_silent(rule.reach):
            yield from (each.reach_km for each in hazards.values())


def _areas(rules: Iterable[Rule]) -> Iterator[int]:
    """The severities, as ranks, from which each rule asks in which country or division somebody is."""
    for rule in rules:
        least = rule.when.severity_at_least.rank if rule.when.severity_at_least else 0
        if rule.reach.same:
            yield least
        yield from (max(least, severity.rank) for severity, value in rule.reach.within_km if isinstance(value, str))


def _places(incident: Incident) -> Iterator[Place]:
    told = (each.report.place.place for each in incident.reports if each.report.place)
    for place in (incident.place, *told, *(each.place for each in incident.consequences)):
        if place is not None:
            yield place
            yield from (Place(place.kind, country=each.country) for each in place.alternatives)
