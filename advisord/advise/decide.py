"""Incident × Exposures × what was said -> Verdict: who is told now, again, or not, and why.

Told again only on material change; whoever was told is told the end, in the same thread. Deciding is pure: the same
facts give the same advisories under the same keys, and deciding a second time says nothing.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from advisord.advise.ceilings import HELD_AT_MOST, WAITING, Passage, Tally, passage_of
from advisord.advise.firsts import Around, First, first_of, first_to_desk
from advisord.advise.gating import TRUSTED_FROM, is_unconfirmed, is_vouched, may_concern
from advisord.advise.history import ENDS, History, histories_of, inherited, key_of
from advisord.advise.pacing import (
    Settling,
    digest_for,
    in_digest,
    known_before,
    remind_at,
    reminder,
    repeat_of,
    rules_of,
    settling,
)
from advisord.advise.recipients import People, by_desk, by_hook, by_person, people_of
from advisord.advise.saying import Say, say_of
from advisord.advise.timing import Due, due_for
from advisord.advise.touched import Touch, touch_of
from advisord.model import (
    WITHHELD,
    Admission,
    Advisory,
    Decision,
    Delivery,
    Digest,
    Exposure,
    Gate,
    Hazard,
    Incident,
    IncidentStatus,
    MsgType,
    Reason,
    Rule,
    Settings,
    Severity,
)

# After this much of its use is over a held message is still worth sending
LATE_BY = timedelta(hours=1)
# What stops a message to whoever knows it all already
SAME = (Gate("change", passed=False, value="nothing new to them", threshold="a material change"),)
# The thread of somebody's digests, which is no incident's
DIGEST = "digest"


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
    SETTLING = "settling"
    SILENCED = "silenced"
    INHIBITED = "inhibited"
    BASELINE = "baseline"
    NOT_REACHED = "not_reached"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be kept in one transaction.

    `superseded` are ids of deliveries never tried that a newer word overtakes: they are cancelled, not sent. So are
    `withheld` ones, each with why: what they said may still be said. `admissions` are first messages, counted by the
    ceilings or waiting behind one. `tells_at`: when somebody is told of what is not told yet.
    """

    decisions: tuple[Decision, ...] = ()
    advisories: tuple[Advisory, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    review_at: datetime | None = None
    superseded: tuple[str, ...] = ()
    tells_at: datetime | None = None
    withheld: tuple[tuple[str, str], ...] = ()
    admissions: tuple[Admission, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """One incident with all that deciding about it looks at."""

    incident: Incident
    people: People
    hazards: Mapping[str, Hazard]
    now: datetime
    is_shadow: bool
    around: Around
    tally: Tally
    settle: timedelta = timedelta()


def decide(incident: Incident, exposures: tuple[Exposure, ...], *, said: tuple[Advisory, ...],
           sent: tuple[Delivery, ...], settings: Settings, hazards: Mapping[str, Hazard], now: datetime,
           near: tuple[Exposure, ...] = (), around: Around = Around(),  # noqa: B008 - frozen
           merged: tuple[tuple[Advisory, ...], tuple[Delivery, ...]] = ((), ()),
           vouched: tuple[Incident, tuple[Exposure, ...]] | None = None) -> Verdict:
    """Decides about every recipient: first the people and systems, then the desks, which are told who was told.

    `vouched` is the incident as good sources alone tell it, with whom that touches: what people and systems read, where
    it differs from what the desks read.

    `around` is what else keeps messages back: silences, other incidents, what was told within the hour. `merged` are
    the advisories and deliveries of incidents that turned out to be this one.
    """
    case = Case(incident, people_of(settings), hazards, now, is_shadow=settings.mode == "shadow",
                settle=settings.settle, around=around, tally=Tally.of(around.admitted, settings.ceilings))
    histories = _with_merged(case, exposures, histories_of(said, sent, now),
                             inherited(incident, said, *merged, now))
    believed, reached = vouched if vouched is not None else (incident, exposures)
    known: tuple[Exposure, ...] = ()
    if incident.is_baseline:
        known = known_before(exposures, histories, settings.staff, since=incident.opened_at, now=now)
        exposures, near = tuple(each for each in exposures if each not in known), ()
        reached = tuple(each for each in reached if each not in known)
    touched = {each.person_id for each in exposures if each.person_id is not None}
    near = tuple(each for each in near if each.person_id not in touched)
    told = (*_to_people(replace(case, incident=believed), reached, histories),
            *_poorly_told(case, exposures, reached, histories))
    desks = tuple(_to_desks(case, exposures, histories, near=near, told=told))
    verdicts = (*told, *desks)
    missed = _missed(case, near) if any(each.advisories for each in verdicts) else ()
    return Verdict(
        decisions=(*(one for each in verdicts for one in each.decisions), *missed, *_unplaced(case, near),
                   *_baseline(case, known, verdicts)),
        advisories=tuple(one for each in verdicts for one in each.advisories),
        deliveries=tuple(one for each in verdicts for one in each.deliveries),
        superseded=tuple(one for each in verdicts for one in each.superseded),
        withheld=tuple(one for each in verdicts for one in each.withheld),
        admissions=tuple(one for each in verdicts for one in each.admissions),
        review_at=min((at for at in (*(each.review_at for each in verdicts),
                                     *(at for each in (*exposures, *known)
                                       for at in (each.starts_at, each.begins_at)))
                       if at and at > now), default=None))


def _with_merged(case: Case, exposures: tuple[Exposure, ...], histories: dict[str, History],
                 merged: dict[str, History]) -> dict[str, History]:
    """Those told of an incident that became part of this one go on here, unless this one touches them by itself."""
    touched = {*by_person(exposures), *by_hook(exposures, case.people), *by_desk(exposures, case.people)}
    own = {recipient: history for recipient, history in merged.items()
           if history.has_heard and recipient not in touched}
    return {**own, **histories}


# ------------------------------------------------------------------------------------------------ people, systems


def _to_people(case: Case, exposures: tuple[Exposure, ...], histories: dict[str, History]) -> Iterator[Verdict]:
    touched = {**by_person(exposures), **by_hook(exposures, case.people)}
    others = [recipient for recipient in histories if not recipient.startswith("desk:")]
    for recipient in dict.fromkeys((*touched, *others)):
        history = histories.get(recipient, History((), (), case.now))
        yield _to_person(case, recipient, touched.get(recipient, ()), history)


def _poorly_told(case: Case, exposures: tuple[Exposure, ...], reached: tuple[Exposure, ...],
                 histories: dict[str, History]) -> Iterator[Verdict]:
    """Whom only what poor sources add to the incident would touch."""
    decided = {*by_person(reached), *by_hook(reached, case.people), *histories}
    for recipient, own in {**by_person(exposures), **by_hook(exposures, case.people)}.items():
        if recipient not in decided:
            gate = Gate("source", passed=False, value="what touches them is told by poor sources alone",
                        threshold=f"{TRUSTED_FROM} or better, or official")
            yield _silent(case, recipient, Why.POOR_SOURCE, own, (gate,))


def _to_person(case: Case, recipient: str, exposures: tuple[Exposure, ...], history: History) -> Verdict:
    """One person or system: only what has begun concerns them, and only from sources good enough to act on."""
    begun = exposures if recipient.startswith("hook:") else tuple(
        each for each in exposures if each.starts_at is None or each.starts_at <= case.now)
    if exposures and not begun and history.last is None:
        return _silent(case, recipient, Why.LATER, exposures)
    first = First((), ()) if history.has_heard else first_of(
        case.incident, begun, recipient, case.people.rules, case.around)
    if first.blocked:
        return _withheld(case, recipient, begun, first, history)
    again = remind_at(case.incident, begun, history, case.people.rules)
    say = (say_of(case.incident, begun, history)
           or reminder(begun, history, case.people.rules, at=again, now=case.now))
    if say is None:
        return replace(_silent(case, recipient, Why.UNCHANGED, exposures, SAME), review_at=again)
    if not history.has_heard and say.reason in ENDS:
        return _unheard_end(case, recipient, say, history)
    if not history.has_heard:
        return _first(case, recipient, first, history)
    return _told(case, recipient, say, history)


def _first(case: Case, recipient: str, first: First, history: History) -> Verdict:
    """Somebody who heard nothing yet and may be told: once enough is known."""
    wait = _settling(case, first.left)
    say = Say(Reason.FIRST, first.left, gates=(*first.gates, *wait.gates))
    if wait.until is not None:
        return replace(_silent(case, recipient, Why.SETTLING, first.left, say.gates), review_at=wait.until,
                       tells_at=wait.until)
    return _told(case, recipient, say, history)


def _settling(case: Case, exposures: tuple[Exposure, ...]) -> Settling:
    touch = touch_of(case.incident, exposures, History((), (), case.now), order=case.people.order,
                     rules=case.people.rules)
    return settling(case.incident, rules_of(exposures, case.people.rules), severity=touch.severity,
                    default=case.settle, now=case.now)


def _unheard_end(case: Case, recipient: str, say: Say, history: History) -> Verdict:
    """The end of what nobody told them yet.

    What waits for their morning or their digest alone makes one true message there: it happened, and this is how it
    stands. What was still in review or behind a ceiling, was stopped or was wrong is not said at all.
    """
    first = history.said[0]
    # Extreme breaks every night, so that this is the end of the review alone
    reviewed = due_for(_rules(case, first.rule_ids), zone="UTC", severity=Severity.EXTREME, now=first.decided_at,
                       is_first=True, unconfirmed=first.unconfirmed).at
    waits = any(case.around.waiting.intersection(each.advisory_ids) for each in history.held)  # behind a ceiling
    if say.reason in {Reason.CANCELLED, Reason.MERGED} or not history.held or waits or reviewed > case.now:
        overtaken = _silent(case, recipient, Why.OVERTAKEN, say.exposures)
        return replace(overtaken, superseded=_ids(history.held))
    return _told(case, recipient, replace(say, exposures=history.said[-1].exposures), history)


def _withheld(case: Case, recipient: str, exposures: tuple[Exposure, ...], first: First, history: History) -> Verdict:
    """What may not be said for the first time, and what already waits to be said so, which is taken back."""
    verdict = _silent(case, recipient, Why(first.blocked), exposures, first.gates)
    return replace(verdict, review_at=first.again_at(case.now),
                   withheld=tuple((each.id, f"{WITHHELD}: {first.words}") for each in history.held))


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
    first = First((), ()) if history.has_heard else first_to_desk(
        case.incident, exposures or concerned, recipient, case.around)
    if first.blocked:
        return _withheld(case, recipient, exposures or concerned, first, history)
    again = remind_at(case.incident, exposures, history, case.people.rules)
    say = (say_of(case.incident, exposures if history.said else exposures or concerned, history)
           or reminder(exposures, history, case.people.rules, at=again, now=case.now))
    if say is None:
        silent = _silent(case, recipient, Why.UNCHANGED, exposures, SAME) if exposures or history.said else Verdict()
        return replace(silent, review_at=again)
    say = replace(say, exposures=exposures, gates=(*say.gates, *first.gates))
    verdict = _told(case, recipient, say, history, basis=exposures or concerned)
    own = tuple(each for each in told if _answers_for(case.people, recipient, each))
    later = {each.recipient: one.tells_at for one in own for each in one.decisions if one.tells_at is not None}
    held = _held(own)
    return replace(verdict, advisories=tuple(replace(
        each, near=near, told=tuple(name for name in _recipients(own) if name not in held), shadow=case.is_shadow,
        later=tuple(later.items()), travellers_at=min(later.values(), default=None), settling=_are_settling(own),
        ceiling=next(iter(held.values()), ""), held=tuple(held)) for each in verdict.advisories))


def _are_settling(verdicts: tuple[Verdict, ...]) -> bool:
    """Whether all who are told later are so because too little is known yet, so that no message waits."""
    later = {each.verdict for one in verdicts for each in one.decisions if one.tells_at is not None}
    return later == {Why.SETTLING}


def _held(verdicts: tuple[Verdict, ...]) -> dict[str, str]:
    """Whom a ceiling holds back, each with the one that does."""
    waiting = {each.advisory_id for one in verdicts for each in one.admissions if each.stand == WAITING}
    return {each.recipient: next((gate.name for gate in each.gates if not gate.passed), "")
            for one in verdicts for each in one.decisions if each.advisory_id in waiting}


def _answers_for(people: People, desk: str, verdict: Verdict) -> bool:
    """Whether a verdict is about somebody whom that desk answers for; systems are everybody's."""
    return any(each.recipient.startswith("hook:") or desk in people.desks_of(each.recipient)
               for each in verdict.decisions)


def _recipients(verdicts: tuple[Verdict, ...]) -> tuple[str, ...]:
    """Who is told, or in shadow would have been."""
    return tuple(each.recipient for one in verdicts for each in one.decisions
                 if each.verdict in {Why.TOLD, Why.HELD, Why.SHADOW, Why.SETTLING})


# ------------------------------------------------------------------------------------------------------- telling


def _told(case: Case, recipient: str, say: Say, history: History, *, basis: tuple[Exposure, ...] = ()) -> Verdict:
    """The advisory and its deliveries, one a channel; or why nobody could be told."""
    if case.is_shadow and not recipient.startswith("desk:"):
        return _silent(case, recipient, Why.SHADOW, say.exposures)
    touch = touch_of(case.incident, say.exposures or basis, history, order=case.people.order, rules=case.people.rules)
    channels = _channels(case, recipient, touch, say, history)
    if not channels:
        return _silent(case, recipient, Why.NO_CHANNEL, say.exposures, _no_channel(recipient, touch))
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
    return Verdict((decision,), (advisory,), deliveries, superseded=_ids(history.held),
                   review_at=due.at + repeat if repeat else None,
                   tells_at=due.at if why is Why.HELD and not passage.waits else None,
                   admissions=(passage.admission,) if passage.admission else ())


def _digest(case: Case, recipient: str, touch: Touch, history: History) -> Digest | None:
    """The digest in which they read it, if any: people's alone, since desks and systems are told at once."""
    kind, _, name = recipient.partition(":")
    person = case.people.persons.get(name) if kind == "person" else None
    return digest_for(person, _rules(case, touch.rule_ids), severity=touch.severity, history=history, now=case.now)


def _rules(case: Case, ids: tuple[str, ...]) -> tuple[Rule, ...]:
    return tuple(case.people.rules[each] for each in ids if each in case.people.rules)


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
    rules = _rules(case, touch.rule_ids)
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


# ------------------------------------------------------------------------------------------------------ not telling


def _silent(case: Case, recipient: str, why: Why, exposures: tuple[Exposure, ...],
            gates: tuple[Gate, ...] = ()) -> Verdict:
    own = exposures[0].gates if exposures else ()
    return Verdict((Decision(case.incident.id, recipient, case.now, why, (*own, *gates)),))


def _baseline(case: Case, known: tuple[Exposure, ...], verdicts: Iterable[Verdict]) -> Iterator[Decision]:
    """Whom nobody tells of what was there before the feeds that tell it were first read."""
    judged = {each.recipient for one in verdicts for each in one.decisions}
    touched = {**by_person(known), **by_hook(known, case.people), **by_desk(known, case.people)}
    gate = Gate("first reading", passed=False, value="told only by what feeds held when first read",
                threshold="news, or an arrival, since then")
    for recipient, own in touched.items():
        if recipient not in judged:
            yield Decision(case.incident.id, recipient, case.now, Why.BASELINE, (*own[0].gates, gate))


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
