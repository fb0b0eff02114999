"""Everything that the store holds about one person: gathered for them to read, or taken out for good.

Its own module because a person stands in rows that have nothing else in common: their own messages, the desk's message
that names them beside others, a webhook's body, a row of the journal. What can't be parted goes whole (bytes that were
sent are never rewritten); what can keeps the rest.
"""
from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection, Row, String, Table, delete, func, or_, select
from sqlalchemy.sql.elements import ColumnElement

from advisord.model import Advisory, Exposure, IncidentStatus
from advisord.store import journal as chain
from advisord.store.forgetting import (
    SEALED,
    forget_details,
    linked,
    noted,
    redact,
    remove_advisories,
    remove_deliveries,
)
from advisord.store.nouns import Nouns, digest, from_json, to_json
from advisord.store.outbox import checksum
from advisord.store.reading import chunks
from advisord.store.silencing import about_person, forget_person
from advisord.store.tables import (
    advisories,
    attempts,
    decisions,
    deliveries,
    exposures,
    incidents,
    instant,
    journal,
    metadata,
    rendered,
)

GONE = "(erased)"
COLUMNS = ("recipient", "person_id", "person")  # where a table keeps whose a row is


@dataclass(frozen=True, slots=True)
class Erased:
    """How many rows of each kind went or lost the person, and where a word of theirs still stands (table -> rows)."""

    removed: Mapping[str, int]
    left: Mapping[str, int]


class OnePerson:
    """The rows of one person, within the caller's transaction; `words` are further names they may stand under."""

    def __init__(self, nouns: Nouns, person_id: str, words: Sequence[str] = ()) -> None:
        """With the adapters to share."""
        self._nouns = nouns
        self._id = person_id
        self._recipient = f"person:{person_id}"
        self._words = tuple(word for word in words if word.strip())

    def touched_now(self, connection: Connection) -> tuple[str, ...]:
        """The open incidents that touch them."""
        return tuple(connection.execute(select(incidents.c.id).join(exposures).where(
            exposures.c.person_id == self._id, incidents.c.status == str(IncidentStatus.OPEN)).distinct()).scalars())

    # ------------------------------------------------------------------------------------------------ gathering

    def held(self, connection: Connection) -> dict[str, object]:
        """All of it, as plain values that JSON knows."""
        own = self._own_messages(connection)
        return {
            "touched_by": [json.loads(each) for each in connection.execute(
                select(exposures.c.data).where(exposures.c.person_id == self._id)).scalars()],
            "decisions": [json.loads(row.data) | {"until": instant(row.until).isoformat()} for row in
                          connection.execute(select(decisions).where(decisions.c.recipient == self._recipient)
                                             .order_by(decisions.c.id))],
            "told": [json.loads(row.data) | {"incident": row.incident_id} for row in connection.execute(
                select(advisories).where(advisories.c.recipient == self._recipient).order_by(advisories.c.decided_at))],
            "messages": own,
            "silences": [self._nouns.silence.dump_python(each, mode="json")
                         for each in about_person(connection, self._nouns, self._recipient, self._words)],
            "named_to_others": [
                {"advisory": each.id, "incident": incident, "to": each.recipient,
                 "said_of_them": [self._exposure(one) for one in (*each.exposures, *each.near) if self._is(one)],
                 "among_those_told": self._recipient in each.told}
                for incident, each in self._mentions(connection)],
            "journal": [{"row": row.n, "at": instant(row.at).isoformat(), "kind": row.kind,
                         "incident": row.incident_id, "tells": json.loads(row.data)}
                        for row in self._journal(connection)],
            **{table.name: [_plain(row) for row in connection.execute(select(table).where(wanted))]
               for table, wanted in self._others()},
        }

    def _own_messages(self, connection: Connection) -> list[dict[str, object]]:
        found = []
        for row in connection.execute(select(deliveries).where(deliveries.c.recipient == self._recipient)
                                      .order_by(deliveries.c.created_at)).all():
            tries = connection.execute(select(attempts).where(attempts.c.delivery_id == row.id).order_by(attempts.c.id))
            sent = connection.execute(select(rendered).where(rendered.c.delivery_id == row.id)).one_or_none()
            found.append({
                "id": row.id, "channel": row.channel, "created": instant(row.created_at).isoformat(),
                "state": row.state, "advisories": json.loads(row.advisory_ids),
                "attempts": [{"at": instant(each.at).isoformat(), "state": each.state, "detail": each.detail}
                             for each in tries],
                "sent": None if sent is None else {"subject": sent.subject, "content_type": sent.content_type,
                                                   **_bytes(bytes(sent.body))}})
        return found

    def _mentions(self, connection: Connection) -> Iterator[tuple[str, Advisory]]:
        for row in self._naming(connection):
            advisory = self._nouns.advisory_without_incident(row.data)
            if self._without(advisory) != advisory:
                yield row.incident_id, advisory

    def _naming(self, connection: Connection) -> list[Row[Any]]:
        """Advisories to others in which their id stands somewhere."""
        return list(connection.execute(select(advisories).where(
            advisories.c.recipient != self._recipient,
            or_(_holds(advisories.c.data, f'"{self._id}"'), _holds(advisories.c.data, f'"{self._recipient}"')))))

    def _exposure(self, exposure: Exposure) -> Any:
        return self._nouns.exposure.dump_python(exposure, mode="json")

    def _is(self, exposure: Exposure) -> bool:
        return exposure.person_id == self._id

    def _without(self, advisory: Advisory) -> Advisory:
        return replace(
            advisory, exposures=tuple(each for each in advisory.exposures if not self._is(each)),
            near=tuple(each for each in advisory.near if not self._is(each)),
            told=tuple(each for each in advisory.told if each != self._recipient),
            later=tuple(each for each in advisory.later if each[0] != self._recipient),
            held=tuple(each for each in advisory.held if each != self._recipient),
            about=None if advisory.about == self._id else advisory.about)

    def _journal(self, connection: Connection) -> list[Row[Any]]:
        by = (f'"by":{json.dumps(name)}' for name in (self._id, *self._words))
        quoted = [f'"{self._recipient}"', *by]
        return list(connection.execute(select(journal).where(
            journal.c.kind.not_in(SEALED), or_(*(_holds(journal.c.data, each) for each in quoted)))
            .order_by(journal.c.n)))

    def _others(self) -> Iterator[tuple[Table, ColumnElement[bool]]]:
        """Further tables with a column that says whose a row is."""
        known = {exposures, decisions, advisories, deliveries}
        for table in metadata.sorted_tables:
            columns = [table.c[name] for name in COLUMNS if name in table.c]
            if table not in known and columns:
                yield table, or_(*(column.in_((self._id, self._recipient)) for column in columns))

    # -------------------------------------------------------------------------------------------------- erasing

    def erase(self, connection: Connection, now: datetime) -> Erased:
        """Take them out everywhere; the journal keeps its chain, and says which of its rows no longer tell anything."""
        own = list(connection.execute(select(advisories.c.id).where(
            advisories.c.recipient == self._recipient)).scalars())
        sent = list(connection.execute(select(deliveries.c.id).where(
            deliveries.c.recipient == self._recipient)).scalars())
        about = self._incidents(connection)
        others = [row for table, wanted in reversed([*self._others()]) for row in [connection.execute(
            delete(table).where(wanted)).rowcount]]
        redacted = redact(connection, self._nouns, self._naming(connection), self._without)
        beside = [each for each in linked(connection, redacted) if each not in set(sent)]
        removed = {
            "exposures": connection.execute(delete(exposures).where(exposures.c.person_id == self._id)).rowcount,
            "decisions": connection.execute(delete(decisions).where(
                decisions.c.recipient == self._recipient)).rowcount,
            "messages": len(sent), "advisories": len(own), "advisories to others": len(redacted),
            "messages to others": _without_bytes(connection, beside), "further rows": sum(others)}
        removed["silences"] = forget_person(connection, self._nouns, self._recipient, self._words, GONE)
        _without_gates(connection, self._nouns, about)
        remove_deliveries(connection, sent)
        remove_advisories(connection, own)
        removed["words of servers and officers"] = self._clean_words(connection)
        numbers = [row.n for row in self._journal(connection)]
        for some in chunks(map(str, numbers)):
            forget_details(connection, [int(each) for each in some])
        removed["journal rows"] = len(numbers)
        chain.append(connection, list(noted("erased", [("rows", numbers), ("redacted", [*redacted, *beside])])), now)
        return Erased({name: count for name, count in removed.items() if count}, self._left(connection))

    def _incidents(self, connection: Connection) -> list[str]:
        """The incidents in whose decisions about others they may stand as the first who was touched."""
        found = {row.incident_id for row in self._naming(connection)}
        for wanted in (select(exposures.c.incident_id).where(exposures.c.person_id == self._id),
                       select(decisions.c.incident_id).where(decisions.c.recipient == self._recipient)):
            found.update(connection.execute(wanted).scalars())
        return sorted(found)

    def _clean_words(self, connection: Connection) -> int:
        """What servers answered and officers wrote, wherever a word of theirs stands in it."""
        cleaned = 0
        for word in (*self._words, self._recipient):
            for row in connection.execute(select(attempts).where(_holds(attempts.c.detail, word))).all():
                connection.execute(attempts.update().where(attempts.c.id == row.id).values(
                    detail=row.detail.replace(word, GONE)))
                cleaned += 1
            for row in connection.execute(select(deliveries).where(_holds(deliveries.c.last_error, word))).all():
                whole = {**row._mapping, "last_error": row.last_error.replace(word, GONE)}  # noqa: SLF001
                connection.execute(deliveries.update().where(deliveries.c.id == row.id).values(
                    last_error=whole["last_error"], checksum=checksum(whole)))
        return cleaned

    def _left(self, connection: Connection) -> dict[str, int]:
        """Where a word of theirs still stands: in the news itself, or by chance in what is about others."""
        found: dict[str, int] = {}
        for table in metadata.sorted_tables:
            columns = [column for column in table.c if isinstance(column.type, String)]
            for word in self._words:
                held = or_(*(_holds(column, word) for column in columns))
                count = connection.execute(select(func.count()).select_from(table).where(held)).scalar_one()
                if columns and count:
                    found[table.name] = found.get(table.name, 0) + count
        return found


def _holds(column: ColumnElement[Any], words: str) -> ColumnElement[bool]:
    """Whether those very characters stand in a column of text."""
    return column.contains(words, autoescape=True)


def _without_bytes(connection: Connection, names: Iterable[str]) -> int:
    return sum(connection.execute(delete(rendered).where(rendered.c.delivery_id.in_(some))).rowcount
               for some in chunks(names))


def _without_gates(connection: Connection, nouns: Nouns, about: Iterable[str]) -> None:
    """A desk's decision shows the gates of the first who was touched, which may be theirs."""
    wanted = partial(select, decisions.c.id, decisions.c.data)
    for some in chunks(about):
        for row in connection.execute(wanted().where(decisions.c.incident_id.in_(some),
                                                     ~decisions.c.recipient.startswith("person:"))).all():
            decision = replace(from_json(nouns.decision, row.data, "a decision"), gates=())
            connection.execute(decisions.update().where(decisions.c.id == row.id).values(
                data=to_json(nouns.decision, decision),
                sameness=digest(to_json(nouns.decision, decision, without="at").encode())))


def _bytes(body: bytes) -> dict[str, str]:
    try:
        return {"body": body.decode()}
    except UnicodeDecodeError:
        return {"body_base64": base64.b64encode(body).decode()}


def _plain(row: Row[Any]) -> dict[str, object]:
    return {name: base64.b64encode(value).decode() if isinstance(value, bytes) else value
            for name, value in row._mapping.items()}  # noqa: SLF001 - SQLAlchemy's public name for it
