"""A full disk and a clock that jumps, by the names of the list of hostile cases."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from advisord.deliver.retry import retry_at
from advisord.errors import StoreError
from advisord.model import DeliveryState, Feed, Outcome
from advisord.store.store import Store

LATER = Outcome(DeliveryState.PENDING, "451 later")
HOUR = timedelta(hours=1)
JUMPS = [
    pytest.param(timedelta(seconds=-1), id="clock-minus-1s"), pytest.param(timedelta(seconds=1), id="clock-plus-1s"),
    pytest.param(-HOUR, id="clock-minus-1h"), pytest.param(HOUR, id="clock-plus-1h"),
    pytest.param(-24 * HOUR, id="clock-minus-1d"), pytest.param(24 * HOUR, id="clock-plus-1d"),
    pytest.param(timedelta(days=-3650), id="clock-minus-10y"), pytest.param(timedelta(days=3650), id="clock-plus-10y"),
    pytest.param(8 * HOUR, id="asleep-8h"),
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the store lies."""
    return tmp_path / "advisord.db"


@pytest.fixture
def full(file: Path, make: Any) -> Iterator[Store]:
    """A store on a disk that is full, with an incident of which nothing was decided yet."""
    with Store.open(f"sqlite:///{file}") as store:
        store.save_reading(make.article(), (), (make.incident(),), make.now)
        with store._database.read() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        event.listen(store._database._engine, "begin", _limited(pages))
        yield store


def _limited(pages: int) -> Any:
    def begun(connection: Any) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")

    return begun


@pytest.mark.parametrize("room_after", [pytest.param(1, id="disk-full-commit"), pytest.param(3, id="for-long")])
def test_full_disk_at_the_decision(full: Store, file: Path, make: Any, room_after: int) -> None:
    """What could not be written is not decided: it is due again, told as a full disk, decided when there is room."""
    many = [make.delivery(f"d{number}", thread="t" * 1000) for number in range(300)]
    for _ in range(room_after):
        (due,) = full.due_for_review(make.now, 9)
        with pytest.raises(StoreError, match="the disk is full: make room; nothing that was decided is lost"):
            full.save_review(due, (), (), (make.advisory(),), many, make.now, None)
        assert full.counts().created == 0
        assert full.said_about(due.id) == ((), ())
    full.close()
    with Store.open(f"sqlite:///{file}") as roomy:
        (due,) = roomy.due_for_review(make.now, 9)
        roomy.save_review(due, (), (), (make.advisory(),), many, make.now, None)
        roomy.save_review(due, (), (), (make.advisory(),), many, make.now, None)
        assert roomy.counts().created == roomy.counts().pending == 300
        assert roomy.due_for_review(make.now, 9) == ()


@pytest.mark.parametrize("jump", JUMPS)
def test_polls_go_on(file: Path, make: Any, jump: timedelta) -> None:
    """However the clock jumps, a feed asked every ten minutes is due within two intervals of the new time."""
    every = Feed("f", url="").every
    with Store.open(f"sqlite:///{file}") as store:
        store.sync_feeds(["f"], make.now)
        store.save_poll(replace(make.state(), last_attempt_at=make.now, next_at=make.now + every), ())
        assert store.due_feeds(make.now, 9) == ()
        new = make.now + jump
        assert [each.feed_id for each in store.due_feeds(new + 2 * every, 9)] == ["f"]


@pytest.mark.parametrize("jump", JUMPS)
def test_deliveries_go_on(file: Path, make: Any, jump: timedelta) -> None:
    """However the clock jumps, a message put off is tried within two waits of the new time, once, and is not ended."""
    wait = timedelta(minutes=1)
    with Store.open(f"sqlite:///{file}") as store:
        made = make.delivery("d1")
        store.save_review(make.incident(), (), (), (make.advisory(),), (made,), make.now, None)
        (leased,) = store.lease(make.now, 9, 120)
        store.record(leased, LATER, make.now, make.now + wait)
        new = make.now + jump + 2 * wait
        (again,) = store.lease(new, 9, 120)
        assert retry_at("smtp", delivery=again, outcome=LATER, now=new, jitter=0.5) == new + 5 * wait
        assert store.lease(new, 9, 120) == ()
        store.record(again, Outcome(DeliveryState.ACCEPTED, "250 ok"), new, None)
        for later in (make.now, new, make.now + 24 * HOUR):
            assert store.lease(later, 9, 120) == ()
        assert store.counts().accepted == 1


@pytest.mark.parametrize("jump", JUMPS)
def test_what_is_in_flight_is_freed(file: Path, make: Any, jump: timedelta) -> None:
    """What was held when the clock jumped is free again within two minutes of the new time, if nobody recorded it."""
    with Store.open(f"sqlite:///{file}") as store:
        store.save_review(make.incident(), (), (), (make.advisory(),), (make.delivery("d1"),), make.now, None)
        assert len(store.lease(make.now, 9, 120)) == 1
        store.take_daemon_lock("after a crash", make.now + jump, 60)
        assert [each.id for each in store.lease(make.now + jump + timedelta(minutes=2), 9, 120)] == ["d1"]


@pytest.mark.parametrize("jump", JUMPS)
def test_what_was_just_decided_goes_at_once(file: Path, make: Any, jump: timedelta) -> None:
    """What was decided just before the clock jumped does not wait until the clock comes by there again."""
    with Store.open(f"sqlite:///{file}") as store:
        held = make.delivery("held", due_at=make.now + 6 * HOUR)
        store.save_review(make.incident(), (), (), (make.advisory(),), (make.delivery("d1"), held), make.now, None)
        new = make.now + jump + timedelta(minutes=2)
        assert [each.id for each in store.lease(new, 9, 120)] == ["d1", *["held"] * (new >= held.due_at)]
