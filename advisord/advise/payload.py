"""Advisory -> the webhook's body: one JSON object of Standard Webhooks, with its schema (docs/messages.md).

Times are UTC, places ids and degrees, people ids; names stand in it only where the channel says so. A body is always
under 20 kB: lists are cut and say how many are left out.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, TypeAdapter

from advisord.advise.facts import Facts
from advisord.advise.plain import one_line
from advisord.model import (
    Advisory,
    Baseline,
    Certainty,
    Consequence,
    Count,
    Delivery,
    Exposure,
    Incident,
    IncidentStatus,
    MsgType,
    Phase,
    Place,
    Reason,
    Reliability,
    Severity,
    Urgency,
)

BODY_LIMIT = 20_000  # bytes, exclusive (messages.md)
SOURCES, CLAIMS, CONSEQUENCES, TOUCHED, RULES = 10, 10, 10, 100, 20
ALSO = 20
TEXT, INSTRUCTION = 4000, 2000
BodyType = Literal["advisory.alert", "advisory.update", "advisory.correction", "advisory.all_clear",
                   "advisory.expired", "advisory.cancelled", "desk.review", "desk.need_help", "desk.no_answer"]
TYPES: dict[Reason, BodyType] = {
    Reason.FIRST: "advisory.alert", Reason.CORRECTED: "advisory.correction", Reason.CLEARED: "advisory.all_clear",
    Reason.EXPIRED: "advisory.expired", Reason.CANCELLED: "advisory.cancelled",
    Reason.NEED_HELP: "desk.need_help", Reason.NO_ANSWER: "desk.no_answer"}


def utc(at: datetime) -> str:
    """An instant as the body writes it: "2024-09-17T08:34:10Z"."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


Instant = Annotated[datetime, PlainSerializer(utc, return_type=str)]


class Shape(BaseModel):
    """A part of the body; no key that is not told here."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class CountShape(Shape):
    """How many people; null is an open end."""

    min: int | None
    max: int | None


class PlaceShape(Shape):
    """A place; `lat` and `lon` in degrees WGS 84, null where only an area is known."""

    id: str | None
    name: str | None
    kind: str
    country: str | None
    admin1: str | None
    lat: float | None
    lon: float | None
    confidence: float
    uncertainty_km: float | None = None


class AdvisoryShape(Shape):
    """What is said. `previous` is the `webhook-id` of the message before it in the conversation.

    `about` is the id of the person whom a call for help, or for an answer, is about.
    """

    id: str
    version: int
    msg_type: MsgType
    rule: str | None
    rules: list[str]
    language: str
    headline: str
    instruction: str
    text: str
    exercise: bool
    unconfirmed: bool
    digest: bool
    reason: Reason
    changed: list[str]
    previous: str | None
    expires: Instant | None
    about: str | None = None


class ConsequenceShape(Shape):
    """A closure, order or cut that came of it."""

    hazard: str
    phase: Phase
    status: IncidentStatus
    severity: Severity
    place: PlaceShape | None
    since: Instant
    ended: Instant | None


class ClaimShape(Shape):
    """Who says what; `says` as in the analyse interface."""

    by: str
    says: str
    quote: str


class SourceShape(Shape):
    """A report; `reliability` A-F and `credibility` 1-6 are the Admiralty grades."""

    feed: str
    name: str
    url: str | None
    published: Instant
    reliability: Reliability
    credibility: int
    official: bool


class IncidentShape(Shape):
    """The incident as it was when this was decided."""

    id: str
    status: str
    hazard: str
    phase: Phase
    consequences: list[ConsequenceShape]
    severity: Severity
    urgency: Urgency
    certainty: Certainty
    place: PlaceShape | None
    start: str | None
    killed: CountShape | None
    injured: CountShape | None
    abducted: CountShape | None
    claims: list[ClaimShape]
    sources: list[SourceShape]
    origins: int
    credibility: int


class TouchedShape(Shape):
    """Somebody whom it touches; `name` only where the channel asks for names, null for a site."""

    person: str | None
    location: str
    via: str
    distance_km: float | None
    hazard: str
    rule: str
    starts: Instant | None
    name: str | None = None


class AlsoShape(Shape):
    """Another incident that the same message tells of, after the one that leads it; `headline` null in a digest."""

    advisory: str
    version: int
    msg_type: MsgType
    reason: Reason
    rules: list[str]
    headline: str | None
    incident: str
    hazard: str
    phase: Phase
    severity: Severity
    place: PlaceShape | None


class LeftOutShape(Shape):
    """How many entries of each list did not fit."""

    touched: int = 0
    also: int = 0
    sources: int = 0
    claims: int = 0
    consequences: int = 0
    text: bool = False


class DataShape(Shape):
    """The event's data."""

    advisory: AdvisoryShape
    hazard: str
    phase: Phase
    incident: IncidentShape
    touched: list[TouchedShape]
    also: list[AlsoShape]
    left_out: LeftOutShape


class Body(Shape):
    """One webhook message of advisord (Standard Webhooks: type, timestamp, data)."""

    type: BodyType
    timestamp: Instant
    data: DataShape = Field(description="What is said, about what, and whom it touches")


class FeedShape(Shape):
    """A feed read for the first time, and how many articles it held."""

    feed: str
    items: int


class CurrentShape(Shape):
    """An incident that nothing but such feeds tell."""

    incident: str
    hazard: str
    phase: Phase
    severity: Severity
    place: PlaceShape | None


class NoticeShape(Shape):
    """What a desk is told of its service: here, of feeds read for the first time, of which nobody was told anything."""

    headline: str
    text: str
    language: str
    feeds: list[FeedShape]
    incidents: list[CurrentShape]


class NoticeBody(Shape):
    """A message to a desk about the service itself."""

    type: Literal["desk.health"]
    timestamp: Instant
    data: NoticeShape


def notice_of(baseline: Baseline, incidents: Sequence[Incident], *, headline: str, text: str, language: str,
              now: datetime) -> str:
    """The body of a summary as JSON text, under 20 kB: of long lists the beginning."""
    share = 1.0
    while True:
        shape = NoticeBody(type="desk.health", timestamp=now, data=NoticeShape(
            headline=headline, text=one_text(text, int(TEXT * share)), language=language,
            feeds=[FeedShape(feed=feed, items=items) for feed, items in baseline.feeds[:int(TOUCHED * share)]],
            incidents=[CurrentShape(incident=each.id, hazard=each.hazard, phase=each.phase, severity=each.severity,
                                    place=_place(each.place, each.uncertainty_km))
                       for each in incidents[:int(ALSO * share)]])).model_dump_json()
        if len(shape.encode()) < BODY_LIMIT:
            return shape
        share /= 2


def webhook_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of the body, as `advisord schema webhook` prints it."""
    every: TypeAdapter[Body | NoticeBody] = TypeAdapter(Body | NoticeBody)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **every.json_schema(mode="serialization")}


def body_of(advisories: Sequence[Advisory], *, facts: Facts, said: Sequence[Mapping[str, str]], delivery: Delivery,
            names: Mapping[str, str], now: datetime) -> str:
    """The body as JSON text, under 20 kB; lists are halved until it is.

    The first advisory leads and `facts` are its own; `said` are the pages of the message, one an advisory or one for
    all (a digest).
    """
    share = 1.0
    while True:
        text = _body(advisories, facts, said, delivery, names=names, now=now, share=share).model_dump_json()
        if len(text.encode()) < BODY_LIMIT:
            return text
        share /= 2


def _body(advisories: Sequence[Advisory], facts: Facts, said: Sequence[Mapping[str, str]], delivery: Delivery, *,
          names: Mapping[str, str], now: datetime, share: float) -> Body:
    advisory, incident = advisories[0], advisories[0].incident
    also = _also(advisories, said)[:int(ALSO * share)]
    whole = "\n\n\n".join(each["text"] for each in said)
    touched = tuple(_touched(each, names) for each in advisory.exposures)
    kept = touched[:int(TOUCHED * share)]
    shape = _incident(incident, facts, share)
    text = one_text(whole, int(TEXT * share))
    return Body(type=_type(advisory), timestamp=now, data=DataShape(
        advisory=_advisory(advisory, said[0], text, delivery), hazard=advisory.hazard, phase=advisory.phase,
        incident=shape, touched=list(kept), also=also, left_out=LeftOutShape(
            touched=len(touched) - len(kept), also=len(advisories) - 1 - len(also),
            sources=len(facts.sources) - len(shape.sources),
            claims=len(facts.claims) - len(shape.claims),
            consequences=len(incident.consequences) - len(shape.consequences), text=text != whole)))


def _also(advisories: Sequence[Advisory], said: Sequence[Mapping[str, str]]) -> list[AlsoShape]:
    """The others, in the order in which the message tells of them."""
    heads = [each["headline"] for each in said] if len(said) == len(advisories) else [None] * len(advisories)
    return [AlsoShape(
        advisory=each.id, version=each.version, msg_type=each.msg_type, reason=each.reason,
        rules=list(each.rule_ids[:RULES]), headline=head, incident=each.incident.id, hazard=each.hazard,
        phase=each.phase, severity=each.severity, place=_place(each.incident.place, each.incident.uncertainty_km))
        for each, head in list(zip(advisories, heads, strict=True))[1:]]


def _type(advisory: Advisory) -> BodyType:
    return TYPES.get(advisory.reason, "advisory.update")


def one_text(text: str, limit: int) -> str:
    """The text cut at a line to at most `limit` characters."""
    return text if len(text) <= limit else text[:limit].rpartition("\n")[0]


def _advisory(advisory: Advisory, said: Mapping[str, str], text: str, delivery: Delivery) -> AdvisoryShape:
    return AdvisoryShape(
        id=advisory.id, version=advisory.version, msg_type=advisory.msg_type,
        rule=advisory.rule_ids[0] if advisory.rule_ids else None, rules=list(advisory.rule_ids[:RULES]),
        language=said["language"], headline=said["headline"], text=text,
        instruction=one_text(said["instruction"], INSTRUCTION),
        exercise=advisory.incident.exercise, unconfirmed=advisory.unconfirmed, digest=advisory.digest,
        reason=advisory.reason,
        changed=[one_line(each) for each in advisory.changed], previous=delivery.previous, expires=advisory.expires_at,
        about=advisory.about)


def _incident(incident: Incident, facts: Facts, share: float) -> IncidentShape:
    return IncidentShape(
        id=incident.id, status=incident.status, hazard=incident.hazard, phase=incident.phase,
        consequences=[_consequence(each) for each in incident.consequences[:int(CONSEQUENCES * share)]],
        severity=incident.severity, urgency=incident.urgency, certainty=incident.certainty,
        place=_place(incident.place, incident.uncertainty_km), start=incident.start, killed=_count(incident.killed),
        injured=_count(incident.injured), abducted=_count(incident.abducted),
        claims=[ClaimShape(by=each.by, says=each.says, quote=each.value)
                for each in facts.claims[:int(CLAIMS * share)]],
        sources=_sources(facts, int(SOURCES * share)), origins=incident.origins, credibility=incident.credibility)


def _consequence(consequence: Consequence) -> ConsequenceShape:
    cleared = consequence.status is IncidentStatus.CLEARED
    return ConsequenceShape(hazard=consequence.hazard, phase=Phase.ENDED if cleared else consequence.phase,
                            status=consequence.status, severity=consequence.severity,
                            place=_place(consequence.place, None),
                            since=consequence.since, ended=consequence.ended_at)


def _sources(facts: Facts, at_most: int) -> list[SourceShape]:
    """The latest ones."""
    kept = facts.sources[-at_most:] if at_most else ()
    return [SourceShape(feed=each.feed, name=each.name, url=each.url, published=each.at,
                        reliability=Reliability(each.reliability), credibility=facts.credibility,
                        official=each.official) for each in kept]


def _place(place: Place | None, uncertainty_km: float | None) -> PlaceShape | None:
    if place is None:
        return None
    return PlaceShape(id=place.id, name=one_line(place.name) or None, kind=place.kind, country=place.country,
                      admin1=one_line(place.admin1) or None, lat=place.lat, lon=place.lon,
                      confidence=place.confidence, uncertainty_km=uncertainty_km)


def _count(count: Count | None) -> CountShape | None:
    return None if count is None else CountShape(min=count.min, max=count.max)


def _touched(exposure: Exposure, names: Mapping[str, str]) -> TouchedShape:
    distance = None if exposure.distance_km is None else round(exposure.distance_km, 1)
    return TouchedShape(person=exposure.person_id, location=exposure.location_id, via=one_line(exposure.via),
                        distance_km=distance, hazard=exposure.hazard, rule=exposure.rule_id, starts=exposure.starts_at,
                        name=one_line(names.get(exposure.person_id or "")) or None)
