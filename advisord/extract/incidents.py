"""The hits of an article -> its incidents: hits that tell of the same thing, put together.

Two hits tell of one incident when their hazards are the same or kin, their places may be the same and their days are
not
apart. What only names the matter ("the attack") joins the incident told last; what tells begins one of its own.
"""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from advisord.extract.hits import Hit
from advisord.extract.scene import Placed, Scene
from advisord.extract.where import agree
from advisord.model import Hazard, Phase

_TELLS, _HINTS = 3.0, 1.0
_FURTHER = 0.8  # probability from which a hit begins one more incident of an article; .7 and .9 were worse
_GENERIC = 15  # kin from which on a hint of a hazard fits anything that harms
_CLOSER = ("country", "region", "water", "natural", "admin1", "admin2", "city", "airport", "facility")
_BROADEST = 1  # in _CLOSER: a country or a region
CONSEQUENCES = ("order.", "transport.", "infra.")  # told once, in passing, and reports of their own all the same
_VIOLENT = ("conflict", "violence", "crime", "political.arrests")
_DEEDS = ("conflict", "violence", "crime", "accident", "natural", "unrest", "political", "health")
_TITLE, _LEAD = 2.0, 1.5  # what the headline and the first sentence say counts so much more


@dataclass(frozen=True, slots=True)
class Judged:
    """A hit with its scene, its probability to be news, its phase, and what its own sentence tells of place and day.

    `firm`: the words say that it happens at that place, and do not merely name it.
    """

    hit: Hit
    scene: Scene
    probability: float
    phase: Phase
    place: Placed | None
    day: date | None
    firm: bool = False


class Incident:
    """Hits that tell of one thing, in order; grows while the article is read."""

    __slots__ = ("judged",)

    def __init__(self, judged: Judged) -> None:
        """Begin with one hit."""
        self.judged = [judged]

    def place(self, code: str) -> Placed | None:
        """The place that the surest of its hits of that hazard tell; where it is a country, the closest told in it."""
        told = [each for each in self.judged if each.place]
        if not told:
            return None
        best = max(told, key=lambda each: (each.hit.level != "hints", each.firm, each.hit.hazard == code,
                                           each.probability, _depth(each)))
        if _depth(best) > _BROADEST:
            return best.place
        inside = [each for each in told if _country(each) == _country(best)]
        return max(inside, key=lambda each: (_depth(each), each.probability)).place

    def days(self) -> list[date]:
        """The days that its hits tell, in order."""
        return [each.day for each in self.judged if each.day]

    def weights(self, titles: int, hazards: Mapping[str, Hazard]) -> dict[str, float]:
        """How strongly its hits tell each hazard, in the order of the text.

        What has many kin says little: "killed" goes with every kind of attack and accident.
        """
        weights: defaultdict[str, float] = defaultdict(float)
        for each in self.judged:
            kin = len(hazards[each.hit.hazard].kin)
            weight = _HINTS / (1 + kin / 4) if each.hit.level == "hints" else _TELLS / (1 + kin / 20)
            factor = _TITLE if each.hit.sentence < titles else _LEAD if each.hit.sentence == titles else 1.0
            weights[each.hit.hazard] += weight * factor * (0.2 + each.probability)
        return dict(weights)

    @property
    def probability(self) -> float:
        """That of its surest hit."""
        return max(each.probability for each in self.judged)


def _depth(judged: Judged) -> int:
    return _CLOSER.index(judged.place.mention.place.kind.value) if judged.place else -1


def _country(judged: Judged) -> str | None:
    return judged.place.mention.place.country if judged.place else None


def incidents_of(judged: Sequence[Judged], hazards: Mapping[str, Hazard], news: float) -> list[Incident]:
    """The incidents, in the order of their first hits.

    Hits whose probability is at least `news` come first; the others then join what they fit, or begin an incident of
    the
    background where they tell by themselves.
    """
    incidents: list[Incident] = []
    likely = [each for each in judged if each.probability >= news and each.phase is not Phase.BACKGROUND]
    for each in sorted(likely, key=lambda each: each.hit.level == "hints"):  # what only names it may stand before it
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
    elif not incidents or (judged.hit.level != "hints" and (
            judged.probability >= _FURTHER or judged.hit.hazard.startswith(CONSEQUENCES))):
        incidents.append(Incident(judged))


def _fitting(judged: Judged, incidents: Sequence[Incident], hazards: Mapping[str, Hazard]) -> Incident | None:
    """The incident told last that the hit may tell of, one of its own hazard before one of a kin.

    What only names the matter tells of no other incident than those told: place and day beside it may be anybody's. And
    only a place said to be the event's, or a day of its own, makes it another one.
    """
    alike = [incident for incident in reversed(incidents)
             if any(_kin(judged, other, hazards) for other in incident.judged)]
    alike.sort(key=lambda incident: all(other.hit.hazard != judged.hit.hazard for other in incident.judged))
    fitting = next((incident for incident in alike if _agrees(judged, incident)), None)
    if fitting is None and alike and (judged.hit.level == "hints" or not (judged.firm or _other_day(judged, alike[0]))):
        return alike[0]
    return fitting


def _agrees(judged: Judged, incident: Incident) -> bool:
    """Whether place and day of the hit may be those of the incident."""
    if judged.place and not all(agree(judged.place.mention, other.place.mention) for other in incident.judged
                                if other.place and other.hit.level != "hints"):
        return False
    return not _other_day(judged, incident)


def _other_day(judged: Judged, incident: Incident) -> bool:
    """Whether the hit tells a day of its own that is more than one apart from those of the incident."""
    days = incident.days()
    return judged.day is not None and bool(days) and all(abs((judged.day - day).days) > 1 for day in days)


def _kin(judged: Judged, other: Judged, hazards: Mapping[str, Hazard]) -> bool:
    """Whether two hits may be told of one event.

    Early reports tell the one for the other; or both are deeds told in one sentence ("stopped, robbed and
    kidnapped"); or
    it is a hint of what has many kin ("killed"), which fits any deed.
    """
    one = hazards[judged.hit.hazard]
    if one.code == other.hit.hazard or other.hit.hazard in one.kin:
        return True
    together = judged.hit.sentence == other.hit.sentence
    if together and one.code.startswith(_VIOLENT) and other.hit.hazard.startswith(_VIOLENT):
        return True
    return judged.hit.level == "hints" and len(one.kin) >= _GENERIC and other.hit.hazard.startswith(_DEEDS)
