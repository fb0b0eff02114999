"""Rule × Aspect -> Gates: whether a rule is about this incident at all, before anybody's place is looked at."""
from __future__ import annotations

from advisord.match.aspects import Aspect
from advisord.model import Gate, Incident, IncidentStatus, Phase, Reliability, Rule


def when_gates(incident: Incident, aspect: Aspect, rule: Rule) -> tuple[Gate, ...]:
    """Every gate of a rule's `when`, in the order in which they are explained."""
    when = rule.when
    gates = [_hazard(aspect, when.hazards), _status(incident), _phase(aspect, when.phases)]
    if when.severity_at_least is not None:
        gates.append(Gate("severity", aspect.severity.rank >= when.severity_at_least.rank, aspect.severity,
                          f"at least {when.severity_at_least}"))
    if when.certainty_at_least is not None:
        gates.append(Gate("certainty", incident.certainty.rank >= when.certainty_at_least.rank, incident.certainty,
                          f"at least {when.certainty_at_least}"))
    if when.reliability_at_least is not None:
        best = best_reliability(incident)
        gates.append(Gate("reliability", best <= when.reliability_at_least, best,
                          f"{when.reliability_at_least} or better"))
    if when.credibility_at_least is not None:
        gates.append(Gate("credibility", incident.credibility <= when.credibility_at_least,
                          str(incident.credibility), f"{when.credibility_at_least} or better"))
    return tuple(gates)


def is_about(code: str, wanted: str) -> bool:
    """Whether a hazard code is the wanted one or lies in the wanted family ("transport" means all below it)."""
    return code == wanted or code.startswith(f"{wanted}.")


def best_reliability(incident: Incident) -> Reliability:
    """The best Admiralty grade among the sources, F where there is none."""
    return min((each.reliability for each in incident.reports), default=Reliability.F)


def _hazard(aspect: Aspect, wanted: tuple[str, ...]) -> Gate:
    passed = not wanted or any(is_about(aspect.hazard, each) for each in wanted)
    return Gate("hazard", passed, aspect.hazard, ", ".join(wanted) or "any")


def _status(incident: Incident) -> Gate:
    return Gate("status", incident.status is IncidentStatus.OPEN, incident.status, IncidentStatus.OPEN)


def _phase(aspect: Aspect, wanted: tuple[Phase, ...]) -> Gate:
    """An aspect that has ended starts no conversation, unless the rule asks for nothing but ends."""
    phase = aspect.phase
    if phase is Phase.ENDED:
        return Gate("phase", wanted == (Phase.ENDED,), phase, ", ".join(wanted) or "any that still holds")
    passed = phase.is_current and (not wanted or phase in wanted)
    return Gate("phase", passed, phase, ", ".join(wanted) or "any that still holds")
