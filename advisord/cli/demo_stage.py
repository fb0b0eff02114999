"""The world around the demo's daemon, on loopback: newsrooms that publish, a mail server and a webhook that receive.

Everything is real (HTTP, conditional GET, SMTP, signatures) so that what the demo shows is what the service does.
"""
from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from xml.etree import ElementTree as ET

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from advisord.settings.story import Item

Now = Callable[[], datetime]


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def rss(feed: str, items: tuple[Item, ...]) -> bytes:
    """An RSS 2.0 document of those items, newest first."""
    root = ET.Element("rss", version="2.0")
    channel = ET.SubElement(root, "channel")
    ET.SubElement(channel, "title").text = feed
    ET.SubElement(channel, "link").text = f"https://{feed}.example/"
    ET.SubElement(channel, "description").text = "An invented newsroom of the demo"
    for item in reversed(items):
        slug = hashlib.sha256(f"{item.at}{item.title}".encode()).hexdigest()[:12]
        node = ET.SubElement(channel, "item")
        ET.SubElement(node, "title").text = item.title
        ET.SubElement(node, "link").text = f"https://{feed}.example/{slug}"
        ET.SubElement(node, "guid", isPermaLink="false").text = f"{feed}-{slug}"
        ET.SubElement(node, "pubDate").text = format_datetime(item.at)
        ET.SubElement(node, "description").text = item.text
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


@dataclass(frozen=True, slots=True)
class Hook:
    """One webhook as it arrived; `verified` says whether its signature was right."""

    at: datetime
    key: str
    body: dict[str, object]
    verified: bool


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as it arrived."""

    at: datetime
    recipient: str
    message: EmailMessage


@dataclass(slots=True)
class Received:
    """What came in, in order; shared by the servers' threads, which only append."""

    mails: list[Mail] = field(default_factory=list)
    hooks: list[Hook] = field(default_factory=list)


class Stage:
    """The servers of the demo, as a context: feeds and webhook on one HTTP server, mail on another."""

    def __init__(self, items: tuple[Item, ...], now: Now, secret: str) -> None:
        """`secret` is the webhook's, as `whsec_` and base64."""
        self.received = Received()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(items, now, secret, self.received))
        self._http.daemon_threads = True
        self.smtp_port = free_port()
        self._smtp = Controller(_Inbox(now, self.received), hostname="127.0.0.1", port=self.smtp_port)

    @property
    def http_url(self) -> str:
        """Where feeds are served and the webhook listens."""
        return f"http://127.0.0.1:{self._http.server_port}"

    def __enter__(self) -> Self:
        """Start serving."""
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
        self._smtp.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop serving."""
        self._smtp.stop()
        self._http.shutdown()
        self._http.server_close()


class _Inbox:
    """aiosmtpd's handler: keeps every mail."""

    def __init__(self, now: Now, received: Received) -> None:
        self._now = now
        self._received = received

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Accepts and keeps; the name is aiosmtpd's."""
        del server, session
        content = envelope.content if isinstance(envelope.content, bytes) else (envelope.content or "").encode()
        message = message_from_bytes(content, policy=policy.default)
        for recipient in envelope.rcpt_tos:
            self._received.mails.append(Mail(self._now(), recipient, message))
        return "250 kept"


def _handler(items: tuple[Item, ...], now: Now, secret: str, received: Received) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Newsrooms by GET, the webhook receiver by POST."""

        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            feed = self.path.strip("/").removesuffix(".xml")
            body = rss(feed, tuple(item for item in items if item.feed == feed and item.at <= now()))
            etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
            if self.headers.get("If-None-Match") == etag:
                self._answer(304, b"", etag)
            else:
                self._answer(200, body, etag)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            key, stamp = self.headers.get("webhook-id", ""), self.headers.get("webhook-timestamp", "")
            mac = hmac.new(base64.b64decode(secret.removeprefix("whsec_")), f"{key}.{stamp}.".encode() + body, "sha256")
            wanted = f"v1,{base64.b64encode(mac.digest()).decode()}"
            signed = wanted in self.headers.get("webhook-signature", "").split()
            received.hooks.append(Hook(now(), key, json.loads(body), signed))
            self._answer(200 if signed else 401, b"", None)

        def _answer(self, status: int, body: bytes, etag: str | None) -> None:
            self.send_response(status)
            if etag:
                self.send_header("ETag", etag)
                self.send_header("Content-Type", "application/rss+xml; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """The demo's terminal is for the story."""

    return Handler
