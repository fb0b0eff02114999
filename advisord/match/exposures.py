"""Incident × Rules × Staff -> Exposures: whom an incident touches, by which rule and how.

An incident whose place is not certain touches nobody; `near_of` tells the desk who might be concerned and who is near
but not touched, each with the gate that failed.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import chain, islice

import numpy as np
from numpy.typing import NDArray

from advisord.match.areas import holds
from advisord.match.aspects import Aspect, aspects_of
from advisord.match.index import Index
from advisord.match.reach import Asked, Reached, is_met, radius_of, reached
from advisord.match.when import when_gates
from advisord.model import Exposure, Gate, Hazard, Incident, PlaceKind, Rule, StaffLocation

__all__ = ["Index", "exposures_of", "near_of"]

# The mask keeps what could pass; the exact measure decides. 1 km is far above the difference of the two.
SLACK_KM = 1.0
# How far beyond a rule's radius the desk still wants to read of its people, and of how many
NEAR_FACTOR = 2.0
NEAR_AT_LEAST_KM = 25.0
NEAR_AT_MOST = 50


@dataclass(frozen=True, slots=True)
class _Case:
    """A rule that is about an aspect, with the gates that say so."""

    aspect: Aspect
    rule: Rule
    gates: tuple[Gate, ...]


def exposures_of(incident: Incident, *, rules: tuple[Rule, ...], staff: Index, hazards: Mapping[str, Hazard],
                 now: datetime) -> tuple[Exposure, ...]:
    """Everybody whom the incident touches now, or will while it lasts (`starts_at`), in the order of the rules.

    One exposure for each rule, location and hazard; every gate of it passed.
    """
    cases = [case for case in _cases(incident, rules, hazards) if _is_passed(case.gates)]
    around = {aspect: _around(aspect, staff) for aspect in {case.aspect for case in cases}}
    found = chain.from_iterable(
        _exposures(incident, case, _could_pass(case, staff, around[case.aspect]), staff=staff, now=now)
        for case in cases)
    return _once(found)


def gates_between(incident: Incident, aspect: Aspect, rule: Rule, location: StaffLocation, *,
                  now: datetime) -> tuple[Gate, ...]:
    """Every gate between one hazard of an incident and a location, in order."""
    return (*when_gates(incident, aspect, rule), _placed(aspect), _grouped(rule, location),
            *reached(Asked.of(aspect, rule.reach, now), location).gates)


def near_of(incident: Incident, *, rules: tuple[Rule, ...], staff: Index, hazards: Mapping[str, Hazard],
            now: datetime) -> tuple[Exposure, ...]:
    """Who is near but not touched, nearest first, each with the gates of the rule that came closest; at most 50.

    Where the place is ambiguous or known only to a region, these are the ones that may be concerned.
    """
    exposures = exposures_of(incident, rules=rules, staff=staff, hazards=hazards, now=now)
    touched = {each.location_id for each in exposures}
    found: dict[str, Exposure] = {}
    for case in _cases(incident, rules, hazards):
        if _is_passed(case.gates[:-1]):
            for each in _near(incident, case, touched, staff=staff, now=now):
                found[each.location_id] = max(found.get(each.location_id, each), each, key=_closeness)
    return tuple(sorted(found.values(), key=_distance)[:NEAR_AT_MOST])


def _closeness(exposure: Exposure) -> tuple[bool, int]:
    return _how_far(exposure.gates)


# ----------------------------------------------------------------------------------------------------------- parts


def _cases(incident: Incident, rules: tuple[Rule, ...], hazards: Mapping[str, Hazard]) -> Iterator[_Case]:
    """Each rule with each hazard; the last gate is the place's certainty."""
    aspects = aspects_of(incident, hazards)
    for rule in rules:
        for aspect in aspects:
            yield _Case(aspect, rule, (*when_gates(incident, aspect, rule), _placed(aspect)))


def _once(exposures: Iterable[Exposure]) -> tuple[Exposure, ...]:
    """One of each rule, location and hazard, the soonest: two papers' two curfews are one to whom they touch."""
    found: dict[tuple[str, str, str], Exposure] = {}
    for each in exposures:
        key = each.rule_id, each.location_id, each.hazard
        earlier = found.get(key)
        if earlier is None or (earlier.starts_at is not None and (
                each.starts_at is None or each.starts_at < earlier.starts_at)):
            found[key] = each
    return tuple(found.values())


def _is_passed(gates: tuple[Gate, ...]) -> bool:
    return all(gate.passed for gate in gates)


def _how_far(gates: tuple[Gate, ...]) -> tuple[bool, int]:
    failed = next((i for i, gate in enumerate(gates) if not gate.passed), len(gates))
    return failed == len(gates), failed


def _placed(aspect: Aspect) -> Gate:
    place = aspect.place
    if place is None:
        return Gate("place", passed=False, value="unknown", threshold="a certain place")
    value = f"{place.name or 'unnamed'} at confidence {place.confidence:.2f}"
    if not aspect.is_certain and place.alternatives:
        value += ", or " + ", ".join(f"{each.name} ({each.country or '?'})" for each in place.alternatives[:3])
    return Gate("place", aspect.is_certain, value, "a certain place")


def _grouped(rule: Rule, location: StaffLocation) -> Gate:
    passed = not rule.groups or not set(rule.groups).isdisjoint(location.groups)
    return Gate("groups", passed, ", ".join(location.groups) or "none", ", ".join(rule.groups) or "everybody")


@dataclass(frozen=True, slots=True, eq=False)
class _Around:
    """What is measured once for an aspect, whatever the rule: distances, and flights that meet it anywhere."""

    distances: NDArray[np.float64]
    flights: NDArray[np.bool_]


def _around(aspect: Aspect, staff: Index) -> _Around:
    return _Around(staff.distances(aspect.point), staff.flights_by(partial(is_met, aspect)))


def _could_pass(case: _Case, staff: Index, around: _Around) -> NDArray[np.bool_]:
    """Which locations could be reached: a superset of those that are."""
    place = case.aspect.place
    mask = around.flights | (around.distances <= _furthest_km(case) + SLACK_KM)
    if place is not None and (case.rule.reach.same or case.aspect.is_coarse or _names_an_area(case)):
        mask = mask | staff.in_country(place.country)
    return mask & staff.members(case.rule.groups)


def _furthest_km(case: _Case) -> float:
    radius = radius_of(case.aspect, case.rule.reach)
    return (radius if isinstance(radius, float | int) else 0.0) + case.aspect.uncertainty_km


def _names_an_area(case: _Case) -> bool:
    return isinstance(radius_of(case.aspect, case.rule.reach), str)


def _exposures(incident: Incident, case: _Case, mask: NDArray[np.bool_], *, staff: Index,
               now: datetime) -> Iterator[Exposure]:
    asked = Asked.of(case.aspect, case.rule.reach, now)
    for i in np.flatnonzero(mask):
        location = staff.locations[i]
        result = reached(asked, location)
        if result.holds:
            yield _exposure(incident, case, location, result, now)


def _exposure(incident: Incident, case: _Case, location: StaffLocation, result: Reached, now: datetime) -> Exposure:
    return Exposure(
        incident_id=incident.id, rule_id=case.rule.id, hazard=case.aspect.hazard, location_id=location.id,
        person_id=location.person, via=_via(location, result), distance_km=result.distance_km,
        starts_at=result.starts_at, gates=(*case.gates, _grouped(case.rule, location), *result.gates),
        airport_id=result.airport.id if result.airport else None, passes_at=result.passes_at,
        begins_at=location.start if location.place and location.start and location.start > now else None)


def _via(location: StaffLocation, result: Reached) -> str:
    if location.place is None:
        at = result.airport.name or result.airport.id if result.airport else None
        return f"flight {location.label}" + (f" through {at}" if at else "")
    if location.person is None:
        return f"site {location.id}"
    return f"{location.kind.removeprefix('at_')} {location.label}"


def _near(incident: Incident, case: _Case, touched: set[str], *, staff: Index, now: datetime) -> Iterator[Exposure]:
    asked = Asked.of(case.aspect, case.rule.reach, now)
    untouched = (staff.locations[i] for i in _nearby(case, staff) if staff.locations[i].id not in touched)
    for location in islice((each for each in untouched if not _is_elsewhere(case.aspect, each)), NEAR_AT_MOST):
        yield _exposure(incident, case, location, reached(asked, location), now)


def _is_elsewhere(aspect: Aspect, location: StaffLocation) -> bool:
    """Whether something known to a division of a country is known not to be in this location's."""
    place = aspect.place
    if place is None or place.kind is not PlaceKind.ADMIN1 or not aspect.is_certain or location.place is None:
        return False
    return location.place.admin1 is not None and not holds(place, location.place)


def _nearby(case: _Case, staff: Index) -> Iterator[int]:
    """Locations around the reach, nearest first; for a place that is uncertain or only a region, all in its countries.

    Whoever flies through the closed airport's city at another time is not near: nothing is closed for them.
    """
    aspect, place = case.aspect, case.aspect.place
    if place is None:
        return
    distances = staff.distances(aspect.point)
    if aspect.is_certain and not aspect.is_coarse:
        mask: NDArray[np.bool_] = distances <= max(NEAR_FACTOR * _furthest_km(case), NEAR_AT_LEAST_KM)
    else:
        mask = staff.in_country(place.country)
        for each in place.alternatives if not aspect.is_certain else ():
            mask = mask | staff.in_country(each.country)
    found = np.flatnonzero(mask)
    yield from found[np.argsort(distances[found], kind="stable")].tolist()


def _distance(exposure: Exposure) -> tuple[float, str]:
    return (float("inf") if exposure.distance_km is None else exposure.distance_km), exposure.location_id
