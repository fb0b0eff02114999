"""Place names found and where they were put, turned into figures.

A found name is right when it shares a character with a labelled one of the same field, each used once, the greatest
overlap first; demonyms and other `optional` labels count neither for nor against. Distances are as in Gritta et al.
2018, "Which Melbourne?", section 5: a name without coordinates is wrong, the right place is within 161 km (100 miles,
Leidner 2008).
"""
from __future__ import annotations

import statistics
from collections.abc import Sequence

from advisord.evaluate.figures import Figure, Tally, ratio, total
from advisord.evaluate.gold import Answer, AnswerPlace, Gold, GoldRow, Toponym, Where
from advisord.geo import distance_km

NEAR_KM = 161.0

Pair = tuple[Toponym, AnswerPlace]


def mention_figures(pairs: Sequence[tuple[GoldRow, Answer]]) -> list[Figure]:
    """The lines on place names; none where the set labels none."""
    judged = [(row.gold, mentions, _places_of(row.gold, answer)) for row, answer in pairs
              if (mentions := row.gold.toponyms) is not None]
    if not judged:
        return []
    partial = any(gold.toponyms_partial for gold, _, _ in judged)
    figures: list[Figure] = []
    for name, exact in (("contract, overlap,", False), ("contract, ±1,", True)):
        tally = total(_tally_of(mentions, places, exact=exact) for _, mentions, places in judged)
        lines = tally.figures("toponyms: mentions", name)
        figures += [line for line in lines if line.name.endswith("recall")] if partial else lines
    matched = [(mentions[i], places[j]) for _, mentions, places in judged
               for i, j in matches_of(mentions, places, exact=False)]
    return figures + _resolution_figures(matched)


def matches_of(mentions: Sequence[Toponym], places: Sequence[AnswerPlace], *, exact: bool) -> list[tuple[int, int]]:
    """Index pairs of labelled and found names that match, each used once; `exact`: both ends within one character."""
    candidates = sorted(
        (-_shared(mention, place), _apart(mention, place), i, j)
        for i, mention in enumerate(mentions) for j, place in enumerate(places)
        if mention.field == place.field and _shared(mention, place) > 0
        and (not exact or max(abs(mention.start - place.start), abs(mention.end - place.end)) <= 1))
    pairs: list[tuple[int, int]] = []
    taken_mentions: set[int] = set()
    taken_places: set[int] = set()
    for _, _, i, j in candidates:
        if i not in taken_mentions and j not in taken_places:
            taken_mentions.add(i)
            taken_places.add(j)
            pairs.append((i, j))
    return pairs


def error_km(wanted: Toponym | Where, given: AnswerPlace | None) -> float | None:
    """How far apart they lie, null where either has no coordinates."""
    if given is None or wanted.lat is None or wanted.lon is None or given.lat is None or given.lon is None:
        return None
    return distance_km(wanted.lat, wanted.lon, given.lat, given.lon)


def _places_of(gold: Gold, answer: Answer) -> list[AnswerPlace]:
    return [place for place in answer.places if place.field in gold.toponym_fields]


def _shared(mention: Toponym, place: AnswerPlace) -> int:
    return min(mention.end, place.end) - max(mention.start, place.start)


def _apart(mention: Toponym, place: AnswerPlace) -> int:
    return abs(mention.start - place.start) + abs(mention.end - place.end)


def _tally_of(mentions: Sequence[Toponym], places: Sequence[AnswerPlace], *, exact: bool) -> Tally:
    pairs = matches_of(mentions, places, exact=exact)
    right = sum(not mentions[i].optional for i, _ in pairs)
    met = {j for _, j in pairs}
    optional = [mention for mention in mentions if mention.optional]
    forgiven = len(pairs) - right + sum(j not in met and bool(matches_of(optional, [place], exact=False))
                                        for j, place in enumerate(places))
    return Tally(right, len(mentions) - len(optional), len(places) - forgiven)


def _resolution_figures(pairs: Sequence[Pair]) -> list[Figure]:
    section = "toponyms: resolution of matched mentions (overlap)"
    located = [(wanted, given, error_km(wanted, given)) for wanted, given in pairs if wanted.lat is not None]
    errors = [error for _, _, error in located if error is not None]
    near = sum(error <= NEAR_KM for error in errors)
    by_code = sum(_right_by_code(*each) for each in located)
    in_country = [(wanted, given) for wanted, given, _ in located if wanted.country]
    same = sum(wanted.country == given.country for wanted, given in in_country)
    return [Figure(section, "accuracy@161km", ratio(near, len(located)), len(located), "no coordinates given = wrong"),
            Figure(section, "accuracy@161km, countries by code", ratio(by_code, len(located)), len(located),
                   "labelled countries are right when kind and code are"),
            Figure(section, "country right", ratio(same, len(in_country)), len(in_country)),
            Figure(section, "median error km", statistics.median(errors) if errors else None, len(errors))]


def _right_by_code(wanted: Toponym, given: AnswerPlace, error: float | None) -> bool:
    if wanted.kind == "country" and wanted.country:
        return given.kind == "country" and given.country == wanted.country
    return error is not None and error <= NEAR_KM
