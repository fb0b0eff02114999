"""One mail to one recipient by one server: encrypted and certified or not at all, within one deadline.

What the server says of the recipient or of the message (5xx after RCPT or DATA) is final for this delivery. What it
says before that (a greeting, a login, the sender) is about the server or our configuration, which somebody may mend:
that is tried again, as is every 4xx, a broken reply and a lost connection. 552 after RCPT is a full mailbox on many
servers and counts as 452 (RFC 5321 section 4.5.3.1.10).
"""
from __future__ import annotations

import re
import smtplib
import socket
import ssl
import time
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import cast

from advisord.deliver.line import Line
from advisord.deliver.message import Sending, composed, header_text, sending, usable_address
from advisord.deliver.trust import secret_of, trusting
from advisord.errors import ChannelError
from advisord.model import Channel, Delivery, DeliveryState, Outcome, Rendered, Wording
from advisord.points import passing

DEADLINE_S = 45.0
GOODBYE_S = 2.0  # for a server to answer QUIT; the mail is its own already
REPLIES = 256 * 1024  # bytes that a server may say in one conversation
PORTS = (("starttls", 587), ("tls", 465), ("none", 25))
LONGEST_DETAIL = 200
OK, GO_ON, FINAL = 2, 3, 5  # a reply's first digit
FULL = 552
CLOSING = 421
_ADDRESS = re.compile(r"[^\s<>()\"',;:]+@[^\s<>()\"',;:]+")


class Phase(StrEnum):
    """How far a conversation came, in words for the officer."""

    CONNECT = "connecting"
    GREETING = "the greeting"
    HELLO = "EHLO"
    TLS = "TLS"
    LOGIN = "the login"
    SENDER = "MAIL FROM"
    RECIPIENT = "RCPT TO"
    DATA = "DATA"
    BODY = "the message"
    DONE = "QUIT"


ABOUT_THE_DELIVERY = frozenset({Phase.RECIPIENT, Phase.DATA, Phase.BODY})


@dataclass(frozen=True, slots=True)
class SmtpSender:
    """Sends by one server. `tls`: starttls, tls or none."""

    channel_id: str
    host: str
    port: int
    tls: str
    sending: Sending
    user: str | None
    password: str | None
    context: ssl.SSLContext
    deadline_s: float = DEADLINE_S

    def __repr__(self) -> str:
        """Without the password."""
        return f"SmtpSender({self.channel_id!r}, {self.host!r}, {self.port})"

    @classmethod
    def of(cls, channel: Channel) -> SmtpSender:
        """From a row of channels.yaml; ChannelError where it can't work."""
        options = dict(channel.options)
        tls = options.get("tls", "starttls")
        if tls not in dict(PORTS) or not options.get("host"):
            raise ChannelError(f"channel '{channel.id}': 'host' is missing, or 'tls' is none of starttls, tls, none")
        return cls(channel_id=channel.id, host=options["host"], port=int(options.get("port", dict(PORTS)[tls])),
                   tls=tls, sending=sending(options, channel_id=channel.id), user=options.get("user"),
                   password=secret_of(channel, "password"),
                   context=trusting(options.get("ca_file"), channel_id=channel.id))

    def check(self) -> None:
        """Raises ChannelError for a login that can't be spoken; asks no server."""
        if self.user is not None and self.password is None:
            raise ChannelError(f"channel '{self.channel_id}': 'user' needs a password")
        if not ((self.user or "") + (self.password or "")).isascii():
            raise ChannelError(f"channel '{self.channel_id}': user and password must be ASCII for this way to log in")

    def compose(self, wording: Wording, *, delivery: Delivery, address: str | None, recipient_name: str, now: datetime,
                organisation: str) -> Rendered:
        """The mail as every attempt sends it."""
        return composed(wording, delivery=delivery, address=address, recipient_name=recipient_name,
                        sender=self.sending, now=now, organisation=organisation)

    def send(self, rendered: Rendered, *, delivery: Delivery, address: str | None, now: datetime) -> Outcome:
        """One conversation with the server."""
        del delivery, now
        recipient = usable_address(address)
        if recipient is None:
            return Outcome(DeliveryState.REFUSED, "the recipient has no mail address" if address is None
                           else "the recipient's mail address can't be used")
        talk = _Conversation(self)
        try:
            talk.run(rendered.body, recipient)
        except (OSError, smtplib.SMTPException, ValueError) as error:
            return outcome_of(error, talk.phase, tls=self.tls)
        finally:
            talk.close()
        return Outcome(DeliveryState.ACCEPTED, talk.said)


class _Conversation:
    """What is said between connecting and hanging up, and how far it came."""

    def __init__(self, sender: SmtpSender) -> None:
        """Nothing is connected yet."""
        self._sender = sender
        self._deadline = time.monotonic() + sender.deadline_s
        self._client = smtplib.SMTP(local_hostname="unknown")  # known when connected; else it would ask the resolver
        self._line: Line | None = None
        self.phase = Phase.CONNECT
        self.said = ""

    def run(self, body: bytes, recipient: str) -> None:
        """Hand the mail over; raises what smtplib raises, with `phase` telling where."""
        self._connect()
        self._introduce()
        if self._sender.tls == "starttls":
            self._start_tls()
        if self._sender.user is not None:
            self.phase = Phase.LOGIN
            self._client.login(self._sender.user, self._sender.password or "")
        self._hand_over(body, recipient)

    def _connect(self) -> None:
        self._line = line = Line.to(self._sender.host, self._sender.port, deadline=self._deadline, budget=REPLIES)
        self._client.sock = cast("socket.socket", line)
        self._client.file = line
        name = socket.gethostname()
        self._client.local_hostname = name if "." in name else line.literal
        if self._sender.tls == "tls":
            self.phase = Phase.TLS
            line.secure(self._sender.context, self._sender.host)
        self.phase = Phase.GREETING
        _expect(OK, self._client.getreply())

    def _introduce(self) -> None:
        self.phase = Phase.HELLO
        code, said = self._client.ehlo()
        if code == -1:
            raise smtplib.SMTPResponseException(code, said)
        if code == CLOSING:
            raise smtplib.SMTPResponseException(code, said)
        if code // 100 != OK:
            _expect(OK, self._client.helo())

    def _start_tls(self) -> None:
        self.phase = Phase.TLS
        if not self._client.has_extn("starttls"):
            raise smtplib.SMTPNotSupportedError("the server offers no STARTTLS")
        _expect(OK, self._client.docmd("STARTTLS"))
        cast("Line", self._line).secure(self._sender.context, self._sender.host)
        self._client.ehlo_resp = self._client.helo_resp = None
        self._client.esmtp_features = {}  # RFC 3207: forget what was said in the clear
        self._client.does_esmtp = False
        self._introduce()

    def _hand_over(self, body: bytes, recipient: str) -> None:
        passing("mail introduced")
        self.phase = Phase.SENDER
        _expect(OK, self._client.mail(self._sender.sending.address))
        self.phase = Phase.RECIPIENT
        _expect(OK, self._client.rcpt(recipient))
        self.phase = Phase.DATA
        passing("mail recipient taken")
        _expect(GO_ON, self._client.docmd("DATA"))
        self.phase = Phase.BODY
        passing("mail about to be sent")
        self._client.send(ended(body))
        passing("mail sent")
        reply = self._client.getreply()
        _expect(OK, reply)
        passing("mail accepted")
        self.phase = Phase.DONE
        self.said = detail(*reply)

    def close(self) -> None:
        """Say goodbye where the mail was taken, and hang up; what happens now changes nothing."""
        try:
            if self.phase is Phase.DONE and self._line is not None:
                self._line.hurry(GOODBYE_S)
                self._client.docmd("QUIT")
        except (OSError, smtplib.SMTPException):
            pass
        finally:
            if self._line is not None:
                self._line.close()


def ended(body: bytes) -> bytes:
    """The mail as DATA wants it: every line end CRLF, leading dots doubled, and a dot to end it (RFC 5321 4.5.2)."""
    lines = re.sub(rb"\r\n|\r|\n", b"\r\n", body)
    stuffed = re.sub(rb"(?m)^\.", b"..", lines)
    return stuffed + (b".\r\n" if stuffed.endswith(b"\r\n") else b"\r\n.\r\n")


def outcome_of(error: Exception, phase: Phase, *, tls: str) -> Outcome:
    """What a failure in that phase means for the delivery."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return Outcome(DeliveryState.PENDING, f"the server's certificate is not valid ({error.verify_message})")
    if isinstance(error, smtplib.SMTPNotSupportedError) and phase is Phase.TLS:
        return Outcome(DeliveryState.PENDING, f"the server offers no encryption, which '{tls}' asks for: not sent")
    if isinstance(error, smtplib.SMTPResponseException):
        code, said = error.smtp_code, error.smtp_error
        final = phase in ABOUT_THE_DELIVERY and code // 100 == FINAL
        if phase is Phase.RECIPIENT and code == FULL:
            final = False
        state = DeliveryState.REFUSED if final else DeliveryState.PENDING
        return Outcome(state, f"{phase}: {detail(code, said)}")
    if isinstance(error, TimeoutError):
        return Outcome(DeliveryState.PENDING, f"{phase}: not done in time")
    return Outcome(DeliveryState.PENDING, f"{phase}: {detail(None, str(error))}")


def detail(code: int | None, said: bytes | str) -> str:
    """A server's reply on one line, shortened, with the mail addresses taken out: it goes to the log."""
    words = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    known = f"{code} " if code is not None and code > 0 else ""
    return (known + _ADDRESS.sub("(address)", header_text(words)))[:LONGEST_DETAIL].strip()


def _expect(first_digit: int, reply: tuple[int, bytes]) -> None:
    code, said = reply
    if code // 100 != first_digit:
        raise smtplib.SMTPResponseException(code, said)
