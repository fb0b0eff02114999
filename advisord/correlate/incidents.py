"""SourcedReports + stored incidents -> changed and new incidents; what the pipeline calls.

Its own module because it alone knows the past: which incident a thread continues, which it restarts, which turned out
to be another's, which nobody tells any more. What belongs together is decided anew at every join over all reports
concerned (threads.py), so that the order of arrival does not matter; ended incidents are never reopened.
"""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime, timedelta

from advisord.correlate.building import aged, incident_of, next_change_at
from advisord.correlate.descent import as_before, continued, live, previous_of, touched
from advisord.correlate.nearest import MOST, nearest
from advisord.correlate.spells import told_at
from advisord.correlate.tables import NOTHING, Tables
from advisord.correlate.threads import threads_of
from advisord.model import Hazard, Incident, IncidentStatus, Precision, SourcedReport, Window

__all__ = ["aged", "join", "next_change_at", "window_of"]

# A consequence may be reported from the next town, and towns are large
WINDOW_KM = 150.0
_WIDE = frozenset({Precision.REGION, Precision.COUNTRY})


def window_of(report: SourcedReport, hazards: Mapping[str, Hazard]) -> Window:
    """Which stored incidents that report might belong to: those heard of within the longest time of any hazard."""
    longest = max((timedelta(hours=hazard.ttl_h) for hazard in hazards.values()), default=timedelta(days=14))
    at = told_at(report)
    place = report.report.place.place if report.report.place else None
    since, until = at - longest, at + longest
    if place is None:
        return Window(since, until)
    if place.lat is None or place.lon is None or report.report.precision in _WIDE:
        return Window(since, until, country=place.country)
    return Window(since, until, lat=place.lat, lon=place.lon, country=place.country,
                  radius_km=WINDOW_KM + (report.report.uncertainty_km or 0.0))


def join(reports: tuple[SourcedReport, ...], near: tuple[Incident, ...], *, hazards: Mapping[str, Hazard],
         next_id: Callable[[str], str], now: datetime, article_id: str | None = None,
         tables: Tables = NOTHING, denials: Sequence[SourcedReport] = ()) -> tuple[Incident, ...]:
    """The incidents that one article's reports change or begin, given the stored ones around them.

    `article_id` says whose reports these are when there are none: an article read again replaces what it said before,
    and an incident that no article tells any more is cancelled. `denials` are those of other articles around that may
    have come before what they deny. Joining the same reports again changes nothing.

    Up to MOST reports around are decided anew, all with all. Of more, the nearest ones are, and only what that
    decides of these reports is taken.
    """
    again = {each.article_id for each in reports} | ({article_id} if article_id else set())
    around = tuple(incident for incident in near if incident.merged_into is None)
    is_whole = sum(len(incident.reports) for incident in around) <= MOST
    stored, loose = (around, tuple(denials)) if is_whole else nearest(reports, around, denials, again=again)
    pool = {each.id: each for each in loose if each.article_id not in again}
    pool.update((each.id, each) for incident in stored for each in live(incident) if each.article_id not in again)
    pool.update((each.id, each) for each in reports)
    told = threads_of(pool.values(), hazards=hazards, tables=tables)
    known = as_before(told, stored, again)
    past = tuple(incident for incident in stored if incident.id not in {each.id for each in known.values()})
    new = tuple(thread for at, thread in enumerate(told) if at not in known)
    if not is_whole:
        new, past = touched(new, past, again)
    built = [aged(incident_of(thread, opened_at=now, hazards=hazards), now=now, hazards=hazards) for thread in new]
    same = continued(built, past)
    grown = [_grown(each, same.get(at), previous_of(new, at, stored), next_id) for at, each in enumerate(built)]
    kept = {incident.id for incident in grown}
    heirs = (*grown, *known.values())
    left = [_left(_without(incident, again, {each.id for each in reports}), heirs, now)
            for incident in past if incident.id not in kept]
    before = {incident.id: incident for incident in near}
    return tuple(each for each in (*grown, *left)
                 if each.id not in before or _told(before[each.id]) != _told(each))


def _told(incident: Incident) -> tuple[object, ...]:
    """What makes an incident another one for `join`: time alone is the business of `aged`."""
    return incident.reports, incident.merged_into, incident.status is IncidentStatus.CANCELLED


def _grown(built: Incident, same: Incident | None, previous: str | None, next_id: Callable[[str], str]) -> Incident:
    if same is None:
        return replace(built, id=next_id(_stem(built)), previous=previous)
    return replace(built, id=same.id, opened_at=same.opened_at, previous=same.previous)


def _stem(incident: Incident) -> str:
    """COUNTRY-YEAR-MMDD of the day it happened, or was first told."""
    country = (incident.place.country if incident.place else None) or "XX"
    day = (incident.start or min(told_at(each) for each in incident.reports).isoformat())[:10]
    return f"{country}-{day[:4]}-{day[5:7]}{day[8:10]}"


def _without(incident: Incident, again: AbstractSet[str], told: AbstractSet[str]) -> Incident:
    """That incident with what the article read again no longer says marked as withdrawn."""
    return replace(incident, reports=tuple(
        replace(each, withdrawn=each.withdrawn or (each.article_id in again and each.id not in told))
        for each in incident.reports))


def _left(incident: Incident, grown: Sequence[Incident], now: datetime) -> Incident:
    """A stored incident that no thread continues: it turned out to be another, or nobody tells it any more."""
    if incident.status is not IncidentStatus.OPEN:
        return incident
    remaining = {each.id for each in live(incident)}
    if not remaining:
        return replace(incident, status=IncidentStatus.CANCELLED, ended_at=now)
    heir = next((each.id for each in grown if remaining & {report.id for report in each.reports}), None)
    if heir is None:
        return incident
    return replace(incident, status=IncidentStatus.CANCELLED, ended_at=now, merged_into=heir)
