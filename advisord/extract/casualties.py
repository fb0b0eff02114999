"""The words of a sentence -> how many were killed, injured and abducted in it.

A word of harm governs the people before it ("three soldiers were killed", "two died") or behind it ("killing three"),
by the class that the lexicon gives it and by the auxiliary of the passive. People are a quantity and a noun, a singular
noun alone ("the mayor"), or several of these joined; attackers are left out.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from advisord.extract.units import Quantity, Unit
from advisord.lexicon import bit_of
from advisord.model import Count

KINDS = ("killed", "injured", "abducted")
_EITHER = {kind: bit_of(kind) for kind in KINDS}
_BEFORE = {kind: bit_of(f"{kind}_before") for kind in KINDS}
_AFTER = {kind: bit_of(f"{kind}_after") for kind in KINDS}
_ANY = {kind: _EITHER[kind] | _BEFORE[kind] | _AFTER[kind] for kind in KINDS}
_HARM = _ANY["killed"] | _ANY["injured"] | _ANY["abducted"]
_NOUNS = _BEFORE["killed"] | _BEFORE["injured"]
_BE, _CLAUSE, _NOBODY = bit_of("be"), bit_of("clause"), bit_of("nobody")
_PEOPLE, _SOMEBODY, _ATTACKER = bit_of("people"), bit_of("somebody"), bit_of("attacker")
_MEASURE, _MEASURE_BEFORE, _ORGANISED = bit_of("measure"), bit_of("measure_before"), bit_of("organised")
HARM = _HARM | _NOBODY  # a sentence without any of these tells no harm
_OTHERS, _AGENT, _JOINS, _MONTH = bit_of("others"), bit_of("agent"), bit_of("joins"), bit_of("month")
_NUMBER, _NEARBY = bit_of("number"), bit_of("near")
_NEAR = 30  # code points from a word of harm to the number behind it
_FAR = 130  # code points from a word of harm back to the people before it; longer subjects are 1 in 50
_WITHIN = 75  # code points from a number to its noun: "5 (two Somali, three Kenyan) NGO national staff"
_APPOSED = 50  # code points between a group and what explains it
_JOINED = 24  # code points between two joined groups of people
_ARTICLE = 2  # code points of the longest indefinite article that is also a number
_COMPOUND = 2  # code points between the nouns of one compound
_BESIDE = 4  # code points between day and month
_BARE_BEFORE, _BARE_BEHIND = 16, 12  # code points between a number without a noun and its word of harm
_PASSIVE = 26  # code points from the auxiliary to the participle: "were all reportedly"


@dataclass(frozen=True, slots=True)
class Harm:
    """So many were killed (injured, abducted), shown by `[start, end)`.

    `more`: besides those told before. `people` is where the words for these people begin: the same people may be told
    as shot and as killed.
    """

    kind: str
    count: Count
    start: int
    end: int
    more: bool
    people: int


@dataclass(frozen=True, slots=True)
class _Group:
    """A group of people: its number, its span, whether it is told as additional, whether it is a bare number."""

    count: Count
    start: int
    end: int
    more: bool
    bare: bool = False


def harms_in(units: Sequence[Unit], amounts: Sequence[Quantity], folded: str) -> list[Harm]:
    """What harm the units of a sentence tell, in order; `amounts` are the quantities among them."""
    groups = _groups(units, amounts, folded)
    found: list[Harm] = []
    for at, unit in enumerate(units):
        if unit.mask & _NOBODY:
            found += _nobody(units, at)
        for kind in KINDS:
            if unit.mask & _ANY[kind]:
                group = _governed(units, at, groups, kind=kind, folded=folded)
                if group:
                    found.append(Harm(kind, group.count, min(group.start, unit.start), max(group.end, unit.end),
                                      group.more, group.start))
    return found


def _nobody(units: Sequence[Unit], at: int) -> list[Harm]:
    """Nought of what the next word of harm says, of killed and injured where none follows."""
    unit = units[at]
    following = units[at + 1:at + 4]
    kinds = [kind for kind in KINDS for each in following
             if each.mask & _ANY[kind] and each.start - unit.end <= _NEAR][:1]
    return [Harm(kind, Count(0, 0), unit.start, unit.end, more=False, people=unit.start)
            for kind in (kinds or KINDS[:2])]


def _groups(units: Sequence[Unit], amounts: Sequence[Quantity], folded: str) -> list[_Group]:
    """The groups of people in a sentence, in order."""
    groups: list[_Group] = []
    used: set[int] = set()
    for amount in amounts:
        noun = _noun_behind(units, amount.index)
        article = amount.end - amount.start <= _ARTICLE and folded[amount.start:amount.end].isalpha()
        beyond = article and noun is not None and _is_beyond(units, amount, noun, folded)
        if beyond or _is_other(units, amount, folded):
            continue
        if noun is None:
            if article and not _is_of_harm(units, amount):
                continue  # "a", "un": only with a noun
            if not _ends_there(units, amount, folded):
                continue  # "held 3 months", "1,107 acres burned"
            groups.append(_Group(amount.count, amount.start, amount.end, more=_is_more(units, amount), bare=True))
            continue
        used.add(noun)
        if units[noun].mask & _ATTACKER:
            continue
        count = amount.count
        if units[noun].mask & _SOMEBODY and folded[amount.end:amount.end + 1] == "-":
            count = Count(1, 1)  # "a 20-year-old man"
        groups.append(_Group(count, amount.start, units[noun].end, more=_is_more(units, amount)))
    for at, unit in enumerate(units):
        alone = at not in used and unit.mask & _SOMEBODY and not unit.mask & (_PEOPLE | _ATTACKER)
        if alone and not _counted(unit, groups) and not _is_aside(folded, units[0].start, unit.start):
            groups.append(_Group(Count(1, 1), unit.start, unit.end, more=False))
    return sorted(groups, key=lambda group: group.start)


def _counted(unit: Unit, groups: Sequence[_Group]) -> bool:
    return any(group.start <= unit.start < group.end for group in groups)


def _noun_behind(units: Sequence[Unit], index: int) -> int | None:
    """The noun that a number counts: the next word for people, no word of harm or clause between."""
    for at in range(index + 1, len(units)):
        unit = units[at]
        is_noun = unit.mask & (_PEOPLE | _SOMEBODY)
        if unit.start - units[index].end > _WITHIN or (unit.mask & (_HARM | _CLAUSE | _BE | _AGENT) and not is_noun):
            return None
        if unit.mask & (_PEOPLE | _SOMEBODY):
            return _last_noun(units, at)
        if unit.mask & bit_of("number", "vague"):
            return None
    return None


def _is_beyond(units: Sequence[Unit], amount: Quantity, noun: int, folded: str) -> bool:
    """Whether the phrase that the article opens has ended before that noun: "a market in Kano, police said"."""
    between = units[amount.index + 1:noun]
    return ", " in folded[amount.end:units[noun].start] or any(unit.mask & (_NEARBY | _JOINS) for unit in between)


def _last_noun(units: Sequence[Unit], at: int) -> int:
    """The last of the nouns that follow each other: "aid worker volunteers"."""
    while at + 1 < len(units) and units[at + 1].mask & (_PEOPLE | _SOMEBODY) \
            and units[at + 1].start - units[at].end <= _COMPOUND:
        at += 1
    return at


def _is_aside(folded: str, start: int, at: int) -> bool:
    """Whether a bracket is open there: "3 staff (1 British, 2 Kenyan) were killed"."""
    return folded.rfind("(", start, at) > folded.rfind(")", start, at)


def _ends_there(units: Sequence[Unit], amount: Quantity, folded: str) -> bool:
    """Whether a number without a noun is followed by a known word or none; else it counts something else."""
    rest = folded[amount.end:amount.end + 2]
    if not rest[:1].isspace() or not rest[1:].isalpha():
        return not rest[:1].isalpha() and rest[:1] not in ("%", "-", "/", ":", "°")
    return any(unit.start - amount.end <= 2 for unit in units[amount.index + 1:amount.index + 2])  # noqa: PLR2004


def _is_of_harm(units: Sequence[Unit], amount: Quantity) -> bool:
    """Whether a noun of harm follows the number at once: "un mort", "um ferido"."""
    return any(unit.mask & _NOUNS and unit.start - amount.end <= 2 for unit in units[amount.index + 1:amount.index + 2])  # noqa: PLR2004


def _is_date(units: Sequence[Unit], amount: Quantity) -> bool:
    """Whether the number stands beside the name of a month."""
    beside = (*units[max(0, amount.first - 1):amount.first], *units[amount.index + 1:amount.index + 2])
    return any(unit.mask & _MONTH and (unit.start - amount.end <= _BESIDE and amount.start - unit.end <= _BESIDE)
               for unit in beside)


def _is_other(units: Sequence[Unit], amount: Quantity, folded: str) -> bool:
    """Whether the number counts no people, or people who are counted elsewhere."""
    return _is_date(units, amount) or _is_aside(folded, units[0].start, amount.start) \
        or _is_measure(units, amount, folded)


def _is_measure(units: Sequence[Unit], amount: Quantity, folded: str) -> bool:
    """Whether the number counts no people: "24 years", "6 p.m.", "18 km", "aged 24 and 30", ", 24,"."""
    behind = units[amount.index + 1:amount.index + 2]
    before = units[:amount.first]
    while len(before) > 1 and before[-1].mask & (_JOINS | _NUMBER):
        before = before[:-1]
    aged = bool(before) and before[-1].mask & _MEASURE_BEFORE and amount.start - before[-1].end <= _JOINED
    measured = any(unit.mask & _MEASURE and unit.start - amount.end <= 1 for unit in behind)  # a blank, a hyphen
    between = folded[amount.start - 2:amount.start] == ", " and folded[amount.end:amount.end + 2] == ", "
    return aged or measured or (between and folded[amount.start:amount.end].isdecimal())


def _is_more(units: Sequence[Unit], amount: Quantity) -> bool:
    """Whether "other" or "another" stands beside the number."""
    beside = units[max(0, amount.first - 1):amount.index + 2]
    return any(unit.mask & _OTHERS and unit.start - amount.end <= 2 and amount.start - unit.end <= 2  # noqa: PLR2004
               for unit in beside)


def _governed(units: Sequence[Unit], at: int, groups: Sequence[_Group], *, kind: str, folded: str) -> _Group | None:
    """The people that the word of harm at `at` is about."""
    unit = units[at]
    behind, before = _behind(unit, groups, units), _ahead(unit, groups, units, at)
    if unit.mask & _AFTER[kind] and not unit.mask & (_BEFORE[kind] | _EITHER[kind]):
        return behind
    if unit.mask & _BEFORE[kind] or _is_passive(units, at):
        return before
    if behind and before and _is_listed(units, unit.end, behind.start, folded):
        return before  # "5 staff killed and 7 injured"
    return behind or before


def _is_passive(units: Sequence[Unit], at: int) -> bool:
    """Whether an auxiliary stands before the participle with nothing that matters between, or the agent behind it."""
    for each in reversed(units[max(0, at - 3):at]):
        if units[at].start - each.end > _PASSIVE:
            break
        if each.mask & _BE:
            return True
        if each.mask & (_PEOPLE | _SOMEBODY | _CLAUSE):
            break
    following = units[at + 1:at + 2]
    return bool(following and following[0].mask & _AGENT and following[0].start - units[at].end <= _PASSIVE)


def _behind(unit: Unit, groups: Sequence[_Group], units: Sequence[Unit]) -> _Group | None:
    """The first group behind a word of harm, with those joined to it."""
    for at, group in enumerate(groups):
        if group.start < unit.end:
            continue
        if group.start - unit.end > (_BARE_BEHIND if group.bare else _NEAR) or _parts(units, unit.end, group.start):
            return None
        total = group
        for other in groups[at + 1:]:
            if other.start - total.end > _JOINED or not _is_joined(units, total.end, other.start) \
                    or _is_governed_behind(units, other):
                break
            total = _sum(total, other)
        return total
    return None


def _ahead(unit: Unit, groups: Sequence[_Group], units: Sequence[Unit], index: int) -> _Group | None:
    """The last group before a word of harm, with those joined to it."""
    before = [group for group in groups if group.end <= unit.start]
    if not before or unit.start - before[-1].end > (_BARE_BEFORE if before[-1].bare else _FAR):
        return None
    total = before[-1]
    between = [each for each in units[:index] if each.start >= total.end]
    by_somebody = any(each.mask & _AGENT for each in between) and not any(each.mask & _BE for each in between)
    if by_somebody or _is_of_attackers(between) or sum(bool(each.mask & _CLAUSE) for each in between) > 1:
        return None
    whole = _apposed(before, units)
    if whole:
        return whole
    for other in reversed(before[:-1]):
        if total.start - other.end > _JOINED or not _is_joined(units, other.end, total.start):
            break
        total = _sum(other, total)
    return total


def _is_of_attackers(between: Sequence[Unit]) -> bool:
    """Whether attackers are the subject of a clause that begins between the people and the word of harm."""
    for at, unit in enumerate(between):
        if unit.mask & _CLAUSE:
            following = between[at + 1:]
            return any(each.mask & (_ATTACKER | _ORGANISED) for each in following) \
                and not any(each.mask & _BE for each in following)
    return False


def _apposed(before: Sequence[_Group], units: Sequence[Unit]) -> _Group | None:
    """The group that the last ones explain: the seven of "seven staff, including two guards, were kidnapped"."""
    total = before[-1]
    for other in reversed(before[:-1]):
        if total.start - other.end > _APPOSED or any(
                other.end <= unit.start < total.start and unit.mask & (_HARM | _CLAUSE | _BE) for unit in units):
            return None
        if _is_joined(units, other.end, total.start) and total.start - other.end <= _JOINED:
            total = _sum(other, total)
        elif (other.count.min or 0) > 1 and (other.count.min or 0) >= (total.count.min or 0):
            return other
        else:
            return None
    return None


def _parts(units: Sequence[Unit], start: int, end: int) -> bool:
    """Whether a word that begins another clause, or names a doer, stands between."""
    return any(start <= each.start < end and each.mask & (_CLAUSE | _AGENT) for each in units)


def _is_joined(units: Sequence[Unit], start: int, end: int) -> bool:
    """Whether "and" stands between, and no word of harm."""
    between = [each for each in units if start <= each.start < end]
    return any(each.mask & _JOINS for each in between) and not any(each.mask & (_HARM | _CLAUSE) for each in between)


def _is_governed_behind(units: Sequence[Unit], group: _Group) -> bool:
    """Whether a word of harm of its own follows the group: "killing one and three were injured"."""
    following = [each for each in units if group.end <= each.start <= group.end + _NEAR][:2]
    return any(each.mask & _HARM for each in following)


def _is_listed(units: Sequence[Unit], start: int, end: int, folded: str) -> bool:
    """Whether a joining word or a comma stands between, so that what follows is the next item."""
    return "," in folded[start:end] or any(start <= each.start < end and each.mask & _JOINS for each in units)


def _sum(one: _Group, other: _Group) -> _Group:
    low = None if one.count.min is None or other.count.min is None else one.count.min + other.count.min
    high = None if one.count.max is None or other.count.max is None else one.count.max + other.count.max
    return _Group(Count(low, high), min(one.start, other.start), max(one.end, other.end), one.more)
