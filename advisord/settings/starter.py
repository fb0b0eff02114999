"""The configuration that `advisord init` writes: commented, small, and working as it is."""
from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from advisord.settings.access import FILE as ACCESS
from advisord.settings.catalogue import CatalogueFeed
from advisord.settings.config import FILES
from advisord.settings.folders import shipped

TESTS = "tests/rules.yaml"

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._/:?=&%+~@-]*[A-Za-z0-9/=]")
_WORDS_OF_YAML = frozenset({"true", "false", "null"})
_SECONDS = ((86_400, "d"), (3_600, "h"), (60, "m"), (1, "s"))


def standing(folder: Path) -> tuple[str, ...]:
    """The files in the folder that writing there would replace."""
    return tuple(name for name in (*FILES, ACCESS, TESTS) if (folder / name).exists())


def write(folder: Path, feeds: Iterable[CatalogueFeed]) -> None:
    """Write the files, tests of the rules, and the schemas for editors; OSError where that can't be done."""
    source = shipped("config")
    (folder / "schema").mkdir(parents=True, exist_ok=True)
    (folder / TESTS).parent.mkdir(exist_ok=True)
    for name in (*FILES, ACCESS, TESTS):
        text = (source / "starter" / name).read_text(encoding="utf-8")
        (folder / name).write_text(text + _feeds_text(feeds) if name == "feeds.yaml" else text, encoding="utf-8")
    for schema in sorted((source / "schema").glob("*.json")):
        (folder / "schema" / schema.name).write_bytes(schema.read_bytes())


def _feeds_text(feeds: Iterable[CatalogueFeed]) -> str:
    return "\n".join(_feed_text(feed) for feed in feeds) or "  []\n"


def _feed_text(feed: CatalogueFeed) -> str:
    """One row of feeds.yaml, with the catalogue's reason above it."""
    said = {
        "id": feed.id, "name": feed.name, "url": feed.url, "every": _duration_text(feed), "language": feed.language,
        "country": feed.country, "reliability": feed.reliability.value, "official": "true" if feed.official else None}
    lines = [f"{key}: {value if key == 'official' else _quoted(value)}" for key, value in said.items() if value]
    return f"  # {feed.why}\n  - " + "\n    ".join(lines) + "\n"


def _duration_text(feed: CatalogueFeed) -> str:
    seconds = int(feed.every.total_seconds())
    return next(f"{seconds // size}{unit}" for size, unit in _SECONDS if seconds % size == 0)


def _quoted(text: str) -> str:
    """As YAML reads it back: bare where that is safe, else in single quotes."""
    bare = _PLAIN.fullmatch(text) and ": " not in text and text.casefold() not in _WORDS_OF_YAML
    return text if bare and not text.replace(".", "").isdigit() else "'" + text.replace("'", "''") + "'"
