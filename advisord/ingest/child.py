"""The process that decodes: reads requests from standard input, answers on standard output, dies of its limits alone.

Run as `python -m advisord.ingest.child MEMORY_MB NICENESS` by `decode`. It holds no secret, opens no file and no
socket; when the daemon goes, its standard input ends and so does it.
"""
from __future__ import annotations

import os
import resource
import signal
import sys
from typing import BinaryIO

from advisord.errors import FeedError
from advisord.ingest.articles import articles_of
from advisord.ingest.fetched import Fetched
from advisord.ingest.frames import LENGTH, READY, Reply, Request, read_request, reply_bytes

MEGABYTE = 1 << 20
OPEN_FILES = 32


def main(arguments: list[str]) -> None:
    """Serve until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the daemon's to understand
    os.nice(int(arguments[1]))
    _limit(int(arguments[0]))
    sys.stdout.buffer.write(READY)
    sys.stdout.buffer.flush()
    while (head := _frame(sys.stdin.buffer)) is not None:
        body = _frame(sys.stdin.buffer)
        request = read_request(head)
        signal.setitimer(signal.ITIMER_PROF, request.cpu_s)  # SIGPROF, of which nobody here hears, kills
        answer = reply_bytes(_reply(request, body or b""))
        signal.setitimer(signal.ITIMER_PROF, 0)
        sys.stdout.buffer.write(answer)
        sys.stdout.buffer.flush()


def _reply(request: Request, body: bytes) -> Reply:
    fetched = Fetched(body, request.url, "", request.content_type, framed=request.framed)
    try:
        return Reply(parsed=articles_of(request.feed, fetched, now=request.now, agencies=request.agencies))
    except FeedError as error:
        return Reply(error=error.reason)


def _limit(memory_mb: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb * MEGABYTE, memory_mb * MEGABYTE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))


def _frame(source: BinaryIO) -> bytes | None:
    head = source.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    return source.read(length)


if __name__ == "__main__":
    main(sys.argv[1:])
