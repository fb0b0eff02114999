"""Incident -> Gates about its sources: what one unknown voice may not do (RELIABILITY, "poisoning")."""
from __future__ import annotations

from collections.abc import Mapping

from advisord.model import Exposure, Gate, Incident, Reliability, Rule, Severity, SourcedReport

# Worse sources tell the desk, never people by themselves, unless the rule itself asks for no better
TRUSTED_FROM = Reliability.C
CORROBORATED_FROM = 2
# What fails when a place is not known well enough, as opposed to known to lie elsewhere
UNCERTAIN = frozenset({"place", "precision"})
ELSEWHERE = frozenset({"time", "groups"})


def source_gate(incident: Incident, exposure: Exposure, rules: Mapping[str, Rule]) -> Gate:
    """Whether the sources are good enough to tell people of this exposure without anybody looking."""
    rule = rules.get(exposure.rule_id)
    asked = rule.when.reliability_at_least if rule else None
    threshold = TRUSTED_FROM
    if asked is not None and incident.severity is not Severity.EXTREME:
        threshold = max(TRUSTED_FROM, asked)
    telling = [each for each in incident.reports if not each.withdrawn]
    best = min((each.reliability for each in telling), default=Reliability.F)
    official = any(each.official for each in telling)
    return Gate("source", official or best <= threshold, "official" if official else best,
                f"{threshold} or better, or official")


def is_unconfirmed(incident: Incident, severity: Severity) -> bool:
    """Whether the worst is told by one origin alone that is no authority.

    A poor source corroborates nothing: whoever plants one story can plant two.
    """
    trusted = [each for each in incident.reports if each.reliability <= TRUSTED_FROM and not each.withdrawn]
    official = any(each.official and not each.withdrawn for each in incident.reports)
    origins = min(incident.origins, len({each.origin for each in trusted}))
    return severity is Severity.EXTREME and origins < CORROBORATED_FROM and not official


def is_vouched(incident: Incident) -> bool:
    """Whether any source tells it that is good enough for people."""
    return any(is_good(each) for each in incident.reports if not each.withdrawn)


def is_good(sourced: SourcedReport) -> bool:
    """Whether people may be told what this report says, and not the desk alone."""
    return sourced.official or sourced.reliability <= TRUSTED_FROM


def may_concern(exposure: Exposure) -> bool:
    """Whether somebody near would be touched if the place were what it may be: for the desk to find out."""
    failed = [gate.name for gate in exposure.gates if not gate.passed]
    return not UNCERTAIN.isdisjoint(failed) and ELSEWHERE.isdisjoint(failed)
