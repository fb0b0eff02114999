"""What ships with the page: vendored files as their makers published them, and every word in both languages."""
from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import pytest

from advisord.settings.folders import shipped
from advisord.web.assets import FOLDER
from advisord.web.pages import Pages

VENDOR = FOLDER / "vendor"
ROWS = list(csv.DictReader((VENDOR / "vendored.tsv").read_text(encoding="utf-8").splitlines(), delimiter="\t"))
INLINE = re.compile(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]* src=\"/assets/)|javascript:")
WORDS = sorted({file.name.split(".")[0] for file in (shipped("templates") / "web").glob("*.en.j2")})


@pytest.mark.parametrize("row", ROWS, ids=[row["file"] for row in ROWS])
def test_a_vendored_file_is_the_published_one(row: Mapping[str, str]) -> None:
    """Its checksum is the one of the package and version that is named, and its licence lies beside it."""
    assert sha256((VENDOR / row["file"]).read_bytes()).hexdigest() == row["sha256"]
    assert (VENDOR / row["licence's text"]).stat().st_size > 300
    assert re.fullmatch(r"\d+\.\d+\.\d+", row["version"])


def test_nothing_is_vendored_unnamed() -> None:
    """Every vendored file that is served has a row."""
    served = {file.relative_to(VENDOR).as_posix() for file in VENDOR.rglob("*")
              if file.is_file() and file.suffix in {".js", ".css", ".png", ".json", ".svg", ".geojson"}}
    assert served == {row["file"] for row in ROWS}


def test_every_language_is_whole() -> None:
    """There are pages in English and French, and each page's words in both."""
    folder = shipped("templates") / "web"
    assert Pages((shipped("templates"),)).languages == {"en", "fr"}
    assert {file.name.split(".")[0] for file in folder.glob("*.fr.j2")} == set(WORDS)


@pytest.mark.parametrize("name", WORDS)
def test_a_word_stands_in_both_languages(name: str) -> None:
    """What an English page says a French page says too, to the last key."""
    pages = Pages((shipped("templates"),))
    said = {language: keys_of(pages.words(name, language)) for language in ("en", "fr")}
    assert said["en"]
    assert said["en"] == said["fr"]


def keys_of(words: object) -> set[str]:
    """The names of a page's words, and of those in maps."""
    found = {name: value for name, value in vars(words).items() if not name.startswith("_")}
    return {f"{name}.{key}" if key else name for name, value in found.items()
            for key in (value if isinstance(value, dict) else [""])}


def test_no_template_has_a_script_or_style_of_its_own() -> None:
    """The policy would refuse it, and nobody would notice on a page that is seldom seen."""
    for file in sorted(Path(shipped("templates") / "web").glob("*.html.j2")):
        text = file.read_text(encoding="utf-8")
        assert not INLINE.search(text), file.name
        assert "| safe" not in text, file.name
