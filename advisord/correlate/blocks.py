"""Many accounts -> blocks between which nothing can join, so that no table over all of them is ever made.

Its own module because it is what keeps ten thousand articles from being fifty million pairs.
"""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from math import floor, isnan

import numpy as np
from numpy.typing import NDArray

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
    label = np.arange(len(accounts))
    for one, other in _side_by_side(accounts):
        _unite(label, np.array([one, other]))
    for row, cosines in enumerate(cosine_rows([each.terms for each in accounts])):
        _unite(label, np.append(np.flatnonzero(cosines[:row] >= least), row))
    found: list[tuple[int, ...]] = []
    for block in _blocks(label.tolist()):
        found += [block] if len(block) <= LARGEST else _cut(accounts, block, least * STEP)
    return found


def _cut(accounts: Sequence[Account], block: tuple[int, ...], least: float) -> list[tuple[int, ...]]:
    if least > 1:
        return [block[at:at + LARGEST] for at in range(0, len(block), LARGEST)]
    inner = components([accounts[at] for at in block], least)
    return [tuple(block[at] for at in each) for each in inner]


def _side_by_side(accounts: Sequence[Account]) -> Iterator[tuple[int, int]]:
    """Pairs that connect all accounts of one neighbourhood and day."""
    seen: dict[tuple[float, ...], int] = {}
    for at, each in enumerate(accounts):
        for cell in cells_of(each):
            yield seen.setdefault(cell, at), at


def cells_of(account: Account) -> list[tuple[float, ...]]:
    """Its cells of space and time, none where either is unknown; grids overlap, so that no edge parts neighbours."""
    day = account.told if isnan(account.day) else account.day
    if isnan(account.lat) or isnan(day):
        return []
    return [(south, west, floor(account.lat / CELL + south), floor(account.lon / CELL + west), floor(day) + later)
            for south, west, later in product((0.0, 0.5), (0.0, 0.5), (0.0, 1.0))]


def _unite(label: NDArray[np.int64], members: NDArray[np.int64]) -> None:
    """Give all that carry a label of one of `members` the lowest of those labels."""
    labels = np.unique(label[members])
    if len(labels) > 1:
        label[np.isin(label, labels)] = labels[0]


def _blocks(label: Sequence[int]) -> list[tuple[int, ...]]:
    blocks: dict[int, list[int]] = {}
    for at, each in enumerate(label):
        blocks.setdefault(each, []).append(at)
    return [tuple(block) for block in blocks.values()]
