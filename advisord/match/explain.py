"""Incident × person -> Explanations: why they are touched or not, rule by rule and place by place.

It asks the same gates as matching does, in the same order, so that the answer can't differ from what was decided.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from advisord.match.aspects import Aspect, aspects_of
from advisord.match.exposures import gates_between
from advisord.match.index import Index
from advisord.match.when import when_gates
from advisord.model import Gate, Hazard, Incident, Rule, StaffLocation


@dataclass(frozen=True, slots=True)
class Explanation:
    """One rule against one place of a person; `location` null where nothing is known of where they are.

    `hazard` is the main hazard or the consequence that comes furthest through the gates.
    """

    rule_id: str
    hazard: str
    location: StaffLocation | None
    gates: tuple[Gate, ...]

    @property
    def is_reached(self) -> bool:
        """Whether every gate passed, so that it is an exposure."""
        return all(gate.passed for gate in self.gates)

    @property
    def failed(self) -> Gate | None:
        """The first gate that stopped it."""
        return next((gate for gate in self.gates if not gate.passed), None)


def explain(incident: Incident, person_id: str, *, rules: tuple[Rule, ...], staff: Index,
            hazards: Mapping[str, Hazard], now: datetime) -> tuple[Explanation, ...]:
    """Every rule with every place of a person, all gates of each; those that reach them first, then the nearest misses.

    A site's id explains that site.
    """
    locations = staff.of_person(person_id) or tuple(each for each in staff.locations if each.id == person_id)
    aspects = aspects_of(incident, hazards)
    found = [_furthest(incident, aspects, rule, location, now=now) for rule in rules
             for location in locations or (None,)]
    return tuple(sorted(found, key=_stopped_at))


def _furthest(incident: Incident, aspects: tuple[Aspect, ...], rule: Rule, location: StaffLocation | None, *,
              now: datetime) -> Explanation:
    """The hazard of the incident that comes furthest between this rule and this place."""
    ways = [Explanation(rule.id, aspect.hazard, location, _gates(incident, aspect, rule, location, now=now))
            for aspect in aspects]
    return min(ways, key=_stopped_at)


def _gates(incident: Incident, aspect: Aspect, rule: Rule, location: StaffLocation | None, *,
           now: datetime) -> tuple[Gate, ...]:
    if location is not None:
        return gates_between(incident, aspect, rule, location, now=now)
    nowhere = Gate("location", passed=False, value="no place, home or trip is known", threshold="at least one")
    return (*when_gates(incident, aspect, rule), nowhere)


def _stopped_at(explanation: Explanation) -> int:
    """Sorts by how far it came, furthest first."""
    for i, gate in enumerate(explanation.gates):
        if not gate.passed:
            return -i
    return -len(explanation.gates) - 100
