"""One item as its format gave it, and the checks that every format's items go through before they are Articles.

Formats differ in where things stand, not in what may be believed: links, dates, languages and coordinates from outside
are judged here, once, for all of them.
"""
from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit

from advisord.model import Article, Feed, Hints
from advisord.text.clean import one_line, plain
from advisord.text.fold import fold

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)  # before the web there were no feeds: an older date is a misread one
CLOCK_SLACK = timedelta(hours=15)  # a local time called GMT is at most 14 h ahead
MAX_URL = 2_000
MAX_TITLE = 1_000
MAX_TEXT = 200_000
MAX_KEY = 2_000
_LANGUAGE = re.compile(r"([A-Za-z]{2,3})((?:[-_][A-Za-z0-9]{1,8}){0,4})\Z")
_DATE_CHARS = 80
_EPOCH = re.compile(r"\d{5,}\Z")
_SCHEME = re.compile(r"https?://(?:www\.)?", re.IGNORECASE)
_URL_UNCLEAN = re.compile(r"[\x00-\x20\x7f-\x9f\\<>\"'`{}|^\u2028\u2029]")

NO_HINTS = Hints()
Agencies = Mapping[str, str]  # a wire agency's names, folded, to the one name it is credited by


@dataclass(frozen=True, slots=True)
class Item:
    """What a format says of one item, cleaned of markup but not judged; `key_url` is how it names its own page.

    `dates` are texts, the date of publication first; `credits` are what it says of its makers.
    """

    title: str = ""
    text: str = ""
    guid: str = ""
    link: str = ""
    base: str = ""
    dates: tuple[str | datetime, ...] = ()
    language: str | None = None
    country: str | None = None
    credits: tuple[str, ...] = ()
    hints: Hints = NO_HINTS
    exercise: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """What is the same for all items of one answer."""

    feed: Feed
    now: datetime
    agencies: Agencies


def article_of(item: Item, key: str, reading: Reading) -> Article:
    """The Article of an item. `key` names it within its feed; raises ValueError when there is nothing to read in it."""
    title, text = one_line(item.title)[:MAX_TITLE].rstrip(), plain(item.text)[:MAX_TEXT].rstrip()
    if not title and not text:
        raise ValueError("has neither title nor text")
    feed = reading.feed
    return Article(
        id=digest(feed.id, key),
        text=text,
        title=title,
        feed_id=feed.id,
        guid=one_line(item.guid)[:MAX_KEY],
        url=link_of(item.link, item.base),
        published=published_of(item.dates, reading.now),
        seen_at=reading.now,
        language=feed.language or language_of(item.language),
        country=feed.country or item.country,
        fingerprint=digest(title, text),
        credit=credit_of(item, text, reading.agencies),
        hints=item.hints,
        exercise=item.exercise,
    )


def digest(*parts: str) -> str:
    """blake2b of the parts, 16 bytes in hex; no two different lists of parts give the same input."""
    whole = "\x1f".join(part.replace("\x1f", " ") for part in parts)
    return hashlib.blake2b(whole.encode("utf-8", "replace"), digest_size=16).hexdigest()


def keys_of(items: Iterable[Item]) -> tuple[str, ...]:
    """A key for each item that stays the same when the scheme, a campaign mark or the headline changes.

    The guid, else the link, else title and first date. A key that several different items of one answer share names
    none of them, so what tells them apart (guid and link, or title) is added to it.
    """
    kept = tuple(items)
    pages: dict[str, set[str]] = {}
    for item in kept:
        pages.setdefault(_key(item), set()).add(_page(item))
    return tuple(
        key if len(pages[key := _key(item)]) == 1 else f"{key}\x1e{_page(item)}" for item in kept)


def _key(item: Item) -> str:
    named = item.guid.strip() or item.link.strip()
    return same_page(named) if named else f"{one_line(item.title)}\x1e{item.dates[0] if item.dates else ''}"


def _page(item: Item) -> str:
    return f"{item.guid.strip()}\x1e{same_page(item.link) or one_line(item.title)}"


def same_page(name: str) -> str:
    """A guid or link without what changes while its page stays: scheme, www, campaign marks, fragment, last slash."""
    name = name.strip()[:MAX_KEY]
    if not _SCHEME.match(name):
        return name
    bare, _, query = _SCHEME.sub("", name).partition("#")[0].partition("?")
    host, slash, path = bare.partition("/")
    kept = "&".join(part for part in query.split("&") if part and not part.lower().startswith(("utm_", "at_")))
    return f"{host.lower()}{slash}{path}".rstrip("/") + (f"?{kept}" if kept else "")


def link_of(link: str, base: str) -> str:
    """An absolute http(s) link without user name or control characters, or "" (javascript:, data:, file: …)."""
    text = link.strip()
    try:
        target = text if not base or urlsplit(text).scheme else urljoin(base, text)
        parts = urlsplit(target)
        host = parts.hostname
    except ValueError:
        return ""
    fine = parts.scheme in {"http", "https"} and host and "@" not in parts.netloc
    return target if text and fine and len(target) <= MAX_URL and not _URL_UNCLEAN.search(target) else ""


def published_of(dates: Iterable[str | datetime], now: datetime) -> datetime | None:
    """The first plausible of those dates, in UTC; None when there is none, which holds the item back from alerting.

    A date up to 15 h ahead of `now` is a local time under a wrong zone and counts as now; one farther ahead, before
    1990, or unreadable is no date.
    """
    for date in dates:
        moment = _moment(date) if isinstance(date, str) else date
        if moment is not None and EARLIEST <= moment <= now + CLOCK_SLACK:
            return min(moment, now)
    return None


def _moment(text: str) -> datetime | None:
    """ISO 8601 or RFC 5322; a naive time is UTC. Years and seconds as bare digits are refused, not guessed."""
    text = text.strip()
    if not text or len(text) > _DATE_CHARS or _EPOCH.match(text):
        return None
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(text)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None


def language_of(text: str | None) -> str | None:
    """A BCP 47 tag with hyphens, its first part in lower case, or None for what is not one."""
    match = _LANGUAGE.match((text or "").strip())
    return None if match is None else match[1].lower() + match[2].replace("_", "-")


def point_hints(lat: object, lon: object) -> Hints:
    """Coordinates, when they are numbers on the globe; 0,0 is somebody's empty field."""
    try:
        north, east = float(str(lat)), float(str(lon))
    except ValueError:
        return NO_HINTS
    on_globe = math.isfinite(north) and math.isfinite(east) and abs(north) <= 90 and abs(east) <= 180  # noqa: PLR2004
    return Hints(lat=north, lon=east) if on_globe and (north, east) != (0.0, 0.0) else NO_HINTS


_CREDIT = re.compile(
    r"\(([^()\n]{2,40})\)\s*(?:[-\u2013\u2014:]|$)|(?:\u00a9|\(c\)|[-\u2013\u2014])\s*([^\n()]{2,40})$",
    re.IGNORECASE)
_LEAD_CHARS = 120
_AUTHOR_PARTS = re.compile(r"\s*(?:[,;/|&]|\bwith\b|\band\b|\bavec\b|\bet\b|\by\b)\s*", re.IGNORECASE)


def credit_of(item: Item, text: str, agencies: Agencies) -> str | None:
    """The wire agency that an item credits, by the name that `agencies` has for it, or None.

    It is looked for in the makers' field, in the dateline of the first line ("BAMAKO (AFP) -") and at the end of the
    last ("(Reuters)", "© dpa").
    """
    makers = [part for maker in item.credits for part in (maker, *_AUTHOR_PARTS.split(maker[:MAX_TITLE]))]
    last = text[text.rfind("\n") + 1 :][-_LEAD_CHARS:]
    leads = [group for line in (text[:_LEAD_CHARS].partition("\n")[0], last)
             for found in _CREDIT.finditer(line) for group in found.groups() if group]
    named = (fold(one_line(name).strip(" .()")) for name in (*makers, *leads))
    return next((agencies[name] for name in named if name in agencies), None)
