"""Incident before × Incident now -> Changes: what differs so much that people are told again.

Everything else (another source of the same, a figure in the same band, a sharper place) is silent: repetition is what
people stop reading.
"""
from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from advisord.geo import distance_km
from advisord.model import Consequence, Count, Incident, IncidentStatus, Instruction, Phase, Place, Reason

# People killed, injured or abducted change what a reader thinks at about these steps, not at every body found
CASUALTY_BANDS = (1, 3, 10, 50, 200, 1000)
# A place that moves by less is a sharper account of the same place; more is another place, and was wrong
MOVED_KM = 25.0
HAPPENING = frozenset({Phase.OCCURRED, Phase.ONGOING})


@dataclass(frozen=True, slots=True)
class Change:
    """One field that differs, why that matters, and what was said of it before, in words for templates to place."""

    reason: Reason
    field: str
    was: str = ""


def changes_of(before: Incident, now: Incident) -> tuple[Change, ...]:
    """Every material change, the gravest reason first."""
    found = [*_kind(before, now), *_phase(before, now), *_severity(before, now), *_consequences(before, now),
             *_instructions(before, now), *_casualties(before, now)]
    return tuple(sorted(found, key=_gravity))


def lead(changes: tuple[Change, ...]) -> Reason:
    """The reason that names the message."""
    return min(changes, key=_gravity).reason


def _gravity(change: Change) -> int:
    order = (Reason.CORRECTED, Reason.PHASE, Reason.SEVERITY, Reason.REACHES_YOU, Reason.CONSEQUENCE,
             Reason.INSTRUCTION, Reason.CASUALTIES, Reason.CONFIRMED)
    return order.index(change.reason)


def _kind(before: Incident, now: Incident) -> Iterator[Change]:
    """Clashes or an attack, a fire or an explosion: within a family the name alone asks nothing else of anybody.

    Told again for it, a whole staff was woken by "we said: armed clashes; it is now reported as: armed attack".
    """
    if before.hazard.partition(".")[0] != now.hazard.partition(".")[0]:
        yield Change(Reason.CORRECTED, "hazard", before.hazard)
    if before.place is not None and now.place is not None and _has_moved(before, now):
        yield Change(Reason.CORRECTED, "place", before.place.name or "")


def _has_moved(before: Incident, now: Incident) -> bool:
    one, other = before.place, now.place
    if one is None or other is None or one.id == other.id:
        return False
    if one.country is not None and other.country is not None and one.country != other.country:
        return True
    if one.lat is None or one.lon is None or other.lat is None or other.lon is None:
        return False
    allowed = max(before.uncertainty_km or 0.0, now.uncertainty_km or 0.0, MOVED_KM)
    return distance_km(one.lat, one.lon, other.lat, other.lon) > allowed


def _phase(before: Incident, now: Incident) -> Iterator[Change]:
    """Occurred and ongoing ask the same of people and are told apart differently by every paper."""
    if before.phase != now.phase and not {before.phase, now.phase} <= HAPPENING:
        yield Change(Reason.PHASE, "phase", before.phase)


def _severity(before: Incident, now: Incident) -> Iterator[Change]:
    if before.severity != now.severity:
        yield Change(Reason.SEVERITY, "severity", before.severity)


def _consequences(before: Incident, now: Incident) -> Iterator[Change]:
    for each in now.consequences:
        earlier = _same(each, before.consequences)
        if _holds(each) and (earlier is None or not _holds(earlier)):
            yield Change(Reason.CONSEQUENCE, f"began:{each.hazard}")
        elif earlier is not None and _has_ended(earlier, each):
            yield Change(Reason.CONSEQUENCE, f"{'unheard' if _is_unheard(each) else 'ended'}:{each.hazard}")
    for earlier in before.consequences:
        if _holds(earlier) and _same(earlier, now.consequences) is None and earlier.hazard != now.hazard:
            yield Change(Reason.CORRECTED, f"withdrawn:{earlier.hazard}", _name(earlier.place))


def _has_ended(earlier: Consequence, now: Consequence) -> bool:
    """Whether it ended since; what was only unheard of and is now said to be over has."""
    if _is_unheard(earlier):
        return _is_over(now) and not _is_unheard(now)
    return not _is_over(earlier) and _is_over(now)


def _is_unheard(consequence: Consequence) -> bool:
    return consequence.status is IncidentStatus.EXPIRED


def _is_over(consequence: Consequence) -> bool:
    return consequence.ended_at is not None or consequence.phase is Phase.ENDED


def _holds(consequence: Consequence) -> bool:
    return not _is_over(consequence) and consequence.phase in HAPPENING


def _same(consequence: Consequence, others: tuple[Consequence, ...]) -> Consequence | None:
    """The same closure or order among others: same hazard, and the same place as far as both are known."""
    return next((each for each in others if each.hazard == consequence.hazard
                 and (each.place is None or consequence.place is None or each.place.id == consequence.place.id
                      or each.place.name == consequence.place.name)), None)


def _name(place: Place | None) -> str:
    return (place.name if place else None) or ""


def _instructions(before: Incident, now: Incident) -> Iterator[Change]:
    """An order is new by its kind: ten papers name its issuer in ten ways."""
    known = {each.kind for each in _ordered(before)} | {
        each.hazard for incident in (before, now) for each in incident.consequences}
    for kind in dict.fromkeys(each.kind for each in _ordered(now)):
        if kind not in known:
            yield Change(Reason.INSTRUCTION, f"instruction:{kind}")


def _ordered(incident: Incident) -> Iterator[Instruction]:
    yield from incident.instructions
    for consequence in incident.consequences:
        yield from consequence.instructions


def _casualties(before: Incident, now: Incident) -> Iterator[Change]:
    for field in ("killed", "injured", "abducted"):
        earlier, later = getattr(before, field), getattr(now, field)
        if band(later) > band(earlier):
            yield Change(Reason.CASUALTIES, field, written(earlier))
        elif band(later) < band(earlier):
            yield Change(Reason.CORRECTED, field, written(earlier))


def band(count: Count | None) -> int:
    """Which step of CASUALTY_BANDS a count has reached, by the highest figure given."""
    if count is None:
        return 0
    return bisect_right(CASUALTY_BANDS, count.max if count.max is not None else count.min or 0)


def written(count: Count | None) -> str:
    """A count as `was` keeps it: "2", "2-4", "20-" (at least), "-5" (at most), "" for nothing said."""
    if count is None:
        return ""
    if count.min == count.max:
        return str(count.min)
    return f"{'' if count.min is None else count.min}-{'' if count.max is None else count.max}"
