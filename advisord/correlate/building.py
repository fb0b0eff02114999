"""A thread -> the Incident that it makes, before anybody asks what it was called or what it was yesterday.

Its own module because everything here is a function of the thread, the hazards and the instant; incidents.py gives it
its id and its past.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from advisord.correlate.assess import (
    actors_of,
    certainty_of,
    claims_of,
    count_of,
    credibility_of,
    instructions_of,
    is_taken_back,
    phase_of,
    place_report,
    severity_of,
    start_of,
    urgency_of,
)
from advisord.correlate.desk import is_refused
from advisord.correlate.origins import folded
from advisord.correlate.spells import end_of, last_heard, told_at, ttl_of
from advisord.correlate.threads import Thread
from advisord.model import Consequence, Count, Hazard, Incident, IncidentStatus, Phase, SourcedReport


def incident_of(thread: Thread, *, opened_at: datetime, hazards: Mapping[str, Hazard]) -> Incident:
    """The incident that a thread makes, without an id: open, cleared or refuted; ageing is another step.

    It is cleared when the event is over and nothing that followed from it still holds.
    """
    main = thread.main
    consequences = tuple(consequence_of(each, hazards) for each in thread.consequences)
    over = end_of(main) is not None
    where = place_report(main, [each for part in thread.consequences for each in part])
    incident = Incident(
        id="", hazard=hazard_of(main), phase=phase_of(main, over=over),
        severity=severity_of(main), urgency=urgency_of(main), certainty=certainty_of(main, thread.silent),
        opened_at=opened_at, last_report_at=last_heard(main, hazards), reports=_with_origins(thread.reports),
        place=where.report.place.place if where and where.report.place else None,
        precision=where.report.precision if where else None,
        uncertainty_km=where.report.uncertainty_km if where else None, start=start_of(main),
        consequences=consequences, killed=count_of(main, _killed), injured=count_of(main, _injured),
        abducted=count_of(main, _abducted), actors=actors_of(main), claims=claims_of(thread.telling),
        instructions=instructions_of(thread.telling), origins=len(set(folded(main).values())),
        credibility=credibility_of(main, thread.silent), exercise=main[0].exercise)
    status = _status(thread, over=over and all(each.ended_at for each in consequences))
    heard = max(told_at(each) for each in thread.telling)
    return replace(incident, status=status, ended_at=None if status is IncidentStatus.OPEN else heard)


def _status(thread: Thread, *, over: bool) -> IncidentStatus:
    if is_taken_back(thread.main, thread.silent) or is_refused(thread.main, thread.silent):
        return IncidentStatus.CANCELLED
    return IncidentStatus.CLEARED if over else IncidentStatus.OPEN


def _killed(sourced: SourcedReport) -> Count | None:
    return sourced.report.killed


def _injured(sourced: SourcedReport) -> Count | None:
    return sourced.report.injured


def _abducted(sourced: SourcedReport) -> Count | None:
    return sourced.report.abducted


def hazard_of(main: Sequence[SourcedReport]) -> str:
    """The kind that most articles tell; of equals the worse, then the first by name."""
    votes: dict[str, list[SourcedReport]] = {}
    for each in main:
        votes.setdefault(each.report.hazard, []).append(each)
    return min(votes, key=lambda code: (-len({each.article_id for each in votes[code]}),
                                        -max(each.report.severity.rank for each in votes[code]), code))


def consequence_of(reports: Sequence[SourcedReport], hazards: Mapping[str, Hazard]) -> Consequence:
    """A closure, order or cut with the phase and end of its own."""
    end = end_of(reports)
    where = place_report(reports)
    return Consequence(
        hazard=reports[0].report.hazard, phase=phase_of(reports, over=end is not None), severity=severity_of(reports),
        place=where.report.place.place if where and where.report.place else None,
        since=min(told_at(each) for each in reports), last_report_at=last_heard(reports, hazards),
        ended_at=told_at(end) if end else None, instructions=instructions_of(reports),
        status=IncidentStatus.CLEARED if end else IncidentStatus.OPEN)


def _with_origins(reports: Sequence[SourcedReport]) -> tuple[SourcedReport, ...]:
    origins = folded(reports)
    return tuple(replace(each, origin=origins[each.article_id]) for each in reports)


def aged(incident: Incident, *, now: datetime, hazards: Mapping[str, Hazard]) -> Incident:
    """The incident as it stands at `now`: what nobody spoke of for its hazard's `ttl_h` is expired, and nothing else.

    Expiry says "last heard then, status unknown". A consequence expires by itself; the incident holds as long as one
    of its consequences does.
    """
    if incident.status is not IncidentStatus.OPEN:
        return incident
    consequences = tuple(_aged_consequence(each, now, hazards) for each in incident.consequences)
    incident = replace(incident, consequences=consequences)
    end = _last_at(incident, hazards)
    if end > now or any(each.ended_at is None for each in consequences):
        return incident
    ends = [each.ended_at for each in consequences if each.ended_at]
    return replace(incident, status=IncidentStatus.EXPIRED, ended_at=max([end, *ends]))


def _last_at(incident: Incident, hazards: Mapping[str, Hazard]) -> datetime:
    """When the main event is over, or no longer known of."""
    if incident.phase is Phase.ENDED:
        return incident.last_report_at
    return incident.last_report_at + ttl_of(incident.hazard, hazards)


def _aged_consequence(consequence: Consequence, now: datetime, hazards: Mapping[str, Hazard]) -> Consequence:
    end = consequence.last_report_at + ttl_of(consequence.hazard, hazards)
    if consequence.ended_at is not None or end > now:
        return consequence
    return replace(consequence, ended_at=end, status=IncidentStatus.EXPIRED)


def next_change_at(incident: Incident, hazards: Mapping[str, Hazard]) -> datetime | None:
    """When the incident or one of its consequences will expire if nothing more is heard; null once it has ended."""
    if incident.status is not IncidentStatus.OPEN:
        return None
    waiting = [each.last_report_at + ttl_of(each.hazard, hazards)
               for each in incident.consequences if each.ended_at is None]
    return min(waiting, default=_last_at(incident, hazards))
