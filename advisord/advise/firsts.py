"""Exposures -> First: what somebody may be told who was told nothing of an incident yet, and every gate on the way.

Its own module because these gates are asked of the first message alone: sources, inhibitions, silences, in this order.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from advisord.advise.gating import source_gate
from advisord.advise.muting import Muted, Standing, inhibited, silenced
from advisord.model import Admission, Exposure, Gate, Incident, Inhibition, Rule, Silence

# An inhibition ends with the incident that mutes, of which this one is not told: it looks again
LOOK_AGAIN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Around:
    """What deciding about one incident looks at beside it.

    `admitted` was told for the first time within the hour; `waiting` are the advisories that wait behind a ceiling.
    """

    silences: tuple[Silence, ...] = ()
    inhibitions: tuple[Inhibition, ...] = ()
    standing: tuple[Standing, ...] = ()
    admitted: tuple[Admission, ...] = ()
    waiting: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class First:
    """The exposures that may be told, or the verdict that keeps all of them back."""

    left: tuple[Exposure, ...]
    gates: tuple[Gate, ...]
    blocked: str = ""
    until: datetime | None = None

    @property
    def words(self) -> str:
        """The gate that keeps it back, for people to read."""
        gate = next((each for each in self.gates if not each.passed), None)
        return f"{gate.name}, {gate.value}" if gate else ""

    def again_at(self, now: datetime) -> datetime | None:
        """When to look again, where time alone may change it."""
        return now + LOOK_AGAIN if self.blocked == "inhibited" else self.until


def first_of(incident: Incident, exposures: tuple[Exposure, ...], recipient: str, rules: Mapping[str, Rule],
             around: Around) -> First:
    """What a person or system may be told."""
    judged = [(each, source_gate(incident, each, rules)) for each in exposures]
    trusted = tuple(each for each, gate in judged if gate.passed)
    source = tuple(gate for _, gate in judged if gate.passed == bool(trusted))[:1]
    if not trusted:
        return First((), source, "poor_source" if exposures else "")
    muted = inhibited(incident, trusted, recipient, inhibitions=around.inhibitions, standing=around.standing)
    if not muted.left:
        return First((), (*source, muted.gate), "inhibited")
    return _unless_silenced(silenced(incident, muted.left, recipient, around.silences), (*source, muted.gate))


def first_to_desk(incident: Incident, exposures: tuple[Exposure, ...], recipient: str, around: Around) -> First:
    """What a desk may be told: all but what is silenced."""
    return _unless_silenced(silenced(incident, exposures, recipient, around.silences), ())


def _unless_silenced(muted: Muted, before: tuple[Gate, ...]) -> First:
    gates = (*before, muted.gate)
    if not muted.left and not muted.gate.passed:
        return First((), gates, "silenced", muted.until)
    return First(muted.left, gates)
