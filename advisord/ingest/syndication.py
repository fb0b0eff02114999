"""RSS, RDF, Atom and CDF into Items, by feedparser, which tolerates more than anything else that was tried.

feedparser gets checked text and nothing to fetch, and is asked for as little as possible: its sanitiser and its
resolver of relative links double its time, and what it returns has to be cleaned by us either way.
"""
from __future__ import annotations

import re
from calendar import timegm
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from xml.sax import SAXException

import feedparser

from advisord.ingest.items import NO_HINTS, Item, point_hints
from advisord.ingest.xmltext import XmlText
from advisord.model import Hints, Severity
from advisord.text.clean import has_markup, html_line, html_text, one_line, plain

# What feedparser was seen to raise on broken feeds (0.2 % of mutated ones), beyond what it reports itself.
PARSER_FAULTS = (
    ArithmeticError, AssertionError, AttributeError, LookupError, OSError, RuntimeError, SAXException, TypeError,
    ValueError,
)
ROOTS = frozenset({"rss", "feed", "rdf:rdf", "channel"})
HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
NOT_PEOPLE = frozenset({"exercise", "test", "system", "draft"})  # CAP 1.2 status values that never reach people
_NUMBERS = re.compile(r"\d+")


class UnreadableError(ValueError):
    """XML in which no feed is recognised; the message is a plain sentence."""


@dataclass(frozen=True, slots=True)
class Syndicated:
    """The items of a document, in its order; a fault where one of them could not be read."""

    items: tuple[Item, ...]
    faults: tuple[str, ...]
    well_formed: bool


def syndicated(document: XmlText, url: str) -> Syndicated:
    """The items of an RSS, RDF, Atom or CDF document; `url` is what their relative links are to be joined to.

    feedparser is not told of it, or it would make ids absolute too, which then change with the feed's own address.
    Raises UnreadableError when it is none of these.
    """
    headers = {"content-type": "application/xml; charset=utf-8"}
    source = BytesIO(b'<?xml version="1.0" encoding="utf-8"?>\n' + document.text.encode("utf-8", "replace"))
    try:
        parsed = feedparser.parse(source, response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
    except PARSER_FAULTS as error:
        raise UnreadableError("answered with XML that can't be read as a feed") from error
    if not parsed.get("version") and not parsed.entries and document.root.lower() not in ROOTS:
        raise UnreadableError("answered with something that is not a feed")
    entries = parsed.entries[:-1] if document.cut_item else parsed.entries
    channel = _Channel(url, _string(parsed.feed, "language"), (parsed.get("version") or "").startswith("atom"))
    kept = tuple(_items(entries, channel))
    faults = tuple(item for item in kept if isinstance(item, str))
    return Syndicated(tuple(item for item in kept if isinstance(item, Item)), faults, not parsed.bozo)


@dataclass(frozen=True, slots=True)
class _Channel:
    """`says_markup`: Atom says what is markup; RSS does not, and `AT&amp;amp;T` is as common there as `AT&amp;T`."""

    url: str
    language: str
    says_markup: bool


def _items(entries: list[Any], channel: _Channel) -> Iterator[Item | str]:
    for number, entry in enumerate(entries, start=1):
        try:
            yield _item(entry, channel)
        except PARSER_FAULTS:
            yield f"item {number} can't be read"


def _item(entry: Any, channel: _Channel) -> Item:
    """`dict.get` throughout: feedparser's own answers for a missing "updated" with "published", and warns."""
    item = Item(
        title=_title(entry, channel),
        text=_longest_text(entry, channel),
        guid=_string(entry, "id"),
        link=_string(entry, "link"),
        base=channel.url,
        dates=tuple(_dates(entry)),
        language=_language(entry) or channel.language or None,
        credits=tuple(_credits(entry)),
        hints=_hints(entry),
    )
    return replace(item, exercise=_string(entry, "cap_status").strip().lower() in NOT_PEOPLE)


def _string(values: Any, name: str) -> str:
    value = dict.get(values, name)
    return value if isinstance(value, str) else ""


def _title(entry: Any, channel: _Channel) -> str:
    title = _string(entry, "title")
    return html_line(title) if _is_markup(title, dict.get(entry, "title_detail") or {}, channel) else one_line(title)


def _is_markup(value: str, detail: Mapping[str, Any], channel: _Channel) -> bool:
    return detail.get("type") in HTML_TYPES or (not channel.says_markup and has_markup(value))


def _longest_text(entry: Any, channel: _Channel) -> str:
    """The whole content where it is carried beside a teaser: the longest of the item's texts, once cleaned."""
    details = [*(dict.get(entry, "content") or ()), dict.get(entry, "summary_detail") or {}]
    texts = [_detail_text(detail, channel) for detail in details]
    return max(texts, key=len) or _detail_text({"value": _string(entry, "summary")}, channel)


def _detail_text(detail: Mapping[str, Any], channel: _Channel) -> str:
    value = detail.get("value")
    if not isinstance(value, str):
        return ""
    if _is_markup(value, detail, channel):
        return html_text(value)
    return plain(value) if str(detail.get("type") or "text/plain").startswith("text/") else ""


def _dates(entry: Any) -> Iterator[str | datetime]:
    """Texts first, since feedparser guesses; then its readings of other languages' months, where they are no guess."""
    names = ("published", "updated", "created")
    texts = {name: _string(entry, name) for name in names}
    yield from (text for text in texts.values() if text)
    for name in names:
        fields = dict.get(entry, f"{name}_parsed")
        if fields and {fields[0], fields[2]} <= {int(digits[-4:]) for digits in _NUMBERS.findall(texts[name])}:
            yield datetime.fromtimestamp(timegm(fields), UTC)


def _language(entry: Any) -> str:
    details = (*(dict.get(entry, "content") or ()), dict.get(entry, "summary_detail"), dict.get(entry, "title_detail"))
    found = (_string(entry, "language"), *(_string(detail, "language") for detail in details if detail))
    return next((language for language in found if language), "")


def _credits(entry: Any) -> Iterator[str]:
    yield from (text for name in ("author", "publisher", "rights") if (text := _string(entry, name)))
    source = dict.get(entry, "source") or {}
    yield from (text for text in (_string(source, "title"), _string(source, "value")) if text)


def _hints(entry: Any) -> Hints:
    where = dict.get(entry, "where") or {}
    hints = NO_HINTS
    if where.get("type") == "Point":  # a box or an outline says where to look on a map, not where it happened
        east, north = (*where.get("coordinates", ()), None, None)[:2]
        hints = point_hints(north, east)
    if hints.lat is None:
        hints = point_hints(_string(entry, "geo_lat"), _string(entry, "geo_long"))
    severity = _string(entry, "cap_severity").strip().title()
    return replace(hints, severity=Severity(severity)) if severity in set(Severity) else hints
