"""The whole flow on one page: poll, read, review, deliver. The only place where the stages meet.

Each job takes `now` and moves rows one table to the right; each item's move is one transaction of the store, so that a
process killed at any instant can begin again and loses nothing. Nothing here knows a format, a database or a socket.
"""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from advisord.model import (
    Advisory,
    Article,
    Decision,
    Delivery,
    Exposure,
    FeedState,
    Incident,
    Outcome,
    Rendered,
    SourcedReport,
    Window,
)


class Store(Protocol):
    """What the jobs need of the store; every `save_*` is one transaction, all or nothing."""

    # poll
    def feed_states(self) -> dict[str, FeedState]: ...
    def save_poll(self, state: FeedState, articles: Sequence[Article]) -> int:
        """Keep the feed's state and those articles not known by id or fingerprint; how many were new."""

    # read
    def unread(self, limit: int) -> tuple[Article, ...]:
        """The oldest articles not read yet (or changed since)."""

    def incidents_near(self, window: Window) -> tuple[Incident, ...]: ...
    def next_incident_id(self, prefix: str) -> str:
        """The next free id of that prefix ("ML-2024-0917" gives "ML-2024-0917-2"), reserved by the save that uses it."""

    def save_reading(self, article: Article, reports: Sequence[SourcedReport], incidents: Sequence[Incident],
                     now: datetime) -> None:
        """Mark the article read, keep its reports, and the incidents as changed now (so that review sees them)."""

    # review
    def due_for_review(self, now: datetime, limit: int) -> tuple[Incident, ...]:
        """Incidents that changed since their last review or whose `review_at` has come, Severe first."""

    def said_about(self, incident_id: str) -> tuple[tuple[Advisory, ...], tuple[Delivery, ...]]:
        """Every advisory and delivery of that incident so far, oldest first."""

    def save_review(self, incident: Incident, exposures: Sequence[Exposure], decisions: Sequence[Decision],
                    advisories: Sequence[Advisory], deliveries: Sequence[Delivery], now: datetime,
                    review_at: datetime | None) -> None:
        """The outbox: decision, advisories and deliveries in one transaction, with when to look again."""

    # deliver
    def lease(self, now: datetime, limit: int, lease_s: float) -> tuple[Delivery, ...]:
        """Take due pending deliveries that nobody holds, most severe first, for `lease_s` seconds."""

    def advisories(self, ids: Iterable[str]) -> tuple[Advisory, ...]: ...
    def rendered(self, delivery_id: str) -> Rendered | None: ...
    def keep_rendered(self, delivery_id: str, rendered: Rendered) -> None:
        """Keep the bytes of the first attempt; a second call with others is an error."""

    def record(self, delivery: Delivery, outcome: Outcome, now: datetime, retry_at: datetime | None) -> None:
        """Keep how an attempt ended and give the lease back; a final state is never left again."""
