"""The hits of an incident -> the hazard that it is called by, by learned weights of named features.

Its own module because the names are the contract with seeds/weights/learn_choices.py. Candidates are the hazards of its
hits: early words often name a kin ("explosion" of what was a bomb, "attack" of what was an air strike), and which of
two that are told together is meant is learned from pairs of them.
"""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

from advisord.errors import SeedError
from advisord.extract.incidents import Incident, Judged
from advisord.lexicon import bit_of
from advisord.model import Hazard

_BITS = tuple((name, bit_of(name)) for name in (
    "attacker", "organised", "forces", "people", "killed", "injured", "abducted", "target:aid", "target:police",
    "target:military", "target:government", "claim", "suspect"))
_AS_GOOD = 0.85  # a hazard told earlier counts as told as strongly from this share on
_SHARES = (0.15, 0.3, 0.5, 0.7, 0.9)
_LIKELY = (0.5, 0.75, 0.9)
_COUNTS = (1, 2, 4)


@dataclass(frozen=True, slots=True)
class Namer:
    """The learned weights."""

    weights: dict[str, float]

    def named(self, incident: Incident, titles: int, hazards: Mapping[str, Hazard]) -> str:
        """The likeliest of the hazards that its hits tell; of equals the one told first."""
        options = options_of(incident, titles, hazards)
        if len(options) == 1:
            return next(iter(options))
        return max(options, key=lambda code: self._sum(options[code]))

    def _sum(self, features: Iterable[str]) -> float:
        return sum(map(self.weights.get, features, repeat(0.0)))


def namer_of(told: Mapping[str, Any]) -> Namer:
    """The model as its file tells it; SeedError where a key is missing or no number."""
    try:
        return Namer({str(name): float(value) for name, value in told["weights"].items()})
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SeedError(f"weights/naming.json: {error!r}") from error


def options_of(incident: Incident, titles: int, hazards: Mapping[str, Hazard]) -> dict[str, list[str]]:
    """The hazards of its hits in order, each with its features."""
    weights = incident.weights(titles, hazards)
    if len(weights) == 1:
        return {code: [] for code in weights}
    told: defaultdict[str, list[Judged]] = defaultdict(list)
    for each in incident.judged:
        told[each.hit.hazard].append(each)
    most, all_ = max(weights.values()), sum(weights.values())
    heaviest = next(code for code, weight in weights.items() if weight >= _AS_GOOD * most)
    likeliest = max(each.probability for each in incident.judged)
    mask = 0
    for each in incident.judged:
        mask |= each.scene.mask
    here = [name for name, bit in _BITS if mask & bit]
    options: dict[str, list[str]] = {}
    for code, hits in told.items():
        level = "tells" if any(each.hit.level != "hints" for each in hits) else "hints"
        best = max(hits, key=lambda each: each.probability)
        first = hits[0].hit.sentence
        where = "title" if first < titles else "lead" if first == titles else "later"
        features = [f"code:{code}", f"code:{code}:{level}", f"level:{level}",
                    f"share:{_bin(weights[code] / all_)}", "heaviest" if code == heaviest else "lighter",
                    f"where:{where}", f"where:{where}:{level}", f"hits:{sum(len(hits) > bound for bound in _COUNTS)}",
                    f"likely:{sum(best.probability > bound * likeliest for bound in _LIKELY)}",
                    "first" if hits[0] is incident.judged[0] else "behind"]
        features += [f"{code}>{other}" for other in told if other != code]
        features += [f"{code}:{level}>{other}:tells" for other, those in told.items()
                     if other != code and any(each.hit.level != "hints" for each in those)]
        features += [f"{code}:in:{name}" for name in here]
        features += [f"{code}:beside:{other.hit.hazard}" for other in _overlapping(hits, incident.judged)]
        options[code] = features
    return options


def _overlapping(hits: Sequence[Judged], all_: Sequence[Judged]) -> list[Judged]:
    """What is told of another hazard by some of the same words."""
    return [other for other in all_ for each in hits if other.hit.hazard != each.hit.hazard
            and other.hit.start < each.hit.end and each.hit.start < other.hit.end]


def _bin(share: float) -> int:
    return sum(share > bound for bound in _SHARES)
