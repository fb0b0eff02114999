"""An article -> every place it mentions, each with the point it means and how sure that is: PLACE of analyse.md.

The flow: candidates with their features (`mentions`), what each name may mean (`place_options`), which of it this
article means (`place_votes`), whether it is a place at all, and how sure both are. All numbers are learned
(seeds/weights/places.json, by seeds/weights/learn_places.py); all words are tables (seeds/gazetteer/words).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import exp, log
from operator import itemgetter

from advisord.extract.compounds import AIRPORT, GENERIC_AIRPORT, STREET, Compound, Compounds
from advisord.extract.located import Told, Towns, unheld
from advisord.extract.mentions import Candidate, Mentions, case_of
from advisord.extract.place_options import CONTAINERS, Option, options_of
from advisord.extract.place_votes import EVIDENCE, Ballot, Name, RoundWeights, ballot_of, evidence, rank
from advisord.extract.place_words import Vocabulary, Words
from advisord.gazetteer.gazetteer import Gazetteer
from advisord.model import Alternative, Article, Mention, Place, PlaceKind
from advisord.text.haystack import Haystack

_CERTAIN = 1e-6
_ALTERNATIVES = 3
_WORTH_A_LOOK = 0.05
_HOME = 3.0  # by the contract a prior that decides between namesakes; no labelled set has it to learn from
_DEMONYM = 0.5
_MOST_WEIGHT = 2.0
_OPENERS = (",", "(")
_TOLD = slice(EVIDENCE.index("told_admin1"), EVIDENCE.index("told_country") + 1)
_PARTS = ("local", "compound", "prior", "first", "final", "mention", "confidence")

_AIRPORTS = frozenset({AIRPORT, GENERIC_AIRPORT})

Weights = Mapping[str, Mapping[str, float]]


@dataclass(slots=True)
class Reading:
    """One article while it is read: candidates of both fields in order, names by key, and the final ballot."""

    fields: list[str]
    candidates: list[Candidate]
    names: dict[int, Name]
    ballot: Ballot
    shapes: list[tuple[str, Compound]]


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
        self._options: dict[int, tuple[Option, ...]] = {}
        self._places: dict[int, Place] = {}
        self._airports: dict[str | None, Place | None] = {}
        self._country_index = {code: index for index, code in enumerate(gazetteer.countries)}

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
            name.weight = min(_MOST_WEIGHT, sum([_chance(each.score) for each in name.mentions]))
        home = self._home(article, body.folded) if names else {}
        ballot = ballot_of(names.values(), home)
        rank(names.values(), ballot, self._first, final=False)
        ballot = ballot_of(names.values(), home)
        rank(names.values(), ballot, self._final, final=True)
        return Reading(fields, candidates, names, ballot, shapes)

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
                name = names[each.key] = Name(each.key, options, shares=[option.prior for option in options])
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

    def _options_of(self, key: int) -> tuple[Option, ...]:
        """Kept for every name met: at most as many as the gazetteer has names."""
        options = self._options.get(key)
        if options is None:
            options = self._options[key] = options_of(
                self._gazetteer, key, self._weights["prior"], (self._weights["first"], self._weights["final"])
            )
        return options

    def _home(self, article: Article, folded: str) -> dict[int, float]:
        """Votes for countries from outside the names: the source's home, and demonyms."""
        home: dict[int, float] = {}
        if article.country in self._country_index:
            home[self._country_index[article.country]] = _HOME
        for word in self._words.demonym_set.intersection(folded.split()):
            index = self._country_index.get(self._words.demonyms[word])
            if index is not None:
                home[index] = home.get(index, 0.0) + _DEMONYM
        return home

    # ------------------------------------------------------------------------------------ is it a place, and how sure

    def local_features(self, each: Candidate, text: str) -> list[tuple[str, float]]:
        """What a candidate's score sums, by name."""
        return [(name, 1.0) for name in self._found.features(each, text[each.start : each.end])]

    def shapes(self, article: Article, folded: str) -> list[Compound]:
        """Every shape of an article's text, for the script that learns which of them are places."""
        return self._compounds.find(article.text, folded, self._found.candidates(article.text, folded))

    def name_features(self, name: Name, ballot: Ballot) -> list[tuple[str, float]]:
        """What the whole article says for a name's being a place."""
        option = name.option
        told = evidence(name, option, ballot)
        admin1, admin2, nation = told[_TOLD]
        return [
            ("support", self._final.weighed(name, option, told) / 3),
            ("share", name.shares[name.best]),
            (f"kind={option.kind}", 1.0),
            ("told_admin1", admin1),
            ("told_admin2", admin2),
            ("told_country", nation),
        ]

    def mention_features(self, each: Candidate, name: Name) -> list[tuple[str, float]]:
        """What a mention and its fellows say for its being a place."""
        features = [("local", each.score)]
        count = len(name.mentions)
        if count > 1:
            low, high, total = name.fellows
            others = (total - each.score) / (count - 1)
            features += [
                ("max_other", high[1] if each.score == high[0] else high[0]),
                ("min_other", low[1] if each.score == low[0] else low[0]),
                ("mean_other", others),
                ("others", 1.0),
            ]
        if each.has_container:
            features.append(("has_container", 1.0))
        if each.is_container:
            features.append(("is_container", 1.0))
        return features

    def sureness(self, reading: Reading) -> list[float]:
        """Log odds of each candidate's being a place."""
        get = self._weights["mention"].get
        by_name = {
            key: get("bias", 0.0)
            + sum([get(feature, 0.0) * value for feature, value in self.name_features(name, reading.ballot)])
            for key, name in reading.names.items()
        }
        return [
            by_name[each.key]
            + sum(
                [get(feature, 0.0) * value for feature, value in self.mention_features(each, reading.names[each.key])]
            )
            for each in reading.candidates
        ]

    def mentions(self, article: Article, reading: Reading) -> tuple[Mention, ...]:
        """The candidates and shapes that are places, each with its place, in reading order."""
        found: list[Told] = []
        inner: dict[int, Place] = {}
        for field, each, sure in zip(reading.fields, reading.candidates, self.sureness(reading), strict=True):
            if each.hidden:
                inner[id(each)] = self._place_of(reading.names[each.key], sure)
            elif sure > 0:
                place = self._place_of(reading.names[each.key], sure)
                found.append((field == "text", each.start, each.end, place))
        if reading.shapes:
            found += self._shapes(article, reading.shapes, Towns(found, inner))
            found.sort(key=itemgetter(0, 1))
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
            airport = self._airport_of(city) if city and shape.kind in _AIRPORTS else None
            if city is not None and airport is not None:
                sure = round(city.confidence * _chance(shape.score), 3)
                found.append((field == "text", shape.start, shape.end, replace(airport, confidence=sure)))
            elif shape.kind != GENERIC_AIRPORT:
                place = unheld(shape, text[shape.start : shape.end], city)
                found.append((field == "text", shape.start, shape.end, place))
        return found

    def _airport_of(self, city: Place) -> Place | None:
        """A town's chief airport; kept for every town asked for."""
        if city.id not in self._airports:
            self._airports[city.id] = next(iter(self._gazetteer.airports_of(city)), None)
        return self._airports[city.id]

    def _place_of(self, name: Name, sure: float) -> Place:
        """The place that a name means in this article; mentions that are as sure as another share its answer."""
        place = name.answers.get(sure)
        if place is None:
            place = name.answers[sure] = self._answer(name, sure)
        return place

    def _answer(self, name: Name, sure: float) -> Place:
        """The place with its confidence and alternatives."""
        near, others = spread(name) if len(name.options) > 1 else (name.shares[0], [])
        weights = self._weights["confidence"]
        odds = weights.get("bias", 0.0) + sum(
            [weights.get(each, 0.0) * value for each, value in confidence_features(near, sure)]
        )
        confidence = _chance(odds)
        base = self._place_at(self._closest(name).row)
        alternatives = tuple(
            Alternative(
                self._gazetteer.id_of(option.row),
                self._gazetteer.name_of(option.row),
                self._gazetteer.countries[option.country] if option.country >= 0 else None,
                round(share * (1 - confidence) / max(1 - near, _CERTAIN), 3),
            )
            for share, option in others[:_ALTERNATIVES]
            if share > _WORTH_A_LOOK
        )
        return Place(
            base.kind,
            base.id,
            base.name,
            base.lat,
            base.lon,
            base.country,
            base.admin1,
            round(confidence, 3),
            alternatives,
            base.parent,
        )

    def _place_at(self, row: int) -> Place:
        """Kept for every place met."""
        place = self._places.get(row)
        if place is None:
            place = self._places[row] = self._gazetteer.place_at(row)
        return place

    def _closest(self, name: Name) -> Option:
        """The city rather than the small division around it that bears its name, unless a word for its kind says so."""
        best = name.option
        if best.kind not in {PlaceKind.ADMIN1, PlaceKind.ADMIN2} or name.types:
            return best
        twins = [
            option
            for option in name.options
            if option.kind is PlaceKind.CITY and best.row in {option.admin1, option.admin2} and option.lies_near(best)
        ]
        return max(twins, key=lambda option: (self._gazetteer.population[option.row], -option.row), default=best)


def _contain(each: int, after: int, names: Mapping[int, Name]) -> bool:
    """Whether some place of the one name lies in some place of the other, that stands right behind it."""
    outer = {option.row for option in names[after].options if option.kind in CONTAINERS}
    inside = {row for option in names[each].options for row in option.around & outer} if outer else set()
    names[each].inside |= inside
    return bool(inside)


def spread(name: Name) -> tuple[float, list[tuple[float, Option]]]:
    """The share of all options at the best one's place, and the other ones with theirs, best first."""
    best, near, others = name.option, 0.0, []
    country, cell, shifted = best.country, best.cell, best.shifted
    for share, option in zip(name.shares, name.options, strict=True):  # `lies_near`, written out
        if option.country == country and (option.cell == cell or option.shifted == shifted):
            near += share
        else:
            others.append((share, option))
    others.sort(key=itemgetter(0), reverse=True)
    return near, others


def confidence_features(near: float, sure: float) -> list[tuple[str, float]]:
    """What the confidence is reckoned from: the share of its options, and the log odds of its being a place."""
    return [("odds", log(max(near, _CERTAIN) / max(1 - near, _CERTAIN))), ("sure", sure), ("share", near)]


def _chance(odds: float) -> float:
    """The logistic function."""
    return 1 / (1 + exp(-max(-30.0, min(30.0, odds))))
