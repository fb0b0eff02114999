"""rules.yaml: who is told what about which incidents, by which way."""
from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Annotated, ClassVar

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from advisord.model import Phase, Severity
from advisord.settings.faults import did_you_mean, quoted
from advisord.settings.shape.fields import (
    CertaintyAtLeast,
    Clock,
    CredibilityAtLeast,
    GradeAtLeast,
    Hours,
    Id,
    Line,
    Many,
    OneOrMore,
    OnePhase,
    SeverityAtLeast,
    Shape,
    number_of,
    one_of,
    text_of,
    wrong,
)
from advisord.settings.shape.pace import DigestShape, Repeat, Settle

AREAS = ("city", "admin1", "country")
MAX_KM = 20_000  # half-way round the earth

Reached = tuple[tuple[Severity, float | str], ...]


def _km(value: object) -> float:
    kilometres = number_of(value, "kilometres")
    if not 0 < kilometres <= MAX_KM:
        raise wrong(f"{value} kilometres are out of range (more than 0, at most {MAX_KM})")
    return kilometres


def _km_or_area(value: object) -> float | str:
    if isinstance(value, str) and value in AREAS:
        return value
    if isinstance(value, str) and not value[:1].isdigit():
        raise wrong(f"{quoted(value)} is neither a number of kilometres nor an area"
                    f"{did_you_mean(value, AREAS)}")
    return _km(value)


def _within(value: object) -> Reached:
    """A number for all severities, or a map from severities to numbers and areas."""
    if not isinstance(value, dict):
        kilometres = _km(value)
        return tuple((severity, kilometres) for severity in Severity)
    if not value:
        raise wrong("is empty; write a number of kilometres, or one a severity")
    for key in value:
        if key not in set(Severity):
            raise wrong(f"{quoted(key)} is not a severity{did_you_mean(str(key), list(Severity))}")
    return tuple((severity, _km_or_area(value[severity])) for severity in Severity if severity in value)


def _telling(phase: Phase) -> Phase:
    if not phase.is_current:
        raise wrong(f"{quoted(phase)} is never told to anybody; leave it out")
    return phase


def _template(value: object) -> str:
    name = text_of(value, "the name of a template")
    if not name or not all(char.isalnum() or char in "-_" for char in name):
        raise wrong(f"{quoted(name)} is not the name of a template (write one such as airport-closure)")
    return name


def _minutes(value: object) -> timedelta:
    minutes = number_of(value, "minutes")
    if not 1 <= minutes <= 24 * 60:
        raise wrong(f"{value} minutes are out of range (1 to {24 * 60})")
    return timedelta(minutes=minutes)


_KM = {"type": "number", "exclusiveMinimum": 0, "maximum": MAX_KM}
_KM_OR_AREA = {"oneOf": [_KM, {"enum": list(AREAS)}]}
_WITHIN = {"$comment": "kilometres, or by severity", "oneOf": [_KM, {
    "type": "object", "minProperties": 1, "additionalProperties": False,
    "properties": {str(severity): _KM_OR_AREA for severity in Severity}}]}
Within = Annotated[Reached, BeforeValidator(_within), WithJsonSchema(_WITHIN)]
Area = Annotated[str, BeforeValidator(one_of(*AREAS, noun="an area")), WithJsonSchema({"enum": list(AREAS)})]
_PHASES = [str(phase) for phase in Phase if phase.is_current]
TellingPhase = Annotated[OnePhase, AfterValidator(_telling), WithJsonSchema({"type": "string", "enum": _PHASES})]
Minutes = Annotated[timedelta, BeforeValidator(_minutes),
                    WithJsonSchema({"$comment": "minutes", "type": "number", "minimum": 1, "maximum": 24 * 60})]
_EQUAL = ("person", *AREAS)
Equal = Annotated[str, BeforeValidator(one_of(*_EQUAL, noun="what can be equal")),
                  WithJsonSchema({"enum": list(_EQUAL)})]
HazardText = Annotated[str, BeforeValidator(partial(text_of, wanted="a hazard")),
                       WithJsonSchema({"type": "string", "$comment": "hazard"})]
Template = Annotated[str, BeforeValidator(_template), WithJsonSchema({"type": "string", "$comment": "template"})]


class WhenShape(Shape):
    """Which incidents; every key that stands here must hold."""

    hazard: OneOrMore[HazardText] = Field(default_factory=list)
    """A hazard (`transport.airport_closure`), a family (`transport`), or a list of them; any where left out."""
    phase: OneOrMore[TellingPhase] = Field(default_factory=list)
    """Phases of it; any current one where left out."""
    severity: SeverityAtLeast | None = None
    """`at least Severe`."""
    certainty: CertaintyAtLeast | None = None
    """`at least Likely`."""
    reliability: GradeAtLeast | None = None
    """Grade of the best source: `at least C`."""
    credibility: CredibilityAtLeast | None = None
    """1 confirmed by independent origins … 6 can't be judged: `at least 3` means 1, 2 or 3."""


class ReachShape(Shape):
    """Whom it touches; any one key suffices. Without any, the hazard's own reach in kilometres counts."""

    within_km: Within | None = None
    """Kilometres from the incident to somebody's place; or, by severity, kilometres or an area: `{Extreme: country,
    Severe: 100}`. Severities not named are not touched.
    """
    same: OneOrMore[Area] = Field(default_factory=list)
    """In the same city, admin1 (province, region) or country."""
    flying_through_h: Hours | None = None
    """Flies through the closed or struck airport within so many hours, wherever they are now."""
    arriving_within_h: Hours | None = None
    """Comes within reach by trip or flight within so many hours."""


class WhoShape(Shape):
    """Among whom."""

    groups: Many[Id] = Field(default_factory=list)
    """Members of these groups; everybody where left out."""


class QuietShape(Shape):
    """When not to wake people."""

    between: list[Clock] = Field(min_length=2, max_length=2)
    """Two local times of the recipient: `["22:00", "06:00"]`."""
    except_: SeverityAtLeast = Field(default=Severity.EXTREME, alias="except",
                                     json_schema_extra={"default": "at least Extreme"})
    """What is told at once nevertheless: `at least Extreme`."""


class ReviewShape(Shape):
    """When the desk looks first."""

    send_after_minutes: Minutes
    """The desk is told at once, travellers after so many minutes unless it stops the message."""


class EscalateShape(Shape):
    """Who is called when somebody does not answer. Answers need `public_url` in advisord.yaml."""

    after_minutes: Minutes
    """Minutes after the message went out, and again before each next one."""
    to: OneOrMore[Line] = Field(min_length=1)
    """Whom, one after another: `desk` (the desk that answers for them), or the id of a desk or a person."""


class RuleShape(Shape):
    """One rule."""

    id: Id
    """Its name; messages say it."""
    when: WhenShape = WhenShape()
    """Which incidents."""
    reach: ReachShape = ReachShape()
    """How near."""
    who: WhoShape = WhoShape()
    """Among whom."""
    advise: Template
    """The template that says what to do: `airport-closure` is `airport-closure.<language>.txt.j2`."""
    via: OneOrMore[Line] = Field(min_length=1)
    """Channels of channels.yaml, in the order written."""
    quiet_hours: QuietShape | None = None
    """When not to wake people."""
    review: ReviewShape | None = None
    """When the desk looks first."""
    settle_minutes: Settle | None = None
    """How long an incident is known before people hear of it first, so that the first message tells what is known then;
    0 is at once. Else that of `advisord.yaml`. Extreme never waits, nor does a desk.
    """
    repeat_h: Repeat | None = None
    """After so many hours without news, people and desks are reminded of what still lasts; never where left out."""
    digest: DigestShape | None = None
    """What can wait is read in one message a day or a week."""
    escalate: EscalateShape | None = None
    """Who is called when somebody whom this rule told does not answer."""


class SourceMatchShape(Shape):
    """What mutes; every key that stands here must hold."""

    hazard: OneOrMore[HazardText] = Field(default_factory=list)
    """A hazard, a family, or a list of them."""
    rule: OneOrMore[Id] = Field(default_factory=list)
    """It was told by one of these rules."""
    severity: SeverityAtLeast | None = None
    """`at least Severe`."""


class TargetMatchShape(Shape):
    """What is muted; every key that stands here must hold."""

    hazard: OneOrMore[HazardText] = Field(default_factory=list)
    """A hazard, a family, or a list of them."""
    rule: OneOrMore[Id] = Field(default_factory=list)
    """It would be told by one of these rules."""


class InhibitShape(Shape):
    """Graver news that mutes lesser: while it holds, nobody whom it concerns is told anew of the other."""

    id: Id
    """Its name; `advisord explain` says it."""
    source: SourceMatchShape
    """What mutes."""
    target: TargetMatchShape
    """What is muted: nothing new of it is told. Whoever was told of it before still gets the update and the end."""
    equal: list[Equal] = Field(default_factory=lambda: ["person"], min_length=1)
    """What both must have in common: `person` (whoever is not told of the one was told of the other), and where they
    lie: `city`, `admin1`, `country`. Without `person` it is enough that anybody was told.
    """
    except_: SeverityAtLeast = Field(default=Severity.EXTREME, alias="except",
                                     json_schema_extra={"default": "at least Extreme"})
    """What is told nevertheless: `at least Extreme`."""


class RulesFile(Shape):
    """The rules; every one that fits counts."""

    piecewise: ClassVar[bool] = True

    rules: Many[RuleShape]
    """The rules."""
    inhibit: Many[InhibitShape] = Field(default_factory=list)
    """Graver news that mutes lesser."""
