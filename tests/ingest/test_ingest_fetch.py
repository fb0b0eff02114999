"""Asking servers that behave and servers that don't, over real HTTP on loopback."""
from __future__ import annotations

import gzip
import itertools
import socket
import time
import tracemalloc
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from advisord.addresses import AddressRefusedError, parsed_url
from advisord.errors import FeedError
from advisord.ingest.fetch import Fetcher, _next_url
from advisord.ingest.fetched import Fetched, NotModified, body_hash
from advisord.model import Feed, FeedState

RSS = b'<rss version="2.0"><channel><title>News</title><item><title>Bridge closed</title></item></channel></rss>'
STATE = FeedState("x")


def _feed(server: Any, path: str = "/feed") -> Feed:
    return Feed("x", f"{server.url}{path}", allow_private=True)


def _reason(fetcher: Fetcher, server: Any, path: str = "/feed") -> str:
    with pytest.raises(FeedError) as caught:
        fetcher.fetch(_feed(server, path), STATE)
    return caught.value.reason


def _got(fetcher: Fetcher, server: Any, state: FeedState = STATE) -> Fetched:
    fetched = fetcher.fetch(_feed(server), state)
    assert isinstance(fetched, Fetched)
    return fetched


# ---------------------------------------------------------------------------------------------- servers that behave


def test_a_feed_is_fetched_with_what_the_next_poll_needs(fetcher: Fetcher, serve: Any, answer: Any) -> None:
    """The body comes with its etag, its date and its hash, to be asked about the next time."""
    server = serve(answer(RSS, 'ETag: "v1"', "Last-Modified: Sun, 22 Nov 2026 10:00:00 GMT", "Content-Type: text/xml"))
    assert _got(fetcher, server) == Fetched(
        RSS, f"{server.url}/feed", body_hash(RSS), "text/xml", '"v1"', "Sun, 22 Nov 2026 10:00:00 GMT")


def test_we_say_truthfully_who_asks(fetcher: Fetcher, serve: Any, answer: Any) -> None:
    """The request names the program and whom to write to, and keeps no connection."""
    server = serve(answer(RSS))
    _got(fetcher, server)
    assert b"User-Agent: advisord/test (+mailto:desk@example.org)\r\n" in server.requests[0]
    assert b"Connection: close\r\n" in server.requests[0]


def test_an_unchanged_feed_costs_a_304(fetcher: Fetcher, serve: Any, answer: Any) -> None:
    """We send etag and date back, and the server's 304 means that nothing is new."""
    server = serve(answer(b"", status="304 Not Modified"))
    state = FeedState("x", etag='"v1"', last_modified="Sun, 22 Nov 2026 10:00:00 GMT", body_hash="h")
    told = fetcher.fetch(_feed(server), state)
    assert told == NotModified('"v1"', "Sun, 22 Nov 2026 10:00:00 GMT", "h")
    assert b'If-None-Match: "v1"\r\nIf-Modified-Since: Sun, 22 Nov 2026 10:00:00 GMT\r\n' in server.requests[0]


def test_the_same_bytes_are_nothing_new(fetcher: Fetcher, serve: Any, answer: Any) -> None:
    """A server that knows no 304 sends the same again; the hash spares us to read it."""
    server = serve(answer(RSS))
    assert isinstance(fetcher.fetch(_feed(server), FeedState("x", body_hash=body_hash(RSS))), NotModified)


@pytest.mark.parametrize(("coding", "packed"), [
    ("gzip", gzip.compress(RSS)),
    ("x-gzip", gzip.compress(RSS)),
    ("GZIP", gzip.compress(RSS)),
    ("identity, gzip", gzip.compress(RSS)),
    ("deflate", zlib.compress(RSS)),
    ("deflate", zlib.compress(RSS)[2:-4]),
    ("gzip", gzip.compress(RSS[:20]) + gzip.compress(RSS[20:])),
    ("gzip", gzip.compress(RSS) + b"\0" * 512),
    ("identity", RSS),
    ("", RSS),
], ids=[
    "gzip", "x-gzip", "capitals", "identity-too", "zlib", "bare-deflate", "two-members", "padding", "identity", "none",
])
def test_one_coding_is_undone(coding: str, packed: bytes, fetcher: Fetcher, serve: Any, answer: Any) -> None:
    """Packed answers are unpacked, in every form that servers send."""
    assert _got(fetcher, serve(answer(packed, f"Content-Encoding: {coding}"))).body == RSS


def test_a_redirect_is_followed_and_not_kept(fetcher: Fetcher, serve: Any, answer: Any) -> None:
    """A feed that moved for ever is read where it went, and the operator is told where that is."""
    def moved(connection: socket.socket, head: bytes) -> None:
        there = head.startswith(b"GET /new ")
        answer(*((RSS,) if there else (b"", "Location: /new")),
               status="200 OK" if there else "301 Moved Permanently")(connection, head)

    server = serve(moved)
    fetched = _got(fetcher, server)
    assert (fetched.body, fetched.url, fetched.moved_to) == (RSS, f"{server.url}/new", f"{server.url}/new")


@pytest.mark.parametrize("status", ["302 Found", "303 See Other", "307 Temporary Redirect"])
def test_a_passing_redirect_moves_nothing(status: str, fetcher: Fetcher, serve: Any, answer: Any) -> None:
    """A redirect for now is followed and forgotten."""
    def moved(connection: socket.socket, head: bytes) -> None:
        there = head.startswith(b"GET /new ")
        (answer(RSS) if there else answer(b"", "Location: /new", status=status))(connection, head)

    assert _got(fetcher, serve(moved)).moved_to is None


@pytest.mark.parametrize("host", ["intranet", "INTRANET", "b\u00fccher.example", "xn--bcher-kva.example", "localhost"])
def test_an_internal_server_may_have_any_name(host: str, fetcher: Fetcher, serve: Any, answer: Any) -> None:
    """allow_private: true works for a name as it does for a number, in any alphabet."""
    port = serve(answer(RSS)).port
    inside = replace(fetcher, resolver=lambda _host, _port: ("127.0.0.1",))
    fetched = inside.fetch(Feed("x", f"http://{host}:{port}/feed", allow_private=True), STATE)
    assert isinstance(fetched, Fetched)


def test_redirects_end(fetcher: Fetcher, serve: Any, answer: Any) -> None:
    """A server that sends us round in circles is left after five redirects."""
    server = serve(answer(b"", "Location: /feed", status="302 Found"))
    assert (_reason(fetcher, server), server.visits) == ("redirects us more than 5 times", 6)


@pytest.mark.parametrize(("location", "sentence"), [
    ("", "redirects us to nowhere"), ("http://[::1", "the address can't be read"),
    ("http://u:p@127.0.0.1/", "redirects us to an address with a user name in it"),
    ("http://exa mple/", "the address holds characters that no address may hold"),
])
def test_a_redirect_to_nonsense_is_a_failure(
    location: str, sentence: str, fetcher: Fetcher, serve: Any, answer: Any,
) -> None:
    """Where a redirect can't be followed, the officer reads why."""
    assert _reason(fetcher, serve(answer(b"", f"Location: {location}", status="302 Found"))) == sentence


def test_a_password_stays_with_its_server(fetcher: Fetcher, serve: Any, answer: Any) -> None:
    """cross-host-auth: the feed's user name and password go to its own server and not where that sends us."""
    other = serve(answer(RSS))
    first = serve(answer(b"", f"Location: http://127.0.0.1:{other.port}/feed", status="302 Found"))
    feed = Feed("x", f"http://reader:s3cret@127.0.0.1:{first.port}/feed", allow_private=True)
    with pytest.raises(FeedError) as caught:
        fetcher.fetch(feed, STATE)
    assert b"\r\nAuthorization: Basic " in first.requests[0]
    assert (other.visits, "s3cret" in str(caught.value)) == (0, False)


def test_a_password_is_not_shown_in_the_address(fetcher: Fetcher, serve: Any, answer: Any) -> None:
    """What is kept of where a body came from has no user name and no password in it."""
    server = serve(answer(RSS))
    fetched = fetcher.fetch(Feed("x", f"http://reader:s3cret@127.0.0.1:{server.port}/f", allow_private=True), STATE)
    assert isinstance(fetched, Fetched)
    assert fetched.url == f"{server.url}/f"


def test_a_password_is_not_sent_on_between_public_hosts(fetcher: Fetcher, serve: Any, answer: Any) -> None:
    """Not even to another name of the same machine, and cookies neither."""
    def moved(connection: socket.socket, head: bytes) -> None:
        first = b"Authorization" in head
        (answer(b"", f"Location: http://localhost:{server.port}/x", "Set-Cookie: a=b", status="302 Found")
         if first else answer(RSS))(connection, head)

    server = serve(moved)
    with pytest.raises(FeedError):
        fetcher.fetch(Feed("x", f"http://u:p@127.0.0.1:{server.port}/f", allow_private=True), STATE)
    assert [b"Cookie:" in head for head in server.requests] == [False]


@pytest.mark.parametrize(("header", "seconds"), [
    ("120", 120.0), ("0", 0.0), ("99999999999999999999", 86_400.0), ("soon", None), ("-5", None), ("", None),
    (format_datetime(datetime(2026, 11, 22, 10, 5, tzinfo=UTC), usegmt=True), 300.0),
    (format_datetime(datetime(2026, 11, 22, 9, 0, tzinfo=UTC), usegmt=True), 0.0),
    (format_datetime(datetime(2027, 11, 22, 9, 0, tzinfo=UTC), usegmt=True), 86_400.0),
], ids=["seconds", "zero", "absurd", "words", "negative", "empty", "date", "past", "far"])
def test_retry_after_is_understood(
    header: str, seconds: float | None, fetcher: Fetcher, serve: Any, answer: Any,
) -> None:
    """What a busy server asks for reaches the schedule, as seconds or as a date by its own clock, within a day."""
    server = serve(answer(b"", f"Retry-After: {header}", "Date: Sun, 22 Nov 2026 10:00:00 GMT", status="503 Busy"))
    with pytest.raises(FeedError) as caught:
        fetcher.fetch(_feed(server), STATE)
    assert caught.value.retry_after_s == seconds


def test_a_retry_date_without_the_servers_clock_is_measured_by_ours(fetcher: Fetcher, serve: Any, answer: Any) -> None:
    """A server that does not tell its time is believed by ours."""
    later = format_datetime(datetime.now(UTC) + timedelta(minutes=10), usegmt=True)
    with pytest.raises(FeedError) as caught:
        fetcher.fetch(_feed(serve(answer(b"", f"Retry-After: {later}", status="429 Too Many"))), STATE)
    assert caught.value.retry_after_s == pytest.approx(600, abs=30)


# ------------------------------------------------------------------------------------------- servers that misbehave


@pytest.mark.parametrize(("status", "sentence"), [
    ("204 No Content", "the server did not give it (HTTP 204)"),
    ("206 Partial Content", "the server did not give it (HTTP 206)"),
    ("400 Bad Request", "the server did not give it (HTTP 400)"),
    ("401 Unauthorized", "the server wants a user name and password (HTTP 401)"),
    ("403 Forbidden", "the server forbids us to read it (HTTP 403)"),
    ("404 Not Found", "the server knows no such page (HTTP 404)"),
    ("410 Gone", "the server says that it is gone for good (HTTP 410)"),
    ("429 Too Many Requests", "the server says that we ask too often (HTTP 429)"),
    ("500 Internal Server Error", "the server did not give it (HTTP 500)"),
    ("503 Service Unavailable", "the server is not available now (HTTP 503)"),
])
def test_a_refusal_is_told_plainly(status: str, sentence: str, fetcher: Fetcher, serve: Any, answer: Any) -> None:
    """The officer reads what the server said, in a sentence."""
    assert _reason(fetcher, serve(answer(b"", status=status))) == sentence


@pytest.mark.parametrize("body", [b"", b"  \r\n\t "], ids=["empty", "blank"])
def test_an_empty_answer_is_a_failure(body: bytes, fetcher: Fetcher, serve: Any, answer: Any) -> None:
    """A body of nothing is not a feed without items."""
    assert _reason(fetcher, serve(answer(body))) == "answered with nothing"


def test_a_server_that_is_down(fetcher: Fetcher, serve: Any, answer: Any) -> None:
    """Nobody listens: one failure, told plainly."""
    server = serve(answer(b""))
    server.listener.close()
    with pytest.raises(FeedError, match=r"feed 'x': can't be reached"):
        fetcher.fetch(Feed("x", "http://127.0.0.1:1/feed", allow_private=True), STATE)


def test_a_name_that_nobody_knows(fetcher: Fetcher) -> None:
    """A name that does not resolve: one failure, told plainly."""
    def unknown(_host: str, _port: int) -> tuple[str, ...]:
        raise socket.gaierror(-2, "Name or service not known")

    with pytest.raises(FeedError, match=r"name not known: nowhere\.example"):
        replace(fetcher, resolver=unknown).fetch(Feed("x", "http://nowhere.example/"), STATE)


def test_a_resolver_that_hangs_ends_at_the_deadline(fetcher: Fetcher, serve: Any, answer: Any) -> None:
    """Name servers that don't answer cost a fetch its deadline and no more."""
    gate = serve(answer(b"")).stopped  # set when the test is over

    def hang(_host: str, _port: int) -> tuple[str, ...]:
        gate.wait(20)
        return ("127.0.0.1",)

    impatient = replace(fetcher, resolver=hang, deadline_s=0.3)
    with pytest.raises(FeedError, match=r"within 0\.3 s"):
        impatient.fetch(Feed("x", "http://slow.example/"), STATE)


def _stays(connection: socket.socket, pause_s: float) -> bool:
    """Wait at the server's own pace, which is the case itself; False when the client has gone."""
    connection.settimeout(pause_s)
    try:
        return connection.recv(1) != b""
    except TimeoutError:
        return True


def _drip(data: bytes, *, pause_s: float = 0.02) -> Any:
    def behave(connection: socket.socket, _: bytes) -> None:
        for byte in itertools.cycle([data[at : at + 1] for at in range(len(data))]):
            connection.sendall(byte)
            if not _stays(connection, pause_s):
                return

    return behave


def _once_then(first: bytes, then: Any) -> Any:
    def behave(connection: socket.socket, head: bytes) -> None:
        connection.sendall(first)
        then(connection, head)

    return behave


def _forever(data: bytes) -> Any:
    def behave(connection: socket.socket, _: bytes) -> None:
        while True:
            connection.sendall(data)

    return behave


def _silence(connection: socket.socket, _: bytes) -> None:
    connection.recv(1)


OK = b"HTTP/1.1 200 OK\r\n"
DRIPS = {
    "silence": _silence,
    "drip-header": _drip(b"HTTP/1.1 200 OK\r\nX-A: b" + b"c" * 3000),
    "drip-status": _drip(b"H" * 50),
    "drip-body": _once_then(OK + b"Content-Length: 100000\r\n\r\n", _drip(b"<")),
    "drip-close-delimited": _once_then(OK + b"\r\n", _drip(b"<")),
    "endless-1xx": _forever(b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    "slow-1xx": _drip(b"HTTP/1.1 100 Continue\r\n\r\n", pause_s=0.005),
    "endless-chunks": _once_then(OK + b"Transfer-Encoding: chunked\r\n\r\n", _drip(b"1\r\n<\r\n", pause_s=0.002)),
}


@pytest.mark.parametrize("behave", DRIPS.values(), ids=DRIPS.keys())
def test_slow_and_endless_servers_end_at_the_deadline(behave: Any, fetcher: Fetcher, serve: Any) -> None:
    """A byte now and then keeps no fetch alive: names, headers and body together have one absolute deadline."""
    impatient = replace(fetcher, deadline_s=0.5)
    began = time.monotonic()
    reason = _reason(impatient, serve(behave))
    assert reason in {
        "did not answer completely within 0.5 s", "does not answer (time-out)", "sends more than a feed may"}
    assert time.monotonic() - began < 3


FLOODS = {
    "endless-body": (_once_then(OK + b"\r\n", _forever(b"<" * 65_536)), "the answer is larger than 5 MB"),
    "announced-20-MB": (_once_then(OK + b"Content-Length: 20000000\r\n\r\n", _forever(b"<" * 65_536)),
                        "the answer is larger than 5 MB"),
    "endless-headers": (_once_then(OK, _forever(b"X-A: " + b"b" * 9_000 + b"\r\n")), "does not speak HTTP"),
    "endless-header": (_once_then(OK + b"X-A: ", _forever(b"b" * 9_000)), "does not speak HTTP"),
    "not-http": (_forever(b"SSH-2.0-OpenSSH_9.2p1\r\n"), "does not speak HTTP"),
}


@pytest.mark.parametrize(("behave", "sentence"), FLOODS.values(), ids=FLOODS.keys())
def test_floods_are_cut(behave: Any, sentence: str, fetcher: Fetcher, serve: Any) -> None:
    """Whatever a server pours out, we take no more than a feed may have."""
    assert sentence in _reason(fetcher, serve(behave))


def test_what_is_no_body_is_counted_too(fetcher: Fetcher, serve: Any) -> None:
    """Interim answers without end are cut by their bytes, when they come faster than the deadline."""
    hints = _forever(b"HTTP/1.1 103 Early Hints\r\nLink: " + b"x" * 20_000 + b"\r\n\r\n")
    reason = _reason(replace(fetcher, max_body=100_000, deadline_s=20.0), serve(hints))
    assert reason == "sends more than a feed may"


def _bomb(size: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(packer.compress(b"\0" * 1_000_000) for _ in range(size // 1_000_000)) + packer.flush()


CODINGS = {
    "gzip-100M": ("gzip", _bomb(100_000_000), "unpacks to more than 5 MB"),
    "gzip-gzip": ("gzip, gzip", gzip.compress(gzip.compress(RSS)), "packed more than once"),
    "gzip-deflate": ("gzip, deflate", RSS, "packed more than once"),
    "brotli": ("br", RSS, "packed as 'br'"),
    "nonsense": ("rot13", RSS, "packed as 'rot13'"),
    "not-gzip": ("gzip", RSS, "can't be unpacked"),
    "cut-gzip": ("gzip", gzip.compress(RSS)[:-12], "broke off"),
    "bad-crc": ("gzip", gzip.compress(RSS)[:-8] + b"\1" * 8, "can't be unpacked"),
    "many-members": ("gzip", gzip.compress(b"") * 100, "more pieces"),
    "packed-too-large": ("gzip", b"\0" * 2_100_000, "can't be unpacked"),
}


@pytest.mark.parametrize(("coding", "body", "sentence"), CODINGS.values(), ids=CODINGS.keys())
def test_hostile_codings_are_refused(
    coding: str, body: bytes, sentence: str, fetcher: Fetcher, serve: Any, answer: Any,
) -> None:
    """Bombs, double codings, unknown ones and broken ones cost one failure and no memory."""
    assert sentence in _reason(fetcher, serve(answer(body, f"Content-Encoding: {coding}")))


def test_a_bomb_costs_no_memory(fetcher: Fetcher, serve: Any, answer: Any) -> None:
    """gzip-1G: what unpacks to a thousand times its size is stopped at five megabytes, before memory grows."""
    server = serve(answer(_bomb(300_000_000), "Content-Encoding: gzip"))
    tracemalloc.start()
    try:
        reason = _reason(fetcher, server)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (reason, peak < 50_000_000) == ("the answer unpacks to more than 5 MB", True)


LIES = {
    "short-body": OK + b'Content-Length: 500\r\nETag: "v9"\r\n\r\n' + RSS,
    "cut-chunks": OK + b"Transfer-Encoding: chunked\r\n\r\n10\r\n<rss>",
    "no-last-chunk": OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\n<rss>\r\n",
    "bad-chunk": OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n<rss>\r\n",
    "two-lengths": OK + b"Content-Length: 5\r\nContent-Length: 9\r\n\r\n<rss/>",
    "negative-length": OK + b"Content-Length: -5\r\n\r\n<rss/>",
    "closed-at-once": b"",
    "half-a-header": b"HTTP/1.1 200 OK\r\nContent-Le",
}


@pytest.mark.parametrize("data", LIES.values(), ids=LIES.keys())
def test_a_lying_length_is_not_a_feed(data: bytes, fetcher: Fetcher, serve: Any) -> None:
    """An answer that is shorter than announced, or cut, is a failure: what is missing might be the news."""
    def behave(connection: socket.socket, _: bytes) -> None:
        connection.sendall(data)

    assert "broke" in _reason(fetcher, serve(behave))


def test_an_answer_without_an_end_of_its_own_is_not_vouched_for(fetcher: Fetcher, serve: Any) -> None:
    """A body that ends when the connection does may have been cut: it is marked, and its etag is not kept."""
    def behave(connection: socket.socket, _: bytes) -> None:
        connection.sendall(OK + b'ETag: "v1"\r\n\r\n' + RSS)

    fetched = _got(fetcher, serve(behave))
    assert (fetched.framed, fetched.etag) == (False, None)


def test_a_reset_connection_is_a_failure(fetcher: Fetcher, serve: Any) -> None:
    """A connection that is reset in the middle gives no half feed."""
    def behave(connection: socket.socket, _: bytes) -> None:
        connection.sendall(OK + b"\r\n" + RSS)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    server = serve(behave)
    try:
        fetched = fetcher.fetch(_feed(server), STATE)
    except FeedError as error:
        assert "broke" in error.reason  # noqa: PT017 - either is right, depending on what arrives first
    else:
        assert isinstance(fetched, Fetched)
        assert not fetched.framed


@pytest.mark.parametrize("etag", ['"' + "e" * 60_000 + '"', '"\x80\xff"', "\t"], ids=["60-kB", "binary", "blank"])
def test_an_absurd_etag_is_dropped(etag: str, fetcher: Fetcher, serve: Any, answer: Any) -> None:
    """An etag bomb: the feed is read, its version mark forgotten."""
    assert _got(fetcher, serve(answer(RSS, f"ETag: {etag}"))).etag is None


def test_cookies_are_dropped(fetcher: Fetcher, serve: Any, answer: Any) -> None:
    """A cookie bomb: thousands of cookies are neither kept nor minded."""
    assert _got(fetcher, serve(answer(RSS, *(f"Set-Cookie: c{number}=1" for number in range(3_000))))).body == RSS


def test_ten_thousand_cookies_are_a_failure(fetcher: Fetcher, serve: Any, answer: Any) -> None:
    """More than 100 kB of headers are no answer."""
    server = serve(answer(RSS, *(f"Set-Cookie: c{number}=1" for number in range(10_000))))
    assert "does not speak HTTP" in _reason(fetcher, server)


def test_https_does_not_go_back_to_http() -> None:
    """A redirect that drops encryption is refused, as the text could then be anybody's."""
    with pytest.raises(AddressRefusedError, match="from https: to http:"):
        _next_url(parsed_url("https://example.org/feed"), "http://example.org/feed")


def test_many_feeds_are_fetched_at_once(fetcher: Fetcher, serve: Any, answer: Any) -> None:
    """The daemon's threads share one fetcher; a hung server holds up its own feed alone."""
    good, hung = serve(answer(RSS)), serve(_silence)
    with ThreadPoolExecutor(16) as threads:
        waiting = [threads.submit(_reason, replace(fetcher, deadline_s=1.5), hung) for _ in range(4)]
        bodies = list(threads.map(lambda _: _got(fetcher, good).body, range(60)))
        overtaken = [future.done() for future in waiting]
        assert {future.result() for future in waiting} <= {
            "did not answer completely within 1.5 s", "does not answer (time-out)"}
    assert (bodies, overtaken) == ([RSS] * 60, [False] * 4)
