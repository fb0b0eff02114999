"""The sentences of an incident -> who did it and who was hit, with how that is known; and who claims it.

Names are those written: a known armed group of seeds/actors.yaml, or a kind of people ("gunmen") that the lexicon knows
as doers. Claims keep their claimant.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence

from advisord.extract.hits import Hit
from advisord.extract.passage import Passage
from advisord.extract.scene import Scene
from advisord.lexicon import TARGETS, bit_of
from advisord.model import Actor, Claim
from advisord.text.haystack import Haystack
from advisord.text.phrases import Phrases

_CLAIM, _SUSPECT, _DENIAL, _NEGATION = bit_of("claim"), bit_of("suspect"), bit_of("denial"), bit_of("negation")
_SAY, _SOURCE = bit_of("say"), bit_of("source")
_ORGANISED, _AGENT, _ATTACKER = bit_of("organised"), bit_of("agent"), bit_of("attacker")
_TARGETS = {name: bit_of(f"target:{name}") for name in TARGETS}
_ANY_TARGET = 0
for _mask in _TARGETS.values():
    _ANY_TARGET |= _mask
_LINKED, _LINKED_BEFORE, _CLAUSE = bit_of("linked"), bit_of("linked_before"), bit_of("clause")
_HYPHEN = 2  # code points between a name and "linked", or "linked to" and a name
_ARTICLED = 6  # code points between "linked to" and a name: an article
_BESIDE = 40  # code points between "by" and the doer
_REACH = 120  # code points between a group and the words that claim, blame, or tell the deed
_CLOSE = 25  # code points between a group and a word that only hints at a deed


class Groups:
    """The names of armed groups, found in folded text; `names` by number are the names to print."""

    __slots__ = ("_names", "_phrases")

    def __init__(self, names: Sequence[str], phrases: Phrases) -> None:
        """`phrases` answer indices of `names`."""
        self._names, self._phrases = names, phrases

    def find(self, hay: Haystack, start: int, end: int) -> list[tuple[int, int, str]]:
        """The groups named in `[start, end)`: span and name."""
        return [(start + first, start + last, self._names[number])
                for first, last, number in self._phrases.longest(hay.part(start, end))]


def groups_of(table: Mapping[str, Sequence[str]]) -> Groups:
    """From names and their other spellings, each as written."""
    names = tuple(table)
    entries = [(each, number) for number, name in enumerate(names) for each in (name, *table[name])]
    return Groups(names, Phrases.build(entries, particles=True))


def actors_of(scenes: Sequence[Scene], hits: Sequence[Hit], passage: Passage,
              groups: Groups) -> tuple[tuple[Actor, ...], tuple[Claim, ...]]:
    """The perpetrators and targets told in these scenes, each once, and the claims of responsibility.

    A group did it where it stands in the clause of one of the `hits`, or claims, denies or is blamed; kinds of people
    are told only where no group is named.
    """
    named: dict[str, Actor] = {}
    kinds: dict[tuple[str, str], Actor] = {}
    targets: dict[tuple[str, str], Actor] = {}
    claims: dict[tuple[str, str, str], Claim] = {}
    for scene in scenes:
        found = [each for each in groups.find(passage.hay, scene.start, scene.end) if not _is_kin(scene, each)]
        for start, end, name in found:
            attribution = _attribution(scene, start, end)
            if attribution == "stated" and not _is_doer(scene, hits, passage.folded, (start, end)):
                continue
            if name not in named or _RANK[attribution] > _RANK[named[name].attribution]:
                named[name] = Actor(name, "perpetrator", attribution)
            if attribution in ("claimed", "denied"):
                claim = _claim(scene, passage, attribution, (start, end, name))
                claims.setdefault((name, claim.says, claim.value.casefold()), claim)
        _doers(scene, passage, kinds)
        _targets(scene, passage, targets)
    doers = named or kinds
    return (*doers.values(), *targets.values()), tuple(claims.values())


def _claim(scene: Scene, passage: Passage, attribution: str, group: tuple[int, int, str]) -> Claim:
    start, end, name = group
    field, first, last = passage.of(scene.start, scene.end)
    return Claim(by=name, says="responsibility" if attribution == "claimed" else "denial",
                 value=passage.written(start, end), field=field, start=first, end=last)


def _is_kin(scene: Scene, group: tuple[int, int, str]) -> bool:
    """Whether the name only tells what another group is linked to: "X-linked", "affiliated with X"."""
    start, end, _ = group
    return any((unit.mask & _LINKED and 0 <= unit.start - end <= _HYPHEN)
               or (unit.mask & _LINKED_BEFORE and 0 <= start - unit.end <= _ARTICLED) for unit in scene.units)


def _is_doer(scene: Scene, hits: Sequence[Hit], folded: str, group: tuple[int, int]) -> bool:
    """Whether the group stands in the clause of a deed told in that sentence, or close to a word that hints at one."""
    start, end = group
    for hit in hits:
        gap = max(hit.start - end, start - hit.end, 0)
        if hit.sentence != scene.index or gap > (_CLOSE if hit.level == "hints" else _REACH):
            continue
        first, last = (end + _HYPHEN + 1, hit.start) if end <= hit.start else (hit.end, start)
        if hit.level == "hints" and "," in folded[first:last]:
            continue
        if not any(unit.mask & _CLAUSE and first <= unit.start < last for unit in scene.units):
            return True
    return False


_RANK = {"stated": 1, "suspected": 2, "claimed": 3, "denied": 3}


def _attribution(scene: Scene, start: int, end: int) -> str:
    """How it is known that the group at `[start, end)` did it, from the words in reach."""
    mask = 0
    for unit in scene.units:
        if unit.start - end <= _REACH and start - unit.end <= _REACH:
            mask |= unit.mask
    if mask & _CLAIM and not mask & _NEGATION:
        return "claimed"
    if mask & _DENIAL:
        return "denied"
    return "suspected" if mask & _SUSPECT else "stated"


def _doers(scene: Scene, passage: Passage, actors: dict[tuple[str, str], Actor]) -> None:
    """The kinds of people behind "by", and the attackers named."""
    agents = [unit for unit in scene.units if unit.mask & _AGENT]
    for unit in scene.units:
        if not unit.mask & (_ORGANISED | _ATTACKER):
            continue
        by = any(0 <= unit.start - agent.end <= _BESIDE for agent in agents)
        if not by and not unit.mask & _ATTACKER:
            continue
        if actors and not by:
            continue  # the same people, called otherwise: "gunmen", "the attackers"
        name = passage.written(unit.start, unit.end)
        attribution = "suspected" if any(each.mask & _SUSPECT and abs(each.start - unit.start) <= _BESIDE
                                         for each in scene.units) else "stated"
        actors.setdefault((name.casefold(), "perpetrator"), Actor(name, "perpetrator", attribution))


def _targets(scene: Scene, passage: Passage, actors: dict[tuple[str, str], Actor]) -> None:
    """What was hit, as the lexicon knows it; not who only speaks of it ("the hospital said")."""
    for at, unit in enumerate(scene.units):
        speaks = any(each.mask & _SAY and each.start - unit.end <= _HYPHEN for each in scene.units[at + 1:at + 2])
        if unit.mask & _ANY_TARGET and not (speaks and unit.mask & _SOURCE):
            name = passage.written(unit.start, unit.end)
            actors.setdefault((name.casefold(), "target"), Actor(name, "target", "stated"))


def targets_hit(scenes: Sequence[Scene]) -> set[str]:
    """The kinds of targets that these scenes name."""
    return {name for scene in scenes for unit in scene.units for name, mask in _TARGETS.items() if unit.mask & mask}
