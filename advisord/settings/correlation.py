"""seeds/correlate.yaml and its weights -> the Tables that `correlate` takes.

Its own module because the stages read no file; an operator's own copy beside the configuration wins, file by file.
"""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from advisord.correlate.tables import Tables
from advisord.errors import SeedError
from advisord.settings.seeds import Seeds
from advisord.text.fold import fold


def tables(seeds: Seeds) -> Tables:
    """What `correlate` knows as data; SeedError names the file that is missing or broken."""
    told = seeds.table("correlate.yaml")
    learned, counted = seeds.weights("correlate"), seeds.weights("correlate_frequencies")
    try:
        return Tables(
            idf={language: _rarities(each) for language, each in counted["languages"].items()},
            weights={name: float(weight) for name, weight in learned["weights"].items()},
            agencies={fold(name): agency for agency, names in told["agencies"].items() for name in names},
            consequences=tuple(told["consequences"]), states=tuple(told["states"]),
            lasting_days={code: float(days) for code, days in told["lasting_days"].items()})
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SeedError(f"{seeds.path('correlate.yaml')} or its weights: {error!r} is missing or wrong") from error


def _rarities(table: Mapping[str, Any]) -> dict[str, float]:
    return {word: float(rarity) for rarity, words in table.items() for word in words.split(" ")}
