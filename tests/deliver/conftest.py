"""Servers on loopback that do their work or misbehave at a named point, and nouns to deliver."""
from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import pytest
import trustme

from advisord.model import Channel, Delivery, Secrets, Severity, Wording

NOW = datetime(2024, 9, 17, 8, 30, tzinfo=UTC)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class Make:
    """What is delivered, and by what."""

    now = NOW
    secret = SECRET

    def delivery(self, **changes: Any) -> Delivery:
        """A severe delivery to p-017."""
        return replace(Delivery(id="d-1", channel="email", recipient="person:p-017", thread="ML-2024-0917-1/p-017",
                                severity=Severity.SEVERE, created_at=NOW, due_at=NOW, advisory_ids=("a-1",)), **changes)

    def wording(self, **changes: Any) -> Wording:
        """A short warning."""
        return replace(Wording(subject="[ACT NOW] Bamako airport closed", text="WHAT TO DO\nStay where you are.\n",
                               html="<p>Stay where you are.</p>", payload='{"test": 2432232314}', language="en"),
                       **changes)

    def smtp(self, port: int, *, password: str | None = None, **options: str) -> Channel:
        """A mail channel to that port of this machine; TLS as the options say, none by default."""
        every = {"host": "localhost", "port": str(port), "tls": "none", "from": "Security <security@example.org>",
                 **options}
        return Channel("email", "smtp", "person", tuple(every.items()),
                       Secrets({"password": password} if password else {}))

    def webhook(self, url: str, *, allow_private: bool = True, secrets: dict[str, str] | None = None,
                **options: str) -> Channel:
        """A webhook channel to that URL."""
        return Channel("hook", "webhook", "system", (("url", url), *options.items()),
                       Secrets({"secret": SECRET} if secrets is None else secrets), allow_private=allow_private)


@pytest.fixture(scope="session")
def make() -> Make:
    """Makes what is delivered."""
    return Make()


class Authority:
    """A certificate authority of this session; `file` is what a channel names as its `ca_file`."""

    def __init__(self, folder: Path) -> None:
        """Write its certificate."""
        self._ca = trustme.CA()
        self.file = str(folder / "ca.pem")
        self._ca.cert_pem.write_to_path(self.file)

    def context(self, name: str = "localhost") -> ssl.SSLContext:
        """What a server of that name presents."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._ca.issue_cert(name).configure_cert(context)
        return context


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The authority that the tests' channels trust."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority that nobody trusts."""
    return Authority(tmp_path_factory.mktemp("stranger"))


class Listener:
    """Accepts connections on loopback and has each served in a thread; ends with its `with` block."""

    def __init__(self, serve: Callable[[socket.socket, threading.Event], None]) -> None:
        """`serve` gets the connection and an event that tells it to stop."""
        self._serve = serve
        self._over = threading.Event()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        self.port = int(self._listening.getsockname()[1])

    def __enter__(self) -> Self:
        accepting = threading.Thread(target=self._accept)
        self._threads.append(accepting)
        accepting.start()
        return self

    def _accept(self) -> None:
        while not self._over.is_set():
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            if self._over.is_set():
                connection.close()
                return
            serving = threading.Thread(target=self._guarded, args=(connection,))
            self._threads.append(serving)
            serving.start()

    def _guarded(self, connection: socket.socket) -> None:
        connection.settimeout(10)
        with contextlib.suppress(OSError), connection:
            self._serve(connection, self._over)

    def __exit__(self, *error: object) -> None:
        self._over.set()
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), timeout=5).close()
        self._listening.close()
        for thread in self._threads:
            thread.join(10)


def misbehave(fault: str, connection: socket.socket, over: threading.Event, *, code: bytes = b"250") -> None:
    """One of the ways in which a server that has something to say does not say it."""
    said = {"4xx": b"451 4.3.0 try later\r\n", "5xx": b"554 5.7.1 no\r\n", "garbage": b"\x00\xff\xfe nonsense\r\n"}
    if fault in said:
        connection.sendall(said[fault])
        return
    if fault == "reset":
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    elif fault == "silent":
        over.wait(10)
    elif fault == "drip":
        while not over.wait(0.05):
            connection.sendall(b"2")
    elif fault == "endless":
        while not over.is_set():
            connection.sendall((code + b"-and more\r\n") * 100)
    raise ConnectionAbortedError(fault)


@pytest.fixture
def listener() -> Iterator[Callable[[Callable[[socket.socket, threading.Event], None]], Listener]]:
    """Starts servers that end with the test."""
    with contextlib.ExitStack() as stack:
        yield lambda serve: stack.enter_context(Listener(serve))


class MailServer:
    """An SMTP server with STARTTLS and PLAIN login that misbehaves at one phase; `messages` are those it took."""

    def __init__(self, context: ssl.SSLContext, *, phase: str = "", fault: str = "") -> None:
        """`phase` "" misbehaves nowhere."""
        self._context = context
        self._phase = phase
        self._fault = fault
        self.messages: list[bytes] = []
        self.reached = False

    def __call__(self, connection: socket.socket, over: threading.Event) -> None:
        """Serve one connection."""
        _Mailing(self, connection, over).serve()

    def reply(self, phase: str, usual: bytes, connection: socket.socket, over: threading.Event) -> None:
        """Say the usual, or misbehave."""
        if phase != self._phase:
            connection.sendall(usual)
            return
        self.reached = True
        misbehave(self._fault, connection, over, code=usual[:3])

    def handshake(self, connection: socket.socket, over: threading.Event) -> socket.socket:
        """Begin TLS, or misbehave."""
        if self._phase == "handshake":
            self.reached = True
            misbehave(self._fault, connection, over)
            raise ConnectionAbortedError(self._fault)
        return self._context.wrap_socket(connection, server_side=True)


class _Mailing:
    """One connection of a MailServer."""

    def __init__(self, server: MailServer, connection: socket.socket, over: threading.Event) -> None:
        self._server = server
        self._connection = connection
        self._over = over
        self._received = b""

    def serve(self) -> None:
        try:
            self._talk()
        finally:
            self._connection.close()

    def _talk(self) -> None:
        self._reply("greeting", b"220 test ESMTP\r\n")
        secured = False
        while line := self._until(b"\r\n"):
            verb = line[:4].upper()
            if verb in {b"EHLO", b"HELO"}:
                self._reply("ehlo again" if secured else "ehlo", b"250-test\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n")
            elif verb == b"STAR":
                self._reply("starttls", b"220 go\r\n")
                self._connection = self._server.handshake(self._connection, self._over)
                secured = True
            elif verb == b"DATA":
                self._reply("data", b"354 go\r\n")
                message = self._until(b"\r\n.\r\n")
                self._server.messages.append(message)
                self._reply("body", b"250 2.0.0 queued\r\n")
            else:
                self._reply({b"AUTH": "auth", b"MAIL": "mail", b"RCPT": "rcpt", b"QUIT": "quit"}.get(verb, "other"),
                            {b"AUTH": b"235 ok\r\n", b"QUIT": b"221 bye\r\n"}.get(verb, b"250 ok\r\n"))

    def _reply(self, phase: str, usual: bytes) -> None:
        self._server.reply(phase, usual, self._connection, self._over)

    def _until(self, end: bytes) -> bytes:
        while end not in self._received:
            some = self._connection.recv(65536)
            if not some:
                return b""
            self._received += some
        taken, _, self._received = self._received.partition(end)
        return taken + end


@pytest.fixture
def mail_server() -> type[MailServer]:
    """The class of mail servers that misbehave."""
    return MailServer
