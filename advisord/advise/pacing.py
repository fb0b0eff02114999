"""Rules × incident × history -> not yet, once more, or in one message with the rest: settling, reminders, digests.

Its own module because all three are about when somebody is told, and none about what: `timing` knows nights and
reviews of one message, this knows the conversation.
"""
from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from advisord.advise.history import ENDS, History
from advisord.advise.recipients import People
from advisord.advise.saying import Say
from advisord.advise.timing import Due, zone_of
from advisord.model import (
    Advisory,
    Digest,
    Exposure,
    Gate,
    Incident,
    IncidentStatus,
    Person,
    Reason,
    Rule,
    Severity,
    Staff,
)

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Settling:
    """Until when an incident is not told yet, null where it may be; `gates` say why, where any time is asked for."""

    until: datetime | None = None
    gates: tuple[Gate, ...] = ()


def settling(incident: Incident, rules: Iterable[Rule], *, severity: Severity, default: timedelta,
             now: datetime) -> Settling:
    """How long a first message has to wait for more to be known: counted from when the incident became known.

    So that news meanwhile does not prolong it, a restart does not begin it anew, and who is reached later than that
    is told at once. The least patient of the rules speaks; Extreme never waits.
    """
    wait = min((default if rule.settle is None else rule.settle for rule in rules), default=default)
    if not wait:
        return Settling()
    worst = max(severity.rank, incident.severity.rank) >= Severity.EXTREME.rank
    until = incident.opened_at + wait
    # Known since a time to come: the clock was set back, and nobody is to wait for it
    waits = not worst and incident.opened_at <= now < until
    gate = Gate("settling", not waits, f"known since {incident.opened_at:%a %H:%M:%S} UTC",
                f"{wait / MINUTE:g} min, or Extreme")
    return Settling(until if waits else None, (gate,))


def known_before(exposures: tuple[Exposure, ...], histories: Collection[str], staff: Staff, *, since: datetime,
                 now: datetime) -> tuple[Exposure, ...]:
    """The exposures that nobody tells of what feeds held when first read.

    All but those of who came to where they are after it became known and is there now, or was told of it already.
    """
    came = {each.id for each in staff.locations if each.start is not None and since < each.start <= now}
    return tuple(each for each in exposures
                 if each.location_id not in came and f"person:{each.person_id}" not in histories)


# ------------------------------------------------------------------------------------------------------- reminders


def repeat_of(rules: Iterable[Rule]) -> timedelta | None:
    """After how long a reminder is asked for: the shortest time of the rules that ask for any."""
    return min((rule.repeat for rule in rules if rule.repeat is not None), default=None)


def remind_at(incident: Incident, exposures: tuple[Exposure, ...], history: History,
              rules: Mapping[str, Rule]) -> datetime | None:
    """When somebody told of what lasts and touches them is to be reminded of it; null for never.

    Counted from the last message, whether it was sent or waits for the morning.
    """
    repeat = repeat_of(rules_of(exposures, rules))
    last = history.last
    sent = [each.due_at for each in history.active]
    if repeat is None or last is None or not sent or last.reason in ENDS or last.digest:
        return None
    return max(sent) + repeat if exposures and incident.status is IncidentStatus.OPEN else None


def reminder(exposures: tuple[Exposure, ...], history: History, rules: Mapping[str, Rule], *, at: datetime | None,
             now: datetime) -> Say | None:
    """The reminder itself, once its time has come."""
    if at is None or at > now or not history.has_heard:
        return None
    repeat = repeat_of(rules_of(exposures, rules)) or timedelta()
    gate = Gate("reminder", passed=True, value=f"nothing said since {at - repeat:%a %d %b %H:%M} UTC",
                threshold=f"every {repeat / HOUR:g} h")
    return Say(Reason.REMINDER, exposures, gates=(gate,))


def rules_of(exposures: Iterable[Exposure], rules: Mapping[str, Rule]) -> tuple[Rule, ...]:
    """The rules by which somebody is touched."""
    return tuple(rules[each] for each in dict.fromkeys(one.rule_id for one in exposures) if each in rules)


# --------------------------------------------------------------------------------------------------------- digests


def digest_for(person: Person | None, rules: tuple[Rule, ...], *, severity: Severity, history: History,
               now: datetime) -> Digest | None:
    """The digest in which somebody reads this, null where they are told by itself.

    A person's own wish outranks the rules; of several rules each must let it wait, and the soonest digest is taken.
    Once they were told of an incident by itself, they are told all of it so.
    """
    if person is None or history.is_told_alone:
        return None
    wanted = (person.digest,) if person.digest else tuple(rule.digest for rule in rules)
    fitting = [each for each in wanted if each is not None and severity.rank < each.except_at_least.rank]
    if not fitting or len(fitting) < len(wanted):
        return None
    return min(fitting, key=lambda each: next_digest(each, zone=person.timezone, after=now))


def digest_of(advisories: Iterable[Advisory], people: People) -> Digest | None:
    """The digest that these came in, as the configuration has it now; null where it no longer says any."""
    for each in advisories:
        person = people.persons.get(each.recipient.partition(":")[2])
        wanted = (person.digest if person else None,
                  *(people.rules[rule].digest for rule in each.rule_ids if rule in people.rules))
        for digest in wanted:
            if digest is not None:
                return digest
    return None


def in_digest(due: Due, digest: Digest, *, zone: str, severity: Severity) -> Due:
    """The same message, waiting for the digest that comes after what else holds it."""
    at = next_digest(digest, zone=zone, after=due.at)
    local = at.astimezone(zone_of(zone))
    gate = Gate("digest", passed=True, value=f"{severity}: waits for the digest of {local:%a %H:%M}, {zone}",
                threshold=f"at once from {digest.except_at_least} on")
    return replace(due, at=at, gates=(*due.gates, gate))


def next_digest(digest: Digest, *, zone: str, after: datetime) -> datetime:
    """The first time later than `after` at which the reader's own clock shows that of the digest."""
    local = after.astimezone(zone_of(zone))
    clock = time.fromisoformat(digest.at)
    for days in range(9):
        day = local.date() + timedelta(days=days)
        # In the gap of a clock set forward the time is an hour later there; back, it is the first of the two
        at = datetime.combine(day, clock, tzinfo=local.tzinfo).astimezone(after.tzinfo)
        if at > after and digest.weekday in {None, day.weekday()}:
            return at
    return after + timedelta(weeks=1)
