"""The acceptance story: two days in Bamako with a fake clock, feed in, mail and webhook out.

Everything is real but the clock: newsrooms over HTTP, a mail server, a webhook receiver, the shipped configuration,
SQLite on disk. The jobs run every five minutes of the story.
"""
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from advisord.cli.demo import SECRET, variables_of
from advisord.cli.demo_stage import Mail, Stage
from advisord.pipeline import Pipeline, adopt, deliver, poll, read, review
from advisord.settings.story import story
from advisord.wiring.workshop import Workshop

ROOT = Path(__file__).resolve().parents[1]
DAY = datetime(2026, 3, 10, 4, tzinfo=UTC)  # a Tuesday
STEP = timedelta(minutes=5)


@dataclass
class Watch:
    """The story's clock, which the test sets."""

    now: datetime = DAY


@dataclass
class World:
    """The running story."""

    watch: Watch
    stage: Stage
    pipeline: Pipeline

    def until(self, at: datetime) -> None:
        """Let the service live up to that instant."""
        while self.watch.now < at:
            self.watch.now += STEP
            poll(self.pipeline, self.watch.now, each=in_order)
            while read(self.pipeline, self.watch.now):
                pass
            while review(self.pipeline, self.watch.now):
                pass
            while deliver(self.pipeline, self.watch.now, each=in_order):
                pass

    def mails_to(self, recipient: str) -> list[Mail]:
        """What one reader received, in order."""
        return [mail for mail in self.stage.received.mails if mail.recipient == recipient]


def in_order(function: Callable[..., int], rows: Iterable[tuple[object, ...]]) -> list[int]:
    """One after the other, so that the story is the same every time."""
    return [function(*row) for row in rows]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The whole story, told once; the tests look at what came of it."""
    watch = Watch()
    items = story(ROOT / "seeds" / "demo" / "story.yaml", DAY)
    with Stage(items, lambda: watch.now, SECRET) as stage:
        url = f"sqlite:///{tmp_path_factory.mktemp('story') / 'story.db'}"
        workshop = Workshop(ROOT / "config", environ=variables_of(stage, DAY), store_url=url)
        pipeline = workshop.pipeline()
        adopt(pipeline, DAY)
        world = World(watch, stage, pipeline)
        world.until(DAY + timedelta(hours=33))
        yield world
        workshop.close()


def at(day: int, clock: str) -> datetime:
    """An instant of the story."""
    hour, minute = clock.split(":")
    return DAY.replace(hour=int(hour), minute=int(minute)) + timedelta(days=day - 1)
