"""What a poll tick costs with 10,000 feeds in the store and nothing changed, apart from the fetches.

    .venv/bin/python tests/bench/bench_poll.py

Prints the CPU time of ten minutes' schedule (every feed due every five, `NotModified` at once, written back to SQLite)
as a share of one core. The goal is 2 %.
"""
from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from advisord.correlate.tables import Tables
from advisord.ingest.fetched import NotModified
from advisord.match.exposures import Index
from advisord.model import Feed, FeedState, Settings, Staff
from advisord.pipeline import Pipeline, adopt, poll
from advisord.store.store import Store

FEEDS = 10_000
EVERY = timedelta(minutes=5)


def one_by_one(function: Callable[..., int], rows: Iterable[tuple[object, ...]]) -> list[int]:
    """In this thread, so that its CPU time is all there is."""
    return [function(*row) for row in rows]


def unchanged(feed: Feed, state: FeedState) -> NotModified:
    """A server that has nothing new."""
    del feed, state
    return NotModified()


def cpu_s() -> float:
    """CPU seconds of this process so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(f"sqlite:///{Path(folder) / 'bench.db'}")
        feeds = tuple(Feed(f"feed-{n}", f"https://example.org/{n}", every=EVERY) for n in range(FEEDS))
        pipeline = Pipeline(
            settings=Settings("", feeds=feeds), store=store, hazards={}, tables=Tables(), staff=Index.of(Staff()),
            analyse=None, fetch=unchanged, decode=None, word=None, senders={})  # type: ignore[arg-type]
        start = datetime(2026, 1, 1, tzinfo=UTC)
        adopt(pipeline, start)
        poll(pipeline, start, each=one_by_one)  # all due at once, the first time; jitter spreads them
        begun, clock = cpu_s(), time.perf_counter()
        seconds = 0
        for seconds in range(1, 601):
            poll(pipeline, start + timedelta(seconds=seconds), each=one_by_one)
        used = cpu_s() - begun
        store.close()
    print(f"{used:.2f} s of CPU for {seconds} s of schedule with {FEEDS} feeds every {EVERY}: "
          f"{100 * used / seconds:.2f} % of a core ({time.perf_counter() - clock:.1f} s elapsed)")


if __name__ == "__main__":
    main()
