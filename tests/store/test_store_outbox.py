"""What was decided is kept, leased, sent once under one key, and counted."""
from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from advisord.errors import StoreError
from advisord.model import DeliveryState, Outcome, Rendered, Severity
from advisord.store.database import parsed
from advisord.store.outbox import Counts
from advisord.store.store import Store

LATER = Outcome(DeliveryState.PENDING, "421 try later")
ACCEPTED = Outcome(DeliveryState.ACCEPTED, "250 ok")
FINAL = [DeliveryState.ACCEPTED, DeliveryState.REFUSED, DeliveryState.EXPIRED, DeliveryState.CANCELLED]


def test_saved_review_reads_back(store: Store, make: Any) -> None:
    """What was decided, said and is to be sent comes back as it was written."""
    store.save_review(make.incident(), (make.exposure(),), (make.decision(),), (make.advisory(),), (make.delivery(),),
                      make.now, None)
    assert store.said_about("ML-2024-0917-1") == ((make.advisory(),), (make.delivery(),))
    assert store.exposures("ML-2024-0917-1") == (make.exposure(),)
    assert store.decisions("ML-2024-0917-1") == (make.decision(),)
    assert store.decisions("ML-2024-0917-1", "person:p-018") == ()
    assert store.advisories(["v1", "v1"]) == (make.advisory(), make.advisory())
    assert store.incident("ML-2024-0917-1") == make.incident()


def test_saving_twice_says_nothing_twice(store: Store, make: Any) -> None:
    """The same decision saved again, after a crash, adds no delivery and no row."""
    for _ in range(2):
        store.save_review(make.incident(), (make.exposure(),), (make.decision(),), (make.advisory(),),
                          (make.delivery(),), make.now, None)
    assert store.counts() == Counts(created=1, pending=1, accepted=0, refused=0, expired=0, cancelled=0)
    assert len(store.decisions("ML-2024-0917-1")) == 1


def test_a_sent_delivery_saved_again_stays_sent(outbox: Store, make: Any) -> None:
    """A review that runs again doesn't make an accepted delivery pending."""
    outbox.record(make.delivery(), ACCEPTED, make.now, None)
    outbox.save_review(make.incident(), (), (), (make.advisory(),), (make.delivery(),), make.now, None)
    assert outbox.lease(make.now + timedelta(days=1), 9, 60) == ()
    assert outbox.counts().accepted == 1


def test_half_a_review_is_none(store: Store, make: Any) -> None:
    """A delivery whose advisory isn't there fails, and nothing of that review is kept."""
    with pytest.raises(StoreError):
        store.save_review(make.incident(), (make.exposure(),), (make.decision(),), (), (make.delivery(),), make.now,
                          None)
    assert store.incident("ML-2024-0917-1") is None
    assert store.deliveries() == ()
    assert store.counts().created == 0


def test_severe_goes_first(store: Store, make: Any) -> None:
    """Of many due deliveries the most severe are taken first, then the longest due."""
    made = [make.delivery("minor", severity=Severity.MINOR, due_at=make.now - timedelta(hours=1)),
            make.delivery("later", severity=Severity.EXTREME, due_at=make.now),
            make.delivery("first", severity=Severity.EXTREME, due_at=make.now - timedelta(minutes=1)),
            make.delivery("not due", severity=Severity.EXTREME, due_at=make.now + timedelta(seconds=1))]
    store.save_review(make.incident(), (), (), (make.advisory(),), made, make.now, None)
    assert [delivery.id for delivery in store.lease(make.now, 9, 60)] == ["first", "later", "minor"]


def test_leased_by_channel(store: Store, make: Any) -> None:
    """The webhooks can be taken while the mails wait for a server that hangs."""
    made = [make.delivery("mail"), make.delivery("hook", channel="hook", severity=Severity.MINOR)]
    store.save_review(make.incident(), (), (), (make.advisory(),), made, make.now, None)
    assert [delivery.id for delivery in store.lease(make.now, 9, 60, channel="hook")] == ["hook"]
    assert [delivery.id for delivery in store.lease(make.now, 9, 60)] == ["mail"]


def test_leased_once(outbox: Store, make: Any) -> None:
    """What one worker holds no other gets, until the lease is over or given back."""
    assert outbox.lease(make.now, 9, 60) == (make.delivery(),)
    assert outbox.lease(make.now + timedelta(seconds=59), 9, 60) == ()
    assert outbox.lease(make.now + timedelta(seconds=60), 9, 60) == (make.delivery(),)


def test_new_daemon_frees_leases(outbox: Store, make: Any) -> None:
    """After a crash the next daemon doesn't wait for leases that nobody holds any more."""
    outbox.lease(make.now, 9, 3600)
    outbox.take_daemon_lock("next", make.now, 60)
    assert outbox.lease(make.now, 9, 60) == (make.delivery(),)


def test_two_workers_never_share(url: str, store: Store, make: Any) -> None:
    """Two programs that lease at the same time get each delivery once between them."""
    made = [make.delivery(f"d{number}") for number in range(120)]
    store.save_review(make.incident(), (), (), (make.advisory(),), made, make.now, None)

    def take(worker: int) -> list[str]:
        del worker
        with Store.open(url) as mine:
            return [delivery.id for _ in range(12) for delivery in mine.lease(make.now, 5, 60)]

    with ThreadPoolExecutor(4) as pool:
        taken = [delivery_id for worker in pool.map(take, range(4)) for delivery_id in worker]
    assert sorted(taken) == sorted(delivery.id for delivery in made)


def test_retry_waits(outbox: Store, make: Any) -> None:
    """A delivery put off is due again at its time, and tells how often it was tried and why not."""
    (leased,) = outbox.lease(make.now, 9, 60)
    again = make.now + timedelta(minutes=5)
    outbox.record(leased, LATER, make.now, again)
    assert outbox.lease(again - timedelta(seconds=1), 9, 60) == ()
    (leased,) = outbox.lease(again, 9, 60)
    assert leased == make.delivery(due_at=again, attempts=1, last_error="421 try later")


@pytest.mark.parametrize("final", FINAL)
def test_final_is_final(outbox: Store, make: Any, final: DeliveryState) -> None:
    """A delivery that ended stays as it ended, whatever a late worker records."""
    outbox.record(make.delivery(), Outcome(final, "first"), make.now, None)
    outbox.record(make.delivery(), LATER, make.now, make.now)
    outbox.record(make.delivery(), ACCEPTED, make.now, None)
    (ended,) = outbox.deliveries()
    assert ended.state is final
    assert len(outbox.attempts("d1")) == 1
    assert outbox.lease(make.now + timedelta(days=1), 9, 60) == ()
    assert outbox.counts().balanced


def test_outcomes_are_kept(outbox: Store, make: Any) -> None:
    """Who was told when by which attempt can be seen later."""
    outbox.record(make.delivery(), LATER, make.now, make.now)
    outbox.record(make.delivery(), ACCEPTED, make.now + timedelta(seconds=3), None)
    assert [(each.at, each.outcome) for each in outbox.attempts("d1")] == [
        (make.now, LATER), (make.now + timedelta(seconds=3), ACCEPTED)]


def test_bytes_are_kept_once(outbox: Store) -> None:
    """Every attempt sends the bytes of the first; others under the same key are refused."""
    first = Rendered("message/rfc822", b"\x00\xff body", "subject")
    assert outbox.rendered("d1") is None
    outbox.keep_rendered("d1", first)
    outbox.keep_rendered("d1", first)
    assert outbox.rendered("d1") == first
    with pytest.raises(StoreError, match="'d1' has other bytes already"):
        outbox.keep_rendered("d1", replace(first, body=b"other"))
    assert outbox.rendered("d1") == first


@pytest.mark.parametrize(("damage", "told"), [
    ("UPDATE deliveries SET recipient = 'person:p-018'", "d1"),
    ("UPDATE deliveries SET channel = 'emaim'", "d1"),
    ("UPDATE deliveries SET due_at = due_at - 1", "d1"),
    ("UPDATE deliveries SET advisory_ids = '[\"v2\"]'", "d1"),
    ("UPDATE deliveries SET severity = 'Sevese'", "d1"),
])
def test_flipped_bit_is_told_not_sent(outbox: Store, url: str, make: Any, damage: str, told: str) -> None:
    """A delivery that the disk changed is not sent; it is refused, counted and named."""
    _run(url, damage)
    assert outbox.damaged() == (told,)
    assert outbox.lease(make.now, 9, 60) == ()
    assert outbox.counts() == Counts(created=1, pending=0, accepted=0, refused=1, expired=0, cancelled=0)
    assert outbox.attempts("d1")[0].outcome.detail == "its row is damaged on disk: not sent"
    assert outbox.damaged() == (told,)


@pytest.mark.parametrize("damage", [
    "UPDATE rendered SET subject = 'Subjecu'", "UPDATE rendered SET body = CAST('other' AS {blob})",
    "UPDATE rendered SET content_type = 'x'",
])
def test_flipped_bit_in_the_bytes(outbox: Store, url: str, damage: str) -> None:
    """Bytes that the disk changed are not given out to be sent."""
    outbox.keep_rendered("d1", Rendered("message/rfc822", b"body", "Subject"))
    _run(url, damage.format(blob="bytea" if url.startswith("postgresql") else "BLOB"))
    with pytest.raises(StoreError, match="'d1' are damaged on disk"):
        outbox.rendered("d1")
    assert outbox.damaged() == ("d1",)


@pytest.mark.parametrize("damage", [
    "UPDATE snapshots SET data = replace(data, 'Bamako', 'Bamaco')",
    "UPDATE advisories SET data = replace(data, '6', '7')",
])
def test_flipped_bit_in_an_advisory(outbox: Store, url: str, damage: str) -> None:
    """An advisory that the disk changed is not given out to be worded."""
    _run(url, damage)
    with pytest.raises(StoreError, match="'v1' is damaged on disk"):
        outbox.advisories(["v1"])


def test_unknown_advisory_is_named(outbox: Store) -> None:
    """An advisory that isn't there is an error that names it, never fewer advisories."""
    with pytest.raises(StoreError, match="'v9' is not there"):
        outbox.advisories(["v1", "v9"])


def test_clock_set_back(outbox: Store, make: Any) -> None:
    """A lease and a retry written while the clock was ten years ahead hold nothing up."""
    ahead = make.now + timedelta(days=3650)
    (leased,) = outbox.lease(ahead, 9, 60)
    assert outbox.lease(make.now, 9, 60) == (make.delivery(),)
    outbox.record(leased, LATER, ahead, ahead + timedelta(minutes=5))
    (again,) = outbox.lease(make.now, 9, 60)
    assert again.id == "d1"
    outbox.record(again, LATER, make.now, make.now + timedelta(minutes=5))
    assert outbox.lease(make.now, 9, 60) == ()


def test_pending_without_a_time_waits_a_minute(outbox: Store, make: Any) -> None:
    """An attempt put off by nobody knows how long is not tried again at once for ever."""
    outbox.record(make.delivery(), LATER, make.now, None)
    assert outbox.lease(make.now, 9, 60) == ()
    assert len(outbox.lease(make.now + timedelta(minutes=1), 9, 60)) == 1


def test_deliveries_of_an_incident(outbox: Store, make: Any) -> None:
    """The officer sees the deliveries of one incident, or those in one state."""
    other = make.incident("ML-2024-0917-2")
    outbox.save_review(other, (), (), (make.advisory("v2", incident=other),),
                       (make.delivery("d2", advisory_ids=("v2",)),), make.now, None)
    outbox.record(make.delivery("d2", advisory_ids=("v2",)), ACCEPTED, make.now, None)
    assert [delivery.id for delivery in outbox.deliveries()] == ["d1", "d2"]
    assert [delivery.id for delivery in outbox.deliveries(incident_id="ML-2024-0917-2")] == ["d2"]
    assert [delivery.id for delivery in outbox.deliveries(state=DeliveryState.PENDING)] == ["d1"]
    assert outbox.deliveries(incident_id="ML-2024-0917-2", state=DeliveryState.PENDING) == ()


def _run(url: str, statement: str) -> None:
    engine = create_engine(parsed(url))
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def held(store: Store, make: Any) -> None:
    """One delivery that waits for a quarter of an hour."""
    store.save_review(make.incident(), (), (), (make.advisory(),),
                      (make.delivery(due_at=make.now + timedelta(minutes=15)),), make.now, None)


def test_a_stopped_message_is_never_sent(store: Store, make: Any) -> None:
    """What an officer stops is not sent, and who stopped it and why is kept, in the journal too."""
    held(store, make)
    assert [each.id for each in store.stop(["d1"], make.now, "stopped by Duty: a hoax", by="Duty")] == ["d1"]
    assert store.lease(make.now + timedelta(days=1), 9, 60) == ()
    assert [(each.outcome.state, each.outcome.detail) for each in store.attempts("d1")] == [
        (DeliveryState.CANCELLED, "stopped by Duty: a hoax")]
    assert store.counts().balanced
    assert store.verify_journal().faults == ()
    assert store.release(["d1"], make.now, "released by Duty", by="Duty") == ()


def test_a_released_message_is_due_at_once(store: Store, make: Any) -> None:
    """What an officer releases is taken at once, as never tried, and who released it is kept."""
    held(store, make)
    assert store.lease(make.now, 9, 60) == ()
    assert [each.id for each in store.release(["d1"], make.now, "released by Duty", by="Duty")] == ["d1"]
    assert [each.outcome.detail for each in store.attempts("d1")] == ["released by Duty"]
    (taken,) = store.lease(make.now, 9, 60)
    assert (taken.id, taken.attempts, taken.due_at) == ("d1", 0, make.now)
    assert store.damaged() == ()


def test_what_is_in_flight_is_not_stopped(outbox: Store, make: Any) -> None:
    """A message that somebody is sending is no longer there to be stopped or released."""
    outbox.lease(make.now, 9, 60)
    assert outbox.stop(["d1"], make.now, "stopped by Duty: too late", by="Duty") == ()
    assert outbox.release(["d1"], make.now, "released by Duty", by="Duty") == ()
