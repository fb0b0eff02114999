"""Folders as feeds: which files are articles, and what a broken one costs."""
from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from advisord.errors import FeedError
from advisord.ingest.articles import articles_of
from advisord.ingest.fetch import Fetcher
from advisord.ingest.fetched import Fetched, NotModified
from advisord.model import Feed, FeedState


def _folder(path: Path) -> Feed:
    return Feed("folder", path.as_uri())


def test_a_folder_is_a_feed(tmp_path: Path, fetcher: Fetcher) -> None:
    """Text files, JSON objects, lists and lines are articles; the rest of the folder is not looked at."""
    (tmp_path / "a.txt").write_text("Bridge closed\nBy order of the prefect.\n", "utf-8")
    (tmp_path / "b.json").write_text(json.dumps(
        {"id": "x1", "title": "Road open", "text": "At noon.", "published": "2026-11-21T00:00:00Z", "country": "ml"}))
    (tmp_path / "c.json").write_text(json.dumps([{"text": "One."}, {"text": "Two."}, 3]))
    (tmp_path / "d.jsonl").write_text('{"text": "Three."}\n\n{"title": "no text"}\n')
    (tmp_path / "e.json").write_text("{broken")
    (tmp_path / ".hidden.txt").write_text("Hidden")
    (tmp_path / "f.pdf").write_bytes(b"%PDF")
    fetched = fetcher.fetch(_folder(tmp_path), FeedState("folder"))
    assert isinstance(fetched, Fetched)
    parsed = articles_of(_folder(tmp_path), fetched, now=datetime.now(UTC))
    assert [(article.title, article.text, article.guid) for article in parsed.articles] == [
        ("Bridge closed", "By order of the prefect.", "a.txt"), ("Road open", "At noon.", "x1"),
        ("", "One.", "c.json#1"), ("", "Two.", "c.json#2"), ("", "Three.", "d.jsonl:1")]
    assert parsed.faults == ("c.json#3 is no article", "d.jsonl:3 has no text", "e.json is not JSON")
    assert parsed.articles[0].published is not None
    assert (parsed.articles[1].country, parsed.articles[1].published) == ("ML", datetime(2026, 11, 21, tzinfo=UTC))


def test_a_folder_that_did_not_change_is_nothing_new(tmp_path: Path, fetcher: Fetcher) -> None:
    """The same files cost no reading."""
    (tmp_path / "a.txt").write_text("Bridge closed")
    first = fetcher.fetch(_folder(tmp_path), FeedState("folder"))
    assert isinstance(first, Fetched)
    assert isinstance(fetcher.fetch(_folder(tmp_path), FeedState("folder", body_hash=first.body_hash)), NotModified)


@pytest.mark.parametrize(("url", "sentence"), [
    ("file:///nowhere/at/all", "the folder /nowhere/at/all can't be read (No such file or directory)"),
    ("file://server/share", "'file://server/share' names another machine; a file: source is a folder of this one"),
])
def test_a_folder_that_is_not_there_is_a_failure(url: str, sentence: str, fetcher: Fetcher) -> None:
    """A missing folder is told as a server that is down is."""
    with pytest.raises(FeedError) as caught:
        fetcher.fetch(Feed("x", url), FeedState("x"))
    assert caught.value.reason == sentence


def test_an_old_charset_and_a_large_file_cost_only_themselves(tmp_path: Path, fetcher: Fetcher) -> None:
    """A Latin-1 text is read, a file of 5 MB and more is left out and named."""
    (tmp_path / "a.txt").write_bytes("Préfet blessé".encode("latin-1"))
    (tmp_path / "b.txt").write_bytes(b"x" * 5_000_001)
    fetched = fetcher.fetch(_folder(tmp_path), FeedState("folder"))
    assert isinstance(fetched, Fetched)
    parsed = articles_of(_folder(tmp_path), fetched, now=datetime.now(UTC))
    assert ([article.title for article in parsed.articles], parsed.faults) == (
        ["Préfet blessé"], ("b.txt is larger than 5 MB",))
