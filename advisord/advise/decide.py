"""Incident × Exposures × what was said -> Verdict: who is told now, again, or not, and why.

Told again only on material change; whoever was told is told the end, in the same thread. Deciding is pure: the same
facts give the same advisories under the same keys, and deciding a second time says nothing.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from advisord.advise.gating import is_unconfirmed, may_concern, source_gate
from advisord.advise.history import ENDS, History, histories_of, key_of
from advisord.advise.recipients import People, by_desk, by_hook, by_person, people_of
from advisord.advise.saying import Say, say_of
from advisord.advise.timing import Due, due_for
from advisord.advise.touched import Touch, touch_of
from advisord.model import (
    Advisory,
    Decision,
    Delivery,
    Exposure,
    Gate,
    Hazard,
    Incident,
    IncidentStatus,
    MsgType,
    Reason,
    Settings,
    Severity,
)

# After this much of its use is over a held message is still worth sending
LATE_BY = timedelta(hours=1)


class Why(StrEnum):
    """The verdicts that a decision keeps."""

    TOLD = "told"
    HELD = "held"
    UNCHANGED = "unchanged"
    LATER = "later"
    SHADOW = "shadow"
    POOR_SOURCE = "poor_source"
    NO_CHANNEL = "no_channel"
    OVERTAKEN = "overtaken"
    UNPLACED = "unplaced"
    NOT_REACHED = "not_reached"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be kept in one transaction.

    `superseded` are ids of deliveries never tried that a newer word overtakes: they are cancelled, not sent.
    """

    decisions: tuple[Decision, ...] = ()
    advisories: tuple[Advisory, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    review_at: datetime | None = None
    superseded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """One incident with all that deciding about it looks at."""

    incident: Incident
    people: People
    hazards: Mapping[str, Hazard]
    now: datetime
    is_shadow: bool


def decide(incident: Incident, exposures: tuple[Exposure, ...], *, said: tuple[Advisory, ...],
           sent: tuple[Delivery, ...], settings: Settings, hazards: Mapping[str, Hazard], now: datetime,
           near: tuple[Exposure, ...] = ()) -> Verdict:
    """Decides about every recipient: first the people and systems, then the desks, which are told who was told."""
    case = Case(incident, people_of(settings), hazards, now, is_shadow=settings.mode == "shadow")
    histories = histories_of(said, sent, now)
    touched = {each.person_id for each in exposures if each.person_id is not None}
    near = tuple(each for each in near if each.person_id not in touched)
    told = tuple(_to_people(case, exposures, histories))
    desks = tuple(_to_desks(case, exposures, histories, near=near, told=told))
    verdicts = (*told, *desks)
    missed = _missed(case, near) if any(each.advisories for each in verdicts) else ()
    return Verdict(
        decisions=(*(one for each in verdicts for one in each.decisions), *missed, *_unplaced(case, near)),
        advisories=tuple(one for each in verdicts for one in each.advisories),
        deliveries=tuple(one for each in verdicts for one in each.deliveries),
        superseded=tuple(one for each in verdicts for one in each.superseded),
        review_at=min((at for each in exposures for at in (each.starts_at, each.begins_at) if at and at > now),
                      default=None))


# ------------------------------------------------------------------------------------------------ people, systems


def _to_people(case: Case, exposures: tuple[Exposure, ...], histories: dict[str, History]) -> Iterator[Verdict]:
    touched = {**by_person(exposures), **by_hook(exposures, case.people)}
    others = [recipient for recipient in histories if not recipient.startswith("desk:")]
    for recipient in dict.fromkeys((*touched, *others)):
        history = histories.get(recipient, History((), (), case.now))
        yield _to_person(case, recipient, touched.get(recipient, ()), history)


def _to_person(case: Case, recipient: str, exposures: tuple[Exposure, ...], history: History) -> Verdict:
    """One person or system: only what has begun concerns them, and only from sources good enough to act on."""
    begun = exposures if recipient.startswith("hook:") else tuple(
        each for each in exposures if each.starts_at is None or each.starts_at <= case.now)
    if exposures and not begun and history.last is None:
        return _silent(case, recipient, Why.LATER, exposures)
    say = say_of(case.incident, begun, history)
    if say is None:
        return _silent(case, recipient, Why.UNCHANGED, exposures)
    if not history.has_heard and say.reason in ENDS:
        return replace(_silent(case, recipient, Why.OVERTAKEN, exposures), superseded=_ids(history.held))
    if not history.has_heard:
        trusted = tuple(each for each in say.exposures if source_gate(case.incident, each, case.people.rules).passed)
        if not trusted:
            return _silent(case, recipient, Why.POOR_SOURCE, say.exposures, _source(case, say.exposures))
        say = Say(Reason.FIRST, trusted, gates=_source(case, trusted))
    if case.is_shadow:
        return _silent(case, recipient, Why.SHADOW, say.exposures)
    return _told(case, recipient, say, history)


def _source(case: Case, exposures: tuple[Exposure, ...]) -> tuple[Gate, ...]:
    return tuple(source_gate(case.incident, each, case.people.rules) for each in exposures[:1])


def _ids(deliveries: Iterable[Delivery]) -> tuple[str, ...]:
    return tuple(each.id for each in deliveries)


# ---------------------------------------------------------------------------------------------------------- desks


def _to_desks(case: Case, exposures: tuple[Exposure, ...], histories: dict[str, History], *,
              near: tuple[Exposure, ...], told: tuple[Verdict, ...]) -> Iterator[Verdict]:
    touched, nearby = by_desk(exposures, case.people), by_desk(near, case.people)
    others = [recipient for recipient in histories if recipient.startswith("desk:")]
    for recipient in dict.fromkeys((*touched, *nearby, *others)):
        history = histories.get(recipient, History((), (), case.now))
        yield _to_desk(case, recipient, touched.get(recipient, ()), history, near=nearby.get(recipient, ()), told=told)


def _to_desk(case: Case, recipient: str, exposures: tuple[Exposure, ...], history: History, *,
             near: tuple[Exposure, ...], told: tuple[Verdict, ...]) -> Verdict:
    """One desk: everybody it answers for, also those whom the news concerns later or only perhaps."""
    concerned = tuple(each for each in near if may_concern(each))
    if case.incident.severity.rank < Severity.SEVERE.rank:
        concerned = ()
    say = say_of(case.incident, exposures if history.said else exposures or concerned, history)
    if say is None:
        return _silent(case, recipient, Why.UNCHANGED, exposures) if exposures or history.said else Verdict()
    say = replace(say, exposures=exposures)
    verdict = _told(case, recipient, say, history, basis=exposures or concerned)
    own = tuple(each for each in told if _answers_for(case.people, recipient, each))
    held = [each.due_at for one in own for each in one.deliveries if each.due_at > case.now]
    return replace(verdict, advisories=tuple(replace(
        each, near=near, told=_recipients(own), shadow=case.is_shadow, travellers_at=min(held, default=None))
        for each in verdict.advisories))


def _answers_for(people: People, desk: str, verdict: Verdict) -> bool:
    """Whether a verdict is about somebody whom that desk answers for; systems are everybody's."""
    return any(each.recipient.startswith("hook:") or desk in people.desks_of(each.recipient)
               for each in verdict.decisions)


def _recipients(verdicts: tuple[Verdict, ...]) -> tuple[str, ...]:
    """Who is told, or in shadow would have been."""
    return tuple(each.recipient for one in verdicts for each in one.decisions
                 if each.verdict in {Why.TOLD, Why.HELD, Why.SHADOW})


# ------------------------------------------------------------------------------------------------------- telling


def _told(case: Case, recipient: str, say: Say, history: History, *, basis: tuple[Exposure, ...] = ()) -> Verdict:
    """The advisory and its deliveries, one a channel; or why nobody could be told."""
    touch = touch_of(case.incident, say.exposures or basis, history, order=case.people.order, rules=case.people.rules)
    channels = _channels(case, recipient, touch, say, history)
    if not channels:
        return _silent(case, recipient, Why.NO_CHANNEL, say.exposures, _no_channel(recipient, touch))
    advisory = _advisory(case, recipient, say, touch, history)
    due = _due(case, recipient, touch, advisory, is_first=not history.has_heard)
    if history.held:
        # News must not push a waiting message ever further into the future
        due = replace(due, at=min(due.at, *(each.due_at for each in history.held)))
    deliveries = tuple(_delivery(case, advisory, channel, due, history) for channel in channels)
    why = Why.HELD if due.at > case.now else Why.TOLD
    gates = (*touch.gates, *say.gates, *_change_gates(say), *due.gates)
    decision = Decision(case.incident.id, recipient, case.now, why, gates, advisory.id)
    return Verdict((decision,), (advisory,), deliveries, superseded=_ids(history.held))


def _channels(case: Case, recipient: str, touch: Touch, say: Say, history: History) -> tuple[str, ...]:
    """The rules' channels, and those of the thread so far: an end goes exactly where the rest went."""
    used = tuple(each for each in history.channels if each in case.people.channels)
    if say.reason in ENDS and used:
        return used
    return tuple(dict.fromkeys((*used, *case.people.channels_to(recipient, touch.rule_ids))))


def _no_channel(recipient: str, touch: Touch) -> tuple[Gate, ...]:
    return (Gate("channel", passed=False, value=f"no channel of {', '.join(touch.rule_ids)} can reach {recipient}",
                 threshold="at least one"),)


def _change_gates(say: Say) -> tuple[Gate, ...]:
    fields = ", ".join(each.field for each in say.changes) or "nothing was said before"
    return (Gate("change", passed=True, value=fields, threshold="a material change"),)


def _advisory(case: Case, recipient: str, say: Say, touch: Touch, history: History) -> Advisory:
    version = max((each.version for each in history.said), default=0) + 1
    reason = say.reason if history.has_heard or say.reason in ENDS else Reason.FIRST
    changes = say.changes if reason is not Reason.FIRST else ()
    return Advisory(
        id=f"{case.incident.id}-{key_of(case.incident.id, recipient, version)[:16]}", incident=case.incident,
        recipient=recipient, version=version, msg_type=_msg_type(reason), reason=reason, template=touch.template,
        rule_ids=touch.rule_ids, decided_at=case.now, hazard=touch.hazard, phase=touch.phase, severity=touch.severity,
        exposures=say.exposures, changed=tuple(each.field for each in changes), expires_at=_expires(case, touch),
        unconfirmed=is_unconfirmed(case.incident, touch.severity),
        was=tuple((each.field, each.was) for each in changes if each.was))


def _msg_type(reason: Reason) -> MsgType:
    if reason is Reason.CANCELLED:
        return MsgType.CANCEL
    return MsgType.ALERT if reason is Reason.FIRST else MsgType.UPDATE


def _expires(case: Case, touch: Touch) -> datetime | None:
    """When it becomes unknown unless heard of again: the longest of the hazards that touch them."""
    hours = max((case.hazards[code].ttl_h for code in touch.hazards if code in case.hazards), default=None)
    return None if hours is None else case.incident.last_report_at + timedelta(hours=hours)


def _due(case: Case, recipient: str, touch: Touch, advisory: Advisory, *, is_first: bool) -> Due:
    """People have nights and reviews; desks and systems are told at once, but for the review of the unconfirmed."""
    kind, _, name = recipient.partition(":")
    if kind == "desk":
        return Due(case.now)
    rules = tuple(case.people.rules[each] for each in touch.rule_ids if each in case.people.rules)
    person = case.people.persons.get(name) if kind == "person" else None
    if person is None:
        rules = tuple(replace(each, quiet_hours=None) for each in rules)
    return due_for(rules, zone=person.timezone if person else "UTC", severity=advisory.severity, now=case.now,
                   is_first=is_first, unconfirmed=advisory.unconfirmed)


def _delivery(case: Case, advisory: Advisory, channel: str, due: Due, history: History) -> Delivery:
    recipient, incident = advisory.recipient, case.incident
    useful = None
    if advisory.reason not in ENDS and advisory.expires_at is not None:
        useful = max(advisory.expires_at, due.at + LATE_BY)
    return Delivery(
        id=key_of(incident.id, recipient, channel, advisory.version), channel=channel, recipient=recipient,
        thread=key_of(incident.id, recipient, channel), severity=advisory.severity, created_at=case.now,
        due_at=due.at, advisory_ids=(advisory.id,), expires_at=useful, previous=history.previous(channel))


# ------------------------------------------------------------------------------------------------------ not telling


def _silent(case: Case, recipient: str, why: Why, exposures: tuple[Exposure, ...],
            gates: tuple[Gate, ...] = ()) -> Verdict:
    own = exposures[0].gates if exposures else ()
    return Verdict((Decision(case.incident.id, recipient, case.now, why, (*own, *gates)),))


def _missed(case: Case, near: tuple[Exposure, ...]) -> tuple[Decision, ...]:
    """Who was near and not told, kept when others are told: the question comes later, when nobody recalls."""
    return tuple(Decision(case.incident.id, recipient, case.now, Why.NOT_REACHED, own[0].gates)
                 for recipient, own in by_person(near).items())


def _unplaced(case: Case, near: tuple[Exposure, ...]) -> Iterator[Decision]:
    """An incident that nobody can place is counted on the desk's list and told to nobody."""
    if case.incident.place is None and not near and case.incident.status is IncidentStatus.OPEN:
        gate = Gate("place", passed=False, value="unknown", threshold="a certain place")
        for desk in tuple(case.people.desks)[:1]:
            yield Decision(case.incident.id, f"desk:{desk}", case.now, Why.UNPLACED, (gate,))
