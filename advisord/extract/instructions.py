"""The sentence of an order -> who told whom to do what: kind, issuer, audience, and the words as they stand."""
from __future__ import annotations

from advisord.extract.hits import Hit
from advisord.extract.passage import Passage
from advisord.extract.scene import Scene
from advisord.extract.units import Unit
from advisord.lexicon import bit_of
from advisord.model import Instruction

_ISSUER, _AUDIENCE, _INSTRUCT, _SAY = bit_of("issuer"), bit_of("audience"), bit_of("instruct"), bit_of("say")
_REACH = 160  # code points between the one who says it and the verb


def instruction_of(hit: Hit, scene: Scene, passage: Passage) -> Instruction:
    """The instruction that the hit tells; issuer and audience null where the sentence names none."""
    verb = _verb(hit, scene)
    issuer = _issuer(scene, verb or hit.start)
    audience = _first(scene, verb or scene.start, hit.end, _AUDIENCE)
    return Instruction(
        kind=hit.hazard, issuer=passage.written(issuer.start, issuer.end) if issuer else None,
        audience=passage.written(audience.start, audience.end) if audience else None,
        quote=passage.written(scene.start, scene.end))


def _verb(hit: Hit, scene: Scene) -> int | None:
    """Where the verb of telling before the hit begins, the nearest."""
    found = [unit.start for unit in scene.units if unit.mask & _INSTRUCT and unit.start <= hit.start]
    return found[-1] if found else None


def _issuer(scene: Scene, verb: int) -> Unit | None:
    """The nearest issuer before the verb, else the first in the sentence."""
    issuers = [unit for unit in scene.units if unit.mask & _ISSUER]
    before = [unit for unit in issuers if unit.end <= verb and verb - unit.end <= _REACH]
    if before:
        return before[-1]
    return next((unit for unit in issuers if not unit.mask & _AUDIENCE), None)


def _first(scene: Scene, start: int, end: int, mask: int) -> Unit | None:
    return next((unit for unit in scene.units if unit.mask & mask and start <= unit.start and unit.end <= end), None)
