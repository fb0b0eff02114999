"""What deciding looks at and what comes of it: the words that to_people.py, to_desks.py and telling.py share."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from advisord.advise.ceilings import Tally
from advisord.advise.firsts import Around, First
from advisord.advise.history import History
from advisord.advise.recipients import People
from advisord.model import WITHHELD, Admission, Advisory, Decision, Delivery, Exposure, Gate, Hazard, Incident, Rule

# What stops a message to whoever knows it all already
SAME = (Gate("change", passed=False, value="nothing new to them", threshold="a material change"),)


class Why(StrEnum):
    """The verdicts that a decision keeps."""

    TOLD = "told"
    HELD = "held"
    UNCHANGED = "unchanged"
    LATER = "later"
    SHADOW = "shadow"
    POOR_SOURCE = "poor_source"
    NO_CHANNEL = "no_channel"
    OVERTAKEN = "overtaken"
    UNPLACED = "unplaced"
    SETTLING = "settling"
    SILENCED = "silenced"
    INHIBITED = "inhibited"
    BASELINE = "baseline"
    NOT_REACHED = "not_reached"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be kept in one transaction.

    `superseded` are ids of deliveries never tried that a newer word overtakes: they are cancelled, not sent. So are
    `withheld` ones, each with why: what they said may still be said. `admissions` are first messages, counted by the
    ceilings or waiting behind one. `tells_at`: when somebody is told of what is not told yet.
    """

    decisions: tuple[Decision, ...] = ()
    advisories: tuple[Advisory, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    review_at: datetime | None = None
    superseded: tuple[str, ...] = ()
    tells_at: datetime | None = None
    withheld: tuple[tuple[str, str], ...] = ()
    admissions: tuple[Admission, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """One incident with all that deciding about it looks at."""

    incident: Incident
    people: People
    hazards: Mapping[str, Hazard]
    now: datetime
    is_shadow: bool
    around: Around
    tally: Tally
    settle: timedelta = timedelta()


def silent(case: Case, recipient: str, why: Why, exposures: tuple[Exposure, ...],
            gates: tuple[Gate, ...] = ()) -> Verdict:
    """Nothing said to somebody, and why: the gates of how it touches them, then those that stopped it."""
    own = exposures[0].gates if exposures else ()
    return Verdict((Decision(case.incident.id, recipient, case.now, why, (*own, *gates)),))


def withheld(case: Case, recipient: str, exposures: tuple[Exposure, ...], first: First, history: History) -> Verdict:
    """What may not be said for the first time, and what already waits to be said so, which is taken back."""
    verdict = silent(case, recipient, Why(first.blocked), exposures, first.gates)
    return replace(verdict, review_at=first.again_at(case.now),
                   withheld=tuple((each.id, f"{WITHHELD}: {first.words}") for each in history.held))


def ids_of(deliveries: Iterable[Delivery]) -> tuple[str, ...]:
    """Their ids."""
    return tuple(each.id for each in deliveries)


def rules_named(case: Case, ids: tuple[str, ...]) -> tuple[Rule, ...]:
    """The rules of those ids that there still are."""
    return tuple(case.people.rules[each] for each in ids if each in case.people.rules)
