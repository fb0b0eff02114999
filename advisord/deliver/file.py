"""Mails as .eml files in a folder, for desks that begin without a mail server; any mail program opens them."""
from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path

from advisord.deliver.message import Sending, composed, sending
from advisord.errors import ChannelError
from advisord.model import Channel, Delivery, DeliveryState, Outcome, Rendered, Wording

_PLAIN = re.compile(r"[A-Za-z0-9_-]{1,64}")
PRIVATE_FILE, PRIVATE_FOLDER = 0o600, 0o700  # they say where people are


@dataclass(frozen=True, slots=True)
class FileSender:
    """Writes each delivery to a file of its own, whole or not at all; a second attempt writes the same file."""

    channel_id: str
    folder: Path
    sending: Sending

    @classmethod
    def of(cls, channel: Channel) -> FileSender:
        """From a row of channels.yaml; ChannelError where it can't work."""
        options = dict(channel.options)
        if not options.get("folder"):
            raise ChannelError(f"channel '{channel.id}': 'folder' is missing")
        return cls(channel.id, Path(options["folder"]),
                   sending(options, channel_id=channel.id, default_from="advisord@localhost"))

    def check(self) -> None:
        """Raises ChannelError if the folder can't be written."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
            trial = self.folder / f".trial-{os.getpid()}"
            trial.write_bytes(b"")
            trial.unlink()
        except OSError as error:
            raise ChannelError(f"channel '{self.channel_id}': folder '{self.folder}' can't be written "
                               f"({error.strerror})") from error

    def compose(self, wording: Wording, *, delivery: Delivery, address: str | None, recipient_name: str, now: datetime,
                organisation: str) -> Rendered:
        """The mail that will lie in the folder."""
        return composed(wording, delivery=delivery, address=address, recipient_name=recipient_name,
                        sender=self.sending, now=now, organisation=organisation)

    def send(self, rendered: Rendered, *, delivery: Delivery, address: str | None, now: datetime) -> Outcome:
        """Write it; a full or missing disk is tried again later."""
        del address, now
        target = self.folder / file_name(delivery)
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
            _write_durably(target, rendered.body)
        except OSError as error:
            return Outcome(DeliveryState.PENDING, f"'{target.name}' can't be written: {error.strerror}")
        return Outcome(DeliveryState.ACCEPTED, f"written to '{target.name}'")


def file_name(delivery: Delivery) -> str:
    """Sorts by when it was decided; the same at every attempt."""
    plain = delivery.id
    if not _PLAIN.fullmatch(plain):
        plain = blake2b(plain.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    return f"{delivery.created_at.astimezone(UTC):%Y%m%dT%H%M%SZ}-{plain}.eml"


def _write_durably(target: Path, body: bytes) -> None:
    unready = target.with_name(f".{target.name}.new")
    handle = os.open(unready, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, PRIVATE_FILE)
    with os.fdopen(handle, "wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    unready.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
