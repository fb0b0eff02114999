"""What happened, row after row, each sealed with the one before it: a row changed, removed or moved breaks the chain.

Its own module because its rows are written in the transactions of the facts that they record, and last in each: the
head is one row that every writer locks, and whoever held it while waiting for another row could wait for ever.
Rows hold ids and codes alone, never a name, an address, a place of a person or a distance to one, so that nothing in
them has to be erased, ever.
"""
from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
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
    """One row as people read it."""

    number: int
    at: datetime
    kind: str
    incident_id: str | None
    article_id: str | None
    facts: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What became of checking the whole chain; without faults it is as it was written."""

    rows: int
    head: str
    faults: tuple[str, ...]


# ------------------------------------------------------------------------------------------------------- the chain


def append(connection: Connection, entries: Sequence[Entry], now: datetime) -> None:
    """Add rows at the end; nothing else may be locked after this within the transaction."""
    if not entries:
        return
    number, seal = _head(connection)
    rows = []
    for entry in entries:
        number += 1
        row = {"n": number, "at": micros(now), "kind": entry.kind, "incident_id": entry.incident_id,
               "article_id": entry.article_id, "data": _canonical(entry.facts)}
        seal = _sealed(seal, row)
        rows.append({**row, "hash": seal})
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


def _sealed(before: str, row: dict[str, Any]) -> str:
    """SHA-256 over the seal before and all that the row says."""
    return sha256(f"{before}\n{_canonical(row)}".encode()).hexdigest()


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def verified(connection: Connection) -> Verified:
    """Every row checked against the one before it, and the last against the head that is kept beside them."""
    kept = {row.key: row.value for row in connection.execute(select(meta).where(meta.c.key.in_((HEAD, GENESIS))))}
    genesis, head = kept.get(GENESIS), kept.get(HEAD)
    checking = _Checking(genesis or "")
    for row in _rows(connection):
        checking.take(row)
    if head is None and genesis is None and not checking.rows:
        return Verified(0, "", ())
    if head is None or genesis is None:
        checking.faults.append("its beginning or its end is no longer written down beside it")
    else:
        number, _, seal = head.partition(" ")
        checking.end(number, seal)
    return Verified(checking.rows, checking.seal, tuple(checking.faults))


@dataclass(slots=True)
class _Checking:
    """Walks the chain; after a fault it goes on from what stands there, so that each fault is told once."""

    seal: str
    number: int = 0
    rows: int = 0
    faults: list[str] = field(default_factory=list)

    def take(self, row: Row[Any]) -> None:
        """Check the next row."""
        said = {"n": row.n, "at": row.at, "kind": row.kind, "incident_id": row.incident_id,
                "article_id": row.article_id, "data": row.data}
        if row.n != self.number + 1:
            self.faults.append(_missing(self.number + 1, row.n - 1))
        elif _sealed(self.seal, said) != row.hash:
            self.faults.append(f"row {row.n} was changed or moved, or the one before it was")
        self.number, self.seal = row.n, row.hash
        self.rows += 1

    def end(self, number: str, seal: str) -> None:
        """Check the last row against the head."""
        if not number.isdecimal():
            self.faults.append("its end is no longer written down beside it")
        elif int(number) > self.number:
            self.faults.append(f"{_missing(self.number + 1, int(number))} at the end")
        elif int(number) < self.number or seal != self.seal:
            self.faults.append(f"row {self.number} is not the one that was written last")


def _missing(first: int, last: int) -> str:
    return f"row {first} is missing" if first == last else f"rows {first} to {last} are missing"


def _rows(connection: Connection) -> Iterator[Row[Any]]:
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
        rows: Iterable[Row[Any]] = _rows(connection)
    else:
        told = select(journal.c.article_id).where(journal.c.incident_id == incident_id)
        rows = connection.execute(select(journal).where(or_(
            journal.c.incident_id == incident_id,
            and_(journal.c.kind == "seen", journal.c.article_id.in_(told)))).order_by(journal.c.n))
    for row in rows:
        yield Recorded(row.n, instant(row.at), row.kind, row.incident_id, article_id=row.article_id, facts=row.data)


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


def decided(incident: Incident, decisions: Sequence[Decision], advisories: Sequence[Advisory]) -> list[Entry]:
    """Who is told or not, and why: the gates that failed by name, and what an advisory rests on."""
    said = {each.id: each for each in advisories}
    return [Entry("decided", {
        "recipient": each.recipient, "verdict": each.verdict,
        "failed": [gate.name for gate in each.gates if not gate.passed], **_advice(said.get(each.advisory_id or "")),
        **_exercise(incident.exercise)}, incident.id) for each in decisions]


def _advice(advisory: Advisory | None) -> dict[str, object]:
    if advisory is None:
        return {}
    return {"advisory": advisory.id, "version": advisory.version, "reason": advisory.reason,
            "rules": list(advisory.rule_ids), "template": advisory.template, "severity": advisory.severity}


def attempted(connection: Connection, deliveries: Iterable[Delivery], state: DeliveryState) -> list[Entry]:
    """How an attempt of each ended, with the digest of the bytes that were sent; one that goes on was `tried`."""
    kind = "tried" if state is DeliveryState.PENDING else state.value
    entries = []
    for each in deliveries:
        sent = connection.execute(select(rendered.c.checksum).where(
            rendered.c.delivery_id == each.id)).scalar_one_or_none()
        facts: dict[str, object] = {"delivery": each.id, "channel": each.channel, "recipient": each.recipient,
                                    "advisories": list(each.advisory_ids), "bytes": sent}
        entries += [Entry(kind, facts, incident_id) for incident_id in _incidents(connection, each) or (None,)]
    return entries


def _incidents(connection: Connection, delivery: Delivery) -> tuple[str, ...]:
    found = {incident_id for some in chunks(delivery.advisory_ids) for incident_id in connection.execute(
        select(advisories.c.incident_id).where(advisories.c.id.in_(some))).scalars()}
    return tuple(sorted(found))


def _exercise(exercise: bool) -> dict[str, object]:
    return {"exercise": True} if exercise else {}
