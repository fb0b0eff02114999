"""`watch:` of advisord.yaml -> Watch."""
from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

from advisord.model import Listener, Watch
from advisord.settings.addresses import is_address, is_loopback
from advisord.settings.page import Page
from advisord.settings.shape.main import MainFile
from advisord.settings.shape.watch import WatchShape

_WAITS = ("ping_every", "news_quiet", "feed_quiet", "feed_failing", "outbox_late", "reading_late", "clock_jump")


def watch_of(main: Page[MainFile] | None, top: MainFile) -> Watch:
    """How the service watches itself; tells what could not work."""
    shape = top.watch
    if main is not None:
        _tell(main, top, shape)
    return Watch(
        Listener(shape.host, shape.port, enabled=shape.serve), shape.ping_url, shape.ping_every,
        news_quiet=shape.news_quiet, feed_quiet=shape.feed_quiet, feed_failing=shape.feed_failing,
        outbox_late=shape.outbox_late, reading_late=shape.reading_late, clock_jump=shape.clock_jump,
        disk_free_mb=shape.disk_free_mb)


def _tell(main: Page[MainFile], top: MainFile, shape: WatchShape) -> None:
    if not is_loopback(shape.host) and not is_address(shape.host):
        main.fault(("watch", "host"), f"{shape.host!r} is not an IP address of this machine (write 127.0.0.1)")
    if shape.serve and top.page.enabled and shape.port == top.page.port:
        main.fault(("watch", "port"), "is the page's port, which serves them already")
    if shape.serve and top.public_url and shape.port == top.answers.port:
        main.fault(("watch", "port"), "is the port of answers, which are published; this is not")
    if shape.ping_url is not None and not _can_be_fetched(shape.ping_url):
        main.fault(("watch", "ping_url"), "is not a web address that can be fetched (write https://…)")
    for name in _WAITS:
        if getattr(shape, name) <= timedelta():
            main.fault(("watch", name), "is no time at all (write 15m)")


def _can_be_fetched(text: str) -> bool:
    """Encrypted, or on this machine: the address is all that keeps others from saying that we live."""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return False
    encrypted = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
    return encrypted and bool(parts.hostname) and not parts.username and text.isascii() and " " not in text
