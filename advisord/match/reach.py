"""Aspect × Reach × StaffLocation -> Gates: whether somebody's place or passage lies where the hazard is.

Any one way of a rule's reach suffices. When one holds, the gates are the ways that hold; when none does, they are all
the ways tried, so that an explanation shows each value against its threshold.
"""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from advisord.match.areas import apart_km, holds, serves, shares
from advisord.match.aspects import Aspect
from advisord.model import Gate, Place, PlaceKind, Reach, Severity, StaffLocation

# Who was due through an airport this long ago, and after it closed, is still waiting there
STUCK_FOR = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Reached:
    """How a location is reached or not; `airport` and `passes_at` for a flight."""

    gates: tuple[Gate, ...]
    starts_at: datetime | None = None
    distance_km: float | None = None
    airport: Place | None = None
    passes_at: datetime | None = None

    @property
    def holds(self) -> bool:
        """Whether every gate passed."""
        return all(gate.passed for gate in self.gates)


@dataclass(frozen=True, slots=True)
class Asked:
    """One aspect under one rule's reach at one instant, with what is the same for every location."""

    aspect: Aspect
    reach: Reach
    now: datetime
    stamped: str
    radius: float | str | None
    threshold: str
    windows: tuple[float | None, float | None]

    @classmethod
    def of(cls, aspect: Aspect, reach: Reach, now: datetime) -> Self:
        """Work out the radius and the hours once."""
        radius = radius_of(aspect, reach)
        threshold = f"{radius:g} km" if isinstance(radius, float | int) else ""
        if threshold and aspect.uncertainty_km:
            threshold += f" + {aspect.uncertainty_km:g} km"
        windows = _window_h(aspect, reach, now, lands=False), _window_h(aspect, reach, now, lands=True)
        return cls(aspect, reach, now, stamp(now), radius, threshold, windows)


def reached(asked: Asked, location: StaffLocation) -> Reached:
    """Whether a location is reached by an aspect under a rule's reach, and from when."""
    if location.place is None:
        return _flown(asked, location)
    distance = measured_km(asked.aspect, location.place)
    ways = _ways(asked, location.place, distance)
    time, starts_at = _stay_time(asked, location)
    passed = tuple(way for way in ways if way.passed)
    return Reached((time, *(passed or ways)), starts_at=starts_at, distance_km=distance)


def measured_km(aspect: Aspect, place: Place) -> float | None:
    """The distance in km; null where either is known only to an area, whose middle measures nothing."""
    if aspect.point is None or place.kind in {PlaceKind.COUNTRY, PlaceKind.ADMIN1, PlaceKind.REGION}:
        return None
    return None if aspect.place is None else apart_km(aspect.place, place)


def radius_of(aspect: Aspect, reach: Reach) -> float | str | None:
    """The km or area that a rule gives an aspect of that severity; null where it says nothing about distance.

    A severity that the rule does not list has the reach of the next lower one listed: what Moderate gets, Severe gets.
    Where the rule names no reach at all, it is the hazard's own.
    """
    if is_silent(reach):
        return aspect.default_reach_km or None
    listed = [(severity, value) for severity, value in reach.within_km if severity.rank <= aspect.severity.rank]
    return max(listed, key=_rank, default=(Severity.UNKNOWN, None))[1]


def is_silent(reach: Reach) -> bool:
    """Whether a rule says nothing about where; the hazard's own reach stands then."""
    return not reach.within_km and not reach.same and reach.flying_through_h is None


def _rank(entry: tuple[Severity, float | str]) -> int:
    return entry[0].rank


def _ways(asked: Asked, place: Place, distance: float | None) -> tuple[Gate, ...]:
    """Every way in which a place can be reached, passed or not; at least one."""
    aspect, reach, radius = asked.aspect, asked.reach, asked.radius
    ways: list[Gate] = []
    areas = (*reach.same, *((radius,) if isinstance(radius, str) else ()))
    if isinstance(radius, float | int):
        ways.append(_distance(asked, float(radius), distance))
    ways.extend(_area(aspect, area, place) for area in dict.fromkeys(areas))
    if aspect.is_areal and aspect.is_coarse and (radius is not None or is_silent(reach)):
        ways.append(_within_named_area(aspect, place))
    return tuple(ways) or (_no("reach", "a place", "only who passes through"),)


def _distance(asked: Asked, radius_km: float, distance: float | None) -> Gate:
    if distance is None and asked.aspect.is_coarse:
        return _no("precision", "known only to an area", asked.threshold)
    if distance is None:
        return _no("distance", "not measurable", asked.threshold)
    passed = distance <= radius_km + asked.aspect.uncertainty_km
    return Gate("distance", passed, f"{distance:.1f} km", asked.threshold)


def _area(aspect: Aspect, area: str, place: Place) -> Gate:
    passed = aspect.place is not None and shares(area, aspect.place, place)
    return Gate(f"same {area}", passed, _where(place), _where(aspect.place))


def _within_named_area(aspect: Aspect, place: Place) -> Gate:
    passed = aspect.place is not None and holds(aspect.place, place)
    return Gate("in the area named", passed, _where(place), _where(aspect.place))


def _where(place: Place | None) -> str:
    if place is None:
        return "unknown"
    parts = dict.fromkeys(part for part in (place.name, place.admin1, place.country) if part)
    return ", ".join(parts) or "coordinates only"


# ----------------------------------------------------------------------------------------------------------- time


def _stay_time(asked: Asked, location: StaffLocation) -> tuple[Gate, datetime | None]:
    """Whether somebody is there now, or arrives while it lasts; and from when it concerns them, if later."""
    now, hours = asked.now, asked.reach.arriving_within_h or 0.0
    if location.end is not None and location.end <= now:
        return _no("time", f"until {stamp(location.end)}", f"after {asked.stamped}"), None
    if location.start is None or location.start <= now:
        return _yes("time", "there now", asked.stamped), None
    value, ahead = f"from {stamp(location.start)}", timedelta(hours=hours)
    if location.start <= now + ahead:
        return _yes("time", value, f"arriving within {hours:g} h"), None
    lasting = location.start < asked.aspect.lasts_until
    return Gate("time", lasting, value, f"before {stamp(asked.aspect.lasts_until)}"), location.start - ahead


def stamp(at: datetime) -> str:
    """An instant as explanations show it, in UTC to the minute."""
    return f"{at:%Y-%m-%d %H:%M}Z"


# -------------------------------------------------------------------------------------------------------- flights


def _flown(asked: Asked, location: StaffLocation) -> Reached:
    """Whether a flight passes an airport that the hazard closes or lies at, within the rule's window."""
    aspect, windows = asked.aspect, asked.windows
    if windows == (None, None):
        return Reached((_no("reach", "a flight", "only who stays there"),))
    tried = [_passage(asked, passage, window_h) for passage in passages_of(location)
             if is_met(aspect, passage.airport) and (window_h := windows[passage.lands]) is not None]
    if not tried:
        route = " ".join(airport.name or airport.id or "?" for airport in location.airports) or "no airports"
        return Reached((_no("airport", route, _where(aspect.place)),))
    return next((each for each in tried if each.holds), tried[0])


def _window_h(aspect: Aspect, reach: Reach, now: datetime, *, lands: bool) -> float | None:
    """The hours ahead that count; where no reach is named, those that the closure is taken to last."""
    named = [reach.flying_through_h, reach.arriving_within_h if lands else None]
    if is_silent(reach) and not aspect.default_reach_km:
        named.append(max((aspect.lasts_until - now) / timedelta(hours=1), 0.0))
    return max((hours for hours in named if hours is not None), default=None)


@dataclass(frozen=True, slots=True)
class Passage:
    """An airport of a flight and the interval in which it is passed; an instant at both ends of the flight."""

    airport: Place
    earliest: datetime | None
    latest: datetime | None
    lands: bool


def passages_of(location: StaffLocation) -> tuple[Passage, ...]:
    """Each airport with when it is passed: the first at the start, the last at the end, others between them."""
    last = len(location.airports) - 1
    return tuple(Passage(airport, location.end if lands else location.start,
                         location.start if i == 0 and not lands else location.end, lands)
                 for i, airport in enumerate(location.airports) for lands in (i == last and i > 0,))


def is_met(aspect: Aspect, airport: Place) -> bool:
    """Whether the hazard is at that airport: it, its city, or the whole country or division it lies in."""
    place = aspect.place
    if place is None:
        return False
    if place.kind is PlaceKind.AIRPORT:
        return place.id is not None and place.id == airport.id
    if aspect.is_coarse:
        return holds(place, airport)
    return serves(airport, place, slack_km=aspect.uncertainty_km)


def _passage(asked: Asked, passage: Passage, window_h: float) -> Reached:
    aspect, now = asked.aspect, asked.now
    name = passage.airport.name or passage.airport.id or "?"
    threshold = f"within {window_h:g} h of {asked.stamped}"
    where = _yes("airport", name, _where(aspect.place))
    if passage.earliest is None or passage.latest is None:
        return Reached((where, _no("passage", "at an unknown time", threshold)), airport=passage.airport)
    opens = passage.earliest - timedelta(hours=window_h)
    missed = max(aspect.since, now - STUCK_FOR) if aspect.since <= now else now
    passed = passage.latest >= missed and (opens <= now or opens < aspect.lasts_until)
    at = passage.earliest if passage.earliest == passage.latest else None
    value = f"at {stamp(at)}" if at else f"{stamp(passage.earliest)} to {stamp(passage.latest)}"
    time = Gate("passage", passed, value, threshold)
    return Reached((where, time), starts_at=opens if passed and opens > now else None, airport=passage.airport,
                   passes_at=at)


def _yes(name: str, value: str, threshold: str) -> Gate:
    return Gate(name, passed=True, value=value, threshold=threshold)


def _no(name: str, value: str, threshold: str) -> Gate:
    return Gate(name, passed=False, value=value, threshold=threshold)
