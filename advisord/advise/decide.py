"""Incident × Exposures × what was said -> Verdict: who is told now, again, or not, and why.

Told again only on material change; whoever was told is told the end, in the same thread. Deciding is pure: the same
facts give the same advisories under the same keys, and deciding a second time says nothing.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from advisord.advise.ceilings import Tally
from advisord.advise.firsts import Around
from advisord.advise.history import History, histories_of, inherited
from advisord.advise.pacing import known_before
from advisord.advise.recipients import by_desk, by_hook, by_person, people_of
from advisord.advise.to_desks import to_desks
from advisord.advise.to_people import poorly_told, to_people
from advisord.advise.verdicts import Case, Verdict, Why
from advisord.model import Advisory, Decision, Delivery, Exposure, Gate, Hazard, Incident, IncidentStatus, Settings


def decide(incident: Incident, exposures: tuple[Exposure, ...], *, said: tuple[Advisory, ...],
           sent: tuple[Delivery, ...], settings: Settings, hazards: Mapping[str, Hazard], now: datetime,
           near: tuple[Exposure, ...] = (), around: Around = Around(),  # noqa: B008 - frozen
           merged: tuple[tuple[Advisory, ...], tuple[Delivery, ...]] = ((), ()),
           vouched: tuple[Incident, tuple[Exposure, ...]] | None = None) -> Verdict:
    """Decides about every recipient: first the people and systems, then the desks, which are told who was told.

    `vouched` is the incident as good sources alone tell it, with whom that touches: what people and systems read, where
    it differs from what the desks read.

    `around` is what else keeps messages back: silences, other incidents, what was told within the hour. `merged` are
    the advisories and deliveries of incidents that turned out to be this one.
    """
    case = Case(incident, people_of(settings), hazards, now, is_shadow=settings.mode == "shadow",
                settle=settings.settle, around=around, tally=Tally.of(around.admitted, settings.ceilings))
    histories = _with_merged(case, exposures, histories_of(said, sent, now),
                             inherited(incident, said, *merged, now))
    believed, reached = vouched if vouched is not None else (incident, exposures)
    known: tuple[Exposure, ...] = ()
    if incident.is_baseline:
        known = known_before(exposures, histories, settings.staff, since=incident.opened_at, now=now)
        exposures, near = tuple(each for each in exposures if each not in known), ()
        reached = tuple(each for each in reached if each not in known)
    touched = {each.person_id for each in exposures if each.person_id is not None}
    near = tuple(each for each in near if each.person_id not in touched)
    told = (*to_people(replace(case, incident=believed), reached, histories),
            *poorly_told(case, exposures, reached, histories))
    desks = tuple(to_desks(case, exposures, histories, near=near, told=told))
    verdicts = (*told, *desks)
    missed = _missed(case, near) if any(each.advisories for each in verdicts) else ()
    return Verdict(
        decisions=(*(one for each in verdicts for one in each.decisions), *missed, *_unplaced(case, near),
                   *_baseline(case, known, verdicts)),
        advisories=tuple(one for each in verdicts for one in each.advisories),
        deliveries=tuple(one for each in verdicts for one in each.deliveries),
        superseded=tuple(one for each in verdicts for one in each.superseded),
        withheld=tuple(one for each in verdicts for one in each.withheld),
        admissions=tuple(one for each in verdicts for one in each.admissions),
        review_at=min((at for at in (*(each.review_at for each in verdicts),
                                     *(at for each in (*exposures, *known)
                                       for at in (each.starts_at, each.begins_at)))
                       if at and at > now), default=None))


def _with_merged(case: Case, exposures: tuple[Exposure, ...], histories: dict[str, History],
                 merged: dict[str, History]) -> dict[str, History]:
    """Those told of an incident that became part of this one go on here, unless this one touches them by itself."""
    touched = {*by_person(exposures), *by_hook(exposures, case.people), *by_desk(exposures, case.people)}
    own = {recipient: history for recipient, history in merged.items()
           if history.has_heard and recipient not in touched}
    return {**own, **histories}


def _baseline(case: Case, known: tuple[Exposure, ...], verdicts: Iterable[Verdict]) -> Iterator[Decision]:
    """Whom nobody tells of what was there before the feeds that tell it were first read."""
    judged = {each.recipient for one in verdicts for each in one.decisions}
    touched = {**by_person(known), **by_hook(known, case.people), **by_desk(known, case.people)}
    gate = Gate("first reading", passed=False, value="told only by what feeds held when first read",
                threshold="news, or an arrival, since then")
    for recipient, own in touched.items():
        if recipient not in judged:
            yield Decision(case.incident.id, recipient, case.now, Why.BASELINE, (*own[0].gates, gate))


def _missed(case: Case, near: tuple[Exposure, ...]) -> tuple[Decision, ...]:
    """Who was near and not told, kept when others are told: the question comes later, when nobody recalls."""
    return tuple(Decision(case.incident.id, recipient, case.now, Why.NOT_REACHED, own[0].gates)
                 for recipient, own in by_person(near).items())


def _unplaced(case: Case, near: tuple[Exposure, ...]) -> Iterator[Decision]:
    """An incident that nobody can place is counted on the desk's list and told to nobody."""
    if case.incident.place is None and not near and case.incident.status is IncidentStatus.OPEN:
        gate = Gate("place", passed=False, value="unknown", threshold="a certain place")
        for desk in tuple(case.people.desks)[:1]:
            yield Decision(case.incident.id, f"desk:{desk}", case.now, Why.UNPLACED, (gate,))
