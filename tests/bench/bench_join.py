"""What one article costs between understood and stored, when its surroundings have many incidents already.

    .venv/bin/python tests/bench/bench_join.py [INCIDENTS]

Fills a store with as many incidents of one city and week as told, in words drawn by their frequency, and measures
the reading of further articles, the understanding left out. The goal: 20 ms with 300.
"""
from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from advisord.match.exposures import Index
from advisord.model import (
    Analysis,
    Article,
    Certainty,
    Count,
    Evidence,
    Feed,
    Mention,
    Phase,
    Place,
    PlaceKind,
    Precision,
    Reliability,
    Report,
    Settings,
    Severity,
    Staff,
    Urgency,
)
from advisord.pipeline import Pipeline, read_article
from advisord.settings.correlation import tables
from advisord.settings.seeds import seeds_of
from advisord.store.store import Store

BEGIN = datetime(2024, 9, 17, 6, tzinfo=UTC)
FEED = Feed("paper", "https://news.example/feed", reliability=Reliability.B)
KINDS = ("conflict.armed_attack", "conflict.bombing", "violence.kidnapping", "unrest.protest", "transport.road_closure")
WORDS = 120  # of an article


def article(number: int, words: Sequence[str], chance: random.Random) -> tuple[Article, Analysis]:
    """An article of its own place, day and words, and what is understood of it."""
    at = BEGIN + timedelta(minutes=30 * number)
    lat, lon = chance.uniform(12.2, 13), chance.uniform(-8.5, -7.5)
    place = Place(PlaceKind.CITY, f"geonames:{number}", f"Town {number}", lat, lon, "ML", "Region")
    report = Report(
        hazard=chance.choice(KINDS), phase=Phase.OCCURRED, severity=Severity.SEVERE, urgency=Urgency.IMMEDIATE,
        certainty=Certainty.OBSERVED, place=Mention("text", 0, 4, "Town", place), precision=Precision.CITY,
        uncertainty_km=8.0, start=at.date().isoformat(), killed=Count(number % 7, number % 7),
        evidence=(Evidence("text", 0, 4, "hazard"),))
    text = " ".join(chance.choice(words) for _ in range(WORDS))
    told = Article(f"a{number}", text, f"Headline {number}", feed_id=FEED.id, published=at, seen_at=at,
                   fingerprint=str(number))
    return told, Analysis("en", (), (report,))


def unused(*_: Any) -> Any:
    """Stands for a job that is not measured."""
    raise NotImplementedError


def pipeline_over(store: Store, analyse: Callable[[Article], Analysis]) -> Pipeline:
    """A pipeline that reads and does nothing else."""
    seeds = seeds_of()
    return Pipeline(settings=Settings("", feeds=(FEED,)), store=store, hazards=seeds.hazards(), tables=tables(seeds),
                    staff=Index.of(Staff()), analyse=analyse, fetch=unused, decode=unused, word=unused, senders={})


def main() -> None:
    """Fill, measure, print."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    chance = random.Random(1)
    known: dict[str, Analysis] = {}
    with tempfile.TemporaryDirectory() as folder, Store.open(f"sqlite:///{Path(folder) / 'join.db'}") as store:
        pipeline = pipeline_over(store, lambda each: known[each.id])
        rarity = pipeline.tables.idf["en"]
        words = chance.sample(sorted(rarity), 3000)
        spent, worked = [], []
        for number in range(size + 40):
            told, analysis = article(number, words, chance)
            known[told.id] = analysis
            store.save_articles([told], BEGIN)
            begin, before = time.perf_counter(), time.process_time()
            read_article(pipeline, told, FEED, told.seen_at or BEGIN)
            spent.append(time.perf_counter() - begin)
            worked.append(time.process_time() - before)
    for what, each in (("elapsed", spent), ("of one core", worked)):
        last = sorted(1000 * one for one in each[size:])
        print(f"{size} incidents near: median {statistics.median(last):.1f} ms {what}, slowest {last[-1]:.1f}")


if __name__ == "__main__":
    main()
