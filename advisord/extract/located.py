"""A street, a facility, an airport of no gazetteer -> where it lies: the point of a town that the article names.

Its own module because it reads the answers for names, not the text: a shape (`compounds`) has no point of its own.
"""
from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from math import exp

from advisord.extract.compounds import GENERIC_AIRPORT, KINDS, STREET, Compound
from advisord.model import Place, PlaceKind

Told = tuple[bool, int, int, Place]  # in the text (or the title), start, end, place

_TOWNS = frozenset({PlaceKind.CITY, PlaceKind.ADMIN2})
_BEHIND = 12  # code points between a shape and the town behind it: ", ", " in ", " in central "
_BEFORE = 300
_TRUSTED = 0.4  # confidence from which a name inside a shape says where it lies
_NOWHERE_NEAR = 0.5  # what is left of the confidence where no town is known


class Towns:
    """The towns that an article names, by where they stand; `inside`: places of names inside longer ones, by `id`."""

    def __init__(self, told: Sequence[Told], inside: Mapping[int, Place]) -> None:
        """From the answers so far, in reading order of each field."""
        self._inside = inside
        self._told = {in_text: [each for each in told if each[0] == in_text and each[3].kind in _TOWNS]
                      for in_text in (False, True)}
        self._starts = {in_text: [each[1] for each in rows] for in_text, rows in self._told.items()}
        counts = Counter(each[3].id for rows in self._told.values() for each in rows)
        most = max(counts, key=lambda each: (counts[each], each or ""), default=None)
        self._most = next((each[3] for rows in self._told.values() for each in rows if each[3].id == most), None)

    def of(self, shape: Compound, in_text: bool, text: str) -> Place | None:
        """The town of a shape: named right behind it, inside it or last before it; else the one told of most."""
        rows = self._told[in_text]
        at = bisect_left(self._starts[in_text], shape.end)
        behind = self.behind(shape, in_text, text)
        if behind is not None:
            return behind
        if shape.kind not in {STREET, GENERIC_AIRPORT}:
            for each in shape.inner:
                place = self._inside.get(id(each))
                if place is not None and place.confidence > _TRUSTED:
                    return place
        if shape.kind != GENERIC_AIRPORT and at and shape.start - rows[at - 1][2] < _BEFORE:
            return rows[at - 1][3]
        return self._most

    def behind(self, shape: Compound, in_text: bool, text: str) -> Place | None:
        """The town named right behind a shape: "the airport in X"."""
        rows = self._told[in_text]
        at = bisect_left(self._starts[in_text], shape.end)
        if at < len(rows) and rows[at][1] - shape.end <= _BEHIND:
            between = text[shape.end : rows[at][1]]
            if "." not in between.strip(". ") and "\n" not in between:
                return rows[at][3]
        return None


def unheld(shape: Compound, surface: str, city: Place | None) -> Place:
    """A place that the gazetteer does not hold: no id, and the point of the city it lies in, if any."""
    kind = KINDS[shape.kind]
    sure = 1 / (1 + exp(-shape.score))
    if city is None:
        return Place(kind, name=surface, confidence=round(sure * _NOWHERE_NEAR, 3))
    return Place(
        kind, None, surface, city.lat, city.lon, city.country, city.admin1, round(sure * city.confidence, 3),
        parent=city.id,
    )
