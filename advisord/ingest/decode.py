"""Runs `articles_of` where it can do no harm: in child processes with limits, kept and used again.

About one mutated feed in five hundred makes an XML parser do something that no exception reports: exhaust memory, never
end, or kill its process (CVE-2024-8176). Here that costs the feed one failure. A fork for each feed would cost 28 ms.
"""
from __future__ import annotations

import os
import queue
import selectors
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import TracebackType
from typing import IO, Self

from advisord.errors import FeedError
from advisord.ingest.articles import Parsed
from advisord.ingest.fetched import Fetched
from advisord.ingest.frames import LENGTH, Reply, Request, missing_bytes, pieces, read_reply, request_bytes
from advisord.model import Feed

PIECE = 1 << 16
USES = 500  # of one child, so that whatever a parser leaks ends with it
KEPT_ENVIRONMENT = ("PATH", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "LANG", "LC_ALL")  # and so no secret
SLOW_NICENESS = 10  # slow feeds use what processor the others leave
START_S = 30.0  # for a cold start on a busy machine, which is not the feed's to pay


class _ChildLostError(Exception):
    """The child died, hung or answered nonsense."""


@dataclass(slots=True)
class _Child:
    """One process and its two pipes; used by one thread at a time."""

    process: subprocess.Popen[bytes]
    uses: int = 0

    def become_ready(self) -> None:
        """Wait until it has started. Raises _ChildLostError."""
        for pipe in (self.process.stdin, self.process.stdout):
            os.set_blocking(_pipe(pipe), False)
        _receive(_pipe(self.process.stdout), time.monotonic() + START_S)

    def exchange(self, data: bytes, wall_s: float) -> bytes:
        """Send a request and give the frame that comes back. Raises _ChildLostError."""
        deadline = time.monotonic() + wall_s
        self.uses += 1
        try:
            _send(_pipe(self.process.stdin), data, deadline)
            return _receive(_pipe(self.process.stdout), deadline)
        except (OSError, ValueError) as error:
            raise _ChildLostError(str(error)) from error

    def end(self) -> None:
        """Kill it, whatever it does, and close its pipes."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()


@dataclass(slots=True)
class Decoder:
    """A pool of limited children; a context manager, and safe to use from many threads.

    `cpu_s` and `wall_s` are for one body, `memory_mb` of address space for one child. A body that takes more than
    `quick_cpu_s` begins again in the one child that is kept for such feeds, and its feed goes there at once from then
    on, until it behaves: so that it can't hold up the others for long, and a second time not at all.
    """

    children: int = 2
    cpu_s: float = 5.0
    memory_mb: int = 512
    wall_s: float = 8.0
    quick_cpu_s: float = 0.5
    queue_s: float = 10.0  # for which a slow feed waits behind others like it
    agencies: Mapping[str, str] = field(default_factory=dict)
    _quick: queue.LifoQueue[_Child | None] = field(default_factory=queue.LifoQueue, init=False, repr=False)
    _slow: queue.LifoQueue[_Child | None] = field(default_factory=queue.LifoQueue, init=False, repr=False)
    _suspects: set[str] = field(default_factory=set, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def __enter__(self) -> Self:
        """Make room for the children; each starts when it is first needed."""
        for _ in range(self.children):
            self._quick.put(None)
        self._slow.put(None)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None,
    ) -> None:
        """End all children; to be called when no thread is decoding any more."""
        for lane in (self._quick, self._slow):
            while not lane.empty():
                if (child := lane.get_nowait()) is not None:
                    child.end()

    def articles_of(self, feed: Feed, fetched: Fetched, *, now: datetime) -> Parsed:
        """As `articles.articles_of`, in a child. Raises FeedError, also when the child does not survive it."""
        request = Request(
            feed, fetched.url, fetched.content_type, fetched.framed, now, dict(self.agencies), self.quick_cpu_s)
        try:
            reply = self._reply(request, fetched.body)
        except (_ChildLostError, ValueError) as error:
            raise FeedError(feed.id, "can't be decoded within the limits of time and memory") from error
        except queue.Empty as error:
            raise FeedError(feed.id, "waited too long behind other feeds that are slow to decode") from error
        if reply.parsed is None:
            raise FeedError(feed.id, reply.error or "can't be decoded")
        return reply.parsed

    def _reply(self, request: Request, body: bytes) -> Reply:
        if request.feed.id not in self._suspects:
            try:
                return read_reply(self._exchange(self._quick.get(), self._quick, request_bytes(request, body)))
            except _ChildLostError:
                self._suspect(request.feed.id, is_one=True)
        child = self._slow.get(timeout=self.queue_s)
        began = time.monotonic()
        patient = request_bytes(replace(request, cpu_s=self.cpu_s), body)
        reply = read_reply(self._exchange(child, self._slow, patient))
        self._suspect(request.feed.id, is_one=time.monotonic() - began > self.quick_cpu_s)
        return reply

    def _exchange(self, child: _Child | None, lane: queue.LifoQueue[_Child | None], data: bytes) -> bytes:
        """Use a child of that lane, and give it back, or room for another."""
        try:
            child = child or self._started(SLOW_NICENESS if lane is self._slow else 0)
            frame = child.exchange(data, self.wall_s)
        except BaseException:
            lane.put(None)
            _end(child)
            raise
        lane.put(_fresh(child))
        return frame

    def _suspect(self, feed_id: str, *, is_one: bool) -> None:
        with self._lock:
            (self._suspects.add if is_one else self._suspects.discard)(feed_id)

    def _started(self, niceness: int) -> _Child:
        command = [sys.executable, "-P", "-m", "advisord.ingest.child", str(self.memory_mb), str(niceness)]
        kept = {name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ}
        try:
            process = subprocess.Popen(  # noqa: S603 - our own interpreter, our own module, two numbers
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=kept)
        except OSError as error:
            raise _ChildLostError("no child can be started") from error
        child = _Child(process)
        try:
            child.become_ready()
        except BaseException:
            child.end()
            raise
        return child


def _fresh(child: _Child) -> _Child | None:
    if child.uses < USES:
        return child
    child.end()
    return None


def _end(child: _Child | None) -> None:
    if child is not None:
        child.end()


def _pipe(stream: IO[bytes] | None) -> int:
    if stream is None:
        raise _ChildLostError("no pipe")
    return stream.fileno()


def _send(pipe: int, data: bytes, deadline: float) -> None:
    for piece in pieces(data, PIECE):
        rest = piece
        while rest:
            _wait(pipe, selectors.EVENT_WRITE, deadline)
            rest = rest[os.write(pipe, rest) :]


def _receive(pipe: int, deadline: float) -> bytes:
    received = bytearray()
    while missing := missing_bytes(received):
        _wait(pipe, selectors.EVENT_READ, deadline)
        data = os.read(pipe, min(missing, PIECE))
        if not data:
            raise _ChildLostError("the child ended")
        received += data
    return bytes(received[LENGTH.size :])


def _wait(pipe: int, event: int, deadline: float) -> None:
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, event)
        if not selector.select(max(0.0, deadline - time.monotonic())):
            raise _ChildLostError("no answer in time")
