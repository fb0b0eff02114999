"""The words of a sentence -> the groups of people that it counts: "three soldiers", "a nurse", "Maria Soto, 24,", "5".

A group is a quantity and a noun, a singular noun alone, an age behind a name, or a bare number beside a word of harm.
Numbers that count something else (hours, days of a month, hectares) are no people. What governs the groups, and so what
happened to them, is told in `casualties`.
"""
from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from advisord.extract.units import Quantity, Unit
from advisord.lexicon import TARGETS, bit_of
from advisord.model import Count

KINDS = ("killed", "injured", "abducted")
EITHER = {kind: bit_of(kind) for kind in KINDS}
BEFORE = {kind: bit_of(f"{kind}_before") for kind in KINDS}
AFTER = {kind: bit_of(f"{kind}_after") for kind in KINDS}
ANY = {kind: EITHER[kind] | BEFORE[kind] | AFTER[kind] for kind in KINDS}
HARMED = ANY["killed"] | ANY["injured"] | ANY["abducted"]
_NOUNS = BEFORE["killed"] | BEFORE["injured"]
_BE, _CLAUSE, _AGENT, _JOINS = bit_of("be"), bit_of("clause"), bit_of("agent"), bit_of("joins")
_PEOPLE, _SOMEBODY, _ATTACKER = bit_of("people"), bit_of("somebody"), bit_of("attacker")
_MEASURE, _MEASURE_BEFORE, _OTHERS = bit_of("measure"), bit_of("measure_before"), bit_of("others")
_NUMBER, _COUNTED, _NEARBY = bit_of("number"), bit_of("number", "vague"), bit_of("near")
_MONTH, _OF = bit_of("month"), bit_of("of")
_HOLDERS = bit_of(*(f"target:{kind}" for kind in TARGETS), "issuer", "source")
_ONE = Count(1, 1)
_WITHIN = 75  # code points from a number to its noun: "5 (two Somali, three Kenyan) NGO national staff"
_ARTICLE = 2  # code points of the longest indefinite article that is also a number
_COMPOUND = 2  # code points between the nouns of one compound
_BESIDE = 4  # code points between day and month
_UNKNOWN = 26  # code points of unknown words between a number and its word of harm: "3 internationals killed"
_NAME = 45  # code points between a title and the age behind the name: "teacher Maria Soto, 24,"
_JOINED = 24  # code points between two joined numbers
_BRACKETS = re.compile(r"[(\[][^()\[\]]*[)\]]")
_YOUNGEST, _OLDEST = 1, 110  # years of age


def gap(folded: str, start: int, end: int) -> int:
    """How many code points lie between, what stands in brackets left out."""
    between = folded[start:end]
    return end - start if "(" not in between and "[" not in between else len(_BRACKETS.sub("", between))


@dataclass(frozen=True, slots=True)
class Group:
    """A group of people: its number and its span.

    `more`: told as additional; `bare`: a number without a noun; `part`: so many of a group that is told as well;
    `aged`: told by the age of somebody named; `weak`: by the form of the verb alone.
    """

    count: Count
    start: int
    end: int
    more: bool = False
    bare: bool = False
    part: bool = False
    aged: bool = False
    weak: bool = False


def groups_in(units: Sequence[Unit], amounts: Sequence[Quantity], folded: str) -> list[Group]:
    """The groups of people in a sentence, in order; `amounts` are the quantities among its units."""
    groups: list[Group] = []
    used: set[int] = set()
    skipped: set[int] = set()
    for at, amount in enumerate(amounts):
        if at in skipped:
            continue
        whole = _whole(units, amounts, at)
        if whole is not None:
            skipped.add(at + 1)
        group, noun = _group(units, amount, folded, whole=whole)
        used |= {noun} if noun is not None else set()
        if group:
            groups.append(group)
    for at, unit in enumerate(units):
        alone = at not in used and unit.mask & _SOMEBODY and not unit.mask & (_PEOPLE | _ATTACKER)
        if alone and not any(group.start <= unit.start < group.end for group in groups):
            other = any(each.mask & _OTHERS and unit.start - each.end <= _UNKNOWN for each in units[max(0, at - 2):at])
            groups.append(Group(_ONE, unit.start, unit.end, more=other))
    return _merged(sorted(groups, key=lambda group: group.start), units)


def _group(units: Sequence[Unit], amount: Quantity, folded: str, *,
           whole: Quantity | None) -> tuple[Group | None, int | None]:
    """The group that a number counts, null for none, and its noun, null where it has none."""
    noun = _noun_behind(units, (whole or amount).index)
    article = amount.end - amount.start <= _ARTICLE and folded[amount.start:amount.end].isalpha()
    beyond = article and noun is not None and _is_beyond(units, amount, noun, folded)
    if not beyond and not _is_date(units, amount) and _is_age(units, amount, folded):
        return Group(_ONE, amount.start, amount.end, aged=True), None
    if beyond or _is_date(units, amount) or _is_measure(units, amount):
        return None, None
    part = whole is not None or _is_part(units, amount)
    more = _is_more(units, amount)
    if noun is None:
        lone = article and not _is_of_harm(units, amount)  # "a", "un": only with a noun
        counts = not lone and (part or _ends_there(units, amount, folded))  # "1,107 acres burned" does not
        return Group(amount.count, amount.start, amount.end, more, bare=True, part=part) if counts else None, None
    if units[noun].mask & _ATTACKER:
        return None, noun
    aged = units[noun].mask & _SOMEBODY and folded[amount.end:amount.end + 1] == "-"  # "a 20-year-old man"
    return Group(_ONE if aged else amount.count, amount.start, units[noun].end, more, part=part), noun


def _whole(units: Sequence[Unit], amounts: Sequence[Quantity], at: int) -> Quantity | None:
    """The number that the one at `at` is a part of: the five of "two of the five hostages"."""
    if at + 1 == len(amounts):
        return None
    part, whole = amounts[at], amounts[at + 1]
    between = units[part.index + 1:whole.first]
    near = whole.start - part.end <= _JOINED / 2
    return whole if near and len(between) == 1 and between[0].mask & _OF else None


def _is_part(units: Sequence[Unit], amount: Quantity) -> bool:
    """Whether "of" stands right behind the number: "one of whom", "two of the hostages"."""
    return any(unit.mask & _OF and unit.start - amount.end <= _COMPOUND for unit in units[amount.index + 1:][:1])


def _noun_behind(units: Sequence[Unit], index: int) -> int | None:
    """The noun that a number counts: the next word for people, no word of harm or clause between."""
    for at in range(index + 1, len(units)):
        unit = units[at]
        is_noun = unit.mask & (_PEOPLE | _SOMEBODY)
        if unit.start - units[index].end > _WITHIN or (unit.mask & (HARMED | _CLAUSE | _BE | _AGENT) and not is_noun):
            return None
        if is_noun:
            return _last_noun(units, at)
        if unit.mask & _COUNTED:
            return None
    return None


def _last_noun(units: Sequence[Unit], at: int) -> int:
    """The last of the nouns that follow each other: "aid worker volunteers"."""
    while at + 1 < len(units) and units[at + 1].mask & (_PEOPLE | _SOMEBODY) \
            and units[at + 1].start - units[at].end <= _COMPOUND:
        at += 1
    return at


def _is_beyond(units: Sequence[Unit], amount: Quantity, noun: int, folded: str) -> bool:
    """Whether the phrase that the article opens has ended before that noun: "a market in Kano, police said"."""
    between = units[amount.index + 1:noun]
    return ", " in folded[amount.end:units[noun].start] or any(unit.mask & (_NEARBY | _JOINS) for unit in between)


def _ends_there(units: Sequence[Unit], amount: Quantity, folded: str) -> bool:
    """Whether a number without a noun is followed by a known word, none, or unknown ones right before harm."""
    rest = folded[amount.end:amount.end + 2]
    if not rest[:1].isspace() or not rest[1:].isalpha():
        return not rest[:1].isalpha() and rest[:1] not in ("%", "-", "/", ":", "°")
    following = next((unit for unit in units[amount.index + 1:amount.index + 3] if unit.mask & ~_HOLDERS), None)
    if following is None:
        return False
    told = following.mask & (HARMED | _BE) and gap(folded, amount.end, following.start) <= _UNKNOWN \
        and not set(_BRACKETS.sub("", folded[amount.end:following.start])) & set(",;:.")
    return following.start - amount.end <= _COMPOUND or bool(told)  # "one school and" counts no people


def _is_of_harm(units: Sequence[Unit], amount: Quantity) -> bool:
    """Whether a noun of harm follows the number at once: "un mort", "um ferido"."""
    return any(unit.mask & _NOUNS and unit.start - amount.end <= _COMPOUND for unit in units[amount.index + 1:][:1])


def _is_date(units: Sequence[Unit], amount: Quantity) -> bool:
    """Whether the number stands beside the name of a month: "8 May", "8 of May", "May 8"."""
    behind = [unit for unit in units[amount.index + 1:amount.index + 3] if not unit.mask & _OF or unit.mask & _MONTH]
    beside = (*units[max(0, amount.first - 1):amount.first], *behind[:1])
    return any(unit.mask & _MONTH and unit.start - amount.end <= _BESIDE + 2 and amount.start - unit.end <= _BESIDE
               for unit in beside)


def _is_age(units: Sequence[Unit], amount: Quantity, folded: str) -> bool:
    """Whether the number is the age behind a name: ", 24,", ", 24 and"."""
    if folded[amount.start - 2:amount.start] != ", " or not folded[amount.start:amount.end].isdecimal():
        return False
    joined = any(unit.mask & _JOINS and unit.start - amount.end <= 1 for unit in units[amount.index + 1:][:1])
    return (joined or folded[amount.end:amount.end + 1] == ",") and _YOUNGEST <= units[amount.index].value <= _OLDEST


def _is_measure(units: Sequence[Unit], amount: Quantity) -> bool:
    """Whether the number counts no people: "24 years", "6 p.m.", "18 km", "aged 24 and 30"."""
    behind = units[amount.index + 1:amount.index + 2]
    before = units[:amount.first]
    while len(before) > 1 and before[-1].mask & (_JOINS | _NUMBER):
        before = before[:-1]
    aged = bool(before) and before[-1].mask & _MEASURE_BEFORE and amount.start - before[-1].end <= _JOINED
    return aged or any(unit.mask & _MEASURE and unit.start - amount.end <= 1 for unit in behind)  # a blank, a hyphen


def _is_more(units: Sequence[Unit], amount: Quantity) -> bool:
    """Whether "other" or "another" stands beside the number."""
    beside = units[max(0, amount.first - 1):amount.index + 2]
    return any(unit.mask & _OTHERS and unit.start - amount.end <= _COMPOUND and amount.start - unit.end <= _COMPOUND
               for unit in beside)


def _is_apposed(age: Group, noun: Group) -> bool:
    """Whether a noun says what somebody with an age is: "Maria Soto, 24, a nurse,"."""
    return age.aged and not noun.aged and noun.count == _ONE and noun.start - age.end <= _COMPOUND


def _merged(groups: Sequence[Group], units: Sequence[Unit]) -> list[Group]:
    """The groups, somebody told by a noun and by the age behind the name as one: "the teacher Maria Soto, 24,"."""
    groups = [group for index, group in enumerate(groups) if not (index and _is_apposed(groups[index - 1], group))]
    twice = {index for index, (noun, age) in enumerate(pairwise(groups))
             if age.aged and not noun.aged and noun.count == _ONE and age.start - noun.end <= _NAME
             and not any(noun.end <= unit.start < age.start and unit.mask & (_JOINS | HARMED | _CLAUSE)
                         for unit in units)}
    return [replace(group, start=groups[index - 1].start) if index - 1 in twice else group
            for index, group in enumerate(groups) if index not in twice]
