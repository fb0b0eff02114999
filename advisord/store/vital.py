"""How the store stands, for monitoring: a few indexed queries and one look at the disk."""
from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, func, or_, select, true

from advisord.store.outbox import PENDING, Counts
from advisord.store.tables import articles, attempts, deliveries, feeds, instant, micros


@dataclass(frozen=True, slots=True)
class Waiting:
    """The messages of one channel that are due and not out: how many, and since when the oldest."""

    channel: str
    count: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Vitals:
    """How the store stands. `free_bytes` is of its disk, null where that is another machine's."""

    counts: Counts
    waiting: tuple[Waiting, ...]
    unread: int
    oldest_unread: datetime | None
    feeds: int
    free_bytes: int | None = None


def waiting_in(connection: Connection, now: datetime) -> tuple[Waiting, ...]:
    """What is due and not out, by channel; what was tried in vain waits since it was tried first."""
    tried = select(func.min(attempts.c.at)).where(attempts.c.delivery_id == deliveries.c.id).scalar_subquery()
    since = func.min(func.coalesce(tried, deliveries.c.due_at))
    rows = connection.execute(select(deliveries.c.channel, func.count(), since).where(and_(
        deliveries.c.state == PENDING, or_(deliveries.c.attempts > 0, deliveries.c.due_at <= micros(now)))).group_by(
            deliveries.c.channel).order_by(deliveries.c.channel))
    return tuple(Waiting(channel, count, instant(at)) for channel, count, at in rows)


def unread_in(connection: Connection) -> int:
    """How many articles wait to be read."""
    return connection.execute(select(func.count()).select_from(articles).where(
        articles.c.unread == true())).scalar_one()


def feeds_in(connection: Connection) -> int:
    """How many feeds are asked."""
    return connection.execute(select(func.count()).select_from(feeds).where(feeds.c.active == true())).scalar_one()


def free_beside(file: str | None) -> int | None:
    """The bytes that whoever runs this may still write beside that file; null where there is none, or no telling."""
    if file is None:
        return None
    try:
        stand = os.statvfs(os.path.dirname(os.path.abspath(file)))  # noqa: PTH100, PTH120 - a file of SQLite's
    except OSError:
        return None
    return stand.f_bavail * stand.f_frsize
