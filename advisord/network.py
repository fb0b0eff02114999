"""Connections that are judged, counted and timed: the network under the HTTP client.

HTTP libraries time out per read, which a byte a second never trips, and resolve names themselves, after anybody could
have judged them. Here the name is resolved once, every address judged, the connection made to the judged number, and
each read and write is charged to one deadline and one budget of bytes.
"""
from __future__ import annotations

import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpcore

from advisord.addresses import judged

SocketOption = Any  # httpcore's own union is private
Resolver = Callable[[str, int], Sequence[str]]

ADDRESSES_TRIED = 4  # of one host, in the order of the resolver


class DeadlineError(httpcore.TimeoutException):
    """The absolute deadline of a fetch has passed."""


class TooLargeError(httpcore.NetworkError):
    """The peer sent more bytes than a fetch may take, headers and framing included."""


def system_addresses(host: str, port: int) -> tuple[str, ...]:
    """What the system's resolver says, each address once, in its order. Raises OSError."""
    rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(row[4][0]) for row in rows))


@dataclass(slots=True)
class Allowance:
    """What is left of one fetch: until when (monotonic seconds) and how many bytes it may still receive."""

    deadline: float
    bytes_left: int

    def seconds(self, at_most: float | None = None) -> float:
        """The time left, capped; raises DeadlineError when none is."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise DeadlineError("deadline")
        return left if at_most is None else min(left, at_most)

    def charge(self, size: int) -> None:
        """Take `size` bytes from what is left; raises TooLargeError when that is not enough."""
        self.bytes_left -= size
        if self.bytes_left < 0:
            raise TooLargeError("too many bytes")


@dataclass(slots=True)
class GuardedStream(httpcore.NetworkStream):
    """A connection that charges what passes to an Allowance."""

    inner: httpcore.NetworkStream
    allowance: Allowance

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Some bytes, or none at the end."""
        data = self.inner.read(max_bytes, self.allowance.seconds(timeout))
        self.allowance.charge(len(data))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all of them."""
        self.inner.write(buffer, self.allowance.seconds(timeout))

    def close(self) -> None:
        """Close the connection."""
        self.inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """The same connection under TLS, with the same allowance."""
        secured = self.inner.start_tls(ssl_context, server_hostname, self.allowance.seconds(timeout))
        return GuardedStream(secured, self.allowance)

    def get_extra_info(self, info: str) -> Any:
        """What the inner connection knows."""
        return self.inner.get_extra_info(info)


@dataclass(slots=True)
class GuardedNetwork(httpcore.NetworkBackend):
    """Connects to judged addresses only; `private_hosts` may be private (the operator said so)."""

    allowance: Allowance
    resolver: Resolver = system_addresses
    private_hosts: frozenset[tuple[str, int]] = frozenset()
    inner: httpcore.NetworkBackend = field(default_factory=httpcore.SyncBackend)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SocketOption] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to one of the host's addresses, all of which were judged first.

        Raises AddressRefusedError, or httpcore's errors.
        """
        found = resolved(self.resolver, host, port, timeout_s=self.allowance.seconds())
        addresses = judged(host, found, allow_private=(host, port) in self.private_hosts)
        failure: Exception = httpcore.ConnectError("no address")
        for address in addresses[:ADDRESSES_TRIED]:
            try:
                stream = self.inner.connect_tcp(
                    address, port, self.allowance.seconds(timeout), local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return GuardedStream(stream, self.allowance)
        raise failure


def resolved(resolver: Resolver, host: str, port: int, *, timeout_s: float) -> tuple[str, ...]:
    """The addresses of `host`, asked in a thread of its own, since the system's resolver knows no deadline.

    Raises httpcore.ConnectError where the name is not known and DeadlineError where nobody answers in time; the thread
    then ends by itself, when the system's own time-out does.
    """
    answers: queue.SimpleQueue[tuple[str, ...] | OSError | UnicodeError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(tuple(resolver(host, port)))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=ask, name=f"resolve {host}", daemon=True).start()
    try:
        answer = answers.get(timeout=timeout_s)
    except queue.Empty as error:
        raise DeadlineError("name not resolved in time") from error
    if isinstance(answer, Exception):
        raise httpcore.ConnectError(f"name not known: {host}") from answer
    return answer
