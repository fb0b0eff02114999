"""Alarms in the store: what the desks were told of the service itself, and what of it still stands.

Kept as rows of `meta`, since they are few, small and of no person: one a condition that stands, one a message.
"""
from __future__ import annotations

from pydantic import TypeAdapter
from sqlalchemy import Connection, select

from advisord.model import Alarm
from advisord.store.reading import is_new
from advisord.store.tables import meta

STANDS, SAID = "alarm of ", "alarm said "
_ALARM = TypeAdapter(Alarm)


def standing(connection: Connection) -> tuple[Alarm, ...]:
    """What the desks were told and is not over, as it was told last."""
    rows = connection.execute(select(meta.c.value).where(meta.c.key.like(f"{STANDS}%")).order_by(meta.c.key))
    return tuple(_ALARM.validate_json(value) for value in rows.scalars())


def keep(connection: Connection, name: str, alarm: Alarm) -> bool:
    """Keep what is told under that name; false where it was told already."""
    data = _ALARM.dump_json(alarm).decode()
    if not is_new(connection, meta, key=SAID + name, value=data):
        return False
    key = STANDS + alarm.condition
    connection.execute(meta.delete().where(meta.c.key == key))
    if not alarm.over:
        connection.execute(meta.insert().values(key=key, value=data))
    return True


def said(connection: Connection, name: str) -> Alarm | None:
    """The alarm of that name."""
    data = connection.execute(select(meta.c.value).where(meta.c.key == SAID + name)).scalar_one_or_none()
    return None if data is None else _ALARM.validate_json(data)
