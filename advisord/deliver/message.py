"""A Wording becomes the bytes of one mail to one recipient, the same for a mail server and for a folder.

Every value that comes from elsewhere is cleaned before it becomes a header: `EmailMessage` of CPython before 3.11.10
decodes `=?utf-8?q?x=0ABcc:_evil@x.org?=` in a subject into a real Bcc header (CVE-2024-6923), and raises on a raw
newline, U+0085 or U+2028.
"""
from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import MessageError
from email.header import Header
from email.headerregistry import Address, AddressHeader
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, parseaddr
from hashlib import blake2b

from advisord.errors import ChannelError
from advisord.model import Delivery, Rendered, Severity, Wording

CONTENT_TYPE = "message/rfc822"
LONGEST_SUBJECT = 250  # characters; nobody reads more, and some servers refuse long header lines
LONGEST_ID_DOMAIN = 24  # `EmailMessage` encodes an id that is longer than a line, and then no thread is found by it
LONGEST_ADDRESS = 254  # RFC 3696 erratum 1690

# C0, DEL, C1 (NEL among them), line and paragraph separators, and what turns the reading direction round
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]+")
_LINE_ENDS = re.compile("\r\n|[\r\n\x0b\x0c\x85\u2028\u2029]")
_TEXT_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_ATOM = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,35}")
_LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
                     r"(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*")


class WholeWords(EmailPolicy):
    """Folds what is not ASCII as RFC 2047 means it.

    EmailPolicy of CPython 3.11 to 3.13 loses the space between two neighbouring encoded words ("ferméaprès").
    """

    def fold(self, name: str, value: str) -> str:
        """The header line with its line end."""
        if name == "Subject" and not value.isascii():
            return f"{name}: {self._encoded(value, name)}{self.linesep}"
        if isinstance(value, AddressHeader) and not value.isascii():
            written = (f"{self._encoded(each.display_name, name)} <{each.addr_spec}>" for each in value.addresses)
            return f"{name}: {f',{self.linesep} '.join(written)}{self.linesep}"
        return str(super().fold(name, value))

    def fold_binary(self, name: str, value: str) -> bytes:
        """The same as bytes."""
        return self.fold(name, value).encode("ascii")

    def _encoded(self, words: str, name: str) -> str:
        if words.isascii():
            return f'"{words}"' if words else words
        return Header(words, "utf-8", header_name=name).encode(linesep=self.linesep)


POLICY = WholeWords(linesep="\r\n", max_line_length=78, cte_type="7bit")


@dataclass(frozen=True, slots=True)
class Sending:
    """Who a mail comes from, checked: `name` may be empty; `reply_to` is an address alone."""

    name: str
    address: str
    reply_to: str | None = None

    @property
    def domain(self) -> str:
        """Of the address, as it stands in a Message-ID: without its first labels where it is long."""
        domain = self.address.rpartition("@")[2]
        while len(domain) > LONGEST_ID_DOMAIN and "." in domain:
            domain = domain.partition(".")[2]
        return domain


def sending(options: dict[str, str], *, channel_id: str, default_from: str = "") -> Sending:
    """Who the mails of a channel come from; ChannelError where its `from` or `reply_to` is no address."""
    written = options.get("from", default_from)
    name, address = parseaddr(written)
    usable = usable_address(address)
    if usable is None or _CONTROLS.search(written):
        raise ChannelError(f"channel '{channel_id}': 'from' is no mail address")
    reply_to = options.get("reply_to")
    usable_reply = usable_address(parseaddr(reply_to)[1]) if reply_to else None
    if reply_to and usable_reply is None:
        raise ChannelError(f"channel '{channel_id}': 'reply_to' is no mail address")
    return Sending(header_text(name), usable, usable_reply)


def usable_address(address: str | None) -> str | None:
    """The address as a mail server takes it, its domain in ASCII; null for what no server takes.

    Stricter than RFC 5321: no quoted local parts and no address literals, whose freedoms serve injection alone.
    """
    if address is None:
        return None
    local, _, domain = address.strip().rpartition("@")
    try:
        ascii_domain = domain.encode("idna").decode("ascii") if domain else ""
    except UnicodeError:
        return None
    if not _LOCAL_PART.fullmatch(local) or not _DOMAIN.fullmatch(ascii_domain):
        return None
    whole = f"{local}@{ascii_domain}"
    return whole if len(whole) <= LONGEST_ADDRESS else None


def header_text(value: str) -> str:
    """One line without controls, and without what some parser would decode into them."""
    flat = _SURROGATES.sub("?", _CONTROLS.sub(" ", value))
    return " ".join(flat.replace("=?", "= ?").split())


def body_text(value: str) -> str:
    """Text with plain line ends and no controls but tabs."""
    return _TEXT_CONTROLS.sub("", _LINE_ENDS.sub("\n", value))


def composed(wording: Wording, *, delivery: Delivery, address: str | None, recipient_name: str, sender: Sending,
             now: datetime, organisation: str) -> Rendered:
    """The mail as it will be sent at every attempt; ChannelError for an address that no mail can have."""
    text, html = body_text(wording.text), body_text(wording.html)
    mail = EmailMessage(policy=POLICY)
    mail["From"] = Address(sender.name or header_text(organisation), addr_spec=sender.address)
    mail["To"] = _recipient(address, recipient_name, channel_id=delivery.channel)
    if sender.reply_to is not None:
        mail["Reply-To"] = Address(addr_spec=sender.reply_to)
    subject = header_text(wording.subject)[:LONGEST_SUBJECT]
    mail["Subject"] = subject
    mail["Date"] = format_datetime(now.astimezone(UTC))
    _thread(mail, delivery, sender.domain)
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    mail["X-Auto-Response-Suppress"] = "All"  # the same for Exchange, which knows no RFC 3834
    if delivery.severity in {Severity.EXTREME, Severity.SEVERE}:
        mail["Importance"] = "high"
    mail.set_content(text, cte="quoted-printable")
    if html:
        mail.add_alternative(html, subtype="html", cte="quoted-printable")
        mail.set_boundary("=_" + _digest(delivery.id, text, html))
    if wording.language and _ATOM.fullmatch(wording.language):
        mail["Content-Language"] = wording.language  # last: a part made later takes Content- headers along
    return Rendered(content_type=CONTENT_TYPE, body=_bytes(mail, delivery), subject=subject)


def _bytes(mail: EmailMessage, delivery: Delivery) -> bytes:
    try:
        return mail.as_bytes()
    except (MessageError, ValueError) as error:
        raise ChannelError(f"channel '{delivery.channel}': delivery '{delivery.id}' can't be a mail") from error


def _recipient(address: str | None, name: str, *, channel_id: str) -> Address | str:
    if address is None:
        return "undisclosed-recipients:;"
    usable = usable_address(address)
    if usable is None:
        raise ChannelError(f"channel '{channel_id}': the recipient's mail address can't be used")
    return Address(header_text(name), addr_spec=usable)


def _thread(mail: EmailMessage, delivery: Delivery, domain: str) -> None:
    """All mails of a thread refer to a root that none of them is, so that they stay one even if some were refused."""
    mail["Message-ID"] = message_id(delivery.id, domain)
    root = f"<thread.{_digest(delivery.thread)[:20]}@{domain}>"
    if delivery.previous is None:
        mail["References"] = root
        return
    previous = message_id(delivery.previous, domain)
    mail["In-Reply-To"] = previous
    mail["References"] = f"{root} {previous}"


def message_id(delivery_id: str, domain: str) -> str:
    """The Message-ID of a delivery: the same at every attempt."""
    name = delivery_id if _ATOM.fullmatch(delivery_id) and ".." not in delivery_id else _digest(delivery_id)
    return f"<{name.rstrip('.')}@{domain}>"


def _digest(*parts: str) -> str:
    whole = "\0".join(parts).encode("utf-8", "surrogatepass")
    return blake2b(whole, digest_size=16).hexdigest()
