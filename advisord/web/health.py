"""What monitoring asks: `/healthz` (does it live), `/readyz` (does it work), `/metrics` (Prometheus' text format).

They name no feed, no person and no place. On the page they answer this machine alone, without a login; a request that
came through a proxy is somebody else's.
"""
from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from starlette.responses import PlainTextResponse, Response

from advisord import __version__
from advisord.settings.addresses import is_loopback
from advisord.store.vital import Vitals
from advisord.watching import Condition, Health
from advisord.web.route import Route, reads
from advisord.web.visit import Visit

METRICS = "text/plain; version=0.0.4; charset=utf-8"
_PASSED_ON = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
_PROCESS = Path("/proc/self")


def healthz(visit: Visit) -> Response:
    """200 while nothing hangs, with what is amiss; 503 where a restart would help."""
    health = visit.office.health
    hung = health.jobs.hung()
    counts = visit.office.store.counts()
    said = {"status": "hung" if hung else "ok", "hung": hung, "amiss": [each.condition for each in health.amiss],
            "version": __version__, "deliveries": {
                "created": counts.created, "pending": counts.pending, "accepted": counts.accepted,
                "refused": counts.refused, "expired": counts.expired, "cancelled": counts.cancelled,
                "balanced": counts.balanced}}
    return _said(said, 503 if hung else 200)


def readyz(visit: Visit) -> Response:
    """200 while feeds are asked and messages go out; 503 while they are not."""
    health = visit.office.health
    return _said({"ready": health.is_ready, "failing": health.jobs.failing(), "hung": health.jobs.hung()},
                 200 if health.is_ready else 503)


def metrics(visit: Visit) -> Response:
    """Every figure, without a label for a feed, a person or a place."""
    now = visit.now
    vitals = visit.office.store.vitals(now)
    states = visit.office.store.feed_states()
    newest = max((each.newest_item_at for each in states.values() if each.newest_item_at is not None), default=None)
    failing = sum(each.failures > 0 for each in states.values())
    lines = (*_of_store(vitals, now), *_of_service(visit.office.health),
             *_sample("advisord_feeds_failing", "gauge", "Feeds whose last poll failed", failing),
             *_sample("advisord_news_age_seconds", "gauge", "Age of the newest item of all feeds", _age(newest, now)))
    return PlainTextResponse("\n".join(lines) + "\n", media_type=METRICS)


def _said(facts: Mapping[str, object], status: int) -> Response:
    return Response(json.dumps(facts) + "\n", status, media_type="application/json")


def _age(at: datetime | None, now: datetime) -> float:
    return 0.0 if at is None else max((now - at).total_seconds(), 0.0)


def _sample(name: str, kind: str, what: str, value: float | Mapping[str, float], label: str = "") -> Iterator[str]:
    yield f"# HELP {name} {what}"
    yield f"# TYPE {name} {kind}"
    if isinstance(value, Mapping):
        yield from (f'{name}{{{label}="{key}"}} {each:g}' for key, each in value.items())
    else:
        yield f"{name} {value:.16g}"


def _of_store(vitals: Vitals, now: datetime) -> Iterator[str]:
    counts = vitals.counts
    yield from _sample("advisord_deliveries", "gauge", "Deliveries in the store by state", {
        "pending": counts.pending, "accepted": counts.accepted, "refused": counts.refused, "expired": counts.expired,
        "cancelled": counts.cancelled}, "state")
    yield from _sample("advisord_deliveries_created_total", "counter", "Deliveries ever created", counts.created)
    yield from _sample("advisord_deliveries_balanced", "gauge", "1 while every delivery is in one state",
                       counts.balanced)
    yield from _sample("advisord_deliveries_due", "gauge", "Messages that are due and not out",
                       sum(each.count for each in vitals.waiting))
    yield from _sample("advisord_deliveries_due_age_seconds", "gauge", "How long the oldest of them waits",
                       _age(min((each.since for each in vitals.waiting), default=None), now))
    yield from _sample("advisord_articles_unread", "gauge", "Articles that wait to be read", vitals.unread)
    yield from _sample("advisord_articles_unread_age_seconds", "gauge", "How long the oldest of them waits",
                       _age(vitals.oldest_unread, now))
    yield from _sample("advisord_feeds", "gauge", "Feeds that are asked", vitals.feeds)
    if vitals.free_bytes is not None:
        yield from _sample("advisord_store_free_bytes", "gauge", "Free bytes beside the store", vitals.free_bytes)


def _of_service(health: Health) -> Iterator[str]:
    yield from _sample("advisord_build_info", "gauge", "The version that runs", {__version__: 1}, "version")
    yield from _sample("advisord_ready", "gauge", "1 while feeds are asked and messages go out", health.is_ready)
    yield from _sample("advisord_amiss", "gauge", "1 for what is amiss", {
        each: any(one.condition is each for one in health.amiss) for each in Condition}, "condition")
    failed = {_kind(name): 0.0 for name in health.jobs.failed_ever}
    for name, times in dict(health.jobs.failed_ever).items():
        failed[_kind(name)] += times
    yield from _sample("advisord_job_failures_total", "counter", "Looks of a job that failed", failed, "job")
    yield from _sample("advisord_clock_jumps_total", "counter", "Jumps of the wall clock", health.jobs.jumped_ever)
    memory = _memory()
    if memory is not None:
        yield from _sample("process_resident_memory_bytes", "gauge", "Resident memory", memory)
        yield from _sample("process_open_fds", "gauge", "Open file descriptors",
                           sum(1 for _ in (_PROCESS / "fd").iterdir()))


def _kind(job: str) -> str:
    """A channel's own job counts among its kind."""
    return "deliver" if job.startswith("deliver ") else job.replace(" ", "-")


def _memory() -> int | None:
    """Bytes in memory, where the system tells."""
    try:
        pages = int((_PROCESS / "statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")


def _for_this_machine(visit: Visit) -> bool:
    client = visit.request.client
    named = visit.request.url.hostname or ""
    return (client is not None and is_loopback(client.host) and is_loopback(named)
            and not any(name in visit.request.headers for name in _PASSED_ON))


def _private(route: Route) -> Route:
    def answer(visit: Visit) -> Response:
        if not _for_this_machine(visit):
            return PlainTextResponse("There is no such page.\n", 404)
        return route.answer(visit)

    return reads(route.path, answer, None)


ROUTES = (reads("/healthz", healthz, None), reads("/readyz", readyz, None), reads("/metrics", metrics, None))
PRIVATE = tuple(_private(route) for route in ROUTES)
