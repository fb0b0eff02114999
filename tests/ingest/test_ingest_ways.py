"""The ways to a server: through a proxy, and under TLS with the organisation's own authority."""
from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import pytest
import trustme

from advisord.errors import FeedError
from advisord.ingest.fetch import Fetcher
from advisord.ingest.fetched import Fetched
from advisord.model import Feed, FeedState

RSS = b'<rss version="2.0"><channel><title>News</title><item><title>Bridge closed</title></item></channel></rss>'
STATE = FeedState("x")


def test_a_proxy_carries_everything(serve: Any, answer: Any) -> None:
    """Where the operator names a proxy, the feed is asked of it, by name."""
    proxy = serve(answer(RSS))
    fetched = Fetcher("x", proxy=proxy.url, deadline_s=2).fetch(Feed("x", "http://feeds.example.org/a"), STATE)
    assert isinstance(fetched, Fetched)
    assert proxy.requests[0].startswith(b"GET http://feeds.example.org/a HTTP/1.1\r\n")


def test_a_proxy_tunnels_https(serve: Any, answer: Any) -> None:
    """https: goes through a tunnel, whose refusal is told as the proxy's."""
    proxy = serve(answer(b"", status="407 Proxy Authentication Required"))
    with pytest.raises(FeedError, match="through the proxy"):
        Fetcher("x", proxy=proxy.url, deadline_s=2).fetch(Feed("x", "https://feeds.example.org/a"), STATE)
    assert proxy.requests[0].startswith(b"CONNECT feeds.example.org:443 HTTP/1.1\r\n")


@pytest.mark.parametrize("url", ["http://10.0.0.1/", "http://intranet/", "http://[::1]/", "http://db.internal/"])
def test_a_proxy_is_no_way_inside(url: str, serve: Any, answer: Any) -> None:
    """What is inside by its spelling is not asked of the proxy either."""
    proxy = serve(answer(RSS))
    with pytest.raises(FeedError):
        Fetcher("x", proxy=proxy.url, deadline_s=2).fetch(Feed("x", url), STATE)
    assert proxy.visits == 0


def _secured(serve: Any, answer: Any, authority: trustme.CA, name: str) -> Any:
    """A server that speaks TLS with a certificate of that name from that authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    server = serve(answer(RSS))
    server.secure(context)
    return server


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """An organisation's own authority, which no public list knows."""
    return trustme.CA()


def _tls_feed(server: Any) -> Feed:
    return Feed("x", f"https://127.0.0.1:{server.port}/feed", allow_private=True)


def test_an_own_authority_is_trusted_where_it_is_named(
    authority: trustme.CA, serve: Any, answer: Any, tmp_path: Path,
) -> None:
    """A feed behind the organisation's own certificate is read when the configuration names its authority."""
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    server = _secured(serve, answer, authority, "127.0.0.1")
    fetched = Fetcher("x", ca_file=str(tmp_path / "ca.pem"), deadline_s=5).fetch(_tls_feed(server), STATE)
    assert isinstance(fetched, Fetched)
    assert fetched.body == RSS


@pytest.mark.parametrize(("name", "trusted"), [
    ("127.0.0.1", False), ("evil.example", True),
], ids=["unknown", "other-name"])
def test_a_wrong_certificate_is_a_failure(
    name: str, trusted: bool, authority: trustme.CA, serve: Any, answer: Any, tmp_path: Path,
) -> None:
    """Nobody in between can answer for a feed: unknown authorities and other names are refused."""
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    server = _secured(serve, answer, authority, name)
    fetcher = Fetcher("x", ca_file=str(tmp_path / "ca.pem") if trusted else None, deadline_s=5)
    with pytest.raises(FeedError, match=r"can't be reached .*certificate verify failed"):
        fetcher.fetch(_tls_feed(server), STATE)
