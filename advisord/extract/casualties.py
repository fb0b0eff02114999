"""The words of a sentence -> how many were killed, injured and abducted in it.

A word of harm governs the people before it ("three soldiers were killed", "two died") or behind it ("killing three"),
by the class that the lexicon gives it and by the auxiliary of the passive. Attackers are left out. What stands in
brackets is read by itself where it tells harm of its own, and else left out: it explains the number before it.
"""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from advisord.extract.people import AFTER, ANY, BEFORE, EITHER, HARMED, KINDS, Group, gap, groups_in
from advisord.extract.units import Unit, quantities
from advisord.lexicon import bit_of
from advisord.model import Count

_BE, _CLAUSE, _NOBODY, _SINGLE = bit_of("be"), bit_of("clause"), bit_of("nobody"), bit_of("single")
_PEOPLE, _SOMEBODY, _ATTACKER = bit_of("people"), bit_of("somebody"), bit_of("attacker")
_ORGANISED, _AGENT, _JOINS = bit_of("organised"), bit_of("agent"), bit_of("joins")
_INCLUDING, _TOTAL, _SAY = bit_of("including"), bit_of("total"), bit_of("say")
_NEARBY, _MEASURE = bit_of("near"), bit_of("measure")
_COUNTED = bit_of("number", "vague")
HARM = HARMED | _NOBODY  # a sentence without any of these tells no harm
_NEAR = 30  # code points from a word of harm to the number behind it
_FAR = 130  # code points from a word of harm back to the people before it; longer subjects are 1 in 50
_APPOSED = 50  # code points between a group and what explains it
_JOINED, _NAMED = 24, 45  # code points between two joined groups of people; with a name between
_BARE_BEFORE, _BARE_BEHIND = 34, 12  # code points between a number without a noun and its word of harm
_PASSIVE = 26  # code points from the auxiliary to the participle: "were all reportedly"
_OPENING, _CLOSING = "([", ")]"


@dataclass(frozen=True, slots=True)
class Harm:
    """So many were killed (injured, abducted), shown by `[start, end)`.

    `more`: besides those told before. `people`, `people_end` are the words for these people: the same may be told as
    shot and as killed. `total`: of all that there were; `part`: of people told before; `weak`: of somebody who is not
    told as a person, but by the form of the verb; `clause`: how many clauses and quotes of its sentence come first.
    """

    kind: str
    count: Count
    start: int
    end: int
    more: bool
    people: int
    people_end: int = 0
    total: bool = False
    part: bool = False
    weak: bool = False
    clause: int = 0


def harms_in(units: Sequence[Unit], folded: str) -> list[Harm]:
    """What harm the units of a sentence tell, in order."""
    found: list[Harm] = []
    for level in _levels(units, folded):
        groups = groups_in(level, quantities(level, folded), folded)
        clause = 0
        for at, unit in enumerate(level):
            clause += bool(unit.mask & (_SAY | _CLAUSE))
            if unit.mask & _NOBODY:
                found += _nobody(level, at)
            found += [_harm(unit, kind, group, clause) for kind in KINDS if unit.mask & ANY[kind]
                      and (group := _governed(level, at, groups, kind=kind, folded=folded))]
    return found


def _harm(unit: Unit, kind: str, group: Group, clause: int) -> Harm:
    return Harm(kind, group.count, min(group.start, unit.start), max(group.end, unit.end), group.more, group.start,
                group.end, total=bool(unit.mask & _TOTAL), part=group.part or group.bare, weak=group.weak,
                clause=clause)


def _levels(units: Sequence[Unit], folded: str) -> Iterator[list[Unit]]:
    """The units outside of brackets, then those of each bracket that tells harm of its own."""
    if not units:
        return
    first, last = units[0].start, units[-1].end
    if "(" not in (sentence := folded[first:last]) and "[" not in sentence:
        yield list(units)
        return
    outside: list[Unit] = []
    inside: list[list[Unit]] = [[]]
    depth, at = 0, first
    for unit in units:
        for char in folded[at:unit.start]:
            depth = max(0, depth + (char in _OPENING) - (char in _CLOSING))
            if char in _OPENING and depth == 1:
                inside.append([])
        at = unit.start
        (inside[-1] if depth else outside).append(unit)
    told = [each for each in inside if _mask(each) & HARM and _mask(each) & (_COUNTED | _SOMEBODY)]
    explained = [unit for each in inside if each not in told and _mask(each) & HARM for unit in each]
    yield sorted((*outside, *explained))
    yield from told


def _mask(units: Sequence[Unit]) -> int:
    mask = 0
    for unit in units:
        mask |= unit.mask
    return mask


def _nobody(units: Sequence[Unit], at: int) -> list[Harm]:
    """Nought of what the next word of harm says, of killed and injured where none follows."""
    unit = units[at]
    following = units[at + 1:at + 4]
    kinds = [kind for kind in KINDS for each in following
             if each.mask & ANY[kind] and each.start - unit.end <= _NEAR][:1]
    return [Harm(kind, Count(0, 0), unit.start, unit.end, more=False, people=unit.start)
            for kind in (kinds or KINDS[:2])]


def _governed(units: Sequence[Unit], at: int, groups: Sequence[Group], *, kind: str, folded: str) -> Group | None:
    """The people that the word of harm at `at` is about."""
    unit = units[at]
    behind, before = _behind(unit, groups, units, folded), _ahead(unit, groups, units, folded)
    if behind and not unit.mask & AFTER[kind] and _mask(_between(units, unit.end, behind.start)) & _NEARBY:
        behind = None  # "kidnapped at gunpoint in a rebel stronghold"
    if unit.mask & AFTER[kind] and not unit.mask & (BEFORE[kind] | EITHER[kind]):
        return behind
    if unit.mask & BEFORE[kind] or _is_passive(units, at):
        return before or _unnamed(units, at, kind)
    if behind and before and _is_listed(units, unit.end, behind.start, folded):
        return before  # "5 staff killed and 7 injured"
    return behind or before or (_unnamed(units, at, kind) if unit.mask & _SINGLE else None)


def _unnamed(units: Sequence[Unit], at: int, kind: str) -> Group | None:
    """Somebody whose name alone is told, by the form of the verb for one: "Maria Soto was shot dead"."""
    if kind == "injured" or _mask(units[:at]) & (_NOBODY | _PEOPLE) or _are_several(units, at):
        return None  # houses and cars are burned and hit too
    if units[at].mask & _SINGLE:
        return Group(Count(1, 1), units[at].start, units[at].end, weak=True)
    told = [each for each in units[max(0, at - 2):at] if each.mask & _BE and units[at].start - each.end <= _PASSIVE]
    if not told or not told[-1].mask & _SINGLE:
        return None
    return Group(Count(1, 1), told[-1].start, told[-1].end, weak=True)


def _are_several(units: Sequence[Unit], at: int) -> bool:
    """Whether a number of more than one stands before, years and kilometres aside."""
    return any(unit.mask & _COUNTED and unit.value > 1 and not units[index + 1].mask & _MEASURE
               for index, unit in enumerate(units[:at]))


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


def _behind(unit: Unit, groups: Sequence[Group], units: Sequence[Unit], folded: str) -> Group | None:
    """The first group behind a word of harm, with those joined to it."""
    for at, group in enumerate(groups):
        if group.start < unit.end:
            continue
        limit = _BARE_BEHIND if group.bare else _NAMED if group.aged else _NEAR
        if group.start - unit.end > limit or _parts(units, unit.end, group.start):
            return None
        total = listed = group
        for other in groups[at + 1:]:
            if _is_governed_behind(units, other):
                break
            if _is_joined(units, listed, other, folded):
                total = listed = _sum(listed, other)
            elif _is_comma(units, listed, other, folded):
                listed = _sum(listed, other)  # counts once "and" closes the list: "two guards, a nurse and a cook"
            else:
                break
        return total
    return None


def _ahead(unit: Unit, groups: Sequence[Group], units: Sequence[Unit], folded: str) -> Group | None:
    """The last group before a word of harm, with those joined to it."""
    before = [group for group in groups if group.end <= unit.start]
    if not before:
        return None
    limit = _BARE_BEFORE if before[-1].bare and not before[-1].part else _FAR
    if gap(folded, before[-1].end, unit.start) > limit:
        return None
    total = before[-1]
    between = _between(units, total.end, unit.start)
    between = [each for each in between if not each.mask & _INCLUDING]
    by_somebody = any(each.mask & _AGENT for each in between) and not any(each.mask & _BE for each in between)
    if by_somebody or _is_of_attackers(between) or sum(bool(each.mask & _CLAUSE) for each in between) > 1:
        return None
    whole = None if total.part else _apposed(before, units, folded)
    if whole:
        return whole
    joined = False
    for other in reversed(before[:-1]):
        if _is_joined(units, other, total, folded):
            joined = True
        elif not (joined and _is_comma(units, other, total, folded)):
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


def _apposed(before: Sequence[Group], units: Sequence[Unit], folded: str) -> Group | None:
    """The group that the last ones explain: the seven of "seven staff, including two guards, were kidnapped"."""
    total = before[-1]
    closed = folded[total.end:total.end + 1] == ","  # "two reporters, a Briton and a Dane, were killed"
    for other in reversed(before[:-1]):
        between = _between(units, other.end, total.start)
        parted = _mask([unit for unit in between if not unit.mask & _INCLUDING])  # "dont" begins a clause elsewhere
        if total.start - other.end > _APPOSED or parted & (HARMED | _CLAUSE | _BE):
            return None
        if _is_joined(units, other, total, folded):
            total = _sum(other, total)
        elif total.start != before[-1].start and not closed and _is_comma(units, other, total, folded):
            return None  # "two guards, a nurse and a cook were killed"
        elif (other.count.min or 0) > 1 and (other.count.min or 0) >= (total.count.min or 0):
            return other
        else:
            return None
    return None


def _between(units: Sequence[Unit], start: int, end: int) -> list[Unit]:
    return [each for each in units if start <= each.start < end]


def _parts(units: Sequence[Unit], start: int, end: int) -> bool:
    """Whether a word that begins another clause, or names a doer, stands between."""
    return any(start <= each.start < end and each.mask & (_CLAUSE | _AGENT) for each in units)


def _is_joined(units: Sequence[Unit], one: Group, other: Group, folded: str) -> bool:
    """Whether "and" stands between two groups near each other, and no word of harm."""
    if other.part or gap(folded, one.end, other.start) > (_NAMED if other.aged else _JOINED):
        return False
    between = _between(units, one.end, other.start)
    return bool(_mask(between) & _JOINS) and not _mask(between) & (HARMED | _CLAUSE | _INCLUDING)


def _is_comma(units: Sequence[Unit], one: Group, other: Group, folded: str) -> bool:
    """Whether nothing that matters but a comma stands between: the first items of "two guards, a nurse and a cook"."""
    near = other.start - one.end <= (_NAMED if other.aged else 2)
    if not near or other.part or "," not in folded[one.end - 1:other.start]:
        return False
    return not any(one.end <= each.start < other.start for each in units)


def _is_governed_behind(units: Sequence[Unit], group: Group) -> bool:
    """Whether a word of harm of its own follows the group: "killing one and three were injured"."""
    following = [each for each in units if group.end <= each.start <= group.end + _NEAR][:2]
    return any(each.mask & HARMED for each in following)


def _is_listed(units: Sequence[Unit], start: int, end: int, folded: str) -> bool:
    """Whether a joining word or a comma stands between, so that what follows is the next item."""
    return "," in folded[start:end] or any(start <= each.start < end and each.mask & _JOINS for each in units)


def _sum(one: Group, other: Group) -> Group:
    low = None if one.count.min is None or other.count.min is None else one.count.min + other.count.min
    high = None if one.count.max is None or other.count.max is None else one.count.max + other.count.max
    return Group(Count(low, high), min(one.start, other.start), max(one.end, other.end), one.more)
