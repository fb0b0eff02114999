"""What an officer decides, done at once or, where it would tell many, after a second person allowed it.

Its own module because the page and the commands must not differ in it. Who asked, who allowed, and how many it told are
kept (store/approvals). A new kind of decision is a row of `_DOES`.
"""
from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import uuid4

from advisord.correlate.desk import DESK, cleared, refuted
from advisord.model import Article, Delivery, DeliveryState, IncidentStatus
from advisord.store.approvals import Approval
from advisord.store.store import Store

LASTS = timedelta(hours=4)  # then it has to be asked anew: what it was about has changed by then


@dataclass(frozen=True, slots=True)
class Decided:
    """What came of it: the deliveries that it moved, or the request that now waits for a second person."""

    deliveries: tuple[Delivery, ...] = ()
    waits: Approval | None = None


@dataclass(frozen=True, slots=True)
class Officers:
    """What officers do; more than `alone_up_to` messages to people need two of them, null: never."""

    store: Store
    alone_up_to: int | None

    def release(self, ids: Sequence[str], *, subject: str, by: str, why: str, now: datetime) -> Decided:
        """Send what waits about an incident now."""
        kept = {each.id: each for each in self.store.deliveries(subject)}
        people = {each.recipient for each in (kept[one] for one in ids if one in kept)
                  if each.recipient.startswith("person:")}
        waits = self.ask("release", subject, messages=len(people), by=by, now=now,
                         data={"ids": sorted(ids), "why": why})
        if waits is not None:
            return Decided(waits=waits)
        return Decided(self.store.release(ids, now, _words("released by", by, why), by=by))

    def stop(self, ids: Sequence[str], *, by: str, why: str, now: datetime) -> Decided:
        """Do not send what waits; one person suffices, since nobody is told anything by it."""
        return Decided(self.store.stop(ids, now, _words("stopped by", by, why), by=by))

    def end(self, incident_id: str, status: IncidentStatus, *, by: str, why: str, now: datetime) -> Decided | None:
        """Say that an incident is over (cleared) or was wrong (cancelled), to everybody who was told of it.

        Null where it is not open any more.
        """
        incident = self.store.incident(incident_id)
        if incident is None or incident.status is not IncidentStatus.OPEN:
            return None
        waits = self.ask(str(status), incident_id, messages=len(told_people(self.store, incident_id)), by=by, now=now,
                         data={"why": why})
        if waits is not None:
            return Decided(waits=waits)
        return _said(self.store, incident_id, status, by=by, why=why, now=now)

    def ask(self, kind: str, subject: str, *, messages: int, data: Mapping[str, object], by: str,
            now: datetime) -> Approval | None:
        """The request that waits for a second person; null where one suffices and it may be done."""
        if self.alone_up_to is None or messages <= self.alone_up_to:
            return None
        return self.store.approvals.ask(kind, subject, messages=messages, data=json.dumps(data, sort_keys=True), by=by,
                                        now=now, until=now + LASTS)

    def allow(self, approval_id: str, *, by: str, now: datetime) -> Decided | None:
        """Do what somebody else asked for; null where it no longer waits, or `by` is who asked."""
        approval = self.store.approvals.decide(approval_id, by=by, now=now, allow=True)
        if approval is None:
            return None
        return _DOES[approval.kind](self.store, approval, now)

    def decline(self, approval_id: str, *, by: str, now: datetime) -> bool:
        """Leave it undone; false where it no longer waits."""
        return self.store.approvals.decide(approval_id, by=by, now=now, allow=False) is not None


def _released(store: Store, approval: Approval, now: datetime) -> Decided:
    asked = json.loads(approval.data)
    words = _words("released by", f"{approval.asked_by} and {approval.decided_by}", asked["why"])
    return Decided(store.release(asked["ids"], now, words, by=f"{approval.asked_by} and {approval.decided_by}"))


def told_people(store: Store, incident_id: str) -> frozenset[str]:
    """The people who were told of an incident or are about to be: who hears of its end."""
    return frozenset(each.recipient for each in store.deliveries(incident_id)
                     if each.recipient.startswith("person:") and each.state is not DeliveryState.CANCELLED)


def _said(store: Store, incident_id: str, status: IncidentStatus, *, by: str, why: str,
          now: datetime) -> Decided | None:
    """The desk's word as an article of its own, at which the service looks within a second."""
    name = f"desk-{now:%Y%m%dT%H%M%S}-{uuid4().hex[:8]}"
    article = Article(name, text=why, feed_id=DESK.id, guid=name, fingerprint=name, published=now, seen_at=now,
                      exercise=_is_exercise(store, incident_id))
    word = partial(_ENDS[status], article=article, now=now)
    return Decided() if store.keep_word(incident_id, article, word, by=by, now=now) is not None else None


def _is_exercise(store: Store, incident_id: str) -> bool:
    incident = store.incident(incident_id)
    return incident is not None and incident.exercise


def _ended(store: Store, approval: Approval, now: datetime) -> Decided:
    why = json.loads(approval.data)["why"]
    by = f"{approval.asked_by} and {approval.decided_by}"
    return _said(store, approval.subject, IncidentStatus(approval.kind), by=by, why=why, now=now) or Decided()


def _words(what: str, by: str, why: str) -> str:
    return f"{what} {by}" + (f": {why}" if why else "")


_DOES: Mapping[str, Callable[[Store, Approval, datetime], Decided]] = {
    "release": _released, "cleared": _ended, "cancelled": _ended}
_ENDS = {IncidentStatus.CLEARED: cleared, IncidentStatus.CANCELLED: refuted}
