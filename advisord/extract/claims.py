"""The sentences of an incident -> who says how many were harmed, what caused it, who controls it, and who denies it.

Claims keep their claimant and the words as they stand. Somebody says what a sentence tells where he stands beside its
verb of saying ("police said", "según la policía"); a sentence that quotes two gives each his nearest number.
"""
from __future__ import annotations

from collections.abc import Sequence

from advisord.extract.casualties import Harm
from advisord.extract.hits import Hit
from advisord.extract.passage import Passage
from advisord.extract.people import HARMED
from advisord.extract.scene import Scene
from advisord.extract.units import Unit
from advisord.lexicon import bit_of
from advisord.model import Claim

_SAY, _DENIAL, _CLAUSE, _NEGATION = bit_of("say"), bit_of("denial"), bit_of("clause"), bit_of("negation")
_SPEAKER = bit_of("source", "issuer", "forces", "organised")
_CAUSE, _CONTROL = bit_of("cause"), bit_of("control")
_PREDICATE = HARMED | bit_of("be", "clause", "say")
_BESIDE = 22  # code points between a verb of saying and the one who says it
_QUOTE = 80  # code points of what is given as a cause, or as controlled
_MOST = 6  # claims of one report
_ENDS = ',.;:()"\n'


def claims_of(scenes: Sequence[Scene], hits: Sequence[Hit], passage: Passage, kinds: Sequence[str]) -> list[Claim]:
    """The claims of the scenes, each once; `kinds` are those of harm that the report tells."""
    found: dict[tuple[str, str, str], Claim] = {}
    for scene in scenes:
        speakers = _speakers(scene)
        if not speakers:
            continue
        for claim in (*_figures(scene, speakers, passage, kinds), *_causes(scene, speakers, passage),
                      *_denials(scene, hits, passage)):
            found.setdefault((claim.by.casefold(), claim.says, claim.value.casefold()), claim)
    return list(found.values())[:_MOST]


def _speakers(scene: Scene) -> list[tuple[Unit, Unit]]:
    """Those who say something in the sentence, each with the verb, in the order of the verbs."""
    if not scene.mask & _SAY or not scene.mask & _SPEAKER:
        return []
    told = [(_beside(scene, unit), unit) for unit in scene.units if unit.mask & _SAY]
    return [(speaker, verb) for speaker, verb in told if speaker]


def _beside(scene: Scene, verb: Unit) -> Unit | None:
    """The speaker nearest to a word, no other clause between."""
    near = [unit for unit in scene.units if unit.mask & _SPEAKER and unit is not verb and _gap(unit, verb) <= _BESIDE
            and not any(each.mask & _CLAUSE and min(unit.end, verb.end) <= each.start < max(unit.start, verb.start)
                        for each in scene.units)]
    return min(near, key=lambda unit: _gap(unit, verb), default=None)


def _gap(one: Unit, other: Unit) -> int:
    return max(one.start - other.end, other.start - one.end, 0)


def _figures(scene: Scene, speakers: Sequence[tuple[Unit, Unit]], passage: Passage,
             kinds: Sequence[str]) -> list[Claim]:
    """The numbers of people that somebody tells."""
    return [_claim(_nearest(speakers, harm)[0], harm.kind, (harm.people, harm.people_end), passage)
            for harm in scene.harms if harm.kind in kinds and harm.count.max != 0 and not harm.weak]


def _nearest(speakers: Sequence[tuple[Unit, Unit]], harm: Harm) -> tuple[Unit, Unit]:
    """Who tells a harm: the one whose verb is nearest to it."""
    return min(speakers, key=lambda each: max(each[1].start - harm.end, harm.start - each[1].end, 0))


def _causes(scene: Scene, speakers: Sequence[tuple[Unit, Unit]], passage: Passage) -> list[Claim]:
    """What somebody gives as the cause, and what somebody says is held by whom: the words behind "caused by"."""
    claims = []
    speaker = speakers[0][0]
    for at, unit in enumerate(scene.units):
        for says, mask in (("cause", _CAUSE), ("control", _CONTROL)):
            following = scene.units[at + 1:]
            if not unit.mask & mask or any(each.mask & mask and each.start - unit.end <= 1 for each in following):
                continue  # "had taken" before "control of"
            last = next((each.start for each in following if each.mask & _PREDICATE), scene.end)
            end = _end(passage.folded, unit.end, last)
            if end > unit.end + 1 and not unit.start <= speaker.start < end:
                claims.append(_claim(speaker, says, (unit.end, end), passage))
    return claims


def _denials(scene: Scene, hits: Sequence[Hit], passage: Passage) -> list[Claim]:
    """Who denies what is told in the sentence."""
    denied = next((unit for unit in scene.units if unit.mask & _DENIAL), None)
    hit = next((each for each in hits if each.sentence == scene.index), None)
    speaker = _beside(scene, denied) if denied else None
    if denied is None or hit is None or speaker is None or scene.mask & _NEGATION:
        return []
    return [_claim(speaker, "denial", (hit.start, hit.end), passage)]


def _end(folded: str, start: int, last: int) -> int:
    """Where the clause that begins at `start` ends, at a word's end."""
    end = min((at for at in range(start + 1, min(last, start + _QUOTE)) if folded[at] in _ENDS),
              default=min(last, start + _QUOTE))
    if end < last and folded[end].isalnum():
        end = max(folded.rfind(" ", start, end), start)
    return end


def _claim(speaker: Unit, says: str, span: tuple[int, int], passage: Passage) -> Claim:
    start, end = span
    while start < end and not passage.folded[start].isalnum():
        start += 1
    while end > start and passage.folded[end - 1].isspace():
        end -= 1
    field, first, last = passage.of(start, end)
    return Claim(by=passage.written(speaker.start, speaker.end), says=says, value=passage.written(start, end),
                 field=field, start=first, end=last)
