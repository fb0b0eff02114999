"""When a delivery that was put off is tried again; pure, so that every step of both schedules can be tested.

Both schedules count attempts, not days: a clock that jumps ten years ends nothing, and hours asleep count for nothing.
"""
from __future__ import annotations

from datetime import datetime, timedelta

from advisord.model import Delivery, Outcome

# Before the 2nd, 3rd … attempt of a mail, then for ever the last, for 5 days (RFC 5321 section 4.5.4.1: 4 to 5)
MAIL = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30))
MAIL_FOR = timedelta(days=5)
# The schedule that Standard Webhooks recommends, each a little earlier or later so that receivers are not hit in step
WEBHOOK = (timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30),
           *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)))
JITTER = 0.1  # of the wait, both ways
SHORTEST_S, LONGEST_S = 1.0, 86_400.0  # what a Retry-After may ask for
LAST_CHANCE = timedelta(minutes=1)  # before it expires


def retry_at(kind: str, *, delivery: Delivery, outcome: Outcome, now: datetime, jitter: float) -> datetime | None:
    """When to try again after the attempt that was just put off; null when the schedule is over.

    `kind` is the channel's, `delivery.attempts` those before this one, `jitter` in [0, 1). What the other side asked
    for is kept to, within 1 s and 24 h, but makes no wait shorter. A wait that would outlast the delivery ends a minute
    before it expires, for a last attempt; the answer is never later than when it expires.
    """
    wait = _webhook_wait(delivery.attempts, jitter) if kind == "webhook" else _mail_wait(delivery.attempts)
    if wait is None:
        return None
    if outcome.retry_after_s is not None:
        wait = max(wait, timedelta(seconds=min(max(outcome.retry_after_s, SHORTEST_S), LONGEST_S)))
    at = now + wait
    if delivery.expires_at is None or at < delivery.expires_at:
        return at
    last = delivery.expires_at - LAST_CHANCE
    return last if outcome.retry_after_s is None and last >= now + LAST_CHANCE else delivery.expires_at


def _mail_wait(attempts: int) -> timedelta | None:
    steady = (MAIL_FOR - sum(MAIL[:-1], timedelta())) // MAIL[-1]
    if attempts >= len(MAIL) - 1 + steady:
        return None
    return MAIL[min(attempts, len(MAIL) - 1)]


def _webhook_wait(attempts: int, jitter: float) -> timedelta | None:
    if attempts >= len(WEBHOOK):
        return None
    return WEBHOOK[attempts] * (1 + JITTER * (2 * jitter - 1))
