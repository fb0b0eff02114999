"""The catalogue of feeds, and the configuration that init writes from it."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from advisord.errors import SeedError
from advisord.settings.catalogue import catalogue
from advisord.settings.config import load
from advisord.settings.starter import standing, write

ROWS = """
feeds:
  - {id: world-wire, url: "https://feeds.example.org/wire?x=1&y=#top", language: en, regions: [world], reliability: B,
     why: "The wire: first with most things"}
  - {id: radio, name: "Radio d'ici: le direct", url: "https://radio.example.org/rss", language: fr, country: NO,
     regions: [sahel, nordic], reliability: A, official: true, every: 90s, why: Says it in French}
  - {id: "2024", name: "Yes", url: "https://other.example.org/rss", regions: [asia], reliability: C, why: Numbers}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A small catalogue."""
    path = tmp_path / "catalogue.yaml"
    path.write_text(ROWS, encoding="utf-8")
    return path


@pytest.mark.parametrize(("regions", "ids"), [
    ((), ["world-wire"]), (("sahel",), ["world-wire", "radio"]), (("sahel", "asia"), ["world-wire", "radio", "2024"]),
])
def test_a_region_takes_its_feeds_and_the_worlds(file: Path, regions: tuple[str, ...], ids: list[str]) -> None:
    """The world's feeds are always there, a region's when I name it."""
    assert [feed.id for feed in catalogue(file).of_regions(frozenset(regions))] == ids
    assert catalogue(file).regions() == ("asia", "nordic", "sahel")


def test_what_is_written_reads_back_as_it_was(file: Path, tmp_path: Path, known: Any) -> None:
    """Names with quotes and colons, Norway, and an address with # come through the YAML unharmed."""
    rows = catalogue(file).of_regions(frozenset({"sahel", "asia"}))
    write(tmp_path / "mine", rows)
    loaded = load(tmp_path / "mine", gazetteer=known.gazetteer, hazards=known.hazards, environ={})
    assert loaded.warnings == ()
    assert [(feed.id, feed.name, feed.url, feed.every, feed.language, feed.country, feed.reliability, feed.official)
            for feed in loaded.settings.feeds] == [
        (row.id, row.name, row.url, row.every, row.language, row.country, row.reliability, row.official)
        for row in rows]
    assert standing(tmp_path / "mine") == ("advisord.yaml", "feeds.yaml", "staff.yaml", "rules.yaml", "channels.yaml",
                                               "access.yaml",
                                               "tests/rules.yaml")


def test_without_any_feed_it_is_still_sound(tmp_path: Path, known: Any) -> None:
    """An empty catalogue writes a configuration that only says that nothing will be read."""
    write(tmp_path / "mine", ())
    loaded = load(tmp_path / "mine", gazetteer=known.gazetteer, hazards=known.hazards, environ={})
    assert [warning for warning in loaded.warnings if "nothing will be read" in warning]


@pytest.mark.parametrize(("text", "words"), [
    ("feeds:\n  - {id: a}\n", "feeds[0].url: is missing"),
    ("feeds: [\n", "is not closed"),
    (ROWS.replace("why: Numbers", "wy: Numbers"), "did you mean 'why'?"),
    ("feeds: 5\n", "must be a list"),
], ids=["key-missing", "no-yaml", "key-misspelt", "no-list"])
def test_a_broken_catalogue_is_told(tmp_path: Path, text: str, words: str) -> None:
    """A slip in the catalogue names the file and the place."""
    path = tmp_path / "catalogue.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SeedError) as told:
        catalogue(path)
    assert words in str(told.value)
    assert str(path) in str(told.value)


def test_a_catalogue_that_is_not_there_is_told(tmp_path: Path) -> None:
    """An incomplete installation is a sentence."""
    with pytest.raises(SeedError, match="can't be read"):
        catalogue(tmp_path / "catalogue.yaml")
