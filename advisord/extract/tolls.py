"""What sentences of one incident tell of harm -> one range for each kind, over the sources quoted.

The first number told is the incident's; numbers "besides" are added to it, later ones that differ a little widen it to
a range where both sentences quote somebody. People told as shot and as killed are killed.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from advisord.extract.casualties import Harm
from advisord.extract.scene import Scene
from advisord.model import Count

_WIDEST = 1.6  # the greatest ratio between two counts that may be of the same people
_SMALLEST = 3  # below it another number is another thing


@dataclass(frozen=True, slots=True)
class Toll:
    """A range, and the harm that first told it."""

    count: Count
    shown: Harm


def toll_of(kind: str, scenes: Sequence[Scene]) -> Toll | None:
    """The range of one kind over the scenes in order; null where they tell none."""
    toll: Toll | None = None
    for scene in scenes:
        for harm in _distinct(kind, scene):
            if toll is None or (_is_nought(toll.count) and not _is_nought(harm.count)):
                toll = Toll(harm.count, harm)
            elif harm.more and scene.index - scenes[0].index <= 2:  # noqa: PLR2004
                toll = Toll(_added(toll.count, harm.count), toll.shown)
            else:
                toll = Toll(_widened(toll.count, harm.count), toll.shown)
    return toll


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
