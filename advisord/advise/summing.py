"""The first reading of feeds -> one summary a desk: what was found, what it tells, and that nobody was told.

Its own module because it is the one message that is about no single incident: it has no advisory, and its delivery's
thread is its name.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from advisord.advise.facts import Facts
from advisord.advise.gathering import facts_of
from advisord.advise.history import key_of
from advisord.advise.languages import Clock, reader_of
from advisord.advise.page import SUBJECT_LIMIT
from advisord.advise.payload import notice_of
from advisord.advise.plain import one_line
from advisord.advise.recipients import DESK, People, by_desk, people_of
from advisord.advise.sections import Section, sections_of
from advisord.advise.templates import Templates
from advisord.model import (
    Advisory,
    Baseline,
    Delivery,
    Exposure,
    Incident,
    MsgType,
    Place,
    Reason,
    Settings,
    Severity,
    Wording,
)

SUMMARY = "baseline"  # the kind of frame that it is written in
LISTED = 40


@dataclass(frozen=True, slots=True)
class Leaf:
    """A page as the HTML frame asks for it, of no single incident."""

    subject: str
    sections: tuple[Section, ...]
    mark: str = ""

    @property
    def shown(self) -> tuple[Section, ...]:
        """The sections that are read, in their order."""
        return tuple(each for each in self.sections if each.is_shown)


@dataclass(frozen=True, slots=True)
class Found:
    """One current incident of a summary: its facts, and how many of the desk's people and sites it touches."""

    facts: Facts
    touched: int


def summary_name(baseline: Baseline) -> str:
    """The same for the same feeds, so that a crash does not make two."""
    return key_of(SUMMARY, *(feed for feed, _ in baseline.feeds))


def summaries(baseline: Baseline, settings: Settings, now: datetime) -> Iterator[Delivery]:
    """One summary a desk, by the channels that reach it."""
    people, name = people_of(settings), summary_name(baseline)
    every = tuple(rule.id for rule in settings.rules)
    for desk in people.desks:
        recipient = f"{DESK}:{desk}"
        for channel in people.channels_to(recipient, every):
            yield Delivery(id=key_of(name, recipient, channel), channel=channel, recipient=recipient, thread=name,
                           severity=Severity.MINOR, created_at=now, due_at=now, advisory_ids=())


def worded(baseline: Baseline, touching: Mapping[str, tuple[Incident, tuple[Exposure, ...]]], *, templates: Templates,
           settings: Settings, airports: Mapping[str, Place], delivery: Delivery, now: datetime) -> Wording:
    """The summary as one desk reads it; `touching` are its incidents with whom they touch, by id."""
    people = people_of(settings)
    reader = reader_of(delivery.recipient, people, templates.languages)
    found = sorted((_found(each, delivery.recipient, settings, people, airports, now=now)
                    for each in touching.values()), key=_order)
    names = {feed.id: feed.name or feed.id for feed in settings.feeds}
    text = templates.text(reader.language, kind=SUMMARY, facts={
        "feeds": tuple((one_line(names.get(feed, feed)), items) for feed, items in baseline.feeds), "now": now,
        "found": found[:LISTED], "found_count": len(found), "organisation": one_line(settings.organisation),
        "clock": Clock.of(templates.words(reader.language), reader.zone), "audience": reader.audience})
    links = frozenset(source.url for each in found for source in each.facts.sources if source.url)
    leaf = Leaf("", sections_of(text, links))
    subject = one_line(" ".join(line for each in leaf.sections if each.name == "subject" for line in each.lines),
                       SUBJECT_LIMIT)
    plain = "\n\n".join("\n".join(each.lines) for each in leaf.shown)
    payload = notice_of(baseline, [incident for incident, _ in touching.values()], headline=subject, text=plain,
                        language=reader.language, now=now)
    return Wording(subject=subject, text=f"{plain}\n", payload=payload, language=reader.language,
                   html=templates.html(reader.language, kind=SUMMARY, pages=(Leaf(subject, leaf.sections),),
                                       subject=subject))


def _found(touching: tuple[Incident, tuple[Exposure, ...]], recipient: str, settings: Settings, people: People,
           airports: Mapping[str, Place], *, now: datetime) -> Found:
    incident, exposures = touching
    own = by_desk(exposures, people).get(recipient, ())
    # What would have been said, so that it is told in the same words
    unsaid = Advisory(id="", incident=incident, recipient=recipient, version=1, msg_type=MsgType.ALERT,
                      reason=Reason.FIRST, template="", rule_ids=(), decided_at=now, hazard=incident.hazard,
                      phase=incident.phase, severity=incident.severity, exposures=own)
    return Found(facts_of(unsaid, settings, airports), len({each.person_id or each.location_id for each in own}))


def _order(found: Found) -> tuple[object, ...]:
    return not found.touched, -Severity(found.facts.severity).rank, found.facts.id
