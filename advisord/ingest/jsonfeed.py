"""JSON Feed 1.0 and 1.1 (jsonfeed.org) into Items; ours, because feedparser reads none."""
from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from advisord.ingest.items import NO_HINTS, Item, point_hints
from advisord.ingest.xmltext import MAX_ITEMS
from advisord.model import Hints
from advisord.text.clean import html_line, html_text, plain

VERSION = "jsonfeed.org/version/1"


class NotJsonFeedError(ValueError):
    """JSON, or nearly, that is no feed; the message is a plain sentence."""


def json_items(text: str, url: str) -> tuple[tuple[Item, ...], tuple[str, ...]]:
    """The items of a JSON Feed and the faults of those that are none. Raises NotJsonFeedError."""
    feed = _document(text)
    kept = tuple(_items(feed, url))
    return tuple(item for item in kept if isinstance(item, Item)), tuple(item for item in kept if isinstance(item, str))


def _document(text: str) -> dict[str, Any]:
    try:
        feed = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotJsonFeedError("answered with JSON that is broken or cut off") from error
    if not isinstance(feed, dict) or VERSION not in str(feed.get("version")) or not isinstance(feed.get("items"), list):
        raise NotJsonFeedError("answered with JSON that is not a JSON Feed")
    return feed


def _items(feed: dict[str, Any], url: str) -> Iterator[Item | str]:
    for number, row in enumerate(feed["items"][:MAX_ITEMS], start=1):
        yield _item(row, feed, url) if isinstance(row, dict) else f"item {number} is no object"


def _item(row: dict[str, Any], feed: dict[str, Any], url: str) -> Item:
    return Item(
        title=html_line(_string(row, "title")),
        text=_text(row),
        guid=_name(row.get("id")),
        link=_string(row, "url") or _string(row, "external_url"),
        base=url,
        dates=tuple(date for name in ("date_published", "date_modified") if (date := _string(row, name))),
        language=_string(row, "language") or _string(feed, "language") or None,
        credits=tuple(_authors(row)) or tuple(_authors(feed)),
        hints=_hints(row),
    )


def _string(row: dict[str, Any], name: str) -> str:
    value = row.get(name)
    return value if isinstance(value, str) else ""


def _name(value: object) -> str:
    """An id, which version 1.0 let be a number."""
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _text(row: dict[str, Any]) -> str:
    texts = (html_text(_string(row, "content_html")), plain(_string(row, "content_text")))
    return max(texts, key=len) or plain(_string(row, "summary"))


def _authors(row: dict[str, Any]) -> Iterator[str]:
    authors = row.get("authors")
    for author in (*(authors if isinstance(authors, list) else ()), row.get("author")):
        if isinstance(author, dict) and (name := _string(author, "name")):
            yield name


def _hints(row: dict[str, Any]) -> Hints:
    """GeoJSON's point in a "_geo" or "geometry" extension, as some alert services add it; lon first (RFC 7946)."""
    for name in ("_geo", "geometry"):
        shape = row.get(name)
        if isinstance(shape, dict) and shape.get("type") == "Point" and isinstance(shape.get("coordinates"), list):
            east, north = (*shape["coordinates"], None, None)[:2]
            return point_hints(north, east)
    return NO_HINTS
