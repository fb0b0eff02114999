"""Exposures -> Touch: which hazard leads a message, under which rules, and which advice heads it."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from advisord.advise.history import History
from advisord.model import Exposure, Gate, Incident, IncidentStatus, Phase, Rule, Severity

# The advice for what no rule speaks of any more
GENERAL = "general"


@dataclass(frozen=True, slots=True)
class Touch:
    """The leading exposure's hazard with its phase and severity now, and all that touch."""

    hazard: str
    phase: Phase
    severity: Severity
    template: str
    rule_ids: tuple[str, ...]
    hazards: tuple[str, ...]
    gates: tuple[Gate, ...] = ()


def touch_of(incident: Incident, exposures: tuple[Exposure, ...], history: History, *, order: Mapping[str, int],
             rules: Mapping[str, Rule]) -> Touch:
    """The most severe exposure leads, of equals that of the first rule; without any, what was last said stands."""
    if not exposures:
        return _as_before(incident, history)
    ranked = sorted(exposures, key=lambda each: (-_state(incident, each.hazard)[1].rank,
                                                 order.get(each.rule_id, len(order))))
    first = ranked[0]
    phase, severity = _state(incident, first.hazard)
    rule_ids = tuple(dict.fromkeys(each.rule_id for each in ranked))
    rule = rules.get(first.rule_id)
    return Touch(first.hazard, phase, severity, rule.advise if rule else GENERAL, rule_ids,
                 tuple(dict.fromkeys(each.hazard for each in ranked)), first.gates)


def _as_before(incident: Incident, history: History) -> Touch:
    last = history.last
    if last is None:
        return Touch(incident.hazard, incident.phase, incident.severity, GENERAL, (), (incident.hazard,))
    phase, severity = _state(incident, last.hazard)
    return Touch(last.hazard, phase, severity, last.template, last.rule_ids, tuple(sorted(history.hazards)))


def _state(incident: Incident, hazard: str) -> tuple[Phase, Severity]:
    """The phase and severity of one hazard of the incident: of it or of a consequence, ended ones last."""
    if hazard == incident.hazard:
        return incident.phase, incident.severity
    own = sorted((each for each in incident.consequences if each.hazard == hazard),
                 key=lambda each: each.ended_at is not None)
    if not own:
        return incident.phase, incident.severity
    phase = Phase.ENDED if own[0].status is IncidentStatus.CLEARED else own[0].phase
    return phase, own[0].severity
