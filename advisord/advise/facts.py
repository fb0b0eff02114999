"""The nouns of a message: what a template may place, cleaned, with names resolved.

No word of any language here, and no sentence: codes, names, numbers, instants. How they come about is `gathering`.
"""
from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Where:
    """A place to be named; `kind` as PlaceKind, `parts` from the closest to the widest without the country."""

    name: str
    kind: str
    country: str | None
    parts: tuple[str, ...] = ()
    uncertainty_km: int | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Thing:
    """The main hazard or a consequence. `city` names the city of an airport, where known, and `iata` is its code.

    `unheard`: nobody spoke of it since `last_at`, so that its state is unknown, which is not its end.
    """

    code: str
    phase: str
    severity: str
    place: Where | None
    city: str | None
    ended: bool
    since: datetime | None = None
    day: date | None = None
    ended_at: datetime | None = None
    unheard: bool = False
    last_at: datetime | None = None
    iata: str = ""


@dataclass(frozen=True, slots=True)
class Voice:
    """Who says what."""

    by: str
    says: str
    value: str


@dataclass(frozen=True, slots=True)
class Casualty:
    """A range of people; `kind` is killed, injured or abducted; `low` or `high` null for an open end."""

    kind: str
    low: int | None
    high: int | None
    voices: tuple[Voice, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody told people to do."""

    kind: str
    issuer: str
    audience: str
    quote: str


@dataclass(frozen=True, slots=True)
class Source:
    """One report with its grade and its words."""

    feed: str
    name: str
    at: datetime
    url: str | None
    reliability: str
    quote: str
    title: str
    phase: str
    hazard: str
    official: bool
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that an ambiguous one may be."""

    name: str
    country: str | None


@dataclass(frozen=True, slots=True)
class Later:
    """People who are told at a later time; `count` is of all of them, where `names` is cut."""

    at: datetime
    names: tuple[str, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Altered:
    """A field that changed: `arg` is the code concerned, `was` what was said before."""

    field: str
    arg: str
    was: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What all recipients of an advisory can be told."""

    id: str
    version: int
    kind: str
    reason: str
    exercise: bool
    unconfirmed: bool
    shadow: bool
    decided_at: datetime
    expires_at: datetime | None
    severity: str
    certain: bool
    lead: Thing
    main: Thing
    consequences: tuple[Thing, ...]
    casualties: tuple[Casualty, ...]
    claims: tuple[Voice, ...]
    orders: tuple[Order, ...]
    candidates: tuple[Candidate, ...]
    sources: tuple[Source, ...]
    origins: int
    credibility: int
    reliability: str
    official: bool
    opened_at: datetime
    last_report_at: datetime
    hours_silent: int
    changes: tuple[Altered, ...]
    word_of_end: Source | None
    unheard: bool = False
    merged_into: str = ""
