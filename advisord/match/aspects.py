"""Incident -> Aspects: the main hazard and each consequence as one thing that a rule can be about.

Its own module because rules, reach and explanations all look at an incident through the same window: a hazard with a
phase, a severity, a place and a time until which it is taken to last.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from advisord.model import Consequence, Hazard, Incident, Phase, Place, PlaceKind, Precision, Severity

# Below it a place with other candidates is more likely one of them than it is worth frightening people for
CERTAIN_FROM = 0.5
COARSE_KINDS = frozenset({PlaceKind.ADMIN1, PlaceKind.COUNTRY, PlaceKind.REGION})
COARSE_PRECISIONS = frozenset({Precision.ADMIN1, Precision.COUNTRY, Precision.REGION})


@dataclass(frozen=True, slots=True)
class Aspect:
    """One hazard of an incident. `lasts_until` is when it becomes unknown unless heard of again."""

    hazard: str
    phase: Phase
    severity: Severity
    place: Place | None
    precision: Precision | None
    uncertainty_km: float
    since: datetime
    lasts_until: datetime
    default_reach_km: float
    is_areal: bool

    @property
    def is_certain(self) -> bool:
        """Whether its place is known well enough to tell people of it; an ambiguous one is for the desk."""
        place = self.place
        if place is None or (place.lat is None and place.country is None):
            return False
        return place.confidence >= CERTAIN_FROM or not place.alternatives

    @property
    def is_coarse(self) -> bool:
        """Whether it is known only to a region or country, so that its point is a middle and measures nothing."""
        return self.place is not None and (self.place.kind in COARSE_KINDS or self.precision in COARSE_PRECISIONS)

    @property
    def point(self) -> tuple[float, float] | None:
        """Degrees to measure distances from; null where there is no point that means something."""
        place = self.place
        if place is None or self.is_coarse or place.lat is None or place.lon is None:
            return None
        return place.lat, place.lon


def aspects_of(incident: Incident, hazards: Mapping[str, Hazard]) -> tuple[Aspect, ...]:
    """The main hazard first, then the consequences in their order."""
    main = Aspect(
        hazard=incident.hazard, phase=incident.phase, severity=incident.severity, place=incident.place,
        precision=incident.precision, uncertainty_km=incident.uncertainty_km or 0.0, since=incident.opened_at,
        lasts_until=_until(incident.hazard, incident.last_report_at, hazards),
        default_reach_km=_reach_km(incident.hazard, hazards), is_areal=_is_areal(incident.hazard, hazards))
    return (main, *(_aspect_of(each, incident, hazards) for each in incident.consequences))


def _aspect_of(consequence: Consequence, incident: Incident, hazards: Mapping[str, Hazard]) -> Aspect:
    """A consequence's aspect; without a place of its own it is where the incident is."""
    own = consequence.place is not None
    return Aspect(
        hazard=consequence.hazard, phase=Phase.ENDED if consequence.ended_at else consequence.phase,
        severity=consequence.severity, place=consequence.place if own else incident.place,
        precision=None if own else incident.precision,
        uncertainty_km=0.0 if own else incident.uncertainty_km or 0.0, since=consequence.since,
        lasts_until=_until(consequence.hazard, consequence.last_report_at, hazards),
        default_reach_km=_reach_km(consequence.hazard, hazards), is_areal=_is_areal(consequence.hazard, hazards))


def _until(code: str, last_report_at: datetime, hazards: Mapping[str, Hazard]) -> datetime:
    hazard = hazards.get(code)
    return last_report_at + timedelta(hours=hazard.ttl_h if hazard else 0.0)


def _reach_km(code: str, hazards: Mapping[str, Hazard]) -> float:
    hazard = hazards.get(code)
    return hazard.reach_km if hazard else 0.0


def _is_areal(code: str, hazards: Mapping[str, Hazard]) -> bool:
    hazard = hazards.get(code)
    return hazard.areal if hazard else False
