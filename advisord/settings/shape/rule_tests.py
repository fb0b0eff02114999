"""A file of rule tests: what happens, and who is to be told of it by these rules."""
from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema

from advisord.model import Certainty, Phase, Reliability
from advisord.settings.faults import quoted
from advisord.settings.shape.fields import (
    Country,
    Flag,
    Grade,
    Id,
    Instant,
    Language,
    Line,
    Many,
    OneCertainty,
    OneOrMore,
    OnePhase,
    OneReason,
    OneSeverity,
    Prose,
    Shape,
    text_of,
    wrong,
)
from advisord.settings.shape.rules import HazardText, RuleShape, Template
from advisord.settings.shape.staff import PlaceText, StaffFile

EVERYBODY_ELSE = "everybody else"
_RECIPIENT = re.compile(r"((person|desk|hook):)?[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def _recipient(value: object) -> str:
    """`person:<id>`, `desk:<id>` or `hook:<channel>`; a bare id is a person's."""
    text = text_of(value, "the id of somebody")
    if not _RECIPIENT.fullmatch(text):
        raise wrong(f"{quoted(text)} is nobody's id (write p-001, desk:<id> or hook:<channel>)")
    return text if ":" in text else f"person:{text}"


def _recipient_or_others(value: object) -> str:
    return EVERYBODY_ELSE if value == EVERYBODY_ELSE else _recipient(value)


Recipient = Annotated[str, BeforeValidator(_recipient),
                      WithJsonSchema({"type": "string", "pattern": f"^{_RECIPIENT.pattern}$", "$comment": "recipient"})]
RecipientOrOthers = Annotated[str, BeforeValidator(_recipient_or_others), WithJsonSchema(
    {"type": "string", "pattern": f"^({_RECIPIENT.pattern}|{EVERYBODY_ELSE})$", "$comment": "recipient"})]


class AccountShape(Shape):
    """One incident as a source would tell it, understood already."""

    hazard: HazardText
    """What happens: a code such as `transport.airport_closure`."""
    place: PlaceText | None = None
    """Where, as in staff.yaml; where left out, nobody knows where."""
    phase: OnePhase = Phase.OCCURRED
    """Where it stands."""
    severity: OneSeverity | None = None
    """How bad; the hazard's own where left out."""
    certainty: OneCertainty = Certainty.OBSERVED
    """How sure."""


class SourceShape(Shape):
    """Who tells a report."""

    reliability: Grade = Reliability.B
    """Its Admiralty grade."""
    official: Flag = False
    """Whether it speaks for an authority."""
    origins: int = Field(default=2, ge=1, le=20)
    """How many tell it independently of each other."""


class TextShape(Shape):
    """An article, to be read as the service would read it."""

    text: Prose
    """What it says."""
    title: Line | None = None
    """Its headline."""
    feed: Id | None = None
    """The feed of feeds.yaml that brings it: its grade, language and country count. An unnamed source of grade B where
    left out.
    """
    published: Instant | None = None
    """When it came out, with an offset; at the step's instant where left out."""
    language: Language | None = None
    """The language it is written in, where it is not the feed's."""
    country: Country | None = None
    """Where a bare place name most likely lies, where it is not the feed's."""


class ToldShape(Shape):
    """Somebody who is to be told; what stands here must be so, what is left out may be anything."""

    who: Recipient
    """The id of a person, `desk:<id>` or `hook:<channel>`."""
    rule: OneOrMore[Id] = Field(default_factory=list)
    """The rules that touch them: all of them."""
    advise: Template | None = None
    """The template of the message."""
    via: OneOrMore[Line] = Field(default_factory=list)
    """The channels by which they are told: all of them."""
    severity: OneSeverity | None = None
    """The severity that the message states."""
    reason: OneReason | None = None
    """Why it is said: `first`, `severity`, `cleared` …"""
    held_minutes: float | None = Field(default=None, ge=0)
    """For how many minutes it waits first, for a night or a review to be over; 0 is at once."""


class StepShape(Shape):
    """What happens at one instant, and who is told then."""

    at: Instant
    """The instant, with an offset."""
    report: OneOrMore[AccountShape] = Field(default_factory=list)
    """What is told, understood already; several are the account of one article, such as an attack and a closure."""
    source: SourceShape = SourceShape()
    """Who tells it."""
    article: OneOrMore[TextShape] = Field(default_factory=list)
    """Articles to read, in the place of a report or beside it."""
    told: OneOrMore[ToldShape] = Field(default_factory=list)
    """Who is to be told."""
    not_told: OneOrMore[RecipientOrOthers] = Field(default_factory=list)
    """Who is not to be told: ids, or `everybody else` of the staff."""


class RuleTestShape(Shape):
    """One test: a name and the steps of its story, in the order of time."""

    name: Line
    """What it shows, in one sentence."""
    steps: list[StepShape] = Field(min_length=1)
    """What happens, one instant after the other; what was said before is known at the next."""


class RuleTestsFile(Shape):
    """Tests of rules: given these people, rules and news, who is told what, and who is not."""

    staff: StaffFile | None = None
    """The people, as staff.yaml has them; those of the configuration where left out."""
    rules: Many[RuleShape] | None = None
    """The rules, as rules.yaml has them; those of the configuration where left out."""
    tests: Many[RuleTestShape]
    """The tests."""

