"""URLs and hosts as the configuration names them: what is wrong with one, in plain words.

Whether a host may be connected to is judged again at each connection, after resolution; this only tells early what can
never work.
"""
from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit


def url_fault(url: str, *, allow_private: bool) -> str | None:
    """Why a web address can't be used, null where it can; never quotes what may be secret in it."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "is not a web address (write https://example.org/…)"
    if parts.scheme not in {"http", "https"} or not host or any(char.isspace() for char in url):
        return "is not a web address (write https://example.org/…)"
    if parts.username is not None or parts.password is not None:
        return "holds a user or password; credentials don't belong in an address"
    if is_private(host) and not allow_private:
        return f"points into a private network or to this machine ({host}); say allow_private: true if that is meant"
    return None


def is_private(host: str) -> bool:
    """Whether a host is written as one that the open internet can't reach."""
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return False


def is_loopback(host: str) -> bool:
    """Whether a host is this machine for certain."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_address(text: str) -> bool:
    """Whether it is an IP address as such, and no name."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
