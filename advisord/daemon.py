"""Runs the four jobs for months: ticks, signals, reload, heartbeat. The clock is read here and handed down as `now`.

APScheduler runs one tick a job, which asks the store what is due; it holds no job a feed (0.4 % of a core against 11 %
at 100,000 feeds). Ticks are on the wall clock, so the main loop watches the monotonic one and sets them right when the
wall clock jumps: an hour set back would otherwise stop every interval for an hour.
"""
from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Container
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from types import FrameType
from typing import Protocol

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor as TickExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from advisord.advise.answers import Links
from advisord.alarms import tell
from advisord.deliver.ping import ping
from advisord.errors import AdvisordError, SettingsError
from advisord.model import Settings
from advisord.pipeline import AT_ONCE, Each, Pipeline, adopt, deliver, fall_back, keep, poll, read, review
from advisord.points import passing
from advisord.store.store import Store
from advisord.supervisor import ALIVE, READY, STOPPING, Supervisor
from advisord.watching import Health, amiss, found_of
from advisord.web.office import Office
from advisord.web.serving import Serving
from advisord.wiring.answering import Desk

log = structlog.get_logger("advisord.daemon")

FETCHES_AT_ONCE = 16
TICKS_AT_ONCE = 32  # four jobs, the heartbeat and one job a channel, each of which may wait for its servers
ATTEMPTS_AT_ONCE = AT_ONCE
LOCK_TTL_S = 60.0
BACKUP_S = 60.0  # between two looks whether an hourly backup is due
CHASE_S = 10.0  # between two looks at who has not answered
LONGEST_PAUSE_S = 60.0  # between two tries of a job that keeps failing
Job = Callable[[Pipeline, datetime], int]

WATCH_S = 30.0  # between two looks at the service itself
DAMAGE_S = 3600.0  # between two looks at every row of the outbox
NAMED = 20  # of what is amiss, in the log
DAY_S = 86_400.0
IMPERSONAL = ("advisord.yaml", "feeds.yaml", "rules.yaml", "channels.yaml")  # the others say who is where
JUMP_S = 5.0  # more than this between wall and monotonic clock within a second is a jump, not drift


@dataclass(frozen=True, slots=True)
class Clock:
    """The time that the service lives by; `speed` other than 1 is for demos and drills.

    `origin` is the instant shown at `begun`, a reading of the monotonic clock in seconds; null means the wall clock.
    """

    origin: datetime | None = None
    begun: float = 0.0
    speed: float = 1.0

    def started(self) -> Clock:
        """The same clock, running from this moment."""
        return replace(self, begun=time.monotonic())

    def now(self) -> datetime:
        """The present instant, in UTC."""
        if self.origin is None:
            return datetime.now(UTC)
        return self.origin + timedelta(seconds=(time.monotonic() - self.begun) * self.speed)


class Workshop(Protocol):
    """What puts a pipeline together, and again on reload; see `wiring`."""

    def pipeline(self) -> Pipeline:
        """Read the configuration and put the pipeline together; SettingsError with every fault."""

    def links(self, settings: Settings) -> Links | None:
        """What makes and reads the links by which people answer; null where nobody can reach them."""

    def store(self) -> Store:
        """The store that every pipeline of this works on."""

    def hold(self, owner: str, now: datetime, ttl_s: float) -> None:
        """Take or renew the store's one place for a daemon; StoreBusyError when somebody else has it."""

    def close(self, owner: str) -> None:
        """Give the place back and close what is open."""


class Daemon:
    """The running service: one thread that waits for signals, ticks that do the work."""

    def __init__(self, workshop: Workshop, clock: Clock, *, tick_s: float = 1.0,
                 supervisor: Supervisor | None = None) -> None:
        """`tick_s`: seconds between two looks at what is due. `supervisor` hears how the service does."""
        self._workshop = workshop
        self._clock = clock
        self._tick_s = tick_s
        self._owner = f"{socket.gethostname()}:{os.getpid()}"
        self._stop = threading.Event()
        self._reload = threading.Event()
        self._supervisor = supervisor or Supervisor({})
        self._health = Health()
        self._scheduler = BackgroundScheduler(timezone=UTC, executors={"default": TickExecutor(TICKS_AT_ONCE)})
        self._pools = ExitStack()

    def run(self) -> None:
        """Serves until SIGTERM or SIGINT; AdvisordError when it can't start."""
        self._pipeline = self._workshop.pipeline()
        self._clock = self._clock.started()
        self._begun_at = self._clock.now()
        self._workshop.hold(self._owner, self._clock.now(), LOCK_TTL_S)
        passing("start held")
        adopt(self._pipeline, self._clock.now())
        passing("start adopted")
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        with ExitStack() as pools:
            self._pools = pools
            self._schedule(_each(pools.enter_context(ThreadPoolExecutor(FETCHES_AT_ONCE))))
            log.info("started", owner=self._owner, feeds=len(self._pipeline.settings.feeds),
                     people=len(self._pipeline.settings.staff.people), rules=len(self._pipeline.settings.rules),
                     mode=self._pipeline.settings.mode, clock_begun=self._clock.begun)
            serving = Serving(Office(self._workshop.store(), lambda: self._pipeline, self._clock.now,
                                     self._health), self._workshop.links)
            self._wait(serving)
            log.info("stopping")
            self._supervisor.tell(STOPPING)
            serving.stop()
            self._scheduler.shutdown(wait=True)
        self._workshop.close(self._owner)
        log.info("stopped")

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        del frame
        (self._reload if number == signal.SIGHUP else self._stop).set()

    def _schedule(self, fetching: Each) -> None:
        self._add("poll", self._tick_s, partial(poll, each=fetching), following="read")
        self._add("read", self._tick_s, read, following="review")
        self._add("review", self._tick_s, review, following="deliver")
        self._add("chase", CHASE_S, self._chase, following="deliver")
        self._add("fall back", CHASE_S, fall_back, following="deliver")
        self._add("beat", LOCK_TTL_S / 3, self._beat)
        self._add("keep", DAY_S, keep)
        self._add("back up", BACKUP_S, self._back_up)
        self._add("watch", WATCH_S, self._watch, following="deliver")
        self._add("damage", DAMAGE_S, self._look_for_damage)
        self._add("ping", self._pipeline.settings.watch.ping_every.total_seconds(), self._ping)
        self._schedule_channels()
        self._scheduler.start()

    def _schedule_channels(self) -> None:
        """A job and threads of its own for each channel, so that one that hangs holds up no other."""
        wanted = {f"deliver {channel.id}": channel.id for channel in self._pipeline.settings.channels}
        running = {job.id for job in self._scheduler.get_jobs() if job.id.startswith("deliver ")}
        for name in running - wanted.keys():
            self._scheduler.remove_job(name)
        for name in wanted.keys() - running:
            pool = self._pools.enter_context(ThreadPoolExecutor(ATTEMPTS_AT_ONCE))
            self._add(name, self._tick_s, partial(deliver, each=_each(pool), channel=wanted[name]))

    def _add(self, name: str, seconds: float, job: Job, *, following: str | None = None) -> None:
        """A job that is late runs once and as soon as it can: no grace time, no pile, never twice at once."""
        self._scheduler.add_job(self._tick, "interval", args=(name, job, following), seconds=seconds, id=name,
                                coalesce=True, max_instances=1, misfire_grace_time=None,
                                next_run_time=datetime.now(UTC))

    def _tick(self, name: str, job: Job, following: str | None) -> None:
        self._health.jobs.begin(name)
        try:
            done = job(self._pipeline, self._clock.now())
        except Exception as error:  # the one place: a job that fails is told, counted, and tried at the next tick
            times = self._health.jobs.end(name, failed=True)
            expected = isinstance(error, AdvisordError)
            log.error("job_failed", job=name, error=str(error), times=times,  # noqa: TRY400
                      exc_info=not expected)
            pause = timedelta(seconds=min(2 ** min(times, 10), LONGEST_PAUSE_S))
            self._scheduler.modify_job(name, next_run_time=datetime.now(UTC) + pause)
            return
        self._health.jobs.end(name, failed=False)
        if done and following:
            for each in self._scheduler.get_jobs():
                if each.id.split()[0] == following:
                    each.modify(next_run_time=datetime.now(UTC))

    def _chase(self, pipeline: Pipeline, now: datetime) -> int:
        return Desk(self._workshop.store(), pipeline.settings).chase(now)

    def _back_up(self, pipeline: Pipeline, now: datetime) -> int:
        del pipeline
        made = self._workshop.store().back_up(now)
        if made is not None:
            log.info("backed_up", file=str(made))
        return 0

    def _beat(self, pipeline: Pipeline, now: datetime) -> int:
        del pipeline
        self._workshop.hold(self._owner, now, LOCK_TTL_S)
        return 0

    def _watch(self, pipeline: Pipeline, now: datetime) -> int:
        """Looks at the service itself, and says in the log what began or ended to be amiss."""
        store, before = self._workshop.store(), {each.condition for each in self._health.amiss}
        found = found_of(store.vitals(now), pipeline.settings.feeds, store.feed_states(), self._health,
                         since=self._begun_at)
        self._health.amiss = amiss(found, pipeline.settings.watch, now)
        for each in self._health.amiss:
            if each.condition not in before:
                log.warning("amiss", condition=each.condition, items=each.items[:NAMED], figure=each.figure)
        for condition in sorted(before - {each.condition for each in self._health.amiss}):
            log.info("amiss_no_longer", condition=condition)
        return tell(store, pipeline.settings, self._health.amiss, now)

    def _look_for_damage(self, pipeline: Pipeline, now: datetime) -> int:
        del pipeline, now
        self._health.damaged = self._workshop.store().damaged()
        return 0

    def _ping(self, pipeline: Pipeline, now: datetime) -> int:
        """Says to whoever waits for it that the service lives, so long as nothing hangs."""
        del now
        address = pipeline.settings.watch.ping_url
        fault = ping(address) if address and not self._health.jobs.hung() else None
        if fault:
            log.warning("ping_not_heard", reason=fault)
        return 0

    def _sign_of_life(self, last: float) -> float:
        """A sign of life for the supervisor when it is time for one; none while a job hangs. When the last one was."""
        every_s = self._supervisor.every_s
        if every_s is None or time.monotonic() - last < every_s:
            return last
        if hung := self._health.jobs.hung():
            log.error("hung", jobs=hung)
        else:
            self._supervisor.tell(ALIVE)
        return time.monotonic()

    def _wait(self, serving: Serving) -> None:
        lead = time.time() - time.monotonic()
        serving.keep()
        look = time.monotonic()
        self._supervisor.tell(READY)
        alive = 0.0
        while not self._stop.wait(0.5):
            alive = self._sign_of_life(alive)
            if self._reload.is_set():
                self._reload.clear()
                self._supervisor.reloading()
                self._read_again()
                self._supervisor.tell(READY)
                look = 0.0
            if time.monotonic() - look > LOCK_TTL_S / 3:
                serving.keep()
                look = time.monotonic()
            drift = time.time() - time.monotonic() - lead
            if abs(drift) > JUMP_S:
                lead += drift
                log.warning("clock_jumped", seconds=round(drift, 1))
                self._health.jobs.jumped(self._clock.now(), drift)
                for job in self._scheduler.get_jobs():
                    job.modify(next_run_time=datetime.now(UTC))

    def _read_again(self) -> None:
        try:
            self._pipeline = self._workshop.pipeline()
        except SettingsError as error:
            for fault in error.faults:
                log.error("configuration_refused", fault=tellable(fault))  # noqa: TRY400
            log.error("configuration_kept", reason="it has faults")  # noqa: TRY400
        except AdvisordError as error:
            log.error("configuration_kept", reason=str(error))  # noqa: TRY400
        else:
            adopt(self._pipeline, self._clock.now())
            self._schedule_channels()
            self._scheduler.reschedule_job("ping", trigger="interval",
                                           seconds=self._pipeline.settings.watch.ping_every.total_seconds())
            log.info("configuration_read", rules=len(self._pipeline.settings.rules),
                     feeds=len(self._pipeline.settings.feeds), people=len(self._pipeline.settings.staff.people))


def tellable(fault: str) -> str:
    """A fault as a log may hold it: of the staff's files only where it stands, since its words may say who is where."""
    if fault.startswith(IMPERSONAL):
        return fault
    return f"{fault.partition(': ')[0]}: has a fault (advisord check shows it)"


def _each(pool: ThreadPoolExecutor) -> Each:
    return lambda function, rows: pool.map(lambda row: function(*row), rows)


def round_of(workshop: Workshop, clock: Clock,
             names: Container[str] = ("poll", "read", "review", "deliver", "keep")) -> Counter[str]:
    """One round of all jobs, or those named, each until nothing is due any more; how much each did."""
    owner = f"{socket.gethostname()}:{os.getpid()}"
    pipeline = workshop.pipeline()
    workshop.hold(owner, clock.now(), LOCK_TTL_S)
    adopt(pipeline, clock.now())
    done: Counter[str] = Counter()
    with ThreadPoolExecutor(FETCHES_AT_ONCE) as fetches, ThreadPoolExecutor(ATTEMPTS_AT_ONCE) as attempts:
        jobs: tuple[tuple[str, Job], ...] = (
            ("poll", partial(poll, each=_each(fetches))),
            ("read", read),
            ("review", review),
            ("deliver", partial(deliver, each=_each(attempts))),
            ("keep", keep),
        )
        for name, job in ((name, job) for name, job in jobs if name in names):
            while count := job(pipeline, clock.now()):
                done[name] += count
    workshop.close(owner)
    return done
