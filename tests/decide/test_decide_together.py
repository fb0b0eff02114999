"""Several incidents that reach one person at once are one message, and keep their own conversations."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from advisord.model import Channel, Count, DeliveryState, Feed, Reliability, Severity

Life = Any  # the fixture's own class; conftest files are not importable
Ruled = Callable[..., None]
HOUR = timedelta(hours=1)
EVENING = datetime(2026, 3, 10, 23, tzinfo=UTC)
MORNING = datetime(2026, 3, 11, 6, tzinfo=UTC)


def plain(mail: EmailMessage) -> str:
    """Its text."""
    part = mail.get_body(("plain",))
    return str(part.get_content()) if part else ""


def references(mail: EmailMessage) -> list[str]:
    """The messages that it follows."""
    return str(mail["References"]).split()


def test_two_at_once_are_one_message(life: Life) -> None:
    """A robbery and a flood told at once reach me in one mail that names both; the desk reads each by itself."""
    life.tell("crime.robbery")
    life.tell("natural.flood")
    life.live()
    assert len(life.mails()) == 1
    assert len(life.mails("duty@example.org")) == 2
    mail = life.mails()[0]
    assert str(mail["Subject"]).endswith("(and 1 more)")
    text = plain(mail)
    assert "THIS MESSAGE TELLS OF 2 INCIDENTS" in text
    assert {"Robbery in Bamako", "Flooding in Bamako"} <= {
        line.partition(". ")[2] for line in text.splitlines()[1:3]}
    for incident in life.store.incidents():
        assert f"Incident {incident.id}, message 1" in text


def test_the_accounts_balance(life: Life) -> None:
    """Of two deliveries made one is sent and one ends as taken into it; none is lost and the journal holds."""
    life.tell("crime.robbery")
    life.tell("natural.flood")
    life.live()
    counts = life.store.counts()
    assert counts.balanced
    assert (counts.created, counts.accepted, counts.cancelled) == (4, 3, 1)
    cancelled = next(each for each in life.store.deliveries(state=DeliveryState.CANCELLED))
    assert "said together with others in" in (cancelled.last_error or "")
    assert not life.store.verify_journal().faults
    assert not life.store.damaged()


def test_updates_find_their_thread(life: Life) -> None:
    """What follows about either incident is a mail of its own in the conversation that told of both."""
    life.tell("crime.robbery")
    life.tell("natural.flood")
    life.live()
    life.live(after=HOUR)
    for hazard in ("crime.robbery", "natural.flood"):
        life.tell(hazard, feed="wire", killed=Count(4, 4))
    life.live()
    first, *updates = life.mails()
    assert len(updates) == 2
    for update in updates:
        assert str(update["Subject"]).startswith("[UPDATE 2]")
        assert update["In-Reply-To"] == first["Message-ID"]
        assert "TELLS OF" not in plain(update)
    assert len({references(update)[0] for update in updates}) == 2


def test_the_end_of_either_is_told(life: Life) -> None:
    """Each of the two ends by itself, to whoever read of both in one mail."""
    life.tell("crime.robbery")
    life.tell("natural.flood")
    life.live()
    life.live(after=25 * HOUR)
    assert [each.split("]")[0] for each in life.subjects()[1:]] == ["[STATUS UNKNOWN"]
    life.live(after=48 * HOUR)
    assert [each.split("]")[0] for each in life.subjects()[1:]] == ["[STATUS UNKNOWN"] * 2
    life.live(after=48 * HOUR)
    assert len(life.mails()) == 3


def test_the_night_is_one_message(life: Life, ruled: Ruled, kinds: Mapping[str, Any]) -> None:
    """What happened at different hours of my night waits for the morning in one mail, the worse first."""
    ruled(quiet_hours=kinds["night"])
    life.live(until=EVENING)
    life.tell("unrest.protest")
    life.live()
    life.live(after=2 * HOUR)
    life.tell("natural.flood")
    life.live()
    assert life.mails() == []
    life.live(until=MORNING)
    assert len(life.mails()) == 1
    lines = plain(life.mails()[0]).splitlines()
    assert lines[1:3] == ["1. Flooding in Bamako", "2. Protest in Bamako"]


def test_the_night_after_a_restart(life: Life, ruled: Ruled, kinds: Mapping[str, Any]) -> None:
    """A service that is stopped over night still sends the one mail in the morning, once."""
    ruled(quiet_hours=kinds["night"])
    life.live(until=EVENING)
    life.tell("unrest.protest")
    life.tell("natural.flood")
    life.live()
    life.restart()
    life.live(until=MORNING + HOUR)
    life.restart()
    life.live(after=HOUR)
    assert len(life.mails()) == 1


def test_extreme_stands_alone(life: Life) -> None:
    """The worst is never one of several."""
    life.settings = replace(life.settings, feeds=(
        *life.settings.feeds, Feed("police", "", reliability=Reliability.A, official=True)))
    life.tell("conflict.bombing", feed="police", severity=Severity.EXTREME)
    life.tell("natural.flood")
    life.tell("crime.robbery")
    life.live()
    assert sorted(each.endswith("(and 1 more)") for each in life.subjects()) == [False, True]
    assert any(each.startswith("[ACT NOW] Bombing in Bamako") for each in life.subjects())


def test_one_after_the_other_are_two(life: Life) -> None:
    """What comes later is a message and a conversation of its own."""
    life.tell("crime.robbery")
    life.live()
    life.live(after=HOUR)
    life.tell("natural.flood")
    life.live()
    one, other = life.mails()
    assert references(one)[0] != references(other)[0]
    assert not any("(and" in each for each in life.subjects())


def test_over_two_channels(life: Life) -> None:
    """By each channel it is one message."""
    folder = dict(life.settings.channels[0].options)["folder"]
    life.settings = replace(
        life.settings, channels=(*life.settings.channels, Channel("second", "file", "person", (("folder", folder),))),
        rules=(replace(life.settings.rules[0], via=("mail", "second")),))
    life.tell("crime.robbery")
    life.tell("natural.flood")
    life.live()
    assert [each.endswith("(and 1 more)") for each in life.subjects()] == [True, True]


def test_what_was_tried_already_stays_as_it_is(life: Life) -> None:
    """A message that a server refused for now keeps its bytes; what is due later is another message."""
    life.tell("crime.robbery")
    life.live()
    sent = life.store.deliveries(state=DeliveryState.ACCEPTED)
    assert life.store.bundle(life.now + HOUR) == 0
    assert life.store.deliveries(state=DeliveryState.ACCEPTED) == sent


@pytest.mark.parametrize("language", ["en", "fr"])
def test_each_page_says_which_incident_it_is(life: Life, language: str) -> None:
    """In the text each part of the mail begins with the number and name of its incident."""
    people = (replace(life.settings.staff.people[0], language=language),)
    life.settings = replace(life.settings, staff=replace(life.settings.staff, people=people))
    life.tell("crime.robbery")
    life.tell("natural.flood")
    life.live()
    lines = plain(life.mails()[0]).splitlines()
    assert [line[:3] for line in lines if line.startswith(("1. [", "2. ["))] == ["1. ", "2. "]
