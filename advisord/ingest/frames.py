"""The language between the daemon and the child that decodes: length, JSON, length, bytes.

No pickles, since what comes back was made from a stranger's bytes, by a process that they may have taken over.
"""
from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter

from advisord.ingest.articles import Parsed
from advisord.model import Feed

LENGTH = struct.Struct("!I")
READY = LENGTH.pack(0)  # an empty frame: the child has started
MAX_FRAME = 200_000_000


@dataclass(frozen=True, slots=True)
class Request:
    """What the child is asked: the header of a Fetched (its body follows as bytes) and everything else it needs.

    `cpu_s` is the processor time after which it dies.
    """

    feed: Feed
    url: str
    content_type: str
    framed: bool
    now: datetime
    agencies: dict[str, str]
    cpu_s: float


@dataclass(frozen=True, slots=True)
class Reply:
    """What it answers: one of both."""

    parsed: Parsed | None = None
    error: str | None = None


def request_bytes(request: Request, body: bytes) -> bytes:
    """A request as it goes over the pipe."""
    head = TypeAdapter(Request).dump_json(request)
    return b"".join((LENGTH.pack(len(head)), head, LENGTH.pack(len(body)), body))


def reply_bytes(reply: Reply) -> bytes:
    """A reply as it goes over the pipe."""
    head = TypeAdapter(Reply).dump_json(reply)
    return LENGTH.pack(len(head)) + head


def read_request(head: bytes) -> Request:
    """The Request of those bytes. Raises ValueError."""
    return TypeAdapter(Request).validate_json(head)


def read_reply(head: bytes) -> Reply:
    """The Reply of those bytes. Raises ValueError."""
    return TypeAdapter(Reply).validate_json(head)


def missing_bytes(received: bytearray) -> int:
    """How many bytes a frame begun in `received` still lacks; raises ValueError for one that no honest child sends."""
    if len(received) < LENGTH.size:
        return LENGTH.size - len(received)
    (length,) = LENGTH.unpack_from(received)
    if length > MAX_FRAME:
        raise ValueError("a frame is too long")
    return int(LENGTH.size + length - len(received))


def pieces(data: bytes, size: int) -> Iterator[memoryview]:
    """The data in pieces of at most `size` bytes, without copying."""
    view = memoryview(data)
    return (view[start : start + size] for start in range(0, len(view), size))
