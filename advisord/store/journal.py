"""What happened, row after row, each sealed with the one before it: a row changed, removed or moved breaks the chain.

Its own module because its rows are written in the transactions of the facts that they record, and last in each: the
head is one row that every writer locks, and whoever held it while waiting for another row could wait for ever.
Rows hold ids and codes alone, never a name, an address, a place of a person or a distance to one. What a row tells
stands beside the chain, which holds its salted digest: the telling can be forgotten, and the chain still closes.
"""
from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from secrets import token_hex
from typing import Any

from sqlalchemy import Connection, Row, and_, or_, select

from advisord.model import Advisory, Article, Decision, Delivery, DeliveryState, Incident, SourcedReport
from advisord.store.reading import chunks, is_new
from advisord.store.tables import advisories, instant, journal, meta, micros, rendered

HEAD, GENESIS = "journal_head", "journal_genesis"
AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Entry:
    """One fact on its way into the journal."""

    kind: str
    facts: dict[str, object] = field(default_factory=dict)
    incident_id: str | None = None
    article_id: str | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """One row as people read it; `facts` empty where the details were forgotten."""

    number: int
    at: datetime
    kind: str
    incident_id: str | None
    article_id: str | None
    facts: str


# ------------------------------------------------------------------------------------------------------- the chain


def append(connection: Connection, entries: Sequence[Entry], now: datetime) -> None:
    """Add rows at the end; nothing else may be locked after this within the transaction."""
    if not entries:
        return
    number, seal = _head(connection)
    rows = []
    for entry in entries:
        number += 1
        data, salt = _canonical(entry.facts), token_hex(16)
        row = {"n": number, "at": micros(now), "kind": entry.kind, "incident_id": entry.incident_id,
               "article_id": entry.article_id, "digest": digest_of(salt, data)}
        seal = sealed(seal, row)
        rows.append({**row, "data": data, "salt": salt, "hash": seal})
    connection.execute(journal.insert(), rows)
    connection.execute(meta.update().where(meta.c.key == HEAD).values(value=f"{number} {seal}"))


def _head(connection: Connection) -> tuple[int, str]:
    """Number and seal of the last row, held until the transaction ends; those of the beginning where there is none."""
    wanted = select(meta.c.value).where(meta.c.key == HEAD).with_for_update()
    found = connection.execute(wanted).scalar_one_or_none()
    if found is None:
        genesis = token_hex(32)
        if is_new(connection, meta, key=HEAD, value=f"0 {genesis}"):
            is_new(connection, meta, key=GENESIS, value=genesis)
        found = connection.execute(wanted).scalar_one()
    number, _, seal = found.partition(" ")
    return int(number), seal


def head(connection: Connection) -> tuple[int, str]:
    """Number and seal of the row written last; 0 and nothing where there is none."""
    found = connection.execute(select(meta.c.value).where(meta.c.key == HEAD)).scalar_one_or_none()
    number, _, seal = (found or "0 ").partition(" ")
    return (int(number), seal) if number.isdecimal() and number != "0" else (0, "")


def sealed(before: str, row: dict[str, Any]) -> str:
    """SHA-256 over the seal before and all that stands in the chain: everything but the details."""
    return sha256(f"{before}\n{_canonical(row)}".encode()).hexdigest()


def digest_of(salt: str, data: str) -> str:
    """SHA-256 of a row's details; without the salt, which goes with them, nobody can try what they said."""
    return sha256(f"{salt}\n{data}".encode()).hexdigest()


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def rows_of(connection: Connection) -> Iterator[Row[Any]]:
    """Every row in the order written, few at a time."""
    last = None
    while True:
        wanted = select(journal).order_by(journal.c.n).limit(AT_ONCE)
        rows = connection.execute(wanted if last is None else wanted.where(journal.c.n > last)).all()
        yield from rows
        if len(rows) < AT_ONCE:
            return
        last = rows[-1].n


def recorded(connection: Connection, incident_id: str | None) -> Iterator[Recorded]:
    """The rows in the order written: all, or those of one incident with the sight of each of its articles."""
    if incident_id is None:
        rows: Iterable[Row[Any]] = rows_of(connection)
    else:
        told = select(journal.c.article_id).where(journal.c.incident_id == incident_id)
        rows = connection.execute(select(journal).where(or_(
            journal.c.incident_id == incident_id,
            and_(journal.c.kind == "seen", journal.c.article_id.in_(told)))).order_by(journal.c.n))
    for row in rows:
        yield Recorded(row.n, instant(row.at), row.kind, row.incident_id, article_id=row.article_id,
                       facts=row.data or "")


# -------------------------------------------------------------------------------------------------- what is recorded


def seen(articles: Iterable[Article]) -> list[Entry]:
    """That articles were found, in which wording."""
    return [Entry("seen", {"feed": each.feed_id, "fingerprint": each.fingerprint, **_exercise(each.exercise)},
                  article_id=each.id) for each in articles]


def understood(article: Article, reports: Sequence[SourcedReport], incidents: Sequence[Incident]) -> list[Entry]:
    """What an article was taken to say, and each incident that this began or changed, as it then stood."""
    told = {"reports": [_account(each) for each in reports], **_exercise(article.exercise)}
    if not incidents:
        return [Entry("understood", told, article_id=article.id)]
    return [Entry("understood", {**told, **_standing(each)}, each.id, article.id) for each in incidents]


def _account(sourced: SourcedReport) -> list[str | None]:
    place = sourced.report.place
    return [sourced.report.hazard, sourced.report.phase, place.place.id if place else None]


def _standing(incident: Incident) -> dict[str, object]:
    place = incident.place
    return {"hazard": incident.hazard, "phase": incident.phase, "severity": incident.severity,
            "status": incident.status, "place": place.id if place else None, "origins": incident.origins,
            "credibility": incident.credibility}


def decided(connection: Connection, incident: Incident, decisions: Sequence[Decision],
            said: Sequence[Advisory]) -> list[Entry]:
    """Who is told or not, and why: the gates that failed by name, and what an advisory rests on, with its checksum."""
    kept = {row.id: row.checksum for some in chunks(each.id for each in said) for row in connection.execute(
        select(advisories.c.id, advisories.c.checksum).where(advisories.c.id.in_(some)))}
    by_id = {each.id: each for each in said}
    return [Entry("decided", {
        "recipient": each.recipient, "verdict": each.verdict,
        "failed": [gate.name for gate in each.gates if not gate.passed],
        **_advice(by_id.get(each.advisory_id or ""), kept), **_exercise(incident.exercise)}, incident.id)
        for each in decisions]


def _advice(advisory: Advisory | None, kept: Mapping[str, str]) -> dict[str, object]:
    if advisory is None:
        return {}
    return {"advisory": advisory.id, "version": advisory.version, "reason": advisory.reason,
            "rules": list(advisory.rule_ids), "template": advisory.template, "severity": advisory.severity,
            "checksum": kept.get(advisory.id)}


def attempted(connection: Connection, deliveries: Iterable[Delivery], state: DeliveryState) -> list[Entry]:
    """How an attempt of each ended, with the digest of the bytes that were sent; one that goes on was `tried`."""
    return _of_deliveries(connection, deliveries, "tried" if state is DeliveryState.PENDING else state.value)


def settled(connection: Connection, deliveries: Iterable[Delivery], kind: str, by: str) -> list[Entry]:
    """What somebody `stopped` or `released` before it went, and who that was, as they named themselves."""
    return _of_deliveries(connection, deliveries, kind, by=by)


def _of_deliveries(connection: Connection, deliveries: Iterable[Delivery], kind: str, **more: object) -> list[Entry]:
    entries = []
    for each in deliveries:
        sent = connection.execute(select(rendered.c.checksum).where(
            rendered.c.delivery_id == each.id)).scalar_one_or_none()
        facts: dict[str, object] = {"delivery": each.id, "channel": each.channel, "recipient": each.recipient,
                                    "advisories": list(each.advisory_ids), "bytes": sent, **more}
        entries += [Entry(kind, facts, incident_id) for incident_id in _incidents(connection, each) or (None,)]
    return entries


def _incidents(connection: Connection, delivery: Delivery) -> tuple[str, ...]:
    found = {incident_id for some in chunks(delivery.advisory_ids) for incident_id in connection.execute(
        select(advisories.c.incident_id).where(advisories.c.id.in_(some))).scalars()}
    return tuple(sorted(found))


def _exercise(exercise: bool) -> dict[str, object]:
    return {"exercise": True} if exercise else {}
