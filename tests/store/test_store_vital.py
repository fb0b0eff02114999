"""How a store stands, for monitoring, and the alarms that it keeps; on both databases."""
from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from advisord.model import Alarm, DeliveryState, Outcome
from advisord.store.store import Store
from advisord.store.vital import Waiting

NOW = datetime(2024, 9, 17, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
FULL = Alarm("disk-full", NOW, ("a", "b"), 400, NOW - MINUTE)


def test_what_waits_is_counted_since_it_was_due_or_tried_first(store: Store, make: Any) -> None:
    """What is not due yet waits for nothing; what is tried again and again waits since the first time."""
    made = tuple(make.delivery(name, advisory_ids=(), created_at=NOW, due_at=NOW + minutes * MINUTE)
                 for name, minutes in (("due", 0), ("later", 90), ("tried", 1)))
    store.save_alarm("one", FULL, made)
    later = Outcome(DeliveryState.PENDING, "451 later")
    for minutes in (2, 7):
        store.record(made[2], later, NOW + minutes * MINUTE, NOW + 100 * MINUTE)
    assert store.vitals(NOW + 30 * MINUTE).waiting == (Waiting(made[0].channel, 2, NOW),)
    store.record(made[0], Outcome(DeliveryState.ACCEPTED, "250"), NOW + 31 * MINUTE, None)
    vitals = store.vitals(NOW + 32 * MINUTE)
    assert vitals.waiting == (Waiting(made[0].channel, 1, NOW + 2 * MINUTE),)
    assert (vitals.counts.created, vitals.counts.balanced, vitals.unread, vitals.oldest_unread) == (3, True, 0, None)


def test_an_alarm_is_kept_once_and_stands_until_it_is_over(store: Store, make: Any) -> None:
    """Saving it twice says nothing twice; its end takes it from what stands, and both can be read for ever."""
    over = Alarm("disk-full", NOW + MINUTE, over=True)
    made = (make.delivery("d-1", advisory_ids=()),)
    assert [store.save_alarm("one", FULL, made) for _ in range(2)] == [1, 0]
    assert store.alarms() == (FULL,)
    store.save_alarm("two", over, ())
    assert (store.alarms(), store.alarm("one"), store.alarm("two"), store.alarm("three")) == ((), FULL, over, None)
    assert store.verify_journal().faults == ()
