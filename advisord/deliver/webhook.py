"""One signed POST to one receiver, by Standard Webhooks (standardwebhooks.com, specification of 2023).

Only 2xx is success. A redirect is a failure and not followed, since the permission to connect is for one address. 410
is final: the receiver wants nothing more. All else is tried again.
"""
from __future__ import annotations

import base64
import binascii
import hmac
import re
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from hashlib import blake2b

import httpcore
import httpx

from advisord import __version__
from advisord.addresses import AddressRefusedError, parsed_url
from advisord.deliver.retry import LONGEST_S, SHORTEST_S
from advisord.deliver.trust import secret_of, trusting
from advisord.errors import ChannelError
from advisord.model import Channel, Delivery, DeliveryState, Outcome, Rendered, Wording
from advisord.network import Allowance, DeadlineError, GuardedNetwork, TooLargeError
from advisord.points import passing

DEADLINE_S = 30.0
ANSWER = 128 * 1024  # bytes that an answer's status and headers may take
CONTENT_TYPE = "application/json"
PREFIX = "whsec_"
SHORTEST_SECRET, LONGEST_SECRET = 24, 64  # bytes
OK, GONE = 2, 410
REDIRECT = 3
LONGEST_DETAIL = 200
_PLAIN_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class WebhookSender:
    """Posts to one URL. `keys` all sign, so that a receiver can change its secret without missing anything."""

    channel_id: str
    url: httpx.URL
    keys: tuple[bytes, ...]
    allow_private: bool
    context: ssl.SSLContext
    deadline_s: float = DEADLINE_S

    def __repr__(self) -> str:
        """Without the keys, and without what a URL may hide in its path."""
        return f"WebhookSender({self.channel_id!r}, {self.url.host!r})"

    @classmethod
    def of(cls, channel: Channel) -> WebhookSender:
        """From a row of channels.yaml; ChannelError where it can't work."""
        options = dict(channel.options)
        try:
            url = parsed_url(options.get("url", ""))
        except AddressRefusedError as error:
            raise ChannelError(f"channel '{channel.id}': url: {error}") from error
        secrets = (secret_of(channel, name) for name in ("secret", "previous_secret"))
        keys = tuple(key_of(secret, channel_id=channel.id) for secret in secrets if secret is not None)
        return cls(channel_id=channel.id, url=url, keys=keys,
                   allow_private=channel.allow_private, context=trusting(options.get("ca_file"), channel_id=channel.id))

    def check(self) -> None:
        """Raises ChannelError for a receiver that could not know us, or that everybody could listen to."""
        if not self.keys:
            raise ChannelError(f"channel '{self.channel_id}': its secret is missing")
        if self.url.scheme != "https" and not self.allow_private:
            raise ChannelError(f"channel '{self.channel_id}': http: is for private networks (allow_private: true)")
        if self.url.userinfo:
            raise ChannelError(f"channel '{self.channel_id}': its url holds a user name; the signature takes its place")

    def compose(self, wording: Wording, *, delivery: Delivery, address: str | None, recipient_name: str, now: datetime,
                organisation: str) -> Rendered:
        """The body as every attempt sends it; only the timestamp and with it the signature change."""
        del delivery, address, recipient_name, now, organisation
        return Rendered(content_type=CONTENT_TYPE, body=wording.payload.encode("utf-8", "replace"),
                        subject=wording.subject)

    def send(self, rendered: Rendered, *, delivery: Delivery, address: str | None, now: datetime) -> Outcome:
        """One POST."""
        del address
        host, port = self.url.host, self.url.port or (443 if self.url.scheme == "https" else 80)
        network = GuardedNetwork(Allowance(time.monotonic() + self.deadline_s, ANSWER),
                                 private_hosts=frozenset({(host, port)} if self.allow_private else ()))
        request = httpcore.Request("POST", str(self.url), content=rendered.body, headers=[
            (b"Host", self.url.netloc), (b"Content-Length", str(len(rendered.body)).encode()),
            (b"Content-Type", rendered.content_type.encode()), (b"User-Agent", f"advisord/{__version__}".encode()),
            (b"Connection", b"close"), *signed(self.keys, webhook_id(delivery.id), now, rendered.body)])
        try:
            with httpcore.ConnectionPool(self.context, max_keepalive_connections=0, network_backend=network) as pool:
                passing("webhook about to be sent")
                response = pool.handle_request(request)
                passing("webhook answered")
                answer = response.status, {name.lower(): value for name, value in response.headers}
                response.close()
        except AddressRefusedError as error:
            return Outcome(DeliveryState.PENDING, f"not connected: {error}")
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
            return Outcome(DeliveryState.PENDING, _sentence(error, self.deadline_s))
        return outcome_of(*answer, now=now)


def outcome_of(status: int, headers: dict[bytes, bytes], *, now: datetime) -> Outcome:
    """What an answer means; header names in lower case."""
    if status // 100 == OK:
        return Outcome(DeliveryState.ACCEPTED, f"HTTP {status}")
    if status == GONE:
        return Outcome(DeliveryState.REFUSED, "HTTP 410: the receiver is gone for good; take it out of channels.yaml")
    wait = retry_after_s(headers.get(b"retry-after", b"").decode("latin-1"), now)
    why = ": redirects are not followed, put the new address into channels.yaml" if status // 100 == REDIRECT else ""
    return Outcome(DeliveryState.PENDING, f"HTTP {status}{why}", retry_after_s=wait)


def retry_after_s(text: str, now: datetime) -> float | None:
    """Seconds that a Retry-After asks for (RFC 9110 section 10.2.3), within 1 s and 24 h; null where unreadable."""
    text = text.strip()[:64]
    if text.isascii() and text.isdigit():
        wanted = float(text)
    else:
        try:
            until = parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
        wanted = ((until if until.tzinfo else until.replace(tzinfo=UTC)) - now).total_seconds()
    return min(max(wanted, SHORTEST_S), LONGEST_S)


def signed(keys: Sequence[bytes], message_id: str, now: datetime, body: bytes) -> list[tuple[bytes, bytes]]:
    """The three headers that prove sender, instant and body; ValueError for an id with a dot, which parts the three."""
    if "." in message_id:
        raise ValueError("a webhook-id holds no dot")
    timestamp = str(int(now.timestamp()))
    content = f"{message_id}.{timestamp}.".encode() + body
    signatures = [b"v1," + base64.b64encode(hmac.digest(key, content, "sha256")) for key in keys]
    return [(b"webhook-id", message_id.encode()), (b"webhook-timestamp", timestamp.encode()),
            (b"webhook-signature", b" ".join(signatures))]


def webhook_id(delivery_id: str) -> str:
    """The key by which a receiver knows a repeat: the delivery's id, or its digest where that has other characters."""
    if _PLAIN_ID.fullmatch(delivery_id):
        return delivery_id
    return blake2b(delivery_id.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def key_of(secret: str, *, channel_id: str) -> bytes:
    """The key inside "whsec_…"; ChannelError, which doesn't say the secret, where there is none."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ChannelError(f"channel '{channel_id}': the secret is not base64 after 'whsec_'") from error
    if not secret.startswith(PREFIX) or not SHORTEST_SECRET <= len(key) <= LONGEST_SECRET:
        raise ChannelError(f"channel '{channel_id}': the secret must be 'whsec_' and base64 of {SHORTEST_SECRET} to "
                           f"{LONGEST_SECRET} bytes")
    return key


def _sentence(error: Exception, deadline_s: float) -> str:
    said = re.sub(r"[^\x20-\x7e]+", " ", str(error) or type(error).__name__)[:LONGEST_DETAIL]
    if isinstance(error, DeadlineError):
        return f"no answer within {deadline_s:g} s"
    if isinstance(error, TooLargeError):
        return "answers with more than a webhook's answer may hold"
    if isinstance(error, httpcore.TimeoutException):
        return "no answer in time"
    return f"can't be reached ({said})" if isinstance(error, httpcore.ConnectError) else f"broke off ({said})"
