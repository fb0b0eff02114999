"""Feeds and their articles in the store: what is due, what is new, what is not read yet."""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table, false, or_, select, true, union
from sqlalchemy.dialects import postgresql, sqlite

from advisord.model import Article, FeedState, Phase, SourcedReport, Window
from advisord.store.copies import marks_of
from advisord.store.nouns import Nouns, from_json, readable, to_json
from advisord.store.tables import (
    EPOCH,
    article_marks,
    article_versions,
    articles,
    counters,
    denials,
    feeds,
    instant,
    micros,
    micros_or_none,
    reports,
)

CHUNK = 500  # values in one IN (...)
COPIES_WITHIN = timedelta(days=3)  # a wire story is reprinted within that time
CLOCK_SLACK = timedelta(minutes=1)  # an attempt later than this in the future: the clock was set back since


def chunks(values: Iterable[str]) -> Iterator[list[str]]:
    """The values in lists that one statement can hold."""
    every = list(values)
    for start in range(0, len(every), CHUNK):
        yield every[start:start + CHUNK]


def count_up(connection: Connection, name: str, by: int) -> int:
    """Raise a counter, which begins at 0; its new value."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    value: int = connection.execute(insert(counters).values(name=name, value=by).on_conflict_do_update(
        index_elements=["name"], set_={"value": counters.c.value + by}).returning(counters.c.value)).scalar_one()
    return value


def is_new(connection: Connection, table: Table, **values: object) -> bool:
    """Insert a row, if it is not there; one that is there already stays as it is. Whether it was new."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    # psycopg's count of an INSERT is thrown away unless it is asked for
    counted = connection.execution_options(preserve_rowcount=True)
    return counted.execute(insert(table).on_conflict_do_nothing().values(**values)).rowcount == 1


class Reading:
    """Rows of feeds, articles and reports, within the caller's transaction."""

    def __init__(self, nouns: Nouns) -> None:
        """With the adapters to share."""
        self._nouns = nouns

    # ------------------------------------------------------------------------------------------------- feeds

    def feed_states(self, connection: Connection) -> dict[str, FeedState]:
        """The state of every feed of the configuration."""
        rows = connection.execute(select(feeds.c.id, feeds.c.data).where(feeds.c.active == true()))
        return {row.id: self._state(row.id, row.data) for row in rows}

    def _state(self, feed_id: str, data: str) -> FeedState:
        """What is remembered, or nothing where that is damaged: the feed is asked all the same."""
        found = dict(readable(self._nouns.feed_state, [(feed_id, data)], "feed"))
        return found.get(feed_id, FeedState(feed_id))

    def due_feeds(self, connection: Connection, now: datetime, limit: int) -> tuple[FeedState, ...]:
        """Feeds whose time has come, the longest waiting first; those asked in the future too."""
        due = select(feeds.c.next_at, feeds.c.id, feeds.c.data).where(
            feeds.c.active == true(), feeds.c.next_at <= micros(now)).order_by(feeds.c.next_at, feeds.c.id).limit(limit)
        from_the_future = select(feeds.c.next_at, feeds.c.id, feeds.c.data).where(
            feeds.c.active == true(), feeds.c.last_attempt_at > micros(now + CLOCK_SLACK)).limit(limit)
        both = union(due.subquery().select(), from_the_future.subquery().select()).subquery()
        rows = connection.execute(select(both.c.id, both.c.data).order_by(both.c.next_at, both.c.id).limit(limit))
        return tuple(self._state(row.id, row.data) for row in rows)

    def save_feed_state(self, connection: Connection, state: FeedState) -> None:
        """Keep what is remembered of a feed."""
        values = {"active": True, **self._feed_values(state)}
        if not connection.execute(feeds.update().where(feeds.c.id == state.feed_id).values(**values)).rowcount:
            connection.execute(feeds.insert().values(id=state.feed_id, **values))

    def _feed_values(self, state: FeedState) -> dict[str, object]:
        return {"next_at": micros_or_none(state.next_at) or 0, "last_attempt_at": micros_or_none(state.last_attempt_at),
                "data": to_json(self._nouns.feed_state, state)}

    def sync_feeds(self, connection: Connection, ids: Sequence[str], now: datetime) -> None:
        """The feeds of the configuration are these: new ones are due now, vanished ones sleep with what is known."""
        wanted = set(ids)
        known = {row.id: row.active for row in connection.execute(select(feeds.c.id, feeds.c.active))}
        fresh = [FeedState(feed_id=feed_id, next_at=now) for feed_id in dict.fromkeys(ids) if feed_id not in known]
        if fresh:
            connection.execute(feeds.insert(), [
                {"id": state.feed_id, "active": True, **self._feed_values(state)} for state in fresh])
        for some in chunks(feed_id for feed_id, active in known.items() if active and feed_id not in wanted):
            connection.execute(feeds.update().where(feeds.c.id.in_(some)).values(active=False))
        for some in chunks(feed_id for feed_id, active in known.items() if not active and feed_id in wanted):
            connection.execute(feeds.update().where(feeds.c.id.in_(some)).values(active=True))

    # ---------------------------------------------------------------------------------------------- articles

    def keep_articles(self, connection: Connection, incoming: Sequence[Article],
                      polled_at: datetime | None) -> list[Article]:
        """Keep what is new or edited, as unread; which those were.

        Known by id and fingerprint: ignored. Known by id, with another fingerprint: edited. Another id with a
        fingerprint that its feed had already: the feed changed its guids, ignored. `polled_at` stands for when an
        article was seen where it does not say.
        """
        by_id = self._fingerprints(connection, incoming)
        had = self._had(connection, incoming)
        kept: list[Article] = []
        for article in incoming:
            fingerprint = by_id.get(article.id)
            if fingerprint == article.fingerprint:
                continue
            seen_at = article.seen_at or polled_at or article.published or EPOCH
            content = (article.feed_id, article.fingerprint)
            if fingerprint is not None:
                self._edit(connection, article, seen_at)
            elif article.fingerprint and content in had:
                continue
            elif not is_new(connection, articles, id=article.id, **self._article_values(article, seen_at)):
                continue  # another worker was faster
            by_id[article.id] = article.fingerprint
            had.add(content)
            kept.append(article)
        return kept

    def _fingerprints(self, connection: Connection, incoming: Sequence[Article]) -> dict[str, str]:
        return {row.id: row.fingerprint for some in chunks(article.id for article in incoming)
                for row in connection.execute(select(articles.c.id, articles.c.fingerprint)
                                              .where(articles.c.id.in_(some)))}

    def _had(self, connection: Connection, incoming: Sequence[Article]) -> set[tuple[str, str]]:
        found: set[tuple[str, str]] = set()
        for feed_id in {article.feed_id for article in incoming}:
            for some in chunks({article.fingerprint for article in incoming if article.feed_id == feed_id}):
                rows = connection.execute(select(articles.c.fingerprint).where(
                    articles.c.feed_id == feed_id, articles.c.fingerprint.in_(some)))
                found.update((feed_id, row.fingerprint) for row in rows)
        return found

    def _article_values(self, article: Article, seen_at: datetime) -> dict[str, object]:
        return {"feed_id": article.feed_id, "fingerprint": article.fingerprint,
                "seen_at": micros(seen_at), "unread": True, "data": to_json(self._nouns.article, article)}

    def _edit(self, connection: Connection, article: Article, seen_at: datetime) -> None:
        """The old text is kept, since evidence cuts it."""
        old = connection.execute(select(articles).where(articles.c.id == article.id)).one()
        is_new(connection, article_versions, article_id=article.id, fingerprint=old.fingerprint,
               replaced_at=micros(seen_at), data=old.data)
        connection.execute(articles.update().where(articles.c.id == article.id)
                           .values(**self._article_values(article, seen_at)))

    def seen(self, connection: Connection, ids: Iterable[str]) -> frozenset[str]:
        """Which of these articles are known."""
        return frozenset(row.id for some in chunks(ids)
                         for row in connection.execute(select(articles.c.id).where(articles.c.id.in_(some))))

    def unread(self, connection: Connection, limit: int) -> tuple[Article, ...]:
        """The oldest articles not read yet."""
        rows = connection.execute(select(articles.c.id, articles.c.data).where(articles.c.unread == true())
                                  .order_by(articles.c.seen_at, articles.c.id).limit(limit))
        return self._articles(rows)

    def _articles(self, rows: Iterable[Any]) -> tuple[Article, ...]:
        pairs = ((row.id, row.data) for row in rows)
        return tuple(article for _, article in readable(self._nouns.article, pairs, "article"))

    def article(self, connection: Connection, article_id: str) -> Article | None:
        """The article as it stands now."""
        found = connection.execute(select(articles.c.data).where(articles.c.id == article_id)).scalar_one_or_none()
        return None if found is None else from_json(self._nouns.article, found, f"article '{article_id}'")

    def mark_read(self, connection: Connection, article: Article) -> None:
        """It was read in this wording; one that was edited meanwhile stays unread."""
        connection.execute(articles.update().where(
            articles.c.id == article.id, articles.c.fingerprint == article.fingerprint,
        ).values(unread=false(), read_no=count_up(connection, "readings", 1)))

    def readings(self, connection: Connection, after: int,
                 limit: int) -> tuple[tuple[int, Article, tuple[SourcedReport, ...]], ...]:
        """Articles read after that reading, with their reports, in the order of reading."""
        rows = connection.execute(
            select(articles.c.read_no, articles.c.id, articles.c.data)
            .where(articles.c.read_no > after, articles.c.unread == false())
            .order_by(articles.c.read_no).limit(limit)).all()
        told: dict[str, list[SourcedReport]] = {row.id: [] for row in rows}
        for some in chunks(told):
            kept = connection.execute(select(reports.c.id, reports.c.data).where(reports.c.article_id.in_(some))
                                      .order_by(reports.c.position))
            for report in self._reports(kept):
                told[report.article_id].append(report)
        numbers = {row.id: row.read_no for row in rows}
        pairs = ((row.id, row.data) for row in rows)
        return tuple((numbers[name], article, tuple(told[name]))
                     for name, article in readable(self._nouns.article, pairs, "article"))

    def recent_articles(self, connection: Connection, since: datetime, limit: int) -> tuple[Article, ...]:
        """The newest articles seen since then, newest first."""
        rows = connection.execute(select(articles.c.id, articles.c.data).where(articles.c.seen_at >= micros(since))
                                  .order_by(articles.c.seen_at.desc(), articles.c.id).limit(limit))
        return self._articles(rows)

    # ----------------------------------------------------------------------------------------------- reports

    def keep_reports(self, connection: Connection, article: Article, kept: Sequence[SourcedReport]) -> None:
        """The article's reports are these; those of an earlier wording go."""
        unique = {report.id: report for report in kept}
        connection.execute(reports.delete().where(or_(
            reports.c.article_id == article.id, reports.c.id.in_(list(unique)))))
        if unique:
            connection.execute(reports.insert(), [
                {"id": report.id, "article_id": report.article_id, "position": position,
                 "seen_at": micros(report.seen_at), "data": to_json(self._nouns.report, report)}
                for position, report in enumerate(unique.values())])
        self._mark(connection, article, told=bool(unique))
        self._keep_denials(connection, article, unique.values())

    def _mark(self, connection: Connection, article: Article, *, told: bool) -> None:
        """Have copies of the article found, if it told anything, and forget those of which none will come."""
        seen_at = article.seen_at or article.published or EPOCH
        connection.execute(article_marks.delete().where(or_(
            article_marks.c.article_id == article.id, article_marks.c.seen_at < micros(seen_at - 2 * COPIES_WITHIN))))
        marks = marks_of(article) if told else ()
        if marks:
            connection.execute(article_marks.insert(), [
                {"mark": mark, "article_id": article.id, "seen_at": micros(seen_at)} for mark in marks])

    def _keep_denials(self, connection: Connection, article: Article, kept: Iterable[SourcedReport]) -> None:
        """Which of its reports deny something."""
        connection.execute(denials.delete().where(denials.c.article_id == article.id))
        rows = [{"report_id": each.id, "article_id": article.id, "country": _country(each),
                 "told_at": micros(min(each.published or each.seen_at, each.seen_at))}
                for each in kept if each.report.phase is Phase.DENIED]
        if rows:
            connection.execute(denials.insert(), rows)

    def denials_near(self, connection: Connection, window: Window) -> tuple[SourcedReport, ...]:
        """Reports of that time that deny something in its country or nobody knows where, oldest first."""
        near = select(denials.c.report_id).where(
            denials.c.told_at >= micros(window.since), denials.c.told_at < micros(window.until))
        if window.country is not None:
            near = near.where(or_(denials.c.country.is_(None), denials.c.country == window.country))
        rows = connection.execute(select(reports.c.id, reports.c.data).where(reports.c.id.in_(near))
                                  .order_by(reports.c.seen_at, reports.c.article_id, reports.c.position))
        return self._reports(rows)

    def recent_reports(self, connection: Connection, article: Article) -> tuple[SourcedReport, ...]:
        """Reports of other articles of the days before that look like this one, oldest first."""
        since = (article.seen_at or article.published or EPOCH) - COPIES_WITHIN
        alike = select(article_marks.c.article_id).where(
            article_marks.c.mark.in_(marks_of(article)), article_marks.c.seen_at >= micros(since),
            article_marks.c.article_id != article.id)
        rows = connection.execute(select(reports.c.id, reports.c.data).where(reports.c.article_id.in_(alike))
                                  .order_by(reports.c.seen_at, reports.c.article_id, reports.c.position))
        return self._reports(rows)

    def _reports(self, rows: Iterable[Any]) -> tuple[SourcedReport, ...]:
        pairs = ((row.id, row.data) for row in rows)
        return tuple(report for _, report in readable(self._nouns.report, pairs, "report"))


def _country(sourced: SourcedReport) -> str | None:
    return sourced.report.place.place.country if sourced.report.place else None


def oldest_unread(connection: Connection) -> datetime | None:
    """When the article that waits longest for being read was seen; null when none waits."""
    found = connection.execute(select(articles.c.seen_at).where(articles.c.unread == true())
                               .order_by(articles.c.seen_at).limit(1)).scalar_one_or_none()
    return None if found is None else instant(found)
