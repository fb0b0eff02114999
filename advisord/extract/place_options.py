"""A name -> the places it may mean, with what is known of each before any text is read.

Its own module because all of this depends on the name alone: it is worked out once for a name and kept, which is what
makes resolution cheap.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, log10

from advisord.gazetteer.gazetteer import LOOKUP, Gazetteer
from advisord.model import PlaceKind

MOST_OPTIONS = 40
CONTAINERS = frozenset({PlaceKind.COUNTRY, PlaceKind.ADMIN1, PlaceKind.ADMIN2})
_CELL = 200_000  # two degrees, in the gazetteer's unit
_WIDE = frozenset({PlaceKind.COUNTRY, PlaceKind.REGION})
_NOWHERE = -1
_LEAST_VOTE = 0.005  # prior under which an option's vote counts nothing even with the greatest weight of a name


@dataclass(frozen=True, slots=True)
class Option:
    """One place that a name may mean.

    `country` (its index), `nation` (the country's row) and `admin1`, `admin2` (rows) are -1 where there is none;
    `around` are the rows of what it lies in; `contained`: it is no container itself. `cell` and `shifted` are the cells
    of its point in two overlapping grids. `first` and `final` are its scores by
    the name alone under the weights of the two rounds, `prior` its share before any. The `own_*` are the shares of all
    options of the name in the same country, division and cell: what a name says must not confirm itself.
    """

    row: int
    kind: PlaceKind
    country: int
    nation: int
    admin1: int
    admin2: int
    cell: int
    shifted: int
    contained: bool
    around: frozenset[int]
    features: tuple[tuple[str, float], ...]
    first: float = 0.0
    final: float = 0.0
    prior: float = 1.0
    own_country: float = 1.0
    own_admin1: float = 1.0
    own_cell: float = 1.0
    own_shifted: float = 1.0

    def lies_near(self, other: Option) -> bool:
        """Whether the two are one place or neighbours: same country and a cell of either grid."""
        return self.country == other.country and (self.cell == other.cell or self.shifted == other.shifted)


@dataclass(frozen=True, slots=True)
class Options:
    """All places of a name, their shares before any text is read, and those that may count as votes then."""

    all: tuple[Option, ...]
    priors: list[float]
    likely: tuple[tuple[Option, float], ...]


def options_of(
    gazetteer: Gazetteer, key: int, prior: Mapping[str, float], rounds: tuple[Mapping[str, float], Mapping[str, float]]
) -> Options:
    """Options of a name, best first as the gazetteer has them, scored by weights of the prior and of both rounds."""
    first = gazetteer.starts[key]
    last = min(gazetteer.starts[key + 1], first + MOST_OPTIONS)
    kept = [n for n in range(first, last) if not gazetteer.flags[n] & LOOKUP] or [first]
    rows, flags = [gazetteer.posts[n] for n in kept], [gazetteer.flags[n] for n in kept]
    top = log10(gazetteer.population[rows[0]] + 1)
    bare = [
        _option(gazetteer, row, (rank, flag), top) for rank, (row, flag) in enumerate(zip(rows, flags, strict=True))
    ]
    scores = [_sum(prior, option) for option in bare]
    peak = max(scores)
    raised = [exp(each - peak) for each in scores]
    total = sum(raised)
    shares = [each / total for each in raised]

    countries, divisions, cells, shifted = (
        _totals([getattr(option, name) for option in bare], shares) for name in ("country", "admin1", "cell", "shifted")
    )
    options = tuple(
        Option(
            o.row,
            o.kind,
            o.country,
            o.nation,
            o.admin1,
            o.admin2,
            o.cell,
            o.shifted,
            o.contained,
            o.around,
            o.features,
            _sum(rounds[0], o),
            _sum(rounds[1], o),
            share,
            countries[o.country],
            divisions[o.admin1],
            cells[o.cell],
            shifted[o.shifted],
        )
        for o, share in zip(bare, shares, strict=True)
    )
    return Options(options, shares, tuple((o, o.prior) for o in options if o.prior >= _LEAST_VOTE))


def _totals(keys: list[int], shares: list[float]) -> dict[int, float]:
    """The sum of the shares of each key."""
    totals: dict[int, float] = {}
    for key, share in zip(keys, shares, strict=True):
        totals[key] = totals.get(key, 0.0) + share
    return totals


def _sum(weights: Mapping[str, float], option: Option) -> float:
    return sum(weights.get(name, 0.0) * value for name, value in option.features)


def _option(gazetteer: Gazetteer, row: int, place: tuple[int, int], top: float) -> Option:
    rank, flag = place
    kind = gazetteer.kinds[gazetteer.kind[row]]
    people = log10(gazetteer.population[row] + 1)
    lat, lon = gazetteer.lat[row], gazetteer.lon[row]
    features = (
        (f"kind={kind}", 1.0),
        (f"people:{kind}", people / 10),
        ("behind", (top - people) / 10 if rank else 0.0),
        (f"rank={min(rank, 4)}", 1.0),
        (f"flag={flag}", 1.0),
        ("nobody", 1.0 if people == 0 else 0.0),
        (f"rank={min(rank, 2)}+{kind}", 1.0),
        (f"land={gazetteer.countries[gazetteer.country[row]]}", 1.0),
    )
    country = gazetteer.country[row]
    known = bool(gazetteer.countries[country])
    nation = gazetteer.country_row.get(country, _NOWHERE) if known else _NOWHERE
    admin1 = row if kind is PlaceKind.ADMIN1 else gazetteer.admin1[row]
    admin2 = gazetteer.admin2[row]
    wide = kind in _WIDE
    half = _CELL // 2
    return Option(
        row,
        kind,
        country if known else _NOWHERE,
        nation,
        admin1,
        admin2,
        _NOWHERE if wide else _cell(lat, lon),
        _NOWHERE if wide else _cell(lat + half, lon + half),
        kind not in CONTAINERS,
        frozenset({admin1, admin2, nation}) - {row, _NOWHERE},
        features,
    )


def _cell(lat: int, lon: int) -> int:
    return (lat // _CELL) * 1000 + lon // _CELL
