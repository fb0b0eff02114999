"""What asking a source gives: its bytes, or that nothing is new. Values, so that they travel between processes."""
from __future__ import annotations

import hashlib
from dataclasses import dataclass

FOLDER_TYPE = "application/x-ndjson; profile=advisord-folder"  # what `files` hands on to `articles`


@dataclass(frozen=True, slots=True)
class Fetched:
    """A body that is new, with its coding undone.

    `url` is where it came from in the end, `content_type` the header as sent, `body_hash` of the body (keep it with
    etag and last_modified in the FeedState once the articles are stored). `framed` says that the server announced
    where the body ends, so that it can't have been cut short. `moved_to` is where the server says that the feed now
    lives for ever: it was followed for this once, and is the operator's to decide.
    """

    body: bytes
    url: str
    body_hash: str
    content_type: str = ""
    etag: str | None = None
    last_modified: str | None = None
    framed: bool = True
    moved_to: str | None = None


@dataclass(frozen=True, slots=True)
class NotModified:
    """Nothing new: the server said so (304), or it sent the bytes that we had."""

    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None


def body_hash(body: bytes) -> str:
    """blake2b of a body, 16 bytes in hex; 0.1 ms for 200 kB, against 50 ms to parse it."""
    return hashlib.blake2b(body, digest_size=16).hexdigest()
