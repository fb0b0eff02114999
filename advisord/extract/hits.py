"""What the cues of a lexicon found in an article -> hits: places where a hazard is told, by which rule; and contexts.

A hit is a rule all of whose parts stand in one sentence in order, near enough, and not inside a discard. Of hits inside
one another the longest tells ("suicide bombing", not "bombing").
"""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from advisord.extract.passage import Passage
from advisord.lexicon import CONTEXTS, Lexicon

MOST_HITS = 1500  # in one article: a bound on the work for a megabyte of nothing but triggers; news has up to 200
_DISCARDS = "discards"
_BARE = ("tells", "hints")  # levels that say nothing of the phase


class Hit(NamedTuple):
    """Where and how a hazard is told: the span from the first part to the last, and the rule's hazard and level."""

    start: int
    end: int
    hazard: str
    level: str
    sentence: int
    pieces: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Told:
    """The hits of an article in order, and its contexts: how often each, and in which sentences."""

    hits: tuple[Hit, ...]
    contexts: Counter[str]
    places: tuple[tuple[int, str], ...]


def told_in(passage: Passage, lexicon: Lexicon, found: Iterable[tuple[int, int, int]]) -> Told:
    """The hits and contexts among what `lexicon.cues` found in the passage, sorted by start."""
    kept = _undiscarded(list(found))
    hits, swallowed = _fired(passage, lexicon, [each for each in kept if each[2] > 0])
    hits = [hit for hit in hits if not any(start <= hit.start and hit.pieces[0][1] <= end for start, end in swallowed)]
    places = tuple((start, CONTEXTS[-number - 1]) for start, _, number in kept if number < 0)
    return Told(hits=tuple(_outermost(hits)), contexts=Counter(name for _, name in places), places=places)


def _undiscarded(found: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """What does not stand inside a discard."""
    discards = [(start, end) for start, end, number in found if number == 0]
    if not discards:
        return found
    kept = []
    at = 0
    reach = -1  # the furthest end of the discards that begin at or before here
    for each in found:
        while at < len(discards) and discards[at][0] <= each[0]:
            reach = max(reach, discards[at][1])
            at += 1
        if each[1] > reach:
            kept.append(each)
    return kept


def _fired(passage: Passage, lexicon: Lexicon,
           found: list[tuple[int, int, int]]) -> tuple[list[Hit], list[tuple[int, int]]]:
    """The rules whose parts all stand there: hits, and the spans that rules of discards swallow."""
    rules = lexicon.rules
    open_: dict[tuple[int, int], tuple[tuple[int, int], ...]] = {}
    hits: list[Hit] = []
    swallowed: list[tuple[int, int]] = []
    for start, end, number in found:
        which, part = divmod(number - 1, 16)
        rule = rules[which]
        pieces: tuple[tuple[int, int], ...] = ((start, end),)
        if part:
            before = open_.get((which, part - 1))
            if before is None or not 0 <= start - before[-1][1] <= rule.gaps[part - 1]:
                continue
            pieces = (*before, (start, end))
        if part < len(rule.gaps):
            open_[which, part] = pieces
            continue
        first = pieces[0][0]
        sentence = passage.sentence_at(first)
        if not passage.spans or end > passage.spans[sentence][1]:
            continue
        if rule.level == _DISCARDS:
            swallowed.append((first, end))
        elif len(hits) < MOST_HITS:
            hits.append(Hit(first, end, rule.hazard, rule.level, sentence, pieces))
    return hits, swallowed


def _outermost(hits: list[Hit]) -> list[Hit]:
    """The hits without those that stand inside a piece of a longer one, and without doubles; in order of place."""
    hits = sorted(set(hits), key=lambda hit: (hit.sentence, hit.start, -hit.end, hit.hazard, hit.level))
    by_sentence: dict[int, list[Hit]] = {}
    for hit in hits:
        by_sentence.setdefault(hit.sentence, []).append(hit)
    kept = []
    for together in by_sentence.values():
        kept += [hit for hit in together if not any(_swallows(other, hit) for other in together)]
    return kept


def _swallows(other: Hit, hit: Hit) -> bool:
    """Whether `other` makes `hit` superfluous: it holds it, and is longer, or says more than a hint.

    What says that something is announced or over ("called a general strike") needs not hold the whole of what tells it
    ("general strike"): sharing a word is enough.
    """
    if other is hit:
        return False
    if other.hazard == hit.hazard and hit.level in _BARE and other.level not in _BARE and _overlaps(other, hit):
        return True
    longer = sum(end - start for start, end in other.pieces) > sum(end - start for start, end in hit.pieces)
    if not longer and not (hit.level == "hints" and other.level != "hints"):
        return False
    return all(any(start <= first and last <= end for start, end in other.pieces) for first, last in hit.pieces)


def _overlaps(other: Hit, hit: Hit) -> bool:
    """Whether a piece of the one shares a word with a piece of the other."""
    return any(start < last and first < end for start, end in other.pieces for first, last in hit.pieces)
