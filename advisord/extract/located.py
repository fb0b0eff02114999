"""A street, a facility, an airport of no gazetteer -> where it lies: the point of a town that the article names.

Its own module because it reads the answers for names, not the text: a shape (`compounds`) has no point of its own.
"""
from __future__ import annotations

from collections import Counter
from math import exp

from advisord.extract.compounds import GENERIC_AIRPORT, KINDS, STREET, Compound
from advisord.model import Place, PlaceKind

Told = tuple[bool, int, int, Place]  # in the text (or the title), start, end, place

_TOWNS = frozenset({PlaceKind.CITY, PlaceKind.ADMIN2})
_BEHIND = 12  # code points between a shape and the town behind it: ", ", " in ", " in central "
_BEFORE = 300
_TRUSTED = 0.4  # confidence from which a name inside a shape says where it lies
_NOWHERE_NEAR = 0.5  # what is left of the confidence where no town is known


def located_by(
    shape: Compound,
    in_text: bool,
    text: str,
    known: tuple[list[Told], dict[int, Place]],
) -> Place | None:
    """The city that a shape lies in: named right behind it, inside it or last before it; else the article's most told."""
    found, inner = known
    near = [each for each in found if each[0] == in_text and each[3].kind in _TOWNS]
    behind = next(
        (
            place
            for _, start, _, place in near
            if 0 <= start - shape.end <= _BEHIND and "." not in text[shape.end : start].strip(". ")
        ),
        None,
    )
    if behind is not None:
        return behind
    if shape.kind not in {STREET, GENERIC_AIRPORT}:
        within = [
            inner[id(each)] for each in shape.inner if id(each) in inner and inner[id(each)].confidence > _TRUSTED
        ]
        if within:
            return within[0]
    before = [place for _, _, end, place in near if end <= shape.start and shape.start - end < _BEFORE]
    if before and shape.kind != GENERIC_AIRPORT:
        return before[-1]
    towns = Counter(place.id for _, _, _, place in found if place.kind in _TOWNS)
    most = max(towns, key=lambda each: (towns[each], each or ""), default=None)
    return next((place for _, _, _, place in found if place.id == most and place.kind in _TOWNS), None)


def unheld(shape: Compound, surface: str, city: Place | None) -> Place:
    """A place that the gazetteer does not hold: no id, and the point of the city it lies in, if any."""
    kind = KINDS[shape.kind]
    sure = 1 / (1 + exp(-shape.score))
    if city is None:
        return Place(kind, name=surface, confidence=round(sure * _NOWHERE_NEAR, 3))
    return Place(
        kind,
        None,
        surface,
        city.lat,
        city.lon,
        city.country,
        city.admin1,
        round(sure * city.confidence, 3),
        parent=city.id,
    )
