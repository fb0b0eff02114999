"""One language as the stages use it: two sets of phrases and what each of them means.

`cues` run over every article (what tells a hazard, what swallows it, what kind of text it is), `terms` only over the
sentences that a cue pointed at (word classes, numbers, dates, targets).
"""
from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from advisord.text.phrases import Phrases

WORDS = (
    "negation", "modal", "future", "hypothetical", "intent", "threat", "attempt", "foiled", "over", "denial", "hedge",
    "claim", "suspect", "say", "instruct", "past", "be", "people", "somebody", "attacker", "organised", "forces",
    "killed", "killed_before", "killed_after", "injured", "injured_before", "injured_after", "abducted",
    "abducted_before", "abducted_after", "nobody", "at_least", "at_most", "about", "between", "joins", "others",
    "measure", "measure_before", "including", "total", "single", "linked", "linked_before", "clause", "agent",
    "audience", "issuer", "source", "cause", "control", "near", "speaking",
)
TARGETS = (
    "airport", "transit", "embassy", "hotel", "school", "hospital", "worship", "market", "police", "military",
    "government", "aid", "media", "energy",
)
CONTEXTS = (
    "sport", "culture", "court", "history", "economy", "science", "comment", "politics", "condemn", "inquiry", "drill",
    "talks", "statistics", "breaking",
)
VALUED = {"weekdays": "weekday", "months": "month", "days": "day", "clocks": "clock", "hours": "hour",
          "lengths": "length"}  # sections of `dates` whose terms have a value -> their class
CALENDAR = (*VALUED.values(), "ago", "weeks_ago", "last", "next", "of", "am", "pm", "clock24", "at_hour", "utc",
            "until", "since", "lasting")
QUANTITIES = ("number", "vague", "year")  # "year" is for digits, not for the file
_BITS = {name: 1 << at for at, name in enumerate(
    (*WORDS, *QUANTITIES, *CALENDAR, *(f"target:{name}" for name in TARGETS)))}


def bit_of(*names: str) -> int:
    """The mask of these classes: of WORDS, "number", "vague", of CALENDAR, or "target:<kind>"."""
    mask = 0
    for name in names:
        mask |= _BITS[name]
    return mask


class Meaning(NamedTuple):
    """What a term is: the mask of its classes, and its number, weekday, month or distance in days, where it is one."""

    mask: int
    value: int


class Rule(NamedTuple):
    """What a cue tells when all its parts stand in a sentence in order.

    `level` is "tells", "hints", a phase or "discards"; `gaps` the most characters between each part and the next.
    """

    hazard: str
    level: str
    gaps: tuple[int, ...]




@dataclass(frozen=True, slots=True)
class Lexicon:
    """One language. Numbers of `cues`: 0 a discard, -n the context CONTEXTS[n-1], n > 0 the rule part (n-1).

    A rule part's number is 16 * rule + part, plus 1. Numbers of `terms` are indices of `meanings`.
    """

    language: str
    name: str
    stopwords: frozenset[str]
    abbreviations: frozenset[str]
    rules: tuple[Rule, ...]
    cues: Phrases
    meanings: tuple[Meaning, ...]
    terms: Phrases
