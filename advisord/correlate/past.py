"""A stored incident -> the incident as it stood when only some of its reports were known.

Its own module because the live join only ever goes forward; whoever asks "what if" needs the way back, made by the same
threads and the same building.
"""
from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from advisord.correlate.building import aged, incident_of
from advisord.correlate.tables import Tables
from advisord.correlate.threads import Thread, threads_of
from advisord.model import Hazard, Incident, IncidentStatus


def as_it_stood(incident: Incident, known: Collection[str], withdrawn: Collection[str], *, now: datetime,
                hazards: Mapping[str, Hazard], tables: Tables) -> Incident | None:
    """The incident at `now` of the reports whose ids are `known`, less those `withdrawn` by then; null of none.

    Where they do not hold together yet without a report that came later, the largest part of them is the incident.
    """
    told = tuple(replace(each, withdrawn=each.id in withdrawn) for each in incident.reports if each.id in known)
    threads = threads_of([each for each in told if not each.withdrawn], hazards=hazards, tables=tables)
    if not threads:
        gone = replace(incident, reports=told, status=IncidentStatus.CANCELLED, ended_at=now, merged_into=None)
        return gone if told else None
    built = incident_of(max(threads, key=_size), opened_at=incident.opened_at, hazards=hazards)
    return replace(aged(built, now=now, hazards=hazards), id=incident.id, previous=incident.previous)


def _size(thread: Thread) -> int:
    return len(thread.reports)
