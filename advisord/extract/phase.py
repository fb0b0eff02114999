"""A hit and the words around it -> its phase: happened, announced, threatened, tried, over, denied, practised.

Rules, because no set that could be learned from tells more than a few hundred of these; whether something that happened
is news or history is learned (relevance.py). The rules look only at what stands close to the hit in its own clause.
"""
from __future__ import annotations

from collections.abc import Collection
from itertools import pairwise

from advisord.extract.hits import Hit
from advisord.extract.scene import Scene
from advisord.extract.units import Unit
from advisord.lexicon import bit_of
from advisord.model import Phase

_NEGATION, _DENIAL, _THREAT, _CLAUSE = bit_of("negation"), bit_of("denial"), bit_of("threat"), bit_of("clause")
_ATTEMPT, _FOILED, _INTENT, _FUTURE = bit_of("attempt"), bit_of("foiled"), bit_of("intent"), bit_of("future")
_BETWEEN = _FUTURE | _INTENT | _THREAT
_UNREAL = bit_of("modal", "hypothetical")
_CLOSE = 30  # code points before the hit that belong to its verb
_TOUCHING = 10  # code points between "no" and what it denies: "no such", "not an"
_BEHIND = 26  # code points behind the hit: "the attack was foiled"
_OLD_DAYS = 45
_NAMED_BEFORE = 12  # and between an old date and the event: "the 2018 bombing", "In 1994 rebels captured"
_NAMED_AFTER = 14  # code points between an event and the old date that names it: "the earthquake of 1985"
# Families whose announcement is a plan; of the others (attacks, crime, disasters) it is a threat.
_ANNOUNCED = ("unrest", "order", "transport", "political", "infra")
# What holds on until somebody says that it ended.
_LASTING = ("order.", "transport.", "infra.", "violence.hostage_taking", "natural.wildfire", "health.outbreak")


def phase_of(hit: Hit, scene: Scene, contexts: Collection[str]) -> Phase | None:
    """The phase told, null where the words only imagine it; `contexts` are those of the hit's sentence."""
    if "drill" in contexts and hit.level in ("tells", "hints", "exercise"):
        return Phase.EXERCISE
    if hit.level not in ("tells", "hints"):
        return Phase(hit.level)
    before, behind, touching = _masks(hit, scene)
    announced = Phase.PLANNED if hit.hazard.split(".")[0] in _ANNOUNCED else Phase.THREATENED
    rules: tuple[tuple[int, Phase | None], ...] = (
        (touching & _NEGATION, Phase.DENIED),
        (before & (_ATTEMPT | _FOILED) | behind & _FOILED, Phase.ATTEMPTED),
        (before & _THREAT, Phase.THREATENED),
        (before & (_INTENT | _FUTURE), announced),
        (before & _UNREAL, None),
        (before & _DENIAL, Phase.DENIED),
        (int(_is_old(hit, scene)), Phase.BACKGROUND),
    )
    real = Phase.ONGOING if hit.hazard.startswith(_LASTING) else Phase.OCCURRED
    return next((phase for applies, phase in rules if applies), real)


def _between(unit: Unit, hit: Hit) -> int:
    """The classes of a word between two pieces of the hit that stands close before the second: "was not closed"."""
    for (_, end), (start, _) in pairwise(hit.pieces):
        if end <= unit.start and unit.end <= start and start - unit.end <= _TOUCHING:
            return unit.mask
    return 0


def _is_old(hit: Hit, scene: Scene) -> bool:
    """Whether all days of the sentence are long past, or one that is stands beside the hit and names it."""
    ages = [told.age for told in scene.days if told.age is not None]
    if ages and min(ages) > _OLD_DAYS:
        return True
    return any(told.age is not None and told.age > _OLD_DAYS
               and (0 <= told.start - hit.end <= _NAMED_AFTER or 0 <= hit.start - told.end <= _NAMED_BEFORE)
               for told in scene.days)


def _masks(hit: Hit, scene: Scene) -> tuple[int, int, int]:
    """The classes close before the hit in its clause, close behind it, and right before it."""
    before = behind = touching = 0
    for unit in scene.units:
        if unit.end <= hit.start and hit.start - unit.end <= _CLOSE:
            if unit.mask & _CLAUSE and not unit.mask & ~_CLAUSE:
                before = touching = 0
                continue
            before |= unit.mask
            if hit.start - unit.end <= _TOUCHING:
                touching |= unit.mask
        elif unit.start >= hit.end and unit.start - hit.end <= _BEHIND:
            behind |= unit.mask
        else:
            between = _between(unit, hit)
            before |= between & _BETWEEN
            touching |= between & _NEGATION
    return before, behind, touching
