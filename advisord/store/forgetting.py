"""What is older than its class's retention goes, class by class; what the journal needs to say of it is written there.

Its own module because it is the only one that removes what the others keep. An incident that is open, or of which
something still waits to be sent, is kept whole.
"""
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, and_, delete, exists, func, or_, select, true

from advisord.model import Advisory, DeliveryState, IncidentStatus, Retention
from advisord.store import journal as chain
from advisord.store.answers import forget_answers
from advisord.store.nouns import Nouns, digest, to_json
from advisord.store.outbox import CREATED
from advisord.store.proving import FORGOTTEN
from advisord.store.reading import chunks, count_up
from advisord.store.tables import (
    admissions,
    advisories,
    article_marks,
    article_versions,
    articles,
    attempts,
    decisions,
    deliveries,
    delivery_advisories,
    exposures,
    incident_articles,
    incidents,
    journal,
    micros,
    rendered,
    reports,
    silences,
    snapshots,
)

AT_ONCE = 200  # incidents or articles a transaction, so that nobody who sends waits long
SEALED = (*sorted(FORGOTTEN), "resealed")  # rows that explain others keep what they tell


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How many incidents lost their people, their messages or went whole; how many articles and journal details."""

    people: int = 0
    messages: int = 0
    articles: int = 0
    incidents: int = 0
    journal: int = 0

    def __add__(self, other: Forgotten) -> Forgotten:
        """Both together."""
        return Forgotten(**{each.name: getattr(self, each.name) + getattr(other, each.name) for each in fields(self)})

    def __bool__(self) -> bool:
        """Whether anything went."""
        return any(getattr(self, each.name) for each in fields(self))


class Forgetting:
    """Removes rows within the caller's transaction, some at a time; each method answers null when nothing is left."""

    def __init__(self, nouns: Nouns) -> None:
        """With the adapters to share."""
        self._nouns = nouns

    def steps(self, retention: Retention, now: datetime) -> tuple[Callable[[Connection], Forgotten], ...]:
        """What to run, each until it answers that nothing went."""
        return (
            lambda connection: self._people(connection, now - retention.people, now),
            lambda connection: self._messages(connection, now - retention.messages, now),
            lambda connection: _incidents(connection, now - retention.incidents),
            lambda connection: _articles(connection, now - retention.articles),
            lambda connection: _journal(connection, now - retention.journal, now),
        )

    def due(self, connection: Connection, retention: Retention, now: datetime) -> Forgotten:
        """How much would go."""
        return Forgotten(
            people=_count(connection, _with_people(now - retention.people)),
            messages=_count(connection, _with_messages(now - retention.messages)),
            articles=connection.execute(select(func.count()).select_from(articles).where(
                _old_articles(now - retention.articles))).scalar_one(),
            incidents=_count(connection, _over(now - retention.incidents)),
            journal=connection.execute(select(func.count()).select_from(journal).where(
                _told(_last_before(connection, now - retention.journal)))).scalar_one())

    # ------------------------------------------------------------------------------------------------- people

    def _people(self, connection: Connection, before: datetime, now: datetime) -> Forgotten:
        names = _some(connection, _with_people(before))
        connection.execute(delete(silences).where(silences.c.until < micros(before)))
        for table in (admissions, exposures, decisions):
            connection.execute(delete(table).where(table.c.incident_id.in_(names)))
        redacted = redact(connection, self._nouns, _of(connection, names), without_people)
        _note(connection, "purged", [("redacted", redacted)], now)
        return Forgotten(people=len(names))

    # ----------------------------------------------------------------------------------------------- messages

    def _messages(self, connection: Connection, before: datetime, now: datetime) -> Forgotten:
        names = _some(connection, _with_messages(before))
        said = connection.execute(select(advisories.c.id).where(advisories.c.incident_id.in_(names))).scalars().all()
        # One that also speaks of an incident that stays, stays with it
        sent = linked(connection, said)
        others = {row.delivery_id for some in chunks(sent) for row in connection.execute(
            select(delivery_advisories.c.delivery_id).join(advisories).where(
                delivery_advisories.c.delivery_id.in_(some), advisories.c.incident_id.not_in(names)))}
        kept = {row.advisory_id for some in chunks(others) for row in connection.execute(
            select(delivery_advisories.c.advisory_id).where(delivery_advisories.c.delivery_id.in_(some)))}
        remove_deliveries(connection, [each for each in sent if each not in others])
        remove_advisories(connection, [each for each in said if each not in kept])
        for table in (exposures, decisions):
            connection.execute(delete(table).where(table.c.incident_id.in_(names)))
        forget_answers(connection, names)
        remove_deliveries(connection, _summaries(connection, before))
        _note(connection, "purged", [("messages_of", names)], now)
        return Forgotten(messages=len(names))


# ------------------------------------------------------------------------------------- which are old enough to go


def _over(before: datetime) -> ColumnElement[bool]:
    """Incidents that are over, last heard of before then, of which nothing waits to be sent."""
    waiting = select(advisories.c.id).select_from(advisories.join(delivery_advisories).join(deliveries)).where(
        advisories.c.incident_id == incidents.c.id, deliveries.c.state == str(DeliveryState.PENDING))
    said = select(advisories.c.id).where(advisories.c.incident_id == incidents.c.id,
                                         advisories.c.decided_at >= micros(before))
    return and_(incidents.c.status != str(IncidentStatus.OPEN), incidents.c.last_report_at < micros(before),
                incidents.c.unreviewed != true(), ~exists(waiting), ~exists(said))


def _with_people(before: datetime) -> ColumnElement[bool]:
    touched = exists(select(exposures.c.incident_id).where(exposures.c.incident_id == incidents.c.id))
    decided = exists(select(decisions.c.id).where(decisions.c.incident_id == incidents.c.id))
    return and_(_over(before), or_(touched, decided))


def _with_messages(before: datetime) -> ColumnElement[bool]:
    """Those with a message all of whose incidents are old: one that stays with another is not due yet."""
    return and_(_over(before), exists(select(advisories.c.id).where(
        advisories.c.incident_id == incidents.c.id, ~_told_with_younger(before))))


def _told_with_younger(before: datetime) -> ColumnElement[bool]:
    """Whether an advisory was sent in one message with another whose incident stays."""
    own, other = delivery_advisories.alias("own"), delivery_advisories.alias("other")
    beside, about = advisories.alias("beside"), incidents.alias("about")
    return exists(select(own.c.delivery_id).select_from(
        own.join(other, other.c.delivery_id == own.c.delivery_id).join(beside, beside.c.id == other.c.advisory_id)
        .join(about, about.c.id == beside.c.incident_id)).where(own.c.advisory_id == advisories.c.id,
            or_(about.c.status == str(IncidentStatus.OPEN), about.c.last_report_at >= micros(before)))
        .correlate(advisories))


def _old_articles(before: datetime) -> ColumnElement[bool]:
    """Articles read and seen before then, but those of open incidents: an edit of one must be known as such."""
    held = exists(select(incident_articles.c.article_id).select_from(incident_articles.join(incidents)).where(
        incident_articles.c.article_id == articles.c.id, incidents.c.status == str(IncidentStatus.OPEN)))
    return and_(articles.c.seen_at < micros(before), articles.c.unread != true(), ~held)


def _some(connection: Connection, wanted: ColumnElement[bool]) -> list[str]:
    return list(connection.execute(select(incidents.c.id).where(wanted).order_by(incidents.c.id)
                                   .limit(AT_ONCE)).scalars())


def _count(connection: Connection, wanted: ColumnElement[bool]) -> int:
    return connection.execute(select(func.count()).select_from(incidents).where(wanted)).scalar_one()


def _of(connection: Connection, names: Sequence[str]) -> list[Row[Any]]:
    return list(connection.execute(select(advisories).where(advisories.c.incident_id.in_(names))))


# -------------------------------------------------------------------------------------------------------- removing


def redact(connection: Connection, nouns: Nouns, rows: Iterable[Row[Any]],
           change: Callable[[Advisory], Advisory]) -> list[str]:
    """Write those advisories again without what `change` takes out of them; the ids of those that it changed."""
    changed = []
    for row in rows:
        before = nouns.advisory_without_incident(row.data)
        after = change(before)
        if after != before:
            data = to_json(nouns.advisory, after, without="incident")
            connection.execute(advisories.update().where(advisories.c.id == row.id).values(
                data=data, checksum=digest(row.snapshot.encode(), data.encode())))
            changed.append(row.id)
    return changed


def without_people(advisory: Advisory) -> Advisory:
    """The advisory without anybody in it."""
    return replace(advisory, exposures=(), near=(), told=(), later=(), held=(), about=None)


def _summaries(connection: Connection, before: datetime) -> list[str]:
    """Old deliveries that say no advisory: the summaries of feeds first read."""
    about = select(delivery_advisories.c.delivery_id)
    return list(connection.execute(select(deliveries.c.id).where(
        deliveries.c.created_at < micros(before), deliveries.c.state != str(DeliveryState.PENDING),
        deliveries.c.id.not_in(about))).scalars())


def linked(connection: Connection, said: Iterable[str]) -> list[str]:
    """The deliveries of those advisories."""
    found = {name: None for some in chunks(said) for name in connection.execute(
        select(delivery_advisories.c.delivery_id).where(delivery_advisories.c.advisory_id.in_(some))).scalars()}
    return list(found)


def remove_deliveries(connection: Connection, names: Sequence[str]) -> None:
    """Take them out whole; the count of those created goes down by as many, so that the states still add up."""
    for some in chunks(names):
        for table in (rendered, attempts, delivery_advisories):
            connection.execute(delete(table).where(table.c.delivery_id.in_(some)))
        connection.execute(delete(deliveries).where(deliveries.c.id.in_(some)))
    if names:
        count_up(connection, CREATED, -len(names))


def remove_advisories(connection: Connection, names: Sequence[str]) -> None:
    """Take them out, and the incidents as they then were that no other advisory shares."""
    for some in chunks(names):
        connection.execute(delete(admissions).where(admissions.c.advisory_id.in_(some)))
        connection.execute(delete(advisories).where(advisories.c.id.in_(some)))
    if names:
        connection.execute(delete(snapshots).where(
            ~exists(select(advisories.c.id).where(advisories.c.snapshot == snapshots.c.digest))))


def _incidents(connection: Connection, before: datetime) -> Forgotten:
    """Incidents of which nothing else is left."""
    said = exists(select(advisories.c.id).where(advisories.c.incident_id == incidents.c.id))
    names = _some(connection, and_(_over(before), ~said))
    for table in (exposures, decisions, incident_articles):
        connection.execute(delete(table).where(table.c.incident_id.in_(names)))
    connection.execute(delete(incidents).where(incidents.c.id.in_(names)))
    return Forgotten(incidents=len(names))


def _articles(connection: Connection, before: datetime) -> Forgotten:
    names = list(connection.execute(select(articles.c.id).where(_old_articles(before)).order_by(articles.c.seen_at)
                                    .limit(AT_ONCE)).scalars())
    owned: tuple[Table, ...] = (article_versions, article_marks, reports)
    for table in owned:
        connection.execute(delete(table).where(table.c.article_id.in_(names)))
    connection.execute(delete(articles).where(articles.c.id.in_(names)))
    return Forgotten(articles=len(names))


# --------------------------------------------------------------------------------------------------------- journal


def _last_before(connection: Connection, before: datetime) -> int:
    """The last row all before which are old; a clock that once was wrong must not take younger ones with it."""
    first = connection.execute(select(func.min(journal.c.n)).where(journal.c.at >= micros(before))).scalar_one()
    if first is not None:
        return int(first) - 1
    return connection.execute(select(func.max(journal.c.n))).scalar_one() or 0


def _told(last: int) -> ColumnElement[bool]:
    return and_(journal.c.n <= last, journal.c.data.is_not(None), journal.c.kind.not_in(SEALED))


def _journal(connection: Connection, before: datetime, now: datetime) -> Forgotten:
    last = _last_before(connection, before)
    gone = connection.execute(journal.update().where(_told(last)).values(data=None, salt=None)).rowcount
    if gone:
        chain.append(connection, [chain.Entry("purged", {"details_before": last + 1})], now)
    return Forgotten(journal=gone)


def forget_details(connection: Connection, numbers: Sequence[int]) -> None:
    """Take out what those rows tell."""
    connection.execute(journal.update().where(journal.c.n.in_(numbers)).values(data=None, salt=None))


def _note(connection: Connection, kind: str, lists: Iterable[tuple[str, Sequence[object]]], now: datetime) -> None:
    chain.append(connection, list(noted(kind, lists)), now)


def noted(kind: str, lists: Iterable[tuple[str, Sequence[object]]]) -> Iterator[chain.Entry]:
    """Rows that say what was forgotten, each short enough to be read."""
    for name, values in lists:
        for start in range(0, len(values), 500):
            yield chain.Entry(kind, {name: list(values[start:start + 500])})
