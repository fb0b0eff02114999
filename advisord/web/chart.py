"""The map and the list beside it: where incidents, sites and people are now, and how far the rules reach."""
from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from starlette.responses import Response

from advisord.match.aspects import aspects_of
from advisord.match.reach import radius_of
from advisord.match.when import when_gates
from advisord.model import Hazard, Incident, IncidentStatus, Person, Role, Rule, Staff, StaffLocation
from advisord.web.route import reads
from advisord.web.visit import Visit

MOST = 500
LISTED = 150  # spots of the list; the map has all
NAMED = 12  # people of one spot that are named; of the others the count is shown
GRID = 3  # decimals of a degree: who is within about 100 m is in one spot


@dataclass(frozen=True, slots=True)
class Spot:
    """Where people are or a site is; `people` are those there now."""

    lat: float
    lon: float
    label: str
    sites: tuple[str, ...]
    people: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class Around:
    """An incident on the map with how far each rule that is about it reaches."""

    incident: Incident
    reach: tuple[tuple[str, float], ...]


def shown(visit: Visit) -> Response:
    """Everything that is open now; what the map draws is what the list says."""
    live = visit.office.live()
    incidents = visit.office.store.incidents(IncidentStatus.OPEN, MOST)
    worst = sorted(incidents, key=_severity, reverse=True)
    arounds = tuple(Around(each, tuple(_reach(each, live.settings.rules, live.hazards))) for each in worst)
    spots = spots_of(live.settings.staff, visit.now)
    return visit.page(
        "map.html.j2", arounds=arounds, spots=spots[:LISTED], more=len(spots) - LISTED, data=_data(arounds, spots),
        named=NAMED, flying=len(set(_flying(live.settings.staff, visit.now))))


def _severity(incident: Incident) -> int:
    return incident.severity.rank


def _reach(incident: Incident, rules: Sequence[Rule], hazards: Mapping[str, Hazard]) -> Iterator[tuple[str, float]]:
    """The rules that are about an incident or what followed from it, each with its km, the widest of its aspects."""
    found: dict[str, float] = {}
    for rule in rules:
        for aspect in aspects_of(incident, hazards):
            if all(gate.passed for gate in when_gates(incident, aspect, rule)):
                radius = radius_of(aspect, rule.reach)
                if isinstance(radius, float | int):
                    found[rule.id] = max(found.get(rule.id, 0.0), float(radius))
    yield from found.items()


def spots_of(staff: Staff, now: datetime) -> tuple[Spot, ...]:
    """Sites, and everybody who is somewhere now, by spot; those with most people first."""
    people = {each.id: each for each in staff.people}
    sites = (each for each in staff.locations if each.person is None and _holds(each, now))
    spots: dict[tuple[float, float], list[tuple[StaffLocation, Person | None]]] = {}
    for each in sites:
        spots.setdefault(_point(each), []).append((each, None))
    for person, location in _where(staff, now).items():
        if person in people:
            spots.setdefault(_point(location), []).append((location, people[person]))
    return tuple(sorted((_spot(at, found) for at, found in spots.items()), key=_crowd, reverse=True))


def _spot(at: tuple[float, float], found: Sequence[tuple[StaffLocation, Person | None]]) -> Spot:
    """Called by its sites, else by the name of the place."""
    sites = tuple(dict.fromkeys(each.label for each, person in found if person is None))
    towns = (each.place.name for each, _ in found if each.place and each.place.name)
    return Spot(at[0], at[1], ", ".join(sites) or next(towns, ""), sites,
                tuple(person for _, person in found if person is not None))


def _crowd(spot: Spot) -> int:
    return len(spot.people)


def _point(location: StaffLocation) -> tuple[float, float]:
    place = location.place
    return (round(place.lat or 0.0, GRID), round(place.lon or 0.0, GRID)) if place else (0.0, 0.0)


def _holds(location: StaffLocation, now: datetime) -> bool:
    """Whether it is a point on the map at this moment."""
    place = location.place
    return (place is not None and place.lat is not None and place.lon is not None
            and (location.start is None or location.start <= now) and (location.end is None or now < location.end))


def _where(staff: Staff, now: datetime) -> dict[str, StaffLocation]:
    """Each person where they are now: on a journey before where they always are, and nowhere while they fly."""
    flying = set(_flying(staff, now))
    found: dict[str, StaffLocation] = {}
    for each in staff.locations:
        if each.person is None or each.person in flying or not _holds(each, now):
            continue
        if each.person not in found or (_is_journey(each) and not _is_journey(found[each.person])):
            found[each.person] = each
    return found


def _flying(staff: Staff, now: datetime) -> Iterator[str]:
    yield from {each.person for each in staff.locations if each.person and each.airports
                and each.start and each.end and each.start <= now < each.end}


def _is_journey(location: StaffLocation) -> bool:
    return location.start is not None or location.end is not None


def _data(arounds: Sequence[Around], spots: Sequence[Spot]) -> str:
    """What the map draws: positions, sizes and counts; its words are those of the list, by id."""
    incidents = [[each.incident.id, each.incident.severity.value, each.incident.place.lat, each.incident.place.lon,
                  each.incident.uncertainty_km or 0, list(each.reach)] for each in arounds
                 if each.incident.place and each.incident.place.lat is not None]
    places = [[spot.lat, spot.lon, len(spot.people), len(spot.sites)] for spot in spots]
    return json.dumps({"incidents": incidents, "spots": places}, separators=(",", ":"))


ROUTES = (reads("/map", shown, Role.VIEWER, nav="map"),)
