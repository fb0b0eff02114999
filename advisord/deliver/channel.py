"""A channel of channels.yaml becomes something that can send: one class a kind, one row a class."""
from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from advisord.deliver.file import FileSender
from advisord.deliver.smtp import SmtpSender
from advisord.deliver.webhook import WebhookSender
from advisord.errors import ChannelError
from advisord.model import Channel, Delivery, Outcome, Rendered, Wording


class Sender(Protocol):
    """One way out."""

    def check(self) -> None:
        """Raises ChannelError if it can't work as configured; asks no server."""

    def compose(self, wording: Wording, *, delivery: Delivery, address: str | None, recipient_name: str, now: datetime,
                organisation: str) -> Rendered:
        """The bytes of a delivery, to be kept; ChannelError where they can't be made."""

    def send(self, rendered: Rendered, *, delivery: Delivery, address: str | None, now: datetime) -> Outcome:
        """One attempt, within the channel's deadline; what the other side does wrong is an Outcome, never raised."""


SENDERS: tuple[tuple[str, Callable[[Channel], Sender]], ...] = (
    ("smtp", SmtpSender.of),
    ("webhook", WebhookSender.of),
    ("file", FileSender.of),
)


def sender(channel: Channel) -> Sender:
    """What sends by that channel; ChannelError for a kind that nobody knows or options that can't work."""
    for kind, made in SENDERS:
        if channel.kind == kind:
            return made(channel)
    raise ChannelError(f"channel '{channel.id}': kind '{channel.kind}' is not known")
