"""When a delivery is tried again."""
from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisord.deliver.retry import retry_at
from advisord.model import DeliveryState, Outcome

LATER = Outcome(DeliveryState.PENDING, "later")
MINUTE = timedelta(minutes=1)


def waits(make: Any, kind: str, jitter: float = 0.5) -> list[timedelta]:
    """The waits of a delivery that is never accepted."""
    found: list[timedelta] = []
    while (at := retry_at(kind, delivery=make.delivery(attempts=len(found)), outcome=LATER, now=make.now,
                          jitter=jitter)) is not None:
        found.append(at - make.now)
    return found


@pytest.mark.parametrize("kind", ["smtp", "file"])
def test_mail_schedule(make: Any, kind: str) -> None:
    """Mail is tried after 1, 5, 15, 30 minutes, then every 30, for five days."""
    found = waits(make, kind)
    assert found[:5] == [MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, 30 * MINUTE]
    assert set(found[3:]) == {30 * MINUTE}
    assert timedelta(days=5) - 30 * MINUTE < sum(found, timedelta()) <= timedelta(days=5)


def test_webhook_schedule(make: Any) -> None:
    """Webhooks are tried after 5 s, 5 min, 30 min, 2, 5, 10, 14, 20 and 24 hours, then no more."""
    hours = [timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)]
    assert waits(make, "webhook") == [timedelta(seconds=5), 5 * MINUTE, 30 * MINUTE, *hours]


@pytest.mark.parametrize(("jitter", "seconds"), [(0.0, 4.5), (0.5, 5.0), (0.999999, 5.5)])
def test_jitter(make: Any, jitter: float, seconds: float) -> None:
    """Many webhooks that failed together don't come back together."""
    assert waits(make, "webhook", jitter)[0].total_seconds() == pytest.approx(seconds, abs=0.001)


@pytest.mark.parametrize(("asked_s", "wait_s"), [(0.0, 60), (30.0, 60), (600.0, 600), (1e9, 86_400),
                                                 (float("inf"), 86_400)])
def test_retry_after(make: Any, asked_s: float, wait_s: float) -> None:
    """What the other side asked for is kept to, within a day; a short wish doesn't hurry the schedule."""
    outcome = Outcome(DeliveryState.PENDING, "busy", retry_after_s=asked_s)
    at = retry_at("smtp", delivery=make.delivery(), outcome=outcome, now=make.now, jitter=0.5)
    assert at == make.now + timedelta(seconds=wait_s)


def test_last_chance_before_it_expires(make: Any) -> None:
    """A wait that would outlast the delivery is cut short for a last attempt, and after that it expires in time."""
    delivery = make.delivery(attempts=4, expires_at=make.now + 10 * MINUTE)
    last = retry_at("smtp", delivery=delivery, outcome=LATER, now=make.now, jitter=0.5)
    assert last == make.now + 9 * MINUTE
    assert retry_at("smtp", delivery=delivery, outcome=LATER, now=last, jitter=0.5) == delivery.expires_at


def test_wish_beyond_the_end(make: Any) -> None:
    """A receiver that wants to be left alone until after the end is left alone."""
    outcome = Outcome(DeliveryState.PENDING, "busy", retry_after_s=3600)
    delivery = make.delivery(expires_at=make.now + 10 * MINUTE)
    assert retry_at("webhook", delivery=delivery, outcome=outcome, now=make.now, jitter=0.5) == delivery.expires_at


@given(kind=st.sampled_from(["smtp", "webhook", "file", ""]), attempts=st.integers(0, 400), jitter=st.floats(0, 0.999),
       asked=st.none() | st.floats(-10, 1e12), ahead=st.timedeltas(timedelta(), timedelta(days=4000)),
       left=st.none() | st.timedeltas(timedelta(seconds=-5), timedelta(days=10)))
def test_never_in_the_past_never_too_late(make: Any, kind: str, attempts: int, jitter: float, asked: float | None,
                                          ahead: timedelta, left: timedelta | None) -> None:
    """Whatever the clock and the wishes, the next attempt lies ahead and not after the end."""
    now: datetime = make.now + ahead
    delivery = make.delivery(attempts=attempts, expires_at=None if left is None else now + left)
    at = retry_at(kind, delivery=delivery, outcome=Outcome(DeliveryState.PENDING, "", asked), now=now, jitter=jitter)
    if at is not None and delivery.expires_at is not None:
        assert at <= delivery.expires_at
    if at is not None and (left is None or left > timedelta()):
        assert now < at <= now + timedelta(hours=26.5)
