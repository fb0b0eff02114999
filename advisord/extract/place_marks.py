"""Words that say where something lies, seen from a name -> places that no gazetteer holds.

Its own module because it reads the answers for names, and words that are no part of them: "20 km south of Gao" is a
point beside the town, "the village of X, in Mopti region" somewhere in the region, "London's airport" one of several.
Words are those of the classes mark_* of seeds/gazetteer/words; how far off the point may be is told with it.
"""
from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import cos, hypot, pi, radians
from operator import itemgetter
from typing import NamedTuple

from advisord.extract.located import Told
from advisord.extract.place_words import Vocabulary
from advisord.model import Alternative, Place, PlaceKind
from advisord.text.haystack import Haystack

_KM = {"mark_km": 1.0, "mark_mile": 1.609}
_POINTS = frozenset({PlaceKind.CITY, PlaceKind.ADMIN2, PlaceKind.AIRPORT, PlaceKind.FACILITY})
# How far a place inside a container may lie from the point told for it; a country's middle is no such point.
_INSIDE_KM = {PlaceKind.CITY: 25.0, PlaceKind.ADMIN2: 40.0, PlaceKind.ADMIN1: 150.0}
_SOMEWHERE_KM = 500.0
_BEARINGS = ("mark_n", "mark_ne", "mark_e", "mark_se", "mark_s", "mark_sw", "mark_w", "mark_nw")
_VILLAGE = "mark_village"
_NUMBER = re.compile(r"(?<![\w.,])(\d{1,3}(?:[.,]\d)?)[ -]?$")
_BEFORE = 8  # code points that are looked through for the number
_GAP = 45  # code points between the unit and the name, or a village and what it lies in
_MOST_WORDS = 6  # between the unit and the name: "to the south west of the city of"
_FURTHEST_KM = 150.0  # beyond it a distance tells of a journey and no place
_SENTENCE = 160  # code points before and behind that are looked through for what a village lies in
_STOPS = re.compile(r"[.!?](?=\s+[^\W\d_a-z])|\n")
_WORD = re.compile(r"\w+")
_CAPITALISED = re.compile(r"[^\W\d_a-z][\w'’]*(?:[ -][^\W\d_a-z][\w'’]*){0,2}")
MOST_MARKS = 60  # that are looked at in one article, in order: each looks through what is told; news has up to 15
_SHORT = 3  # letters of a unit that is written together with its number
_ENDS = frozenset(".;:!?\n()")
_KM_A_DEGREE = 111.2
_SLACK_KM, _SLACK = 3.0, 0.4  # eight bearings and round numbers: off by so much, and so much of the distance
_ALTERNATIVES = 3
_SURE = 0.85  # that such words name a place at all


class Mark(NamedTuple):
    """A word of a class that stands in a text."""

    start: int
    end: int
    kind: str


class Marks:
    """Finds such places in texts of one language; immutable."""

    def __init__(self, words: Vocabulary, *, mixed: bool) -> None:
        """From the marks of a vocabulary; without case nothing tells where the unknown name of a village ends."""
        kinds = (*_KM, _VILLAGE) if mixed else tuple(_KM)
        self._kinds = [(word, kind) for kind in kinds for word in words.marks.get(kind, ())]
        self._short = {word: kind for word, kind in self._kinds if kind in _KM and len(word) <= _SHORT}
        self._glued = re.compile(rf"(?<=\d)(?:{'|'.join(map(re.escape, self._short))})\b") if self._short else None
        self._bearings = {word: turn for turn, kind in enumerate(_BEARINGS) for word in words.marks.get(kind, ())}
        self._from = frozenset(words.marks.get("mark_from", ()))
        self._of = frozenset(word for word, classes in words.classes.items() if "of" in classes)
        self._words = words

    def entries(self) -> list[str]:
        """The words to look for, in the order of their numbers."""
        return [word for word, _ in self._kinds]

    def marks_of(self, found: Sequence[tuple[int, int, int]], hay: Haystack) -> list[Mark]:
        """What was found under numbers, and the units that are written together with their number ("38km")."""
        marks = [Mark(start, end, self._kinds[number][1]) for start, end, number in found]
        if self._glued is None or not any(unit in hay.folded for unit in self._short):
            return marks
        return marks + [Mark(*match.span(), self._short[match.group()]) for match in self._glued.finditer(hay.folded)]

    def add(self, text: str, hay: Haystack, marks: Sequence[Mark], told: list[Told]) -> list[Told]:
        """The places told of a text, with those that the marks make of them; in order."""
        for mark in sorted(marks[:MOST_MARKS], key=lambda mark: mark.kind == _VILLAGE):
            made = self._village(text, hay.folded, mark, told) if mark.kind == _VILLAGE \
                else self._offset(text, hay.folded, mark, told)
            if made is not None:
                told = [each for each in told if not (each[0] and made[1] <= each[1] and each[2] <= made[2])]
                told.append(made)
                told.sort(key=itemgetter(0, 1))
        return told

    # ---------------------------------------------------------------------------------------- so far from a name

    def _offset(self, text: str, folded: str, mark: Mark, told: Sequence[Told]) -> Told | None:
        """The point that lies so far from the name behind it, or null."""
        number = _NUMBER.search(folded, max(0, mark.start - _BEFORE), mark.start)
        anchor = _behind(told, mark.end)
        if number is None or anchor is None or anchor[3].kind not in _POINTS or anchor[3].lat is None:
            return None
        between = folded[mark.end:anchor[1]]
        words = _WORD.findall(between)
        if not _ENDS.isdisjoint(between) or len(words) > _MOST_WORDS:
            return None
        km = float(number[1].replace(",", ".")) * _KM[mark.kind]
        turns = [self._bearings[word] for word in words if word in self._bearings]
        if km > _FURTHEST_KM or not (turns or (words and self._from.issuperset(words))):
            return None
        start, end = number.start(1), anchor[2]
        place = _moved(anchor[3], km, turns, " ".join(text[start:end].split()))
        return (True, start, end, place) if place else None

    # ------------------------------------------------------------------------------------- a village of that name

    def _village(self, text: str, folded: str, mark: Mark, told: Sequence[Told]) -> Told | None:
        """The settlement of an unknown name, somewhere in what the text says that it lies in; or null."""
        span = self._named_behind(text, folded, mark) or self._named_before(text, folded, mark)
        if span is None or any(each[0] and each[1] < span[1] and span[0] < each[2] for each in told):
            return None
        around = _around(text, (min(span[0], mark.start), max(span[1], mark.end)), told)
        return (True, *span, _inside(text[span[0]:span[1]], around))

    def _named_behind(self, text: str, folded: str, mark: Mark) -> tuple[int, int] | None:
        """The span of X in "village of X"."""
        link = _WORD.search(folded, mark.end)
        if link is None or link.group() not in self._of or folded[mark.end:link.start()].strip():
            return None
        at = link.end() + 1
        name = _CAPITALISED.match(text, at)
        return name.span() if name and text[at - 1] in " '’" else None

    def _named_before(self, text: str, folded: str, mark: Mark) -> tuple[int, int] | None:
        """The span of X in "X village"."""
        at = mark.start - 1
        if not text[mark.start:mark.start + 1].islower() or at < 0 or text[at] != " ":
            return None
        begins = text.rfind(" ", 0, at) + 1
        name = _CAPITALISED.fullmatch(text, begins, at)
        word = folded[begins:at]
        known = word in self._words.ordinary or word in self._words.classes or word in self._words.demonyms
        return name.span() if name and begins and not known and text[begins - 1] == " " else None


def _behind(told: Sequence[Told], position: int) -> Told | None:
    """The first place told of the text behind a position, if near."""
    found = next((each for each in told if each[0] and each[1] >= position), None)
    return found if found and found[1] - position <= _GAP else None


def _around(text: str, span: tuple[int, int], told: Sequence[Told]) -> Place | None:
    """What the text says that the span lies in: named right behind it, else before it in the sentence, else behind.

    Of the sentence a town or a division counts for more than a country that is nearer.
    """
    behind = [each for each in told if each[0] and span[1] <= each[1] <= span[1] + _SENTENCE]
    before = [each for each in told if each[0] and span[0] - _SENTENCE <= each[1] and each[2] <= span[0]]
    near = [each[3] for each in behind if each[1] - span[1] <= _GAP and _ENDS.isdisjoint(text[span[1]:each[1]])]
    far = [each[3] for each in reversed(before) if _STOPS.search(text, each[2], span[0]) is None]
    far += [each[3] for each in behind if _STOPS.search(text, span[1], each[1]) is None]
    named = [*near[:1], *far]
    return next((place for place in named if place.kind in _INSIDE_KM), named[0] if named else None)


def _moved(place: Place, km: float, turns: Sequence[int], name: str) -> Place | None:
    """A point so far off, in the mean of the directions told; without any only its uncertainty grows."""
    if place.lat is None or place.lon is None:
        return None
    own = place.uncertainty_km or (_INSIDE_KM[place.kind] if place.kind is PlaceKind.ADMIN2 else 0.0)
    if not turns:
        return replace(place, uncertainty_km=round(km + own + _SLACK_KM, 1))
    north = sum(cos(turn * pi / 4) for turn in turns)
    east = sum(cos((turn - 2) * pi / 4) for turn in turns)
    length = hypot(north, east) or 1.0
    lat = max(-89.9, min(89.9, place.lat + km * north / length / _KM_A_DEGREE))
    lon = place.lon + km * east / length / (_KM_A_DEGREE * max(0.01, cos(radians(lat))))
    return Place(place.kind, None, name, round(lat, 4), round((lon + 180) % 360 - 180, 4), place.country, place.admin1,
                 place.confidence, uncertainty_km=round(_SLACK_KM + _SLACK * km + own, 1))


def _inside(name: str, around: Place | None) -> Place:
    """A settlement without a point of its own."""
    if around is None:
        return Place(PlaceKind.CITY, None, name, confidence=_SURE / 2, uncertainty_km=_SOMEWHERE_KM)
    spread = _INSIDE_KM.get(around.kind)
    sure = round(_SURE * around.confidence, 3)
    if spread is None or around.lat is None:
        return Place(PlaceKind.CITY, None, name, None, None, around.country, around.admin1, sure,
                     uncertainty_km=_SOMEWHERE_KM)
    known = around.uncertainty_km if around.id is None else None
    return Place(PlaceKind.CITY, None, name, around.lat, around.lon, around.country, around.admin1, sure,
                 uncertainty_km=spread if known is None else known)


def airports_by_share(airports: Sequence[tuple[Place, int]], main: frozenset[str], *,
                      city: Place) -> Mapping[Place, float]:
    """The airports that "the airport" of a city may mean, the likeliest first, with the share of each.

    `airports` with how many people each serves; `main` are ids of those that are a city's chief one by common
    knowledge.
    """
    own = [(place, people) for place, people in airports if place.parent == city.id] or list(airports[:1])
    most = max((people for _, people in own), default=0)
    chief = [place for place, people in own if people == most]
    known = [place for place in chief if place.id in main]
    first = known or chief
    shares = {place: 1 / len(first) for place in first}
    rest = [place for place, _ in own if place not in shares]
    taken = min(0.5, 0.15 * len(rest))
    return {**{place: share * (1 - taken) for place, share in shares.items()},
            **{place: taken / len(rest) for place in rest}}


def one_of(shares: Mapping[Place, float], sure: float) -> Place:
    """The likeliest of these places as an answer, the others as its alternatives; `sure` that it is one of them."""
    best, *others = shares.items()
    alternatives = tuple(Alternative(place.id or "", place.name or "", place.country, round(share * sure, 3))
                         for place, share in others[:_ALTERNATIVES])
    return replace(best[0], confidence=round(best[1] * sure, 3), alternatives=alternatives)
