"""When to ask a feed again: its interval, a little earlier or later each time, and longer while it fails."""
from __future__ import annotations

from datetime import datetime, timedelta

from advisord.model import Feed, FeedState

JITTER = 0.1  # share of the interval by which a poll may come early, so that feeds of one start drift apart
LONGEST_PAUSE = timedelta(hours=2)  # whatever fails, and whatever a server asks for: a source is never silent longer
MAX_DOUBLINGS = 16


def next_poll_at(
    feed: Feed, *, state: FeedState, now: datetime, failures: int, retry_after_s: float | None, jitter: float,
) -> datetime:
    """The instant of the next poll, after one that ended `now` with `failures` in a row (0: it went well).

    Never more than an interval after the poll that was due, unless it failed: then the interval doubles with every
    failure up to two hours (or the feed's own interval, where that is longer). What the server asked for in
    Retry-After is waited for, up to the same two hours. `jitter` is 0..1, at random.
    """
    longest = max(LONGEST_PAUSE, feed.every)
    doublings: int = 2 ** min(failures, MAX_DOUBLINGS)
    pause = min(feed.every * doublings, longest)
    pause -= pause * JITTER * jitter
    asked = min(timedelta(seconds=max(retry_after_s or 0.0, 0.0)), longest)
    began = state.next_at if failures == 0 and state.next_at and now - feed.every / 2 <= state.next_at <= now else now
    return max(began + pause, now + asked)
