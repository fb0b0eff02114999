"""The whole flow on one page: poll, read, review, deliver. The only place where the stages meet.

Each job takes `now` and moves rows one table to the right; each item's move is one transaction of the store, so that a
process killed at any instant can begin again and loses nothing. Nothing here knows a format, a database or a socket:
what touches the world comes in as a part of the Pipeline, put together by `wiring`.
"""
from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Lock
from typing import Protocol

import structlog

from advisord.advise.decide import decide
from advisord.advise.gating import is_good
from advisord.advise.summing import summaries, summary_name
from advisord.correlate.incidents import aged, join, next_change_at, window_of
from advisord.correlate.sourced import sourced
from advisord.correlate.tables import Tables
from advisord.correlate.views import told_by
from advisord.deliver.channel import Sender
from advisord.deliver.retry import retry_at
from advisord.errors import AdvisordError, FeedError, StoreError
from advisord.holding import Store as Holding
from advisord.holding import around, let_out, with_count
from advisord.ingest.articles import Parsed
from advisord.ingest.fetched import Fetched, NotModified
from advisord.ingest.schedule import next_poll_at
from advisord.match.exposures import Index, exposures_of, near_of
from advisord.model import (
    Admission,
    Advisory,
    Alarm,
    Analysis,
    Article,
    Baseline,
    Channel,
    Decision,
    Delivery,
    DeliveryState,
    Exposure,
    Feed,
    FeedState,
    Hazard,
    Incident,
    Outcome,
    Reliability,
    Rendered,
    Retention,
    Settings,
    SourcedReport,
    Window,
    Wording,
)
from advisord.points import passing

log = structlog.get_logger("advisord.pipeline")

_ADDRESS = re.compile(r"[^\s<>\"'()]+@[^\s<>\"'()]+")  # what a server answers names its recipient
BATCH = 100
GATHER_S = 1.0  # how long a delivery waits for a review under way
AT_ONCE = 8  # attempts side by side over one channel
# Longer than any one attempt may take (60 s), so that nobody else takes a delivery in flight
LEASE_S = 120.0
FALL_BACK_AFTER = timedelta(minutes=15)
# Who brings the articles of a drill: the desk itself, which vouches for them. No feed of a configuration can be called
# so, since its id would have to begin with a letter.
DRILL = Feed("(drill)", url="", reliability=Reliability.A, official=True)


class Store(Holding, Protocol):
    """What the jobs need of the store; every `save_*` and `record` is one transaction, all or nothing."""

    def sync_feeds(self, ids: Sequence[str], now: datetime) -> None:
        """The feeds of the configuration are these: new ones are due at once, vanished ones are no longer asked."""

    def review_open(self) -> int:
        """Have every open incident reviewed; how many."""

    def due_feeds(self, now: datetime, limit: int) -> tuple[FeedState, ...]:
        """The states of feeds whose time has come, longest overdue first."""

    def save_poll(self, state: FeedState, articles: Sequence[Article]) -> int:
        """Keep the feed's state and the articles that are new or edited; how many those were."""

    def unread(self, limit: int) -> tuple[Article, ...]:
        """The oldest articles not read yet, or edited since."""

    def recent_reports(self, article: Article) -> tuple[SourcedReport, ...]:
        """Reports of other articles that may be copies of this one: those of the last days."""

    def incidents_with(self, article_id: str) -> tuple[Incident, ...]:
        """The incidents that hold a report of that article, which is being read again."""

    def incidents_near(self, window: Window) -> tuple[Incident, ...]:
        """The incidents in that window of space and time; more is allowed, fewer is not."""

    def denials_near(self, window: Window) -> tuple[SourcedReport, ...]:
        """Reports that deny something in that window; more is allowed, fewer is not."""

    def next_incident_id(self, prefix: str) -> str:
        """The next free id of that prefix: "ML-2024-0917" gives "ML-2024-0917-2"."""

    def save_reading(self, article: Article, reports: Sequence[SourcedReport], incidents: Sequence[Incident],
                     now: datetime) -> None:
        """Mark the article read, keep its reports, and the incidents as changed now, so that review sees them."""

    def readings(self, after: int, limit: int) -> tuple[tuple[int, Article, tuple[SourcedReport, ...]], ...]:
        """Articles read, with their reports, in the order they were read; the number is the cursor to go on from."""

    def due_for_review(self, now: datetime, limit: int) -> tuple[Incident, ...]:
        """Incidents changed since their last review or whose time to look again has come, most severe first."""

    def said_about(self, incident_id: str) -> tuple[tuple[Advisory, ...], tuple[Delivery, ...]]:
        """Every advisory and delivery of that incident so far, oldest first."""

    def said_of_merged(self, incident: Incident) -> tuple[tuple[Advisory, ...], tuple[Delivery, ...]]:
        """Every advisory and delivery of the incidents that turned out to be that one."""

    def save_review(self, incident: Incident, exposures: Sequence[Exposure], decisions: Sequence[Decision],
                    advisories: Sequence[Advisory], deliveries: Sequence[Delivery], now: datetime,
                    review_at: datetime | None, superseded: Sequence[str] = (), *,
                    withheld: Sequence[tuple[str, str]] = (), admissions: Sequence[Admission] = ()) -> None:
        """The outbox: decision, advisories and deliveries in one transaction, with when to look again.

        `superseded` are deliveries that the new word overtakes: cancelled where still pending and never attempted; so
        are `withheld` ones, each with why. `admissions` say who is told for the first time, or waits for it.
        """

    def baseline(self) -> Baseline | None:
        """What the first readings of feeds brought that no summary told yet; null while they are being read."""

    def save_summary(self, name: str, baseline: Baseline, deliveries: Sequence[Delivery], now: datetime) -> int:
        """Keep a summary with its deliveries, once; how many of those were new."""

    def summary(self, name: str) -> Baseline | None:
        """The summary of that name."""

    def alarm(self, name: str) -> Alarm | None:
        """The alarm of that name."""

    def incident(self, incident_id: str) -> Incident | None:
        """The incident of that id."""

    def exposures(self, incident_id: str) -> tuple[Exposure, ...]:
        """Whom the incident touched when it was last reviewed."""

    def bundle(self, now: datetime, *, channel: str | None = None) -> int:
        """Make one delivery of those due to one person by one channel at once; how many were taken into another."""

    def lease(self, now: datetime, limit: int, lease_s: float, *, channel: str | None = None) -> tuple[Delivery, ...]:
        """Take due pending deliveries that nobody holds, most severe first, for `lease_s` seconds.

        Of one channel, or of all.
        """

    def deliveries(self, incident_id: str | None = None, state: DeliveryState | None = None) -> tuple[Delivery, ...]:
        """Deliveries oldest first: of one incident, in one state, or all."""

    def advisories(self, ids: Iterable[str]) -> tuple[Advisory, ...]:
        """Those advisories, in the order asked for."""

    def rendered(self, delivery_id: str) -> Rendered | None:
        """The bytes of the first attempt, if there was one."""

    def fall_back(self, now: datetime, ways: Mapping[str, str], since: datetime) -> int:
        """Give what is Severe, and was refused or put off since then, to the channel `ways` names; how many."""

    def keep_rendered(self, delivery_id: str, rendered: Rendered) -> None:
        """Keep the bytes of the first attempt."""

    def journal_head(self) -> tuple[int, str]:
        """Number and seal of the journal's last row; 0 and nothing where there is none."""

    def purge(self, retention: Retention, now: datetime) -> object:
        """Forget what is older than its class is kept; truthy where anything was."""

    def record(self, delivery: Delivery, outcome: Outcome, now: datetime, retry_at: datetime | None) -> None:
        """Keep how an attempt ended and give the lease back; a final state is never left again."""


# Incidents of a summary by id, each with whom it touches
Touching = Mapping[str, tuple[Incident, tuple[Exposure, ...]]]
# Runs one function over many, in order or side by side: `map` or a pool's
Each = Callable[[Callable[..., int], Iterable[tuple[object, ...]]], Iterable[int]]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The live parts of the program, put together by `wiring`; the four jobs are functions over it."""

    settings: Settings
    store: Store
    hazards: Mapping[str, Hazard]
    tables: Tables
    staff: Index
    analyse: Callable[[Article], Analysis]
    fetch: Callable[[Feed, FeedState], Fetched | NotModified]
    decode: Callable[[Feed, Fetched, datetime], Parsed]
    word: Callable[[tuple[Advisory, ...], Delivery, Channel, datetime], Wording]
    senders: Mapping[str, Sender]
    fresh: timedelta = timedelta(days=3)
    sum_up: Callable[[Baseline, Touching, Delivery, datetime], Wording] | None = None
    sound: Callable[[Alarm, Delivery, datetime], Wording] | None = None
    reviewing: Lock = field(default_factory=Lock, compare=False)


def adopt(pipeline: Pipeline, now: datetime) -> None:
    """Makes the store follow a configuration just read: its feeds, its channels, and whom open incidents touch."""
    pipeline.store.sync_feeds([feed.id for feed in pipeline.settings.feeds if feed.enabled], now)
    pipeline.store.review_open()
    for delivery in pipeline.store.deliveries(state=DeliveryState.PENDING):
        if delivery.channel not in pipeline.senders:
            gone = Outcome(DeliveryState.REFUSED, f"channel {delivery.channel!r} is no longer in the configuration")
            pipeline.store.record(delivery, gone, now, None)


# ------------------------------------------------------------------------------------------------------------ poll


def poll(pipeline: Pipeline, now: datetime, *, each: Each) -> int:
    """Asks every due feed for its news and stores what is new; how many articles that was."""
    feeds = {feed.id: feed for feed in pipeline.settings.feeds}
    new = 0
    while states := pipeline.store.due_feeds(now, BATCH):
        due = [(feeds[state.feed_id], state) for state in states if state.feed_id in feeds]
        new += sum(each(lambda feed, state: poll_feed(pipeline, feed, state, now), due))
        if len(due) < len(states):  # a feed that left the configuration since: not ours to ask
            break
    return new


def poll_feed(pipeline: Pipeline, feed: Feed, state: FeedState, now: datetime) -> int:
    """One feed's poll; a fault costs this feed one failure and is kept where the officer sees it."""
    try:
        fetched = pipeline.fetch(feed, state)
        passing("poll fetched")
        parsed = pipeline.decode(feed, fetched, now) if isinstance(fetched, Fetched) else None
        passing("poll decoded")
    except FeedError as error:
        pipeline.store.save_poll(_failed(feed, state, error, now), ())
        log.warning("feed_failed", feed=feed.id, reason=error.reason, failures=state.failures + 1)
        return 0
    # What a feed holds when it is first read was there before us: it is known, and no news
    first = feed.baseline and state.last_success_at is None
    articles = tuple(replace(each, baseline=first) for each in parsed.articles) if parsed else ()
    if parsed is not None and parsed.trouble is not None:
        # A torso: its items count, but it is asked again as after a failure and not taken for unchanged
        after = _failed(feed, state, FeedError(feed.id, parsed.trouble), now)
    else:
        after = _succeeded(feed, state, fetched, parsed, now)
    new = pipeline.store.save_poll(after, articles)
    passing("poll kept")
    _tell_poll(feed, fetched, parsed, new)
    return new


def _tell_poll(feed: Feed, fetched: Fetched | NotModified, parsed: Parsed | None, new: int) -> None:
    """What the operator may want to know of a poll that brought something."""
    if parsed is None or not isinstance(fetched, Fetched):
        return
    for fault in parsed.faults:
        log.warning("item_lost", feed=feed.id, reason=fault)
    for note in parsed.notes:
        log.debug("feed_odd", feed=feed.id, note=note)
    if parsed.trouble is not None:
        log.warning("feed_cut", feed=feed.id, reason=parsed.trouble)
    if fetched.moved_to is not None:
        # Followed this time; the address in feeds.yaml is the operator's to change
        log.warning("feed_moved", feed=feed.id, to=fetched.moved_to)
    if new:
        log.info("feed_read", feed=feed.id, items=len(parsed.articles), new=new)


def _failed(feed: Feed, state: FeedState, error: FeedError, now: datetime) -> FeedState:
    failures = state.failures + 1
    return replace(state, last_attempt_at=now, failures=failures, last_error=error.reason, next_at=next_poll_at(
        feed, state=state, now=now, failures=failures, retry_after_s=error.retry_after_s, jitter=random.random()))


def _succeeded(feed: Feed, state: FeedState, fetched: Fetched | NotModified, parsed: Parsed | None,
               now: datetime) -> FeedState:
    after = replace(state, last_attempt_at=now, last_success_at=now, failures=0, last_error=None, next_at=next_poll_at(
        feed, state=state, now=now, failures=0, retry_after_s=None, jitter=random.random()))
    if not isinstance(fetched, Fetched) or parsed is None:
        return after
    newest = max((at for at in (parsed.newest, state.newest_item_at) if at is not None), default=None)
    return replace(after, etag=fetched.etag, last_modified=fetched.last_modified, body_hash=fetched.body_hash,
                   newest_item_at=newest)


# ------------------------------------------------------------------------------------------------------------ read


def read(pipeline: Pipeline, now: datetime) -> int:
    """Turns unread articles into reports, and reports into new or grown incidents; how many articles were read."""
    feeds = {feed.id: feed for feed in (*pipeline.settings.feeds, DRILL)}
    articles = pipeline.store.unread(BATCH)
    for article in articles:
        read_article(pipeline, article, feeds.get(article.feed_id), now)
    return len(articles)


def read_article(pipeline: Pipeline, article: Article, feed: Feed | None, now: datetime) -> None:
    """Understands one article; old, undated and exercised ones are kept as read but open and change nothing."""
    analysis = pipeline.analyse(article)
    passing("read analysed")
    recent = [each for each in pipeline.store.recent_reports(article) if each.exercise is article.exercise]
    reports = sourced(article, analysis, feed, recent=recent, now=now, tables=pipeline.tables)
    held = why_held(article, now, pipeline.fresh)
    if article.baseline:
        reports = tuple(replace(each, baseline=True) for each in reports)
    incidents = () if held else _joined(pipeline, article, reports, now)
    if article.baseline:  # it changes nothing that is told by news
        incidents = tuple(each for each in incidents if each.is_baseline)
    passing("read joined")
    pipeline.store.save_reading(article, reports, incidents, now)
    passing("read kept")
    log.info("article_read", article=article.id, feed=article.feed_id, held=held,
             reports=[f"{each.report.hazard} {each.report.phase}" for each in reports],
             incidents=[incident.id for incident in incidents])


def why_held(article: Article, now: datetime, fresh: timedelta) -> str | None:
    """Why an article may not alert as news; null when it may.

    "exercise": somebody else's, which a source marked so (CAP status Exercise, Test); our own drills do alert.
    "undated", "stale", "future": FEATURES row 9.
    """
    if article.exercise and article.feed_id != DRILL.id:
        return "exercise"
    if article.published is None:
        return "undated"
    if article.published < now - fresh:
        return "stale"
    return "future" if article.published > now + timedelta(days=1) else None


def _joined(pipeline: Pipeline, article: Article, reports: Sequence[SourcedReport],
            now: datetime) -> tuple[Incident, ...]:
    near = {incident.id: incident for incident in pipeline.store.incidents_with(article.id)}
    denials: dict[str, SourcedReport] = {}
    for window in dict.fromkeys(window_of(report, pipeline.hazards) for report in reports):
        near.update((incident.id, incident) for incident in pipeline.store.incidents_near(window))
        denials.update((each.id, each) for each in pipeline.store.denials_near(window)
                       if each.exercise is article.exercise and is_news(each, pipeline.fresh))
    return join(tuple(reports), tuple(near.values()), hazards=pipeline.hazards, denials=tuple(denials.values()),
                next_id=pipeline.store.next_incident_id, now=now, article_id=article.id, tables=pipeline.tables)


def is_news(sourced: SourcedReport, fresh: timedelta) -> bool:
    """Whether it was when it came, as `why_held` has it."""
    return sourced.published is not None and (
        sourced.seen_at - fresh <= sourced.published <= sourced.seen_at + timedelta(days=1))


# ---------------------------------------------------------------------------------------------------------- review


def review(pipeline: Pipeline, now: datetime) -> int:
    """Looks at every incident that changed, ends or meets somebody new, and decides; how many deliveries came of it.

    What waits behind a ceiling goes first, so that nothing newer takes its place.
    """
    with pipeline.reviewing:
        released = let_out(pipeline.store, pipeline.settings, now)
        due = pipeline.store.due_for_review(now, BATCH)
        told = sum(review_incident(pipeline, incident, now) for incident in due)
        return released + told + sum_up(pipeline, now)


def sum_up(pipeline: Pipeline, now: datetime) -> int:
    """Tells the desks, once, what feeds held when they were first read; how many deliveries came of it."""
    found = pipeline.store.baseline()
    if found is None:
        return 0
    log.info("feeds_first_read", feeds=[feed for feed, _ in found.feeds], incidents=list(found.incidents))
    deliveries = tuple(summaries(found, pipeline.settings, now))
    return pipeline.store.save_summary(summary_name(found), found, deliveries, now)


def review_incident(pipeline: Pipeline, incident: Incident, now: datetime) -> int:
    """Works out whom one incident touches now and decides against what was already said."""
    settings = pipeline.settings
    incident = aged(incident, now=now, hazards=pipeline.hazards)
    believed = told_by(incident, is_good, hazards=pipeline.hazards, now=now)
    exposures = _touched(pipeline, incident, now)
    reached = exposures if believed is incident else _touched(pipeline, believed, now)
    near = near_of(incident, rules=settings.rules, staff=pipeline.staff, hazards=pipeline.hazards, now=now)
    passing("review begun")
    said, sent = pipeline.store.said_about(incident.id)
    verdict = decide(incident, exposures, said=said, sent=sent, near=near, settings=settings, hazards=pipeline.hazards,
                     now=now, around=around(pipeline.store, settings, incident, exposures, now),
                     merged=pipeline.store.said_of_merged(incident), vouched=(believed, reached))
    passing("review decided")
    again = (*(next_change_at(each, pipeline.hazards) for each in (incident, believed)), verdict.review_at)
    pipeline.store.save_review(incident, exposures, verdict.decisions, verdict.advisories, verdict.deliveries, now,
                               min((at for at in again if at is not None), default=None), verdict.superseded,
                               withheld=verdict.withheld, admissions=verdict.admissions)
    passing("review kept")
    if verdict.deliveries:
        log.info("advised", incident=incident.id, status=incident.status, exposures=len(exposures),
                 deliveries=len(verdict.deliveries), reasons=sorted({each.reason for each in verdict.advisories}))
    return len(verdict.deliveries)


def _touched(pipeline: Pipeline, incident: Incident, now: datetime) -> tuple[Exposure, ...]:
    return exposures_of(incident, rules=pipeline.settings.rules, staff=pipeline.staff, hazards=pipeline.hazards,
                        now=now)


# ------------------------------------------------------------------------------------------------------------ keep


def keep(pipeline: Pipeline, now: datetime) -> int:
    """Once a day: forgets what is older than it is to be kept, and notes the journal's head in the log.

    Whoever changes the store afterwards can't change what the log says. Always 0: nothing follows from it.
    """
    gone = pipeline.store.purge(pipeline.settings.retention, now)
    if gone:
        log.info("forgotten", gone=str(gone))
    number, seal = pipeline.store.journal_head()
    if number:
        log.info("journal_head", head=f"{number}:{seal}")
    return 0


@dataclass(frozen=True, slots=True)
class Reader:
    """Who a delivery is for, resolved from the configuration at delivery and not before."""

    name: str
    email: str | None


# --------------------------------------------------------------------------------------------------------- deliver


def deliver(pipeline: Pipeline, now: datetime, *, each: Each, channel: str | None = None) -> int:
    """Attempts the due deliveries of one channel, or of all, most severe first; how many attempts that were.

    It leases few at a time, so that what is leased is tried before the lease is over and Severe overtakes Minor.
    """
    done = 0
    # What one look at the incidents decides for somebody is one message: so let a look that is under way end
    if pipeline.reviewing.acquire(timeout=GATHER_S):
        pipeline.reviewing.release()
    pipeline.store.bundle(now, channel=channel)
    passing("deliver bundled")
    while leased := pipeline.store.lease(now, AT_ONCE, LEASE_S, channel=channel):
        done += sum(each(lambda delivery: attempt(pipeline, delivery, now), [(delivery,) for delivery in leased]))
    return done


def fall_back(pipeline: Pipeline, now: datetime) -> int:
    """Gives a Severe message that nobody accepted to the channel that stands in for its own; how many."""
    ways = {each.id: each.fallback for each in pipeline.settings.channels if each.fallback is not None}
    if not ways:
        return 0
    made = pipeline.store.fall_back(now, ways, now - FALL_BACK_AFTER)
    if made:
        log.warning("fell_back", deliveries=made)
    return made


def attempt(pipeline: Pipeline, delivery: Delivery, now: datetime) -> int:
    """One attempt of one delivery, recorded; always 1, for counting."""
    passing("deliver leased")
    outcome = _outcome(pipeline, delivery, now)
    again = None
    if outcome.state is DeliveryState.PENDING:
        channel = next((each for each in pipeline.settings.channels if each.id == delivery.channel), None)
        again = retry_at(channel.kind if channel else "", delivery=delivery, outcome=outcome, now=now,
                         jitter=random.random())
        if again is None:
            outcome = replace(outcome, state=DeliveryState.EXPIRED)
    passing("deliver tried")
    pipeline.store.record(delivery, outcome, now, again)
    passing("deliver recorded")
    log.info("attempted", delivery=delivery.id, channel=delivery.channel, attempt=delivery.attempts + 1,
             state=outcome.state, detail=_ADDRESS.sub("(address)", outcome.detail))
    return 1


def _outcome(pipeline: Pipeline, delivery: Delivery, now: datetime) -> Outcome:
    if delivery.expires_at is not None and delivery.expires_at <= now:
        return Outcome(DeliveryState.EXPIRED, "nobody accepted it while it was of use")
    sender = pipeline.senders.get(delivery.channel)
    reader = _reader(pipeline.settings, delivery.recipient)
    if sender is None or reader is None:
        missing = f"channel {delivery.channel!r}" if sender is None else f"recipient {delivery.recipient!r}"
        return Outcome(DeliveryState.REFUSED, f"{missing} is no longer in the configuration")
    try:
        rendered = _rendered(pipeline, delivery, sender, reader, now)
    except AdvisordError as error:
        return Outcome(DeliveryState.PENDING, f"could not be written: {error}")
    return sender.send(rendered, delivery=delivery, address=reader.email, now=now)


def _rendered(pipeline: Pipeline, delivery: Delivery, sender: Sender, reader: Reader, now: datetime) -> Rendered:
    """The bytes that every attempt of this delivery sends, made at the first one and kept."""
    kept = pipeline.store.rendered(delivery.id)
    if kept is not None:
        return kept
    channel = next(each for each in pipeline.settings.channels if each.id == delivery.channel)
    wording = _wording(pipeline, delivery, channel, now)
    passing("deliver worded")
    rendered = sender.compose(wording, delivery=delivery, address=reader.email, recipient_name=reader.name, now=now,
                              organisation=pipeline.settings.organisation)
    passing("deliver composed")
    pipeline.store.keep_rendered(delivery.id, rendered)
    passing("deliver bytes kept")
    return rendered


def _wording(pipeline: Pipeline, delivery: Delivery, channel: Channel, now: datetime) -> Wording:
    """What a delivery says: its advisories, or where it has none the alarm or summary that its thread names."""
    if delivery.advisory_ids:
        advisories = with_count(pipeline.store.advisories(delivery.advisory_ids), pipeline.store)
        return pipeline.word(advisories, delivery, channel, now)
    alarm = pipeline.store.alarm(delivery.thread)
    if alarm is not None and pipeline.sound is not None:
        return pipeline.sound(alarm, delivery, now)
    found = pipeline.store.summary(delivery.thread)
    if found is None or pipeline.sum_up is None:
        raise StoreError(f"summary '{delivery.thread}' is not there")
    incidents = ((name, pipeline.store.incident(name)) for name in found.incidents)
    touching = {name: (each, pipeline.store.exposures(name)) for name, each in incidents if each is not None}
    return pipeline.sum_up(found, touching, delivery, now)


def _reader(settings: Settings, recipient: str) -> Reader | None:
    """The person, desk or hook that "person:<id>", "desk:<id>" or "hook:<id>" names; null when it has gone."""
    kind, _, name = recipient.partition(":")
    if kind == "person":
        return next((Reader(person.name, person.contact.email) for person in settings.staff.people
                     if person.id == name), None)
    if kind == "desk":
        return next((Reader(desk.id, desk.contact.email) for desk in settings.staff.desks if desk.id == name), None)
    return Reader(name, None)
