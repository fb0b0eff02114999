"""Many accounts -> blocks between which nothing can join, so that no table over all of them is ever made.

Its own module because it is what keeps ten thousand articles from being fifty million pairs.
"""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from math import floor, isnan

import numpy as np

from advisord.correlate.accounts import Account
from advisord.correlate.similarity import cosine_rows

# The largest square table: 32 MB each
LARGEST = 2000
STEP = 1.25
# degrees; points of one town are in one cell of one of the grids
CELL = 0.5


def components(accounts: Sequence[Account], least: float) -> list[tuple[int, ...]]:
    """Positions in blocks, each ascending: connected by a cosine of `least` or by nearness in space and time.

    Average linkage at `least` joins nothing across such blocks. A block larger than LARGEST is cut at a higher
    cosine, again and again, which may part what average linkage would have joined at the very edge.
    """
    leader = list(range(len(accounts)))
    for one, other in _side_by_side(accounts):
        _unite(leader, one, other)
    for row, cosines in enumerate(cosine_rows([each.terms for each in accounts])):
        for near in np.flatnonzero(cosines[:row] >= least).tolist():
            _unite(leader, row, near)
    found: list[tuple[int, ...]] = []
    for block in _blocks(leader):
        found += [block] if len(block) <= LARGEST else _cut(accounts, block, least * STEP)
    return found


def _cut(accounts: Sequence[Account], block: tuple[int, ...], least: float) -> list[tuple[int, ...]]:
    if least > 1:
        return [block[at:at + LARGEST] for at in range(0, len(block), LARGEST)]
    inner = components([accounts[at] for at in block], least)
    return [tuple(block[at] for at in each) for each in inner]


def _side_by_side(accounts: Sequence[Account]) -> Iterator[tuple[int, int]]:
    """Pairs that connect all accounts of one neighbourhood and day; four grids, so that no edge parts neighbours."""
    seen: dict[tuple[float, ...], int] = {}
    for at, each in enumerate(accounts):
        day = each.told if isnan(each.day) else each.day
        if isnan(each.lat) or isnan(day):
            continue
        for south, west, later in product((0.0, 0.5), (0.0, 0.5), (0.0, 1.0)):
            cell = (south, west, floor(each.lat / CELL + south), floor(each.lon / CELL + west), floor(day) + later)
            yield seen.setdefault(cell, at), at


def _unite(leader: list[int], one: int, other: int) -> None:
    first, second = _root(leader, one), _root(leader, other)
    leader[max(first, second)] = min(first, second)


def _root(leader: list[int], at: int) -> int:
    while leader[at] != at:
        leader[at] = leader[leader[at]]
        at = leader[at]
    return at


def _blocks(leader: list[int]) -> list[tuple[int, ...]]:
    blocks: dict[int, list[int]] = {}
    for at in range(len(leader)):
        blocks.setdefault(_root(leader, at), []).append(at)
    return [tuple(block) for block in blocks.values()]
