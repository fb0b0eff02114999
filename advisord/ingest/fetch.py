"""Asks a source for its bytes: one conditional GET, bounded in time, size and addresses. httpx stays behind this file.

The client's own conveniences are all off: it follows no redirect (each is judged here), keeps no cookie and no
connection, undoes no coding, reads no environment. Whatever goes wrong is one FeedError with a sentence for people.
"""
from __future__ import annotations

import re
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpcore
import httpx

from advisord.addresses import AddressRefusedError, judged_spelling, parsed_url
from advisord.errors import FeedError
from advisord.ingest.coding import CodingError, decoded
from advisord.ingest.fetched import Fetched, NotModified, body_hash
from advisord.ingest.files import is_file_url, read_folder
from advisord.model import Feed, FeedState
from advisord.network import Allowance, DeadlineError, GuardedNetwork, Resolver, TooLargeError, system_addresses

ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.9, "
    "application/json;q=0.8, */*;q=0.5"
)
REDIRECTS = frozenset({301, 302, 303, 307, 308})
MOVED_FOR_EVER = frozenset({301, 308})
OK = 200
NOT_MODIFIED = 304
HEADER_ROOM = 400_000  # bytes beside the body: headers, chunk marks, TLS is not counted; h11 refuses 100 kB of headers
VALIDATOR_MAX = 1_000  # a longer ETag is somebody's bomb or tracker, not a version
DROPPED_HEADERS = frozenset({b"set-cookie", b"set-cookie2", b"location"})
MAX_RETRY_AFTER_S = 86_400.0
SENTENCES = {
    401: "wants a user name and password", 403: "forbids us to read it", 404: "knows no such page",
    406: "has no form of it that we read", 410: "says that it is gone for good",
    429: "says that we ask too often", 503: "is not available now",
}
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_PRINTABLE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?\Z")

_Permission = frozenset[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Fetches feeds; may be used by many threads at once, since every fetch has a connection of its own.

    `proxy` is an http(s) proxy's URL, through which everything then goes: it resolves the names, so only addresses
    written as numbers and names of the inside can be judged here. `ca_file` adds a private authority to the public
    ones. Sizes are bytes, times seconds; the deadline covers names, redirects, headers and body together.
    """

    user_agent: str
    proxy: str | None = None
    ca_file: str | None = None
    deadline_s: float = 30.0
    connect_s: float = 10.0
    max_packed: int = 2_000_000
    max_body: int = 5_000_000
    max_redirects: int = 5
    resolver: Resolver = system_addresses
    tls: ssl.SSLContext = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Read the trusted authorities once, which costs 20 ms."""
        context = httpx.create_ssl_context(trust_env=False)
        if self.ca_file:
            context.load_verify_locations(self.ca_file)
        object.__setattr__(self, "tls", context)

    def fetch(self, feed: Feed, state: FeedState) -> Fetched | NotModified:
        """What the source has, unless it is what `state` says we had. Raises FeedError."""
        if is_file_url(feed.url):
            return read_folder(feed, state)
        try:
            return self._fetch_http(feed, state)
        except (AddressRefusedError, CodingError) as error:
            raise FeedError(feed.id, str(error)) from error
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, httpcore.ProxyError,
                httpx.HTTPError, httpx.InvalidURL) as error:
            raise FeedError(feed.id, _failure_sentence(error, self.deadline_s)) from error

    def _fetch_http(self, feed: Feed, state: FeedState) -> Fetched | NotModified:
        allowance = Allowance(time.monotonic() + self.deadline_s, self.max_body + HEADER_ROOM)
        home = url = parsed_url(feed.url)
        moved_to: str | None = None
        stays = True  # whether every redirect so far was one for ever
        for _ in range(self.max_redirects + 1):
            answer = self._ask(url, home, _Asking(feed, state, allowance))
            if answer.status not in REDIRECTS:
                return _result(feed, state, answer, moved_to)
            url = _next_url(url, answer.location)
            stays = stays and answer.status in MOVED_FOR_EVER
            moved_to = shown(url) if stays else moved_to
        raise FeedError(feed.id, f"redirects us more than {self.max_redirects} times")

    def _ask(self, url: httpx.URL, home: httpx.URL, asking: _Asking) -> _Answer:
        if self.proxy:
            judged_spelling(url.host, allow_private=asking.feed.allow_private and _same_place(url, home))
        network = GuardedNetwork(asking.allowance, self.resolver, self._private_hosts(asking.feed, url, home))
        timeout = httpx.Timeout(self.deadline_s, connect=self.connect_s)
        headers = _request_headers(asking.state, self.user_agent)
        auth = httpx.BasicAuth(home.username, home.password) if home.userinfo and _same_place(url, home) else None
        transport = _Transport(self.tls, network, self.proxy)
        with (
            httpx.Client(transport=transport, trust_env=False, timeout=timeout) as client,
            client.stream("GET", url.copy_with(username=None, password=None), headers=headers, auth=auth) as response,
        ):
            framed = "content-length" in response.headers or "transfer-encoding" in response.headers
            return _Answer(
                response.status_code, response.headers, self._body(response), framed, shown(url),
                str(response.extensions["location"]))

    def _body(self, response: httpx.Response) -> bytes:
        if response.status_code != OK:
            return b""
        coding = response.headers.get("content-encoding", "")
        return decoded(response.iter_raw(), coding, max_packed=self.max_packed, max_bytes=self.max_body)

    def _private_hosts(self, feed: Feed, url: httpx.URL, home: httpx.URL) -> _Permission:
        """The proxy is the operator's; a feed's permission covers its own host, never where it redirects us to."""
        if self.proxy:
            proxy = httpx.URL(self.proxy)
            return frozenset({_place(proxy)})
        return frozenset({_place(url)}) if feed.allow_private and _same_place(url, home) else frozenset()


def shown(url: httpx.URL) -> str:
    """A URL fit for logs and pages: without user name and password."""
    return str(url.copy_with(username=None, password=None))


@dataclass(frozen=True, slots=True)
class _Asking:
    feed: Feed
    state: FeedState
    allowance: Allowance


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: httpx.Headers
    body: bytes
    framed: bool
    url: str
    location: str


class _Body(httpx.SyncByteStream):
    """The raw bytes of an answer; closing it closes the connection."""

    __slots__ = ("_pool", "_response")

    def __init__(self, response: httpcore.Response, pool: httpcore.ConnectionPool) -> None:
        self._response = response
        self._pool = pool

    def __iter__(self) -> Iterator[bytes]:
        """Piece by piece as they arrive."""
        yield from self._response.iter_stream()

    def close(self) -> None:
        """Close answer and connection."""
        self._response.close()
        self._pool.close()


@dataclass(frozen=True, slots=True)
class _Transport(httpx.BaseTransport):
    """httpx's way to the guarded network: one pool for one request, since feeds are asked minutes apart."""

    tls: ssl.SSLContext
    network: GuardedNetwork
    proxy: str | None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request and give the answer, its body still on the way. Raises httpcore's errors."""
        pool = self._pool()
        asked = httpcore.Request(
            request.method, str(request.url), headers=request.headers.raw, extensions=request.extensions)
        try:
            response = pool.handle_request(asked)
        except BaseException:
            pool.close()
            raise
        headers = [(name, value) for name, value in response.headers if name.lower() not in DROPPED_HEADERS]
        location = next((value for name, value in response.headers if name.lower() == b"location"), b"")
        where = {"location": location.decode("utf-8", "replace")}  # apart, or the client reads it and trips
        return httpx.Response(response.status, headers=headers, stream=_Body(response, pool), extensions=where)

    def _pool(self) -> httpcore.ConnectionPool:
        if self.proxy:
            url = httpx.URL(self.proxy)
            login = (url.username, url.password) if url.userinfo else None
            return httpcore.HTTPProxy(
                shown(url), proxy_auth=login, ssl_context=self.tls,
                proxy_ssl_context=self.tls if url.scheme == "https" else None,
                max_keepalive_connections=0, network_backend=self.network)
        return httpcore.ConnectionPool(self.tls, max_keepalive_connections=0, network_backend=self.network)


def _request_headers(state: FeedState, user_agent: str) -> dict[str, str]:
    headers = {"User-Agent": user_agent, "Accept": ACCEPT, "Accept-Encoding": "gzip, deflate", "Connection": "close"}
    if state.etag:
        headers["If-None-Match"] = state.etag
    if state.last_modified:
        headers["If-Modified-Since"] = state.last_modified
    return headers


def _result(feed: Feed, state: FeedState, answer: _Answer, moved_to: str | None) -> Fetched | NotModified:
    if answer.status == NOT_MODIFIED:
        return NotModified(
            _validator(answer, "etag") or state.etag,
            _validator(answer, "last-modified") or state.last_modified,
            state.body_hash,
        )
    if answer.status != OK:
        raise FeedError(feed.id, _status_sentence(answer.status), retry_after_s=_retry_after_s(answer.headers))
    if not answer.body.strip():
        raise FeedError(feed.id, "answered with nothing")
    etag, last_modified = _validator(answer, "etag"), _validator(answer, "last-modified")
    found = body_hash(answer.body)
    if found == state.body_hash:
        return NotModified(etag, last_modified, found)
    return Fetched(
        answer.body, answer.url, found, answer.headers.get("content-type", ""),
        etag if answer.framed else None, last_modified if answer.framed else None, answer.framed, moved_to)


def _validator(answer: _Answer, name: str) -> str | None:
    value = answer.headers.get(name, "").strip()
    return value if len(value) <= VALIDATOR_MAX and _PRINTABLE.match(value) else None


def _next_url(url: httpx.URL, location: str) -> httpx.URL:
    if not location:
        raise AddressRefusedError("redirects us to nowhere")
    try:
        target = parsed_url(location if _ABSOLUTE.match(location) else str(url.join(location)))
    except (httpx.InvalidURL, ValueError) as error:
        raise AddressRefusedError("redirects us to an address that can't be read") from error
    if target.userinfo and not url.userinfo:
        raise AddressRefusedError("redirects us to an address with a user name in it")
    if url.scheme == "https" and target.scheme == "http":
        raise AddressRefusedError("redirects us from https: to http:")
    return target


def _same_place(url: httpx.URL, home: httpx.URL) -> bool:
    """The same server, to which the operator's permission and password belong: host and port, or its own https:."""
    if url.host != home.host:
        return False
    if url.scheme == home.scheme:
        return _port(url) == _port(home)
    return url.scheme == "https" and url.port is None and home.port is None


def _place(url: httpx.URL) -> tuple[str, int]:
    """Host and port as the network is asked for them: the name in ASCII."""
    return url.raw_host.decode("ascii"), _port(url)


def _port(url: httpx.URL) -> int:
    return url.port or (443 if url.scheme == "https" else 80)


def _retry_after_s(headers: httpx.Headers) -> float | None:
    """RFC 9110, 10.2.3: seconds, or a date, measured against the server's own clock where it tells."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), MAX_RETRY_AFTER_S)
    until, at = _http_date(text), _http_date(headers.get("date", "")) or datetime.now(UTC)
    return None if until is None else min(max((until - at).total_seconds(), 0.0), MAX_RETRY_AFTER_S)


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text[:60])
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _status_sentence(status: int) -> str:
    return f"the server {SENTENCES.get(status, 'did not give it')} (HTTP {status})"


def _failure_sentence(error: Exception, deadline_s: float) -> str:
    sentences: tuple[tuple[type[Exception], str], ...] = (
        (DeadlineError, f"did not answer completely within {deadline_s:g} s"),
        (httpcore.TimeoutException, "does not answer (time-out)"),
        (TooLargeError, "sends more than a feed may"),
        (httpcore.ProxyError, f"can't be reached through the proxy ({_cause(error)})"),
        (httpcore.ConnectError, f"can't be reached ({_cause(error)})"),
        (httpcore.ProtocolError, f"broke off or does not speak HTTP ({_cause(error)})"),
    )
    otherwise = f"the connection broke ({_cause(error)})"
    return next((text for kind, text in sentences if isinstance(error, kind)), otherwise)


def _cause(error: Exception) -> str:
    return re.sub(r"[^\x20-\x7e]+", " ", str(error) or type(error).__name__)[:160]
