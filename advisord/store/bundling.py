"""Deliveries due to one person by one channel at once -> one of them, that carries what the others would have said.

Its own module because it changes deliveries that were decided apart: the most severe takes the others' advisories in,
and they end as cancelled, so that created = accepted + refused + … goes on to hold, and the key of the one that is
sent is the key that was decided. Only messages that begin a conversation are bundled: what follows has a thread of its
own to go to. Extreme goes alone and first, and an exercise never stands beside what is real.
"""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, or_, select, true

from advisord.errors import StoreError
from advisord.model import Advisory, Delivery, DeliveryState, Outcome, Reason, Severity
from advisord.store.outbox import PENDING, Outbox
from advisord.store.tables import deliveries, micros

PEOPLE = "person:%"
Member = tuple[Delivery, Advisory]


def crowded(connection: Connection, now: datetime, channel: str | None) -> list[tuple[str, str]]:
    """Recipients and channels of several deliveries that are due: whether there is anything to bundle at all."""
    by = true() if channel is None else deliveries.c.channel == channel
    rows = connection.execute(select(deliveries.c.recipient, deliveries.c.channel).where(*_due(now), by).group_by(
        deliveries.c.recipient, deliveries.c.channel).having(func.count() > 1))
    return [(row.recipient, row.channel) for row in rows]


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (deliveries.c.state == PENDING, deliveries.c.attempts == 0, deliveries.c.due_at <= micros(now),
            deliveries.c.recipient.like(PEOPLE),
            or_(deliveries.c.expires_at.is_(None), deliveries.c.expires_at > micros(now)),
            or_(deliveries.c.lease_until.is_(None), deliveries.c.lease_until <= micros(now)))


def bundle(connection: Connection, outbox: Outbox, several: Iterable[tuple[str, str]], now: datetime) -> list[Delivery]:
    """Bundle what is due to those and was never tried; which deliveries were taken into another one."""
    taken: list[Delivery] = []
    for recipient, by in several:
        rows = connection.execute(select(deliveries).where(
            *_due(now), deliveries.c.recipient == recipient, deliveries.c.channel == by).with_for_update(
                skip_locked=True)).all()
        for members in _bundles(connection, outbox, outbox.readable(rows)):
            taken += _joined(connection, outbox, members, now)
    return taken


def _bundles(connection: Connection, outbox: Outbox, due: Iterable[Delivery]) -> list[list[Member]]:
    """Those that may be said in one message, the most severe first."""
    found: dict[tuple[object, ...], list[Member]] = {}
    for each in due:
        try:
            leads = outbox.advisories(connection, each.advisory_ids[:1])
        except StoreError:
            continue  # damaged on disk: that one is told when it is tried, and holds up no other
        for advisory in leads:
            key = _kind(each, advisory)
            if key is not None:
                found.setdefault(key, []).append((each, advisory))
    return [sorted(members, key=_order) for members in found.values() if len(members) > 1]


def _kind(delivery: Delivery, advisory: Advisory) -> tuple[object, ...] | None:
    """What can stand in one message with it; null for what stands alone."""
    if advisory.digest:
        return "digest", advisory.incident.exercise
    begins = advisory.reason is Reason.FIRST and delivery.previous is None
    if not begins or advisory.severity is Severity.EXTREME or advisory.unconfirmed:
        return None
    return "first", advisory.incident.exercise


def _order(member: Member) -> tuple[object, ...]:
    delivery, advisory = member
    return -advisory.severity.rank, advisory.decided_at, delivery.id


def _joined(connection: Connection, outbox: Outbox, members: list[Member], now: datetime) -> list[Delivery]:
    lead, *others = (delivery for delivery, _ in members)
    ends = [each.expires_at for each in (lead, *others)]
    known = [each for each in ends if each is not None]
    whole = replace(lead, advisory_ids=tuple(dict.fromkeys(
        advisory_id for each in (lead, *others) for advisory_id in each.advisory_ids)),
        expires_at=max(known) if len(known) == len(ends) else None)
    outbox.take_in(connection, whole)
    for each in others:
        outbox.record(connection, each, Outcome(DeliveryState.CANCELLED, f"said together with others in {lead.id}"),
                      now=now, retry_at=None)
    return others
