"""Words for kinds of places -> streets, facilities, waters and hills that no gazetteer holds.

Its own module because it finds places by their shape and not by their name: "Van Dorn Street", "Waiheke Island", "the
Modibo Barracks", "Calle de la Luz", "Highway 19", "the Kabul airport". Whether such a shape is a place is decided as
for names, by learned weights of named features; where it lies is said by the names around it (`located`).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from advisord.extract.mentions import Candidate
from advisord.extract.place_words import Vocabulary
from advisord.model import PlaceKind
from advisord.text.fold import fold
from advisord.text.haystack import Haystack
from advisord.text.phrases import Phrases

KINDS = {
    "type_airport": PlaceKind.AIRPORT,
    "type_water": PlaceKind.WATER,
    "type_natural": PlaceKind.NATURAL,
    "type_street": PlaceKind.FACILITY,
    "type_facility": PlaceKind.FACILITY,
}
STREET = "type_street"
AIRPORT = "type_airport"
_TOWNS_AIRPORT = 1.5  # log odds: a town's airport is wanted by the contract, and too rare in the sets to be learned
_FOCUS_AIRPORT = 1.0  # log odds of "the airport", by the same reasoning
GENERIC_AIRPORT = "generic_airport"
_TOKEN = re.compile(r"[\w'’.&-]+")
_MOST_TOKENS = 4
_LOOK_BACK = 60
_SHORT = 3  # a token of so many characters may end with a full stop inside a name: "St.", "N."
_STRIPPED = ".,;:'\"“”‘’()"


@dataclass(slots=True)
class Compound:
    """A shape that may be a place: its span, the class of its word, the names inside it, its features and score."""

    start: int
    end: int
    kind: str
    word: tuple[int, int]
    inner: list[Candidate]
    features: list[str]
    score: float = 0.0


class Compounds:
    """Finds shapes in texts of one language and kind of case; immutable."""

    def __init__(self, words: Vocabulary, weights: Mapping[str, float], *, mixed: bool) -> None:
        """`weights` are the learned ones of the features named here, and "bias"."""
        self._words, self._weights, self._mixed = words, weights, mixed
        self._possessive = frozenset(words.marks.get("mark_possessive", ()))
        kinds = {word: kind for kind in (*reversed(KINDS), GENERIC_AIRPORT) for word in words.members(kind)}
        self._types = sorted(kinds.items())
        self._phrases = Phrases.build((word, number) for number, (word, _) in enumerate(self._types))

    def accepted(self, text: str, folded: str | Haystack, names: Sequence[Candidate]) -> list[Compound]:
        """Those that are places by the weights."""
        return [each for each in self.find(text, folded, names) if each.score > 0]

    def find(self, text: str, folded: str | Haystack, names: Sequence[Candidate]) -> list[Compound]:
        """Shapes in order, none overlapping another; `names` are the candidates of the same text."""
        hay = Haystack(folded) if isinstance(folded, str) else folded
        found: list[Compound] = []
        words = self._phrases.find(hay)
        if not words:
            return found
        starts = [name.start for name in names]
        reached = 0
        for start, end, number in words:
            if start < reached:
                continue
            kind = self._types[number][1]
            if kind == GENERIC_AIRPORT:
                found.append(Compound(start, end, kind, (start, end), [], [], _FOCUS_AIRPORT))
                reached = end
                continue
            at = bisect_left(starts, start)
            shape = self._shape(text, (start, end), names[max(0, at - 1) : at], airport=kind == AIRPORT)
            if shape is None or shape[0] < reached:
                continue
            first, last = max(0, bisect_left(starts, shape[0]) - 1), bisect_left(starts, shape[1])
            inner = [name for name in names[first:last] if name.end > shape[0]]
            if any(name.start <= shape[0] and name.end >= shape[1] for name in inner):
                continue
            reached = shape[1]
            found.append(self._weighed(Compound(*shape, kind, (start, end), inner, []), text, hay.folded))
        return found

    def _weighed(self, each: Compound, text: str, folded: str) -> Compound:
        """The shape with its features and its score."""
        each.features = self._features(each, text, folded)
        each.score = self._weights.get("bias", 0.0) + sum(self._weights.get(f, 0.0) for f in each.features)
        if each.kind == AIRPORT and each.inner:
            each.score = max(each.score, _TOWNS_AIRPORT)
        return each

    def _shape(self, text: str, word: tuple[int, int], near: Sequence[Candidate], *,
               airport: bool) -> tuple[int, int] | None:
        """The span of the whole name around a word for a kind of place, or null where nothing belongs to it."""
        start, end = word
        before = next((name for name in near if text[name.end : start] in {" ", "-"}
                       or (airport and fold(text[name.end : start].rstrip()) in self._possessive)), None)
        if not self._mixed or text[start].islower():
            return (before.start, end) if before else None
        left = self._to_the_left(text, start)
        if left < start:
            return left, end
        right = self._to_the_right(text, end)
        return (start, right) if right > end else None

    def _to_the_left(self, text: str, start: int) -> int:
        """Where the capitalised words right before `start` begin."""
        tokens = list(_TOKEN.finditer(text, max(0, start - _LOOK_BACK), start))
        reached = start
        for token in reversed(tokens[-_MOST_TOKENS:]):
            word = token.group()
            if text[token.end() : reached] not in {" ", ""} or not (word[0].isupper() or word[0].isdigit()):
                break
            if word.endswith(".") and len(word) > _SHORT:
                break
            if self._words.classes.get(fold(word.strip(_STRIPPED)), ()) and not self._within(word):
                break
            reached = token.start()
        return reached

    def _within(self, word: str) -> bool:
        """Whether a word of a class may yet stand inside a name: a direction, a kind, not a preposition."""
        classes = self._words.classes.get(fold(word.strip(_STRIPPED)), ())
        return not set(classes) & {"where", "of", "says", "month"} or len(word) <= _SHORT - 1

    def _to_the_right(self, text: str, end: int) -> int:
        """Where the capitalised words or the number right behind `end` end."""
        reached, linked = end, end
        for count, token in enumerate(_TOKEN.finditer(text, end, min(len(text), end + _LOOK_BACK))):
            word = token.group().rstrip(_STRIPPED)
            if count > _MOST_TOKENS or not word or text[linked : token.start()] != " ":
                break
            linked = token.start() + len(word)
            if word[0].isupper() or word[0].isdigit():
                reached = linked
            elif "of" not in self._words.classes.get(fold(word), ()):
                break
            if len(word) < len(token.group()):
                break
        return reached

    def _features(self, each: Compound, text: str, folded: str) -> list[str]:
        """What is known of a shape."""
        classes = self._words.classes
        word = folded[each.word[0] : each.word[1]]
        left = text[max(0, each.start - _LOOK_BACK) : each.start].rsplit(None, 2)
        before = fold(left[-1].strip(_STRIPPED)) if left else ""
        after = _TOKEN.search(folded, each.end, min(len(folded), each.end + 20))
        follows = after.group() if after and after.start() == each.end + 1 and folded[each.end] == " " else ""
        lower = text[each.word[0]].islower()
        told = [
            f"c:{each.kind}",
            f"c={word}",
            f"tokens={min(4, text.count(' ', each.start, each.end) + 1)}",
            f"side={'left' if each.start < each.word[0] else 'right'}+{each.kind}",
            f"p={before}",
            *(f"pc:{name}" for name in classes.get(before, ())),
            *(f"pc:{name}+{each.kind}" for name in classes.get(before, ())),
            f"n={follows}",
            *(f"nc:{name}" for name in classes.get(follows, ())),
            f"next={folded[each.end : each.end + 1]}",
            f"inner={min(2, len(each.inner))}+{each.kind}",
        ]
        if lower:
            told += ["lower", f"lower+{each.kind}"]
        if before.isdigit():
            told.append(f"p:digit+{each.kind}")
        if left and left[-1][-1] in ",;:.!?":
            told.append(f"p{left[-1][-1]}")
        if follows and text[each.end + 1].isupper():
            told.append("n:Cap")
        if any(char.isdigit() for char in text[each.start : each.end]):
            told.append(f"digits+{each.kind}")
        return told
