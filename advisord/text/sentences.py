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
        if not _ends(text, match, wrapped=wrapped, abbreviations=abbreviations):
            continue
        start = _add(spans, text, start, match.end())
    _add(spans, text, start, len(text))
    return spans


def _ends(text: str, match: re.Match[str], *, wrapped: bool, abbreviations: AbstractSet[str]) -> bool:
    """Whether a sentence ends at this full stop or line end."""
    mark = match.group()
    if mark == "\n":
        after = text[match.end():match.end() + 2]
        return not wrapped or after[:1] in ("-", "•", "*", "–") or after == "  "
    if not mark.startswith("."):
        return True
    at = match.start()
    word = text[max(0, at - _WORD_BEFORE):at].rsplit(None, 1)[-1:] or [""]
    last = word[0].lstrip("(\"'[").lower()
    return not (last in abbreviations or (len(last) == 1 and last.isalpha()) or ("." in last and len(last) <= _DOTTED))


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
