"""The starter catalogue: enough feeds, everywhere that matters, each fit to be fetched and with its reasons."""
from __future__ import annotations

from pathlib import Path

import pytest

from advisord.addresses import parsed_url
from advisord.settings.catalogue import CatalogueFeed, catalogue

CATALOGUE = catalogue(Path(__file__).parents[2] / "seeds" / "catalogue.yaml")
FEEDS = [pytest.param(feed, id=feed.id) for feed in CATALOGUE.feeds]
RISK = [
    "ML", "BF", "NE", "NG", "SD", "SS", "SO", "KE", "ET", "CD", "CF", "MZ", "HT", "CO", "VE", "MX", "UA", "AF", "PK",
    "MM", "YE", "SY", "IQ", "LB", "LY", "IL", "PS",
]


def test_there_is_enough_to_begin_with() -> None:
    """At least 60 feeds, none twice, in every shipped language, a third of them not in English."""
    addresses = {feed.url for feed in CATALOGUE.feeds}
    languages = [feed.language for feed in CATALOGUE.feeds]
    assert len(addresses) == len(CATALOGUE.feeds) >= 60
    assert {"en", "fr", "es", "pt", "ar"} <= set(languages)
    assert sum(language != "en" for language in languages) * 3 >= len(languages)


@pytest.mark.parametrize("country", RISK)
def test_every_risk_country_has_a_press_of_its_own(country: str) -> None:
    """Where people are at risk somebody local is read."""
    assert [feed for feed in CATALOGUE.feeds if feed.country == country and not feed.official]


@pytest.mark.parametrize("host", [
    "www.gdacs.org", "earthquake.usgs.gov", "www.who.int", "travel.state.gov", "www.gov.uk", "reliefweb.int",
])
def test_the_official_alerts_are_there_for_everybody(host: str) -> None:
    """Alerts and travel advice of authorities go with every region, and are marked official."""
    feeds = [feed for feed in CATALOGUE.feeds if parsed_url(feed.url).host == host]
    assert feeds
    assert all(feed.official and list(feed.regions) == ["world"] for feed in feeds)


@pytest.mark.parametrize("feed", FEEDS)
def test_a_feed_can_be_fetched_and_gives_its_reasons(feed: CatalogueFeed) -> None:
    """Its address is a public https one, and it says why it is read and where the address was seen."""
    url = parsed_url(feed.url)
    assert (url.scheme, url.userinfo, feed.allow_private) == ("https", b"", False)
    assert feed.name
    assert feed.language
    assert feed.why.endswith(".")
    assert feed.seen


@pytest.mark.parametrize("region", CATALOGUE.regions())
def test_a_region_brings_its_own_feeds_and_the_worlds(region: str) -> None:
    """`advisord init --region` always has something to read."""
    chosen = CATALOGUE.of_regions(frozenset({region}))
    assert any(region in feed.regions for feed in chosen)
    assert len(chosen) > 20
