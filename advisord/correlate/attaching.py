"""Further reports -> the groups that they belong to: asides, denials, consequences told without their cause.

Its own module because such reports follow and never lead: what an article mentions in passing is put with the incident
that others tell, and can never bring two incidents together or part one.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from advisord.correlate.accounts import Account, account_of
from advisord.correlate.blocks import cells_of
from advisord.correlate.grouping import LOOSE, MEAN_SHARE, affinities_of_first
from advisord.correlate.similarity import cosine_rows
from advisord.correlate.tables import Tables
from advisord.model import Hazard, SourcedReport

# With how many of the groups that share its words or place a report is compared, and with how many of their members:
# the first, since early reports name what happened
COMPARED, MEMBERS = 3, 30

Groups = Sequence[Sequence[SourcedReport]]


def attached(reports: Sequence[SourcedReport], groups: Groups, *, hazards: Mapping[str, Hazard],
             tables: Tables) -> list[int | None]:
    """For each report the group it rather belongs to than not, by the evidence against the groups; null for none."""
    if not reports or not groups:
        return [None] * len(reports)
    accounts = [[account_of(each, told=each.published) for each in group] for group in groups]
    others = [account_of(each, told=each.published) for each in reports]
    found: list[int | None] = []
    for account, candidates in zip(others, _candidates(others, accounts), strict=True):
        near = [accounts[at][:MEMBERS] for at in candidates]
        scores = _scores(account, near, hazards, tables)
        best = max(range(len(near)), key=lambda at: (scores[at], -at), default=None)
        found.append(candidates[best] if best is not None and scores[best] > 0 else None)
    return found


def _scores(account: Account, groups: Sequence[Sequence[Account]], hazards: Mapping[str, Hazard],
            tables: Tables) -> list[float]:
    """How much speaks for each group, in the context of all of them."""
    if not groups:
        return []
    row = affinities_of_first([account, *(each for group in groups for each in group)], hazards, tables)
    cuts = np.split(row, np.cumsum([len(group) for group in groups])[:-1])
    return [float(MEAN_SHARE * cut.mean() + (1 - MEAN_SHARE) * cut.max()) for cut in cuts]


def _candidates(others: Sequence[Account], groups: Sequence[Sequence[Account]]) -> Iterator[list[int]]:
    """For each of `others` the groups worth comparing: of its own article, its place and days, its words."""
    members = [(each, at) for at, group in enumerate(groups) for each in group]
    belongs = np.array([at for _, at in members])
    by_article: dict[str, set[int]] = {}
    by_cell: dict[tuple[float, ...], set[int]] = {}
    for each, at in members:
        by_article.setdefault(each.article_id, set()).add(at)
        for cell in cells_of(each):
            by_cell.setdefault(cell, set()).add(at)
    rows = cosine_rows([each.terms for each in others], [each.terms for each, _ in members])
    for account, row in zip(others, rows, strict=True):
        near: dict[int, float] = dict.fromkeys(by_article.get(account.article_id, ()), 1.0)
        for cell in cells_of(account):
            for at in by_cell.get(cell, ()):
                near.setdefault(at, LOOSE)
        for member in np.flatnonzero(row >= LOOSE).tolist():
            at = int(belongs[member])
            near[at] = max(near.get(at, 0.0), float(row[member]))
        yield sorted(sorted(near, key=lambda at: (-near[at], at))[:COMPARED])
