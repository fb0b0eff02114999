"""A text -> the spans of its sentences, so that what stands together can be told from what merely stands near.

Knows no language: what ends in a full stop without ending a sentence (abbreviations) is an argument. Linear in the
text,
and no sentence is longer than LONGEST, so that work that grows with a sentence stays bounded.
"""
from __future__ import annotations

import re
from collections.abc import Set as AbstractSet

LONGEST = 1200  # code points; 1 in 3,000 sentences of news is longer, and those are lists
_WRAPPED = 100  # code points: a text without a longer line was wrapped by a machine; its line ends are spaces
_DOTTED = 4  # code points of the longest abbreviation with full stops inside: "u.s"
_END = re.compile(r"""[.!?…。؟۔।]["')\]”’»]{0,3}(?=\s)|\n\s*(?=\n)|\n(?=\s{2,}\S)|\n(?=[-•*–]\s)|\n|[。।]""")
_WORD_BEFORE = 14  # code points; no abbreviation is longer


def sentences(text: str, abbreviations: AbstractSet[str] = frozenset()) -> list[tuple[int, int]]:
    """The spans `[start, end)` of the sentences of folded `text`, in order, covering all that is not white space.

    A blank line, an indented line and a line that begins with a bullet begin a sentence; so does every other line,
    unless the text is wrapped.
    """
    wrapped = max(map(len, text.split("\n"))) <= _WRAPPED
    spans: list[tuple[int, int]] = []
    start = 0
    for match in _END.finditer(text):
        at, end = match.span()
        mark = text[at]
        if mark == "." and _is_short(text, at, abbreviations):
            continue
        if wrapped and mark == "\n" and end == at + 1 and not _begins(text[end:end + 2]):
            continue
        start = _add(spans, text, start, end)
    _add(spans, text, start, len(text))
    return spans


def _begins(following: str) -> bool:
    """Whether a line of wrapped text begins a sentence: a bullet or an indent."""
    return following[:1] in ("-", "•", "*", "–") or following == "  "


def _is_short(text: str, at: int, abbreviations: AbstractSet[str]) -> bool:
    """Whether the full stop at this position belongs to an abbreviation or an initial."""
    before = text[at - _WORD_BEFORE if at > _WORD_BEFORE else 0:at].rsplit(None, 1)
    if not before:
        return False
    last = before[-1].lstrip("(\"'[").lower()
    return last in abbreviations or (len(last) == 1 and last.isalpha()) or (len(last) <= _DOTTED and "." in last)


def _add(spans: list[tuple[int, int]], text: str, start: int, end: int) -> int:
    """Add `[start, end)` without the white space around it, in pieces of at most LONGEST; where the next begins."""
    while end - start > LONGEST:
        cut = text.rfind(" ", start + LONGEST // 2, start + LONGEST)
        cut = start + LONGEST if cut < 0 else cut
        _add(spans, text, start, cut)
        start = cut
    piece = text[start:end]
    stripped = piece.strip()
    if stripped:
        begins = start + len(piece) - len(piece.lstrip())
        spans.append((begins, begins + len(stripped)))
    return end
