"""Case × Say -> the Advisory and its Deliveries, one a channel, or why nobody could be told."""
from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from advisord.advise.ceilings import HELD_AT_MOST, Passage, passage_of
from advisord.advise.gating import is_unconfirmed, is_vouched
from advisord.advise.history import ENDS, History, key_of
from advisord.advise.pacing import digest_for, in_digest, repeat_of, rules_of
from advisord.advise.saying import Say
from advisord.advise.timing import Due, due_for
from advisord.advise.touched import Touch, touch_of
from advisord.advise.verdicts import Case, Verdict, Why, ids_of, rules_named, silent
from advisord.model import Advisory, Decision, Delivery, Digest, Exposure, Gate, MsgType, Reason

# After this much of its use is over a held message is still worth sending
LATE_BY = timedelta(hours=1)
# The thread of somebody's digests, which is no incident's
DIGEST = "digest"


def told_now(case: Case, recipient: str, say: Say, history: History, *, basis: tuple[Exposure, ...] = ()) -> Verdict:
    """The advisory and its deliveries, one a channel; or why nobody could be told."""
    if case.is_shadow and not recipient.startswith("desk:"):
        return silent(case, recipient, Why.SHADOW, say.exposures)
    touch = touch_of(case.incident, say.exposures or basis, history, order=case.people.order, rules=case.people.rules)
    channels = _channels(case, recipient, touch, say, history)
    if not channels:
        return silent(case, recipient, Why.NO_CHANNEL, say.exposures, _no_channel(recipient, touch))
    digest = _digest(case, recipient, touch, history)
    if digest is None and history.has_heard and not history.is_told_alone and say.reason not in ENDS:
        say = Say(Reason.FIRST, say.exposures, gates=say.gates)  # it was one line among others, and no longer is
    advisory = _advisory(case, recipient, say, touch, history, in_digest=digest is not None)
    due = _due(case, recipient, touch, advisory, is_first=not history.has_heard and say.reason not in ENDS)
    if digest is not None:
        due = in_digest(due, digest, zone=_zone(case, recipient), severity=advisory.severity)
    if history.held:
        # News must not push a waiting message ever further into the future
        due = replace(due, at=min(due.at, *(each.due_at for each in history.held)))
    passage = Passage()
    if digest is None and not history.has_heard and advisory.reason is Reason.FIRST:
        passage = passage_of(advisory, due.at, case.tally, vouched=is_vouched(case.incident))
    deliveries = tuple(_delivery(case, advisory, channel, due, history) for channel in channels)
    if passage.waits:  # till a ceiling lets it go; else it ends when it is of no more use
        deliveries = tuple(replace(each, due_at=each.expires_at or case.now + HELD_AT_MOST) for each in deliveries)
    why = Why.HELD if due.at > case.now or passage.waits else Why.TOLD
    gates = (*touch.gates, *say.gates, *_change_gates(say), *passage.gates, *due.gates)
    decision = Decision(case.incident.id, recipient, case.now, why, gates, advisory.id)
    repeat = repeat_of(rules_of(say.exposures, case.people.rules))
    return Verdict((decision,), (advisory,), deliveries, superseded=ids_of(history.held),
                   review_at=due.at + repeat if repeat else None,
                   tells_at=due.at if why is Why.HELD and not passage.waits else None,
                   admissions=(passage.admission,) if passage.admission else ())


def _digest(case: Case, recipient: str, touch: Touch, history: History) -> Digest | None:
    """The digest in which they read it, if any: people's alone, since desks and systems are told at once."""
    kind, _, name = recipient.partition(":")
    person = case.people.persons.get(name) if kind == "person" else None
    return digest_for(person, rules_named(case, touch.rule_ids), severity=touch.severity, history=history, now=case.now)


def _zone(case: Case, recipient: str) -> str:
    person = case.people.persons.get(recipient.partition(":")[2])
    return person.timezone if person else "UTC"


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
    if say.reason is Reason.REMINDER:
        return ()
    fields = ", ".join(each.field for each in say.changes) or "nothing was said before"
    return (Gate("change", passed=True, value=fields, threshold="a material change"),)


def _advisory(case: Case, recipient: str, say: Say, touch: Touch, history: History, *, in_digest: bool) -> Advisory:
    version = max((each.version for each in history.said), default=0) + 1
    reason = say.reason if history.has_heard or say.reason in ENDS else Reason.FIRST
    changes = say.changes if reason is not Reason.FIRST else ()
    return Advisory(
        id=f"{case.incident.id}-{key_of(case.incident.id, recipient, version)[:16]}", incident=case.incident,
        recipient=recipient, version=version, msg_type=_msg_type(reason), reason=reason, template=touch.template,
        rule_ids=touch.rule_ids, decided_at=case.now, hazard=touch.hazard, phase=touch.phase, severity=touch.severity,
        exposures=say.exposures, changed=tuple(each.field for each in changes), expires_at=_expires(case, touch),
        unconfirmed=is_unconfirmed(case.incident, touch.severity),
        was=tuple((each.field, each.was) for each in changes if each.was), unheard=not history.has_heard,
        digest=in_digest)


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
    rules = rules_named(case, touch.rule_ids)
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
    about = DIGEST if advisory.digest else incident.id
    return Delivery(
        id=key_of(incident.id, recipient, channel, advisory.version), channel=channel, recipient=recipient,
        thread=key_of(about, recipient, channel), severity=advisory.severity, created_at=case.now, due_at=due.at,
        advisory_ids=(advisory.id,), expires_at=useful,
        previous=None if advisory.digest else history.previous(channel))
