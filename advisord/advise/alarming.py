"""Something is amiss with the service -> a message to each desk, by another channel than what is in trouble.

Like a summary it has no advisory, and its delivery's thread is its name.
"""
from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from advisord.advise.history import key_of
from advisord.advise.languages import Clock, reader_of
from advisord.advise.page import SUBJECT_LIMIT
from advisord.advise.payload import notice_of
from advisord.advise.plain import one_line
from advisord.advise.recipients import DESK, SYSTEM, People, people_of
from advisord.advise.sections import sections_of
from advisord.advise.summing import Leaf
from advisord.advise.templates import Templates
from advisord.model import Alarm, Baseline, Delivery, Settings, Severity, Wording

ALARM = "alarm"  # the kind of frame that it is written in
LISTED = 40
LATE = "outbox-late"  # the condition whose items are channels


def alarm_name(alarm: Alarm) -> str:
    """The same for the same alarm, so that a crash does not make two."""
    return key_of(ALARM, alarm.condition, str(alarm.over), alarm.at.isoformat())


def alarms_to(alarm: Alarm, settings: Settings, now: datetime) -> Iterator[Delivery]:
    """One message a desk and channel; systems hear of it where no other way leads past the trouble."""
    people, name = people_of(settings), alarm_name(alarm)
    troubled = frozenset(alarm.items if alarm.condition == LATE else ())
    ways = [(f"{DESK}:{desk}", channel) for desk in people.desks for channel in _ways(people, settings, desk)]
    hooks = [(f"hook:{each.id}", each.id) for each in settings.channels if each.audience == SYSTEM]
    sound = [way for way in ways if way[1] not in troubled]
    for recipient, channel in sound or [*ways, *(way for way in hooks if way[1] not in troubled)]:
        yield Delivery(id=key_of(name, recipient, channel), channel=channel, recipient=recipient, thread=name,
                       severity=Severity.MODERATE, created_at=now, due_at=now, advisory_ids=())


def _ways(people: People, settings: Settings, desk: str) -> tuple[str, ...]:
    """Every channel for desks, and the rules' own where there is none."""
    recipient = f"{DESK}:{desk}"
    every = people.reaching(recipient, (each.id for each in settings.channels if each.audience == DESK))
    return every or people.channels_to(recipient, tuple(rule.id for rule in settings.rules))


def alarm_worded(alarm: Alarm, *, templates: Templates, settings: Settings, delivery: Delivery,
                 now: datetime) -> Wording:
    """The alarm as one desk reads it."""
    reader = reader_of(delivery.recipient, people_of(settings), templates.languages)
    text = templates.text(reader.language, kind=ALARM, facts={
        "alarm": alarm, "items": tuple(one_line(each) for each in alarm.items[:LISTED]), "now": now,
        "items_count": len(alarm.items), "organisation": one_line(settings.organisation),
        "clock": Clock.of(templates.words(reader.language), reader.zone), "audience": reader.audience})
    leaf = Leaf("", sections_of(text, frozenset()))
    subject = one_line(" ".join(line for each in leaf.sections if each.name == "subject" for line in each.lines),
                       SUBJECT_LIMIT)
    plain = "\n\n".join("\n".join(each.lines) for each in leaf.shown)
    payload = notice_of(Baseline((), ()), (), headline=subject, text=plain, language=reader.language, now=now)
    return Wording(subject=subject, text=f"{plain}\n", payload=payload, language=reader.language,
                   html=templates.html(reader.language, kind=ALARM, pages=(Leaf(subject, leaf.sections),),
                                       subject=subject))
