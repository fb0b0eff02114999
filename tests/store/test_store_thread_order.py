"""The messages of a thread arrive in the order in which they were decided."""
from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from advisord.model import DeliveryState, Outcome, Severity
from advisord.store.store import Store


@pytest.fixture
def thread(store: Store, make: Any) -> Store:
    """A first message and an update of it, worse than it, both due."""
    first = replace(make.delivery(), severity=Severity.MINOR)
    update = replace(first, id="update", previous=first.id, severity=Severity.EXTREME)
    store.save_review(make.incident(), (), (), (make.advisory(),), (first, update), make.now, None)
    return store


def leased(store: Store, make: Any, seconds: float = 0) -> list[str]:
    """What would be sent then."""
    return [each.id for each in store.lease(make.now + timedelta(seconds=seconds), 9, 60)]


def test_an_update_waits_for_the_message_before_it(thread: Store, make: Any) -> None:
    """The update is not sent while the first message is on its way, and is once that was accepted."""
    first = make.delivery()
    assert leased(thread, make) == [first.id]
    assert leased(thread, make) == []
    thread.record(first, Outcome(DeliveryState.ACCEPTED, "250 ok"), make.now, None)
    assert leased(thread, make) == ["update"]


def test_a_message_that_has_to_be_tried_again_holds_no_update_up(thread: Store, make: Any) -> None:
    """When the first message failed and waits for its next try, the newer word goes out."""
    leased(thread, make)
    thread.record(make.delivery(), Outcome(DeliveryState.PENDING, "451"), make.now, make.now + timedelta(minutes=5))
    assert leased(thread, make, 1) == ["update"]


def test_a_message_held_till_morning_holds_no_update_up(store: Store, make: Any) -> None:
    """What waits for the end of quiet hours does not hold back what breaks them."""
    first = replace(make.delivery(), due_at=make.now + timedelta(hours=8))
    update = replace(first, id="update", previous=first.id, due_at=make.now)
    store.save_review(make.incident(), (), (), (make.advisory(),), (first, update), make.now, None)
    assert leased(store, make) == ["update"]
