"""Ranked names -> how sure each mention is a place at all, and the place it means with confidence and alternatives.

Its own module because it is what is said at the end, after `place_votes` has ranked: the same features are named here
for the script that learns their weights, and summed without names for speed; a test holds the two together.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log
from operator import itemgetter

from advisord.extract.mentions import Candidate
from advisord.extract.place_options import Option
from advisord.extract.place_votes import EVIDENCE, Ballot, Name, RoundWeights, evidence
from advisord.gazetteer.gazetteer import Gazetteer
from advisord.model import Alternative, Place, PlaceKind

_CERTAIN = 1e-6
_ALTERNATIVES = 3
_WORTH_A_LOOK = 0.05
_TOLD = slice(EVIDENCE.index("told_admin1"), EVIDENCE.index("told_country") + 1)
_NAMED = ("bias", "share", "told_admin1", "told_admin2", "told_country")
_FELLOWS = ("max_other", "min_other", "mean_other", "others")
_LARGEST = 30.0
_DIVISIONS = frozenset({PlaceKind.ADMIN1, PlaceKind.ADMIN2})
_DIVISION_TYPES = frozenset({"type_admin1", "type_admin2", "of_type_admin1", "of_type_admin2"})


@dataclass(frozen=True, slots=True)
class _Sense:
    """One option of a name as an answer: the place as told, and the indices of all options at that place."""

    place: Place
    near: tuple[int, ...]


class Answers:
    """What is said of ranked names; immutable but for what it keeps of the names it has met."""

    def __init__(self, gazetteer: Gazetteer, weights: Mapping[str, Mapping[str, float]], final: RoundWeights) -> None:
        """`weights` by part and feature; `final` are those of the last round of ranking."""
        self._gazetteer, self._final = gazetteer, final
        get = weights["mention"].get
        self._named = tuple(get(name, 0.0) for name in _NAMED)
        self._support = get("support", 0.0) / 3
        self._kinds = {kind: get(f"kind={kind}", 0.0) for kind in PlaceKind}
        self._local = get("local", 0.0)
        self._fellows = tuple(get(name, 0.0) for name in _FELLOWS)
        self._contained = get("has_container", 0.0), get("is_container", 0.0)
        get = weights["confidence"].get
        self._sure = tuple(get(name, 0.0) for name in ("bias", "odds", "sure", "share"))
        self._senses: dict[tuple[int, int, bool], _Sense] = {}
        self._places: dict[int, Place] = {}

    # ------------------------------------------------------------------------------- features, by their names

    def name_features(self, name: Name, ballot: Ballot) -> list[tuple[str, float]]:
        """What the whole article says for a name's being a place."""
        option = name.option
        told = evidence(name, option, ballot)
        admin1, admin2, nation = told[_TOLD]
        return [("support", self._final.weighed(name, option, told) / 3), ("share", name.shares[name.best]),
                (f"kind={option.kind}", 1.0),
                ("told_admin1", admin1), ("told_admin2", admin2), ("told_country", nation)]

    def mention_features(self, each: Candidate, name: Name) -> list[tuple[str, float]]:
        """What a mention and its fellows say for its being a place."""
        features = [("local", each.score)]
        if len(name.mentions) > 1:
            features += zip(_FELLOWS, _of_fellows(each, name), strict=True)
        if each.has_container:
            features.append(("has_container", 1.0))
        if each.is_container:
            features.append(("is_container", 1.0))
        return features

    # --------------------------------------------------------------------------------------- the same, summed

    def sureness(self, candidates: Sequence[Candidate], names: Mapping[int, Name], ballot: Ballot) -> list[float]:
        """Log odds of each candidate's being a place."""
        by_name = {key: self._of_name(name, ballot) for key, name in names.items()}
        has, is_ = self._contained
        largest, least, mean, others = self._fellows
        local, found = self._local, []
        for each in candidates:
            sure = by_name[each.key] + local * each.score
            name = names[each.key]
            if len(name.mentions) > 1:
                a, b, c, _ = _of_fellows(each, name)
                sure += largest * a + least * b + mean * c + others
            if each.has_container:
                sure += has
            if each.is_container:
                sure += is_
            found.append(sure)
        return found

    def _of_name(self, name: Name, ballot: Ballot) -> float:
        option = name.options[name.best]
        told = evidence(name, option, ballot)
        bias, share, in_admin1, in_admin2, in_country = self._named
        admin1, admin2, nation = told[_TOLD]
        return (bias + self._support * self._final.weighed(name, option, told) + share * name.shares[name.best]
                + self._kinds[option.kind] + in_admin1 * admin1 + in_admin2 * admin2 + in_country * nation)

    # ------------------------------------------------------------------------------------------------ answers

    def place_of(self, name: Name, sure: float) -> Place:
        """The place that a name means in this article; mentions that are as sure as another share its answer."""
        place = name.answers.get(sure)
        if place is None:
            place = name.answers[sure] = self._answer(name, sure)
        return place

    def _answer(self, name: Name, sure: float) -> Place:
        """The place with its confidence and alternatives."""
        key = name.key, name.best, name.types.isdisjoint(_DIVISION_TYPES)
        sense = self._senses.get(key)
        if sense is None:
            sense = self._senses[key] = self._sense(name)
        shares = name.shares
        near = shares[name.best]
        alternatives: tuple[Alternative, ...] = ()
        if len(shares) > 1:
            near = sum([shares[index] for index in sense.near])
        bias, odds, certain, share = self._sure
        confidence = chance(bias + odds * log(max(near, _CERTAIN) / max(1 - near, _CERTAIN))
                            + certain * sure + share * near)
        if 1 - near > _WORTH_A_LOOK:
            alternatives = self._alternatives(name, sense, (1 - confidence) / max(1 - near, _CERTAIN))
        base = sense.place
        return Place(base.kind, base.id, base.name, base.lat, base.lon, base.country, base.admin1,
                     round(confidence, 3), alternatives, base.parent)

    def _alternatives(self, name: Name, sense: _Sense, factor: float) -> tuple[Alternative, ...]:
        """The likeliest of the options that lie elsewhere."""
        others = [(share, option) for index, (share, option) in enumerate(zip(name.shares, name.options, strict=True))
                  if share > _WORTH_A_LOOK and index not in sense.near]
        others.sort(key=itemgetter(0), reverse=True)
        gazetteer = self._gazetteer
        return tuple(
            Alternative(gazetteer.id_of(option.row), gazetteer.name_of(option.row),
                        gazetteer.countries[option.country] if option.country >= 0 else None, round(share * factor, 3))
            for share, option in others[:_ALTERNATIVES])

    def _sense(self, name: Name) -> _Sense:
        """Kept for every option met as the best one."""
        best = name.option
        near = tuple(index for index, option in enumerate(name.options) if option.lies_near(best))
        return _Sense(self.place_at(self._closest(name).row), near)

    def place_at(self, row: int) -> Place:
        """Kept for every place met."""
        place = self._places.get(row)
        if place is None:
            place = self._places[row] = self._gazetteer.place_at(row)
        return place

    def _closest(self, name: Name) -> Option:
        """The city rather than the small division around it that bears its name, unless a word for its kind says so."""
        best = name.option
        if best.kind not in _DIVISIONS or not name.types.isdisjoint(_DIVISION_TYPES):
            return best
        twins = [
            option
            for option in name.options
            if option.kind is PlaceKind.CITY and best.row in {option.admin1, option.admin2} and option.lies_near(best)
        ]
        return max(twins, key=lambda option: (self._gazetteer.population[option.row], -option.row), default=best)


def _of_fellows(each: Candidate, name: Name) -> tuple[float, float, float, float]:
    """Of the other mentions of a name: the surest, the least sure, their mean; and that there are any."""
    low, high, total = name.fellows
    return (high[1] if each.score == high[0] else high[0], low[1] if each.score == low[0] else low[0],
            (total - each.score) / (len(name.mentions) - 1), 1.0)


def confidence_features(name: Name, sure: float) -> list[tuple[str, float]]:
    """What the confidence is reckoned from: the share of the options at the best one's place, and the log odds."""
    near = sum(share for share, option in zip(name.shares, name.options, strict=True) if option.lies_near(name.option))
    return [("odds", log(max(near, _CERTAIN) / max(1 - near, _CERTAIN))), ("sure", sure), ("share", near)]


def chance(odds: float) -> float:
    """The logistic function."""
    return 1 / (1 + exp(-max(-_LARGEST, min(_LARGEST, odds))))
