"""The places of an article -> the place of a hit: by nearness in the sentence, then the lead, then the focus.

What stands in the dateline, or behind "speaking in", is where somebody wrote or spoke, and counts only when nothing
else
does. A place that lies inside another one named beside it is the better answer ("Kidal, Mali").
"""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from advisord.extract.hits import Hit
from advisord.extract.scene import Placed, Scene, Scenes
from advisord.extract.units import Unit
from advisord.geo import distance_km
from advisord.lexicon import bit_of
from advisord.model import Mention, PlaceKind, Precision

_NEAR, _SPEAKING = bit_of("near"), bit_of("speaking")
_BESIDE = 3  # code points between a preposition and its place
_KINDS = {
    PlaceKind.FACILITY: 6.0, PlaceKind.AIRPORT: 4.5, PlaceKind.CITY: 5.0, PlaceKind.ADMIN2: 4.0, PlaceKind.ADMIN1: 3.0,
    PlaceKind.NATURAL: 2.0, PlaceKind.WATER: 1.5, PlaceKind.REGION: 1.5, PlaceKind.COUNTRY: 0.5,
}
_PRECISION = {PlaceKind.FACILITY: Precision.FACILITY, PlaceKind.AIRPORT: Precision.FACILITY,
              PlaceKind.CITY: Precision.CITY, PlaceKind.ADMIN2: Precision.ADMIN2, PlaceKind.ADMIN1: Precision.ADMIN1,
              PlaceKind.COUNTRY: Precision.COUNTRY}
# How far the true point may lie: the usual extent of a site, a town, a district, a province and a middle-sized country.
_UNCERTAINTY_KM = {Precision.FACILITY: 2.0, Precision.CITY: 10.0, Precision.ADMIN2: 40.0, Precision.ADMIN1: 150.0,
                   Precision.REGION: 300.0, Precision.COUNTRY: 500.0}
# As what a place counts that is known within so many km: beside a town, somewhere in a district or a province.
_KNOWN_WITHIN = ((Precision.CITY, 30.0), (Precision.ADMIN2, 80.0), (Precision.ADMIN1, 200.0))
_BROAD = frozenset({PlaceKind.COUNTRY, PlaceKind.REGION, PlaceKind.WATER})
_PART_OF_IT = 2.5  # what a place wins by standing inside the hit: "the airport of Bamako was closed"
_SAME_KM = 30.0  # two points nearer than this are one place
_FAR = 400.0  # code points at which nearness counts nothing any more


def precision_of(mention: Mention | None) -> tuple[Precision | None, float | None]:
    """How closely the place is known, and the uncertainty in km that goes with it."""
    if mention is None:
        return None, None
    known = mention.place.uncertainty_km
    if known is None:
        precision = _PRECISION.get(mention.place.kind, Precision.REGION)
        return precision, _UNCERTAINTY_KM[precision]
    return next((level for level, km in _KNOWN_WITHIN if known <= km), Precision.COUNTRY), known


class Where:
    """The places of one article, ready to be bound to what is told in it."""

    __slots__ = ("_country", "_dateline", "_scenes", "_weights")

    def __init__(self, scenes: Scenes) -> None:
        """Work out dateline and focus once."""
        self._scenes = scenes
        self._dateline = scenes.dateline
        self._weights: Counter[str] = Counter()
        for placed in scenes.placed:
            if not self._is_dateline(placed):
                self._weights[_key(placed.mention)] += 2 if placed.start < scenes.passage.base else 1
        self._country = self._of_country()

    def _is_dateline(self, placed: Placed) -> bool:
        return self._scenes.passage.base <= placed.start < self._dateline

    def of_hit(self, hit: Hit, scene: Scene) -> Placed | None:
        """The place that the hit's own sentence tells, or null."""
        return self._best(scene.places, hit, scene.units)

    def is_firm(self, placed: Placed | None, scene: Scene) -> bool:
        """Whether the words say that something is there: a place below a country behind a preposition."""
        return placed is not None and placed.mention.place.kind not in _BROAD and _preceded(placed, scene.units)

    def country(self) -> Placed | None:
        """The country that the article names most."""
        return self._country

    def _best(self, places: Iterable[Placed], hit: Hit, units: Sequence[Unit]) -> Placed | None:
        """The likeliest place among those of a sentence."""
        usable = [placed for placed in places if not self._is_dateline(placed) and not _spoken(placed, units)]
        if not usable:
            return None
        return max(usable, key=lambda placed: (self._score(placed, hit, units), -placed.start))

    def _score(self, placed: Placed, hit: Hit, units: Sequence[Unit]) -> float:
        """How likely something happens there: its kind, a preposition before it, nearness, how often it is named."""
        place = placed.mention.place
        behind = placed.start >= hit.start
        gap = max(0, placed.start - hit.end if behind else hit.start - placed.end)
        score = _KINDS[place.kind] - 3 * min(1.0, gap / _FAR)
        score += 2.0 if _preceded(placed, units) else 0.0
        score += 0.7 if behind else 0.0
        score += _PART_OF_IT if hit.start <= placed.start < hit.end else 0.0
        score += min(1.0, 0.2 * self._weights[_key(placed.mention)])
        return score + (0.0 if place.lat is not None else -1.5)

    def _of_country(self) -> Placed | None:
        """The country that the article names most."""
        named = [placed for placed in self._scenes.placed if placed.mention.place.kind is PlaceKind.COUNTRY]
        return max(named, key=lambda placed: (self._weights[_key(placed.mention)], -placed.start), default=None)


def _spoken(placed: Placed, units: Sequence[Unit]) -> bool:
    """Whether somebody only speaks there."""
    return any(unit.mask & _SPEAKING and 0 <= placed.start - unit.end <= _BESIDE + 2 for unit in units)


def _preceded(placed: Placed, units: Sequence[Unit]) -> bool:
    return any(unit.mask & _NEAR and 0 <= placed.start - unit.end <= _BESIDE for unit in units)


def _key(mention: Mention) -> str:
    return mention.place.id or mention.surface.casefold()


def agree(one: Mention | None, other: Mention | None) -> bool:
    """Whether two places may be the same: equal, near, or one inside the other; an unknown one agrees with all."""
    if one is None or other is None:
        return True
    a, b = one.place, other.place
    if (a.id and a.id == b.id) or one.surface.casefold() == other.surface.casefold():
        return True
    if a.country and b.country and a.country != b.country:
        return False
    within = PlaceKind.ADMIN1 in (a.kind, b.kind) and a.admin1 is not None and a.admin1 == b.admin1
    if within or {a.kind, b.kind} & {PlaceKind.COUNTRY, PlaceKind.REGION}:
        return True
    if a.lat is None or a.lon is None or b.lat is None or b.lon is None:
        return True
    return distance_km(a.lat, a.lon, b.lat, b.lon) <= _SAME_KM
