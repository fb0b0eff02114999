"""The journal checked from end to end: its chain, its details, and the outbox that it tells of.

Its own module because the journal is written in every transaction and proved once in a while.
"""
from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, select

from advisord.store.journal import GENESIS, HEAD, digest_of, rows_of, sealed
from advisord.store.tables import advisories, deliveries, meta, rendered

FORGOTTEN = frozenset({"purged", "erased"})  # the kinds of row that say which details are gone, and why
# How the journal calls the end of a delivery -> the state that its row then has
ENDS = {"accepted": "accepted", "refused": "refused", "expired": "expired", "cancelled": "cancelled",
        "stopped": "cancelled"}


@dataclass(frozen=True, slots=True)
class Verified:
    """What became of checking the whole chain; without faults it is as it was written.

    `forgotten` counts the rows whose details were purged or erased; their place in the chain was checked.
    """

    rows: int
    head: str
    faults: tuple[str, ...]
    forgotten: int = 0


def verified(connection: Connection, anchors: Mapping[int, str]) -> Verified:
    """Every row checked against the one before it, the last against the head kept beside them, and all they tell of.

    `anchors` are heads noted elsewhere, by row: with one of them a journal cut short cannot pass for whole.
    """
    kept = {row.key: row.value for row in connection.execute(select(meta).where(meta.c.key.in_((HEAD, GENESIS))))}
    genesis, head = kept.get(GENESIS), kept.get(HEAD)
    checking, told = _Checking(genesis or "", dict(anchors)), _Told()
    for row in rows_of(connection):
        checking.take(row)
        told.take(row)
    if head is None and genesis is None and not checking.rows:
        return Verified(0, "", tuple(checking.unanchored()))
    if head is None or genesis is None:
        checking.faults.append("its beginning or its end is no longer written down beside it")
    else:
        number, _, seal = head.partition(" ")
        checking.end(number, seal)
    faults = (*checking.faults, *checking.unanchored(), *told.unexplained(), *told.otherwise(connection))
    return Verified(checking.rows, checking.seal, faults, len(told.blank))


@dataclass(slots=True)
class _Checking:
    """Walks the chain; after a fault it goes on from what stands there, so that each fault is told once."""

    seal: str
    anchors: dict[int, str]
    number: int = 0
    rows: int = 0
    faults: list[str] = field(default_factory=list)

    def take(self, row: Row[Any]) -> None:
        """Check the next row."""
        said = {"n": row.n, "at": row.at, "kind": row.kind, "incident_id": row.incident_id,
                "article_id": row.article_id, "digest": row.digest}
        if row.n != self.number + 1:
            self.faults.append(_missing(self.number + 1, row.n - 1))
        elif sealed(self.seal, said) != row.hash:
            self.faults.append(f"row {row.n} was changed or moved, or the one before it was")
        elif row.data is not None and digest_of(row.salt or "", row.data) != row.digest:
            self.faults.append(f"row {row.n} was changed: its details are not those that were sealed")
        self.number, self.seal = row.n, row.hash
        self.rows += 1
        if self.anchors.get(row.n) == row.hash:
            del self.anchors[row.n]

    def end(self, number: str, seal: str) -> None:
        """Check the last row against the head."""
        if not number.isdecimal():
            self.faults.append("its end is no longer written down beside it")
        elif int(number) > self.number:
            self.faults.append(f"{_missing(self.number + 1, int(number))} at the end")
        elif int(number) < self.number or seal != self.seal:
            self.faults.append(f"row {self.number} is not the one that was written last")

    def unanchored(self) -> Iterator[str]:
        """The heads noted elsewhere that do not stand where they stood."""
        for number in sorted(self.anchors):
            what = "is missing at the end" if number > self.number else "is another one"
            yield f"row {number}, whose head was noted elsewhere, {what}"


def _missing(first: int, last: int) -> str:
    return f"row {first} is missing" if first == last else f"rows {first} to {last} are missing"


@dataclass(slots=True)
class _Told:
    """What the rows say of the outbox, and which details were forgotten on purpose."""

    blank: list[int] = field(default_factory=list)
    forgotten_before: int = 0
    forgotten_rows: set[int] = field(default_factory=set)
    without_messages: set[str] = field(default_factory=set)
    redacted: set[str] = field(default_factory=set)
    states: dict[str, tuple[str, str | None, str | None]] = field(default_factory=dict)
    checksums: dict[str, tuple[str | None, str | None]] = field(default_factory=dict)

    def take(self, row: Row[Any]) -> None:
        """Note what the next row says; one whose details no longer are JSON is a fault of the chain already."""
        if row.data is None:
            self.blank.append(row.n)
            return
        try:
            facts = json.loads(row.data)
        except ValueError:
            return
        if not isinstance(facts, dict):
            return
        if row.kind in FORGOTTEN:
            self._forgotten(facts)
        elif row.kind in ENDS and "delivery" in facts:
            self.states[facts["delivery"]] = (ENDS[row.kind], facts.get("bytes"), row.incident_id)
        elif row.kind == "decided" and facts.get("checksum"):
            self.checksums[facts["advisory"]] = (facts["checksum"], row.incident_id)

    def _forgotten(self, facts: Mapping[str, Any]) -> None:
        self.forgotten_before = max(self.forgotten_before, int(facts.get("details_before", 0)))
        self.forgotten_rows.update(facts.get("rows", ()))
        self.without_messages.update(facts.get("messages_of", ()))
        self.redacted.update(facts.get("redacted", ()))

    def unexplained(self) -> Iterator[str]:
        """Rows whose details are gone though no purge and no erasure says so."""
        for number in self.blank:
            if number >= self.forgotten_before and number not in self.forgotten_rows:
                yield f"row {number} was changed: its details were removed, and no purge or erasure says so"

    def otherwise(self, connection: Connection) -> Iterator[str]:
        """Deliveries, bytes and advisories that are not as the journal tells them."""
        kept = {row.id: row.state for row in connection.execute(select(deliveries.c.id, deliveries.c.state))}
        sent = _pairs(connection.execute(select(rendered.c.delivery_id, rendered.c.checksum)))
        for name, (state, of_bytes, incident_id) in self.states.items():
            if incident_id in self.without_messages or name in self.redacted:
                continue
            if name not in kept:
                yield f"delivery '{name}' was {state}, and is no longer there"
            elif kept[name] != state:
                yield f"delivery '{name}' was {state}, and is now {kept[name]}"
            elif of_bytes != sent.get(name):
                yield f"delivery '{name}' has other bytes than were sent"
        said = _pairs(connection.execute(select(advisories.c.id, advisories.c.checksum)))
        for name, (checksum, incident_id) in self.checksums.items():
            if incident_id not in self.without_messages and name not in self.redacted and said.get(name) != checksum:
                yield f"advisory '{name}' is {'another one' if name in said else 'no longer there'}"


def _pairs(rows: Iterable[Row[str, str]]) -> dict[str, str]:
    return {row[0]: row[1] for row in rows}
