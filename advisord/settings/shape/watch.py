"""`watch:` of advisord.yaml: when the service says that something is wrong with itself."""
from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from advisord.settings.shape.fields import Duration, Flag, Line, Megabytes, Port, Shape


class WatchShape(Shape):
    """Where monitoring asks, who hears that all is well, and from when on the log and the desks hear that it is not."""

    serve: Flag = False
    """Whether `/healthz`, `/readyz` and `/metrics` are served on an address of their own. The page serves them too,
    to this machine alone and without a login.
    """
    host: Line = "127.0.0.1"
    """The address of their own."""
    port: Port = 8472
    """Its port."""
    ping_url: Line | None = None
    """An address that is fetched again and again while nothing hangs: a dead-man switch, which tells you when it no
    longer is (`${ADVISORD_PING_URL}` keeps it out of this file).
    """
    ping_every: Duration = Field(default=timedelta(minutes=1), json_schema_extra={"default": "1m"})
    """How often."""
    news_quiet: Duration = Field(default=timedelta(hours=6), json_schema_extra={"default": "6h"})
    """For how long no feed at all may bring anything new, by the dates of its items."""
    feed_quiet: Duration = Field(default=timedelta(days=30), json_schema_extra={"default": "30d"})
    """For how long one feed may bring nothing new, by the dates of its items."""
    feed_failing: Duration = Field(default=timedelta(days=1), json_schema_extra={"default": "1d"})
    """For how long one feed may not be readable."""
    outbox_late: Duration = Field(default=timedelta(minutes=15), json_schema_extra={"default": "15m"})
    """For how long a message may wait after it was due first."""
    reading_late: Duration = Field(default=timedelta(minutes=10), json_schema_extra={"default": "10m"})
    """For how long an article may wait to be read."""
    clock_jump: Duration = Field(default=timedelta(minutes=1), json_schema_extra={"default": "1m"})
    """How far the clock may jump."""
    disk_free_mb: Megabytes = 500.0
    """How many megabytes must be free beside the store."""
