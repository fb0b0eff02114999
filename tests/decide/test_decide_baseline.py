"""The first reading of a feed is a baseline: what it holds raises nothing, and the desk reads of it once."""
from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import jsonschema

from advisord.advise.payload import webhook_schema
from advisord.model import Count, DeliveryState, Desk, Phase, StaffLocation

Life = Any  # the fixture's own class; conftest files are not importable
HOUR = timedelta(hours=1)
DUTY = "duty@example.org"


def plain(mail: EmailMessage) -> str:
    """Its text."""
    part = mail.get_body(("plain",))
    return str(part.get_content()) if part else ""


def begin(life: Life) -> None:
    """Two feeds are read for the first time: a robbery in Bamako, a flood there, and a protest in the other one."""
    life.tell("crime.robbery", baseline=True)
    life.tell("natural.flood", baseline=True)
    life.tell("unrest.protest", feed="wire", baseline=True)
    life.live()


def test_nobody_is_told_but_the_desk_once(life: Life) -> None:
    """Old items raise nothing; the desk gets one summary of what was found, and that nothing was sent."""
    begin(life)
    life.live(after=HOUR)
    assert life.mails() == []
    assert life.subjects(DUTY) == ["[FIRST READING] 2 new feeds: 3 current incidents, nobody was told"]
    text = plain(life.mails(DUTY)[0])
    for line in ("Radio: 2 articles", "The Wire: 1 article", "[BE PREPARED] Robbery in Bamako",
                 "[BE AWARE] Protest in Bamako", "Touches 2 of your people and sites.",
                 "nobody was told of it, and nothing of it was sent."):
        assert line in text
    assert "Awa" not in text


def test_why_not(life: Life) -> None:
    """The reason is kept for everybody whom it touches, with what would have been told."""
    begin(life)
    incident = life.store.incidents()[0]
    for recipient in ("person:p-1", "desk:duty"):
        decision = life.store.decisions(incident.id, recipient)[-1]
        assert decision.verdict == "baseline"
        assert (decision.gates[-1].name, decision.gates[-1].passed) == ("first reading", False)
    assert life.store.counts().balanced
    assert not life.store.verify_journal().faults
    assert [each.kind for each in life.store.journal()].count("baseline") == 1


def test_news_afterwards_alerts(life: Life) -> None:
    """A new article of either feed about a known incident, or about another one, is told as usual."""
    begin(life)
    life.live(after=HOUR)
    life.tell("crime.robbery", feed="wire", killed=Count(1, 1))
    life.live()
    assert life.subjects() == ["[BE PREPARED] Robbery in Bamako — keep away from it"]
    life.live(after=HOUR)
    life.tell("conflict.bombing")
    life.tell("conflict.bombing", feed="wire")
    life.live()
    assert len(life.mails()) == 2


def test_what_is_told_already_is_not_changed(life: Life) -> None:
    """An old item of a new feed says nothing new of what people were told by others."""
    life.tell("natural.flood", feed="wire")
    life.live()
    before = len(life.mails()), len(life.mails(DUTY))
    life.live(after=HOUR)
    life.tell("natural.flood", baseline=True, killed=Count(60, 60))
    life.live()
    assert life.store.incidents()[0].killed is None
    assert (len(life.mails()), len(life.mails(DUTY))) == (before[0], before[1] + 1)
    assert life.subjects(DUTY)[-1] == "[FIRST READING] One new feed: nothing current, nobody was told"


def test_no_end_of_what_was_never_told(life: Life) -> None:
    """What was known from the first reading ends in silence."""
    begin(life)
    life.live(after=HOUR)
    life.tell("crime.robbery", baseline=True, feed="wire", phase=Phase.ENDED)
    life.live(after=100 * HOUR)
    assert life.mails() == []
    assert len(life.mails(DUTY)) == 1


def test_who_arrives_afterwards_is_told(life: Life) -> None:
    """Who comes to where it still lasts is told on arrival, and so is the desk; who was there is not."""
    stay = StaffLocation("p-2/stay", "stay", "Bamako", "p-2", life.settings.staff.locations[0].place,
                         start=life.now + 3 * HOUR, end=life.now + 30 * HOUR)
    person = replace(life.settings.staff.people[0], id="p-2",
                     contact=replace(life.settings.staff.people[0].contact, email="ben@example.org"))
    life.settings = replace(life.settings, staff=replace(
        life.settings.staff, people=(*life.settings.staff.people, person),
        locations=(*life.settings.staff.locations, stay)))
    life.tell("crime.robbery", baseline=True)
    life.live()
    life.live(after=2 * HOUR)
    assert life.mails("ben@example.org") == []
    life.live(after=HOUR)
    assert len(life.mails("ben@example.org")) == 1
    assert life.mails() == []
    assert len(life.mails(DUTY)) == 2


def test_after_a_restart(life: Life) -> None:
    """A service that is stopped in the middle of its first reading goes on with it: one summary, no alert."""
    life.tell("crime.robbery", baseline=True)
    life.restart()  # the other feed was not asked yet, so that there is no summary of one alone
    life.live()
    assert life.subjects(DUTY) == []
    life.tell("natural.flood", feed="wire", baseline=True)
    life.live()
    life.restart()
    life.live(after=HOUR)
    assert life.mails() == []
    assert life.subjects(DUTY) == ["[FIRST READING] 2 new feeds: 2 current incidents, nobody was told"]


def test_each_desk_reads_of_its_own(life: Life) -> None:
    """Every desk gets the summary once, in its language, with how many of its own are touched."""
    desks = (*life.settings.staff.desks, Desk("sahel", ("x",), "fr", "Africa/Bamako",
                                              replace(life.settings.staff.desks[0].contact, email="sahel@example.org")))
    life.settings = replace(life.settings, staff=replace(life.settings.staff, desks=desks))
    begin(life)
    assert len(life.mails(DUTY)) == 1
    text = plain(life.mails("sahel@example.org")[0])
    assert "PREMIÈRE LECTURE DE 2 FLUX" in text
    assert "Ne touche aucune de vos personnes ni aucun de vos sites." in text
    assert "Touche 2" not in text


def test_as_a_webhook(life: Life) -> None:
    """A desk's other system gets it as desk.health, by the published schema."""
    begin(life)
    delivery = next(each for each in life.store.deliveries(state=DeliveryState.ACCEPTED) if not each.advisory_ids)
    found = life.store.summary(delivery.thread)
    touching = {name: (life.store.incident(name), life.store.exposures(name)) for name in found.incidents}
    wording = life.renderer.summary(found, touching, delivery=delivery, settings=life.settings, now=life.now)
    body = json.loads(wording.payload)
    jsonschema.validate(body, webhook_schema(), cls=jsonschema.Draft202012Validator)
    assert body["type"] == "desk.health"
    assert {each["feed"] for each in body["data"]["feeds"]} == {"radio", "wire"}
    assert len(body["data"]["incidents"]) == 3
