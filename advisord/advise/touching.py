"""Exposures -> Touches: where somebody is or passes, once a place however many rules reach it, as templates name it."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from advisord.advise.gathering import NAME_LIMIT
from advisord.advise.plain import one_line
from advisord.model import Advisory, Exposure, Person, Place, PlaceKind, Rule, Settings, StaffLocation

AT_WORK, STAYS, FLIES = "site", "stay", "flight"
HOMES = frozenset({"home", "residence"})


@dataclass(frozen=True, slots=True)
class Touch:
    """One place or flight of one person, or a site.

    `kind`: site, home, stay, flight. `km` is the distance to the main hazard if `to_main`, else to a consequence;
    `at` is when the flight passes `airport`, which people know by its `city` and `iata` code; `arrives` is when a stay
    begins that has not yet. `asked` pairs each advice with a hazard that its rule matched here. `away`: not there yet,
    `airborne`: on a flight that lands there. `gate`, `value` and `threshold` are what failed, for those not touched.
    """

    kind: str
    label: str
    place: str
    km: int | None
    to_main: bool
    same_city: bool
    rules: tuple[str, ...]
    advices: tuple[str, ...]
    asked: tuple[tuple[str, str], ...]
    airport: str = ""
    city: str = ""
    iata: str = ""
    at: datetime | None = None
    lands: bool = False
    departs: bool = False
    starts_at: datetime | None = None
    arrives: datetime | None = None
    away: bool = False
    airborne: bool = False
    person_id: str = ""
    person: str = ""
    phone: str = ""
    gate: str = ""
    value: str = ""
    threshold: str = ""


@dataclass(frozen=True, slots=True)
class Someone:
    """One person with all that touches them, or one site."""

    person_id: str
    person: str
    phone: str
    rules: tuple[str, ...]
    touches: tuple[Touch, ...]


@dataclass(frozen=True, slots=True)
class Directory:
    """The configuration as names are looked up in it."""

    locations: dict[str, StaffLocation]
    persons: dict[str, Person]
    rules: dict[str, Rule]
    airports: dict[str, Place]


def directory_of(settings: Settings) -> Directory:
    """The names of that configuration."""
    return Directory({each.id: each for each in settings.staff.locations},
                     {each.id: each for each in settings.staff.people}, {each.id: each for each in settings.rules},
                     {airport.id: airport for each in settings.staff.locations for airport in each.airports
                      if airport.id is not None})


def touches_of(exposures: tuple[Exposure, ...], advisory: Advisory, directory: Directory, *,
               now: datetime) -> tuple[Touch, ...]:
    """One touch a location, the nearest first, flights by their time after them.

    Who is there and who is not yet is so `now`, when it is read, and not when it was decided: a message may wait for
    the morning while its reader arrives.
    """
    by_location: dict[str, list[Exposure]] = {}
    for each in exposures:
        by_location.setdefault(each.location_id, []).append(each)
    found = [_touch(tuple(own), advisory, directory, now=now) for own in by_location.values()]
    return tuple(sorted(_current(found), key=_nearness))


def someone_of(touches: tuple[Touch, ...]) -> tuple[Someone, ...]:
    """Everybody touched, each once, in the order of what touches them first."""
    found: dict[tuple[str, str], list[Touch]] = {}
    for each in touches:
        found.setdefault(_who(each), []).append(each)
    return tuple(Someone(own[0].person_id, own[0].person, own[0].phone,
                         tuple(dict.fromkeys(rule for each in own for rule in each.rules)), tuple(own))
                 for own in found.values())


def present_of(touches: tuple[Touch, ...], audience: str) -> tuple[tuple[Touch, ...], tuple[Touch, ...]]:
    """The touches of those who are there now, and of those who are not yet, each person in one of the two.

    A system is told what those on the spot are to do.
    """
    if audience == "system":
        return touches, ()
    there = {_who(each) for each in touches if not each.away}
    return (tuple(each for each in touches if _who(each) in there),
            tuple(each for each in touches if _who(each) not in there))


def _who(touch: Touch) -> tuple[str, str]:
    return touch.person_id, "" if touch.person_id else touch.label


def _current(touches: list[Touch]) -> list[Touch]:
    """Without coming back to a place where somebody is now: being there is enough."""
    here = {(each.person_id, each.kind, each.label) for each in touches if not _is_later(each)}
    return [each for each in touches
            if not _is_later(each) or (each.person_id, each.kind, each.label) not in here]


def _is_later(touch: Touch) -> bool:
    return touch.starts_at is not None or touch.arrives is not None


def _nearness(touch: Touch) -> tuple[bool, bool, float, str, str]:
    """Whoever is there now before who will be, places before flights, near before far, soon before late."""
    flies = touch.kind == FLIES
    size = touch.at.timestamp() if touch.at else float("inf") if touch.km is None else float(touch.km)
    return _is_later(touch), flies, size, touch.person, touch.label


def _touch(exposures: tuple[Exposure, ...], advisory: Advisory, directory: Directory, *, now: datetime) -> Touch:
    first = next((each for each in exposures if each.passes_at or each.distance_km is not None), exposures[0])
    location = directory.locations.get(first.location_id)
    airport = directory.airports.get(first.airport_id or "")
    person = directory.persons.get(first.person_id or "")
    failed = next((gate for gate in first.gates if not gate.passed), None)
    rules = tuple(dict.fromkeys(each.rule_id for each in exposures))
    return Touch(
        kind=_kind(first, location), label=one_line(location.label if location else first.via, NAME_LIMIT),
        place=one_line(location.place.name if location and location.place else None, NAME_LIMIT),
        km=_km(exposures, advisory), to_main=any(each.hazard == advisory.incident.hazard for each in exposures),
        same_city=_is_same_city(location, advisory), rules=rules,
        advices=tuple(dict.fromkeys(_advice(rule_id, advisory, directory) for rule_id in rules)),
        asked=tuple(dict.fromkeys((_advice(each.rule_id, advisory, directory), each.hazard) for each in exposures)),
        airport=one_line(airport.name if airport else first.airport_id, NAME_LIMIT),
        city=one_line(airport.city if airport else None, NAME_LIMIT), iata=airport.iata or "" if airport else "",
        at=first.passes_at,
        lands=_is_end(first, location, -1), departs=_is_end(first, location, 0), starts_at=first.starts_at,
        arrives=_arrival(location, now), away=_is_away(first, location, now),
        airborne=_is_airborne(first, location, now),
        person_id=first.person_id or "",
        person=one_line(person.name if person else first.person_id, NAME_LIMIT),
        phone=one_line(person.contact.phone if person else None, NAME_LIMIT),
        gate=failed.name if failed else "", value=one_line(failed.value if failed else None, NAME_LIMIT),
        threshold=one_line(failed.threshold if failed else None, NAME_LIMIT))


def _km(exposures: tuple[Exposure, ...], advisory: Advisory) -> int | None:
    """The distance to the main hazard where it is known, else to the consequence that touches."""
    measured = [each for each in exposures if each.distance_km is not None]
    main = [each for each in measured if each.hazard == advisory.incident.hazard]
    return next((round(each.distance_km) for each in main or measured if each.distance_km is not None), None)


def _is_same_city(location: StaffLocation | None, advisory: Advisory) -> bool:
    """Whether both are known only as the same city, so that the distance between the two points means nothing."""
    place, there = location.place if location else None, advisory.incident.place
    return place is not None and there is not None and place.kind is there.kind is PlaceKind.CITY \
        and place.id is not None and (place.id, place.lat, place.lon) == (there.id, there.lat, there.lon)


def _kind(exposure: Exposure, location: StaffLocation | None) -> str:
    if exposure.airport_id is not None or (location is not None and location.place is None):
        return FLIES
    if location is not None and location.kind in HOMES:
        return "home"
    return STAYS if location is not None and location.kind == STAYS else AT_WORK


def _advice(rule_id: str, advisory: Advisory, directory: Directory) -> str:
    rule = directory.rules.get(rule_id)
    return rule.advise if rule else advisory.template


def _is_end(exposure: Exposure, location: StaffLocation | None, end: int) -> bool:
    if location is None or not location.airports:
        return False
    return location.airports[end].id == exposure.airport_id


def _arrival(location: StaffLocation | None, now: datetime) -> datetime | None:
    """When somebody arrives who is not there yet."""
    if location is None or location.start is None or location.start <= now or location.place is None:
        return None
    return location.start


def _is_away(exposure: Exposure, location: StaffLocation | None, now: datetime) -> bool:
    """Whether they are not there yet, as far as this place or flight tells."""
    if _is_airborne(exposure, location, now):
        return True
    begins = exposure.passes_at or (location.start if location else None) or exposure.starts_at
    return begins is not None and begins > now


def _is_airborne(exposure: Exposure, location: StaffLocation | None, now: datetime) -> bool:
    """Whether they are on the flight that lands there."""
    if location is None or location.place is not None or location.start is None or location.end is None:
        return False
    return location.start <= now < location.end and not _is_end(exposure, location, 0)
