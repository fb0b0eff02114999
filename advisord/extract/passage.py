"""An article as one folded text with its sentences, and the way back to offsets in title and text.

Title and text are joined so that every later step has one coordinate; `of` gives the contract's field and offsets.
"""
from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from advisord.lexicon import Lexicon
from advisord.model import Article
from advisord.text.haystack import Haystack
from advisord.text.sentences import sentences

_BETWEEN = "\n\n"
_DATELINE = 70  # code points from the text's beginning that a dateline takes at most
_DASHES = ("--", " - ")


@dataclass(frozen=True, slots=True)
class Passage:
    """`folded`, of `hay`, is the title, a blank line and the text; `base` is where the text begins, 0 without a title.

    `spans` are sentences in order; the first `titles` of them stand in the title.
    """

    article: Article
    hay: Haystack
    folded: str
    base: int
    spans: tuple[tuple[int, int], ...]
    starts: tuple[int, ...]
    titles: int

    def sentence_at(self, position: int) -> int:
        """The index of the sentence that `position` stands in or behind; 0 before the first."""
        return max(0, bisect_right(self.starts, position) - 1)

    def of(self, start: int, end: int) -> tuple[str, int, int]:
        """Field and offsets in it; a span that crosses from title to text is cut at the title's end."""
        if start < self.base:
            return "title", start, min(end, self.base - len(_BETWEEN))
        return "text", start - self.base, end - self.base

    def position(self, field: str, offset: int) -> int:
        """The coordinate here of an offset in a field."""
        return offset if field == "title" else offset + self.base

    def written(self, start: int, end: int) -> str:
        """The characters as written."""
        field, first, last = self.of(start, end)
        return (self.article.title if field == "title" else self.article.text)[first:last]


def joined(title: Haystack, text: Haystack) -> Haystack:
    """Title and text as one."""
    return title.before(_BETWEEN, text) if title.folded else text


def passage_of(article: Article, hay: Haystack, *, folded_title: str, lexicon: Lexicon) -> Passage:
    """The article's passage, split by the language's abbreviations; `hay` is what `joined` gave."""
    folded = hay.folded
    base = len(folded_title) + len(_BETWEEN) if folded_title else 0
    titles = sentences(folded_title, lexicon.abbreviations) if folded_title else []
    spans = (*titles, *((start + base, end + base) for start, end in sentences(folded[base:], lexicon.abbreviations)))
    return Passage(article=article, hay=hay, folded=folded, base=base, spans=spans,
                   starts=tuple(start for start, _ in spans), titles=len(titles))


def dateline_end(passage: Passage) -> int:
    """Where the dateline ends in the passage ("BAMAKO, 17 Sep (AFP) -- "); the text's beginning where there is none."""
    head = passage.folded[passage.base:passage.base + _DATELINE + 2]
    ends = [at + len(dash) for dash in _DASHES if (at := head.find(dash)) >= 0]
    written = passage.written(passage.base, passage.base + 3)
    end = min(ends, default=0)
    return passage.base + (end if written.isupper() or "(" in head[:end] else 0)


