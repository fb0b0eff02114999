"""A fetched body into Articles: which format it is, its items, what each is worth keeping. Pure; runs in the child."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from advisord.errors import FeedError
from advisord.ingest.charset import text_of
from advisord.ingest.fetched import FOLDER_TYPE, Fetched
from advisord.ingest.folder import folder_items
from advisord.ingest.items import Agencies, Item, Reading, article_of, keys_of
from advisord.ingest.jsonfeed import NotJsonFeedError, json_items
from advisord.ingest.syndication import UnreadableError, syndicated
from advisord.ingest.xmltext import MAX_ITEMS, HostileXmlError, checked, is_web_page
from advisord.model import Article, Feed

MAX_FAULTS = 20  # told of one answer; a thousand are the same news
NO_AGENCIES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Parsed:
    """What an answer held.

    `faults` name items that were lost, one sentence each; `newest` is the latest date of publication among the
    articles. `notes` say what was odd but borne. `trouble`, where set, is a sentence that counts as a failure of the
    feed although these articles could be read (the answer was cut off): keep the articles, not the etag or the hash.
    """

    articles: tuple[Article, ...]
    faults: tuple[str, ...] = ()
    newest: datetime | None = None
    notes: tuple[str, ...] = ()
    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class _Read:
    items: tuple[Item, ...]
    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    trouble: str | None = None


def articles_of(feed: Feed, fetched: Fetched, *, now: datetime, agencies: Agencies = NO_AGENCIES) -> Parsed:
    """The articles of a body, newest version of each once; `agencies` are the wire services that credits may name.

    Raises FeedError when the body is no feed, and nothing else on any bytes.
    """
    text = text_of(fetched.body, fetched.content_type)
    try:
        read = _read(text, fetched)
    except (HostileXmlError, UnreadableError, NotJsonFeedError) as error:
        raise FeedError(feed.id, str(error)) from error
    articles, faults = _articles(read.items, Reading(feed, now, agencies))
    newest = max((article.published for article in articles if article.published), default=None)
    return Parsed(articles, _told((*read.faults, *faults)), newest, read.notes, read.trouble)


def _read(text: str, fetched: Fetched) -> _Read:
    if fetched.content_type == FOLDER_TYPE:
        return _Read(*folder_items(text))
    start = text.lstrip()[:1]
    if start in {"{", "["}:
        return _Read(*json_items(text, fetched.url))
    if start != "<" and "<" not in text[:1000]:
        raise UnreadableError("answered with something that is not a feed")
    if is_web_page(text):
        raise UnreadableError("answered with a web page, not a feed")
    return _read_xml(text, fetched)


def _read_xml(text: str, fetched: Fetched) -> _Read:
    document = checked(text)
    found = syndicated(document, fetched.url)
    if document.cut and not fetched.framed:
        raise UnreadableError("broke off before its end")
    notes = [] if found.well_formed or document.left_out else ["is not well-formed XML; it was read all the same"]
    if document.left_out:
        notes.append(f"holds more than {MAX_ITEMS} items; the first {MAX_ITEMS} were read")
    trouble = f"ends before its end; {len(found.items)} complete items were read" if document.cut_item else None
    return _Read(found.items, found.faults, tuple(notes), trouble)


def _articles(items: tuple[Item, ...], reading: Reading) -> tuple[tuple[Article, ...], tuple[str, ...]]:
    """Of several versions of one item the newest, or, undated, the first, as feeds begin with the newest."""
    kept: dict[str, Article] = {}
    faults: list[str] = []
    for number, (item, key) in enumerate(zip(items, keys_of(items), strict=True), start=1):
        try:
            article = article_of(item, key, reading)
        except ValueError as error:
            faults.append(f"item {number} {error}")
            continue
        known = kept.get(article.id)
        if known is None or _is_newer(article, known):
            kept[article.id] = article
    return tuple(kept.values()), tuple(faults)


def _is_newer(article: Article, known: Article) -> bool:
    return article.published is not None and (known.published is None or article.published > known.published)


def _told(faults: Iterable[str]) -> tuple[str, ...]:
    every = tuple(faults)
    more = len(every) - MAX_FAULTS
    return every if more <= 0 else (*every[:MAX_FAULTS], f"and {more} more items")
