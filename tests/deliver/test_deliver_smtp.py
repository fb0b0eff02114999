"""Mail by servers that behave and servers that don't: encrypted or not sent, one recipient, one outcome."""
from __future__ import annotations

import contextlib
import email
import socket
import ssl
import threading
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from email import policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword

from advisord.deliver.channel import sender
from advisord.deliver.smtp import SmtpSender, ended
from advisord.errors import ChannelError
from advisord.model import DeliveryState, Outcome, Rendered

PHASES = ("greeting", "ehlo", "starttls", "handshake", "ehlo again", "auth", "mail", "rcpt", "data", "body", "quit")
FAULTS = ("4xx", "5xx", "close", "reset", "silent", "drip", "endless", "garbage")
WAITING = ("silent", "drip")
CELLS = [pytest.param(phase, fault, id=f"{phase}-{fault}") for phase in PHASES for fault in FAULTS]


class Inbox:
    """What aiosmtpd took, and how it answers a recipient or a message."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []
        self.rcpt = "250 ok"
        self.data = "250 2.0.0 queued"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Envelope, address: str,  # noqa: N802
                          options: list[str]) -> str:
        """Answer RCPT."""
        del server, session, options
        if self.rcpt.startswith("2"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802
        """Answer the message."""
        del server, session
        self.taken.append(envelope)
        return self.data

    def mails(self) -> list[EmailMessage]:
        """The mails as a mail program reads them."""
        return [email.message_from_bytes(envelope.original_content or b"", policy=policy.default)
                for envelope in self.taken]


@pytest.fixture
def inbox() -> Inbox:
    """An inbox."""
    return Inbox()


@contextlib.contextmanager
def serving(inbox: Inbox, **options: Any) -> Iterator[int]:
    """A real SMTP server on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    controller = Controller(inbox, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


def send(way: Any, make: Any, *, address: str | None = "p017@example.net", **changes: Any) -> Outcome:
    """One delivery by that way."""
    delivery = make.delivery(**changes)
    rendered = way.compose(make.wording(), delivery=delivery, address="p017@example.net", recipient_name="A. Traoré",
                           now=make.now, organisation="Joliba")
    outcome: Outcome = way.send(rendered, delivery=delivery, address=address, now=make.now)
    return outcome


@pytest.mark.parametrize("tls", ["none", "starttls"])
def test_accepted(inbox: Inbox, make: Any, authority: Any, tls: str) -> None:
    """A mail that the server takes is accepted, and lies there for one recipient."""
    options = {"tls_context": authority.context(), "require_starttls": True} if tls == "starttls" else {}
    with serving(inbox, **options) as port:
        outcome = send(sender(make.smtp(port, tls=tls, ca_file=authority.file)), make)
    assert outcome == Outcome(DeliveryState.ACCEPTED, "250 2.0.0 queued")
    (envelope,) = inbox.taken
    assert (envelope.mail_from, envelope.rcpt_tos) == ("security@example.org", ["p017@example.net"])
    assert inbox.mails()[0]["Message-ID"] == "<d-1@example.org>"


def test_implicit_tls(mail_server: Any, listener: Any, make: Any, authority: Any) -> None:
    """With `tls: tls` the connection is encrypted from its first byte."""
    server = mail_server(authority.context())
    secure = authority.context()
    port = listener(lambda connection, over: server(secure.wrap_socket(connection, server_side=True), over)).port
    assert send(sender(make.smtp(port, tls="tls", ca_file=authority.file)), make).state is DeliveryState.ACCEPTED
    assert len(server.messages) == 1


@pytest.mark.parametrize("password", ["correct horse", "wrong"])
def test_login(inbox: Inbox, make: Any, authority: Any, password: str) -> None:
    """A login that the server refuses is ours to mend: the mail waits; the right one sends it."""
    def judge(server: Any, session: Any, envelope: Any, mechanism: str, login: LoginPassword) -> AuthResult:
        del server, session, envelope, mechanism
        right = (login.login, login.password) == (b"advisord", b"correct horse")
        return AuthResult(success=right, handled=right)

    with serving(inbox, tls_context=authority.context(), authenticator=judge, auth_required=True) as port:
        outcome = send(sender(make.smtp(port, tls="starttls", ca_file=authority.file, user="advisord",
                                        password=password)), make)
    wanted = DeliveryState.ACCEPTED if password == "correct horse" else DeliveryState.PENDING
    assert outcome.state is wanted
    assert len(inbox.taken) == (wanted is DeliveryState.ACCEPTED)


def test_starttls_strip(inbox: Inbox, make: Any, authority: Any) -> None:
    """A server that offers no STARTTLS, or somebody between us who hides it, gets nothing."""
    with serving(inbox) as port:
        outcome = send(sender(make.smtp(port, tls="starttls", ca_file=authority.file)), make)
    assert outcome.state is DeliveryState.PENDING
    assert outcome.detail == "the server offers no encryption, which 'starttls' asks for: not sent"
    assert inbox.taken == []


@pytest.mark.parametrize("tls", ["starttls", "tls"])
@pytest.mark.parametrize("bad", ["evil name", "stranger"])
def test_bad_cert(mail_server: Any, listener: Any, make: Any, authority: Any, stranger: Any, tls: str,
                  bad: str) -> None:
    """A certificate of another name, or of an authority that we don't trust, gets nothing."""
    context: ssl.SSLContext = authority.context("evil.example") if bad == "evil name" else stranger.context()
    server = mail_server(context)
    implicit = lambda connection, over: server(context.wrap_socket(connection, server_side=True), over)  # noqa: E731
    port = listener(implicit if tls == "tls" else server).port
    outcome = send(sender(make.smtp(port, tls=tls, ca_file=authority.file)), make)
    assert outcome.state is DeliveryState.PENDING
    assert outcome.detail.startswith("the server's certificate is not valid")
    assert server.messages == []


def test_said_in_the_clear_is_forgotten(listener: Any, make: Any, authority: Any) -> None:
    """Replies that somebody slips in before TLS begins are not taken for the server's (CVE-2011-0411's kind)."""
    def serve(connection: Any, over: Any) -> None:
        del over
        connection.sendall(b"220 x\r\n")
        connection.recv(1000)
        connection.sendall(b"250-x\r\n250 STARTTLS\r\n")
        connection.recv(1000)
        connection.sendall(b"220 go\r\n250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n250 injected\r\n")
        with authority.context().wrap_socket(connection, server_side=True) as secured:
            secured.recv(1000)

    way = replace(_smtp(make.smtp(listener(serve).port, tls="starttls", ca_file=authority.file)), deadline_s=3.0)
    assert send(way, make).state is DeliveryState.PENDING


@pytest.mark.parametrize(("rcpt", "state"), [
    ("250 ok", DeliveryState.ACCEPTED), ("251 will forward", DeliveryState.ACCEPTED),
    ("450 4.2.1 greylisted", DeliveryState.PENDING), ("452 too many", DeliveryState.PENDING),
    ("550 5.1.1 no such user", DeliveryState.REFUSED), ("552 mailbox full", DeliveryState.PENDING),
    ("553 not allowed", DeliveryState.REFUSED), ("421 closing", DeliveryState.PENDING),
])
def test_partial_rcpt(inbox: Inbox, make: Any, rcpt: str, state: DeliveryState) -> None:
    """A recipient accepted is accepted, put off is tried again, refused is final, each for itself."""
    inbox.rcpt = rcpt
    with serving(inbox) as port:
        assert send(sender(make.smtp(port)), make).state is state


@pytest.mark.parametrize(("data", "state"), [
    ("250 ok", DeliveryState.ACCEPTED), ("451 try later", DeliveryState.PENDING),
    ("552 too big", DeliveryState.REFUSED), ("554 5.7.1 looks like spam", DeliveryState.REFUSED),
])
def test_message_judged(inbox: Inbox, make: Any, data: str, state: DeliveryState) -> None:
    """A message that the server will never take is final, and says why."""
    inbox.data = data
    with serving(inbox) as port:
        outcome = send(sender(make.smtp(port)), make)
    assert outcome.state is state
    assert data in outcome.detail


def test_no_address_in_the_detail(inbox: Inbox, make: Any) -> None:
    """A server that repeats the recipient's address does not put it into our log."""
    inbox.rcpt = "550 5.1.1 <p017@example.net>: Recipient rejected, P017@EXAMPLE.NET unknown"
    with serving(inbox) as port:
        detail = send(sender(make.smtp(port)), make).detail
    assert detail == "RCPT TO: 550 5.1.1 <(address)>: Recipient rejected, (address) unknown"


@pytest.mark.parametrize("address", [
    None, "", "p017", "p017@", "@example.net", "a@b>\r\nDATA", "a@b\nRCPT TO:<x@y>", "a b@example.net", "<a@b>",
    "a@exa mple.net", '"quoted"@example.net', "a@[127.0.0.1]", "ä@example.net", "a@b@c", "a" * 260 + "@example.net",
    "a@-b.example", "a..b@example.net",
])
def test_rcpt_inject(inbox: Inbox, make: Any, address: str | None) -> None:
    """An address that could say more than an address is refused before anybody is called."""
    with serving(inbox) as port:
        assert send(sender(make.smtp(port)), make, address=address).state is DeliveryState.REFUSED
    assert inbox.taken == []


def test_address_in_another_script(inbox: Inbox, make: Any) -> None:
    """A domain in another script is written as servers know it."""
    with serving(inbox) as port:
        assert send(sender(make.smtp(port)), make, address="p017@bücher.example").state is DeliveryState.ACCEPTED
    assert inbox.taken[0].rcpt_tos == ["p017@xn--bcher-kva.example"]


@pytest.mark.parametrize("smuggled", [
    "\n.\r\nMAIL FROM:<x@y>\r\n", "\r\n.\nMAIL FROM:<x@y>",
    "\r.\rMAIL FROM:<x@y>\r", "\n.\nQUIT\n", "\r\n.\r\nDATA\r\n",
])
def test_dot_smuggle(inbox: Inbox, make: Any, smuggled: str) -> None:
    """A dot alone on a line, however the line ends, stays text: one message arrives."""
    way = sender(make.smtp(1))
    rendered = way.compose(make.wording(text="before" + smuggled + "after"), delivery=make.delivery(),
                           address="p017@example.net", recipient_name="", now=make.now, organisation="")
    raw = replace(rendered, body=rendered.body + smuggled.encode() + b"after")
    with serving(inbox) as port:
        for each in (rendered, raw):
            way = sender(make.smtp(port))
            assert way.send(each, delivery=make.delivery(), address="p@example.net", now=make.now).state == "accepted"
    assert len(inbox.taken) == 2
    assert all(b"after" in (envelope.original_content or b"") for envelope in inbox.taken)


@pytest.mark.parametrize(("body", "sent"), [
    (b"a\r\n", b"a\r\n.\r\n"), (b"a", b"a\r\n.\r\n"),
    (b".", b"..\r\n.\r\n"), (b"a\n.\nb\r\n", b"a\r\n..\r\nb\r\n.\r\n"),
    (b"a\r.b", b"a\r\n..b\r\n.\r\n"), (b"", b"\r\n.\r\n"), (b"..a\r\n", b"...a\r\n.\r\n"),
])
def test_end_of_data(body: bytes, sent: bytes) -> None:
    """What goes over the line ends with one dot alone, and has no other."""
    assert ended(body) == sent


@pytest.mark.parametrize(("phase", "fault"), CELLS)
def test_fault(mail_server: Any, listener: Any, make: Any, authority: Any, phase: str, fault: str) -> None:
    """Wherever a server fails, however, there is one outcome in time, and only a verdict on the delivery is final."""
    server = mail_server(authority.context(), phase=phase, fault=fault)
    channel = make.smtp(listener(server).port, tls="starttls", ca_file=authority.file, user="u", password="p")
    way = replace(_smtp(channel), deadline_s=0.25 if fault in WAITING else 10.0)
    began = time.monotonic()
    outcome = send(way, make)
    assert time.monotonic() - began < 5
    assert outcome.state is _expected(phase, fault)
    assert outcome.detail
    if fault not in WAITING:
        assert server.reached


def _expected(phase: str, fault: str) -> DeliveryState:
    if phase == "quit":
        return DeliveryState.ACCEPTED
    final = fault == "5xx" and phase in {"rcpt", "data", "body"}
    return DeliveryState.REFUSED if final else DeliveryState.PENDING


def test_nobody_listens(make: Any) -> None:
    """A server that is down costs this attempt only."""
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = int(gone.getsockname()[1])
    outcome = send(sender(make.smtp(port)), make)
    assert outcome.state is DeliveryState.PENDING
    assert outcome.detail.startswith("connecting: ")


def test_unknown_host(make: Any) -> None:
    """A server whose name nobody knows costs this attempt only."""
    way = replace(_smtp(make.smtp(25, host="mail.invalid")), deadline_s=5.0)
    assert send(way, make).state is DeliveryState.PENDING


def test_drop_after_dot(mail_server: Any, listener: Any, make: Any, authority: Any) -> None:
    """A connection lost after the message is tried again under the same Message-ID, with the same bytes."""
    losing = mail_server(authority.context(), phase="body", fault="reset")
    taking = mail_server(authority.context())
    delivery = make.delivery()
    rendered: Rendered | None = None
    for server in (losing, taking):
        way = sender(make.smtp(listener(server).port))
        rendered = rendered or way.compose(make.wording(), delivery=delivery, address="p017@example.net",
                                           recipient_name="", now=make.now, organisation="")
        last = way.send(rendered, delivery=delivery, address="p017@example.net", now=make.now)
    assert last.state is DeliveryState.ACCEPTED
    assert losing.messages == taking.messages
    assert b"Message-ID: <d-1@example.org>\r\n" in taking.messages[0]


@pytest.mark.parametrize("options", [
    {"host": ""}, {"tls": "ssl"}, {"from": "nobody"}, {"from": "a@b\r\nBcc: x@y"}, {"reply_to": "nobody"},
    {"ca_file": "/does/not/exist.pem"}, {"user": "u"},
])
def test_can_not_work(make: Any, options: dict[str, str]) -> None:
    """A mail channel that can't work as configured says so before anything is sent."""
    with pytest.raises(ChannelError, match="channel 'email'"):
        sender(make.smtp(25, **options)).check()


def test_password_must_be_ascii(make: Any) -> None:
    """A password that can't be spoken is told at the start, and not shown."""
    way = sender(make.smtp(25, user="u", password="pässword"))
    with pytest.raises(ChannelError, match="ASCII") as caught:
        way.check()
    assert "pässword" not in str(caught.value) + repr(way)


def _smtp(channel: Any) -> SmtpSender:
    way = sender(channel)
    assert isinstance(way, SmtpSender)
    return way


@pytest.mark.parametrize("said", [
    pytest.param(b"220-" + b"x" * 60 + b"\r\n", id="smtp-endless-lines"),
    pytest.param(b"220-" + b"x" * 65_000, id="one-endless-line"),
])
def test_endless_greeting(listener: Any, make: Any, said: bytes) -> None:
    """A server that greets for ever ends the attempt in time, and takes no memory for it."""
    def greet(connection: socket.socket, over: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while not over.is_set():
                connection.sendall(said)

    way = replace(_smtp(make.smtp(listener(greet).port)), deadline_s=5.0)
    tracemalloc.start()
    began = time.monotonic()
    outcome = send(way, make)
    took = time.monotonic() - began
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert outcome.state is DeliveryState.PENDING
    assert took < 7
    assert most < 8_000_000
