"""Webhooks: signed as the standard says, successful on 2xx alone, never sent where they must not go."""
from __future__ import annotations

import base64
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from advisord.deliver.channel import sender
from advisord.deliver.webhook import WebhookSender, key_of, signed, webhook_id
from advisord.errors import ChannelError
from advisord.model import DeliveryState, Outcome

SECOND_SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
STATUSES = (
    [(status, DeliveryState.ACCEPTED) for status in (200, 201, 202, 204, 206)]
    + [(status, DeliveryState.PENDING) for status in (
        300, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 405, 408, 409, 413, 418, 422, 425, 429, 500, 501, 502,
        503, 504, 599)]
    + [pytest.param(410, DeliveryState.REFUSED, id="hook-410")]
)


class Receiver:
    """An HTTP server that answers as told and keeps what it was asked."""

    def __init__(self, answer: bytes = b"HTTP/1.1 204 No Content\r\n\r\n") -> None:
        self.answer = answer
        self.requests: list[tuple[str, dict[str, str], bytes]] = []

    def __call__(self, connection: socket.socket, over: threading.Event) -> None:
        """Serve one request."""
        del over
        self.requests.append(read_request(connection))
        connection.sendall(self.answer)


def read_request(connection: socket.socket) -> tuple[str, dict[str, str], bytes]:
    """The request line, the headers by lower-case name, and the body."""
    received = b""
    while b"\r\n\r\n" not in received:
        some = connection.recv(65536)
        if not some:
            raise ConnectionAbortedError
        received += some
    head, _, body = received.partition(b"\r\n\r\n")
    line, *fields = head.decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (field.partition(":") for field in fields)}
    while len(body) < int(headers.get("content-length", "0")):
        body += connection.recv(65536)
    return line, headers, body


def post(way: Any, make: Any, *, now: datetime | None = None, **changes: Any) -> Outcome:
    """One delivery by that way."""
    delivery = make.delivery(channel="hook", recipient="hook:hook", **changes)
    rendered = way.compose(make.wording(), delivery=delivery, address=None, recipient_name="", now=make.now,
                           organisation="Joliba")
    outcome: Outcome = way.send(rendered, delivery=delivery, address=None, now=now or datetime.now(UTC))
    return outcome


def quick(channel: Any, deadline_s: float = 0.4) -> WebhookSender:
    """A sender that doesn't wait long."""
    way = sender(channel)
    assert isinstance(way, WebhookSender)
    return replace(way, deadline_s=deadline_s)


# ------------------------------------------------------------------------------------------------------ signature


def test_receiver_can_verify(listener: Any, make: Any) -> None:
    """The reference implementation accepts what we send, and reads our body out of it."""
    receiver = Receiver()
    outcome = post(sender(make.webhook(f"http://127.0.0.1:{listener(receiver).port}/hook?x=1")), make)
    assert outcome == Outcome(DeliveryState.ACCEPTED, "HTTP 204")
    ((line, headers, body),) = receiver.requests
    assert line == "POST /hook?x=1 HTTP/1.1"
    assert Webhook(make.secret).verify(body, headers) == {"test": 2432232314}
    assert (headers["webhook-id"], headers["content-type"]) == ("d-1", "application/json")


def test_sig_vectors() -> None:
    """The vector of the standard gives the standard's signature."""
    key = key_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", channel_id="hook")
    at = datetime.fromtimestamp(1614265330, UTC)
    headers = dict(signed((key,), "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}'))
    assert headers[b"webhook-signature"] == b"v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert headers[b"webhook-timestamp"] == b"1614265330"


def test_two_key_rotation(listener: Any, make: Any) -> None:
    """While a secret is being changed, receivers with the old and with the new one can verify."""
    receiver = Receiver()
    secrets = {"secret": SECOND_SECRET, "previous_secret": make.secret}
    post(sender(make.webhook(f"http://127.0.0.1:{listener(receiver).port}/", secrets=secrets)), make)
    ((_, headers, body),) = receiver.requests
    assert Webhook(make.secret).verify(body, headers) == Webhook(SECOND_SECRET).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook("whsec_" + base64.b64encode(b"x" * 32).decode()).verify(body, headers)


def test_id_with_a_dot() -> None:
    """An id with a dot, which could move the borders of what is signed, is refused."""
    with pytest.raises(ValueError, match="no dot"):
        signed((b"k" * 24,), "a.b", datetime.now(UTC), b"")


@pytest.mark.parametrize(("delivery_id", "sent"), [
    ("d-1", "d-1"), ("0190_aB", "0190_aB"), ("a.b", None), ("a/b", None), ("a\r\nb", None), ("x" * 65, None),
    ("é", None),
])
def test_id_for_the_receiver(delivery_id: str, sent: str | None) -> None:
    """The id of a delivery is the receiver's key for repeats; one with odd characters gets a digest."""
    assert webhook_id(delivery_id) == webhook_id(delivery_id)
    assert webhook_id(delivery_id).replace("-", "").replace("_", "").isalnum()
    assert (webhook_id(delivery_id) == sent) is (sent is not None)


def test_same_id_and_body_at_every_attempt(listener: Any, make: Any) -> None:
    """A second attempt carries the same id and body, with a signature of its own time."""
    receiver = Receiver()
    way = sender(make.webhook(f"http://127.0.0.1:{listener(receiver).port}/"))
    first = datetime.now(UTC)
    post(way, make, now=first)
    post(way, make, now=first + timedelta(seconds=90))
    (_, one, body), (_, two, again) = receiver.requests
    assert (one["webhook-id"], body) == (two["webhook-id"], again)
    assert int(two["webhook-timestamp"]) - int(one["webhook-timestamp"]) == 90
    assert one["webhook-signature"] != two["webhook-signature"]


def test_replay(listener: Any, make: Any) -> None:
    """A request that somebody captured and sends again after six minutes is refused by the reference verifier."""
    receiver = Receiver()
    way = sender(make.webhook(f"http://127.0.0.1:{listener(receiver).port}/"))
    post(way, make, now=datetime.now(UTC) - timedelta(minutes=6))
    ((_, headers, body),) = receiver.requests
    with pytest.raises(WebhookVerificationError, match="too old"):
        Webhook(make.secret).verify(body, headers)


# ------------------------------------------------------------------------------------------------------- statuses


@pytest.mark.parametrize(("status", "state"), STATUSES)
def test_status(listener: Any, make: Any, status: int, state: DeliveryState) -> None:
    """2xx alone succeeds, 410 is final, everything else is tried again."""
    receiver = Receiver(f"HTTP/1.1 {status} Words\r\nContent-Length: 0\r\n\r\n".encode())
    outcome = post(sender(make.webhook(f"http://127.0.0.1:{listener(receiver).port}/")), make)
    assert outcome.state is state
    assert outcome.detail.startswith(f"HTTP {status}")


def test_hook_3xx(listener: Any, make: Any) -> None:
    """A redirect is not followed, wherever it leads."""
    canary = Receiver()
    to = listener(canary).port
    receiver = Receiver(f"HTTP/1.1 307 Go\r\nLocation: http://127.0.0.1:{to}/\r\nContent-Length: 0\r\n\r\n".encode())
    outcome = post(sender(make.webhook(f"http://127.0.0.1:{listener(receiver).port}/")), make)
    assert outcome.state is DeliveryState.PENDING
    assert "redirects are not followed" in outcome.detail
    assert canary.requests == []


@pytest.mark.parametrize(("text", "wanted"), [
    pytest.param("1000000000", 86_400.0, id="hook-RA-1e9"), ("120", 120.0), ("0", 1.0),
    ("9" * 60, 86_400.0), ("-5", None), ("soon", None),
    ("", None),
    ("1e9", None), ("Sun, 22 Nov 2026 12:00:30 GMT", 30.0), ("Sun, 22 Nov 2020 12:00:30 GMT", 1.0),
    ("Sun, 22 Nov 9999 12:00:30 GMT", 86_400.0), ("Sun, 99 Nov 2026 12:00:30 GMT", None), ("\N{SUPERSCRIPT TWO}", None),
])
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after(listener: Any, make: Any, status: int, text: str, wanted: float | None) -> None:
    """A receiver says when to come back, in seconds or as a date; what is absurd is held to 1 s and 24 h."""
    receiver = Receiver(f"HTTP/1.1 {status} Wait\r\nRetry-After: {text}\r\nContent-Length: 0\r\n\r\n".encode("latin-1"))
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    outcome = post(sender(make.webhook(f"http://127.0.0.1:{listener(receiver).port}/")), make, now=now)
    assert (outcome.state, outcome.retry_after_s) == (DeliveryState.PENDING, wanted)


# ------------------------------------------------------------------------------------------------ transport faults


def _sent(what: bytes) -> Callable[[socket.socket, threading.Event], None]:
    def serve(connection: socket.socket, over: threading.Event) -> None:
        del over
        read_request(connection)
        connection.sendall(what)
    return serve


def _repeated(first: bytes, what: bytes, pause_s: float) -> Callable[[socket.socket, threading.Event], None]:
    def serve(connection: socket.socket, over: threading.Event) -> None:
        read_request(connection)
        connection.sendall(first)
        while not over.wait(pause_s):
            connection.sendall(what)
    return serve


def _silent(connection: socket.socket, over: threading.Event) -> None:
    read_request(connection)
    over.wait(10)


def _deaf(connection: socket.socket, over: threading.Event) -> None:
    del connection
    over.wait(10)


def _reset(connection: socket.socket, over: threading.Event) -> None:
    del over
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _reset_after(connection: socket.socket, over: threading.Event) -> None:
    read_request(connection)
    _reset(connection, over)


FAULTS = {
    "reset at once": _reset,
    "reset after the request": _reset_after,
    "closed at once": _sent(b""),
    "closed in the status line": _sent(b"HTTP/1.1 20"),
    "closed in the headers": _sent(b"HTTP/1.1 200 OK\r\nServer: x\r\nContent-"),
    "never answers": _silent,
    "never reads": _deaf,
    "one byte at a time": _repeated(b"HTTP/1.1 ", b"2", 0.05),
    "headers for ever": _repeated(b"HTTP/1.1 200 OK\r\n", b"X-More: " + b"x" * 4000 + b"\r\n", 0.0),
    "informational for ever": _repeated(b"", b"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n", 0.0),
    "one huge header": _sent(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 1_000_000),
    "not HTTP": _sent(b"\x00\x01\x02 220 smtp.example ESMTP\r\n\r\n"),
    "HTTP/2 without asking": _sent(b"\x00\x00\x12\x04\x00\x00\x00\x00\x00" * 3),
    "switching protocols": _sent(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_transport_fault(listener: Any, make: Any, fault: str) -> None:
    """A receiver that breaks, stalls, floods or speaks something else costs this attempt only, and in time."""
    way = quick(make.webhook(f"http://127.0.0.1:{listener(FAULTS[fault]).port}/"))
    began = time.monotonic()
    outcome = post(way, make)
    assert time.monotonic() - began < 5
    assert outcome.state is DeliveryState.PENDING
    assert outcome.detail


def test_answer_begun_is_enough(listener: Any, make: Any) -> None:
    """2xx with a body that never ends is a success: the receiver has said what it had to."""
    endless = _repeated(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n", 0.0)
    assert post(quick(make.webhook(f"http://127.0.0.1:{listener(endless).port}/")), make).state == "accepted"


def test_nobody_listens(make: Any) -> None:
    """A receiver that is down costs this attempt only."""
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    outcome = post(sender(make.webhook(f"http://127.0.0.1:{port}/")), make)
    assert (outcome.state, outcome.detail[:18]) == (DeliveryState.PENDING, "can't be reached (")


def test_unknown_host(make: Any) -> None:
    """A receiver whose name nobody knows costs this attempt only."""
    assert post(quick(make.webhook("http://hook.invalid/"), 5.0), make).state is DeliveryState.PENDING


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "10.0.0.1", "169.254.169.254", "192.168.1.1",
                                  "[::ffff:127.0.0.1]", "[64:ff9b::a9fe:a9fe]", "[2002:7f00:1::]", "100.100.0.1"])
def test_private_address(listener: Any, make: Any, host: str) -> None:
    """Without `allow_private` nothing is sent into a private network, and nobody there hears of it."""
    canary = Receiver()
    way = quick(make.webhook(f"https://{host}:{listener(canary).port}/", allow_private=False), 2.0)
    way.check()
    outcome = post(way, make)
    assert outcome.state is DeliveryState.PENDING
    assert outcome.detail.startswith("not connected: ")
    assert canary.requests == []


# ------------------------------------------------------------------------------------------------------------ TLS


def _encrypted(context: Any, receiver: Receiver) -> Callable[[socket.socket, threading.Event], None]:
    def serve(connection: socket.socket, over: threading.Event) -> None:
        with context.wrap_socket(connection, server_side=True) as secured:
            receiver(secured, over)
    return serve


def test_https(listener: Any, make: Any, authority: Any) -> None:
    """A receiver with a certificate of the named authority gets its message encrypted."""
    receiver = Receiver()
    port = listener(_encrypted(authority.context(), receiver)).port
    way = sender(make.webhook(f"https://localhost:{port}/", ca_file=authority.file))
    assert post(way, make).state is DeliveryState.ACCEPTED
    assert len(receiver.requests) == 1


@pytest.mark.parametrize("bad", ["evil name", "stranger", "in the clear", "silent"])
def test_https_fails_closed(listener: Any, make: Any, authority: Any, stranger: Any, bad: str) -> None:
    """A receiver that can't prove who it is gets nothing."""
    receiver = Receiver()
    serve = {"evil name": _encrypted(authority.context("evil.example"), receiver),
             "stranger": _encrypted(stranger.context(), receiver),
             "in the clear": _sent(b"HTTP/1.1 200 OK\r\n\r\n"), "silent": _deaf}[bad]
    way = quick(make.webhook(f"https://localhost:{listener(serve).port}/", ca_file=authority.file),
                0.4 if bad in {"silent", "in the clear"} else 5.0)
    assert post(way, make).state is DeliveryState.PENDING
    assert receiver.requests == []


# -------------------------------------------------------------------------------------------------- configuration


@pytest.mark.parametrize(("url", "options"), [
    ("http://example.org/", {"allow_private": False}), ("ftp://example.org/", {}), ("https://user@example.org/", {}),
    ("https://example.org/", {"secrets": {}}), ("https://example.org/", {"secrets": {"secret": "whsec_short"}}),
    ("https://example.org/", {"secrets": {"secret": "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}}),
    ("https://example.org/", {"secrets": {"secret": "whsec_!!!"}}), ("", {}), ("https://2130706433/", {}),
    ("https://example.org/", {"ca_file": "/does/not/exist.pem"}),
])
def test_can_not_work(make: Any, url: str, options: dict[str, Any]) -> None:
    """A webhook that can't work as configured says so before anything is sent, and keeps its secret."""
    with pytest.raises(ChannelError, match="channel 'hook'") as caught:
        sender(make.webhook(url, **options)).check()
    assert "MfKQ" not in str(caught.value)


def test_secret_hides(make: Any) -> None:
    """Neither secret nor path of the URL shows where the sender is printed."""
    shown = repr(sender(make.webhook("https://example.org/T000/secret-path")))
    assert shown == "WebhookSender('hook', 'example.org')"
