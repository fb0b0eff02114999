"""The store as the rest of the program uses it: one method, one transaction."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Self

from sqlalchemy import Connection

from advisord.errors import StoreError
from advisord.model import (
    Admission,
    Advisory,
    Alarm,
    Article,
    Baseline,
    Decision,
    Delivery,
    DeliveryState,
    Exposure,
    FeedState,
    Incident,
    IncidentStatus,
    Outcome,
    Rendered,
    Retention,
    Silence,
    SourcedReport,
    Window,
)
from advisord.points import passing
from advisord.store import admitting, alarms, backup, baselines, journal, past
from advisord.store.answers import Answers
from advisord.store.approvals import Approvals
from advisord.store.bundling import bundle, crowded
from advisord.store.database import Database, file_of, parsed
from advisord.store.forgetting import Forgetting, Forgotten
from advisord.store.happening import Happening
from advisord.store.journal import Recorded
from advisord.store.lock import DaemonLock
from advisord.store.nouns import Nouns
from advisord.store.opening import opened
from advisord.store.outbox import Attempt, Counts, Outbox
from advisord.store.person import Erased, OnePerson
from advisord.store.proving import Verified, verified
from advisord.store.pulse import Pulse, pulse_of
from advisord.store.reading import Reading, oldest_unread
from advisord.store.sessions import Sessions
from advisord.store.silencing import Silences
from advisord.store.tables import EPOCH
from advisord.store.tallies import Tally, tallies_of
from advisord.store.vital import Vitals, feeds_in, free_beside, unread_in, waiting_in

RESTORED = "restored from a backup: it may have been sent since that was made, and is sent under the same key"
# What an officer's word makes of an incident: the reports that it is kept as, and the incident as it then stands
Word = Callable[[Incident], tuple[Sequence[SourcedReport], Incident]]
FALLBACK = "(fallback)"  # by whom the journal says that another channel was tried
CEILING = "(ceiling)"  # by whom the journal says that something was let out where no officer was


class Store:
    """Everything that is kept; safe to use from many threads. Its methods raise StoreError and nothing else."""

    def __init__(self, database: Database) -> None:
        """On a database that `opened` has prepared."""
        nouns = self._nouns = Nouns()
        self._database = database
        self._reading = Reading(nouns)
        self._happening = Happening(nouns)
        self._outbox = Outbox(nouns)
        self._forgetting = Forgetting(nouns)
        self._silences = Silences(nouns)
        self._daemon = DaemonLock(database)
        self.sessions = Sessions(database)
        self.approvals = Approvals(database)
        self.answers = Answers(database, self._outbox)
        self._seen: dict[str, int] = {}  # revisions of the incidents that are being reviewed
        self._seen_lock = Lock()

    @classmethod
    def open(cls, url: str) -> Store:
        """The store of an SQLAlchemy URL, created or brought forward; StoreError says what the operator can do."""
        return cls(opened(url))

    def close(self) -> None:
        """Let go of everything; what was saved stays."""
        self._daemon.close()
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()

    # --------------------------------------------------------------------------------------------- one daemon

    def take_daemon_lock(self, owner: str, now: datetime, ttl_s: float) -> None:
        """Be the one daemon of this store for `ttl_s` seconds; raises StoreBusyError naming who else is."""
        self._daemon.take(owner, now, ttl_s)
        with self._database.write() as connection:
            self._outbox.settle(connection, now)

    def renew_daemon_lock(self, owner: str, now: datetime, ttl_s: float) -> None:
        """Stay it for another `ttl_s` seconds; raises StoreBusyError where another took over."""
        self._daemon.renew(owner, now, ttl_s)

    def release_daemon_lock(self, owner: str) -> None:
        """Leave the place to the next."""
        self._daemon.release(owner)

    # ------------------------------------------------------------------------------------------- poll and read

    def sync_feeds(self, ids: Sequence[str], now: datetime) -> None:
        """The feeds of the configuration are these: new ones are due at once, vanished ones are no longer asked."""
        with self._database.write() as connection:
            self._reading.sync_feeds(connection, ids, now)

    def feed_states(self) -> dict[str, FeedState]:
        """The state of every feed of the configuration, by id."""
        with self._database.read() as connection:
            return self._reading.feed_states(connection)

    def due_feeds(self, now: datetime, limit: int) -> tuple[FeedState, ...]:
        """The states of feeds whose time has come, longest overdue first."""
        with self._database.read() as connection:
            return self._reading.due_feeds(connection, now, limit)

    def save_feed_state(self, state: FeedState) -> None:
        """Keep what is remembered of a feed."""
        with self._database.write() as connection:
            self._reading.save_feed_state(connection, state)

    def save_poll(self, state: FeedState, articles: Sequence[Article]) -> int:
        """Keep the feed's state and the articles that are new or edited; how many those were."""
        with self._database.write() as connection:
            self._reading.save_feed_state(connection, state)
            kept = self._reading.keep_articles(connection, articles, state.last_attempt_at)
            passing("articles written")
            baselines.begin(connection, kept, state.last_attempt_at or EPOCH)
            journal.append(connection, journal.seen(kept), state.last_attempt_at or EPOCH)
            return len(kept)

    def save_articles(self, articles: Sequence[Article], now: datetime) -> int:
        """Keep articles that no feed brought, such as a drill's, as unread; how many were new."""
        with self._database.write() as connection:
            kept = self._reading.keep_articles(connection, articles, now)
            journal.append(connection, journal.seen(kept), now)
            return len(kept)

    def seen(self, ids: Iterable[str]) -> frozenset[str]:
        """Which of these articles are known."""
        with self._database.read() as connection:
            return self._reading.seen(connection, ids)

    def unread(self, limit: int) -> tuple[Article, ...]:
        """The oldest articles not read yet, or edited since."""
        with self._database.read() as connection:
            return self._reading.unread(connection, limit)

    def oldest_unread(self) -> datetime | None:
        """When the article that waits longest was seen; null when none waits."""
        with self._database.read() as connection:
            return oldest_unread(connection)

    def article(self, article_id: str) -> Article | None:
        """The article as it stands now."""
        with self._database.read() as connection:
            return self._reading.article(connection, article_id)

    def recent_articles(self, since: datetime, limit: int) -> tuple[Article, ...]:
        """The newest articles seen since then, newest first."""
        with self._database.read() as connection:
            return self._reading.recent_articles(connection, since, limit)

    def recent_reports(self, article: Article) -> tuple[SourcedReport, ...]:
        """Reports of other articles of the days before that look like this one, oldest first: it may be a copy."""
        with self._database.read() as connection:
            return self._reading.recent_reports(connection, article)

    def incidents_with(self, article_id: str) -> tuple[Incident, ...]:
        """The incidents that hold a report of that article."""
        with self._database.read() as connection:
            return self._happening.with_article(connection, article_id)

    def incidents_near(self, window: Window) -> tuple[Incident, ...]:
        """The incidents that may lie in that window of space and time; more is allowed, fewer is not."""
        with self._database.read() as connection:
            return self._happening.near(connection, window)

    def denials_near(self, window: Window) -> tuple[SourcedReport, ...]:
        """Reports that deny something in that window; more is allowed, fewer is not."""
        with self._database.read() as connection:
            return self._reading.denials_near(connection, window)

    def next_incident_id(self, prefix: str) -> str:
        """The next free id of that prefix: "ML-2024-0917" gives "ML-2024-0917-2"; never given twice."""
        with self._database.write() as connection:
            return self._happening.next_id(connection, prefix)

    def save_reading(self, article: Article, reports: Sequence[SourcedReport], incidents: Sequence[Incident],
                     now: datetime) -> None:
        """Mark the article read, keep its reports, and the incidents as changed now, so that review sees them."""
        with self._database.write() as connection:
            self._reading.mark_read(connection, article)
            self._reading.keep_reports(connection, article, reports)
            passing("reports written")
            for incident in incidents:
                self._happening.keep_read(connection, incident, now)
            journal.append(connection, journal.understood(article, reports, incidents), now)

    def keep_word(self, incident_id: str, article: Article, word: Word, *, by: str, now: datetime) -> Incident | None:
        """Keep an officer's word that ends an open incident, so that review sees it; null where it is not open.

        `word` makes of the incident as it stands in this very transaction the reports and what it then is; `article`
        is the word itself.
        """
        with self._database.write() as connection:
            stands = self._happening.one(connection, incident_id)
            if stands is None or stands.status is not IncidentStatus.OPEN:
                return None
            reports, after = word(stands)
            self._reading.keep_articles(connection, (article,), now)
            self._reading.mark_read(connection, article)
            self._reading.keep_reports(connection, article, reports)
            self._happening.keep_read(connection, after, now)
            journal.append(connection, [
                *journal.seen((article,)), *journal.understood(article, reports, (after,)),
                journal.Entry("ruled", {"status": after.status, "by": by}, incident_id, article.id)], now)
        return after

    def readings(self, after: int, limit: int) -> tuple[tuple[int, Article, tuple[SourcedReport, ...]], ...]:
        """Articles read, with their reports, in the order they were read; the number is the cursor to go on from."""
        with self._database.read() as connection:
            return self._reading.readings(connection, after, limit)

    # ------------------------------------------------------------------------------------------------- review

    def due_for_review(self, now: datetime, limit: int) -> tuple[Incident, ...]:
        """Incidents changed since their last review or whose time to look again has come, most severe first."""
        with self._database.read() as connection:
            due = self._happening.due(connection, now, limit)
        with self._seen_lock:
            self._seen.update((incident.id, revision) for revision, incident in due)
        return tuple(incident for _, incident in due)

    def review_open(self) -> int:
        """Have every open incident reviewed, because people or rules changed; how many."""
        with self._database.write() as connection:
            return self._happening.mark_open(connection)

    def said_about(self, incident_id: str) -> tuple[tuple[Advisory, ...], tuple[Delivery, ...]]:
        """Every advisory and delivery of that incident so far, oldest first."""
        with self._database.read() as connection:
            return (self._outbox.said(connection, incident_id),
                    self._outbox.deliveries(connection, incident_id=incident_id, state=None))

    def said_of_merged(self, incident: Incident) -> tuple[tuple[Advisory, ...], tuple[Delivery, ...]]:
        """Every advisory and delivery of the incidents that turned out to be that one, each incident's oldest first."""
        with self._database.read() as connection:
            ids = self._happening.merged_into(connection, incident)
            return (tuple(each for name in ids for each in self._outbox.said(connection, name)),
                    tuple(each for name in ids
                          for each in self._outbox.deliveries(connection, incident_id=name, state=None)))

    def save_review(self, incident: Incident, exposures: Sequence[Exposure], decisions: Sequence[Decision],
                    advisories: Sequence[Advisory], deliveries: Sequence[Delivery], now: datetime,
                    review_at: datetime | None, superseded: Sequence[str] = (), *,
                    withheld: Sequence[tuple[str, str]] = (), admissions: Sequence[Admission] = ()) -> None:
        """The outbox: decision, advisories and deliveries in one transaction, with when to look again.

        `superseded` are deliveries that the new word overtakes: cancelled where still pending and never attempted; so
        are `withheld` ones, each with why. `admissions` say who is told for the first time, or waits for it. What is
        there already by id stays as it is, so that saving twice says nothing twice.
        """
        with self._seen_lock:
            seen = self._seen.pop(incident.id, None)
        with self._database.write() as connection:
            self._happening.keep_reviewed(connection, incident, now, seen=seen, review_at=review_at)
            passing("incident written")
            self._happening.keep_exposures(connection, incident.id, exposures)
            made = self._happening.keep_decisions(connection, incident.id, decisions)
            self._outbox.keep_advisories(connection, advisories)
            passing("advisories written")
            self._outbox.keep_deliveries(connection, deliveries)
            passing("deliveries written")
            cancelled = self._outbox.cancel(connection, superseded, now)
            for delivery_id, why in withheld:
                cancelled += self._outbox.cancel(connection, (delivery_id,), now, why)
            admitting.keep(connection, admissions)
            journal.append(connection, [
                *journal.decided(connection, incident, made, advisories),
                *journal.attempted(connection, cancelled, DeliveryState.CANCELLED)], now)

    def baseline(self) -> Baseline | None:
        """What the first readings of feeds brought that no summary told yet; null while they are still being read."""
        with self._database.read() as connection:
            return baselines.found(connection, self._happening)

    def save_summary(self, name: str, baseline: Baseline, deliveries: Sequence[Delivery], now: datetime) -> int:
        """Keep a summary with its deliveries, once; how many of those were new."""
        with self._database.write() as connection:
            if not baselines.keep(connection, name, baseline):
                return 0
            made = self._outbox.keep_deliveries(connection, deliveries)
            journal.append(connection, [journal.Entry("baseline", {
                "summary": name, "feeds": dict(baseline.feeds), "incidents": list(baseline.incidents),
                "recipients": sorted({each.recipient for each in deliveries})})], now)
            return made

    def summary(self, name: str) -> Baseline | None:
        """The summary of that name, which is the thread of its deliveries."""
        with self._database.read() as connection:
            return baselines.kept(connection, name)

    def alarms(self) -> tuple[Alarm, ...]:
        """What the desks were told of the service itself and is not over, as it was told last."""
        with self._database.read() as connection:
            return alarms.standing(connection)

    def save_alarm(self, name: str, alarm: Alarm, deliveries: Sequence[Delivery]) -> int:
        """Keep an alarm with its deliveries, once; how many of those were new."""
        with self._database.write() as connection:
            if not alarms.keep(connection, name, alarm):
                return 0
            made = self._outbox.keep_deliveries(connection, deliveries)
            journal.append(connection, [journal.Entry("alarm", {
                "alarm": name, "condition": alarm.condition, "over": alarm.over,
                "recipients": sorted({each.recipient for each in deliveries})})], alarm.at)
            return made

    def alarm(self, name: str) -> Alarm | None:
        """The alarm of that name, which is the thread of its deliveries."""
        with self._database.read() as connection:
            return alarms.said(connection, name)

    # ------------------------------------------------------------------------------------------------ deliver

    def bundle(self, now: datetime, *, channel: str | None = None) -> int:
        """Make one delivery of those that begin conversations with one person, or are in one digest of theirs.

        Of those due by now and never tried, of one channel or of all; how many were taken into another.
        """
        with self._database.read() as connection:
            several = crowded(connection, now, channel)
        if not several:
            return 0
        with self._database.write() as connection:
            taken = bundle(connection, self._outbox, several, now)
            journal.append(connection, journal.attempted(connection, taken, DeliveryState.CANCELLED), now)
        return len(taken)

    def lease(self, now: datetime, limit: int, lease_s: float, *, channel: str | None = None) -> tuple[Delivery, ...]:
        """Take due pending deliveries that nobody holds, most severe first, for `lease_s` seconds.

        Of one channel, so that one that hangs holds up no other, or of all.
        """
        with self._database.write() as connection:
            return self._outbox.lease(connection, now, limit, lease_s=lease_s, channel=channel)

    def advisories(self, ids: Iterable[str]) -> tuple[Advisory, ...]:
        """Those advisories, in the order asked for; StoreError for one that is damaged or not there."""
        with self._database.read() as connection:
            return self._outbox.advisories(connection, ids)

    def rendered(self, delivery_id: str) -> Rendered | None:
        """The bytes of the first attempt, if there was one; StoreError where they are damaged."""
        with self._database.read() as connection:
            return self._outbox.rendered(connection, delivery_id)

    def keep_rendered(self, delivery_id: str, rendered: Rendered) -> None:
        """Keep the bytes of the first attempt; StoreError where there are others already."""
        with self._database.write() as connection:
            self._outbox.keep_rendered(connection, delivery_id, rendered)

    def record(self, delivery: Delivery, outcome: Outcome, now: datetime, retry_at: datetime | None) -> None:
        """Keep how an attempt ended and give the lease back; a final state is never left again."""
        with self._database.write() as connection:
            if self._outbox.record(connection, delivery, outcome, now=now, retry_at=retry_at):
                passing("outcome written")
                journal.append(connection, journal.attempted(connection, (delivery,), outcome.state), now)

    def stop(self, ids: Sequence[str], now: datetime, words: str, *, by: str) -> tuple[Delivery, ...]:
        """Cancel those that were never tried; which those were. `words` say who stopped them and why, `by` who."""
        with self._database.write() as connection:
            stopped = self._outbox.cancel(connection, ids, now, words)
            journal.append(connection, journal.settled(connection, stopped, "stopped", by), now)
        return tuple(stopped)

    def release(self, ids: Sequence[str], now: datetime, words: str, *, by: str) -> tuple[Delivery, ...]:
        """Make those due at once that still wait; which those were. `words` say who released them and why, `by` who."""
        with self._database.write() as connection:
            released = self._outbox.release(connection, ids, now, words)
            freed = admitting.waiting_among(connection, [each.id for each in released])
            admitting.admit(connection, dict.fromkeys(freed, now), admitting.RELEASED)
            journal.append(connection, journal.settled(connection, released, "released", by), now)
        return tuple(released)

    def retry(self, ids: Sequence[str], now: datetime, words: str, *, by: str) -> tuple[Delivery, ...]:
        """Try those now: what waits becomes due, what nobody accepted goes out as a new delivery; which go now.

        `words` say who wanted it, `by` who.
        """
        with self._database.write() as connection:
            tried = [*self._outbox.hasten(connection, ids, now, words), *self._outbox.again(connection, ids, now)]
            journal.append(connection, journal.settled(connection, tried, "retried", by), now)
        return tuple(tried)

    def fall_back(self, now: datetime, ways: Mapping[str, str], since: datetime) -> int:
        """Give what is Severe, and was refused or put off since then, to the channel `ways` names; how many those were.

        `ways` is channel -> the channel that stands in for it.
        """
        with self._database.write() as connection:
            made = self._outbox.fall_back(connection, now, ways, since)
            journal.append(connection, journal.settled(connection, made, "retried", FALLBACK), now)
        return len(made)

    def give_up(self, ids: Sequence[str], now: datetime, words: str, *, by: str) -> tuple[Delivery, ...]:
        """Cancel those that wait, tried before or not; which those were. `words` say who gave them up and why."""
        with self._database.write() as connection:
            ended = self._outbox.give_up(connection, ids, now, words)
            journal.append(connection, journal.settled(connection, ended, "stopped", by), now)
        return tuple(ended)

    # --------------------------------------------------------------------------------------------- forgetting

    def purge(self, retention: Retention, now: datetime, *, thorough: bool = False) -> Forgotten:
        """Forget what is older than its class is kept, some at a time; how much that was.

        What was deleted leaves the disk as well: the log is emptied and, where `thorough`, every page written anew.
        """
        gone = Forgotten()
        for step in self._forgetting.steps(retention, now):
            while some := self._forgotten(step):
                gone += some
        if gone or thorough:
            self._database.scrub(thorough=thorough)
        return gone

    def _forgotten(self, step: Callable[[Connection], Forgotten]) -> Forgotten:
        with self._database.write() as connection:
            return step(connection)

    def purgeable(self, retention: Retention, now: datetime) -> Forgotten:
        """How much a purge would forget."""
        with self._database.read() as connection:
            return self._forgetting.due(connection, retention, now)

    def held_about(self, person_id: str) -> dict[str, object]:
        """Everything that is kept about one person, as plain values that JSON knows."""
        with self._database.read() as connection:
            return OnePerson(self._nouns, person_id).held(connection)

    def open_about(self, person_id: str) -> tuple[str, ...]:
        """The open incidents that touch a person."""
        with self._database.read() as connection:
            return OnePerson(self._nouns, person_id).touched_now(connection)

    def erase(self, person_id: str, now: datetime, words: Sequence[str] = ()) -> Erased:
        """Take a person out everywhere, off the disk too; `words` are names and addresses to look for beside the id."""
        with self._database.write() as connection:
            erased = OnePerson(self._nouns, person_id, words).erase(connection, now)
        self._database.scrub(thorough=True)
        return erased

    # ---------------------------------------------------------------------------------- silences and ceilings

    def add_silence(self, silence: Silence) -> Silence:
        """Keep a silence under an id of the store's, and have every open incident reviewed."""
        with self._database.write() as connection:
            kept = self._silences.add(connection, silence)
            self._happening.mark_open(connection)
            journal.append(connection, (self._silences.entry(kept),), kept.created_at)
        return kept

    def end_silence(self, silence_id: str, now: datetime, *, by: str, why: str) -> Silence:
        """End a silence early, and have every open incident reviewed; StoreError where none of that id holds."""
        with self._database.write() as connection:
            ended = self._silences.end(connection, silence_id, now, by=by, why=why)
            self._happening.mark_open(connection)
            journal.append(connection, (self._silences.entry(ended),), now)
        return ended

    def silences(self, now: datetime | None = None) -> tuple[Silence, ...]:
        """The silences that hold at `now`, or all that were ever given; the oldest first."""
        with self._database.read() as connection:
            return self._silences.all(connection) if now is None else self._silences.holding(connection, now)

    def admitted(self, now: datetime) -> tuple[Admission, ...]:
        """Who was told of an incident for the first time since an hour ago, or is about to be."""
        with self._database.read() as connection:
            return admitting.counted(connection, now)

    def waiting(self) -> tuple[Admission, ...]:
        """Who waits behind a ceiling to be told for the first time, the most severe first, then the longest waiting."""
        with self._database.read() as connection:
            return admitting.waiting(connection)

    def admit(self, dues: Mapping[str, datetime], now: datetime, words: str) -> int:
        """Let advisories out that a ceiling held, each when it is due; how many deliveries go out for it."""
        with self._database.write() as connection:
            freed: list[Delivery] = []
            for advisory_id, ids in admitting.deliveries_of(connection, list(dues)).items():
                freed += self._outbox.release(connection, ids, now, words, due_at=dues[advisory_id])
            admitting.admit(connection, dues, admitting.TOLD)
            journal.append(connection, journal.settled(connection, freed, "released", CEILING), now)
        return len(freed)
    # ------------------------------------------------------------------------------------------------ the past

    def heard_since(self, since: datetime) -> Iterator[Incident]:
        """The incidents last heard of since then, the oldest first, read as they are asked for."""
        with self._database.read() as connection:
            yield from past.heard_since(connection, self._nouns, since)

    def understood_at(self, since: datetime) -> dict[tuple[str, str], tuple[datetime, datetime]]:
        """Incident and article -> when reading the article first and last changed the incident, of those since then."""
        with self._database.read() as connection:
            return past.understood_at(connection, since)

    def spoken_of(self, since: datetime, until: datetime) -> tuple[str, ...]:
        """The incidents of which something was decided to be said from `since` on and before `until`."""
        with self._database.read() as connection:
            return past.spoken_of(connection, since, until)

    def keep_incident(self, incident: Incident, now: datetime) -> None:
        """Keep an incident as changed now, without an article that says so; for a past that is lived again."""
        with self._database.write() as connection:
            self._happening.keep_read(connection, incident, now)

    def next_due_at(self) -> datetime | None:
        """When the next incident is to be looked at again or the next delivery goes; null when nothing waits."""
        with self._database.read() as connection:
            return past.next_due_at(connection)

    # ------------------------------------------------------------------------------------------------ looking

    def incidents(self, status: IncidentStatus | None = None, limit: int = 100) -> tuple[Incident, ...]:
        """Incidents, those last heard of first; of one status or of all."""
        with self._database.read() as connection:
            return self._happening.newest(connection, status, limit)

    def incident(self, incident_id: str) -> Incident | None:
        """The incident of that id."""
        with self._database.read() as connection:
            return self._happening.one(connection, incident_id)

    def exposures(self, incident_id: str) -> tuple[Exposure, ...]:
        """Whom the incident touched when it was last reviewed."""
        with self._database.read() as connection:
            return self._happening.exposures(connection, incident_id)

    def decisions(self, incident_id: str, recipient: str | None = None) -> tuple[Decision, ...]:
        """Why each recipient, or one, was told or not, oldest first."""
        with self._database.read() as connection:
            return self._happening.decisions(connection, incident_id, recipient)

    def deliveries(self, incident_id: str | None = None, state: DeliveryState | None = None) -> tuple[Delivery, ...]:
        """Deliveries oldest first: of one incident, in one state, or all."""
        with self._database.read() as connection:
            return self._outbox.deliveries(connection, incident_id=incident_id, state=state)

    def attempts(self, delivery_id: str) -> tuple[Attempt, ...]:
        """How every attempt of a delivery ended, oldest first."""
        with self._database.read() as connection:
            return self._outbox.attempts(connection, delivery_id)

    def counts(self) -> Counts:
        """How the deliveries stand; `balanced` says that none is missing."""
        with self._database.read() as connection:
            return self._outbox.counts(connection)

    def journal(self, incident_id: str | None = None) -> tuple[Recorded, ...]:
        """The journal's rows in the order written: all, or those of one incident."""
        with self._database.read() as connection:
            return tuple(journal.recorded(connection, incident_id))

    def tallies(self, ids: Sequence[str]) -> dict[str, Tally]:
        """How many people each of those incidents touches, and how many were told."""
        with self._database.read() as connection:
            return tallies_of(connection, ids)

    def pulse(self) -> Pulse:
        """What to compare with later, to see whether anything changed."""
        with self._database.read() as connection:
            return pulse_of(connection)

    def vitals(self, now: datetime) -> Vitals:
        """How the store stands, for monitoring."""
        with self._database.read() as connection:
            return Vitals(self._outbox.counts(connection), waiting_in(connection, now), unread_in(connection),
                          oldest_unread(connection), feeds_in(connection), free_beside(self._database.file))

    def verify_journal(self, anchors: Mapping[int, str] | None = None) -> Verified:
        """Whether the journal, and the outbox that it tells of, are as they were written; reads them all.

        `anchors` are heads noted elsewhere: row number -> seal.
        """
        with self._database.read() as connection:
            found = verified(connection, anchors or {})
            damaged = tuple(f"delivery '{each}' is damaged: its row or its bytes were changed by something else"
                            for each in self._outbox.damaged(connection))
        return replace(found, faults=(*found.faults, *damaged))

    def journal_head(self) -> tuple[int, str]:
        """Number and seal of the row written last, to be noted elsewhere; 0 and nothing where there is none."""
        with self._database.read() as connection:
            return journal.head(connection)

    def back_up(self, now: datetime, to: Path | None = None) -> Path | None:
        """Copy the store as it stands, to `to`, or where it is time for it among the hourly copies; where it lies then.

        Null where none is due, and for a store that is not a file: PostgreSQL has its own ways.
        """
        file = self.file
        if file is None or (to is None and not backup.is_due(file, now)):
            return None
        return backup.take(file, now, to)

    @property
    def file(self) -> Path | None:
        """The file of an SQLite store."""
        return None if self._database.file is None else Path(self._database.file)

    @classmethod
    def restore(cls, url: str, copy: Path, now: datetime) -> tuple[Path | None, int]:
        """Put a backup in the place of the store: where what was there lies now, and how much may be sent again.

        Raises StoreError where the copy is none, or damaged, or of another store, and while the service runs.
        """
        name = file_of(parsed(url))
        if name is None:
            raise StoreError("store: only a store that is a file is restored so; PostgreSQL has its own ways")
        file = Path(name).absolute()
        file.parent.mkdir(parents=True, exist_ok=True)
        with backup.alone(file):
            beside = backup.candidate(file, copy)
            with cls.open(f"sqlite:///{beside}") as store, store._database.write() as connection:  # noqa: SLF001 - its own
                marked = store._outbox.mark_restored(connection, now, RESTORED)  # noqa: SLF001 - its own
                journal.append(connection, [
                    journal.Entry("restored", {"deliveries": [each.id for each in marked]})], now)
            return backup.exchange(file, beside, now), len(marked)

    def damaged(self) -> tuple[str, ...]:
        """Ids of deliveries whose row or bytes something else than this program changed; reads them all."""
        with self._database.read() as connection:
            return self._outbox.damaged(connection)
