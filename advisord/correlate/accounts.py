"""A sourced report -> the few numbers that are compared: kind, point, days, figures.

Its own module because a store-backed join and a batch compare the same thing, and because what a missing value means
is decided here once: unknown neither joins nor parts.
"""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from math import isnan, nan

from advisord.geo import distance_km
from advisord.model import Count, Place, Precision, SourcedReport

# A place known more closely than this can part two incidents; wider ones only contain or do not contain. The radius
# is that of a large city with its suburbs.
FINE_KM = 40.0
# The airport of a town is its own: nearer than this is one place beside the uncertainty of both
TOWN_KM = 20.0
_FINE = frozenset({Precision.FACILITY, Precision.CITY, Precision.ADMIN2})
_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Account:
    """One report as it is compared. Days count from 1970 in the place's own calendar; nan where unknown.

    `day` is when it happened as the text tells, `told` when the article was published (seen, in a live program).
    `lat`, `lon` only where the place is known to within a city; `reach` is its uncertainty in km, `sure` (0..1) how
    likely it is the right place.
    """

    key: tuple[str, ...]
    article_id: str
    hazard: str
    language: str
    day: float
    told: float
    lat: float
    lon: float
    reach: float
    sure: float
    country: str
    admin1: str
    killed: tuple[float, float]
    injured: tuple[float, float]
    terms: tuple[tuple[str, float], ...]


def account_of(sourced: SourcedReport, *, told: datetime | None) -> Account:
    """That report as compared; `told` is the instant to go by where its text tells none."""
    report = sourced.report
    place = report.place.place if report.place else None
    lat, lon, reach = _point(place, report.precision, report.uncertainty_km)
    return Account(
        key=(sourced.published.isoformat() if sourced.published else "", sourced.signature, sourced.title,
             report.hazard, sourced.article_id, sourced.id),
        article_id=sourced.article_id, hazard=report.hazard, language=sourced.language.split("-")[0],
        day=day_of(report.start), told=told.timestamp() / _DAY_S if told else nan, lat=lat, lon=lon, reach=reach,
        sure=place.confidence if place else 0.0,
        country=(place.country if place else None) or "", admin1=(place.admin1 if place else None) or "",
        killed=_range(report.killed), injured=_range(report.injured), terms=sourced.terms)


def are_apart(some: Iterable[SourcedReport], others: Iterable[SourcedReport]) -> bool:
    """Whether a place known to within a town tells them apart, any of these from any of those."""
    here, there = ([account_of(each, told=None) for each in reports] for reports in (some, others))
    return any(distance_km(one.lat, one.lon, other.lat, other.lon) > TOWN_KM + one.reach + other.reach
               for one in here for other in there if not isnan(one.lat) and not isnan(other.lat))


def day_of(start: str | None) -> float:
    """The local day of a date or an instant in days since 1970; nan where there is none."""
    if not start:
        return nan
    try:
        day = date.fromisoformat(start[:10])
    except ValueError:
        return nan
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() / _DAY_S


def _point(place: Place | None, precision: Precision | None,
           uncertainty_km: float | None) -> tuple[float, float, float]:
    if place is None or place.lat is None or place.lon is None or precision not in _FINE:
        return nan, nan, nan
    reach = uncertainty_km or 0.0
    return (place.lat, place.lon, reach) if reach <= FINE_KM else (nan, nan, nan)


def _range(count: Count | None) -> tuple[float, float]:
    if count is None:
        return nan, nan
    return float(count.min or 0), float("inf") if count.max is None else float(count.max)
