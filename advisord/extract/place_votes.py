"""Names of one article -> which of its places each name means, by what the others vote for.

Its own module because it is the ranking alone: features of an option in an article, named, and their sum by learned
weights. Every name first votes by its prior; every option is then scored by the votes of the *other* names for its
country, its division and its corner of the world, by containers that the text names, and by the word for its kind.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import exp, log1p

from advisord.extract.mentions import Candidate
from advisord.extract.place_options import Option
from advisord.model import PlaceKind

_CONTAINERS = {PlaceKind.COUNTRY, PlaceKind.ADMIN1, PlaceKind.ADMIN2}
_TOLD = 0.3  # share from which an option counts as mentioned


@dataclass(slots=True)
class Name:
    """All mentions of one name in an article; `inside` are rows that the text says it lies in ("Paris, Texas")."""

    key: int
    options: tuple[Option, ...]
    mentions: list[Candidate] = field(default_factory=list)
    inside: set[int] = field(default_factory=set)
    types: set[str] = field(default_factory=set)
    weight: float = 0.0
    shares: list[float] = field(default_factory=list)
    best: int = 0


@dataclass(slots=True)
class Ballot:
    """Votes of an article's names, by country, division and cell; `told` are rows of containers it mentions."""

    total: float = 0.0
    country: dict[int, float] = field(default_factory=dict)
    admin1: dict[int, float] = field(default_factory=dict)
    cells: dict[int, float] = field(default_factory=dict)
    shifted: dict[int, float] = field(default_factory=dict)
    told: dict[int, float] = field(default_factory=dict)


def ballot_of(names: Iterable[Name], home: Mapping[int, float]) -> Ballot:
    """Count the votes; `home` are votes for countries from outside the names (the source's home, demonyms)."""
    ballot = Ballot(country=dict(home))
    country, admin1, cells, shifted, told = ballot.country, ballot.admin1, ballot.cells, ballot.shifted, ballot.told
    for name in names:
        weight = name.weight
        ballot.total += weight
        for option, share in zip(name.options, name.shares, strict=True):
            vote = weight * share
            if vote < 0.01:
                continue
            country[option.country] = country.get(option.country, 0.0) + vote
            if option.admin1 >= 0:
                admin1[option.admin1] = admin1.get(option.admin1, 0.0) + vote
            a, b = option.cells
            cells[a] = cells.get(a, 0.0) + vote
            shifted[b] = shifted.get(b, 0.0) + vote
            if option.kind in _CONTAINERS:
                told[option.row] = told.get(option.row, 0.0) + vote
    cells.pop(-1, None)
    shifted.pop(-1, None)
    country.pop(-1, None)
    return ballot


def features_of(name: Name, index: int, ballot: Ballot, country_rows: Mapping[int, int]) -> list[tuple[str, float]]:
    """What the article says for this option, beyond its prior."""
    option = name.options[index]
    weight = name.weight
    own = option.own
    rest = ballot.total - weight + 1.0
    nation = max(0.0, ballot.country.get(option.country, 0.0) - weight * own[0])
    division = max(0.0, ballot.admin1.get(option.admin1, 0.0) - weight * own[1])
    corner = max(0.0, ballot.cells.get(option.cells[0], 0.0) - weight * own[2],
                 ballot.shifted.get(option.cells[1], 0.0) - weight * own[3])
    wide = "country" if option.kind is PlaceKind.COUNTRY else "other"
    told = [(f"nation:{wide}", nation / rest), (f"nation_log:{wide}", log1p(nation)), ("division", division / rest),
            ("division_log", log1p(division)), ("corner", corner / rest), ("corner_log", log1p(corner))]
    if name.inside:
        around = {option.admin1, option.admin2, country_rows.get(option.country, -1)} - {option.row}
        told.append(("inside" if around & name.inside else "not_inside", 1.0))
    if option.kind not in _CONTAINERS:
        if ballot.told.get(option.admin1, 0.0) > _TOLD:
            told.append(("told_admin1", 1.0))
        if ballot.told.get(option.admin2, 0.0) > _TOLD:
            told.append(("told_admin2", 1.0))
    if ballot.told.get(country_rows.get(option.country, -1), 0.0) > _TOLD and option.kind is not PlaceKind.COUNTRY:
        told.append(("told_country", 1.0))
    told += [(f"{each}|{option.kind}", 1.0) for each in name.types]
    return told


def rank(names: Iterable[Name], ballot: Ballot, country_rows: Mapping[int, int], weights: Mapping[str, float]) -> None:
    """Set the shares of each name's options, and its best one."""
    get = weights.get
    for name in names:
        if len(name.options) == 1:
            name.shares = [1.0]
            continue
        scores = [
            sum([get(f, 0.0) * v for f, v in option.features]) +
            sum([get(f, 0.0) * v for f, v in features_of(name, i, ballot, country_rows)])
            for i, option in enumerate(name.options)]
        peak = max(scores)
        raised = [exp(each - peak) for each in scores]
        total = sum(raised)
        name.shares = [each / total for each in raised]
        name.best = scores.index(peak)
