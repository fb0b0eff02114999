"""What can wait is read in one message a day or a week; what threatens lives is not one line among others."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from advisord.model import Count, DeliveryState, FeedState, Phase, Severity

Life = Any  # the fixture's own class; conftest files are not importable
Ruled = Callable[..., None]
Kinds = Mapping[str, Any]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NEXT = datetime(2026, 3, 11, 7, tzinfo=UTC)  # the first digest after the start, a Wednesday
MONDAY = datetime(2026, 3, 16, 7, tzinfo=UTC)


def plain(mail: EmailMessage, kind: str = "plain") -> str:
    """Its text, or its page."""
    part = mail.get_body((kind,))
    return str(part.get_content()) if part else ""


def through(life: Life, until: datetime) -> None:
    """Let the hours pass one by one."""
    while life.now < until:
        life.live(until=min(life.now + HOUR, until))


@pytest.fixture
def daily(life: Life, ruled: Ruled, kinds: Kinds) -> Life:
    """A service whose one rule tells in a daily digest."""
    ruled(digest=kinds["daily"])
    return life


def test_a_day_in_one_message(daily: Life) -> None:
    """What happened over the day is read the next morning in one mail; the desk knew at once."""
    daily.tell("crime.robbery")
    daily.live()
    through(daily, daily.now + 5 * HOUR)
    daily.tell("natural.flood")
    daily.live()
    assert len(daily.mails("duty@example.org")) == 2
    through(daily, NEXT - HOUR)
    assert daily.mails() == []
    through(daily, NEXT)
    assert daily.subjects() == ["[DIGEST] 2 incidents that touch you — Wed 11 Mar"]
    text = plain(daily.mails()[0])
    assert "1. [BE PREPARED] Robbery in Bamako" in text
    assert "2. [BE PREPARED] Flooding in Bamako" in text
    assert "This digest comes every day at 07:00 by your clock" in text
    assert "What is severe or worse is told at once, by itself." in text


def test_the_page_says_the_same(daily: Life) -> None:
    """The HTML holds every line of the text."""
    daily.tell("crime.robbery")
    daily.tell("natural.flood")
    daily.live()
    through(daily, NEXT)
    mail = daily.mails()[0]
    page = plain(mail, "html")
    assert all(line.replace("’", "&#39;") in page or line in page for line in plain(mail).splitlines() if line)


def test_nothing_to_tell_is_no_message(daily: Life) -> None:
    """A day without anything brings no digest."""
    daily.tell("crime.robbery")
    daily.live()
    through(daily, NEXT)
    before = len(daily.mails())
    daily.live(until=NEXT + 30 * DAY)
    through(daily, NEXT + 31 * DAY)
    assert len(daily.mails()) <= before + 1  # the robbery's end


def test_newest_word_alone_is_read(daily: Life) -> None:
    """What changed over the day stands in the digest once, as it is in the morning."""
    daily.tell("natural.flood", killed=Count(1, 1))
    daily.live()
    through(daily, daily.now + 3 * HOUR)
    daily.tell("natural.flood", feed="wire", killed=Count(12, 12))
    daily.live()
    through(daily, NEXT)
    assert len(daily.mails()) == 1
    text = plain(daily.mails()[0])
    assert "12 killed" in text
    assert text.count("Incident ") == 1


def test_a_week_with_what_is_over(life: Life, ruled: Ruled, kinds: Kinds) -> None:
    """On Monday I read of the week, also of what came and went since, and how it ended."""
    ruled(digest=kinds["weekly"])
    life.tell("crime.robbery")
    life.tell("natural.flood")
    life.live()
    through(life, life.now + 3 * HOUR)
    life.tell("natural.flood", feed="wire", phase=Phase.ENDED)
    life.live()
    through(life, MONDAY)
    assert life.subjects() == ["[DIGEST] 2 incidents that touch you — Mon 16 Mar"]
    text = plain(life.mails()[0])
    assert "[STATUS UNKNOWN] Robbery in Bamako" in text
    assert "[ALL CLEAR] Flooding in Bamako" in text
    assert "every Monday at 07:00" in text


def test_life_threat_breaks_out(daily: Life) -> None:
    """What becomes severe is told at once, as an alert of its own and not as an update, and so is all that follows."""
    daily.tell("natural.flood")
    daily.live()
    through(daily, NEXT + HOUR)
    assert len(daily.mails()) == 1
    daily.tell("natural.flood", feed="wire", severity=Severity.SEVERE)
    daily.live()
    assert daily.subjects()[1].startswith("[ACT NOW] Flooding in Bamako")
    assert daily.mails()[1]["In-Reply-To"] is None
    assert str(daily.mails()[1]["References"]) != str(daily.mails()[0]["References"])
    through(daily, daily.now + HOUR)
    daily.tell("natural.flood", feed="wire", severity=Severity.SEVERE, killed=Count(12, 12))
    daily.live()
    assert daily.subjects()[2].startswith("[UPDATE 3]")
    assert daily.mails()[2]["In-Reply-To"] == daily.mails()[1]["Message-ID"]


def test_life_threat_never_waits(daily: Life) -> None:
    """What is severe from the beginning is not held for a digest at all, nor what waited when it becomes so."""
    daily.tell("natural.flood")
    daily.live()
    through(daily, daily.now + HOUR)
    daily.tell("natural.flood", feed="wire", severity=Severity.SEVERE)
    daily.live()
    assert [each[:9] for each in daily.subjects()] == ["[ACT NOW]"]
    through(daily, NEXT)
    assert len(daily.mails()) == 1
    assert daily.store.counts().balanced


def test_digests_are_a_thread_of_their_own(daily: Life) -> None:
    """One morning's digest follows the other's in my mail program."""
    for at in (NEXT, NEXT + DAY):
        daily.tell("crime.robbery" if at == NEXT else "natural.flood")
        daily.live()
        through(daily, at)
    one, other = daily.mails()
    assert str(one["References"]) == str(other["References"])


def test_a_report_that_was_wrong(daily: Life) -> None:
    """What turned out wrong before the morning is not read at all."""
    daily.tell("crime.robbery")
    daily.live()
    article = daily.store.recent_articles(daily.now - DAY, 9)[0]
    daily.reports[article.id] = ()
    daily.store.save_poll(FeedState("radio", last_attempt_at=daily.now), (
        replace(article, text="Correction: no such thing happened", fingerprint="edited"),))
    daily.live(after=HOUR)
    through(daily, NEXT + HOUR)
    assert daily.mails() == []
    assert daily.store.counts().balanced


def test_a_person_s_own_wish(life: Life, kinds: Kinds) -> None:
    """Somebody who asks for a digest in staff.yaml gets it whatever the rules say."""
    person = replace(life.settings.staff.people[0], digest=kinds["daily"])
    life.settings = replace(life.settings, staff=replace(life.settings.staff, people=(person,)))
    life.tell("crime.robbery")
    life.live()
    assert life.mails() == []
    through(life, NEXT)
    assert life.subjects() == ["[DIGEST] Robbery in Bamako — Wed 11 Mar"]


def test_the_least_patient_rule_speaks(daily: Life) -> None:
    """Where another rule that touches me knows no digest I am told at once."""
    rule = daily.settings.rules[0]
    daily.settings = replace(daily.settings, rules=(rule, replace(rule, id="at-once", digest=None)))
    daily.tell("crime.robbery")
    daily.live()
    assert daily.subjects() == ["[BE PREPARED] Robbery in Bamako — keep away from it"]


def test_my_own_clock(daily: Life) -> None:
    """The digest comes at seven where I am."""
    person = replace(daily.settings.staff.people[0], timezone="Asia/Manila")
    daily.settings = replace(daily.settings, staff=replace(daily.settings.staff, people=(person,)))
    daily.tell("crime.robbery")
    daily.live()
    assert {each.due_at for each in daily.store.deliveries(state=DeliveryState.PENDING)} == {
        datetime(2026, 3, 10, 23, tzinfo=UTC)}


def test_after_a_restart_and_another_configuration(daily: Life) -> None:
    """What waited when the service was stopped and its rule lost the digest comes once, when it was to come."""
    daily.tell("crime.robbery")
    daily.tell("natural.flood")
    daily.live()
    daily.restart(rules=(replace(daily.settings.rules[0], digest=None),))
    through(daily, NEXT)
    daily.restart()
    through(daily, NEXT + HOUR)
    assert len(daily.mails()) == 1 + 1  # the digest, and the robbery's end at its hour
    assert daily.store.counts().balanced
    assert not daily.store.verify_journal().faults


def test_why_it_waits(daily: Life) -> None:
    """The decision keeps until when it waits, and what would have been told at once."""
    daily.tell("crime.robbery")
    daily.live()
    incident = daily.store.incidents()[0]
    decision = daily.store.decisions(incident.id, "person:p-1")[-1]
    assert decision.verdict == "held"
    gate = next(each for each in decision.gates if each.name == "digest")
    assert (gate.value, gate.threshold) == (
        "Moderate: waits for the digest of Wed 07:00, Africa/Bamako", "at once from Severe on")


def test_an_exercise_keeps_apart(daily: Life) -> None:
    """An exercise never stands in one digest with what is real."""
    daily.tell("crime.robbery")
    daily.live()
    real = daily.store.incidents()[0]
    advisories, deliveries = daily.store.said_about(real.id)
    drill = replace(real, id="ML-2026-0310-9", exercise=True)
    mine = next(each for each in advisories if each.recipient == "person:p-1")
    said = replace(mine, id="drill", incident=drill)
    sent = replace(next(each for each in deliveries if each.recipient == "person:p-1"), id="drill-1",
                   advisory_ids=("drill",))
    daily.store.save_review(drill, (), (), (said,), (sent,), daily.now, None)
    through(daily, NEXT)
    assert sorted(daily.subjects()) == ["[DIGEST] Robbery in Bamako — Wed 11 Mar",
                                        "[EXERCISE] [DIGEST] Robbery in Bamako — Wed 11 Mar"]
    exercise = next(each for each in daily.mails() if "EXERCISE" in str(each["Subject"]))
    assert all(line.startswith("[EXERCISE]") for line in plain(exercise).splitlines() if line)
