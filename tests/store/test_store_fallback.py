"""What a channel could not deliver and cannot wait goes out by the channel that stands in for it, once."""
from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from advisord.model import Delivery, DeliveryState, Outcome, Severity
from advisord.store.store import Store

WAYS = {"email": "second"}
AFTER = timedelta(minutes=15)
HOUR = timedelta(hours=1)
LATER, REFUSED = Outcome(DeliveryState.PENDING, "451 later"), Outcome(DeliveryState.REFUSED, "550 no")
ACCEPTED = Outcome(DeliveryState.ACCEPTED, "250 ok")


def fallen(store: Store, now: Any) -> list[Delivery]:
    """The deliveries that were made for the second channel by then."""
    store.fall_back(now, WAYS, now - AFTER)
    assert store.counts().balanced
    assert store.verify_journal().faults == ()
    return [each for each in store.deliveries() if each.channel == "second"]


def keep(store: Store, make: Any, *made: Delivery) -> None:
    """Decide those deliveries."""
    store.save_review(make.incident(), (), (), (make.advisory(),), made, make.now, None)


def test_put_off_for_a_quarter_of_an_hour(store: Store, make: Any) -> None:
    """After 15 minutes in which nobody accepted it, it goes by the second channel too, once; the first goes on."""
    keep(store, make, make.delivery("d1"))
    (leased,) = store.lease(make.now, 9, 60)
    store.record(leased, LATER, make.now, make.now + HOUR)
    assert fallen(store, make.now + AFTER - timedelta(seconds=1)) == []
    (made,) = fallen(store, make.now + AFTER)
    assert (made.recipient, made.advisory_ids, made.state) == (leased.recipient, leased.advisory_ids, "pending")
    assert made.id != leased.id
    assert fallen(store, make.now + HOUR) == [made]
    assert [each.id for each in store.lease(make.now + AFTER, 9, 60)] == [made.id]
    assert [str(each.state) for each in store.deliveries() if each.id == "d1"] == ["pending"]


def test_refused(store: Store, make: Any) -> None:
    """What is refused for good does not wait a quarter of an hour."""
    keep(store, make, make.delivery("d1"))
    store.record(make.delivery("d1"), REFUSED, make.now, None)
    assert len(fallen(store, make.now + timedelta(seconds=10))) == 1


@pytest.mark.parametrize("changes", [
    pytest.param({"severity": Severity.MODERATE}, id="not severe"),
    pytest.param({"channel": "other"}, id="a channel without fallback"),
    pytest.param({"expires_in": timedelta(minutes=10)}, id="of no more use"),
    pytest.param({"created_ago": timedelta(days=2)}, id="of days ago"),
])
def test_left_alone(store: Store, make: Any, changes: dict[str, Any]) -> None:
    """What can wait, has no fallback, is over or is old stays with its own channel."""
    changes = dict(changes)  # the next store is tried with the same
    expires, ago = changes.pop("expires_in", None), changes.pop("created_ago", timedelta())
    keep(store, make, made := make.delivery("d1", expires_at=expires and make.now + expires, created_at=make.now - ago,
                                            **changes))
    store.record(made, LATER, make.now, make.now + HOUR)
    assert fallen(store, make.now + AFTER) == []


def test_told_another_way(store: Store, make: Any) -> None:
    """Whoever got it by another channel needs no third."""
    keep(store, make, make.delivery("d1"), make.delivery("d2", channel="folder"))
    store.record(make.delivery("d1"), REFUSED, make.now, None)
    store.record(make.delivery("d2", channel="folder"), ACCEPTED, make.now, None)
    assert fallen(store, make.now + AFTER) == []


def test_never_tried(store: Store, make: Any) -> None:
    """What waits for the morning, or for its first attempt, has not failed."""
    keep(store, make, make.delivery("d1", due_at=make.now + HOUR))
    assert fallen(store, make.now + AFTER) == []
