"""What sentences of one incident tell of harm -> one range for each kind, over the sources quoted.

The first number told is the incident's. Numbers "besides", and numbers of other people in the same sentence, are added
to it; later ones that differ a little widen it to a range. A number of all that there were replaces what was told
before it in the same sentence. Everybody is counted once, by the worst that is told of them: people shot and killed
are killed, and so are hostages of whom the article tells that they died.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from advisord.extract.casualties import Harm
from advisord.extract.people import KINDS
from advisord.extract.scene import Scene
from advisord.model import Count

_WIDEST = 1.6  # the greatest ratio between two counts that may be of the same people
_SMALLEST = 3  # below it another number is another thing
_CLOSE = 2  # sentences behind the first in which "others" are others than those


@dataclass(frozen=True, slots=True)
class Toll:
    """A range, and the harm that first told it; `sentence` is where that stands."""

    count: Count
    shown: Harm
    sentence: int


def tolls_of(kinds: Sequence[str], scenes: Sequence[Scene], titles: int = 0) -> dict[str, Toll]:
    """The ranges of these kinds over the scenes in order; without those that nothing is told of.

    The first `titles` sentences are the headline's, which rounds: a number of the text that is near takes its place.
    """
    tolls = {kind: toll for kind in KINDS if kind in kinds and (toll := _toll(kind, scenes, titles))}
    killed, taken = tolls.get("killed"), tolls.get("abducted")
    if killed and taken and _are_among(killed, taken):
        left = _without(taken.count, killed.count)
        tolls = {kind: toll for kind, toll in tolls.items() if kind != "abducted"}
        if left:
            tolls["abducted"] = Toll(left, taken.shown, taken.sentence)
    return tolls


def _toll(kind: str, scenes: Sequence[Scene], titles: int) -> Toll | None:
    """The range of one kind; null where the scenes tell none."""
    toll: Toll | None = None
    for scene in scenes:
        for harm in _distinct(kind, scene):
            first = toll is None or (_is_nought(toll.count) and not _is_nought(harm.count)) \
                or (toll.shown.weak and not harm.weak) \
                or (toll.sentence < titles <= scene.index and not harm.more and _is_near(toll.count, harm.count))
            if toll is None or first:
                toll = Toll(harm.count, harm, scene.index)
            elif not _is_nought(harm.count):
                toll = Toll(_with(toll, harm, scene, scenes[0].index), toll.shown, toll.sentence)
    return toll


def _with(toll: Toll, harm: Harm, scene: Scene, first: int) -> Count:
    """The range with one more number told."""
    here = scene.index == toll.sentence
    if harm.more and scene.index - first <= _CLOSE:
        return _added(toll.count, harm.count)
    if here and harm.total:
        return harm.count
    if here and not (harm.part or harm.weak or toll.shown.total) and harm.clause == toll.shown.clause:
        return _added(toll.count, harm.count)
    return _widened(toll.count, harm.count)


def _distinct(kind: str, scene: Scene) -> list[Harm]:
    """The scene's harms of that kind, without people who are also told as killed, each group once."""
    killed = {harm.people for harm in scene.harms if harm.kind == "killed"}
    seen: set[int] = set()
    kept = []
    for harm in scene.harms:
        again = kind == "injured" and harm.people in killed and not _is_nought(harm.count)
        if harm.kind != kind or harm.people in seen or again:
            continue
        seen.add(harm.people)
        kept.append(harm)
    return kept


def _is_nought(count: Count) -> bool:
    return count.max == 0


def _is_near(one: Count, other: Count) -> bool:
    """Whether the two may be of the same people."""
    low, high = sorted((one.min or one.max or 0, other.min or other.max or 0))
    return high <= _WIDEST * low


def _are_among(killed: Toll, taken: Toll) -> bool:
    """Whether those killed are some of those taken: the same words, or a bare number told after them."""
    if killed.shown.people == taken.shown.people and killed.sentence == taken.sentence:
        return True
    after = (killed.sentence, killed.shown.people) > (taken.sentence, taken.shown.people)
    return after and (killed.shown.part or killed.shown.weak) and (killed.count.min or 0) <= (taken.count.min or 0)


def _without(taken: Count, killed: Count) -> Count | None:
    """Those still to be counted as taken; null where none are left."""
    if taken.min is None or killed.max is None or killed.min is None:
        return taken
    low = taken.min - killed.max
    high = None if taken.max is None else taken.max - killed.min
    return Count(low, high) if low > 0 else None


def _added(one: Count, other: Count) -> Count:
    return Count(None if one.min is None or other.min is None else one.min + other.min,
                 None if one.max is None or other.max is None else one.max + other.max)


def _widened(one: Count, other: Count) -> Count:
    """The range over both, where they may be of the same people; the first where not."""
    low, high = one.min, one.max
    if low is None or high is None or other.min is None or other.max is None or min(low, other.min) < _SMALLEST:
        return one
    if max(high, other.max) > _WIDEST * min(low, other.min):
        return one
    return Count(min(low, other.min), max(high, other.max))
