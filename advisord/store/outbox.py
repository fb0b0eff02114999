"""Advisories and their deliveries in the store: written with the decision, leased, sent, recorded, never lost.

A delivery moves from pending to one final state and never back. Its row carries a checksum over all that a Delivery
says, and so do an advisory and the bytes that are sent: of 300 flipped bits in a database file, 126 read back wrong
without any error. A damaged row is told and not sent.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, func, literal_column, or_, select, true

from advisord.errors import StoreError
from advisord.model import Advisory, Delivery, DeliveryState, Incident, Outcome, Rendered, Severity
from advisord.store.nouns import Nouns, digest, from_json, to_json
from advisord.store.reading import CLOCK_SLACK, chunks, count_up, is_new
from advisord.store.tables import (
    advisories,
    attempts,
    counters,
    deliveries,
    delivery_advisories,
    instant,
    instant_or_none,
    micros,
    micros_or_none,
    rendered,
    snapshots,
)

PENDING: ColumnElement[str] = literal_column("'pending'")  # as it stands in the partial index, which it must match
CREATED = "deliveries created"
DAMAGED = "its row is damaged on disk: not sent"
OVERTAKEN = "a newer message says it better"
NO_SCHEDULE = timedelta(minutes=1)  # the wait before another attempt where nobody said one
CHECKED = ("id", "channel", "recipient", "thread", "severity", "created_at", "due_at", "expires_at", "advisory_ids",
           "previous", "state", "attempts", "last_error")
DEAD = tuple(sorted(str(state) for state in (DeliveryState.REFUSED, DeliveryState.EXPIRED)))
FINAL = frozenset(str(state) for state in DeliveryState if state is not DeliveryState.PENDING)
ATTEMPTED = frozenset({DeliveryState.PENDING, DeliveryState.ACCEPTED, DeliveryState.REFUSED})


@dataclass(frozen=True, slots=True)
class Counts:
    """How the deliveries stand; `created` is counted on its own when they are written."""

    created: int
    pending: int
    accepted: int
    refused: int
    expired: int
    cancelled: int

    @property
    def balanced(self) -> bool:
        """Whether every delivery ever created is in one of the five states."""
        return self.created == self.pending + self.accepted + self.refused + self.expired + self.cancelled


@dataclass(frozen=True, slots=True)
class Attempt:
    """How one attempt of a delivery ended, and when."""

    delivery_id: str
    at: datetime
    outcome: Outcome


class Outbox:
    """Rows of advisories, deliveries and their bytes, within the caller's transaction."""

    def __init__(self, nouns: Nouns) -> None:
        """With the adapters to share."""
        self._nouns = nouns

    # -------------------------------------------------------------------------------------------- advisories

    def keep_advisories(self, connection: Connection, said: Sequence[Advisory]) -> None:
        """Keep what is said; one that is there already stays as it is. Incidents alike are kept once."""
        kept: dict[str, str] = {}
        for advisory in said:
            snapshot = to_json(self._nouns.incident, advisory.incident)
            of_snapshot = digest(snapshot.encode())
            data = to_json(self._nouns.advisory, advisory, without="incident")
            if of_snapshot not in kept:
                kept[of_snapshot] = snapshot
                is_new(connection, snapshots, digest=of_snapshot, data=snapshot)
            is_new(connection, advisories, id=advisory.id, incident_id=advisory.incident.id,
                   recipient=advisory.recipient, version=advisory.version, decided_at=micros(advisory.decided_at),
                   snapshot=of_snapshot, data=data, checksum=digest(of_snapshot.encode(), data.encode()))

    def advisories(self, connection: Connection, ids: Iterable[str]) -> tuple[Advisory, ...]:
        """Those advisories in the order asked for; raises StoreError for one that is damaged or not there."""
        wanted = list(ids)
        found = {advisory.id: advisory for some in chunks(wanted) for advisory in self._advisories(
            connection, connection.execute(select(advisories).where(advisories.c.id.in_(some))).all())}
        missing = [advisory_id for advisory_id in wanted if advisory_id not in found]
        if missing:
            raise StoreError(f"store: advisory '{missing[0]}' is not there")
        return tuple(found[advisory_id] for advisory_id in wanted)

    def said(self, connection: Connection, incident_id: str) -> tuple[Advisory, ...]:
        """Every advisory of that incident, oldest first."""
        rows = connection.execute(select(advisories).where(advisories.c.incident_id == incident_id)
                                  .order_by(advisories.c.decided_at, advisories.c.version, advisories.c.id)).all()
        return self._advisories(connection, rows)

    def _advisories(self, connection: Connection, rows: Sequence[Row[Any]]) -> tuple[Advisory, ...]:
        incidents = self._incidents(connection, {row.snapshot for row in rows})
        for row in rows:
            if row.snapshot not in incidents or digest(row.snapshot.encode(), row.data.encode()) != row.checksum:
                raise StoreError(f"store: advisory '{row.id}' is damaged on disk; restore the last backup")
        return tuple(self._nouns.advisory_of(incidents[row.snapshot], row.data) for row in rows)

    def _incidents(self, connection: Connection, digests: Iterable[str]) -> dict[str, Incident]:
        """The incidents as they were, by digest, each read once; a damaged one is left out."""
        rows = (row for some in chunks(digests) for row in connection.execute(
            select(snapshots).where(snapshots.c.digest.in_(some))))
        return {row.digest: from_json(self._nouns.incident, row.data, f"snapshot '{row.digest}'")
                for row in rows if digest(row.data.encode()) == row.digest}

    # -------------------------------------------------------------------------------------------- deliveries

    def keep_deliveries(self, connection: Connection, made: Sequence[Delivery]) -> int:
        """Keep new deliveries; one that is there already stays as it is. How many were new."""
        new = 0
        for delivery in made:
            values = self._columns(delivery)
            if not is_new(connection, deliveries, **values, severity_rank=delivery.severity.rank,
                          checksum=checksum(values)):
                continue
            new += 1
            if delivery.advisory_ids:
                connection.execute(delivery_advisories.insert(), [
                    {"delivery_id": delivery.id, "advisory_id": advisory_id}
                    for advisory_id in dict.fromkeys(delivery.advisory_ids)])
        if new:
            count_up(connection, CREATED, new)
        return new

    def take_in(self, connection: Connection, delivery: Delivery) -> None:
        """Let a delivery never tried carry more advisories than it was made with."""
        values = self._columns(delivery)
        connection.execute(deliveries.update().where(deliveries.c.id == delivery.id).values(
            **values, checksum=checksum(values)))
        for advisory_id in delivery.advisory_ids:
            is_new(connection, delivery_advisories, delivery_id=delivery.id, advisory_id=advisory_id)

    def _columns(self, delivery: Delivery) -> dict[str, object]:
        return {
            "id": delivery.id, "channel": delivery.channel, "recipient": delivery.recipient, "thread": delivery.thread,
            "severity": str(delivery.severity), "created_at": micros(delivery.created_at),
            "due_at": micros(delivery.due_at), "expires_at": micros_or_none(delivery.expires_at),
            "advisory_ids": self._nouns.ids.dump_json(delivery.advisory_ids).decode(), "previous": delivery.previous,
            "state": str(delivery.state), "attempts": delivery.attempts, "last_error": delivery.last_error,
        }

    def _delivery(self, row: Row[Any]) -> Delivery:
        return Delivery(
            id=row.id, channel=row.channel, recipient=row.recipient, thread=row.thread, severity=Severity(row.severity),
            created_at=instant(row.created_at), due_at=instant(row.due_at), expires_at=instant_or_none(row.expires_at),
            advisory_ids=from_json(self._nouns.ids, row.advisory_ids, f"delivery '{row.id}'"), previous=row.previous,
            state=DeliveryState(row.state), attempts=row.attempts, last_error=row.last_error)

    def readable(self, rows: Iterable[Row[Any]]) -> Iterator[Delivery]:
        """A damaged row says nothing that can be relied on: `damaged` names it, the lists leave it out."""
        for row in rows:
            if checksum(row._mapping) == row.checksum:  # noqa: SLF001 - SQLAlchemy's public name for it
                yield self._delivery(row)

    def deliveries(self, connection: Connection, *, incident_id: str | None,
                   state: DeliveryState | None) -> tuple[Delivery, ...]:
        """Deliveries oldest first: of one incident, in one state, or all."""
        wanted = true() if state is None else deliveries.c.state == str(state)
        if incident_id is not None:
            of_incident = select(delivery_advisories.c.delivery_id).join(advisories).where(
                advisories.c.incident_id == incident_id)
            wanted = and_(wanted, deliveries.c.id.in_(of_incident))
        rows = connection.execute(select(deliveries).where(wanted).order_by(deliveries.c.created_at, deliveries.c.id))
        return tuple(self.readable(rows))

    def damaged(self, connection: Connection) -> tuple[str, ...]:
        """Ids of the deliveries whose row, or bytes, were changed by something else than this program."""
        rows = connection.execute(select(deliveries).execution_options(yield_per=1000))
        bad = {row.id for row in rows if row.damaged or checksum(row._mapping) != row.checksum}  # noqa: SLF001
        kept = connection.execute(select(rendered).execution_options(yield_per=100))
        return tuple(sorted(bad | {row.delivery_id for row in kept if _of_bytes(row) != row.checksum}))

    # ------------------------------------------------------------------------------------- lease, send, record

    def lease(self, connection: Connection, now: datetime, limit: int, *, lease_s: float,
              channel: str | None) -> tuple[Delivery, ...]:
        """Due pending deliveries that nobody holds, most severe first, now held for `lease_s` seconds.

        Of one channel or of all. Due too is what was attempted, or decided to go at once, in the future, and free what
        is held for longer than anybody holds: the clock was set back since. A damaged row is refused for good. A
        message does not overtake the one before it in its thread while that is on its way for the first time.
        """
        until = micros(now + timedelta(seconds=lease_s))
        free = or_(deliveries.c.lease_until.is_(None), deliveries.c.lease_until <= micros(now),
                   deliveries.c.lease_until > until)
        at_once = and_(deliveries.c.created_at > micros(now + CLOCK_SLACK), deliveries.c.attempts == 0,
                       deliveries.c.due_at <= deliveries.c.created_at)
        due = or_(deliveries.c.due_at <= micros(now), deliveries.c.last_attempt_at > micros(now + CLOCK_SLACK), at_once)
        by = true() if channel is None else deliveries.c.channel == channel
        wanted = select(deliveries).where(deliveries.c.state == PENDING, due, free, by, ~_waits(now)).order_by(
            deliveries.c.severity_rank.desc(), deliveries.c.due_at, deliveries.c.id).limit(limit)
        rows = connection.execute(wanted.with_for_update(skip_locked=True)).all()
        taken = list(self.readable(rows))
        for some in chunks(delivery.id for delivery in taken):
            connection.execute(deliveries.update().where(deliveries.c.id.in_(some), free).values(lease_until=until))
        whole = {delivery.id for delivery in taken}
        for row in rows:
            if row.id not in whole:
                self._refuse_damaged(connection, row.id, now)
        return tuple(taken)

    def _refuse_damaged(self, connection: Connection, delivery_id: str, now: datetime) -> None:
        connection.execute(deliveries.update().where(deliveries.c.id == delivery_id).values(
            state=str(DeliveryState.REFUSED), last_error=DAMAGED, damaged=True, ended_at=micros(now)))
        connection.execute(attempts.insert().values(
            delivery_id=delivery_id, at=micros(now), state=str(DeliveryState.REFUSED), detail=DAMAGED))

    def record(self, connection: Connection, delivery: Delivery, outcome: Outcome, *, now: datetime,
               retry_at: datetime | None) -> bool:
        """Keep how an attempt ended; false where the delivery had ended already, which it then still has."""
        row = connection.execute(select(deliveries).where(
            deliveries.c.id == delivery.id, deliveries.c.state == PENDING).with_for_update()).one_or_none()
        if row is None:
            return False
        pending = outcome.state is DeliveryState.PENDING
        values = {
            "state": str(outcome.state), "attempts": row.attempts + (outcome.state in ATTEMPTED),
            "last_error": None if outcome.state is DeliveryState.ACCEPTED else clean(outcome.detail),
            "due_at": micros(retry_at or now + NO_SCHEDULE) if pending else row.due_at,
        }
        whole = {**row._mapping, **values}  # noqa: SLF001 - SQLAlchemy's public name for it
        connection.execute(deliveries.update().where(deliveries.c.id == delivery.id).values(
            **values, checksum=checksum(whole), lease_until=None, last_attempt_at=micros(now),
            ended_at=None if pending else micros(now)))
        connection.execute(attempts.insert().values(
            delivery_id=delivery.id, at=micros(now), state=str(outcome.state), detail=clean(outcome.detail)))
        return True

    def cancel(self, connection: Connection, ids: Iterable[str], now: datetime,
               words: str = OVERTAKEN) -> list[Delivery]:
        """Cancel those that nobody has tried or holds: a newer message says it better. Which those were."""
        cancelled = self._untouched(connection, ids, now)
        for delivery in cancelled:
            self.record(connection, delivery, Outcome(DeliveryState.CANCELLED, words), now=now, retry_at=None)
        return cancelled

    def release(self, connection: Connection, ids: Iterable[str], now: datetime, words: str, *,
                due_at: datetime | None = None) -> list[Delivery]:
        """Make those due that wait, untried, at once or then; which those were. `words` say who wanted it and why."""
        waiting = [each for each in self._untouched(connection, ids, now) if each.due_at > now]
        for each in waiting:
            row = connection.execute(select(deliveries).where(deliveries.c.id == each.id)).one()
            values = {"due_at": micros(due_at or now)}
            whole = {**row._mapping, **values}  # noqa: SLF001 - SQLAlchemy's public name for it
            connection.execute(deliveries.update().where(deliveries.c.id == each.id).values(
                **values, checksum=checksum(whole)))
            connection.execute(attempts.insert().values(
                delivery_id=each.id, at=micros(now), state=PENDING, detail=clean(words)))
        return waiting

    def _untouched(self, connection: Connection, ids: Iterable[str], now: datetime) -> list[Delivery]:
        """Those that are pending, and that nobody has tried or holds; locked till the transaction ends."""
        untouched = and_(deliveries.c.state == PENDING, deliveries.c.attempts == 0,
                         or_(deliveries.c.lease_until.is_(None), deliveries.c.lease_until <= micros(now)))
        return [delivery for some in chunks(ids) for delivery in self.readable(connection.execute(
            select(deliveries).where(deliveries.c.id.in_(some), untouched).with_for_update()).all())]

    def settle(self, connection: Connection, now: datetime) -> None:
        """Begin anew as the only program: damaged rows that would wait for ever are refused, all leases are free."""
        waiting = connection.execute(select(deliveries).where(deliveries.c.state.not_in(sorted(FINAL)))).all()
        whole = {delivery.id for delivery in self.readable(waiting)}
        for row in waiting:
            if row.id not in whole:
                self._refuse_damaged(connection, row.id, now)
        connection.execute(deliveries.update().where(
            deliveries.c.state == PENDING, deliveries.c.lease_until.is_not(None)).values(lease_until=None))

    def hasten(self, connection: Connection, ids: Iterable[str], now: datetime, words: str) -> list[Delivery]:
        """Make those due now that wait for their next try; which those were. `words` say who wanted it."""
        waiting = [each for each in self._free(connection, ids, now) if each.due_at > now]
        for each in waiting:
            row = connection.execute(select(deliveries).where(deliveries.c.id == each.id)).one()
            values = {"due_at": micros(now)}
            whole = {**row._mapping, **values}  # noqa: SLF001 - SQLAlchemy's public name for it
            connection.execute(deliveries.update().where(deliveries.c.id == each.id).values(
                **values, checksum=checksum(whole)))
            connection.execute(attempts.insert().values(
                delivery_id=each.id, at=micros(now), state=PENDING, detail=clean(words)))
        return waiting

    def again(self, connection: Connection, ids: Iterable[str], now: datetime) -> list[Delivery]:
        """New deliveries of what those, which nobody accepted, carried; of one that has one already, none.

        A final state is never left: the old one stays as it ended, and the new one has a key of its own, always the
        same for the same old one. It does not expire: somebody wants it out although its time may be over.
        """
        dead = self.readable(connection.execute(select(deliveries).where(
            deliveries.c.id.in_(list(ids)), deliveries.c.state.in_(DEAD)).order_by(deliveries.c.id)).all())
        made = [replace(each, id=digest(each.id.encode(), b"again"), created_at=now, due_at=now, expires_at=None,
                        state=DeliveryState.PENDING, attempts=0, last_error=None) for each in dead]
        return [each for each in made if self.keep_deliveries(connection, (each,))]

    def fall_back(self, connection: Connection, now: datetime, ways: Mapping[str, str],
                  since: datetime) -> list[Delivery]:
        """New deliveries, by the channel that `ways` names, of what is Severe and was refused or is put off since then.

        Not of what the same person got another way, or is of no more use, nor of what was decided a day ago: then the
        channel was given a fallback since. Always under the same key, so that asking again makes none.
        """
        carried, other = delivery_advisories.alias(), delivery_advisories.alias()
        got = deliveries.alias()
        arrived = exists().where(carried.c.delivery_id == deliveries.c.id, other.c.advisory_id == carried.c.advisory_id,
                                 got.c.id == other.c.delivery_id, got.c.state == str(DeliveryState.ACCEPTED))
        put_off = and_(deliveries.c.state == PENDING, exists().where(
            attempts.c.delivery_id == deliveries.c.id, attempts.c.at <= micros(since), deliveries.c.attempts > 0))
        rows = connection.execute(select(deliveries).where(
            deliveries.c.channel.in_(sorted(ways)), deliveries.c.severity_rank >= Severity.SEVERE.rank,
            deliveries.c.created_at > micros(now - timedelta(days=1)),
            or_(deliveries.c.expires_at.is_(None), deliveries.c.expires_at > micros(now)),
            or_(deliveries.c.state == str(DeliveryState.REFUSED), put_off),
            ~arrived.correlate(deliveries))).all()
        made = [replace(each, id=digest(each.id.encode(), b"fallback"), channel=ways[each.channel], created_at=now,
                        thread=digest(each.thread.encode(), b"fallback"), due_at=now, previous=None, attempts=0,
                        state=DeliveryState.PENDING, last_error=None) for each in self.readable(rows)]
        return [each for each in made if self.keep_deliveries(connection, (each,))]

    def give_up(self, connection: Connection, ids: Iterable[str], now: datetime, words: str) -> list[Delivery]:
        """Cancel those that nobody is trying at this moment, tried before or not; which those were."""
        free = self._free(connection, ids, now)
        for each in free:
            self.record(connection, each, Outcome(DeliveryState.CANCELLED, words), now=now, retry_at=None)
        return free

    def _free(self, connection: Connection, ids: Iterable[str], now: datetime) -> list[Delivery]:
        """Those that are pending, and that nobody holds; locked till the transaction ends."""
        free = and_(deliveries.c.state == PENDING,
                    or_(deliveries.c.lease_until.is_(None), deliveries.c.lease_until <= micros(now)))
        return [delivery for some in chunks(ids) for delivery in self.readable(connection.execute(
            select(deliveries).where(deliveries.c.id.in_(some), free).with_for_update()).all())]

    def mark_restored(self, connection: Connection, now: datetime, words: str) -> list[Delivery]:
        """Note at every delivery that may have gone out since the backup was made that it did; which those are.

        They stay pending and keep their keys: whoever has got one knows it by its key.
        """
        waiting = self.readable(connection.execute(select(deliveries).where(
            deliveries.c.state == PENDING, deliveries.c.due_at <= micros(now)).order_by(deliveries.c.id)).all())
        marked = list(waiting)
        for some in chunks(each.id for each in marked):
            connection.execute(attempts.insert(), [
                {"delivery_id": each, "at": micros(now), "state": str(DeliveryState.PENDING), "detail": clean(words)}
                for each in some])
        return marked

    def attempts(self, connection: Connection, delivery_id: str) -> tuple[Attempt, ...]:
        """How every attempt of a delivery ended, oldest first."""
        rows = connection.execute(select(attempts).where(attempts.c.delivery_id == delivery_id).order_by(attempts.c.id))
        return tuple(Attempt(row.delivery_id, instant(row.at), Outcome(DeliveryState(row.state), row.detail))
                     for row in rows)

    # ------------------------------------------------------------------------------------------------- bytes

    def keep_rendered(self, connection: Connection, delivery_id: str, made: Rendered) -> None:
        """Keep the bytes; the same ones again are nothing new, others raise StoreError."""
        values = {"delivery_id": delivery_id, "content_type": made.content_type, "subject": made.subject,
                  "body": made.body, "checksum": digest(delivery_id.encode(), made.content_type.encode(),
                                                        made.subject.encode(), made.body)}
        if is_new(connection, rendered, **values):
            return
        if self.rendered(connection, delivery_id) != made:
            raise StoreError(f"store: delivery '{delivery_id}' has other bytes already")

    def rendered(self, connection: Connection, delivery_id: str) -> Rendered | None:
        """The bytes of the first attempt; raises StoreError where they are damaged."""
        row = connection.execute(select(rendered).where(rendered.c.delivery_id == delivery_id)).one_or_none()
        if row is None:
            return None
        if _of_bytes(row) != row.checksum:
            raise StoreError(f"store: the bytes of delivery '{delivery_id}' are damaged on disk: not sent")
        return Rendered(content_type=row.content_type, body=bytes(row.body), subject=row.subject)

    def counts(self, connection: Connection) -> Counts:
        """How the deliveries stand."""
        found = {row[0]: row[1] for row in connection.execute(
            select(deliveries.c.state, func.count()).group_by(deliveries.c.state))}
        created = connection.execute(select(counters.c.value).where(counters.c.name == CREATED)).scalar_one_or_none()
        return Counts(created=created or 0, **{str(state): found.get(str(state), 0) for state in DeliveryState})


def _waits(now: datetime) -> ColumnElement[bool]:
    """Whether the message before this one is being tried, or about to be tried for the first time.

    One that failed and waits for its next try does not hold the newer word up.
    """
    before = deliveries.alias("before")
    first = and_(before.c.attempts == 0, before.c.due_at <= micros(now))
    return exists().where(before.c.id == deliveries.c.previous, before.c.state == PENDING,
                          or_(first, before.c.lease_until > micros(now))).correlate(deliveries)


def checksum(row: Any) -> str:
    """Of all that a Delivery says, from a mapping of its columns."""
    return digest(*(repr(row[name]).encode("utf-8", "surrogatepass") for name in CHECKED))


def clean(words: str) -> str:
    """What PostgreSQL's text can hold."""
    return words.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()


def _of_bytes(row: Row[Any]) -> str:
    return digest(row.delivery_id.encode(), row.content_type.encode(), row.subject.encode(), bytes(row.body))
