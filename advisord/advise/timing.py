"""Rules × recipient -> due time: quiet hours in the reader's own zone, and the minutes in which a desk may stop it."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from advisord.advise.recipients import People
from advisord.model import Advisory, Gate, QuietHours, Rule, Severity

# RELIABILITY, "poisoning": the worst from one origin alone waits this long for somebody to stop it
UNCONFIRMED_HOLD = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Due:
    """When something may be sent; `reviewed_until` where a desk may stop it before, `gates` what held it."""

    at: datetime
    reviewed_until: datetime | None = None
    gates: tuple[Gate, ...] = ()


def due_for(rules: tuple[Rule, ...], *, zone: str, severity: Severity, now: datetime, is_first: bool,
            unconfirmed: bool) -> Due:
    """When a person is told: each rule holds as it says, and the least patient of them speaks.

    Only a first message is held for review; what corrects or ends an earlier one is never.
    """
    hold = min((rule.send_after or timedelta() for rule in rules), default=timedelta()) if is_first else timedelta()
    if is_first and unconfirmed:
        hold = max(hold, UNCONFIRMED_HOLD)
    reviewed = now + hold if hold else None
    at = min((quiet_until(rule.quiet_hours, zone=zone, severity=severity, at=now + hold) for rule in rules),
             default=now + hold)
    return Due(at, reviewed, tuple(_gates(now, hold, at, zone)))


def _gates(now: datetime, hold: timedelta, at: datetime, zone: str) -> list[Gate]:
    gates = []
    if hold:
        minutes = hold / timedelta(minutes=1)
        gates.append(Gate("review", passed=True, value=f"held {minutes:g} min unless stopped", threshold="the rule"))
    if at > now + hold:
        local = at.astimezone(zone_of(zone))
        gates.append(Gate("quiet hours", passed=True, value=f"held till {local:%a %H:%M}", threshold=zone))
    return gates


def quiet_until(quiet: QuietHours | None, *, zone: str, severity: Severity, at: datetime) -> datetime:
    """The end of the night that `at` falls into, or `at` itself by day and for what breaks the night."""
    if quiet is None or severity.rank >= quiet.except_at_least.rank:
        return at
    local = at.astimezone(zone_of(zone))
    start, end = time.fromisoformat(quiet.start), time.fromisoformat(quiet.end)
    clock = local.time().replace(tzinfo=None)
    over_midnight = start > end
    if not (clock >= start or clock < end if over_midnight else start <= clock < end):
        return at
    morning = local.date() + timedelta(days=1) if over_midnight and clock >= start else local.date()
    return datetime.combine(morning, end, tzinfo=local.tzinfo).astimezone(at.tzinfo)


def freed_at(advisory: Advisory, people: People, at: datetime) -> datetime:
    """When a message goes out that is let go at `at`: a night that has begun meanwhile holds it as any other."""
    kind, _, name = advisory.recipient.partition(":")
    person = people.persons.get(name) if kind == "person" else None
    rules = [people.rules[each] for each in advisory.rule_ids if each in people.rules]
    if person is None or not rules:
        return at
    return min(quiet_until(rule.quiet_hours, zone=person.timezone, severity=advisory.severity, at=at)
               for rule in rules)


def zone_of(name: str) -> ZoneInfo:
    """The zone of that name, UTC where there is none such (the settings refuse those at load)."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
