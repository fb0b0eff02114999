"""Term lists -> cosines in [0, 1], a row at a time.

Its own module because it is the only part that must be fast for ten thousand articles: no pair is looked at that
shares no term. Arithmetic is plain addition in a fixed order and rounded, so that the answer is the same anywhere.
"""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from math import log

import numpy as np
from numpy.typing import NDArray

Terms = Sequence[tuple[str, float]]
Floats = NDArray[np.float64]

# A group counts as if so many more reports stood in it: with few of them, what they share is not yet known to be
# common to all of the kind. 8 gives B-cubed F1 .960 on look-alike pairs, 4 .956, 2 .953.
UNSEEN = 8.0
# In groups larger than this a word of a single report is noise (a byline, a menu); keeping it costs .05 of F1
ALONE_FROM = 4
DECIMALS = 6


def in_context(terms: Sequence[Terms]) -> list[list[tuple[str, float]]]:
    """Each list with its weights turned to what tells these reports apart: words that most of them share weigh little.

    The group is of look-alikes ("pirates", "navy", "Gulf of Aden"), so its own document frequencies say which words
    are the kind's and which the incident's.
    """
    held = Counter(word for each in terms for word, _ in each)
    size, alone = len(terms), 1 if len(terms) < ALONE_FROM else 2
    factor = {word: max(0.0, log((size + UNSEEN) / count)) if count >= alone else 0.0 for word, count in held.items()}
    return [[(word, weight * factor[word]) for word, weight in each if factor[word] > 0] for each in terms]


def cosine_rows(terms: Sequence[Terms], others: Sequence[Terms] | None = None, *,
                doubt: float = 0.0) -> Iterator[Floats]:
    """For each list its cosine to every one of `others` (of its own kind without), in order; rounded to DECIMALS.

    `doubt` is a length that each is counted longer by: short lists, whose cosine is chance, are less alike for it.
    """
    unit = _unit(terms, doubt)
    kept = unit if others is None else _unit(others, doubt)
    postings = _postings(kept)
    for each in unit:
        known = [(*postings[word], weight) for word, weight in each if word in postings]
        if not known:
            yield np.zeros(len(kept))
            continue
        rows = np.concatenate([where for where, _, _ in known])
        parts = np.concatenate([weights * weight for _, weights, weight in known])
        yield np.minimum(1.0, np.round(np.bincount(rows, weights=parts, minlength=len(kept)), DECIMALS))


def cosine_row(one: Terms, terms: Sequence[Terms], *, doubt: float = 0.0) -> Floats:
    """The cosines of one list to all of `terms`: as cosine_rows, for few."""
    (first,) = _unit([one], doubt)
    weight = dict(first)
    found = [sum(weight[word] * each for word, each in other if word in weight) for other in _unit(terms, doubt)]
    return np.minimum(1.0, np.round(np.array(found), DECIMALS))


def cosines(terms: Sequence[Terms], *, doubt: float = 0.0) -> Floats:
    """The square table of cosines."""
    return np.array(list(cosine_rows(terms, doubt=doubt))).reshape(len(terms), len(terms))


def _unit(terms: Sequence[Terms], doubt: float) -> list[list[tuple[str, float]]]:
    """The lists at length 1 or, for the doubt, less."""
    found = []
    for each in terms:
        length = (sum([weight * weight for _, weight in each]) + doubt * doubt) ** 0.5
        found.append([(word, weight / length) for word, weight in each if weight > 0])
    return found


def _postings(unit: Sequence[Terms]) -> dict[str, tuple[NDArray[np.int64], Floats]]:
    """Word -> the rows that hold it, ascending, and its weight in each."""
    number: dict[str, int] = {}
    words = np.array([number.setdefault(word, len(number)) for each in unit for word, _ in each], dtype=np.int64)
    rows = np.repeat(np.arange(len(unit)), [len(each) for each in unit])
    weights = np.array([weight for each in unit for _, weight in each])
    order = np.argsort(words, kind="stable")
    ends = np.cumsum(np.bincount(words, minlength=len(number))).tolist()
    rows, weights = rows[order], weights[order]
    return {word: (rows[start:end], weights[start:end])
            for word, start, end in zip(number, [0, *ends], ends, strict=False)}
