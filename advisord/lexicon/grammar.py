"""The phrase syntax of docs/lexicon.md: alternatives, sets and gaps, spelt out into plain phrases.

Its own module because it knows neither YAML nor hazards: a line in, the phrases that it stands for out.
"""
from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import product

from advisord.errors import SeedError

GAPS = {"...": 70, "~": 20}  # what stands between two parts -> at most so many characters (ten words, three words)
_GAP = re.compile(r"(\.\.\.|~)")
MOST_PHRASES = 6000  # that one part of an entry may stand for; the largest of ours stands for about 2,000
DEEPEST = 8  # sets inside sets


def parts_of(entry: str, sets: Mapping[str, Sequence[str]]) -> tuple[list[list[str]], list[int]]:
    """The parts of `entry`, each as the phrases that it may be, and how wide the gaps between them may be.

    SeedError names a faulty entry.
    """
    parts = []
    cut = _GAP.split(_filled(entry, sets))
    for part in cut[::2]:
        phrases = [" ".join(each.split()) for each in _sequence(part, entry)]
        if not all(phrases):
            raise SeedError(f"{entry!r}: a part of it may be empty")
        parts.append(list(dict.fromkeys(phrases)))
    return parts, [GAPS[gap] for gap in cut[1::2]]


def _filled(entry: str, sets: Mapping[str, Sequence[str]]) -> str:
    """The entry with alternatives in place of the names of sets."""
    filled = entry
    for _ in range(DEEPEST):
        if "{" not in filled:
            return filled
        head, _, rest = filled.partition("{")
        name, closed, tail = rest.partition("}")
        if not closed or name not in sets:
            raise SeedError(f"{entry!r}: there is no set {name!r}")
        filled = f"{head}({'|'.join(sets[name])}){tail}"
    raise SeedError(f"{entry!r}: more than {DEEPEST} sets in one entry")


def _sequence(text: str, entry: str) -> list[str]:
    """Every plain phrase that `text`, without gaps and sets, stands for."""
    choices: list[list[str]] = []
    at = 0
    while at < len(text):
        if text[at] == "(":
            end = _closing(text, at, entry)
            choices.append([each for branch in _branches(text[at + 1:end]) for each in _sequence(branch, entry)])
            at = end + 1
        else:
            nearest = text.find("(", at)
            end = len(text) if nearest < 0 else nearest
            if ")" in text[at:end] or "|" in text[at:end]:
                raise SeedError(f"{entry!r}: ')' or '|' outside of brackets")
            choices.append([text[at:end]])
            at = end
    count = 1
    for each in choices:
        count *= len(each)
    if count > MOST_PHRASES:
        raise SeedError(f"{entry!r}: stands for {count} phrases, more than {MOST_PHRASES}")
    return ["".join(each) for each in product(*choices)]


def _closing(text: str, opening: int, entry: str) -> int:
    """Where the bracket at `opening` is closed."""
    depth = 0
    for at in range(opening, len(text)):
        depth += (text[at] == "(") - (text[at] == ")")
        if depth == 0:
            return at
    raise SeedError(f"{entry!r}: a bracket is not closed")


def _branches(text: str) -> list[str]:
    """`text` cut at its outermost bars."""
    branches = [""]
    depth = 0
    for char in text:
        depth += (char == "(") - (char == ")")
        if char == "|" and depth == 0:
            branches.append("")
        else:
            branches[-1] += char
    return branches
