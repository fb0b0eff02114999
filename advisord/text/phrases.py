"""Phrases in folded text: one pass of a double-array Aho-Corasick automaton, whatever the number of phrases.

Its own module so that the automaton (daachorse) stays behind three methods. What it adds to the automaton: phrases
begin and end where words do, a single line break or a run of spaces inside a phrase does not matter (a blank line
does), punctuation is as good as a space, code points that are not read are skipped, and scripts that write no
spaces, or particles together with the word, have an automaton of their own.
"""

from __future__ import annotations

import re
import struct
from array import array
from bisect import bisect_right
from collections.abc import Iterable
from io import BytesIO
from operator import itemgetter
from typing import BinaryIO

from daachorse import CharwiseDoubleArrayAhoCorasick as Automaton

from advisord.text.fold import ARABIC_ARTICLES, ARABIC_PARTICLES, IGNORABLE, fold

Found = tuple[int, int, int]
_Automata = tuple[Automaton | None, Automaton | None, Automaton | None]

_ASCII = range(128)
_PUNCTUATION = tuple(chr(code) for code in _ASCII if not chr(code).isalnum() and chr(code) != " ")
_TO_SPACES = bytes(code if code in _ASCII and chr(code).isalnum() else 32 for code in range(256))
_LOOSE = re.compile(rf"{IGNORABLE}+|[ \n]{{2,}}")
# Thai to Myanmar, Khmer, kana, Han: the scripts of Unicode's line breaking class SA, and those of class ID.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_ARABIC = re.compile("[\u0621-\u064a]")
_HEADS = ARABIC_ARTICLES | ARABIC_PARTICLES
_LONGEST_HEAD = max(map(len, _HEADS))
_ARTICLE = "ال"
_HEADER = struct.Struct("<4s6Q")
_MAGIC = b"PHR1"
_SHORTEST_UNSPACED = 2
_SHORTEST_ARABIC = 3  # of a word that particles may stand before


class Phrases:
    """Phrases with a number each, found in folded text in one pass; immutable once built."""

    __slots__ = ("_attached", "_attached_ids", "_unspaced", "_unspaced_ids", "_word_ids", "_words")

    def __init__(self, automata: _Automata, ids: tuple[array[int], array[int], array[int]]) -> None:
        """From the automata and their patterns' numbers; `build`, `from_bytes` and `read` are the ways in."""
        self._words, self._unspaced, self._attached = automata
        self._word_ids, self._unspaced_ids, self._attached_ids = ids

    @classmethod
    def build(cls, entries: Iterable[tuple[str, int]], *, particles: bool = False) -> Phrases:
        """From phrases (folded here) and their numbers; the same phrase may have several; empty ones are left out.

        `particles`: Arabic phrases are also found behind the particles and the article that are written together with
        them ("وبالخرطوم"). Numbers are signed 64-bit.
        """
        words: list[tuple[str, int]] = []
        unspaced: list[tuple[str, int]] = []
        attached: list[tuple[str, int]] = []
        for phrase, value in entries:
            key = _key(phrase)
            if not key.strip():
                continue
            if _UNSPACED.search(key) and len(key) >= _SHORTEST_UNSPACED + 2:
                unspaced.append((key.strip(), value))
                continue
            words.append((key, value))
            if particles and _ARABIC.search(key) and len(bare := _bare(key)) > _SHORTEST_ARABIC:
                attached.append((bare, value))
        parts = (words, unspaced, attached)
        automata = tuple(Automaton([key for key, _ in part]) if part else None for part in parts)
        ids = tuple(array("q", (value for _, value in part)) for part in parts)
        return cls((automata[0], automata[1], automata[2]), (ids[0], ids[1], ids[2]))

    def to_bytes(self) -> bytes:
        """Everything, for `from_bytes`; bound to this version of the automaton and to this kind of machine."""
        automata = [bytes(each.serialize()) if each else b"" for each in (self._words, self._unspaced, self._attached)]
        ids = [each.tobytes() for each in (self._word_ids, self._unspaced_ids, self._attached_ids)]
        return _HEADER.pack(_MAGIC, *map(len, automata), *map(len, ids)) + b"".join(automata) + b"".join(ids)

    @classmethod
    def from_bytes(cls, data: bytes) -> Phrases:
        """What `to_bytes` gave; ValueError for anything else that shows it."""
        return cls.read(BytesIO(data))

    @classmethod
    def read(cls, file: BinaryIO) -> Phrases:
        """The same from a file, part by part, so that no more than one part is in memory twice."""
        head = file.read(_HEADER.size)
        if len(head) < _HEADER.size or not head.startswith(_MAGIC):
            raise ValueError("these bytes are no phrases")
        sizes = _HEADER.unpack(head)[1:]
        automata = [_automaton(_exactly(file, size)) for size in sizes[:3]]
        ids = [array("q") for _ in range(3)]
        for numbers, size in zip(ids, sizes[3:], strict=True):
            numbers.frombytes(_exactly(file, size))
        if file.read(1):
            raise ValueError("phrases with something behind them")
        return cls((automata[0], automata[1], automata[2]), (ids[0], ids[1], ids[2]))

    def __len__(self) -> int:
        """How many pairs of phrase and number are looked for."""
        return len(self._word_ids) + len(self._unspaced_ids)

    def find(self, folded: str, cased: str | None = None) -> list[Found]:
        """Every phrase that stands in `folded`: (start, end, number), by start, the longest first.

        Offsets are code points of `folded`, `[start, end)`, without the space around it. Phrases inside phrases are
        told too. With `cased`, the text before folding, only phrases whose first letter is no small one there. Time is
        linear in text and answers.
        """
        squeezed, cuts = squeeze(folded)
        spaced = spaces_for_punctuation(squeezed)
        found: list[Found] = []
        if self._words is not None:
            ids, matches = self._word_ids, self._words.find_overlapping(f" {spaced} ")
            if cased is not None and not cuts:
                matches = [match for match in matches if not cased[match[0]].islower()]
            found = [(start, end - 2, ids[key]) for start, end, key in matches]
        if self._unspaced is not None and not spaced.isascii() and _UNSPACED.search(spaced):
            ids = self._unspaced_ids
            found += [(start, end, ids[key]) for start, end, key in self._unspaced.find_overlapping(spaced)]
        if self._attached is not None and not spaced.isascii() and _ARABIC.search(spaced):
            found = list({*found, *self._behind_particles(spaced)})
        if cuts:
            found = [(_there(cuts, start), _there(cuts, end - 1) + 1, value) for start, end, value in found]
        if cased is not None and (cuts or not spaced.isascii()):
            found = [each for each in found if not cased[each[0]].islower()]
        found.sort(key=itemgetter(1), reverse=True)
        found.sort(key=itemgetter(0))
        return found

    def longest(self, folded: str) -> list[Found]:
        """As `find`, but of phrases that overlap only the leftmost, and of those the longest."""
        return leftmost_longest(self.find(folded))

    def _behind_particles(self, spaced: str) -> list[Found]:
        """Arabic phrases whose first word begins with particles; the span begins behind them, at the article if any."""
        found: list[Found] = []
        if self._attached is None:
            return found
        for start, end, key in self._attached.find_overlapping(f"{spaced} "):
            begins = spaced.rfind(" ", max(0, start - 4), start) + 1
            head = spaced[begins:start] if begins or start <= _LONGEST_HEAD else ""
            if head in _HEADS:
                article = 2 if head.endswith(_ARTICLE) else 1 if head.endswith("لل") else 0
                found.append((start - article, end - 1, self._attached_ids[key]))
        return found


def _automaton(data: bytes) -> Automaton | None:
    return Automaton.deserialize(data) if data else None


def _exactly(file: BinaryIO, size: int) -> bytes:
    data = file.read(size)
    if len(data) != size:
        raise ValueError("phrases cut short")
    return data


def leftmost_longest(found: Iterable[Found]) -> list[Found]:
    """Of spans sorted by start, the longest first: those that no earlier or longer one overlaps, equal spans all."""
    kept: list[Found] = []
    for each in found:
        if not kept or each[0] >= kept[-1][1] or each[:2] == kept[-1][:2]:
            kept.append(each)
    return kept


def squeeze(folded: str) -> tuple[str, list[tuple[int, int]]]:
    """The text with runs of spaces and line ends as one space (as a break, where a line is blank), unread ones gone.

    With it the cuts: from this position of the squeezed text on, so many code points are missing; empty where none is.
    """
    if not ("  " in folded or " \n" in folded or "\n " in folded or "\n\n\n" in folded or IGNORABLE in folded):
        return folded, []
    pieces: list[str] = []
    cuts: list[tuple[int, int]] = []
    at = length = missing = 0
    for run in _LOOSE.finditer(folded):
        start, end = run.span()
        piece = "" if folded[start] == IGNORABLE else " \n" if folded.count("\n", start, end) > 1 else " "
        pieces += (folded[at:start], piece)
        length += start - at + len(piece)
        missing += end - start - len(piece)
        cuts.append((length, missing))
        at = end
    pieces.append(folded[at:])
    return "".join(pieces), cuts


def spaces_for_punctuation(folded: str) -> str:
    """The text with a space for every ASCII code point that is no letter or digit; of the same length."""
    if folded.isascii():
        return folded.encode("ascii").translate(_TO_SPACES).decode("ascii")
    for mark in _PUNCTUATION:
        folded = folded.replace(mark, " ")
    return folded


def _there(cuts: list[tuple[int, int]], position: int) -> int:
    """Where the code point at `position` of squeezed text stands in the text before."""
    index = bisect_right(cuts, (position, 1 << 62))
    return position + (cuts[index - 1][1] if index else 0)


def _key(phrase: str) -> str:
    return f" {spaces_for_punctuation(squeeze(fold(phrase))[0]).strip()} "


def _bare(key: str) -> str:
    """The phrase without the article and the space before it."""
    return key.strip().removeprefix(_ARTICLE) + " "
