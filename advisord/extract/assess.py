"""What is known of an incident -> CAP severity, urgency and certainty.

Severity by consequence and by what was hit, never by adjectives: the hazard's own in seeds/hazards.yaml, one step up
for
many dead or for a target that many people use, one down for what was only tried or where nobody was hurt.
"""
from __future__ import annotations

from collections.abc import Set as AbstractSet

from advisord.model import Certainty, Count, Hazard, Phase, Severity, Urgency

MANY_KILLED, SOME_KILLED = 10, 3
MANY_HURT = 50
# Where one hit touches everybody who passes: raises by a step.
CROWDED = frozenset({"airport", "transit", "hotel", "embassy", "aid", "worship", "market", "school"})
_STEPS = (Severity.MINOR, Severity.MODERATE, Severity.SEVERE, Severity.EXTREME)
_DEEDS = ("conflict", "violence", "crime", "accident", "natural")


def severity_of(hazard: Hazard, phase: Phase, *, killed: Count | None, injured: Count | None,
                targets: AbstractSet[str]) -> Severity:
    """The severity of one report."""
    step = _STEPS.index(hazard.severity)
    dead, hurt = _least(killed), _least(injured)
    if dead >= MANY_KILLED or hurt >= MANY_HURT:
        step = 3
    elif dead >= SOME_KILLED:
        step = max(step, 2)
    elif dead:
        step = max(step, 1)
    if hazard.code.startswith(("conflict", "violence")) and targets & CROWDED and (dead or hurt):
        step += 1
    if phase in (Phase.ATTEMPTED, Phase.THREATENED, Phase.PLANNED) and not dead:
        step = min(step, max(1, step - 1))
    if phase is Phase.ENDED:
        step = min(step, _STEPS.index(hazard.severity))
    if hazard.code.startswith(_DEEDS) and killed and injured and killed.max == 0 and injured.max == 0:
        step -= 1
    return _STEPS[max(0, min(3, step))]


def _least(count: Count | None) -> int:
    return (count.min or 0) if count else 0


def urgency_of(phase: Phase, *, age_days: int | None) -> Urgency:
    """How soon it matters; `age_days` from its day to publication, negative ahead, null unknown."""
    if phase in (Phase.PLANNED, Phase.THREATENED):
        return Urgency.EXPECTED if age_days is None or age_days >= -1 else Urgency.FUTURE
    if phase in (Phase.BACKGROUND, Phase.DENIED, Phase.EXERCISE, Phase.ENDED):
        return Urgency.PAST
    if age_days is not None and age_days > 2:  # noqa: PLR2004 - two days on, what happened no longer calls for haste
        return Urgency.PAST
    return Urgency.IMMEDIATE


def certainty_of(phase: Phase, *, hedged: bool, attributed: bool) -> Certainty:
    """How sure it is: `hedged` by "reportedly" and its like, `attributed` to somebody who says so."""
    if phase in (Phase.PLANNED, Phase.THREATENED):
        return Certainty.POSSIBLE
    if phase is Phase.DENIED:
        return Certainty.UNLIKELY
    if hedged:
        return Certainty.POSSIBLE if not attributed else Certainty.LIKELY
    return Certainty.OBSERVED
