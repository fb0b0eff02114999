"""An article -> every place it mentions, each with the point it means and how sure that is: PLACE of analyse.md.

The flow: candidates with their features (`mentions`), what each name may mean (`place_options`), which of it this
article means (`place_votes`), whether it is a place at all, and how sure both are. All numbers are learned
(seeds/weights/places.json, by seeds/weights/learn_places.py); all words are tables (seeds/gazetteer/words).
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp, log

from advisord.extract.mentions import Candidate, Mentions, case_of
from advisord.extract.place_options import Option, options_of
from advisord.extract.place_votes import Ballot, Name, ballot_of, features_of, rank
from advisord.extract.place_words import Words
from advisord.gazetteer.gazetteer import Gazetteer
from advisord.model import Alternative, Article, Mention, Place, PlaceKind

_CERTAIN = 1e-6
_ALTERNATIVES = 3
_WORTH_A_LOOK = 0.05
_HOME = 1.0
_CONTAINERS = frozenset({PlaceKind.COUNTRY, PlaceKind.ADMIN1, PlaceKind.ADMIN2})
_OPENERS = (",", "(")


@dataclass(frozen=True, slots=True)
class PlaceWeights:
    """Learned weights of one kind of text ("mixed" case or "flat"); each maps a feature's name to its weight."""

    local: Mapping[str, float]
    prior: Mapping[str, float]
    first: Mapping[str, float]
    final: Mapping[str, float]
    mention: Mapping[str, float]
    confidence: Mapping[str, float]

    @classmethod
    def of(cls, data: Mapping[str, Mapping[str, float]]) -> PlaceWeights:
        """From the parsed JSON of one kind of text."""
        return cls(**{name: data[name] for name in ("local", "prior", "first", "final", "mention", "confidence")})


@dataclass(slots=True)
class Reading:
    """One article while it is read: candidates of both fields in order, names by key, and the final ballot."""

    fields: list[str]
    candidates: list[Candidate]
    names: dict[int, Name]
    ballot: Ballot


class Toponyms:
    """Finds and places the places of articles; the same article always gives the same answer."""

    def __init__(self, gazetteer: Gazetteer, weights: Mapping[str, Mapping[str, Mapping[str, float]]], words: Words) -> None:
        """`weights` is the parsed places.json: by kind of text."""
        self._gazetteer = gazetteer
        self._words = words
        self._weights = {case: PlaceWeights.of(each) for case, each in weights.items() if case in {"mixed", "flat"}}
        self._mentions = Mentions(gazetteer, words)
        self._options: dict[tuple[str, int], tuple[Option, ...]] = {}
        self._country_rows = gazetteer.country_row
        self._country_index = {code: index for index, code in enumerate(gazetteer.countries)}

    def find(self, article: Article, folded_title: str, folded_text: str) -> tuple[Mention, ...]:
        """Every mention of a place, in reading order; `folded_*` are `fold` of title and text."""
        case = case_of(article.text or article.title)
        weights = self._weights[case]
        reading = self.read(article, (folded_title, folded_text), case)
        kept = [(field, each, self.place_of(reading.names[each.key], reading, (weights, sure)))
                for field, each in zip(reading.fields, reading.candidates, strict=True)
                if (sure := self.sureness(each, reading, weights)) > 0]
        texts = {"title": article.title, "text": article.text}
        return tuple(Mention(field, each.start, each.end, texts[field][each.start:each.end], place)
                     for field, each, place in kept)

    def read(self, article: Article, folded: tuple[str, str], case: str) -> Reading:
        """Candidates, names and votes of an article; also what the learning script sees."""
        weights = self._weights[case]
        fields: list[str] = []
        candidates: list[Candidate] = []
        names: dict[int, Name] = {}
        for field, text, plain in (("title", article.title, folded[0]), ("text", article.text, folded[1])):
            found = self._mentions.candidates(text, plain, case)
            fields += [field] * len(found)
            candidates += found
            self._group(found, names, (case, weights))
        for name in names.values():
            name.weight = min(2.0, sum(_share(each.score) for each in name.mentions))
        home = self._home(article)
        ballot = ballot_of(names.values(), home)
        rank(names.values(), ballot, self._country_rows, weights.first)
        ballot = ballot_of(names.values(), home)
        rank(names.values(), ballot, self._country_rows, weights.final)
        return Reading(fields, candidates, names, ballot)

    def _group(self, found: Sequence[Candidate], names: dict[int, Name],
               learned: tuple[str, PlaceWeights]) -> None:
        """Put candidates to their names, with the containers that stand behind them ("Paris, Texas")."""
        case, weights = learned
        local, bias = weights.local.get, weights.local.get("bias", 0.0)
        for each in found:
            each.score = bias + sum([local(feature, 0.0) for feature in each.features])
            name = names.get(each.key)
            if name is None:
                options = self._options_of(each.key, case)
                name = names[each.key] = Name(each.key, options, shares=[option.prior for option in options])
            name.mentions.append(each)
            name.types.update(each.types)
        for each, after in zip(found, found[1:], strict=False):
            if each.gap[:1] in _OPENERS and after.start == each.end + len(each.gap) and each.key != after.key:
                self._contain(each, after, names)

    def _contain(self, each: Candidate, after: Candidate, names: Mapping[int, Name]) -> None:
        """Where some place of the one lies in some place of the other, say so on both."""
        outer = {option.row for option in names[after.key].options if option.kind in _CONTAINERS}
        inside: set[int] = set()
        for option in names[each.key].options if outer else ():
            around = (option.admin1, option.admin2, self._country_rows.get(option.country, -1))
            inside.update(row for row in around if row in outer and row != option.row)
        if inside:
            names[each.key].inside |= inside
            each.has_container = after.is_container = True

    def _options_of(self, key: int, case: str) -> tuple[Option, ...]:
        """Kept for every name met: at most as many as the gazetteer has names."""
        options = self._options.get((case, key))
        if options is None:
            options = self._options[case, key] = options_of(self._gazetteer, key, self._weights[case].prior)
        return options

    def _home(self, article: Article) -> dict[int, float]:
        """Votes for countries from outside the names: the source's home."""
        index = self._country_index.get(article.country or "")
        return {} if index is None else {index: _HOME}

    # ---------------------------------------------------------------------------------------- is it a place, and how sure

    def mention_features(self, each: Candidate, reading: Reading, final: Mapping[str, float]) -> list[tuple[str, float]]:
        """What the whole article says for a candidate's being a place."""
        name = reading.names[each.key]
        best = name.best
        told = features_of(name, best, reading.ballot, self._country_rows)
        features = [("local", each.score), ("support", sum([final.get(f, 0.0) * v for f, v in told]) / 3),
                    ("share", name.shares[best]), (f"kind={name.options[best].kind}", 1.0)]
        if len(name.mentions) > 1:
            others = [other.score for other in name.mentions if other is not each]
            features += [("max_other", max(others)), ("mean_other", sum(others) / len(others)), ("others", 1.0)]
        else:
            features.append(("alone", 1.0))
        if each.has_container:
            features.append(("has_container", 1.0))
        if each.is_container:
            features.append(("is_container", 1.0))
        features += [pair for pair in told if pair[0].startswith("told_")]
        return features

    def sureness(self, each: Candidate, reading: Reading, weights: PlaceWeights) -> float:
        """Log odds that a candidate is a place."""
        get = weights.mention.get
        return get("bias", 0.0) + sum([get(feature, 0.0) * value for feature, value
                                       in self.mention_features(each, reading, weights.final)])

    def place_of(self, name: Name, reading: Reading, learned: tuple[PlaceWeights, float]) -> Place:
        """The place that a name means in this article, with confidence and alternatives."""
        weights, sure = learned
        best = name.options[name.best]
        near, others = self._spread(name, best)
        confidence = _share(calibrated(near, sure, weights.confidence))
        chosen = self._closest(name, best)
        alternatives = tuple(
            Alternative(self._gazetteer.id_of(option.row), self._gazetteer.name_of(option.row),
                        self._gazetteer.countries[option.country] if option.country >= 0 else None,
                        round(share * (1 - confidence) / max(1 - near, _CERTAIN), 3))
            for share, option in others[:_ALTERNATIVES] if share > _WORTH_A_LOOK)
        return replace(self._gazetteer.place_at(chosen.row), confidence=round(confidence, 3), alternatives=alternatives)

    def _spread(self, name: Name, best: Option) -> tuple[float, list[tuple[float, Option]]]:
        """The share of options as good as at the best one's place, and the others, best first."""
        near, others = 0.0, []
        for share, option in zip(name.shares, name.options, strict=True):
            if option is best or (option.country == best.country and (
                    option.cells[0] == best.cells[0] or option.cells[1] == best.cells[1])):
                near += share
            else:
                others.append((share, option))
        others.sort(key=lambda pair: -pair[0])
        return near, others

    def _closest(self, name: Name, best: Option) -> Option:
        """The city rather than the small division around it that bears its name, unless a word for its kind says so."""
        if best.kind not in {PlaceKind.ADMIN1, PlaceKind.ADMIN2} or name.types:
            return best
        twins = [option for option in name.options if option.kind is PlaceKind.CITY
                 and best.row in {option.admin1, option.admin2}
                 and (option.cells[0] == best.cells[0] or option.cells[1] == best.cells[1])]
        return max(twins, key=lambda option: (self._gazetteer.population[option.row], -option.row), default=best)


def calibrated(near: float, sure: float, weights: Mapping[str, float]) -> float:
    """Log odds that the place is the right one, from the share of its options and the log odds of its being a place."""
    odds = log(max(near, _CERTAIN) / max(1 - near, _CERTAIN))
    return weights.get("bias", 0.0) + weights.get("odds", 1.0) * odds + weights.get("sure", 0.0) * sure


def _share(odds: float) -> float:
    """The logistic function."""
    return 1 / (1 + exp(-max(-30.0, min(30.0, odds))))
