"""When a feed is asked again."""
from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from advisord.ingest.schedule import next_poll_at
from advisord.model import Feed, FeedState

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
FEED = Feed("desk", "https://news.example/feed")


def _after(failures: int = 0, retry: float | None = None, jitter: float = 0.0, **of_feed: Any) -> timedelta:
    feed = replace(FEED, **of_feed)
    state = FeedState("desk")
    return next_poll_at(feed, state=state, now=NOW, failures=failures, retry_after_s=retry, jitter=jitter) - NOW


@pytest.mark.parametrize(("failures", "minutes"), [
    (0, 10), (1, 20), (2, 40), (3, 80), (4, 120), (5, 120), (10_000, 120),
])
def test_a_failing_feed_is_asked_less_and_less(failures: int, minutes: int) -> None:
    """The interval doubles with every failure in a row, up to two hours."""
    assert _after(failures) == timedelta(minutes=minutes)


@pytest.mark.parametrize(("retry", "minutes"), [(None, 10), (60.0, 10), (1800.0, 30), (86_400.0, 120), (-5.0, 10)])
def test_retry_after_is_waited_for(retry: float | None, minutes: int) -> None:
    """A server's wish is granted, but it can't silence a source for longer than two hours."""
    assert _after(0, retry) == timedelta(minutes=minutes)


def test_jitter_only_brings_a_poll_forward() -> None:
    """Feeds drift apart without ever being asked later than their interval says."""
    early, middle, late = _after(jitter=0.999), _after(jitter=0.5), _after(jitter=0.0)
    assert timedelta(minutes=9) <= early < middle < late == timedelta(minutes=10)


def test_a_slow_feed_keeps_its_own_interval() -> None:
    """A daily feed is asked daily, failing or not."""
    assert _after(9, every=timedelta(days=1)) == timedelta(days=1)


def test_a_poll_that_ran_late_does_not_shift_the_next() -> None:
    """Polls keep their pace when the machine was busy, and start afresh after it slept."""
    late = FeedState("desk", next_at=NOW - timedelta(minutes=2))
    slept = FeedState("desk", next_at=NOW - timedelta(hours=8))
    ahead = FeedState("desk", next_at=NOW + timedelta(hours=1))
    nexts = [next_poll_at(FEED, state=state, now=NOW, failures=0, retry_after_s=None, jitter=0.0) - NOW
             for state in (late, slept, ahead)]
    assert nexts == [timedelta(minutes=8), timedelta(minutes=10), timedelta(minutes=10)]
