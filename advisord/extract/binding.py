"""An incident and the places that its article names -> where it happened, by learned weights of named features.

Its own module because the names are the contract with seeds/weights/learn_choices.py. Every mention below a country is
a candidate, and so is that the text does not tell; the likeliest place wins, all its mentions counted together. What a
mention says by itself is weighed once for an article, how it stands to the incident for every incident.
"""
from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from itertools import repeat
from math import exp
from typing import Any

from advisord.errors import SeedError
from advisord.extract.incidents import Incident, Judged
from advisord.extract.scene import Placed, Scenes
from advisord.geo import distance_km
from advisord.lexicon import bit_of
from advisord.model import Hazard, Mention, PlaceKind

MOST = 60  # mentions that are looked at in one article, in order; news has up to 50
_CLASSES = ("near", "speaking", "of", "clause", "forces", "attacker", "say", "past", "somebody", "people", "organised")
_BITS = tuple((name, bit_of(name)) for name in _CLASSES)
_WORD = re.compile(r"[^\W_]+")
_BESIDE = 3  # code points between a word of a class and the place that it stands before
_LOOK = 28  # code points before and behind a mention in which its words are looked for
_GAPS = (4, 15, 40, 80, 150, 300)  # code points
_COUNTS = (1, 2, 4)
_SURE = (0.3, 0.6, 0.85)
_AS_GOOD = 0.8  # of the surest hit's probability, from which on a hit tells as well
_FINE = {PlaceKind.FACILITY: 5, PlaceKind.AIRPORT: 5, PlaceKind.CITY: 4, PlaceKind.ADMIN2: 3, PlaceKind.ADMIN1: 2,
         PlaceKind.NATURAL: 2, PlaceKind.WATER: 1, PlaceKind.REGION: 1, PlaceKind.COUNTRY: 0}
_NEAR = bit_of("near")
_HELD = 10  # code points between a quarter and the town that it is said to be in: ", in ", ", a "
_FAR_KM = 30.0
_BROAD = (PlaceKind.REGION, PlaceKind.WATER)
_HARDLY_LESS = 0.3
_PARTS = (PlaceKind.ADMIN2, PlaceKind.FACILITY)  # what a town may hold
_AWAY_KM = (10.0, 40.0, 160.0, 800.0)
_BEHIND = 30  # code points within which the larger place stands behind the smaller: "Kidal, in northern Mali"


@dataclass(frozen=True, slots=True)
class Binder:
    """The learned weights, and how much likelier than any place it must be that none is told.

    `small` are codes of countries that say as much as a town.
    """

    weights: dict[str, float]
    silence: float
    small: frozenset[str]

    def sum(self, features: Iterable[str]) -> float:
        """What the features weigh together."""
        return sum(map(self.weights.get, features, repeat(0.0)))


def binder_of(told: Mapping[str, Any], small: Mapping[str, Any]) -> Binder:
    """The model and the small countries as their files tell them; SeedError where a key is missing or no number."""
    try:
        return Binder({str(name): float(value) for name, value in told["weights"].items()}, float(told["silence"]),
                      frozenset(map(str, small["codes"])))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SeedError(f"weights/where.json or small-countries.yaml: {error!r}") from error


class Candidates:
    """The mentions of one article below a country, and what is said of each whatever the incident."""

    __slots__ = ("_counts", "_focus", "_nation", "_scenes", "_scores", "_sentences", "_titled", "placed")

    def __init__(self, scenes: Scenes, small: AbstractSet[str]) -> None:
        """Nothing is weighed before an incident asks; countries with codes in `small` are taken as towns."""
        self._scenes = scenes
        named = [_as_town(each) if each.mention.place.country in small else each for each in scenes.placed[:MOST]]
        self.placed = tuple(each for each in named if each.mention.place.kind is not PlaceKind.COUNTRY)
        self._counts = Counter(key_of(each.mention) for each in named)
        nations = Counter(each.mention.place.country for each in named if each.mention.place.country)
        self._nation = max(nations, key=lambda code: (nations[code], code), default=None)
        self._titled = {key_of(each.mention) for each in named if each.start < scenes.passage.base}
        towns = [each.mention for each in named if each.mention.place.kind is PlaceKind.CITY]
        self._focus = max(towns, key=lambda told: (self._counts[key_of(told)], -told.start), default=None)
        self._sentences = [scenes.passage.sentence_at(each.start) for each in self.placed]
        self._scores: list[float] | None = None

    def chosen(self, incident: Incident, others: Sequence[Incident], hazard: Hazard, binder: Binder) -> Placed | None:
        """The likeliest place of the incident, null where it is likelier that the text tells none."""
        if not self.placed:
            return None
        if self._scores is None:
            self._scores = [binder.sum(self.said(at)) for at in range(len(self.placed))]
        scores = [score + binder.sum(told)
                  for score, told in zip(self._scores, self.stands(incident, others), strict=True)]
        silence = binder.sum(self.silence(incident, hazard))
        top = max(*scores, silence)
        shares: defaultdict[str, float] = defaultdict(float)
        for each, score in zip(self.placed, scores, strict=True):
            shares[key_of(each.mention)] += exp(score - top)
        best = max(shares, key=lambda key: (shares[key], key))
        if exp(silence - top) > binder.silence * shares[best]:
            return None
        best = self._narrower(best, shares)
        at = max((at for at, each in enumerate(self.placed) if key_of(each.mention) == best),
                 key=lambda at: (scores[at], -at))
        return self._airport_told(at, incident) or self._within(at)

    def _airport_told(self, at: int, incident: Incident) -> Placed | None:
        """The town's airport, where the words that tell of the incident name it: "the airport in Bamako was closed"."""
        town = self.placed[at].mention.place
        told = [each for each in self.placed if each.mention.place.kind is PlaceKind.AIRPORT
                and town.id is not None and each.mention.place.parent == town.id]
        return next((each for each in told for judged in incident.judged if _gap(each, judged) == 0
                     and each.end > judged.hit.start), None)

    def _narrower(self, best: str, shares: Mapping[str, float]) -> str:
        """What is hardly less likely and of the same country, where the likeliest is only a region or a sea."""
        of = {key_of(each.mention): each.mention.place for each in reversed(self.placed)}
        if of[best].kind not in _BROAD:
            return best
        inside = [key for key in shares if of[key].kind not in _BROAD and of[key].country == of[best].country
                  and shares[key] >= _HARDLY_LESS * shares[best]]
        return max(inside, key=lambda key: (shares[key], key), default=best)

    def _within(self, at: int) -> Placed:
        """The mention, with the town that is said right behind to hold it: "Faladié, in Bamako".

        Where it is known only as a namesake far from that town, the town itself.
        """
        placed = self.placed[at]
        behind = self.placed[at + 1] if at + 1 < len(self.placed) else None
        if behind is None or behind.mention.place.kind is not PlaceKind.CITY or behind.start - placed.end > _HELD:
            return placed
        units = self._scenes[self._sentences[at]].units
        said = any(unit.mask & _NEAR and placed.end <= unit.start and unit.end <= behind.start for unit in units)
        if not said or placed.mention.place.kind not in _PARTS:
            return placed
        if _apart(placed.mention, behind.mention) > _FAR_KM:
            return behind
        place = replace(placed.mention.place, city=behind.mention.place.name)
        return replace(placed, mention=replace(placed.mention, place=place))

    def said(self, at: int) -> list[str]:
        """What one mention says by itself."""
        placed = self.placed[at]
        place, scenes = placed.mention.place, self._scenes
        count = self._counts[key_of(placed.mention)]
        kind = place.kind.value
        where = self._where(placed, at)
        before, behind = self._beside(placed)
        nation = "own" if place.country == self._nation else "other" if place.country else "none"
        return [f"kind:{kind}", f"at:{where}", f"kind:{kind}:at:{where}", f"count:{_bin(count, _COUNTS)}",
                f"nation:{nation}", f"sure:{_bin(place.confidence, _SURE)}", *before, *behind,
                "held" if place.id else "unheld", *(f"kind:{kind}:{each}" for each in self._nested(at)),
                *(f"before:{name}" for name in self._classes(placed)),
                f"focus:{self._from_focus(placed.mention)}:{kind}",
                "titled" if key_of(placed.mention) in self._titled else "untitled",
                "often" if count == max(self._counts.values()) else "rare",
                "pointless" if place.lat is None else "point", f"language:{scenes.language}:{kind}"]

    def stands(self, incident: Incident, others: Sequence[Incident]) -> list[list[str]]:
        """How every mention stands to the incident."""
        surest = max(each.probability for each in incident.judged)
        first = incident.judged[0].hit.sentence
        told = sorted({each.hit.sentence for each in incident.judged})
        order = self._order(incident)
        return [self._stands(at, incident, others, (surest, first, told, order)) for at in range(len(self.placed))]

    def silence(self, incident: Incident, hazard: Hazard) -> list[str]:
        """What speaks for it that the text tells no place, or a country alone."""
        best = max(incident.judged, key=lambda each: (each.hit.level != "hints", each.probability, -each.hit.start))
        sentences = {each.hit.sentence for each in incident.judged}
        here = sum(sentence in sentences for sentence in self._sentences)
        family = hazard.code.partition(".")[0]
        country = any(placed.mention.place.kind is PlaceKind.COUNTRY for placed in best.scene.places)
        return ["none", f"none:here:{_bin(here, _COUNTS)}", f"none:family:{family}", f"none:level:{best.hit.level}",
                f"none:phase:{best.phase.value}", f"none:where:{self._sentence(best.hit.sentence)}",
                f"none:areal:{hazard.areal}", f"none:country:{country}:{min(here, 1)}",
                f"none:candidates:{_bin(len(self.placed), (1, 3, 6, 12))}",
                f"none:hits:{_bin(len(incident.judged), _COUNTS)}",
                f"none:sure:{_bin(best.probability, (0.5, 0.7, 0.9))}", f"none:hazard:{hazard.code}"]

    def _stands(self, at: int, incident: Incident, others: Sequence[Incident],
                known: tuple[float, int, list[int], dict[int, int]]) -> list[str]:
        surest, first, told, order = known
        placed, sentence = self.placed[at], self._sentences[at]
        kind = placed.mention.place.kind.value
        near = min(told, key=lambda index: (abs(sentence - index), index))
        away = sentence - near
        if away:
            side = _away(away)
            lead = _away(sentence - first)
            taken = any(each.hit.sentence == sentence for other in others for each in other.judged)
            return [f"away:{side}", f"away:{side}:{kind}", f"first:{lead}", f"first:{lead}:{kind}",
                    f"away:{side}:taken:{taken}", *(f"away:{min(1, abs(away))}:before:{name}"
                                                   for name in self._classes(placed))]
        here = [each for each in incident.judged if each.hit.sentence == sentence]
        hit = min(here, key=lambda each: _gap(placed, each))
        gap = _gap(placed, hit)
        side = "behind" if placed.start >= hit.hit.start else "ahead"
        rank = min(order[at], 3)
        strength = "strong" if max(each.probability for each in here) >= _AS_GOOD * surest else "weak"
        level = "tells" if any(each.hit.level != "hints" for each in here) else "hints"
        nearer = any(_gap(placed, each) < gap for other in others for each in other.judged
                     if each.hit.sentence == sentence)
        told_there = "inside" if placed.start < hit.hit.end and placed.end > hit.hit.start else "outside"
        return ["here", f"here:{kind}", f"gap:{side}:{_bin(gap, _GAPS)}", f"rank:{rank}", f"rank:{rank}:{kind}",
                f"rank:{rank}:{side}", f"here:{strength}:{level}", f"here:nearer:{nearer}", f"here:{told_there}",
                f"here:first:{sentence == first}",
                *(f"here:{side}:before:{name}" for name in self._classes(placed))]

    def _order(self, incident: Incident) -> dict[int, int]:
        """Of the mentions of each sentence that tells it, how many stand nearer to what is told."""
        rows: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        hits: defaultdict[int, list[Judged]] = defaultdict(list)
        for each in incident.judged:
            hits[each.hit.sentence].append(each)
        for at, sentence in enumerate(self._sentences):
            if sentence in hits:
                rows[sentence].append((min(_gap(self.placed[at], each) for each in hits[sentence]), at))
        return {at: rank for row in rows.values() for rank, (_, at) in enumerate(sorted(row))}

    def _from_focus(self, mention: Mention) -> str:
        """How far it lies from the town that the article names most."""
        if self._focus is None:
            return "unknown"
        return "itself" if key_of(mention) == key_of(self._focus) else str(_bin(_apart(mention, self._focus), _AWAY_KM))

    def _where(self, placed: Placed, at: int) -> str:
        """In which part of the article it stands."""
        if self._scenes.passage.base <= placed.start < self._scenes.dateline:
            return "dateline"
        return self._sentence(self._sentences[at])

    def _sentence(self, sentence: int) -> str:
        """Which part of the article a sentence is."""
        behind = sentence - self._scenes.passage.titles
        return "title" if behind < 0 else "lead" if behind == 0 else "early" if behind <= 3 else "late"  # noqa: PLR2004

    def _classes(self, placed: Placed) -> list[str]:
        """The classes of the words right before it."""
        sentence = self._scenes.passage.sentence_at(placed.start)
        mask = 0
        for unit in self._scenes[sentence].units:
            if 0 <= placed.start - unit.end <= _BESIDE:
                mask |= unit.mask
        return [name for name, bit in _BITS if mask & bit] or ["nothing"]

    def _beside(self, placed: Placed) -> tuple[list[str], list[str]]:
        """The words before and behind it, and the signs between."""
        folded, language = self._scenes.passage.folded, self._scenes.language
        start, end = placed.start, placed.end
        words = _WORD.findall(folded[max(0, start - _LOOK):start])[-2:]
        behind = _WORD.search(folded, end, end + _LOOK)
        sign = folded[start - 2:start].strip() if start > 1 else ""
        after = folded[end:end + 1]
        before = [f"pw:{language}:{words[-1]}", f"pw2:{language}:{'_'.join(words)}"] if words else ["pw:"]
        before.append(f"sign:{sign[-1] if sign and not sign[-1].isalnum() else ''}")
        word = behind.group() if behind else ""
        return before, [f"nw:{language}:{word}", f"after:{'' if after.isalnum() else after}"]

    def _nested(self, at: int) -> list[str]:
        """Whether the place lies in one named right behind it, or holds one named before or anywhere."""
        placed = self.placed[at]
        found = ["alone"]
        if at + 1 < len(self.placed) and self._joined(placed, self.placed[at + 1]):
            found.append("comma")
        if at and self._joined(self.placed[at - 1], placed):
            found.append("behind comma")
        for other in (at - 1, at + 1):
            if not 0 <= other < len(self.placed):
                continue
            beside = self.placed[other]
            if beside.start - placed.end <= _BEHIND and other > at and _lies_in(placed.mention, beside.mention):
                found.append("inner")
            elif placed.start - beside.end <= _BEHIND and other < at and _lies_in(beside.mention, placed.mention):
                found.append("outer")
        if any(_lies_in(each.mention, placed.mention) for each in self.placed):
            found.append("holds")
        return found

    def _joined(self, one: Placed, other: Placed) -> bool:
        """Whether nothing but a comma stands between two mentions: "Tulsa, Oklahoma"."""
        return self._scenes.passage.folded[one.end:other.start].strip() == ","


def _as_town(placed: Placed) -> Placed:
    """A country as the town that it is; anything else as it is."""
    place = placed.mention.place
    if place.kind is not PlaceKind.COUNTRY:
        return placed
    return replace(placed, mention=replace(placed.mention, place=replace(place, kind=PlaceKind.CITY)))


def _lies_in(inner: Mention, outer: Mention) -> bool:
    """Whether the one place lies in the other, as far as country and province tell."""
    one, other = inner.place, outer.place
    if _FINE[one.kind] <= _FINE[other.kind] or one.country != other.country:
        return one.parent is not None and one.parent == other.id
    return other.kind is PlaceKind.REGION or (one.admin1 is not None and one.admin1 == other.admin1)


def _apart(one: Mention, other: Mention) -> float:
    """The distance of two places in km; nought where a point is unknown."""
    a, b = one.place, other.place
    if a.lat is None or a.lon is None or b.lat is None or b.lon is None:
        return 0.0
    return distance_km(a.lat, a.lon, b.lat, b.lon)


def _gap(placed: Placed, judged: Judged) -> int:
    """Code points between a mention and a hit."""
    return max(0, placed.start - judged.hit.end, judged.hit.start - placed.end)


def _away(sentences: int) -> str:
    """How many sentences behind (+) or before (-), in steps."""
    size = abs(sentences)
    return ("-" if sentences < 0 else "+" if sentences else "") + ("0" if not size else "1" if size == 1
                                                                   else "2" if size <= 3 else "far")  # noqa: PLR2004


def _bin(value: float, bounds: Sequence[float]) -> int:
    """How many of the bounds it is beyond."""
    return sum(value > bound for bound in bounds)


def key_of(mention: Mention) -> str:
    """By what mentions of one place are known."""
    return mention.place.id or mention.surface.casefold()
