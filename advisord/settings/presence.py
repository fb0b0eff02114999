"""A person's home, site and trips -> StaffLocations: who is where between when and when.

Its own module for one rule that must be seen whole: whoever is on a trip is not at home, so that an attack there does
not tell somebody abroad to stay indoors; but days without hours belong to both, since nobody knows when they left.
"""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from advisord.model import StaffLocation

_CHANGE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """When somebody is on a trip, `[start, end)`, and the part of it in which they are away from home for certain."""

    start: datetime
    end: datetime
    away_from: datetime
    away_until: datetime


def span_of(start: date | datetime, end: date | datetime, timezone: str) -> Span:
    """From the first to the last moment; a day without an hour is the whole of it in the time zone given."""
    first, away_from = _bounds(start, timezone)
    away_until, last = _bounds(end, timezone)
    return Span(first, last, away_from, max(away_from, away_until))


def _bounds(moment: date | datetime, timezone: str) -> tuple[datetime, datetime]:
    """The beginning and end of a day; an instant is both."""
    if isinstance(moment, datetime):
        return moment, moment
    midnight = datetime(moment.year, moment.month, moment.day, tzinfo=ZoneInfo(timezone))
    return midnight.astimezone(UTC), (midnight + timedelta(days=1)).astimezone(UTC)


def at_home(location: StaffLocation, away: Iterable[Span]) -> tuple[StaffLocation, ...]:
    """The location without the times away, in as many pieces as that leaves; the first keeps the id."""
    pieces: list[tuple[datetime | None, datetime | None]] = []
    since: datetime | None = None
    for span in _journeys(away):
        if since is None or since < span.away_from:
            pieces.append((since, span.away_from))
        since = span.away_until
    pieces.append((since, None))
    return tuple(replace(location, id=f"{location.id}-{number}" if number > 1 else location.id, start=start, end=end)
                 for number, (start, end) in enumerate(pieces, start=1))


def _journeys(spans: Iterable[Span]) -> list[Span]:
    """Legs that follow each other within a day are one journey; nobody goes home between two flights."""
    journeys: list[Span] = []
    for span in sorted(spans, key=lambda one: (one.start, one.end)):
        last = journeys[-1] if journeys else None
        if last and span.start <= last.end + _CHANGE:
            journeys[-1] = Span(last.start, max(last.end, span.end), last.away_from,
                                max(last.away_until, span.away_until))
        else:
            journeys.append(span)
    return [journey for journey in journeys if journey.away_from < journey.away_until]
