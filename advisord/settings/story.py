"""The demo's story file to items with instants; beside the other readers of YAML."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import yaml

from advisord.errors import SeedError


@dataclass(frozen=True, slots=True)
class Item:
    """One item of the story: which newsroom publishes what, and when on the demo's clock."""

    feed: str
    at: datetime
    title: str
    text: str
    language: str = "en"


def story(path: Path, first_day: datetime) -> tuple[Item, ...]:
    """The items of a story file in the order of their time; SeedError names the item that is wrong."""
    items = []
    for number, row in enumerate(yaml.safe_load(path.read_text(encoding="utf-8")), 1):
        try:
            day, clock = str(row["at"]).split()
            at = datetime.combine(first_day.date() + timedelta(days=int(day) - 1), time.fromisoformat(clock), UTC)
            text = " ".join(row["text"].split()).replace("{weekday}", first_day.strftime("%A"))
            items.append(Item(row["feed"], at, row["title"], text, row.get("language", "en")))
        except (KeyError, TypeError, ValueError) as error:
            raise SeedError(f"{path.name}: item {number}: {error!r}") from error
    return tuple(sorted(items, key=lambda item: item.at))
