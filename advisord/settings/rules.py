"""rules.yaml -> Rules."""
from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from advisord.model import Digest, Escalation, Inhibition, Matcher, QuietHours, Reach, Rule, When
from advisord.settings.faults import Path, did_you_mean, quoted
from advisord.settings.page import Page
from advisord.settings.shape.pace import DAYS, DigestShape
from advisord.settings.shape.rules import (
    EscalateShape,
    QuietShape,
    ReachShape,
    RulesFile,
    RuleShape,
    SourceMatchShape,
    TargetMatchShape,
    WhenShape,
)

DESK = "desk"  # in an escalation: the desk that answers for whoever is silent


@dataclass(frozen=True, slots=True)
class Known:
    """What rules can name. Null groups or channels: their file could not be read, and nothing is told about them."""

    hazards: Collection[str]
    templates: Collection[str]
    groups: Collection[str] | None
    channels: Collection[str] | None
    contacts: Mapping[str, str] | None = None  # who can be called: id -> recipient

    def families(self) -> frozenset[str]:
        """The first words of the hazard codes."""
        return frozenset(code.partition(".")[0] for code in self.hazards)


def rules_of(page: Page[RulesFile], known: Known) -> tuple[Rule, ...]:
    """The rules in the order written; tells what they name that is not there."""
    rules = []
    families = known.families()
    for path, shape in page.items("rules", page.sound.rules):
        _tell_unknown(page, (*path, "when", "hazard"), shape.when.hazard,
                      known=frozenset(known.hazards) | families, noun="a hazard")
        _tell_unknown(page, (*path, "who", "groups"), shape.who.groups, known=known.groups,
                      noun="a group of staff.yaml")
        _tell_unknown(page, (*path, "via"), shape.via, known=known.channels, noun="a channel of channels.yaml")
        if shape.advise not in known.templates:
            page.fault((*path, "advise"), f"{quoted(shape.advise)} is no template"
                                          f"{did_you_mean(shape.advise, known.templates)}")
        rules.append(_rule(shape, _escalation(page, path, shape.escalate, known.contacts)))
    if not page.ids("rules"):
        page.warn(("rules",), "no rule is written; nobody will be told anything")
    return tuple(rules)


def inhibitions_of(page: Page[RulesFile], known: Known) -> tuple[Inhibition, ...]:
    """What mutes what, in the order written; tells what names something that is not there, or nothing at all."""
    found = []
    hazards, rules = frozenset(known.hazards) | known.families(), page.ids("rules")
    for path, shape in page.items("inhibit", page.sound.inhibit):
        for side, one in (("source", shape.source), ("target", shape.target)):
            _tell_unknown(page, (*path, side, "hazard"), one.hazard, known=hazards, noun="a hazard")
            _tell_unknown(page, (*path, side, "rule"), one.rule, known=rules, noun="a rule of this file")
            if not one.hazard and not one.rule:
                page.fault((*path, side), f"names nothing, so that everything would {_MUTES[side]}; "
                                          "name a hazard or a rule")
        source = replace(_matcher(shape.source), severity_at_least=shape.source.severity)
        found.append(Inhibition(shape.id, source, _matcher(shape.target), equal=tuple(dict.fromkeys(shape.equal)),
                                except_at_least=shape.except_))
    return tuple(found)


_MUTES = {"source": "mute", "target": "be muted"}


def _matcher(shape: SourceMatchShape | TargetMatchShape) -> Matcher:
    return Matcher(hazards=tuple(dict.fromkeys(shape.hazard)), rules=tuple(dict.fromkeys(shape.rule)))


def _tell_unknown(page: Page[RulesFile], path: Path, names: list[str], *, known: Collection[str] | None,
                  noun: str) -> None:
    for place, name in enumerate(names):
        if known is not None and name not in known:
            page.fault((*path, place), f"{quoted(name)} is not {noun}{did_you_mean(name, known)}")


def _rule(shape: RuleShape, escalate: Escalation | None) -> Rule:
    return Rule(
        id=shape.id, when=_when(shape.when), reach=_reach(shape.reach), advise=shape.advise,
        via=tuple(dict.fromkeys(shape.via)), groups=tuple(dict.fromkeys(shape.who.groups)),
        quiet_hours=_quiet(shape.quiet_hours) if shape.quiet_hours else None,
        send_after=shape.review.send_after_minutes if shape.review else None, settle=shape.settle_minutes,
        repeat=shape.repeat_h, digest=digest_of(shape.digest), escalate=escalate)


def _escalation(page: Page[RulesFile], path: Path, shape: EscalateShape | None,
                contacts: Mapping[str, str] | None) -> Escalation | None:
    """Who is called, as recipients; tells who is not there."""
    if shape is None:
        return None
    known = None if contacts is None else {*contacts, DESK}
    _tell_unknown(page, (*path, "escalate", "to"), shape.to, known=known, noun="a desk or a person of staff.yaml")
    return Escalation(shape.after_minutes, tuple(dict.fromkeys((contacts or {}).get(one, one) for one in shape.to)))


def _when(shape: WhenShape) -> When:
    return When(
        hazards=tuple(dict.fromkeys(shape.hazard)), phases=tuple(dict.fromkeys(shape.phase)),
        severity_at_least=shape.severity, certainty_at_least=shape.certainty,
        reliability_at_least=shape.reliability, credibility_at_least=shape.credibility)


def _reach(shape: ReachShape) -> Reach:
    return Reach(within_km=shape.within_km or (), same=tuple(dict.fromkeys(shape.same)),
                 flying_through_h=shape.flying_through_h, arriving_within_h=shape.arriving_within_h)


def _quiet(shape: QuietShape) -> QuietHours:
    start, end = shape.between
    return QuietHours(start, end, except_at_least=shape.except_)


def digest_of(shape: DigestShape | None) -> Digest | None:
    """When a digest comes, as rules and people write it."""
    if shape is None:
        return None
    return Digest(shape.at, DAYS.index(shape.every) if shape.every in DAYS else None, except_at_least=shape.except_)
