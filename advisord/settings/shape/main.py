"""advisord.yaml: what holds for the whole program."""
from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from advisord.settings.shape.fields import Line, Mode, Shape
from advisord.settings.shape.pace import Settle
from advisord.settings.shape.retention import RetentionShape


class MainFile(Shape):
    """The program as a whole. Every key has a default."""

    mode: Mode = "live"
    """`live` tells people. `shadow` does everything but tell them: each message goes to the desk alone, marked with
    who would have got it.
    """
    organisation: Line = "advisord"
    """The name that messages are signed with."""
    contact: Line | None = None
    """An e-mail address or page under which feed publishers reach you; sent to them in the User-Agent header."""
    store: Line = "state/advisord.db"
    """Where everything is kept: a file for SQLite (relative to this folder), or `postgresql://user@host/database`. A
    password is never written here: PostgreSQL's own PGPASSWORD, PGPASSFILE or `?passfile=` hold it.
    """
    settle_minutes: Settle = Field(default=timedelta(), json_schema_extra={"default": 0})
    """How long an incident is known before people hear of it first, where a rule does not say so itself."""
    retention: RetentionShape = Field(default=RetentionShape(), json_schema_extra={"default": {}})
    """How long what is kept is kept; a duration such as `90d` for each class."""
