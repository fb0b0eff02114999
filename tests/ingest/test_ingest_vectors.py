"""Feeds that nobody here wrote: all are read, and what articles are made of says what their makers expect."""
from __future__ import annotations

import ast
import calendar
import json
import re
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest

from advisord.errors import FeedError
from advisord.ingest.articles import Parsed, articles_of
from advisord.ingest.charset import text_of
from advisord.ingest.fetched import Fetched
from advisord.ingest.items import Item, language_of, link_of, published_of
from advisord.ingest.syndication import syndicated
from advisord.ingest.xmltext import checked
from advisord.model import Feed
from advisord.text.clean import html_line, html_text, one_line, plain

VECTORS = Path(__file__).parents[3] / "shared" / "vectors"
ARCHIVE = VECTORS / "feeds" / "feedparser.tar.gz"
ABSENT = pytest.mark.skip(reason="../shared/vectors is not here")
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOST = "http://127.0.0.1:8097/"
FEED = Feed("vector", HOST)

# What is no feed, on purpose of those who made it.
NO_FEED = {"illformed/rss_empty_document.xml", "iso88591.xml", "iso88591_utf8_mismatch.xml"}
# Where we mean to differ, and why.
DIFFERENT = {
    name: why
    for why, names in {
        "content packed as base64 is no text": ("atom10/entry_content_base64", "atom10/entry_content_base64_2"),
        "an id stays as written, so that it does not change with the feed's address": (
            "base/http_entry_id_base_content_location", "base/http_entry_id_base_docuri"),
        "an item's language is its text's, and one that takes none has its feed's": (
            "lang/entry_content_xml_lang_blank", "lang/entry_content_xml_lang_blank_2",
            "lang/entry_summary_xml_lang_blank", "lang/entry_title_xml_lang_blank",
            "lang/entry_title_xml_lang_inherit_3", "lang/entry_title_xml_lang_inherit_4"),
        "Content-Language is not asked for; the operator names a feed's language": (
            "lang/http_content_language_entry_title_inherit", "lang/http_content_language_entry_title_inherit_2"),
        "a reader sees nothing of a bogus comment": ("rss/item_description_not_a_doctype",),
        "what is left of a broken CDATA section is cut elsewhere": (
            "sanitize/item_content_encoded_script_nested_cdata",),
    }.items()
    for name in names
}


@dataclass(frozen=True, slots=True)
class Vector:
    """One file of the archive: its bytes, its headers, and the fields of items that it expects."""

    name: str
    body: bytes
    headers: dict[str, str]
    expected: tuple[tuple[tuple[Any, ...], Any], ...]

    @property
    def url(self) -> str:
        """Where it would have been fetched from."""
        return urljoin(HOST + self.name, self.headers.get("content-location", ""))


def _path(node: ast.expr) -> tuple[Any, ...]:
    match node:
        case ast.Name(id=name):
            return (name,)
        case ast.Subscript(value=value, slice=ast.Constant(value=key)):
            return (*_path(value), key)
        case ast.Attribute(value=value, attr=key):
            return (*_path(value), key)
        case _:
            return ()


def _clauses(node: ast.expr) -> Iterator[tuple[tuple[Any, ...], Any]]:
    match node:
        case ast.BoolOp(op=ast.And(), values=values):
            for value in values:
                yield from _clauses(value)
        case ast.Compare(left=left, ops=[ast.Eq()], comparators=[ast.Constant() | ast.Tuple() as right]):
            path = _path(left)
            if path[:1] == ("entries",) and _reader(path[2:]) is not None:
                yield path[1:], ast.literal_eval(right)
        case _:
            return


FIELDS: dict[tuple[Any, ...], str] = {
    ("title",): "title", ("title_detail", "value"): "title",
    ("summary",): "text", ("description",): "text", ("summary_detail", "value"): "text", ("content", "value"): "text",
    ("id",): "guid", ("guid",): "guid", ("link",): "link", ("where", "coordinates"): "point",
} | {(f"{name}_parsed",): "date" for name in ("published", "updated", "modified", "date", "created", "issued")}


def _reader(path: tuple[Any, ...]) -> str | None:
    """Which field of ours an expectation is about, or None."""
    if path[:1] == ("content",):
        path = ("content", *path[2:])
    return FIELDS.get(path) or ("language" if path and path[-1] == "language" else None)


def _vector(name: str, body: bytes) -> Vector:
    text = text_of(body)
    found = re.search(r"Expect:\s*(.*?)\s*-->", text, re.DOTALL)
    source = found[1].replace("\n", " ") if found else "None"
    headers = {key.lower(): value.strip() for key, value in re.findall(r"Header:\s*([\w-]+):\s*(.*)", text)}
    return Vector(name, body, headers, tuple(_clauses(ast.parse(source, mode="eval").body)))


def _archive() -> tuple[Vector, ...]:
    if not ARCHIVE.exists():
        return ()
    with tarfile.open(ARCHIVE) as archive:
        members = [member for member in archive.getmembers() if member.name.endswith(".xml")]
        bodies = {member.name: file.read() for member in members if (file := archive.extractfile(member))}
    return tuple(_vector(name.removeprefix("./"), body) for name, body in sorted(bodies.items()))


def _files(*patterns: str) -> list[Any]:
    found = [path for pattern in patterns for path in sorted(VECTORS.glob(pattern))]
    return [pytest.param(path, id=path.name) for path in found] or [pytest.param(None, marks=ABSENT)]


def _params(vectors: list[Vector]) -> list[Any]:
    return [pytest.param(vector, id=vector.name) for vector in vectors] or [pytest.param(None, marks=ABSENT)]


def _differing(vector: Vector) -> Any:
    why = DIFFERENT.get(vector.name.removeprefix("wellformed/").removesuffix(".xml"))
    return pytest.param(vector, id=vector.name, marks=[pytest.mark.xfail(reason=why)] if why else [])


ALL = _archive()
TELLING = [_differing(vector) for vector in ALL if vector.expected] or [pytest.param(None, marks=ABSENT)]
FOLDERS: list[Any] = sorted({vector.name.rpartition("/")[0] for vector in ALL}) or [pytest.param("", marks=ABSENT)]


def _read(body: bytes, name: str, content_type: str = "") -> Parsed | None:
    try:
        return articles_of(FEED, Fetched(body, HOST, "", content_type), now=NOW)
    except FeedError:
        if name in NO_FEED:
            return None
        raise


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_file_of_the_archive_is_read(folder: str) -> None:
    """However odd a feed is, reading it ends in articles and faults of items, never in an error."""
    vectors = [vector for vector in ALL if vector.name.rpartition("/")[0] == folder]
    parsed = [_read(vector.body, vector.name, vector.headers.get("content-type", "")) for vector in vectors]
    assert len(parsed) == len(vectors) > 0


@pytest.mark.parametrize("vector", TELLING)
def test_the_fields_we_use_say_what_the_file_expects(vector: Vector) -> None:
    """Title, text, link, id, date, language and point of an item are those that the makers of the file expect."""
    document = checked(text_of(vector.body, vector.headers.get("content-type", "")))
    items = syndicated(document, vector.url).items
    told = [(path, expected, _told(items[path[0]], path[1:], expected)) for path, expected in vector.expected]
    assert [row for row in told if not row[2]] == []


def _told(item: Item, path: tuple[Any, ...], expected: Any) -> bool:
    """Whether we say the same, after the cleaning that everything we hand on has been through."""
    says: dict[str, Callable[[], bool]] = {
        "title": lambda: item.title in {one_line(expected), html_line(expected)},
        "text": lambda: item.text in {plain(expected), html_text(expected)}
        or len(html_text(expected)) < len(item.text),  # of several texts of an item the longest is taken
        "guid": lambda: item.guid == str(expected),
        "link": lambda: link_of(item.link, item.base) == (expected if expected.startswith("http") else ""),
        "date": lambda: published_of(item.dates, NOW) == datetime.fromtimestamp(calendar.timegm(expected), UTC),
        "language": lambda: language_of(item.language) == language_of(expected),
        "point": lambda: (item.hints.lon, item.hints.lat) == tuple(expected[:2]),
    }
    return says[_reader(path) or ""]()


@pytest.mark.parametrize("path", _files("feeds/miniflux/**/*.xml", "gdacs/*.xml", "georss/*.xml"))
def test_whole_feeds_are_read(path: Path) -> None:
    """Feeds as servers send them, in any charset, give articles without a lost item or a broken letter."""
    parsed = _read(path.read_bytes(), path.name)
    assert parsed is None or "\ufffd" not in "".join(article.title + article.text for article in parsed.articles)


@pytest.mark.parametrize("path", _files("feeds/feedsmith/feeds/*/references/*.json"))
def test_another_readers_reading_agrees(path: Path) -> None:
    """What another program read in the same XML is what we read: titles, links, ids and texts of all items."""
    reading = json.loads(path.read_text("utf-8"))
    expected = reading.get("items", reading.get("entries"))
    document = checked(text_of(path.with_suffix(".xml").read_bytes()))
    items = syndicated(document, "http://example.org/").items
    assert [html_line(_value(row.get("title"))) for row in expected] == [html_line(item.title) for item in items]
    told = [_value(row.get("guid") or row.get("id") or "") for row in expected]
    assert [guid for guid in told if guid] == [item.guid for item, guid in zip(items, told, strict=True) if guid]
    pairs = [(_value(row.get("description")), item) for row, item in zip(expected, items, strict=True)]
    assert [text for text, item in pairs if len(html_text(text)) > len(item.text)] == []


def _value(value: Any) -> str:
    return str(value.get("value", "") if isinstance(value, dict) else value or "")


def test_a_letter_outside_ascii_survives_every_charset() -> None:
    """Russian, German and Urdu feeds come out in their own letters, whatever their charset was."""
    folder = VECTORS / "feeds" / "miniflux"
    if not folder.exists():
        pytest.skip("../shared/vectors is not here")
    titles = {
        name: articles_of(FEED, Fetched((folder / name).read_bytes(), HOST, ""), now=NOW).articles[0].title
        for name in ("xml/testdata/koi8r.xml", "encoding/testdata/utf8-incorrect-prolog.xml")
    }
    assert titles == {"xml/testdata/koi8r.xml": "Первая новость", "encoding/testdata/utf8-incorrect-prolog.xml": "Café"}
