"""A table of similarities -> groups, by agglomerative linkage.

Its own module because it is pure arithmetic. Two groups are as alike as a blend of the mean and the largest similarity
of their members: the mean alone parts long stories whose late reports share little with early ones, the largest alone
chains through every article that mentions two incidents.
"""
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
NEVER = -1e9


def linked(table: Floats, threshold: float, *, mean_share: float = 1.0) -> list[tuple[int, ...]]:
    """Groups that no more merge reaches `threshold`, the most alike merged first, each in ascending order.

    `table` is symmetric; `mean_share` (0..1) is the share of the mean in the blend. Ties go to the lower position.
    """
    groups = {at: [at] for at in range(len(table))}
    if len(table) > 1:
        linkage = _Linkage(table, mean_share)
        while (pair := linkage.best(threshold)) is not None:
            groups[pair[0]] += groups.pop(pair[1])
            linkage.merge(*pair)
    return sorted(tuple(sorted(group)) for group in groups.values())


class _Linkage:
    """The tables of what is not merged yet, with the nearest neighbour of every row."""

    def __init__(self, table: Floats, mean_share: float) -> None:
        self._share = mean_share
        self._mean, self._largest = table.copy(), table.copy()
        self._sizes = np.ones(len(table))
        np.fill_diagonal(self._mean, NEVER)
        np.fill_diagonal(self._largest, NEVER)
        self._alike = self._blend(self._mean, self._largest)
        self._nearest = self._alike.argmax(axis=1)
        self._how = self._alike.max(axis=1)

    def _blend(self, mean: Floats, largest: Floats) -> Floats:
        return self._share * mean + (1 - self._share) * largest

    def best(self, threshold: float) -> tuple[int, int] | None:
        """The pair to merge next, the lower position first; null where none reaches the threshold."""
        row = int(self._how.argmax())
        if self._how[row] < threshold:
            return None
        other = int(self._nearest[row])
        return min(row, other), max(row, other)

    def merge(self, keep: int, gone: int) -> None:
        """Let `keep` stand for both."""
        here, there = self._sizes[keep], self._sizes[gone]
        self._put(self._mean, keep, (self._mean[keep] * here + self._mean[gone] * there) / (here + there), gone)
        self._put(self._largest, keep, np.maximum(self._largest[keep], self._largest[gone]), gone)
        self._sizes[keep] += there
        self._put(self._alike, keep, self._blend(self._mean[keep], self._largest[keep]), gone)
        self._refresh(keep, gone)

    @staticmethod
    def _put(table: Floats, keep: int, row: Floats, gone: int) -> None:
        row[keep] = row[gone] = NEVER
        table[keep], table[:, keep] = row, row
        table[gone], table[:, gone] = NEVER, NEVER

    def _refresh(self, keep: int, gone: int) -> None:
        """The nearest neighbours after a merge: of those who lost theirs, and of those who have a nearer one now."""
        self._how[gone] = NEVER
        lost = (self._nearest == keep) | (self._nearest == gone)
        lost[keep], lost[gone] = True, False
        for row in np.flatnonzero(lost & (self._how > NEVER)):
            self._nearest[row] = self._alike[row].argmax()
            self._how[row] = self._alike[row, self._nearest[row]]
        nearer = self._alike[:, keep] > self._how
        self._nearest[nearer], self._how[nearer] = keep, self._alike[nearer, keep]
