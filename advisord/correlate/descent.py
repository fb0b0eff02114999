"""Threads built anew + stored incidents -> which incident each one continues, and which it starts again.

Its own module because it is the one place where the past enters. The older thread goes on; what has ended is never
opened again, but gets a successor that names it.
"""
from __future__ import annotations

from collections.abc import Sequence

from advisord.correlate.threads import Thread, is_current
from advisord.model import Incident, IncidentStatus, SourcedReport


def live(incident: Incident) -> tuple[SourcedReport, ...]:
    """The reports that its articles still tell."""
    return tuple(each for each in incident.reports if not each.withdrawn)


def continued(built: Sequence[Incident], stored: Sequence[Incident]) -> dict[int, Incident]:
    """Position in `built` -> the stored incident that it is: the oldest open one that shares most of its reports.

    First those that hold the very same reports, so that what has not changed is not moved; then by reports, then by
    articles, so that an article read again with another place corrects its incident.
    """
    found: dict[int, Incident] = {}
    for alike in (_same_reports, _shared_reports, _shared_articles):
        for incident in sorted(stored, key=_open_then_old):
            if incident.id in {each.id for each in found.values()}:
                continue
            shared = {at: alike(incident, each) for at, each in enumerate(built)
                      if at not in found and _may_continue(incident, each)}
            most = max(shared.values(), default=0)
            if most:
                found[min(at for at, each in shared.items() if each == most)] = incident
    return found


def _open_then_old(incident: Incident) -> tuple[bool, float, str]:
    """Open ones first, the oldest before the others; of ended ones the fullest, which is the last of its line."""
    if incident.status is IncidentStatus.OPEN:
        return False, incident.opened_at.timestamp(), incident.id
    return True, -len(live(incident)), incident.id


def _may_continue(incident: Incident, built: Incident) -> bool:
    """What is open can only be an incident that never ended, and a drill only a drill."""
    if incident.status is IncidentStatus.CANCELLED or incident.exercise is not built.exercise:
        return False
    return incident.status is IncidentStatus.OPEN or built.status is not IncidentStatus.OPEN


def _reports(incident: Incident) -> set[str]:
    return {each.id for each in live(incident) if is_current(each)}


def _same_reports(incident: Incident, built: Incident) -> int:
    return int(_reports(incident) == _reports(built))


def _shared_reports(incident: Incident, built: Incident) -> int:
    return len(_reports(incident) & _reports(built))


def _shared_articles(incident: Incident, built: Incident) -> int:
    return len({each.article_id for each in live(incident) if is_current(each)}
               & {each.article_id for each in live(built) if is_current(each)})


def previous_of(threads: Sequence[Thread], at: int, stored: Sequence[Incident]) -> str | None:
    """The incident that a new thread starts again: the last one holding its earlier spell, or its own reports."""
    thread = threads[at]
    for ids in (set(thread.earlier), {each.id for each in thread.main}):
        holding = [each for each in stored if ids & {report.id for report in each.reports}]
        if holding:
            return max(holding, key=lambda each: (each.last_report_at, each.id)).id
    return None
