"""Exposures × silences × inhibitions -> what is left of them, and the gates that say why.

It is asked only before somebody is told for the first time: whoever was told hears the update, the correction and the
end, whatever was silenced since.
"""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from advisord.advise.matchers import Subject, is_meant, words_of
from advisord.model import Exposure, Gate, Incident, Inhibition, Place, Severity, Silence


@dataclass(frozen=True, slots=True)
class Standing:
    """Another open incident and what each recipient was told of it: the exposures of the last message."""

    incident: Incident
    told: tuple[tuple[str, tuple[Exposure, ...]], ...]


@dataclass(frozen=True, slots=True)
class Muted:
    """What of some exposures is left; `until` is the earliest instant at which more may be."""

    left: tuple[Exposure, ...]
    gate: Gate
    until: datetime | None = None


# ---------------------------------------------------------------------------------------------------------- silences


def silenced(incident: Incident, exposures: tuple[Exposure, ...], recipient: str,
             silences: tuple[Silence, ...]) -> Muted:
    """The exposures without those that an officer silenced."""
    found: dict[str, Silence] = {}
    left = []
    for each in exposures:
        silence = next((one for one in silences if _mutes(one, Subject.of(incident, each, recipient))), None)
        if silence is None:
            left.append(each)
        else:
            found[silence.id] = silence
    if left or not found:
        value = "none of what touches them" if not found else f"only {', '.join(sorted(found))}, and more touches them"
        return Muted(tuple(left), Gate("silence", passed=True, value=value if silences else "no silence holds",
                                       threshold="not silenced"))
    value = "; ".join(f"{each.id} till {each.until:%a %d %b %H:%M} UTC ({words_of(each.matcher)})"
                      for each in found.values())
    return Muted((), Gate("silence", passed=False, value=value, threshold="not silenced"),
                 min(each.until for each in found.values()))


def _mutes(silence: Silence, subject: Subject) -> bool:
    if subject.severity is Severity.EXTREME and not silence.mutes_extreme:
        return False
    return is_meant(silence.matcher, subject)


# ------------------------------------------------------------------------------------------------------- inhibitions


def inhibited(incident: Incident, exposures: tuple[Exposure, ...], recipient: str, *,
              inhibitions: tuple[Inhibition, ...], standing: tuple[Standing, ...]) -> Muted:
    """The exposures without those that something graver mutes, of which this recipient knows."""
    found: dict[str, str] = {}
    left = []
    for each in exposures:
        why = next(_inhibitors(incident, each, recipient, inhibitions=inhibitions, standing=standing), None)
        if why is None:
            left.append(each)
        else:
            found.setdefault(*why)
    if left or not found:
        return Muted(tuple(left), Gate("inhibition", passed=True, value="nothing graver that mutes it",
                                       threshold="not inhibited"))
    value = "; ".join(f"{name}: {source}" for name, source in found.items())
    return Muted((), Gate("inhibition", passed=False, value=value, threshold="not inhibited"))


def _inhibitors(incident: Incident, exposure: Exposure, recipient: str, *, inhibitions: tuple[Inhibition, ...],
                standing: tuple[Standing, ...]) -> Iterator[tuple[str, str]]:
    """The id of each inhibition that mutes it, with the incident that does so."""
    subject = Subject.of(incident, exposure, recipient)
    for inhibition in inhibitions:
        if subject.severity.rank >= inhibition.except_at_least.rank or not is_meant(inhibition.target, subject):
            continue
        for each in standing:
            if _is_source(each, inhibition, recipient) and _are_equal(each.incident, incident, inhibition.equal):
                yield inhibition.id, each.incident.id


def _is_source(standing: Standing, inhibition: Inhibition, recipient: str) -> bool:
    """Whether this recipient, or where "person" need not be equal anybody, was told of it."""
    return any(is_meant(inhibition.source, Subject.of(standing.incident, exposure, told))
               for told, exposures in standing.told if "person" not in inhibition.equal or told == recipient
               for exposure in exposures)


def _are_equal(one: Incident, other: Incident, equal: tuple[str, ...]) -> bool:
    here, there = one.place, other.place
    return all(here is not None and there is not None and _is_same(here, there, each)
               for each in equal if each != "person")


def _is_same(here: Place, there: Place, area: str) -> bool:
    if here.country is None or here.country != there.country:
        return False
    if area == "country":
        return True
    if area == "admin1":
        return here.admin1 is not None and here.admin1 == there.admin1
    return not {here.id, here.parent}.isdisjoint({there.id, there.parent} - {None})


def may_be_source(incident: Incident, inhibitions: tuple[Inhibition, ...]) -> bool:
    """Whether it could mute anything, whoever was told of it by whatever rule."""
    hazards = (incident.hazard, *(each.hazard for each in incident.consequences if each.ended_at is None))
    return any(is_meant(replace(each.source, rules=(), recipients=()), Subject(incident, hazard))
               for each in inhibitions for hazard in hazards)


def may_be_target(incident: Incident, exposures: tuple[Exposure, ...], inhibitions: tuple[Inhibition, ...]) -> bool:
    """Whether anything could mute any of these exposures."""
    return any(is_meant(inhibition.target, Subject.of(incident, each, f"person:{each.person_id}"))
               for inhibition in inhibitions for each in exposures)
