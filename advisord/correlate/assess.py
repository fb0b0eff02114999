"""A thread -> what the incident is: where, since when, how bad, how sure, and who says so.

Its own module because it is judgement over many reports, told in tables that the desk can read in docs/correlate.md.
Of each origin the latest word counts, so a later figure replaces an earlier one of the same source and never that of
another; figures of several sources stand as a range.
"""
from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from advisord.correlate.origins import folded
from advisord.correlate.spells import in_time
from advisord.correlate.threads import is_current
from advisord.geo import distance_km
from advisord.model import (
    Actor,
    Certainty,
    Claim,
    Count,
    Instruction,
    Phase,
    Precision,
    Reliability,
    Severity,
    SourcedReport,
    Urgency,
)
from advisord.text.fold import fold

_GRADED = frozenset({Reliability.A, Reliability.B, Reliability.C})
_DOUBTED = frozenset({Reliability.D, Reliability.E})
# Two independent origins make a thing probably true, and these many when nobody can judge them
_FIGURES = ("killed", "injured", "abducted")
_SEVERAL = 2
_MANY = 3
# Letters of an article or preposition, which no acronym counts
SHORTEST = 3
_FINEST = list(Precision)


def latest_by_origin(reports: Iterable[SourcedReport]) -> tuple[SourcedReport, ...]:
    """The last report of every origin, in the order of time."""
    reports = sorted(reports, key=in_time)
    origins = folded(reports)
    last = {origins[each.article_id]: each for each in reports}
    return tuple(sorted(last.values(), key=in_time))


def severity_of(reports: Sequence[SourcedReport]) -> Severity:
    """The worst that any report tells: a follow-up that repeats less of it does not make it less bad."""
    return max((each.report.severity for each in reports), key=_rank)


def _rank(value: Severity | Certainty) -> int:
    return value.rank


def certainty_of(main: Sequence[SourcedReport], silent: Sequence[SourcedReport]) -> Certainty:
    """The surest that any origin's latest report tells; Unlikely once it is refuted."""
    if is_refuted(main, silent):
        return Certainty.UNLIKELY
    return max((each.report.certainty for each in latest_by_origin(main)), key=_rank)


def urgency_of(main: Sequence[SourcedReport]) -> Urgency:
    """What the latest report says."""
    return max(main, key=in_time).report.urgency


def phase_of(main: Sequence[SourcedReport], *, over: bool) -> Phase:
    """What the latest report says, an end only where it is believed.

    What has happened is no longer threatened because somebody still writes so.
    """
    if over:
        return Phase.ENDED
    phases = [each.report.phase for each in sorted(main, key=in_time) if each.report.phase is not Phase.ENDED]
    real = [phase for phase in phases if phase not in {Phase.PLANNED, Phase.THREATENED}]
    return (real or phases or [Phase.ENDED])[-1]


def credibility_of(main: Sequence[SourcedReport], silent: Sequence[SourcedReport]) -> int:
    """The Admiralty credibility, 1 confirmed to 6 cannot be judged, from independent origins; docs/correlate.md."""
    if is_refuted(main, silent):
        return 5
    latest = latest_by_origin(main)
    graded = sum(each.reliability in _GRADED or each.official for each in latest)
    official = any(each.official for each in latest)
    if official and graded >= _SEVERAL:
        return 1
    if official or graded >= _SEVERAL:
        return 2
    if graded or len(latest) >= _MANY:
        return 3
    if len(latest) >= _SEVERAL or any(each.reliability in _DOUBTED for each in latest):
        return 4
    return 6


def is_refuted(main: Sequence[SourcedReport], silent: Sequence[SourcedReport]) -> bool:
    """Whether someone denies it who is graded better than everybody who tells it."""
    denials = [each for each in silent if each.report.phase is Phase.DENIED]
    if not denials:
        return False
    return max(map(_trust, denials)) > max(map(_trust, main))


def is_taken_back(main: Sequence[SourcedReport], silent: Sequence[SourcedReport]) -> bool:
    """Whether every origin that told it has since said that it is not so."""
    denials = [each for each in silent if each.report.phase is Phase.DENIED]
    return bool(denials) and all(each.report.phase is Phase.DENIED or each.id not in {told.id for told in main}
                                 for each in latest_by_origin([*main, *denials]))


def _trust(sourced: SourcedReport) -> int:
    return 10 if sourced.official else -list(Reliability).index(sourced.reliability)


def count_of(reports: Sequence[SourcedReport], figure: Callable[[SourcedReport], Count | None]) -> Count | None:
    """The range over the latest figures of all origins; "at least" widens it only where it lies above the others."""
    given = [count for count in map(figure, latest_by_origin([each for each in reports if figure(each)])) if count]
    if not given:
        return None
    highs = [count.max for count in given if count.max is not None]
    floors = [count.min for count in given if count.max is None and count.min is not None]
    lows = [count.min for count in given]
    low = min((each for each in lows if each is not None), default=None) if None not in lows else None
    beyond = not highs or any(floor > max(highs) for floor in floors)
    return Count(low, None if beyond else max(highs))


def place_report(main: Sequence[SourcedReport],
                 following: Sequence[SourcedReport] = ()) -> SourcedReport | None:
    """The report whose place stands for all: the one that most others agree with, then the finest, then the earliest.

    Null where nobody says where. Its ambiguity (confidence, alternatives) is the incident's. Where an article leads
    with what is `following` the event, the event's place is told in passing and counts only if nobody else tells one:
    "Bamako airport closed after attack" does not say that the airport was attacked.
    """
    placed = [each for each in sorted(main, key=in_time) if each.report.place]
    if not placed:
        return None
    leads: dict[str, int] = {}
    for each in following:
        leads[each.article_id] = min(each.rank, leads.get(each.article_id, each.rank))
    placed = [each for each in placed if each.rank <= leads.get(each.article_id, each.rank)] or placed
    votes = [sum(_agree(each, other) for other in latest_by_origin(placed)) for each in placed]
    best = max(range(len(placed)), key=lambda at: (votes[at], -_grain(placed[at]), -at))
    return placed[best]


def _grain(sourced: SourcedReport) -> int:
    return _FINEST.index(sourced.report.precision) if sourced.report.precision else len(_FINEST)


def _agree(one: SourcedReport, other: SourcedReport) -> bool:
    """Whether two places can be one: within their uncertainties, or one country where a point is missing."""
    here, there = one.report.place, other.report.place
    if here is None or there is None:
        return False
    a, b = here.place, there.place
    if a.lat is None or a.lon is None or b.lat is None or b.lon is None:
        return a.country == b.country
    slack = (one.report.uncertainty_km or 0) + (other.report.uncertainty_km or 0)
    return distance_km(a.lat, a.lon, b.lat, b.lon) <= slack + 1


def start_of(main: Sequence[SourcedReport]) -> str | None:
    """The day or instant most origins tell, an instant before its bare day; the earliest of equals."""
    told = [each.report.start for each in latest_by_origin([each for each in main if each.report.start])]
    days = Counter(start[:10] for start in told if start)
    if not days:
        return None
    day = min(days, key=lambda each: (-days[each], each))
    return min((start for start in told if start and start.startswith(day)), key=lambda each: (-len(each), each))


def claims_of(reports: Sequence[SourcedReport]) -> tuple[Claim, ...]:
    """Who says what, each once, and where sources' figures differ which source gives which.

    Somebody's later figure replaces their earlier one.
    """
    told = {(claim.by, claim.says, "" if claim.says in _FIGURES else claim.value): claim
            for each in sorted(reports, key=in_time) for claim in each.report.claims}
    for says in _FIGURES:
        told.update(_figures_claimed(reports, says))
    denied = [_claim(each, "denial", "hazard", each.report.hazard) for each in reports
              if each.report.phase is Phase.DENIED and not each.report.claims]
    told.update({(claim.by, claim.says, claim.value): claim for claim in denied if claim})
    return tuple(told[key] for key in sorted(told))


def _figures_claimed(reports: Sequence[SourcedReport], says: str) -> dict[tuple[str, str, str], Claim]:
    latest = latest_by_origin([each for each in reports if is_current(each) and getattr(each.report, says)])
    if len({getattr(each.report, says) for each in latest}) < _SEVERAL:
        return {}
    claims = [_claim(each, says, says, _figure(getattr(each.report, says))) for each in latest
              if not any(claim.says == says for claim in each.report.claims)]
    return {(claim.by, claim.says, claim.value): claim for claim in claims if claim}


def _claim(sourced: SourcedReport, says: str, of: str, value: str) -> Claim | None:
    """What a newsroom itself says, with the words that show it."""
    span = next((shown for shown in sourced.report.evidence if shown.of == of), None)
    if span is None:
        return None
    return Claim(sourced.credit or sourced.feed_id, says, value, span.field, span.start, span.end)


def _figure(count: Count) -> str:
    if count.max is None:
        return f"{count.min}+"
    return str(count.max) if count.min == count.max else f"{count.min or 0}-{count.max}"


def actors_of(reports: Sequence[SourcedReport]) -> tuple[Actor, ...]:
    """Everybody named, each name and role once with the latest attribution."""
    told = {(actor.role, actor.name): actor for each in sorted(reports, key=in_time) for actor in each.report.actors}
    return tuple(told[key] for key in sorted(told))


def instructions_of(reports: Sequence[SourcedReport]) -> tuple[Instruction, ...]:
    """Everything that somebody told people to do, each once by kind and issuer in its latest words.

    "UN" and "the United Nations" are one issuer, and whoever names none repeats what another tells.
    """
    told: dict[tuple[str, str], Instruction] = {}
    for given in (given for each in sorted(reports, key=in_time) for given in each.report.instructions):
        known = next((key for key in told if key[0] == given.kind and is_one_issuer(key[1], given.issuer or "")), None)
        if known is None:
            told[given.kind, given.issuer or ""] = given
        elif given.issuer or not told[known].issuer:
            del told[known]
            told[given.kind, given.issuer or ""] = given
    return tuple(told[key] for key in sorted(told))


def is_one_issuer(one: str, other: str) -> bool:
    """Whether two names may be one authority's: one is within the other, or its initials, or unknown."""
    words, others = fold(one).split(), fold(other).split()
    some, rest = _telling(words), _telling(others)
    return some <= rest or rest <= some or _initials(words) in others or _initials(others) in words


def _telling(words: Sequence[str]) -> set[str]:
    """Those that are longer than articles are; of an acronym all."""
    return {word for word in words if len(word) > SHORTEST} or set(words)


def _initials(words: Sequence[str]) -> str:
    """"un" of "the united nations"; of a single word nothing."""
    letters = [word[0] for word in words if len(word) > SHORTEST]
    return "".join(letters) if len(letters) > 1 else " "
