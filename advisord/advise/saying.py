"""Incident × what was said -> Say: whether a recipient has to be told something, and what it is.

Told again only on material change; told the end once, whatever happened since.
"""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from advisord.advise.changes import Change, changes_of, lead
from advisord.advise.gating import is_unconfirmed
from advisord.advise.history import ENDS, History
from advisord.model import Advisory, Exposure, Gate, Incident, IncidentStatus, Reason

END_OF = {IncidentStatus.CLEARED: Reason.CLEARED, IncidentStatus.EXPIRED: Reason.EXPIRED,
          IncidentStatus.CANCELLED: Reason.CANCELLED}


@dataclass(frozen=True, slots=True)
class Say:
    """What one recipient is to be told: why, of which exposures, and against what was said before."""

    reason: Reason
    exposures: tuple[Exposure, ...]
    changes: tuple[Change, ...] = ()
    gates: tuple[Gate, ...] = ()


def say_of(incident: Incident, exposures: tuple[Exposure, ...], history: History) -> Say | None:
    """What has to be said to a recipient who heard what the history holds; null for nothing."""
    last = history.last
    if incident.status is not IncidentStatus.OPEN:
        reason = Reason.MERGED if incident.merged_into else END_OF[incident.status]
        return _end(reason, last, exposures)
    if last is None:
        return Say(Reason.FIRST, exposures) if exposures else None
    if last.reason in ENDS:
        return _after_end(incident, exposures, history, last)
    changes = _changes(incident, exposures, last, history.locations)
    if not changes:
        return None
    if history.held and history.heard:
        # What waits is overtaken: the new word says all that differs from what they last read
        changes = _changes(incident, exposures, history.heard[-1], history.heard_locations) or changes
    if not exposures and _is_over_for(incident, history.hazards):
        return Say(_end_for(incident, history.hazards), (), changes)
    return Say(lead(changes), exposures, changes)


def _end(reason: Reason, last: Advisory | None, exposures: tuple[Exposure, ...]) -> Say | None:
    """The end, once; but what was called unknown may still turn out to be over, or to have been wrong."""
    if last is None or last.reason is reason or last.reason in ENDS - {Reason.EXPIRED}:
        return None
    return Say(reason, exposures)


def _after_end(incident: Incident, exposures: tuple[Exposure, ...], history: History, last: Advisory) -> Say | None:
    """After somebody's end in an incident that goes on: it touches them again, or the unknown turns out to be over."""
    if exposures:
        return Say(Reason.PHASE, exposures, (Change(Reason.PHASE, "status", last.reason),))
    if last.reason is Reason.EXPIRED and _is_over_for(incident, history.hazards):
        return _end(_end_for(incident, history.hazards), last, ())
    return None


def _changes(incident: Incident, exposures: tuple[Exposure, ...], before: Advisory,
             known: frozenset[str]) -> tuple[Change, ...]:
    reaches = any(each.location_id not in known for each in exposures)
    arrived = _has_arrived(exposures, before)
    return (*changes_of(before.incident, incident), *_confirmed(incident, before),
            *((Change(Reason.REACHES_YOU, "arrived" if arrived else "reaches"),) if reaches or arrived else ()))


def _has_arrived(exposures: tuple[Exposure, ...], before: Advisory) -> bool:
    """Whether somebody is there now who was not anywhere in reach when last told, and was told not to travel."""
    if not before.recipient.startswith("person:") or not before.exposures:
        return False
    was_away = all(_is_ahead(each, before.decided_at) for each in before.exposures)
    return was_away and any(each.airport_id is None and each.begins_at is None for each in exposures)


def _is_ahead(exposure: Exposure, at: datetime) -> bool:
    begins = exposure.passes_at or exposure.begins_at
    return begins is not None and begins > at


def _confirmed(incident: Incident, last: Advisory) -> Iterator[Change]:
    if last.unconfirmed and not is_unconfirmed(incident, last.severity):
        yield Change(Reason.CONFIRMED, "confirmed")


def _is_over_for(incident: Incident, hazards: frozenset[str]) -> bool:
    """Whether every hazard that touched somebody was a consequence that has ended, and the rest never did."""
    over = {each.hazard for each in incident.consequences if each.ended_at is not None}
    holding = {each.hazard for each in incident.consequences if each.ended_at is None}
    return bool(hazards) and hazards <= over - holding - {incident.hazard}


def _end_for(incident: Incident, hazards: frozenset[str]) -> Reason:
    """The end of those consequences: cleared only where a source said so of each."""
    unheard = any(each.hazard in hazards and each.status is IncidentStatus.EXPIRED for each in incident.consequences)
    return Reason.EXPIRED if unheard else Reason.CLEARED
