"""An article -> every place it mentions, each with the point it means and how sure that is: PLACE of analyse.md.

The flow: candidates with their features (`mentions`), what each name may mean (`place_options`), which of it this
article means (`place_votes`), whether it is a place at all, and how sure both are. All numbers are learned
(seeds/weights/places.json, by seeds/weights/learn_places.py); all words are tables (seeds/gazetteer/words).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import itemgetter

from advisord.extract.compounds import AIRPORT, GENERIC_AIRPORT, STREET, Compound, Compounds
from advisord.extract.located import Told, Towns, unheld
from advisord.extract.mentions import Candidate, Mentions, case_of
from advisord.extract.place_answers import Answers, chance
from advisord.extract.place_marks import Mark, Marks, airports_by_share, one_of
from advisord.extract.place_options import CONTAINERS, Options, options_of
from advisord.extract.place_votes import Ballot, Name, RoundWeights, ballot_of, rank
from advisord.extract.place_words import Vocabulary, Words
from advisord.gazetteer.gazetteer import Gazetteer
from advisord.model import Article, Mention, Place
from advisord.text.haystack import Haystack
from advisord.text.phrases import Phrases

_HOME = 3.0  # by the contract a prior that decides between namesakes; no labelled set has it to learn from
_DEMONYM = 0.5
_MOST_WEIGHT = 2.0
_ATTACHED = 3.0  # log odds of "the airport in Bamako", which says itself where it is
_OPENERS = (",", "(")
_PARTS = ("local", "compound", "prior", "first", "final", "mention", "confidence")

_AIRPORTS = frozenset({AIRPORT, GENERIC_AIRPORT})

Weights = Mapping[str, Mapping[str, float]]


@dataclass(slots=True)
class Reading:
    """One article while it is read: candidates of both fields in order, names by key, the final ballot.

    `marks` are those of its text, `body`.
    """

    fields: list[str]
    candidates: list[Candidate]
    names: dict[int, Name]
    ballot: Ballot
    shapes: list[tuple[str, Compound]]
    marks: list[Mark]
    body: Haystack


class Toponyms:
    """Finds and places the places of articles; the same article always gives the same answer."""

    def __init__(self, gazetteer: Gazetteer, weights: Mapping[str, Weights], words: Words) -> None:
        """`weights` is the parsed places.json: by kind of text ("mixed" case or "flat"), by part, by feature."""
        self._gazetteer, self._weights, self._words = gazetteer, weights, words
        self._readers: dict[tuple[str, str], Reader] = {}

    def find(self, article: Article, folded_title: str | Haystack, folded_text: str | Haystack) -> tuple[Mention, ...]:
        """Every mention of a place, in reading order; `folded_*` are `fold` of title and text."""
        reader = self._reader(case_of(article.text or article.title), article.language)
        return reader.mentions(article, reader.read(article, (folded_title, folded_text)))

    def _reader(self, case: str, language: str | None) -> Reader:
        """The reader of one kind of text in one language, made when first needed."""
        code, words = self._words.of_language(language)
        reader = self._readers.get((case, code))
        if reader is None:
            reader = self._readers[case, code] = Reader(self._gazetteer, self._weights[case], words, case)
        return reader


class Reader:
    """Reads texts of one kind; immutable but for what it keeps of the names it has met."""

    def __init__(self, gazetteer: Gazetteer, weights: Weights, words: Vocabulary, case: str) -> None:
        """`weights` by part and feature; what a part lacks weighs nothing."""
        self._gazetteer, self._words = gazetteer, words
        self._weights = {part: weights.get(part, {}) for part in _PARTS}
        self._found = Mentions(gazetteer, words, case, self._weights["local"])
        self._compounds = Compounds(words, self._weights["compound"], mixed=case == "mixed")
        self._learned = bool(self._weights["compound"])
        self._first, self._final = (RoundWeights.of(self._weights[part]) for part in ("first", "final"))
        self.answers = Answers(gazetteer, self._weights, self._final)
        self._options: dict[int, Options] = {}
        self._airports: dict[str | None, Mapping[Place, float]] = {}
        self._country_index = {code: index for index, code in enumerate(gazetteer.countries)}
        self._marks = Marks(words, mixed=case == "mixed")
        demonyms = [(word, self._country_index[code]) for word, code in words.demonyms.items()
                    if code in self._country_index]
        self._peoples = [index for _, index in demonyms]
        marks = [(word, -1 - number) for number, word in enumerate(self._marks.entries())]
        self._phrases = Phrases.build([*((word, number) for number, (word, _) in enumerate(demonyms)), *marks])

    def read(self, article: Article, folded: tuple[str | Haystack, str | Haystack]) -> Reading:
        """Candidates, names and votes of an article."""
        title, body = (Haystack(each) if isinstance(each, str) else each for each in folded)
        fields: list[str] = []
        candidates: list[Candidate] = []
        names: dict[int, Name] = {}
        shapes: list[tuple[str, Compound]] = []
        for field, text, plain in (("title", article.title, title), ("text", article.text, body)):
            found = self._found.candidates(text, plain) if text else []
            if self._learned:
                found = self._take_shapes(field, (text, plain, found), shapes)
            fields += [field] * len(found)
            candidates += found
            self._group(found, names)
        for name in names.values():
            name.weight = min(_MOST_WEIGHT, sum([chance(each.score) for each in name.mentions]))
        told = self._phrases.find(body) if names else []
        home = self._home(article, [number for _, _, number in told if number >= 0])
        marks = self._marks.marks_of([(start, end, -1 - number) for start, end, number in told if number < 0], body)
        ballot = ballot_of(names.values(), home, first=True)
        rank(names.values(), ballot, self._first, final=False)
        ballot = ballot_of(names.values(), home)
        rank(names.values(), ballot, self._final, final=True)
        return Reading(fields, candidates, names, ballot, shapes, marks, body)

    def _take_shapes(
        self, field: str, article: tuple[str, Haystack, list[Candidate]], shapes: list[tuple[str, Compound]]
    ) -> list[Candidate]:
        """Find streets, facilities and the like; names inside them are not told again, and in streets do not vote."""
        text, plain, found = article
        dropped: set[int] = set()
        for shape in self._compounds.accepted(text, plain, found):
            shapes.append((field, shape))
            for each in shape.inner:
                each.hidden = True
                if shape.kind == STREET:
                    dropped.add(id(each))
        return [each for each in found if id(each) not in dropped] if dropped else found

    def _group(self, found: Sequence[Candidate], names: dict[int, Name]) -> None:
        """Put candidates to their names, with the containers that stand behind them ("Paris, Texas")."""
        for each in found:
            name = names.get(each.key)
            if name is None:
                options = self._options_of(each.key)
                name = names[each.key] = Name(each.key, options.all, options.likely, shares=options.priors)
            name.mentions.append(each)
            if each.types:
                name.types.update(each.types)
        known: dict[tuple[int, int], bool] = {}
        for each, after in pairwise(found):
            if each.gap[:1] in _OPENERS and after.start == each.end + len(each.gap) and each.key != after.key:
                pair = each.key, after.key
                if pair not in known:
                    known[pair] = _contain(*pair, names)
                if known[pair]:
                    each.has_container = after.is_container = True

    def _options_of(self, key: int) -> Options:
        """Kept for every name met: at most as many as the gazetteer has names."""
        options = self._options.get(key)
        if options is None:
            options = self._options[key] = options_of(
                self._gazetteer, key, self._weights["prior"], (self._weights["first"], self._weights["final"])
            )
        return options

    def _home(self, article: Article, peoples: Sequence[int]) -> dict[int, float]:
        """Votes for countries from outside the names: the source's home, and demonyms."""
        home: dict[int, float] = {}
        if article.country in self._country_index:
            home[self._country_index[article.country]] = _HOME
        for number in dict.fromkeys(peoples):
            index = self._peoples[number]
            home[index] = home.get(index, 0.0) + _DEMONYM
        return home

    # ------------------------------------------------------------------------------------ is it a place, and how sure

    def local_features(self, each: Candidate, text: str) -> list[tuple[str, float]]:
        """What a candidate's score sums, by name."""
        return [(name, 1.0) for name in self._found.features(each, text[each.start : each.end])]

    def shapes(self, article: Article, folded: str) -> list[Compound]:
        """Every shape of an article's text, for the script that learns which of them are places."""
        return self._compounds.find(article.text, folded, self._found.candidates(article.text, folded))

    def sureness(self, reading: Reading) -> list[float]:
        """Log odds of each candidate's being a place."""
        return self.answers.sureness(reading.candidates, reading.names, reading.ballot)

    def mentions(self, article: Article, reading: Reading) -> tuple[Mention, ...]:
        """The candidates and shapes that are places, each with its place, in reading order."""
        found: list[Told] = []
        inner: dict[int, Place] = {}
        for field, each, sure in zip(reading.fields, reading.candidates, self.sureness(reading), strict=True):
            if each.hidden:
                inner[id(each)] = self.answers.place_of(reading.names[each.key], sure)
            elif sure > 0:
                place = self.answers.place_of(reading.names[each.key], sure)
                found.append((field == "text", each.start, each.end, place))
        if reading.shapes:
            found += self._shapes(article, reading.shapes, Towns(found, inner))
            found.sort(key=itemgetter(0, 1))
        if reading.marks:
            found = self._marks.add(article.text, reading.body, reading.marks, found)
        texts = (article.title, article.text)
        return tuple(
            Mention(("title", "text")[text], start, end, texts[text][start:end], place)
            for text, start, end, place in found
        )

    def _shapes(self, article: Article, shapes: Sequence[tuple[str, Compound]], towns: Towns) -> list[Told]:
        """Shapes with the point of the town that they lie in, as far as the article tells."""
        found: list[Told] = []
        for field, shape in shapes:
            text = article.title if field == "title" else article.text
            city = towns.of(shape, field == "text", text)
            airports = self._airports_of(city) if city and shape.kind in _AIRPORTS else None
            if city and airports:
                attached = towns.behind(shape, field == "text", text) is not None
                score = max(shape.score, _ATTACHED) if attached else shape.score
                place = one_of(airports, city.confidence * chance(score))
                found.append((field == "text", shape.start, shape.end, place))
            elif shape.kind != GENERIC_AIRPORT:
                place = unheld(shape, text[shape.start : shape.end], city)
                found.append((field == "text", shape.start, shape.end, place))
        return found

    def _airports_of(self, city: Place) -> Mapping[Place, float]:
        """A town's airports with the share of each, the chief one first; kept for every town asked for."""
        if city.id not in self._airports:
            gazetteer = self._gazetteer
            known = [(place, gazetteer.population[gazetteer.row_of(place.id or "") or 0])
                     for place in gazetteer.airports_of(city)]
            self._airports[city.id] = airports_by_share(known, self._words.main_airports, city=city)
        return self._airports[city.id]


def _contain(each: int, after: int, names: Mapping[int, Name]) -> bool:
    """Whether some place of the one name lies in some place of the other, that stands right behind it."""
    outer = {option.row for option in names[after].options if option.kind in CONTAINERS}
    inside = {row for option in names[each].options for row in option.around & outer} if outer else set()
    names[each].inside |= inside
    return bool(inside)
