"""Several deliveries that are due to one person become one, on either database; first readings are summed up once."""
from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from advisord.model import Baseline, DeliveryState, FeedState, Reason, Severity
from advisord.store.store import Store


def two(store: Store, make: Any, **changes: Any) -> None:
    """Two first messages to one person, of two incidents, due now."""
    for number, severity in ((1, Severity.MODERATE), (2, Severity.SEVERE)):
        incident = make.incident(f"ML-2024-0917-{number}")
        said = replace(make.advisory(f"v{number}", severity=severity), incident=incident, **changes)
        delivery = make.delivery(f"d{number}", advisory_ids=(said.id,), severity=severity, thread=f"t{number}")
        store.save_review(incident, (), (), (said,), (delivery,), make.now, None)


def test_two_become_one(store: Store, make: Any) -> None:
    """The worse one carries both and keeps its key and thread; the other ends as cancelled; nothing is damaged."""
    two(store, make)
    assert store.bundle(make.now, channel="email") == 1
    leased = store.lease(make.now, 9, 60)
    assert [(each.id, each.advisory_ids, each.thread) for each in leased] == [("d2", ("v2", "v1"), "t2")]
    assert [each.id for each in store.deliveries(state=DeliveryState.CANCELLED)] == ["d1"]
    assert [each.id for each in store.deliveries("ML-2024-0917-1")] == ["d1", "d2"]
    assert store.counts().balanced
    assert store.damaged() == ()
    assert not store.verify_journal().faults


@pytest.mark.parametrize("changes", [
    pytest.param({"reason": Reason.SEVERITY}, id="updates"),
    pytest.param({"severity": Severity.EXTREME}, id="the worst"),
    pytest.param({"unconfirmed": True}, id="unconfirmed"),
])
def test_what_stands_alone(store: Store, make: Any, changes: dict[str, Any]) -> None:
    """What follows up, is the worst, or is not confirmed is never one of several."""
    two(store, make, **changes)
    assert store.bundle(make.now) == 0


def test_nothing_in_flight_is_touched(store: Store, make: Any) -> None:
    """What somebody is sending, and what is not due yet, stays as it is."""
    two(store, make)
    assert store.bundle(make.now - timedelta(minutes=1)) == 0
    store.lease(make.now, 1, 60)
    assert store.bundle(make.now) == 0


def test_first_reading_is_summed_up_once(store: Store, make: Any) -> None:
    """A summary comes when everything of a first reading was read and looked at, and never again."""
    article = make.article("a1", baseline=True)
    store.save_poll(FeedState(article.feed_id, last_attempt_at=make.now), (article,))
    assert store.baseline() is None
    report = replace(make.report(), article_id="a1", feed_id=article.feed_id, baseline=True)
    incident = make.incident(reports=(report,))
    store.save_reading(article, (report,), (incident,), make.now)
    assert store.baseline() is None
    store.save_review(incident, (), (), (), (), make.now, None)
    found = store.baseline()
    assert found == Baseline(((article.feed_id, 1),), (incident.id,))
    delivery = make.delivery("s1", advisory_ids=(), thread="summary-1")
    assert [store.save_summary("summary-1", found, (delivery,), make.now) for _ in range(2)] == [1, 0]
    assert store.baseline() is None
    assert store.summary("summary-1") == found
    assert [each.id for each in store.lease(make.now, 9, 60)] == ["s1"]
    assert store.counts().balanced
