"""A configuration and a story -> who would be told what, by the real jobs on a store in memory.

Its own module because rule tests and whoever asks "what if" need the pipeline whole, but no network, no file and no
clock: news is put into the store as a poll would, read, reviewed, and what is due counts as accepted.
"""
from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import TracebackType
from typing import NoReturn, Self

from structlog.testing import capture_logs

from advisord.correlate.tables import Tables
from advisord.errors import StoreError
from advisord.match.exposures import Index
from advisord.model import (
    Advisory,
    Analysis,
    Article,
    Delivery,
    DeliveryState,
    Feed,
    FeedState,
    Hazard,
    Incident,
    Outcome,
    Settings,
)
from advisord.pipeline import Pipeline, read, review
from advisord.store.store import Store

ACCEPTED = Outcome(DeliveryState.ACCEPTED, "rehearsed")
EXPIRED = Outcome(DeliveryState.EXPIRED, "of no more use")
AT_ONCE = 1000
LEASE_S = 60.0


@dataclass(frozen=True, slots=True)
class Kit:
    """What a rehearsal knows beside the configuration."""

    hazards: Mapping[str, Hazard]
    tables: Tables
    analyse: Callable[[Article], Analysis]


@dataclass(frozen=True, slots=True)
class Message:
    """One message that would go out: what it says of which incident, by which channels, and how long it waits."""

    recipient: str
    advisory: Advisory
    channels: tuple[str, ...]
    held: timedelta


class Rehearsal:
    """One story, told from its beginning; `known` answers for articles that need no reading."""

    def __init__(self, settings: Settings, kit: Kit) -> None:
        """Nothing has happened yet."""
        self.store = Store.open("sqlite://")
        self.settings = settings
        self.staff = Index.of(settings.staff)
        self.kit = kit
        self._known: dict[str, Analysis] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.store.close()

    def live_till(self, now: datetime) -> None:
        """What was held goes out where it is due by now, and what has run out of time ends."""
        self._accept(now)
        self._review(now)
        self._accept(now)

    def tell(self, articles: Sequence[Article], feeds: Iterable[Feed], now: datetime,
             known: Mapping[str, Analysis]) -> tuple[Message, ...]:
        """The messages that these articles, brought by these feeds, lead to at `now`; in the order of recipients."""
        self._known.update(known)
        new = {feed.id: feed for feed in (*self.settings.feeds, *feeds)}
        self.settings = replace(self.settings, feeds=tuple(new.values()))
        for article in articles:
            self.store.save_poll(FeedState(article.feed_id, last_attempt_at=now), (article,))
        before = {each.id for each in self.store.deliveries()}
        self._read(now)
        self._review(now)
        made = [each for each in self.store.deliveries()
                if each.id not in before and each.state is not DeliveryState.CANCELLED]
        self._accept(now)
        return self._messages(made, now)

    def know(self, incident: Incident, now: datetime) -> None:
        """The incident stands so from now on, however it came to be known, and what this leads to goes out."""
        self.store.keep_incident(incident, now)
        if self._review(now):
            self._accept(now)

    def live_through(self, until: datetime) -> None:
        """Every instant before then at which something is to be looked at again or goes out, one after the other."""
        while (at := self.store.next_due_at()) is not None and at < until:
            self.live_till(at)

    @property
    def freshness(self) -> timedelta:
        """How old news may be to alert."""
        return self._pipeline().fresh

    def incidents(self) -> tuple[Incident, ...]:
        """What is known of by now."""
        return self.store.incidents(limit=AT_ONCE)

    def _pipeline(self) -> Pipeline:
        return Pipeline(settings=self.settings, store=self.store, hazards=self.kit.hazards, tables=self.kit.tables,
                        staff=self.staff, analyse=self._analyse, fetch=_outside, decode=_outside, word=_outside,
                        senders={})

    def _analyse(self, article: Article) -> Analysis:
        known = self._known.get(article.id)
        return self.kit.analyse(article) if known is None else known

    def _read(self, now: datetime) -> None:
        with capture_logs():  # a log says what happened, and this never did
            while read(self._pipeline(), now):
                pass

    def _review(self, now: datetime) -> int:
        done = 0
        with capture_logs():
            while made := review(self._pipeline(), now):
                done += made
        return done

    def _accept(self, now: datetime) -> None:
        for delivery in self.store.lease(now, AT_ONCE, LEASE_S):
            over = delivery.expires_at is not None and delivery.expires_at <= now
            self.store.record(delivery, EXPIRED if over else ACCEPTED, now, None)

    def _messages(self, made: Sequence[Delivery], now: datetime) -> tuple[Message, ...]:
        channels: dict[tuple[str, str], list[Delivery]] = {}
        for delivery in made:
            for advisory_id in delivery.advisory_ids:
                channels.setdefault((delivery.recipient, advisory_id), []).append(delivery)
        advisories = {each.id: each for each in self.store.advisories({advisory_id for _, advisory_id in channels})}
        return tuple(
            Message(recipient, advisories[advisory_id], tuple(each.channel for each in sent),
                    max(timedelta(), *(each.due_at - now for each in sent)))
            for (recipient, advisory_id), sent in sorted(channels.items()))


def _outside(*asked: object) -> NoReturn:
    """A rehearsal has no outside; that anything asks for it is a fault of this program."""
    raise StoreError(f"a rehearsal was asked for {len(asked)} things of the outside world")
