"""Reads a `file:` source, a folder of articles, into the same bytes-and-hash that a fetched feed is.

A .txt file is one article, its first line the title, published when the file was last written. A .json file is one
article object as `advisord analyse` takes it, or a list of them; .jsonl has one a line. The files are put together into
one body of JSON lines here, and understood where every other body is, in the limited child.
"""
from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from advisord.errors import FeedError
from advisord.ingest.fetched import FOLDER_TYPE, Fetched, NotModified, body_hash
from advisord.model import Feed, FeedState

SUFFIXES = frozenset({".txt", ".json", ".jsonl"})
MAX_FILE = 5_000_000  # bytes; as for a feed
MAX_FOLDER = 20_000_000  # about 3 s of the 5 that a child may take


def is_file_url(url: str) -> bool:
    """Whether a feed's address names a folder on this machine."""
    return url[:5].lower() == "file:"


def read_folder(feed: Feed, state: FeedState) -> Fetched | NotModified:
    """Every article file of the folder, unless nothing changed since `state`. Raises FeedError.

    A file that can't be read, or is too large, is handed on as such and costs itself only.
    """
    folder = _folder(feed)
    try:
        body = "\n".join(_lines(folder)).encode("utf-8", "surrogatepass")
    except OSError as error:
        raise FeedError(feed.id, f"the folder {folder} can't be read ({error.strerror})") from error
    if len(body) > MAX_FOLDER:
        raise FeedError(feed.id, f"the folder {folder} holds more than {MAX_FOLDER // 1_000_000} MB of articles")
    found = body_hash(body)
    if found == state.body_hash:
        return NotModified(body_hash=found)
    return Fetched(body, feed.url, found, FOLDER_TYPE)


def _folder(feed: Feed) -> Path:
    """`file:///srv/a`, `file:/srv/a` and `file:a` alike; another host than this one is refused."""
    parts = urlsplit(feed.url)
    if parts.netloc not in {"", "localhost"}:
        raise FeedError(feed.id, f"'{feed.url}' names another machine; a file: source is a folder of this one")
    return Path(unquote(parts.path))


def _lines(folder: Path) -> Iterator[str]:
    for path in sorted(_article_files(folder)):
        yield json.dumps(_record(path), ensure_ascii=False)


def _article_files(folder: Path) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        for entry in entries:
            path = Path(entry.path)
            if path.suffix.lower() in SUFFIXES and not entry.name.startswith(".") and entry.is_file():
                yield path


def _record(path: Path) -> dict[str, str]:
    try:
        status = path.stat()
        if status.st_size > MAX_FILE:
            return {"name": path.name, "fault": f"is larger than {MAX_FILE // 1_000_000} MB"}
        content = path.read_bytes()
    except OSError as error:
        return {"name": path.name, "fault": f"can't be read ({error.strerror})"}
    return {
        "name": path.name,
        "written": datetime.fromtimestamp(status.st_mtime, UTC).isoformat(),
        "content": _text(content),
    }


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("windows-1252", "replace")
