"""Recipient -> language, time zone and audience: in what tongue and by whose clock a message is written."""
from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from advisord.advise.recipients import People
from advisord.advise.timing import zone_of
from advisord.model import Desk

LAST_RESORT = "en"


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: `audience` is person, desk or system; `desk` the one that answers for them."""

    audience: str
    language: str
    zone: str
    desk: Desk | None


def reader_of(recipient: str, people: People, available: Collection[str]) -> Reader:
    """The recipient as a reader: their language, else their desk's, else English."""
    kind, _, name = recipient.partition(":")
    if kind == "desk":
        desk = people.desks.get(name)
        return Reader("desk", _first((desk.language if desk else None,), available), desk.timezone if desk else "UTC",
                      desk)
    desks = people.desks_of(recipient)
    desk = people.desks.get(desks[0].partition(":")[2]) if desks else None
    person = people.persons.get(name) if kind == "person" else None
    if person is None:
        return Reader("system" if kind == "hook" else "person", _first((desk.language if desk else None,), available),
                      "UTC", desk)
    wanted = person.language, desk.language if desk else None
    return Reader("person", _first(wanted, available), person.timezone, desk)


def _first(wanted: tuple[str | None, ...], available: Collection[str]) -> str:
    """The first of those languages that has templates, with or without its region; else English."""
    for language in wanted:
        for one in (language or "", (language or "").partition("-")[0]):
            if one in available:
                return one
    return LAST_RESORT


class Words(Protocol):
    """The parts of words.<lang>.j2 that dates are written with."""

    weekdays: list[str]
    months: list[str]
    day_form: str
    when_form: str


@dataclass(frozen=True, slots=True)
class Clock:
    """Dates and times as one reader writes them."""

    words: Words
    zone: ZoneInfo

    @classmethod
    def of(cls, words: Words, zone: str) -> Clock:
        """The clock of a reader in that zone."""
        return cls(words, zone_of(zone))

    def day(self, at: datetime | date) -> str:
        """"Tue 17 Sep"; an instant on the reader's day, a plain date as it is."""
        local = at.astimezone(self.zone) if isinstance(at, datetime) else at
        return self.words.day_form.format(weekday=self.words.weekdays[local.weekday()], day=local.day,
                                          month=self.words.months[local.month - 1])

    def time(self, at: datetime) -> str:
        """"08:12"."""
        return f"{at.astimezone(self.zone):%H:%M}"

    def when(self, at: datetime) -> str:
        """"Tue 17 Sep, 08:12"."""
        return self.words.when_form.format(date=self.day(at), clock=self.time(at))

    def name(self, at: datetime) -> str:
        """The zone as people know it, with its offset then: "Africa/Bamako, UTC+00:00"."""
        offset = f"{at.astimezone(self.zone):%z}"
        return f"{self.zone.key}, UTC{offset[:3]}:{offset[3:5]}" if self.zone.key != "UTC" else "UTC"
