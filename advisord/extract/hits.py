"""What the cues of a lexicon found in an article -> hits: places where a hazard is told, by which rule; and contexts.

A hit is a rule all of whose parts stand in one sentence in order, near enough, and not inside a discard. Of hits inside
one another the longest tells ("suicide bombing", not "bombing").
"""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from advisord.extract.passage import Passage
from advisord.lexicon import CONTEXTS, Lexicon

MOST_HITS = 600  # in one article: a bound on the work for a megabyte of nothing but triggers; news has up to 200
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


class Fired(NamedTuple):
    """The rules that fire in a text wherever sentences end, the spans that discards swallow, and the contexts."""

    hits: tuple[Hit, ...]
    swallowed: tuple[tuple[int, int], ...]
    places: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Told:
    """The hits of an article in order, and its contexts: how often each, and in which sentences."""

    hits: tuple[Hit, ...]
    contexts: Counter[str]
    places: tuple[tuple[int, str], ...]


def fired_in(lexicon: Lexicon, found: Iterable[tuple[int, int, int]]) -> Fired:
    """What fires among what `lexicon.cues` found in a text, sorted by start; sentences are not looked at yet."""
    kept = _undiscarded(list(found))
    hits, swallowed = _fired(lexicon, [each for each in kept if each[2] > 0])
    places = tuple((start, CONTEXTS[-number - 1]) for start, _, number in kept if number < 0)
    return Fired(tuple(hits), tuple(swallowed), places)


def told_in(passage: Passage, fired: Fired) -> Told:
    """The hits that stand within one sentence of the passage, the outermost ones, and the contexts."""
    swallowed = [each for each in fired.swallowed if _sentence(passage, each) is not None]
    hits = [hit._replace(sentence=sentence) for hit in fired.hits
            if (sentence := _sentence(passage, hit)) is not None
            and not any(start <= hit.start < end for start, end in swallowed)]
    return Told(hits=tuple(_outermost(hits)), contexts=Counter(name for _, name in fired.places), places=fired.places)


def _sentence(passage: Passage, span: Sequence[Any]) -> int | None:
    """The sentence that the span stands in, null where it crosses an end."""
    sentence = passage.sentence_at(span[0])
    return sentence if passage.spans and span[1] <= passage.spans[sentence][1] else None


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


def _fired(lexicon: Lexicon, found: list[tuple[int, int, int]]) -> tuple[list[Hit], list[tuple[int, int]]]:
    """The rules whose parts all stand there: hits, and the spans that rules of discards swallow."""
    rules = lexicon.rules
    open_: dict[tuple[int, int], tuple[tuple[int, int], ...]] = {}
    hits: list[Hit] = []
    swallowed: list[tuple[int, int]] = []
    for start, end, number in found:
        which, part = (number - 1) >> 4, (number - 1) & 15
        rule = rules[which]
        gaps = rule.gaps
        pieces: tuple[tuple[int, int], ...] = ((start, end),)
        if part:
            before = open_.get((which, part - 1))
            if before is None or not 0 <= start - before[-1][1] <= gaps[part - 1]:
                continue
            pieces = (*before, (start, end))
        if part < len(gaps):
            open_[which, part] = pieces
            continue
        first = pieces[0][0]
        if rule.level == _DISCARDS:
            swallowed.append((first, end))
        elif len(hits) < MOST_HITS:
            hits.append(Hit(first, end, rule.hazard, rule.level, -1, pieces))
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
