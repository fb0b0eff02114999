"""Judges what may be connected to: the spelling of a URL, and every address that its host resolves to.

A table of its own, because the standard library's `is_private` and `is_global` let NAT64, 6to4 and carrier-grade
addresses through. The prefixes are those of the IANA special-purpose registries (RFC 6890 and its updates, read in
November 2026) and the fixed metadata addresses of the large clouds. An IPv6 address has to lie in 2000::/3, the only
block that IANA gives out for the public, so that a block invented tomorrow is refused today.
"""
from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

import httpx

from advisord.errors import AdvisordError

Address = IPv4Address | IPv6Address

FORBIDDEN_V4 = tuple(IPv4Network(prefix) for prefix in (
    "0.0.0.0/8",  # this network
    "10.0.0.0/8",  # private
    "100.64.0.0/10",  # carrier-grade NAT
    "127.0.0.0/8",  # loopback
    "168.63.129.16/32",  # Azure's host, public by its number only
    "169.254.0.0/16",  # link-local, and the metadata service of most clouds
    "172.16.0.0/12",  # private
    "192.0.0.0/24",  # protocol assignments
    "192.0.2.0/24",  # documentation
    "192.31.196.0/24",  # AS112
    "192.52.193.0/24",  # AMT
    "192.88.99.0/24",  # 6to4 relays
    "192.168.0.0/16",  # private
    "192.175.48.0/24",  # AS112
    "198.18.0.0/15",  # benchmarks
    "198.51.100.0/24",  # documentation
    "203.0.113.0/24",  # documentation
    "224.0.0.0/4",  # multicast
    "240.0.0.0/4",  # reserved, broadcast
))
PUBLIC_V6 = IPv6Network("2000::/3")
FORBIDDEN_V6 = tuple(IPv6Network(prefix) for prefix in (
    "2001::/23",  # Teredo, ORCHID, benchmarks and other protocol assignments
    "2001:db8::/32",  # documentation
    "2002::/16",  # 6to4, which can hold any IPv4 address
    "2620:4f:8000::/48",  # AS112
    "3fff::/20",  # documentation
))
PRIVATE = tuple(IPv4Network(prefix) for prefix in (
    "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",
)) + tuple(IPv6Network(prefix) for prefix in ("::1/128", "fc00::/7"))
NEVER = frozenset(ip_address(address) for address in (
    "100.100.100.200",  # Alibaba's metadata, inside carrier-grade NAT
    "fd00:ec2::254",  # Amazon's, inside the private block
    "fd20:ce::254",  # Google's, likewise
))
LOCAL_SUFFIXES = (
    ".localhost", ".local", ".localdomain", ".internal", ".intranet", ".lan", ".home.arpa", ".corp", ".home",
)

_UNCLEAN = re.compile(r"[\x00-\x20\x7f-\xa0\\\ufeff\u2028\u2029]")
_NUMERIC_LABEL = re.compile(r"(?:\d+|0x[0-9a-f]*)\Z", re.IGNORECASE)
_DOTTED_QUAD = re.compile(r"(?:(?:0|[1-9]\d{0,2})\.){3}(?:0|[1-9]\d{0,2})\Z")


class AddressRefusedError(AdvisordError):
    """A URL or an address that this program does not connect to; the message is a plain sentence."""


def parsed_url(text: str) -> httpx.URL:
    """The URL of `text`, spelled in the one way that cannot be misread.

    Raises AddressRefusedError for another scheme than http(s), control characters, backslashes, and hosts written as
    numbers, with percent signs or with letters that turn into others (circled digits, ideographic full stops).
    """
    if _UNCLEAN.search(text):
        raise AddressRefusedError("the address holds characters that no address may hold")
    try:
        url = httpx.URL(text)
        host = url.raw_host.decode("ascii")
    except (httpx.InvalidURL, UnicodeError, ValueError, TypeError) as error:
        raise AddressRefusedError("the address can't be read") from error
    if url.scheme not in {"http", "https"}:
        raise AddressRefusedError(f"'{url.scheme}:' addresses are not fetched, only http: and https:")
    if fault := _host_fault(_written_host(text), host):
        raise AddressRefusedError(fault)
    return url


def judged(host: str, addresses: Iterable[str], *, allow_private: bool) -> tuple[str, ...]:
    """Those addresses, all of them; one that is forbidden refuses the host as a whole (a mixed answer is a trick).

    Raises AddressRefusedError.
    """
    kept = tuple(addresses)
    for address in kept:
        if fault := address_fault(address, allow_private=allow_private):
            raise AddressRefusedError(f"'{host}' is at {address}, {fault}")
    if not kept:
        raise AddressRefusedError(f"'{host}' has no address")
    return kept


def address_fault(address: str, *, allow_private: bool) -> str | None:
    """Why a numeric address is not connected to, or None; `allow_private` opens loopback and private blocks only."""
    try:
        number = ip_address(address)
    except ValueError:
        return "which is no address"
    if number in NEVER:
        return "where a cloud keeps its secrets"
    if _is_public(number):
        return None
    if any(number in network for network in PRIVATE):
        return None if allow_private else "a private network (allow_private: true permits it)"
    return "a reserved block that nobody lives in"


def judged_spelling(host: str, *, allow_private: bool) -> None:
    """Judge a host that somebody else (a proxy) will resolve: a number by its address, a name by its ending.

    Raises AddressRefusedError. A public name that the proxy resolves to an inside address is the proxy's to refuse.
    """
    name = host.rstrip(".").lower()
    if ":" in name or _DOTTED_QUAD.match(name):
        judged(host, (name,), allow_private=allow_private)
    elif not allow_private and ("." not in name or name.endswith(LOCAL_SUFFIXES)):
        raise AddressRefusedError(f"'{host}' is a name of the inside of a network")


def _is_public(number: Address) -> bool:
    if isinstance(number, IPv4Address):
        return not any(number in network for network in FORBIDDEN_V4)
    return number.scope_id is None and number in PUBLIC_V6 and not any(number in network for network in FORBIDDEN_V6)


def _written_host(text: str) -> str:
    authority = re.split(r"[/?#]", text.split("://", 1)[-1], maxsplit=1)[0]
    return authority.rpartition("@")[2]


def _host_fault(written: str, host: str) -> str | None:
    if not host:
        return "the address has no host"
    if "%" in written:
        return "a host is not written with percent signs"
    if unicodedata.normalize("NFKC", written) != written or any(dot in written for dot in "\u3002\uff0e\uff61"):
        return "the host is written in letters that stand for others"
    if ":" in host:
        return None
    last = host.rstrip(".").rpartition(".")[2]
    if _NUMERIC_LABEL.match(last) and not _DOTTED_QUAD.match(host):
        return "a number as a host is written as four plain decimals"
    return None
