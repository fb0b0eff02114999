"""How many people an incident touches and how many were told, for a list of incidents at once."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, func, select

from advisord.store.reading import chunks
from advisord.store.tables import advisories, deliveries, delivery_advisories, exposures


@dataclass(frozen=True, slots=True)
class Tally:
    """People touched at the last review; of people, how many were told, wait to be, or could not be."""

    touched: int = 0
    told: int = 0
    waiting: int = 0
    failed: int = 0


def tallies_of(connection: Connection, ids: Sequence[str]) -> dict[str, Tally]:
    """The tally of each of those incidents."""
    found = {incident_id: Tally() for incident_id in ids}
    for some in chunks(ids):
        for incident_id, touched in connection.execute(
                select(exposures.c.incident_id, func.count(func.distinct(exposures.c.person_id)))
                .where(exposures.c.incident_id.in_(some)).group_by(exposures.c.incident_id)):
            found[incident_id] = replace(found[incident_id], touched=touched)
        states: dict[str, dict[str, set[str]]] = {}
        for incident_id, recipient, state in connection.execute(
                select(advisories.c.incident_id, deliveries.c.recipient, deliveries.c.state).distinct()
                .select_from(delivery_advisories).join(advisories).join(deliveries)
                .where(advisories.c.incident_id.in_(some), deliveries.c.recipient.like("person:%"),
                       ~advisories.c.data.contains('"about":"'))):
            states.setdefault(incident_id, {}).setdefault(recipient, set()).add(state)
        for incident_id, people in states.items():
            found[incident_id] = _told(found[incident_id], people)
    return found


def _told(tally: Tally, people: dict[str, set[str]]) -> Tally:
    told = sum("accepted" in states for states in people.values())
    waiting = sum("accepted" not in states and "pending" in states for states in people.values())
    return replace(tally, told=told, waiting=waiting, failed=sum(
        not states & {"accepted", "pending", "cancelled"} for states in people.values()))
