"""Many accounts -> blocks between which nothing can join, so that no table over all of them is ever made.

Its own module because it is what keeps ten thousand articles from being fifty million pairs.
"""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import floor, isnan

import numpy as np
from numpy.typing import NDArray

from advisord.correlate.accounts import Account
from advisord.correlate.similarity import cosine_rows

# The largest square table: 8 MB each
LARGEST = 1000
STEP = 1.25
# Of each account's links as many are kept; the others connect what is connected anyway
LINKS = 100
# degrees; points of one town are in one cell of one of the grids
CELL = 0.5
ALWAYS = 2.0  # a strength beyond every cosine

Index = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Links:
    """Pairs of positions with how strongly they are connected: a cosine, or ALWAYS."""

    one: Index
    other: Index
    strength: Floats

    def among(self, members: Index, least: float) -> Links:
        """Those between `members` of at least that strength, numbered within them."""
        place = np.full(int(max(members.max(), self.one.max(initial=0), self.other.max(initial=0))) + 1, -1)
        place[members] = np.arange(len(members))
        one, other = place[self.one], place[self.other]
        kept = (one >= 0) & (other >= 0) & (self.strength >= least)
        return Links(one[kept], other[kept], self.strength[kept])


def components(accounts: Sequence[Account], least: float) -> list[tuple[int, ...]]:
    """Positions in blocks, each ascending: connected by a cosine of `least` or by nearness in space and time.

    Average linkage at `least` joins nothing across such blocks. Few accounts are one block; one larger than LARGEST is
    cut at a higher cosine, again and again, which may part what average linkage would have joined at the very edge.
    """
    everybody = np.arange(len(accounts))
    if len(accounts) <= LARGEST:
        return [tuple(everybody.tolist())] if accounts else []
    return [tuple(block.tolist()) for block in _cut(everybody, _links(accounts, least), least)]


def _cut(members: Index, links: Links, least: float) -> Iterator[Index]:
    if least > 1:
        yield from (members[at:at + LARGEST] for at in range(0, len(members), LARGEST))
        return
    near = links.among(members, least)
    label = _connected(len(members), near)
    for each in np.unique(label):
        inside = np.flatnonzero(label == each)
        if len(inside) <= LARGEST:
            yield members[inside]
        else:
            yield from _cut(members[inside], links, least * STEP)


def _connected(size: int, links: Links) -> Index:
    """For each position the lowest that it is connected with."""
    label = np.arange(size)
    while True:
        lowest = np.minimum(label[links.one], label[links.other])
        before = label.copy()
        np.minimum.at(label, links.one, lowest)
        np.minimum.at(label, links.other, lowest)
        label = label[label]
        if np.array_equal(before, label):
            return label


def _links(accounts: Sequence[Account], least: float) -> Links:
    near = [*_side_by_side(accounts)]
    ones, others, strengths = [one for one, _ in near], [other for _, other in near], [ALWAYS] * len(near)
    for row, cosines in enumerate(cosine_rows([each.terms for each in accounts])):
        found = np.flatnonzero(cosines[:row] >= least)
        if len(found) > LINKS:
            found = found[np.argsort(-cosines[found], kind="stable")[:LINKS]]
        ones += [row] * len(found)
        others += found.tolist()
        strengths += cosines[found].tolist()
    return Links(np.array(ones, dtype=np.int64), np.array(others, dtype=np.int64), np.array(strengths))


def _side_by_side(accounts: Sequence[Account]) -> Iterator[tuple[int, int]]:
    """Pairs that connect all accounts of one neighbourhood and day."""
    seen: dict[tuple[float, ...], int] = {}
    for at, each in enumerate(accounts):
        for cell in cells_of(each):
            first = seen.setdefault(cell, at)
            if first != at:
                yield first, at


def cells_of(account: Account) -> list[tuple[float, ...]]:
    """Its cells of space and time, none where either is unknown; grids overlap, so that no edge parts neighbours."""
    day = account.told if isnan(account.day) else account.day
    if isnan(account.lat) or isnan(day):
        return []
    return [(south, west, floor(account.lat / CELL + south), floor(account.lon / CELL + west), floor(day) + later)
            for south, west, later in product((0.0, 0.5), (0.0, 0.5), (0.0, 1.0))]
