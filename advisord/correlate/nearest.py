"""Many stored incidents -> the few that an article's reports may change.

Its own module because it is what lets a live join look at a handful of reports where its country has thousands: what
is decided of them is the same (threads.py), only less is looked at.
"""
from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from math import cos, radians, sqrt

from advisord.correlate.spells import told_at
from advisord.model import Incident, SourcedReport

# As many reports are compared all with all. With fewer around, a join looks at all of them.
MOST = 24
# What a neighbour of place and time counts beside the words in common (a cosine, 0..1), and how near that is
BESIDE, BESIDE_KM, BESIDE_DAYS = 0.5, 60.0, 3.0
_KM_A_DEGREE = 111.0
_DAY_S = 86_400.0


def nearest(
    reports: Sequence[SourcedReport], stored: Sequence[Incident], loose: Sequence[SourcedReport],
    *, again: AbstractSet[str],
) -> tuple[tuple[Incident, ...], tuple[SourcedReport, ...]]:
    """The stored incidents of MOST reports in all, and the loose reports, that those reports most likely belong to.

    Those that hold reports of an article in `again` are always among them. The order is that given.
    """
    sketches = [_sketch_of(each) for each in reports]
    ranked = sorted(((_likeness(sketches, incident.reports, again), at) for at, incident in enumerate(stored)),
                    key=_best_first)
    kept, room = set(), MOST
    for likeness, at in ranked:
        if likeness < ALWAYS and room <= 0:
            break
        room -= len(stored[at].reports)
        kept.add(at)
    near = tuple(each for at, each in enumerate(stored) if at in kept)
    return near, tuple(each for each in loose if _likeness(sketches, (each,), again) > LEAST)


# Beyond every likeness; and the least at which a loose report can belong to one
ALWAYS, LEAST = 9.0, 0.1


def _best_first(ranked: tuple[float, int]) -> tuple[float, int]:
    return -ranked[0], ranked[1]


@dataclass(frozen=True, slots=True)
class _Sketch:
    """A new report as it is laid beside stored ones: its words at length 1, its place and time."""

    words: dict[str, float]
    told: float
    lat: float | None
    lon: float | None
    reach: float


def _sketch_of(sourced: SourcedReport) -> _Sketch:
    length = _length(sourced.terms)
    place = sourced.report.place.place if sourced.report.place else None
    return _Sketch({word: weight / length for word, weight in sourced.terms}, told_at(sourced).timestamp() / _DAY_S,
                   place.lat if place else None, place.lon if place else None,
                   BESIDE_KM + (sourced.report.uncertainty_km or 0.0))


def _length(terms: Sequence[tuple[str, float]]) -> float:
    return sqrt(sum([weight * weight for _, weight in terms])) or 1.0


def _likeness(sketches: Sequence[_Sketch], reports: Sequence[SourcedReport],
              again: AbstractSet[str]) -> float:
    """How much the closest pair has in common."""
    if any(each.article_id in again for each in reports):
        return ALWAYS
    best = 0.0
    for each in reports:
        for sketch in sketches:
            mine = sketch.words
            shared = sum([mine[word] * weight for word, weight in each.terms if word in mine])
            words = shared / _length(each.terms) if shared else 0.0
            best = max(best, words + (BESIDE if _is_beside(sketch, each) else 0.0))
    return best


def _is_beside(sketch: _Sketch, each: SourcedReport) -> bool:
    """Whether it was told of a neighbouring place within days; flat geometry does for that."""
    place = each.report.place.place if each.report.place else None
    if sketch.lat is None or sketch.lon is None or place is None or place.lat is None or place.lon is None:
        return False
    if abs(told_at(each).timestamp() / _DAY_S - sketch.told) > BESIDE_DAYS:
        return False
    north = (place.lat - sketch.lat) * _KM_A_DEGREE
    east = ((place.lon - sketch.lon + 180) % 360 - 180) * _KM_A_DEGREE * cos(radians(sketch.lat))
    reach = sketch.reach + (each.report.uncertainty_km or 0.0)
    return north * north + east * east <= reach * reach
