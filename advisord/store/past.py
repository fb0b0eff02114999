"""What the store still knows of how its past went: for whoever lives it again under other rules."""
from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, func, select

from advisord.model import Incident
from advisord.store.nouns import Nouns, readable
from advisord.store.outbox import PENDING
from advisord.store.tables import advisories, deliveries, incidents, instant, journal, micros


def heard_since(connection: Connection, nouns: Nouns, since: datetime) -> Iterator[Incident]:
    """The incidents last heard of since then, the oldest first, a few at a time: months of them are a lot."""
    rows = connection.execute(
        select(incidents.c.id, incidents.c.data).where(incidents.c.last_report_at >= micros(since))
        .order_by(incidents.c.opened_at, incidents.c.id).execution_options(yield_per=100))
    for _, each in readable(nouns.incident, ((row.id, row.data) for row in rows), "incident"):
        yield each


def understood_at(connection: Connection, since: datetime) -> dict[tuple[str, str], tuple[datetime, datetime]]:
    """Incident and article -> when reading the article first and last changed the incident, of those since then."""
    rows = connection.execute(
        select(journal.c.incident_id, journal.c.article_id, func.min(journal.c.at), func.max(journal.c.at))
        .where(journal.c.kind == "understood", journal.c.incident_id.is_not(None), journal.c.at >= micros(since))
        .group_by(journal.c.incident_id, journal.c.article_id))
    return {(row[0], row[1]): (instant(row[2]), instant(row[3])) for row in rows}


def next_due_at(connection: Connection) -> datetime | None:
    """When the next incident is to be looked at again or the next delivery goes; null when nothing waits."""
    soonest = [connection.execute(select(func.min(column)).where(wanted)).scalar_one() for column, wanted in (
        (incidents.c.review_at, incidents.c.review_at.is_not(None)),
        (deliveries.c.due_at, deliveries.c.state == PENDING))]
    return min((instant(each) for each in soonest if each is not None), default=None)


def spoken_of(connection: Connection, since: datetime, until: datetime) -> tuple[str, ...]:
    """The incidents of which something was decided to be said from `since` on and before `until`."""
    return tuple(connection.execute(select(advisories.c.incident_id).distinct().where(
        advisories.c.decided_at >= micros(since), advisories.c.decided_at < micros(until))
        .order_by(advisories.c.incident_id)).scalars())
