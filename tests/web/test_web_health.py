"""What monitoring asks of a running service: whether it lives, whether it works, and its figures."""
from __future__ import annotations

import re
import socket
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import create_engine, text

from advisord.model import Baseline, Delivery, Listener, Severity
from advisord.watching import Amiss, Condition
from advisord.web.serving import watch_of

SAMPLE = re.compile(r'[a-z_]+(\{(state|condition|job|version)="[a-z0-9. -]+"\})? -?[0-9.e+]+')


def working(desk: Any) -> None:
    """The heartbeat was there."""
    desk.office.health.jobs.begin("beat")
    desk.office.health.jobs.end("beat", failed=False)


def test_a_service_that_works_says_so_without_a_login(desk: Any) -> None:
    """My monitoring on the same machine needs no account."""
    working(desk)
    assert httpx.get(f"{desk.url}/healthz").json()["deliveries"]["balanced"] is True
    ready = httpx.get(f"{desk.url}/readyz")
    assert (ready.status_code, ready.json()["ready"]) == (200, True)


def test_a_service_that_did_not_begin_is_not_ready(desk: Any) -> None:
    """Before the first heartbeat it lives and is not ready."""
    assert httpx.get(f"{desk.url}/healthz").status_code == 200
    assert httpx.get(f"{desk.url}/readyz").status_code == 503


def test_a_job_that_fails_again_and_again_is_told(desk: Any) -> None:
    """It lives, so that nobody restarts it in vain, and is not ready."""
    working(desk)
    for _ in range(5):
        desk.office.health.jobs.begin("poll")
        desk.office.health.jobs.end("poll", failed=True)
    ready = httpx.get(f"{desk.url}/readyz")
    assert (ready.status_code, ready.json()["failing"]) == (503, ["poll"])
    assert 'advisord_job_failures_total{job="poll"} 5' in httpx.get(f"{desk.url}/metrics").text


def test_the_figures_are_in_prometheus_own_words_and_name_nobody(desk: Any) -> None:
    """Every line is a sample of a known name, and no feed, person, channel or place is in it."""
    desk.office.health.amiss = (Amiss(Condition.OUTBOX_LATE, ("email",), 4),)
    answer = httpx.get(f"{desk.url}/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = answer.text.splitlines()
    assert [line for line in lines if line[0] != "#" and not SAMPLE.fullmatch(line)] == []
    assert 'advisord_amiss{condition="outbox-late"} 1' in lines
    settings = desk.office.settings
    named = [*(feed.id for feed in settings.feeds), *(one.id for one in settings.staff.people), "Bamako"]
    assert [name for name in named if name in answer.text] == []


def test_the_figures_are_those_of_the_store(desk: Any) -> None:
    """What waits is counted, and since when."""
    now = desk.clock[0]
    left = Delivery(id="d-left", channel="email", recipient="desk:duty", thread="t", severity=Severity.MINOR,
                    created_at=now, due_at=now, advisory_ids=())
    desk.store.save_summary("t", Baseline((), ()), (left,), now)
    desk.clock[0] += timedelta(minutes=40)
    figures = dict(line.rsplit(" ", 1) for line in httpx.get(f"{desk.url}/metrics").text.splitlines() if line[0] != "#")
    waiting = float(figures["advisord_deliveries_due"])
    assert waiting > 0
    assert float(figures["advisord_deliveries_due_age_seconds"]) >= 40 * 60
    assert float(figures["advisord_deliveries_created_total"]) >= waiting
    assert figures["advisord_deliveries_balanced"] == "1"
    assert float(figures["advisord_store_free_bytes"]) > 0


def test_a_delivery_that_vanished_is_told(desk: Any) -> None:
    """Somebody deletes a row of the outbox: created and kept no longer agree, on the health page too."""
    engine = create_engine(f"sqlite:///{desk.file}")
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM delivery_advisories"))
        connection.execute(text("DELETE FROM deliveries WHERE id = (SELECT min(id) FROM deliveries)"))
    engine.dispose()
    assert httpx.get(f"{desk.url}/healthz").json()["deliveries"]["balanced"] is False
    assert "advisord_deliveries_balanced 0" in httpx.get(f"{desk.url}/metrics").text


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "Via"])
@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_what_came_through_a_proxy_is_not_this_machine(desk: Any, header: str, path: str) -> None:
    """The page is published by a proxy; its figures are not."""
    assert httpx.get(f"{desk.url}{path}", headers={header: "192.0.2.7"}).status_code == 404


def test_they_are_served_without_the_page(desk: Any) -> None:
    """With `watch.serve` they have an address of their own, on which there is nothing else."""
    working(desk)
    port = httpx.URL(desk.url).port or 0
    with Watched(desk, Listener(port=free_of(port))) as url:
        assert httpx.get(f"{url}/readyz").status_code == 200
        assert httpx.get(f"{url}/metrics", headers={"Via": "1.1 proxy"}).status_code == 200
        assert httpx.get(f"{url}/login").status_code == 404


def free_of(taken: int) -> int:
    """A port that nobody listens on."""
    with closing(socket.create_server(("127.0.0.1", 0))) as one:
        port = int(one.getsockname()[1])
    assert port != taken
    return port


class Watched:
    """The listener of monitoring, for a while."""

    def __init__(self, desk: Any, listener: Listener) -> None:
        """Not served yet."""
        self._served = watch_of(replace(desk.office), listener)
        self._url = f"http://127.0.0.1:{listener.port}"

    def __enter__(self) -> str:
        """Where it is."""
        assert self._served.start()
        return self._url

    def __exit__(self, *_: object) -> None:
        """No longer."""
        self._served.stop()
