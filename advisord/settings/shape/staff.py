"""staff.yaml: who is where when, and who answers for them."""
from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Discriminator, Field, Tag, WithJsonSchema

from advisord.settings.faults import quoted
from advisord.settings.shape.fields import (
    Id,
    Instant,
    Language,
    Line,
    Mailbox,
    Many,
    Moment,
    OneOrMore,
    Shape,
    Timezone,
    one_of,
    text_of,
    wrong,
)
from advisord.settings.shape.pace import DigestShape

SITE_KINDS = ("office", "residence", "guesthouse", "hotel", "warehouse", "clinic", "school", "camp", "site")


MAX_LAT = 90
MAX_LON = 180


class Point(Shape):
    """Degrees, WGS 84."""

    lat: float = Field(ge=-MAX_LAT, le=MAX_LAT)
    """Degrees north, -90 to 90."""
    lon: float = Field(ge=-MAX_LON, le=MAX_LON)
    """Degrees east, -180 to 180."""


def _place(value: object) -> object:
    """A name, a code or coordinates as text, or a map of lat and lon; what it names is resolved later."""
    if isinstance(value, dict):
        return Point.model_validate(value)
    text = text_of(value, "a place")
    if not text or "\n" in text:
        raise wrong(f'{quoted(text)} is not a place (write "Bamako, ML", BKO, or "12.65, -8.0")')
    return text


_PLACE_SCHEMA = {"$comment": "place", "oneOf": [
    {"type": "string", "minLength": 1},
    {"type": "object", "properties": {
        "lat": {"type": "number", "minimum": -90, "maximum": 90},
        "lon": {"type": "number", "minimum": -180, "maximum": 180}},
     "required": ["lat", "lon"], "additionalProperties": False}]}
PlaceText = Annotated[str | Point, BeforeValidator(_place), WithJsonSchema(_PLACE_SCHEMA)]
SiteKind = Annotated[str, BeforeValidator(one_of(*SITE_KINDS, noun="a kind of site")),
                     WithJsonSchema({"type": "string", "enum": list(SITE_KINDS)})]


class ContactShape(Shape):
    """How to reach somebody."""

    email: Mailbox | None = None
    """One address."""
    phone: Line | None = None
    """A telephone number, in quotes, shown to those who may call it."""


class SiteShape(Shape):
    """A place that the organisation keeps."""

    id: Id
    """Its name in logs and messages."""
    place: PlaceText
    """A name with its country, an airport code, or coordinates."""
    kind: SiteKind = "office"
    """What it is."""
    name: Line | None = None
    """What people call it; else made from place and kind."""
    groups: Many[Id] = Field(default_factory=list)
    """The groups it belongs to; their desk answers for it."""


class StayShape(Shape):
    """Some days at one place."""

    place: PlaceText
    """Where."""
    from_: Moment = Field(alias="from")
    """The first day, or an instant with its offset. A day is meant in the person's time zone."""
    to: Moment
    """The last day (all of it), or an instant with its offset."""


class FlightShape(Shape):
    """One flight."""

    flight: Line
    """Its number, as the ticket says."""
    from_: Line = Field(alias="from")
    """The airport it leaves from (IATA or ICAO code)."""
    to: Line
    """The airport it arrives at."""
    via: OneOrMore[Line] = Field(default_factory=list)
    """Airports passed through between, in order."""
    departs: Instant
    """When it leaves, with the offset there."""
    arrives: Instant
    """When it arrives, with the offset there."""


def _leg_kind(value: Any) -> str:
    return "~flight" if isinstance(value, dict) and not {"flight", "departs", "arrives"}.isdisjoint(value) else "~stay"


Leg = Annotated[Annotated[StayShape, Tag("~stay")] | Annotated[FlightShape, Tag("~flight")], Discriminator(_leg_kind)]


class PersonShape(Shape):
    """One of the staff."""

    id: Id
    """What logs and webhooks show instead of the name."""
    name: Line
    """The name, as the desk reads it."""
    groups: Many[Id] = Field(default_factory=list)
    """The groups that rules and desks name."""
    language: Language | None = None
    """The language to write in; else the desk's."""
    timezone: Timezone | None = None
    """IANA name; for quiet hours and the days of trips. Default UTC."""
    contact: ContactShape = ContactShape()
    """How to reach them."""
    home: PlaceText | None = None
    """Where they are when no trip says otherwise."""
    site: Id | None = None
    """The site they work at when no trip says otherwise."""
    digest: DigestShape | None = None
    """They read what can wait in one message a day or a week, whatever the rules say."""
    trips: Many[Leg] = Field(default_factory=list)
    """Stays (`place`, `from`, `to`) and flights (`flight`, `from`, `to`, `via`, `departs`, `arrives`)."""


def _refused_roster(value: object) -> None:
    del value
    raise wrong("who is on duty isn't honoured by this version; leave it out, messages go to the desk's contact")


class DeskShape(Shape):
    """Those who answer for groups of staff."""

    id: Id
    """Its name in logs and messages."""
    groups: Many[Id] = Field(default_factory=list)
    """The groups it answers for."""
    language: Language = "en"
    """The language it reads."""
    timezone: Timezone = "UTC"
    """IANA name."""
    contact: ContactShape = ContactShape()
    """How to reach it."""
    roster: Annotated[None, BeforeValidator(_refused_roster), WithJsonSchema({"not": {}})] = None
    """Refused: not honoured by this version."""


class StaffFile(Shape):
    """Sites, people and the desks that answer for them."""

    piecewise: ClassVar[bool] = True

    include: OneOrMore[Line] = Field(default_factory=list)
    """CSV files with more people, relative to this folder."""
    sites: Many[SiteShape] = Field(default_factory=list)
    """Places that the organisation keeps."""
    people: Many[PersonShape] = Field(default_factory=list)
    """The staff."""
    desks: Many[DeskShape] = Field(default_factory=list)
    """Who answers for whom. Every group belongs to one desk; the first desk answers for all others."""
