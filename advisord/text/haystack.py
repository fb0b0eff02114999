"""A folded text -> the form in which any number of phrases are looked for in it, made once.

Its own module because every vocabulary searches the same text: runs of spaces and line ends are one space there (a
break, where a line is blank), code points that are not read are gone, punctuation is a space; `there` is the way back.
"""
from __future__ import annotations

import re
from bisect import bisect_right

from advisord.text.fold import IGNORABLE

_ASCII = range(128)
_PUNCTUATION = tuple(chr(code) for code in _ASCII if not chr(code).isalnum() and chr(code) != " ")
_TO_SPACES = bytes(code if code in _ASCII and chr(code).isalnum() else 32 for code in range(256))
# The same, but for "?", which stands for all that ASCII cannot hold and is no bound of words.
_TO_SPACES_BUT = bytes(code if code == ord("?") else space for code, space in enumerate(_TO_SPACES))
_RUN = re.compile("  +")
_LOOSE = re.compile(rf"{IGNORABLE}+|[ \n]{{2,}}")
_BEYOND_ALL = 1 << 62


class Haystack:
    """Folded text ready to be searched; what is not asked for is never made."""

    __slots__ = ("_plain", "_spaced", "ascii", "cuts", "folded", "squeezed")

    def __init__(self, folded: str) -> None:
        """Squeeze the text; `cuts` is empty where nothing was missing, and positions are the same then."""
        self.folded = folded
        self.squeezed, self.cuts = squeeze(folded)
        self.ascii = self.squeezed.isascii()
        self._plain: bytes | None = None
        self._spaced: str | None = None

    @property
    def plain(self) -> bytes:
        """Spaces for punctuation, "?" for every code point beyond ASCII, a space before and behind: a byte each."""
        if self._plain is None:
            self._plain = b" %b " % _plain(self.squeezed, self.ascii)
        return self._plain

    @property
    def spaced(self) -> str:
        """Spaces for punctuation."""
        if self._spaced is None:
            self._spaced = spaces_for_punctuation(self.squeezed)
        return self._spaced

    def there(self, position: int) -> int:
        """Where the code point at `position` of squeezed text stands in the folded text."""
        cuts = self.cuts
        index = bisect_right(cuts, (position, _BEYOND_ALL))
        return position + (cuts[index - 1][1] if index else 0)

    def before(self, between: str, other: Haystack) -> Haystack:
        """This text, `between` and the other, as one."""
        if self.cuts or other.cuts or self.folded[-1:].isspace() or other.folded[:1].isspace():
            return Haystack(self.folded + between + other.folded)
        return _made(self.folded + between + other.folded, b"%b%b%b" % (
            self.plain, b" " * (len(between) - 2), other.plain), is_ascii=self.ascii and other.ascii)

    def part(self, start: int, end: int) -> Haystack:
        """`[start, end)` of the folded text, which begins and ends where words do."""
        if self.cuts:
            return Haystack(self.folded[start:end])
        folded = self.folded[start:end]
        return _made(folded, b" %b " % self.plain[start + 1:end + 1], is_ascii=self.ascii or folded.isascii())


def _made(folded: str, plain: bytes, *, is_ascii: bool) -> Haystack:
    """A haystack of which all this is known, and that nothing is missing in it."""
    made = Haystack.__new__(Haystack)
    made.folded = made.squeezed = folded
    made.cuts, made.ascii = [], is_ascii
    made._plain, made._spaced = plain, None  # noqa: SLF001
    return made


def squeeze(folded: str) -> tuple[str, list[tuple[int, int]]]:
    """The text with runs of spaces and line ends as one space (as a break, where a line is blank), unread ones gone.

    With it the cuts: from this position of the squeezed text on, so many code points are missing; empty where none is.
    """
    if IGNORABLE in folded:
        return _cut(folded, [run.span() for run in _LOOSE.finditer(folded)])
    if not ("  " in folded or " \n" in folded or "\n " in folded or "\n\n\n" in folded):
        return folded, []
    return _cut(folded, [run.span() for run in _RUN.finditer(folded.replace("\n", " "))])


def _cut(folded: str, runs: list[tuple[int, int]]) -> tuple[str, list[tuple[int, int]]]:
    """The text with each of these runs as short as may be."""
    pieces: list[str] = []
    cuts: list[tuple[int, int]] = []
    at = length = missing = 0
    for start, end in runs:
        piece = "" if folded[start] == IGNORABLE else " \n" if folded.count("\n", start, end) > 1 else " "
        if len(piece) == end - start:
            continue
        pieces += (folded[at:start], piece)
        length += start - at + len(piece)
        missing += end - start - len(piece)
        cuts.append((length, missing))
        at = end
    pieces.append(folded[at:])
    return "".join(pieces), cuts


def _plain(text: str, is_ascii: bool) -> bytes:
    if is_ascii:
        return text.encode("ascii").translate(_TO_SPACES)
    return text.replace("?", " ").encode("ascii", "replace").translate(_TO_SPACES_BUT)


def spaces_for_punctuation(folded: str) -> str:
    """The text with a space for every ASCII code point that is no letter or digit; of the same length."""
    if folded.isascii():
        return folded.encode("ascii").translate(_TO_SPACES).decode("ascii")
    for mark in _PUNCTUATION:
        folded = folded.replace(mark, " ")
    return folded
