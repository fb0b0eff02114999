"""Accounts -> groups that tell of one incident: the one decision behind the live join and the batch.

Its own module because both must agree. First loosely: what shares words, or kind, place and day, might be one; then,
within each loose group, by the evidence in that context; each time by linkage, so that one article that
mentions two incidents does not make them one. The answer is a function of the set: accounts are put in an order of
their own before anything else.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from advisord.correlate.accounts import Account
from advisord.correlate.blocks import components
from advisord.correlate.evidence import Columns, Floats, affinity, agree, columns_of, words_of, words_of_first
from advisord.correlate.linkage import linked
from advisord.correlate.similarity import cosines
from advisord.correlate.tables import Tables
from advisord.model import Hazard

# Cosine above which two accounts might tell of one incident. Between .08 and .15 the end result is the same (B-cubed
# F1 .956 to .965); the last step parts what this one leaves together, and cannot join what it parts. The same kind,
# place and day do as well, since accounts in two languages share no words.
LOOSE = 0.1
# Of the last step; see docs/correlate.md for what other shares give
MEAN_SHARE = 0.7


def groups_of(accounts: Sequence[Account], *, hazards: Mapping[str, Hazard],
              tables: Tables) -> tuple[tuple[int, ...], ...]:
    """Positions in `accounts`, a tuple for every incident; every position once, in whatever order they come."""
    found: list[tuple[int, ...]] = []
    for group in loose_groups_of(accounts, hazards=hazards, tables=tables):
        if len(group) == 1:
            found.append(group)
            continue
        table = affinities([accounts[at] for at in group], hazards, tables)
        found += [tuple(group[at] for at in close) for close in linked(table, 0.0, mean_share=MEAN_SHARE)]
    return tuple(sorted(found))


def loose_groups_of(accounts: Sequence[Account], *, hazards: Mapping[str, Hazard],
                    tables: Tables) -> list[tuple[int, ...]]:
    """Positions in groups between which nothing can join, each group in the accounts' own order."""
    order = sorted(range(len(accounts)), key=lambda at: accounts[at].key)
    ordered = [accounts[at] for at in order]
    found: list[tuple[int, ...]] = []
    for block in components(ordered, LOOSE):
        if len(block) == 1:
            found.append((order[block[0]],))
            continue
        members = [ordered[at] for at in block]
        alike = _loosely(members, columns_of(members, hazards, tables))
        found += [tuple(order[block[at]] for at in group) for group in linked(alike, LOOSE)]
    return found


def _loosely(accounts: Sequence[Account], of: Columns) -> Floats:
    table = cosines([each.terms for each in accounts])
    i, j = np.triu_indices(len(accounts), 1)
    table[i, j] = np.maximum(table[i, j], np.where(agree(of, i, j), LOOSE, 0.0))
    table[j, i] = table[i, j]
    return table


def affinities(accounts: Sequence[Account], hazards: Mapping[str, Hazard], tables: Tables) -> Floats:
    """The square table of log-odds within one loose group."""
    of = columns_of(accounts, hazards, tables)
    i, j = np.triu_indices(len(accounts), 1)
    table = np.zeros((len(accounts), len(accounts)))
    table[i, j] = affinity(of, i, j, words_of(accounts), tables.weights)
    table[j, i] = table[i, j]
    return table


def affinities_of_first(accounts: Sequence[Account], hazards: Mapping[str, Hazard], tables: Tables) -> Floats:
    """The log-odds of the first account with each of the others, in the context of all."""
    of = columns_of(accounts, hazards, tables)
    others = np.arange(1, len(accounts))
    return affinity(of, np.zeros_like(others), others, words_of_first(accounts), tables.weights)
