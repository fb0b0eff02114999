"""Names of one article -> which of its places each name means, by what the others vote for.

Its own module because it is the ranking alone: what an article says for an option, as named numbers, and their sum by
learned weights. Every name votes by the shares of its options; every option is then scored by the votes of the *other*
names for its country, its division and its corner of the world, by containers that the text names, and by the words for
its kind that stand with the name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import exp, log1p
from operator import mul

from advisord.extract.mentions import Candidate
from advisord.extract.place_options import CONTAINERS, Option
from advisord.model import Place, PlaceKind

_TOLD = 0.3  # vote from which a container counts as mentioned
_NEXT_TO_NOTHING = 0.0005
_COUNTED = 0.01  # vote below which an option is not worth counting

# What `evidence` says, in this order. Votes are of the other names: as a share of all, and as a logarithm.
EVIDENCE = (
    "nation",
    "nation_log",
    "division",
    "division_log",
    "corner",
    "corner_log",
    "inside",
    "told_admin1",
    "told_admin2",
    "told_country",
    "nation:country",
    "nation_log:country",
)
_NOTHING = (0.0,) * len(EVIDENCE)


@dataclass(slots=True)
class Name:
    """All mentions of one name in an article; `inside` are rows that the text says it lies in ("Paris, Texas").

    `likely` are the options that count at first, with their shares; `weight` is how surely it is a place at all, over
    its mentions; `shares` are its options' and `best` the index of the greatest; `answers` are the places told, by the
    log odds of their mentions.
    """

    key: int
    options: tuple[Option, ...]
    likely: tuple[tuple[Option, float], ...] = ()
    mentions: list[Candidate] = field(default_factory=list)
    inside: set[int] = field(default_factory=set)
    types: set[str] = field(default_factory=set)
    weight: float = 0.0
    shares: list[float] = field(default_factory=list)
    best: int = 0
    scores: tuple[list[float], list[float], float] | None = None
    answers: dict[float, Place] = field(default_factory=dict)

    @property
    def fellows(self) -> tuple[list[float], list[float], float]:
        """Of the scores of two mentions and more: the two lowest, the two highest, the sum; reckoned once."""
        if self.scores is None:
            ordered = sorted(each.score for each in self.mentions)
            self.scores = (ordered[:2], ordered[:-3:-1], sum(ordered))
        return self.scores

    @property
    def option(self) -> Option:
        """The best one."""
        return self.options[self.best]


@dataclass(slots=True)
class Ballot:
    """Votes of an article's names, by country, division and cell; `told` are rows of containers that it mentions."""

    total: float = 1.0
    country: dict[int, float] = field(default_factory=dict)
    admin1: dict[int, float] = field(default_factory=dict)
    cell: dict[int, float] = field(default_factory=dict)
    shifted: dict[int, float] = field(default_factory=dict)
    told: set[int] = field(default_factory=set)


def ballot_of(names: Iterable[Name], home: Mapping[int, float], *, first: bool = False) -> Ballot:
    """Count the votes, at `first` by what names mean before any text is read.

    `home` are votes for countries from outside the names (the source's home, demonyms).
    """
    ballot = Ballot(country=dict(home))
    country, admin1, cell, shifted = ballot.country, ballot.admin1, ballot.cell, ballot.shifted
    for name in names:
        weight = name.weight
        ballot.total += weight
        for option, share in name.likely if first else zip(name.options, name.shares, strict=True):
            vote = weight * share
            if vote < _COUNTED:
                continue
            here = option.country
            country[here] = country.get(here, 0.0) + vote
            here = option.admin1
            admin1[here] = admin1.get(here, 0.0) + vote
            here = option.cell
            cell[here] = cell.get(here, 0.0) + vote
            here = option.shifted
            shifted[here] = shifted.get(here, 0.0) + vote
            if vote > _TOLD and option.kind in CONTAINERS:
                ballot.told.add(option.row)
    for votes in (country, admin1, cell, shifted):
        votes.pop(-1, None)
    return ballot


def evidence(name: Name, option: Option, ballot: Ballot) -> tuple[float, ...]:
    """What the article says for this option, beyond its prior, in the order of EVIDENCE."""
    weight = name.weight
    nation = ballot.country.get(option.country, 0.0) - weight * option.own_country
    corner = max(
        ballot.cell.get(option.cell, 0.0) - weight * option.own_cell,
        ballot.shifted.get(option.shifted, 0.0) - weight * option.own_shifted,
    )
    inside = 1.0 if name.inside and not name.inside.isdisjoint(option.around) else 0.0
    if nation < _COUNTED and corner < _COUNTED and not inside:
        return _NOTHING
    rest = ballot.total - weight
    nation = nation if nation > 0 else 0.0
    corner = corner if corner > 0 else 0.0
    division = ballot.admin1.get(option.admin1, 0.0) - weight * option.own_admin1
    division = division if division > 0 else 0.0
    told = ballot.told
    votes, log_votes = nation / rest, log1p(nation)
    if option.kind is PlaceKind.COUNTRY:
        return (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, votes, log_votes)
    contained = option.contained
    return (
        votes,
        log_votes,
        division / rest,
        log1p(division),
        corner / rest,
        log1p(corner),
        inside,
        1.0 if contained and option.admin1 in told else 0.0,
        1.0 if contained and option.admin2 in told else 0.0,
        1.0 if option.nation in told else 0.0,
        0.0,
        0.0,
    )


def features_of(name: Name, option: Option, ballot: Ballot) -> list[tuple[str, float]]:
    """The same with names, and the words for kinds of places that stand with the name."""
    told = [(label, value) for label, value in zip(EVIDENCE, evidence(name, option, ballot), strict=True) if value]
    return told + [(f"{each}|{option.kind}", 1.0) for each in sorted(name.types)]


@dataclass(frozen=True, slots=True)
class RoundWeights:
    """The weights of one round: `numbers` in the order of EVIDENCE, `types` by word class and kind."""

    numbers: tuple[float, ...]
    types: Mapping[str, float]

    @classmethod
    def of(cls, weights: Mapping[str, float]) -> RoundWeights:
        """From weights by feature name."""
        return cls(
            tuple(weights.get(name, 0.0) for name in EVIDENCE),
            {name: weight for name, weight in weights.items() if "|" in name},
        )

    def support(self, name: Name, option: Option, ballot: Ballot) -> float:
        """What the article says for this option, as one number: `features_of`, weighed."""
        return self.weighed(name, option, evidence(name, option, ballot))

    def of_country(self, nation: float, rest: float) -> float:
        """The support of an option that is a country itself, in no container and beside no word for its kind."""
        return self.numbers[10] * (nation / rest) + self.numbers[11] * log1p(nation) if nation >= _COUNTED else 0.0

    def weighed(self, name: Name, option: Option, told: tuple[float, ...]) -> float:
        """The same of what `evidence` said."""
        score: float = sum(map(mul, self.numbers, told))
        if not name.types:
            return score
        return score + sum([self.types.get(f"{each}|{option.kind}", 0.0) for each in sorted(name.types)])


def rank(names: Iterable[Name], ballot: Ballot, weights: RoundWeights, *, final: bool) -> None:
    """Set the shares of each name's options, and its best one."""
    for name in names:
        if len(name.options) == 1:
            name.shares = [1.0]
            continue
        scores = scores_of(name, ballot, weights, final=final)
        peak = max(scores)
        raised = [exp(each - peak) for each in scores]
        total = sum(raised)
        name.shares = [each / total for each in raised]
        name.best = scores.index(peak)


def scores_of(name: Name, ballot: Ballot, weights: RoundWeights, *, final: bool) -> list[float]:
    """The scores of a name's options: their own and their `support`.

    This is where resolution spends its time (70 options an article), so it reckons what `support` reckons without
    making tuples of it, and nothing where there is no evidence; a test holds the two together. In the final round
    options that the first one gave next to nothing keep their own score alone.
    """
    weight, told = name.weight, ballot.told
    (by_nation, by_log_nation, by_division, by_log_division, by_corner, by_log_corner, _, in_admin1, in_admin2,
     in_country) = weights.numbers[:10]
    country, admin1, cell, shifted = ballot.country.get, ballot.admin1.get, ballot.cell.get, ballot.shifted.get
    rest = ballot.total - weight
    slow = bool(name.types or name.inside)
    a_country, least = PlaceKind.COUNTRY, _NEXT_TO_NOTHING if final else 0.0
    scores = []
    for option, share in zip(name.options, name.shares, strict=True):
        score = option.final if final else option.first
        if slow or option.kind is a_country:
            scores.append(score + (weights.support(name, option, ballot) if slow else weights.of_country(
                country(option.country, 0.0) - weight * option.own_country, rest)))
            continue
        if share < least:
            scores.append(score)
            continue
        nation = country(option.country, 0.0) - weight * option.own_country
        corner = cell(option.cell, 0.0) - weight * option.own_cell
        other = shifted(option.shifted, 0.0) - weight * option.own_shifted
        corner = max(corner, other)
        if nation < _COUNTED and corner < _COUNTED:
            scores.append(score)
            continue
        if nation > 0:
            score += by_nation * nation / rest + by_log_nation * log1p(nation)
        division = admin1(option.admin1, 0.0) - weight * option.own_admin1
        if division > 0:
            score += by_division * division / rest + by_log_division * log1p(division)
        if corner > 0:
            score += by_corner * corner / rest + by_log_corner * log1p(corner)
        if told:
            if option.contained:
                score += in_admin1 if option.admin1 in told else 0.0
                score += in_admin2 if option.admin2 in told else 0.0
            score += in_country if option.nation in told else 0.0
        scores.append(score)
    return scores
