"""feeds.yaml: what is read."""
from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from advisord.model import Reliability
from advisord.settings.shape.fields import Country, Duration, Flag, Grade, Id, Language, Line, Many, Shape


class FeedShape(Shape):
    """One source."""

    id: Id
    """Its name in logs, messages and commands; never change it."""
    url: Line
    """`https://…` of an RSS, Atom, JSON or CAP feed, or `file:folder` with articles (relative to this folder)."""
    name: Line | None = None
    """Its name as people read it in messages."""
    every: Duration = Field(default=timedelta(minutes=10), json_schema_extra={"default": "10m"})
    """How often it is asked."""
    language: Language | None = None
    """The language it is written in (BCP 47), where it has one."""
    country: Country | None = None
    """Where a bare place name most likely lies (ISO 3166)."""
    reliability: Grade = Reliability.F
    """Admiralty grade: A completely reliable, B usually, C fairly, D not usually, E unreliable, F cannot be judged.
    """
    official: Flag = False
    """Whether it speaks for an authority (a government, the UN)."""
    allow_private: Flag = False
    """Whether its address may lie in a private network or on this machine."""
    baseline: Flag = True
    """Whether what it holds when it is first read counts as known: it raises nothing, and the desks get one summary of
    it. `false` tells it as news.
    """
    enabled: Flag = True
    """`false` leaves it unread."""


class FeedsFile(Shape):
    """The sources that are read, and how far each is trusted."""

    feeds: Many[FeedShape]
    """The sources."""
