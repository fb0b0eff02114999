"""Not yet, and once more: settling time, reminders, and what was over before the morning."""
from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advisord.advise.pacing import next_digest
from advisord.model import Count, DeliveryState, Digest, IncidentStatus, QuietHours, Severity

World = Any  # the fixture's own class; conftest files are not importable
BEN, DESK, HOOK = "person:p-003", "desk:africa", "hook:hook"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
NIGHT = QuietHours("22:00", "06:00", Severity.EXTREME)
EVENING = datetime(2024, 9, 17, 23, 30, tzinfo=UTC)
MORNING = datetime(2024, 9, 18, 6, tzinfo=UTC)


def with_rules(world: World, **changes: object) -> None:
    """Change every rule alike."""
    world.settings = replace(world.settings, rules=tuple(replace(each, **changes) for each in world.settings.rules))


def gates(world: World, recipient: str) -> dict[str, tuple[bool, str, str]]:
    """The last review's gates about somebody."""
    return {gate.name: (gate.passed, gate.value, gate.threshold) for each in world.verdict.decisions
            if each.recipient == recipient for gate in each.gates}


# ------------------------------------------------------------------------------------------------------- settling


def test_first_message_settles(world: World) -> None:
    """People hear of it once it is known for the time asked, with what is known then; the desk hears at once."""
    with_rules(world, settle=30 * MINUTE)  # known since 08:12, now it is 08:34
    world.review()
    assert world.told() == {DESK: "first"}
    assert world.verdicts()[BEN] == world.verdicts()[HOOK] == "settling"
    assert world.verdict.review_at == world.incident.opened_at + 30 * MINUTE
    world.review(after=5 * MINUTE, killed=Count(2, 2))  # news meanwhile does not prolong it
    assert BEN not in world.told()
    world.review(after=world.incident.opened_at + 30 * MINUTE - world.now)
    assert world.told() == {BEN: "first", HOOK: "first"}
    assert "2 killed" in world.words(BEN).text
    assert gates(world, BEN)["settling"] == (True, "known since Tue 08:12:00 UTC", "30 min, or Extreme")


def test_desk_reads_when_settling_ends(world: World) -> None:
    """The desk, told at once, reads when travellers are told and who they will be."""
    with_rules(world, settle=30 * MINUTE)
    world.review()
    text = world.words(DESK).text
    assert "Nobody yet: travellers are told Tue 17 Sep, 10:42, with what is known then." in text
    assert "To be told: Ben Okafor, hook." in text


@pytest.mark.parametrize(("own", "default", "is_told"), [
    pytest.param(None, 30 * MINUTE, False, id="the default"),
    pytest.param(timedelta(), 30 * MINUTE, True, id="a rule without, whatever the default"),
    pytest.param(30 * MINUTE, timedelta(), False, id="a rule with"),
    pytest.param(20 * MINUTE, timedelta(), True, id="over already"),
])
def test_settling_of_rule_and_default(world: World, *, own: timedelta | None, default: timedelta,
                                      is_told: bool) -> None:
    """A rule says how long, else the default for all does."""
    with_rules(world, settle=own)
    world.settings = replace(world.settings, settle=default)
    world.review()
    assert (BEN in world.told()) is is_told


def test_extreme_does_not_settle(world: World) -> None:
    """The worst is told at once."""
    with_rules(world, settle=30 * MINUTE)
    world.review(severity=Severity.EXTREME)
    assert world.told()[BEN] == "first"


def test_wrong_before_it_settled(world: World) -> None:
    """What turned out wrong or over while it settled is told to the desk alone."""
    with_rules(world, settle=30 * MINUTE)
    world.review()
    world.review(after=MINUTE, status=IncidentStatus.CANCELLED)
    assert world.told() == {DESK: "cancelled"}
    world.review(after=HOUR)
    assert world.told() == {}


def test_reached_later_settles_no_more(world: World) -> None:
    """Who arrives long after it became known is told on arrival, however long messages settle."""
    with_rules(world, settle=30 * MINUTE)
    world.review()
    world.review(after=9 * MINUTE)
    world.review(after=datetime(2024, 9, 18, 0, 1, tzinfo=UTC) - world.now)
    assert world.told() == {"person:p-017": "first"}


def test_clock_set_back_while_settling(world: World) -> None:
    """A clock that was set back does not let people wait for what is known in the future."""
    with_rules(world, settle=30 * MINUTE)
    world.now -= timedelta(days=1)
    world.review()
    assert BEN in world.told()


def test_settling_in_shadow(world: World) -> None:
    """In shadow mode the desk reads who would be told, also while it settles."""
    with_rules(world, settle=30 * MINUTE)
    world.settings = replace(world.settings, mode="shadow")
    world.review()
    assert "To be told: Ben Okafor, hook." in world.words(DESK).text


# ------------------------------------------------------------------------------------------------------- reminders


def test_reminder(world: World) -> None:
    """While it lasts and nothing changed, people and the desk are reminded after the time asked, and again after it."""
    with_rules(world, repeat=12 * HOUR)
    world.review()
    assert world.verdict.review_at == world.now + 12 * HOUR
    world.review(after=11 * HOUR, last_report_at=world.now + 11 * HOUR)
    assert world.told() == {}
    world.review(after=HOUR)
    assert world.told() == {BEN: "reminder", DESK: "reminder", HOOK: "reminder"}
    world.review()
    assert world.told() == {}
    world.review(after=12 * HOUR)
    assert world.told()[BEN] == "reminder"


def test_reminder_words(world: World) -> None:
    """A reminder says that it is one, that it still holds, since when, and what to do."""
    with_rules(world, repeat=12 * HOUR)
    world.review()
    world.review(after=12 * HOUR)
    words = world.words(BEN)
    assert words.subject.startswith("[REMINDER] Bamako airport closed after armed attack — ")
    assert "What we told you before still holds. Last report: Tue 17 Sep, 08:31." in words.text
    assert "WHAT TO DO" in words.text
    assert '"reason":"reminder"' in words.payload


def test_reminder_is_explained(world: World) -> None:
    """Why somebody was reminded is kept with the value and what was asked."""
    with_rules(world, repeat=12 * HOUR)
    world.review()
    world.review(after=12 * HOUR)
    assert gates(world, BEN)["reminder"] == (True, "nothing said since Tue 17 Sep 08:34 UTC", "every 12 h")


def test_news_puts_the_reminder_off(world: World) -> None:
    """Whoever was told something new is reminded that much later."""
    with_rules(world, repeat=12 * HOUR)
    world.review()
    world.review(after=6 * HOUR, killed=Count(4, 4))
    assert world.told()[BEN] == "casualties"
    world.review(after=6 * HOUR)
    assert world.told() == {}
    world.review(after=6 * HOUR)
    assert world.told()[BEN] == "reminder"


def test_no_reminder_by_default(world: World) -> None:
    """Without the key nobody is reminded of anything."""
    world.review()
    world.review(after=40 * HOUR)
    assert BEN not in world.told()


@pytest.mark.parametrize("status", [IncidentStatus.CLEARED, IncidentStatus.EXPIRED, IncidentStatus.CANCELLED])
def test_no_reminder_after_the_end(world: World, status: IncidentStatus) -> None:
    """What has ended is not remembered."""
    with_rules(world, repeat=12 * HOUR)
    world.review()
    world.review(after=HOUR, status=status)
    world.review(after=24 * HOUR)
    assert world.told() == {}


def test_reminder_waits_for_the_morning(world: World) -> None:
    """A reminder that falls into the night is read in the morning, once."""
    with_rules(world, repeat=15 * HOUR, quiet_hours=NIGHT)
    world.review()
    world.review(after=15 * HOUR)
    assert world.told()[BEN] == "reminder"
    assert world.due(BEN) == MORNING
    world.review(after=HOUR)
    assert BEN not in world.told()


def test_nobody_is_reminded_of_what_was_stopped(world: World) -> None:
    """What an officer stopped before it was sent is not said by way of a reminder."""
    with_rules(world, repeat=12 * HOUR, send_after=15 * MINUTE)
    world.review()
    world.sent = tuple(replace(each, state=DeliveryState.CANCELLED) if each.recipient == BEN else each
                       for each in world.sent)
    world.review(after=24 * HOUR)
    assert BEN not in world.told()


# --------------------------------------------------------------------------------------- over before the morning


@pytest.mark.parametrize(("status", "tag"), [
    pytest.param(IncidentStatus.CLEARED, "[ALL CLEAR]", id="cleared"),
    pytest.param(IncidentStatus.EXPIRED, "[STATUS UNKNOWN]", id="unknown")])
def test_over_before_the_morning(world: World, *, status: IncidentStatus, tag: str) -> None:
    """What happened and ended in somebody's night is one true message in the morning, and not the stale alert."""
    with_rules(world, quiet_hours=NIGHT)
    world.now = EVENING
    world.review(last_report_at=world.now)
    world.review(after=2 * HOUR, status=status)
    waiting = [each for each in world.sent if each.recipient == BEN and each.state is DeliveryState.PENDING]
    assert [each.due_at for each in waiting] == [MORNING]
    words = world.words(BEN)
    assert words.subject.startswith(tag)
    assert "told you" not in words.text
    assert "earlier advice" not in words.text
    assert "while our messages to you waited, so this is the first one. You get it because you are at" in words.text


def test_wrong_before_the_morning(world: World) -> None:
    """What turned out wrong in somebody's night is not told to them at all."""
    with_rules(world, quiet_hours=NIGHT)
    world.now = EVENING
    world.review(last_report_at=world.now)
    world.review(after=2 * HOUR, status=IncidentStatus.CANCELLED)
    assert world.verdicts()[BEN] == "overtaken"
    assert not [each for each in world.sent if each.recipient == BEN and each.state is DeliveryState.PENDING]


def test_over_within_the_review(world: World) -> None:
    """What was over before the desk's minutes were is told to the desk alone."""
    with_rules(world, send_after=30 * MINUTE, quiet_hours=NIGHT)
    world.now = EVENING
    world.review(last_report_at=world.now)
    world.review(after=10 * MINUTE, status=IncidentStatus.CLEARED)
    assert world.verdicts()[BEN] == "overtaken"


# --------------------------------------------------------------------------------------------------------- clocks


@pytest.mark.parametrize(("digest", "zone", "after", "expected"), [
    pytest.param(Digest("07:00"), "UTC", "2024-09-17T06:59", "2024-09-17T07:00", id="today"),
    pytest.param(Digest("07:00"), "UTC", "2024-09-17T07:00", "2024-09-18T07:00", id="just gone"),
    pytest.param(Digest("07:00"), "Asia/Manila", "2024-09-17T06:59", "2024-09-17T23:00", id="their own clock"),
    pytest.param(Digest("07:00", 0), "UTC", "2024-09-17T06:59", "2024-09-23T07:00", id="next Monday"),
    pytest.param(Digest("07:00", 1), "UTC", "2024-09-17T07:01", "2024-09-24T07:00", id="a week on"),
    pytest.param(Digest("07:00"), "Europe/Zurich", "2024-10-26T06:00", "2024-10-27T06:00", id="into winter time"),
    pytest.param(Digest("02:30"), "Europe/Zurich", "2024-03-30T12:00", "2024-03-31T01:30", id="a time that is not"),
])
def test_next_digest(digest: Digest, zone: str, after: str, expected: str) -> None:
    """A digest comes at its hour by the reader's own clock, whatever happens to that clock."""
    at = datetime.fromisoformat(after).replace(tzinfo=UTC)
    assert next_digest(digest, zone=zone, after=at) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


# ------------------------------------------------------------------------------------------------------- property

FACTS = st.fixed_dictionaries({}, optional={
    "severity": st.sampled_from(Severity), "killed": st.builds(Count, st.integers(0, 60), st.just(60)) | st.none(),
    "status": st.sampled_from(IncidentStatus), "origins": st.integers(1, 3)})
ENDS = {"cleared", "expired", "cancelled"}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.lists(st.tuples(FACTS, st.integers(0, 2000)), max_size=7),
       settle=st.sampled_from([timedelta(), 30 * MINUTE, 60 * MINUTE]),
       repeat=st.sampled_from([None, HOUR, 12 * HOUR]), quiet=st.sampled_from([None, NIGHT]),
       digest=st.sampled_from([None, Digest("07:00"), Digest("07:00", 2, except_at_least=Severity.EXTREME)]),
       hold=st.sampled_from([None, 20 * MINUTE]))
def test_paces_keep_the_peace(world: World, *, history: list[tuple[dict[str, Any], int]], hold: timedelta | None,
                              **rule: Any) -> None:
    """However an incident goes and rules wait: deciding twice is silent, one message waits, ends end it."""
    fresh = replace(world, said=(), sent=())
    with_rules(fresh, send_after=hold, settle=rule["settle"], repeat=rule["repeat"], quiet_hours=rule["quiet"],
               digest=rule["digest"])
    for changes, minutes in history:
        fresh.review(after=minutes * MINUTE, **changes)
        if fresh.incident.status is not IncidentStatus.OPEN:
            assert {each.reason.value for each in fresh.verdict.advisories} <= ENDS
        fresh.review()
        assert (fresh.verdict.advisories, fresh.verdict.deliveries, fresh.verdict.superseded) == ((), (), ())
        waiting = [(each.recipient, each.channel) for each in fresh.sent
                   if each.state is DeliveryState.PENDING and each.due_at > fresh.now]
        assert len(waiting) == len(set(waiting))
        assert fresh.verdict.review_at is None or fresh.verdict.review_at > fresh.now
    assert len({each.id for each in fresh.sent}) == len(fresh.sent)
