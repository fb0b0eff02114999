"""feeds.yaml -> Feeds."""
from __future__ import annotations

from datetime import timedelta
from pathlib import Path as FilePath

from babel import Locale

from advisord.model import Feed, Reliability
from advisord.settings.addresses import url_fault
from advisord.settings.faults import Path
from advisord.settings.page import Page
from advisord.settings.shape.feeds import FeedsFile, FeedShape

_SHORTEST = timedelta(seconds=1)
_LONGEST = timedelta(days=7)
_POLITE = timedelta(minutes=1)
_NOWHERE = "ZZ"  # CLDR: unknown region


def feeds_of(page: Page[FeedsFile], folder: FilePath) -> tuple[Feed, ...]:
    """The feeds, in the order written, those that are not enabled too; tells faults of addresses and intervals."""
    feeds = []
    urls: dict[str, str] = {}
    for path, shape in page.items("feeds", page.sound.feeds):
        if shape.url in urls:
            page.warn((*path, "url"), f"is the address of feed '{urls[shape.url]}' too; it is read twice")
        urls.setdefault(shape.url, shape.id)
        _check(page, path, shape)
        feeds.append(_feed(page, path, shape, folder))
    if not any(feed.enabled for feed in feeds) and len(feeds) == len(page.ids("feeds")):
        page.warn(("feeds",), "no feed is named and enabled; nothing will be read")
    return tuple(feeds)


def _check(page: Page[FeedsFile], path: Path, shape: FeedShape) -> None:
    if not _SHORTEST <= shape.every <= _LONGEST:
        page.fault((*path, "every"), "is out of range (1s to 7d)")
    elif shape.every < _POLITE and not shape.allow_private:
        page.warn((*path, "every"), "asks a public server more than once a minute; many will refuse that")
    if shape.country == _NOWHERE or (shape.country and shape.country not in Locale("en").territories):
        page.fault((*path, "country"), f"'{shape.country}' is not a country (two capitals of ISO 3166, such as ML)")
    if shape.reliability is Reliability.F and shape.enabled:
        page.warn(path, f"feed '{shape.id}' has no reliability but F (cannot be judged); alone it alerts nobody but "
                        "the desk")


def _feed(page: Page[FeedsFile], path: Path, shape: FeedShape, folder: FilePath) -> Feed:
    return Feed(
        id=shape.id, url=_address(page, path, shape, folder), every=shape.every, language=shape.language,
        country=shape.country, reliability=shape.reliability, official=shape.official,
        allow_private=shape.allow_private, name=shape.name, enabled=shape.enabled,
        baseline=shape.baseline)


def _address(page: Page[FeedsFile], path: Path, shape: FeedShape, folder: FilePath) -> str:
    """The address; a `file:` folder as an absolute URI."""
    if not shape.url.startswith("file:"):
        fault = url_fault(shape.url, allow_private=shape.allow_private)
        if fault:
            page.fault((*path, "url"), fault)
        return shape.url
    articles = (folder / shape.url.removeprefix("file:").removeprefix("//")).resolve()
    if not articles.is_dir():
        page.warn((*path, "url"), f"there is no folder {articles} yet")
    return articles.as_uri()
