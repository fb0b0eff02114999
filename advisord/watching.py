"""The service watching itself: how its jobs stand, and what of all that is amiss.

Its own module because the jobs, the page and the alarms all look at it, and because what is amiss is told from plain
facts: `amiss` is a function of what was found, the limits and the time.
"""
from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from threading import Lock

from advisord.model import Feed, FeedState, Watch
from advisord.store.vital import Vitals

HUNG_S = 1800.0  # no look of a job lasts that long
BEAT, BEAT_LATE_S = "beat", 180.0  # the job that proves scheduler and store, and how late it may be
FAILING = 5  # times in a row
JUMP_TOLD = timedelta(hours=1)
MB = 1e6


class Condition(StrEnum):
    """What can be amiss with the service."""

    NEWS_QUIET = "news-quiet"
    FEEDS_QUIET = "feeds-quiet"
    FEEDS_FAILING = "feeds-failing"
    OUTBOX_LATE = "outbox-late"
    READING_LATE = "reading-late"
    DISK_FULL = "disk-full"
    CLOCK_JUMPED = "clock-jumped"
    ROWS_DAMAGED = "rows-damaged"
    COUNTS_UNBALANCED = "counts-unbalanced"
    JOB_FAILING = "job-failing"


@dataclass(frozen=True, slots=True)
class Amiss:
    """One thing that is amiss: what it is about (feeds, channels, jobs, rows), how much, and since when."""

    condition: Condition
    items: tuple[str, ...] = ()
    figure: int = 0
    since: datetime | None = None


@dataclass(slots=True)
class Jobs:
    """How the jobs of the running service stand; safe to use from many threads."""

    failures: Counter[str] = field(default_factory=Counter)
    failed_ever: Counter[str] = field(default_factory=Counter)
    jumps: list[tuple[datetime, float]] = field(default_factory=list)
    jumped_ever: int = 0
    _begun: dict[str, float] = field(default_factory=dict)
    _ended: dict[str, float] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def begin(self, name: str) -> None:
        """That job looks at what is due."""
        with self._lock:
            self._begun[name] = time.monotonic()

    def end(self, name: str, *, failed: bool) -> int:
        """It has looked; how often in a row it failed."""
        with self._lock:
            self._begun.pop(name, None)
            self._ended[name] = time.monotonic()
            self.failed_ever[name] += failed
            self.failures[name] = self.failures[name] + 1 if failed else 0
            return self.failures[name]

    def jumped(self, now: datetime, seconds: float) -> None:
        """The wall clock jumped."""
        with self._lock:
            self.jumped_ever += 1
            self.jumps = [*self.jumps[-9:], (now, seconds)]

    def hung(self) -> tuple[str, ...]:
        """The jobs that hang: under way for far too long, or the heartbeat where it stays away."""
        now = time.monotonic()
        with self._lock:
            found = {name for name, at in self._begun.items() if now - at > HUNG_S}
            late = max(self._ended.get(BEAT, now), self._begun.get(BEAT, 0.0))
            return tuple(sorted(found | ({BEAT} if now - late > BEAT_LATE_S else set())))

    def failing(self) -> tuple[str, ...]:
        """The jobs that failed again and again."""
        with self._lock:
            return tuple(sorted(name for name, times in self.failures.items() if times >= FAILING))

    @property
    def has_begun(self) -> bool:
        """Whether the heartbeat was there once."""
        with self._lock:
            return BEAT in self._ended


@dataclass(slots=True)
class Health:
    """What was found when somebody looked last; `jobs` are of this very moment."""

    jobs: Jobs = field(default_factory=Jobs)
    amiss: tuple[Amiss, ...] = ()
    damaged: tuple[str, ...] = ()

    @property
    def is_ready(self) -> bool:
        """Whether feeds are asked and messages go out at this moment."""
        return self.jobs.has_begun and not self.jobs.hung() and not self.jobs.failing()


@dataclass(frozen=True, slots=True)
class Found:
    """All that is looked at."""

    vitals: Vitals
    feeds: tuple[tuple[Feed, FeedState], ...]
    since: datetime  # when the service began: nothing is quiet or late for longer
    failing: tuple[str, ...] = ()
    jumps: tuple[tuple[datetime, float], ...] = ()
    damaged: tuple[str, ...] = ()


def found_of(vitals: Vitals, feeds: Iterable[Feed], states: Mapping[str, FeedState], health: Health, *,
             since: datetime) -> Found:
    """What is to be judged, from the store and the jobs."""
    asked = tuple((feed, states[feed.id]) for feed in feeds if feed.enabled and feed.id in states)
    return Found(vitals, asked, since, health.jobs.failing(), tuple(health.jobs.jumps), health.damaged)


def amiss(found: Found, watch: Watch, now: datetime) -> tuple[Amiss, ...]:
    """Everything that is amiss by now."""
    return (*_of_feeds(found, watch, now), *_of_store(found, watch, now), *_of_service(found, watch, now))


def _of_feeds(found: Found, watch: Watch, now: datetime) -> Iterator[Amiss]:
    """By the dates of what feeds hold; a feed that tells no dates is not judged by them."""
    newest = {feed.id: state.newest_item_at for feed, state in found.feeds if state.newest_item_at is not None}
    latest = max(newest.values(), default=None)
    if found.feeds and now - max(latest or found.since, found.since) > watch.news_quiet:
        yield Amiss(Condition.NEWS_QUIET, figure=len(found.feeds), since=latest)
    if quiet := tuple(sorted(name for name, at in newest.items() if now - at > watch.feed_quiet)):
        yield Amiss(Condition.FEEDS_QUIET, quiet, len(quiet))
    failing = tuple(sorted(feed.id for feed, state in found.feeds if state.failures
                           and now - max(state.last_success_at or found.since, found.since) > watch.feed_failing))
    if failing:
        yield Amiss(Condition.FEEDS_FAILING, failing, len(failing))


def _of_store(found: Found, watch: Watch, now: datetime) -> Iterator[Amiss]:
    vitals = found.vitals
    late = [each for each in vitals.waiting if now - max(each.since, found.since) > watch.outbox_late]
    if late:
        yield Amiss(Condition.OUTBOX_LATE, tuple(each.channel for each in late), sum(each.count for each in late),
                    min(each.since for each in late))
    unread = vitals.oldest_unread
    if unread is not None and now - max(unread, found.since) > watch.reading_late:
        yield Amiss(Condition.READING_LATE, figure=vitals.unread, since=unread)
    if vitals.free_bytes is not None and vitals.free_bytes < watch.disk_free_mb * MB:
        yield Amiss(Condition.DISK_FULL, figure=int(vitals.free_bytes / MB))
    if found.damaged:
        yield Amiss(Condition.ROWS_DAMAGED, found.damaged, len(found.damaged))
    if not vitals.counts.balanced:
        counts = vitals.counts
        kept = counts.pending + counts.accepted + counts.refused + counts.expired + counts.cancelled
        yield Amiss(Condition.COUNTS_UNBALANCED, figure=abs(counts.created - kept))


def _of_service(found: Found, watch: Watch, now: datetime) -> Iterator[Amiss]:
    far = [(at, seconds) for at, seconds in found.jumps
           if abs(seconds) >= watch.clock_jump.total_seconds() and abs(now - at) < JUMP_TOLD]
    if far:
        yield Amiss(Condition.CLOCK_JUMPED, figure=round(far[-1][1]), since=far[-1][0])
    if found.failing:
        yield Amiss(Condition.JOB_FAILING, found.failing, len(found.failing))
