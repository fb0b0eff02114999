"""The stored past, lived again under these rules and staff -> what would have been sent otherwise than it was.

Its own module because the command and whoever shows "what would this rule have sent" ask the same question. Nothing is
read again: the incidents are those of the store, put back report by report to how they stood; deciding is the live
program's own, on a store in memory whose clock is the past's.
"""
from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from advisord.advise.history import ENDS
from advisord.correlate.past import as_it_stood
from advisord.match.anywhere import Anywhere
from advisord.match.explain import explain
from advisord.match.exposures import exposures_of, near_of
from advisord.model import (
    Advisory,
    Decision,
    Delivery,
    DeliveryState,
    Gate,
    Incident,
    Reason,
    Settings,
)
from advisord.store.store import Store
from advisord.wiring.rehearsal import Kit, Rehearsal

# Whoever was told of something last heard of before is told its end within this time
LIFE = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Sent:
    """One message of the past, as it was or as it would have been; `gates` are those of its decision."""

    advisory: Advisory
    channels: tuple[str, ...]
    gates: tuple[Gate, ...] = ()

    @property
    def kind(self) -> str:
        """The messages of one thread are compared by what they are: the alert, the updates, the end."""
        if self.advisory.reason in ENDS:
            return "end"
        return "alert" if self.advisory.reason is Reason.FIRST else "update"


@dataclass(frozen=True, slots=True)
class Line:
    """One difference; `what` is add, drop or change, `why` the reasons in words, `was` what went instead."""

    what: str
    sent: Sent
    why: tuple[str, ...] = ()
    was: Sent | None = None


@dataclass(frozen=True, slots=True)
class Replayed:
    """What would have been otherwise from `since` on and before `until`; `same` messages would not."""

    since: datetime
    until: datetime
    lines: tuple[Line, ...]
    same: int
    incidents: int
    reports: int

    def count(self, what: str) -> int:
        """How many lines of that kind."""
        return sum(line.what == what for line in self.lines)


def replay(store: Store, settings: Settings, kit: Kit, *, since: datetime, until: datetime) -> Replayed:
    """Live the stored past again from `since` on and before `until`, and compare what would have been sent."""
    with Rehearsal(settings, kit) as rehearsal:
        anywhere = Anywhere.of(rehearsal.staff, settings.rules, kit.hazards)
        past = _Past(store, kit, since, until, wanted=anywhere.could_concern)
        for silence in store.silences():
            rehearsal.store.add_silence(replace(silence, until=silence.ended_at or silence.until))
        lived: set[str] = set()
        # Nothing is ever said of what concerns nobody, and most news does
        for at, incident in past.states():
            if incident.id in lived or _concerns(incident, rehearsal, at):
                lived.add(incident.id)
                rehearsal.live_through(at)
                rehearsal.know(incident, at)
        rehearsal.live_through(until)
        would = _sent(rehearsal.store, rehearsal.store.spoken_of(since, until), since, until)
        were = _sent(store, store.spoken_of(since, until), since, until)
        lines = tuple(_lines(would, were, _Why(store, rehearsal, past)))
    return Replayed(since, until, lines, len(would) - sum(each.what in {"add", "change"} for each in lines),
                    past.count, past.reports)


def _concerns(incident: Incident, rehearsal: Rehearsal, now: datetime) -> bool:
    """Whether anybody is touched, or near; whom it will only reach later is touched already, from then on."""
    rules, hazards = rehearsal.settings.rules, rehearsal.kit.hazards
    return bool(exposures_of(incident, rules=rules, staff=rehearsal.staff, hazards=hazards, now=now)
                or near_of(incident, rules=rules, staff=rehearsal.staff, hazards=hazards, now=now))


# -------------------------------------------------------------------------------------------------- how it went


class _Past:
    """The incidents of the store, and when each report of them became known."""

    def __init__(self, store: Store, kit: Kit, since: datetime, until: datetime, *,
                 wanted: Callable[[Incident], bool]) -> None:
        """Keeps those that are wanted, and counts all."""
        self._kit = kit
        self._until = until
        self._read = store.understood_at(since - LIFE)
        self.count = self.reports = 0
        kept = []
        for each in store.heard_since(since - LIFE):
            if each.opened_at < until and not each.exercise:
                self.count += 1
                self.reports += len(each.reports)
                kept += [each] if wanted(each) else []
        self.incidents = tuple(kept)
        self._by_id = {each.id: each for each in self.incidents}
        self._merged: dict[str, dict[str, datetime]] = {}
        for each in self.incidents:
            if each.merged_into is not None and each.ended_at is not None:
                own = self._merged.setdefault(each.merged_into, {})
                own.update((report.id, each.ended_at) for report in each.reports)

    def states(self) -> Iterator[tuple[datetime, Incident]]:
        """Each incident each time that it changed, in the order in which that happened."""
        moments = sorted({(at, each.id) for each in self.incidents for at in self._moments(each) if at < self._until})
        for at, name in moments:
            state = self.at(self._by_id[name], at)
            if state is not None:
                yield at, state

    def at(self, incident: Incident, at: datetime) -> Incident | None:
        """That incident as it stood then."""
        if incident.merged_into is not None and incident.ended_at is not None and at >= incident.ended_at:
            return incident
        arrived = self._arrived(incident)
        known = {name for name, when in arrived.items() if when <= at}
        gone = {each.id for each in incident.reports if each.withdrawn and self._last_read(incident, each.article_id,
                                                                                           arrived[each.id]) <= at}
        return as_it_stood(incident, known, gone, now=at, hazards=self._kit.hazards, tables=self._kit.tables)

    def _moments(self, incident: Incident) -> Iterator[datetime]:
        arrived = self._arrived(incident)
        yield from arrived.values()
        for each in incident.reports:
            if each.withdrawn:
                yield self._last_read(incident, each.article_id, arrived[each.id])
        if incident.merged_into is not None and incident.ended_at is not None:
            yield incident.ended_at

    def _arrived(self, incident: Incident) -> dict[str, datetime]:
        """Report -> when the incident came to hold it: at its reading, or when another incident became this one."""
        merged = self._merged.get(incident.id, {})
        return {each.id: self._read.get((incident.id, each.article_id), (merged.get(each.id, each.seen_at),))[0]
                for each in incident.reports}

    def _last_read(self, incident: Incident, article_id: str, first: datetime) -> datetime:
        return self._read.get((incident.id, article_id), (first, first))[1]


def _sent(store: Store, names: Sequence[str], since: datetime, until: datetime) -> list[Sent]:
    """What was said of those incidents in that time and not taken back before it went."""
    found = []
    for name in names:
        said, deliveries = store.said_about(name)
        decided = {each.advisory_id: each.gates for each in store.decisions(name) if each.advisory_id}
        for advisory in said:
            channels = _channels(advisory, deliveries)
            if channels and since <= advisory.decided_at < until and not advisory.incident.exercise:
                found.append(Sent(advisory, channels, decided.get(advisory.id, ())))
    return sorted(found, key=_when)


def _channels(advisory: Advisory, deliveries: Sequence[Delivery]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.channel for each in deliveries if advisory.id in each.advisory_ids
                               and each.state is not DeliveryState.CANCELLED))


def _when(sent: Sent) -> tuple[datetime, str]:
    return sent.advisory.decided_at, sent.advisory.recipient


# ------------------------------------------------------------------------------------------------ the difference


def _lines(would: Sequence[Sent], were: Sequence[Sent], why: _Why) -> Iterator[Line]:
    """Messages of one kind to one recipient about one incident are the same ones, the first with the first."""
    wanted, had = _threads(would), _threads(were)
    for key in sorted({*wanted, *had}):
        new, old = wanted.get(key, []), had.get(key, [])
        for one, other in zip(new, old, strict=False):
            differences = tuple(_differences(one, other))
            if differences:
                yield Line("change", one, differences, other)
        for one in new[len(old):]:
            yield Line("add", one, tuple(why.added(one)))
        for other in old[len(new):]:
            yield Line("drop", other, tuple(why.dropped(other)))


def _threads(sent: Sequence[Sent]) -> dict[tuple[str, str, str], list[Sent]]:
    found: dict[tuple[str, str, str], list[Sent]] = {}
    for each in sent:
        found.setdefault((each.advisory.incident.id, each.advisory.recipient, each.kind), []).append(each)
    return found


def _differences(new: Sent, old: Sent) -> Iterator[str]:
    pairs: Mapping[str, tuple[str, str]] = {
        "rules": (", ".join(sorted(new.advisory.rule_ids)), ", ".join(sorted(old.advisory.rule_ids))),
        "advise": (new.advisory.template, old.advisory.template),
        "severity": (new.advisory.severity, old.advisory.severity),
        "via": (", ".join(sorted(new.channels)), ", ".join(sorted(old.channels))),
    }
    for name, (now, then) in pairs.items():
        if now != then:
            yield f"{name}: {now or 'none'} (was: {then or 'none'})"


@dataclass(frozen=True, slots=True)
class _Why:
    """Says for one message why it would go, or not."""

    store: Store
    rehearsal: Rehearsal
    past: _Past

    def added(self, sent: Sent) -> Iterator[str]:
        """The gates that it passes, and what was decided then."""
        advisory = sent.advisory
        for exposure in advisory.exposures[:1]:
            near = f", {exposure.distance_km:.1f} km" if exposure.distance_km is not None else ""
            yield f"rule {exposure.rule_id}: {exposure.via}{near}"
        yield from (_words(gate) for gate in sent.gates)
        stopped = [each for each in self.store.said_about(advisory.incident.id)[0]
                   if each.recipient == advisory.recipient and each.reason is advisory.reason]
        if stopped:
            yield "then it was decided, and stopped or overtaken before it went"
            return
        yield _verdict(self.store.decisions(advisory.incident.id, advisory.recipient), "then nothing was decided")

    def dropped(self, sent: Sent) -> Iterator[str]:
        """What would be decided instead; else the rule that comes closest, with the gates that stop it."""
        advisory = sent.advisory
        decisions = self.rehearsal.store.decisions(advisory.incident.id, advisory.recipient)
        if decisions:
            yield _verdict(decisions, "")
            yield from (_words(gate) for gate in decisions[-1].gates if not gate.passed)
            return
        kind, _, name = advisory.recipient.partition(":")
        if kind != "person":
            yield "nobody whom it answers for is touched or near"
            return
        if not any(each.id == name for each in self.rehearsal.settings.staff.people):
            yield "they are no longer in staff.yaml"
            return
        ways = explain(advisory.incident, name, rules=self.rehearsal.settings.rules, staff=self.rehearsal.staff,
                       hazards=self.rehearsal.kit.hazards, now=advisory.decided_at)
        for way in ways[:1]:
            yield f"closest: rule {way.rule_id}" + (f" and {way.location.label}" if way.location else "")
            yield from (_words(gate) for gate in way.gates if not gate.passed)


def _verdict(decisions: Sequence[Decision], nothing: str) -> str:
    if not decisions:
        return nothing
    last = decisions[-1]
    return f"decided {last.at:%a %d %b %H:%M} UTC: {last.verdict}"


def _words(gate: Gate) -> str:
    return f"{'✓' if gate.passed else '✗'} {gate.name}: {gate.value} (asked: {gate.threshold})"
