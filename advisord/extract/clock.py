"""The words of a sentence -> the hours of day that it tells: "at 6:30 am", "18h30", "a las 18:00", "from 6pm to 6am".

Only hours that leave no doubt between morning and evening are told: with "am" or "in the evening", in the clock of 24
hours, or above twelve. "At 5:30" is none.
"""
from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from advisord.extract.units import Unit
from advisord.lexicon import bit_of

# "6:30", "18h", "18h30", "06.00", "6 a.m.", "6.30pm", "18 hrs"; two digits, then at most two, each part bounded.
_CLOCK = re.compile(r"(?<![\w.,:/-])(\d{1,2})(?:(:|h|\.| h )(\d{2})(?![\d.,]\d)(?::\d{2})?)?(?!\d)"
                    r"(h(?!\w)| ?[ap]\.? ?m\b\.?)?")
_NUMBER, _YEAR, _CLOCK_WORD, _HOUR = bit_of("number"), bit_of("year"), bit_of("clock"), bit_of("hour")
_AM, _PM, _FULL, _AT, _UTC = (bit_of(name) for name in ("am", "pm", "clock24", "at_hour", "utc"))
_UNTIL, _BETWEEN, _JOINS, _ABOUT = (bit_of(name) for name in ("until", "between", "joins", "about"))
_HALF_DAY, _HOURS, _MINUTES = 12, 24, 60
_BESIDE = 2  # code points between an hour and the words that belong to it
_HALF = 14  # code points from an hour to "in the morning"
_ROLE = 3  # code points between "until" and the words behind it
_PAIR = 14  # code points between the hours of "from 6pm to 6am"
_MILITARY = 4  # digits of "1830 GMT"


class Hour(NamedTuple):
    """An hour told at `[start, end)`: minutes from midnight, whether by UTC, and "at", "from" or "until"."""

    start: int
    end: int
    minute: int
    utc: bool
    role: str


class _Found(NamedTuple):
    start: int
    end: int
    hour: int
    minute: int
    sure: bool
    half: int  # 0 where it is not told


def hours_in(folded: str, start: int, end: int, units: Sequence[Unit]) -> list[Hour]:
    """The hours told in the sentence `[start, end)` with these units, in order."""
    found = sorted((*_written(folded, start, end, units), *_worded(units)))
    told: list[Hour] = []
    last = -1
    for index, each in enumerate(found):
        if each.start < last:
            continue
        last = each.end
        role = _role(units, each)
        if role == "at" and told and told[-1].role == "from" and _is_pair(folded, units, told[-1], each):
            role = "until"
        whole = _whole(each, found[index + 1] if index + 1 < len(found) and role == "from" else None)
        if whole is not None:
            told.append(Hour(each.start, each.end, whole, _is_utc(units, each), role))
    return told


def _written(folded: str, start: int, end: int, units: Sequence[Unit]) -> Iterator[_Found]:
    """Hours in digits."""
    for match in _CLOCK.finditer(folded, start, end):
        hour, minute = int(match[1]), int(match[3] or 0)
        mark = (match[4] or "").strip()
        before, behind = _beside(units, match.start(), match.end())
        half = _PM if mark.startswith("p") else _AM if mark.startswith("a") else _half(units, match.end())
        told = bool(half or mark or match[2] in (":", "h", " h ") or before & _AT or behind & (_FULL | _UTC))
        if match[2] == "." and not (half or before & _AT or behind & (_FULL | _UTC)):
            continue  # a price, a magnitude
        if told and hour <= _HOURS and minute < _MINUTES and (match[3] or mark or half or behind & (_FULL | _UTC)
                                                              or before & _AT):
            sure = bool(mark == "h" or match[2] in ("h", " h ") or behind & (_FULL | _UTC) or match[1][0] == "0")
            yield _Found(match.start(), match.end(), hour, minute, sure, half)


def _worded(units: Sequence[Unit]) -> Iterator[_Found]:
    """Noon and midnight, hours in words, and "1830 GMT"."""
    for at, unit in enumerate(units):
        before, behind = _beside(units, unit.start, unit.end)
        if unit.mask & _CLOCK_WORD:
            yield _Found(unit.start, unit.end, unit.value // _MINUTES, unit.value % _MINUTES, sure=True, half=0)
        elif unit.mask & _HOUR and before & _AT:
            yield _Found(unit.start, unit.end, unit.value, 0, sure=False, half=_half(units, unit.end))
        elif unit.mask & (_NUMBER | _YEAR) and behind & (_UTC | _FULL) and unit.end - unit.start == _MILITARY \
                and unit.value % 100 < _MINUTES and unit.value < _HOURS * 100:
            yield _Found(unit.start, unit.end, unit.value // 100, unit.value % 100, sure=True, half=0)
        elif unit.mask & _NUMBER and 1 <= unit.value <= _HALF_DAY and unit.end - unit.start > _BESIDE \
                and units[at + 1:at + 2] and units[at + 1].mask & (_FULL | _AM | _PM) and behind:
            half = _half(units, unit.end)
            if half:
                yield _Found(unit.start, unit.end, unit.value, 0, sure=False, half=half)


def _beside(units: Sequence[Unit], start: int, end: int) -> tuple[int, int]:
    """The classes of the units right before and right behind a span."""
    before = behind = 0
    for unit in units:
        if 0 <= start - unit.end <= _BESIDE:
            before |= unit.mask
        if 0 <= unit.start - end <= _BESIDE:
            behind |= unit.mask
    return before, behind


def _half(units: Sequence[Unit], end: int) -> int:
    """The half of the day told behind an hour: "6:30 in the morning", "5 heures du soir"."""
    for unit in units:
        if 0 <= unit.start - end <= _HALF and unit.mask & (_AM | _PM):
            return unit.mask & (_AM | _PM)
    return 0


def _whole(found: _Found, partner: _Found | None) -> int | None:
    """Minutes from midnight; null where it may be morning or evening. "Between 2 and 3 am": the second tells it."""
    half = found.half or (partner.half if partner and found.hour <= partner.hour else 0)
    if half:
        if found.hour > _HALF_DAY:
            return found.hour * _MINUTES + found.minute
        return (found.hour % _HALF_DAY + (_HALF_DAY if half & _PM else 0)) * _MINUTES + found.minute
    sure = found.sure or found.hour > _HALF_DAY or found.hour == 0
    return found.hour * _MINUTES + found.minute if sure else None


def _role(units: Sequence[Unit], found: _Found) -> str:
    """Whether the hour ends something or begins a span, by the words right before it."""
    edge = found.start
    for unit in reversed(units):
        if unit.end > edge:
            continue
        if edge - unit.end > _ROLE:
            break
        if unit.mask & _UNTIL:
            return "until"
        if unit.mask & _BETWEEN:
            return "from"
        if not unit.mask & (_AT | _ABOUT):
            break
        edge = unit.start
    return "at"


def _is_pair(folded: str, units: Sequence[Unit], first: Hour, other: _Found) -> bool:
    """Whether the second hour ends the span that the first begins: "to", "and", a hyphen stands between."""
    if other.start - first.end > _PAIR:
        return False
    between = [unit.mask for unit in units if first.end <= unit.start < other.start]
    return any(mask & (_JOINS | _UNTIL) for mask in between) or "-" in folded[first.end:other.start]


def _is_utc(units: Sequence[Unit], found: _Found) -> bool:
    """Whether "GMT" stands behind the hour."""
    return any(unit.mask & _UTC and 0 <= unit.start - found.end <= _BESIDE + 1 for unit in units)
