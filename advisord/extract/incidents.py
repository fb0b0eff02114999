"""The hits of an article -> its incidents: hits that tell of the same thing, put together.

Two hits tell of one incident when their hazards are the same or kin, their places may be the same and their days are not
apart. What only names the matter ("the attack") joins the incident told last; what tells begins one of its own.
"""
from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from advisord.extract.hits import Hit
from advisord.extract.scene import Placed, Scene
from advisord.extract.where import agree
from advisord.model import Hazard, Phase

_TELLS, _HINTS = 3.0, 1.0
_TITLE, _LEAD = 2.0, 1.5  # what the headline and the first sentence say counts so much more


@dataclass(frozen=True, slots=True)
class Judged:
    """A hit with its scene, its probability to be news, its phase, and what its own sentence tells of place and day."""

    hit: Hit
    scene: Scene
    probability: float
    phase: Phase
    place: Placed | None
    day: date | None


class Incident:
    """Hits that tell of one thing, in order; grows while the article is read."""

    __slots__ = ("judged",)

    def __init__(self, judged: Judged) -> None:
        """Begin with one hit."""
        self.judged = [judged]

    def place(self) -> Placed | None:
        """The closest place that its hits tell, the surest first."""
        told = [each for each in self.judged if each.place]
        return max(told, key=lambda each: (_depth(each), each.probability)).place if told else None

    def days(self) -> list[date]:
        """The days that its hits tell, in order."""
        return [each.day for each in self.judged if each.day]

    def hazard(self, titles: int) -> str:
        """The code that its hits tell most strongly; of equals the one told first."""
        weights: Counter[str] = Counter()
        for each in self.judged:
            weight = _HINTS if each.hit.level == "hints" else _TELLS
            factor = _TITLE if each.hit.sentence < titles else _LEAD if each.hit.sentence == titles else 1.0
            weights[each.hit.hazard] += weight * factor * (0.2 + each.probability)
        return max(weights, key=lambda code: weights[code])

    @property
    def probability(self) -> float:
        """That of its surest hit."""
        return max(each.probability for each in self.judged)


def _depth(judged: Judged) -> int:
    order = ("country", "region", "water", "natural", "admin1", "admin2", "city", "airport", "facility")
    return order.index(judged.place.mention.place.kind) if judged.place else -1


def incidents_of(judged: Sequence[Judged], hazards: Mapping[str, Hazard], news: float) -> list[Incident]:
    """The incidents, in the order of their first hits.

    Hits whose probability is at least `news` come first; the others then join what they fit, or begin an incident of the
    background where they tell by themselves.
    """
    incidents: list[Incident] = []
    for each in judged:
        if each.probability >= news and each.phase is not Phase.BACKGROUND:
            _join_or_begin(each, incidents, hazards)
    current = len(incidents)
    for each in judged:
        if each.probability < news or each.phase is Phase.BACKGROUND:
            open_to = incidents[current:] if each.phase is Phase.BACKGROUND else incidents
            fitting = _fitting(each, open_to, hazards)
            if fitting:
                fitting.judged.append(each)
            elif each.hit.level != "hints":
                incidents.append(Incident(each))
    for incident in incidents:
        incident.judged.sort(key=lambda each: (each.hit.start, each.hit.end))
    return sorted(incidents, key=lambda incident: incident.judged[0].hit.start)


def _join_or_begin(judged: Judged, incidents: list[Incident], hazards: Mapping[str, Hazard]) -> None:
    fitting = _fitting(judged, incidents, hazards)
    if fitting:
        fitting.judged.append(judged)
    else:
        incidents.append(Incident(judged))


def _fitting(judged: Judged, incidents: Sequence[Incident], hazards: Mapping[str, Hazard]) -> Incident | None:
    """The incident told last that the hit may tell of."""
    return next((incident for incident in reversed(incidents) if _fits(judged, incident, hazards)), None)


def _fits(judged: Judged, incident: Incident, hazards: Mapping[str, Hazard]) -> bool:
    """Whether the hit may tell of that incident."""
    if not any(_kin(judged.hit.hazard, other.hit.hazard, hazards) for other in incident.judged):
        return False
    if judged.place and not all(agree(judged.place.mention, other.place.mention) for other in incident.judged
                                if other.place):
        return False
    days = incident.days()
    return not judged.day or not days or any(abs((judged.day - day).days) <= 1 for day in days)


def _kin(one: str, other: str, hazards: Mapping[str, Hazard]) -> bool:
    """Whether early reports tell the one for the other."""
    return one == other or other in hazards[one].kin
