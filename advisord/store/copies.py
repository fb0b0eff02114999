"""Marks by which an article's near-copies are found without reading every recent report again.

A bottom-k sketch of the 3-word shingles (Broder 1997): two texts that share a fifth of their shingles have one of 24
marks in common with probability 1 - .8**24 = .995; unrelated ones practically never. Who is a copy is for `correlate`
to judge; this only finds whom to show it.
"""
from __future__ import annotations

import re
from zlib import crc32

from advisord.model import Article

MARKS = 24
_WORD = re.compile(r"\w+")


def marks_of(article: Article) -> tuple[int, ...]:
    """The lowest hashes of the article's shingles, ascending; none for a text of fewer than three words."""
    text = f"{article.title}\n{article.text}".casefold()
    words = [word.encode("utf-8", "surrogatepass") for word in _WORD.findall(text)]
    hashes = {crc32(b" ".join(shingle)) for shingle in zip(words, words[1:], words[2:], strict=False)}
    return tuple(sorted(hashes)[:MARKS])
