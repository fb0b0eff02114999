"""The links by which people answer: signed, each for one answer to one advisory, and good until a certain instant.

A link says no name and no place: the advisory's id, which the store knows what to do with, and which answer it gives.
"""
from __future__ import annotations

import base64
import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from advisord.model import Advisory, Wellbeing

PATH = "/a/"
PURPOSE = b"advisord answer link v1\n"
SEAL_BYTES = 16  # of HMAC-SHA256: 128 bits, at a limited number of tries
LETTERS = {Wellbeing.SAFE: "s", Wellbeing.HELP: "h"}
LONGEST = 200  # characters of a token


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a link stands for; `until` is the instant from which it does nothing any more."""

    advisory_id: str
    wellbeing: Wellbeing
    until: datetime


@dataclass(frozen=True, slots=True)
class Links:
    """Makes links and reads them."""

    url: str
    key: bytes = field(repr=False)
    lasts: timedelta

    def to(self, advisory: Advisory, wellbeing: Wellbeing) -> str:
        """The link of one answer: the same whenever the message is written."""
        until = int((advisory.decided_at + self.lasts).timestamp())
        head = f"{LETTERS[wellbeing]}{until:x}.{advisory.id}"
        return f"{self.url}{PATH}{head}.{self._seal(head)}"

    def read(self, token: str) -> Ticket | None:
        """What a token stands for; null for one that this key did not sign."""
        head, _, seal = token.rpartition(".")
        if len(token) > LONGEST or not hmac.compare_digest(seal.encode("utf-8", "replace"), self._seal(head).encode()):
            return None
        first, _, advisory_id = head.partition(".")
        wellbeing = next(each for each, letter in LETTERS.items() if letter == first[0])
        return Ticket(advisory_id, wellbeing, datetime.fromtimestamp(int(first[1:], 16), UTC))

    def _seal(self, head: str) -> str:
        seal = hmac.digest(self.key, PURPOSE + head.encode("utf-8", "replace"), "sha256")[:SEAL_BYTES]
        return base64.urlsafe_b64encode(seal).decode().rstrip("=")
