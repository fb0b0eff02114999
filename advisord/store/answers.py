"""What people answered, and the head count that comes of it; written in one transaction with the calls that follow."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, func, select

from advisord.model import Advisory, Answer, Delivery, IncidentStatus, Wellbeing
from advisord.store import journal
from advisord.store.database import Database
from advisord.store.journal import Entry
from advisord.store.outbox import Outbox
from advisord.store.reading import is_new
from advisord.store.tables import (
    advisories,
    answers,
    deliveries,
    delivery_advisories,
    escalations,
    incidents,
    instant,
    meta,
    micros,
)

KEY = "answers_key"
KEY_BYTES = 32
PERSON = "person:"


@dataclass(frozen=True, slots=True)
class HeadCount:
    """The people told of an incident, by id, each in one of five; who answered without having been told counts too.

    `silent` were reached and have not answered, `unreached` could not be, of `waiting` nothing has gone out yet.
    """

    safe: tuple[str, ...] = ()
    help: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    unreached: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """Everybody."""
        return len(self.safe) + len(self.help) + len(self.silent) + len(self.unreached) + len(self.waiting)


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Somebody who was told and has not answered: since when, under which rules, and how often others were called."""

    incident_id: str
    person_id: str
    since: datetime
    steps: int


class Answers:
    """Rows of answers; each method is one transaction. Raises StoreError and nothing else."""

    def __init__(self, database: Database, outbox: Outbox) -> None:
        """On an open database."""
        self._database = database
        self._outbox = outbox

    def key(self) -> str:
        """The key that this store signs links with; made once."""
        with self._database.read() as connection:
            found = connection.execute(select(meta.c.value).where(meta.c.key == KEY)).scalar_one_or_none()
        if found is None:
            with self._database.write() as connection:
                is_new(connection, meta, key=KEY, value=token_hex(KEY_BYTES))
                found = connection.execute(select(meta.c.value).where(meta.c.key == KEY)).scalar_one()
        return str(found)

    def keep(self, answer: Answer, *, exercise: bool, calls: Sequence[Advisory], sent: Sequence[Delivery]) -> bool:
        """Keep an answer with the calls that it leads to; false where it says what was said last, which stands."""
        with self._database.write() as connection:
            latest = connection.execute(select(answers.c.wellbeing).where(
                answers.c.incident_id == answer.incident_id, answers.c.person_id == answer.person_id)
                .order_by(answers.c.id.desc()).limit(1)).scalar_one_or_none()
            if latest == str(answer.wellbeing):
                return False
            connection.execute(answers.insert().values(
                incident_id=answer.incident_id, person_id=answer.person_id, wellbeing=str(answer.wellbeing),
                at=micros(answer.at), way=answer.way, by=answer.by))
            self._outbox.keep_advisories(connection, calls)
            self._outbox.keep_deliveries(connection, sent)
            journal.append(connection, [_entry(answer, exercise=exercise), *_called(calls, exercise=exercise)],
                           answer.at)
        return True

    def of(self, incident_id: str) -> tuple[Answer, ...]:
        """Every answer about an incident, oldest first."""
        with self._database.read() as connection:
            return tuple(_answer(row) for row in connection.execute(
                select(answers).where(answers.c.incident_id == incident_id).order_by(answers.c.id)))

    def latest(self, incident_id: str) -> dict[str, Answer]:
        """What each person said last."""
        return {each.person_id: each for each in self.of(incident_id)}

    def headcount(self, incident_id: str) -> HeadCount:
        """Who is safe, needs help, is silent, could not be reached, or is not told yet."""
        said = {person: answer.wellbeing for person, answer in self.latest(incident_id).items()}
        with self._database.read() as connection:
            rows = connection.execute(
                select(deliveries.c.recipient, deliveries.c.state).distinct()
                .select_from(delivery_advisories).join(advisories).join(deliveries)
                .where(advisories.c.incident_id == incident_id, deliveries.c.recipient.like(f"{PERSON}%"),
                       advisories.c.recipient == deliveries.c.recipient, asks())).all()
        states: dict[str, set[str]] = {}
        for recipient, state in rows:
            states.setdefault(recipient.removeprefix(PERSON), set()).add(state)
        told = {person: own for person, own in states.items() if own != {"cancelled"} and person not in said}
        return HeadCount(
            safe=_sorted(person for person, word in said.items() if word is Wellbeing.SAFE),
            help=_sorted(person for person, word in said.items() if word is Wellbeing.HELP),
            silent=_sorted(person for person, own in told.items() if "accepted" in own),
            waiting=_sorted(person for person, own in told.items() if "accepted" not in own and "pending" in own),
            unreached=_sorted(person for person, own in told.items() if not own & {"accepted", "pending"}))

    # ---------------------------------------------------------------------------------------------- no answer

    def open_and_silent(self) -> tuple[str, ...]:
        """Open incidents with somebody who was told, or could not be, and has not answered; oldest first."""
        answered = exists(select(answers.c.id).where(
            answers.c.incident_id == advisories.c.incident_id,
            answers.c.person_id == func.substr(advisories.c.recipient, len(PERSON) + 1)))
        with self._database.read() as connection:
            return tuple(connection.execute(
                select(incidents.c.id).where(
                    incidents.c.status == str(IncidentStatus.OPEN),
                    exists(select(advisories.c.id).where(advisories.c.incident_id == incidents.c.id,
                                                         advisories.c.recipient.like(f"{PERSON}%"), ~answered)))
                .order_by(incidents.c.opened_at, incidents.c.id)).scalars())

    def unanswered(self, incident_id: str) -> tuple[Unanswered, ...]:
        """Whom a message about an incident has reached, or can't reach any more, and who has not answered."""
        with self._database.read() as connection:
            rows = connection.execute(
                select(deliveries.c.recipient, func.min(deliveries.c.ended_at))
                .select_from(delivery_advisories).join(advisories).join(deliveries)
                .where(advisories.c.incident_id == incident_id, deliveries.c.recipient.like(f"{PERSON}%"),
                       advisories.c.recipient == deliveries.c.recipient, asks(),
                       deliveries.c.state.in_(("accepted", "refused", "expired")))
                .group_by(deliveries.c.recipient).order_by(deliveries.c.recipient)).all()
            said = set(connection.execute(select(answers.c.person_id).where(
                answers.c.incident_id == incident_id)).scalars())
            steps = {row[0]: int(row[1]) for row in connection.execute(
                select(escalations.c.person_id, func.count()).where(escalations.c.incident_id == incident_id)
                .group_by(escalations.c.person_id))}
        people = ((recipient.removeprefix(PERSON), since) for recipient, since in rows if since is not None)
        return tuple(Unanswered(incident_id, person, instant(since), steps.get(person, 0))
                     for person, since in people if person not in said)

    def keep_step(self, one: Unanswered, now: datetime, *, exercise: bool, calls: Sequence[Advisory],
                  sent: Sequence[Delivery]) -> bool:
        """Keep that the next contact is called, with the call; false where that was done, or an answer came."""
        with self._database.write() as connection:
            answered = connection.execute(select(answers.c.id).where(
                answers.c.incident_id == one.incident_id, answers.c.person_id == one.person_id)).first()
            if answered is not None or not is_new(connection, escalations, incident_id=one.incident_id,
                                                  person_id=one.person_id, step=one.steps, at=micros(now)):
                return False
            self._outbox.keep_advisories(connection, calls)
            self._outbox.keep_deliveries(connection, sent)
            facts: dict[str, object] = {"recipient": f"{PERSON}{one.person_id}", "step": one.steps,
                                        **({"exercise": True} if exercise else {})}
            journal.append(connection, [Entry("unanswered", facts, one.incident_id),
                                        *_called(calls, exercise=exercise)], now)
        return True


def forget_answers(connection: Connection, incident_ids: Sequence[str]) -> None:
    """Take out what was answered about those incidents, and who was called."""
    for table in (answers, escalations):
        connection.execute(table.delete().where(table.c.incident_id.in_(incident_ids)))


def asks() -> ColumnElement[bool]:
    """Whether an advisory asks its reader how they are: a call about somebody else and a digest do not."""
    return and_(~advisories.c.data.contains('"about":"'), ~advisories.c.data.contains('"digest":true'))


def _sorted(people: Any) -> tuple[str, ...]:
    return tuple(sorted(people))


def _answer(row: Row[Any]) -> Answer:
    return Answer(row.incident_id, row.person_id, Wellbeing(row.wellbeing), instant(row.at), row.way, row.by)


def _entry(answer: Answer, *, exercise: bool) -> Entry:
    facts: dict[str, object] = {"recipient": f"{PERSON}{answer.person_id}", "answer": answer.wellbeing,
                                "way": answer.way}
    if answer.by:
        facts["by"] = answer.by
    if exercise:
        facts["exercise"] = True
    return Entry("answered", facts, answer.incident_id)


def _called(calls: Sequence[Advisory], *, exercise: bool) -> list[Entry]:
    """Whom a call goes to and about whom, as what is decided."""
    return [Entry("decided", {"recipient": each.recipient, "verdict": str(each.reason), "failed": [],
                              "advisory": each.id, "about": f"{PERSON}{each.about}",
                              **({"exercise": True} if exercise else {})}, each.incident.id) for each in calls]
