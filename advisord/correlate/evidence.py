"""Pairs of accounts -> what speaks for and against one and the same incident, each piece by name.

Its own module because the learning script and the program must see the same: the script fits a weight to every name
that `pieces` yields, `affinity` adds them up. Every piece is 0 where it is not known, so the unknown neither joins nor
parts. Words are weighed in context (similarity.in_context) and left out across languages.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from advisord.correlate.accounts import Account
from advisord.correlate.similarity import cosine_row, cosines, in_context
from advisord.correlate.tables import Tables
from advisord.geo import EARTH_RADIUS_KM
from advisord.model import Hazard

Floats = NDArray[np.float64]
Index = NDArray[np.int64]

# Points closer than this are one town, and further apart than NEAR_KM two: between, both are thinkable
SAME_KM, NEAR_KM, FAR_KM = 10.0, 60.0, 300.0
# An article tells of what happened at most so many days before it, a day of time zones after
TOLD_AFTER_DAYS, TOLD_BEFORE_DAYS = 7.0, 1.5
TOLD_NEAR_DAYS, TOLD_APART_DAYS = 2.0, 10.0


@dataclass(frozen=True, slots=True)
class Columns:
    """Accounts as arrays, so that pairs are compared all at once."""

    kind: Index
    family: Index
    kin: Floats
    article: Index
    language: Index
    country: Index
    admin1: Index
    lat: Floats
    lon: Floats
    reach: Floats
    sure: Floats
    day: Floats
    told: Floats
    lasts: Floats
    areal: NDArray[np.bool_]
    killed: Floats
    injured: Floats


def columns_of(accounts: Sequence[Account], hazards: Mapping[str, Hazard], tables: Tables) -> Columns:
    """The arrays; a code or country stands as a number, -1 where unknown."""
    codes = sorted({each.hazard for each in accounts} - {""})
    return Columns(
        kind=_numbers([each.hazard for each in accounts]),
        family=_numbers([each.hazard.split(".", maxsplit=1)[0] for each in accounts]), kin=_kinship(codes, hazards),
        article=_numbers([each.article_id for each in accounts]),
        language=_numbers([each.language for each in accounts]),
        country=_numbers([each.country for each in accounts]),
        admin1=_numbers([each.admin1 and f"{each.country} {each.admin1}" for each in accounts]),
        lat=np.array([each.lat for each in accounts]), lon=np.array([each.lon for each in accounts]),
        reach=np.array([each.reach for each in accounts]),
        sure=np.array([each.sure for each in accounts]), day=np.array([each.day for each in accounts]),
        told=np.array([each.told for each in accounts]),
        lasts=np.array([tables.lasts_days(each.hazard) for each in accounts]),
        areal=np.array([each.hazard in hazards and hazards[each.hazard].areal for each in accounts]),
        killed=np.array([each.killed for each in accounts]), injured=np.array([each.injured for each in accounts]))


@dataclass(frozen=True, slots=True)
class Words:
    """What the accounts of one loose group have in common in words: cosines as such, and in the group's context."""

    plain: Floats
    context: Floats


def words_of(accounts: Sequence[Account]) -> Words:
    """Both tables of cosines, of all to all."""
    terms = [each.terms for each in accounts]
    return Words(cosines(terms), cosines(in_context(terms), doubt=DOUBT))


def words_of_first(accounts: Sequence[Account]) -> Words:
    """Both tables of cosines, of the first to all."""
    terms = [each.terms for each in accounts]
    close = in_context(terms)
    return Words(cosine_row(terms[0], terms)[None], cosine_row(close[0], close, doubt=DOUBT)[None])


def pieces(of: Columns, i: Index, j: Index, words: Words) -> Iterator[tuple[str, Floats]]:
    """Name and value of every piece of evidence for the pairs (i, j) of one loose group."""
    same_article = of.article[i] == of.article[j]
    comparable = (of.language[i] == of.language[j]) & ~same_article
    places = dict(_places(of, i, j))
    sure = of.sure[i] * of.sure[j]
    elsewhere = ((places["other_place"] + places["far_place"] > 0) & (sure > SURELY)
                 & ~np.isnan(of.told[i]) & ~np.isnan(of.told[j]))
    enough = np.where(elsewhere, WORDS_OF_A_KIND, WORDS_ENOUGH)
    yield "words", np.where(comparable, np.minimum(words.context[i, j], enough), 0.0)
    yield "plain_words", np.where(comparable, np.minimum(words.plain[i, j], WORDS_ENOUGH), 0.0)
    yield "few", np.where(comparable, FEW / (FEW + len(of.kind)), 0.0)
    yield "foreign", (~comparable & ~same_article).astype(float)
    yield "one_article", same_article.astype(float)
    yield from _kinds(of, i, j)
    yield from ((name, values * sure) for name, values in places.items())
    yield from _days(of, i, j)
    yield from _figures(of, i, j)
    related = of.kin[of.kind[i], of.kind[j]]
    far = (related == KIN) & (of.family[i] != of.family[j])
    yield "one_scene", np.where(agree(of, i, j) & ~same_article, np.where(far, DISTANT_KIN, 1.0), 0.0)


# What one scene counts between kin of two families: a riot and an attack in one town on one day may be one or two
DISTANT_KIN = 0.4
# However many days lie between, a misread date must not outweigh everything else
MISMATCH_ENOUGH = 3.0
# In a group of so many, half of what sets its accounts apart from others of their kind can be known
FEW = 5.0
# Length added to every list: what two short texts share is chance
DOUBT = 15.0
# More words in common than this say no more: copies are at .8, other accounts of one incident at .15 to .4
WORDS_ENOUGH = 0.3
# Accounts of one kind share so many without being of one incident ("gunmen attacked a gendarmerie post"): no more
# speaks for two towns that are surely two. Only where it is known when both were published, as it is of all news: of
# articles without a date the place is misread too often (it would cost .07 of F1 on look-alike pairs, mostly undated)
WORDS_OF_A_KIND, SURELY = 0.1, 0.4


def _kinds(of: Columns, i: Index, j: Index) -> Iterator[tuple[str, Floats]]:
    kin = of.kin[of.kind[i], of.kind[j]]
    yield "same_kind", (kin == SAME).astype(float)
    yield "kin", (kin == KIN).astype(float)
    yield "same_family", (kin == FAMILY).astype(float)
    yield "other_kind", ((kin == OTHER) & (of.kind[i] >= 0) & (of.kind[j] >= 0)).astype(float)


SAME, KIN, FAMILY, OTHER = 3.0, 2.0, 1.0, 0.0


def _kinship(codes: Sequence[str], hazards: Mapping[str, Hazard]) -> Floats:
    # One more than there are codes: an unknown kind stands as -1 and is related to none
    table = np.full((len(codes) + 1, len(codes) + 1), OTHER)
    for row, one in enumerate(codes):
        for column, other in enumerate(codes):
            table[row, column] = _relation(one, other, hazards)
    return table


def _relation(one: str, other: str, hazards: Mapping[str, Hazard]) -> float:
    if one == other:
        return SAME
    if any(a in hazards and b in hazards[a].kin for a, b in ((one, other), (other, one))):
        return KIN
    return FAMILY if one.split(".", maxsplit=1)[0] == other.split(".", maxsplit=1)[0] else OTHER


def _places(of: Columns, i: Index, j: Index) -> Iterator[tuple[str, Floats]]:
    apart = distances_km(of.lat[i], of.lon[i], of.lat[j], of.lon[j])
    slack = of.reach[i] + of.reach[j]
    abroad = (of.country[i] >= 0) & (of.country[j] >= 0) & (of.country[i] != of.country[j])
    coarse = np.isnan(apart)
    beyond = coarse & ~abroad & (of.admin1[i] >= 0) & (of.admin1[j] >= 0) & (of.admin1[i] != of.admin1[j])
    # A closed border, an order for a whole country: known to the country, and told of the same one
    alike = coarse & of.areal[i] & of.areal[j] & ~beyond & (of.country[i] >= 0) & (of.country[i] == of.country[j])
    yield "same_place", ((apart <= SAME_KM + slack) | alike).astype(float)
    yield "near_place", ((apart > SAME_KM + slack) & (apart <= NEAR_KM + slack)).astype(float)
    yield "other_place", ((apart > NEAR_KM + slack) & (apart <= FAR_KM + slack)).astype(float)
    yield "far_place", (apart > FAR_KM + slack).astype(float)
    yield "other_region", beyond.astype(float)
    yield "abroad", (abroad & ~(apart <= NEAR_KM + slack)).astype(float)


def distances_km(lat1: Floats, lon1: Floats, lat2: Floats, lon2: Floats) -> Floats:
    """Great-circle distances in km, nan where a point is unknown; as geo.distance_km, for arrays."""
    a, b, c, d = (np.radians(each) for each in (lat1, lon1, lat2, lon2))
    half = np.sin((c - a) / 2) ** 2 + np.cos(a) * np.cos(c) * np.sin((d - b) / 2) ** 2
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.minimum(1.0, np.sqrt(half))))


def _days(of: Columns, i: Index, j: Index) -> Iterator[tuple[str, Floats]]:
    gap = np.abs(of.day[i] - of.day[j])
    allowed = np.maximum(of.lasts[i], of.lasts[j])
    yield "same_day", (gap == 0).astype(float)
    yield "next_day", ((gap > 0) & (gap <= allowed)).astype(float)
    over = np.where(gap > allowed, gap, allowed) / allowed
    yield "other_day", np.where(gap > allowed, np.minimum(1 + np.log2(over), MISMATCH_ENOUGH), 0.0)
    later = np.where(np.isnan(of.day[j]), of.told[j] - of.day[i], np.where(np.isnan(of.day[i]), of.told[i] - of.day[j],
                                                                          np.nan))
    fits = (later >= -TOLD_BEFORE_DAYS) & (later <= TOLD_AFTER_DAYS + allowed)
    yield "day_fits", fits.astype(float)
    yield "day_misfits", (~fits & ~np.isnan(later)).astype(float)
    between = np.where(np.isnan(of.day[i]) & np.isnan(of.day[j]), np.abs(of.told[i] - of.told[j]), np.nan)
    yield "told_near", (between <= TOLD_NEAR_DAYS).astype(float)
    far = between > TOLD_APART_DAYS + allowed
    times = np.where(far, between, TOLD_APART_DAYS) / TOLD_APART_DAYS
    yield "told_apart", np.where(far, np.minimum(np.log2(times), MISMATCH_ENOUGH), 0.0)


def _figures(of: Columns, i: Index, j: Index) -> Iterator[tuple[str, Floats]]:
    for name, ranges in (("killed", of.killed), ("injured", of.injured)):
        low = np.maximum(ranges[i, 0], ranges[j, 0])
        high = np.minimum(ranges[i, 1], ranges[j, 1])
        yield f"{name}_agree", ((low <= high) & (low > 0)).astype(float)
        yield f"{name}_clash", (low > high).astype(float)


def agree(of: Columns, i: Index, j: Index) -> NDArray[np.bool_]:
    """Whether two accounts tell of the same or a kin kind of thing, in the same place and at the same time."""
    told = {name: values > 0 for part in (_kinds, _places, _days) for name, values in part(of, i, j)}
    return ((told["same_kind"] | told["kin"]) & told["same_place"]
            & (told["same_day"] | told["next_day"] | told["day_fits"] | told["told_near"]))


def affinity(of: Columns, i: Index, j: Index, words: Words, weights: Mapping[str, float]) -> Floats:
    """The log-odds that each pair tells of one incident, rounded; above 0 they rather do."""
    total = np.full(len(i), weights.get("bias", 0.0), dtype=np.float64)
    for name, values in pieces(of, i, j, words):
        total += weights.get(name, 0.0) * values
    return np.round(total, 4)


def _numbers(names: Sequence[str]) -> Index:
    known = {name: number for number, name in enumerate(sorted(set(names) - {""}))}
    return np.array([known.get(name, -1) for name in names], dtype=np.int64)
