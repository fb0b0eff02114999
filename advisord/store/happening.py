"""Incidents in the store: found by place and time, marked for review, with whom they touch and what was decided."""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, delete, func, or_, select, true
from sqlalchemy.dialects import postgresql, sqlite

from advisord.model import Decision, Exposure, Incident, IncidentStatus, Window
from advisord.store.extent import extent_of, inside
from advisord.store.known import Known
from advisord.store.nouns import Nouns, digest, from_json, readable, to_json
from advisord.store.reading import CLOCK_SLACK, chunks, is_new
from advisord.store.tables import (
    counters,
    decisions,
    exposures,
    incident_articles,
    incidents,
    micros,
    micros_or_none,
)

# What changes with every word of an incident's row
STAMPED = (incidents.c.id, incidents.c.revision, incidents.c.reviewed_at, func.length(incidents.c.data))


class Happening:
    """Rows of incidents, exposures and decisions, within the caller's transaction."""

    def __init__(self, nouns: Nouns) -> None:
        """With the adapters to share."""
        self._nouns = nouns
        self._known = Known()

    def _chosen(self, connection: Connection, wanted: Select[Any]) -> tuple[Incident, ...]:
        """The incidents of a selection of `id` and `stamp`, oldest first; read from JSON once for each change."""
        rows = connection.execute(wanted.order_by(incidents.c.opened_at, incidents.c.id)).all()
        stamps = {row.id: tuple(row)[1:] for row in rows}
        found = self._known.of(stamps)
        for some in chunks(each for each in stamps if each not in found):
            read = self._incidents(connection.execute(
                select(incidents.c.id, incidents.c.data).where(incidents.c.id.in_(some))))
            found.update((incident.id, incident) for incident in read)
        self._known.keep(found, stamps)
        return tuple(found[each] for each in stamps if each in found)

    def _incidents(self, rows: Iterable[Any]) -> tuple[Incident, ...]:
        pairs = ((row.id, row.data) for row in rows)
        return tuple(incident for _, incident in readable(self._nouns.incident, pairs, "incident"))

    def near(self, connection: Connection, window: Window) -> tuple[Incident, ...]:
        """The incidents that may lie in the window, oldest first."""
        return self._chosen(connection, select(*STAMPED).where(inside(window)))

    def with_article(self, connection: Connection, article_id: str) -> tuple[Incident, ...]:
        """The incidents that hold a report of that article."""
        return self._chosen(connection, select(*STAMPED).join(incident_articles).where(
            incident_articles.c.article_id == article_id))

    def merged_into(self, connection: Connection, incident: Incident) -> tuple[str, ...]:
        """The ids of those that turned out to be that incident, also by way of another, oldest first."""
        articles = {each.article_id for each in incident.reports}
        heirs: dict[str, str | None] = {}
        for some in chunks(articles):
            heirs.update((each.id, each.merged_into) for each in self._chosen(
                connection, select(*STAMPED).where(
                    incidents.c.status == str(IncidentStatus.CANCELLED),
                    incidents.c.id.in_(select(incident_articles.c.incident_id).where(
                        incident_articles.c.article_id.in_(some))))))
        found: dict[str, None] = {}
        size = -1
        while size < len(found):
            size = len(found)
            found.update((name, None) for name, heir in heirs.items() if heir == incident.id or heir in found)
        return tuple(found)

    def one(self, connection: Connection, incident_id: str) -> Incident | None:
        """The incident of that id."""
        found = connection.execute(select(incidents.c.data).where(incidents.c.id == incident_id)).scalar_one_or_none()
        return None if found is None else from_json(self._nouns.incident, found, f"incident '{incident_id}'")

    def newest(self, connection: Connection, status: IncidentStatus | None, limit: int) -> tuple[Incident, ...]:
        """Those last heard of, first; of one status or of all."""
        wanted = true() if status is None else incidents.c.status == str(status)
        return self._incidents(connection.execute(
            select(incidents.c.id, incidents.c.data).where(wanted)
            .order_by(incidents.c.last_report_at.desc(), incidents.c.id).limit(limit)))

    def next_id(self, connection: Connection, prefix: str) -> str:
        """Count up that prefix; a number is given once, even where nothing came of it."""
        return f"{prefix}-{self._count_to(connection, prefix, None)}"

    def _count_to(self, connection: Connection, prefix: str, reached: int | None) -> int:
        insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        highest = func.greatest if connection.dialect.name == "postgresql" else func.max
        grown = counters.c.value + 1 if reached is None else highest(counters.c.value, reached)
        counted: int = connection.execute(
            insert(counters).values(name=f"incident {prefix}", value=1 if reached is None else reached)
            .on_conflict_do_update(index_elements=["name"], set_={"value": grown})
            .returning(counters.c.value)).scalar_one()
        return counted

    def keep_read(self, connection: Connection, incident: Incident, now: datetime) -> None:
        """Keep an incident that a reading made or changed, so that review looks at it."""
        values = {**self._values(incident), "changed_at": micros(now), "unreviewed": True}
        updated = connection.execute(incidents.update().where(incidents.c.id == incident.id)
                                     .values(**values, revision=incidents.c.revision + 1)).rowcount
        if not updated:
            connection.execute(incidents.insert().values(id=incident.id, revision=1, **values))
            prefix, _, number = incident.id.rpartition("-")
            if number.isdecimal():
                self._count_to(connection, prefix, int(number))
        connection.execute(delete(incident_articles).where(incident_articles.c.incident_id == incident.id))
        held = sorted({report.article_id for report in incident.reports})
        if held:
            connection.execute(incident_articles.insert(), [
                {"incident_id": incident.id, "article_id": article_id} for article_id in held])

    def _values(self, incident: Incident) -> dict[str, object]:
        return {"status": str(incident.status), "severity_rank": incident.severity.rank,
                "opened_at": micros(incident.opened_at), "last_report_at": micros(incident.last_report_at),
                "data": to_json(self._nouns.incident, incident), **extent_of(incident)}

    # ------------------------------------------------------------------------------------------------ review

    def due(self, connection: Connection, now: datetime, limit: int) -> tuple[tuple[int, Incident], ...]:
        """Revision and incident of those to look at, most severe first, then the longest waiting.

        Those reviewed in the future too: the clock was set back since.
        """
        wanted = or_(incidents.c.unreviewed == true(), incidents.c.review_at <= micros(now),
                     incidents.c.reviewed_at > micros(now + CLOCK_SLACK))
        rows = connection.execute(
            select(incidents.c.id, incidents.c.revision, incidents.c.data).where(wanted)
            .order_by(incidents.c.severity_rank.desc(), incidents.c.changed_at, incidents.c.id).limit(limit)).all()
        revisions = {row.id: row.revision for row in rows}
        return tuple((revisions[incident.id], incident) for incident in self._incidents(rows))

    def keep_reviewed(self, connection: Connection, incident: Incident, now: datetime, *,
                      seen: int | None, review_at: datetime | None) -> None:
        """Keep the incident as reviewed at revision `seen`.

        One that a reading changed since keeps what the reading wrote, and stays due.
        """
        same = true() if seen is None else incidents.c.revision == seen
        values = {**self._values(incident), "unreviewed": False, "reviewed_at": micros(now),
                  "review_at": micros_or_none(review_at)}
        updated = connection.execute(incidents.update().where(incidents.c.id == incident.id, same)
                                     .values(**values)).rowcount
        if not updated:
            is_new(connection, incidents, id=incident.id, revision=1, changed_at=micros(now), **values)

    def mark_open(self, connection: Connection) -> int:
        """Have every open incident reviewed: people or rules changed; how many."""
        return connection.execute(incidents.update().where(incidents.c.status == str(IncidentStatus.OPEN))
                                  .values(unreviewed=True)).rowcount

    # ----------------------------------------------------------------------------------- exposures, decisions

    def keep_exposures(self, connection: Connection, incident_id: str, touched: Sequence[Exposure]) -> None:
        """Whom the incident touches now; rows are written only where they differ."""
        wanted = [to_json(self._nouns.exposure, exposure) for exposure in touched]
        of_incident = exposures.c.incident_id == incident_id
        had = list(connection.execute(select(exposures.c.data).where(of_incident)
                                      .order_by(exposures.c.position)).scalars())
        if wanted == had:
            return
        connection.execute(exposures.delete().where(of_incident))
        if wanted:
            connection.execute(exposures.insert(), [
                {"incident_id": incident_id, "position": position, "person_id": exposure.person_id,
                 "location_id": exposure.location_id, "data": data}
                for position, (exposure, data) in enumerate(zip(touched, wanted, strict=True))])

    def exposures(self, connection: Connection, incident_id: str) -> tuple[Exposure, ...]:
        """Whom the incident touched when it was last reviewed."""
        rows = connection.execute(select(exposures.c.data).where(exposures.c.incident_id == incident_id)
                                  .order_by(exposures.c.position))
        return tuple(from_json(self._nouns.exposure, row.data, f"an exposure of '{incident_id}'") for row in rows)

    def keep_decisions(self, connection: Connection, incident_id: str,
                       made: Sequence[Decision]) -> tuple[Decision, ...]:
        """Add those that differ from what was last decided for that recipient; of the others only `until` grows.

        Which those were.
        """
        rows = connection.execute(select(decisions.c.id, decisions.c.recipient, decisions.c.sameness).where(
            decisions.c.incident_id == incident_id, decisions.c.latest == true()))
        before = {(row.recipient, row.sameness): row.id for row in rows}
        wanted = {(decision.recipient, self._sameness(decision)): decision for decision in made}
        judged = {recipient for recipient, _ in wanted}
        past = [{"row": row_id} for key, row_id in before.items() if key[0] in judged and key not in wanted]
        again = [{"row": before[key], "again_at": micros(decision.at)}
                 for key, decision in wanted.items() if key in before]
        fresh = [{"recipient": recipient, "sameness": sameness, "incident_id": incident_id, "latest": True,
                  "at": micros(decision.at), "until": micros(decision.at), "advisory_id": decision.advisory_id,
                  "data": to_json(self._nouns.decision, decision)}
                 for (recipient, sameness), decision in wanted.items() if (recipient, sameness) not in before]
        of_row = decisions.update().where(decisions.c.id == bindparam("row"))
        if past:
            connection.execute(of_row.values(latest=False), past)
        if again:
            connection.execute(of_row.values(until=bindparam("again_at")), again)
        if fresh:
            connection.execute(decisions.insert(), fresh)
        return tuple(decision for key, decision in wanted.items() if key not in before)

    def _sameness(self, decision: Decision) -> str:
        return digest(to_json(self._nouns.decision, decision, without="at").encode())

    def decisions(self, connection: Connection, incident_id: str, recipient: str | None) -> tuple[Decision, ...]:
        """What was decided, oldest first; each since its `at`, until the next one of that recipient."""
        wanted = decisions.c.incident_id == incident_id
        if recipient is not None:
            wanted = and_(wanted, decisions.c.recipient == recipient)
        rows = connection.execute(select(decisions.c.data).where(wanted).order_by(decisions.c.id))
        return tuple(from_json(self._nouns.decision, row.data, f"a decision on '{incident_id}'") for row in rows)
