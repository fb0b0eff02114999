"""The jobs over real parts, case by case; the whole story is in test_story.py."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from advisord.correlate.tables import Tables
from advisord.ingest.decode import Decoder
from advisord.ingest.fetch import Fetcher
from advisord.match.exposures import Index
from advisord.model import Analysis, Article, Feed, Settings, Staff
from advisord.pipeline import Pipeline, adopt, poll, read, why_held
from advisord.store.store import Store

NOW = datetime(2026, 3, 10, 6, tzinfo=UTC)
ITEM = "<item><title>{0}</title><guid>{0}</guid><pubDate>Tue, 10 Mar 2026 05:00:00 GMT</pubDate></item>"
WHOLE = "<rss version='2.0'><channel><title>t</title>" + ITEM.format("one") + ITEM.format("two") + "</channel></rss>"


class Newsroom:
    """A feed over real HTTP whose answer the test sets."""

    def __init__(self) -> None:
        """Listen on loopback."""
        self.answer: tuple[int, str] = (200, WHOLE)
        self.asked = 0
        newsroom = self

        class Handler(BaseHTTPRequestHandler):
            """Answers every GET with what was set."""

            def do_GET(self) -> None:
                newsroom.asked += 1
                status, body = newsroom.answer
                self.send_response(status)
                self.send_header("Content-Type", "application/rss+xml")
                self.send_header("Content-Length", str(len(body.encode())))
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_: object) -> None:
                """Silence."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.server.server_port}/feed.xml"


@pytest.fixture
def newsroom() -> Iterator[Newsroom]:
    """A newsroom for one test."""
    made = Newsroom()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def pipeline(newsroom: Newsroom, tmp_path: Path) -> Iterator[Pipeline]:
    """A pipeline with one feed and nobody to tell."""
    feed = Feed("paper", newsroom.url, every=timedelta(minutes=5), allow_private=True)
    with Store.open(f"sqlite:///{tmp_path / 'p.db'}") as store, Decoder() as decoder:
        made = Pipeline(
            settings=Settings("", feeds=(feed,)), store=store, hazards={}, tables=Tables(), staff=Index.of(Staff()),
            analyse=lambda article: Analysis(article.language or "en"), fetch=Fetcher("test").fetch,
            decode=lambda feed, fetched, now: decoder.articles_of(feed, fetched, now=now), word=None,  # type: ignore[arg-type]
            senders={})
        adopt(made, NOW)
        yield made


def in_order(function: Callable[..., int], rows: Iterable[tuple[object, ...]]) -> list[int]:
    """One after the other."""
    return [function(*row) for row in rows]


def test_what_is_new_is_stored_once(pipeline: Pipeline, newsroom: Newsroom) -> None:
    """Two items come in once, however often the feed is asked."""
    assert poll(pipeline, NOW, each=in_order) == 2
    assert poll(pipeline, NOW, each=in_order) == 0
    assert newsroom.asked == 1  # not due again yet
    assert poll(pipeline, NOW + timedelta(minutes=6), each=in_order) == 0
    assert newsroom.asked == 2
    assert read(pipeline, NOW) == 2
    assert read(pipeline, NOW) == 0


@pytest.mark.parametrize(("answer", "words"), [
    pytest.param((503, ""), "503", id="down"),
    pytest.param((200, "<!DOCTYPE html><html><body>Sign in</body></html>"), "web page", id="a web page"),
    pytest.param((200, ""), "nothing", id="empty"),
])
def test_a_broken_feed_costs_one_failure_and_waits_longer(pipeline: Pipeline, newsroom: Newsroom,
                                                          answer: tuple[int, str], words: str) -> None:
    """A fault is kept in plain words, the next try is later, and a good answer forgets it."""
    newsroom.answer = answer
    poll(pipeline, NOW, each=in_order)
    state = pipeline.store.due_feeds(NOW + timedelta(days=1), 1)[0]
    assert state.failures == 1
    assert words in (state.last_error or "")
    assert state.next_at is not None
    assert state.next_at > NOW + timedelta(minutes=5)
    newsroom.answer = (200, WHOLE)
    poll(pipeline, state.next_at, each=in_order)
    assert pipeline.store.due_feeds(NOW + timedelta(days=1), 1)[0].failures == 0


def test_a_feed_cut_off_keeps_its_items_and_is_asked_again(pipeline: Pipeline, newsroom: Newsroom) -> None:
    """The items before the cut count, and the same bytes are not taken for unchanged."""
    newsroom.answer = (200, WHOLE[:WHOLE.index("two") + 1])
    assert poll(pipeline, NOW, each=in_order) == 1
    state = pipeline.store.due_feeds(NOW + timedelta(days=1), 1)[0]
    assert state.failures == 1
    assert state.body_hash is None
    newsroom.answer = (200, WHOLE)
    assert poll(pipeline, NOW + timedelta(hours=3), each=in_order) == 1


@pytest.mark.parametrize(("published", "why"), [
    pytest.param(None, "undated", id="undated"),
    pytest.param(NOW - timedelta(days=30), "stale", id="a month old"),
    pytest.param(NOW + timedelta(days=365), "future", id="dated next year"),
    pytest.param(NOW - timedelta(hours=2), None, id="news"),
])
def test_old_undated_and_future_items_are_no_news(published: datetime | None, why: str | None) -> None:
    """Only items of the last days may alert."""
    assert why_held(Article("a", "text", published=published), NOW, timedelta(days=3)) == why


def test_first_poll_is_a_baseline(pipeline: Pipeline, newsroom: Newsroom) -> None:
    """What a feed holds when it is first read is known; what it brings afterwards is news. A failure is no reading."""
    newsroom.answer = (503, "")
    poll(pipeline, NOW, each=in_order)
    newsroom.answer = (200, WHOLE)
    poll(pipeline, NOW + timedelta(hours=1), each=in_order)
    newsroom.answer = (200, WHOLE.replace("</channel>", ITEM.format("three") + "</channel>"))
    poll(pipeline, NOW + timedelta(hours=2), each=in_order)
    found = {each.title: each.baseline for each in pipeline.store.unread(9)}
    assert found == {"one": True, "two": True, "three": False}


def test_a_feed_without_a_baseline(pipeline: Pipeline, newsroom: Newsroom) -> None:
    """Where the operator says so, the first items are news."""
    feed = replace(pipeline.settings.feeds[0], baseline=False)
    poll(replace(pipeline, settings=replace(pipeline.settings, feeds=(feed,))), NOW, each=in_order)
    assert newsroom.asked == 1
    assert [each.baseline for each in pipeline.store.unread(9)] == [False, False]
