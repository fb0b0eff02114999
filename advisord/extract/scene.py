"""A sentence that something is told in, taken apart once: its units, quantities, harm, days and places.

Its own module because phase, time, place, casualties and relevance all ask the same sentences, and taking one apart is
what costs: it happens for sentences with hits, and for their neighbours only when somebody asks.
"""
from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from advisord.extract.casualties import HARM, Harm, harms_in
from advisord.extract.passage import Passage, dateline_end
from advisord.extract.units import Unit, units_of
from advisord.extract.when import DATED, Told, days_told
from advisord.lexicon import Lexicon
from advisord.model import Mention


@dataclass(frozen=True, slots=True)
class Placed:
    """A mention with its span in the passage."""

    start: int
    end: int
    mention: Mention


@dataclass(frozen=True, slots=True)
class Scene:
    """Sentence `index`, `[start, end)` of the passage, and what stands in it, each in order; `mask`: all classes."""

    index: int
    start: int
    end: int
    units: tuple[Unit, ...]
    mask: int
    harms: tuple[Harm, ...]
    days: tuple[Told, ...]
    places: tuple[Placed, ...]


class Scenes:
    """The scenes of one article, each made when first asked for and then kept."""

    __slots__ = ("_at", "_lexicon", "_made", "dateline", "language", "passage", "placed", "published")

    def __init__(self, passage: Passage, lexicon: Lexicon, mentions: Sequence[Mention], published: date | None) -> None:
        """`published` is the article's day, from which its relative days are worked out."""
        self.passage, self._lexicon, self.published = passage, lexicon, published
        self.language = lexicon.language
        self.dateline = dateline_end(passage)
        self.placed = tuple(sorted(
            (Placed(passage.position(each.field, each.start), passage.position(each.field, each.end), each)
             for each in mentions), key=lambda placed: (placed.start, placed.end)))
        self._at = [placed.start for placed in self.placed]
        self._made: dict[int, Scene] = {}

    def __len__(self) -> int:
        """How many sentences there are."""
        return len(self.passage.spans)

    def __getitem__(self, index: int) -> Scene:
        """The scene of that sentence."""
        scene = self._made.get(index)
        if scene is None:
            scene = self._made[index] = self._scene(index)
        return scene

    def _scene(self, index: int) -> Scene:
        start, end = self.passage.spans[index]
        folded = self.passage.folded
        units = units_of(self.passage.hay, start, end, self._lexicon)
        mask = 0
        for unit in units:
            mask |= unit.mask
        harms = harms_in(units, folded) if mask & HARM else []
        days = days_told(units, self.published) if mask & DATED else []
        return Scene(index=index, start=start, end=end, units=tuple(units), mask=mask, harms=tuple(harms),
                     days=tuple(told for told in days if not self._is_dateline(told.start)),
                     places=self.places_between(start, end))

    def _is_dateline(self, position: int) -> bool:
        return self.passage.base <= position < self.dateline

    def places_between(self, start: int, end: int) -> tuple[Placed, ...]:
        """The places that begin in `[start, end)`."""
        return self.placed[bisect_left(self._at, start):bisect_left(self._at, end)]
