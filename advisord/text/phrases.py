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
from collections.abc import Iterable
from io import BytesIO
from operator import itemgetter
from typing import BinaryIO, NamedTuple

from daachorse import CharwiseDoubleArrayAhoCorasick as OfLetters
from daachorse import DoubleArrayAhoCorasick as OfBytes

from advisord.text.fold import ARABIC_ARTICLES, ARABIC_PARTICLES, fold
from advisord.text.haystack import Haystack, spaces_for_punctuation, squeeze

Found = tuple[int, int, int]

# Thai to Myanmar, Khmer, kana, Han: the scripts of Unicode's line breaking class SA, and those of class ID.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_ARABIC = re.compile("[\u0621-\u064a]")
_HEADS = ARABIC_ARTICLES | ARABIC_PARTICLES
_LONGEST_HEAD = max(map(len, _HEADS))
_ARTICLE = "ال"
_HEADER = struct.Struct("<4s8Q")
_MAGIC = b"PHR2"
_SHORTEST_UNSPACED = 2
_SHORTEST_ARABIC = 3  # of a word that particles may stand before
_BY_START, _BY_END = itemgetter(0), itemgetter(1)


class Automata(NamedTuple):
    """Phrases by how they are looked for; null where there are none of a sort.

    `plain`: in ASCII, by bytes: half as many of the processor's cache misses as by code points. `words`: in other
    letters. `unspaced`: in scripts without spaces. `attached`: Arabic ones behind particles.
    """

    plain: OfBytes | None
    words: OfLetters | None
    unspaced: OfLetters | None
    attached: OfLetters | None


class Numbers(NamedTuple):
    """The numbers of the patterns of each automaton, in the order of their building."""

    plain: array[int]
    words: array[int]
    unspaced: array[int]
    attached: array[int]


class Phrases:
    """Phrases with a number each, found in folded text in one pass; immutable once built."""

    __slots__ = ("_automata", "_numbers")

    def __init__(self, automata: Automata, numbers: Numbers) -> None:
        """From the automata and their patterns' numbers; `build`, `from_bytes` and `read` are the ways in."""
        self._automata, self._numbers = automata, numbers

    @classmethod
    def build(cls, entries: Iterable[tuple[str, int]], *, particles: bool = False,
              corpus: Iterable[str] = ()) -> Phrases:
        """From phrases (folded here) and their numbers; the same phrase may have several; empty ones are left out.

        `particles`: Arabic phrases are also found behind the particles and the article that are written together with
        them ("وبالخرطوم"). Numbers are signed 64-bit. `corpus`: texts like those that will be searched; what they pass
        through is put together in memory, and nothing else changes.
        """
        parts: tuple[list[tuple[str, int]], ...] = ([], [], [], [])
        plain, words, unspaced, attached = parts
        for phrase, value in entries:
            key = _key(phrase)
            if not key.strip():
                continue
            if _UNSPACED.search(key) and len(key) >= _SHORTEST_UNSPACED + 2:
                unspaced.append((key.strip(), value))
                continue
            (plain if key.isascii() else words).append((key, value))
            if particles and _ARABIC.search(key) and len(bare := _bare(key)) > _SHORTEST_ARABIC:
                attached.append((bare, value))
        keys = [[key for key, _ in part] for part in parts]
        like = [Haystack(fold(text)).plain for text in corpus] or None
        first = OfBytes([key.encode("ascii") for key in keys[0]], corpus=like) if plain else None
        rest = [OfLetters(part) if part else None for part in keys[1:]]
        return cls(Automata(first, *rest), Numbers(*(array("q", (value for _, value in part)) for part in parts)))

    def to_bytes(self) -> bytes:
        """Everything, for `from_bytes`; bound to this version of the automaton and to this kind of machine."""
        automata = [bytes(each.serialize()) if each else b"" for each in self._automata]
        numbers = [each.tobytes() for each in self._numbers]
        return b"".join([_HEADER.pack(_MAGIC, *map(len, automata), *map(len, numbers)), *automata, *numbers])

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
        plain = OfBytes.deserialize(_exactly(file, sizes[0])) if sizes[0] else None
        rest = [OfLetters.deserialize(_exactly(file, size)) if size else None for size in sizes[1:4]]
        numbers = Numbers(*(array("q") for _ in range(4)))
        for each, size in zip(numbers, sizes[4:], strict=True):
            each.frombytes(_exactly(file, size))
        if file.read(1):
            raise ValueError("phrases with something behind them")
        return cls(Automata(plain, *rest), numbers)

    def __len__(self) -> int:
        """How many pairs of phrase and number are looked for."""
        return len(self._numbers.plain) + len(self._numbers.words) + len(self._numbers.unspaced)

    def find(self, text: str | Haystack, cased: str | None = None) -> list[Found]:
        """Every phrase that stands in folded `text`: (start, end, number), by start, the longest first.

        Offsets are code points of the text, `[start, end)`, without the space around it. Phrases inside phrases are
        told too. With `cased`, the text before folding, only phrases whose first letter is no small one there. Time is
        linear in text and answers.
        """
        hay = Haystack(text) if isinstance(text, str) else text
        plain = self._automata.plain
        found: list[Found] = []
        if plain is not None:
            ids, matches = self._numbers.plain, plain.find_overlapping(hay.plain)
            if cased is None or hay.cuts:
                found = [(start, end - 2, ids[key]) for start, end, key in matches]
            else:
                found = [(start, end - 2, ids[key]) for start, end, key in matches if not cased[start].islower()]
        if not hay.ascii:
            found += self._beyond_ascii(hay)
        if hay.cuts:
            there = hay.there
            found = [(there(start), there(end - 1) + 1, value) for start, end, value in found]
        if cased is not None and (hay.cuts or not hay.ascii):
            found = [each for each in found if not cased[each[0]].islower()]
        if len(found) > 1:
            found.sort(key=_BY_END, reverse=True)
            found.sort(key=_BY_START)
        return found

    def longest(self, text: str | Haystack) -> list[Found]:
        """As `find`, but of phrases that overlap only the leftmost, and of those the longest."""
        return leftmost_longest(self.find(text))

    def _beyond_ascii(self, hay: Haystack) -> list[Found]:
        """What stands there of phrases in other letters."""
        _, words, unspaced, attached = self._automata
        found: list[Found] = []
        if words is not None:
            ids = self._numbers.words
            found = [(start, end - 2, ids[key]) for start, end, key in words.find_overlapping(f" {hay.spaced} ")]
        if unspaced is not None and _UNSPACED.search(hay.spaced):
            ids = self._numbers.unspaced
            found += [(start, end, ids[key]) for start, end, key in unspaced.find_overlapping(hay.spaced)]
        if attached is not None and _ARABIC.search(hay.spaced):
            found = list(dict.fromkeys(found + self._behind_particles(hay.spaced, attached)))
        return found

    def _behind_particles(self, spaced: str, attached: OfLetters) -> list[Found]:
        """Arabic phrases whose first word begins with particles; the span begins behind them, at the article if any."""
        found: list[Found] = []
        ids = self._numbers.attached
        for start, end, key in attached.find_overlapping(f"{spaced} "):
            begins = spaced.rfind(" ", max(0, start - 4), start) + 1
            head = spaced[begins:start] if begins or start <= _LONGEST_HEAD else ""
            if head in _HEADS:
                article = 2 if head.endswith(_ARTICLE) else 1 if head.endswith("لل") else 0
                found.append((start - article, end - 1, ids[key]))
        return found


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


def _key(phrase: str) -> str:
    return f" {spaces_for_punctuation(squeeze(fold(phrase))[0]).strip()} "


def _bare(key: str) -> str:
    """The phrase without the article and the space before it."""
    return key.strip().removeprefix(_ARTICLE) + " "
