"""A table of similarities -> groups, by average linkage.

Its own module because it is pure arithmetic. Nearest-neighbour chain (Murtagh 1983, A survey of recent advances in
hierarchical clustering algorithms): the same groups as merging the best pair again and again, in quadratic time.
"""
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def average_link(table: Floats, threshold: float) -> list[tuple[int, ...]]:
    """Groups whose mean similarity stayed at or above `threshold` at every merge, each in ascending order.

    `table` is symmetric; ties go to the lower position.
    """
    table = table.copy()
    np.fill_diagonal(table, -np.inf)
    groups = {at: [at] for at in range(len(table))}
    done: list[list[int]] = []
    chain: list[int] = []
    while groups:
        if not chain:
            chain.append(min(groups))
        last = chain[-1]
        nearest = int(table[last].argmax())
        if table[last, nearest] < threshold:
            # nothing can come nearer later: a mean is never above the largest of its parts
            done.append(groups.pop(last))
            table[last], table[:, last] = -np.inf, -np.inf
            chain.pop()
        elif len(chain) > 1 and table[last, nearest] <= table[last, chain[-2]]:
            chain.pop()
            _merge(table, groups, last, chain.pop())
        else:
            chain.append(nearest)
    return sorted(tuple(sorted(group)) for group in done)


def _merge(table: Floats, groups: dict[int, list[int]], one: int, other: int) -> None:
    keep, gone = min(one, other), max(one, other)
    here, there = len(groups[keep]), len(groups[gone])
    mean = (table[keep] * here + table[gone] * there) / (here + there)
    mean[keep] = -np.inf
    table[gone], table[:, gone] = -np.inf, -np.inf
    mean[gone] = -np.inf
    table[keep], table[:, keep] = mean, mean
    groups[keep] += groups.pop(gone)
