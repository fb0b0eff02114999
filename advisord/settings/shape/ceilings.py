"""How much may be new within an hour, as it stands in advisord.yaml."""
from __future__ import annotations

from functools import partial
from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema

from advisord.model import Ceilings, Severity
from advisord.settings.shape.fields import SeverityAtLeast, Shape, number_of, wrong

MOST = 10_000


def _limit(value: object, unit: str) -> int:
    """A whole number of messages or incidents an hour."""
    number = number_of(value, unit)
    if number != int(number) or not 1 <= number <= MOST:
        raise wrong(f"{value} is no limit (write a whole number from 1 to {MOST})")
    return int(number)


Limit = Annotated[int, BeforeValidator(partial(_limit, unit="messages")),
                  WithJsonSchema({"type": "integer", "minimum": 1, "maximum": MOST})]


class CeilingsShape(Shape):
    """How much may be new within an hour.

    What is more waits, the most severe first, and ends when it is of no more use; updates, corrections and ends are
    never held by it.
    """

    person: Limit = Ceilings().person
    """First messages about incidents to one person."""
    person_except: SeverityAtLeast = Field(default=Severity.EXTREME, json_schema_extra={"default": "at least Extreme"})
    """What a person is told however much they were told before: `at least Extreme`."""
    incidents: Limit = Ceilings().incidents
    """Incidents that anybody is newly told of, over all recipients. Of one incident everybody is told, or nobody; the
    desk reads of it at once, with how many are held.
    """
    desk: Limit = Ceilings().desk
    """First messages to one desk about what no source graded C or better, or official, vouches for. All else a desk
    reads at once.
    """
