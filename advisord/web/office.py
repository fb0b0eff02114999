"""What the pages see of the running service: its store, the configuration as it stands now, and the clock."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from advisord.model import Settings
from advisord.pipeline import Pipeline
from advisord.store.store import Store
from advisord.watching import Health


@dataclass(frozen=True, slots=True)
class Office:
    """The service behind the pages. `live` is its pipeline as of the last reload, `now` its clock."""

    store: Store
    live: Callable[[], Pipeline]
    now: Callable[[], datetime]
    health: Health = field(default_factory=Health)

    @property
    def settings(self) -> Settings:
        """The configuration as of the last reload."""
        return self.live().settings
