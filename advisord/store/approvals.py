"""What one person asked for and a second must allow: who asked, who decided, and how."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import uuid4

from sqlalchemy import Row, select

from advisord.store import journal
from advisord.store.database import Database
from advisord.store.journal import Entry
from advisord.store.tables import approvals, instant, instant_or_none, micros


class ApprovalState(StrEnum):
    """A request waits until it is decided or its time is over, and is never decided twice."""

    WAITING = "waiting"
    APPROVED = "approved"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Approval:
    """A request: `kind` says what is to be done, `subject` about what (an incident), `data` how, as JSON.

    `messages` counts how many people it would be sent to.
    """

    id: str
    kind: str
    subject: str
    messages: int
    data: str
    asked_by: str
    asked_at: datetime
    until: datetime
    state: ApprovalState = ApprovalState.WAITING
    decided_by: str | None = None
    decided_at: datetime | None = None


class Approvals:
    """Requests for a second person's word; each method is one transaction. Raises StoreError and nothing else."""

    def __init__(self, database: Database) -> None:
        """On an open database."""
        self._database = database

    def ask(self, kind: str, subject: str, *, messages: int, data: str, by: str, now: datetime,
            until: datetime) -> Approval:
        """Keep a request; while one of that kind about that subject waits, that one is meant."""
        same = (approvals.c.state == str(ApprovalState.WAITING), approvals.c.kind == kind,
                approvals.c.subject == subject, approvals.c.until > micros(now))
        with self._database.write() as connection:
            row = connection.execute(select(approvals).where(*same)).first()
            if row is not None:
                return _approval(row)
            asked = Approval(uuid4().hex[:16], kind, subject, messages, data, by, now, until)
            connection.execute(approvals.insert().values(
                id=asked.id, kind=kind, subject=subject, messages=messages, data=data, asked_by=by,
                asked_at=micros(now), until=micros(until), state=str(asked.state)))
            journal.append(connection, [_entry("asked", asked, by)], now)
        return asked

    def decide(self, approval_id: str, *, by: str, now: datetime, allow: bool) -> Approval | None:
        """Allow or decline; null where it no longer waits, or where whoever asked would allow it themselves.

        Declining is open to whoever asked: that takes the request back.
        """
        state = ApprovalState.APPROVED if allow else ApprovalState.DECLINED
        free = [approvals.c.id == approval_id, approvals.c.state == str(ApprovalState.WAITING),
                approvals.c.until > micros(now)]
        if allow:
            free.append(approvals.c.asked_by != by)
        with self._database.write() as connection:
            changed = connection.execute(approvals.update().where(*free).values(
                state=str(state), decided_by=by, decided_at=micros(now))).rowcount
            if not changed:
                return None
            decided = _approval(connection.execute(select(approvals).where(approvals.c.id == approval_id)).one())
            journal.append(connection, [_entry(str(state), decided, by)], now)
        return decided

    def waiting(self, now: datetime) -> tuple[Approval, ...]:
        """Requests that can still be decided, oldest first."""
        with self._database.read() as connection:
            rows = connection.execute(select(approvals).where(
                approvals.c.state == str(ApprovalState.WAITING), approvals.c.until > micros(now))
                .order_by(approvals.c.asked_at, approvals.c.id))
            return tuple(_approval(row) for row in rows)

    def about(self, subject: str) -> tuple[Approval, ...]:
        """Every request about a subject, oldest first."""
        with self._database.read() as connection:
            rows = connection.execute(select(approvals).where(approvals.c.subject == subject)
                                      .order_by(approvals.c.asked_at, approvals.c.id))
            return tuple(_approval(row) for row in rows)


def _approval(row: Row[Any]) -> Approval:
    return Approval(row.id, row.kind, row.subject, row.messages, row.data, row.asked_by, instant(row.asked_at),
                    instant(row.until), ApprovalState(row.state), row.decided_by, instant_or_none(row.decided_at))


def _entry(what: str, approval: Approval, by: str) -> Entry:
    facts = {"what": what, "approval": approval.id, "action": approval.kind, "messages": approval.messages, "by": by}
    return Entry("approval", facts, approval.subject)
