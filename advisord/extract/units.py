"""A sentence -> its units: the words and numbers that mean something, with classes; and the quantities among them.

Only sentences that something was told in are cut up, so this may cost more than a pass over the article.
"""
from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from advisord.lexicon import Lexicon, bit_of
from advisord.model import Count
from advisord.text.haystack import Haystack

# Not what belongs to a name: "PK12", "AK-47", "F-16".
_DIGITS = re.compile(r"(?<![a-z\d])(?<![a-z]-)\d+(?:[.,]\d{3})*(?![\d])")
# Written alike everywhere: hours ("18:00", "06.00", "18h30"), days ("12/03/2026", "2026-03-12"), percentages, prices,
# and fractions ("6.2"). Nobody is counted so.
_UNCOUNTED = re.compile(
    r"\d{1,2} ?[:h] ?\d{2}(?!\d)(?::\d{2})?|\d+/\d+(?:/\d+)?|\d{4}-\d{2}-\d{2}|\d{1,2}[.-]\d{1,2}[.-]\d{4}"
    r"|\d+(?:[.,]\d+)* ?[%\u066a]|[$\u20ac\u00a3\u00a5] ?\d+(?:[.,]\d+)*"
    r"|(?<![\d.,])\d+[.,]\d{1,2}(?![\d.,]*\d)")
_NUMBER = bit_of("number")
_VAGUE = bit_of("vague")
_YEAR = bit_of("year")
_MONTH = bit_of("month")
_JOINS = bit_of("joins")
_BETWEEN = bit_of("between")
_AT_LEAST = bit_of("at_least")
_AT_MOST = bit_of("at_most")
_ABOUT = bit_of("about")
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_MOST = 10_000_000
_HUNDRED, _THOUSAND = 100, 1000
_NEAR = 2  # code points between two words of one number


class Unit(NamedTuple):
    """Something that means something: its span in the passage, the mask of its classes, its number."""

    start: int
    end: int
    mask: int
    value: int


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number of something, with its bounds and the words that bound it; `index` is the last of its units."""

    start: int
    end: int
    count: Count
    first: int
    index: int


def units_of(text: str | Haystack, start: int, end: int, lexicon: Lexicon) -> list[Unit]:
    """The units of the sentence `[start, end)` of the text, in order, of overlapping ones the leftmost longest."""
    part = (Haystack(text) if isinstance(text, str) else text).part(start, end)
    sentence = part.folded
    meanings = lexicon.meanings
    units = [Unit(start + first, start + last, *meanings[number])
             for first, last, number in lexicon.terms.longest(part)]
    digits = list(_DIGITS.finditer(sentence))
    if digits:
        taken = {at for unit in units for at in range(unit.start, unit.end)}
        taken.update(start + at for match in _UNCOUNTED.finditer(sentence) for at in range(*match.span()))
        units += [unit for match in digits if (unit := _digits(match, start)) and unit.start not in taken]
        units.sort()
    return units


def _digits(match: re.Match[str], base: int) -> Unit | None:
    """A number written in digits; four of them in the range of years are a year as well."""
    text = match.group()
    value = int(text.replace(",", "").replace(".", ""))
    if value > _MOST:
        return None
    is_year = text.isdecimal() and len(text) == 4 and _FIRST_YEAR <= value <= _LAST_YEAR  # noqa: PLR2004
    return Unit(base + match.start(), base + match.end(), _YEAR if is_year else _NUMBER, value)


def quantities(units: list[Unit], folded: str) -> list[Quantity]:
    """The quantities among the units: "two hundred", "at least 20", "10 to 20", "dozens"."""
    found: list[Quantity] = []
    at = 0
    while at < len(units):
        if not units[at].mask & (_NUMBER | _VAGUE) or units[at].mask & _MONTH:
            at += 1
            continue
        last, value, vague = _number(units, at, folded)
        low, high = value, None if vague else value
        first = at
        if last + 2 < len(units) and units[last + 1].mask & _JOINS and _joined(units, last, folded):
            upper, other, _ = _number(units, last + 2, folded)
            if other > value and _is_range(units, at, last, folded):
                last, high = upper, other
        low2, high2, first = _bounded(units, first, low, high)
        if _is_least_behind(units, last):
            high2 = None
        found.append(Quantity(units[first].start, units[last].end, Count(low2, high2), first, last))
        at = last + 1
    return found


def _is_least_behind(units: list[Unit], last: int) -> bool:
    """Whether "at least" stands behind the number or its noun, as in Arabic, and not before another number."""
    for at in range(last + 1, min(last + 3, len(units))):
        if units[at].start - units[at - 1].end > _NEAR:
            return False
        if units[at].mask & _AT_LEAST:
            following = units[at + 1:at + 2]
            return not any(each.mask & (_NUMBER | _VAGUE) and each.start - units[at].end <= _NEAR for each in following)
    return False


def _number(units: list[Unit], at: int, folded: str) -> tuple[int, int, bool]:
    """The number that begins at this unit: its last unit, its value, and whether it is only a lower bound."""
    if units[at].mask & _VAGUE:
        return at, units[at].value, True
    total, value = 0, units[at].value
    while at + 1 < len(units) and units[at + 1].mask & _NUMBER and not units[at + 1].mask & _MONTH \
            and units[at + 1].start - units[at].end <= _NEAR and "," not in folded[units[at].end:units[at + 1].start]:
        at += 1
        each = units[at].value
        if each == _THOUSAND:
            total, value = total + max(value, 1) * each, 0
        elif each == _HUNDRED:
            value = max(value, 1) * each
        elif each < value or value == 0:
            value += each
        else:
            value = value * each if value < each and each == 12 else each  # noqa: PLR2004 - "two dozen"
    return at, min(total + value, _MOST), False


def _joined(units: list[Unit], last: int, folded: str) -> bool:
    """Whether a number stands right behind the joining word."""
    del folded
    word, other = units[last + 1], units[last + 2]
    return bool(other.mask & _NUMBER) and word.start - units[last].end <= _NEAR and other.start - word.end <= _NEAR


def _is_range(units: list[Unit], first: int, last: int, folded: str) -> bool:
    """Whether the joining word makes a range ("10 to 20", "between 10 and 20") and not a list ("two and three")."""
    word = units[last + 1]
    if first and units[first - 1].mask & _BETWEEN:
        return True
    return not folded[word.start:word.end].startswith(("and", "et", "y", "e", "و"))


def _bounded(units: list[Unit], first: int, low: int, high: int | None) -> tuple[int | None, int | None, int]:
    """The bounds after "at least", "up to" before the number, and the first unit that belongs to it."""
    lowest: int | None = low
    for _ in range(2):
        if not first or units[first].start - units[first - 1].end > _NEAR:
            break
        mask = units[first - 1].mask
        if mask & _AT_LEAST:
            high = None
        elif mask & _AT_MOST:
            lowest, high = None, low
        elif not mask & _ABOUT:
            break
        first -= 1
    return lowest, high, first
