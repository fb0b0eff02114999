"""The words of a sentence -> the day that it tells, and how old what it tells is.

Days are worked out from the article's own instant alone, never from a clock. A day without a year is the last such day
before publication (or up to a week after it); a weekday the last one, today's included.
"""
from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from advisord.extract.units import Unit
from advisord.lexicon import bit_of

_NUMBER, _YEAR, _MONTH, _WEEKDAY, _DAY = (bit_of(name) for name in ("number", "year", "month", "weekday", "day"))
_AGO, _WEEKS_AGO, _LAST, _NEXT, _OF = (bit_of(name) for name in ("ago", "weeks_ago", "last", "next", "of"))
DATED = _YEAR | _MONTH | _WEEKDAY | _DAY | _AGO | _WEEKS_AGO  # a sentence without any of these tells no day
_BESIDE = 5  # code points between the words of one date: "17 de", "Sept. 17, 2024"
_FURTHEST_AHEAD = timedelta(days=7)
_WEEK = 7
_LAST_DAY_OF_MONTH = 31
_OLDEST = 366 * 50  # days ago
_NEAREST = 32  # days from publication to a day told by weekday and number


class Told(NamedTuple):
    """A day told at `[start, end)`, null where only its age is known; `age` in days before publication, or null."""

    start: int
    end: int
    day: date | None
    age: int | None


def days_told(units: Sequence[Unit], published: date | None) -> list[Told]:
    """Every day that the units of a sentence tell, in order."""
    found: list[Told] = []
    at = 0
    while at < len(units):
        told, after = _told(units, at, published)
        if told:
            found.append(told)
        at = after
    return found


def _told(units: Sequence[Unit], at: int, published: date | None) -> tuple[Told | None, int]:
    """The day told at this unit, if any, and the unit to go on with."""
    mask = units[at].mask
    if mask & (_MONTH | _NUMBER | _YEAR):
        calendar, last = _calendar_day(units, at, published)
        if calendar:
            return calendar, last + 1
    if mask & _WEEKDAY:
        return _of_weekday(units, at, published)
    return (_relative(units, at, published) if published else None), at + 1


def _relative(units: Sequence[Unit], at: int, published: date) -> Told | None:
    """A day or an age told from publication: "yesterday", "three days ago", a year."""
    mask = units[at].mask
    if mask & _DAY:
        return _at(units, at, at, published + timedelta(days=units[at].value), published)
    if mask & (_AGO | _WEEKS_AGO) and at and units[at - 1].mask & _NUMBER:
        days = units[at - 1].value * (_WEEK if mask & _WEEKS_AGO else 1)
        if days <= _OLDEST:
            exact = published - timedelta(days=days) if mask & _AGO else None
            return Told(units[at - 1].start, units[at].end, exact, days)
    if mask & _YEAR:
        years = published.year - units[at].value
        return Told(units[at].start, units[at].end, None, max(0, years * 365 - 180) if years else 0)
    return None


def _of_weekday(units: Sequence[Unit], at: int, published: date | None) -> tuple[Told | None, int]:
    """The day that begins with a weekday, which a date may follow: "Monday, 16 March"."""
    following = units[at + 1:at + 2]
    if following and following[0].start - units[at].end <= _BESIDE:
        exact, last = _calendar_day(units, at + 1, published)
        if exact and exact.day:
            return exact._replace(start=units[at].start), last + 1
        exact = _numbered(units, at, published)
        if exact:
            return exact, at + 2
    return (_weekday(units, at, published) if published else None), at + 1


def _at(units: Sequence[Unit], first: int, last: int, day: date, published: date | None) -> Told:
    return Told(units[first].start, units[last].end, day, (published - day).days if published else None)


def _weekday(units: Sequence[Unit], at: int, published: date) -> Told:
    """The weekday meant: the last one with today, a full week on where "last" or "next" says so."""
    back = (published.weekday() - units[at].value) % _WEEK
    before = units[at - 1].mask if at and units[at].start - units[at - 1].end <= _BESIDE else 0
    after = units[at + 1].mask if at + 1 < len(units) and units[at + 1].start - units[at].end <= _BESIDE else 0
    if (before | after) & _NEXT:
        back -= _WEEK
    elif (before | after) & _LAST and back == 0:
        back = _WEEK
    return _at(units, at, at, published - timedelta(days=back), published)


def _numbered(units: Sequence[Unit], at: int, published: date | None) -> Told | None:
    """A weekday with the day of its month alone: "quarta-feira (28)", "Friday the 13th"; the nearest such day."""
    number = units[at + 1]
    if published is None or not number.mask & _NUMBER or not 1 <= number.value <= _LAST_DAY_OF_MONTH:
        return None
    near = (published + timedelta(days=sign * days) for days in range(_NEAREST) for sign in (-1, 1))
    day = next((day for day in near if day.day == number.value and day.weekday() == units[at].value), None)
    return _at(units, at, at + 1, day, published) if day else None


def _calendar_day(units: Sequence[Unit], at: int, published: date | None) -> tuple[Told | None, int]:
    """A date by day and month, with or without a year, or month and year; and its last unit."""
    run = _beside(units, at)
    kinds = [_kind(units[each]) for each in run]
    for shape in (("d", "m", "y"), ("m", "d", "y"), ("d", "m"), ("m", "d"), ("m", "y")):
        if tuple(kinds[:len(shape)]) != shape:
            continue
        values = dict(zip(shape, (units[each].value for each in run), strict=False))
        last = run[len(shape) - 1]
        if "d" not in values:
            return _month(units, at, last, values, published), last
        day = _day_of(values, published)
        if day:
            return _at(units, at, last, day, published), last
    return None, at


def _beside(units: Sequence[Unit], at: int) -> list[int]:
    """The units from this one that may be parts of one date, without the words between them."""
    run = [at]
    here = at
    while len(run) < 3 and here + 1 < len(units) and units[here + 1].start - units[here].end <= _BESIDE:  # noqa: PLR2004
        here += 1
        if units[here].mask & _OF:
            continue
        run.append(here)
    return run


def _kind(unit: Unit) -> str:
    if unit.mask & _MONTH:
        return "m"
    if unit.mask & _YEAR:
        return "y"
    return "d" if unit.mask & _NUMBER and 1 <= unit.value <= _LAST_DAY_OF_MONTH else "?"


def _month(units: Sequence[Unit], first: int, last: int, values: dict[str, int], published: date | None) -> Told:
    """Only an age: a month of a year is no day."""
    middle = date(values["y"], values["m"], 15)
    age = max(0, (published - middle).days - 15) if published else None
    return Told(units[first].start, units[last].end, None, age)


def _day_of(values: dict[str, int], published: date | None) -> date | None:
    """The day, null where there is no such day or its year is not known."""
    if "y" in values:
        return _real(values["y"], values["m"], values["d"])
    if published is None:
        return None
    day = _real(published.year, values["m"], values["d"])
    if day is None or day > published + _FURTHEST_AHEAD:
        return _real(published.year - 1, values["m"], values["d"])
    return day


def _real(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
