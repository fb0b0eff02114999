"""What has changed in a store since one looked last, for a few microseconds: a number a topic, from indexed columns."""
from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from advisord.store.journal import HEAD
from advisord.store.tables import approvals, attempts, feeds, incidents, meta


@dataclass(frozen=True, slots=True)
class Pulse:
    """A value a topic; another value than before means that something of the topic changed."""

    incidents: str
    outbox: str
    feeds: str
    desk: str

    def changed_since(self, before: Pulse) -> tuple[str, ...]:
        """The topics that differ."""
        return tuple(name for name in self.__slots__ if getattr(self, name) != getattr(before, name))


def pulse_of(connection: Connection) -> Pulse:
    """The pulse of the store as this transaction sees it."""
    head = connection.execute(select(meta.c.value).where(meta.c.key == HEAD)).scalar_one_or_none()
    reviewed = connection.execute(select(func.max(incidents.c.reviewed_at))).scalar_one()
    tried = connection.execute(select(func.max(attempts.c.id))).scalar_one()
    asked = connection.execute(select(func.max(feeds.c.last_attempt_at)).where(feeds.c.active)).scalar_one()
    waiting = connection.execute(select(func.count()).select_from(approvals)
                                 .where(approvals.c.state == "waiting")).scalar_one()
    return Pulse(incidents=f"{head} {reviewed}", outbox=f"{head} {tried}", feeds=f"{asked}",
                 desk=f"{head} {tried} {waiting}")
