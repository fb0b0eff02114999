"""Advisory -> Facts: everything that a template may place, as it was when it was decided.

What a source wrote passes `plain` once, here, and nowhere else.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

from advisord.advise.facts import Altered, Candidate, Casualty, Facts, Order, Source, Thing, Voice, Where
from advisord.advise.gating import may_concern
from advisord.advise.plain import link, one_line
from advisord.geo import distance_km
from advisord.model import (
    Advisory,
    Claim,
    Consequence,
    Count,
    Incident,
    IncidentStatus,
    Instruction,
    Phase,
    Place,
    PlaceKind,
    Reason,
    Settings,
    SourcedReport,
)

NAME_LIMIT = 80
QUOTE_LIMIT = 240
PAST = frozenset({Phase.BACKGROUND, Phase.EXERCISE})
CITY_OF_AIRPORT_KM = 40.0
KINDS = {Reason.FIRST: "alert", Reason.CORRECTED: "correction", Reason.CLEARED: "all_clear",
         Reason.EXPIRED: "status_unknown", Reason.CANCELLED: "cancelled", Reason.REMINDER: "reminder",
         Reason.MERGED: "merged"}


def facts_of(advisory: Advisory, settings: Settings, airports: Mapping[str, Place]) -> Facts:
    """The facts of an advisory, as they were when it was decided; `airports` are those of journeys, by id."""
    incident = advisory.incident
    main = _main(incident)
    consequences = tuple(_known(each, airports) for each in _consequences(incident))
    sources = _sources(incident, settings)
    best = min((each.reliability for each in sources), default="F")
    silent = advisory.decided_at - incident.last_report_at
    return Facts(
        id=incident.id, version=advisory.version, kind=KINDS.get(advisory.reason, "update"), reason=advisory.reason,
        exercise=incident.exercise, unconfirmed=advisory.unconfirmed, shadow=advisory.shadow,
        decided_at=advisory.decided_at, expires_at=advisory.expires_at, severity=advisory.severity,
        certain=incident.place is not None and _is_certain(advisory),
        lead=_lead(advisory, main, consequences), main=main, consequences=consequences,
        casualties=tuple(_casualties(incident)), claims=_voices(incident.claims), orders=_orders(incident),
        candidates=_candidates(incident), sources=sources, origins=incident.origins, credibility=incident.credibility,
        reliability=best, official=any(each.official for each in sources), opened_at=incident.opened_at,
        last_report_at=incident.last_report_at, hours_silent=max(round(silent.total_seconds() / 3600), 1),
        changes=tuple(_altered(each, dict(advisory.was)) for each in advisory.changed),
        word_of_end=_word_of_end(advisory, sources), unheard=advisory.unheard,
        merged_into=one_line(incident.merged_into, NAME_LIMIT))


def _is_certain(advisory: Advisory) -> bool:
    """Whether the place is; else the desk was told without anybody touched, for those who may be."""
    return bool(advisory.exposures) or not any(may_concern(each) for each in advisory.near)


def _lead(advisory: Advisory, main: Thing, consequences: tuple[Thing, ...]) -> Thing:
    """The hazard that heads the message: the advisory's, the one that still holds before the one that ended."""
    own = [each for each in (main, *consequences) if each.code == advisory.hazard]
    return min(own, key=_ended, default=main)


def _ended(thing: Thing) -> bool:
    return thing.ended or thing.unheard


# --------------------------------------------------------------------------------------------------- what, where


def where_of(place: Place | None, uncertainty_km: float | None = None) -> Where | None:
    """A place to be named; null where it has no name."""
    if place is None or not place.name:
        return None
    name = one_line(place.name, NAME_LIMIT)
    if place.city and place.kind is not PlaceKind.AIRPORT and place.city.casefold() not in name.casefold():
        name = one_line(f"{name}, {place.city}", NAME_LIMIT)
    # The quarter of a town is spoken of as the town is: "in", not "in the region of"
    kind = PlaceKind.CITY if place.city and place.kind is PlaceKind.ADMIN2 else place.kind
    parts = [name]
    if place.admin1 and place.admin1.casefold() not in name.casefold() and place.kind is not PlaceKind.COUNTRY:
        parts.append(one_line(place.admin1, NAME_LIMIT))
    return Where(name, kind, place.country, tuple(parts),
                 None if not uncertainty_km else max(round(uncertainty_km), 1), place.id)


def _main(incident: Incident) -> Thing:
    return Thing(incident.hazard, incident.phase, incident.severity,
                 where_of(incident.place, incident.uncertainty_km), _city(incident.place, incident.place),
                 ended=incident.phase is Phase.ENDED, since=_instant(incident.start), day=_day(incident.start),
                 ended_at=incident.ended_at)


def _consequences(incident: Incident) -> tuple[Thing, ...]:
    """The consequences, one a hazard and place, with its latest state: three papers' one curfew is one line.

    The airport that was closed, then unheard of, then open again is open again.
    """
    found: dict[tuple[str, str | None], Thing] = {}
    for consequence in sorted(incident.consequences, key=_heard):
        thing = _consequence(consequence, incident)
        key = thing.code, thing.city or (thing.place.name if thing.place else None)
        earlier = found.get(key)
        since = thing.since if earlier is None or thing.since is None or earlier.since is None \
            else min(earlier.since, thing.since)
        found[key] = replace(thing, since=since)
    return tuple(found.values())


def _known(thing: Thing, airports: Mapping[str, Place]) -> Thing:
    """With the airport's code and city, as somebody who flies through it knows it."""
    airport = airports.get(thing.place.id or "") if thing.place else None
    if airport is None:
        return thing
    return replace(thing, iata=airport.iata or "", city=one_line(airport.city, NAME_LIMIT) or thing.city)


def _heard(consequence: Consequence) -> datetime:
    return consequence.last_report_at


def _consequence(consequence: Consequence, incident: Incident) -> Thing:
    unheard = consequence.status is IncidentStatus.EXPIRED
    ended = not unheard and (consequence.ended_at is not None or consequence.phase is Phase.ENDED)
    return Thing(consequence.hazard, Phase.ENDED if ended else consequence.phase, consequence.severity,
                 where_of(consequence.place or incident.place), _city(consequence.place, incident.place), ended=ended,
                 since=consequence.since, ended_at=consequence.ended_at if ended else None, unheard=unheard,
                 last_at=consequence.last_report_at)


def _city(place: Place | None, focus: Place | None) -> str | None:
    """The city by which people know an airport: the incident's own where the airport is that city's."""
    if place is None or focus is None or not focus.name or focus.kind is not PlaceKind.CITY:
        return one_line(place.name, NAME_LIMIT) if place and place.kind is PlaceKind.CITY and place.name else None
    is_city = place.kind is PlaceKind.CITY and place.name is not None
    if is_city and place.id != focus.id:
        return one_line(place.name, NAME_LIMIT)
    return one_line(focus.name, NAME_LIMIT) if is_city or _serves(place, focus) else None


def _serves(place: Place, city: Place) -> bool:
    if place.parent is not None and place.parent == city.id:
        return True
    if place.lat is None or place.lon is None or city.lat is None or city.lon is None:
        return False
    return distance_km(place.lat, place.lon, city.lat, city.lon) <= CITY_OF_AIRPORT_KM


def _instant(start: str | None) -> datetime | None:
    """The instant told, null where only a day was."""
    if start is None or "T" not in start:
        return None
    instant = datetime.fromisoformat(start)
    return instant if instant.tzinfo else None


def _day(start: str | None) -> date | None:
    """The local day of the event, which is the first ten characters (analyse.md)."""
    return date.fromisoformat(start[:10]) if start else None


def _candidates(incident: Incident) -> tuple[Candidate, ...]:
    if incident.place is None:
        return ()
    own = Candidate(one_line(incident.place.name, NAME_LIMIT), incident.place.country)
    others = (Candidate(one_line(each.name, NAME_LIMIT), each.country) for each in incident.place.alternatives)
    return (own, *others) if incident.place.alternatives else ()


# ---------------------------------------------------------------------------------------------------- who says


def _casualties(incident: Incident) -> list[Casualty]:
    counts: tuple[tuple[str, Count | None], ...] = (
        ("killed", incident.killed), ("injured", incident.injured), ("abducted", incident.abducted))
    return [Casualty(kind, count.min, count.max, _voices(tuple(
        claim for claim in incident.claims if claim.says == kind))) for kind, count in counts if count is not None]


def _voices(claims: tuple[Claim, ...]) -> tuple[Voice, ...]:
    voices = (Voice(one_line(each.by, NAME_LIMIT), each.says, one_line(each.value, QUOTE_LIMIT)) for each in claims)
    return tuple(dict.fromkeys(voices))


def _orders(incident: Incident) -> tuple[Order, ...]:
    """Every instruction, one a kind and issuer."""
    found: dict[tuple[str, str], Order] = {}
    own = (each for consequence in incident.consequences if consequence.ended_at is None
           for each in consequence.instructions)
    for each in (*incident.instructions, *own):
        order = _order(each)
        found.setdefault((order.kind, order.issuer), order)
    return tuple(found.values())


def _order(instruction: Instruction) -> Order:
    return Order(instruction.kind, one_line(instruction.issuer, NAME_LIMIT), one_line(instruction.audience, NAME_LIMIT),
                 one_line(instruction.quote, QUOTE_LIMIT).rstrip("."))


def _sources(incident: Incident, settings: Settings) -> tuple[Source, ...]:
    """The reports that are current, one an article, in the order in which they came."""
    names = {feed.id: feed.name or feed.id for feed in settings.feeds}
    found: dict[str, Source] = {}
    for each in sorted(incident.reports, key=_heard_and_ranked):
        if each.report.phase in PAST:
            continue
        found.setdefault(f"{each.article_id} {each.report.phase is Phase.ENDED}", _source(each, names))
    return tuple(found.values())


def _source(sourced: SourcedReport, names: dict[str, str]) -> Source:
    name = names.get(sourced.feed_id, sourced.feed_id.strip("()"))  # "(desk)" is no feed
    credit = one_line(sourced.credit, NAME_LIMIT)
    return Source(
        feed=sourced.feed_id, name=one_line(f"{name} / {credit}" if credit and credit != name else name, NAME_LIMIT),
        at=_heard_at(sourced), url=link(sourced.url), reliability=sourced.reliability,
        quote=one_line(sourced.sentence, QUOTE_LIMIT), title=one_line(sourced.title, QUOTE_LIMIT),
        phase=sourced.report.phase, hazard=sourced.report.hazard, official=sourced.official, seen_at=sourced.seen_at)


def _heard_and_ranked(sourced: SourcedReport) -> tuple[datetime, int]:
    return _heard_at(sourced), sourced.rank


def _heard_at(sourced: SourcedReport) -> datetime:
    return sourced.published or sourced.seen_at


def _word_of_end(advisory: Advisory, sources: tuple[Source, ...]) -> Source | None:
    """The latest report that tells the end, or the denial, in its own words."""
    wanted = Phase.DENIED if advisory.reason is Reason.CANCELLED else Phase.ENDED
    hazards = {advisory.hazard, advisory.incident.hazard}
    telling = [each for each in sources if each.phase == wanted]
    own = [each for each in telling if each.hazard in hazards]
    return next(reversed(own or telling), None)


def _altered(field: str, was: dict[str, str]) -> Altered:
    name, _, arg = field.partition(":")
    return Altered(name, arg, one_line(was.get(field), NAME_LIMIT))
