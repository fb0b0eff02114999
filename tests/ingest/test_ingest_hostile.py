"""Hostile feeds and servers by the names of docs/feeds.md: what is refused, and that nobody inside was called."""
from __future__ import annotations

import contextlib
import resource
import socket
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from advisord.errors import FeedError
from advisord.ingest.articles import articles_of
from advisord.ingest.fetch import Fetcher
from advisord.ingest.fetched import Fetched
from advisord.model import Feed, FeedState

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
RSS = b'<rss version="2.0"><channel><title>News</title><item><title>Bridge closed</title></item></channel></rss>'
ITEM = b"<item><title>Bridge closed</title><guid>1</guid>" + b" " * 85 + b"</item>"
INSIDE = ("127.0.0.2", "169.254.169.254", "[::ffff:127.0.0.1]", "0x7f000001")


def refused(fetcher: Fetcher, feed: Feed) -> str:
    """Why that feed was not read."""
    with pytest.raises(FeedError) as caught:
        fetcher.fetch(feed, FeedState(feed.id))
    return caught.value.reason


def resolved(fetcher: Fetcher, *addresses: str) -> Fetcher:
    """The fetcher where every name is at those addresses."""
    return replace(fetcher, resolver=lambda _host, _port: addresses)


def redirected(target: str, serve: Any, answer: Any) -> Any:
    """A server that sends everybody there."""
    return serve(answer(b"", f"Location: {target}", status="302 Found"))


@pytest.mark.parametrize("address", INSIDE, ids=[f"redirect-private-{address}" for address in INSIDE])
def test_a_redirect_into_the_private_network(address: str, fetcher: Fetcher, canary: Any, serve: Any,
                                             answer: Any) -> None:
    """redirect-private: a feed that sends us inside is refused, and nothing inside was called."""
    before = canary.visits
    server = redirected(f"http://{address}:{canary.port}/x", serve, answer)
    refused(fetcher, Feed("x", f"{server.url}/feed", allow_private=True))
    assert (server.visits, canary.visits) == (1, before)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "gopher://127.0.0.1:70/x"],
                         ids=["redirect-private-file", "redirect-private-gopher"])
def test_a_redirect_to_another_scheme(url: str, fetcher: Fetcher, serve: Any, answer: Any) -> None:
    """redirect-private: neither files nor other protocols."""
    server = redirected(url, serve, answer)
    assert "are not fetched" in refused(fetcher, Feed("x", server.url, allow_private=True))


@pytest.mark.parametrize("addresses", [("8.8.8.8", "10.0.0.1"), ("10.0.0.1", "8.8.8.8"), ("8.8.8.8", "::1")],
                         ids=["mixed-answers", "mixed-answers-turned", "mixed-answers-families"])
def test_a_name_that_is_public_and_private(addresses: tuple[str, ...], fetcher: Fetcher, canary: Any) -> None:
    """mixed-answers: one private address beside a public one is enough to refuse the name."""
    before = canary.visits
    reason = refused(resolved(fetcher, *addresses), Feed("x", f"http://feeds.example.org:{canary.port}/f"))
    assert ("feeds.example.org' is at" in reason, canary.visits) == (True, before)


@pytest.mark.parametrize("address", ["64:ff9b::a9fe:a9fe", "2002:7f00:1::", "100.100.0.1"],
                         ids=["nat64", "6to4", "cgnat"])
def test_an_address_that_only_looks_public(address: str, fetcher: Fetcher, canary: Any) -> None:
    """nat64, 6to4, cgnat: what leads inside by translation is refused as a number and behind a name."""
    before = canary.visits
    literal = f"[{address}]" if ":" in address else address
    refused(fetcher, Feed("x", f"http://{literal}:{canary.port}/f"))
    refused(resolved(fetcher, address), Feed("x", f"http://feeds.example.org:{canary.port}/f"))
    assert canary.visits == before


@pytest.mark.parametrize("answers", [(("127.0.0.1",), ("127.0.0.1",))], ids=["rebind"])
def test_a_name_that_changes_between_two_looks(answers: tuple[tuple[str, ...], ...], fetcher: Fetcher,
                                               canary: Any) -> None:
    """rebind: a name that was public once and is inside now is judged as it is connected to, each time."""
    before = canary.visits
    coming = iter(answers)
    bending = replace(fetcher, resolver=lambda _host, _port: next(coming))
    for _ in answers:
        refused(bending, Feed("x", f"http://feeds.example.org:{canary.port}/f"))
    assert canary.visits == before


@pytest.mark.parametrize("host", ["example.com@127.0.0.1", "①②⑦.⓪.⓪.①", "127。0。0。1"],
                         ids=["userinfo+idna-at", "userinfo+idna-circled", "userinfo+idna-dots"])
def test_a_host_that_reads_like_another(host: str, fetcher: Fetcher, canary: Any) -> None:
    """userinfo+idna: what stands before an @, and letters that stand for digits, lead nowhere."""
    before = canary.visits
    refused(fetcher, Feed("x", f"http://{host}:{canary.port}/f"))
    assert canary.visits == before


@pytest.mark.parametrize("status", ["301 Moved Permanently", "308 Permanent Redirect"],
                         ids=["permanent-301-steal", "permanent-308-steal"])
def test_a_feed_that_is_led_away_for_ever(status: str, fetcher: Fetcher, serve: Any, answer: Any) -> None:
    """permanent-301-steal: it is read where it went this time, and asked at its own address the next time.

    Whoever holds a newsroom's server for an hour must not keep its feed.
    """
    def behave(connection: socket.socket, head: bytes) -> None:
        away = head.startswith(b"GET /thief ")
        (answer(RSS) if away else answer(b"", "Location: /thief", status=status))(connection, head)

    server = serve(behave)
    feed = Feed("x", f"{server.url}/feed", allow_private=True)
    first = fetcher.fetch(feed, FeedState("x"))
    assert isinstance(first, Fetched)
    assert first.moved_to == f"{server.url}/thief"
    fetcher.fetch(feed, FeedState("x"))
    assert [head.split()[1] for head in server.requests] == [b"/feed", b"/thief", b"/feed", b"/thief"]


@pytest.mark.parametrize("size", [700_000], ids=["items-700k"])
def test_a_feed_of_700000_items(size: int, fetcher: Fetcher, serve: Any) -> None:
    """items-700k: 104 MB are refused at the cap, without being held in memory."""
    def behave(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n<rss><channel>")
        with contextlib.suppress(OSError):
            for _number in range(size // 1000):
                connection.sendall(ITEM * 1000)

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    patient = replace(fetcher, deadline_s=20.0)
    reason = refused(patient, Feed("x", serve(behave).url, allow_private=True))
    assert reason == "the answer is larger than 5 MB"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # kB


@pytest.mark.parametrize("body", [
    b"<html><head><title>Log in</title></head><body><form>Password</form></body></html>",
], ids=["html-not-feed"])
def test_a_page_in_the_place_of_a_feed(body: bytes) -> None:
    """html-not-feed: a log-in page with status 200 is a failure, so that nothing is taken for gone."""
    with pytest.raises(FeedError):
        articles_of(Feed("x", "https://news.example/feed"), Fetched(body, "https://news.example/feed", "h"), now=NOW)


@pytest.mark.parametrize("body", [b'HTTP/1.1 200 OK\r\nETag: "v1"\r\nContent-Length: 900\r\n\r\n' + RSS,
                                  b'HTTP/1.1 200 OK\r\nETag: "v1"\r\n\r\n' + RSS[:60]],
                         ids=["lying-length", "lying-length-cut"])
def test_an_answer_that_is_not_whole(body: bytes, fetcher: Fetcher, serve: Any) -> None:
    """lying-length: what is shorter than announced is a failure; what just ends is marked, its etag not kept."""
    def behave(connection: socket.socket, _: bytes) -> None:
        connection.sendall(body)

    got: list[Any] = []
    broken = ""
    try:
        got.append(fetcher.fetch(Feed("x", serve(behave).url, allow_private=True), FeedState("x")))
    except FeedError as error:
        broken = error.reason
    assert "broke" in broken or [(each.framed, each.etag) for each in got] == [(False, None)]


@pytest.mark.parametrize("user", ["u:p@"], ids=["cross-host-auth"])
def test_a_password_is_for_one_host(user: str, fetcher: Fetcher, serve: Any, answer: Any) -> None:
    """cross-host-auth: a redirect elsewhere never takes the feed's password along."""
    thief = serve(answer(RSS))
    server = serve(answer(b"", f"Location: http://localhost:{thief.port}/x", status="302 Found"))
    with contextlib.suppress(FeedError):
        fetcher.fetch(Feed("x", f"http://{user}127.0.0.1:{server.port}/f", allow_private=True), FeedState("x"))
    assert b"authorization" in server.requests[0].lower()
    assert [b"authorization" in head.lower() for head in thief.requests] in ([], [False])
