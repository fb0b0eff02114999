"""Mutates public feeds and decodes them as the daemon does; prints what became of them. Not a test by itself.

    python tests/ingest/fuzz_feeds.py [NUMBER [SEED]]

Exits with 1 when anything but articles or a FeedError came out, or a feed took longer than 8 seconds.
"""
from __future__ import annotations

import random
import sys
import tarfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from advisord.errors import FeedError
from advisord.ingest.decode import Decoder
from advisord.ingest.fetched import Fetched
from advisord.model import Feed

VECTORS = Path(__file__).parents[3] / "shared" / "vectors" / "feeds"
NOW = datetime(2026, 11, 22, tzinfo=UTC)
LONGEST_S = 8.0
TOKENS = (
    b"<", b">", b"&", b'"', b"]]>", b"<![CDATA[", b"<!--", b"-->", b"<!DOCTYPE x [", b"<!ENTITY a 'b'>", b"]>", b"&#0;",
    b"&#x10FFFF;", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"<item>", b"</item>", b"</channel>", b"<entry>",
    b"xmlns:a='b'",
    b"<?xml version='1.0' encoding='utf-16'?>", b"99999999999", b"-1", b"nan", b"<author>", b"<georss:point>",
    b"\xed\xa0\x80",
)


def mutant(bodies: list[bytes], chance: random.Random) -> bytes:
    """One feed after one to eight changes."""
    body = bytearray(chance.choice(bodies))
    for _ in range(chance.randint(1, 8)):
        _change(body, bodies, chance)
    return bytes(body)


def _change(body: bytearray, bodies: list[bytes], chance: random.Random) -> None:
    at = chance.randrange(len(body) + 1)
    to = min(len(body), at + chance.randint(1, 64))
    match chance.randrange(7):
        case 0 if at < len(body):
            body[at] = chance.randrange(256)
        case 1:
            body[at:at] = chance.choice(TOKENS)
        case 2:
            del body[at:to]
        case 3:
            body[at:at] = body[at:to] * chance.randint(1, 40)
        case 4:
            other = chance.choice(bodies)
            start = chance.randrange(len(other) + 1)
            body[at:at] = other[start : start + chance.randint(1, 400)]
        case 5:
            body[at:to] = bytes(chance.randrange(256) for _ in range(to - at))
        case _ if chance.random() < 0.1:
            del body[at:]


def main(number: int, seed: int) -> int:
    """Decode so many mutants; 0 when all ended well."""
    with tarfile.open(VECTORS / "feedparser.tar.gz") as archive:
        bodies = [file.read() for member in archive.getmembers() if (file := archive.extractfile(member))]
    bodies += [path.read_bytes() for path in VECTORS.glob("*/**/*.xml") if path.stat().st_size < 40_000]
    chance, ends, longest = random.Random(seed), Counter[str](), 0.0
    with Decoder(children=1) as decoder:
        for _ in range(number):
            fetched, began = Fetched(mutant(bodies, chance), "https://x.example/", ""), time.monotonic()
            try:
                decoder.articles_of(Feed("fuzz", "https://x.example/"), fetched, now=NOW)
                ends["read"] += 1
            except FeedError as error:
                ends[error.reason] += 1
            longest = max(longest, time.monotonic() - began)
    print(f"{number} mutants of {len(bodies)} feeds, seed {seed}; the longest took {longest:.2f} s")  # noqa: T201
    for reason, times in ends.most_common():
        print(f"{times:8} {reason}")  # noqa: T201
    return int(longest > LONGEST_S)


if __name__ == "__main__":
    wanted, seeded = [*map(int, sys.argv[1:]), *(100_000, 1)[len(sys.argv) - 1 :]]
    sys.exit(main(wanted, seeded))
