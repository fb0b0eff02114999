"""Reports of one incident -> how many independent origins told it: wire copies and reprints count once.

Its own module because a story printed by ten papers looks like ten witnesses. Two reports share an origin when they
come from the same newsroom, credit the same agency, or are near-duplicates of one another.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from rensa import RMinHash

from advisord.model import Article, SourcedReport
from advisord.text.fold import fold

# Of pairs of news articles, copies share more than a fifth of their 3-word shingles and others less than a fiftieth;
# 64 permutations estimate a fifth to within .05
COPY = 0.2
PERMUTATIONS = 64
_HEX = 8
# Where agencies are credited: the dateline and the last line
_HEAD_CHARS, _TAIL_CHARS = 160, 80


def signature_of(words: Sequence[str]) -> str:
    """The MinHash over the 3-word shingles, in hexadecimal; empty for a text too short to have one."""
    shingles = [" ".join(each) for each in zip(words, words[1:], words[2:], strict=False)]
    if not shingles:
        return ""
    minhash = RMinHash(num_perm=PERMUTATIONS, seed=0)
    minhash.update(shingles)
    return "".join(f"{each:0{_HEX}x}" for each in minhash.digest())


def similarity(one: str, other: str) -> float:
    """The estimated share of shingles that two signatures have in common, 0..1; 0 where either is empty."""
    if not one or len(one) != len(other):
        return 0.0
    return float((_minima(one) == _minima(other)).mean())


def credit_of(article: Article, agencies: Mapping[str, str]) -> str | None:
    """The agency that the article credits: what its feed says, else a name standing in brackets or after a dash."""
    if article.credit:
        return agencies.get(fold(article.credit).strip(), fold(article.credit).strip())
    head, tail = fold(article.text[:_HEAD_CHARS]), fold(article.text[-_TAIL_CHARS:])
    for name, agency in agencies.items():
        if f"({name})" in head or f"({name})" in tail or f"- {name}" in tail or f"{name} -" in head:
            return agency
    return None


def origin_of(article_id: str, feed_id: str, credit: str | None) -> str:
    """Where a story comes from before copies are found: its agency, else its newsroom, else itself."""
    if credit:
        return f"agency:{credit}"
    return f"feed:{feed_id}" if feed_id else f"article:{article_id}"


def folded(reports: Iterable[SourcedReport]) -> dict[str, str]:
    """Article id -> origin: near-duplicates have that of their agency, else of the earliest; order does not matter."""
    articles = _distinct(reports)
    leader = {each.article_id: each.article_id for each in articles}
    for one, other in _copies(articles):
        first, second = _root(leader, one.article_id), _root(leader, other.article_id)
        leader[second] = first
    # an agency named by any of the copies stands for all of them
    stories: dict[str, list[SourcedReport]] = {}
    for each in articles:
        stories.setdefault(_root(leader, each.article_id), []).append(each)
    names = {root: _name(copies) for root, copies in stories.items()}
    return {each.article_id: names[_root(leader, each.article_id)] for each in articles}


def _name(copies: Sequence[SourcedReport]) -> str:
    credited = next((each for each in copies if each.credit), copies[0])
    return origin_of(credited.article_id, credited.feed_id, credited.credit)


def _distinct(reports: Iterable[SourcedReport]) -> list[SourcedReport]:
    """One report of each article, the earliest article first."""
    seen: dict[str, SourcedReport] = {}
    for each in sorted(reports, key=lambda each: (each.published or each.seen_at, each.article_id, each.id)):
        seen.setdefault(each.article_id, each)
    return list(seen.values())


def _copies(articles: Sequence[SourcedReport]) -> list[tuple[SourcedReport, SourcedReport]]:
    """The pairs that are near-duplicates, the earlier first."""
    signed = [each for each in articles if each.signature]
    if not signed:
        return []
    table = np.array([_minima(each.signature) for each in signed])
    found = []
    for row, one in enumerate(signed):
        alike = (table[row + 1:] == table[row]).mean(axis=1) > COPY
        found += [(one, signed[row + 1 + int(at)]) for at in np.flatnonzero(alike)]
    return found


def _minima(signature: str) -> NDArray[np.uint32]:
    return np.frombuffer(bytes.fromhex(signature), dtype=">u4").astype(np.uint32)


def _root(leader: Mapping[str, str], article_id: str) -> str:
    while leader[article_id] != article_id:
        article_id = leader[article_id]
    return article_id
