"""Somebody needs help, or does not answer -> the calls that others get: at once, by every way to a desk there is.

Its own module because a call is about a person, not about a change of the incident: it is decided from an answer or
from silence, is no part of what its reader was told of the incident, and never waits for a night, a review, a ceiling.
"""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from advisord.advise.history import key_of
from advisord.advise.recipients import AUDIENCES, DESK, People
from advisord.model import Advisory, Delivery, Exposure, Incident, MsgType, Reason, Rule, Severity

USEFUL = timedelta(days=2)  # then somebody has looked, or nobody will because of this message
TEMPLATE = "general"
WEBHOOK = "webhook"  # speaks to systems, or to the desk that it is for


@dataclass(frozen=True, slots=True)
class Call:
    """About whom, and why; `step` tells the calls about one person apart."""

    incident: Incident
    person_id: str
    reason: Reason
    now: datetime
    step: int = 0


def call_help(call: Call, people: People, exposures: Iterable[Exposure], *,
              rule_ids: tuple[str, ...]) -> tuple[tuple[Advisory, ...], tuple[Delivery, ...]]:
    """A call to every desk that answers for them, by every channel that reaches a desk."""
    return _made(call, people, people.desks_of(f"person:{call.person_id}"), _own(call, exposures), rule_ids)


def call_next(call: Call, people: People, exposures: Iterable[Exposure], *,
              rule: Rule) -> tuple[tuple[Advisory, ...], tuple[Delivery, ...]]:
    """A call to the next contact of a rule's escalation: `step` counts those already called."""
    to = rule.escalate.to[call.step] if rule.escalate else DESK
    recipients = people.desks_of(f"person:{call.person_id}") if to == DESK else (to,)
    return _made(call, people, recipients, _own(call, exposures), (rule.id,))


def _own(call: Call, exposures: Iterable[Exposure]) -> tuple[Exposure, ...]:
    return tuple(each for each in exposures if each.person_id == call.person_id)


def _made(call: Call, people: People, recipients: Iterable[str], exposures: tuple[Exposure, ...],
          rule_ids: tuple[str, ...]) -> tuple[tuple[Advisory, ...], tuple[Delivery, ...]]:
    advisories, deliveries = [], []
    for recipient in recipients:
        channels = _channels(people, recipient, rule_ids)
        if channels:
            advisory = _advisory(call, recipient, exposures, rule_ids)
            advisories.append(advisory)
            deliveries += [_delivery(call, advisory, channel) for channel in channels]
    return tuple(advisories), tuple(deliveries)


def _channels(people: People, recipient: str, rule_ids: tuple[str, ...]) -> tuple[str, ...]:
    """Every channel for desks, or what the rule has for people; where there is none, any mail that reaches them."""
    audience = AUDIENCES[recipient.partition(":")[0]]
    own = people.channels_to(recipient, rule_ids)
    every = tuple(each for each in people.channels if people.is_for(each, audience))
    reach = people.reaching(recipient, every)
    found = tuple(dict.fromkeys((*own, *reach))) if audience == DESK else own or reach
    return found or people.reaching(recipient, (each.id for each in people.channels.values() if each.kind != WEBHOOK))


def _advisory(call: Call, recipient: str, exposures: tuple[Exposure, ...], rule_ids: tuple[str, ...]) -> Advisory:
    incident = call.incident
    key = key_of(incident.id, recipient, call.reason, call.person_id, call.step, call.now.isoformat())
    return Advisory(
        id=f"{incident.id}-{key[:16]}", incident=incident, recipient=recipient, version=call.step + 1,
        msg_type=MsgType.ALERT, reason=call.reason, template=TEMPLATE, rule_ids=rule_ids, decided_at=call.now,
        hazard=incident.hazard, phase=incident.phase, severity=Severity.EXTREME, exposures=exposures,
        expires_at=call.now + USEFUL, about=call.person_id)


def _delivery(call: Call, advisory: Advisory, channel: str) -> Delivery:
    """A thread of its own for each person, so that what follows about them stands below it."""
    return Delivery(
        id=key_of(advisory.id, channel), channel=channel, recipient=advisory.recipient,
        thread=key_of(call.incident.id, advisory.recipient, channel, "about", call.person_id),
        severity=advisory.severity, created_at=call.now, due_at=call.now, advisory_ids=(advisory.id,),
        expires_at=call.now + USEFUL)
