"""What keeps messages back, fetched from the store for deciding, and let out again when it may go.

Its own module because it looks across incidents, where the pipeline moves one at a time: silences, other incidents that
mute this one, and who was told what within the hour.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from advisord.advise.ceilings import admissible, held_back
from advisord.advise.firsts import Around
from advisord.advise.history import ENDS, History, histories_of
from advisord.advise.muting import Standing, may_be_source, may_be_target
from advisord.advise.recipients import people_of
from advisord.advise.timing import freed_at
from advisord.model import (
    Admission,
    Advisory,
    Delivery,
    Exposure,
    Incident,
    IncidentStatus,
    Settings,
    Silence,
)

# More open incidents than this are not looked through for one that mutes another
MANY = 10_000
WORDS = "the ceiling allows it"


class Store(Protocol):
    """What holding back needs of the store."""

    def silences(self, now: datetime | None = None) -> tuple[Silence, ...]:
        """The silences that hold at `now`."""

    def incidents(self, status: IncidentStatus | None = None, limit: int = 100) -> tuple[Incident, ...]:
        """Incidents of one status, those last heard of first."""

    def said_about(self, incident_id: str) -> tuple[tuple[Advisory, ...], tuple[Delivery, ...]]:
        """Every advisory and delivery of that incident so far, oldest first."""

    def advisories(self, ids: Iterable[str]) -> tuple[Advisory, ...]:
        """Those advisories, in the order asked for."""

    def admitted(self, now: datetime) -> tuple[Admission, ...]:
        """Who was told of an incident for the first time since an hour ago, or is about to be."""

    def waiting(self) -> tuple[Admission, ...]:
        """Who waits behind a ceiling, the most severe first, then the longest waiting."""

    def admit(self, dues: Mapping[str, datetime], now: datetime, words: str) -> int:
        """Let advisories out that a ceiling held, each when it is due; how many deliveries go out for it."""


def around(store: Store, settings: Settings, incident: Incident, exposures: tuple[Exposure, ...],
           now: datetime) -> Around:
    """What deciding about an incident looks at beside it; only what could matter is fetched."""
    waiting = frozenset(each.advisory_id for each in store.waiting())
    if incident.status is not IncidentStatus.OPEN:
        return Around(waiting=waiting)
    return Around(waiting=waiting, silences=store.silences(now), inhibitions=settings.inhibitions,
                  admitted=store.admitted(now), standing=tuple(_standing(store, settings, incident, exposures, now)))


def _standing(store: Store, settings: Settings, incident: Incident, exposures: tuple[Exposure, ...],
              now: datetime) -> Iterable[Standing]:
    """The open incidents that may mute this one, and who was told what of them; a drill mutes nothing real."""
    if not may_be_target(incident, exposures, settings.inhibitions):
        return
    for each in store.incidents(IncidentStatus.OPEN, MANY):
        if each.id != incident.id and each.exercise is incident.exercise and may_be_source(each, settings.inhibitions):
            histories = histories_of(*store.said_about(each.id), now)
            yield Standing(each, tuple((recipient, told) for recipient, history in histories.items()
                                       if (told := _known(history))))


def _known(history: History) -> tuple[Exposure, ...]:
    """What somebody was told that reaches them, and that has not ended for them."""
    heard = history.heard
    return heard[-1].exposures if heard and heard[-1].reason not in ENDS else ()


def let_out(store: Store, settings: Settings, now: datetime) -> int:
    """Lets go what waits behind a ceiling as far as it allows now, the most severe first; how many deliveries."""
    waiting = store.waiting()
    if not waiting:
        return 0
    freed = admissible(waiting, store.admitted(now), settings.ceilings, now)
    if not freed:
        return 0
    people = people_of(settings)
    advisories = store.advisories([each.advisory_id for each in freed])
    dues = {each.id: freed_at(each, people, freed_by.due_at)
            for each, freed_by in zip(advisories, freed, strict=True)}
    return store.admit(dues, now, WORDS)


def with_count(advisories: tuple[Advisory, ...], store: Store) -> tuple[Advisory, ...]:
    """The advisories of one delivery, the first with how many more are held back from its reader."""
    first = advisories[0]
    return (replace(first, held_back=held_back(store.waiting(), first.recipient, first.id)), *advisories[1:])
