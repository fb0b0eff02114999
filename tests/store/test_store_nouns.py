"""Whatever the program can say, the store can keep."""
from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advisord.errors import StoreError
from advisord.model import (
    Advisory,
    Article,
    Decision,
    DeliveryState,
    Exposure,
    FeedState,
    Incident,
    Outcome,
    Rendered,
    Severity,
    SourcedReport,
)
from advisord.store.nouns import Nouns, digest, from_json, to_json
from advisord.store.store import Store
from advisord.store.tables import instant, micros

NOUNS = Nouns()
ADAPTERS = {
    FeedState: NOUNS.feed_state, Article: NOUNS.article, SourcedReport: NOUNS.report, Incident: NOUNS.incident,
    Exposure: NOUNS.exposure, Decision: NOUNS.decision, Advisory: NOUNS.advisory,
}
st.register_type_strategy(datetime, st.datetimes(timezones=st.just(UTC)))
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))
st.register_type_strategy(str, st.text(max_size=20))
SMALL = partial(settings, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None)


@pytest.mark.parametrize("kind", ADAPTERS, ids=lambda kind: kind.__name__)
@SMALL(max_examples=25)
@given(data=st.data())
def test_round_trip(kind: type, data: st.DataObject) -> None:
    """A noun written as JSON and read again is equal, field by field."""
    noun: Any = data.draw(st.from_type(kind))
    adapter: Any = ADAPTERS[kind]
    assert from_json(adapter, to_json(adapter, noun), "it") == noun


@SMALL(max_examples=25)
@given(advisory=st.from_type(Advisory))
def test_advisory_apart_from_its_incident(advisory: Advisory) -> None:
    """An advisory kept apart from the incident it shares with others is put together as it was."""
    data = to_json(NOUNS.advisory, advisory, without="incident")
    assert NOUNS.advisory_of(advisory.incident, data) == advisory


@given(st.datetimes(timezones=st.timezones()))
def test_instants(at: datetime) -> None:
    """An instant is kept exactly, to the microsecond, and sorts as time does."""
    assert instant(micros(at)) == at.astimezone(UTC)


@given(st.lists(st.binary(max_size=4), max_size=4), st.lists(st.binary(max_size=4), max_size=4))
def test_digest_tells_parts_apart(one: list[bytes], other: list[bytes]) -> None:
    """Parts cut elsewhere have another digest."""
    assert (digest(*one) == digest(*other)) is (one == other)


@pytest.mark.parametrize("text", ["", "{", "null", "[]", '{"id": 1}', '{"id": "a", "text": 3}', "\0"])
def test_nonsense_is_an_error_of_the_store(text: str) -> None:
    """JSON that is none, or of something else, is a StoreError that names the row."""
    with pytest.raises(StoreError, match="article 'a1' is damaged on disk"):
        from_json(NOUNS.article, text, "article 'a1'")


@SMALL(max_examples=15, suppress_health_check=list(HealthCheck))
@given(severity=st.sampled_from(Severity), created_at=st.from_type(datetime), state=st.sampled_from(DeliveryState),
       expires_at=st.from_type(datetime), body=st.binary(max_size=200), detail=st.text())
def test_any_delivery_comes_back(store: Store, make: Any, severity: Severity, created_at: datetime,
                                 state: DeliveryState, expires_at: datetime, body: bytes, detail: str) -> None:
    """Any delivery, its bytes and what became of it are kept, on both databases."""
    delivery = make.delivery(uuid4().hex, severity=severity, created_at=created_at, expires_at=expires_at)
    rendered = Rendered("message/rfc822", body, "subject")
    store.save_review(make.incident(), (), (), (make.advisory(),), (delivery,), make.now, None)
    store.keep_rendered(delivery.id, rendered)
    assert store.rendered(delivery.id) == rendered
    assert delivery in store.deliveries()
    store.record(delivery, Outcome(state, detail), make.now, make.now)
    (attempt,) = store.attempts(delivery.id)
    assert attempt.outcome == Outcome(state, detail.replace("\0", "\N{REPLACEMENT CHARACTER}"))
    assert store.counts().balanced
    assert store.damaged() == ()
