"""Servers on loopback that behave as they are told, and canaries that nobody may touch."""
from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from advisord.ingest.fetch import Fetcher

Behaviour = Callable[[socket.socket, bytes], None]
BUSY_S = 20.0  # no connection of a test lives longer


@dataclass
class Server:
    """A listener whose every connection is given to `behave`, with the request's head."""

    behave: Behaviour
    listener: socket.socket
    tls: ssl.SSLContext | None = None
    requests: list[bytes] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)

    @property
    def visits(self) -> int:
        """How many came so far."""
        return len(self.requests)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.listener.getsockname()[1])

    @property
    def url(self) -> str:
        """Its root."""
        return f"http://127.0.0.1:{self.port}"

    def secure(self, context: ssl.SSLContext) -> None:
        """Speak TLS from now on."""
        self.tls = context

    def run(self) -> None:
        """Serve until the socket closes."""
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            connection.settimeout(BUSY_S)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _secured(self, connection: socket.socket) -> socket.socket:
        return self.tls.wrap_socket(connection, server_side=True) if self.tls else connection

    def _serve(self, accepted: socket.socket) -> None:
        with contextlib.suppress(OSError), accepted, self._secured(accepted) as connection:
            self.requests.append(b"")
            visit = len(self.requests) - 1
            self.requests[visit] = _head(connection)
            self.behave(connection, self.requests[visit])


def _head(connection: socket.socket) -> bytes:
    head = b""
    while b"\r\n\r\n" not in head:
        data = connection.recv(65_536)
        if not data:
            break
        head += data
    return head


def answer(body: bytes, *headers: str, status: str = "200 OK", length: int | None = None) -> Behaviour:
    """A behaviour: one plain HTTP answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}", *headers, "", ""]

    def behave(connection: socket.socket, _: bytes) -> None:
        connection.sendall("\r\n".join(lines).encode("latin-1") + body)

    return behave


@pytest.fixture(name="answer")
def _answer() -> Callable[..., Behaviour]:
    """Make a behaviour out of a body, further header lines, a status and an announced length."""
    return answer


@pytest.fixture
def serve() -> Iterator[Callable[[Behaviour], Server]]:
    """Start servers on 127.0.0.1; all of them end with the test."""
    servers: list[Server] = []

    def start(behave: Behaviour) -> Server:
        server = Server(behave, socket.create_server(("127.0.0.1", 0)))
        threading.Thread(target=server.run, daemon=True).start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.stopped.set()
        _close(server.listener)


@pytest.fixture(scope="session")
def canary() -> Iterator[Server]:
    """A listener on every address of this machine, in both families, that remembers whoever came."""
    listener = socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True)
    server = Server(answer(b"<rss/>"), listener)
    threading.Thread(target=server.run, daemon=True).start()
    yield server
    _close(listener)


def _close(listener: socket.socket) -> None:
    with contextlib.suppress(OSError):
        listener.shutdown(socket.SHUT_RDWR)
    listener.close()


@pytest.fixture(scope="session")
def fetcher() -> Fetcher:
    """A fetcher as the daemon has it, but less patient."""
    return Fetcher("advisord/test (+mailto:desk@example.org)", deadline_s=2.0, connect_s=1.0)
