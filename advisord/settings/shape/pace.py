"""How soon and how often people are told: keys that rules, people and the whole program share."""
from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema

from advisord.model import Severity
from advisord.settings.faults import quoted
from advisord.settings.shape.fields import Clock, SeverityAtLeast, Shape, number_of, text_of, wrong

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
EVERY = ("day", *DAYS)
MAX_SETTLE_MINUTES = 6 * 60
MAX_REPEAT_HOURS = 14 * 24


def _settle(value: object) -> timedelta:
    minutes = number_of(value, "minutes")
    if not 0 <= minutes <= MAX_SETTLE_MINUTES:
        raise wrong(f"{value} minutes are out of range (0 to {MAX_SETTLE_MINUTES})")
    return timedelta(minutes=minutes)


def _repeat(value: object) -> timedelta:
    hours = number_of(value, "hours")
    if not 1 <= hours <= MAX_REPEAT_HOURS:
        raise wrong(f"{value} hours are out of range (1 to {MAX_REPEAT_HOURS})")
    return timedelta(hours=hours)


def _every(value: object) -> str:
    text = text_of(value, "day, or a weekday")
    if text not in EVERY:
        raise wrong(f"{quoted(text)} is not when a digest comes (write day, or one of {', '.join(DAYS)})")
    return text


Settle = Annotated[timedelta, BeforeValidator(_settle), WithJsonSchema(
    {"$comment": "minutes", "type": "number", "minimum": 0, "maximum": MAX_SETTLE_MINUTES})]
Repeat = Annotated[timedelta, BeforeValidator(_repeat), WithJsonSchema(
    {"$comment": "hours", "type": "number", "minimum": 1, "maximum": MAX_REPEAT_HOURS})]
Every = Annotated[str, BeforeValidator(_every), WithJsonSchema({"type": "string", "enum": list(EVERY)})]


class DigestShape(Shape):
    """What can wait is read in one message."""

    every: Every
    """`day`, or a weekday such as `monday`."""
    at: Clock
    """The local time of the recipient: `"07:00"`."""
    except_: SeverityAtLeast = Field(default=Severity.SEVERE, alias="except",
                                     json_schema_extra={"default": "at least Severe"})
    """What is told at once nevertheless: `at least Severe`."""
