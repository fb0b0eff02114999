"""A TCP connection with one absolute deadline and a budget of bytes, spoken to by smtplib as its socket and its file.

smtplib's own time-outs are per read, so that a server which drips, or says "220-" for ever, never trips them.
"""
from __future__ import annotations

import queue
import socket
import ssl
import threading
import time

CONNECT_S = 10.0  # for one of a host's addresses, so that the next is tried too
RECEIVE = 65_536
SEND = 65_536


class Line:
    """One connection; every method raises OSError (TimeoutError at the deadline)."""

    def __init__(self, connection: socket.socket, *, deadline: float, budget: int) -> None:
        """`deadline` in seconds of the monotonic clock, `budget` the bytes that may still be received."""
        self._connection = connection
        self._deadline = deadline
        self._budget = budget
        self._received = bytearray()

    @classmethod
    def to(cls, host: str, port: int, *, deadline: float, budget: int) -> Line:
        """Connect, trying the host's addresses in the resolver's order."""
        failure = OSError("no address")
        for address in _addresses(host, port, deadline):
            try:
                connection = socket.create_connection((address, port), timeout=min(_left(deadline), CONNECT_S))
            except OSError as error:
                failure = error
            else:
                return cls(connection, deadline=deadline, budget=budget)
        raise failure

    @property
    def literal(self) -> str:
        """This end's address as EHLO says it where there is no name."""
        address = str(self._connection.getsockname()[0])
        return f"[IPv6:{address}]" if ":" in address else f"[{address}]"

    def secure(self, context: ssl.SSLContext, host: str) -> None:
        """Speak TLS from here on; what was received in the clear before is thrown away, not believed."""
        self._received.clear()
        self._connection.settimeout(_left(self._deadline))
        self._connection.getpeername()  # wrap_socket leaks a connection that was reset already
        self._connection = context.wrap_socket(self._connection, server_hostname=host)

    def readline(self, limit: int) -> bytes:
        """A line with its end, or what came before the connection ended, or `limit` bytes of a longer one."""
        while (end := self._received.find(b"\n")) < 0 and len(self._received) < limit:
            self._connection.settimeout(_left(self._deadline))
            some = self._connection.recv(RECEIVE)
            if not some:
                return self._taken(len(self._received))
            self._budget -= len(some)
            if self._budget < 0:
                raise OSError("the server said more than a mail server has to say")
            self._received += some
        return self._taken(limit if end < 0 else min(end + 1, limit))

    def _taken(self, size: int) -> bytes:
        taken = bytes(self._received[:size])
        del self._received[:size]
        return taken

    def sendall(self, data: bytes) -> None:
        """Send all of it."""
        rest = memoryview(data)
        while rest:
            self._connection.settimeout(_left(self._deadline))
            rest = rest[self._connection.send(rest[:SEND]):]

    def hurry(self, seconds: float) -> None:
        """From now on there are at most that many seconds left."""
        self._deadline = min(self._deadline, time.monotonic() + seconds)

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("not done in time")
    return left


def _addresses(host: str, port: int, deadline: float) -> tuple[str, ...]:
    """Asked in a thread of its own, since the system's resolver knows no deadline."""
    answers: queue.SimpleQueue[tuple[str, ...] | OSError | UnicodeError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answers.put(tuple(dict.fromkeys(str(row[4][0]) for row in rows)))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=ask, name="resolve", daemon=True).start()
    try:
        answer = answers.get(timeout=_left(deadline))
    except queue.Empty as error:
        raise TimeoutError("the server's name was not resolved in time") from error
    if isinstance(answer, tuple):
        return answer
    raise OSError("the server's name is not known") from answer
