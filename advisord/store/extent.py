"""Where and when an incident lies, as columns that a window can be compared with: rather too wide than too narrow."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import cos, radians

from sqlalchemy import ColumnElement, and_, or_, true

from advisord.model import Incident, Place, Precision, Window
from advisord.store.tables import incidents, micros

KM_A_DEGREE = 111.0  # of latitude, rounded down so that boxes come out too large
MARGIN_DEG = 0.01
FURTHEST_EAST = timedelta(hours=14)  # Kiritimati: a day begins there first
FURTHEST_WEST = timedelta(hours=12)
VAGUE = frozenset({Precision.ADMIN2, Precision.ADMIN1, Precision.REGION, Precision.COUNTRY})
POLE = 90.0
DATE_LINE = 180.0


@dataclass(frozen=True, slots=True)
class Box:
    """Degrees; `lon_min` is above `lon_max` where the box crosses the date line."""

    lat_min: float
    lat_max: float
    lon_min: float
    lon_max: float


def box_around(lat: float, lon: float, radius_km: float) -> Box:
    """A box that holds the circle."""
    high = radius_km / KM_A_DEGREE + MARGIN_DEG
    lat_min, lat_max = lat - high, lat + high
    steepest = max(abs(lat_min), abs(lat_max))
    wide = DATE_LINE if steepest >= POLE else high / cos(radians(steepest)) + MARGIN_DEG
    if wide >= DATE_LINE:
        return Box(lat_min, lat_max, -DATE_LINE, DATE_LINE)
    return Box(lat_min, lat_max, _wrapped(lon - wide), _wrapped(lon + wide))


def _wrapped(lon: float) -> float:
    return (lon + DATE_LINE) % (2 * DATE_LINE) - DATE_LINE


def extent_of(incident: Incident) -> dict[str, object]:
    """The columns of the table `incidents` that say where and when."""
    boxes = [box_around(place.lat, place.lon, incident.uncertainty_km or 0.0) for place in _places(incident)
             if place.lat is not None and place.lon is not None]
    crosses = any(box.lon_min > box.lon_max for box in boxes)
    countries = {place.country for place in _places(incident)}
    times = list(_times(incident))
    return {
        "time_from": micros(min(times)), "time_until": micros(max(times)),
        "country": countries.pop() if len(countries) == 1 else None,
        "vague": not boxes or incident.precision in VAGUE,
        "lat_min": min((box.lat_min for box in boxes), default=None),
        "lat_max": max((box.lat_max for box in boxes), default=None),
        "lon_min": -DATE_LINE if crosses else min((box.lon_min for box in boxes), default=None),
        "lon_max": DATE_LINE if crosses else max((box.lon_max for box in boxes), default=None),
    }


def _places(incident: Incident) -> Iterator[Place]:
    if incident.place is not None:
        yield incident.place
    yield from (consequence.place for consequence in incident.consequences if consequence.place is not None)
    yield from (each.report.place.place for each in incident.reports if each.report.place is not None)


def _times(incident: Incident) -> Iterator[datetime]:
    yield incident.opened_at
    yield incident.last_report_at
    if incident.ended_at is not None:
        yield incident.ended_at
    for sourced in incident.reports:
        yield sourced.seen_at
        if sourced.published is not None:
            yield sourced.published
    for told in {incident.start, *(each.report.start for each in incident.reports)}:
        yield from _told(told)


def _told(told: str | None) -> Iterator[datetime]:
    """First and last instant that an ISO date or time can mean anywhere; nothing where it is neither."""
    if told is None:
        return
    try:
        day = date.fromisoformat(told[:10])
        exact = datetime.fromisoformat(told) if len(told) > len("2024-09-17") else None
    except ValueError:
        return
    if exact is not None and exact.tzinfo is not None:
        yield exact
        return
    midnight = datetime.combine(day, time.min, UTC)
    yield midnight - FURTHEST_EAST
    yield midnight + timedelta(days=1) + FURTHEST_WEST


def inside(window: Window) -> ColumnElement[bool]:
    """The condition that an incident may lie in the window; true of more, never of less."""
    in_time = and_(incidents.c.time_until >= micros(window.since), incidents.c.time_from < micros(window.until))
    in_country: ColumnElement[bool] = true()
    if window.country is not None:
        in_country = or_(incidents.c.country.is_(None), incidents.c.country == window.country)
    if window.lat is None or window.lon is None or window.radius_km is None:
        return and_(in_time, in_country)
    box = box_around(window.lat, window.lon, window.radius_km)
    high_enough = and_(incidents.c.lat_max >= box.lat_min, incidents.c.lat_min <= box.lat_max)
    return and_(in_time, or_(and_(high_enough, _across(box)), and_(incidents.c.vague == true(), in_country)))


def _across(box: Box) -> ColumnElement[bool]:
    if box.lon_min <= box.lon_max:
        return and_(incidents.c.lon_max >= box.lon_min, incidents.c.lon_min <= box.lon_max)
    return or_(incidents.c.lon_max >= box.lon_min, incidents.c.lon_min <= box.lon_max)
