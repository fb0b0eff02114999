"""An article's words -> the few that tell it from others, with weights.

Its own module because it is the only part of `correlate` that reads text; the rest compares what is made here, which
the store keeps with each report, so that the text is never read again.
"""
from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from math import log

from advisord.correlate.tables import RAREST, Tables
from advisord.text.fold import fold

# 60 terms compare as well as all of them (B-cubed F1 .911 against .910 on look-alike pairs; 30 give .891)
TERMS = 60
# A word in more than a third of all articles tells nothing
COMMONEST = 1.0
# What a text may cost: beyond this many characters an article has said what it is about
READ_CHARS = 20_000

# A magnitude, a time of day or a sum is one word: 5.6 and 5.9 tell two earthquakes apart, 5 and 6 and 9 do not
_WORD = re.compile(r"\d+(?:[.:]\d+|(?:,\d{3})+(?!\d))|[^\W_]+")


def words_of(text: str) -> list[str]:
    """The words and numbers of `text`, folded, in reading order."""
    return _WORD.findall(fold(text[:READ_CHARS]))


def terms_of(words: list[str], language: str, tables: Tables) -> tuple[tuple[str, float], ...]:
    """The TERMS weightiest words: (1 + ln count) times rarity, three decimals; equal weights by word."""
    rarity = tables.idf.get(language.split("-", maxsplit=1)[0], {})
    weighed = ((word, _weight(word, count, rarity)) for word, count in Counter(words).items())
    kept = [(word, round(weight, 3)) for word, weight in weighed if weight]
    return tuple(sorted(kept, key=_by_weight)[:TERMS])


def _by_weight(term: tuple[str, float]) -> tuple[float, str]:
    return (-term[1], term[0])


def _weight(word: str, count: int, rarity: Mapping[str, float]) -> float:
    rare = rarity.get(word, RAREST)
    if rare <= COMMONEST or (len(word) == 1 and not word.isdigit()):
        return 0.0
    return (1 + log(count)) * rare
