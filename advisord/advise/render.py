"""Advisories -> Wording: subject, text, HTML and the webhook's body, from the templates of the reader's language.

Templates place facts; the text template is written once a language, in sections, and the HTML shows the same sections,
so that the two can't say different things. Everything foreign is escaped by autoescape there.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from advisord.advise.alarming import alarm_worded
from advisord.advise.answers import Links
from advisord.advise.facts import Facts, Later
from advisord.advise.gathering import facts_of
from advisord.advise.history import CALLS, ENDS
from advisord.advise.languages import Clock, Reader, reader_of
from advisord.advise.pacing import digest_of
from advisord.advise.page import SUBJECT_LIMIT, Page
from advisord.advise.payload import body_of
from advisord.advise.plain import one_line
from advisord.advise.recipients import People, people_of
from advisord.advise.sections import sections_of
from advisord.advise.summing import worded
from advisord.advise.templates import ADVISORY, CALL, DIGEST, Templates
from advisord.advise.touching import FLIES, Directory, Touch, directory_of, present_of, someone_of, touches_of
from advisord.advise.trial import refuse_faulty
from advisord.model import (
    Advisory,
    Alarm,
    Baseline,
    Channel,
    Delivery,
    Exposure,
    Incident,
    Reason,
    Settings,
    Staff,
    Wellbeing,
    Wording,
)

# What a desk reads of its people in one message; the rest is counted and stands in `advisord show`
LISTED = 60


@dataclass(frozen=True, slots=True)
class Known:
    """The configuration as wording looks names up in it."""

    settings: Settings
    people: People
    directory: Directory
    links: Links | None = None


class Renderer:
    """Words advisories with the templates of some folders, the first winning file by file."""

    def __init__(self, template_dirs: tuple[Path, ...], links: Links | None = None, *, tried: bool = False) -> None:
        """Load and try every template; SeedError names the file and line that does not render.

        With `links` people are asked how they are. `tried`: they were, as they stand.
        """
        self._links = links
        if not tried:
            refuse_faulty(template_dirs)
        self._templates = Templates(template_dirs)
        self._known: Known | None = None

    def wording(self, advisories: tuple[Advisory, ...], *, delivery: Delivery, staff: Staff, settings: Settings,
                channel: Channel, now: datetime) -> Wording:
        """What a delivery says; of several advisories the first leads and gives the subject.

        SeedError when a template can't take these facts, though it took those it was tried on.
        """
        known = self._known_of(settings if settings.staff is staff else replace(settings, staff=staff))
        reader = reader_of(delivery.recipient, known.people, self._templates.languages)
        if all(each.digest for each in advisories):
            pages: tuple[Page, ...] = (_digest(self._templates, advisories, known, reader, now=now),)
        else:
            pages = _pages(self._templates, advisories, known, reader, now=now)
        kind = DIGEST if advisories[0].digest else ADVISORY
        html = self._templates.html(reader.language, kind=kind, pages=pages, subject=pages[0].subject)
        payload = body_of(advisories, facts=pages[0].facts, said=tuple(each.said(reader.language) for each in pages),
                          delivery=delivery, names=_names(channel, staff), now=now)
        return Wording(subject=one_line(pages[0].subject, SUBJECT_LIMIT), html=html, payload=payload,
                       text="\n\n\n".join(each.text for each in pages) + "\n", language=reader.language)

    def summary(self, baseline: Baseline, touching: Mapping[str, tuple[Incident, tuple[Exposure, ...]]], *,
                delivery: Delivery, settings: Settings, now: datetime) -> Wording:
        """What a desk reads of feeds read for the first time."""
        known = self._known_of(settings)
        return worded(baseline, touching, templates=self._templates, settings=settings,
                      airports=known.directory.airports, delivery=delivery, now=now)

    def alarm(self, alarm: Alarm, *, delivery: Delivery, settings: Settings, now: datetime) -> Wording:
        """What a desk reads of the service itself."""
        return alarm_worded(alarm, templates=self._templates, settings=settings, delivery=delivery, now=now)

    def _known_of(self, settings: Settings) -> Known:
        """The configuration by names, made once a configuration: 5,000 people cost more than a message."""
        if self._known is None or self._known.settings is not settings:
            self._known = Known(settings, people_of(settings), directory_of(settings), self._links)
        return self._known


def _pages(templates: Templates, advisories: tuple[Advisory, ...], known: Known, reader: Reader, *,
           now: datetime) -> tuple[Page, ...]:
    """A page each; of several the first names all, so that its reader knows at once that there is more."""
    if len(advisories) == 1:
        return (_page(templates, advisories[0], known, reader, now=now),)
    pages = tuple(_page(templates, each, known, reader, now=now, number=number)
                  for number, each in enumerate(advisories, 1))
    named = tuple(each.said(reader.language)["headline"] for each in pages)
    return (_page(templates, advisories[0], known, reader, now=now, together=named, number=1), *pages[1:])


def _page(templates: Templates, advisory: Advisory, known: Known, reader: Reader, *, now: datetime,
          together: tuple[str, ...] = (), number: int = 0) -> Page:
    facts = facts_of(advisory, known.settings, known.directory.airports)
    if advisory.reason in CALLS:
        return _as_page(templates, templates.text(reader.language, kind=CALL, facts=_called(
            templates, advisory, facts, known, reader, now=now)), (facts,), reader)
    text = templates.text(reader.language, {**_placed(templates, advisory, facts, known, reader, now=now),
                                            "together": together, "number": number})
    return _as_page(templates, text, (facts,), reader, _answers(advisory, known, reader).values())


def _answers(advisory: Advisory, known: Known, reader: Reader) -> dict[str, str]:
    """The links by which a person answers, by what they say; none for an end, and for whom nobody can hear."""
    if known.links is None or reader.audience != "person" or advisory.digest or advisory.reason in ENDS:
        return {}
    return {str(each): known.links.to(advisory, each) for each in Wellbeing}


def _called(templates: Templates, advisory: Advisory, facts: Facts, known: Known, reader: Reader, *,
            now: datetime) -> dict[str, object]:
    """What a call about somebody may place: who they are, how to reach them, and where they were touched."""
    person = known.people.persons.get(advisory.about or "")
    touches = touches_of(advisory.exposures, advisory, known.directory, now=now)
    return {
        "f": facts, "clock": Clock.of(templates.words(reader.language), reader.zone), "audience": reader.audience,
        "help": advisory.reason is Reason.NEED_HELP, "person_id": advisory.about or "",
        "person": one_line(person.name if person else advisory.about), "now": now,
        "phone": one_line(person.contact.phone if person else None), "touches": touches, "rule_ids": advisory.rule_ids}


def _digest(templates: Templates, advisories: tuple[Advisory, ...], known: Known, reader: Reader, *,
            now: datetime) -> Page:
    """Several incidents on one page, an entry each."""
    facts = tuple(facts_of(each, known.settings, known.directory.airports) for each in advisories)
    entries = tuple(_placed(templates, one, other, known, reader, now=now)
                    for one, other in zip(advisories, facts, strict=True))
    digest = digest_of(advisories, known.people)
    text = templates.text(reader.language, kind=DIGEST, facts={
        **entries[0], "entries": entries, "digest": digest, "exercise": facts[0].exercise, "shadow": facts[0].shadow})
    return _as_page(templates, text, facts, reader)


def _as_page(templates: Templates, text: str, facts: tuple[Facts, ...], reader: Reader,
             answers: Iterable[str] = ()) -> Page:
    mark = f"{templates.words(reader.language).tags['exercise']} " if facts[0].exercise else ""
    links = frozenset((*(source.url for each in facts for source in each.sources if source.url), *answers))
    return Page(facts[0], sections_of(text, links), mark)


def _placed(templates: Templates, advisory: Advisory, facts: Facts, known: Known, reader: Reader, *,
            now: datetime) -> dict[str, object]:
    """What a template may place of one advisory."""
    clock = Clock.of(templates.words(reader.language), reader.zone)
    touches = touches_of(advisory.exposures, advisory, known.directory, now=now)
    near = touches_of(advisory.near, advisory, known.directory, now=now)
    own = touches if reader.audience == "person" else ()
    shared = {
        "f": facts, "clock": clock, "audience": reader.audience, "organisation": one_line(known.settings.organisation),
        "phone": one_line(reader.desk.contact.phone if reader.desk else None), "now": now,
        "you": tuple(each for each in own if each.kind != FLIES), "flights": tuple(_of_flights(own)),
    }
    everybody = someone_of(touches)
    told = _told_names(advisory, known.people)
    return {
        **shared, **_advice(templates, advisory, touches, reader, shared),
        "answer": _answers(advisory, known, reader), "own": own, "touched": everybody[:LISTED],
        "touched_count": len(everybody), "near": near[:LISTED], "near_count": len(near), "told": told[:LISTED],
        "told_count": len(told), "later": _later(advisory, known.people), "later_count": len(advisory.later),
        "settling": advisory.settling, "ceiling": advisory.ceiling, "held_back": advisory.held_back,
        "held": tuple(one_line(_told_name(each, known.people)) for each in advisory.held)[:LISTED],
        "held_count": len(advisory.held), "travellers_at": advisory.travellers_at, "rule_ids": advisory.rule_ids}


def _of_flights(touches: tuple[Touch, ...]) -> tuple[Touch, ...]:
    return tuple(each for each in touches if each.kind == FLIES)


def _advice(templates: Templates, advisory: Advisory, touches: tuple[Touch, ...], reader: Reader,
            shared: Mapping[str, object]) -> dict[str, object]:
    """What to do, by every advice of the rules that touch: `short` for the subject, `advice` as lines.

    `here` is for whoever is there now, `away` for whoever is not there yet; what is in both, or for a reader who is
    only one of them, is `advice`.
    """
    named = dict.fromkeys((advisory.template, *(name for each in touches for name in each.advices)))
    shorts: list[str] = []
    here: list[str] = []
    away: list[str] = []
    for name in named:
        own = tuple(each for each in touches if name in each.advices)
        present, absent = present_of(own, reader.audience)
        facts = {**shared, **_about(shared["f"], name, own, reader), "away": absent}
        parts = {each.name: each.lines for each in sections_of(templates.advice(name, reader, facts), frozenset())}
        if present or not absent:
            shorts.extend(parts.get("short", ()))
            here.extend(parts.get("do", ()))
        if absent and not (present and reader.audience == "person"):
            shorts.extend(parts.get("short_away", parts.get("short", ())))
            away.extend(parts.get("do_away", parts.get("do", ())))
    return {"short": next(iter(shorts), ""), **_apart(tuple(dict.fromkeys(here)), tuple(dict.fromkeys(away)))}


def _apart(here: tuple[str, ...], away: tuple[str, ...]) -> dict[str, object]:
    """The lines for everybody, and those only for whoever is there, or is not yet, where there are both."""
    if not here or not away:
        return {"advice": here or away, "advice_here": (), "advice_away": ()}
    return {"advice": tuple(line for line in here if line in away),
            "advice_here": tuple(line for line in here if line not in away),
            "advice_away": tuple(line for line in away if line not in here)}


def _about(facts: object, advice: str, touches: tuple[Touch, ...], reader: Reader) -> dict[str, object]:
    """The hazard that an advice is about, and the reader's own places and flights that it touches."""
    if not isinstance(facts, Facts):
        return {}
    hazards = {hazard for each in touches for asked, hazard in each.asked if asked == advice}
    things = [each for each in (facts.lead, facts.main, *facts.consequences) if each.code in hazards]
    own = touches if reader.audience == "person" else ()
    return {"about": things[0] if things else facts.lead, "flights": _of_flights(own),
            "you": tuple(each for each in own if each.kind != FLIES)}


def _told_names(advisory: Advisory, people: People) -> tuple[str, ...]:
    """Those told with this message."""
    later = {recipient for recipient, _ in advisory.later}
    return tuple(one_line(_told_name(each, people)) for each in advisory.told if each not in later)


def _later(advisory: Advisory, people: People) -> tuple[Later, ...]:
    """Those told later, by when."""
    times = sorted({at for _, at in advisory.later})
    found = ((at, tuple(one_line(_told_name(who, people)) for who, when in advisory.later if when == at))
             for at in times)
    return tuple(Later(at, names[:LISTED], len(names)) for at, names in found)


def _told_name(recipient: str, people: People) -> str:
    kind, _, name = recipient.partition(":")
    person = people.persons.get(name) if kind == "person" else None
    return person.name if person else name


def _names(channel: Channel, staff: Staff) -> Mapping[str, str]:
    """People's names by id where the channel is allowed them, else none."""
    if dict(channel.options).get("names") != "true":
        return {}
    return {each.id: each.name for each in staff.people}
