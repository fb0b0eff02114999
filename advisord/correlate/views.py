"""Incident × which reports count -> the incident as those alone tell it.

Its own module because people are told what good sources say and no more (RELIABILITY, "poisoning"): one planted report
that joins a true incident adds no dead, no closed airport and no all clear to what travellers read, while the desk
sees everything and who says it.
"""
from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from advisord.correlate.building import aged, incident_of
from advisord.correlate.descent import live
from advisord.correlate.spells import in_time
from advisord.correlate.threads import Thread, is_current
from advisord.model import Hazard, Incident, IncidentStatus, SourcedReport


def told_by(incident: Incident, counts: Callable[[SourcedReport], bool], *, hazards: Mapping[str, Hazard],
            now: datetime) -> Incident:
    """That incident from the reports that count, under its own id; itself where all count or none tells anything.

    What holds the incident together stays as it was decided over all reports. It lasts as long as anybody tells of it,
    but a report that does not count neither ends it nor takes it back.
    """
    telling = live(incident)
    good = [each for each in telling if counts(each)]
    if len(good) == len(telling) or incident.merged_into is not None or not any(map(is_current, good)):
        return incident
    built = incident_of(_thread(incident, good), opened_at=incident.opened_at, hazards=hazards)
    seen = replace(built, id=incident.id, previous=incident.previous,
                   last_report_at=max(built.last_report_at, incident.last_report_at))
    if seen.status is IncidentStatus.CANCELLED and incident.status is not IncidentStatus.CANCELLED:
        # A denial among what its articles tell besides is of something else
        seen = replace(seen, status=IncidentStatus.OPEN, ended_at=None)
    return aged(seen, now=now, hazards=hazards)


def _thread(incident: Incident, good: list[SourcedReport]) -> Thread:
    """Those reports sorted into event and consequences as in the incident; without an event a consequence is it."""
    following = {each.hazard for each in incident.consequences} - {incident.hazard}
    current = sorted((each for each in good if is_current(each)), key=in_time)
    main = tuple(each for each in current if each.report.hazard not in following)
    kinds: dict[str, list[SourcedReport]] = {}
    for each in current:
        if each.report.hazard in following:
            kinds.setdefault(each.report.hazard, []).append(each)
    parts = [tuple(part) for part in kinds.values()]
    if not main:
        main, *parts = parts
    return Thread(main, consequences=tuple(parts), silent=tuple(each for each in good if not is_current(each)))
