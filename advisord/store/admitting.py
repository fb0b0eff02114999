"""Who is told of an incident for the first time, in the store: counted under the ceilings, or waiting behind one.

Its own module because a ceiling looks across incidents, where all else of the outbox is one conversation. A row is one
recipient's beginning with one incident; what counts and what waits is judged together with the deliveries, so that
what was stopped or overtaken before it went out neither counts nor waits.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, func, select
from sqlalchemy.dialects import postgresql, sqlite

from advisord.model import Admission, DeliveryState, Severity
from advisord.store.reading import chunks
from advisord.store.tables import admissions, deliveries, delivery_advisories, instant, micros

TOLD, WAITING, RELEASED = "told", "waiting", "released"
HOUR = timedelta(hours=1)
_BY_RANK = {severity.rank: severity for severity in Severity}


def keep(connection: Connection, made: Iterable[Admission]) -> None:
    """Keep each; a later word to the same recipient takes the earlier one's place in the queue."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    for each in made:
        values = {"advisory_id": each.advisory_id, "severity_rank": each.severity.rank,
                  "due_at": micros(each.due_at), "stand": each.stand}
        connection.execute(insert(admissions).values(
            incident_id=each.incident_id, recipient=each.recipient, since=micros(each.since), **values,
        ).on_conflict_do_update(index_elements=["incident_id", "recipient"], set_=values))


def counted(connection: Connection, now: datetime) -> tuple[Admission, ...]:
    """Those told by the program since an hour ago, or about to be, and for each such incident its first ones too."""
    recent = select(admissions.c.incident_id).where(
        admissions.c.due_at > micros(now - HOUR), admissions.c.stand != WAITING)
    first = select(admissions.c.incident_id, func.min(admissions.c.due_at).label("due_at")).where(
        admissions.c.incident_id.in_(recent), admissions.c.stand != WAITING).group_by(
            admissions.c.incident_id).subquery()
    begun = exists().where(first.c.incident_id == admissions.c.incident_id, first.c.due_at == admissions.c.due_at)
    wanted = and_(admissions.c.stand != WAITING, _has_delivery(deliveries.c.state != str(DeliveryState.CANCELLED)),
                  (admissions.c.due_at > micros(now - HOUR)) | begun)
    return _read(connection, wanted)


def waiting(connection: Connection) -> tuple[Admission, ...]:
    """Those that wait behind a ceiling, the most severe first, then the longest waiting."""
    untried = and_(deliveries.c.state == str(DeliveryState.PENDING), deliveries.c.attempts == 0)
    return _read(connection, and_(admissions.c.stand == WAITING, _has_delivery(untried)))


def _has_delivery(such: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(delivery_advisories.c.advisory_id == admissions.c.advisory_id,
                          deliveries.c.id == delivery_advisories.c.delivery_id, such)


def _read(connection: Connection, wanted: ColumnElement[bool]) -> tuple[Admission, ...]:
    rows = connection.execute(select(admissions).where(wanted).order_by(
        admissions.c.severity_rank.desc(), admissions.c.since, admissions.c.incident_id, admissions.c.recipient))
    return tuple(_admission(row) for row in rows)


def _admission(row: Any) -> Admission:
    return Admission(row.incident_id, row.recipient, row.advisory_id, _BY_RANK[row.severity_rank],
                     instant(row.due_at), since=instant(row.since), stand=row.stand)


def deliveries_of(connection: Connection, advisory_ids: Sequence[str]) -> dict[str, list[str]]:
    """The ids of the deliveries of each advisory."""
    found: dict[str, list[str]] = {}
    for some in chunks(advisory_ids):
        for row in connection.execute(select(delivery_advisories).where(
                delivery_advisories.c.advisory_id.in_(some))):
            found.setdefault(row.advisory_id, []).append(row.delivery_id)
    return found


def admit(connection: Connection, dues: Mapping[str, datetime], stand: str) -> None:
    """Let those advisories out of the queue: they count from when they are due."""
    for advisory_id, due_at in dues.items():
        connection.execute(admissions.update().where(admissions.c.advisory_id == advisory_id).values(
            stand=stand, due_at=micros(due_at)))


def waiting_among(connection: Connection, delivery_ids: Sequence[str]) -> list[str]:
    """The advisories that wait behind a ceiling and that those deliveries say."""
    return [advisory_id for some in chunks(delivery_ids) for advisory_id in connection.execute(
        select(admissions.c.advisory_id).join(
            delivery_advisories, delivery_advisories.c.advisory_id == admissions.c.advisory_id).where(
                delivery_advisories.c.delivery_id.in_(some), admissions.c.stand == WAITING)).scalars()]
