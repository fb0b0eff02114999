"""Configurations that trip a plain YAML reader, by the names of the list of hostile cases."""
from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from advisord.errors import SettingsError

CONFIG = Path(__file__).parents[1] / "config"
FEED = "feeds:\n  - {{id: wire, url: 'https://feeds.example.org/wire.xml', reliability: B, country: {0}}}\n"
RULE = """rules:
  - id: nearby
    when: {{hazard: {0!r}}}
    reach: {{within_km: 50}}
    advise: general
    via: [email, desk]
"""


@pytest.mark.parametrize(("written", "read"), [
    pytest.param("NO", "NO", id="yaml-norway"), pytest.param("'NO'", "NO", id="in-quotes"),
])
def test_country(folder: Callable[..., Any], written: str, read: str) -> None:
    """`country: NO` is Norway, never the truth value that YAML 1.1 takes it for."""
    assert folder(feeds=FEED.format(written)).settings().feeds[0].country == read


@pytest.mark.parametrize("name", [
    pytest.param("bad.feeds.alias-bomb.yaml", id="yaml-bomb"), pytest.param("bad.feeds.tag.yaml", id="yaml-tag"),
    pytest.param("bad.advisord.key-twice.yaml", id="yaml-dup-key"),
])
def test_nonsense_is_refused_at_once(folder: Callable[..., Any], name: str) -> None:
    """Aliases of aliases, tags of Python and keys said twice are refused within a second, and nothing is run."""
    text = (CONFIG / name).read_text(encoding="utf-8")
    bad = folder(**{name.split(".")[1]: text})
    began = time.process_time()
    with pytest.raises(SettingsError):
        bad.loaded()
    assert time.process_time() - began < 5


@pytest.mark.parametrize("pattern", [
    pytest.param("(a+)+$", id="redos-rule"), pytest.param("^(([a-z])+.)+[A-Z]([a-z])+$", id="redos-nested"),
    pytest.param("conflict.*", id="wildcard"),
])
def test_a_rule_holds_no_pattern(folder: Callable[..., Any], pattern: str) -> None:
    """What a rule matches are codes of a list: a pattern is no code and is refused, so none can run for ever."""
    began = time.process_time()
    with pytest.raises(SettingsError, match="is not a hazard"):
        folder(rules=RULE.format(pattern)).loaded()
    assert time.process_time() - began < 5
