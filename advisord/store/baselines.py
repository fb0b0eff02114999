"""The first reading of feeds in the store: begun with their first articles, told to the desks once all is understood.

Kept as rows of `meta`, since they are few, small and of no person: one a feed, one a summary. What a summary says is
worked out when it is written, from the incidents as they then are.
"""
from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, exists, select, true

from advisord.model import Article, Baseline, Incident
from advisord.store.happening import Happening
from advisord.store.reading import chunks, is_new
from advisord.store.tables import articles, feeds, incident_articles, incidents, instant, meta, micros

BEGUN, SUMMED = "baseline of ", "summary "


@dataclass(frozen=True, slots=True)
class First:
    """A feed's first reading: how many articles it brought, and when; `summary` once that was told."""

    feed_id: str
    at: datetime
    items: int
    summary: str | None = None


def begin(connection: Connection, kept: Sequence[Article], now: datetime) -> None:
    """Note the first reading of the feeds whose baseline these articles belong to; a torso read again adds to it."""
    for feed_id in dict.fromkeys(each.feed_id for each in kept if each.baseline):
        items = sum(each.feed_id == feed_id for each in kept)
        key, value = BEGUN + feed_id, _written(First(feed_id, now, items))
        if not is_new(connection, meta, key=key, value=value):
            before = _read(key, connection.execute(select(meta.c.value).where(meta.c.key == key)).scalar_one())
            more = First(feed_id, before.at, before.items + items, before.summary)
            connection.execute(meta.update().where(meta.c.key == key).values(value=_written(more)))


def found(connection: Connection, happening: Happening) -> Baseline | None:
    """What the first readings not told yet brought; null while any is still being read, or there is none."""
    begun = [each for each in _firsts(connection) if each.summary is None]
    if not begun or _is_reading(connection, [each.feed_id for each in begun]):
        return None
    told = _incidents(connection, happening, [each.feed_id for each in begun])
    return Baseline(tuple((each.feed_id, each.items) for each in begun), tuple(each.id for each in told))


def _is_reading(connection: Connection, names: list[str]) -> bool:
    """Whether a feed was never asked yet, an article of these waits to be read, or an incident to be looked at."""
    unasked = select(exists().where(feeds.c.active == true(), feeds.c.last_attempt_at.is_(None)))
    unread = select(exists().where(articles.c.unread == true(), articles.c.feed_id.in_(names)))
    unseen = select(exists().where(incidents.c.unreviewed == true()))
    return any(connection.execute(wanted).scalar_one() for wanted in (unasked, unread, unseen))


def _incidents(connection: Connection, happening: Happening, names: list[str]) -> tuple[Incident, ...]:
    """The open incidents that nothing but first readings tell, those of these feeds among them."""
    ids = {row.incident_id for some in chunks(names) for row in connection.execute(
        select(incident_articles.c.incident_id).join(articles, articles.c.id == incident_articles.c.article_id)
        .join(incidents, incidents.c.id == incident_articles.c.incident_id)
        .where(articles.c.feed_id.in_(some), incidents.c.status == "open"))}
    known = (happening.one(connection, each) for each in sorted(ids))
    return tuple(each for each in known if each is not None and each.is_baseline)


def keep(connection: Connection, name: str, baseline: Baseline) -> bool:
    """Keep a summary under that name, and that these feeds are told of; false where another was faster."""
    data = json.dumps({"feeds": baseline.feeds, "incidents": baseline.incidents})
    if not is_new(connection, meta, key=SUMMED + name, value=data):
        return False
    names = {feed_id for feed_id, _ in baseline.feeds}
    for each in _firsts(connection):
        if each.feed_id in names:
            told = First(each.feed_id, each.at, each.items, name)
            connection.execute(meta.update().where(meta.c.key == BEGUN + each.feed_id).values(value=_written(told)))
    return True


def kept(connection: Connection, name: str) -> Baseline | None:
    """The summary of that name."""
    data = connection.execute(select(meta.c.value).where(meta.c.key == SUMMED + name)).scalar_one_or_none()
    if data is None:
        return None
    said = json.loads(data)
    return Baseline(tuple((str(feed), int(items)) for feed, items in said["feeds"]), tuple(said["incidents"]))


def _firsts(connection: Connection) -> list[First]:
    rows = connection.execute(select(meta).where(meta.c.key.like(f"{BEGUN}%")).order_by(meta.c.key))
    return [_read(row.key, row.value) for row in rows]


def _read(key: str, value: str) -> First:
    said = json.loads(value)
    return First(key.removeprefix(BEGUN), instant(said["at"]), said["items"], said["summary"])


def _written(first: First) -> str:
    return json.dumps({"at": micros(first.at), "items": first.items, "summary": first.summary})
