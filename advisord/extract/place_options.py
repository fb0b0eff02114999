"""A name -> the places it may mean, with what is known of each before any text is read.

Its own module because all of this depends on the name alone: it is worked out once for a name and kept, which is what
makes resolution cheap.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, log10

from advisord.gazetteer.gazetteer import Gazetteer
from advisord.model import PlaceKind

MOST_OPTIONS = 40
_CELL = 200_000  # two degrees, in the gazetteer's unit
_WIDE = {PlaceKind.COUNTRY, PlaceKind.REGION}


@dataclass(frozen=True, slots=True)
class Option:
    """One place that a name may mean.

    `country` and `admin1` are what it votes for: the country's index (-1 none), the division's row (-1 none). `cells`
    are two overlapping grids' cells of its point. `prior` is the share of this option by the name alone, `own` the
    shares of all options of the name in the same country, division and cells: what a name says must not confirm itself.
    """

    row: int
    kind: PlaceKind
    country: int
    admin1: int
    admin2: int
    cells: tuple[int, int]
    features: tuple[tuple[str, float], ...]
    static: float = 0.0
    prior: float = 0.0
    own: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)


def options_of(gazetteer: Gazetteer, key: int, weights: Mapping[str, float]) -> tuple[Option, ...]:
    """Options of a name, best first as the gazetteer has them, with shares by `weights` (of the static features)."""
    first, last = gazetteer.starts[key], gazetteer.starts[key + 1]
    last = min(last, first + MOST_OPTIONS)
    rows, flags = gazetteer.posts[first:last], gazetteer.flags[first:last]
    top = log10(gazetteer.population[rows[0]] + 1)
    bare = [_option(gazetteer, row, rank, flag, top) for rank, (row, flag) in enumerate(zip(rows, flags, strict=True))]
    static = [sum(weights.get(name, 0.0) * value for name, value in option.features) for option in bare]
    peak = max(static)
    shares = [exp(each - peak) for each in static]
    total = sum(shares)
    shares = [share / total for share in shares]
    return tuple(Option(o.row, o.kind, o.country, o.admin1, o.admin2, o.cells, o.features, score, share, (
        sum(s for s, other in zip(shares, bare, strict=True) if other.country == o.country),
        sum(s for s, other in zip(shares, bare, strict=True) if other.admin1 == o.admin1),
        sum(s for s, other in zip(shares, bare, strict=True) if other.cells[0] == o.cells[0]),
        sum(s for s, other in zip(shares, bare, strict=True) if other.cells[1] == o.cells[1]),
    )) for o, score, share in zip(bare, static, shares, strict=True))


def _option(gazetteer: Gazetteer, row: int, rank: int, flag: int, top: float) -> Option:
    kind = gazetteer.kinds[gazetteer.kind[row]]
    people = log10(gazetteer.population[row] + 1)
    lat, lon = gazetteer.lat[row], gazetteer.lon[row]
    features = (
        (f"kind={kind}", 1.0), (f"people:{kind}", people / 10), ("behind", (top - people) / 10 if rank else 0.0),
        (f"rank={min(rank, 4)}", 1.0), (f"flag={flag}", 1.0), ("nobody", 1.0 if people == 0 else 0.0),
        (f"rank={min(rank, 2)}+{kind}", 1.0),
    )
    country = gazetteer.country[row] if gazetteer.countries[gazetteer.country[row]] else -1
    admin1 = row if kind is PlaceKind.ADMIN1 else gazetteer.admin1[row]
    return Option(row, kind, country, admin1, gazetteer.admin2[row], (
        -1 if kind in _WIDE else _cell(lat, lon), -1 if kind in _WIDE else _cell(lat + _CELL // 2, lon + _CELL // 2),
    ), features)


def _cell(lat: int, lon: int) -> int:
    return (lat // _CELL) * 1000 + lon // _CELL
