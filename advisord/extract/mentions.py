"""Text -> names that could be places, each with what stands around it, told as named features.

Its own module because the same features are read here and learned by seeds/weights/learn_places.py: what a feature is
called is the contract between the two. Whether a name is a place is decided in `toponyms`.
"""
from __future__ import annotations

import re
from dataclasses import dataclass, field

from advisord.extract.place_words import Words
from advisord.gazetteer.gazetteer import CAPITALS, Gazetteer

_NEXT = re.compile(r"([^\w\n]{0,3})(\w*)")
_LOOK_BACK = 40
_SENTENCE_ENDS = frozenset(".!?:;\n\"”“‘•|–—-")
_UPPER = bytes(range(65, 91))
_LOWER = bytes(range(97, 123))
_MOSTLY = 4
_STRIPPED = "\"'“”‘’()[]{}<>«»,;:.!?*"
_RANKS = (100, 500, 2000)
_PEOPLE = (1_000, 10_000, 50_000, 200_000, 1_000_000)


@dataclass(slots=True)
class Candidate:
    """A name that stands in a text: `[start, end)`, its number in the gazetteer, its features and its neighbours.

    `before` and `after` are the folded words beside it, `gap` what stands between it and the word after it.
    """

    start: int
    end: int
    key: int
    before: str
    after: str
    gap: str
    features: list[str] = field(default_factory=list)
    types: list[str] = field(default_factory=list)
    score: float = 0.0
    has_container: bool = False
    is_container: bool = False


def case_of(text: str) -> str:
    """"mixed", or "flat" where a text is (nearly) all in capitals or all in small letters, so that case tells nothing."""
    plain = text.encode("ascii", "ignore")
    upper = len(plain) - len(plain.translate(None, _UPPER))
    lower = len(plain) - len(plain.translate(None, _LOWER))
    return "flat" if upper > _MOSTLY * lower or (lower and not upper) else "mixed"


class Mentions:
    """Finds candidates and says their features; immutable but for a cache of what is known of each name."""

    def __init__(self, gazetteer: Gazetteer, words: Words) -> None:
        """Keep the tables."""
        self._gazetteer = gazetteer
        self._words = words
        self._known: dict[int, tuple[str, ...]] = {}

    def candidates(self, text: str, folded: str, case: str) -> list[Candidate]:
        """Names that stand in `text`, in order, none overlapping another: of those inside one another the longest."""
        mixed = case == "mixed"
        known = self._known
        found: list[Candidate] = []
        reached = 0
        for start, end, key in self._gazetteer.scan(folded):
            if start < reached or (mixed and text[start].islower()):
                continue
            static = known.get(key)
            if static is None:
                static = known[key] = self._of_name(key, folded[start:end])
            if static[0] == "capitals" and text[start:end].upper() != text[start:end]:
                continue
            reached = end
            found.append(self._seen(text, folded, (start, end, key), static))
        return found

    def _of_name(self, key: int, name: str) -> tuple[str, ...]:
        """What is known of a name wherever it stands; the first says whether only capitals will do."""
        gazetteer, words = self._gazetteer, self._words
        rows = gazetteer.rows_of(key)
        flags = gazetteer.flags[gazetteer.starts[key]:gazetteer.starts[key + 1]]
        best = rows[0]
        kind = gazetteer.kinds[gazetteer.kind[best]]
        people = gazetteer.population[best]
        tokens = name.split()
        size = sum(people >= bound for bound in _PEOPLE) if kind in {"city", "admin2"} else ""
        told = [f"k={kind}{size}", f"tokens={min(3, len(tokens))}", f"places={min(4, len(rows).bit_length())}",
                f"flags={min(flags)}"]
        if name in words.ordinary:
            told += ["ordinary", f"ordinary+{kind}{size}"]
        if name in words.first_names:
            told += ["first_name", f"first_name+{size}"]
        rank = words.surnames.get(name)
        if rank is not None:
            told += [f"surname{sum(rank >= bound for bound in _RANKS)}", f"surname+{size}"]
        told += [f"is:{each}" for each in words.classes.get(name, ())]
        if len(tokens) > 1:
            told += [f"last:{each}" for each in words.classes.get(tokens[-1], ())]
            told += [f"first:{each}" for each in words.classes.get(tokens[0], ())]
            if tokens[0] in words.first_names:
                told.append("begins_with_first_name")
        capitals = all(flag & CAPITALS for flag in flags)
        return ("capitals" if capitals else "", *told)

    def _seen(self, text: str, folded: str, span: tuple[int, int, int], static: tuple[str, ...]) -> Candidate:
        """The candidate with its features."""
        start, end, key = span
        words = self._words
        following = _NEXT.match(text, end)
        gap, after = (following[1], following[2]) if following else ("", "")
        next_word = folded[end + len(gap):end + len(gap) + len(after)]
        left = text[max(0, start - _LOOK_BACK):start]
        pieces = left.split()
        raw = pieces[-1] if pieces else ""
        before = raw.strip(_STRIPPED)
        previous = folded[start - len(left) + left.rfind(raw):][:len(raw)].strip(_STRIPPED) if raw else ""
        begins = not raw or raw[-1] in _SENTENCE_ENDS or "\n" in left[left.rfind(raw) + len(raw):]
        features = [*static[1:], f"gap={gap}"]
        attached = bool(left) and not left[-1].isspace()
        if attached:
            features.append(f"attached={left[-1]}")
        if begins:
            features.append("begins")
            features += [f"begins+{each}" for each in static[1:2]]
        if previous:
            told = words.classes.get(previous, ())
            if raw[-1] in ",;)" :
                features.append("p,")
            elif not begins or raw[-1] == ".":
                features.append(f"p={previous}")
                features += [f"pc:{each}" for each in told]
                if before[:1].isupper():
                    features.append("p:Cap" if not told else "p:CapClass")
                    if previous in words.first_names:
                        features.append("p:first_name")
                    elif previous in words.surnames:
                        features.append("p:surname")
                    if len(before) == 1:
                        features.append("p:initial")
                elif before[:1].isdigit():
                    features.append("p:digit")
                elif not told:
                    features.append("p:other")
                if len(pieces) > 1:
                    features.append(f"pp={pieces[-2].lower()}")
        if after:
            told = words.classes.get(next_word, ())
            if gap == " ":
                features.append(f"n={next_word}")
                features += [f"nc:{each}" for each in told]
            if after[0].isupper():
                features.append(f"n:Cap{gap}" if not told else f"n:CapClass{gap}")
                if gap == " ":
                    if next_word in words.surnames:
                        features.append("n:surname")
            elif after[0].isdigit():
                features.append("n:digit")
        types = [feature[3:] for feature in features if feature.startswith("nc:type_")]
        return Candidate(start, end, key, previous, next_word, gap, features, types)
