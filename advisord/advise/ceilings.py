"""Who was told lately × who is to be told now -> who waits: a ceiling for one person, and one over all incidents.

A ceiling holds what is new and nothing else: an update, a correction or an end belongs to a conversation that somebody
is in already. What goes over all is counted in incidents, not in messages: of one incident everybody is told or nobody,
whether it touches two people or two thousand, while two hundred planted ones are held (RELIABILITY, "poisoning").
"""
from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from advisord.model import Admission, Advisory, Ceilings, Gate, Severity

HOUR = timedelta(hours=1)
PERSON, OVERALL, DESK = "person ceiling", "overall ceiling", "desk ceiling"
WAITING = "waiting"
# For a held message of which nobody knows how long it is of use
HELD_AT_MOST = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Passage:
    """Whether a first message may go: its gates, and how it is counted; null where no ceiling concerns it."""

    gates: tuple[Gate, ...] = ()
    admission: Admission | None = None

    @property
    def waits(self) -> bool:
        """Whether a ceiling holds it."""
        return self.admission is not None and self.admission.stand == WAITING

    @property
    def failed(self) -> str:
        """The ceiling that holds it."""
        return next((gate.name for gate in self.gates if not gate.passed), "")


@dataclass(slots=True)
class Tally:
    """What was told for the first time, by recipient and by incident; it grows as more is let through."""

    ceilings: Ceilings
    to: dict[str, list[datetime]] = field(default_factory=dict)
    begun: dict[str, datetime] = field(default_factory=dict)
    released: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, admitted: Iterable[Admission], ceilings: Ceilings) -> Tally:
        """The tally of those told so far."""
        tally = cls(ceilings)
        for each in admitted:
            tally.add(each)
        return tally

    def add(self, admission: Admission) -> None:
        """Count one more."""
        insort(self.to.setdefault(admission.recipient, []), admission.due_at)
        if admission.recipient.startswith("desk:"):
            return
        if admission.stand == "released":
            self.released.add(admission.incident_id)
        else:
            earlier = self.begun.get(admission.incident_id, admission.due_at)
            self.begun[admission.incident_id] = min(earlier, admission.due_at)

    def gates(self, incident_id: str, recipient: str, severity: Severity, due_at: datetime) -> tuple[Gate, ...]:
        """The ceilings that somebody's first message about an incident has to pass, each with count and limit."""
        if recipient.startswith("desk:"):
            return (self._own(DESK, recipient, due_at, self.ceilings.desk, "an unvouched"),)
        if incident_id in self.begun or incident_id in self.released:
            overall = Gate(OVERALL, passed=True, value="this incident is being told already", threshold=self._limit())
        else:
            count = sum(due_at - HOUR < at <= due_at for at in self.begun.values())
            overall = Gate(OVERALL, passed=count < self.ceilings.incidents,
                           value=f"{count} incidents newly told within an hour", threshold=self._limit())
        if not recipient.startswith("person:"):
            return (overall,)
        if severity.rank >= self.ceilings.person_except.rank:
            return (Gate(PERSON, passed=True, value=f"{severity} is told at once",
                         threshold=f"below {self.ceilings.person_except}"), overall)
        return (self._own(PERSON, recipient, due_at, self.ceilings.person, "a new"), overall)

    def _limit(self) -> str:
        return f"fewer than {self.ceilings.incidents}"

    def _own(self, name: str, recipient: str, due_at: datetime, limit: int, what: str) -> Gate:
        told = self.to.get(recipient, [])
        count = bisect_right(told, due_at) - bisect_right(told, due_at - HOUR)
        return Gate(name, passed=count < limit, value=f"{count} told within an hour",
                    threshold=f"fewer than {limit} before {what} one")


def passage_of(advisory: Advisory, due_at: datetime, tally: Tally, *, vouched: bool) -> Passage:
    """Whether somebody's first message about an incident may go; a drill is neither held nor counted."""
    is_desk = advisory.recipient.startswith("desk:")
    if advisory.incident.exercise or (is_desk and vouched):
        return Passage()
    gates = tally.gates(advisory.incident.id, advisory.recipient, advisory.severity, due_at)
    admission = Admission(advisory.incident.id, advisory.recipient, advisory.id, advisory.severity, due_at,
                          since=advisory.decided_at)
    if not all(gate.passed for gate in gates):
        admission = replace(admission, stand=WAITING)
    return Passage(gates, admission)


def admissible(waiting: Iterable[Admission], admitted: Iterable[Admission], ceilings: Ceilings,
               now: datetime) -> tuple[Admission, ...]:
    """Those of the waiting, in their order, that may go now; each then counts for the ones behind it."""
    tally = Tally.of(admitted, ceilings)
    found = []
    for each in waiting:
        due_at = max(each.due_at, now)
        if all(gate.passed for gate in tally.gates(each.incident_id, each.recipient, each.severity, due_at)):
            freed = replace(each, due_at=due_at, stand="told")
            tally.add(freed)
            found.append(freed)
    return tuple(found)


def held_back(waiting: Iterable[Admission], recipient: str, own: str) -> int:
    """How many more wait: for a person their messages, for a desk the incidents; `own` is not counted."""
    others = [each for each in waiting if each.advisory_id != own]
    if recipient.startswith("desk:"):
        return len({each.incident_id for each in others
                    if each.recipient == recipient or not each.recipient.startswith("desk:")})
    return sum(each.recipient == recipient for each in others)
